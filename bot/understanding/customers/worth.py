"""The tool `clv`: what customers are still worth."""

from __future__ import annotations

from typing import Any, ClassVar

from bot.understanding.customers.asking import Back
from bot.understanding.customers.parts import Unclear
from bot.understanding.customers.pieces import Amount
from bot.understanding.customers.segments import frame_rule
from bot.understanding.customers.topic import Read, Topic
from bot.understanding.outcome import Clarify
from tools.answer import FollowUp, ToolCall
from tools.messages import say

OWN = ("clv", "clv_worth", "likely", "distribution", "average", "should_we", "id_word")


class Worth(Topic):
    """Lists, distributions, one customer."""

    tool: ClassVar[str] = "clv"

    def read(self) -> Read:
        ahead = any(
            p.period is not None and p.period.start > self.world.today
            for span in self.scene.spans
            for p in span.values("period")
        )
        frame = self.frame(*OWN, "discount")
        codes = frame.find("code")
        worth = self.has("clv_worth") and (ahead or codes or (self.has("likely") and self.has("customer")))
        if not self.has("clv") and not worth:
            return self._which_worth()
        args: dict[str, Any] = {}
        horizon = self.horizon(frame)
        if horizon is not None:
            args["horizon_days"] = horizon
        if self.has("discount"):
            self._discount(frame, args)
        if len(codes) == 1:
            args["customer"] = codes[0].value
            frame.take(*codes)
            frame.without("customer", "list", "count")
        if frame.top is not None:
            args["top"] = frame.top
        if frame.order == "lowest" or any(
            self.scene.spans[i].text in ("least valuable", "价值最低") for i in self.scene.words("clv_worth")
        ):
            args["order"] = "lowest"
        if frame.by == "cluster" or (frame.order_by or "net_sales") != "net_sales":
            raise Unclear
        if frame.by is not None:
            args["by"] = frame.by
        elif (
            "customer" not in args
            and frame.top is None
            and (self.has("distribution") or (self.has("average") and not self.has("clv_worth")))
        ):
            args["show"] = "distribution"
        frame.without(
            "rank_high",
            "rank_low",
            "list",
            "count",
            "sort",
            "by",
            "segment_word" if frame.find("group", "saved") else "",
        )
        frame.stages()
        rule = frame_rule(frame)
        if rule is not None:
            if "customer" in args:
                raise Unclear
            args["rule"] = rule
        return self.call(args)

    def _which_worth(self) -> Read:
        """ "Our most valuable customers": so far, or from now on?"""
        frame = self.frame("clv_worth", "list", "count", "customer")
        if not (self.has("clv_worth") and self.has("customer")) or frame.pieces or "clv" not in self.world.tools:
            return None
        year = {"start": f"{self.world.today.year}-01-01", "end": self.world.today.isoformat()}
        sales = {"metrics": ["net_sales"], "by": ["customer"], "period": year, "top": 10}
        options = (
            FollowUp(say("By net sales this year"), ToolCall("metrics", sales)),
            FollowUp(say("By lifetime value over the next year"), ToolCall("clv", {})),
        )
        raise Back(Clarify(say("Most valuable by what they have spent, or by what they are still worth?"), options))

    def _discount(self, frame: Any, args: dict[str, Any]) -> None:
        for piece in frame.find("amount"):
            amount: Amount = piece.value
            if amount.percent and amount.high is None and amount.op in (None, "="):
                args["discount_rate"] = amount.value
                frame.take(piece)
                return
        raise Unclear(tuple(self.scene.words("discount")))
