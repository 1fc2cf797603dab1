"""When a digest is due, and which days it tells of.

Everything counts in *periods told*, never in messages sent: a day, a week or a month of the reader's calendar belongs
to one occurrence, whose key names it. A subscription keeps the last day that it was told of (`told`). Moving its
timezone moves the instants and not the periods, so nothing is told twice, and what was not yet told is told late.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import groupby
from operator import attrgetter
from zoneinfo import ZoneInfo, available_timezones

from jobs.digests.clocks import instant, local
from jobs.digests.quiet import DaysOff, QuietHours
from tools.errors import InvalidArgument
from tools.messages import say
from tools.semantic.periods import Period, shift, unit

LAST_DAY = 31
_DAY = timedelta(days=1)
_WEEK = 7


@dataclass(frozen=True)
class Daily:
    """Every day; tells of the day before."""

    def falls_on(self, day: date) -> bool:  # noqa: ARG002
        """Whether a digest is meant for this local day, before quiet hours and days off."""
        return True

    def tells(self, day: date) -> Period:
        """The days that the digest of this local day tells of."""
        return Period(day - _DAY, day - _DAY)

    def names(self, period: Period) -> str:
        """What `period` is called in keys, e.g. 2026-11-21."""
        return period.start.isoformat()


@dataclass(frozen=True)
class Weekly:
    """On weekdays (Monday is 0). One tells of the last whole week, Monday to Sunday; of several, each tells of the days
    since the one before (on Fridays and Mondays: Friday to Sunday, and Monday to Thursday).
    """

    weekdays: frozenset[int]

    def __post_init__(self) -> None:
        if not self.weekdays or not self.weekdays <= frozenset(range(_WEEK)):
            raise InvalidArgument(say("A weekly digest needs at least one weekday, from Monday to Sunday."))

    def falls_on(self, day: date) -> bool:
        """Whether a digest is meant for this local day, before quiet hours and days off."""
        return day.weekday() in self.weekdays

    def tells(self, day: date) -> Period:
        """The days that the digest of this local day tells of."""
        if len(self.weekdays) == 1:
            return unit(day, "week").previous()
        since = next(n for n in range(1, _WEEK + 1) if self.falls_on(day - n * _DAY))
        return Period(day - since * _DAY, day - _DAY)

    def names(self, period: Period) -> str:
        """What `period` is called in keys, e.g. 2026-W47 or 2026-11-16/2026-11-19."""
        if len(self.weekdays) > 1:
            return f"{period.start}/{period.end}"
        year, week, _ = period.start.isocalendar()
        return f"{year}-W{week:02}"


@dataclass(frozen=True)
class Monthly:
    """On a day of the month, 1 to 31, or the month's last day where it is shorter (so 31 is always the last); tells of
    the last whole month.
    """

    day: int

    def __post_init__(self) -> None:
        if not 1 <= self.day <= LAST_DAY:
            raise InvalidArgument(
                say("A month has days 1 to 31, and no day {day}; 31 is always the last.", day=str(self.day))
            )

    def falls_on(self, day: date) -> bool:
        """Whether a digest is meant for this local day, before quiet hours and days off."""
        return day.day == self.day or (day.day < self.day and (day + _DAY).day == 1)

    def tells(self, day: date) -> Period:
        """The days that the digest of this local day tells of."""
        return unit(shift(day, "month", -1), "month")

    def names(self, period: Period) -> str:
        """What `period` is called in keys, e.g. 2026-11."""
        return f"{period.start:%Y-%m}"


Rhythm = Daily | Weekly | Monthly


@dataclass(frozen=True)
class Schedule:
    """A rhythm at a local time of day.

    Parameters
    ----------
    rhythm : which local days.
    at : local time of day, to the minute.
    timezone : IANA name.
    quiet, days_off : what holds a digest back: to the end of the quiet hours, and to the same time of the next day that
        is not off.

    Raises InvalidArgument where the timezone is not known, or `at` is not a plain time of day.
    """

    rhythm: Rhythm
    at: time
    timezone: str
    quiet: QuietHours | None = None
    days_off: DaysOff | None = None

    def __post_init__(self) -> None:
        if self.timezone not in timezones():
            raise InvalidArgument(
                say("I know no timezone “{name}”; write it as in Europe/London or Asia/Shanghai.", name=self.timezone)
            )
        if self.at.tzinfo is not None or self.at.second or self.at.microsecond:
            raise InvalidArgument(
                say("“{time}” is no time of day in hours and minutes, such as 09:00.", time=self.at.isoformat())
            )

    @property
    def zone(self) -> ZoneInfo:
        """The timezone's rules."""
        return ZoneInfo(self.timezone)


@dataclass(frozen=True)
class Occurrence:
    """One digest to send.

    `at` is an instant (UTC). `period` is what the digest tells of; `covers` reaches back to what earlier digests were
    held back or missed, and so has no other digest. `key` names the period in ISO 8601 (2026-11-21, 2026-W47, 2026-11,
    or 2026-11-16/2026-11-19): once for a subscription and period, whatever the timezone.
    """

    key: str
    at: datetime
    period: Period
    covers: Period


def due(schedule: Schedule, after: datetime, told: date | None = None) -> Occurrence:
    """The first occurrence later than `after`, an aware instant.

    With `told`, the last day that was told of, occurrences that tell nothing later are passed over, and `covers` begins
    the day after it. Digests that are held back to one moment are one: the latest, which covers the others' days.
    """
    _aware(after)
    start = _latest_day(schedule, after) + _DAY
    if told is not None:
        # No digest tells of a day before it is over, so none up to this day is news.
        start = max(start, told)
    return next(
        _reaching(one, told)
        for one in _occurrences(schedule, start)
        if one.at > after and (told is None or one.period.end > told)
    )


def missed(schedule: Schedule, told: date, now: datetime, grace: timedelta) -> Occurrence | None:
    """What is to be sent now because its moment passed: at most one, the latest, if it is no more than `grace` late.

    It covers everything since `told`. Its `at` is `now`, or the end of quiet hours and days off. None where nothing is
    owed; where it is too late; and where that lies nearer to the next occurrence than to its own moment: the next one
    then covers it (`due` with the same `told`).
    """
    _aware(now)
    latest = _occurrence(schedule, _latest_day(schedule, now))
    if latest.period.end <= told or now - latest.at > grace:
        return None
    held = replace(latest, at=_released(schedule, now))
    if due(schedule, now, told).at - held.at <= held.at - latest.at:
        return None
    return _reaching(held, told)


def told_before(schedule: Schedule, now: datetime) -> date:
    """What a subscription begun at `now`, or given another rhythm, keeps as `told`: its first digest is the next, and
    tells of one period.
    """
    return due(schedule, now).period.start - _DAY


@cache
def timezones() -> frozenset[str]:
    """The IANA names that are known here."""
    return frozenset(available_timezones())


def _aware(moment: datetime) -> None:
    if moment.tzinfo is None:
        raise ValueError(f"expected an instant with a timezone, not {moment!r}")


def _reaching(one: Occurrence, told: date | None) -> Occurrence:
    if told is None:
        return one
    return replace(one, covers=Period(min(one.period.start, told + _DAY), one.period.end))


def _latest_day(schedule: Schedule, moment: datetime) -> date:
    """The last day of the rhythm whose occurrence came by `moment`, held back or not."""
    # Where clocks go back over midnight, the day after the local one has begun before.
    day = local(moment, schedule.zone).date() + _DAY
    while not (schedule.rhythm.falls_on(day) and _occurrence(schedule, day).at <= moment):
        day -= _DAY
    return day


def _occurrences(schedule: Schedule, start: date) -> Iterator[Occurrence]:
    """From the digest of local day `start` on; those of one moment are one."""
    for _, group in groupby(_each(schedule, start), attrgetter("at")):
        held = list(group)
        yield replace(held[-1], covers=Period(held[0].period.start, held[-1].period.end))


def _each(schedule: Schedule, start: date) -> Iterator[Occurrence]:
    day = start
    while True:
        if schedule.rhythm.falls_on(day):
            yield _occurrence(schedule, day)
        day += _DAY


def _occurrence(schedule: Schedule, day: date) -> Occurrence:
    period = schedule.rhythm.tells(day)
    at = _settled(schedule, datetime.combine(day, schedule.at))
    return Occurrence(schedule.rhythm.names(period), at, period, period)


def _settled(schedule: Schedule, wall: datetime, not_before: datetime | None = None) -> datetime:
    """The instant of a wall-clock time, held back as the schedule says."""
    while True:
        found = instant(_allowed(schedule, wall), schedule.zone, not_before)
        # Where clocks go forward, the end of the gap may lie in quiet hours or on another day.
        wall = local(found, schedule.zone)
        if _allowed(schedule, wall) == wall:
            return found


def _released(schedule: Schedule, now: datetime) -> datetime:
    wall = local(now, schedule.zone)
    return now.astimezone(UTC) if _allowed(schedule, wall) == wall else _settled(schedule, wall, now)


def _allowed(schedule: Schedule, wall: datetime) -> datetime:
    """The first wall-clock time outside quiet hours, and then the same time of the first day that is not off."""
    if schedule.quiet is not None:
        wall = schedule.quiet.over(wall)
    while schedule.days_off is not None and schedule.days_off.off(wall.date()):
        wall += _DAY
    return wall
