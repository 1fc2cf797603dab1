"""Promotions and holidays that were on, and those of the next two weeks."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from jobs.digests.digesting import AHEAD
from jobs.digests.section import Part, Section
from tools.answer import FollowUp, ToolCall
from tools.messages import Label, Message, say
from tools.semantic.periods import Period

if TYPE_CHECKING:
    from jobs.digests.digesting import Digesting

MOST = 3


def run(digesting: Digesting) -> Part | None:
    """By their main days."""
    told = digesting.told
    ahead = Period(told.end + timedelta(days=1), told.end + AHEAD)
    on = digesting.events.on(told)
    # What is still on is not told twice; of one with two stretches, the second is.
    coming = [
        (main, one.label)
        for one in digesting.events.on(ahead)
        if (main := one.coming(ahead.start)) is not None and (one not in on or main.start > told.end)
    ]
    lines: list[Message] = []
    if on:
        lines.append(say("*In these days:* {events}", events=tuple(one.label for one in on[:MOST])))
    if coming:
        first = sorted(coming, key=lambda item: item[0])[:MOST]
        named = tuple(say("{event} ({days})", event=label, days=main) for main, label in first)
        lines.append(say("*Ahead:* {events}", events=named))
    if not lines:
        return None
    period = {"start": told.start.isoformat(), "end": ahead.end.isoformat()}
    return Part(lines=tuple(lines), follow_ups=(FollowUp(say("Calendar"), ToolCall("calendar", {"period": period})),))


SECTION = Section("promotions", Label("Promotions ahead", "近期大促"), 50, run, tells_figures=False)
