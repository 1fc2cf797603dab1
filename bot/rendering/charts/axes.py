"""Axes whose labels are written beforehand, and the layers that lie on them."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

from bot.rendering.charts.frame import EM, LABEL_SIZE, SOFT, Spec
from bot.rendering.charts.reading import Axis
from bot.rendering.text import width

_FEW_PLACES = 7


BARE_AXIS: Spec = {"title": None, "domain": False, "ticks": False, "grid": False, "labelPadding": 10}


def lookup(labels: Sequence[Sequence[str]]) -> str:
    """A Vega expression that gives each place its label. JSON's ASCII form is inert in an expression."""
    texts = [list(lines) if len(lines) > 1 else "".join(lines) for lines in labels]
    return f"{json.dumps(texts)}[datum.value]"


def is_among(labels: Sequence[Sequence[str]], *, lines: int) -> str:
    """A Vega expression: whether a place's label has so many lines."""
    places = [index for index, label in enumerate(labels) if len(label) == lines]
    return f"indexof({places}, datum.value) >= 0"


def category_axis(axis: Axis, plot: float) -> Spec:
    count = len(axis.labels)
    widest = max((width(line) for lines in axis.labels for line in lines), default=1) * LABEL_SIZE * EM
    widest += 6 if count <= _FEW_PLACES else 22
    every = max(math.ceil(widest * count / max(plot, 1)), 1)
    # Steps that a calendar knows.
    every = next((step for step in (1, 2, 3, 4, 6, 7, 12, 14, 26, 28, 52) if step >= every), every)
    shown = list(range(0, count, every))
    labels = list(axis.labels)
    if every > 1 and axis.in_order:
        labels = _years_on_shown(labels, shown)
    return {**BARE_AXIS, "values": shown, "labelExpr": lookup(labels), "labelLimit": 0, "labelLineHeight": 23}


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


def value_axis(ticks: Sequence[float], texts: Sequence[str]) -> Spec:
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


def value_ticks(values: Sequence[float], *, zero: bool | None) -> tuple[float, float, list[float]]:
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


def roomy(values: Sequence[float], text: float, plot: float) -> list[float]:
    """A domain for horizontal bars that leaves `text` pixels of `plot` beyond the bars' ends."""
    low, high = min(*values, 0.0), max(*values, 0.0)
    if low == high:
        return [0.0, 1.0]
    sides = (low < 0) + (high > 0)
    spare = (high - low) * text / max(plot - sides * text, plot * 0.3)
    return [low - spare if low < 0 else 0.0, high + spare if high > 0 else 0.0]


def zero_rule(channel: str, like: Spec) -> Spec:
    """A line at zero, on the axis of the channel `like`."""
    at_zero = {**{key: part for key, part in like.items() if key != "field"}, "datum": 0}
    return {
        "data": {"values": [{}]},
        "mark": {"type": "rule", "color": SOFT, "strokeWidth": 1.5},
        "encoding": {channel: at_zero},
    }
