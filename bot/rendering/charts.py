"""A table and a Chart as a Vega-Lite specification: plain dictionaries, one house theme, sizes for a phone.

All words, numbers and dates in the picture are written by the reader's Voice beforehand, so a spec
needs no locale where it is drawn. Drawing is in `pictures`.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

from bot.rendering.heatmap import HeatMap, heat_map
from bot.rendering.numbers import defined
from bot.rendering.text import fit, one_line, width, wrap
from tools.answer import Cell, Chart, Column, Provenance, Table
from tools.messages import Message, Quantity, say
from tools.semantic.periods import Grain, Period, split, unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.rendering.voice import Voice

Spec: TypeAlias = "dict[str, Any]"

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
FONTS = "Noto Sans CJK SC, Noto Sans SC, PingFang SC, Microsoft YaHei, Helvetica, Arial, sans-serif"
WIDTH, HEIGHT = 800, 480
MAX_BARS = 12
MAX_COLUMNS = 31
MAX_SERIES = 6
MAX_HEAT_ROWS, MAX_HEAT_COLUMNS = 24, 13

# Okabe and Ito's colour-blind-safe palette, darkened a little for thin lines on white.
PALETTE = ("#0969B2", "#E08600", "#008F6B", "#C4500A", "#B5659A", "#3E9FD8")
_BASELINE = "#A9B1BA"
_NEGATIVE = PALETTE[3]
_INK, _SOFT, _GRID = "#1B1F24", "#5B6570", "#E4E8EC"
_TITLE_SIZE, _SUBTITLE_SIZE, _LABEL_SIZE = 27, 20, 20
_EM = 0.56  # a column's width in font sizes
_PADDING = 20
_BAR_STEP = 44
_LABEL_STEP = 24
_LABELLED_POINTS = 7
_POINTED = 16
_END_NAME = 20
_FEW_PLACES = 7
_UNDRAWABLE = re.compile("[\U00010000-\U0001ffff\u200d\ufe00-\ufe0f\u20e3\ue000-\uf8ff]")


@dataclass(frozen=True)
class _Track:
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
class _Axis:
    """The places on the category axis: a label each (one or more lines), and which are incomplete periods.

    `in_order` places are times, weekdays or hours: columns from left to right.
    """

    labels: tuple[tuple[str, ...], ...]
    partial: frozenset[int]
    in_order: bool


def chart_spec(chart: Chart, table: Table, voice: Voice, provenance: Provenance | None = None) -> Spec | None:
    """The chart as a Vega-Lite specification; None where the table holds nothing to draw.

    Bars beyond the first 12 (31 where x is time) and series beyond the 6 greatest are left to the table, and
    the subtitle says so. A period that the answer's period or as-of day cuts short is dashed and hollow.
    """
    columns = {column.name: index for index, column in enumerate(table.columns)}
    needed = (chart.x, *chart.y, *filter(None, [chart.series, chart.beside]))
    if not table.rows or any(name not in columns for name in needed):
        return None
    provenance = provenance or Provenance()
    if chart.kind == "heatmap":
        return _heat(chart, table, columns, voice, provenance)
    axis, tracks, notes = _read(chart, table, columns, voice, provenance)
    if not any(value is not None for track in tracks for value in track.values):
        return None
    unit_ = _unit(table.columns[columns[chart.y[0]]])
    height: int | None = HEIGHT
    if chart.kind == "line":
        body = _lines(axis, tracks, unit_, voice)
    elif axis.in_order or _short(axis):
        body = _columns(axis, tracks, unit_, voice)
    else:
        body, height = _bars(axis, tracks, voice), None
    if axis.partial:
        notes.append(say("hollow: incomplete period"))
    title = _title(chart, voice, provenance, notes)
    if height is None:
        frame = 2 * _PADDING + 34 * len(title["text"]) + 26 * len(title.get("subtitle", ())) + 30
        height = frame + len(axis.labels) * _bar_step(axis, tracks)
    legend = chart.kind == "bar" and len(tracks) > 1
    return {
        "$schema": SCHEMA,
        "title": title,
        "width": WIDTH,
        "height": height + (40 if legend else 0),
        "autosize": {"type": "fit", "contains": "padding"},
        "layer": body,
        "config": _theme(),
    }


# --- reading the table -----------------------------------------------------------------------------------------------


def _read(
    chart: Chart, table: Table, columns: dict[str, int], voice: Voice, provenance: Provenance
) -> tuple[_Axis, list[_Track], list[Message]]:
    x, ys = columns[chart.x], [columns[name] for name in chart.y]
    x_column = table.columns[x]
    notes: list[Message] = []
    keys = list(dict.fromkeys(_key(row[x]) for row in table.rows))
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
    tracks: list[_Track] = []
    if chart.series is None:
        for order, y in enumerate(ys):
            column = table.columns[y]
            cells = _placed(((row[x], row[y]) for row in table.rows), place)
            color = PALETTE[0] if order == 0 else _BASELINE if order == 1 else PALETTE[order % len(PALETTE)]
            tracks.append(_track(voice.header(column), color, cells, column, baseline=order == 1))
    else:
        s, y = columns[chart.series], ys[0]
        by_name: dict[str, list[tuple[Cell, Cell]]] = {}
        for row in table.rows:
            by_name.setdefault(voice.cells([row[s]], table.columns[s])[0], []).append((row[x], row[y]))
        names = sorted(by_name, key=lambda name: -sum(abs(_float(value) or 0) for _, value in by_name[name]))
        if len(names) > MAX_SERIES:
            notes.append(say("{shown} greatest of {total}", shown=MAX_SERIES, total=len(names)))
        for order, name in enumerate(names[:MAX_SERIES]):
            cells = _placed(by_name[name], place)
            tracks.append(_track(name, PALETTE[order], cells, table.columns[y]))
    in_order = is_time or (len(ys) == 1 and chart.series is None and _is_ordinal(x_column, keys))
    return _Axis(_axis_labels(keys, x_column, voice), _partial(keys, grain, provenance), in_order), tracks, notes


def _key(cell: Cell) -> Cell:
    return cell.date() if isinstance(cell, datetime) else cell


def _every_unit(keys: Sequence[Cell], grain: Grain) -> list[Cell]:
    days = [key for key in keys if isinstance(key, date)]
    return [part.start for part in split(Period(min(days), max(days)), grain)]


def _placed(pairs: Iterable[tuple[Cell, Cell]], place: dict[Cell, int]) -> list[float | None]:
    cells: list[float | None] = [None] * len(place)
    for key, value in pairs:
        index = place.get(_key(key))
        if index is not None:
            cells[index] = _float(value)
    return cells


def _float(cell: Cell) -> float | None:
    return float(cell) if isinstance(cell, int | float) and defined(cell) else None


def _unit(column: Column) -> str:
    return column.unit or "count"


def _track(name: str, color: str, cells: list[float | None], column: Column, *, baseline: bool = False) -> _Track:
    return _Track(_drawable(name, 40), color, tuple(cells), _unit(column), column.signed, baseline)


def _drawable(text: str, limit: int) -> str:
    """One line without what fonts for pictures lack, such as emoji."""
    return one_line(_UNDRAWABLE.sub("", text), limit)


def _axis_labels(keys: Sequence[Cell], column: Column, voice: Voice) -> tuple[tuple[str, ...], ...]:
    labels: list[tuple[str, ...]] = []
    previous: date | None = None
    for key in keys:
        if isinstance(key, date) and column.grain:
            labels.append(voice.tick(key, column.grain, previous))
            previous = key
        else:
            labels.append(tuple(wrap(_drawable(voice.cell(key, column), 80), 24, 2)))
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


def _short(axis: _Axis) -> bool:
    """Whether the labels are so short that columns can stand side by side in their natural order."""
    return len(axis.labels) <= MAX_BARS and all(len(lines) == 1 and width(lines[0]) <= 4 for lines in axis.labels)


# --- heat maps -------------------------------------------------------------------------------------------------------


def _heat(chart: Chart, table: Table, columns: dict[str, int], voice: Voice, provenance: Provenance) -> Spec | None:
    """A heat map of the first 24 rows that hold a figure and the first 13 columns that do."""
    drawn = [name for name in chart.y if any(_float(row[columns[name]]) is not None for row in table.rows)]
    rows = [row for row in table.rows if any(_float(row[columns[name]]) is not None for name in drawn)]
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
    values = [[_float(row[columns[name]]) for name in drawn] for row in rows]
    unit_ = _unit(table.columns[columns[drawn[0]]])
    x = table.columns[columns[chart.x]]
    partial = frozenset(
        (r, c)
        for r, row in enumerate(rows)
        for c, name in enumerate(drawn)
        if (_key(row[columns[chart.x]]), name) in chart.partial
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
        rows=tuple(_drawable(voice.cell(key, x), 16) for key in keys),
        beside=tuple(beside),
        columns=tuple(_drawable(voice.header(table.columns[columns[name]]), 12) for name in drawn),
        values=tuple(map(tuple, values)),
        texts=tuple(tuple("" if v is None else next(written) for v in line) for line in values),
        partial=partial,
        apart=apart,
    )
    layers, height = heat_map(heat, WIDTH - 2 * _PADDING)
    title = _title(chart, voice, provenance, notes)
    frame = 2 * _PADDING + 34 * len(title["text"]) + 26 * len(title.get("subtitle", ())) + 30
    return {
        "$schema": SCHEMA,
        "title": title,
        "width": WIDTH,
        "height": height + frame,
        "autosize": {"type": "fit", "contains": "padding"},
        "layer": layers,
        "config": _theme(),
    }


# --- drawing ---------------------------------------------------------------------------------------------------------


def _lines(axis: _Axis, tracks: Sequence[_Track], unit_: str, voice: Voice) -> list[Spec]:
    count = len(axis.labels)
    low, high, ticks = _value_ticks([v for t in tracks for v in t.values if v is not None], zero=None)
    ends = _end_labels(tracks, voice)
    # Room on the right for the labels at the lines' ends.
    room = max((width(text) for _, text in ends), default=0) * _LABEL_SIZE * 0.52 + 20
    plot = WIDTH - 2 * _PADDING - 90
    span = max(count - 1, 1)
    x_scale = {
        "domain": [
            -0.02 * span if count > _LABELLED_POINTS else -0.1 * span,
            span * plot / max(plot - room, plot * 0.45),
        ]
    }
    # Every layer carries the same axes: one that has none would take them from all.
    x = {
        "field": "x",
        "type": "quantitative",
        "scale": {**x_scale, "nice": False, "zero": False},
        "axis": _category_axis(axis, plot - room),
    }
    tick_texts = voice.quantities([Quantity(tick, unit_) for tick in ticks])
    y = {
        "field": "y",
        "type": "quantitative",
        "scale": {"domain": [low, high], "nice": False, "zero": False},
        "axis": _value_axis(ticks, tick_texts),
    }
    layers: list[Spec] = []
    if low < 0:
        layers.append(_zero_rule("y", y))
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
                        "color": _SOFT if track.baseline else track.color,
                        "fontSize": _LABEL_SIZE,
                    },
                    "encoding": {"x": x, "y": y, "text": {"field": "text"}},
                }
            )
    if len(tracks) == 1:
        label_layers += _point_labels(tracks[0], x, y, voice)
    return layers + label_layers


def _one_line(
    rows: list[Spec], track: _Track, partial: frozenset[int], x: Spec, y: Spec, *, pointed: bool
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


def _end_labels(tracks: Sequence[_Track], voice: Voice) -> list[tuple[float | None, str]]:
    """Value and text of each line's last point; the name too where there are several lines."""
    last = [next((value for value in reversed(track.values) if value is not None), None) for track in tracks]
    texts = voice.column([Quantity(v, t.unit, t.signed) for v, t in zip(last, tracks, strict=True)])
    if len(tracks) > 1:
        texts = [f"{fit(track.name, _END_NAME)} {text}" for track, text in zip(tracks, texts, strict=True)]
    return list(zip(last, texts, strict=True))


def _point_labels(track: _Track, x: Spec, y: Spec, voice: Voice) -> list[Spec]:
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
                    "mark": {"type": "text", "dy": 24 if below else -20, "color": _INK, "fontSize": _LABEL_SIZE},
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


def _bar_rows(axis: _Axis, tracks: Sequence[_Track], voice: Voice) -> list[Spec]:
    texts = iter(voice.column([quantity for track in tracks for quantity in track.quantities()]))
    return [
        {"c": place, "s": track.name, "y": value or 0, "text": next(texts), "hollow": _is_hollow(axis, track, place)}
        for track in tracks
        for place, value in enumerate(track.values)
    ]


def _is_hollow(axis: _Axis, track: _Track, place: int) -> bool:
    return place in axis.partial and not track.baseline


def _bars(axis: _Axis, tracks: Sequence[_Track], voice: Voice) -> list[Spec]:
    """Horizontal bars: names on the left, the figure at each bar's end, no value axis."""
    rows = _bar_rows(axis, tracks, voice)
    names = max((width(line) for lines in axis.labels for line in lines), default=0) * _LABEL_SIZE * _EM
    plot = max(WIDTH - 2 * _PADDING - names - 12, 200)
    domain = _roomy([row["y"] for row in rows], max(width(row["text"]) for row in rows) * _LABEL_SIZE * _EM + 12, plot)
    category = {
        "field": "c",
        "type": "ordinal",
        "sort": None,
        "scale": {"paddingInner": 0.28, "paddingOuter": 0.1},
        "axis": {
            **_BARE_AXIS,
            "labelExpr": _lookup(axis.labels),
            "labelLimit": 330,
            "labelLineHeight": 23,
            # Vega centres the first line on the tick; two lines stand half a line higher.
            "labelOffset": {"condition": {"test": _is_among(axis.labels, lines=2), "value": -11}, "value": 0},
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


def _bar_step(axis: _Axis, tracks: Sequence[_Track]) -> int:
    """Height for one name's bars; names on two lines need more."""
    lines = max((len(lines) for lines in axis.labels), default=1)
    return max(_BAR_STEP if len(tracks) == 1 else 34 * len(tracks) + 10, 60 if lines > 1 else 0)


def _columns(axis: _Axis, tracks: Sequence[_Track], unit_: str, voice: Voice) -> list[Spec]:
    """Vertical bars, for time and for short names in their natural order."""
    rows = _bar_rows(axis, tracks, voice)
    plot = WIDTH - 2 * _PADDING
    widest = max(width(row["text"]) for row in rows) * (_LABEL_SIZE - 1) * _EM
    labelled = widest + 6 <= plot / max(len(rows), 1)
    category: Spec = {
        "field": "c",
        "type": "ordinal",
        "sort": None,
        "scale": {"paddingInner": 0.25, "paddingOuter": 0.15},
        "axis": _category_axis(axis, plot),
    }
    low, high, ticks = _value_ticks([row["y"] for row in rows], zero=True)
    y_axis = None if labelled else _value_axis(ticks, voice.quantities([Quantity(tick, unit_) for tick in ticks]))
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
                mark = {"align": "center", "baseline": "middle", "dy": dy, "fontSize": _LABEL_SIZE - 1}
                layers.append(_bar_text(values, {**encoding, **offset}, mark))
    return layers


def _filled(rows: list[Spec], tracks: Sequence[_Track], encoding: Spec, offset: Spec, value: str) -> list[Spec]:
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
        color = {"condition": {"test": "datum.y < 0", "value": _NEGATIVE}, "value": colors[0]}
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
        layers.append(_zero_rule(value, encoding[value]))
    return layers


def _bar_text(rows: list[Spec], encoding: Spec, mark: Spec) -> Spec:
    return {
        "data": {"values": rows},
        "mark": {"type": "text", "fontSize": _LABEL_SIZE, "color": _INK, **mark},
        "encoding": {**encoding, "text": {"field": "text"}},
    }


def _zero_rule(channel: str, like: Spec) -> Spec:
    """A line at zero, on the axis of the channel `like`."""
    at_zero = {**{key: part for key, part in like.items() if key != "field"}, "datum": 0}
    return {
        "data": {"values": [{}]},
        "mark": {"type": "rule", "color": _SOFT, "strokeWidth": 1.5},
        "encoding": {channel: at_zero},
    }


# --- axes ------------------------------------------------------------------------------------------------------------

_BARE_AXIS: Spec = {"title": None, "domain": False, "ticks": False, "grid": False, "labelPadding": 10}


def _lookup(labels: Sequence[Sequence[str]]) -> str:
    """A Vega expression that gives each place its label. JSON's ASCII form is inert in an expression."""
    texts = [list(lines) if len(lines) > 1 else "".join(lines) for lines in labels]
    return f"{json.dumps(texts)}[datum.value]"


def _is_among(labels: Sequence[Sequence[str]], *, lines: int) -> str:
    """A Vega expression: whether a place's label has so many lines."""
    places = [index for index, label in enumerate(labels) if len(label) == lines]
    return f"indexof({places}, datum.value) >= 0"


def _category_axis(axis: _Axis, plot: float) -> Spec:
    count = len(axis.labels)
    widest = max((width(line) for lines in axis.labels for line in lines), default=1) * _LABEL_SIZE * _EM
    widest += 6 if count <= _FEW_PLACES else 22
    every = max(math.ceil(widest * count / max(plot, 1)), 1)
    # Steps that a calendar knows.
    every = next((step for step in (1, 2, 3, 4, 6, 7, 12, 14, 26, 28, 52) if step >= every), every)
    shown = list(range(0, count, every))
    labels = list(axis.labels)
    if every > 1 and axis.in_order:
        labels = _years_on_shown(labels, shown)
    return {**_BARE_AXIS, "values": shown, "labelExpr": _lookup(labels), "labelLimit": 0, "labelLineHeight": 23}


def _years_on_shown(labels: list[tuple[str, ...]], shown: list[int]) -> list[tuple[str, ...]]:
    """Where ticks are left out, a year stands under the first tick shown of it."""
    year: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    moved = list(labels)
    for index, lines in enumerate(labels):
        year = lines[1:] or year
        if index in shown:
            moved[index] = (lines[0],) if year == said else (lines[0], *year)
            said = year
    return moved


def _value_axis(ticks: Sequence[float], texts: Sequence[str]) -> Spec:
    step = ticks[1] - ticks[0] if len(ticks) > 1 else 1
    expression = f"{json.dumps(list(texts))}[round((datum.value - ({ticks[0]!r})) / {step!r})]"
    return {
        "title": None,
        "domain": False,
        "ticks": False,
        "grid": True,
        "values": list(ticks),
        "labelExpr": expression,
        "labelPadding": 10,
    }


def _value_ticks(values: Sequence[float], *, zero: bool | None) -> tuple[float, float, list[float]]:
    """(low, high, ticks) of a value axis. `zero` None: from zero unless all values are far from it."""
    low, high = min(values), max(values)
    from_zero = zero or low <= 0 or high <= 0 or low < 0.75 * high or low == high
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        return 0.0, 1.0, [0.0]
    step = _nice((high - low) / 4)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = [float(f"{index * step:.12g}") for index in range(first, last + 1)]
    return ticks[0], ticks[-1] + step * 0.12, ticks


def _nice(step: float) -> float:
    power = 10.0 ** math.floor(math.log10(step))
    return next(float(f"{factor * power:.6g}") for factor in (1, 2, 2.5, 5, 10) if factor * power >= step * 0.999)


def _roomy(values: Sequence[float], text: float, plot: float) -> list[float]:
    """A domain for horizontal bars that leaves `text` pixels of `plot` beyond the bars' ends."""
    low, high = min(*values, 0.0), max(*values, 0.0)
    if low == high:
        return [0.0, 1.0]
    sides = (low < 0) + (high > 0)
    spare = (high - low) * text / max(plot - sides * text, plot * 0.3)
    return [low - spare if low < 0 else 0.0, high + spare if high > 0 else 0.0]


# --- frame -----------------------------------------------------------------------------------------------------------


def _title(chart: Chart, voice: Voice, provenance: Provenance, notes: list[Message]) -> Spec:
    columns = WIDTH - 2 * _PADDING
    parts = [*([voice.period(provenance.period)] if provenance.period else [])]
    parts += [voice.text(message) for message in (*provenance.filters, *notes)]
    title: Spec = {"text": wrap(_drawable(voice.text(chart.title), 200), int(columns / (_TITLE_SIZE * _EM)), 2)}
    if parts:
        title["subtitle"] = wrap(_drawable(" · ".join(parts), 200), int(columns / (_SUBTITLE_SIZE * _EM)), 2)
    return title


def _theme() -> Spec:
    return {
        "font": FONTS,
        "background": "white",
        "padding": _PADDING,
        "view": {"stroke": None},
        "title": {
            "anchor": "start",
            "frame": "bounds",
            "fontSize": _TITLE_SIZE,
            "fontWeight": "bold",
            "color": _INK,
            "subtitleFontSize": _SUBTITLE_SIZE,
            "subtitleColor": _SOFT,
            "subtitlePadding": 8,
            "lineHeight": 34,
            "subtitleLineHeight": 26,
            "offset": 22,
        },
        "axis": {
            "labelFontSize": _LABEL_SIZE,
            "labelColor": _SOFT,
            "gridColor": _GRID,
            "gridWidth": 1.2,
        },
        "axisX": {"labelAngle": 0},
        "legend": {
            "labelFontSize": _LABEL_SIZE,
            "labelColor": _INK,
            "symbolType": "square",
            "symbolSize": 220,
            "labelLimit": 320,
            "columnPadding": 24,
            "offset": 10,
        },
    }
