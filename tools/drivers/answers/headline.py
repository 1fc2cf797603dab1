"""What is said first: how far the figure moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.drivers.answers.naming import amount, moved, title
from tools.messages import Message, Quantity, Value, say

if TYPE_CHECKING:
    from tools.drivers.analysis import Analysis
    from tools.drivers.whole import Whole


def headline(analysis: Analysis) -> Message:
    """How far the figure moved, after that it did not move as the question says."""
    found, said, whole = _found(analysis), analysis.request.args.said, analysis.whole
    if said is None or whole is None or (whole.change > 0 if said == "rise" else whole.change < 0):
        return found
    if said == "rise":
        return say("It did not rise. {found}", found=found)
    return say("It did not fall. {found}", found=found)


def _found(analysis: Analysis) -> Message:
    request, whole = analysis.request, analysis.whole
    shown: dict[str, Value] = {"metric": title(request), "period": request.now, "baseline": request.before}
    if whole is None:
        return _undefined(analysis, shown)
    shown |= {"now": amount(request, whole.now), "before": amount(request, whole.before)}
    if not whole.change:
        if not whole.now:
            return say("{metric}: nothing in {baseline} and nothing in {period}, so nothing moved.", **shown)
        return say("{metric} did not move from {baseline} to {period}: {now} both times.", **shown)
    if not whole.before and request.metric.empty_is_zero:
        return say("{metric} came to {now} in {period}, from nothing in {baseline}.", **shown)
    return _moved(analysis, whole, shown)


def _moved(analysis: Analysis, whole: Whole, shown: dict[str, Value]) -> Message:
    request = analysis.request
    rose = whole.change > 0
    if request.metric.unit == "ratio":
        shown["change"] = Quantity(abs(whole.change), "points")
        if rose:
            return say("{metric} rose by {change} from {baseline} to {period}, to {now}.", **shown)
        return say("{metric} fell by {change} from {baseline} to {period}, to {now}.", **shown)
    shown["change"] = moved(request, whole.change)
    if whole.before <= 0:
        return say("{metric} moved by {change} from {baseline} to {period}, to {now}.", **shown)
    shown["rate"] = Quantity(abs(whole.change) / whole.before, "ratio")
    if rose:
        return say("{metric} rose {rate} ({change}) from {baseline} to {period}, to {now}.", **shown)
    return say("{metric} fell {rate} ({change}) from {baseline} to {period}, to {now}.", **shown)


def _undefined(analysis: Analysis, shown: dict[str, Value]) -> Message:
    """A ratio without a denominator on one side, or on both."""
    bottom = analysis.figure.bottom
    assert bottom is not None  # noqa: S101 - only ratios are undefined
    shown["denominator"] = bottom.label.label.inside()
    in_now, in_before = (bool(side[bottom.id]) for side in (analysis.sides.now, analysis.sides.before))
    if in_now:
        return say("{metric} has no figure in {baseline}: there were no {denominator}. Nothing to compare.", **shown)
    if in_before:
        return say("{metric} has no figure in {period}: there were no {denominator}. Nothing to compare.", **shown)
    return say("{metric} has no figure in either period: there were no {denominator}.", **shown)
