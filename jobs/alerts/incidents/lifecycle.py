"""The state machine: pending → firing → acknowledged → resolved.

| state        | bad steps            | good steps            | acknowledged | not an anomaly | a snooze ends |
|--------------|----------------------|-----------------------|--------------|----------------|---------------|
| pending      | firing, when enough  | resolved (dismissed)  | answered     | resolved       | stays         |
| firing       | stays                | resolved, when enough | acknowledged | resolved       | told again    |
| acknowledged | stays                | resolved, when enough | answered     | resolved       | firing        |
| resolved     | pending, then firing | stays                 | answered     | learned        | stays         |

A function of incident, event, policy and silences: no clock, no store. Nothing that a person may do raises: what makes
no sense, or holds already, changes nothing and is answered to that person (`Answered`). An event whose instant lies
before the incident's last one (two processes, two clocks) counts from the last one, so that nothing is lost and the
history never runs backwards. The same event again changes nothing.
Withdrawn (the alert was changed or removed) resolves whatever is open; nobody is told, messages are written anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from jobs.alerts.incidents.events import (
    Acknowledged,
    Action,
    Answered,
    Audience,
    Event,
    Kind,
    Learn,
    MarkedUsual,
    Notify,
    Observed,
    Outcome,
    Snoozed,
    Ticked,
    Update,
    Withdrawn,
)
from jobs.alerts.incidents.incident import Change, Incident, State, Transition, takes
from jobs.alerts.incidents.policy import Policy
from jobs.alerts.incidents.silences import Silence, silenced
from jobs.alerts.incidents.subject import Subject
from jobs.alerts.incidents.words import refused

Advanced = tuple[Incident, tuple[Action, ...]]


def opened(subject: Subject, event: Observed, policy: Policy, silences: Sequence[Silence] = ()) -> Advanced:
    """A new incident from its first bad step. Raises ValueError where the step is not bad."""
    if event.finding is None:
        raise ValueError(f"an incident opens with a bad step, not {event.outcome.value!r}")
    _zoned(event)
    blank = Incident(
        subject=subject,
        state=State.PENDING,
        at=event.at,
        finding=event.finding,
        first=event.step,
        last=event.step,
        history=(Transition(event.at, Change.PENDING),),
    )
    return advance(blank, event, policy, silences)


def advance(incident: Incident, event: Event, policy: Policy, silences: Sequence[Silence] = ()) -> Advanced:
    """The incident after an event, and what is to be done: at most one `Notify`, none while snoozed or silenced.

    Raises ValueError for instants without a zone, and for a bad step of an incident that was resolved longer ago than
    `reopen_within` (`placed` finds the incident that takes a step); see the module for what else makes no sense.
    """
    _zoned(event)
    now = max(event.at, incident.at)
    before = incident
    incident = _mutes(replace(incident, at=now), now, silences)
    actions: list[Action] = []
    match event:
        case Observed():
            incident = _observed(incident, event, now, policy)
        case Ticked():
            pass
        case Withdrawn():
            incident = _resolved(incident, now, Change.WITHDRAWN, event.by) if incident.open else incident
        case _:
            incident, actions = _person(incident, event, now)
    incident, notify = _told(incident, before, now, policy)
    if notify is not None:
        actions.append(notify)
    elif before.messages and _seen(before) != _seen(incident):
        actions.append(Update())
    return incident, tuple(actions)


def _zoned(event: Event) -> None:
    instants = [event.at]
    if isinstance(event, Observed):
        instants.append(event.step)
    if isinstance(event, Snoozed):
        instants.append(event.until)
    for instant in instants:
        if instant.tzinfo is None:
            raise ValueError(f"{instant!r} of {type(event).__name__} has no zone")


def _seen(incident: Incident) -> tuple[object, ...]:
    """What a message shows of an incident."""
    return incident.state, incident.finding, incident.history


def _noted(
    incident: Incident, now: datetime, change: Change, by: str | None = None, until: datetime | None = None
) -> Incident:
    return replace(incident, history=(*incident.history, Transition(now, change, by, until)))


def _waiting(incident: Incident, now: datetime) -> Incident:
    """An acknowledgement is waited for from now on, and escalation begins anew."""
    return replace(incident, waiting_since=now, steps_done=0, escalated_at=None)


def _mutes(incident: Incident, now: datetime, silences: Sequence[Silence]) -> Incident:
    """Snoozes and silences that ended or began since the last event.

    Where the last of them ended and it still fires, it is told again; after a snooze it is unacknowledged again.
    """
    was_muted, snooze_over = incident.muted, False
    noted = incident.open  # what is over says no more of it
    if incident.snoozed_until is not None and now >= incident.snoozed_until:
        snooze_over = True
        incident = replace(incident, snoozed_until=None)
        incident = _noted(incident, now, Change.SNOOZE_OVER) if noted else incident
    silence = silenced(silences, incident.subject, now)
    if silence != incident.silence:
        incident = replace(incident, silence=silence)
        if noted and silence is None:
            incident = _noted(incident, now, Change.SILENCE_OVER)
        elif noted and silence is not None:
            incident = _noted(incident, now, Change.SILENCED, silence.by, silence.until)
    if snooze_over and incident.state is State.ACKNOWLEDGED:
        incident = replace(incident, state=State.FIRING)
    if was_muted and not incident.muted and incident.state is State.FIRING:
        incident = replace(_waiting(incident, now), owed=True)
    return incident


def _observed(incident: Incident, event: Observed, now: datetime, policy: Policy) -> Incident:
    if incident.settled is not None and event.step <= incident.settled:
        return incident
    incident = _judged(incident, event, policy)
    if event.finding is not None:
        if incident.state is State.RESOLVED:
            if not incident.in_a_row(Outcome.BAD):
                return incident
            if not takes(incident, now, policy):
                raise ValueError(
                    f"{incident.subject!r} was resolved too long ago to reopen; a bad step opens a new one"
                )
            incident = _noted(
                replace(incident, state=State.PENDING, first=event.step, last=event.step), now, Change.PENDING
            )
        if event.step >= incident.last:
            incident = replace(incident, finding=event.finding, last=event.step)
        incident = replace(incident, first=min(incident.first, event.step))
    if incident.state is State.PENDING:
        if incident.in_a_row(Outcome.BAD) >= policy.fire_after:
            fired = replace(incident, state=State.FIRING, owed=incident.told is not None)
            return _waiting(_noted(fired, now, Change.FIRING), now)
        if incident.in_a_row(Outcome.GOOD):
            return _resolved(incident, now, Change.DISMISSED)
    if incident.fires and incident.in_a_row(Outcome.GOOD) >= policy.resolve_after:
        return _resolved(incident, now, Change.RECOVERED)
    return incident


def _judged(incident: Incident, event: Observed, policy: Policy) -> Incident:
    """The step's verdict in its place among the recent ones: a step that is judged again counts once."""
    kept = {step: outcome for step, outcome in incident.recent if step != event.step}
    if event.outcome is not Outcome.NO_DATA:
        kept[event.step] = event.outcome
    wanted = max(policy.fire_after, policy.resolve_after)
    return replace(incident, recent=tuple(sorted(kept.items())[-wanted:]))


def _resolved(incident: Incident, now: datetime, change: Change, by: str | None = None) -> Incident:
    keeps_its_end = change is Change.DISMISSED and incident.resolved_at is not None
    resolved = replace(
        incident,
        state=State.RESOLVED,
        resolved_at=incident.resolved_at if keeps_its_end else now,
        waiting_since=None,
        steps_done=0,
        escalated_at=None,
    )
    return _noted(resolved, now, change, by)


def _person(
    incident: Incident, event: Acknowledged | Snoozed | MarkedUsual, now: datetime
) -> tuple[Incident, list[Action]]:
    why_not = refused(incident, event, now)
    if why_not is not None:
        return incident, [Answered(event.by, why_not)]
    match event:
        case Acknowledged():
            acknowledged = replace(incident, state=State.ACKNOWLEDGED, waiting_since=None, owed=False)
            return _noted(acknowledged, now, Change.ACKNOWLEDGED, event.by), []
        case Snoozed():
            snoozed = replace(incident, snoozed_until=event.until)
            return _noted(snoozed, now, Change.SNOOZED, event.by, event.until), []
        case MarkedUsual():
            series = tuple(dict.fromkeys((incident.subject.where, *incident.finding.members)))
            learn = Learn(incident.subject, series, incident.first, incident.last, incident.finding.side, event.by)
            settled = replace(incident, settled=incident.last, recent=())
            if incident.open:
                return _resolved(settled, now, Change.MARKED_USUAL, event.by), [learn]
            return _noted(settled, now, Change.MARKED_USUAL, event.by), [learn]


def _told(incident: Incident, before: Incident, now: datetime, policy: Policy) -> tuple[Incident, Notify | None]:
    """What is due at this instant, the most pressing first; what is left comes with a later event."""
    if incident.muted:
        return incident, None
    kind = _due(incident, before, now, policy)
    if kind is not None:
        return _send(incident, kind, now)
    return _escalated(incident, now, policy)


def _due(incident: Incident, before: Incident, now: datetime, policy: Policy) -> Kind | None:
    """What subscribers are to be told. Escalation comes after what is owed and before what may wait."""
    if incident.state is State.RESOLVED:
        recovered = before.fires and incident.history[-1].change is Change.RECOVERED
        return Kind.RECOVERED if recovered and incident.told is not None else None
    if not incident.fires:
        return None
    if incident.told is None or incident.told_at is None:
        return Kind.NEW
    if incident.owed:
        return Kind.RENEWED
    if incident.escalated_at == now or incident.recovering or _next_step(incident, now, policy):
        return None
    changed = incident.finding.side != incident.told.side
    worse = incident.finding.size >= policy.worse_by * incident.told.size
    if (changed or worse) and now - incident.told_at >= policy.update_after:
        return Kind.UPDATED
    if incident.state is State.FIRING and now - incident.told_at >= policy.repeat_after:
        return Kind.RENEWED
    return None


def _send(incident: Incident, kind: Kind, now: datetime) -> tuple[Incident, Notify]:
    people = incident.reached if kind is Kind.RECOVERED else ()
    number = incident.messages + 1
    told = replace(incident, told_at=now, told=incident.finding, owed=False, messages=number)
    return told, Notify(kind, Audience(subscribers=True, people=people), number)


def _next_step(incident: Incident, now: datetime, policy: Policy) -> tuple[str, ...]:
    """Whom the next escalation step reaches now, if it is due; nobody while the last step was good.

    The time between two steps is kept also where the first came late (nobody was on call, or nothing ran).
    """
    if incident.waiting_since is None or incident.recovering or incident.steps_done >= len(policy.escalation):
        return ()
    step = policy.escalation[incident.steps_done]
    due = incident.waiting_since + step.after
    if incident.escalated_at is not None and incident.steps_done:
        due = max(due, incident.escalated_at + step.after - policy.escalation[incident.steps_done - 1].after)
    return policy.reached(step, now) if now >= due else ()


def _escalated(incident: Incident, now: datetime, policy: Policy) -> tuple[Incident, Notify | None]:
    people = _next_step(incident, now, policy)
    if not people:
        return incident, None
    number = incident.messages + 1
    incident = replace(
        incident,
        steps_done=incident.steps_done + 1,
        escalated_at=now,
        reached=tuple(dict.fromkeys((*incident.reached, *people))),
        messages=number,
    )
    incident = _noted(incident, now, Change.ESCALATED, ", ".join(people))
    return incident, Notify(Kind.ESCALATED, Audience(subscribers=False, people=people), number)
