"""Tables in a monospaced font, narrow enough for a phone. Numbers are never cut; names are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from bot.rendering.text import fit, pad, pieces, width, wrap
from tools.answer import Table
from tools.messages import Label, Message, Quantity

if TYPE_CHECKING:
    from bot.rendering.voice import Voice
    from tools.answer import Cell, Column

# What a phone shows of <pre> without wrapping, in columns.
PHONE_WIDTH = 36
MAX_ROWS = 12
# A table that is hardly longer is shown whole.
_MORE_ROWS = 3
_GAPS = ("  ", " ")
_LEAST_TEXT = 8
_MOST_HEADER = 9
_COMFORTABLE_TEXT = 14
_SPACIOUS_TEXT = 20
_MOST_TEXT = 28
_HEADER_LINES = 3
_MOST_SERIES = 3


@dataclass(frozen=True)
class Monospaced:
    """The table as text, and how many rows and columns of it did not fit."""

    text: str
    hidden_rows: int
    hidden_columns: int


@dataclass(frozen=True)
class _Laid:
    header: str
    cells: list[str]
    right: bool
    natural: int
    least: int


def label(column: Column, voice: Voice) -> str:
    """A column's name in the reader's language."""
    return voice.value(column.label) if isinstance(column.label, Label) else voice.text(column.label)


def is_number(column: Column, cells: list[Cell]) -> bool:
    """Whether a column's cells are numbers, and so align right; also figures that each have a unit of their own."""
    return (
        column.grain is None
        and not column.labels
        and all(
            cell is None or _is_figure(cell) or (isinstance(cell, int | float) and not isinstance(cell, bool))
            for cell in cells
        )
    )


def _is_figure(cell: Cell) -> bool:
    """Whether a message says a figure and nothing else."""
    return isinstance(cell, Message) and [type(value) for value in cell.values.values()] == [Quantity]


def monospaced(table: Table, voice: Voice, columns: int = PHONE_WIDTH, rows: int = MAX_ROWS) -> Monospaced:
    """The first rows of `table`, at most `columns` wide.

    Spare columns go first, then digits (every column keeps to one scale), then text is cut to an ellipsis; then
    the last columns are left out, and counted. Width counts CJK as two.
    """
    shown = table.rows if max(table.total_rows, len(table.rows)) <= rows + _MORE_ROWS else table.rows[:rows]
    laid, gap = _best(table, shown, voice, columns)
    kept = len(laid)
    while kept > 1 and sum(c.least for c in laid[:kept]) + len(gap) * (kept - 1) > columns:
        kept -= 1
    widths = _widths(laid[:kept], columns - len(gap) * (kept - 1))
    lines = _header(laid[:kept], widths, gap)
    if lines:
        lines.append("─" * max(width(line) for line in lines))
    for number in range(len(shown)):
        row = [
            pad(fit(column.cells[number], size), size, right=column.right)
            for column, size in zip(laid[:kept], widths, strict=True)
        ]
        lines.append(gap.join(row).rstrip())
    total = max(table.total_rows, len(table.rows))
    return Monospaced("\n".join(lines), total - len(shown), len(laid) - kept)


def upright(table: Table, voice: Voice, columns: int = PHONE_WIDTH) -> Monospaced:
    """The one row of `table` as a list: each column's name, and beside it what it holds. Empty cells are left out."""
    (row,) = table.rows
    known = [(column, cell) for column, cell in zip(table.columns, row, strict=True) if cell is not None]
    names = [voice.header(column) for column, _cell in known]
    left = min(max(map(width, names), default=0), columns // 2)
    lines = []
    for name, (column, cell) in zip(names, known, strict=True):
        written = wrap(voice.cell(cell, column), columns - left - 2, _HEADER_LINES)
        wrapped = wrap(name, left, _HEADER_LINES)
        for number in range(max(len(written), len(wrapped))):
            head = wrapped[number] if number < len(wrapped) else ""
            body = written[number] if number < len(written) else ""
            lines.append(f"{pad(head, left, right=False)}  {body}".rstrip())
    return Monospaced("\n".join(lines), 0, 0)


def side_by_side(table: Table, x: str, series: str, y: str) -> Table:
    """A table of x, series and y with a column for each series, as a phone reads it better; else `table` itself."""
    names = [column.name for column in table.columns]
    if sorted(names) != sorted((x, series, y)) or table.total_rows > len(table.rows):
        return table
    at_x, at_series, at_y = names.index(x), names.index(series), names.index(y)
    kinds = list(dict.fromkeys(_series_name(row[at_series]) for row in table.rows))
    if not 2 <= len(kinds) <= _MOST_SERIES:
        return table
    rows: dict[Cell, dict[str, Cell]] = {}
    for row in table.rows:
        rows.setdefault(row[at_x], {})[_series_name(row[at_series])] = row[at_y]
    called = table.columns[at_series].labels
    columns = [replace(table.columns[at_y], name=kind, label=called.get(kind, Label(kind))) for kind in kinds]
    wide = tuple((key, *(cells.get(kind) for kind in kinds)) for key, cells in rows.items())
    return Table((table.columns[at_x], *columns), wide, len(wide))


def _series_name(cell: Cell) -> str:
    return "–" if cell is None else str(cell)


def _best(table: Table, shown: tuple[tuple[Cell, ...], ...], voice: Voice, columns: int) -> tuple[list[_Laid], str]:
    """The fullest form that fits, and its gap: with spare columns and all digits, closer, or in short figures."""
    wide, close = _GAPS
    # A code is needed where its name is not known.
    last = len(table.columns) - 1
    spare = [
        i
        for i, column in enumerate(table.columns)
        if column.spare
        and (
            any(_is_figure(row[i]) for row in shown)
            or (i < last and (column.unit or all(row[i + 1] is not None for row in shown)))
        )
    ]
    laid: list[_Laid] = []
    for style in dict.fromkeys(("full", voice.number_style)):
        everything = _lay_all(table, shown, replace(voice, number_style=style))
        for dropped in range(len(spare) + 1):
            left_out = set(spare[len(spare) - dropped :])
            laid = [column for i, column in enumerate(everything) if i not in left_out]
            if _needed(laid, _COMFORTABLE_TEXT if dropped == len(spare) else _SPACIOUS_TEXT, wide) <= columns:
                return laid, wide
        for gap in (close,) if style == "full" else (wide, close):
            if _needed(laid, _LEAST_TEXT, gap) <= columns:
                return laid, gap
    return laid, wide


def _lay_all(table: Table, shown: tuple[tuple[Cell, ...], ...], voice: Voice) -> list[_Laid]:
    return [_lay(column, [row[i] for row in shown], voice) for i, column in enumerate(table.columns)]


def _needed(laid: list[_Laid], text: int, gap: str) -> int:
    """The width at which text still has so many columns, or all that it fills."""
    return sum(max(c.least, min(c.natural, text)) for c in laid) + len(gap) * (len(laid) - 1)


def _lay(column: Column, cells: list[Cell], voice: Voice) -> _Laid:
    right = is_number(column, cells) and any(cell is not None for cell in cells)
    dates = _are_dates(column, cells)
    # Below one another, dates of one width are compared at a glance; none may lose its year.
    written = [_iso(cell) for cell in cells] if dates else voice.cells(cells, column)
    header = voice.header(column)
    body = max((width(cell) for cell in written), default=0)
    if right or dates or column.grain is not None:
        least = max(body, _least_header(header))
        return _Laid(header, written, right, max(least, min(width(header), 12)), least)
    natural = min(max(body, min(width(header), 12)), _MOST_TEXT)
    return _Laid(header, written, right, natural, min(natural, _LEAST_TEXT))


def _are_dates(column: Column, cells: list[Cell]) -> bool:
    known = [cell for cell in cells if cell is not None]
    return bool(known) and column.grain is None and not column.labels and all(isinstance(c, date) for c in known)


def _iso(cell: Cell) -> str:
    return str(cell)[:10] if isinstance(cell, date) else "–"


def _least_header(header: str) -> int:
    """The narrowest column in which a header still reads on two lines."""
    return min(max((width(piece.rstrip()) for piece in pieces(header)), default=0), _MOST_HEADER)


def _widths(laid: list[_Laid], available: int) -> list[int]:
    """Each column's least width, and what is left shared out from the left."""
    widths = [column.least for column in laid]
    left = available - sum(widths)
    for index, column in enumerate(laid):
        more = max(min(column.natural - widths[index], left), 0)
        widths[index] += more
        left -= more
    return [min(size, available) for size in widths]


def _header(laid: list[_Laid], widths: list[int], gap: str) -> list[str]:
    wrapped = [wrap(column.header, size, _HEADER_LINES) for column, size in zip(laid, widths, strict=True)]
    height = max((len(lines) for lines in wrapped), default=0)
    if not any(any(lines) for lines in wrapped):
        return []
    return [
        gap.join(
            pad(([""] * (height - len(lines)) + lines)[line], size, right=column.right)
            for lines, size, column in zip(wrapped, widths, laid, strict=True)
        ).rstrip()
        for line in range(height)
    ]
