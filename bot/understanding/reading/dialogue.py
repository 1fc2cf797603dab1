"""What a question leaves open comes from the call before it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from bot.understanding.foresight.reader import period_of
from bot.understanding.outcome import Clarify
from bot.understanding.periods import PeriodSpan
from bot.understanding.reading.draft import (
    Base,
    Stop,
)
from tools.answer import FollowUp, ToolCall
from tools.messages import say
from tools.semantic.periods import Grain, Period, shift, unit

# "Just the orders, for October": of the same place.
ONLY = re.compile(r"\W*(?:(?:and|ok|now|then)\W+)*(?:just|only) (?:the )?|\W*(?:就|只)(?:要|看|给我|想看)?")
# "The same month last year" after a month: a year before that month, not before the one that runs.
SAME_UNIT = re.compile(
    r"\bsame (?:month|week|quarter|day|days)\b|同(?:一个?)?(?:月|季度?|周|天|日)|去年这个?(?:月|季度?|周)"
)
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
        self._ranked_before(args)
        connected = bool(scene.words("follow_up")) or ONLY.match(scene.norm.folded) is not None
        if has_own_metrics and not connected and any(span.text in AFRESH for span in scene.spans):
            return  # "total revenue" begins anew
        spoken_of = [p for i in moved for p in scene.spans[i].values("period") if p.kind == "relative_to_previous"]
        if has_own_metrics and (has_own_period or any(p.offset for p in spoken_of)) and not connected:
            return  # "orders that week" is of what was spoken of
        if not has_own_metrics:
            plan.metrics = list(args.get("metrics") or ())
        if scene.words("overall"):
            args = {**args, "filters": ()}  # "and overall?" lifts the filters
        self._beside_it(args)
        taken = {f["dimension"] for f in plan.filters} | set(plan.by)
        self._no_switch(args)
        plan.filters = [*(dict(f) for f in args.get("filters", ()) if f["dimension"] not in taken), *plan.filters]
        if not plan.by and not plan.more_periods and not (has_own_metrics and has_own_period):
            fixed = {f["dimension"] for f in plan.filters if f.get("op", "in") == "in" and len(f["values"]) == 1}
            plan.by = [b for b in args.get("by", ()) if b not in fixed]
            if plan.by and plan.top is None:
                plan.top, plan.nth = args.get("top"), bool(args.get("nth"))
                plan.order = args.get("order", "highest") if plan.order == "highest" else plan.order
            self._by_change_before(args)
        self._shape_before(args, own_figure=has_own_metrics, connected=connected)
        if not args.get("period"):
            return
        period = Period(date.fromisoformat(args["period"]["start"]), date.fromisoformat(args["period"]["end"]))
        if moved:
            span = next(p for i in moved for p in scene.spans[i].values("period") if p.kind == "relative_to_previous")
            scene.use(*moved)
            plan.period = _moved(period, span)
        elif plan.period is None:
            plan.period = period
            self._compared_before(args)
        elif not has_own_metrics and plan.compare is None and not plan.more_periods and self._versus():
            plan.period, plan.compare = period, self._same_unit_then(period, plan.period)
        elif not has_own_metrics and plan.compare is None:
            plan.period = self._same_unit_then(period, plan.period)
            self._year_before(args, period)
        scene.use(*scene.words("pronoun"))

    def _versus(self) -> bool:
        """ "Vs Q2?", 比5月多吗, "is that more than in May?": what was asked before, against this."""
        scene = self.scene
        bounds = () if scene.where(lambda s: s.has("number")) else ("more_than", "less_than")
        words = scene.words("compare", *bounds)
        if words:
            scene.use(*words, *scene.words("growth", "pronoun"))
        return bool(words)

    def _beside_it(self, args: Mapping[str, Any]) -> None:
        """ "Vs Japan", 和日本比呢: both places side by side."""
        plan, comparing = self.plan, self.scene.words("compare")
        if not comparing or plan.by or plan.period is not None or len(plan.filters) != 1:
            return
        (own,) = plan.filters
        for before in args.get("filters", ()):
            if before["dimension"] == own["dimension"] and before.get("op", "in") == own.get("op", "in") == "in":
                own["values"] = list(dict.fromkeys([*before["values"], *own["values"]]))
                plan.by = [own["dimension"]]
                self.scene.use(*comparing)

    def _year_before(self, args: Mapping[str, Any], period: Period) -> None:
        """ "And Q2?" after a quarter against the one a year before: this one against its own."""
        plan, before = self.plan, args.get("compare")
        timed = any(self.catalog.dimensions[name].grain for name in plan.by)
        if not before or plan.more_periods or plan.average_per or timed:
            return
        if before == "year_ago" or (not isinstance(before, str) and period_of(before) == period.year_ago()):
            plan.compare = "year_ago"

    def _ranked_before(self, args: Mapping[str, Any]) -> None:
        """ "Top 5": of what? "Countries by orders this year": the five that were asked for."""
        plan = self.plan
        if not args.get("top") or args.get("by") or not plan.by or plan.ranked or len(plan.by) > 1:
            return
        if all(self.catalog.dimensions[name].grain is None for name in plan.by):
            plan.top, plan.ranked, plan.order = args["top"], True, args.get("order", "highest")

    def _by_change_before(self, args: Mapping[str, Any]) -> None:
        """ "And in October?" after what grew most in November: what grew most then, against what came before that."""
        if self.plan.rank_by == "value" and args.get("rank_by", "value") != "value":
            self.plan.rank_by = args["rank_by"]
            self.plan.compare = self.plan.compare or ("year_ago" if args.get("compare") == "year_ago" else None)

    def _compared_before(self, args: Mapping[str, Any]) -> None:
        """ "And France?" after November against October: France against October too."""
        plan, before = self.plan, args.get("compare")
        timed = any(self.catalog.dimensions[name].grain for name in plan.by)
        if not before or plan.compare is not None or plan.more_periods or plan.average_per or timed:
            return
        plan.compare = before if isinstance(before, str) else period_of(before)

    def _shape_before(self, args: Mapping[str, Any], *, own_figure: bool, connected: bool) -> None:
        """A share stays one of another place or time, an average one; a condition on groups stays on them."""
        plan = self.plan
        additive = all(self.catalog.metrics[name].ratio is None for name in plan.metrics)
        another = not own_figure or (connected and plan.metrics != list(args.get("metrics", ())))
        if args.get("share") and another and additive and not self.scene.words("how_many"):
            plan.share = bool(plan.filters or plan.by)
        if own_figure:
            return
        if args.get("average_per") and plan.average_per is None and not plan.by:
            plan.average_per = args["average_per"]
        if not plan.having and plan.by and plan.by == list(args.get("by", ())):
            plan.having = [dict(condition) for condition in args.get("having", ())]

    def _same_unit_then(self, before: Period, now: Period) -> Period:
        """After "Q3", "and last year?" means last year's Q3, not the whole of it."""
        spoken = [s.text for s in self.scene.spans if any(p.kind == "period" for p in s.values("period"))]
        if any(SAME_UNIT.search(text) for text in spoken) and now.start.year == self.world.today.year - 1:
            said = {self.scene.original(s) for s in self.scene.spans if s.text in spoken}
            self.plan.notes = [note for note in self.plan.notes if note.values.get("text") not in said]
            return before.year_ago()
        if now == before and self.scene.words("compare"):
            return before.previous()  # "against last month", of last month
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
        """ "Excluding the UK", then "and France too": with or without France is not to be guessed; "only France" is."""
        if self.scene.words("only") or ONLY.match(self.scene.norm.folded):
            return
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
    if grain is not None and span.offset == 0:  # "that week": the whole of it
        whole = unit(period.start, grain)
        return whole if whole.contains(period) else period
    if grain is not None and (span.ranged or (abs(span.offset) > 1 and period.whole() != grain)):
        return _beside(period, grain, span.offset)  # "the 7 days before that"
    if grain is None or period.whole() == grain or (grain == "week" and period.days == 7):
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


def _beside(period: Period, grain: Grain, count: int) -> Period:
    """So many units right after a period, or right before it where `count` is negative."""
    if count < 0:
        return Period(shift(period.start, grain, count), period.start - timedelta(days=1))
    after = period.end + timedelta(days=1)
    return Period(after, shift(after, grain, count) - timedelta(days=1))
