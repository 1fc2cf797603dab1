"""An incident and its history, as values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from jobs.alerts.detection.verdicts import Standing
from jobs.alerts.incidents.events import Finding, Outcome
from jobs.alerts.incidents.policy import Policy
from jobs.alerts.incidents.silences import Silence
from jobs.alerts.incidents.subject import Subject


class State(StrEnum):
    PENDING = "pending"
    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Change(StrEnum):
    """What a line of the history says."""

    PENDING = "pending"
    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    SNOOZE_OVER = "snooze over"
    SILENCED = "silenced"
    SILENCE_OVER = "silence over"
    ESCALATED = "escalated"
    RECOVERED = "recovered"
    DISMISSED = "dismissed"  # good again before it fired
    MARKED_USUAL = "marked usual"
    WITHDRAWN = "withdrawn"  # the alert was changed or removed


# A "marked usual" after the recovery ends nothing, but it is what is then said of the incident.
ENDS = (Change.RECOVERED, Change.DISMISSED, Change.MARKED_USUAL, Change.WITHDRAWN)
ANSWERS = (Change.ACKNOWLEDGED, Change.SNOOZED, Change.MARKED_USUAL)


@dataclass(frozen=True)
class Transition:
    """At an instant; by whom (or to whom, when escalated), and until when, where that is said."""

    at: datetime
    change: Change
    by: str | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Incident:
    """What is known of an incident after its last event, at `at`.

    finding            of the last bad step
    first, last        beginnings of the first and last bad step since it (last) opened
    recent             the last steps that had a verdict, oldest first, as many as the policy asks for
    settled            steps up to this one were called usual and are not looked at again
    waiting_since      since when an acknowledgement is waited for, None while it is not
    steps_done         escalation steps since then; `escalated_at` is when the last one was
    told_at, told      when subscribers were last told, and of what
    owed               told again as soon as somebody may be told
    reached            people who were told by escalation
    messages           how many were sent
    """

    subject: Subject
    state: State
    at: datetime
    finding: Finding
    first: datetime
    last: datetime
    history: tuple[Transition, ...]
    recent: tuple[tuple[datetime, Outcome], ...] = ()
    settled: datetime | None = None
    resolved_at: datetime | None = None
    snoozed_until: datetime | None = None
    silence: Silence | None = None
    waiting_since: datetime | None = None
    steps_done: int = 0
    escalated_at: datetime | None = None
    told_at: datetime | None = None
    told: Finding | None = None
    owed: bool = False
    reached: tuple[str, ...] = ()
    messages: int = 0

    @property
    def opened_at(self) -> datetime:
        return self.history[0].at

    @property
    def open(self) -> bool:
        return self.state is not State.RESOLVED

    @property
    def fires(self) -> bool:
        """Firing, acknowledged or not."""
        return self.state in (State.FIRING, State.ACKNOWLEDGED)

    @property
    def withdrawn(self) -> bool:
        """It ended because its alert was changed or removed: nothing more is to be learned of it or added to it."""
        end = None if self.open else self.latest(*ENDS)
        return end is not None and end.change is Change.WITHDRAWN

    @property
    def muted(self) -> bool:
        """Snoozed or silenced."""
        return self.snoozed_until is not None or self.silence is not None

    @property
    def recovering(self) -> bool:
        """It fires, and the last step was good: nothing presses."""
        return self.fires and self.in_a_row(Outcome.GOOD) > 0

    def latest(self, *changes: Change) -> Transition | None:
        """The last line of the history that is one of these."""
        return next((line for line in reversed(self.history) if line.change in changes), None)

    def in_a_row(self, outcome: Outcome) -> int:
        """How many of the last steps with a verdict have this one."""
        count = 0
        for _step, said in reversed(self.recent):
            if said is not outcome:
                break
            count += 1
        return count


def takes(incident: Incident, at: datetime, policy: Policy) -> bool:
    """Whether a bad step belongs to it: it is open, or was resolved at most `reopen_within` ago, not withdrawn."""
    if incident.open:
        return True
    if incident.withdrawn:
        return False
    return incident.resolved_at is not None and at - incident.resolved_at <= policy.reopen_within


def placed(
    incidents: Iterable[Incident], subject: Subject, side: Standing, at: datetime, policy: Policy
) -> Incident | None:
    """The incident that a bad step belongs to, or None: then it opens one.

    First the one with its fingerprint, then an open one of its family that is off on the same side (the cause was
    narrowed or widened meanwhile); of several the one that opened last.
    """
    newest = sorted(incidents, key=lambda one: one.opened_at, reverse=True)
    for one in newest:
        if one.subject.fingerprint == subject.fingerprint and takes(one, at, policy):
            return one
    for one in newest:
        if one.open and one.finding.side == side and one.subject.of_one_family(subject):
            return one
    return None


def time_to_acknowledge(incident: Incident) -> timedelta | None:
    """From when it fired until somebody acknowledged, snoozed or judged it; None: it never fired, or nobody did.

    Where it fired, recovered without an answer and fired again, the time that it was answered counts.
    """
    fired: datetime | None = None
    for line in incident.history:
        if line.change is Change.FIRING:
            fired = line.at
        elif fired is not None and line.change in ANSWERS:
            return line.at - fired
        elif line.change in ENDS:
            fired = None
    return None


def time_to_resolve(incident: Incident) -> timedelta | None:
    """From when it first fired until it was resolved for good, breaks included.

    None: it never fired, is open, or was withdrawn.
    """
    fired = next((line.at for line in incident.history if line.change is Change.FIRING), None)
    if fired is None or incident.open or incident.withdrawn or incident.resolved_at is None:
        return None
    return incident.resolved_at - fired


@dataclass(frozen=True)
class Times:
    """Mean times over incidents, each with the number of incidents that it is a mean of; None: of none."""

    to_acknowledge: timedelta | None
    acknowledged: int
    to_resolve: timedelta | None
    resolved: int


def mean_times(incidents: Sequence[Incident]) -> Times:
    """MTTA and MTTR. Incidents that nobody answered, or that are open, are left out of the one or the other."""
    answered = [spent for one in incidents if (spent := time_to_acknowledge(one)) is not None]
    resolved = [spent for one in incidents if (spent := time_to_resolve(one)) is not None]
    return Times(_mean(answered), len(answered), _mean(resolved), len(resolved))


def _mean(spent: Sequence[timedelta]) -> timedelta | None:
    return sum(spent, timedelta(0)) / len(spent) if spent else None
