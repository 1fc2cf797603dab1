"""What an incident is about: its fingerprint, and which alarms of a run are one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from jobs.alerts.detection.family import Child, narrowest
from jobs.alerts.detection.verdicts import Verdict

Path = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Subject:
    """A monitor, its metric, and the dimension values of the narrowest cause; `where` () is the metric as a whole.

    `where` is kept sorted, so that the order in which dimensions were drilled into makes no difference.
    """

    monitor: str
    metric: str
    where: Path = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "where", tuple(sorted(self.where)))

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits, the same in every process: a hash of monitor, metric and dimension values.

        Alertmanager hashes an alert's label set likewise; JSON keeps names apart that a plain join would run together.
        """
        told = json.dumps([self.monitor, self.metric, self.where], ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    def of_one_family(self, other: Subject) -> bool:
        """Whether one is the other or a part of it, in the same monitor and metric."""
        if (self.monitor, self.metric) != (other.monitor, other.metric):
            return False
        mine, theirs = set(self.where), set(other.where)
        return mine <= theirs or theirs <= mine


@dataclass(frozen=True)
class Group:
    """Alarms of one run that are one incident.

    `subject` names the narrowest cause, which accounts for `share` of the deviation of `verdict`, the widest series
    that alarms. `members` are the paths of all alarms in it.
    """

    subject: Subject
    verdict: Verdict
    share: float
    members: tuple[Path, ...]


def grouped(monitor: str, metric: str, series: Sequence[Child]) -> tuple[Group, ...]:
    """The alarms among the series of a monitor at one step, each family as one group with its narrowest cause.

    `series` holds the metric as a whole (path ()) and its parts, whichever were judged, whether they alarm or not. A
    part that alarms on the other side than its parent is a group of its own. Groups come widest first, no two with
    the same fingerprint.
    """
    parts = sorted(series, key=lambda one: (len(one.path), tuple(sorted(one.path))))
    taken: set[frozenset[tuple[str, str]]] = set()
    found: dict[str, Group] = {}
    for root in parts:
        here = frozenset(root.path)
        if not root.verdict.alarm or here in taken:
            continue
        below = [part for part in parts if here < frozenset(part.path)]
        cause = narrowest(root.verdict, below)
        subject = Subject(monitor, metric, cause.path or root.path)
        members = (root.path, *cause.merged)
        taken.update(map(frozenset, members))
        twin = found.get(subject.fingerprint)
        if twin is None:
            found[subject.fingerprint] = Group(subject, root.verdict, cause.share, members)
        else:
            merged = tuple(dict.fromkeys((*twin.members, *members)))
            found[subject.fingerprint] = Group(subject, twin.verdict, twin.share, merged)
    return tuple(found.values())


@dataclass(frozen=True)
class Matcher:
    """Every incident of a metric whose dimension values include `where`; without a metric, of all metrics."""

    metric: str | None = None
    where: Path = ()

    def __post_init__(self) -> None:
        if self.metric is None and not self.where:
            raise ValueError("a matcher without metric and dimension values would silence everything; give one of them")

    def matches(self, subject: Subject) -> bool:
        return self.metric in (None, subject.metric) and set(self.where) <= set(subject.where)
