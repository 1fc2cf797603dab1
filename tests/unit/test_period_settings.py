"""What the period grammar is told besides the text."""

from __future__ import annotations

from datetime import date

import pytest

from bot.understanding.periods import PeriodSpan, find_periods
from bot.understanding.periods.holidays import EASTER_SUNDAY
from bot.understanding.periods.numbers import chinese_digits, chinese_number
from tests.timing import least_seconds
from tools.semantic.periods import Period

TODAY = date(2011, 12, 9)


def only(text: str, today: date = TODAY, **settings: object) -> PeriodSpan:
    spans = find_periods(text, today, **settings)  # type: ignore[arg-type]
    assert len(spans) == 1, spans
    return spans[0]


def test_a_fiscal_year_is_named_after_the_year_it_ends_in() -> None:
    april = {"fiscal_year_start": 4}
    assert only("sales in FY2011", **april).period == Period(date(2010, 4, 1), date(2011, 3, 31))
    assert only("sales in fiscal Q2 2011", **april).period == Period(date(2010, 7, 1), date(2010, 9, 30))
    assert only("2011财年的销售额", **april).period == Period(date(2010, 4, 1), date(2011, 3, 31))
    assert only("sales this fiscal year", **april).period == Period(date(2011, 4, 1), TODAY)
    assert only("sales last fiscal year", **april).period == Period(date(2010, 4, 1), date(2011, 3, 31))
    assert only("sales in 2011", **april).period == Period(date(2011, 1, 1), date(2011, 12, 31))


def test_day_order() -> None:
    british, american = only("on 03/04/2011"), only("on 03/04/2011", dayfirst=False)
    assert british.period == Period(date(2011, 4, 3), date(2011, 4, 3))
    assert american.period == Period(date(2011, 3, 4), date(2011, 3, 4))
    assert british.certainty <= 0.5
    assert british.alternatives == (american.period,)
    assert british.assumed == "day_order"


def test_looking_ahead() -> None:
    september = date(2011, 9, 30)
    assert only("forecast October", september, prefer="future").period == Period(date(2011, 10, 1), date(2011, 10, 31))
    assert only("预测10月", september, prefer="future").period == Period(date(2011, 10, 1), date(2011, 10, 31))
    assert only("forecast this month", TODAY, prefer="future").period == Period(date(2011, 12, 1), date(2011, 12, 31))


def test_open_beginnings() -> None:
    assert only("sales of all time").period == Period(date.min, TODAY)
    assert only("sales of all time", first_day=date(2009, 12, 1)).period == Period(date(2009, 12, 1), TODAY)
    # Nothing was recorded then: the range says so by lying before the first day.
    assert only("sales before 2005", first_day=date(2009, 12, 1)).period == Period(date(2004, 1, 1), date(2004, 12, 31))


def test_spans_count_characters_of_the_text_as_typed() -> None:
    text = "銷售額　２０１１年１１月？"
    span = only(text)
    assert text[span.start : span.end] == "２０１１年１１月"


def test_a_named_baseline_carries_its_range_and_grain() -> None:
    span = find_periods("sales this month vs last month", TODAY)[1]
    assert (span.baseline, span.grain) == ("previous_period", "month")
    assert span.period == Period(date(2011, 11, 1), date(2011, 11, 30))
    span = find_periods("本周订单比上周", TODAY)[1]
    assert (span.baseline, span.grain) == ("previous_period", "week")
    assert span.period == Period(date(2011, 11, 28), date(2011, 12, 4))


@pytest.mark.parametrize(
    ("text", "assumed"),
    [
        ("last 3 months", "rolling"),
        ("previous 3 months", "complete_units"),
        ("last 30 days", None),
        ("in November", "year"),
        ("in November 2011", None),
        ("first week of May 2011", "extent"),
        ("最近三个月", "rolling"),
        ("11月", "year"),
    ],
)
def test_assumptions_are_told(text: str, assumed: str | None) -> None:
    assert only(text).assumed == assumed


@pytest.mark.parametrize(
    ("text", "number"),
    [("30", 30), ("三十", 30), ("十", 10), ("十二", 12), ("两", 2), ("一百八十", 180), ("一百零五", 105)],
)
def test_chinese_numbers(text: str, number: int) -> None:
    assert chinese_number(text) == number


@pytest.mark.parametrize("text", ["", "十十", "百千", "abc", "一百二百", "一二百", "两三", "二〇一一"])
def test_what_is_no_chinese_number(text: str) -> None:
    assert chinese_number(text) is None


@pytest.mark.parametrize(("text", "number"), [("二〇一一", 2011), ("零九", 9), ("2011", 2011), ("二十", None)])
def test_chinese_digits(text: str, number: int | None) -> None:
    assert chinese_digits(text) == number


@pytest.mark.parametrize(
    ("year", "day"),
    [(2009, date(2009, 4, 12)), (2010, date(2010, 4, 4)), (2011, date(2011, 4, 24)), (2024, date(2024, 3, 31))],
)
def test_easter(year: int, day: date) -> None:
    assert EASTER_SUNDAY(year) == Period(day, day)


@pytest.mark.parametrize(
    "scrap",
    [
        "net sales in November 2011 ",
        "上个月的销售额",
        "上",
        "一",
        "11月",
        "2011 ",
        "compared with the ",
        "1月、",
        "on ",
    ],
)
def test_a_long_text_of_time_words_is_read_in_a_second(scrap: str) -> None:
    text = scrap * (5000 // len(scrap))
    find_periods(scrap, TODAY)  # the patterns are compiled when first needed
    assert least_seconds(lambda: find_periods(text, TODAY), enough=1.0) < 1.0
