"""What a watched series is called, and the days of its steps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from jobs.alerts.definition_words import figure
from jobs.alerts.watching import leaves, unit_of
from tools.customers.segments.selection import Selection
from tools.messages import Quantity, Value
from tools.semantic.periods import Period
from tools.semantic.query import Engine, Filter

if TYPE_CHECKING:
    from jobs.alerts.definition import Definition
    from jobs.alerts.incidents.subject import Path
    from tools.semantic.catalog import Metric
    from tools.tool import Context

COUNTED = ("count", "units")


@dataclass(frozen=True)
class Figure:
    """One series of a monitor: its metric under the monitor's filters and the series' own dimension values."""

    context: Context
    definition: Definition
    where: Path

    @property
    def metric(self) -> Metric:
        return self.context.catalog.metric(self.definition.metric)

    @property
    def unit(self) -> str:
        return unit_of(self.context, self.metric)

    @property
    def filters(self) -> tuple[Filter, ...]:
        own = (Filter(dimension=dimension, values=(value,)) for dimension, value in self.where)
        return (*self.definition.filters, *own)

    @property
    def title(self) -> Value:
        """At the start of a sentence: Net sales in Germany."""
        return figure(self.context, replace(self.definition, filters=self.filters))

    @property
    def as_of(self) -> datetime | None:
        """The time of the newest row that it is computed from; None: there is none."""
        context, catalog = self.context, self.context.catalog
        engine = Engine(context.warehouse, catalog, context.today, Selection(context).members)
        spans = [engine.span(catalog.base_name(part.model or "")) for part in leaves(context, self.metric)]
        return min((span[1] for span in spans if span is not None), default=None)

    def amount(self, value: float) -> Quantity:
        """A figure with its unit; of what is counted, a whole one."""
        return Quantity(round(value) if self.unit in COUNTED else value, self.unit)

    def fixed(self) -> dict[str, str]:
        """The dimension values that it is of, for facts."""
        return {one.dimension: ", ".join(one.values) for one in self.filters if one.op == "in"}

    def wall(self, step: datetime) -> datetime:
        """When a step begins by the store's clock, naive."""
        return step.astimezone(ZoneInfo(self.context.warehouse.settings().timezone)).replace(tzinfo=None)

    def period(self, step: datetime) -> Period:
        """The days that a step's figure is of."""
        day = self.wall(step).date()
        return Period(day - timedelta(days=self.definition.over - 1), day)
