"""Messages, periods and lists in two languages."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot.rendering.voice import Voice
from tools.answer import Column
from tools.messages import Label, Message, Quantity, say, say_n
from tools.semantic.periods import Period

EN, ZH = Voice("en"), Voice("zh")
NOVEMBER = Period(date(2011, 11, 1), date(2011, 11, 30))


@pytest.mark.parametrize(
    ("start", "end", "en", "zh"),
    [
        ("2011-11-01", "2011-11-30", "November 2011", "2011年11月"),
        ("2011-07-01", "2011-09-30", "Q3 2011", "2011年第三季度"),
        ("2011-01-01", "2011-06-30", "H1 2011", "2011年上半年"),
        ("2011-07-01", "2011-12-31", "H2 2011", "2011年下半年"),
        ("2011-01-01", "2011-12-31", "2011", "2011年"),
        ("2010-01-01", "2011-12-31", "2010–2011", "2010年至2011年"),
        ("2011-01-01", "2011-09-30", "Q1–Q3 2011", "2011年第一至第三季度"),
        ("2010-10-01", "2011-03-31", "Q4 2010–Q1 2011", "2010年第四季度至2011年第一季度"),
        ("2011-09-01", "2011-11-30", "Sep–Nov 2011", "2011年9月至11月"),
        ("2010-11-01", "2011-02-28", "Nov 2010–Feb 2011", "2010年11月至2011年2月"),
        ("2011-11-28", "2011-12-04", "week of 28 Nov 2011 (28 Nov–4 Dec)", "2011年11月28日当周（11月28日至12月4日）"),
        ("2011-11-10", "2011-12-09", "10 Nov–9 Dec 2011", "2011年11月10日至12月9日"),
        ("2011-12-01", "2011-12-09", "1–9 Dec 2011", "2011年12月1日至9日"),
        ("2010-12-20", "2011-01-09", "20 Dec 2010–9 Jan 2011", "2010年12月20日至2011年1月9日"),
        ("2011-12-09", "2011-12-09", "Fri, 9 Dec 2011", "2011年12月9日（周五）"),
    ],
)
def test_a_period_by_its_usual_name(start: str, end: str, en: str, zh: str) -> None:
    period = Period(date.fromisoformat(start), date.fromisoformat(end))
    assert (EN.value(period), ZH.value(period)) == (en, zh)


def test_english_prepositions_follow_the_period() -> None:
    in_period = "Sales in {period}."
    assert EN.text(Message(in_period, {"period": NOVEMBER})) == "Sales in November 2011."
    day = Period(date(2011, 12, 9), date(2011, 12, 9))
    assert EN.text(Message(in_period, {"period": day})) == "Sales on Fri, 9 Dec 2011."
    assert EN.text(Message("In {period}: none.", {"period": day})) == "On Fri, 9 Dec 2011: none."
    span = Period(date(2011, 11, 10), date(2011, 12, 9))
    assert EN.text(Message(in_period, {"period": span})) == "Sales from 10 Nov to 9 Dec 2011."


def test_values_are_escaped_and_only_templates_are_bold() -> None:
    message = Message("*{name}* & <co>", {"name": "<b>*x*\u202e&\x00"})
    assert EN.html(message) == "<b>&lt;b&gt;*x*&amp;</b> &amp; &lt;co&gt;"
    assert EN.html(message, bold=False) == "&lt;b&gt;*x*&amp; &amp; &lt;co&gt;"
    assert EN.text(message) == "<b>*x*& & <co>"


def test_nested_messages_lists_and_plurals() -> None:
    inner = say("{value}", value=Quantity(0.5, "ratio"))
    message = Message("{names}: {inner}", {"names": ("A", Label("B", "乙"), "C"), "inner": inner})
    assert EN.text(message) == "A, B and C: 50%"
    assert ZH.text(message) == "A、乙和C: 50%"
    assert [EN.text(say_n("{count} row", "{count} rows", n)) for n in (0, 1, 2751)] == ["0 rows", "1 row", "2,751 rows"]
    assert ZH.text(say_n("{count} row", "{count} rows", 1)) == "1行"


@pytest.mark.parametrize("text", ["{", "}", "{0}", "{missing}", "5 * 3 * 2", "{a.b}", "{a!r:>10}"])
def test_a_broken_template_still_says_its_words(text: str) -> None:
    assert EN.html(Message(text))


def test_times_with_a_zone_are_told_in_the_readers() -> None:
    moment = datetime(2011, 12, 9, 12, 50, tzinfo=UTC)
    assert Voice("en", timezone="Asia/Shanghai").value(moment) == "9 Dec 2011 20:50"
    assert EN.value(datetime(2011, 12, 9, 12, 50)) == "9 Dec 2011 12:50"
    assert ZH.value(date(2011, 12, 9)) == "2011年12月9日"


def test_cells() -> None:
    month = Column("month", Label("Month"), grain="month")
    assert EN.cells([date(2011, 11, 1), None], month) == ["Nov 2011", "–"]
    assert ZH.cell(date(2011, 7, 1), Column("q", Label("Q"), grain="quarter")) == "2011年3季度"
    assert EN.cells([True, 17850, float("nan"), "a\nb"], Column("x", Label("x"))) == ["yes", "17850", "–", "a b"]
