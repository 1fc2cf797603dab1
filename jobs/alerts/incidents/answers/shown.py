"""One incident: how it stands, what happened to it, and its picture."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from jobs.alerts.incidents.words import line, told
from jobs.alerts.monitors import Monitors
from jobs.alerts.reasons import why
from jobs.alerts.telling import actions, facts, headline, off, pictured, provenance
from tools.answer import Answer, FollowUp
from tools.messages import say, say_n

if TYPE_CHECKING:
    from jobs.alerts.incidents.answers.desk import Desk

SAID = 8  # lines of the history, the last ones


def shown(desk: Desk) -> Answer:
    one = desk.meant()
    kept, figure, context = one.kept, one.figure, desk.context
    incident = kept.incident
    history = incident.history[-SAID:]
    earlier = len(incident.history) - len(history)
    marks = Monitors(desk.state, lambda: context.now).marks([kept.monitor_id]).get(kept.monitor_id, ())
    period = figure.period(incident.last)
    buttons = actions(kept) if desk.context.chat is not None and one.watched_still else ()
    return Answer(
        headline=headline(figure, kept),
        lines=(
            *([] if incident.open else [say("It was {off}", off=off(figure, kept))]),
            say("{standing}.", standing=told(incident, context.now, desk.timezone)),
            *([say_n("{count} earlier entry", "{count} earlier entries", earlier)] if earlier else []),
            *(line(entry, context.now, desk.timezone) for entry in history),
        ),
        facts=facts(figure, kept),
        chart=pictured(context, kept, figure.definition, marks),
        follow_ups=(*buttons, FollowUp(say("Why?"), why(figure, period))),
        provenance=replace(provenance(figure), period=period),
    )
