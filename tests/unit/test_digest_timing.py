"""When digests are due: clock changes, month ends, timezone moves, quiet hours, days off, a scheduler that slept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from jobs.digests.clocks import instant
from jobs.digests.quiet import DaysOff, QuietHours
from jobs.digests.schedule_words import held_back, when
from jobs.digests.timing import Daily, Monthly, Occurrence, Rhythm, Schedule, Weekly, due, missed, told_before
from tools.errors import InvalidArgument
from tools.semantic.periods import Period

NINE = time(9)
GRACE = timedelta(hours=12)
MONDAY, FRIDAY = 0, 4


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def at(zone: str, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def days(text: str) -> Period:
    start, _, end = text.partition("/")
    return Period(date.fromisoformat(start), date.fromisoformat(end or start))


def daily(zone: str = "Europe/London", clock: str = "09:00", **held: QuietHours | DaysOff) -> Schedule:
    return Schedule(Daily(), time.fromisoformat(clock), zone, **held)  # type: ignore[arg-type]


def following(schedule: Schedule, after: datetime, count: int) -> list[Occurrence]:
    def each() -> Iterator[Occurrence]:
        moment = after
        while True:
            one = due(schedule, moment)
            yield one
            moment = one.at

    return list(islice(each(), count))


def local_times(schedule: Schedule, after: datetime, count: int) -> list[str]:
    return [f"{one.at.astimezone(schedule.zone):%m-%d %H:%M%z}" for one in following(schedule, after, count)]


@pytest.mark.parametrize(
    ("zone", "clock", "after", "expected"),
    [
        ("Europe/London", "01:30", "2026-03-27T12:00", ["03-28 01:30+0000", "03-29 02:00+0100", "03-30 01:30+0100"]),
        ("Europe/London", "01:30", "2026-10-23T12:00", ["10-24 01:30+0100", "10-25 01:30+0100", "10-26 01:30+0000"]),
        ("Europe/London", "09:00", "2026-03-27T12:00", ["03-28 09:00+0000", "03-29 09:00+0100", "03-30 09:00+0100"]),
        ("America/New_York", "02:30", "2026-03-07T01:00", ["03-07 02:30-0500", "03-08 03:00-0400", "03-09 02:30-0400"]),
        ("America/New_York", "01:30", "2026-10-31T12:00", ["11-01 01:30-0400", "11-02 01:30-0500"]),
        # Half an hour: 02:00 to 02:30 is missing in October and comes again, from 01:30, in April.
        ("Australia/Lord_Howe", "02:15", "2026-10-02T15:00", ["10-03 02:15+1030", "10-04 02:30+1100"]),
        ("Australia/Lord_Howe", "01:45", "2026-04-03T15:30", ["04-05 01:45+1100", "04-06 01:45+1030"]),
        ("Asia/Shanghai", "02:30", "2026-03-28T12:00", ["03-29 02:30+0800", "03-30 02:30+0800"]),
        # Midnight itself is missing, and a whole day was.
        ("America/Sao_Paulo", "00:00", "2018-11-03T12:00", ["11-04 01:00-0200", "11-05 00:00-0200"]),
        ("Pacific/Apia", "09:00", "2011-12-29T20:00", ["12-31 00:00+1400", "12-31 09:00+1400", "01-01 09:00+1400"]),
    ],
)
def test_clock_changes(zone: str, clock: str, after: str, expected: list[str]) -> None:
    assert local_times(daily(zone, clock), utc(after), len(expected)) == expected


def test_a_time_that_comes_twice_can_be_asked_for_again() -> None:
    zone, wall = ZoneInfo("America/New_York"), datetime(2026, 11, 1, 1, 30)
    assert instant(wall, zone) == utc("2026-11-01T05:30")
    assert instant(wall, zone, utc("2026-11-01T05:31")) == utc("2026-11-01T06:30")


@pytest.mark.parametrize(
    ("rhythm", "after", "expected"),
    [
        (Daily(), "2026-11-22T12:00", [("2026-11-22", "11-23", "2026-11-22"), ("2026-11-23", "11-24", "2026-11-23")]),
        (
            Weekly(frozenset({MONDAY})),
            "2026-12-27T12:00",
            [("2026-W52", "12-28", "2026-12-21/2026-12-27"), ("2026-W53", "01-04", "2026-12-28/2027-01-03")],
        ),
        (Weekly(frozenset({FRIDAY})), "2026-11-22T12:00", [("2026-W47", "11-27", "2026-11-16/2026-11-22")]),
        (
            Weekly(frozenset({MONDAY, FRIDAY})),
            "2026-11-22T12:00",
            [
                ("2026-11-20/2026-11-22", "11-23", "2026-11-20/2026-11-22"),
                ("2026-11-23/2026-11-26", "11-27", "2026-11-23/2026-11-26"),
            ],
        ),
        (
            Monthly(31),
            "2028-01-31T12:00",
            [
                ("2028-01", "02-29", "2028-01-01/2028-01-31"),
                ("2028-02", "03-31", "2028-02-01/2028-02-29"),
                ("2028-03", "04-30", "2028-03-01/2028-03-31"),
            ],
        ),
        (Monthly(30), "2027-01-31T12:00", [("2027-01", "02-28", "2027-01-01/2027-01-31"),
                                           ("2027-02", "03-30", "2027-02-01/2027-02-28")]),
        (Monthly(29), "2100-02-01T12:00", [("2100-01", "02-28", "2100-01-01/2100-01-31")]),
        (Monthly(1), "2026-12-31T12:00", [("2026-12", "01-01", "2026-12-01/2026-12-31")]),
    ],
)  # fmt: skip
def test_what_each_tells(rhythm: Rhythm, after: str, expected: list[tuple[str, str, str]]) -> None:
    found = following(Schedule(rhythm, NINE, "UTC"), utc(after), len(expected))
    assert [(one.key, f"{one.at:%m-%d}", one.period) for one in found] == [
        (key, day, days(period)) for key, day, period in expected
    ]
    assert all(one.covers == one.period for one in found)


def test_a_subscription_begins_with_the_next_and_tells_one_period() -> None:
    schedule = daily(days_off=DaysOff())
    now = utc("2026-11-21T12:00")  # a Saturday
    told = told_before(schedule, now)
    assert told == date(2026, 11, 21)
    assert missed(schedule, told, now, timedelta(days=9)) is None
    assert due(schedule, now, told).covers == days("2026-11-22")


class TestTimezoneMoves:
    EAST, WEST = "Pacific/Kiritimati", "Pacific/Honolulu"  # one clock, a day apart

    def test_west_over_the_date_line_tells_no_day_twice(self) -> None:
        sent = due(daily(self.EAST), at(self.EAST, "2026-11-22 08:00"))
        moved = due(daily(self.WEST), sent.at, told=sent.covers.end)
        # The 22nd comes again in Honolulu; what it would tell was told.
        assert (sent.key, moved.key) == ("2026-11-21", "2026-11-22")
        assert moved.at == at(self.WEST, "2026-11-23 09:00")
        assert missed(daily(self.WEST), sent.covers.end, sent.at + timedelta(hours=1), GRACE) is None

    def test_east_over_the_date_line_skips_no_day(self) -> None:
        sent = due(daily(self.WEST), at(self.WEST, "2026-11-21 08:00"))
        now = sent.at + timedelta(minutes=5)  # 09:05 on the 22nd in Kiritimati
        owed = missed(daily(self.EAST), sent.covers.end, now, GRACE)
        assert owed is not None
        assert (owed.key, owed.at, owed.covers) == ("2026-11-21", now, days("2026-11-21"))
        assert due(daily(self.EAST), now, told=owed.covers.end).covers == days("2026-11-22")

    def test_beyond_the_grace_the_next_covers_it(self) -> None:
        told, now = date(2026, 11, 20), at(self.EAST, "2026-11-22 11:00")
        assert missed(daily(self.EAST), told, now, timedelta(hours=1)) is None
        later = due(daily(self.EAST), now, told)
        assert (later.key, later.period, later.covers) == (
            "2026-11-22",
            days("2026-11-22"),
            days("2026-11-21/2026-11-22"),
        )

    def test_a_week_is_told_once_though_its_weekday_moves(self) -> None:
        monday, friday = (Schedule(Weekly(frozenset({day})), NINE, "UTC") for day in (MONDAY, FRIDAY))
        sent = due(monday, utc("2026-11-23T00:00"))
        assert due(friday, sent.at).key == sent.key
        assert due(friday, sent.at, told=sent.covers.end).at == utc("2026-12-04T09:00")


class TestQuietHours:
    NIGHT = QuietHours(time(22), time(7))

    @pytest.mark.parametrize(
        ("clock", "expected"),
        [("21:59", "11-23 21:59"), ("22:00", "11-24 07:00"), ("23:30", "11-24 07:00"), ("06:59", "11-23 07:00"),
         ("07:00", "11-23 07:00")],
    )  # fmt: skip
    def test_over_midnight(self, clock: str, expected: str) -> None:
        # After Sunday's and before Monday's.
        after = at("Europe/London", f"2026-11-22 {clock}") + timedelta(hours=12)
        if clock > "12":
            after = at("Europe/London", "2026-11-23 12:00")
        assert local_times(daily(clock=clock, quiet=self.NIGHT), after, 1) == [f"{expected}+0000"]

    def test_within_a_day(self) -> None:
        siesta = QuietHours(time(13), time(15))
        assert local_times(daily(clock="14:00", quiet=siesta), utc("2026-11-22T00:00"), 1) == ["11-22 15:00+0000"]
        assert local_times(daily(clock="13:00", quiet=siesta), utc("2026-11-22T00:00"), 1) == ["11-22 15:00+0000"]
        assert local_times(daily(clock="15:00", quiet=siesta), utc("2026-11-22T00:00"), 1) == ["11-22 15:00+0000"]

    @pytest.mark.parametrize(
        ("start", "end", "clock", "after", "expected"),
        [
            # The end of quiet hours is missing in spring.
            ("22:00", "02:30", "23:00", "2026-03-07T12:00", "03-08 03:00-0400"),
            # The gap ends within quiet hours.
            ("02:45", "06:00", "02:30", "2026-03-07T12:00", "03-08 06:00-0400"),
            # The end comes twice in autumn, and ends them the first time.
            ("22:00", "01:30", "23:00", "2026-10-31T12:00", "11-01 01:30-0400"),
        ],
    )
    def test_on_nights_of_clock_changes(self, start: str, end: str, clock: str, after: str, expected: str) -> None:
        quiet = QuietHours(time.fromisoformat(start), time.fromisoformat(end))
        assert local_times(daily("America/New_York", clock, quiet=quiet), utc(after), 1) == [expected]

    def test_waking_in_quiet_hours_that_the_clock_went_back_into(self) -> None:
        schedule = daily("America/New_York", "21:00", quiet=QuietHours(time(22), time(1, 30)))
        owed = missed(schedule, date(2026, 10, 29), utc("2026-11-01T06:10"), GRACE)  # 01:10 for the second time
        assert owed is not None
        assert owed.at == utc("2026-11-01T06:30")


class TestDaysOff:
    def test_a_long_weekend_brings_one_digest_that_covers_it(self) -> None:
        # Friday 3 April and Monday 6 April 2026 are Easter holidays in England.
        schedule = daily(days_off=DaysOff("GB"))
        thursday, tuesday, wednesday = following(schedule, utc("2026-04-02T00:00"), 3)
        assert thursday.at == at("Europe/London", "2026-04-02 09:00")
        assert tuesday.at == at("Europe/London", "2026-04-07 09:00")
        assert (tuesday.period, tuesday.covers) == (days("2026-04-06"), days("2026-04-02/2026-04-06"))
        assert wednesday.covers == days("2026-04-07")

    def test_whoever_asks_meanwhile_the_occurrence_is_the_same(self) -> None:
        schedule = daily(days_off=DaysOff("GB"))
        found = {due(schedule, utc(f"2026-04-0{day}T12:00")) for day in range(2, 7)}
        assert len(found) == 1

    def test_a_week_waits_and_two_weeks_of_holidays_are_told_at_once(self) -> None:
        schedule = Schedule(Weekly(frozenset({MONDAY})), NINE, "Asia/Shanghai", days_off=DaysOff("CN"))
        found = due(schedule, utc("2026-02-10T00:00"))
        # Spring Festival 2026: 15 to 23 February off, so the Mondays of the 16th and 23rd are both Tuesday the 24th.
        assert found.at == at("Asia/Shanghai", "2026-02-24 09:00")
        assert (found.key, found.covers) == ("2026-W08", days("2026-02-09/2026-02-22"))

    @pytest.mark.parametrize(
        ("days_off", "day", "off"),
        [
            (DaysOff(), "2026-11-21", True), (DaysOff(), "2026-12-25", False),
            (DaysOff("GB"), "2026-12-25", True), (DaysOff("GB", weekends=False), "2026-11-21", False),
            (DaysOff("GB", weekends=False), "2026-12-25", True), (DaysOff("GB", holidays=False), "2026-12-25", False),
            (DaysOff("CN"), "2026-02-14", False),  # a Saturday that is worked for the Spring Festival
            (DaysOff("CN"), "2026-02-17", True),
            (DaysOff("JP"), "2026-04-30", False),  # between two holidays of Golden Week
            (DaysOff("IL"), "2026-11-20", True), (DaysOff("IL"), "2026-11-22", False),
        ],
    )  # fmt: skip
    def test_which_days(self, days_off: DaysOff, day: str, off: bool) -> None:
        assert days_off.off(date.fromisoformat(day)) is off

    def test_with_quiet_hours_friday_night_comes_on_monday_morning(self) -> None:
        schedule = daily(clock="23:00", quiet=QuietHours(time(22), time(7)), days_off=DaysOff())
        monday, tuesday = following(schedule, at("Europe/London", "2026-11-20 12:00"), 2)
        assert monday.at == at("Europe/London", "2026-11-23 07:00")
        assert monday.covers == days("2026-11-19/2026-11-21")
        assert tuesday.covers == days("2026-11-22")


class TestAfterSleep:
    TOLD = date(2026, 11, 18)  # the digest of Thursday the 19th was the last that was sent

    @pytest.mark.parametrize(
        ("now", "covers"),
        [
            ("2026-11-20T08:59", None),  # nothing is owed yet
            ("2026-11-20T09:00", "2026-11-19"),
            ("2026-11-20T20:00", "2026-11-19"),
            ("2026-11-20T21:30", None),  # later than the grace
            ("2026-11-21T09:10", "2026-11-19/2026-11-20"),
            ("2026-12-20T10:00", "2026-11-19/2026-12-19"),
        ],
    )
    def test_at_most_one_is_owed(self, now: str, covers: str | None) -> None:
        owed = missed(daily("UTC"), self.TOLD, utc(now), GRACE)
        assert (owed and owed.covers) == (covers and days(covers))
        if owed is not None:
            assert owed.at == utc(now)
            assert owed.period == Period(owed.covers.end, owed.covers.end)

    def test_the_grace_includes_its_last_moment(self) -> None:
        hour, now = timedelta(hours=1), utc("2026-11-20T10:00")
        assert missed(daily("UTC"), self.TOLD, now, hour) is not None
        assert missed(daily("UTC"), self.TOLD, now + timedelta(seconds=1), hour) is None

    def test_waking_after_clocks_went_back_over_midnight(self) -> None:
        # 7 November began at 02:30 UTC, a minute before clocks went back to 23:01 of the 6th.
        owed = missed(daily("America/St_Johns", "00:00"), date(2010, 11, 5), utc("2010-11-07T02:45"), GRACE)
        assert owed is not None
        assert owed.key == "2010-11-06"

    def test_the_near_next_one_stands_for_both(self) -> None:
        now = utc("2026-11-21T08:30")  # Friday's is 23.5 hours late, Saturday's half an hour away
        assert missed(daily("UTC"), self.TOLD, now, timedelta(days=2)) is None
        assert due(daily("UTC"), now, self.TOLD).covers == days("2026-11-19/2026-11-20")

    def test_waking_in_quiet_hours(self) -> None:
        schedule = daily("UTC", "21:00", quiet=QuietHours(time(22), time(7)))
        owed = missed(schedule, self.TOLD, utc("2026-11-21T03:00"), GRACE)
        assert owed is not None
        assert owed.at == utc("2026-11-21T07:00")

    def test_waking_on_a_day_off(self) -> None:
        weekly = Schedule(Weekly(frozenset({FRIDAY})), NINE, "UTC", days_off=DaysOff())
        saturday = utc("2026-11-21T08:30")
        owed = missed(weekly, date(2026, 11, 8), saturday, timedelta(days=1))
        assert owed is not None
        assert (owed.key, owed.at) == ("2026-W46", utc("2026-11-23T08:30"))
        # A daily one comes on Monday anyway, and covers the weekend and what was missed.
        every = daily("UTC", days_off=DaysOff())
        assert missed(every, self.TOLD, saturday, timedelta(days=1)) is None
        assert due(every, saturday, self.TOLD).covers == days("2026-11-19/2026-11-22")

    def test_what_was_sent_is_not_owed(self) -> None:
        assert missed(daily("UTC"), date(2026, 11, 19), utc("2026-11-20T09:00"), GRACE) is None


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: daily("Europe/Londn"), "Europe/Londn"),
        (lambda: daily("../etc/passwd"), "passwd"),
        (lambda: replace(daily(), at=time(9, 0, 30)), "09:00:30"),
        (lambda: replace(daily(), at=time(9, tzinfo=UTC)), "09:00:00"),
        (lambda: Weekly(frozenset()), "at least one weekday"),
        (lambda: Weekly(frozenset({7})), "Monday to Sunday"),
        (lambda: Monthly(0), "no day 0"),
        (lambda: Monthly(32), "no day 32"),
        (lambda: QuietHours(NINE, NINE), "09:00"),
        (lambda: DaysOff("XX"), "XX"),
        (lambda: DaysOff(weekends=False), "weekends"),
        (lambda: DaysOff("GB", weekends=False, holidays=False), "weekends"),
    ],
)
def test_what_is_no_schedule_is_said(make: Callable[[], object], told: str) -> None:
    with pytest.raises(InvalidArgument) as wrong:
        make()
    assert told in str(wrong.value)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="timezone"):
        due(daily(), datetime(2026, 11, 22, 9))
    with pytest.raises(ValueError, match="timezone"):
        missed(daily(), date(2026, 11, 20), datetime(2026, 11, 22, 9), GRACE)


@pytest.mark.parametrize(
    ("rhythm", "told"),
    [
        (Daily(), "every day at 09:00 (UTC)"),
        (Weekly(frozenset(range(7))), "every day at 09:00 (UTC)"),
        (Weekly(frozenset({FRIDAY, MONDAY})), "Mondays, Fridays at 09:00 (UTC)"),
        (Weekly(frozenset(range(5))), "Mondays to Fridays at 09:00 (UTC)"),
        (Monthly(31), "on the last day of each month at 09:00 (UTC)"),
        (Monthly(30), "on the 30th of each month, or its last day, at 09:00 (UTC)"),
        (Monthly(1), "on the 1st of each month at 09:00 (UTC)"),
        (Monthly(12), "on the 12th of each month at 09:00 (UTC)"),
        (Monthly(22), "on the 22nd of each month at 09:00 (UTC)"),
        (Monthly(23), "on the 23rd of each month at 09:00 (UTC)"),
    ],
)
def test_words(rhythm: Rhythm, told: str) -> None:
    assert str(when(Schedule(rhythm, NINE, "UTC"))) == told


def test_words_of_what_holds_it_back() -> None:
    def said(days_off: DaysOff) -> str:
        return str(held_back(daily(days_off=days_off))[0])

    night = held_back(daily(quiet=QuietHours(time(22), time(7)), days_off=DaysOff()))
    assert [str(line) for line in night] == [
        "Quiet from 22:00 to 07:00: what falls due then comes at 07:00.",
        "On weekends it waits for the next working day.",
    ]
    assert said(DaysOff("GB", holidays=False)) == "On weekends it waits for the next working day."
    assert "public holidays (United Kingdom)" in said(DaysOff("GB"))
    assert said(DaysOff("CN", weekends=False)) == "On public holidays (China) it waits for the next day that is none."
    assert held_back(daily()) == ()
