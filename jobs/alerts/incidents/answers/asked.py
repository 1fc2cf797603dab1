"""A call of the tool `incidents`, answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.alerts.incidents.answers.acted import acknowledged, marked_usual, snoozed
from jobs.alerts.incidents.answers.desk import Desk
from jobs.alerts.incidents.answers.listed import listed
from jobs.alerts.incidents.answers.shown import shown
from jobs.alerts.incidents.answers.silenced import silenced, silences, unsilenced
from jobs.alerts.incidents.answers.timed import timed

if TYPE_CHECKING:
    from jobs.catalog.incidents import IncidentsArgs
    from tools.answer import Answer
    from tools.tool import Context


def answered(context: Context, args: IncidentsArgs) -> Answer:
    """Raises InvalidArgument where there is no such incident or metric, or nowhere to keep anything; NotAllowed."""
    desk = Desk.of(context, args)
    match args.action:
        case "list":
            return listed(desk)
        case "show":
            return shown(desk)
        case "acknowledge":
            return acknowledged(desk)
        case "snooze":
            return snoozed(desk)
        case "not_an_anomaly":
            return marked_usual(desk)
        case "silence":
            return silenced(desk)
        case "silences":
            return silences(desk)
        case "unsilence":
            return unsilenced(desk)
        case "times":
            return timed(desk)
