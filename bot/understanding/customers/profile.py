"""The tool `customer`: one customer's profile."""

from __future__ import annotations

from typing import ClassVar

from bot.understanding.customers.topic import Read, Topic


class Profile(Topic):
    """A customer's id with nothing beside it but words for a profile."""

    tool: ClassVar[str] = "customer"

    def read(self) -> Read:
        frame = self.frame("profile", "id_word")
        codes = frame.find("code")
        if len(codes) != 1:
            return None
        left = [p for p in frame.pieces if p.kind not in ("code", "customer", "list", "count")]
        if left or frame.by or frame.top or frame.order:
            return None
        return self.call({"customer": codes[0].value})
