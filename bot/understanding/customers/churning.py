"""The tool `churn`: who is likely to leave."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from bot.understanding.customers.asking import Back
from bot.understanding.customers.frame import Frame
from bot.understanding.customers.parts import Unclear, did
from bot.understanding.customers.pieces import Amount, Piece
from bot.understanding.customers.segments import frame_rule
from bot.understanding.customers.topic import Read, Topic
from bot.understanding.outcome import Clarify
from tools.answer import FollowUp, ToolCall
from tools.messages import say

OWN = ("churn", "alive", "risk_group", "churn_risk", "likely", "by_value", "should_we", "follow_up")
VALUABLE = frozenset(
    {"valuable", "有价值", "most valuable", "the most valuable", "最有价值"}
    | {"big customers", "big clients", "大客户", "大买家", "重要客户", "重点客户", "核心客户"}
    | {"key customers", "key clients", "key accounts", "important customers", "important clients"}
)
HOW = re.compile(
    r"\bhow\b|\bways?\b|\bideas?\b|\bstrateg|\bcampaign|\be-?mails?\b|怎么|如何|怎样|办法|方法|方案|策略|活动|话术|邮件|短信"
)
EVER = did("orders", ">=", 1).rule()  # whoever may leave has bought
PEOPLE_FIRST = re.compile(
    r"\s*(?:of our |individual |single )?(?:customer|client|buyer|account)s?\b|[个位名]?(?:客户|用户|顾客|客人)"
)
FOCUS = re.compile(r"重点.{0,2}(?:挽回|挽留|召回|唤回|留住)")
HYPHENED = frozenset({"at-risk", "高危"})


class Churning(Topic):
    """Lists, counts and the scoreboard."""

    tool: ClassVar[str] = "churn"

    def read(self) -> Read:
        about = self.has("churn", "alive") or self._at_risk()
        if self.has("churned") and self.has("by_value"):
            about = True  # who has left is at no risk
        elif self.has("churned") and not (self.has("scoreboard") and self.has("churn")):
            if not self.has("likely", "churn_risk") or (self._past() and not self.has("churn_risk")):
                return self._already() if not self._more_than_churned() else None
            about = True
        if self.has("money_at_risk") and self._phrase("at risk"):
            about = True
        if not about and self.has("by_value") and (self.has("should_we") or FOCUS.search(self.scene.norm.folded)):
            about = True  # "whom should we save first"
        if not about and self._to_win_back():
            return self._already()
        if not about or self.has("rfm"):
            return None
        if self.has("scoreboard"):
            frame = self.frame(*OWN, "scoreboard", "churned", "work_word", "customer", "and", "list")
            if frame.pieces or frame.by:
                raise Unclear(tuple(i for piece in frame.pieces for i in piece.spans))
            return self.call({"show": "scoreboard"})
        return self._risks()

    def _at_risk(self) -> bool:
        """ "Which customers are at risk": of leaving. "At-risk customers" may be an RFM group: asked."""
        named = self.has("customer") or any(noun in self.scene.norm.folded for noun in ("客户", "用户"))
        return self.has("churn_risk") and (named or self.has("money_at_risk"))

    def _to_win_back(self) -> bool:
        """ "10 customers to win back": those who may leave, or who have left? How to do it is told elsewhere."""
        wished = self.has("win_back") and self.has("customer", "list") and not HOW.search(self.scene.norm.folded)
        asked = self.has("list", "should_we", "rank_high") or bool(self.scene.where(lambda s: s.has("number")))
        return wished and asked and not self.has("churned", "neg", "inactive", "spend", "orders")

    def _phrase(self, text: str) -> bool:
        return text in self.scene.norm.folded

    def _past(self) -> bool:
        """Whether "likely" words are only those that Chinese uses for many things."""
        telling = [i for i in self.scene.words("likely") if not self.scene.spans[i].word("filler")]
        return all(self.scene.spans[i].text in ("最", "有", "会", "要", "名单") for i in telling)

    def _more_than_churned(self) -> bool:
        """ "Active in 2010 and lost in 2011" is a rule."""
        lost = [span for span in self.scene.spans if span.word("gone")]
        return bool(lost) and not any(span.text in ("churned", "流失率") for span in lost) and self.has("buy", "but")

    def _already(self) -> Read:
        """Who has left is a matter of definition: the ways to say it are offered."""
        lapsed = ToolCall("segments", {"rule": {"scheme": "lifecycle", "groups": ["lapsed"]}})
        silent = {"measure": "days_since_last_order", "op": ">", "value": 180}
        options = [
            FollowUp(say("Lapsed customers, by their own rhythm"), lapsed),
            FollowUp(
                say("Customers who have not bought for more than 180 days"), ToolCall("segments", {"rule": silent})
            ),
            FollowUp(say("Customers who are likely to leave"), ToolCall("churn", {})),
        ]
        here = tuple(o for o in options if o.call is not None and o.call.tool in self.world.tools)
        raise Back(Clarify(say("Customers seldom say when they leave. Which of these do you mean?"), here))

    def _risks(self) -> Read:
        rate = any(self.scene.spans[i].text.endswith(("率", "rate")) for i in self.scene.words("churned"))
        asks_sum = rate or (self.has("money_at_risk") and not self.has("by_value"))
        frame = self.frame(*OWN, "churned", "task", "lately", "per_customer", *(("money_at_risk",) if asks_sum else ()))
        args: dict[str, Any] = {}
        horizon = self.horizon(frame)
        if horizon is not None:
            args["horizon_days"] = horizon
        self._threshold(frame, args)
        each = [piece for piece in frame.find("by") if self._customers_after(piece)]
        frame.take(*each)  # each customer's risk is what the list shows
        if (frame.counting and not each) or asks_sum:
            args["show"] = "summary"
        if frame.top is not None:
            args["top"] = frame.top
        if self.has("by_value") or frame.order_by == "net_sales":
            args["order_by"] = "value_at_risk"
        elif frame.order_by is not None:
            raise Unclear
        if self.has("alive") != (frame.order == "lowest") or frame.by is not None:
            raise Unclear  # the least likely to live on are the likeliest to leave
        valuable = [piece for piece in frame.find("clv_worth", "known_as") if piece.value in VALUABLE]
        if valuable:
            args["order_by"] = "value_at_risk"
        frame.take(*valuable, *frame.find("known_as"))  # whoever may leave is an old customer
        if frame.top is None:
            self._hyphened()
        frame.without(
            "rank_high", "sort", "share_of", "segment_word" if frame.find("group", "saved") else "", "list", "count"
        )
        frame.stages()
        rule = frame_rule(frame)
        if rule is not None and rule != EVER:
            args["rule"] = rule
        return self.call(args)

    def _customers_after(self, piece: Piece) -> bool:
        rest = self.scene.norm.folded[self.scene.spans[piece.spans[-1]].end :]
        return bool(PEOPLE_FIRST.match(rest))

    def _threshold(self, frame: Frame, args: dict[str, Any]) -> None:
        """ "More than 70% likely to churn", 流失概率超过70%."""
        for piece in frame.find("amount"):
            amount: Amount = piece.value
            share = amount.percent or (amount.unit is None and not amount.money and 0 < amount.value <= 1)
            if share and amount.high is None and amount.op in (">", ">="):
                args["min_probability"] = amount.value
                frame.take(piece)
                return

    def _hyphened(self) -> None:
        if not self.has("churn", "by_value") and any(span.text in HYPHENED for span in self.scene.spans):
            rfm = ToolCall("segments", {"rule": {"scheme": "rfm", "groups": ["at_risk"]}})
            raise Back(
                Clarify(
                    say("Do you mean those likely to leave, or the RFM segment “At risk”?"),
                    (
                        FollowUp(say("Customers who are likely to leave"), ToolCall("churn", {})),
                        FollowUp(say("The RFM segment “At risk”"), rfm),
                    ),
                )
            )
