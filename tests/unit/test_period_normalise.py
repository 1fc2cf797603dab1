"""Plain text, and the way back to what was typed."""

from __future__ import annotations

import pytest

from bot.understanding.normalise import normalise


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("２０１１年１１月", "2011年11月"),
        ("上個月的銷售額", "上个月的销售额"),
        ("Top\u00a05", "Top 5"),
        ("today’s sales", "today's sales"),
        ("“UK”", '"UK"'),
        ("Ｑ３　２０１１", "Q3 2011"),
        ("cafe\u0301", "café"),
        ("a\u200bb", "ab"),
        ("½", "1\u20442"),
        ("", ""),
    ],
)
def test_plain_form(typed: str, plain: str) -> None:
    assert normalise(typed).text == plain


def test_offsets_lead_back_to_what_was_typed() -> None:
    typed = "對比 ２０１１年\u200b１０月"
    found = normalise(typed)
    start = found.text.index("2011")
    assert typed[slice(*found.original_span(start, start + 4))] == "２０１１"
    start = found.text.index("10月")
    assert typed[slice(*found.original_span(start, start + 3))] == "１０月"


def test_a_ligature_is_one_character_of_the_original() -> None:
    found = normalise("ﬁscal")
    assert found.text == "fiscal"
    assert found.original_span(0, 1) == (0, 1)
    assert found.original_span(0, 6) == (0, 5)


def test_folding_keeps_the_length() -> None:
    found = normalise("İSTANBUL Straße")
    assert len(found.folded) == len(found.text)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("net  sales\n\n last   month", "net sales\nlast month"),
        ("上个月　 的销售额", "上个月 的销售额"),
        ("sales!" + "!" * 900 + "last month", "sales!!!!!!!!last month"),
        (", " * 500 + "sales", ", , , , sales"),
    ],
)
def test_of_marks_in_a_row_few_are_left(text: str, plain: str) -> None:
    found = normalise(text)
    assert found.text == plain
    assert len(found.offsets) == len(plain) + 1
    assert found.original_span(0, len(plain)) == (0, len(text))
