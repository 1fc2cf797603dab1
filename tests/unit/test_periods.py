"""Calendar arithmetic on periods."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.semantic.periods import GRAINS, Grain, Period, shift, split, unit

DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize(
    ("start", "end", "previous"),
    [
        ("2011-11-01", "2011-11-30", ("2011-10-01", "2011-10-31")),
        ("2012-03-01", "2012-03-31", ("2012-02-01", "2012-02-29")),
        ("2011-07-01", "2011-09-30", ("2011-04-01", "2011-06-30")),
        ("2011-01-01", "2011-06-30", ("2010-07-01", "2010-12-31")),
        ("2011-11-28", "2011-12-04", ("2011-11-21", "2011-11-27")),
        ("2011-01-01", "2011-12-31", ("2010-01-01", "2010-12-31")),
        ("2011-11-10", "2011-12-09", ("2011-10-11", "2011-11-09")),
        ("2011-12-09", "2011-12-09", ("2011-12-08", "2011-12-08")),
    ],
)
def test_previous(start: str, end: str, previous: tuple[str, str]) -> None:
    period = Period(date.fromisoformat(start), date.fromisoformat(end))
    assert period.previous() == Period(*map(date.fromisoformat, previous))


@pytest.mark.parametrize(
    ("start", "end", "ago"),
    [
        ("2012-02-01", "2012-02-29", ("2011-02-01", "2011-02-28")),
        ("2011-02-01", "2011-02-28", ("2010-02-01", "2010-02-28")),
        ("2013-02-01", "2013-02-28", ("2012-02-01", "2012-02-29")),
        ("2012-02-29", "2012-02-29", ("2011-02-28", "2011-02-28")),
        ("2011-11-28", "2011-12-04", ("2010-11-29", "2010-12-05")),
        ("2011-12-01", "2011-12-09", ("2010-12-01", "2010-12-09")),
    ],
)
def test_year_ago(start: str, end: str, ago: tuple[str, str]) -> None:
    period = Period(date.fromisoformat(start), date.fromisoformat(end))
    assert period.year_ago() == Period(*map(date.fromisoformat, ago))


def test_a_period_cannot_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="must not end before"):
        Period(date(2011, 2, 1), date(2011, 1, 31))


@given(DAYS, st.sampled_from(GRAINS))
def test_units_tile_the_calendar(day: date, grain: Grain) -> None:
    here = unit(day, grain)
    assert here.start <= day <= here.end
    assert unit(here.end + timedelta(days=1), grain).start == here.end + timedelta(days=1)
    assert here.previous().end == here.start - timedelta(days=1)
    assert here.previous() == unit(here.start - timedelta(days=1), grain)


@given(DAYS, st.integers(0, 900), st.sampled_from(GRAINS))
def test_split_covers_without_overlap(start: date, days: int, grain: Grain) -> None:
    period = Period(start, start + timedelta(days=days))
    units = list(split(period, grain))
    assert units[0].start <= period.start
    assert units[-1].end >= period.end
    assert all(a.end + timedelta(days=1) == b.start for a, b in pairwise(units))


@given(DAYS, st.sampled_from(GRAINS), st.integers(-60, 60))
def test_shift_there_and_back_stays_within_the_month_end(day: date, grain: Grain, n: int) -> None:
    back = shift(shift(day, grain, n), grain, -n)
    assert back == day if day.day <= 28 else abs((back - day).days) <= 3
