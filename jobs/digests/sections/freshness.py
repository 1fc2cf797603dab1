"""How far the data go, where some end before the days that are told of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.digests.section import Part, Section
from tools.answer import FollowUp, ToolCall
from tools.messages import Label, say

if TYPE_CHECKING:
    from datetime import date

    from jobs.digests.digesting import Digesting


def run(digesting: Digesting) -> Part | None:
    """Of the main figure the headline tells; here the others that lack days."""
    figures, told = digesting.figures, digesting.told
    late: dict[date, list[Label]] = {}
    for request in figures.requests[1:]:
        whole = figures.reach(request.main).whole
        if whole < told.end:
            late.setdefault(whole, []).append(request.main.label.label.inside())
    tap = FollowUp(say("How fresh is the data?"), ToolCall("quality", {"about": "freshness"}))
    if digesting.stale:
        return Part(follow_ups=(tap,))
    if not late:
        return None
    caveats = tuple(
        say("Data only up to {day}: {metrics}.", day=day, metrics=tuple(labels)) for day, labels in sorted(late.items())
    )
    return Part(caveats=caveats, follow_ups=(tap,), moved=True)


SECTION = Section("freshness", Label("Data freshness", "数据时效"), 60, run, tells_figures=False)
