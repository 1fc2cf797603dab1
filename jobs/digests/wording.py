"""Changes in words and marks: which way a figure went, and whether that is good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.digests.figures import share_of
from tools.messages import Message, Quantity, say

if TYPE_CHECKING:
    from jobs.digests.figures import Figure

GOOD, BAD, NEITHER = "🟢", "🔴", "⚪"
ROUNDED = 0.1


def change_of(figure: Figure, before: float | None) -> Quantity:
    """The change since `before`: of ratios in points, else relative; None where there is nothing to compare."""
    ratio = figure.metric.unit == "ratio"
    if figure.now is None or before is None:
        return Quantity(None, "points" if ratio else "ratio", signed=True)
    change = figure.now - before
    if ratio:
        return Quantity(round(change, 4), "points", signed=True)
    rate = share_of(change, before)
    return Quantity(None if rate is None else rounded(rate), "ratio", signed=True)


def mark(figure: Figure) -> str:
    """Whether a figure moved beyond what is usual to the better or the worse."""
    before = figure.before[0]
    if not figure.moved or figure.now is None or before is None or figure.metric.good == "neutral":
        return NEITHER
    return GOOD if (figure.now > before) == (figure.metric.good == "up") else BAD


def arrowed(change: Quantity) -> Message | None:
    """A change as a cell of a table: ▲18%."""
    if change.value is None:
        return None
    if not change.value:
        return say("= {change}", change=Quantity(0, "number" if change.unit == "points" else change.unit))
    if change.unit == "points":
        size = Quantity(round(abs(change.value) * 100, 2), "number")
        return say("▲{change}pt", change=size) if change.value > 0 else say("▼{change}pt", change=size)
    size = Quantity(abs(change.value), change.unit)
    return say("▲{change}", change=size) if change.value > 0 else say("▼{change}", change=size)


def rounded(rate: float) -> float:
    """Of changes beyond a tenth, decimals are noise."""
    return round(rate, 2) if abs(rate) >= ROUNDED else rate
