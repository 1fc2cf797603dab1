"""A figure's past as series without gaps: whole units of time only, the total and the values of a dimension."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from tools.customers.segments.selection import Selection
from tools.errors import NotEnoughData
from tools.forecasting.recent import Recent
from tools.messages import say
from tools.semantic.periods import Period, unit
from tools.semantic.query import Engine, Filter, Query
from tools.semantic.rows import truncate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tools.semantic.catalog import Metric
    from tools.tool import Context

    Floats = NDArray[np.float64]

Step = Literal["day", "week", "month"] | int
"""How long a unit of a series is: a calendar unit, or so many days counted back from the last whole day."""
# A day that ends earlier than the same weekday did in all of so many weeks, and is that much thinner, is cut short.
WEEKS_COMPARED = 8
FEWEST_COMPARED = 4
USUAL_SHARE = 0.75
# So long after the data begins, customers who bought before it still turn up as new ones.
NEW_AT_FIRST = timedelta(days=90)
MOST_KEPT = 5000  # figures of single periods
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Reach:
    """From when to when a metric's data go. `whole` is the last day that is over; `last` the newest row's time."""

    first: date
    whole: date
    last: datetime


@dataclass(frozen=True)
class History:
    """`units`, oldest first, and for each the metric's value: in all, and by value of a dimension (None: no value).

    Arrays have the length of `units`. Parts begin with zeros where they were not sold yet.
    """

    metric: Metric
    units: tuple[Period, ...]
    total: Floats
    parts: Mapping[str | None, Floats]
    reach: Reach
    sql: tuple[str, ...]

    def since_first(self, values: Floats) -> Floats:
        """Without the zeros before the first value."""
        import numpy as np

        there = np.flatnonzero(values)
        return values[there[0] :] if len(there) else values[:0]


@dataclass(frozen=True)
class Past:
    """Where histories of one metric under filters come from, as of the context's day."""

    context: Context
    metric: Metric
    filters: tuple[Filter, ...] = ()

    @cached_property
    def engine(self) -> Engine:
        return Engine(self.context.warehouse, self.context.catalog, self.context.today, Selection(self.context).members)

    @cached_property
    def model(self) -> str:
        (model,) = self.context.catalog.models_of(self.metric)
        return self.context.catalog.base_name(model)

    @cached_property
    def reach(self) -> Reach:
        """Raises NotEnoughData where nothing is visible yet."""
        span = self.engine.span(self.model)
        if span is None:
            raise NotEnoughData(say("The store holds nothing before the end of {day}.", day=self.context.today))
        first, last = span[0].date(), span[1]
        if self.metric.id == "new_customers":
            first = min(first + NEW_AT_FIRST, last.date())
        key = ("cut short", self.model, self.context.today)
        cut = self.context.warehouse.remembered(key, lambda: self._is_cut_short(last))
        return Reach(first, last.date() - ONE_DAY if cut else last.date(), last)

    @cached_property
    def identity(self) -> tuple[object, ...]:
        """Tells these figures from all others of the store, also when a saved segment has changed."""
        members = self.context.catalog.memberships
        who = tuple(Selection(self.context).members(f).key for f in self.filters if f.dimension in members)
        return (self.metric.id, self.filters, who, self.context.today)

    def history(self, step: Step, by: str | None = None, keys: Sequence[str] | None = None) -> History:
        """In whole units of `step`; by value of the dimension `by`, all of them or those of `keys`."""
        units = self.units(step)
        if self.metric.adds_over_time and isinstance(step, int):
            total, parts, sql = self._by_days(units, step, by, keys)
        elif isinstance(step, int):
            total, parts, sql = self._by_blocks(units, by, keys)
        else:
            total, parts, sql = self._by_grain(units, step, by, keys)
        return History(self.metric, units, total, parts, self.reach, sql)

    def units(self, step: Step) -> tuple[Period, ...]:
        """The whole units between the first day and the last whole one, oldest first."""
        first, whole = self.reach.first, self.reach.whole
        found: list[Period] = []
        end = whole if isinstance(step, int) or unit(whole, step).end == whole else unit(whole, step).start - ONE_DAY
        while True:
            period = Period(end - timedelta(days=step - 1), end) if isinstance(step, int) else unit(end, step)
            if period.start < first:
                return tuple(reversed(found))
            found.append(period)
            end = period.start - ONE_DAY

    def value(self, period: Period) -> float:
        """The metric's value in a period; nothing is zero. Remembered: a picture shows what a series was made of."""

        def read() -> float:
            result = self.engine.run(Query((self.metric.id,), (), self.filters, period))
            return float(result.groups.get((), {}).get(self.metric.id) or 0)

        recent: Recent[float] = self.context.warehouse.remembered("figures of periods", lambda: Recent(MOST_KEPT))
        return recent.get((self.identity, period), read)

    def by_value(self, by: str, period: Period) -> dict[str | None, float]:
        """The metric in a period by value of a dimension; None: rows without a value."""
        result = self.engine.run(Query((self.metric.id,), (by,), self.filters, period))
        found = {key: values[self.metric.id] or 0 for (key,), values in result.groups.items()}
        return {None if key is None else str(key): float(value) for key, value in found.items()}

    def recent(self, days: int) -> Period:
        """The last whole days, as far as the data go back."""
        whole = self.reach.whole
        return Period(max(self.reach.first, whole - timedelta(days=days - 1)), whole)

    def _by_days(
        self, units: Sequence[Period], step: int, by: str | None, keys: Sequence[str] | None
    ) -> tuple[Floats, dict[str | None, Floats], tuple[str, ...]]:
        days = tuple(Period(unit_.start, unit_.end) for unit_ in self._span_days(units))
        total, parts, sql = self._by_grain(days, "day", by, keys)
        blocks = (len(units), step)
        return total.reshape(blocks).sum(1), {k: v.reshape(blocks).sum(1) for k, v in parts.items()}, sql

    @staticmethod
    def _span_days(units: Sequence[Period]) -> list[Period]:
        if not units:
            return []
        start = units[0].start
        return [
            Period(start + timedelta(days=n), start + timedelta(days=n))
            for n in range((units[-1].end - start).days + 1)
        ]

    def _by_grain(
        self,
        units: Sequence[Period],
        grain: Literal["day", "week", "month"],
        by: str | None,
        keys: Sequence[str] | None,
    ) -> tuple[Floats, dict[str | None, Floats], tuple[str, ...]]:
        import numpy as np

        total = np.zeros(len(units))
        parts: dict[str | None, Floats] = {}
        if not units:
            return total, parts, ()
        places = {unit_.start: at for at, unit_ in enumerate(units)}
        period = Period(units[0].start, units[-1].end)
        result = self.engine.run(Query((self.metric.id,), (grain,), self.filters, period))
        for (start,), values in result.groups.items():
            total[places[start]] = values[self.metric.id] or 0
        if by is None:
            return total, parts, result.sql
        only = () if keys is None else (Filter(dimension=by, values=tuple(keys)),)
        split = self.engine.run(Query((self.metric.id,), (grain, by), (*self.filters, *only), period))
        for (start, key), values in split.groups.items():
            name = None if key is None else str(key)
            if name not in parts:
                parts[name] = np.zeros(len(units))
            parts[name][places[start]] = values[self.metric.id] or 0
        return total, parts, (*result.sql, *split.sql)

    def _by_blocks(
        self, units: Sequence[Period], by: str | None, keys: Sequence[str] | None
    ) -> tuple[Floats, dict[str | None, Floats], tuple[str, ...]]:
        """What does not add up over days is counted in each block by itself."""
        import numpy as np

        total = np.array([self.value(unit_) for unit_ in units], dtype=np.float64)
        parts: dict[str | None, Floats] = {}
        sql: tuple[str, ...] = ()
        if by is None:
            return total, parts, sql
        only = () if keys is None else (Filter(dimension=by, values=tuple(keys)),)
        for at, unit_ in enumerate(units):
            split = self.engine.run(Query((self.metric.id,), (by,), (*self.filters, *only), unit_))
            for (key,), values in split.groups.items():
                name = None if key is None else str(key)
                parts.setdefault(name, np.zeros(len(units)))[at] = values[self.metric.id] or 0
            sql = split.sql
        return total, parts, sql

    def _is_cut_short(self, last: datetime) -> bool:
        """Whether the newest day's rows stop before such a day is usually over."""
        model = self.context.catalog.models[self.model]
        table = self.context.warehouse.table(model.table or "", self.context.today)
        time = table[model.time]
        if time.type().is_date():
            return False
        since = datetime.combine(last.date() - timedelta(weeks=WEEKS_COMPARED), datetime.min.time())
        days = table.filter(time >= since).select(day=truncate(time, "day"), time=time)
        rows, _sql = self.context.warehouse.fetch(
            days.group_by("day").aggregate(last=days.time.max(), rows=days.time.count())
        )
        ends = {_day(day): (end.time(), count) for day, end, count in rows}
        end, count = ends.pop(last.date())
        alike = [found for day, found in ends.items() if day.weekday() == last.weekday()]
        if len(alike) < FEWEST_COMPARED:
            return False
        usual = sorted(found[1] for found in alike)[len(alike) // 2]
        return bool(end < min(found[0] for found in alike) and count < USUAL_SHARE * usual)


def _day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value
