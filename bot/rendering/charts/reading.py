"""A table as lines and bars: the places on the axis, and a value for each place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from bot.rendering.charts.frame import BASELINE, PALETTE, drawable
from bot.rendering.numbers import defined
from bot.rendering.text import width, wrap
from tools.answer import Cell, Chart, Column, Provenance, Table
from tools.messages import Message, Quantity, say
from tools.semantic.periods import Grain, Period, split, unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.rendering.voice import Voice

MAX_BARS = 12
MAX_COLUMNS = 31
MAX_SERIES = 6


@dataclass(frozen=True)
class Track:
    """One line, or one group's bars: a name, a colour, and a value (or None) for each place on the axis."""

    name: str
    color: str
    values: tuple[float | None, ...]
    unit: str = "count"
    signed: bool = False
    baseline: bool = False

    def quantities(self) -> list[Quantity]:
        return [Quantity(value, self.unit, self.signed) for value in self.values]


@dataclass(frozen=True)
class Axis:
    """The places on the category axis: a label each (one or more lines), and which are incomplete periods.

    `in_order` places are times, weekdays or hours: columns from left to right.
    """

    labels: tuple[tuple[str, ...], ...]
    partial: frozenset[int]
    in_order: bool


def read_table(
    chart: Chart, table: Table, columns: dict[str, int], voice: Voice, provenance: Provenance
) -> tuple[Axis, list[Track], list[Message]]:
    x, ys = columns[chart.x], [columns[name] for name in chart.y]
    x_column = table.columns[x]
    notes: list[Message] = []
    keys = list(dict.fromkeys(plain_key(row[x]) for row in table.rows))
    grain = x_column.grain
    is_time = grain is not None and all(isinstance(key, date) for key in keys)
    if is_time and grain is not None:
        keys = _every_unit(keys, grain)
        limit = None if chart.kind == "line" else MAX_COLUMNS
        if limit and len(keys) > limit:
            keys = keys[-limit:]
    elif chart.kind == "bar" and len(keys) > (MAX_COLUMNS if _is_ordinal(x_column, keys) else MAX_BARS):
        notes.append(say("first {shown} of {total}", shown=MAX_BARS, total=max(table.total_rows, len(keys))))
        keys = keys[:MAX_BARS]
    place = {key: index for index, key in enumerate(keys)}
    tracks: list[Track] = []
    if chart.series is None:
        for order, y in enumerate(ys):
            column = table.columns[y]
            cells = _placed(((row[x], row[y]) for row in table.rows), place)
            color = PALETTE[0] if order == 0 else BASELINE if order == 1 else PALETTE[order % len(PALETTE)]
            tracks.append(_track(voice.header(column), color, cells, column, baseline=order == 1))
    else:
        s, y = columns[chart.series], ys[0]
        by_name: dict[str, list[tuple[Cell, Cell]]] = {}
        for row in table.rows:
            by_name.setdefault(voice.cells([row[s]], table.columns[s])[0], []).append((row[x], row[y]))
        names = sorted(by_name, key=lambda name: -sum(abs(number(value) or 0) for _, value in by_name[name]))
        if len(names) > MAX_SERIES:
            notes.append(say("{shown} greatest of {total}", shown=MAX_SERIES, total=len(names)))
        for order, name in enumerate(names[:MAX_SERIES]):
            cells = _placed(by_name[name], place)
            tracks.append(_track(name, PALETTE[order], cells, table.columns[y]))
    in_order = is_time or (len(ys) == 1 and chart.series is None and _is_ordinal(x_column, keys))
    return Axis(axis_labels(keys, x_column, voice), _partial(keys, grain, provenance), in_order), tracks, notes


def plain_key(cell: Cell) -> Cell:
    return cell.date() if isinstance(cell, datetime) else cell


def _every_unit(keys: Sequence[Cell], grain: Grain) -> list[Cell]:
    days = [key for key in keys if isinstance(key, date)]
    return [part.start for part in split(Period(min(days), max(days)), grain)]


def _placed(pairs: Iterable[tuple[Cell, Cell]], place: dict[Cell, int]) -> list[float | None]:
    cells: list[float | None] = [None] * len(place)
    for key, value in pairs:
        index = place.get(plain_key(key))
        if index is not None:
            cells[index] = number(value)
    return cells


def number(cell: Cell) -> float | None:
    return float(cell) if isinstance(cell, int | float) and defined(cell) else None


def unit_of(column: Column) -> str:
    return column.unit or "count"


def _track(name: str, color: str, cells: list[float | None], column: Column, *, baseline: bool = False) -> Track:
    return Track(drawable(name, 40), color, tuple(cells), unit_of(column), column.signed, baseline)


def axis_labels(keys: Sequence[Cell], column: Column, voice: Voice) -> tuple[tuple[str, ...], ...]:
    labels: list[tuple[str, ...]] = []
    previous: date | None = None
    for key in keys:
        if isinstance(key, date) and column.grain:
            labels.append(voice.tick(key, column.grain, previous))
            previous = key
        else:
            labels.append(tuple(wrap(drawable(voice.cell(key, column), 80), 24, 2)))
    return tuple(labels)


def _partial(keys: Sequence[Cell], grain: Grain | None, provenance: Provenance) -> frozenset[int]:
    """The units that the period, or the newest day there is, cuts short."""
    if grain in (None, "day"):
        return frozenset()
    period, as_of = provenance.period, provenance.as_of
    cut: set[int] = set()
    for index, key in enumerate(keys):
        if isinstance(key, date):
            whole = unit(key, grain)
            if (period and not period.contains(whole)) or (as_of and whole.end > as_of.date()):
                cut.add(index)
    return frozenset(cut)


def _is_ordinal(column: Column, keys: Sequence[Cell]) -> bool:
    """Whether the places have an order of their own, as weekdays and hours have."""
    return bool(column.labels) and all(isinstance(key, int) for key in keys)


def has_short_labels(axis: Axis) -> bool:
    """Whether the labels are so short that columns can stand side by side in their natural order."""
    return len(axis.labels) <= MAX_BARS and all(len(lines) == 1 and width(lines[0]) <= 4 for lines in axis.labels)
