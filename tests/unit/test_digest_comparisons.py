"""What the days of a digest are held against, and what counts as moved."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.digests.comparisons import baselines, differs, like_before, moved, steps
from tools.semantic.periods import Period, unit

FRIDAY = date(2026, 11, 20)


def day(value: date) -> Period:
    return Period(value, value)


def test_a_day_is_held_against_its_weekday_the_day_before_and_52_weeks_ago() -> None:
    week, before, year = baselines(day(FRIDAY))
    assert (week.period, before.period) == (day(date(2026, 11, 13)), day(date(2026, 11, 19)))
    assert year.period == day(date(2025, 11, 21))
    assert year.period.start.weekday() == FRIDAY.weekday()


def test_days_that_were_held_back_are_held_against_the_same_weekdays() -> None:
    weekend = Period(date(2026, 11, 13), date(2026, 11, 15))
    week, year = baselines(weekend)
    assert week.period == Period(date(2026, 11, 6), date(2026, 11, 8))
    assert year.period == Period(date(2025, 11, 14), date(2025, 11, 16))
    nine = Period(date(2026, 11, 5), date(2026, 11, 13))
    assert baselines(nine)[0].period == Period(date(2026, 10, 22), date(2026, 10, 30))


def test_weeks_and_months_are_held_against_whole_ones() -> None:
    week = unit(FRIDAY, "week")
    assert [one.period for one in baselines(week)] == [
        Period(date(2026, 11, 9), date(2026, 11, 15)),
        Period(date(2025, 11, 17), date(2025, 11, 23)),
    ]
    march = unit(date(2026, 3, 5), "month")
    assert [one.period for one in baselines(march)] == [
        unit(date(2026, 2, 1), "month"),
        unit(date(2025, 3, 1), "month"),
    ]
    two_months = Period(date(2026, 2, 1), date(2026, 3, 31))
    assert baselines(two_months)[0].period == Period(date(2025, 12, 1), date(2026, 1, 31))


@given(
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.sampled_from(["day", "week", "month"]),
    st.integers(min_value=1, max_value=10),
)
def test_like_periods_never_touch_what_is_told(start: date, grain: str, days: int) -> None:
    told = Period(start, start + timedelta(days=days - 1)) if grain == "day" else unit(start, grain)  # type: ignore[arg-type]
    alike = like_before(told)
    assert len(alike) == 8
    assert alike[0].end < told.start
    assert alike[0] == baselines(told)[0].period
    assert all(later.start > earlier.end for later, earlier in pairwise(alike))
    assert steps(told)[-1].end >= told.end


def test_steps_are_days_weeks_or_months_to_the_end() -> None:
    assert (len(steps(day(FRIDAY))), steps(day(FRIDAY))[-1]) == (28, day(FRIDAY))
    assert (len(steps(unit(FRIDAY, "week"))), steps(unit(FRIDAY, "week"))[-1]) == (26, unit(FRIDAY, "week"))
    assert (len(steps(unit(FRIDAY, "month"))), steps(unit(FRIDAY, "month"))[-1]) == (13, unit(FRIDAY, "month"))


@pytest.mark.parametrize(
    ("now", "before", "usual", "expected"),
    [
        (109.0, 100.0, (), False),  # under a tenth
        (111.0, 100.0, (), True),
        (111.0, 100.0, (80, 120, 95, 105, 130, 70), False),  # it swings like that every week
        (60.0, 100.0, (98, 102, 100, 101, 99), True),
        (101.0, 400.0, (98, 102, 100, 101, 400), False),  # back to the usual after a great day
        (5.0, 0.0, (), True),
        (0.0, 0.0, (), False),
        (None, 10.0, (), False),
        (10.0, None, (), False),
    ],
)
def test_moved(now: float | None, before: float | None, usual: tuple[float, ...], *, expected: bool) -> None:
    assert moved(now, before, usual) is expected


def test_a_great_day_is_different_though_what_follows_it_is_no_news() -> None:
    assert differs(101.0, 400.0, (98, 102, 100, 101, 400))


def test_a_handful_stays_quiet() -> None:
    assert not moved(1.0, 3.0, (), counted=True)
    assert moved(100.0, 300.0, (), counted=True)
