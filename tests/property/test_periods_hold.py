"""What holds for every period: how units follow one another, and that what is written is read back as itself."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rendering.dates import DATES
from bot.understanding.periods import find_periods
from bot.understanding.periods.calendar import rolling_back
from tools.semantic.periods import MONTHS_IN, Grain, Period, shift, split, unit

days = st.dates(date(1996, 1, 1), date(2040, 12, 31))
grains = st.sampled_from(["day", "week", "month", "quarter", "year"])
TODAY = date(2041, 6, 15)


@given(day=days, grain=grains)
def test_units_follow_one_another_without_gap_or_overlap(day: date, grain: Grain) -> None:
    one = unit(day, grain)
    assert one.start <= day <= one.end
    following = unit(one.end + timedelta(days=1), grain)
    assert following.start == one.end + timedelta(days=1)
    assert unit(one.start, grain) == unit(one.end, grain) == one
    assert following.previous() == one


@given(day=days, length=st.integers(0, 800), grain=grains)
def test_the_units_of_a_period_follow_one_another(day: date, length: int, grain: Grain) -> None:
    whole = Period(day, day + timedelta(days=length))
    parts = list(split(whole, grain))
    assert parts[0] == unit(whole.start, grain)
    assert parts[-1] == unit(whole.end, grain)
    assert all(b.start == a.end + timedelta(days=1) for a, b in pairwise(parts))


@given(day=days, length=st.integers(0, 800))
def test_the_period_before_ends_where_it_starts(day: date, length: int) -> None:
    period = Period(day, day + timedelta(days=length))
    before = period.previous()
    assert before.end == period.start - timedelta(days=1)
    whole = period.whole_units()
    if whole is None or whole[0] in ("day", "week"):
        assert before.days == period.days


@given(day=days, grain=st.sampled_from(["month", "quarter", "year"]), n=st.integers(-60, 60))
def test_shifting_there_and_back_loses_days_only_at_the_end_of_a_month(day: date, grain: Grain, n: int) -> None:
    there = shift(day, grain, n)
    back = shift(there, grain, -n)
    assert back == day or (day.day > 28 and (back.year, back.month) == (day.year, day.month) and back.day < day.day)
    assert there.day == day.day or (there + timedelta(days=1)).day == 1


@given(year=st.integers(1996, 2040))
def test_leap_days_and_month_ends(year: int) -> None:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    assert unit(date(year, 2, 1), "month").days == (29 if leap else 28)
    assert unit(date(year, 6, 1), "year").days == (366 if leap else 365)
    assert shift(date(year, 1, 31), "month", 1) == date(year, 2, 29 if leap else 28)
    if leap:
        assert Period(date(year, 2, 29), date(year, 2, 29)).year_ago() == Period(
            date(year - 1, 2, 28), date(year - 1, 2, 28)
        )
        assert unit(date(year, 2, 29), "month").year_ago() == unit(date(year - 1, 2, 1), "month")
    for text in (f"{year}年2月29日的订单", f"orders on 29 February {year}"):
        (span,) = find_periods(text, TODAY)
        assert (span.period is not None) == leap, text


@given(year=st.integers(1996, 2040))
def test_a_year_has_week_53_or_it_is_no_date(year: int) -> None:
    last = date(year, 12, 28).isocalendar().week  # the week of 28 December is the last
    for text in (f"{year}年第53周", f"week 53 of {year}", f"{year}-W53"):
        spans = find_periods(text, TODAY)
        read = [span.period for span in spans if span.period is not None and span.certainty > 0.5]
        if last == 53:
            assert read == [unit(date(year, 12, 28), "week")], text
        else:
            assert read == [], text
    assert [s.period for s in find_periods(f"{year}年第{last}周", TODAY)] == [unit(date(year, 12, 28), "week")]


@st.composite
def periods(draw: st.DrawFn) -> Period:
    """Whole units, runs of them, halves, single days and odd stretches."""
    day, grain = draw(days), draw(grains)
    first = unit(day, grain)
    if draw(st.booleans()):
        n = draw(st.integers(0, 3 if grain == "quarter" else 5))
        return Period(first.start, unit(shift(first.start, grain, n), grain).end)
    return Period(day, day + timedelta(days=draw(st.integers(0, 400))))


@pytest.mark.parametrize("language", ["en", "zh"])
@given(period=periods())
def test_a_period_as_written_is_read_as_itself(language: str, period: Period) -> None:
    written = DATES[language].period(period)
    spans = [s for s in find_periods(written, TODAY) if s.period is not None]
    assert spans, written
    assert {s.period for s in spans if s.certainty > 0.5} == {period}, written


@given(period=periods())
def test_a_period_within_a_sentence_is_read_as_itself(period: Period) -> None:
    for text in (f"net sales {DATES['en'].period_in(period)}", f"{DATES['zh'].period_in(period)}的净销售额"):
        spans = [s for s in find_periods(text, TODAY) if s.period is not None]
        assert {s.period for s in spans if s.certainty > 0.5} == {period}, text


@given(day=days, n=st.integers(1, 24), grain=st.sampled_from(["month", "quarter", "year"]))
def test_units_counted_back_from_the_end_of_a_month_are_whole(day: date, n: int, grain: Grain) -> None:
    end = unit(day, "month").end
    found = rolling_back(end, grain, n)
    assert found is not None
    assert (found.end, found.start.day) == (end, 1)
    assert sum(1 for _ in split(found, "month")) == n * MONTHS_IN[grain]


@given(day=days, n=st.integers(1, 60), grain=grains)
def test_units_counted_back_take_no_more_than_as_many_units(day: date, n: int, grain: Grain) -> None:
    found = rolling_back(day, grain, n)
    assert found is not None
    assert found.end == day
    assert found.start > shift(day, grain, -n)


@given(day=days, n=st.integers(1, 60), unit_word=st.sampled_from(["天", "周", "个月"]))
def test_times_before_the_last_ones_never_overlap_them(day: date, n: int, unit_word: str) -> None:
    last, before = (span.period for span in find_periods(f"最近{n}{unit_word}和之前{n}{unit_word}的订单数", day))
    assert last is not None
    assert before is not None
    assert before.end == last.start - timedelta(days=1)
