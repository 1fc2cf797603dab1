"""Terms for searching by words."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.language.words import FIELDS, analysed, terms, tokens
from tests.unit.retrieval_fakes import passage


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("win-back campaigns", "winback campaign"),
        ("personalised recommendations", "personalized recommendation"),
        ("customer behaviour", "customers' behavior"),
        ("labelled programmes", "labeled program"),
        ("复购率", "復購率"),
        ("ＲＦＭ 分层", "rfm分层"),
        ("22.5 %", "22.5％"),
        ("1,200 orders", "1200 order"),
        ("café", "cafe"),
    ],
)
def test_two_ways_to_write_it_share_their_terms(one: str, other: str) -> None:
    assert set(terms(one)) & set(terms(other)) >= set(terms(one)) - {"win", "back"}


def test_a_number_keeps_its_decimals_and_its_percent_sign() -> None:
    assert {"22.5%", "30%", "30"} <= set(terms("复购率从22.5%升到 30 per cent，30 天内"))


def test_a_compound_gives_its_parts() -> None:
    assert {"用户", "周期"} <= set(terms("用户生命周期"))


def test_english_in_chinese_is_stemmed_and_chinese_does_not_stick_to_it() -> None:
    found = terms("Zara的coupons怎么发")
    assert "zara" in found
    assert "coupon" in found


def test_function_words_are_left_out() -> None:
    assert terms("the rate of the coupons") == ["rate", "coupon"]
    assert "的" not in terms("优惠券的成本")


def test_neighbours_that_are_no_word_are_found_as_pairs() -> None:
    pairs = {token.term for token in tokens("拼多多") if token.script == "pair"}
    assert pairs | {token.term for token in tokens("拼多多")} >= {"拼多", "多多"}


def test_a_passage_is_kept_field_by_field() -> None:
    one = passage("Send coupons late.", title="Coupons", section="When to send")
    lines = analysed(one, ["voucher timing"]).split("\n")
    assert dict(zip(FIELDS, lines, strict=True)) == {
        "title": "coupon",
        "section": "when send",
        "aliases": "voucher time",
        "body": "send coupon late",
    }


def test_no_line_break_in_a_field_starts_another() -> None:
    one = passage("a line\nanother\n\nlast", title="two\nlines", section="head\ning")
    assert len(analysed(one, ["x\ny"]).split("\n")) == len(FIELDS)


@given(st.text(max_size=80))
def test_any_text_gives_terms_that_hold_no_white_space(text: str) -> None:
    assert all(term and not any(c.isspace() for c in term) for term in terms(text))


def test_importing_loads_nothing_heavy() -> None:
    heavy = ("rjieba", "Stemmer", "yaml", "numpy")
    code = f"import sys, knowledge.language.words; sys.exit(any(module in sys.modules for module in {heavy}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
