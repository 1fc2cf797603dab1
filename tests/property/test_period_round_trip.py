"""A period written down in any of its forms is read as itself; no text makes the grammar fail."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from bot.understanding.periods import find_periods
from tools.semantic.periods import Grain, Period, unit

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
CHINESE = "零一二三四五六七八九十"
TODAY = date(2023, 6, 15)
days = st.dates(date(1990, 1, 1), date(2040, 12, 31))


def chinese(number: int) -> str:
    if number <= 10:
        return CHINESE[number]
    tens, ones = divmod(number, 10)
    return ("" if tens == 1 else CHINESE[tens]) + "十" + (CHINESE[ones] if ones else "")


def ordinal(number: int) -> str:
    if number in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def day_forms(day: date) -> list[str]:
    name, year = MONTHS[day.month - 1], day.year
    return [
        day.isoformat(), f"{year}/{day.month}/{day.day}", f"{day.day} {name} {year}", f"{name} {day.day}, {year}",
        f"{day.day} {name[:3]} {year}", f"{ordinal(day.day)} {name} {year}", f"the {ordinal(day.day)} of {name} {year}",
        f"{name[:3]} {ordinal(day.day)} {year}", f"{day.day}-{name[:3]}-{year}", f"{year}年{day.month}月{day.day}日",
        f"{year}年{day.month}月{day.day}号", f"{year}年{chinese(day.month)}月{chinese(day.day)}日",
        f"{year}.{day.month:02}.{day.day:02}",
    ]  # fmt: skip


def month_forms(day: date) -> list[str]:
    name, year = MONTHS[day.month - 1], day.year
    return [
        f"{name} {year}", f"{name[:3]} {year}", f"{name.upper()} {year}", f"{year} {name}", f"{name} of {year}",
        f"{day.month:02}/{year}", f"{year}年{day.month}月", f"{year}年{day.month}月份",
        f"{year}年{chinese(day.month)}月",
        f"{year} 年 {day.month} 月",
    ]  # fmt: skip


def quarter_forms(day: date) -> list[str]:
    quarter, year = (day.month + 2) // 3, day.year
    nth = ("first", "second", "third", "fourth")[quarter - 1]
    return [
        f"Q{quarter} {year}", f"{year} Q{quarter}", f"{year}Q{quarter}", f"q{quarter}/{year}", f"{quarter}Q{year}",
        f"the {nth} quarter of {year}", f"{nth} quarter {year}", f"{year}年Q{quarter}",
        f"{year}年第{chinese(quarter)}季度",
        f"{year}年{chinese(quarter)}季度", f"{year}年{quarter}季度",
    ]  # fmt: skip


def year_forms(day: date) -> list[str]:
    return [
        f"in {day.year}",
        f"the year {day.year}",
        f"FY{day.year}",
        f"{day.year}年",
        f"{day.year}年度",
        f"{day.year}年全年",
    ]


def week_forms(day: date) -> list[str]:
    year, week, _ = day.isocalendar()
    return [f"{year}-W{week:02}", f"week {week} of {year}", f"CW{week} {year}", f"{year}年第{week}周"]


FORMS = {"day": day_forms, "week": week_forms, "month": month_forms, "quarter": quarter_forms, "year": year_forms}
FRAMES = (
    "{}",
    "net sales {}",
    "revenue in {} please",
    "{}的销售额",
    "德国{}的订单数是多少？",
    "Sales ({})",
    "top 5 products, {}, by country",
)


@given(data=st.data(), day=days, grain=st.sampled_from(sorted(FORMS)), frame=st.sampled_from(FRAMES))
def test_an_absolute_period_is_read_as_itself(data: st.DataObject, day: date, grain: Grain, frame: str) -> None:
    form = data.draw(st.sampled_from(FORMS[grain](day)))
    spans = [span for span in find_periods(frame.format(form), TODAY) if span.kind == "period"]
    assert [(span.period, span.certainty > 0.5) for span in spans] == [(unit(day, grain), True)], form


@given(
    data=st.data(),
    first=days,
    length=st.integers(1, 500),
    link=st.sampled_from([" to ", " - ", " until ", "到", "至", "~"]),
)
def test_a_range_runs_from_end_to_end(data: st.DataObject, first: date, length: int, link: str) -> None:
    last = first + timedelta(days=length)
    text = data.draw(st.sampled_from(day_forms(first))) + link + data.draw(st.sampled_from(day_forms(last)))
    spans = find_periods("orders from " + text, TODAY)
    assert [span.period for span in spans] == [Period(first, last)], text


@given(today=days, month=st.integers(1, 12))
def test_a_month_without_year_is_the_latest_that_has_begun(today: date, month: int) -> None:
    for text in (f"sales in {MONTHS[month - 1]}", f"{month}月的销售额"):
        (span,) = find_periods(text, today)
        assert span.period is not None
        assert span.period.start.month == month
        assert span.period == unit(span.period.start, "month")
        assert timedelta(0) <= today - span.period.start < timedelta(days=366)


@given(today=days, n=st.integers(1, 400))
def test_last_n_days_end_today_and_count_it(today: date, n: int) -> None:
    wanted = Period(today - timedelta(days=n - 1), today)
    for text in (f"the last {n} days", f"past {n} days", f"最近{n}天", f"过去 {n} 天"):
        (span,) = find_periods(text, today)
        assert span.period == wanted


@given(day=days, other=days, grain=st.sampled_from(["month", "quarter", "year"]))
def test_two_named_periods_stay_two(day: date, other: date, grain: Grain) -> None:
    assume(unit(day, grain) != unit(other, grain))
    for text in (
        f"{FORMS[grain](day)[0]} vs {FORMS[grain](other)[0]}",
        f"{FORMS[grain](day)[-1]}和{FORMS[grain](other)[-1]}",
    ):
        assert [span.period for span in find_periods(text, TODAY)] == [unit(day, grain), unit(other, grain)], text


SCRAPS = """
last next this past previous week month months quarter year days 3 30 99999 0 2011 9999 1900 0001
november may 31 february 29 of the first since until before after between and to from - / . ' q3 h2
w53 week53 fy2011 christmas easter 上 下 本 前 后 去年 今年 个 月 周 季度 年
天 日 号 30 二月 十三 31 2月30日 9999年 第53周 至今
以来 之前 之后 从 到 旬 上旬 最后 第一 半年 双11 春节 同比 环比 比 每 按 vs yoy mtd
"""
scraps = st.lists(st.sampled_from(SCRAPS.split()), max_size=12).flatmap(
    lambda words: st.sampled_from([" ".join(words), "".join(words)])
)


@given(text=scraps | st.text(max_size=80), today=st.dates(), dayfirst=st.booleans(), start=st.integers(1, 12))
def test_no_text_makes_it_fail(text: str, today: date, dayfirst: bool, start: int) -> None:
    end = 0
    for span in find_periods(text, today, dayfirst=dayfirst, fiscal_year_start=start, first_day=date(2009, 12, 1)):
        assert end <= span.start < span.end <= len(text)
        assert 0 <= span.certainty <= 1
        if span.kind == "period":
            assert (span.period is None) == (span.certainty == 0)
        end = span.end
