"""A call of `drivers`, checked: which figure, in which period, against which."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal

from pydantic import Field

from tools.answer import FollowUp, ToolCall
from tools.customers.segments.selection import Selection
from tools.drivers.reader import BothPeriods, Reader
from tools.errors import AssistantError, InvalidArgument
from tools.messages import say
from tools.semantic.answers.checks import prepared as metrics_prepared
from tools.semantic.answers.request import MetricsArgs, covered_days
from tools.semantic.answers.request import Request as Figures
from tools.semantic.catalog import Metric
from tools.semantic.periods import Grain, Period, shift
from tools.semantic.query import Days, Filter
from tools.tool import Args, Context

NAME = "drivers"


class DriversArgs(Args):
    """Which figure, between which periods, and where to look."""

    metric: str = Field("net_sales", description="Metric id.")
    period: Days = Field(description="The period whose figure is to be explained.")
    compare: Literal["previous_period", "year_ago"] | Days = Field(
        "previous_period", description="Baseline: the period before, the same a year earlier, or a named period."
    )
    filters: tuple[Filter, ...] = Field((), description="Conditions on dimensions.")
    by: tuple[str, ...] = Field((), description="Only these dimensions. Empty: all that are useful.")
    top: int = Field(5, ge=1, le=50, description="Drivers named.")
    said: Literal["rise", "fall"] | None = Field(None, description="How the question says that the figure moved.")


@dataclass(frozen=True)
class Request:
    """The checked call. `figures` is the same question to `metrics`, whose words and checks are shared.

    `running`: the period is not over, so that both were cut to the days so far.
    """

    context: Context
    args: DriversArgs
    figures: Figures
    both: BothPeriods
    running: bool

    @property
    def metric(self) -> Metric:
        return self.figures.main

    @property
    def now(self) -> Period:
        return self.both.now

    @property
    def before(self) -> Period:
        return self.both.before

    @property
    def unit(self) -> str:
        return self.figures.shown_unit(self.metric)

    @property
    def change_unit(self) -> str:
        return "points" if self.metric.unit == "ratio" else self.unit

    @property
    def covered(self) -> tuple[Period, Period]:
        """The days of baseline and period that the data covers."""
        first, last = self.figures.first, self.figures.last
        return covered_days(self.before, first, last), covered_days(self.now, first, last)

    def call(self, **changes: Any) -> ToolCall:
        """The call with changes; what was said of this one's move is not said of another's."""
        return ToolCall(NAME, plain_args(self.args.model_copy(update={"said": None, **changes})))


def plain_args(args: DriversArgs) -> dict[str, Any]:
    return args.model_dump(mode="json", exclude_defaults=True)


def prepared(context: Context, args: DriversArgs) -> Request:
    """Raises what `metrics` raises for the same figure, with options that ask for drivers."""
    for name in args.by:
        _check_splits(context, args, name)
    try:
        return _prepared(context, args)
    except AssistantError as error:
        error.options = tuple(_as_drivers(option) for option in error.options)
        raise


def _prepared(context: Context, args: DriversArgs) -> Request:
    metric = context.catalog.metric(args.metric)
    asked = MetricsArgs.model_validate({"metrics": (metric.id,), "period": args.period, "filters": args.filters})
    figures = metrics_prepared(context, asked)
    now, before, running = _periods(args, figures)
    if now.overlaps(before):
        raise InvalidArgument(
            say("{period} and {baseline} overlap; name two periods that do not.", period=now, baseline=before)
        )
    baseline = Days(start=before.start, end=before.end)
    figures = metrics_prepared(
        context, asked.model_copy(update={"period": Days(start=now.start, end=now.end), "compare": baseline})
    )
    reader = Reader(context.warehouse, context.catalog, context.today, Selection(context).members)
    return Request(context, args, figures, reader.between(now, before, args.filters), running)


def _periods(args: DriversArgs, figures: Figures) -> tuple[Period, Period, bool]:
    """Period and baseline; of a period that is not over, the days so far, and as many of the baseline."""
    period, last = args.period.period, figures.last.date()
    if isinstance(args.compare, Days):
        return period, args.compare.period, False
    whole = period.previous() if args.compare == "previous_period" else period.year_ago()
    if period.end <= last or period.start > last:
        return period, whole, False
    so_far = replace(period, end=last)
    if args.compare == "year_ago":
        return so_far, _same_days_a_year_ago(so_far, period), True
    end = min(whole.start + timedelta(days=so_far.days - 1), whole.end)
    return so_far, Period(whole.start, end), True


def _same_days_a_year_ago(so_far: Period, period: Period) -> Period:
    """A week that is not over is compared with the same weekdays, as whole weeks are."""
    grain: Grain = "week" if period.whole() == "week" else "day"
    if grain == "week":
        return Period(so_far.start - timedelta(weeks=52), so_far.end - timedelta(weeks=52))
    return Period(shift(so_far.start, "year", -1), shift(so_far.end, "year", -1))


def _check_splits(context: Context, args: DriversArgs, name: str) -> None:
    """Refuses dimensions by which a figure has no contributions: time, and who belongs to a group as of today."""
    metric, dimension = context.catalog.metric(args.metric), context.catalog.dimension(name)
    allowed = [d for d in context.catalog.dimensions_of(metric) if not d.is_time]
    if dimension in allowed:
        return
    raise InvalidArgument(
        say(
            "The change of {metric} cannot be split by {dimension}; it can be split by {choices}.",
            metric=metric.label.label.inside(),
            dimension=dimension.label.label.inside(),
            choices=tuple(d.label.label.inside() for d in allowed),
        )
    )


def _as_drivers(option: FollowUp) -> FollowUp:
    """The same offer, as a call of this tool."""
    if option.call is None or option.call.tool != "metrics":
        return option
    given = dict(option.call.args)
    kept = {name: given[name] for name in ("period", "compare", "filters") if given.get(name)}
    return replace(option, call=ToolCall(NAME, {"metric": given["metrics"][0], **kept}))
