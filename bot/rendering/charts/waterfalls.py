"""A waterfall: from one whole amount to another, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.rendering.charts.axes import BARE_AXIS, is_among, lookup
from bot.rendering.charts.frame import BASELINE, EM, INK, LABEL_SIZE, PADDING, PALETTE, WIDTH, Spec, framed, titled
from bot.rendering.charts.reading import axis_labels, number, unit_of
from bot.rendering.text import width
from tools.answer import Chart, Provenance, Table
from tools.messages import Message, Quantity, say

if TYPE_CHECKING:
    from bot.rendering.voice import Voice

_GOOD, _BAD, _NEUTRAL = PALETTE[2], PALETTE[3], PALETTE[5]
_STEP, _TALL_STEP = 48, 62
_CUT = 0.6  # from this share of the longest bar on, what is common to all is cut off


def waterfall_spec(
    chart: Chart, table: Table, columns: dict[str, int], voice: Voice, provenance: Provenance
) -> Spec | None:
    """Bars that begin where the one above ended. Green is for the better, red for the worse."""
    labels = axis_labels([row[columns[chart.x]] for row in table.rows], table.columns[columns[chart.x]], voice)
    column = table.columns[columns[chart.y[0]]]
    notes: list[Message] = []
    steps = [number(row[columns[chart.y[0]]]) for row in table.rows]
    if len(steps) < 2 or any(step is None for step in steps):
        return None
    unit_ = unit_of(column)
    rows = _bars([step or 0.0 for step in steps], column.good, voice, unit_)
    levels = [level for row in rows for level in (row["a"], row["b"]) if not row["whole"]] + [
        rows[0]["b"],
        rows[-1]["b"],
    ]
    top, bottom = max(*levels, 0.0), min(*levels, 0.0)
    cut = min(levels) > _CUT * top > 0
    start = min(levels) - 0.5 * (top - min(levels)) if cut else bottom
    if cut:
        notes.append(say("bars do not begin at zero"))
        for row in rows:
            if row["whole"]:
                row["a"] = start
    names = max((width(line) for lines in labels for line in lines), default=0) * LABEL_SIZE * EM
    plot = max(WIDTH - 2 * PADDING - names - 12, 200)
    text = max(width(row["text"]) for row in rows) * LABEL_SIZE * EM + 14
    spare = (top - start) * text / max(plot - text, plot * 0.3) or 1.0
    domain = [start - (spare if start < 0 else 0.0), top + spare]
    category = {
        "field": "c",
        "type": "ordinal",
        "sort": None,
        "scale": {"paddingInner": 0.3, "paddingOuter": 0.1},
        "axis": {
            **BARE_AXIS,
            "labelExpr": lookup(labels),
            "labelLimit": 330,
            "labelLineHeight": 23,
            "labelOffset": {"condition": {"test": is_among(labels, lines=2), "value": -11}, "value": 0},
        },
    }
    x = {"field": "a", "type": "quantitative", "scale": {"domain": domain, "nice": False, "zero": False}, "axis": None}
    layers: list[Spec] = [
        {
            "data": {"values": [row]},
            "mark": {
                "type": "bar",
                "cornerRadius": 2,
                "color": _fading(row["color"], cut=cut and row["whole"]),
            },
            "encoding": {"y": category, "x": x, "x2": {"field": "b"}},
        }
        for row in rows
    ]
    layers.append(
        {
            "data": {"values": rows},
            "mark": {"type": "text", "align": "left", "dx": 8, "fontSize": LABEL_SIZE, "color": INK},
            "encoding": {"y": category, "x": {**x, "field": "end"}, "text": {"field": "text"}},
        }
    )
    step = _TALL_STEP if any(len(lines) > 1 for lines in labels) else _STEP
    return framed(titled(chart, voice, provenance, notes), layers, None, step * len(labels))


def _fading(color: str, *, cut: bool) -> Spec | str:
    """The colour of a bar; one that is cut off has no visible beginning."""
    if not cut:
        return color
    stops = [{"offset": 0, "color": "white"}, {"offset": 0.35, "color": color}]
    return {"gradient": "linear", "x1": 0, "x2": 1, "y1": 0, "y2": 0, "stops": stops}


def _bars(steps: list[float], good: str, voice: Voice, unit_: str) -> list[Spec]:
    """A row for each bar: where it begins and ends, its colour and its figure."""
    last = len(steps) - 1
    texts = voice.quantities([Quantity(v, unit_, signed=place not in (0, last)) for place, v in enumerate(steps)])
    rows: list[Spec] = []
    level = 0.0
    for place, step in enumerate(steps):
        whole = place in (0, last)
        begin, end = (0.0, step) if whole else (level, level + step)
        level = end
        better = (step >= 0) == (good == "up")
        color = (BASELINE if place == 0 else PALETTE[0]) if whole else _NEUTRAL
        if not whole and good != "neutral":
            color = _GOOD if better else _BAD
        rows.append(
            {
                "c": place,
                "a": begin,
                "b": end,
                "end": max(begin, end),
                "color": color,
                "text": texts[place],
                "whole": whole,
            }
        )
    return rows
