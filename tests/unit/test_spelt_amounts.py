"""Amounts in several English words are written in digits; everything else stays as it was typed."""

from __future__ import annotations

import pytest

from bot.understanding.normalise import normalise


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("one hundred eighty days", "180 days"),
        ("two hundred and fifty orders", "250 orders"),
        ("the top twenty-five", "the top 25"),
        ("two and a half thousand pounds", "2500 pounds"),
        ("half a million", "500000"),
        ("Five Thousand", "5000"),
        ("twelve hundred", "1200"),
        ("one hundred twenty-five thousand, five hundred and six", "125506"),
        ("two million, three hundred thousand and five", "2300005"),
        ("between one hundred and two hundred", "between 100 and 200"),
        ("between one hundred and one hundred and fifty", "between 100 and 150"),
        ("between one thousand and two thousand", "between 1000 and 2000"),
        ("five hundred and twenty thousand", "520000"),
        ("in two thousand eleven", "in 2011"),
    ],
)
def test_an_amount_in_words_is_written_in_digits(typed: str, plain: str) -> None:
    assert normalise(typed).text == plain


@pytest.mark.parametrize(
    "typed",
    ["between five and ten", "one two three", "twenty ten", "a few hundred", "three and a half weeks", "a week", "five",
     "hundreds of orders", "a thousandth", "two dozen"],
)  # fmt: skip
def test_what_is_no_amount_of_several_words_stays(typed: str) -> None:
    assert normalise(typed).text == typed


def test_digits_stand_for_the_words_as_they_were_typed() -> None:
    norm = normalise("with two hundred orders")
    start = norm.text.index("200")
    assert norm.original_span(start, start + 3) == (5, 16)
    assert norm.original[5:16] == "two hundred"
