"""Everything that is done unasked, and when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from jobs.chore import Chore
from jobs.cron import cron

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from jobs.recipients import Ground
    from tools.tool import Context

HOUR = timedelta(hours=1)
OFTEN_S = 5  # a digest is late by no more


@dataclass(frozen=True)
class Source:
    """What is imported again and again: a mapping, what it is given, and the store that it fills."""

    mapping: Path
    given: tuple[str, ...]
    store: Path


@dataclass(frozen=True)
class Timetable:
    """When, by five cron fields in `timezone`; None: never.

    Parameters
    ----------
    checked : when figures by day are checked; those by hour are checked at five past every hour.
    imported, source : when the store is imported again, and from what.
    trained : when models are fitted and forecasts kept; then those that are over are scored.
    backed_up, backups, backups_kept : when, where to, and how many.
    grace : how late a digest may come.
    """

    timezone: str
    checked: str
    trained: str | None
    backed_up: str | None
    backups: Path
    backups_kept: int
    grace: timedelta
    imported: str | None = None
    source: Source | None = None


def chores(ground: Ground, times: Timetable, system: Callable[[], Context]) -> Sequence[Chore]:
    """`system` gives the context of work that is nobody's in particular. Raises ValueError for a time that is none."""
    from apscheduler.triggers.interval import IntervalTrigger

    at = partial(cron, timezone=times.timezone)
    found = [
        # What was slept through is the digests' own business: they tell at most one, and know which.
        Chore("digests", IntervalTrigger(seconds=OFTEN_S), partial(_digests, ground, times.grace), grace=HOUR),
        Chore("alerts by day", at(times.checked), partial(_check, ground, "day")),
        Chore("alerts by hour", at("5 * * * *"), partial(_check, ground, "hour"), grace=HOUR),
        Chore("incidents", at("* * * * *"), partial(_incidents, ground), grace=HOUR),
        Chore("clean-up", at("40 3 * * *"), partial(_clean_up, ground)),
    ]
    if times.imported is not None and times.source is not None:
        found.append(Chore("import", at(times.imported), partial(_import, ground, times.source), slow=True))
    if times.trained is not None:
        found += [
            Chore("training", at(times.trained), partial(_train, system), slow=True),
            Chore("forecast scores", at(times.trained), partial(_score, system), slow=True),
        ]
    if times.backed_up is not None:
        found.append(Chore("backup", at(times.backed_up), partial(_back_up, ground, times), slow=True))
    return found


# Each imports what it needs when it first runs: a start loads nothing that a night's work needs.


def _digests(ground: Ground, grace: timedelta) -> str:
    from jobs.digests.sending import put_due

    return put_due(ground, grace=grace)


def _check(ground: Ground, grain: Literal["day", "hour"]) -> str:
    from jobs.alerts.checking import check

    return check(ground, grain)


def _incidents(ground: Ground) -> str:
    from jobs.alerts.checking import tick

    return tick(ground)


def _clean_up(ground: Ground) -> str:
    from jobs.maintenance.clean_up import clean_up

    return clean_up(ground.state, ground.clock, ground.outbox)


def _import(ground: Ground, source: Source) -> str:
    from jobs.maintenance.imports import import_again

    return import_again(source.mapping, source.given, source.store, ground.clock)


def _train(system: Callable[[], Context]) -> str:
    """In a process of its own, so that questions never wait for it, with one core left to them."""
    from jobs.maintenance.models import train
    from tools.workers import Workers

    with closing(Workers(1)) as workers:
        return train(replace(system(), workers=workers))


def _score(system: Callable[[], Context]) -> str:
    from jobs.maintenance.models import score

    return score(system())


def _back_up(ground: Ground, times: Timetable) -> str:
    from jobs.maintenance.backups import back_up

    engine: Engine = ground.state.kw["bind"]
    made = back_up(engine, times.backups, ground.clock, keep=times.backups_kept)
    return f"{made.path.name}: {made.rows:,} rows"
