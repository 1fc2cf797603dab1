"""How an incident stands, in a short text; and why something asked of it makes no sense."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from jobs.alerts.incidents.events import Acknowledged, MarkedUsual, Snoozed
from jobs.alerts.incidents.incident import ENDS, Change, Incident, State, Transition
from tools.messages import Message, say


def told(incident: Incident, now: datetime, timezone: str) -> Message:
    """Its state in a line: "Firing since 09:40, acknowledged by Ann 10:02".

    Instants of the same local day as `now` are told by the clock alone, others with their day.
    """
    if incident.state is State.RESOLVED:
        return _ended(incident, now, timezone)
    since = incident.latest(Change.FIRING if incident.fires else Change.PENDING)
    if since is None:  # it opens with a pending line, and fires with a firing one
        raise ValueError(f"the history of {incident.subject!r} lacks its {incident.state.value!r} line")
    began = _when(since.at, now, timezone)
    if not incident.fires:
        return say("Off since {since}, not for long enough to fire", since=began)
    snoozed, last = incident.latest(Change.SNOOZED), incident.latest(Change.ACKNOWLEDGED, Change.ESCALATED)
    if incident.snoozed_until is not None and snoozed is not None:
        until = _when(incident.snoozed_until, now, timezone)
        return say(
            "Firing since {since}, snoozed by {who} until {until}", since=began, who=snoozed.by or "", until=until
        )
    if incident.silence is not None:
        until = _when(incident.silence.until, now, timezone)
        who = incident.silence.by
        return say("Firing since {since}, silenced by {who} until {until}", since=began, who=who, until=until)
    if last is not None and incident.state is State.ACKNOWLEDGED:
        when = _when(last.at, now, timezone)
        return say("Firing since {since}, acknowledged by {who} {when}", since=began, who=last.by or "", when=when)
    if last is not None and incident.steps_done:
        when = _when(last.at, now, timezone)
        return say("Firing since {since}, escalated to {who} {when}", since=began, who=last.by or "", when=when)
    return say("Firing since {since}, nobody has acknowledged it", since=began)


def _ended(incident: Incident, now: datetime, timezone: str) -> Message:
    end, fired = incident.latest(*ENDS), incident.latest(Change.FIRING)
    if end is None:  # nothing is resolved without a line that says how
        raise ValueError(f"the history of {incident.subject!r} lacks its end")
    when = _when(end.at, now, timezone)
    if end.change is Change.MARKED_USUAL:
        return say("Not an anomaly, says {who} ({when})", who=end.by or "", when=when)
    if end.change is Change.WITHDRAWN:
        return say("Closed {when}: the alert was changed or removed", when=when)
    if end.change is Change.DISMISSED or fired is None:
        return say("Usual again since {when}, before it fired", when=when)
    return say("Recovered {when}, after firing since {since}", when=when, since=_when(fired.at, now, timezone))


def line(transition: Transition, now: datetime, timezone: str) -> Message:
    """One line of a history: when, what, and by whom."""
    when, who = _when(transition.at, now, timezone), transition.by or ""
    until = "" if transition.until is None else _when(transition.until, now, timezone)
    match transition.change:
        case Change.PENDING:
            return say("{when}: off", when=when)
        case Change.FIRING:
            return say("{when}: firing", when=when)
        case Change.ACKNOWLEDGED:
            return say("{when}: acknowledged by {who}", when=when, who=who)
        case Change.SNOOZED:
            return say("{when}: snoozed by {who} until {until}", when=when, who=who, until=until)
        case Change.SNOOZE_OVER:
            return say("{when}: the snooze ended", when=when)
        case Change.SILENCED:
            return say("{when}: silenced by {who} until {until}", when=when, who=who, until=until)
        case Change.SILENCE_OVER:
            return say("{when}: the silence ended", when=when)
        case Change.ESCALATED:
            return say("{when}: escalated to {who}", when=when, who=who)
        case Change.RECOVERED:
            return say("{when}: recovered", when=when)
        case Change.DISMISSED:
            return say("{when}: usual again before it fired", when=when)
        case Change.MARKED_USUAL:
            return say("{when}: not an anomaly, says {who}", when=when, who=who)
        case Change.WITHDRAWN if who:
            return say("{when}: closed, as {who} changed or removed the alert", when=when, who=who)
        case Change.WITHDRAWN:
            return say("{when}: closed, as the alert was changed or removed", when=when)


def refused(incident: Incident, event: Acknowledged | Snoozed | MarkedUsual, now: datetime) -> Message | None:
    """Why what a person asks changes nothing; None: it does.

    Acknowledged or snoozed after its end: says how it ended, and by whom. Acknowledged before it fires, or again: so. A
    snooze that would end in the past, or is there already, and a second "not an anomaly" of the same steps: so. "Not an
    anomaly" after recovery is taken: there is something to learn.
    """
    match event:
        case Acknowledged():
            return _not_acknowledged(incident)
        case Snoozed():
            return _not_snoozed(incident, event, now)
        case MarkedUsual():
            marked = incident.latest(Change.MARKED_USUAL)
            if incident.open or marked is None or incident.settled is None or incident.settled < incident.last:
                return None
            return say("{who} called it usual already, {when}.", who=marked.by or "", when=marked.at)


def _not_acknowledged(incident: Incident) -> Message | None:
    if incident.state is State.RESOLVED:
        return say("{over} There is nothing left to acknowledge.", over=_over(incident))
    if incident.state is State.PENDING:
        return say("It does not fire yet, so there is nothing to acknowledge.")
    by = incident.latest(Change.ACKNOWLEDGED)
    if incident.state is State.ACKNOWLEDGED and by is not None:
        return say("{who} acknowledged it already, {when}.", who=by.by or "", when=by.at)
    return None


def _not_snoozed(incident: Incident, event: Snoozed, now: datetime) -> Message | None:
    if incident.state is State.RESOLVED:
        return say("{over} There is nothing left to snooze.", over=_over(incident))
    if event.until <= now:
        return say("{until} is past; choose a later time to snooze until.", until=event.until)
    by = incident.latest(Change.SNOOZED)
    if incident.snoozed_until == event.until and by is not None:
        return say("{who} snoozed it until {until} already.", who=by.by or "", until=event.until)
    return None


def _over(incident: Incident) -> Message:
    end = incident.latest(*ENDS)
    if end is None:
        raise ValueError(f"the history of {incident.subject!r} lacks its end")
    if end.change is Change.MARKED_USUAL:
        return say("{who} called it usual, {when}.", who=end.by or "", when=end.at)
    if end.change is Change.WITHDRAWN:
        return say("Its alert was changed or removed, {when}.", when=end.at)
    return say("It recovered by itself, {when}.", when=end.at)


def _when(instant: datetime, now: datetime, timezone: str) -> str | datetime:
    zone = ZoneInfo(timezone)
    local = instant.astimezone(zone)
    return f"{local:%H:%M}" if local.date() == now.astimezone(zone).date() else instant
