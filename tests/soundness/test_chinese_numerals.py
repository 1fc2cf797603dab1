"""Chinese numerals mean one amount wherever they are read: in questions, in alerts, and in what a model writes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.numbers import find_numbers, han
from bot.understanding.unasked.amounts import AMOUNT, amount
from bot.understanding.written_figures import cleaned
from bot.understanding.written_figures import figures as written_figures

HAN = {
    "十": 10, "十五": 15, "二十": 20, "二十三": 23, "九十九": 99, "一百": 100, "一百五": 150, "两百八": 280,
    "二百五": 250,
    "一百零五": 105, "一百一十": 110, "一百五十": 150, "三百五十": 350, "三百二十一": 321, "一千": 1000, "三千五": 3500,
    "两千六": 2600, "三千零五": 3005, "三千五百": 3500, "三千零五十": 3050, "三千二百一": 3210, "九千九百九十九": 9999,
    "一万": 10_000, "一万八": 18_000, "两万八": 28_000, "三万五": 35_000, "三万零五": 30_005, "三万零五百": 30_500,
    "两万五千": 25_000, "一万二千五": 12_500, "三万五千六": 35_600, "三万五千零六": 35_006, "十二万": 120_000,
    "十二万五": 125_000, "二十五万": 250_000, "一百五十万": 1_500_000, "一百二十万五": 1_205_000, "三百万": 3_000_000,
    "一千万": 10_000_000, "一亿": 100_000_000, "一亿二": 120_000_000, "一亿二千万": 120_000_000,
    "一亿零二百万": 102_000_000, "两亿三千五百万": 235_000_000, "三万亿": 3_000_000_000_000,
}  # fmt: skip
MIXED = {
    "4万5": 45_000, "4万": 40_000, "3万5千": 35_000, "3万5千2": 35_200, "1亿2": 120_000_000, "2.5万": 25_000,
    "3千5": 3500,
    "3百5": 350, "5百万": 5_000_000, "20,000": 20_000,
}  # fmt: skip
NONE = ("两三万", "三四百", "十十", "万一", "百万百", "百五")
UNITS = (("", 1), ("十", 10), ("百", 100), ("千", 1000))


def written(value: int) -> str:
    """The formal numeral of a whole number below 100,000,000, with every unit said."""
    if value >= 10_000:
        rest = value % 10_000
        return written(value // 10_000) + "万" + ("零" if 0 < rest < 1000 else "") + (written(rest) if rest else "")
    text, gap = "", False
    for unit, scale in reversed(UNITS):
        digit = value // scale % 10
        if digit:
            text += ("零" if gap and text else "") + "零一二三四五六七八九"[digit] + unit
        gap = not digit
    return text


def figures(text: str) -> list[float]:
    """The longest numbers that a question of figures finds, one for each place."""
    found = sorted(find_numbers(text), key=lambda each: each[0] - each[1])
    kept: list[tuple[int, int, float]] = []
    for start, end, number in found:
        if all(end <= first or start >= last for first, last, _value in kept):
            kept.append((start, end, number.value))
    return [value for _start, _end, value in sorted(kept)]


def alerts(text: str) -> list[float]:
    told = (amount(match) for match in re.finditer(AMOUNT, text))
    return [each.value for each in told if each is not None]


def model_said(text: str) -> set[float]:
    """Every value that a figure in a model's text may have."""
    return {each.value for figure in written_figures(cleaned(text)) for way in figure.ways for each in way}


@pytest.mark.parametrize(("text", "value"), (HAN | MIXED).items())
def test_a_numeral_is_one_amount_everywhere(text: str, value: int) -> None:
    for sentence in (text, f"净销售额超过{text}", f"超过{text}的订单", f"低于{text}元时"):
        assert figures(sentence) == [value]
        assert alerts(sentence) == [value]
        assert value in model_said(sentence)


@pytest.mark.parametrize(("text", "value"), HAN.items())
def test_the_numeral_alone(text: str, value: int) -> None:
    assert han(text) == value


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_numeral_has_no_value(text: str) -> None:
    assert han(text) is None


@given(value=st.integers(1, 99_999_999))
def test_every_formal_numeral_keeps_its_value(value: int) -> None:
    assert han(written(value)) == value


@pytest.mark.parametrize(
    ("text", "value"), [("超过一万一天", 10_000), ("超过三万五月", 30_000), ("三千一个", 3000), ("4万5月", None)]
)
def test_the_digit_of_a_measure_is_not_the_amounts(text: str, value: float | None) -> None:
    found = alerts(text)
    assert value in found if value is not None else 45_000 not in found
