"""Forecasts of a metric from the store's history and the promotion calendar: the total, and parts that add up to it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from tools.calendar.calendar import PromotionCalendar
from tools.calendar.features import known_events
from tools.forecasting.history import ONE_DAY, History, Past, Reach, Step
from tools.forecasting.recent import Recent
from tools.messages import Quantity, say
from tools.semantic.periods import Period, shift, unit
from tools.semantic.query import Filter
from tools.workers import run_tasks

if TYPE_CHECKING:
    from tools.calendar.events import Event
    from tools.forecasting.history import Floats
    from tools.semantic.catalog import Metric
    from tools.stats.forecasting.task import Series, SeriesForecast, Task
    from tools.tool import Context

TOTAL = "total"
OTHERS = "others"
# Models are fitted for so many parts at most; the rest is one series.
MOST_PARTS = 300
# Parts are chosen by their value in so many last days.
DAYS_RANKED = 91
FEW_PARTS = 12
SERIES_IN_A_TASK = 200
# A part of which less is known is among the others: four weeks of days, eight of weeks, four of anything longer.
LEAST_STEPS: dict[Step, int] = {"day": 28, 1: 28, "week": 8, 7: 8}
FEWEST_STEPS = 4
MOST_KEPT = 64


@dataclass(frozen=True)
class Forecasts:
    """`steps` are the units ahead, the first the day after the last whole unit; forecasts have one value for each.

    With `by`: `parts` by value of the dimension, reconciled with the total where the figures add up (`adds_up`), and
    `others` is what the total has beyond them, None where nothing is left or parts do not add up. `too_short` counts
    the values without history enough for a forecast of their own, `left_out` those that are too many. `events` are
    those of the units and the steps.
    """

    metric: Metric
    history: History
    steps: tuple[Period, ...]
    total: SeriesForecast
    parts: Mapping[str, SeriesForecast] = field(default_factory=dict)
    others: SeriesForecast | None = None
    adds_up: bool = True
    too_short: int = 0
    left_out: int = 0
    events: tuple[Event, ...] = ()

    @property
    def reach(self) -> Reach:
        return self.history.reach


def forecasts(
    context: Context,
    metric: str,
    *,
    grain: Step,
    steps: int,
    filters: Sequence[Filter] = (),
    by: str | None = None,
    keys: Sequence[str] | None = None,
    asked: tuple[int, int] | None = None,
) -> Forecasts:
    """The next `steps` units of `grain` (a calendar unit, or so many days) after the last whole one.

    With `by`, also by value of that dimension: those of `keys`, or the `MOST_PARTS` with the greatest recent value.
    `asked`: the steps whose sum is wanted (`Task.asked`). Remembered for the store's version and the context's day.
    Raises TooShort (of `tools.stats.forecasting.engine`) where the total's history is too short, TooSlow.
    """
    past = Past(context, context.catalog.metric(metric), tuple(filters))
    maker = _Maker(context, past, grain, steps, by, None if keys is None else tuple(keys), asked)
    recent: Recent[Forecasts] = context.warehouse.remembered("forecasts", lambda: Recent(MOST_KEPT))
    return recent.get(maker.key, maker.make)


def units_ahead(reach: Reach, grain: Step, steps: int) -> tuple[Period, ...]:
    """The units after the last whole one."""
    if isinstance(grain, int):
        first = reach.whole + ONE_DAY
        starts = [first + timedelta(days=grain * n) for n in range(steps)]
        return tuple(Period(start, start + timedelta(days=grain - 1)) for start in starts)
    last = unit(reach.whole, grain)
    start = last.end + ONE_DAY if last.end == reach.whole else last.start
    return tuple(unit(shift(start, grain, n), grain) for n in range(steps))


@dataclass(frozen=True)
class _Maker:
    context: Context
    past: Past
    grain: Step
    steps: int
    by: str | None
    keys: tuple[str, ...] | None
    asked: tuple[int, int] | None

    @property
    def key(self) -> tuple[object, ...]:
        # The team may add a promotion while the store stays as it is.
        events = tuple((e.id, e.starts_on, e.ends_on) for e in self.events)
        return (self.past.identity, self.grain, self.steps, self.by, self.keys, self.asked, events)

    def make(self) -> Forecasts:
        chosen, adds_up, left_out = self._chosen()
        history = self.past.history(self.grain, self.by, chosen)
        self._check_length(history)
        ahead = units_ahead(history.reach, self.grain, self.steps)
        long_enough, short = self._long_enough(history)
        if not self._any_whole(history, long_enough):
            long_enough, short = [], [*long_enough, *short]
        others = self._others(history, long_enough) if self.by and adds_up else None
        done = self._fitted(list(self._tasks(history, ahead, long_enough, others)))
        total = done.pop(TOTAL)
        rest = done.pop(OTHERS, None)
        parts = {key: done[_part(key)] for key in long_enough}
        if self.by and adds_up:
            total, parts, rest = _adding_up(total, parts, rest, self._floor(history))
        return Forecasts(
            self.past.metric,
            history,
            ahead,
            total,
            parts,
            rest,
            adds_up,
            too_short=len(short),
            left_out=left_out,
            events=self.events,
        )

    def _check_length(self, history: History) -> None:
        from tools.stats.forecasting.engine import TooShort, needed_steps

        there, needed = len(history.since_first(history.total)), needed_steps(self.steps)
        if there < needed:
            raise TooShort(there, needed)

    # --- Which parts --------------------------------------------------------------------------------------

    def _chosen(self) -> tuple[tuple[str, ...] | None, bool, int]:
        """The values to forecast, whether the dimension's values add up to the total, and how many are left out."""
        if self.by is None:
            return None, True, 0
        period = self.past.recent(DAYS_RANKED)
        recent = self.past.by_value(self.by, period)
        adds_up = self.past.metric.additive
        if not adds_up and self.past.metric.adds_over_time:
            # An order has one country, but it may have many products.
            adds_up = abs(sum(recent.values()) - self.past.value(period)) < 0.5
        if self.keys is not None:
            return self.keys, adds_up, 0
        ranked = sorted(((value, key) for key, value in recent.items() if key is not None), key=_greatest)
        return tuple(key for _value, key in ranked[:MOST_PARTS]), adds_up, max(0, len(ranked) - MOST_PARTS)

    def _long_enough(self, history: History) -> tuple[list[str], list[str]]:
        needed = LEAST_STEPS.get(self.grain, FEWEST_STEPS)
        fine: list[str] = []
        short: list[str] = []
        for key in sorted(key for key in history.parts if key is not None):
            values = history.since_first(history.parts[key])
            (fine if len(values) >= needed else short).append(key)
        return fine, short

    def _any_whole(self, history: History, keys: Sequence[str]) -> bool:
        """Whether one of the parts is as long as a total must be; what is newer learns from it."""
        from tools.stats.forecasting.engine import needed_steps

        needed = needed_steps(self.steps)
        return any(len(history.since_first(history.parts[key])) >= needed for key in keys)

    @staticmethod
    def _others(history: History, keys: Sequence[str]) -> Floats | None:
        """What the total has beyond the parts; None where that is nothing."""
        import numpy as np

        rest = history.total - sum((history.parts[key] for key in keys), np.zeros(len(history.total)))
        return rest if np.abs(rest).sum() > 1e-6 * max(1.0, np.abs(history.total).sum()) else None

    # --- Fitting ------------------------------------------------------------------------------------------

    def _tasks(
        self, history: History, ahead: Sequence[Period], keys: Sequence[str], others: Floats | None
    ) -> Iterator[Task]:
        """The total by itself, so that it is the same whether parts are asked for or not; parts learn together."""
        from tools.stats.forecasting.task import Series

        shares = PromotionCalendar(self.context).shares() if self._country() is None else {}
        yield self._task(history, ahead, [Series(TOTAL, history.since_first(history.total))], shares or None)
        parts = [Series(_part(key), history.since_first(history.parts[key])) for key in keys]
        if others is not None:
            parts.append(Series(OTHERS, history.since_first(others)))
        # The longest first, so that each task has some that know what a year is.
        parts.sort(key=lambda one: (-len(one.values), one.id))
        tasks = 1 if len(parts) <= FEW_PARTS else max(2, math.ceil(len(parts) / SERIES_IN_A_TASK))
        for at in range(tasks if parts else 0):
            yield self._task(history, ahead, parts[at::tasks], None)

    def _task(
        self, history: History, ahead: Sequence[Period], series: Sequence[Series], shares: Mapping[str, float] | None
    ) -> Task:
        import numpy as np

        from tools.stats.forecasting.task import Task

        units = (*history.units, *ahead)
        known, names = known_events(self.events, units, shares)
        lengths = np.array([float(unit_.days) for unit_ in units]) if self.grain == "month" else None
        return Task(
            series=tuple(series),
            horizon=len(ahead),
            seasons=seasons(self.grain),
            known=known if len(names) else None,
            known_names=names,
            lengths=lengths,
            floor=self._floor(history),
            asked=self.asked,
        )

    def _floor(self, history: History) -> float | None:
        """Zero, but for a figure such as a margin that falls below it time and again."""
        return None if len(history.total) and (history.total < 0).mean() > 0.05 else 0.0

    def _fitted(self, tasks: Sequence[Task]) -> dict[str, SeriesForecast]:
        from tools.stats.forecasting.engine import forecast

        def told(done: int, count: int) -> None:
            if count > 2:
                self.context.progress(
                    say("Forecasting: {share} done", share=Quantity(done / count, "ratio")),
                )

        found = run_tasks(self.context.workers, forecast, tasks, deadline_s=self.context.seconds_left(), progress=told)
        return {one.id: one for task in found for one in task}

    # --- What is known ahead ------------------------------------------------------------------------------

    def _country(self) -> str | None:
        """The one country that the filters leave, if they do."""
        wanted = [f.values for f in self.past.filters if f.dimension == "country" and f.op == "in"]
        return wanted[0][0] if len(wanted) == 1 and len(wanted[0]) == 1 else None

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """Those of the country that the filters leave, else of the countries that matter to the store."""
        reach = self.past.reach
        ahead = units_ahead(reach, self.grain, self.steps)
        period = Period(min(reach.first, ahead[0].start), ahead[-1].end)
        return PromotionCalendar(self.context).between(period, self._country())


def seasons(grain: Step) -> tuple[float, ...]:
    """Season lengths in steps, shortest first."""
    if grain in ("day", 1):
        return (7.0, 365.25)
    if grain == "month":
        return (12.0,)
    days = 7 if grain == "week" else int(grain)
    return (365.25 / days,)


def _part(key: str) -> str:
    """A part's id among series: a value of a dimension may be called like anything."""
    return f"part:{key}"


def _greatest(ranked: tuple[float, str]) -> tuple[float, str]:
    value, key = ranked
    return -value, key


def _adding_up(
    total: SeriesForecast, parts: Mapping[str, SeriesForecast], others: SeriesForecast | None, floor: float | None
) -> tuple[SeriesForecast, dict[str, SeriesForecast], SeriesForecast | None]:
    """The total stays what it is without parts, so that one question has one answer; the parts give way."""
    import numpy as np

    from tools.forecasting.reconciling import reconciled

    rows = [*parts.values(), *(() if others is None else (others,))]
    if not rows:
        return total, {}, None
    variances = np.array([_variance(row) for row in rows])
    _total, means = reconciled(total.mean, np.stack([row.mean for row in rows]), 0.0, variances, floor)
    moved = [_moved(row, mean, floor) for row, mean in zip(rows, means, strict=True)]
    rest = None if others is None else moved.pop()
    return total, dict(zip(parts, moved, strict=True)), rest


def _variance(row: SeriesForecast) -> float:
    """Of the errors of one step; where there was no backtest, as wide as the interval."""
    import numpy as np

    errors = row.backtest.errors
    if errors.size:
        return float(np.mean(errors**2))
    interval = row.intervals[0.8]
    return float(np.mean(((interval.high - interval.low) / 2.563) ** 2))


def _moved(row: SeriesForecast, mean: Floats, floor: float | None) -> SeriesForecast:
    """The forecast with another expectation, and intervals as wide as they were around it."""
    import numpy as np

    from tools.stats.forecasting.task import Interval

    lowest = -np.inf if floor is None else floor
    by = mean - row.mean
    intervals = {
        level: Interval(np.minimum(np.maximum(interval.low + by, lowest), mean), np.maximum(interval.high + by, mean))
        for level, interval in row.intervals.items()
    }
    share = row.total / float(row.mean.sum()) if row.mean.sum() else 1.0
    total = row.total + float(by.sum()) * share
    sums = {
        level: (max(low + total - row.total, lowest), max(high + total - row.total, total))
        for level, (low, high) in row.total_intervals.items()
    }
    return replace(row, mean=mean, intervals=intervals, total=total, total_intervals=sums)
