"""One figure, alone or beside its baseline."""

from __future__ import annotations

from collections.abc import Mapping

from tools.answer import Answer, Cell, Column, Fact, Table
from tools.messages import Label, Message, Quantity, Value, say
from tools.semantic.answers.around import caveats_of, follow_ups_of, provenance_of
from tools.semantic.answers.naming import title_of, where_phrase
from tools.semantic.answers.request import Request, groups_of
from tools.semantic.answers.rows_of_one import one_row
from tools.semantic.catalog import Metric
from tools.semantic.query import Query


def single_figure(request: Request) -> Answer:
    args = request.args
    groups, sql = groups_of(request, request.period)
    values = groups.get((), {})
    base: Mapping[str, float | int | None] = {}
    if request.baseline:
        base_groups, base_sql = groups_of(request, request.baseline)
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
            facts += change_facts(request, metric, value, before, where)
        if metric is not request.main:
            lines.append(
                say("{metric}: {value}", metric=title_of(request, metric), value=request.quantity(metric, value))
            )
        if request.baseline:
            lines.append(_change_line(request, metric, value, base.get(metric.id)))
    share: float | int | None = None
    if args.share:
        share_fact, share_line, share_sql = _share_of_all(request, values.get(request.main.id), where)
        facts.append(share_fact)
        share = share_fact.value
        lines.insert(0, share_line)
        sql = (*sql, *share_sql)
    headline = _headline(request, values.get(request.main.id))
    table = _single_table(request, values, base) if request.baseline or len(request.metrics) > 1 else None
    return Answer(
        headline=headline,
        lines=tuple(lines),
        facts=tuple(facts),
        table=table,
        whole=one_row(request, values, base, share) if table is None else None,
        file_name="metrics",
        follow_ups=follow_ups_of(request),
        caveats=caveats_of(request),
        provenance=provenance_of(request, sql),
    )


def _headline(request: Request, value: float | int | None) -> Message:
    shown = {
        "metric": title_of(request, request.main),
        "period": request.period,
        "value": request.quantity(request.main, value),
    }
    if value is None:
        if request.args.filters:
            return say(
                "{metric} {where}, {period}: not defined, there is nothing to count.",
                **shown,
                where=where_phrase(request),
            )
        return say("{metric}, {period}: not defined, there is nothing to count.", **shown)
    if request.args.filters:
        return say("{metric} {where}, {period}: {value}", **shown, where=where_phrase(request))
    return say("{metric}, {period}: {value}", **shown)


def change_facts(
    request: Request, metric: Metric, value: float | int | None, before: float | int | None, where: Mapping[str, str]
) -> list[Fact]:
    change, relative = change_of(value, before)
    ratio = metric.unit == "ratio"
    facts = [Fact(f"{metric.id}_change", change, "points" if ratio else request.unit(metric), request.period, where)]
    if not ratio:
        facts.append(Fact(f"{metric.id}_change_rate", relative, "ratio", request.period, where))
    return facts


def change_of(value: float | int | None, before: float | int | None) -> tuple[float | None, float | None]:
    """Absolute and relative change; the relative one has no meaning on a baseline of zero or less."""
    if value is None or before is None:
        return None, None
    return value - before, (value - before) / before if before > 0 else None


def _change_line(request: Request, metric: Metric, value: float | int | None, before: float | int | None) -> Message:
    change, relative = change_of(value, before)
    baseline = request.baseline
    shown: dict[str, Value] = {"before": request.quantity(metric, before), "metric": title_of(request, metric)}
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
    request: Request, value: float | int | None, where: Mapping[str, str]
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
    request: Request, values: Mapping[str, float | int | None], base: Mapping[str, float | int | None]
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
        change, relative = change_of(value, before)
        cells: tuple[Cell, ...] = (metric.id, value, before, change)
        rows.append((*cells, relative) if unit_ != "ratio" else cells)
    return Table(tuple(columns), tuple(rows), len(rows))
