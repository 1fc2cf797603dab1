"""The values of dimensions that moved the main figure most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.digests.digesting import days
from jobs.digests.section import Part, Section
from tools.answer import Fact, FollowUp
from tools.drivers.answers.naming import distinct, moved
from tools.drivers.answers.tables import shown_breakdowns
from tools.drivers.choosing import NOISE
from tools.messages import Label, say
from tools.semantic.wording import by_label

if TYPE_CHECKING:
    from jobs.digests.digesting import Digesting


def run(digesting: Digesting) -> Part | None:
    """The largest movement of each of the most telling dimensions, one way or the other."""
    analysis = digesting.analysis
    whole = None if analysis is None else analysis.whole
    if analysis is None or whole is None or not whole.change:
        return None
    request = analysis.request
    shown = shown_breakdowns(analysis)
    first = [(split, next((one for one in split.contributions if one.value is not None), None)) for split in shown]
    told = [(split, row) for split, row in first if row is not None and abs(row.change) >= NOISE * abs(whole.change)]
    parts, facts = [], []
    for split, row in sorted(told, key=lambda pair: -abs(pair[1].change)):
        name = distinct(request, split.dimension, row.value)
        parts.append(say("{part} {effect}", part=name, effect=moved(request, row.change)))
        where = {**digesting.where, split.dimension.id: str(row.value)}
        facts.append(Fact(f"{request.metric.id}_change", row.change, request.change_unit, digesting.told, where))
    if not parts:
        return None
    baseline = digesting.figures.baselines[0].period
    metric = request.metric.id
    taps = tuple(
        FollowUp(
            say("By {dimension}", dimension=by_label(split.dimension)),
            digesting.call(
                "drivers", metric=metric, period=days(digesting.told), compare=days(baseline), by=[split.dimension.id]
            ),
        )
        for split in shown[:1]
    )
    return Part(lines=(say("*Top movers:* {parts}", parts=tuple(parts)),), facts=tuple(facts), follow_ups=taps)


SECTION = Section("movers", Label("Top movers", "变化最大"), 30, run)
