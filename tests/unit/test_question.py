"""What a question asks."""

from __future__ import annotations

import pytest

from knowledge.language.glossary import Glossary
from knowledge.language.terminology import Entry
from knowledge.language.words import plain
from knowledge.retrieval.question import asked
from knowledge.retrieval.sorts import fits, promised, purpose
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
        "What does the literature in our library say the repurchase rate is?",
        "what is the repurchase rate, per the papers we uploaded?",
        "What is the repurchase rate? See our papers",
        "根据我们的文档，复购率是什么？",
        "我们的资料里，复购率是什么？",
        "我们资料库里的文献怎么定义复购率",
        "复购率是什么（查一下资料）",
        "复购率是什么，论文里怎么说的？",
        "从文献看，复购率是什么",
        "请问复购率是什么",
    ],
)
def test_framing_is_no_part_of_the_question(question: str) -> None:
    what = asked(question, GLOSSARY)
    things = {name.text for concept in what.concepts if not concept.asks for name in concept.names[:1]}
    assert things <= {"repurchase rate", "复购率"}


@pytest.mark.parametrize("written", ["the four Vs of big data", "the 4 V's of big data", "大数据的4个V"])
def test_letters_that_are_counted_are_read_as_they_are_written_in_short(written: str) -> None:
    assert "4v" in asked(written, GLOSSARY).plain


def test_a_number_before_versus_is_left_alone() -> None:
    assert asked("top 5 vs top 10", GLOSSARY).plain == "top 5 vs top 10"


def test_a_name_may_begin_with_a_small_letter() -> None:
    assert any(concept.named for concept in asked("who founded eBay?", GLOSSARY).concepts)


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
        ("世界杯谁赢了", {"世界杯"}),
        ("对刚注册的客户怎么做", set()),
        ("推荐最常犯的错误有哪些", set()),
        ("客服聊天记录要看多少条", set()),
    ],
)
def test_names_and_years_are_told_from_words(question: str, named: set[str]) -> None:
    assert {c.names[0].text for c in asked(question, GLOSSARY).concepts if c.named} == named


def test_characters_that_are_cut_apart_are_one_unknown_word() -> None:
    things = [c.names[0].text for c in asked("公司年假有几天", GLOSSARY).concepts if not c.asks]
    assert "年假" in things
    assert not {"年", "假"} & set(things)


def test_a_shorter_name_that_the_question_holds_is_hardly_less_sure() -> None:
    glossary = Glossary((Entry(("cold start problem", "cold start"), ("冷启动问题", "冷启动", "启动难")),))
    factors = {name.text: name.factor for name in asked("什么是冷启动问题", glossary).concepts[0].names}
    assert factors["冷启动"] > factors["启动难"]


def test_the_askers_own_figure_is_not_looked_for() -> None:
    things = {c.names[0].text for c in asked("Our churn is 22 %, what should we do?", GLOSSARY).concepts if not c.asks}
    assert "churn" in things
    assert not any("22" in thing for thing in things)


@pytest.mark.parametrize(
    ("question", "above", "below"),
    [
        ("Churn went up, what should we do?", "What to do today", "Thresholds"),
        ("流失变多了，怎么办", "今天就做", "参考门槛"),
        ("What is churn?", "Who is churned, and what churn is", "Steps"),
        ("什么是流失", "流失是什么", "常见错误"),
    ],
)
def test_a_heading_speaks_for_what_was_asked_for(question: str, above: str, below: str) -> None:
    what = asked(question, GLOSSARY)
    first, second = (
        purpose(heading, what.kinds, promised(heading, what.kinds, what.plain))
        for heading in map(plain, (above, below))
    )
    assert first > second


def test_mistakes_are_told_to_those_who_ask_for_them() -> None:
    kinds = asked("What do people get wrong about churn?", GLOSSARY).kinds
    assert promised("typical mistakes", kinds, "what do people get wrong about churn?") == 1.0
    assert promised("typical mistakes", kinds, "how is churn counted?") == -1.0


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
