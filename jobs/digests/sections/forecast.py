"""What had been forecast of the days against what came, and where the month will end; from forecasts that were kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from jobs.digests.section import Part, Section
from tools.answer import Fact, FollowUp
from tools.forecasting.record import Kept, Told, kept_forecasts
from tools.messages import Label, Message, Quantity, Value, say
from tools.semantic.periods import Period, unit

if TYPE_CHECKING:
    from jobs.digests.digesting import Digesting

_DAY = timedelta(days=1)


def run(digesting: Digesting) -> Part | None:
    """Nothing is fitted here: what nobody asked for before the days is not told."""
    metric = digesting.main.metric
    if not metric.adds_over_time or digesting.main.now is None:
        return None
    kept = kept_forecasts(digesting.context, metric.id, digesting.wanted.filters)
    if not digesting.wanted.filters:
        kept = tuple(one for one in kept if not one.filters)
    parts = [part for part in (_judged(digesting, kept), _month(digesting, kept)) if part is not None]
    if not parts:
        return None
    return Part(
        lines=tuple(line for line, _facts in parts),
        facts=tuple(fact for _line, facts in parts for fact in facts),
        follow_ups=(
            FollowUp(say("How good are forecasts?"), digesting.call("forecast", metric=metric.id, show="scoreboard")),
        ),
    )


@dataclass(frozen=True)
class _Sum:
    """What was told of days that one or more rows of a forecast make up. Bounds hold of a single row only."""

    rows: tuple[Told, ...]

    @cached_property
    def expected(self) -> float:
        return sum(row.expected for row in self.rows)

    @property
    def bounds(self) -> tuple[float, float] | None:
        return (self.rows[0].low_80, self.rows[0].high_80) if len(self.rows) == 1 else None


def _of(kept: Kept, period: Period) -> _Sum | None:
    """The rows that make up exactly these days."""
    if kept.whole.period == period:
        return _Sum((kept.whole,))
    rows = tuple(row for row in kept.steps if period.contains(row.period))
    return _Sum(rows) if rows and _cover(rows, period) else None


def _cover(rows: Iterable[Told], period: Period) -> bool:
    at = period.start
    for row in rows:
        if row.period.start != at:
            return False
        at = row.period.end + _DAY
    return at == period.end + _DAY


_Said = tuple[Message, tuple[Fact, ...]]


def _judged(digesting: Digesting, kept: tuple[Kept, ...]) -> _Said | None:
    """Of the newest forecast that was made before the days."""
    figure, told = digesting.main, digesting.told
    found = ((one, _of(one, told)) for one in kept if one.data_end < told.start)
    made, expected = next(((one, rows) for one, rows in found if rows is not None), (None, None))
    if made is None or expected is None or figure.now is None:
        return None
    gap = figure.now - expected.expected
    shown: dict[str, Value] = {
        "expected": figure.quantity(expected.expected),
        "gap": Quantity(gap / expected.expected, "ratio", signed=True)
        if expected.expected > 0
        else Quantity(gap, figure.shown_unit, signed=True),
        "made": made.made_on,
    }
    facts = (Fact(f"{figure.metric.id}_forecast", expected.expected, figure.unit, told, digesting.where),)
    if expected.bounds is not None and not expected.bounds[0] <= figure.now <= expected.bounds[1]:
        return say("*Forecast:* {expected} had been expected ({gap}), outside its 80 % range", **shown), facts
    return say("*Forecast:* {expected} had been expected ({gap})", **shown), facts


def _month(digesting: Digesting, kept: tuple[Kept, ...]) -> _Said | None:
    """What came of the month so far, with what is expected of the rest; where more of it is left than a day."""
    figure, end = digesting.main, digesting.told.end
    month = unit(end, "month")
    if end >= month.end - _DAY or not figure.reach.holds(Period(month.start, end)):
        return None
    rest = Period(end + _DAY, month.end)
    expected = next((found for one in kept if (found := _rest(one, rest, end)) is not None), None)
    if expected is None:
        return None
    metric = figure.metric
    so_far = digesting.figures.value(metric, Period(month.start, end))
    whole = so_far + expected
    name = metric.id
    return (
        say(
            "*{month}:* {so_far} so far, {expected} expected by its end",
            month=month,
            so_far=figure.quantity(so_far),
            expected=figure.quantity(whole),
        ),
        (
            Fact(name, so_far, figure.unit, Period(month.start, end), digesting.where),
            Fact(f"{name}_forecast", whole, figure.unit, month, digesting.where),
        ),
    )


def _rest(kept: Kept, rest: Period, end: date) -> float | None:
    """Of days after what is told; a forecast that was made knowing later days is left for their digest."""
    found = None if kept.data_end > end else _of(kept, rest)
    return None if found is None else found.expected


SECTION = Section("forecast", Label("Forecast against fact", "预测与实际"), 40, run)
