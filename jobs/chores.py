"""Everything that is done unasked, and when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from apscheduler.triggers.cron import CronTrigger

from jobs.chore import Chore

if TYPE_CHECKING:
    from jobs.recipients import Ground
    from tools.tool import Context

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


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
    trained : when models are fitted and forecasts kept; they are scored an hour later.
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
    cleans: Mapping[str, Callable[[], int]] = field(default_factory=dict)


def chores(ground: Ground, times: Timetable, system: Callable[[], Context]) -> Sequence[Chore]:
    """`system` gives the context of work that is nobody's in particular."""

    def at(cron: str) -> CronTrigger:
        return CronTrigger.from_crontab(cron, timezone=times.timezone)

    def digests() -> str:
        from jobs.digests.sending import put_due

        return put_due(ground, grace=times.grace)

    def check(grain: str) -> str:
        from jobs.alerts.checking import check

        return check(ground, "hour" if grain == "hour" else "day")

    def incidents() -> str:
        from jobs.alerts.checking import tick

        return tick(ground)

    found = [
        # What was slept through is the digests' own business: they tell at most one, and know which.
        Chore("digests", at("* * * * *"), digests, grace=HOUR),
        Chore("alerts by day", at(times.checked), partial(check, "day")),
        Chore("alerts by hour", at("5 * * * *"), partial(check, "hour"), grace=HOUR),
        Chore("incidents", at("* * * * *"), incidents, grace=HOUR),
        Chore("clean-up", at("40 3 * * *"), partial(_clean_up, ground, times)),
    ]
    if times.imported is not None and times.source is not None:
        found.append(Chore("import", at(times.imported), partial(_import, ground, times.source), slow=True))
    if times.trained is not None:
        found += [
            Chore("training", at(times.trained), partial(_train, system), slow=True),
            Chore("forecast scores", _later(times.trained, times.timezone), partial(_score, system), slow=True),
        ]
    if times.backed_up is not None:
        found.append(Chore("backup", at(times.backed_up), partial(_back_up, ground, times), slow=True))
    return found
