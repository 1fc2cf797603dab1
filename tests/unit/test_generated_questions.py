"""The generated questions of the routing benchmark: the same each time, balanced, and gold that the tools accept."""

from __future__ import annotations

from collections import Counter

import pytest

from bench import _generated_ahead, _generated_customers, _generated_figures, _generated_unasked
from bench._generated import SEED, Case, cases
from bench._generated_fresh import WORDINGS, fresh
from tools.registry import discover

FAMILIES = (
    *_generated_figures.FAMILIES,
    *_generated_customers.FAMILIES,
    *_generated_ahead.FAMILIES,
    *_generated_unasked.FAMILIES,
)


@pytest.fixture(scope="module")
def asked() -> list[Case]:
    return cases(FAMILIES)


def test_a_thousand_questions_half_of_them_chinese(asked: list[Case]) -> None:
    languages = Counter(case.language for case in asked)
    assert languages["en"] >= 500
    assert languages["zh"] >= 500
    assert abs(languages["en"] - languages["zh"]) < len(asked) * 0.02


def test_every_tool_is_asked(asked: list[Case]) -> None:
    assert {case.tool for case in asked} == {tool.name for tool in discover().tools}


def test_same_seed_gives_the_same_questions_and_another_seed_others(asked: list[Case]) -> None:
    assert cases(FAMILIES) == asked
    other = {case.text for case in cases(FAMILIES, SEED + 1)}
    assert len(other - {case.text for case in asked}) > len(asked) / 4


def test_gold_is_a_call_that_the_tool_accepts(asked: list[Case]) -> None:
    registry = discover()
    for case in (*asked, *cases(fresh(FAMILIES))):
        for tool, args in filter(None, ((case.tool, case.args), case.same)):
            registry[tool].args.model_validate(args)


def test_second_wordings_are_of_kinds_that_there_are_and_repeat_no_first_wording() -> None:
    by_kind = {family.kind: family for family in FAMILIES}
    assert len(by_kind) == len(FAMILIES)
    for kind, (english, chinese) in WORDINGS.items():
        assert not set(english) & set(by_kind[kind].en), kind
        assert not set(chinese) & set(by_kind[kind].zh), kind
