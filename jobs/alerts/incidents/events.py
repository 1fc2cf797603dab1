"""What happens to an incident, and what is to be done about it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from jobs.alerts.detection.verdicts import ALARMS, Standing
from jobs.alerts.incidents.subject import Group, Path, Subject
from tools.messages import Message


class Outcome(StrEnum):
    """What a step says for an incident."""

    BAD = "bad"
    GOOD = "good"
    NO_DATA = "no data"  # partial, late, not judged, or not bad for long enough: neither counts nor interrupts


def outcome_of(standing: Standing) -> Outcome:
    """How an incident reads a verdict. Missing data that the monitor watches for are bad, others say nothing."""
    if standing in ALARMS:
        return Outcome.BAD
    good = (Standing.USUAL, Standing.SMALL, Standing.KNOWN_USUAL)
    return Outcome.GOOD if standing in good else Outcome.NO_DATA


@dataclass(frozen=True)
class Finding:
    """How a step is out of the usual: on which side, and how far, in limits (1 is what just alarms).

    `value` and `expected` are in the metric's unit. `where` is the narrowest cause at that step, `members` are the
    paths of all series whose alarms are in it. `window`: over how many steps, up to that one, the deviation adds up.
    """

    side: Standing
    size: float
    value: float | None = None
    expected: float | None = None
    where: Path = ()
    members: tuple[Path, ...] = ()
    window: int = 1


def finding(group: Group) -> Finding:
    """Of alarms that are one. A rule that has no score, or no limit, counts as just alarming (size 1)."""
    verdict = group.verdict
    size = abs(verdict.score / verdict.limit) if verdict.limit else math.inf
    return Finding(
        side=verdict.standing,
        size=size if math.isfinite(size) else 1.0,
        value=verdict.value if math.isfinite(verdict.value) else None,
        expected=verdict.expected if math.isfinite(verdict.expected) else None,
        where=group.subject.where,
        members=group.members,
        window=verdict.window,
    )


@dataclass(frozen=True)
class Observed:
    """A step was judged at the instant `at`; `step` is when the step begins. A bad one has a finding."""

    at: datetime
    step: datetime
    outcome: Outcome
    finding: Finding | None = None

    def __post_init__(self) -> None:
        if (self.outcome is Outcome.BAD) != (self.finding is not None):
            raise ValueError(f"a bad step has a finding and no other has: {self.outcome}, {self.finding!r}")


@dataclass(frozen=True)
class Acknowledged:
    """Somebody looks after it."""

    at: datetime
    by: str


@dataclass(frozen=True)
class Snoozed:
    """Nobody is told until `until`; if it still fires then, it is told again."""

    at: datetime
    by: str
    until: datetime


@dataclass(frozen=True)
class MarkedUsual:
    """ "Not an anomaly"."""

    at: datetime
    by: str


@dataclass(frozen=True)
class Withdrawn:
    """Its alert was removed, or watches something else by now; `by` is who did that, where it is known."""

    at: datetime
    by: str | None = None


@dataclass(frozen=True)
class Ticked:
    """Time has passed."""

    at: datetime


Event: TypeAlias = Observed | Acknowledged | Snoozed | MarkedUsual | Withdrawn | Ticked


class Kind(StrEnum):
    NEW = "new"
    RENEWED = "renewed"  # still firing, or firing again
    ESCALATED = "escalated"
    RECOVERED = "recovered"
    UPDATED = "updated"  # changed for the worse


@dataclass(frozen=True)
class Audience:
    """Whoever subscribes to the monitor, and people by name."""

    subscribers: bool
    people: tuple[str, ...] = ()


@dataclass(frozen=True)
class Notify:
    """Send a message. `number` counts an incident's messages from 1: with its fingerprint and beginning, a key."""

    kind: Kind
    audience: Audience
    number: int


@dataclass(frozen=True)
class Update:
    """Write the messages that were sent anew, in their place."""


@dataclass(frozen=True)
class Learn:
    """Steps `first` to `last` (their beginnings, inclusive) were usual in these series of the monitor, says `by`."""

    subject: Subject
    series: tuple[Path, ...]
    first: datetime
    last: datetime
    side: Standing
    by: str


@dataclass(frozen=True)
class Answered:
    """Tell only the person who acted: what was asked could not be done, or holds already."""

    to: str
    message: Message


Action: TypeAlias = Notify | Update | Learn | Answered
