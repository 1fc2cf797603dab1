"""A call of the tool `metrics`, checked, with everything that answering it shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from tools.messages import Quantity
from tools.semantic.catalog import Dimension, Metric
from tools.semantic.known_values import KnownValues
from tools.semantic.periods import Grain, Period, split, unit
from tools.semantic.query import Days, Engine, Filter, Groups, Having, Key, Query
from tools.tool import Args, Context

MAX_ROWS = 1000


class MetricsArgs(Args):
    """What to compute."""

    metrics: Annotated[tuple[str, ...], Field(min_length=1, max_length=8)] = Field(description="Metric ids.")
    period: Days = Field(description="First and last day, both included.")
    by: Annotated[tuple[str, ...], Field(max_length=2)] = Field((), description="Dimension ids to split by.")
    filters: tuple[Filter, ...] = Field((), description="Conditions on dimensions.")
    compare: Literal["previous_period", "year_ago"] | Days | None = Field(
        None, description="Baseline: the period before, the same a year earlier, or a named period."
    )
    having: tuple[Having, ...] = Field((), description="Keep groups whose metric meets these conditions.")
    top: int | None = Field(None, ge=1, le=MAX_ROWS, description="Keep this many groups.")
    nth: bool = Field(False, description="Only the last of the `top` groups: with `top` 2, the second best.")
    order: Literal["highest", "lowest"] = Field("highest", description="Which end of the ranking.")
    rank_by: Literal["value", "change", "change_rate"] = Field(
        "value",
        description="Rank by the value, or by its change against `compare` (else the period before).",
    )
    share: bool = Field(False, description="Also each group's share of the total.")
    average_per: Grain | None = Field(None, description="Divide by the number of these in the period.")

    @model_validator(mode="after")
    def _sensible(self) -> MetricsArgs:
        if len(set(self.metrics)) != len(self.metrics):
            raise ValueError("a metric is named twice")
        if (self.top or self.having) and not self.by:
            raise ValueError("a ranking or a condition on groups needs a dimension in `by`")
        if self.nth and not self.top:
            raise ValueError("one place of a ranking needs its number in `top`")
        if self.rank_by != "value" and self.compare is None:
            return self.model_copy(update={"compare": "previous_period"})
        return self


@dataclass(frozen=True)
class Request:
    """The checked call, with everything that the steps below share."""

    context: Context
    args: MetricsArgs
    engine: Engine
    metrics: tuple[Metric, ...]
    dimensions: tuple[Dimension, ...]
    period: Period
    baseline: Period | None
    first: datetime
    last: datetime
    currency: str

    @property
    def main(self) -> Metric:
        return self.metrics[0]

    @property
    def grain(self) -> Grain | None:
        return next((d.grain for d in self.dimensions if d.grain), None)

    @property
    def covered(self) -> Period:
        return covered_days(self.period, self.first, self.last)

    @property
    def known(self) -> KnownValues:
        return KnownValues(self.context.warehouse, self.context.catalog, self.context.today)

    def unit(self, metric: Metric) -> str:
        return self.currency if metric.unit == "currency" else metric.unit

    def shown_unit(self, metric: Metric) -> str:
        """The unit to write: a factor of money to money is a multiple (4×), one of counts a number (2.5 per order)."""
        if metric.unit != "factor" or metric.ratio is None:
            return self.unit(metric)
        top, bottom = (self.context.catalog.metrics[m] for m in (metric.ratio.numerator, metric.ratio.denominator))
        return "factor" if top.unit == bottom.unit != "count" else "number"

    def quantity(self, metric: Metric, value: float | int | None) -> Quantity:
        return Quantity(value, self.shown_unit(metric))

    def parts(self) -> tuple[Metric, ...]:
        """The metrics, and all that they are made of."""
        catalog, found = self.context.catalog, dict.fromkeys(self.metrics)
        waiting = list(self.metrics)
        while waiting:
            ratio = waiting.pop().ratio
            for name in (ratio.numerator, ratio.denominator) if ratio else ():
                part = catalog.metrics[name]
                if part not in found:
                    found[part] = None
                    waiting.append(part)
        return tuple(found)

    def is_partial(self, start: date, grain: Grain) -> bool:
        """Whether the period or the data cuts this calendar unit short."""
        return not self.covered.contains(unit(start, grain))


def groups_of(request: Request, period: Period, **changes: Any) -> tuple[Groups, tuple[str, ...]]:
    query = Query(
        metrics=tuple(metric.id for metric in request.metrics),
        by=tuple(dimension.id for dimension in request.dimensions),
        filters=request.args.filters,
        period=period,
    )
    result = request.engine.run(replace(query, **changes))
    if request.args.average_per:
        per = units_in(covered_days(period, request.first, request.last), request.args.average_per)
        groups = {
            key: {name: None if value is None else value / per for name, value in values.items()}
            for key, values in result.groups.items()
        }
        return groups, result.sql
    return result.groups, result.sql


def covered_days(period: Period, first: datetime, last: datetime) -> Period:
    """The part of the period that the data covers; the period itself where it covers nothing of it."""
    start, end = max(period.start, first.date()), min(period.end, last.date())
    return Period(start, end) if start <= end else period


def units_in(period: Period, grain: Grain) -> float:
    """How many days, weeks … there are: whole units counted, the rest by days."""
    whole = period.whole_units()
    if grain == "day":
        return period.days
    if whole is not None and grain in ("month", "quarter", "year") and whole[0] in ("month", "quarter", "year"):
        months = sum(1 for _ in split(period, "month"))
        return months / {"month": 1, "quarter": 3, "year": 12}[grain]
    return period.days / {"week": 7, "month": 365.25 / 12, "quarter": 365.25 / 4, "year": 365.25}[grain]


Row = tuple[Key, Mapping[str, float | int | None]]
