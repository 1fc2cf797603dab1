"""What a question leaves open comes from the call before it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from bot.understanding.outcome import Clarify
from bot.understanding.periods import PeriodSpan
from bot.understanding.reading.draft import (
    Base,
    Stop,
)
from tools.answer import FollowUp, ToolCall
from tools.messages import say
from tools.semantic.periods import Period, shift, unit

AFRESH = frozenset({"total", "totals", "overall", "altogether", "in total", "总", "总的", "一共", "总共", "总计"})


class Dialogue(Base):
    """What a question leaves open comes from the call before it."""

    def _merge(self) -> None:
        """What the question leaves open comes from the call before it."""
        plan, scene = self.plan, self.scene
        if self.previous is None:
            return
        args = self.previous.args
        moved = scene.where(lambda s: any(p.kind == "relative_to_previous" for p in s.values("period")))
        has_own_period, has_own_metrics = plan.period is not None, bool(plan.metrics)
        self._bare_number(args)
        if not has_own_metrics and not (
            plan.by
            or plan.filters
            or has_own_period
            or plan.top
            or plan.compare
            or moved
            or plan.share
            or scene.words("overall")
        ):
            return
        connected = bool(scene.words("follow_up"))
        if has_own_metrics and not connected and any(span.text in AFRESH for span in scene.spans):
            return  # "total revenue" begins anew
        if has_own_metrics and (has_own_period or moved) and not connected:
            return
        if not has_own_metrics:
            plan.metrics = list(args.get("metrics") or ())
        if scene.words("overall"):
            args = {**args, "filters": ()}  # "and overall?" lifts the filters
        taken = {f["dimension"] for f in plan.filters} | set(plan.by)
        self._no_switch(args)
        plan.filters = [*(dict(f) for f in args.get("filters", ()) if f["dimension"] not in taken), *plan.filters]
        if not plan.by and not plan.more_periods and not (has_own_metrics and has_own_period):
            fixed = {f["dimension"] for f in plan.filters if f.get("op", "in") == "in"}
            plan.by = [b for b in args.get("by", ()) if b not in fixed]
            if plan.by and plan.top is None:
                plan.top = args.get("top")
                plan.order = args.get("order", "highest") if plan.order == "highest" else plan.order
        if not args.get("period"):
            return
        period = Period(date.fromisoformat(args["period"]["start"]), date.fromisoformat(args["period"]["end"]))
        if moved:
            span = next(p for i in moved for p in scene.spans[i].values("period") if p.kind == "relative_to_previous")
            scene.use(*moved)
            plan.period = _moved(period, span)
        elif plan.period is None:
            plan.period = period
        elif not has_own_metrics and scene.words("compare") and plan.compare is None and not plan.more_periods:
            # "vs Q2?": what was asked before, against this.
            scene.use(*scene.words("compare"))
            plan.period, plan.compare = period, plan.period
        elif not has_own_metrics and plan.compare is None:
            plan.period = self._same_unit_then(period, plan.period)
        scene.use(*scene.words("pronoun"))

    def _same_unit_then(self, before: Period, now: Period) -> Period:
        """After "Q3", "and last year?" means last year's Q3, not the whole of it."""
        spoken = [s.text for s in self.scene.spans if any(p.kind == "period" for p in s.values("period"))]
        if now.whole() == before.whole() and any(
            w in text for text in spoken for w in ("previous", "prior", "上一", "前一")
        ):
            return before.previous()  # previous to what was spoken of, not to today
        relative = bool(spoken) and not any(c.isdigit() for text in spoken for c in text)
        if relative and now.whole() == "year" and before.days < 300 and before.start.year != now.start.year:
            shifted = before
            for _ in range(before.start.year - now.start.year):
                shifted = shifted.year_ago()
            return shifted
        return now

    def _bare_number(self, args: Mapping[str, Any]) -> None:
        """ "Make it 10" after a ranking."""
        numbers = [
            i for i in self.scene.where(lambda s: s.has("number")) if i not in self.scene.used and self._whole(i)
        ]
        if args.get("top") and len(numbers) == 1 and self.plan.top is None and not self.plan.metrics:
            self.scene.use(numbers[0])
            self.plan.top = self._whole(numbers[0])

    def _no_switch(self, args: Mapping[str, Any]) -> None:
        """ "Excluding the UK", then "and France too": with or without France is not to be guessed."""
        for old in args.get("filters", ()):
            for new in self.plan.filters:
                if old["dimension"] != new["dimension"] or (old.get("op", "in"), new["op"]) != ("not_in", "in"):
                    continue
                both = {**old, "values": [*old["values"], *new["values"]]}
                options = tuple(
                    FollowUp(label, ToolCall("metrics", {**args, "filters": [condition]}))
                    for label, condition in (
                        (say("Only {values}", values=tuple(new["values"])), new),
                        (say("Without {values}", values=tuple(both["values"])), both),
                    )
                )
                raise Stop(Clarify(say("With or without {values}?", values=tuple(new["values"])), options))


def _moved(period: Period, span: PeriodSpan) -> Period:
    grain = span.grain
    if grain is None or period.whole() == grain:
        step = period
        for _ in range(abs(span.offset) or 1):
            step = (
                step.previous()
                if span.offset <= 0
                else Period(step.end + timedelta(days=1), step.end + timedelta(days=step.days))
            )
        if grain is None or span.offset <= 0:
            return step
        return unit(shift(period.start, grain, span.offset), grain)
    if grain == "year":
        return Period(shift(period.start, "year", span.offset), shift(period.end, "year", span.offset))
    return unit(shift(period.start, grain, span.offset or -1), grain)
