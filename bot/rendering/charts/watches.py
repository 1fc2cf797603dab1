"""A watched figure: what it was, what was expected, what is usual, and where it alarmed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from bot.rendering.charts.axes import zero_rule
from bot.rendering.charts.frame import HEIGHT, LABEL_SIZE, LEGEND, NEGATIVE, PALETTE, Spec, drawable, framed, titled
from bot.rendering.charts.lines import Plane
from bot.rendering.charts.reading import Axis, axis_labels, number, unit_of
from bot.rendering.text import width
from tools.answer import Chart, Provenance, Table
from tools.messages import Message, Quantity, say

if TYPE_CHECKING:
    from bot.rendering.voice import Voice
    from tools.answer import Cell, Column

_BAND_OPACITY = 0.2
_REACH = 1.5  # how far beyond the lines the band may stretch the axis
_EXPECTED = PALETTE[1]
Values = list[float | None]


def watch_spec(
    chart: Chart, table: Table, columns: dict[str, int], voice: Voice, provenance: Provenance
) -> Spec | None:
    """None without any value. A limit on one side alone is a line; on both sides, a band."""
    value_column = table.columns[columns[chart.y[0]]]
    x = columns[chart.x]
    values, expected = (_values(table, columns[name]) for name in chart.y)
    low, high = (_values(table, columns[name]) for name in chart.bands[0])
    known = [value for value in values if value is not None]
    if not known:
        return None
    axis = Axis(_labels([row[x] for row in table.rows], table.columns[x], voice), frozenset(), in_order=True)
    unit_ = unit_of(value_column)
    last = known[-1]
    text = voice.quantities([Quantity(last, unit_)])[0]
    lines = [*known, *(v for v in expected if v is not None)]
    reach = _reach(lines, [v for v in (*low, *high) if v is not None])
    plane = Plane.of(axis, [*lines, *reach], unit_, voice, room=width(text) * LABEL_SIZE * 0.52 + 20)
    names = [drawable(voice.header(table.columns[columns[name]]), 40) for name in chart.y]
    layers: list[Spec] = _limits(low, high, plane)
    if plane.low < 0:
        layers.append(zero_rule("y", plane.y))
    drawn: list[tuple[Values, str, str, list[int]]] = [(values, names[0], PALETTE[0], [])]
    if any(value is not None for value in expected):
        drawn.append((expected, names[1], _EXPECTED, [7, 5]))
    legend = [name for _track, name, _color, _dash in drawn], [color for _track, _name, color, _dash in drawn]
    layers += [_line(track, name, legend, dash, plane) for track, name, _color, dash in reversed(drawn)]
    alarms = [{"x": at, "y": values[at]} for at, row in enumerate(table.rows) if row[x] in chart.alarms]
    layers += [*_end(values, text, plane), *_alarmed(alarms, plane)]
    notes = _notes(low, high, plane, alarms=bool(alarms))
    return framed(titled(chart, voice, provenance, notes), layers, HEIGHT + (LEGEND if len(drawn) > 1 else 0))


def _values(table: Table, place: int) -> Values:
    return [number(row[place]) for row in table.rows]


def _notes(low: Values, high: Values, plane: Plane, *, alarms: bool) -> list[Message]:
    found: list[Message] = []
    below, above = ([v for v in side if v is not None] for side in (low, high))
    if below and above:
        found.append(say("shaded: the usual range"))
    elif any(plane.low <= limit <= plane.high for limit in (*below, *above)):
        found.append(say("dashed: the limit"))
    elif below or above:
        found.append(say("the limit is off the scale"))
    if alarms:
        found.append(say("marked: alarms"))
    return found


def _reach(lines: Sequence[float], limits: Sequence[float]) -> list[float]:
    """The limits, as far as they do not squeeze the lines flat."""
    low, high = min(lines), max(lines)
    spare = _REACH * max(high - low, abs(high) * 0.1)
    return [min(max(value, low - spare), high + spare) for value in limits]


def _limits(low: Values, high: Values, plane: Plane) -> list[Spec]:
    pairs = enumerate(zip(low, high, strict=True))
    rows = [{"x": place, "low": a, "high": b} for place, (a, b) in pairs if a is not None and b is not None]
    if rows:
        return [
            {
                "data": {"values": rows},
                "mark": {"type": "area", "color": _EXPECTED, "opacity": _BAND_OPACITY, "clip": True},
                "encoding": {"x": plane.x, "y": {**plane.y, "field": "low"}, "y2": {"field": "high"}},
            }
        ]
    mark = {"type": "line", "color": NEGATIVE, "strokeWidth": 2.5, "strokeDash": [10, 6], "clip": True}
    return [
        {
            "data": {"values": [{"x": place, "y": value} for place, value in enumerate(side)]},
            "mark": {**mark, "invalid": "break-paths-show-domains"},
            "encoding": {"x": plane.x, "y": plane.y},
        }
        for side in (low, high)
        if any(value is not None for value in side)
    ]


def _line(track: Values, name: str, legend: tuple[list[str], list[str]], dash: list[int], plane: Plane) -> Spec:
    """Named in a legend where there is another line."""
    names, colors = legend
    mark: Spec = {"type": "line", "strokeWidth": 3, "strokeJoin": "round", "invalid": "break-paths-show-domains"}
    mark |= {"strokeDash": dash} if dash else {}
    encoding: Spec = {"x": plane.x, "y": plane.y}
    if len(names) > 1:
        shown: Spec = {"orient": "top", "direction": "horizontal", "title": None}
        shown |= {"symbolType": "stroke", "symbolStrokeWidth": 5}
        scale = {"domain": names, "range": colors}
        encoding["color"] = {"field": "name", "type": "nominal", "scale": scale, "legend": shown}
    else:
        mark["color"] = colors[0]
    points = [{"x": place, "y": value, "name": name} for place, value in enumerate(track)]
    return {"data": {"values": points}, "mark": mark, "encoding": encoding}


def _end(values: Values, text: str, plane: Plane) -> list[Spec]:
    """A point and the figure at the line's end."""
    place = max(place for place, value in enumerate(values) if value is not None)
    row = {"x": place, "y": values[place], "text": text}
    encoding = {"x": plane.x, "y": plane.y}
    point = {"type": "point", "size": 70, "opacity": 1, "fill": PALETTE[0], "stroke": PALETTE[0]}
    label = {"type": "text", "align": "left", "dx": 14, "color": PALETTE[0], "fontSize": LABEL_SIZE}
    return [
        {"data": {"values": [row]}, "mark": point, "encoding": encoding},
        {"data": {"values": [row]}, "mark": label, "encoding": {**encoding, "text": {"field": "text"}}},
    ]


def _alarmed(alarms: list[Spec], plane: Plane) -> list[Spec]:
    """A ring round each alarm; where there is no value, which may be the alarm itself, a cross at the foot."""
    encoding = {"x": plane.x, "y": plane.y}
    ring = {"type": "point", "size": 260, "opacity": 1, "strokeWidth": 3.5, "filled": False, "color": NEGATIVE}
    there = [row for row in alarms if row["y"] is not None]
    layers = [{"data": {"values": there}, "mark": ring, "encoding": encoding}] if there else []
    gone = [{**row, "y": plane.low} for row in alarms if row["y"] is None]
    if gone:
        cross = {**ring, "shape": "cross", "size": 160, "filled": True}
        layers.append({"data": {"values": gone}, "mark": cross, "encoding": encoding})
    return layers


def _labels(keys: Sequence[Cell], column: Column, voice: Voice) -> tuple[tuple[str, ...], ...]:
    """Days as elsewhere; hours by the clock, with the day under the first of it."""
    if not any(isinstance(key, datetime) and (key.hour or key.minute) for key in keys):
        days = [key.date() if isinstance(key, datetime) else key for key in keys]
        return axis_labels(days, column, voice)
    labels: list[tuple[str, ...]] = []
    day: date | None = None
    for key in keys:
        if not isinstance(key, datetime):
            return axis_labels(keys, column, voice)
        clock = f"{key:%H:%M}"
        labels.append((clock,) if key.date() == day else (clock, voice.tick(key.date(), "day", key.date())[0]))
        day = key.date()
    return tuple(labels)
