"""The tool `cohorts`: retention and revenue by when customers first bought."""

from __future__ import annotations

from typing import Any, ClassVar

from bot.understanding.customers.frame import SPLITS, Frame
from bot.understanding.customers.parts import Unclear
from bot.understanding.customers.segments import frame_rule
from bot.understanding.customers.topic import Read, Topic
from bot.understanding.reading.draft import days

OWN = ("cohort", "retention", "cohort_word", "segment_word", "revenue_word", "per_customer", "customers_word")
GRAINS = ("week", "month", "quarter")


class Cohorts(Topic):
    """Which cohorts, and what is followed."""

    tool: ClassVar[str] = "cohorts"

    def read(self) -> Read:
        if not self.has("cohort") and not self._retention():
            return None
        frame = self.frame(*OWN)
        args: dict[str, Any] = {}
        grain = self._grain(frame)
        if grain is not None and grain != "month":
            args["grain"] = grain
        if self.has("per_customer"):
            args["measure"] = "net_sales_per_customer"
        elif self.has("retention"):
            pass
        elif self.has("revenue_word"):
            args["measure"] = "net_sales"
        elif self.has("customers_word"):
            args["measure"] = "customers"
        self._period(frame, args)
        frame.without("list", "count", "by", "both", "lifecycle_new")
        if frame.by in SPLITS:
            args["by"] = frame.by
        elif frame.by is not None:
            raise Unclear
        if frame.top is not None or frame.order is not None:
            raise Unclear
        rule = frame_rule(frame)
        if rule is not None:
            args["rule"] = rule
        return self.call(args)

    def _retention(self) -> bool:
        """Retention over time; of one named period alone it has no single number."""
        texts = [self.scene.spans[i].text for i in self.scene.words("retention")]
        return any(text not in ("come back", "came back") for text in texts)

    def _grain(self, frame: Frame) -> str | None:
        found = []
        for piece in frame.find("grain", "each"):
            found.append(piece.value.grain)
            frame.take(piece)
        for piece in frame.find("dimension"):
            named = [name for name in GRAINS if name in piece.value]
            if named:
                found.append(named[0])
                frame.take(piece)
        for word, grain in (("weekly", "week"), ("monthly", "month"), ("quarterly", "quarter")):
            if any(span.text == word for span in self.scene.spans):
                found.append(grain)
        if len(set(found)) > 1 or any(grain not in GRAINS for grain in found):
            raise Unclear
        return found[0] if found else None

    def _period(self, frame: Frame, args: dict[str, Any]) -> None:
        """ "Customers acquired in 2011", "the 2011 cohorts": when the cohorts first bought."""
        periods = frame.find("period")
        first = frame.find("first")
        others = [
            p for p in frame.pieces if p.kind in ("buy", "buy_or_spend", "neg", "never", "amount", "spend", "last")
        ]
        if len(periods) != 1 or others:
            if first:
                raise Unclear(tuple(i for piece in first for i in piece.spans))
            return
        if not first and not self.has("cohort"):
            raise Unclear(periods[0].spans)
        period = periods[0].value.period
        if period is None or periods[0].value.certainty <= 0.5 or period.start > self.world.today:
            raise Unclear(periods[0].spans)
        end = min(period.end, self.world.today)
        args["period"] = days(type(period)(period.start, end))
        frame.take(*periods, *first)
