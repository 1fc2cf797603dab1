"""The trade's terms in texts of either language."""

from __future__ import annotations

import pytest

from knowledge.language.glossary import Glossary
from knowledge.language.terminology import read, shipped
from knowledge.language.words import plain
from tests.unit.retrieval_fakes import TERMS


def mentioned(text: str) -> list[str]:
    folded = plain(text)
    return [folded[m.start : m.end] for m in Glossary(TERMS).mentions(folded)]


def test_terms_are_found_in_either_language_whatever_their_form() -> None:
    assert mentioned("How do we raise Repurchase Rates?") == ["raise", "repurchase rates"]
    assert mentioned("复购率怎么提高") == ["复购率", "提高"]


def test_the_longest_term_counts() -> None:
    assert mentioned("库存周转天数") == ["库存周转天数"]


def test_a_term_within_another_word_is_none() -> None:
    assert mentioned("backstage") == []


def test_words_between_part_a_term() -> None:
    assert mentioned("the rate of repurchase") == []


def test_translations_are_the_names_in_the_other_language() -> None:
    assert Glossary(TERMS).translations("the phases of the customer lifecycle", "en") == (
        ("阶段",),
        ("客户生命周期", "用户生命周期"),
    )
    assert Glossary(TERMS).translations("优惠券", "zh") == (("coupon", "voucher"),)


def test_a_gloss_keeps_names_numbers_and_the_ends_of_sentences() -> None:
    gloss = Glossary(TERMS).gloss("京东的库存周转天数降到20天。Zara 发优惠券")
    assert gloss == "JD.com inventory turnover days 20 . zara coupon"


def test_what_ships_can_be_read() -> None:
    entries = shipped()
    assert len(entries) > 500
    assert all(entry.en and entry.zh for entry in entries)


def test_an_entry_without_one_of_the_languages_is_an_error(tmp_path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "glossary.yml"
    file.write_text("- {en: [coupon], zh: []}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="coupon"):
        read(file)
