"""What steps that were judged mean for a monitor's incidents: which open, go on, or recover. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from jobs.alerts.detection.family import Child
from jobs.alerts.detection.verdicts import Verdict
from jobs.alerts.incidents.events import (
    Action,
    Audience,
    Finding,
    Notify,
    Observed,
    Outcome,
    Update,
    finding,
    outcome_of,
)
from jobs.alerts.incidents.incident import Incident, placed
from jobs.alerts.incidents.lifecycle import advance, opened
from jobs.alerts.incidents.policy import Policy
from jobs.alerts.incidents.silences import Silence
from jobs.alerts.incidents.subject import Group, Path, grouped


@dataclass(frozen=True)
class Judged:
    """A step, when it begins, and the verdicts on all series of the monitor.

    `fresh`: it was not judged before, or on other figures. Others are gone through again because a step before them is
    fresh; they open nothing.
    """

    step: datetime
    series: tuple[Child, ...]
    fresh: bool = True


@dataclass(frozen=True)
class Followed:
    """An incident after the steps, and what is to be done; `number` None: it is new."""

    number: int | None
    incident: Incident
    actions: tuple[Action, ...]


@dataclass
class _Course:
    """An incident on its way through the steps."""

    number: int | None
    before: Incident | None
    incident: Incident
    actions: list[Action] = field(default_factory=list)
    touched: datetime | None = None

    def meet(self, event: Observed, policy: Policy, silences: Sequence[Silence]) -> None:
        self.incident, actions = advance(self.incident, event, policy, silences)
        self.actions += actions
        self.touched = event.step

    @property
    def changed(self) -> bool:
        return self.before is None or bool(self.actions) or replace(self.incident, at=self.before.at) != self.before


def followed(
    of: tuple[str, str],
    steps: Sequence[Judged],
    known: Mapping[int, Incident],
    now: datetime,
    policy: Policy,
    *,
    silences: Sequence[Silence] = (),
) -> tuple[Followed, ...]:
    """The incidents that steps, oldest first, change or open.

    `of` names monitor and metric; `known` are the monitor's incidents by their numbers. Each is told of once for all
    the steps: of what came last.
    """
    courses = [_Course(number, incident, incident) for number, incident in known.items()]
    for judged in steps:
        verdicts = {_place(one.path): one.verdict for one in judged.series}
        for group in grouped(*of, judged.series):
            event = Observed(now, judged.step, Outcome.BAD, _found(group, verdicts))
            _met(courses, group, event, policy, silences, fresh=judged.fresh)
        for course in courses:
            if course.incident.open and course.touched != judged.step:
                course.meet(_otherwise(course.incident, verdicts, judged.step, now), policy, silences)
    return tuple(Followed(one.number, one.incident, told_once(one.actions)) for one in courses if one.changed)


def _met(
    courses: list[_Course], group: Group, event: Observed, policy: Policy, silences: Sequence[Silence], *, fresh: bool
) -> None:
    """A bad step goes to the incident that takes it, or opens one."""
    incidents = [course.incident for course in courses]
    one = placed(incidents, group.subject, group.verdict.standing, event.at, policy)
    if one is not None:
        course = next(course for course in courses if course.incident is one)
        if course.touched != event.step:
            course.meet(event, policy, silences)
    elif fresh and not any(_covers(incident, group, event.step) for incident in incidents):
        incident, actions = opened(group.subject, event, policy, silences)
        courses.append(_Course(None, None, incident, list(actions), event.step))


def _covers(incident: Incident, group: Group, step: datetime) -> bool:
    """Whether it is over and was about this step, of the figures that are watched still."""
    return (
        not incident.withdrawn
        and incident.subject.of_one_family(group.subject)
        and incident.first <= step <= incident.last
    )


def _found(group: Group, verdicts: Mapping[frozenset[tuple[str, str]], Verdict]) -> Finding:
    """The alarm in the figures of the narrowest cause, of which is told; how far off it is stays that of the widest."""
    own = verdicts[_place(group.subject.where)]
    return replace(finding(group), value=_number(own.value), expected=_number(own.expected), window=own.window)


def _otherwise(
    incident: Incident, verdicts: Mapping[frozenset[tuple[str, str]], Verdict], step: datetime, now: datetime
) -> Observed:
    """What a step says for an incident that no alarm was taken to.

    Where its series is among the alarms of another incident it is bad still. One that is not watched any more goes by
    the metric as a whole.
    """
    own = verdicts.get(_place(incident.subject.where)) or verdicts.get(frozenset())
    if own is None:
        return Observed(now, step, Outcome.NO_DATA)
    outcome = outcome_of(own.standing)
    if outcome is not Outcome.BAD:
        return Observed(now, step, outcome)
    group = Group(incident.subject, own, 1.0, (incident.subject.where,))
    return Observed(now, step, outcome, finding(group))


def told_once(actions: Sequence[Action]) -> tuple[Action, ...]:
    """At most one message, the last, to all who were to be told; with it, what was sent before is written anew."""
    sent = [one for one in actions if isinstance(one, Notify)]
    rest = [one for one in actions if not isinstance(one, Notify | Update)]
    if not sent:
        return tuple(dict.fromkeys(actions))
    people = tuple(dict.fromkeys(person for one in sent for person in one.audience.people))
    audience = Audience(any(one.audience.subscribers for one in sent), people)
    return (*rest, Update(), replace(sent[-1], audience=audience))


def _place(path: Path) -> frozenset[tuple[str, str]]:
    return frozenset(path)


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
