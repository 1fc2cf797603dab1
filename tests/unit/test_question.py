"""What a question asks."""

from __future__ import annotations

import pytest

from knowledge.language.glossary import Glossary
from knowledge.retrieval.question import asked
from knowledge.retrieval.sorts import fits
from tests.unit.retrieval_fakes import TERMS

GLOSSARY = Glossary(TERMS)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("By how much did the recommendations raise conversion?", "amount"),
        ("库存周转天数缩短到多少天？", "amount"),
        ("用户生命周期分为哪几个阶段？", "list"),
        ("Which stages are there?", "list"),
        ("Who proposed it?", "who"),
        ("这个概念是谁提出的", "who"),
        ("When should a coupon go out?", "when"),
        ("什么是复购率", "definition"),
        ("What is the repurchase rate?", "definition"),
        ("How do we win customers back?", "how"),
        ("客户流失了怎么办", "how"),
        ("为什么复购率下降", "why"),
        ("What was Amazon's revenue?", "amount"),
    ],
)
def test_the_sort_of_answer_is_told(question: str, kind: str) -> None:
    assert kind in asked(question, GLOSSARY).kinds


@pytest.mark.parametrize(
    "question",
    [
        "According to our documents, what is the repurchase rate?",
        "What do our playbooks say about the repurchase rate?",
        "根据我们的文档，复购率是什么？",
        "请问复购率是什么",
    ],
)
def test_framing_is_no_part_of_the_question(question: str) -> None:
    what = asked(question, GLOSSARY)
    things = {name.text for concept in what.concepts if not concept.asks for name in concept.names[:1]}
    assert things <= {"repurchase rate", "复购率"}


def test_a_thing_has_its_names_in_both_languages() -> None:
    lifecycle = asked("the customer lifecycle", GLOSSARY).concepts[0]
    assert [name.text for name in lifecycle.names] == [
        "customer lifecycle",
        "user lifecycle",
        "客户生命周期",
        "用户生命周期",
    ]
    assert lifecycle.names[0].factor == 1.0
    assert lifecycle.names[1].factor < 1.0


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("How many stores does Zara have?", {"zara"}),
        ("Zara有多少家门店", {"zara"}),
        ("京东的库存周转天数", {"京东"}),
        ("拼多多的复购率是多少", {"拼多多"}),
        ("sales in 2023", {"2023"}),
        ("What should we do on Monday?", set()),
        ("how do I raise the repurchase rate", set()),
    ],
)
def test_names_and_years_are_told_from_words(question: str, named: set[str]) -> None:
    assert {c.names[0].text for c in asked(question, GLOSSARY).concepts if c.named} == named


def test_the_language_is_the_texts_unless_the_asker_has_another() -> None:
    assert asked("RFM 怎么分层", GLOSSARY).language == "zh"
    assert asked("RFM", GLOSSARY, "zh").language == "zh"


@pytest.mark.parametrize(
    ("text", "kind", "subjects"),
    [
        ("提升了 25%。", "amount", ()),
        ("It fell from 30 days to 20 days.", "amount", ()),
        ("包括潜在用户、新用户、活跃用户与流失用户。", "list", ()),
        ("by visits, orders and returns", "list", ()),
        ("复购率是指有两次以上购买的客户占比。", "definition", ("复购率",)),
        ("The repurchase rate is the share of customers who order again.", "definition", ("repurchase rate",)),
        ("应先写给高价值客户。", "how", ()),
        ("Send it in the evening.", "when", ()),
    ],
)
def test_a_text_is_of_its_sort(text: str, kind: str, subjects: tuple[str, ...]) -> None:
    expected = -1.0 if kind == "when" else 1.0
    assert fits(text, frozenset({kind}), subjects) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["见文献[3]。", "于2019年发布。", "2. 优化营销策略"])
def test_notes_years_and_list_numbers_are_no_amount(text: str) -> None:
    assert fits(text, frozenset({"amount"}), ()) == -1.0


def test_a_definition_is_one_of_the_thing_asked_about() -> None:
    assert fits("优惠券是指减价的凭证。", frozenset({"definition"}), ("复购率",)) == -1.0


@pytest.mark.parametrize("question", ["", "   ", "？？？", "😀", "a", "1"])
def test_a_question_of_nothing_asks_nothing(question: str) -> None:
    assert not any(concept.named for concept in asked(question, GLOSSARY).concepts)
