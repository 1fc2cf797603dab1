"""A table as a heat map: rows and columns of coloured cells with their figures in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from bot.rendering.charts.frame import EM, INK, PADDING, SOFT, WIDTH, Spec, drawable, framed, titled
from bot.rendering.charts.reading import number, plain_key, unit_of
from bot.rendering.text import width
from tools.answer import Chart, Provenance, Table
from tools.messages import Message, Quantity, say

if TYPE_CHECKING:
    from bot.rendering.voice import Voice

MAX_HEAT_ROWS, MAX_HEAT_COLUMNS = 24, 13

# From paper to the house blue's dark end: lightness falls evenly, so it reads without colour too.
RAMP = ("#EEF5FB", "#C6DFF1", "#8FC1E3", "#4E9BCF", "#0969B2", "#084F87")
_PARTIAL = "#A9B1BA"
_LARGE, _LEAST = 20.0, 11.0
_ROW, _HEAD = 40, 36
_GAP = 14
# Cells above this share of the scale are dark enough for white figures.
_DARK = 0.7


@dataclass(frozen=True)
class HeatMap:
    """Rows of cells. `beside` are texts between the rows' names and their cells ("" where there are none).

    `values` None: nothing there, and no cell. `partial` (row, column) cells are drawn hollow and take no part in the
    scale. `apart` rows at the end stand a little apart from the others, as an average does.
    """

    rows: tuple[str, ...]
    beside: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[tuple[float | None, ...], ...]
    texts: tuple[tuple[str, ...], ...]
    partial: frozenset[tuple[int, int]]
    apart: int = 0


def heat_spec(chart: Chart, table: Table, columns: dict[str, int], voice: Voice, provenance: Provenance) -> Spec | None:
    """A heat map of the first 24 rows that hold a figure and the first 13 columns that do."""
    drawn = [name for name in chart.y if any(number(row[columns[name]]) is not None for row in table.rows)]
    rows = [row for row in table.rows if any(number(row[columns[name]]) is not None for name in drawn)]
    if not rows:
        return None
    notes: list[Message] = []
    if len(rows) > MAX_HEAT_ROWS:
        # Of a series in time the newest count, and the average at its end.
        newest = table.columns[columns[chart.x]].grain is not None
        shown = {"shown": MAX_HEAT_ROWS, "total": len(rows)}
        notes.append(say("last {shown} of {total}", **shown) if newest else say("first {shown} of {total}", **shown))
        rows = rows[-MAX_HEAT_ROWS:] if newest else rows[:MAX_HEAT_ROWS]
    drawn = drawn[:MAX_HEAT_COLUMNS]
    values = [[number(row[columns[name]]) for name in drawn] for row in rows]
    unit_ = unit_of(table.columns[columns[drawn[0]]])
    x = table.columns[columns[chart.x]]
    partial = frozenset(
        (r, c)
        for r, row in enumerate(rows)
        for c, name in enumerate(drawn)
        if (plain_key(row[columns[chart.x]]), name) in chart.partial
    )
    if any(values[r][c] is not None for r, c in partial):
        notes.append(say("hollow: incomplete period"))
    # Whole per cents: so many figures are read at a glance, the table has the rest.
    written = iter(
        voice.quantities(
            [Quantity(round(v, 2) if unit_ == "ratio" else v, unit_) for line in values for v in line if v is not None]
        )
    )
    beside = [""] * len(rows)
    if chart.beside is not None:
        # In full: a small cohort is no 0.14万 beside a large total.
        full = replace(voice, number_style="full")
        beside = full.cells([row[columns[chart.beside]] for row in rows], table.columns[columns[chart.beside]])
    keys = [row[columns[chart.x]] for row in rows]
    apart = 0
    while x.grain is not None and apart < len(keys) and not isinstance(keys[-1 - apart], date):
        apart += 1
    heat = HeatMap(
        rows=tuple(drawable(voice.cell(key, x), 16) for key in keys),
        beside=tuple(beside),
        columns=tuple(drawable(voice.header(table.columns[columns[name]]), 12) for name in drawn),
        values=tuple(map(tuple, values)),
        texts=tuple(tuple("" if v is None else next(written) for v in line) for line in values),
        partial=partial,
        apart=apart,
    )
    layers, height = heat_map(heat, WIDTH - 2 * PADDING)
    return framed(titled(chart, voice, provenance, notes), layers, None, height)


def heat_map(heat: HeatMap, plot: float) -> tuple[list[Spec], int]:
    """The layers, and the height in pixels that they take, for a plot of this width."""
    names = max(map(width, heat.rows), default=0) * _LARGE * EM + _GAP
    sizes = max(map(width, heat.beside), default=0) * _LARGE * EM
    left = names + (sizes + _GAP if sizes else 0)
    cell = (plot - left) / max(len(heat.columns), 1)
    low, high = _scale(heat)
    height = _HEAD + _ROW * len(heat.rows) + (_GAP if heat.apart else 0)
    boxes: list[Spec] = []
    for row, values in enumerate(heat.values):
        top = _top(heat, row)
        for column, value in enumerate(values):
            if value is None:
                continue
            partial = (row, column) in heat.partial
            depth = 0.0 if high == low else min(max((value - low) / (high - low), 0.0), 1.0)
            boxes.append(
                {
                    "x": left + column * cell + 1,
                    "x2": left + (column + 1) * cell - 1,
                    "y": top + 1,
                    "y2": top + _ROW - 1,
                    "middle": top + _ROW / 2,
                    "centre": left + (column + 0.5) * cell,
                    "fill": "#FFFFFF" if partial else _colour(depth),
                    "stroke": _PARTIAL if partial else "transparent",
                    "ink": SOFT if partial else "#FFFFFF" if depth > _DARK else INK,
                    "text": heat.texts[row][column],
                }
            )
    longest = max((width(box["text"]) for box in boxes), default=1)
    size = min(_LARGE, (cell - 4) / (max(longest, 1) * EM))
    canvas = _Canvas(plot, height)
    layers = [canvas.boxes(boxes)]
    if size >= _LEAST:
        figures = [{"x": box["centre"], "y": box["middle"], "text": box["text"], "ink": box["ink"]} for box in boxes]
        layers.append(canvas.texts(figures, size, "center"))
    layers += _frame(heat, canvas, left, cell)
    return layers, height


def _frame(heat: HeatMap, canvas: _Canvas, left: float, cell: float) -> list[Spec]:
    """The names of rows and columns, and what stands beside the rows."""
    middles = [_top(heat, row) + _ROW / 2 for row in range(len(heat.rows))]
    rows = [{"x": 0.0, "y": y, "text": text} for y, text in zip(middles, heat.rows, strict=True)]
    beside = [{"x": left - _GAP, "y": y, "text": text} for y, text in zip(middles, heat.beside, strict=True) if text]
    heads = [
        {"x": left + (index + 0.5) * cell, "y": _HEAD / 2, "text": text} for index, text in enumerate(heat.columns)
    ]
    longest = max(map(width, heat.columns), default=1)
    size = max(min(_LARGE, (cell - 6) / (max(longest, 1) * EM)), _LEAST)
    layers = [canvas.texts(rows, _LARGE, "left"), canvas.texts(heads, size, "center")]
    if beside:
        layers.append(canvas.texts(beside, _LARGE, "right"))
    return layers


def _top(heat: HeatMap, row: int) -> float:
    return _HEAD + row * _ROW + (_GAP if heat.apart and row >= len(heat.rows) - heat.apart else 0)


def _scale(heat: HeatMap) -> tuple[float, float]:
    """The lowest and the highest value of a cell that is not partial; of all cells where every one is."""
    cells = [(place, value) for place, value in _cells(heat) if value is not None]
    whole = [value for place, value in cells if place not in heat.partial] or [value for _place, value in cells]
    return (min(whole), max(whole)) if whole else (0.0, 0.0)


def _cells(heat: HeatMap) -> Sequence[tuple[tuple[int, int], float | None]]:
    return [((r, c), value) for r, values in enumerate(heat.values) for c, value in enumerate(values)]


def _colour(depth: float) -> str:
    """The ramp's colour at a depth from 0 to 1."""
    place = depth * (len(RAMP) - 1)
    step = min(int(place), len(RAMP) - 2)
    one, other = (_channels(RAMP[step + n]) for n in (0, 1))
    mixed = [round(a + (b - a) * (place - step)) for a, b in zip(one, other, strict=True)]
    return "#" + "".join(f"{channel:02X}" for channel in mixed)


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))


@dataclass(frozen=True)
class _Canvas:
    """Places in pixels from the upper left corner."""

    plot: float
    height: float

    def boxes(self, values: list[Spec]) -> Spec:
        return {
            "data": {"values": values},
            "mark": {"type": "rect", "cornerRadius": 3, "strokeWidth": 1.5, "strokeDash": [4, 3]},
            "encoding": {
                **self._place(),
                "x2": {"field": "x2"},
                "y2": {"field": "y2"},
                "fill": {"field": "fill", "type": "nominal", "scale": None},
                "stroke": {"field": "stroke", "type": "nominal", "scale": None},
            },
        }

    def texts(self, values: list[Spec], size: float, align: str) -> Spec:
        return {
            "data": {"values": [{"ink": SOFT, **value} for value in values]},
            "mark": {"type": "text", "align": align, "baseline": "middle", "fontSize": round(size, 1)},
            "encoding": {
                **self._place(),
                "text": {"field": "text"},
                "color": {"field": "ink", "type": "nominal", "scale": None},
            },
        }

    def _place(self) -> Spec:
        def axis(field: str, domain: list[float]) -> Spec:
            scale = {"domain": domain, "nice": False, "zero": False}
            return {"field": field, "type": "quantitative", "scale": scale, "axis": None}

        return {"x": axis("x", [0.0, self.plot]), "y": axis("y", [self.height, 0.0])}
