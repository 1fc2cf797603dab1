"""What is wrong now: the open incidents of the chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.digests.section import Part, Section
from tools.answer import Fact, FollowUp, ToolCall
from tools.messages import Label, Message, say, say_n

if TYPE_CHECKING:
    from jobs.alerts.incidents.store import Kept
    from jobs.digests.digesting import Digesting

SAID = 2


def run(digesting: Digesting) -> Part | None:
    """The newest two in words, all in the tap; nothing in the terminal, which has no incidents of its own."""
    from jobs.alerts.incidents.store import Incidents

    context = digesting.context
    if context.state is None or context.chat is None:
        return None
    found = Incidents(context.state, lambda: context.now).open_in(context.chat.id, context.chat.topic)
    if not found:
        return None
    count = say_n(
        "*{count} open incident:* {first}",
        "*{count} open incidents:* {first}",
        len(found),
        first=_said(digesting, found[0]),
    )
    lines = [count, *(say("• {incident}", incident=_said(digesting, kept)) for kept in found[1:SAID])]
    return Part(
        lines=tuple(lines),
        facts=(Fact("open_incidents", len(found), "count"),),
        follow_ups=(FollowUp(say("Open incidents"), ToolCall("incidents", {"action": "list"})),),
        moved=True,
    )


def _said(digesting: Digesting, kept: Kept) -> Message:
    """“Orders, Germany: Firing since 09:40, nobody has acknowledged it”."""
    from jobs.alerts.incidents.words import told
    from tools.semantic.answers.naming import value_name

    context, incident = digesting.context, kept.incident
    metric = context.catalog.metrics.get(incident.subject.metric)
    named: Label | str = incident.subject.metric if metric is None else metric.label.label
    how = told(incident, context.now, context.user.timezone)
    where = tuple(
        value_name(digesting.figures.main, context.catalog.dimension(dimension), value)
        for dimension, value in incident.subject.where
    )
    if where:
        return say("{metric}, {where}: {how}", metric=named, where=where, how=how)
    return say("{metric}: {how}", metric=named, how=how)


SECTION = Section("incidents", Label("Open incidents", "未解决的异常"), 20, run, tells_figures=False)
