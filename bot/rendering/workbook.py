"""A table as an XLSX workbook. Strings are written as strings, never as formulas."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, cast

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from bot.rendering.numbers import currency_symbol, defined, is_money
from bot.rendering.tables import label
from bot.rendering.text import width

if TYPE_CHECKING:
    from bot.rendering.voice import Voice
    from tools.answer import Cell, Column, Table

_MAX_CELL = 32_767
_MAX_WIDTH = 60
_SAMPLE = 200
_NUMBER_FORMATS = {
    "ratio": "0.0%",
    "days": "#,##0.0",
    "score": "0.00",
    "factor": "0.00",
    "number": "0.00",
    "points": "0.00%",
}


def workbook(table: Table, voice: Voice) -> bytes:
    """The bytes of a workbook: typed cells, number formats by unit, a bold frozen header, widths to the content."""
    book = Workbook(write_only=True)
    # The stubs know less of a write-only sheet than it can do.
    sheet: Any = book.create_sheet(title="marketbot")
    sheet.freeze_panes = "A2"
    sample = table.rows[:_SAMPLE]
    for number, column in enumerate(table.columns):
        cells = [label(column, voice), *voice.cells([row[number] for row in sample], column)]
        sheet.column_dimensions[get_column_letter(number + 1)].width = min(max(map(width, cells)) + 3, _MAX_WIDTH)
    sheet.append([_header_cell(sheet, label(column, voice)) for column in table.columns])
    formats = [
        _number_format(column, voice, whole=all(isinstance(row[number], int | None) for row in sample))
        for number, column in enumerate(table.columns)
    ]
    for row in table.rows:
        sheet.append(
            [
                _xlsx_cell(sheet, voice.label_of(cell, column) or cell, format_)
                for cell, column, format_ in zip(row, table.columns, formats, strict=True)
            ]
        )
    if table.rows and table.columns:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.columns))}{len(table.rows) + 1}"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _header_cell(sheet: Any, text: str) -> SheetCell:
    cell = _text_cell(sheet, text)
    cell.font = Font(bold=True)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _text_cell(sheet: Any, text: str) -> SheetCell:
    clean = ILLEGAL_CHARACTERS_RE.sub("", text).encode("utf-8", errors="replace").decode("utf-8")[:_MAX_CELL]
    cell: Any = WriteOnlyCell(sheet, value="")
    # Setting the type by hand keeps "=1+1" and "#N/A" the text that they are.
    cell._value = clean
    cell.data_type = "s"
    return cast("SheetCell", cell)


def _xlsx_cell(sheet: Any, cell: Cell, number_format: str | None) -> SheetCell | None:
    if cell is None or (isinstance(cell, float) and not defined(cell)):
        return None
    if isinstance(cell, str):
        return _text_cell(sheet, cell)
    if isinstance(cell, datetime) and cell.tzinfo is not None:
        cell = cell.replace(tzinfo=None)
    written = WriteOnlyCell(sheet, value=cast("datetime", cell))
    if isinstance(cell, datetime):
        written.number_format = "yyyy-mm-dd hh:mm"
    elif isinstance(cell, date):
        written.number_format = "yyyy-mm-dd"
    elif number_format and not isinstance(cell, bool):
        written.number_format = number_format
    return written


def _number_format(column: Column, voice: Voice, *, whole: bool) -> str | None:
    if column.unit is None:
        return None
    if column.unit in ("count", "units"):
        return "#,##0" if whole else "#,##0.00"
    if is_money(column.unit):
        symbol = currency_symbol(column.unit, voice.language)
        return f'"{symbol}"#,##0.00'
    return _NUMBER_FORMATS.get(column.unit)
