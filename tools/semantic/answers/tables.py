"""Groups as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tools.answer import Cell, Column, Table
from tools.messages import Label
from tools.semantic.answers.naming import code_title, column_titles, part_labels
from tools.semantic.answers.request import MAX_ROWS, Request, Row
from tools.semantic.answers.single import change_of
from tools.semantic.query import Groups
from tools.warehouse.values import names_of


def group_table(request: Request, rows: Sequence[Row], base: Groups, total: float | int | None) -> tuple[Table, int]:
    columns: list[Column] = []
    names: dict[str, Mapping[str, Label]] = {}
    for i, dimension in enumerate(request.dimensions):
        cells = [str(key[i]) for key, _values in rows[:MAX_ROWS] if key[i] is not None]
        labels = part_labels(request, dimension, cells)
        spare = dimension.names is not None
        columns.append(Column(dimension.id, code_title(dimension), grain=dimension.grain, labels=labels, spare=spare))
        if dimension.names:
            names[dimension.id] = names_of(request.context.warehouse, dimension, cells)
            shown = {label.en: label for label in names[dimension.id].values()}
            columns.append(Column(f"{dimension.id}_name", dimension.label.label, labels=shown))
    compared = request.baseline is not None
    for metric in request.metrics:
        title, before_title = column_titles(request, metric)
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
                change, relative = change_of(value, before)
                row += [before, change] if metric.unit == "ratio" else [before, change, relative]
        if total is not None:
            value = values[request.main.id]
            row.append(value / total if value is not None and total else None)
        table_rows.append(tuple(row))
    return Table(tuple(columns), tuple(table_rows), len(rows)), len(table_rows)
