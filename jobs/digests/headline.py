"""What a digest says first: the main figure, how far it moved, and why, where the drivers tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.digests.figures import share_of
from jobs.digests.wording import NEITHER, mark, rounded
from tools.drivers.answers.driver_lines import IN_STEP, LARGE, STANDS_OUT
from tools.drivers.answers.naming import driver_name, moved
from tools.drivers.answers.tables import cancels
from tools.messages import Message, Quantity, Value, say

if TYPE_CHECKING:
    from jobs.digests.digesting import Digesting
    from tools.drivers.analysis import Driver

TOLD = 0.05  # relative changes below it are not explained


def headline(digesting: Digesting) -> Message:
    said = _said(digesting)
    found = mark(digesting.main)
    return said if found == NEITHER else say("{mark} {said}", mark=found, said=said)


def stale_headline(digesting: Digesting) -> Message:
    """That the figures are not there; never those of another day in their place."""
    reach, told = digesting.figures.reach(digesting.figures.main.main), digesting.told
    if reach.last.date() > reach.whole and told.start <= reach.last.date() <= told.end:
        return say(
            "⚠️ The data breaks off at {time}: the figures of {period} are not whole yet.", time=reach.last, period=told
        )
    return say("⚠️ No data since {day}: the figures of {period} are not there yet.", day=reach.whole, period=told)


def _said(digesting: Digesting) -> Message:
    figure = digesting.main
    before = figure.before[0]
    shown: dict[str, Value] = {
        "metric": digesting.title(figure.metric),
        "period": digesting.told,
        "value": figure.quantity(figure.now),
        "baseline": digesting.figures.baselines[0].phrase,
    }
    if figure.now is None:
        return say("{metric} in {period}: not defined, there is nothing to count.", **shown)
    if before is None:
        return say("{metric} in {period}: {value}.", **shown)
    change = figure.now - before
    rate = share_of(change, before)
    if not change:
        return say("{metric} in {period}: {value}, the same as {baseline}.", **shown)
    if figure.metric.unit == "ratio":
        shown["rate"] = Quantity(abs(change), "points")
    elif rate is None:
        return say("{metric} in {period}: {value}, from {before} {baseline}.", **shown, before=figure.quantity(before))
    elif not rounded(rate):
        return say("{metric} in {period}: {value}, about the same as {baseline}.", **shown)
    else:
        shown["rate"] = Quantity(rounded(abs(rate)), "ratio")
    why = None if rate is not None and abs(rate) < TOLD else _why(digesting)
    if why is not None:
        shown["why"] = why
        if change > 0:
            return say("{metric} in {period}: {value}, {rate} above {baseline}, {why}.", **shown)
        return say("{metric} in {period}: {value}, {rate} below {baseline}, {why}.", **shown)
    if change > 0:
        return say("{metric} in {period}: {value}, {rate} above {baseline}.", **shown)
    return say("{metric} in {period}: {value}, {rate} below {baseline}.", **shown)


def _why(digesting: Digesting) -> Message | None:
    """The occasion, or the driver that explains a third of the change or more."""
    said = _occasion(digesting)
    analysis = digesting.analysis if said is None else None
    whole = None if analysis is None else analysis.whole
    if analysis is None or whole is None or not whole.change:
        return said
    least = STANDS_OUT * abs(whole.change)
    if not analysis.breakdowns or cancels(analysis, whole):
        return None
    towards = [one for one in analysis.drivers if one.step.change * whole.change > 0 and not one.step.cut]
    first = max(towards, key=lambda one: abs(one.step.change), default=None)
    if first is None or abs(first.step.change) < least or _in_step(first):
        return None
    named: dict[str, Value] = {
        "driver": driver_name(analysis.request, first, analysis.drivers),
        "effect": moved(analysis.request, first.step.change),
    }
    if abs(first.step.change) > abs(whole.change) / 2:
        return say("mostly {driver} ({effect})", **named)
    return say("{driver} above all ({effect})", **named)


def _occasion(digesting: Digesting) -> Message | None:
    """What was on in one of the two periods alone, where a good part of the store keeps it and the figure differs by
    more than is usual.
    """
    figure, events = digesting.main, digesting.events
    before = figure.before[0]
    if not figure.differs or figure.now is None or before is None:
        return None
    there = digesting.figures.baselines[0].period
    now, then = ({one.occasion: one for one in events.on(period)} for period in (digesting.told, there))
    alone = {name: one for name, one in now.items() if name not in then}
    if figure.now < before:
        alone = {name: one for name, one in then.items() if name not in now}
    found = max(alone.values(), key=events.share, default=None)
    if found is None or events.share(found) < STANDS_OUT:
        return None
    if figure.now > before:
        return say("with {occasion}", occasion=found.label)
    return say("after {occasion}", occasion=found.label)


def _in_step(driver: Driver) -> bool:
    """A large part that moved as all the rest did explains nothing."""
    step = driver.step
    return step.weight >= LARGE and abs(step.change - step.in_step) <= IN_STEP * abs(step.change)
