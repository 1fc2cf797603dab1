"""Whether a call says what to watch, and whether that can be watched; if not, what can."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from jobs.alerts.definition import Definition
from jobs.alerts.watching import leaves, unit_of
from tools.answer import FollowUp, ToolCall
from tools.errors import AssistantError, InvalidArgument
from tools.messages import Message, Quantity, say
from tools.semantic.answers.checks import prepared
from tools.semantic.answers.request import MetricsArgs
from tools.semantic.periods import Period
from tools.semantic.query import Days, Engine, Query

if TYPE_CHECKING:
    from jobs.catalog.monitor import MonitorArgs
    from tools.semantic.catalog import Metric
    from tools.tool import Context

NAME = "monitor"
WEEKS_LOOKED_AT = 4  # for hours


def tap(label: Message, args: MonitorArgs, **changes: Any) -> FollowUp:
    """A button that makes this call with changes."""
    return FollowUp(label, ToolCall(NAME, args.model_copy(update=changes).plain()))


def definition_of(context: Context, args: MonitorArgs) -> Definition:
    """What the call asks to watch. Raises InvalidArgument, NotEnoughData, MissingTable for what cannot be watched."""
    if args.metric is None:
        raise InvalidArgument(
            say("Which figure shall be watched? For example net sales, orders or the return rate."),
            tuple(
                FollowUp(say("{metric}", metric=context.catalog.metric(name).label.label), _added(name))
                for name in ("net_sales", "orders", "return_rate")
            ),
        )
    metric = context.catalog.metric(args.metric)
    for table in context.catalog.tables_of(metric):
        context.warehouse.table(table)
    _check_dimensions(context, args)
    _check_named(context, args, metric)
    _check_rule(context, args, metric)
    _check_over(context, args, metric)
    if args.grain == "hour":
        _check_hours(context, args, metric)
    return Definition.from_args(args)


def _added(metric: str) -> ToolCall:
    return ToolCall(NAME, {"action": "add", "metric": metric})


def _check_dimensions(context: Context, args: MonitorArgs) -> None:
    catalog = context.catalog
    for name in args.by:
        if catalog.dimension(name).is_time:
            raise InvalidArgument(
                say("An alert looks at each day or hour; it can be split by a country, a category and the like."),
                (tap(say("In total"), args, by=()),),
            )
    for one in args.filters:
        if catalog.dimension(one.dimension).grain:
            raise InvalidArgument(
                say("An alert looks ahead, so it cannot be limited to a time."),
                (tap(say("Without that"), args, filters=tuple(f for f in args.filters if f is not one)),),
            )


def _check_named(context: Context, args: MonitorArgs, metric: Metric) -> None:
    """Refuses splits and values that the data do not have, with the nearest."""
    engine = Engine(context.warehouse, context.catalog, context.today)
    spans = [engine.span(context.catalog.base_name(model)) for model in context.catalog.models_of(metric)]
    ends = [span[1].date() for span in spans if span is not None]
    day = min(ends, default=context.today)
    asked = {"metrics": (metric.id,), "period": Days(start=day, end=day), "by": args.by, "filters": args.filters}
    try:
        prepared(context, MetricsArgs.model_validate(asked))
    except AssistantError as error:
        raise type(error)(error.message, _as_monitors(args, error.options)) from error


def _as_monitors(args: MonitorArgs, options: tuple[FollowUp, ...]) -> tuple[FollowUp, ...]:
    """What was offered as a call for figures, as an alert."""
    found = []
    for option in options:
        if option.call is not None:
            given = option.call.args
            changed = {**args.plain(), "filters": list(given.get("filters", ())), "by": list(given.get("by", ()))}
            found.append(FollowUp(option.label, ToolCall(NAME, changed)))
    return tuple(found)


def _check_rule(context: Context, args: MonitorArgs, metric: Metric) -> None:
    named = metric.label.label.inside()
    if args.rule == "threshold":
        _check_level(context, args, metric)
    if args.rule == "change" and (args.share is None or not math.isfinite(args.share)):
        raise InvalidArgument(
            say("By how much may {metric} change before you are told?", metric=named),
            tuple(
                tap(say("More than {share}", share=Quantity(share, "ratio")), args, share=share)
                for share in (0.1, 0.2, 0.3)
            ),
        )
    if not math.isfinite(args.least) or (args.per_year is not None and not math.isfinite(args.per_year)):
        raise InvalidArgument(say("That is no number that a figure can be compared with."))


def _check_level(context: Context, args: MonitorArgs, metric: Metric) -> None:
    named = metric.label.label.inside()
    if args.level is None or not math.isfinite(args.level):
        raise InvalidArgument(
            say("At which level of {metric} shall you be told? Or be told whenever it is unusual.", metric=named),
            (tap(say("When it is unusual"), args, rule="learned", level=None, direction="both"),),
        )
    level = Quantity(args.level, unit_of(context, metric))
    if args.direction == "both":
        raise InvalidArgument(
            say("When {metric} goes above {level}, or below?", metric=named, level=level),
            (
                tap(say("Above {level}", level=level), args, direction="up"),
                tap(say("Below {level}", level=level), args, direction="down"),
            ),
        )
    if metric.unit == "ratio" and args.level > 1:
        meant = Quantity(args.level / 100, "ratio")
        raise InvalidArgument(
            say("{metric} is a share, and {level} is beyond all of it.", metric=metric.label.label, level=level),
            (tap(say("{level} instead", level=meant), args, level=args.level / 100),) if args.level <= 100 else (),
        )


def _check_over(context: Context, args: MonitorArgs, metric: Metric) -> None:
    """Refuses what would be a sum of each day's distinct customers: no figure at all."""
    if args.over == 1 or args.rule == "missing":
        return
    if args.grain == "hour":
        raise InvalidArgument(
            say("By the hour, single hours are looked at. Several days together are looked at by the day."),
            (tap(say("By the day"), args, grain="day"), tap(say("Single hours"), args, over=1)),
        )
    counted = [part for part in leaves(context, metric) if not part.adds_over_time]
    if counted:
        raise InvalidArgument(
            say(
                "{part} of several days cannot be added up from single days, so {metric} can be watched for each day "
                "only.",
                part=counted[0].label.label,
                metric=metric.label.label.inside(),
            ),
            (tap(say("For each day"), args, over=1),),
        )


def _check_hours(context: Context, args: MonitorArgs, metric: Metric) -> None:
    """Refuses hours where the data know days only: all rows at midnight."""
    catalog = context.catalog
    hour = catalog.dimension("hour")
    known = hour in catalog.dimensions_of(metric)
    if known:
        engine = Engine(context.warehouse, catalog, context.today)
        for part in leaves(context, metric):
            span = engine.span(catalog.base_name(part.model or ""))
            end = context.today if span is None else span[1].date()
            lately = Period(end - timedelta(weeks=WEEKS_LOOKED_AT), end)
            known &= len(engine.run(Query((part.id,), ("hour",), (), lately)).groups) > 1
    if not known:
        raise InvalidArgument(
            say("The data have {metric} by the day, without hours.", metric=metric.label.label.inside()),
            (tap(say("By the day"), args, grain="day"),),
        )
