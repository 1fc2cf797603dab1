"""Kept forecasts against what came: errors, bias, how often the interval held, and what may have thrown one off."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from tools.calendar.calendar import PromotionCalendar
from tools.errors import AssistantError
from tools.forecasting.history import Past
from tools.forecasting.record import Kept, Told, kept_forecasts
from tools.semantic.periods import Period
from tools.semantic.query import Filter

if TYPE_CHECKING:
    from tools.calendar.events import Event
    from tools.forecasting.history import History
    from tools.semantic.catalog import Metric
    from tools.tool import Context

# Horizons are told apart up to so many days ahead.
HORIZONS = (7, 28, 91)
# A cause is named where it explains so much of the miss.
DAY_EXPLAINS = 0.5
PART_EXPLAINS = 0.3
SPLITS = ("country", "category", "channel", "product")
MOST_EVENTS = 2


@dataclass(frozen=True)
class Judged:
    """A forecast whose days are over, or those of them that are; `told` and `actual` are of these days."""

    kept: Kept
    told: Told
    actual: float

    @property
    def over(self) -> bool:
        return self.told.period == self.kept.whole.period

    @property
    def error(self) -> float:
        """What came, less what was expected."""
        return self.actual - self.told.expected

    @property
    def rate(self) -> float | None:
        """How much too high it was, by what came."""
        return -self.error / self.actual if self.actual > 0 else None

    @property
    def days_ahead(self) -> int:
        return (self.told.period.end - self.kept.data_end).days

    @property
    def cut_short(self) -> bool:
        """Whether it is the last days of a period, fewer than its other rows have: they err more."""
        return bool(self.kept.steps) and self.told.period.days < self.kept.steps[0].period.days

    @property
    def inside(self) -> bool:
        return self.told.low_80 <= self.actual <= self.told.high_80


@dataclass(frozen=True)
class Score:
    """Relative to what came: the mean absolute error, and how much too high forecasts were; the share inside 80 %."""

    count: int
    error: float | None
    bias: float | None
    coverage: float


@dataclass(frozen=True)
class Part:
    """A dimension's value that came out otherwise than at its usual share of what was expected."""

    dimension: str
    value: str
    actual: float
    usual: float


@dataclass(frozen=True)
class Causes:
    """What may have thrown a forecast off, as far as a simple look can tell."""

    events: tuple[Event, ...] = ()
    day: tuple[date, float, float] | None = None  # the day, its figure, and a usual day's
    part: Part | None = None


@dataclass(frozen=True)
class Judging:
    context: Context
    metric: Metric
    filters: tuple[Filter, ...] = ()

    @cached_property
    def kept(self) -> tuple[Kept, ...]:
        return kept_forecasts(self.context, self.metric.id, self.filters)

    @cached_property
    def whole(self) -> date:
        return Past(self.context, self.metric).reach.whole

    @cached_property
    def _histories(self) -> dict[tuple[Filter, ...], History | None]:
        return {}

    @cached_property
    def judged(self) -> tuple[Judged, ...]:
        """The newest first: forecasts that are over, and what is over of the others."""
        found: list[Judged] = []
        for kept in self.kept:
            told = self._over(kept)
            actual = None if told is None else self.actual(kept, told.period)
            if told is not None and actual is not None:
                found.append(Judged(kept, told, actual))
        return tuple(found)

    @cached_property
    def steps(self) -> tuple[Judged, ...]:
        """The single rows of all forecasts that are over."""
        found: list[Judged] = []
        for kept in self.kept:
            for step in kept.steps or (kept.whole,):
                actual = self.actual(kept, step.period) if step.period.end <= self.whole else None
                if actual is not None:
                    found.append(Judged(kept, step, actual))
        return tuple(found)

    def by_horizon(self) -> tuple[tuple[int | None, Score], ...]:
        """(up to so many days ahead, None: any more, score) of the rows."""
        found: list[tuple[int | None, Score]] = []
        lower = 0
        for upper in (*HORIZONS, None):
            rows = [one for one in self.steps if lower < one.days_ahead <= (upper or math.inf) and not one.cut_short]
            if rows:
                found.append((upper, score(rows)))
            lower = upper or lower
        return tuple(found)

    def actual(self, kept: Kept, period: Period) -> float | None:
        """What came; None where it can no longer be told, as of a saved segment that is gone."""
        try:
            past = Past(self.context, self.metric, kept.filters)
            if not self.metric.adds_over_time:
                return past.value(period)
            if kept.filters not in self._histories:
                self._histories[kept.filters] = past.history(1)
        except AssistantError:
            return None
        history = self._histories[kept.filters]
        if history is None or not history.units or period.start < history.units[0].start:
            return None
        start = (period.start - history.units[0].start).days
        return float(history.total[start : start + period.days].sum())

    def causes(self, judged: Judged) -> Causes:
        """A look at the days of a forecast that missed its interval."""
        period = judged.told.period
        events = PromotionCalendar(self.context).between(period)
        once = {event.label.en: event for event in events if event.kind == "promotion"}
        return Causes(tuple(once.values())[:MOST_EVENTS], self._day(judged), self._part(judged))

    def _day(self, judged: Judged) -> tuple[date, float, float] | None:
        import numpy as np

        history = self._histories.get(judged.kept.filters)
        period = judged.told.period
        if history is None or period.days < 7:
            return None
        start = (period.start - history.units[0].start).days
        days = history.total[start : start + period.days]
        usual = float(np.median(days))
        at = int(np.argmax(days) if judged.error > 0 else np.argmin(days))
        if abs(float(days[at]) - usual) < DAY_EXPLAINS * abs(judged.error):
            return None
        return period.start + timedelta(days=at), float(days[at]), usual

    def _part(self, judged: Judged) -> Part | None:
        """The value whose figure lies farthest from its share, before the forecast, of what was expected."""
        if not self.metric.additive:
            return None
        catalog = self.context.catalog
        past = Past(self.context, self.metric, judged.kept.filters)
        period, end = judged.told.period, judged.kept.data_end
        before = Period(end - timedelta(days=period.days - 1), end)
        filtered = {f.dimension for f in judged.kept.filters}
        best: Part | None = None
        for name in SPLITS:
            if name in filtered or catalog.dimension(name) not in catalog.dimensions_of(self.metric):
                continue
            then, now = past.by_value(name, before), past.by_value(name, period)
            whole = sum(then.values())
            if whole <= 0 or len(now.keys() | then.keys()) < 2:
                continue
            for value in sorted(key for key in now.keys() | then.keys() if key is not None):
                usual = judged.told.expected * then.get(value, 0.0) / whole
                part = Part(name, value, now.get(value, 0.0), usual)
                gap = (part.actual - part.usual) * (1 if judged.error > 0 else -1)
                if gap < PART_EXPLAINS * abs(judged.error):
                    continue
                if best is None or gap > abs(best.actual - best.usual):
                    best = part
        return best

    def _over(self, kept: Kept) -> Told | None:
        """The forecast itself where its days are over, else its rows that are, as one."""
        if kept.whole.period.end <= self.whole:
            return kept.whole
        steps = [step for step in kept.steps if step.period.end <= self.whole]
        if not steps or not self.metric.adds_over_time:
            return None
        # Bounds of rows do not add up; the widest that they allow is told.
        return Told(
            Period(steps[0].period.start, steps[-1].period.end),
            sum(step.expected for step in steps),
            sum(step.low_80 for step in steps),
            sum(step.high_80 for step in steps),
        )


def score(judged: Iterable[Judged]) -> Score:
    rows: Sequence[Judged] = tuple(judged)
    whole = sum(abs(one.actual) for one in rows)
    return Score(
        len(rows),
        sum(abs(one.error) for one in rows) / whole if whole else None,
        -sum(one.error for one in rows) / whole if whole else None,
        sum(one.inside for one in rows) / len(rows) if rows else 0.0,
    )
