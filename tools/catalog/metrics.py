"""The tool `metrics`: any figure of the catalog, split, filtered, compared, ranked or followed over time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from tools.answer import Answer, Cell, Chart, Column, Fact, FollowUp, Provenance, Table, ToolCall
from tools.customers.segments.selection import Selection
from tools.customers.segments.words import group_label
from tools.errors import InvalidArgument, NotEnoughData
from tools.messages import Label, Message, Quantity, Value, say, say_n
from tools.semantic.catalog import Dimension, Metric
from tools.semantic.known_values import KnownValues
from tools.semantic.periods import Grain, Period, split, unit
from tools.semantic.query import Days, Engine, Filter, Groups, Having, Key, Query, Ranking
from tools.semantic.wording import (
    average,
    average_inside,
    by_label,
    column_meaning,
    filter_noun,
    filter_phrase,
    joined,
    plural,
    time_labels,
)
from tools.tool import Args, Context, Example, Tool
from tools.warehouse.connection import Warehouse
from tools.warehouse.values import labels_of, names_of

MAX_ROWS = 1000
# So long after the data begins, customers who bought before it still turn up as new ones.
NEW_AT_FIRST = timedelta(days=90)


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
    order: Literal["highest", "lowest"] = Field("highest", description="Which end of the ranking.")
    rank_by: Literal["value", "change"] = Field("value", description="Rank by the value or by its change.")
    share: bool = Field(False, description="Also each group's share of the total.")
    average_per: Grain | None = Field(None, description="Divide by the number of these in the period.")

    @model_validator(mode="after")
    def _sensible(self) -> MetricsArgs:
        if len(set(self.metrics)) != len(self.metrics):
            raise ValueError("a metric is named twice")
        if (self.top or self.having) and not self.by:
            raise ValueError("a ranking or a condition on groups needs a dimension in `by`")
        if self.rank_by == "change" and self.compare is None:
            raise ValueError("ranking by change needs `compare`")
        return self


@dataclass(frozen=True)
class _Request:
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
        return _covered(self.period, self.first, self.last)

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


def run(context: Context, args: MetricsArgs) -> Answer:
    """Computes the metrics. Raises NotEnoughData outside the data, MissingTable, InvalidArgument."""
    request = _prepare(context, args)
    if not request.dimensions:
        return _single(request)
    return _grouped(request)


def _prepare(context: Context, args: MetricsArgs) -> _Request:
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
    request = _Request(
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


def _check_average(request: _Request) -> None:
    """Refuses to divide a ratio or a mean by days: it would be no figure at all."""
    args = request.args
    for metric in request.metrics:
        if args.average_per and not metric.empty_is_zero:
            plain = args.model_copy(update={"average_per": None})
            options = (
                FollowUp(
                    say("{metric}, {period}", metric=metric.label.label, period=request.period),
                    ToolCall("metrics", _dump(plain)),
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


def _check_values(request: _Request) -> None:
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


def _empty(request: _Request, dimension: Dimension) -> NotEnoughData:
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
    offered = _dump(args.model_copy(update={"filters": tuple(f for f in args.filters if f.dimension != dimension.id)}))
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


def _not_there(request: _Request, dimension: Dimension, condition: Filter, value: str) -> NotEnoughData:
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
                say("{value}", value=_value_name(request, dimension, other)),
                ToolCall("metrics", _dump(args.model_copy(update={"filters": filters}))),
            )
        )
    choices = tuple(_value_name(request, dimension, other) for other in near)
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
        options = (FollowUp(say("The same for {period}", period=month), ToolCall("metrics", _dump(moved))),)
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
    catalog = context.catalog
    wanted: dict[str, Metric] = {}
    for metric in metrics:
        for part in catalog.parts(metric):
            for name in (part.id, *((part.ratio.numerator, part.ratio.denominator) if part.ratio else ())):
                wanted |= dict.fromkeys(catalog.metrics[name].needs_columns, metric)
    for path, metric in wanted.items():
        table_name, column = path.split(".")
        total, known = context.warehouse.remembered(
            ("known", path), partial(_known_rows, context.warehouse, table_name, column)
        )
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


def _known_rows(warehouse: Warehouse, table_name: str, column: str) -> tuple[int, int]:
    """Rows of a table, and those in which the column is filled."""
    table = warehouse.table(table_name)
    rows, _sql = warehouse.fetch(table.aggregate(rows=table.count(), known=table[column].count()))
    return int(rows[0][0]), int(rows[0][1])


def _query(request: _Request, period: Period, **changes: Any) -> tuple[Groups, tuple[str, ...]]:
    query = Query(
        metrics=tuple(metric.id for metric in request.metrics),
        by=tuple(dimension.id for dimension in request.dimensions),
        filters=request.args.filters,
        period=period,
    )
    result = request.engine.run(replace(query, **changes))
    if request.args.average_per:
        per = _units_in(_covered(period, request.first, request.last), request.args.average_per)
        groups = {
            key: {name: None if value is None else value / per for name, value in values.items()}
            for key, values in result.groups.items()
        }
        return groups, result.sql
    return result.groups, result.sql


def _covered(period: Period, first: datetime, last: datetime) -> Period:
    """The part of the period that the data covers; the period itself where it covers nothing of it."""
    start, end = max(period.start, first.date()), min(period.end, last.date())
    return Period(start, end) if start <= end else period


def _units_in(period: Period, grain: Grain) -> float:
    """How many days, weeks … there are: whole units counted, the rest by days."""
    whole = period.whole_units()
    if grain == "day":
        return period.days
    if whole is not None and grain in ("month", "quarter", "year") and whole[0] in ("month", "quarter", "year"):
        months = sum(1 for _ in split(period, "month"))
        return months / {"month": 1, "quarter": 3, "year": 12}[grain]
    return period.days / {"week": 7, "month": 365.25 / 12, "quarter": 365.25 / 4, "year": 365.25}[grain]


# --- One figure -----------------------------------------------------------------------------------------------


def _single(request: _Request) -> Answer:
    args = request.args
    groups, sql = _query(request, request.period)
    values = groups.get((), {})
    base: Mapping[str, float | int | None] = {}
    if request.baseline:
        base_groups, base_sql = _query(request, request.baseline)
        base, sql = base_groups.get((), {}), (*sql, *base_sql)
    where = {f.dimension: ", ".join(f.values) for f in args.filters if f.op == "in"}
    facts: list[Fact] = []
    lines: list[Message] = []
    for metric in request.metrics:
        value = values.get(metric.id)
        facts.append(Fact(metric.id, value, request.unit(metric), request.period, where))
        if request.baseline:
            before = base.get(metric.id)
            facts.append(Fact(metric.id, before, request.unit(metric), request.baseline, where))
            facts += _change_facts(request, metric, value, before, where)
        if metric is not request.main:
            lines.append(
                say("{metric}: {value}", metric=_title(request, metric), value=request.quantity(metric, value))
            )
        if request.baseline:
            lines.append(_change_line(request, metric, value, base.get(metric.id)))
    if args.share:
        share_fact, share_line, share_sql = _share_of_all(request, values.get(request.main.id), where)
        facts.append(share_fact)
        lines.insert(0, share_line)
        sql = (*sql, *share_sql)
    headline = _headline(request, values.get(request.main.id))
    table = _single_table(request, values, base) if request.baseline or len(request.metrics) > 1 else None
    return Answer(
        headline=headline,
        lines=tuple(lines),
        facts=tuple(facts),
        table=table,
        file_name="metrics",
        follow_ups=_follow_ups(request),
        caveats=_caveats(request),
        provenance=_provenance(request, sql),
    )


def _headline(request: _Request, value: float | int | None) -> Message:
    shown = {
        "metric": _title(request, request.main),
        "period": request.period,
        "value": request.quantity(request.main, value),
    }
    if value is None:
        if request.args.filters:
            return say(
                "{metric} {where}, {period}: not defined, there is nothing to count.", **shown, where=_where(request)
            )
        return say("{metric}, {period}: not defined, there is nothing to count.", **shown)
    if request.args.filters:
        return say("{metric} {where}, {period}: {value}", **shown, where=_where(request))
    return say("{metric}, {period}: {value}", **shown)


def _title(request: _Request, metric: Metric) -> Label | Message:
    """How the figure is called at the start of a sentence."""
    per = request.args.average_per
    return metric.label.label if per is None else average(metric.label.label, per)


def _title_inside(request: _Request) -> Value:
    """How the main figure is called within a sentence, with its filters."""
    main, per = request.main.label.label, request.args.average_per
    named: Value = main.inside() if per is None else average_inside(main, per)
    return say("{metric} {where}", metric=named, where=_where(request)) if request.args.filters else named


def _change_facts(
    request: _Request, metric: Metric, value: float | int | None, before: float | int | None, where: Mapping[str, str]
) -> list[Fact]:
    change, relative = _change(value, before)
    ratio = metric.unit == "ratio"
    facts = [Fact(f"{metric.id}_change", change, "points" if ratio else request.unit(metric), request.period, where)]
    if not ratio:
        facts.append(Fact(f"{metric.id}_change_rate", relative, "ratio", request.period, where))
    return facts


def _change(value: float | int | None, before: float | int | None) -> tuple[float | None, float | None]:
    """Absolute and relative change; the relative one has no meaning on a baseline of zero or less."""
    if value is None or before is None:
        return None, None
    return value - before, (value - before) / before if before > 0 else None


def _change_line(request: _Request, metric: Metric, value: float | int | None, before: float | int | None) -> Message:
    change, relative = _change(value, before)
    baseline = request.baseline
    shown: dict[str, Value] = {"before": request.quantity(metric, before), "metric": _title(request, metric)}
    if baseline is not None:
        shown["period"] = baseline
    if change is None:
        return say("{metric}, {period}: {before}", **shown)
    if metric.unit == "ratio":
        return say("{change} against {period} ({before})", **shown, change=Quantity(change, "points", signed=True))
    if relative is None:
        return say(
            "{change} against {period} ({before})",
            **shown,
            change=Quantity(change, request.shown_unit(metric), signed=True),
        )
    return say(
        "{relative} ({change}) against {period} ({before})",
        **shown,
        relative=Quantity(relative, "ratio", signed=True),
        change=Quantity(change, request.shown_unit(metric), signed=True),
    )


def _share_of_all(
    request: _Request, value: float | int | None, where: Mapping[str, str]
) -> tuple[Fact, Message, tuple[str, ...]]:
    """The filtered figure's part in the unfiltered one."""
    result = request.engine.run(Query((request.main.id,), (), (), request.period))
    total = result.groups.get((), {}).get(request.main.id)
    share = None if value is None or not total else value / total
    return (
        Fact(f"{request.main.id}_share", share, "ratio", request.period, where),
        say("{share} of {total} in all", share=Quantity(share, "ratio"), total=request.quantity(request.main, total)),
        result.sql,
    )


def _single_table(
    request: _Request, values: Mapping[str, float | int | None], base: Mapping[str, float | int | None]
) -> Table | None:
    """Metrics as rows; with one unit for all of them only, since a column has one unit."""
    units = {request.shown_unit(metric) for metric in request.metrics}
    if len(units) != 1 or request.baseline is None:
        return None
    unit_ = units.pop()
    change_unit = "points" if unit_ == "ratio" else unit_
    columns = [
        Column("metric", Label("Metric", "指标"), labels={m.id: m.label.label for m in request.metrics}),
        Column("value", say("{period}", period=request.period), unit_),
        Column("baseline", say("{period}", period=request.baseline), unit_),
        Column(
            "change", Label("Change", "变化"), change_unit, signed=True, good=request.main.good, spare=unit_ != "ratio"
        ),
    ]
    if unit_ != "ratio":
        columns.append(Column("change_rate", Label("Change %", "变化率"), "ratio", signed=True, good=request.main.good))
    rows: list[tuple[Cell, ...]] = []
    for metric in request.metrics:
        value, before = values.get(metric.id), base.get(metric.id)
        change, relative = _change(value, before)
        cells: tuple[Cell, ...] = (metric.id, value, before, change)
        rows.append((*cells, relative) if unit_ != "ratio" else cells)
    return Table(tuple(columns), tuple(rows), len(rows))


# --- Groups ---------------------------------------------------------------------------------------------------


def _grouped(request: _Request) -> Answer:
    args, main = request.args, request.main
    # One more than is shown tells a tie at the end of the list.
    ranking = Ranking(main.id, args.top + 1, args.order == "highest") if args.top and args.rank_by == "value" else None
    groups, sql = _query(request, request.period, having=args.having, ranking=ranking)
    groups, tie = _cut(request, groups) if ranking else (groups, ())
    whole_best = _best_whole(request, groups)
    base: Groups = {}
    if request.baseline:
        keys = tuple(groups) if ranking else None
        if request.grain:
            keys = None
        base, base_sql = _query(request, request.baseline, keys=keys)
        sql = (*sql, *base_sql)
        base = _aligned(request, base)
    total: float | int | None = None
    if args.share or not (args.top or args.having or args.average_per):
        if main.additive and not args.share:
            total = math.fsum(values[main.id] or 0 for values in groups.values())
        else:
            whole = request.engine.run(Query((main.id,), (), _outer_filters(request), request.period))
            total = whole.groups.get((), {}).get(main.id)
            sql = (*sql, *whole.sql)
    groups = _known(request, groups)
    rows = _rows(request, groups, base)
    table, shown_rows = _group_table(request, rows, base, total if args.share else None)
    if not rows:
        return _nothing(request, sql)
    return Answer(
        headline=_group_headline(request, rows, total),
        lines=whole_best.lines or _group_lines(request, rows),
        facts=(*_group_facts(request, rows, base, total), *whole_best.facts),
        table=table,
        chart=_chart(request, shown_rows),
        file_name="metrics",
        follow_ups=_follow_ups(request),
        caveats=(*tie, *_partial_caveats(request, rows), *_caveats(request, totalled=total is not None)),
        provenance=_provenance(request, (*sql, *whole_best.sql)),
    )


def _cut(request: _Request, groups: Groups) -> tuple[Groups, tuple[Message, ...]]:
    """The groups of the ranking, and whether the first one left out would have the same right to be there."""
    name, top = request.main.id, request.args.top
    sign = -1 if request.args.order == "highest" else 1
    ranked = sorted(groups.items(), key=lambda row: (sign * (row[1][name] or 0), tuple(map(str, row[0]))))
    shown, beyond = ranked[:top], ranked[top:]
    if not beyond or beyond[0][1][name] != shown[-1][1][name]:
        return dict(shown), ()
    return dict(shown), (
        say(
            "A tie at the end of the list: {name} has {value} too.",
            name=_name(request, beyond[0][0]),
            value=request.quantity(request.main, beyond[0][1][name]),
        ),
    )


def _known(request: _Request, groups: Groups) -> Groups:
    """Who is not known is nobody's customer, and what has no name wins no ranking."""
    if not request.args.top and "customer" not in request.args.by:
        return groups
    return {key: values for key, values in groups.items() if None not in key}


def _outer_filters(request: _Request) -> tuple[Filter, ...]:
    """For shares: the whole is what stands outside the groups, so their own dimension is not filtered."""
    if not request.args.share:
        return request.args.filters
    return tuple(f for f in request.args.filters if f.dimension not in request.args.by)


def _nothing(request: _Request, sql: tuple[str, ...]) -> Answer:
    facts = (
        (Fact(request.main.id, 0, request.unit(request.main), request.period),)
        if request.main.empty_is_zero and not request.args.having
        else ()
    )
    return Answer(
        headline=say("Nothing in {period} meets this.", period=request.period),
        facts=facts,
        caveats=_caveats(request),
        provenance=_provenance(request, sql),
    )


Row = tuple[Key, Mapping[str, float | int | None]]


def _rows(request: _Request, groups: Groups, base: Groups) -> list[Row]:
    """Groups in the order to show: time forwards, weekdays and hours in theirs, others by the main metric."""
    args, main = request.args, request.main
    sign = -1 if args.order == "highest" else 1
    if request.grain and not args.top:
        return _filled(request, groups)
    rows: list[Row] = list(groups.items())
    if args.rank_by == "change":
        keys = dict.fromkeys([*groups, *base])
        zero: dict[str, float | int | None] = {m.id: 0 if m.empty_is_zero else None for m in request.metrics}
        changes = [
            (key, groups.get(key, zero), _change(groups.get(key, zero)[main.id], base.get(key, zero)[main.id])[0])
            for key in keys
        ]
        ranked = sorted((c for c in changes if c[2] is not None), key=lambda c: (sign * (c[2] or 0), str(c[0])))
        return [(key, values) for key, values, _change_ in ranked[: args.top]]
    if any(d.time_part for d in request.dimensions) and not args.top:
        if args.by == ("weekday",) and not args.having and request.covered.days >= 7:
            empty: dict[str, float | int | None] = {m.id: 0 if m.empty_is_zero else None for m in request.metrics}
            return [((day,), groups.get((day,), empty)) for day in range(1, 8)]
        return sorted(rows, key=lambda row: row[0])
    return sorted(
        rows, key=lambda row: (row[1][main.id] is None, sign * (row[1][main.id] or 0), tuple(str(c) for c in row[0]))
    )


def _filled(request: _Request, groups: Groups) -> list[Row]:
    """Every calendar unit of the period that the data reaches, also those without a row."""
    at = next(i for i, d in enumerate(request.dimensions) if d.grain)
    grain = request.grain or "day"
    # A condition on the groups leaves gaps on purpose.
    units = (
        sorted({key[at] for key in groups}) if request.args.having else [u.start for u in split(request.covered, grain)]
    )
    others: list[Any] = [None]
    if len(request.dimensions) == 2:
        totals: dict[Any, float] = {}
        for key, values in groups.items():
            totals[key[1 - at]] = totals.get(key[1 - at], 0) + (values[request.main.id] or 0)
        others = sorted(totals, key=lambda name: (-totals[name], str(name)))
    empty: dict[str, float | int | None] = {m.id: 0 if m.empty_is_zero else None for m in request.metrics}
    rows: list[Row] = []
    for start in units:
        for other in others:
            cell: Key = (start,) if len(request.dimensions) == 1 else (start, other) if at == 0 else (other, start)
            if cell in groups or not request.args.having:
                rows.append((cell, groups.get(cell, empty)))
    return rows


def _aligned(request: _Request, base: Groups) -> Groups:
    """A baseline's k-th week or month stands beside the period's k-th one."""
    if not request.grain or request.baseline is None:
        return base
    at = next(i for i, d in enumerate(request.dimensions) if d.grain)
    pairs = zip(split(request.baseline, request.grain), split(request.period, request.grain), strict=False)
    moved = {before.start: now.start for before, now in pairs}
    return {
        tuple(moved[cell] if i == at else cell for i, cell in enumerate(key)): values
        for key, values in base.items()
        if key[at] in moved
    }


def _group_table(request: _Request, rows: Sequence[Row], base: Groups, total: float | int | None) -> tuple[Table, int]:
    columns: list[Column] = []
    names: dict[str, Mapping[str, Label]] = {}
    for i, dimension in enumerate(request.dimensions):
        cells = [str(key[i]) for key, _values in rows[:MAX_ROWS] if key[i] is not None]
        labels = _part_labels(request, dimension, cells)
        spare = dimension.names is not None
        columns.append(Column(dimension.id, _code_title(dimension), grain=dimension.grain, labels=labels, spare=spare))
        if dimension.names:
            names[dimension.id] = names_of(request.context.warehouse, dimension, cells)
            shown = {label.en: label for label in names[dimension.id].values()}
            columns.append(Column(f"{dimension.id}_name", dimension.label.label, labels=shown))
    compared = request.baseline is not None
    for metric in request.metrics:
        title, before_title = _column_titles(request, metric)
        shown_unit = request.shown_unit(metric)
        columns.append(Column(metric.id, title, shown_unit, good=metric.good))
        if compared:
            ratio = metric.unit == "ratio"
            columns.append(Column(f"{metric.id}_baseline", before_title, shown_unit))
            change_unit = "points" if ratio else shown_unit
            columns.append(
                Column(
                    f"{metric.id}_change",
                    Label("Change", "变化"),
                    change_unit,
                    signed=True,
                    good=metric.good,
                    spare=not ratio,
                )
            )
            if not ratio:
                columns.append(
                    Column(
                        f"{metric.id}_change_rate", Label("Change %", "变化率"), "ratio", signed=True, good=metric.good
                    )
                )
    if total is not None:
        columns.append(Column(f"{request.main.id}_share", Label("Share", "占比"), "ratio"))
    table_rows: list[tuple[Cell, ...]] = []
    zero: dict[str, float | int | None] = {m.id: 0 if m.empty_is_zero else None for m in request.metrics}
    for key, values in rows[:MAX_ROWS]:
        row: list[Cell] = []
        for dimension, part in zip(request.dimensions, key, strict=True):
            row.append(part)
            if dimension.names:
                name = names[dimension.id].get(str(part))
                row.append(name.en if name else None)
        for metric in request.metrics:
            value = values[metric.id]
            row.append(value)
            if compared:
                before = base.get(key, zero)[metric.id]
                change, relative = _change(value, before)
                row += [before, change] if metric.unit == "ratio" else [before, change, relative]
        if total is not None:
            value = values[request.main.id]
            row.append(value / total if value is not None and total else None)
        table_rows.append(tuple(row))
    return Table(tuple(columns), tuple(table_rows), len(rows)), len(table_rows)


def _code_title(dimension: Dimension) -> Label:
    """The head of a dimension's column; where names stand beside it, it holds their codes."""
    named = dimension.label.label
    return named if dimension.names is None else Label(f"{named.en} code", f"{named.zh}编码")


def _column_titles(request: _Request, metric: Metric) -> tuple[Label | Message, Label | Message]:
    """The heads of a metric's column and of its baseline's: of one metric, the two periods."""
    title = _title(request, metric)
    if request.baseline is None:
        return title, title
    before = say("{period}", period=request.baseline)
    if len(request.metrics) > 1:
        return title, say("{metric}, {period}", metric=title, period=request.baseline)
    # Over time, rows of two periods stand side by side, so the period itself says which.
    return say("{period}", period=request.period), before


def _name(request: _Request, key: Key) -> Value:
    """How a group is called in a sentence."""
    shown: list[Value] = []
    for dimension, cell in zip(request.dimensions, key, strict=True):
        if cell is None:
            shown.append(Label("unknown", "未知"))
        elif dimension.grain:
            shown.append(_unit_name(cell, dimension.grain))
        else:
            shown.append(_value_name(request, dimension, str(cell)))
    return shown[0] if len(shown) == 1 else tuple(shown)


def _unit_name(start: date, grain: Grain) -> Value:
    """A calendar unit in a sentence; a week by its Monday only."""
    return say("week of {day}", day=start) if grain == "week" else unit(start, grain)


def _part_labels(request: _Request, dimension: Dimension, cells: Sequence[str]) -> Mapping[str, Label]:
    if dimension.is_time:
        return time_labels(dimension)
    if dimension.names:
        return {}
    return labels_of(request.context.warehouse, dimension, cells)


def _value_name(request: _Request, dimension: Dimension, value: str) -> Value:
    """How a dimension's value is called in a sentence."""
    if dimension.scheme:
        return group_label(dimension.scheme, value)
    if dimension.names:
        name = names_of(request.context.warehouse, dimension, [value]).get(value)
        return say("{name} ({code})", name=name, code=value) if name else value
    return _part_labels(request, dimension, [value]).get(value, value)


def _group_headline(request: _Request, rows: Sequence[Row], total: float | int | None) -> Message:
    args, main = request.args, request.main
    shown: dict[str, Value] = {
        "metric": _title_inside(request),
        "period": request.period,
        "dimension": tuple(by_label(d) for d in request.dimensions),
    }
    if args.rank_by == "change" or args.top:
        return _ranking_headline(request, rows, shown)
    shown["metric"] = _title(request, main)
    if args.filters:
        shown["metric"] = say("{metric} {where}", metric=shown["metric"], where=_where(request))
    if total is not None and main.additive:
        return say("{metric} by {dimension}, {period}: {total} in total", **shown, total=request.quantity(main, total))
    if total is not None:
        return say("{metric} by {dimension}, {period}: {total} overall", **shown, total=request.quantity(main, total))
    return say("{metric} by {dimension}, {period}", **shown)


def _ranking_headline(request: _Request, rows: Sequence[Row], shown: dict[str, Value]) -> Message:
    args, main = request.args, request.main
    key, values = rows[0]
    highest = args.order == "highest"
    # In Chinese a ranked unit has its full name: 最高的月份, while a series is 按月.
    shown["dimension"] = tuple(Label(by_label(d).en, d.label.zh) for d in request.dimensions)
    shown |= {"name": _name(request, key), "value": request.quantity(main, values[main.id])}
    if args.rank_by == "change":
        if highest:
            return say("Largest rise in {metric} by {dimension}, {period}: {name}", **shown)
        return say("Largest fall in {metric} by {dimension}, {period}: {name}", **shown)
    if len(rows) == 1:
        if highest:
            return say("Highest {metric} by {dimension}, {period}: {name} with {value}", **shown)
        return say("Lowest {metric} by {dimension}, {period}: {name} with {value}", **shown)
    shown["things"] = _things(request)
    if highest:
        return say_n(
            "Top {count} {things} by {metric}, {period}: {name} leads with {value}",
            "Top {count} {things} by {metric}, {period}: {name} leads with {value}",
            len(rows),
            **shown,
        )
    return say_n(
        "Lowest {count} {things} by {metric}, {period}: {name} comes last with {value}",
        "Lowest {count} {things} by {metric}, {period}: {name} comes last with {value}",
        len(rows),
        **shown,
    )


def _things(request: _Request) -> Value:
    """What the groups are: products; pairs of country and product."""
    if len(request.dimensions) == 1:
        return plural(request.dimensions[0])
    return say("pairs of {dimensions}", dimensions=tuple(by_label(d) for d in request.dimensions))


def _group_lines(request: _Request, rows: Sequence[Row]) -> tuple[Message, ...]:
    """The highest and the lowest group; calendar units that are cut short are neither."""
    main, grain = request.main, request.grain
    if request.args.top or len(request.dimensions) > 1:
        return ()
    known = [
        (key, values[main.id])
        for key, values in rows
        if values[main.id] is not None and not (grain and request.is_partial(key[0], grain))
    ]
    if len(known) < 2:
        return ()
    high, low = max(value or 0 for _key, value in known), min(value or 0 for _key, value in known)
    if high == low:
        if len(known) == 2:
            return (say("Both: {value}", value=request.quantity(main, high)),)
        return (say("All the same: {value}", value=request.quantity(main, high)),)
    return (
        say(
            "Highest: {high} ({high_value}); lowest: {low} ({low_value})",
            high=_tied(request, [key for key, value in known if value == high]),
            high_value=request.quantity(main, high),
            low=_tied(request, [key for key, value in known if value == low]),
            low_value=request.quantity(main, low),
        ),
    )


def _tied(request: _Request, keys: Sequence[Key]) -> Value:
    """The groups that share a value: by name, or how many where they are many."""
    if len(keys) > 3:
        return say_n("{count} {things}", "{count} {things}", len(keys), things=_things(request))
    return _name(request, keys[0]) if len(keys) == 1 else tuple(_name(request, key) for key in keys)


@dataclass(frozen=True)
class _BestWhole:
    """The first of a ranking over time among whole calendar units, where one that is cut short came first."""

    lines: tuple[Message, ...] = ()
    facts: tuple[Fact, ...] = ()
    sql: tuple[str, ...] = ()


def _best_whole(request: _Request, groups: Groups) -> _BestWhole:
    args, main, grain = request.args, request.main, request.grain
    if args.top != 1 or args.rank_by != "value" or grain is None or len(request.dimensions) > 1:
        return _BestWhole()
    if not any(isinstance(start, date) and request.is_partial(start, grain) for (start,) in groups):
        return _BestWhole()
    every, sql = _query(request, request.period, having=args.having)
    whole = [
        (start, values[main.id])
        for (start,), values in every.items()
        if not request.is_partial(start, grain) and values[main.id] is not None
    ]
    if not whole:
        return _BestWhole()
    sign = -1 if args.order == "highest" else 1
    start, value = min(whole, key=lambda row: (sign * (row[1] or 0), row[0]))
    shown: dict[str, Value] = {
        "grain": Label(grain, request.dimensions[0].label.zh),
        "name": _unit_name(start, grain),
        "value": request.quantity(main, value),
    }
    line = (
        say("Highest whole {grain}: {name} ({value})", **shown)
        if args.order == "highest"
        else say("Lowest whole {grain}: {name} ({value})", **shown)
    )
    where = {f.dimension: ", ".join(f.values) for f in args.filters if f.op == "in"}
    return _BestWhole((line,), (Fact(main.id, value, request.unit(main), unit(start, grain), where),), sql)


def _partial_caveats(request: _Request, rows: Sequence[Row]) -> tuple[Message, ...]:
    """Says which calendar units of the answer the period or the data cuts short."""
    grain = request.grain
    if grain is None or request.args.average_per:
        return ()
    at = next(i for i, d in enumerate(request.dimensions) if d.grain)
    starts = sorted({key[at] for key, _values in rows if isinstance(key[at], date)})
    found: list[Message] = []
    for whole in (unit(start, grain) for start in starts if request.is_partial(start, grain)):
        part = Period(max(whole.start, request.covered.start), min(whole.end, request.covered.end))
        found.append(say("Incomplete: {unit}, with {part} only.", unit=_unit_name(whole.start, grain), part=part))
    return tuple(found)


def _group_facts(request: _Request, rows: Sequence[Row], base: Groups, total: float | int | None) -> tuple[Fact, ...]:
    facts: list[Fact] = []
    zero: dict[str, float | int | None] = {m.id: 0 if m.empty_is_zero else None for m in request.metrics}
    fixed = {f.dimension: ", ".join(f.values) for f in request.args.filters if f.op == "in"}
    for key, values in rows[:MAX_ROWS]:
        where = dict(fixed)
        period, before_period = request.period, request.baseline
        for dimension, cell in zip(request.dimensions, key, strict=True):
            if dimension.grain and isinstance(cell, date):
                whole = unit(cell, dimension.grain)
                period = Period(max(whole.start, period.start), min(whole.end, period.end))
            else:
                where[dimension.id] = str(cell)
        for metric in request.metrics:
            facts.append(Fact(metric.id, values[metric.id], request.unit(metric), period, where))
            if before_period and not request.grain:
                before = base.get(key, zero)[metric.id]
                facts.append(Fact(metric.id, before, request.unit(metric), before_period, where))
                facts += _change_facts(request, metric, values[metric.id], before, where)
        if request.args.share:
            value = values[request.main.id]
            share = value / total if value is not None and total else None
            facts.append(Fact(f"{request.main.id}_share", share, "ratio", period, where))
    if total is not None:
        outer = {f.dimension: ", ".join(f.values) for f in _outer_filters(request) if f.op == "in"}
        facts.append(Fact(request.main.id, total, request.unit(request.main), request.period, outer))
    return tuple(facts)


def _chart(request: _Request, rows: int) -> Chart | None:
    """A line over time, bars otherwise; nothing where a single value is the answer."""
    if rows < 2 or len(request.dimensions) > 2:
        return None
    main = request.main
    same_unit = tuple(m.id for m in request.metrics if request.unit(m) == request.unit(main))
    y: tuple[str, ...] = (main.id, f"{main.id}_baseline") if request.baseline else same_unit
    title = say(
        "{metric} by {dimension}",
        metric=_title(request, main),
        dimension=tuple(by_label(d) for d in request.dimensions),
    )
    time = next((d for d in request.dimensions if d.grain), None)
    other = next((d for d in request.dimensions if d is not time), None)
    if time is not None and not request.args.top:
        return Chart("line", title, time.id, y if other is None else (main.id,), other.id if other else None)
    first = request.dimensions[0]
    label = f"{first.id}_name" if first.names else first.id
    if len(request.dimensions) == 2:
        return Chart("bar", title, label, (main.id,), request.dimensions[1].id)
    return Chart("bar", title, label, y)


# --- How it came about ----------------------------------------------------------------------------------------


def _where(request: _Request) -> Value:
    """The filters as they follow a metric's name."""
    catalog = request.context.catalog
    phrases: list[Value] = []
    for condition in request.args.filters:
        dimension = catalog.dimension(condition.dimension)
        values = [_value_name(request, dimension, value) for value in condition.values]
        phrases.append(filter_phrase(dimension, condition, values))
    return joined(phrases)


def _filter_text(request: _Request, condition: Filter) -> Message:
    dimension = request.context.catalog.dimension(condition.dimension)
    return filter_noun(dimension, condition, [_value_name(request, dimension, value) for value in condition.values])


def _caveats(request: _Request, *, totalled: bool = False) -> tuple[Message, ...]:
    found: list[Message] = []
    whole = (request.period, *((request.baseline,) if request.baseline else ()))
    if any(period.start < request.first.date() for period in whole):
        found.append(say("The data begins on {day}; nothing before that is in the figure.", day=request.first.date()))
    if request.period.end > request.last.date():
        # An unfinished period is the usual case, so it says how far it has come.
        found.append(say("The data reaches to {time}; later days are not in the figure.", time=request.last))
    if request.baseline:
        now, before = request.covered.days, _covered(request.baseline, request.first, request.last).days
        if abs(now - before) > 0.2 * max(now, before):
            found.append(say("The periods are of different length: {now} and {before} days.", now=now, before=before))
    parts = {part.id for part in request.parts()}
    if "new_customers" in parts and any(p.start < request.first.date() + NEW_AT_FIRST for p in whole):
        found.append(
            say(
                "The data begins on {day}: customers count as new at their first purchase since then, so the "
                "first months look too high.",
                day=request.first.date(),
            )
        )
    if parts & {"active_customers", "new_customers", "returning_customers", "repeat_customers"}:
        found += _unknown_customers(request)
    elif "customer" in request.args.by and totalled:
        found += _unknown_customers(request, listed=True)
    if "discounts" in parts and not _has_discounts(request):
        found.append(say("The data holds no discounts at all."))
    return tuple(found)


def _has_discounts(request: _Request) -> bool:
    everything = Query(("discounts",), (), (), Period(request.first.date(), request.last.date()))
    return bool(request.engine.run(everything).groups.get((), {}).get("discounts"))


def _unknown_customers(request: _Request, *, listed: bool = False) -> list[Message]:
    """Customer figures leave out sales without a customer: how much that is, where it matters."""
    query = Query(("sales_before_returns", "sales_of_known_customers"), (), request.args.filters, request.period)
    values = request.engine.run(query).groups.get((), {})
    sales, known = values.get("sales_before_returns") or 0, values.get("sales_of_known_customers") or 0
    if not sales or known / sales > 0.99:
        return []
    if listed:
        return [
            say(
                "{share} of sales have no known customer: they are in the total, but in no row.",
                share=Quantity(1 - known / sales, "ratio"),
            )
        ]
    return [
        say(
            "{share} of sales have no known customer and are not counted here.",
            share=Quantity(1 - known / sales, "ratio"),
        )
    ]


def _provenance(request: _Request, sql: tuple[str, ...]) -> Provenance:
    catalog = request.context.catalog
    definition = [
        say("{metric}: {definition}", metric=m.label.label, definition=m.definition.label) for m in request.metrics
    ]
    if request.args.average_per:
        covered = _units_in(request.covered, request.args.average_per)
        grain = plural(catalog.dimension(request.args.average_per))
        definition.append(
            say(
                "Divided by {units} {grain}.",
                units=Quantity(covered, "number" if covered % 1 else "count"),
                grain=grain,
            )
        )
    if request.baseline:
        definition.append(say("Compared with {period}.", period=request.baseline))
    return Provenance(
        definition=tuple(definition),
        period=request.period,
        filters=tuple(_filter_text(request, f) for f in request.args.filters),
        sql=sql,
        tables=tuple(dict.fromkeys(t for m in request.metrics for t in catalog.tables_of(m))),
        as_of=request.last,
    )


def _dump(args: MetricsArgs) -> dict[str, Any]:
    """The call as JSON, without what stands at its default."""
    return args.model_dump(mode="json", exclude_defaults=True)


def _follow_ups(request: _Request) -> tuple[FollowUp, ...]:
    """The next questions a marketer asks: over time, by the first useful dimension, against last year."""
    args, catalog = request.args, request.context.catalog
    found: list[FollowUp] = []

    def offer(label: Message, **changes: Any) -> None:
        found.append(FollowUp(label, ToolCall("metrics", _dump(args.model_copy(update=changes)))))

    if args.compare is None and not args.average_per:
        year_ago = request.covered.year_ago() if request.period.end > request.last.date() else request.period.year_ago()
        if year_ago.start >= request.first.date():
            offer(say("Against a year ago"), compare=Days(start=year_ago.start, end=year_ago.end))
    if not args.by:
        grain = _fitting_grain(request.period)
        if grain:
            offer(say("By {dimension}", dimension=by_label(catalog.dimension(grain))), by=(grain,), share=False)
        filtered = {f.dimension for f in args.filters}
        for name in ("country", "category", "channel", "product"):
            dimension = catalog.dimension(name)
            usable = all(dimension in catalog.dimensions_of(metric) for metric in request.metrics)
            if usable and name not in filtered and request.known.any_for(dimension, request.metrics):
                offer(
                    say("By {dimension}", dimension=by_label(dimension)), by=(name,), top=10, compare=None, share=False
                )
                break
    elif request.grain is None and request.baseline is None:
        previous = request.period.previous()
        if previous.end >= request.first.date():
            offer(say("Against {period}", period=previous), compare=Days(start=previous.start, end=previous.end))
    return tuple(found[:3])


def _fitting_grain(period: Period) -> Grain | None:
    """A grain that cuts the period into a readable number of steps."""
    for grain, longest in (("day", 45), ("week", 130), ("month", 1200)):
        if period.days <= longest:
            return grain if period.days > 1 else None  # type: ignore[return-value]
    return "year"


NOVEMBER = {"start": "2011-11-01", "end": "2011-11-30"}
TOOL = Tool(
    name="metrics",
    title=Label("Figures", "指标"),
    description=(
        "Computes business metrics (net sales, orders, AOV, customers, rates …) for a period: one figure, split by "
        "dimensions, filtered, compared with another period, ranked, or as a series over time."
    ),
    args=MetricsArgs,
    run=run,
    needs=("order_lines",),
    examples=(
        Example(
            Label("What were net sales in November 2011?", "2011年11月的净销售额是多少？"),
            {"metrics": ["net_sales"], "period": NOVEMBER},
        ),
        Example(
            Label("Top 5 products by revenue last month", "上个月销售额最高的5个商品"),
            {"metrics": ["net_sales"], "by": ["product"], "period": NOVEMBER, "top": 5},
        ),
        Example(
            Label("Return rate last month compared with the month before", "上个月的退货率，环比"),
            {
                "metrics": ["return_rate"],
                "period": NOVEMBER,
                "compare": {"start": "2011-10-01", "end": "2011-10-31"},
            },
        ),
        Example(
            Label("Monthly orders this year", "今年每月的订单数"),
            {"metrics": ["orders"], "by": ["month"], "period": {"start": "2011-01-01", "end": "2011-12-09"}},
        ),
    ),
)
