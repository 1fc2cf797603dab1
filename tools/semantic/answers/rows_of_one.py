"""One figure as a table of one row, for a file: its days, what it is limited to, its value and its baseline's."""

from __future__ import annotations

from collections.abc import Mapping

from tools.answer import Cell, Column, Table
from tools.messages import Label, say
from tools.semantic.answers.naming import title_of, value_name
from tools.semantic.answers.request import Request


def one_row(
    request: Request,
    values: Mapping[str, float | int | None],
    base: Mapping[str, float | int | None],
    share: float | int | None,
) -> Table:
    """The figures of a request without groups; `share` is the first one's part of all, where it was asked for."""
    columns = [Column("start", Label("From", "开始日期")), Column("end", Label("To", "结束日期"))]
    cells: list[Cell] = [request.period.start, request.period.end]
    for condition in request.args.filters:
        dimension = request.context.catalog.dimension(condition.dimension)
        named = tuple(value_name(request, dimension, value) for value in condition.values)
        columns.append(Column(dimension.id, dimension.label.label))
        cells.append(say("{values}", values=named) if condition.op == "in" else say("All but {values}", values=named))
    for metric in request.metrics:
        title, unit = title_of(request, metric), request.shown_unit(metric)
        columns.append(Column(metric.id, title, unit, good=metric.good))
        cells.append(values.get(metric.id))
        if request.baseline is not None:
            before = say("{metric}, {period}", metric=title, period=request.baseline)
            columns.append(Column(f"{metric.id}_baseline", before, unit))
            cells.append(base.get(metric.id))
    if request.args.share:
        columns.append(Column(f"{request.main.id}_share", Label("Share", "占比"), "ratio"))
        cells.append(share)
    return Table(tuple(columns), (tuple(cells),), 1)
