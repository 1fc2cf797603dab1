"""A forecast: what was, what is expected, how sure that is, and the events that fall in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from bot.rendering.charts.axes import zero_rule
from bot.rendering.charts.frame import (
    EM,
    HEIGHT,
    LABEL_SIZE,
    LEGEND,
    PADDING,
    PALETTE,
    SOFT,
    WIDTH,
    Spec,
    drawable,
    framed,
    titled,
)
from bot.rendering.charts.lines import Plane
from bot.rendering.charts.reading import Axis, Track, axis_labels, number, plain_key, unit_of
from bot.rendering.text import width
from tools.answer import Chart, Mark, Provenance, Table
from tools.messages import Message, Quantity, say
from tools.semantic.periods import Grain, unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.rendering.voice import Voice

_OPACITIES = (0.28, 0.13)
_HIGHEST = 2.0  # how far beyond the lines the outer band may stretch the axis
_MARK, _MARK_LABEL, _MARK_ROWS = "#FFF1D6", 17, 2
_MARK_NAME = 22
_MARK_ROOM = 1.12  # above the lines, for the names of events


def forecast_spec(
    chart: Chart, table: Table, columns: dict[str, int], voice: Voice, provenance: Provenance
) -> Spec | None:
    """Lines of the two figures, bands around the second, and a shade for each event. None without any figure."""
    x = table.columns[columns[chart.x]]
    keys = [key for row in table.rows if isinstance(key := plain_key(row[columns[chart.x]]), date)]
    # The rows are the places: weeks of a forecast begin on the day that it begins, which no calendar knows.
    axis = Axis(axis_labels(keys, x, voice), frozenset(), in_order=True)
    was, expected = (_track(table, columns[name], color, voice) for name, color in zip(chart.y, PALETTE, strict=False))
    unit_ = unit_of(table.columns[columns[chart.y[0]]])
    bands = [_band(table, columns, pair) for pair in chart.bands]
    notes: list[Message] = []
    seen = [v for track in (was, expected) for v in track.values if v is not None]
    if not seen:
        return None
    names = (was.name, expected.name)
    text = _end(expected, voice)
    ceiling = max(seen) + _HIGHEST * (max(seen) - min(*seen, 0.0))
    reach = [min(v, ceiling) for band in bands for row in band for v in (row["low"], row["high"])]
    if chart.marks:
        reach.append(max(*seen, *reach) * _MARK_ROOM)
    room = width(text) * LABEL_SIZE * 0.52 + 20
    plane = Plane.of(axis, [*seen, *reach], unit_, voice, room=room)
    pixels = (WIDTH - 2 * PADDING - 90 - room) / max(len(axis.labels) - 1, 1)
    layers = _shades(_shaded(chart.marks, keys, x.grain or "day", voice), len(keys), plane, pixels)
    for rows, opacity in reversed(list(zip(bands, _OPACITIES, strict=False))):
        layers.append(
            {
                "data": {"values": rows},
                "mark": {"type": "area", "color": PALETTE[1], "opacity": opacity, "clip": True},
                "encoding": {"x": plane.x, "y": {**plane.y, "field": "low"}, "y2": {"field": "high"}},
            }
        )
    if plane.low < 0:
        layers.append(zero_rule("y", plane.y))
    layers += [_line(was, names, plane, dash=None), _line(expected, names, plane, dash=[7, 5])]
    layers += _last(expected, text, plane)
    if chart.bands:
        notes.append(say("shaded: 80 % and 95 % likely") if len(chart.bands) > 1 else say("shaded: 80 % likely"))
    return framed(titled(chart, voice, provenance, notes), layers, HEIGHT + LEGEND)


def _track(table: Table, place: int, color: str, voice: Voice) -> Track:
    column = table.columns[place]
    cells = tuple(number(row[place]) for row in table.rows)
    return Track(drawable(voice.header(column), 40), color, cells, unit_of(column))


def _band(table: Table, columns: dict[str, int], pair: tuple[str, str]) -> list[Spec]:
    low, high = (columns[name] for name in pair)
    found = [(place, number(row[low]), number(row[high])) for place, row in enumerate(table.rows)]
    return [{"x": x, "low": a, "high": b} for x, a, b in found if a is not None and b is not None]


def _line(track: Track, names: Sequence[str], plane: Plane, *, dash: list[int] | None) -> Spec:
    legend = {"orient": "top", "direction": "horizontal", "title": None, "symbolType": "stroke", "symbolStrokeWidth": 5}
    scale = {"domain": list(names), "range": [PALETTE[0], PALETTE[1]]}
    mark: Spec = {"type": "line", "strokeWidth": 4, "invalid": "break-paths-show-domains"}
    return {
        "data": {"values": [{"x": place, "y": value} for place, value in enumerate(track.values)]},
        "mark": mark | ({"strokeDash": dash} if dash else {}),
        "encoding": {
            "x": plane.x,
            "y": plane.y,
            "color": {"datum": track.name, "type": "nominal", "scale": scale, "legend": legend},
        },
    }


def _end(track: Track, voice: Voice) -> str:
    last = next((value for value in reversed(track.values) if value is not None), None)
    return "" if last is None else voice.quantities([Quantity(last, track.unit)])[0]


def _last(track: Track, text: str, plane: Plane) -> list[Spec]:
    """A point and the figure at the line's end."""
    places = [place for place, value in enumerate(track.values) if value is not None]
    if not places:
        return []
    row = {"x": places[-1], "y": track.values[places[-1]], "text": text}
    point = {"type": "point", "size": 110, "opacity": 1, "strokeWidth": 3, "fill": PALETTE[1], "stroke": PALETTE[1]}
    label = {"type": "text", "align": "left", "dx": 12, "color": "#A86200", "fontSize": LABEL_SIZE}
    encoding = {"x": plane.x, "y": plane.y}
    return [
        {"data": {"values": [row]}, "mark": point, "encoding": encoding},
        {"data": {"values": [row]}, "mark": label, "encoding": {**encoding, "text": {"field": "text"}}},
    ]


@dataclass(frozen=True)
class _Shade:
    """An event's place on the axis, and its name."""

    left: float
    right: float
    name: str


def _shaded(marks: Sequence[Mark], keys: Sequence[date], grain: Grain, voice: Voice) -> list[_Shade]:
    found: list[_Shade] = []
    for mark in sorted(marks, key=lambda mark: (mark.start, mark.end)):
        left = max(_edge(mark.start, keys, grain), -0.5)
        right = min(_edge(mark.end + timedelta(days=1), keys, grain), len(keys) - 0.5)
        if right > left:
            found.append(_Shade(left, right, drawable(voice.value(mark.label), _MARK_NAME)))
    return found


def _shades(shades: Sequence[_Shade], count: int, plane: Plane, pixels: float) -> list[Spec]:
    """Events behind the lines. Their names stand above in two rows; one that finds no room there is left out."""
    boxes = [{"x": s.left, "x2": s.right, "y": plane.low, "y2": plane.high} for s in shades]
    layers: list[Spec] = []
    if boxes:
        layers.append(
            {
                "data": {"values": boxes},
                "mark": {"type": "rect", "color": _MARK, "opacity": 0.9},
                "encoding": {"x": plane.x, "x2": {"field": "x2"}, "y": plane.y, "y2": {"field": "y2"}},
            }
        )
    taken = [float("-inf")] * _MARK_ROWS
    labels: list[list[Spec]] = [[] for _ in taken]
    for shade in shades:
        half = width(shade.name) * _MARK_LABEL * EM / 2 / pixels
        middle = max(min((shade.left + shade.right) / 2, count - 1 - half), half)
        row = next((row for row in range(_MARK_ROWS) if middle - half > taken[row]), None)
        if row is not None:
            taken[row] = middle + half + 8 / pixels
            labels[row].append({"x": middle, "y": plane.high, "text": shade.name})
    for row, values in enumerate(labels):
        if values:
            mark = {"type": "text", "baseline": "top", "dy": 2 + 21 * row, "fontSize": _MARK_LABEL, "color": SOFT}
            encoding = {"x": plane.x, "y": plane.y, "text": {"field": "text"}}
            layers.append({"data": {"values": values}, "mark": mark, "encoding": encoding})
    return layers


def _edge(day: date, keys: Sequence[date], grain: Grain) -> float:
    """Where a day begins on the axis, on which every place reaches half a step to both sides."""
    if grain in ("day", "week"):
        return (day - keys[0]).days / (7 if grain == "week" else 1) - 0.5
    whole = unit(day, grain)
    before = sum(key < whole.start for key in keys) if day >= keys[0] else -1
    return before + (day - whole.start).days / whole.days - 0.5
