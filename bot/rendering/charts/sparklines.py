"""Small multiples: a row for each figure, with its name, its value, the line of the last steps, and its changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.rendering.charts.frame import (
    EM,
    GRID,
    INK,
    NEGATIVE,
    PADDING,
    PALETTE,
    SOFT,
    WIDTH,
    Spec,
    drawable,
    framed,
    titled,
)
from bot.rendering.charts.reading import number, unit_of
from bot.rendering.numbers import plain
from bot.rendering.text import width, wrap
from tools.answer import Chart, Column, Provenance, Table
from tools.messages import Message, Quantity, say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.rendering.voice import Voice
    from tools.answer import Cell

_ROW, _HEAD = 90, 44
_PLOT = WIDTH - 2 * PADDING
_NAME_SIZE, _VALUE_SIZE, _CHANGE_SIZE, _EXTREME_SIZE, _HEAD_SIZE = 20, 30, 20, 15, 17
_LINE_FROM = 218
_CHANGE_WIDTH = 112
_LINE_HEIGHT = 44
_BETTER, _FAINT, _BRIDGE = PALETTE[2], "#8A939C", "#B9D3E8"
_NAME_COLUMNS = 20
_FLAT = 1e-9
_ROUNDED = 0.1


@dataclass(frozen=True)
class _Text:
    x: float
    y: float
    text: str
    color: str = INK


def sparklines_spec(
    chart: Chart, table: Table, columns: dict[str, int], voice: Voice, provenance: Provenance
) -> Spec | None:
    """One row for each of `y`. None where no line has any figure. Rows and texts stand at pixels of their own."""
    tracks = [[number(row[columns[name]]) for row in table.rows] for name in chart.y]
    if not any(value is not None for track in tracks for value in track):
        return None
    besides = [tuple(table.columns[columns[name]] for name in group) for group in chart.besides]
    values, changes = _split(besides)
    line_to = _PLOT - _CHANGE_WIDTH * len(changes) - 30
    last = table.rows[-1]
    height = _HEAD + _ROW * len(tracks)
    layers = [_rules(len(tracks))]
    names, figures, heads = [], [], _heads(changes, voice)
    coloured: list[_Text] = []
    extremes: list[_Text] = []
    for place, (name, track) in enumerate(zip(chart.y, tracks, strict=True)):
        middle = _HEAD + _ROW * (place + 0.5)
        column = table.columns[columns[name]]
        called = wrap(drawable(voice.header(column), 60), _NAME_COLUMNS, 1)[0]
        names.append(_Text(0, middle - 22, called, SOFT))
        shown = values[place] if values else column
        figures.append(_Text(0, middle + 13, _written(shown, last[columns[shown.name]], voice)))
        for at, group in enumerate(changes):
            coloured.append(
                _change(group[place], last[columns[group[place].name]], _change_x(at, len(changes)), middle, voice)
            )
        drawn = _scaled(track, middle, line_to)
        layers += _line(drawn)
        extremes += _extremes(track, drawn, column, voice)
    layers += [
        _texts(names, _NAME_SIZE),
        _texts(figures, _VALUE_SIZE, bold=True),
        _texts(heads, _HEAD_SIZE, align="right"),
        _texts(coloured, _CHANGE_SIZE, align="right", bold=True),
        _texts(extremes, _EXTREME_SIZE, align="center"),
    ]
    for layer in layers:
        layer["encoding"] |= _place(height)
    return framed(titled(chart, voice, provenance, _notes(table, chart, columns)), layers, None, height)


def _split(besides: Sequence[tuple[Column, ...]]) -> tuple[tuple[Column, ...], list[tuple[Column, ...]]]:
    """The values, which are not signed, and the changes, which are."""
    values = next((group for group in besides if not group[0].signed), ())
    return values, [group for group in besides if group[0].signed]


def _notes(table: Table, chart: Chart, columns: Mapping[str, int]) -> list[Message]:
    """How far back the lines go."""
    x = table.columns[columns[chart.x]]
    count = len(table.rows)
    steps = {
        "day": say("lines: the last {count} days", count=count),
        "week": say("lines: the last {count} weeks", count=count),
        "month": say("lines: the last {count} months", count=count),
    }
    return [steps[x.grain]] if x.grain in steps else []


# --- texts ------------------------------------------------------------------------------------------------------------


def _change_x(at: int, count: int) -> float:
    return _PLOT - _CHANGE_WIDTH * (count - 1 - at)


def _heads(changes: Sequence[tuple[Column, ...]], voice: Voice) -> list[_Text]:
    """What the changes are against, in two lines at most."""
    found: list[_Text] = []
    for at, group in enumerate(changes):
        lines = wrap(drawable(voice.header(group[0]), 40), int(_CHANGE_WIDTH / (_HEAD_SIZE * EM)) - 1, 2)
        for place, line in enumerate(lines):
            y = _HEAD - 14 - 20 * (len(lines) - 1 - place)
            found.append(_Text(_change_x(at, len(changes)), y, line, SOFT))
    return found


def _written(column: Column, cell: Cell, voice: Voice) -> str:
    return drawable(voice.quantities([Quantity(number(cell), unit_of(column))])[0], 20)


def _change(column: Column, cell: Cell, x: float, y: float, voice: Voice) -> _Text:
    """An arrow says which way, its colour whether that is good."""
    value = number(cell)
    if value is None:
        return _Text(x, y, "–", _FAINT)
    size = _rounded(abs(value), column)
    if column.unit == "points":
        text = voice.text(say("{number} pt", number=plain(size * 100, 1, voice.language)))
    else:
        text = voice.quantities([Quantity(size, unit_of(column))])[0]
    if not size:
        return _Text(x, y, text, _FAINT)
    color = SOFT if column.good == "neutral" else _BETTER if (value > 0) == (column.good == "up") else NEGATIVE
    return _Text(x, y, f"{'▲' if value > 0 else '▼'} {text}", color)


def _rounded(size: float, column: Column) -> float:
    """Of relative changes beyond a tenth, decimals are noise; of others, and of points, what is beyond the first."""
    if column.unit == "ratio":
        return round(size, 2 if size >= _ROUNDED else 3)
    return round(size, 3) if column.unit == "points" else size


def _extremes(track: Sequence[float | None], drawn: Sequence[Spec], column: Column, voice: Voice) -> list[_Text]:
    """The highest value above its place and the lowest below, faint; nothing of a line that is flat."""
    known = [(value, place) for place, value in enumerate(track) if value is not None]
    if len(known) < 3 or _apart(known) < _FLAT:
        return []
    found: list[_Text] = []
    for (value, place), offset in ((max(known, key=lambda one: one[0]), -13), (min(known, key=lambda one: one[0]), 15)):
        text = drawable(voice.quantities([Quantity(value, unit_of(column))])[0], 16)
        half = width(text) * _EXTREME_SIZE * EM / 2
        x = min(max(drawn[place]["x"], _LINE_FROM + half), drawn[-1]["x"] + 14 - min(half, 14))
        found.append(_Text(x, drawn[place]["y"] + offset, text, _FAINT))
    return found


def _apart(known: Sequence[tuple[float, int]]) -> float:
    values = [value for value, _place in known]
    return max(values) - min(values)


def _texts(texts: Sequence[_Text], size: int, *, align: str = "left", bold: bool = False) -> Spec:
    mark: Spec = {"type": "text", "fontSize": size, "align": align, "baseline": "middle"}
    if bold:
        mark["fontWeight"] = "bold"
    return {
        "data": {"values": [{"x": one.x, "y": one.y, "text": one.text, "color": one.color} for one in texts]},
        "mark": mark,
        "encoding": {
            "text": {"field": "text", "type": "nominal"},
            "color": {"field": "color", "type": "nominal", "scale": None, "legend": None},
        },
    }


# --- lines ------------------------------------------------------------------------------------------------------------


def _scaled(track: Sequence[float | None], middle: float, line_to: float) -> list[Spec]:
    """The line's points in pixels, each line from its own lowest value to its highest."""
    known = [value for value in track if value is not None]
    low, high = (min(known), max(known)) if known else (0.0, 0.0)
    step = (line_to - _LINE_FROM) / max(len(track) - 1, 1)
    size = high - low

    def y(value: float) -> float:
        share = (value - low) / size if size > _FLAT * max(abs(high), abs(low), 1e-300) else 0.5
        return middle + _LINE_HEIGHT / 2 - share * _LINE_HEIGHT

    return [
        {"x": round(_LINE_FROM + step * place, 2), "y": None if value is None else round(y(value), 2)}
        for place, value in enumerate(track)
    ]


def _line(points: list[Spec]) -> list[Spec]:
    """The line and a dot at its last value; over what is missing it is faint."""
    known = [point for point in points if point["y"] is not None]
    mark: Spec = {"type": "line", "color": PALETTE[0], "strokeWidth": 3, "strokeJoin": "round"}
    mark["invalid"] = "break-paths-show-domains"
    layers: list[Spec] = []
    if len(known) < len(points):
        layers.append({"data": {"values": known}, "mark": {**mark, "color": _BRIDGE, "strokeWidth": 2}, "encoding": {}})
    layers.append({"data": {"values": points}, "mark": mark, "encoding": {}})
    last = known[-1:]
    if last:
        dot = {"type": "point", "size": 110, "opacity": 1, "fill": PALETTE[0], "stroke": "white", "strokeWidth": 2}
        layers.append({"data": {"values": last}, "mark": dot, "encoding": {}})
    return layers


def _rules(count: int) -> Spec:
    """A thin line above each row."""
    rows = [{"x": 0, "x2": _PLOT, "y": _HEAD + _ROW * place} for place in range(count)]
    return {
        "data": {"values": rows},
        "mark": {"type": "rule", "color": GRID, "strokeWidth": 1.5},
        "encoding": {"x2": {"field": "x2"}},
    }


def _place(height: int) -> Spec:
    """Pixels on both axes, from the top left."""
    x = {"field": "x", "type": "quantitative", "axis": None, "scale": _pixels([0, _PLOT])}
    y = {"field": "y", "type": "quantitative", "axis": None, "scale": _pixels([height, 0])}
    return {"x": x, "y": y}


def _pixels(domain: list[int]) -> Spec:
    return {"domain": domain, "nice": False, "zero": False}
