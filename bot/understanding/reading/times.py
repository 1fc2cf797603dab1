"""When, and against what."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise

from bot.understanding.lexicon import CJK
from bot.understanding.outcome import Clarify
from bot.understanding.periods import PeriodSpan
from bot.understanding.reading.draft import (
    UNITS,
    Base,
    Stop,
)
from bot.understanding.spans import Span
from tools.answer import FollowUp
from tools.messages import say
from tools.semantic.periods import Grain, Period, shift, split, unit

WHOLE_YEAR = frozenset({"全年", "整年", "full year", "whole year", "the full year", "the whole year"})
EARLY = 8
"""Day of the month before which the month says too little."""
ADDING = frozenset({"plus", "sum", "sum of", "summed", "in total", "in all", "altogether", "加", "加上", "总和"})
"""These ask for one figure of several times."""
TOTAL = frozenset({"total", "totals", "总", "总的"})
COURSE = frozenset({"change", "changed", "changes", "change in", "development", "变化", "变动", "升降", "涨跌", "增减"})
"""Month by month these are seen from the figures themselves; a growth is a figure of its own."""
LAST_LAST = re.compile(r"last (week|month|quarter) last year")


def is_baseline(span: Span) -> bool:
    return any(period.kind == "baseline" for period in span.values("period"))


class Times(Base):
    """When, and against what."""

    def _periods(self) -> None:
        scene, plan = self.scene, self.plan
        found: list[tuple[int, PeriodSpan]] = []
        for i in scene.where(lambda s: s.has("period")):
            for span in scene.spans[i].values("period"):
                if span.kind == "period":
                    found.append((i, span))
                    scene.use(i)
                    self._doubtful_period(i, span)
        if not found:
            self._whole_year()
            self._month_so_far()
            return
        if len(found) > 1:  # "2010全年": the word adds nothing to a year that is named
            found = [(i, span) for i, span in found if scene.spans[i].text not in WHOLE_YEAR] or found
        periods = [span.period for _i, span in found if span.period is not None]
        periods += self._stepped_back(periods)
        for _i, span in found:
            if (
                span.assumed in ("rolling", "complete_units", "extent", "reading") or span.certainty < 0.7
            ) and span.period:
                plan.notes.append(
                    say("“{text}” is read as {period}.", text=scene.original(scene.spans[_i]), period=span.period)
                )
        periods = list(dict.fromkeys(periods))
        if len(periods) == 2 and scene.words("same_days"):
            self._samedays(sorted(periods))
            return
        if len(periods) == 1:
            plan.period = self._of_the_one_before(*found[0]) or periods[0]
            marker = self._compare_marker(found[0][0])
            if marker is not None and not self._compared_values() and len(found) == 1:
                self._only_baseline(marker, periods[0])
            return
        plan.more_periods = sorted(periods)

    def _of_the_one_before(self, i: int, span: PeriodSpan) -> Period | None:
        """After figures of 2010, "only Q4" is the fourth quarter of that year, whichever year runs."""
        said = self.previous.args.get("period") if self.previous is not None else None
        if span.period is None or span.assumed != "year" or said is None or not self.scene.words("only"):
            return None
        before = Period(date.fromisoformat(said["start"]), date.fromisoformat(said["end"]))
        part = span.period
        while part.end > before.end:
            part = part.year_ago()
        if part in (span.period, before) or not before.contains(part):
            return None
        text = self.scene.original(self.scene.spans[i])
        self.plan.notes.append(say("“{text}” is read as {period}.", text=text, period=part))
        return part

    def _stepped_back(self, periods: list[Period]) -> list[Period]:
        """ "This month, last month and the month before": before the earliest of them."""
        scene = self.scene
        steps = scene.where(lambda s: any(p.kind == "relative_to_previous" for p in s.values("period")))
        grain = min(periods).whole() if periods else None
        if len(periods) < 2 or len(steps) != 1 or grain is None or {p.whole() for p in periods} - {grain, None}:
            return []
        step = next(p for p in scene.spans[steps[0]].values("period") if p.kind == "relative_to_previous")
        if step.grain != grain or step.offset != -1:
            return []
        scene.use(*steps)
        return [min(periods).previous()]

    def _samedays(self, periods: list[Period]) -> None:
        """ "This month against the same days last month": as many days of the earlier unit as the later one has run."""
        before, now = periods[0], self._clip(periods[1])
        self.scene.use(*self.scene.words("same_days", "compare"))
        self.plan.period = now
        self.plan.compare = Period(before.start, min(before.end, before.start + timedelta(days=now.days - 1)))

    def _whole_year(self) -> None:
        """ "For the whole year": the year of the period before in the conversation, else this one."""
        found = self.scene.words("whole_year")
        if not found:
            return
        self.scene.use(*found)
        if self.plan.period is not None or self.plan.more_periods:
            return
        day = self.world.today
        if self.previous is not None and self.previous.args.get("period"):
            day = date.fromisoformat(self.previous.args["period"]["start"])
        self.plan.period = unit(day, "year")

    def _month_so_far(self) -> None:
        """ "How are we doing?": this month so far against the same days of the one before; early in it, the last."""
        plan, today = self.plan, self.world.today
        self.scene.use(*self.scene.words("recently"))
        if not self.overview or plan.period is not None or self.previous is not None:
            return
        month = unit(today, "month")
        plan.period = month.previous() if today.day < EARLY else Period(month.start, today)
        self.assumed = True

    def _overview_compared(self) -> None:
        """The core figures say little without those of the period before, where the data reach so far back."""
        plan = self.plan
        if not self.overview or plan.period is None:
            return
        if plan.compare is None and not plan.by and not plan.ranked:
            period = self._clip(plan.period)
            week = timedelta(days=7)  # a day is like the same day of the week before
            before = self._before(period) if period.days > 1 else Period(period.start - week, period.end - week)
            if self.world.first_day is not None and before.start >= self.world.first_day:
                plan.compare = before
                if self.assumed and self._running(plan.period):
                    plan.notes.append(
                        say("{period} so far, compared with the same days of the period before.", period=plan.period)
                    )
                    return
        if self.assumed:
            plan.notes.append(say("No period was named: the figure is that of {period}.", period=plan.period))

    def _doubtful_period(self, i: int, span: PeriodSpan) -> None:
        text = self.scene.original(self.scene.spans[i])
        if span.period is not None and LAST_LAST.fullmatch(text.lower()):
            grain = span.period.whole() or "month"
            ago = unit(shift(self.world.today, grain, -1), grain).year_ago()
            options = tuple(FollowUp(say("{period}", period=p), self._call_for_period(p)) for p in (ago, span.period))
            raise Stop(Clarify(say("“{text}” can mean more than one period. Which one?", text=text), options))
        if span.period is None or span.certainty <= 0:
            raise Stop(Clarify(say("“{text}” is no date I can place. Which days do you mean?", text=text)))
        if span.certainty <= 0.5 and span.alternatives:
            choices = (span.period, *span.alternatives)[:4]
            options = tuple(FollowUp(say("{period}", period=p), self._call_for_period(p)) for p in choices)
            raise Stop(Clarify(say("“{text}” can mean more than one period. Which one?", text=text), options))

    def _compare_marker(self, i: int) -> int | None:
        """The comparing word right before the only period: "revenue vs last month"."""
        previous = self.scene.before(i)
        return previous if previous is not None and self.scene.spans[previous].word("compare") else None

    def _only_baseline(self, marker: int, baseline: Period) -> None:
        """ "Sales compared with last month": what is compared is the unit that runs now, day for day."""
        grain = baseline.whole()
        if grain is None or grain == "day" or baseline != unit(shift(self.world.today, grain, -1), grain):
            return
        whole = unit(self.world.today, grain)
        current = Period(whole.start, self.world.today)
        self.scene.use(marker)
        self.plan.period = current
        if current == whole:
            self.plan.compare = baseline
            return
        end = min(baseline.end, baseline.start + timedelta(days=current.days - 1))
        self.plan.compare = Period(baseline.start, end)
        self.plan.notes.append(
            say("{period} so far, compared with the same days of the period before.", period=current)
        )

    def _compared_values(self) -> bool:
        listed = [f for f in self.plan.filters if f["op"] == "in" and f["dimension"] not in self.plan.one_thing]
        return any(len(f["values"]) > 1 for f in listed)

    def _comparison(self) -> None:
        scene, plan = self.scene, self.plan
        for i in scene.where(is_baseline):
            span = next(p for p in scene.spans[i].values("period") if p.kind == "baseline")
            scene.use(i)
            self._baseline(span)
        comparing = scene.words("compare")
        growing = scene.words("growth")
        if plan.more_periods and not self._added_up(bool(comparing or growing)):
            self._several_periods(bool(comparing or growing))
        if plan.compare is not None or (comparing and self._compared_values()) or len(plan.metrics) > 1:
            scene.use(*comparing)
        if growing and plan.compare is None and plan.period is not None:
            self._ends_of_a_range()
        if growing and plan.compare is None and plan.period is not None and not plan.by and not self._against_it():
            plan.compare = self._before(plan.period)
        if plan.compare is not None:
            scene.use(*growing, *comparing)
        elif plan.period is not None and self._in_steps() and not scene.where(is_baseline):
            scene.use(*(i for i in growing if scene.spans[i].text in COURSE))
        self._overview_compared()

    def _against_it(self) -> bool:
        """ "More than in May?", 比5月多吗: what was asked before is compared, and is not in the message."""
        if self.previous is None or self.plan.metrics:
            return False
        said = [span for span in self.scene.spans if not span.word("filler", "follow_up", "pronoun", "growth")]
        return bool(said) and said[0].word("compare", "more_than", "less_than")

    def _joined_times(self) -> bool:
        """Whether "and" or "vs" stands between two times: "Black Friday and last month" is no day of that month."""
        timed = self.scene.where(lambda s: any(p.kind == "period" for p in s.values("period")))
        joints = [*self.scene.words("and"), *self.scene.words("compare")]
        first, last = self.scene.spans[timed[0]], self.scene.spans[timed[-1]]
        between = self.scene.norm.text[first.end : last.start]
        parted = re.search(r"[,;。?]" if CJK.search(self.scene.norm.text) else r"[;?]", between)
        return parted is not None or any(timed[0] < joint < timed[-1] for joint in joints)

    def _in_steps(self) -> bool:
        return any(self.catalog.dimensions[name].grain for name in self.plan.by)

    def _ends_of_a_range(self) -> None:
        """ "Grew from September to November": the last unit of the range against its first; no series by month."""
        plan = self.plan
        if plan.period is None or self._running(plan.period) or self._in_steps():
            return
        spoken = [
            s.text
            for s in self.scene.spans
            if any(p.kind == "period" and p.period == plan.period for p in s.values("period"))
        ]
        if not any(" to " in f" {text} " or " and " in text or "到" in text or "至" in text for text in spoken):
            return
        for grain in UNITS[::-1]:
            units = list(split(plan.period, grain))
            if len(units) > 1 and units[0].start == plan.period.start and units[-1].end == plan.period.end:
                named = "month" if any("q" not in text and "季" not in text for text in spoken) else "quarter"
                if (
                    grain in ("quarter", "year")
                    and named == "month"
                    and not all(c.isdigit() or c in "fromto -到至年" for c in spoken[0])
                ):
                    continue
                plan.period, plan.compare = units[-1], units[0]
                return

    def _baseline(self, span: PeriodSpan) -> None:
        plan = self.plan
        current = plan.period
        if current is None and plan.more_periods:
            current = plan.more_periods[-1]
        if current is None and self.previous is not None and self.previous.args.get("period"):
            days = self.previous.args["period"]
            current = Period(date.fromisoformat(days["start"]), date.fromisoformat(days["end"]))
            plan.period = current
        if current is None:
            if span.grain is None or span.grain == "day":
                return
            current = Period(unit(self.world.today, span.grain).start, self.world.today)
            plan.period = current
        whole = current.whole_units()
        if (
            span.grain
            and span.baseline == "previous_period"
            and not plan.by
            and len(list(split(current, span.grain))) > 2
        ):
            plan.by.append(span.grain)  # "month over month, May to August": a series
            return
        if span.baseline == "year_ago":
            plan.compare = self._clip(current).year_ago() if self._running(current) else current.year_ago()
            return
        if (days := self._same_days_of_unit(current, span)) is not None:
            plan.compare = days
            return
        if span.grain and whole and whole[0] != span.grain and not self._running(current) and whole[1] == 1:
            # "Q3 vs last month": the unit named is not the one compared.
            raise Stop(
                Clarify(
                    say("Compare {period} with the period before it, or with a year earlier?", period=current),
                    tuple(
                        FollowUp(say("Against {period}", period=p), self._call_compared(current, p))
                        for p in (current.previous(), current.year_ago())
                    ),
                )
            )
        plan.compare = self._before(current)

    def _same_days_of_unit(self, current: Period, span: PeriodSpan) -> Period | None:
        """9月5日至14日 against 上月同期: the same days, one unit back."""
        if span.grain is None or span.offset >= 0 or self._running(current) or current.whole() is not None:
            return None
        return Period(shift(current.start, span.grain, -1), shift(current.end, span.grain, -1))

    def _added_up(self, comparing: bool) -> bool:
        """ "January and February combined": one figure of the whole time, where they follow one another.

        A bare "total" may as well be that of each: the total is shown with each of them.
        """
        plan, scene = self.plan, self.scene
        adding = scene.where(lambda s: s.word("combined") or s.text in ADDING)
        totals = scene.where(lambda s: s.text.split()[0] in TOTAL)
        periods = plan.more_periods
        if comparing or self._in_steps() or not (adding or totals):
            return False
        whole = Period(periods[0].start, periods[-1].end)
        grain = periods[0].whole()
        if all(b.start == a.end + timedelta(days=1) for a, b in pairwise(periods)):
            if not adding and (grain is None or plan.by or any(p.whole() != grain for p in periods)):
                return False
            plan.period = whole
            if not adding and grain is not None:
                plan.by = [grain]
            scene.use(*adding)
            return True
        if not adding:
            return False
        raise Stop(
            Clarify(
                say("I cannot add up periods that do not follow one another. Which one do you mean?"),
                tuple(FollowUp(say("{period}", period=p), self._call_for_period(p)) for p in periods[:4]),
            )
        )

    def _several_periods(self, comparing: bool) -> None:
        """Two periods are compared; more, or two joined by "and" that follow one another, become a series."""
        plan = self.plan
        periods = plan.more_periods
        if any(a.contains(b) or b.contains(a) for a, b in pairwise(periods)):
            inner = min(periods, key=lambda p: p.days)
            others = [p for p in periods if not p.contains(inner)]
            if others or self._joined_times():
                raise Stop(
                    Clarify(
                        say("Which period do you mean?"),
                        tuple(FollowUp(say("{period}", period=p), self._call_for_period(p)) for p in periods[:4]),
                    )
                )
            plan.period = inner
            return
        if any(a.overlaps(b) for a, b in pairwise(periods)):
            self._overlapping()
        grain = periods[0].whole()
        joined = grain is not None and all(
            a.whole() == grain and b.start == a.end + timedelta(days=1) for a, b in pairwise(periods)
        )
        if joined and not comparing and (self._in_steps() or (plan.ranked and plan.rank_by == "value")):
            plan.period = Period(periods[0].start, periods[-1].end)
            return
        if plan.ranked and plan.rank_by == "value" and not comparing:
            options = tuple(FollowUp(say("{period}", period=p), self._call_for_period(p)) for p in periods[:4])
            raise Stop(Clarify(say("Which period do you mean?"), options))
        if len(periods) == 2:
            plan.period, plan.compare = periods[1], periods[0]
            return
        if grain and joined and not plan.by:
            plan.period = Period(periods[0].start, periods[-1].end)
            plan.by = [grain]
            self.scene.use(*self.scene.words("compare"))
            return
        self._too_many(Period(periods[0].start, periods[-1].end), grain)

    def _too_many(self, whole: Period, grain: Grain | None) -> None:
        """ "January, March and June": all of that time step by step, or one of them."""
        plan = self.plan
        options = [FollowUp(say("{period}", period=p), self._call_for_period(p)) for p in plan.more_periods[:4]]
        if grain is not None and grain != "day" and not plan.by:
            plan.by = [grain]
            options.insert(0, self._offer(self._call_for_period(whole).args))
        raise Stop(Clarify(say("That is more than two periods. Which one do you mean?"), tuple(options)))

    def _overlapping(self) -> None:
        """ "The past month vs September": days that both share say nothing about a change."""
        last, before = self.plan.more_periods[-1], self.plan.more_periods[-2]
        choices = (before, last.previous())
        raise Stop(
            Clarify(
                say("{period} and {baseline} overlap. Which comparison do you mean?", period=last, baseline=before),
                tuple(FollowUp(say("Against {period}", period=p), self._call_compared(last, p)) for p in choices),
            )
        )
