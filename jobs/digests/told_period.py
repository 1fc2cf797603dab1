"""Which days a digest tells of, where the store's day is not the reader's.

A period is told when it is over by the as-of date, which is the store's today unless the settings hold it at a day of
old figures. A reader in the store's timezone, or behind it, is always told of an occurrence's own period.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from jobs.digests.clocks import instant, local
from jobs.digests.definition import rhythm_name
from jobs.digests.timing import Rhythm, Weekly
from jobs.digests.wanted import Occasion
from tools.semantic.periods import Period

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from jobs.digests.timing import Occurrence, Schedule

_DAY = timedelta(days=1)
_YEAR = 366


@dataclass(frozen=True)
class Telling:
    """A digest to be made: `told` is what the subscription was told of after it, `key` names it among its digests."""

    occasion: Occasion
    told: date
    key: str


def last_whole(rhythm: Rhythm, today: date) -> Period:
    """The last period of the rhythm that is over on `today`."""
    if isinstance(rhythm, Weekly) and len(rhythm.weekdays) > 1:
        while not rhythm.falls_on(today):
            today -= _DAY
    return rhythm.tells(today)


def telling(rhythm: Rhythm, occurrence: Occurrence, told: date, today: date, day: date) -> Telling | None:
    """What an occurrence's digest tells of, where `today` is the as-of date and the reader's calendar shows `day`.

    Where its own period is not over, it is the last one that is. With a reader who is ahead of the store, each period
    is so told one occurrence later, and none twice: None where there is no new one. Where the as-of date is held, the
    same period is told at each occurrence.
    """
    name = rhythm_name(rhythm)
    if occurrence.period.end < today:
        return Telling(Occasion.of(name, occurrence.period, occurrence.covers), occurrence.period.end, occurrence.key)
    period = last_whole(rhythm, today)
    if today < day - _DAY:
        return Telling(Occasion.of(name, period), occurrence.period.end, occurrence.key)
    if period.end <= told:
        return None
    covers = Period(min(told + _DAY, period.start), period.end)
    return Telling(Occasion.of(name, period, covers), period.end, rhythm.names(period))


def of_days(rhythm: Rhythm, told: Period) -> Occasion:
    """A digest of the rhythm that tells of these days."""
    own = last_whole(rhythm, told.end + _DAY)
    return Occasion.of(rhythm_name(rhythm), Period(max(own.start, told.start), told.end), told)


def over_at(schedule: Schedule, store: ZoneInfo, since: date) -> timedelta | None:
    """How long after the reader's midnight the day before is over in the store, at the latest in the year `since`.

    None where it always is when the digest comes.
    """
    midnights = (datetime.combine(since + n * _DAY, time()) for n in range(_YEAR))
    latest = max(local(instant(midnight, store), schedule.zone) - midnight for midnight in midnights)
    at = datetime.combine(since, schedule.at) - datetime.combine(since, time())
    return latest if latest > at else None
