"""Lines over time or over an order, with labels at their ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from bot.rendering.charts.axes import category_axis, value_axis, value_ticks, zero_rule
from bot.rendering.charts.frame import HEIGHT, INK, LABEL_SIZE, PADDING, SOFT, WIDTH, Spec
from bot.rendering.charts.reading import Axis, Track
from bot.rendering.text import fit, width
from tools.messages import Quantity

if TYPE_CHECKING:
    from bot.rendering.voice import Voice

_LABEL_STEP = 24
_LABELLED_POINTS = 7
_POINTED = 16
_END_NAME = 20


@dataclass(frozen=True)
class Plane:
    """Encodings of both axes, which every layer carries: one that has none would take them from all."""

    x: Spec
    y: Spec
    low: float
    high: float

    @classmethod
    def of(cls, axis: Axis, values: Sequence[float], unit_: str, voice: Voice, *, room: float) -> Plane:
        """Places on x, `values` on y, and so many pixels kept free on the right for labels."""
        count = len(axis.labels)
        low, high, ticks = value_ticks(values, zero=None)
        plot = WIDTH - 2 * PADDING - 90
        span = max(count - 1, 1)
        domain = [
            -0.02 * span if count > _LABELLED_POINTS else -0.1 * span,
            span * plot / max(plot - room, plot * 0.45),
        ]
        tick_texts = voice.quantities([Quantity(tick, unit_) for tick in ticks])
        return cls(
            x={
                "field": "x",
                "type": "quantitative",
                "scale": {"domain": domain, "nice": False, "zero": False},
                "axis": category_axis(axis, plot - room),
            },
            y={
                "field": "y",
                "type": "quantitative",
                "scale": {"domain": [low, high], "nice": False, "zero": False},
                "axis": value_axis(ticks, tick_texts),
            },
            low=low,
            high=high,
        )


def line_layers(axis: Axis, tracks: Sequence[Track], unit_: str, voice: Voice) -> list[Spec]:
    ends = _end_labels(tracks, voice)
    # Room on the right for the labels at the lines' ends.
    room = max((width(text) for _, text in ends), default=0) * LABEL_SIZE * 0.52 + 20
    plane = Plane.of(axis, [v for t in tracks for v in t.values if v is not None], unit_, voice, room=room)
    x, y, low, high = plane.x, plane.y, plane.low, plane.high
    count = len(axis.labels)
    layers: list[Spec] = []
    if low < 0:
        layers.append(zero_rule("y", y))
    label_layers: list[Spec] = []
    spots = _apart([value for value, _ in ends], (high - low) * _LABEL_STEP / (HEIGHT * 0.66))
    for track, (value, text), spot in reversed(list(zip(tracks, ends, spots, strict=True))):
        rows = [{"x": index, "y": v} for index, v in enumerate(track.values)]
        partial = frozenset() if track.baseline else axis.partial
        layers += _one_line(rows, track, partial, x, y, pointed=count <= _POINTED)
        if value is not None and spot is not None:
            last = max(index for index, v in enumerate(track.values) if v is not None)
            label_layers.append(
                {
                    "data": {"values": [{"x": last, "y": spot, "text": text}]},
                    "mark": {
                        "type": "text",
                        "align": "left",
                        "dx": 12,
                        "color": SOFT if track.baseline else track.color,
                        "fontSize": LABEL_SIZE,
                    },
                    "encoding": {"x": x, "y": y, "text": {"field": "text"}},
                }
            )
    if len(tracks) == 1:
        label_layers += _point_labels(tracks[0], x, y, voice)
    return layers + label_layers


def _one_line(
    rows: list[Spec], track: Track, partial: frozenset[int], x: Spec, y: Spec, *, pointed: bool
) -> list[Spec]:
    thin = 3 if track.baseline else 4
    encoding = {"x": x, "y": y}
    whole = [{**row, "y": None} if row["x"] in partial else row for row in rows]
    layers: list[Spec] = [
        {
            "data": {"values": whole},
            "mark": {"type": "line", "color": track.color, "strokeWidth": thin, "invalid": "break-paths-show-domains"},
            "encoding": encoding,
        }
    ]
    for index in sorted(partial):
        segment = [row for row in rows if abs(row["x"] - index) == 1 or row["x"] == index]
        # Toward the complete neighbours only.
        layers.append(
            {
                "data": {"values": segment},
                "mark": {
                    "type": "line",
                    "color": track.color,
                    "strokeWidth": thin,
                    "strokeDash": [3, 7],
                    "invalid": "break-paths-show-domains",
                },
                "encoding": encoding,
            }
        )
    present = [row for row in rows if row["y"] is not None]
    alone = {row["x"] for row in present if not any(abs(other["x"] - row["x"]) == 1 for other in present)}
    last = max((row["x"] for row in present), default=-1)
    full = [r for r in present if r["x"] not in partial and (pointed or r["x"] in alone or r["x"] == last)]
    hollow = [row for row in present if row["x"] in partial]
    point = {"type": "point", "size": 60 if track.baseline else 110, "opacity": 1, "strokeWidth": 3}
    for values, fill in ((full, track.color), (hollow, "white")):
        if values:
            layers.append(
                {
                    "data": {"values": values},
                    "mark": {**point, "fill": fill, "stroke": track.color},
                    "encoding": encoding,
                }
            )
    return layers


def _end_labels(tracks: Sequence[Track], voice: Voice) -> list[tuple[float | None, str]]:
    """Value and text of each line's last point; the name too where there are several lines."""
    last = [next((value for value in reversed(track.values) if value is not None), None) for track in tracks]
    texts = voice.column([Quantity(v, t.unit, t.signed) for v, t in zip(last, tracks, strict=True)])
    if len(tracks) > 1:
        texts = [f"{fit(track.name, _END_NAME)} {text}" for track, text in zip(tracks, texts, strict=True)]
    return list(zip(last, texts, strict=True))


def _point_labels(track: Track, x: Spec, y: Spec, voice: Voice) -> list[Spec]:
    """Values on a lone line: every point of a short one, else its peak (the last point has its own)."""
    values = track.values
    present = [index for index, value in enumerate(values) if value is not None]
    last = present[-1]
    if len(present) <= _LABELLED_POINTS:
        chosen = present[:-1]
    else:
        peak = max(present, key=lambda index: values[index] or 0.0)
        height = (values[peak] or 0) - (values[last] or 0)
        chosen = [peak] if height > 0.1 * abs(values[peak] or 0) else []
    texts = voice.quantities([track.quantities()[index] for index in chosen])
    layers: list[Spec] = []
    for below in (False, True):
        rows = [
            {"x": index, "y": values[index], "text": text}
            for index, text in zip(chosen, texts, strict=True)
            if _bends_up(values, index) == below
        ]
        if rows:
            layers.append(
                {
                    "data": {"values": rows},
                    "mark": {"type": "text", "dy": 24 if below else -20, "color": INK, "fontSize": LABEL_SIZE},
                    "encoding": {"x": x, "y": y, "text": {"field": "text"}},
                }
            )
    return layers


def _bends_up(values: Sequence[float | None], index: int) -> bool:
    """Whether the line turns upward at a point, so that the free side is below it."""
    here = values[index] or 0.0
    before = values[index - 1] if index else None
    after = values[index + 1] if index + 1 < len(values) else None
    return (after if after is not None else here) - here > here - (before if before is not None else here)


def _apart(values: Sequence[float | None], gap: float) -> list[float | None]:
    """Places for labels near their values, at least `gap` from one another."""
    spots = list(values)
    order = sorted((i for i, value in enumerate(values) if value is not None), key=lambda i: values[i] or 0)
    for _ in range(50):
        moved = False
        for below, above in pairwise(order):
            low, high = spots[below] or 0.0, spots[above] or 0.0
            lack = gap - (high - low)
            if lack > gap * 1e-3:
                spots[below], spots[above] = low - lack / 2, high + lack / 2
                moved = True
        if not moved:
            break
    return spots
