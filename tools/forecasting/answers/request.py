"""A call of the tool `forecast`, checked, with what the steps of answering it share; and why it cannot be answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from tools.answer import FollowUp, ToolCall
from tools.errors import AssistantError, InvalidArgument, NotEnoughData
from tools.forecasting.args import NAME, ForecastArgs, Rows
from tools.forecasting.history import ONE_DAY, Past
from tools.forecasting.outlook import Counted, Outlook
from tools.forecasting.summed import Summed
from tools.messages import Message, Quantity, Value, say
from tools.semantic.answers import request as figures
from tools.semantic.answers.checks import prepared
from tools.semantic.answers.naming import value_name, where_phrase
from tools.semantic.catalog import Metric
from tools.semantic.periods import Period, unit
from tools.semantic.query import Days
from tools.semantic.wording import by_label
from tools.tool import Context

DAYS_AHEAD = 28
FARTHEST = 731
# Up to so many days a period's rows are days, then weeks.
ROWS_BY_DAY = 14
ROWS_BY_WEEK = 98
# A forecast that was off by so much on average, in so many tries at the least, says nothing.
HOPELESS = 0.7
FEWEST_TRIES = 3
# What is offered where a period is too far.
MOST_MONTHS = 6  # offered one by one
HORIZONS = (7, 14, 28, 56, 91, 182, 365, 731)


@dataclass(frozen=True)
class Request:
    """The checked call. `named` is the same as a call for figures: it knows how they and the filters are called."""

    context: Context
    args: ForecastArgs
    metric: Metric
    period: Period
    named: figures.Request

    @property
    def currency(self) -> str:
        return self.named.currency

    @property
    def unit(self) -> str:
        return self.named.unit(self.metric)

    @property
    def where(self) -> Mapping[str, str]:
        return {f.dimension: ", ".join(f.values) for f in self.args.filters if f.op == "in"}

    @property
    def title(self) -> Value:
        """The metric with its filters, at the start of a sentence."""
        label = self.metric.label.label
        return say("{metric} {where}", metric=label, where=where_phrase(self.named)) if self.args.filters else label

    @property
    def title_inside(self) -> Value:
        """The same within a sentence."""
        label = self.metric.label.label.inside()
        return say("{metric} {where}", metric=label, where=where_phrase(self.named)) if self.args.filters else label

    @cached_property
    def outlook(self) -> Outlook:
        return self.outlook_of(self.period)

    def outlook_of(self, period: Period, by: str | None = None, *, wide: bool = False) -> Outlook:
        if self.metric.adds_over_time:
            return Summed(self.context, self.metric, period, self.args.filters, by, wide=wide)
        return Counted(self.context, self.metric, period, self.args.filters, by)

    @property
    def grain(self) -> Rows:
        if self.args.grain is not None:
            return self.args.grain
        days = self.period.days
        return "day" if days <= ROWS_BY_DAY else "week" if days <= ROWS_BY_WEEK else "month"

    def value_name(self, value: str) -> Value:
        """How a value of the dimension `by` is called."""
        return value_name(self.named, self.context.catalog.dimension(self.args.by or ""), value)

    def rounded(self, value: float) -> float:
        """A figure as it is told: whole orders and units, but for a handful of them."""
        if self.metric.unit in ("count", "units"):
            return float(round(value)) if abs(value) >= 10 else round(value, 1)
        return round(value, 2)

    def quantity(self, value: float, *, signed: bool = False) -> Quantity:
        told = self.rounded(value)
        few = self.metric.unit in ("count", "units") and told != int(told)
        return Quantity(told, "number" if few else self.unit, signed=signed)

    def call(self, **changes: Any) -> ToolCall:
        """This call with changes."""
        return ToolCall(NAME, self.args.model_copy(update=changes).plain())


def checked(context: Context, args: ForecastArgs) -> Request:
    """Raises InvalidArgument, NotEnoughData, MissingTable for what cannot be forecast, with what can."""
    metric = context.catalog.metric(args.metric)
    if not metric.empty_is_zero:
        raise _no_ratio(context, args, metric)
    if args.by is not None and context.catalog.dimension(args.by).is_time:
        raise _no_time(context, args, args.by)
    past = Past(context, metric)
    for table in context.catalog.tables_of(metric):
        context.warehouse.table(table)
    reach = past.reach
    period = _period(context, args)
    first = past.engine.span(past.model)
    visible = Days(start=first[0].date() if first else reach.first, end=reach.last.date())
    by = () if args.by is None else (args.by,)
    try:
        asked = {"metrics": (metric.id,), "period": visible, "by": by, "filters": args.filters}
        named = prepared(context, figures.MetricsArgs.model_validate(asked))
    except AssistantError as error:
        raise type(error)(error.message, _as_forecasts(args, error.options)) from error
    request = Request(context, args, metric, period, named)
    _check_horizon(request, reach.whole)
    return request


def too_short(request: Request, steps: int, needed: int) -> NotEnoughData:
    """How much there is, how much is needed, and what can be asked already, or from when on."""
    from tools.forecasting.forecasts import units_ahead

    outlook = request.outlook
    farthest = _farthest(request)
    months = _months(request)
    step = outlook.step if isinstance(outlook.step, int) else units_ahead(outlook.past.reach, outlook.step, 1)[0].days
    shown: dict[str, Value] = {
        "metric": request.title_inside,
        "have": Quantity(steps * step, "days"),
        "needed": Quantity(needed * step, "days"),
        "period": request.period,
    }
    if months:
        return NotEnoughData(
            say(
                "{metric} of {period} are counted anew, not added up from its months, and to forecast them takes "
                "{needed} of history; there are {have}. Each month by itself can be forecast.",
                **{**shown, "metric": request.title},
            ),
            tuple(_offer(request, month) for month in months),
        )
    if farthest is None:
        works = outlook.whole + timedelta(days=(needed - steps) * step)
        return NotEnoughData(
            say(
                "There are {have} of {metric}, too few to forecast {period}: it takes {needed}, which will be there "
                "on {day}.",
                **shown,
                day=works,
            )
        )
    return NotEnoughData(
        say("There are {have} of {metric}, too few to forecast {period}: it takes {needed}.", **shown),
        (_offer(request, farthest),),
    )


def check_certain(request: Request) -> None:
    """Refuses a figure that such forecasts were never near. Raises NotEnoughData, with what is steadier."""
    backtest = request.outlook.forecasts.total.backtest
    if backtest.error is None or backtest.origins < FEWEST_TRIES or backtest.error < HOPELESS:
        return
    options: list[FollowUp] = []
    if request.period.days < DAYS_AHEAD:
        tomorrow = request.context.today + ONE_DAY
        options.append(_offer(request, Period(tomorrow, tomorrow + timedelta(days=DAYS_AHEAD - 1))))
    if request.args.filters:
        options.append(FollowUp(say("In total"), request.call(filters=())))
    raise NotEnoughData(
        say(
            "{metric}, {period}, cannot be told: in {count} earlier tries such a forecast was off by {error} on "
            "average.",
            metric=request.title,
            period=request.period,
            count=backtest.origins,
            error=Quantity(backtest.error, "ratio"),
        ),
        tuple(options),
    )


def _period(context: Context, args: ForecastArgs) -> Period:
    if args.period is None:
        return Period(context.today + ONE_DAY, context.today + timedelta(days=DAYS_AHEAD))
    period = args.period.period
    if period.end <= context.today:
        call = ToolCall("metrics", _as_figures(args))
        raise InvalidArgument(
            say("{period} is over: there is nothing to forecast, but the figure itself.", period=period),
            (
                FollowUp(
                    say("{metric}, {period}", metric=context.catalog.metric(args.metric).label.label, period=period),
                    call,
                ),
            ),
        )
    return period


def _as_figures(args: ForecastArgs) -> dict[str, Any]:
    found: dict[str, Any] = {"metrics": [args.metric], "period": args.model_dump(mode="json")["period"]}
    if args.by is not None:
        found |= {"by": [args.by], "top": args.top}
    if args.filters:
        found["filters"] = args.model_dump(mode="json")["filters"]
    return found


def _as_forecasts(args: ForecastArgs, options: tuple[FollowUp, ...]) -> tuple[FollowUp, ...]:
    """What was offered as a call for figures, as a forecast."""
    found: list[FollowUp] = []
    for option in options:
        if option.call is None:
            continue
        given = option.call.args
        by = given.get("by") or []
        changed = {**args.plain(), "filters": list(given.get("filters", ())), "by": by[0] if by else None}
        found.append(FollowUp(option.label, ToolCall(NAME, ForecastArgs.model_validate(changed).plain())))
    return tuple(found)


def _no_ratio(context: Context, args: ForecastArgs, metric: Metric) -> InvalidArgument:
    """A ratio of two uncertain figures has no interval that could be stood by; its parts have."""
    parts = [
        context.catalog.metrics[name]
        for name in ((metric.ratio.numerator, metric.ratio.denominator) if metric.ratio else ())
    ]
    options = tuple(
        FollowUp(
            say("Forecast {metric}", metric=part.label.label.inside()),
            ToolCall(NAME, args.model_copy(update={"metric": part.id}).plain()),
        )
        for part in parts
        if part.empty_is_zero
    )
    if not options:
        return InvalidArgument(say("{metric} is a mean: sums and counts can be forecast.", metric=metric.label.label))
    return InvalidArgument(
        say(
            "{metric} is a ratio: sums and counts can be forecast, such as {parts}, which it is made of.",
            metric=metric.label.label,
            parts=tuple(part.label.label.inside() for part in parts if part.empty_is_zero),
        ),
        options,
    )


def _no_time(context: Context, args: ForecastArgs, by: str) -> InvalidArgument:
    dimension = context.catalog.dimension(by)
    grain = dimension.grain if dimension.grain in ("day", "week", "month") else None
    options: tuple[FollowUp, ...] = ()
    if grain:
        label: Message = say("By {dimension}", dimension=by_label(dimension))
        options = (FollowUp(label, ToolCall(NAME, args.model_copy(update={"by": None, "grain": grain}).plain())),)
    return InvalidArgument(
        say("A forecast goes over days, weeks or months; it can be split by a country, a category and the like."),
        options,
    )


def _check_horizon(request: Request, whole: date) -> None:
    """Refuses what lies farther ahead than anything could be known."""
    ahead = (request.period.end - whole).days
    if ahead <= FARTHEST:
        return
    farthest = _farthest(request)
    raise NotEnoughData(
        say(
            "{period} is too far: forecasts reach {days} beyond the data, which end on {day}.",
            period=request.period,
            days=Quantity(FARTHEST, "days"),
            day=whole,
        ),
        () if farthest is None else (_offer(request, farthest),),
    )


def _farthest(request: Request) -> Period | None:
    """The longest usual period from tomorrow on for which there is history enough."""
    from tools.stats.forecasting.engine import needed_steps

    found: Period | None = None
    tomorrow = request.context.today + ONE_DAY
    for days in HORIZONS:
        outlook = request.outlook_of(Period(tomorrow, tomorrow + timedelta(days=days - 1)))
        if outlook.days_ahead > FARTHEST:
            break
        if len(outlook.past.units(outlook.step)) >= needed_steps(outlook.steps_to(outlook.period.end)):
            found = outlook.period
    return found


def _months(request: Request) -> tuple[Period, ...]:
    """The months of a longer period of a figure that is counted anew, where each has history enough; else none."""
    from tools.stats.forecasting.engine import needed_steps

    if not isinstance(request.outlook, Counted) or request.period.start <= request.context.today:
        return ()
    found: list[Period] = []
    month = unit(request.period.start, "month")
    while month.end <= request.period.end:
        outlook = request.outlook_of(month)
        if len(outlook.past.units(outlook.step)) < needed_steps(outlook.steps_to(month.end)):
            return ()
        found.append(month)
        month = unit(month.end + ONE_DAY, "month")
    whole = len(found) > 1 and found[0].start == request.period.start and found[-1].end == request.period.end
    return tuple(found[:MOST_MONTHS]) if whole else ()


def _offer(request: Request, period: Period) -> FollowUp:
    days = Days(start=period.start, end=period.end)
    return FollowUp(say("Forecast {period}", period=period), request.call(period=days, grain=None))
