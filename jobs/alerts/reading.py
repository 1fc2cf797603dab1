"""Figures of all steps at once, read from the warehouse: what several monitors look at is read together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from tools.semantic.periods import Period
from tools.semantic.query import Engine, Filter, Query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jobs.alerts.definition import StepGrain
    from jobs.alerts.detection.series import Bools, Floats
    from tools.semantic.catalog import Catalog, Metric

DAYS_READ: Mapping[StepGrain, int] = {"day": 730, "hour": 182}
# The first day stays for so long, so that a day is judged alike in the checks of several days.
ANCHORED = 28
LONGEST_OVER = 30
HOURS = 24
GRAINS: Mapping[StepGrain, tuple[str, ...]] = {"day": ("day",), "hour": ("day", "hour")}


@dataclass(frozen=True)
class Axis:
    """Steps of the store's own days, or of their hours, 24 a day; `count` of them from `first` on.

    Of days the first `lead` are there only so that a figure of several days can be summed up.
    """

    grain: StepGrain
    first: date
    count: int
    lead: int

    @classmethod
    def up_to(cls, grain: StepGrain, last: datetime) -> Axis:
        """Ends with the day, or the hour, of the local time `last`."""
        begin = last.date().toordinal() - DAYS_READ[grain]
        lead = LONGEST_OVER - 1 if grain == "day" else 0
        first = date.fromordinal(begin - begin % ANCHORED - lead)
        days = (last.date() - first).days + 1
        return cls(grain, first, days if grain == "day" else (days - 1) * HOURS + last.hour + 1, lead)

    @property
    def a_day(self) -> int:
        """Steps in a day."""
        return 1 if self.grain == "day" else HOURS

    @property
    def days(self) -> int:
        return -(-self.count // self.a_day)

    @property
    def season(self) -> int:
        """Steps in a week."""
        return 7 * self.a_day

    @property
    def period(self) -> Period:
        return Period(self.first, self.first + timedelta(days=self.days - 1))

    def begin(self, step: int) -> datetime:
        """When a step begins by the store's clock, naive."""
        days, hours = divmod(step, self.a_day)
        return datetime.combine(self.first + timedelta(days=days), datetime.min.time()) + timedelta(hours=hours)

    def place(self, at: date | datetime, hour: int = 0) -> int:
        """The step that a day, with an hour where steps are hours, or a local time falls in; it may lie outside."""
        day = at.date() if isinstance(at, datetime) else at
        if self.grain == "day":
            return (day - self.first).days
        return (day - self.first).days * HOURS + (at.hour if isinstance(at, datetime) else hour)


@dataclass(frozen=True)
class Split:
    """A model's rows under `filters` by the values of `dimensions` (sorted)."""

    model: str
    dimensions: tuple[str, ...]
    filters: tuple[Filter, ...]


@dataclass
class _Wanted:
    metrics: dict[str, None] = field(default_factory=dict)
    values: dict[str, set[str]] = field(default_factory=dict)

    def covers(self, metrics: Iterable[str], values: Mapping[str, Iterable[str]]) -> bool:
        return self.metrics.keys() >= set(metrics) and all(self.values[d] >= set(v) for d, v in values.items())


@dataclass(frozen=True)
class Group:
    """One group's figures by metric, each of the axis's length, zero where there is no row; and where there is one."""

    figures: Mapping[str, Floats]
    there: Bools


@dataclass(frozen=True)
class _Read:
    wanted: _Wanted
    groups: Mapping[tuple[str, ...], Group]
    sql: tuple[str, ...]


class Cubes:
    """Splits of an axis, each read once with all that was wanted of it until then. For one thread."""

    def __init__(self, engine: Engine, axis: Axis) -> None:
        self.axis = axis
        self._engine = engine
        self._wanted: dict[Split, _Wanted] = {}
        self._read: dict[Split, _Read] = {}

    def want(self, split: Split, metrics: Iterable[str], values: Mapping[str, Iterable[str]]) -> None:
        """Says ahead what will be asked for: metrics of the split's model, and the values of each of its dimensions."""
        wanted = self._wanted.setdefault(split, _Wanted(values={name: set() for name in split.dimensions}))
        wanted.metrics |= dict.fromkeys(metrics)
        for name, some in values.items():
            wanted.values[name] |= set(some)

    def group(self, split: Split, metrics: Iterable[str], values: Mapping[str, str]) -> tuple[Group, tuple[str, ...]]:
        """Of one value for each dimension, and the SQL that gave it. Raises as `Engine.run`."""
        metrics = tuple(metrics)
        alone = {name: (value,) for name, value in values.items()}
        read = self._read.get(split)
        if read is None or not read.wanted.covers(metrics, alone):
            self.want(split, metrics, alone)
            read = self._read[split] = self._run(split)
        key = tuple(values[name] for name in split.dimensions)
        nothing = Group({name: np.zeros(self.axis.count) for name in metrics}, np.zeros(self.axis.count, dtype=bool))
        return read.groups.get(key, nothing), read.sql

    def _run(self, split: Split) -> _Read:
        wanted = self._wanted[split]
        only = tuple(
            Filter(dimension=name, values=tuple(sorted(values))) for name, values in sorted(wanted.values.items())
        )
        times = GRAINS[self.axis.grain]
        query = Query(tuple(wanted.metrics), (*times, *split.dimensions), (*split.filters, *only), self.axis.period)
        result = self._engine.run(query)
        figures: dict[tuple[str, ...], dict[str, Floats]] = {}
        there: dict[tuple[str, ...], Bools] = {}
        for cells, values in result.groups.items():
            step = self._step(cells)
            if not 0 <= step < self.axis.count:
                continue
            key = tuple(str(cell) for cell in cells[len(times) :])
            if key not in figures:
                figures[key] = {name: np.zeros(self.axis.count) for name in wanted.metrics}
                there[key] = np.zeros(self.axis.count, dtype=bool)
            there[key][step] = True
            for name, value in values.items():
                if name in wanted.metrics:
                    figures[key][name][step] = np.nan if value is None else value
        kept = _Wanted(dict(wanted.metrics), {name: set(some) for name, some in wanted.values.items()})
        return _Read(kept, {key: Group(figures[key], there[key]) for key in figures}, result.sql)

    def _step(self, cells: tuple[Any, ...]) -> int:
        return self.axis.place(cells[0], int(cells[1]) if self.axis.grain == "hour" else 0)


def figures_of(
    catalog: Catalog, metric: Metric, groups: Mapping[str, Group], over: int
) -> tuple[Floats, Floats | None]:
    """The metric at each step, NaN where it is not defined, and what a ratio is counted on."""
    if metric.ratio is None:
        group = groups[metric.id]
        figures = group.figures[metric.id]
        if over > 1:
            return _summed(figures, over), None
        return (figures if metric.empty_is_zero else np.where(group.there, figures, np.nan)), None
    top, bottom = (
        figures_of(catalog, catalog.metrics[name], groups, over)[0]
        for name in (metric.ratio.numerator, metric.ratio.denominator)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        figures = np.where(bottom != 0, top / bottom, np.nan)
    return figures, np.abs(np.nan_to_num(bottom))


def _summed(figures: Floats, over: int) -> Floats:
    """Of the `over` steps that end with each; of fewer at the beginning."""
    sums = np.concatenate(([0.0], np.cumsum(np.nan_to_num(figures))))
    end = np.arange(1, len(figures) + 1)
    # Sums of floats differ in their last digits with where the summing began.
    return np.asarray(np.round(sums[end] - sums[np.maximum(end - over, 0)], 6))
