"""What days to come amount to: a period of them, from forecasts by steps, with what has already happened in it."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from tools.forecasting.forecasts import Forecasts, forecasts
from tools.forecasting.history import ONE_DAY, Past, Step
from tools.semantic.periods import Period

if TYPE_CHECKING:
    from tools.forecasting.history import Floats
    from tools.semantic.catalog import Metric
    from tools.semantic.query import Filter
    from tools.stats.forecasting.task import SeriesForecast
    from tools.tool import Context

LEVELS = (0.8, 0.95)


@dataclass(frozen=True)
class Expected:
    """A figure of a period. `so_far` is what the days that are over have brought.

    `bounds` are (low, high) by level, empty where all of the period is over.
    """

    period: Period
    value: float
    so_far: float = 0.0
    bounds: Mapping[float, tuple[float, float]] = field(default_factory=dict)

    @property
    def rest(self) -> float:
        return self.value - self.so_far


@dataclass(frozen=True)
class Outlook(ABC):
    """A metric in a period that reaches beyond the data, under filters; with `by` also by value of a dimension."""

    context: Context
    metric: Metric
    period: Period
    filters: tuple[Filter, ...] = ()
    by: str | None = None
    keys: tuple[str, ...] | None = None

    @property
    @abstractmethod
    def step(self) -> Step:
        """How long a step of the series is."""

    @abstractmethod
    def expected(self, period: Period) -> Expected:
        """The figure of a stretch of the outlook's period."""

    @abstractmethod
    def of(self, forecast: SeriesForecast, so_far: float, period: Period) -> Expected:
        """The same of one of the forecasts' series, whose days that are over have brought `so_far`."""

    @abstractmethod
    def known(self, period: Period) -> float | None:
        """The figure of a period that the data cover as a whole; None where they do not."""

    @abstractmethod
    def steps_to(self, day: date) -> int:
        """How many steps lead from the end of the data to a day, it included."""

    @cached_property
    def past(self) -> Past:
        return Past(self.context, self.metric, self.filters)

    @property
    def whole(self) -> date:
        """The last day that is over."""
        return self.past.reach.whole

    @property
    def ahead(self) -> Period:
        """The days of the period that are not over."""
        return Period(max(self.period.start, self.whole + ONE_DAY), self.period.end)

    @property
    def over(self) -> Period | None:
        """The days of the period that are over."""
        return self.over_in(self.period)

    def over_in(self, period: Period) -> Period | None:
        if period.start > self.whole:
            return None
        return Period(period.start, min(period.end, self.whole))

    @property
    def days_ahead(self) -> int:
        """From the end of the data to the end of the period."""
        return (self.period.end - self.whole).days

    @cached_property
    def forecasts(self) -> Forecasts:
        """Raises TooShort, TooSlow."""
        steps = self.steps_to(self.period.end)
        return forecasts(
            self.context,
            self.metric.id,
            grain=self.step,
            steps=steps,
            filters=self.filters,
            by=self.by,
            keys=self.keys,
            asked=(min(self.steps_to(self.ahead.start), steps) - 1, steps),
        )

    @cached_property
    def floor(self) -> float:
        """Below which no bound is told: zero, but for what falls below it time and again."""
        total = self.forecasts.history.total
        return -math.inf if len(total) and float((total < 0).mean()) > 0.05 else 0.0


@dataclass(frozen=True)
class Counted(Outlook):
    """Of a figure such as active customers, which is counted anew for each period and never added up over days.

    Its series is of periods as long as `unit`; a stretch between two of them is read off in between.
    """

    unit: Step | None = None

    @property
    def step(self) -> Step:
        if self.unit is not None:
            return self.unit
        whole = self.period.whole()
        return "month" if whole == "month" else "week" if whole == "week" else self.period.days

    def steps_to(self, day: date) -> int:
        from tools.forecasting.forecasts import units_ahead

        count = 1
        while units_ahead(self.past.reach, self.step, count)[-1].end < day:
            count += 1
        return count

    def known(self, period: Period) -> float | None:
        if period.start < self.past.reach.first or period.end > self.whole:
            return None
        return self.past.value(period)

    def expected(self, period: Period) -> Expected:
        over = self.over_in(period)
        so_far = self.past.value(over) if over else 0.0
        return self.of(self.forecasts.total, so_far, period)

    def of(self, forecast: SeriesForecast, so_far: float, period: Period) -> Expected:
        if period.end <= self.whole:
            return Expected(period, so_far, so_far)
        weights = self._nearness(period)
        value = max(so_far, float(forecast.mean @ weights))
        bounds: dict[float, tuple[float, float]] = {}
        for level in LEVELS:
            interval = forecast.intervals[level]
            low, high = float(interval.low @ weights), float(interval.high @ weights)
            bounds[level] = (min(max(low, so_far, self.floor), value), max(high, value))
        return Expected(period, value, so_far, bounds)

    def _nearness(self, period: Period) -> Floats:
        """How much of the period falls on each step; one that has begun before the data's end counts as its step."""
        import numpy as np

        steps = self.forecasts.steps
        shared = [_overlap(period, step) for step in steps]
        found: Floats = np.array(shared, dtype=np.float64) / max(sum(shared), 1)
        return found


def _overlap(one: Period, other: Period) -> int:
    return max(0, (min(one.end, other.end) - max(one.start, other.start)).days + 1)
