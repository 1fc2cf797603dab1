"""The tool `customer`: one customer's profile."""

from __future__ import annotations

import re
from typing import ClassVar

from bot.understanding.customers.topic import Read, Topic

# When somebody last ordered or orders next, or whether they leave, is part of their profile.
AHEAD = re.compile(
    r"\bwhen\b.*\b(?:order|buy|purchase|shop)|\border next\b|\bbuys? most\b|\bdoing\b|\bdid .*\bbuy\b|\bdoes .*\bbuy\b"
    r"|(?:下次|下一次|下一单|再次).*(?:什么时候|何时|哪天|多久|会)|(?:什么时候|何时).*(?:再|下次|下一)|买什么|买过什么|买了什么|会不会流失|流失"
    r"|\bchurn|\bleav(?:e|es|ing)\b|\brisk\b|\balive\b|存活"
    r"|\b(?:last|latest|most recent)(?:ly)? (?:order|buy|bought|purchase|shop)"
    r"|上次|上一次|最近一次|最后一次|上一[单笔]|最后一[单笔]"
)

OWN = ("profile", "id_word", "likely", "churn", "churn_risk", "alive")


class Profile(Topic):
    """A customer's id with nothing beside it but words for a profile."""

    tool: ClassVar[str] = "customer"

    def read(self) -> Read:
        frame = self.frame(*OWN)
        codes = frame.find("code")
        if len(codes) != 1:
            return None
        small = {"code", "customer", "list", "count"}
        if AHEAD.search(self.scene.norm.folded):
            small |= {"buy", "buy_or_spend", "orders", "again", "clv_worth", "recommend", "last"}
        elif self.has("likely", "churn", "churn_risk", "alive"):
            return None
        left = [p for p in frame.pieces if p.kind not in small]
        if left or frame.by or frame.top or frame.order:
            return None
        return self.call({"customer": codes[0].value})
