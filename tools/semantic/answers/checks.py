"""Whether a call of `metrics` can be answered, and if not, why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from tools.answer import FollowUp, ToolCall
from tools.customers.segments.selection import Selection
from tools.errors import InvalidArgument, NotEnoughData
from tools.messages import Quantity, Value, say
from tools.semantic.answers.around import plain_args
from tools.semantic.answers.naming import value_name
from tools.semantic.answers.request import MetricsArgs, Request
from tools.semantic.catalog import Catalog, Dimension, Metric
from tools.semantic.periods import Period, unit
from tools.semantic.query import Days, Engine, Filter
from tools.semantic.wording import (
    by_label,
    column_meaning,
    plural,
)
from tools.tool import Context
from tools.warehouse.connection import Warehouse


def prepared(context: Context, args: MetricsArgs) -> Request:
    selection = Selection(context)
    engine = Engine(context.warehouse, context.catalog, context.today, selection.members)
    metrics = tuple(context.catalog.metric(name) for name in args.metrics)
    _check_columns(context, metrics)
    period = args.period.period
    models = dict.fromkeys(
        context.catalog.base_name(m) for metric in metrics for m in context.catalog.models_of(metric)
    )
    spans = [span for span in (engine.span(model) for model in models) if span is not None]
    if not spans:
        raise NotEnoughData(say("The store holds nothing before the end of {day}.", day=context.today))
    first, last = max(span[0] for span in spans), min(span[1] for span in spans)
    if isinstance(args.compare, Days):
        baseline: Period | None = args.compare.period
    else:
        baseline = (
            None
            if args.compare is None
            else period.previous()
            if args.compare == "previous_period"
            else period.year_ago()
        )
    _check_filters(args.filters)
    for wanted in (period, baseline):
        if wanted is not None and not wanted.overlaps(Period(first.date(), last.date())):
            raise _outside(context, args, wanted, first, last)
    request = Request(
        context,
        args,
        engine,
        metrics,
        tuple(context.catalog.dimension(name) for name in args.by),
        period,
        baseline,
        first,
        last,
        context.warehouse.settings().currency,
    )
    _check_average(request)
    _check_values(request)
    return request


def _check_filters(filters: Sequence[Filter]) -> None:
    """Refuses to include and to leave out the same value: nothing would be left, and look like a zero."""
    for one in filters:
        for other in filters:
            both = set(one.values) & set(other.values)
            if (one.op, other.op) == ("in", "not_in") and one.dimension == other.dimension and both:
                raise InvalidArgument(say("{values} cannot be both included and left out.", values=tuple(sorted(both))))


def _check_average(request: Request) -> None:
    """Refuses to divide a ratio or a mean by days: it would be no figure at all."""
    args = request.args
    for metric in request.metrics:
        if args.average_per and not metric.empty_is_zero:
            plain = args.model_copy(update={"average_per": None})
            options = (
                FollowUp(
                    say("{metric}, {period}", metric=metric.label.label, period=request.period),
                    ToolCall("metrics", plain_args(plain)),
                ),
            )
            raise InvalidArgument(
                say(
                    "{metric} is a ratio already, so it has no average per {grain}.",
                    metric=metric.label.label,
                    grain=by_label(request.context.catalog.dimension(args.average_per)),
                ),
                options,
            )


def _check_values(request: Request) -> None:
    """Refuses dimensions that are empty in the store, and values that it does not have."""
    catalog, known = request.context.catalog, request.known
    conditions = [(catalog.dimension(f.dimension), f) for f in request.args.filters]
    for dimension in dict.fromkeys([*request.dimensions, *(d for d, _condition in conditions)]):
        allowed = dimension.scheme is None and all(
            dimension in catalog.dimensions_of(metric) for metric in request.metrics
        )
        if not dimension.is_time and allowed and not known.any_for(dimension, request.metrics):
            raise _empty(request, dimension)
    for dimension, condition in conditions:
        if dimension.is_time or dimension.scheme or condition.op != "in":
            continue
        missing = known.missing(dimension, request.metrics, condition.values)
        if missing:
            raise _not_there(request, dimension, condition, missing[0])


def _empty(request: Request, dimension: Dimension) -> NotEnoughData:
    """No row has the dimension; offers those that have values."""
    catalog, args = request.context.catalog, request.args
    usable = [
        d
        for d in catalog.dimensions_of(request.main)
        if not d.is_time
        and d.id not in (*args.by, *(f.dimension for f in args.filters))
        and all(d in catalog.dimensions_of(metric) for metric in request.metrics)
        and request.known.any_for(d, request.metrics)
    ][:3]
    offered = plain_args(
        args.model_copy(update={"filters": tuple(f for f in args.filters if f.dimension != dimension.id)})
    )
    options = tuple(
        FollowUp(
            say("By {dimension}", dimension=by_label(d)), ToolCall("metrics", {**offered, "by": [d.id], "top": 10})
        )
        for d in usable
    )
    things = plural(dimension)
    if not usable:
        return NotEnoughData(say("The data has no {things}.", things=things))
    choices = tuple(by_label(d) for d in usable)
    return NotEnoughData(
        say("The data has no {things}; it can be split by {choices}.", things=things, choices=choices), options
    )


def _not_there(request: Request, dimension: Dimension, condition: Filter, value: str) -> NotEnoughData:
    """A value that the store has never had; offers what looks most like it."""
    args, named = request.args, dimension.label.label.inside()
    near = request.known.nearest(dimension, request.metrics, value)
    if not near:
        return NotEnoughData(say("The data has no {dimension} “{value}”.", dimension=named, value=value))
    options: list[FollowUp] = []
    for other in near:
        values = tuple(other if v == value else v for v in condition.values)
        filters = tuple(f.model_copy(update={"values": values}) if f == condition else f for f in args.filters)
        options.append(
            FollowUp(
                say("{value}", value=value_name(request, dimension, other)),
                ToolCall("metrics", plain_args(args.model_copy(update={"filters": filters}))),
            )
        )
    choices = tuple(value_name(request, dimension, other) for other in near)
    return NotEnoughData(
        say(
            "The data has no {dimension} “{value}”. Nearest: {choices}.", dimension=named, value=value, choices=choices
        ),
        tuple(options),
    )


def _outside(context: Context, args: MetricsArgs, wanted: Period, first: datetime, last: datetime) -> NotEnoughData:
    """Says what the data covers and offers the same question for its last whole month."""
    month = unit(last.date(), "month")
    if month.end > last.date():
        month = month.previous()
    options: tuple[FollowUp, ...] = ()
    if month.start >= first.date():
        moved = args.model_copy(
            update={"period": Days(start=month.start, end=month.end), "compare": None, "rank_by": "value"}
        )
        options = (FollowUp(say("The same for {period}", period=month), ToolCall("metrics", plain_args(moved))),)
    if wanted.start > context.today:
        text = say("{period} lies in the future; figures end on {last}.", period=wanted, last=last.date())
    else:
        text = say(
            "There are no figures for {period}: the data covers {first} to {last}.",
            period=wanted,
            first=first.date(),
            last=last.date(),
        )
    return NotEnoughData(text, options)


def _check_columns(context: Context, metrics: Sequence[Metric]) -> None:
    """Refuses a metric whose column is there but empty: a sum over nothing would look like a zero."""
    wanted: dict[str, Metric] = {}
    for metric in metrics:
        wanted |= dict.fromkeys(columns_of(context.catalog, metric), metric)
    for path, metric in wanted.items():
        total, known = _known_rows(context.warehouse, path)
        if total and known < total * 0.995:
            shown: dict[str, Value] = {"metric": metric.label.label, "column": column_meaning(path)}
            if not known:
                raise NotEnoughData(say("{metric} needs {column}, which the data does not have.", **shown))
            raise NotEnoughData(
                say(
                    "{metric} needs {column}, which the data has for {share} of the rows only.",
                    **shown,
                    share=Quantity(known / total, "ratio"),
                )
            )


def columns_of(catalog: Catalog, metric: Metric) -> tuple[str, ...]:
    """The columns, as "table.column", without which a metric tells nothing."""
    names = (
        name
        for part in catalog.parts(metric)
        for name in (part.id, *((part.ratio.numerator, part.ratio.denominator) if part.ratio else ()))
    )
    return tuple(dict.fromkeys(path for name in names for path in catalog.metrics[name].needs_columns))


def empty_columns(catalog: Catalog, warehouse: Warehouse) -> frozenset[str]:
    """Those of the columns that metrics need which are there and hold nothing."""
    needed = {path for metric in catalog.metrics.values() for path in metric.needs_columns}
    there = {path for path in needed if path.partition(".")[0] in warehouse.tables()}
    return frozenset(path for path in there if _known_rows(warehouse, path)[1] == 0)


def _known_rows(warehouse: Warehouse, path: str) -> tuple[int, int]:
    """Rows of a table, and those in which the column is filled."""
    return warehouse.remembered(("known", path), partial(_count_known, warehouse, *path.split(".")))


def _count_known(warehouse: Warehouse, table_name: str, column: str) -> tuple[int, int]:
    table = warehouse.table(table_name)
    rows, _sql = warehouse.fetch(table.aggregate(rows=table.count(), known=table[column].count()))
    return int(rows[0][0]), int(rows[0][1])
