"""When a monitor would have spoken: the alarms of its past, put together as incidents would be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from jobs.alerts.detection.rules import Learned
from jobs.alerts.detection.verdicts import Standing
from jobs.alerts.incidents.subject import Group, Subject, grouped
from jobs.alerts.judging import judged_all
from jobs.alerts.watching import Reader
from tools.semantic.periods import Period

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from jobs.alerts.definition import Definition
    from jobs.alerts.detection.verdicts import Verdict, Verdicts
    from jobs.alerts.monitors import Usual
    from jobs.alerts.watching import Watched
    from tools.tool import Context

DAYS = 90
PAUSE = 2  # steps without an alarm that do not end an incident
UNJUDGED = (Standing.LEARNING, Standing.PARTIAL, Standing.NO_VALUE)


@dataclass(frozen=True)
class Firing:
    """Alarms that are one incident, at `alarms` of the steps `first` to `last`. `worst` is the one farthest out, of
    `subject`.
    """

    first: int
    last: int
    alarms: int
    subject: Subject
    worst: Verdict

    def takes(self, group: Group, step: int) -> bool:
        """Whether an alarm at a later step belongs to it."""
        near = step - self.last <= PAUSE and group.verdict.standing == self.worst.standing
        return near and self.subject.of_one_family(group.subject)


@dataclass(frozen=True)
class Backtested:
    """What a definition would have said in the last `DAYS` days, each step judged as it would have been in its time.

    `since` is the first step of these days.
    """

    watched: Watched
    verdicts: Verdicts
    since: int
    firings: tuple[Firing, ...]

    @property
    def period(self) -> Period:
        return Period(self.watched.wall[self.since].date(), self.watched.wall[-1].date())

    @property
    def judged_days(self) -> int:
        """Of these days, on how many the metric as a whole could be judged."""
        standing = self.verdicts.standing[0, self.since :]
        days = [moment.date() for moment in self.watched.wall[self.since :]]
        return len({day for day, one in zip(days, standing, strict=True) if one not in UNJUDGED})

    @property
    def still_learning(self) -> bool:
        """Whether some of these days could not be judged because there was too little before them."""
        if isinstance(self.watched.definition.rule, Learned):
            return bool((self.verdicts.standing[0, self.since :] == Standing.LEARNING).any())
        return self.watched.first.date() > self.period.start

    @property
    def alarming(self) -> int:
        """At how many of these steps it would have alarmed, whatever alarms."""
        return int(self.verdicts.alarm[:, self.since :].any(axis=0).sum())

    @property
    def unfinished_day(self) -> date | None:
        """The data's last day, where it is not judged because it is not over."""
        day = self.watched.last.date()
        begin = self.watched.wall[-1].date()
        if self.watched.definition.grain == "hour" or day > begin or day < self.period.start:
            return None
        step = len(self.watched.wall) - 1 - (begin - day).days
        return day if self.verdicts.standing[0, step] == Standing.PARTIAL else None

    @property
    def worst(self) -> int:
        """The row of the series to look at: of the firing that is farthest out, else of the metric as a whole."""
        if not self.firings:
            return 0
        firing = max(self.firings, key=lambda one: _how_far(one.worst))
        paths = [frozenset(path) for path in self.watched.paths]
        return paths.index(frozenset(firing.subject.where))

    def moment(self, step: int) -> datetime:
        return self.watched.wall[step]


def backtested(
    context: Context, definitions: Sequence[Definition], marks: Sequence[Sequence[Usual]] = ()
) -> tuple[Backtested, ...]:
    """Each definition over the last days, read together. Raises NotEnoughData, MissingTable, InvalidArgument."""
    reader = Reader(context, definitions)
    said = marks or [()] * len(definitions)
    watched = [reader.watched(one, usual) for one, usual in zip(definitions, said, strict=True)]
    return tuple(_backtest(one, verdicts) for one, verdicts in zip(watched, judged_all(watched), strict=True))


def _backtest(watched: Watched, verdicts: Verdicts) -> Backtested:
    a_day = 1 if watched.definition.grain == "day" else 24
    # Counted back from the end of today, also where today's last hours are still to come.
    to_come = (24 - watched.wall[-1].hour - 1) if a_day > 1 else 0
    since = max(len(watched.wall) + to_come - DAYS * a_day, 0)
    found: list[Firing] = []
    alarms = verdicts.alarm[:, since:].any(axis=0)
    for step in np.flatnonzero(alarms) + since:
        at = int(step)
        for group in grouped("", watched.definition.metric, watched.children(verdicts, at)):
            place = next((i for i in range(len(found) - 1, -1, -1) if found[i].takes(group, at)), None)
            if place is None:
                found.append(Firing(at, at, 1, _seen(group), group.verdict))
            else:
                found[place] = _longer(found[place], group, at)
    return Backtested(watched, verdicts, since, tuple(found))


def _seen(group: Group) -> Subject:
    """The series whose verdict is told: the widest that alarms."""
    return replace(group.subject, where=group.members[0])


def _longer(firing: Firing, group: Group, at: int) -> Firing:
    alarms = firing.alarms + (at > firing.last)
    if _how_far(group.verdict) > _how_far(firing.worst):
        return Firing(firing.first, at, alarms, _seen(group), group.verdict)
    return replace(firing, last=at, alarms=alarms)


def _how_far(verdict: Verdict) -> float:
    return float(np.nan_to_num(verdict.score / verdict.limit)) if verdict.limit else 0.0
