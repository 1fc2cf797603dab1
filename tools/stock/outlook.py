"""What each category is expected to sell, day by day, and beyond the forecast the pace of a year.

Days are foretold of the whole store, and of the categories their part of each week: as near as days of every category,
at a fifth of the work.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tools.errors import NotEnoughData
from tools.stock.position import Floats
from tools.stock.sales import Sales

if TYPE_CHECKING:
    from tools.forecasting.forecasts import Forecasts
    from tools.stats.forecasting.task import SeriesForecast
    from tools.tool import Context

METRIC = "units"
WEEK = 7
MOST_CATEGORIES = 30
SHARE_DAYS = 56
PLAIN_DAYS = 28
PLAIN_SPREAD = 0.3  # relative, where no forecast says how far it may be off
Z = {0.8: 1.2815515655446004, 0.95: 1.959963984540054}


@dataclass(frozen=True)
class Outlook:
    """`daily`, (g, h): expected units of each category on the days from `first`; `beyond`, (g,): a day after them.

    `spread`, (g,): the standard deviation of a category's sum, relative to it. `forecast` False: history was too short,
    and the last four weeks stand for what comes.
    """

    first: date
    daily: Floats
    beyond: Floats
    spread: Floats
    forecast: bool

    @property
    def days(self) -> int:
        return int(self.daily.shape[1])

    @cached_property
    def _sums(self) -> Floats:
        """(g, h + 1): units of the first 0, 1, 2 … days."""
        return np.hstack([np.zeros((len(self.daily), 1)), np.cumsum(self.daily, axis=1)])

    def pace(self, group: NDArray[np.intp], ahead: Floats) -> Floats:
        """Expected units of a category in the first `ahead` days (fractions too), for each of `group`; shape (n,)."""
        ahead = np.maximum(ahead, 0.0)
        within = np.minimum(ahead, self.days)
        day = np.minimum(np.floor(within).astype(np.intp), self.days - 1)
        so_far = self._sums[group, day] + self.daily[group, day] * (within - day)
        found: Floats = so_far + np.maximum(ahead - self.days, 0.0) * self.beyond[group]
        return found

    def days_until(self, group: NDArray[np.intp], units: Floats) -> Floats:
        """After how many days a category will have sold so many units, shape (n,); infinite where never."""
        found = np.full(len(units), np.inf)
        for g in range(len(self.daily)):
            of = group == g
            sums, wanted = self._sums[g], units[of]
            day = np.clip(np.searchsorted(sums, wanted, side="left") - 1, 0, self.days - 1)
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                part = np.where(wanted > sums[day], (wanted - sums[day]) / self.daily[g, day], 0.0)
                inside = day + np.minimum(part, 1.0)
                after = self.days + (wanted - sums[-1]) / self.beyond[g]
            found[of] = np.where(wanted <= sums[-1], inside, np.where(np.isfinite(wanted), after, np.inf))
        return found


def outlook(context: Context, sales: Sales, days: int) -> Outlook:
    """For at least `days` days, where the history is long enough for it. Remembered by the forecasts themselves."""
    from tools.forecasting.forecasts import forecasts
    from tools.forecasting.history import Past
    from tools.stats.forecasting.engine import TooShort

    # First, for these are several tasks: all processes load their libraries at once.
    weeks = _by_category(context, sales, -(-days // WEEK))
    try:
        total = forecasts(context, METRIC, grain="day", steps=days)
    except (NotEnoughData, TooShort):
        return _plain(sales, Past(context, context.catalog.metric(METRIC)).reach.whole, days)
    first = total.steps[0].start
    recent = sales.group_units[:, : max(sales.at(first), 1)][:, -SHARE_DAYS:].sum(axis=1)
    share = np.repeat((recent / max(recent.sum(), 1e-9))[:, None], days, axis=1)
    spread = np.full(len(sales.groups), _spread(total.total))
    for g, name in enumerate(sales.groups):
        part = weeks.parts.get(name) if weeks and name else None
        if weeks and part is not None:
            with np.errstate(divide="ignore", invalid="ignore"):
                of_week = np.repeat(part.mean / weeks.total.mean, WEEK)[:days]
            share[g] = np.where(np.isfinite(of_week), of_week, share[g])
            spread[g] = _spread(part)
    daily = np.maximum(total.total.mean * share, 0.0)
    return Outlook(first, daily, _beyond(sales, daily, first), spread, forecast=True)


def _by_category(context: Context, sales: Sales, weeks: int) -> Forecasts | None:
    """Weeks from the same day on; None where categories are none, too many or too young."""
    from tools.forecasting.forecasts import forecasts
    from tools.stats.forecasting.engine import TooShort

    if not 2 <= sum(name != "" for name in sales.groups) <= MOST_CATEGORIES:
        return None
    try:
        return forecasts(context, METRIC, grain=WEEK, steps=weeks, by="category")
    except (NotEnoughData, TooShort):
        return None


def _spread(forecast: SeriesForecast) -> float:
    """The standard deviation of the whole horizon's sum, relative, that its intervals stand for."""
    widths = [(high - low) / (2 * Z[level]) for level, (low, high) in forecast.total_intervals.items() if level in Z]
    if not widths or forecast.total <= 0:
        return PLAIN_SPREAD
    return float(np.clip(np.mean(widths) / forecast.total, 0.0, 2.0))


def _beyond(sales: Sales, daily: Floats, first: date) -> Floats:
    """The pace of the last year; where there is less than a year, that of the days that are foretold."""
    year = sales.group_units[:, : max(sales.at(first), 1)][:, -364:]
    pace: Floats = (year if year.shape[1] == 364 else daily).mean(axis=1)
    return np.where(pace > 0, pace, daily.mean(axis=1))


def _plain(sales: Sales, whole: date, days: int) -> Outlook:
    """The mean of the four weeks up to the last whole day, by weekday where there are four weeks."""
    first = whole + timedelta(days=1)
    recent = sales.group_units[:, : max(sales.at(first), 1)][:, -PLAIN_DAYS:]
    if recent.shape[1] == PLAIN_DAYS:
        week = recent.reshape(len(recent), PLAIN_DAYS // 7, 7).mean(axis=1)
        daily = np.tile(week, (1, days // 7 + 1))[:, :days]
    else:
        daily = np.repeat(recent.mean(axis=1, keepdims=True), days, axis=1)
    return Outlook(first, daily, _beyond(sales, daily, first), np.full(len(daily), PLAIN_SPREAD), forecast=False)
