"""The named drivers in one or two lines, those in the direction of the change first."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.drivers.answers.naming import called, driver_name, moved, plain_name, share_of
from tools.drivers.answers.tables import KIN, cancels
from tools.drivers.choosing import NOISE
from tools.messages import Message, Value, say
from tools.semantic.wording import by_label

if TYPE_CHECKING:
    from tools.drivers.analysis import Analysis, Driver
    from tools.drivers.contributions import Breakdown, Contribution
    from tools.drivers.whole import Whole

SAID = 3
LARGE = 0.3  # a driver with so much of the figure …
IN_STEP = 0.35  # … that moved in step but for so much of its movement
GREAT = 0.25  # of the change: below, a driver without those before it is left to the picture
STANDS_OUT = 1 / 3


def driver_lines(analysis: Analysis, whole: Whole) -> list[Message]:
    if not analysis.breakdowns:
        return [
            say(
                "No dimension splits {metric} into parts that add up, so no parts are shown.",
                metric=analysis.request.metric.label.label.inside(),
            )
        ]
    if len(analysis.request.args.by) == 1:
        return _by_size(analysis, whole, analysis.breakdowns[0])
    if cancels(analysis, whole):
        return _cancelling(analysis, whole)
    toward, against = _told(analysis, whole)
    if not toward:
        return _by_size(analysis, whole, analysis.breakdowns[0])
    shown: dict[str, Value] = {
        "parts": tuple(_part(analysis, whole, one, first=one is toward[0]) for one in toward),
        "against": tuple(_plain(analysis, one) for one in against),
        **_rest(analysis, whole, (one.change for one in (*toward, *against))),
    }
    if not against:
        alone = say("Standing out: {parts}.", **shown)
        return [say("Standing out: {parts}; all else {rest}.", **shown) if "rest" in shown else alone]
    last = say("Against it {against}; all else {rest}.", **shown)
    return [say("Standing out: {parts}.", **shown), last if "rest" in shown else say("Against it {against}.", **shown)]


def another_view(analysis: Analysis) -> list[Message]:
    """Where little stands out: the largest movements by another dimension, which are no further parts."""
    request, drivers = analysis.request, analysis.drivers
    if request.args.by or not drivers or len(drivers) >= SAID:
        return []
    taken = {KIN.get(d.id, d.id) for driver in drivers for d, _value in driver.terms}
    other = next((one for one in analysis.breakdowns if KIN.get(one.dimension.id, one.dimension.id) not in taken), None)
    if other is None:
        return []
    parts = tuple(
        say("{part} {effect}", part=called(request, other.dimension, row.value), effect=moved(request, row.change))
        for row in other.contributions[:SAID]
    )
    return [say("Largest by {dimension}: {parts}.", dimension=by_label(other.dimension), parts=parts)]


def stand_out(analysis: Analysis, whole: Whole) -> bool:
    """Whether the drivers that are named tell a good part of the change."""
    if len(analysis.request.args.by) == 1 or not analysis.breakdowns:
        return True
    told = math.fsum(one.change for one in _told(analysis, whole)[0])
    return abs(told) >= STANDS_OUT * abs(whole.change) and not cancels(analysis, whole)


@dataclass(frozen=True)
class _Told:
    """A driver as it is told: without those before it, or, where these are not told, as a whole, as in the table."""

    name: Message
    change: float
    weight: float
    in_step: float


def _told(analysis: Analysis, whole: Whole) -> tuple[list[_Told], list[_Told]]:
    """The first few in the direction of the change, by size, and the largest against it. None overlaps another."""
    request, drivers = analysis.request, analysis.drivers
    toward: dict[int, _Told] = {}
    hidden: set[int] = set()
    for place, driver in enumerate(drivers):
        step = driver.step
        if len(toward) == min(SAID, request.args.top) or step.change * whole.change <= 0 or place in hidden:
            continue
        if not step.cut:
            toward[place] = _remaining(analysis, driver)
        elif abs(step.change) < GREAT * abs(whole.change):
            continue
        elif not toward.keys() & set(step.without):
            one = _in_whole(analysis, driver)
            if one is not None and one.change * whole.change > 0:
                toward[place] = one
                hidden |= set(step.without)
        elif len(step.without) == 1 and None not in {value for _dimension, value in driver.terms}:
            toward[place] = _remaining(analysis, driver)
    places = [
        place
        for place, driver in enumerate(drivers)
        if driver.step.change * whole.change < 0 and not driver.step.cut and place not in hidden
    ]
    greatest = sorted(places, key=lambda place: -abs(drivers[place].step.change))[:1]
    ranked = sorted(toward.values(), key=lambda one: -abs(one.change))
    return ranked, [_remaining(analysis, drivers[place]) for place in greatest]


def _remaining(analysis: Analysis, driver: Driver) -> _Told:
    step, name = driver.step, driver_name(analysis.request, driver, analysis.drivers)
    return _Told(name, step.change, step.weight, step.in_step)


def _in_whole(analysis: Analysis, driver: Driver) -> _Told | None:
    """A value with what the drivers before it took; None for pairs, of which no table tells."""
    if len(driver.terms) != 1:
        return None
    ((dimension, value),) = driver.terms
    split = next(one for one in analysis.breakdowns if one.dimension.id == dimension.id)
    row = split.by_value[value]
    return _Told(plain_name(analysis.request, driver), row.change, row.weight, row.in_step)


def _rest(analysis: Analysis, whole: Whole, told: Iterable[float]) -> dict[str, Value]:
    """What is left of the change, unless it is nothing."""
    rest = math.fsum((whole.change, *(-change for change in told)))
    return {"rest": moved(analysis.request, rest)} if abs(rest) >= NOISE * abs(whole.change) else {}


def _cancelling(analysis: Analysis, whole: Whole) -> list[Message]:
    told = [_remaining(analysis, one) for one in analysis.drivers if not one.step.cut][:SAID]
    if not told:
        return _by_size(analysis, whole, analysis.breakdowns[0])
    shown: dict[str, Value] = {
        "parts": tuple(_plain(analysis, one) for one in told),
        **_rest(analysis, whole, (one.change for one in told)),
    }
    if "rest" in shown:
        return [say("Large movements cancel each other out: {parts}; all else {rest}.", **shown)]
    return [say("Large movements cancel each other out: {parts}.", **shown)]


def _by_size(analysis: Analysis, whole: Whole, split: Breakdown) -> list[Message]:
    """A dimension's three largest values in the direction of the change, and the largest against it."""
    request = analysis.request
    least = NOISE * abs(split.contributions[0].change)
    rows = [row for row in split.contributions if abs(row.change) >= least]
    toward = [row for row in rows if row.change * whole.change > 0][:SAID]
    against = [row for row in rows if row.change * whole.change < 0][:1]
    shown: dict[str, Value] = {
        "dimension": by_label(split.dimension),
        "parts": tuple(_row(analysis, whole, split, row) for row in toward),
        **_rest(analysis, whole, (row.change for row in (*toward, *against))),
    }
    if not against:
        if "rest" not in shown:
            return [say("By {dimension}: {parts}.", **shown)]
        return [say("By {dimension}: {parts}; all else {rest}.", **shown)]
    shown["against"] = called(request, split.dimension, against[0].value)
    shown["change"] = moved(request, against[0].change)
    if "rest" not in shown:
        return [say("By {dimension}: {parts}; against it {against} {change}.", **shown)]
    return [say("By {dimension}: {parts}; against it {against} {change}; all else {rest}.", **shown)]


def _row(analysis: Analysis, whole: Whole, split: Breakdown, row: Contribution) -> Message:
    request = analysis.request
    shown: dict[str, Value] = {
        "part": called(request, split.dimension, row.value),
        "effect": moved(request, row.change),
        "share": share_of(row.change, whole.change),
    }
    if cancels(analysis, whole):
        return say("{part} {effect}", **shown)
    return say("{part} {effect} ({share})", **shown)


def _plain(analysis: Analysis, one: _Told) -> Message:
    return say("{part} {effect}", part=one.name, effect=moved(analysis.request, one.change))


def _part(analysis: Analysis, whole: Whole, one: _Told, *, first: bool) -> Message:
    """“United Kingdom +£381,981 (105% of the rise; it is 86% of the total)”; of later ones, the share alone."""
    shown: dict[str, Value] = {
        "part": one.name,
        "effect": moved(analysis.request, one.change),
        "share": share_of(one.change, whole.change),
        "weight": share_of(one.weight, 1),
    }
    if not first:
        return say("{part} {effect} ({share})", **shown)
    rose = whole.change > 0
    in_step = one.weight >= LARGE and abs(one.change - one.in_step) <= IN_STEP * abs(one.change)
    if in_step:
        return (
            say("{part} {effect} ({share} of the rise; it is {weight} of the total)", **shown)
            if rose
            else say("{part} {effect} ({share} of the fall; it is {weight} of the total)", **shown)
        )
    return (
        say("{part} {effect} ({share} of the rise)", **shown)
        if rose
        else say("{part} {effect} ({share} of the fall)", **shown)
    )
