"""The key figures of a digest's days: what they are, were, and usually are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from jobs.digests.comparisons import Baseline, baselines, differs, like_before, moved, step_of, steps
from tools.customers.segments.selection import Selection
from tools.errors import InvalidArgument, MissingTable, NotEnoughData
from tools.forecasting.history import Past
from tools.messages import Quantity, say
from tools.semantic.answers.checks import prepared
from tools.semantic.answers.request import MetricsArgs, Request
from tools.semantic.periods import Period
from tools.semantic.query import Days, Engine, Query
from tools.warehouse.profile import closed_weekdays, sale_days

if TYPE_CHECKING:
    from jobs.digests.wanted import Wanted
    from tools.semantic.catalog import Metric
    from tools.tool import Context

# What a digest shows where nothing else is asked for, as far as the store has it.
CORE = (
    "net_sales",
    "orders",
    "aov",
    "units",
    "active_customers",
    "new_customers",
    "return_rate",
    "sessions",
    "conversion_rate",
)
MOST = 10
_DAY = timedelta(days=1)
Values = Mapping[str, "float | int | None"]


@dataclass(frozen=True)
class Reach:
    """From when to when a metric's data go; `whole` is the last day that is over, `last` the newest row's time."""

    first: date
    whole: date
    last: datetime

    def holds(self, period: Period) -> bool:
        return self.first <= period.start and period.end <= self.whole


@dataclass(frozen=True)
class Figure:
    """A metric in the days told. None: not defined, or its data do not reach there.

    `before` is in the order of the baselines, `usual` are the like periods before, `steps` those of the small picture.
    """

    metric: Metric
    unit: str
    shown_unit: str
    reach: Reach
    now: float | None
    before: tuple[float | None, ...]
    usual: tuple[float, ...] = ()
    steps: tuple[float | None, ...] = ()

    @property
    def moved(self) -> bool:
        """Against the first baseline, to what is not usual."""
        return moved(self.now, self.before[0], self.usual, counted=self._counted)

    @property
    def differs(self) -> bool:
        """From the first baseline, by more than is usual."""
        return differs(self.now, self.before[0], self.usual, counted=self._counted)

    @property
    def _counted(self) -> bool:
        return self.metric.unit in ("count", "units")

    def quantity(self, value: float | None) -> Quantity:
        return Quantity(value, self.shown_unit)


@dataclass(frozen=True)
class Figures:
    """Reads the figures of `told`, with as few queries as the semantic layer needs.

    Raises InvalidArgument for metrics and filters that are not known, MissingTable and NotEnoughData for those asked
    for that the store does not have.
    """

    context: Context
    wanted: Wanted
    told: Period
    sql: dict[str, None] = field(default_factory=dict)

    @cached_property
    def baselines(self) -> tuple[Baseline, ...]:
        return baselines(self.told)

    @cached_property
    def steps(self) -> tuple[Period, ...]:
        return steps(self.told)

    @cached_property
    def requests(self) -> tuple[Request, ...]:
        """A checked call for each metric, which knows its names; the first is the main one."""
        catalog = self.context.catalog
        if len(self.wanted.metrics) > MOST:
            raise InvalidArgument(say("A digest shows at most {most} figures.", most=MOST))
        if self.wanted.metrics:
            return tuple(self._request(catalog.metric(name)) for name in dict.fromkeys(self.wanted.metrics))
        usual = [catalog.metrics[name] for name in CORE if self._has_tables(catalog.metrics[name])]
        if not usual:
            raise NotEnoughData(say("The store has none of the figures that a digest shows."))
        found = [self._request(usual[0])]
        for metric in usual[1:]:
            try:
                found.append(self._request(metric))
            except (InvalidArgument, NotEnoughData):  # not known by what is filtered for
                continue
        return tuple(found)

    @property
    def main(self) -> Request:
        return self.requests[0]

    @cached_property
    def all(self) -> tuple[Figure, ...]:
        """The main one first."""
        return tuple(self._figure(request) for request in self.requests)

    def value(self, metric: Metric, period: Period) -> float:
        """What adds up, in days besides those told."""
        return float(self._block(period).get(metric.id) or 0)

    def reach(self, metric: Metric) -> Reach:
        """Where all that the metric is made of is there. Days on which the shop never sells count as over."""
        if metric.id not in self._reaches:
            self._reaches[metric.id] = self._reach(metric)
        return self._reaches[metric.id]

    @cached_property
    def _reaches(self) -> dict[str, Reach]:
        return {}

    def _reach(self, metric: Metric) -> Reach:
        found = [Past(self.context, part).reach for part in self.context.catalog.parts(metric)]
        whole = min(one.whole for one in found)
        if whole < self.told.end and "order_lines" in self.context.catalog.tables_of(metric):
            whole = self._past_closed_days(whole)
        return Reach(max(one.first for one in found), whole, min(one.last for one in found))

    def _past_closed_days(self, whole: date) -> date:
        closed = self.context.warehouse.remembered(("closed weekdays", self.context.today), self._closed)
        while whole < self.told.end and (whole + _DAY).weekday() in closed:
            whole += _DAY
        return whole

    def _closed(self) -> tuple[int, ...]:
        return closed_weekdays(sale_days(self.context.warehouse.table("order_lines", self.context.today)))

    def _has_tables(self, metric: Metric) -> bool:
        return self.context.warehouse.has(*self.context.catalog.tables_of(metric))

    def _request(self, metric: Metric) -> Request:
        for table in self.context.catalog.tables_of(metric):
            if not self.context.warehouse.has(table):
                raise MissingTable(
                    say(
                        "{metric} needs the table “{table}”, which was not imported.",
                        metric=metric.label.label,
                        table=table,
                    )
                )
        last = self.reach(metric).last.date()
        if not self._takes_filters(metric):
            # Says by what it is known instead.
            self._engine.run(Query((metric.id,), (), self.wanted.filters, self.told))
        asked = {"metrics": (metric.id,), "period": Days(start=last, end=last), "filters": self.wanted.filters}
        return prepared(self.context, MetricsArgs.model_validate(asked))

    def _takes_filters(self, metric: Metric) -> bool:
        """Whether the metric is known by what is filtered for; members of segments are customers."""
        catalog = self.context.catalog
        allowed = catalog.dimensions_of(metric)
        wanted = (catalog.dimension(f.dimension) for f in self.wanted.filters)
        return all((catalog.dimension("customer") if d.scheme else d) in allowed for d in wanted)

    @cached_property
    def _engine(self) -> Engine:
        context = self.context
        return Engine(context.warehouse, context.catalog, context.today, Selection(context).members)

    def _figure(self, request: Request) -> Figure:
        metric = request.main
        reach = self.reach(metric)

        def value(period: Period) -> float | None:
            return self._value(metric, period) if reach.holds(period) else None

        usual = [value(period) for period in like_before(self.told)]
        return Figure(
            metric,
            request.unit(metric),
            request.shown_unit(metric),
            reach,
            value(self.told),
            tuple(value(baseline.period) for baseline in self.baselines),
            tuple(each for each in usual if each is not None),
            tuple(value(step) for step in self.steps),
        )

    def _value(self, metric: Metric, period: Period) -> float | None:
        values = self._by_step.get(period.start) if self._is_step(period) else self._block(period)
        if values is None:
            return 0.0 if metric.empty_is_zero else None
        found = values.get(metric.id)
        return None if found is None else float(found)

    def _is_step(self, period: Period) -> bool:
        grain, _count = step_of(self.told)
        return self._followed.contains(period) and period.whole() == grain

    @cached_property
    def _followed(self) -> Period:
        """As far back as steps and, where these are single steps, like periods go."""
        _grain, count = step_of(self.told)
        alike = like_before(self.told) if count == 1 else ()
        return Period(min(period.start for period in (*self.steps, *alike)), self.steps[-1].end)

    @cached_property
    def _by_step(self) -> Mapping[date, Values]:
        grain, _count = step_of(self.told)
        return {key[0]: values for key, values in self._run(self._followed, (grain,)).items()}

    @cached_property
    def _blocks(self) -> dict[Period, Values]:
        return {}

    def _block(self, period: Period) -> Values:
        if period not in self._blocks:
            self._blocks[period] = self._run(period, ()).get((), {})
        return self._blocks[period]

    def _run(self, period: Period, by: tuple[str, ...]) -> Mapping[tuple[date, ...], Values]:
        names = tuple(request.main.id for request in self.requests)
        result = self._engine.run(Query(names, by, self.wanted.filters, period))
        self.sql.update(dict.fromkeys(result.sql))
        return result.groups


def tables_of(context: Context, metrics: Iterable[Metric]) -> tuple[str, ...]:
    """The canonical tables that they stand on."""
    return tuple(dict.fromkeys(table for metric in metrics for table in context.catalog.tables_of(metric)))


def share_of(change: float, before: float) -> float | None:
    """A relative change; without meaning on a baseline of zero or less."""
    return change / before if before > 0 else None
