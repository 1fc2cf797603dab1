"""Silences: nobody is told of what they match, until an instant. The incident goes on meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from jobs.alerts.incidents.subject import Matcher, Subject


@dataclass(frozen=True)
class Silence:
    """Of one fingerprint, or of whatever a matcher takes; from `since` on, and no longer at `until`.

    Raises ValueError for an instant without a zone, and for an end that is not after the beginning.
    """

    of: str | Matcher
    by: str
    since: datetime
    until: datetime

    def __post_init__(self) -> None:
        for name, instant in (("since", self.since), ("until", self.until)):
            if instant.tzinfo is None:
                raise ValueError(f"a silence's {name} {instant!r} has no zone")
        if self.until <= self.since:
            raise ValueError(
                f"a silence must end after it begins: {self.since.isoformat()} to {self.until.isoformat()}"
            )

    def covers(self, subject: Subject, instant: datetime) -> bool:
        if not self.since <= instant < self.until:
            return False
        return self.of == subject.fingerprint if isinstance(self.of, str) else self.of.matches(subject)


def silenced(silences: Iterable[Silence], subject: Subject, instant: datetime) -> Silence | None:
    """The silence that covers the subject at that instant; of several the one that lasts longest."""
    covering = [silence for silence in silences if silence.covers(subject, instant)]
    return max(covering, key=lambda one: (one.until, one.since, one.by), default=None)
