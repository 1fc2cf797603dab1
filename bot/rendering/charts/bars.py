"""Bars with the figure at each end: lying for names, standing for time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.rendering.charts.axes import (
    BARE_AXIS,
    category_axis,
    is_among,
    lookup,
    roomy,
    value_axis,
    value_ticks,
    zero_rule,
)
from bot.rendering.charts.frame import EM, INK, LABEL_SIZE, NEGATIVE, PADDING, WIDTH, Spec
from bot.rendering.charts.reading import Axis, Track
from bot.rendering.text import width
from tools.messages import Quantity

if TYPE_CHECKING:
    from bot.rendering.voice import Voice

_BAR_STEP = 44


def _bar_rows(axis: Axis, tracks: Sequence[Track], voice: Voice) -> list[Spec]:
    texts = iter(voice.column([quantity for track in tracks for quantity in track.quantities()]))
    return [
        {"c": place, "s": track.name, "y": value or 0, "text": next(texts), "hollow": _is_hollow(axis, track, place)}
        for track in tracks
        for place, value in enumerate(track.values)
    ]


def _is_hollow(axis: Axis, track: Track, place: int) -> bool:
    return place in axis.partial and not track.baseline


def bar_layers(axis: Axis, tracks: Sequence[Track], voice: Voice) -> list[Spec]:
    """Horizontal bars: names on the left, the figure at each bar's end, no value axis."""
    rows = _bar_rows(axis, tracks, voice)
    names = max((width(line) for lines in axis.labels for line in lines), default=0) * LABEL_SIZE * EM
    plot = max(WIDTH - 2 * PADDING - names - 12, 200)
    domain = roomy([row["y"] for row in rows], max(width(row["text"]) for row in rows) * LABEL_SIZE * EM + 12, plot)
    category = {
        "field": "c",
        "type": "ordinal",
        "sort": None,
        "scale": {"paddingInner": 0.28, "paddingOuter": 0.1},
        "axis": {
            **BARE_AXIS,
            "labelExpr": lookup(axis.labels),
            "labelLimit": 330,
            "labelLineHeight": 23,
            # Vega centres the first line on the tick; two lines stand half a line higher.
            "labelOffset": {"condition": {"test": is_among(axis.labels, lines=2), "value": -11}, "value": 0},
        },
    }
    encoding: Spec = {
        "y": category,
        "x": {"field": "y", "type": "quantitative", "scale": {"domain": domain, "nice": False}, "axis": None},
    }
    offset = {"yOffset": {"field": "s", "sort": None}} if len(tracks) > 1 else {}
    layers = _filled(rows, tracks, encoding, offset, "x")
    for sign, align, dx in ((1, "left", 8), (-1, "right", -8)):
        values = [row for row in rows if (row["y"] < 0) == (sign < 0)]
        if values:
            layers.append(_bar_text(values, {**encoding, **offset}, {"align": align, "baseline": "middle", "dx": dx}))
    return layers


def bar_step(axis: Axis, tracks: Sequence[Track]) -> int:
    """Height for one name's bars; names on two lines need more."""
    lines = max((len(lines) for lines in axis.labels), default=1)
    return max(_BAR_STEP if len(tracks) == 1 else 34 * len(tracks) + 10, 60 if lines > 1 else 0)


def column_layers(axis: Axis, tracks: Sequence[Track], unit_: str, voice: Voice) -> list[Spec]:
    """Vertical bars, for time and for short names in their natural order."""
    rows = _bar_rows(axis, tracks, voice)
    plot = WIDTH - 2 * PADDING
    widest = max(width(row["text"]) for row in rows) * (LABEL_SIZE - 1) * EM
    labelled = widest + 6 <= plot / max(len(rows), 1)
    category: Spec = {
        "field": "c",
        "type": "ordinal",
        "sort": None,
        "scale": {"paddingInner": 0.25, "paddingOuter": 0.15},
        "axis": category_axis(axis, plot),
    }
    low, high, ticks = value_ticks([row["y"] for row in rows], zero=True)
    y_axis = None if labelled else value_axis(ticks, voice.quantities([Quantity(tick, unit_) for tick in ticks]))
    encoding: Spec = {
        "x": category,
        "y": {
            "field": "y",
            "type": "quantitative",
            "scale": {"domain": [low, high], "nice": False},
            "axis": y_axis,
        },
    }
    offset = {"xOffset": {"field": "s", "sort": None}} if len(tracks) > 1 else {}
    layers = _filled(rows, tracks, encoding, offset, "y")
    if labelled:
        for sign, dy in ((1, -12), (-1, 14)):
            values = [row for row in rows if (row["y"] < 0) == (sign < 0)]
            if values:
                mark = {"align": "center", "baseline": "middle", "dy": dy, "fontSize": LABEL_SIZE - 1}
                layers.append(_bar_text(values, {**encoding, **offset}, mark))
    return layers


def _filled(rows: list[Spec], tracks: Sequence[Track], encoding: Spec, offset: Spec, value: str) -> list[Spec]:
    names, colors = [track.name for track in tracks], [track.color for track in tracks]
    legend = None
    if len(tracks) > 1:
        legend = {"orient": "top", "direction": "horizontal", "title": None, "values": names}
    color: Spec = {
        "field": "s",
        "type": "nominal",
        "scale": {"domain": names, "range": colors},
        "legend": legend,
        "sort": None,
    }
    if len(tracks) == 1:
        color = {"condition": {"test": "datum.y < 0", "value": NEGATIVE}, "value": colors[0]}
    layers: list[Spec] = [
        {
            "data": {"values": [row for row in rows if not row["hollow"]]},
            "mark": {"type": "bar", "cornerRadiusEnd": 3},
            "encoding": {**encoding, **offset, "color": color},
        }
    ]
    hollow = [row for row in rows if row["hollow"]]
    if hollow:
        layers.append(
            {
                "data": {"values": hollow},
                "mark": {"type": "bar", "fillOpacity": 0.12, "strokeWidth": 2.5, "strokeDash": [6, 4]},
                "encoding": {**encoding, **offset, "color": color, "stroke": color},
            }
        )
    if any(row["y"] < 0 for row in rows):
        layers.append(zero_rule(value, encoding[value]))
    return layers


def _bar_text(rows: list[Spec], encoding: Spec, mark: Spec) -> Spec:
    return {
        "data": {"values": rows},
        "mark": {"type": "text", "fontSize": LABEL_SIZE, "color": INK, **mark},
        "encoding": {**encoding, "text": {"field": "text"}},
    }
