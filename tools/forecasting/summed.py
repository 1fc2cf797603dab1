"""The outlook of a figure whose days add up: any stretch of days out of steps of days, weeks or four weeks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from tools.calendar.features import known_events
from tools.forecasting.history import ONE_DAY, History
from tools.forecasting.outlook import LEVELS, Expected, Outlook
from tools.semantic.periods import Period

if TYPE_CHECKING:
    from tools.forecasting.history import Floats
    from tools.stats.forecasting.task import SeriesForecast

# Up to so many days ahead the series is of days, then of weeks, then of four weeks: sums of few long steps err less.
DAYS_BY_DAY = 14
DAYS_BY_WEEK = 182
WEEK = 7
FOUR_WEEKS = 28
# A week's shape is taken from so many last days.
SHAPE_DAYS = 91
FEWEST_ORIGINS = 3
EFFECTS = (0.05, 5.0)


def step_days(days_ahead: int) -> int:
    """How many days a step of the series has, for a period that ends so many days after the data."""
    if days_ahead <= DAYS_BY_DAY:
        return 1
    return WEEK if days_ahead <= DAYS_BY_WEEK else FOUR_WEEKS


@dataclass(frozen=True)
class Summed(Outlook):
    """`wide`: of many parts, for which steps of a day would take too long."""

    wide: bool = False

    @property
    def step(self) -> int:
        found = step_days(self.days_ahead)
        return max(found, WEEK) if self.wide else found

    def steps_to(self, day: date) -> int:
        return max(1, math.ceil((day - self.whole).days / self.step))

    @cached_property
    def days(self) -> History:
        """The metric day by day, in all."""
        return self.past.history(1)

    def actual(self, period: Period) -> float:
        """The figure of days that are over, as far as the data go."""
        first = self.days.units[0].start if self.days.units else self.whole
        start, end = (period.start - first).days, (period.end - first).days + 1
        return float(self.days.total[max(0, start) : max(0, end)].sum())

    def known(self, period: Period) -> float | None:
        if not self.days.units or period.start < self.days.units[0].start or period.end > self.whole:
            return None
        return self.actual(period)

    def expected(self, period: Period) -> Expected:
        over = self.over_in(period)
        so_far = self.actual(over) if over else 0.0
        if period.end <= self.whole:
            return Expected(period, so_far, so_far)
        return self.of(self.forecasts.total, so_far, period)

    def of(self, forecast: SeriesForecast, so_far: float, period: Period) -> Expected:
        if period.end <= self.whole:
            return Expected(period, so_far, so_far)
        weights = self._weights(Period(max(period.start, self.whole + ONE_DAY), period.end))
        rest = float(forecast.mean @ weights)
        bounds: dict[float, tuple[float, float]] = {}
        for level in LEVELS:
            low, high = self._bounds(forecast, weights, rest, level)
            bounds[level] = (so_far + low, so_far + high)
        return Expected(period, so_far + rest, so_far, bounds)

    def _weights(self, ahead: Period) -> Floats:
        """How much of each step the days have, by the shape of a usual week."""
        import numpy as np

        count = len(self.forecasts.steps)
        offset = (ahead.start - self.whole).days - 1
        taken = np.zeros(count * self.step)
        taken[offset : offset + ahead.days] = 1.0
        days = self._days_ahead
        blocks = (count, self.step)
        found: Floats = (taken * days).reshape(blocks).sum(1) / days.reshape(blocks).sum(1)
        return found

    @cached_property
    def _days_ahead(self) -> Floats:
        """How the days of the steps ahead compare: by weekday, and by the events on them."""
        import numpy as np

        first = self.whole + ONE_DAY
        days = [first + timedelta(days=n) for n in range(len(self.forecasts.steps) * self.step)]
        found: Floats = np.array([self._shape[day.weekday()] for day in days])
        if self.step == 1:
            return np.ones(len(days))
        effects = self.forecasts.total.event_effects
        known, names = known_events(self.forecasts.events, [Period(day, day) for day in days])
        for name, level in zip(names, known, strict=True):
            # Within bounds: a factor learned from whole weeks says less of a single day.
            found = found * np.clip(effects.get(name, 1.0), *EFFECTS) ** level
        return found

    @cached_property
    def _shape(self) -> Floats:
        """A usual day's figure by weekday, Monday first; all alike where there is too little to tell."""
        import numpy as np

        last = self.days.total[-SHAPE_DAYS:]
        if len(last) < FOUR_WEEKS:
            return np.ones(WEEK)
        days = np.array([unit.start.weekday() for unit in self.days.units[-len(last) :]])
        means = np.array([max(float(last[days == weekday].mean()), 0.0) for weekday in range(WEEK)])
        return means if means.sum() > 0 else np.ones(WEEK)

    def _bounds(self, forecast: SeriesForecast, weights: Floats, rest: float, level: float) -> tuple[float, float]:
        """That of a single step, or of the whole sum made as narrow as the errors of these days were beside its own."""
        import numpy as np

        steps = np.flatnonzero(weights)
        if len(steps) == 1:
            at = int(steps[0])
            # Days of a step err apart from one another, so that a part of it is less sure than its share.
            interval, mean, share = forecast.intervals[level], float(forecast.mean[at]), math.sqrt(float(weights[at]))
            low, high = float(interval.low[at]) - mean, float(interval.high[at]) - mean
        else:
            low, high = (bound - forecast.total for bound in forecast.total_intervals[level])
            share = _width(forecast, weights, self._weights(self.ahead))
        return min(max(self.floor, rest + low * share), rest), max(rest + high * share, rest)


def _width(forecast: SeriesForecast, weights: Floats, asked: Floats) -> float:
    """How wide an interval of some steps is beside that of all that were asked for."""
    import numpy as np

    whole, part = float(forecast.mean @ asked), float(forecast.mean @ weights)
    share = min(1.0, max(0.0, part / whole)) if whole > 0 else min(1.0, float(weights.sum() / asked.sum()))
    errors = forecast.backtest.errors
    usual = math.sqrt(share)  # as of steps that err apart from one another
    if len(errors) < FEWEST_ORIGINS:
        return usual
    own, all_ = (float(np.sqrt(np.mean((errors @ w) ** 2))) for w in (weights, asked))
    return usual if all_ <= 0 else min(1.0, max(share, own / all_))
