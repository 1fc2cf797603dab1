"""Every day is told of once, in order and outside quiet hours, whatever clocks, sleep and timezone moves do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from jobs.digests.clocks import local
from jobs.digests.quiet import DaysOff, QuietHours
from jobs.digests.timing import Daily, Monthly, Occurrence, Rhythm, Schedule, Weekly, due, missed, told_before
from tools.semantic.periods import Period

DAY = timedelta(days=1)
# Clock changes of an hour, half an hour and a whole day; over midnight; none; both sides of the date line.
ZONES = (
    "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Shanghai", "America/Sao_Paulo", "Asia/Beirut",
    "Pacific/Apia", "Pacific/Kiritimati", "Pacific/Honolulu", "Asia/Kathmandu", "Africa/Casablanca",
)  # fmt: skip
clocks = st.builds(time, st.integers(0, 23), st.sampled_from((0, 15, 30, 45)))
rhythms: st.SearchStrategy[Rhythm] = st.one_of(
    st.just(Daily()),
    st.builds(Weekly, st.frozensets(st.integers(0, 6), min_size=1)),
    st.builds(Monthly, st.integers(1, 31)),
)
quiets = st.tuples(clocks, clocks).filter(lambda ends: ends[0] != ends[1]).map(lambda ends: QuietHours(*ends))
days_off = st.one_of(
    st.just(DaysOff()),
    st.builds(DaysOff, st.sampled_from(("GB", "CN", "JP", "IL"))),
    st.just(DaysOff("CN", weekends=False)),
)
schedules = st.builds(
    Schedule, rhythms, clocks, st.sampled_from(ZONES), quiet=st.none() | quiets, days_off=st.none() | days_off
)
moments = st.datetimes(datetime(2009, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


def following(schedule: Schedule, after: datetime, count: int) -> list[Occurrence]:
    found: list[Occurrence] = []
    for _ in range(count):
        found.append(due(schedule, found[-1].at if found else after))
    return found


def undisturbed(schedule: Schedule, at: datetime) -> bool:
    wall = local(at, schedule.zone)
    loud = schedule.quiet is None or schedule.quiet.over(wall) == wall
    return loud and (schedule.days_off is None or not schedule.days_off.off(wall.date()))


def told_once(sent: list[Occurrence]) -> None:
    assert all(one.at < other.at for one, other in pairwise(sent))
    assert all(one.covers.end + DAY == other.covers.start for one, other in pairwise(sent))
    assert len({one.key for one in sent}) == len(sent)


@given(schedules, moments)
def test_occurrences_are_in_order_and_leave_out_no_day(schedule: Schedule, after: datetime) -> None:
    found = following(schedule, after, 12)
    told_once(found)
    assert found[0].at > after
    for one in found:
        assert undisturbed(schedule, one.at)
        assert one.covers.end == one.period.end < local(one.at, schedule.zone).date()


@given(rhythms, clocks, st.sampled_from(ZONES), moments)
def test_one_for_each_local_day_week_or_month(rhythm: Rhythm, clock: time, zone: str, after: datetime) -> None:
    """Where nothing holds them back: the days of the rhythm, each once, at the time where the day has it."""
    if zone == "Pacific/Apia":
        after = after.replace(year=2015)  # a whole day was skipped in 2011
    schedule = Schedule(rhythm, clock, zone)
    found = [local(one.at, schedule.zone) for one in following(schedule, after, 12)]
    days = [wall.date() for wall in found]
    between = (days[0] + n * DAY for n in range((days[-1] - days[0]).days + 1))
    assert days == [day for day in between if rhythm.falls_on(day)]
    for wall in found:
        wanted = datetime.combine(wall.date(), clock)
        shown = wanted.replace(tzinfo=schedule.zone).astimezone(UTC).astimezone(schedule.zone).replace(tzinfo=None)
        assert wall == wanted if shown == wanted else wall > wanted
    if isinstance(rhythm, Monthly):
        assert len({(day.year, day.month) for day in days}) == 12


@given(schedules, moments)
def test_the_first_moment_that_comes_twice(schedule: Schedule, after: datetime) -> None:
    free = replace(schedule, quiet=None, days_off=None)
    for one in following(free, after, 4):
        assert one.at.astimezone(free.zone).fold == 0


@given(schedules, moments, st.integers(1, 40))
def test_whoever_asks_gets_the_same_occurrence(schedule: Schedule, after: datetime, hours: int) -> None:
    one = due(schedule, after)
    later = after + timedelta(hours=hours)
    again = due(schedule, later)
    assert again == one if later < one.at else again.at > one.at


@given(
    schedules,
    moments,
    st.lists(
        st.tuples(st.integers(1, 60 * 24 * 12), st.none() | st.sampled_from(ZONES), clocks), min_size=3, max_size=25
    ),
    st.integers(0, 72),
)
def test_a_scheduler_that_sleeps_and_a_reader_who_moves(
    schedule: Schedule, now: datetime, naps: list[tuple[int, str | None, time]], grace_hours: int
) -> None:
    """It wakes after minutes or days; between, the reader may move to another timezone and hour."""
    grace = timedelta(hours=grace_hours)
    told = start = told_before(schedule, now)
    sent: list[Occurrence] = []
    for minutes, zone, clock in naps:
        if zone is not None:
            schedule = replace(schedule, timezone=zone, at=clock)
        now += timedelta(minutes=minutes)
        one = missed(schedule, told, now, grace)
        if one is None:
            one = due(schedule, now, told)
            assert one.at > now
        else:
            assert one.at >= now
        assert undisturbed(schedule, one.at)
        now, told = one.at, one.covers.end
        sent.append(one)
    told_once(sent)
    assert sent[0].covers.start == start + DAY


@given(schedules, moments, st.integers(1, 60), st.integers(0, 72))
def test_at_most_one_is_owed_and_it_is_the_latest(
    schedule: Schedule, begun: datetime, days: int, grace_hours: int
) -> None:
    told, now, grace = told_before(schedule, begun), begun + timedelta(days=days), timedelta(hours=grace_hours)
    passed = [one for one in following(schedule, begun, days + 2) if one.at <= now]
    owed = missed(schedule, told, now, grace)
    after = due(schedule, now, told)
    if owed is None:
        # The next makes up for all of it.
        assert after.covers.start == told + DAY
        return
    assert (owed.key, owed.period) == (passed[-1].key, passed[-1].period)
    assert now - passed[-1].at <= grace
    assert owed.covers == Period(told + DAY, owed.period.end)
    assert owed.at < after.at
    assert undisturbed(schedule, owed.at)
    assert missed(schedule, owed.covers.end, now, grace) is None
    assert due(schedule, now, owed.covers.end).covers.start == owed.covers.end + DAY


@given(st.integers(1, 31), st.dates(date(1999, 1, 1), date(2101, 1, 1)))
def test_every_month_has_one_day_for_a_monthly_digest(day: int, within: date) -> None:
    first = within.replace(day=1)
    falls = [one for n in range(31) if (one := first + n * DAY).month == first.month and Monthly(day).falls_on(one)]
    assert len(falls) == 1
    assert falls[0].day <= day
