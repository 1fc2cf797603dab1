"""What is told beside a question is left aside and named; what may limit the question never is."""

from __future__ import annotations

import pytest

from bot.understanding.conversation.several import understood
from bot.understanding.outcome import Clarify, Decline, Plan
from bot.understanding.reading.draft import World

LAST_MONTH = {"start": "2011-11-01", "end": "2011-11-30"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Loyalty team here. Net sales last month?", "Loyalty team here"),
        ("Just got to the office. Net sales last month?", "Just got to the office"),
        ("The packing team would like to know: net sales last month", "The packing team would like to know"),
        ("We moved to a new warehouse. Net sales last month?", "We moved to a new warehouse"),
        ("I have a feeling demand has slipped, net sales last month", "I have a feeling demand has slipped"),
        ("Our agent in Madrid is asking what net sales were last month", "Our agent in Madrid is asking"),
        ("Net sales last month? We moved to a new warehouse.", "We moved to a new warehouse"),
        ("首页要换推荐位，上个月净销售额", "首页要换推荐位"),
        ("定价同事在问，上个月净销售额是多少", "定价同事在问"),
    ],
)
def test_what_is_told_is_left_aside_and_named(text: str, told: str, worlds: dict[str, World]) -> None:
    outcome = understood(text, worlds["retail"])
    assert isinstance(outcome, Plan)
    assert [(call.tool, call.args["metrics"], call.args["period"]) for call in outcome.calls] == [
        ("metrics", ["net_sales"], LAST_MONTH)
    ]
    assert any(note.text == "Left aside: {words}." and f"“{told}”" in str(note.values) for note in outcome.notes)


@pytest.mark.parametrize(
    "text",
    [
        "We are talking about wholesale. Net sales last month?",
        "Our wholesale business is growing. Net sales last month?",
        "We have two brands. Net sales last month?",
        "The new store opened in May. Net sales last month?",
        "we need it in dollars. Net sales last month?",
        "It was for the kids range: net sales last month",
        "I'm in charge of the Nordics. Net sales last month?",
        "I'm the manager of the outlets. Net sales last month?",
        "the people who got a voucher, how many orders last month",
        "running shoes: net sales last month",
        "I need it net of shipping. Orders last month",
        "想看加盟店，上个月净销售额",
        "我负责北欧，上个月净销售额",
        "我们是做批发的，上个月净销售额",
        "新店刚开，上个月净销售额",
        "只做线上，上个月净销售额",
        "发了券的客户，上个月有多少客户下单",
    ],
)
def test_what_may_limit_the_question_is_asked_about(text: str, worlds: dict[str, World]) -> None:
    assert isinstance(understood(text, worlds["retail"]), (Clarify, Decline))


def test_a_statement_about_another_figure_is_not_left_aside(worlds: dict[str, World]) -> None:
    outcome = understood("Our return rate has risen. Net sales last month?", worlds["retail"])
    named = [name for call in outcome.calls for name in call.args["metrics"]] if isinstance(outcome, Plan) else []
    assert not isinstance(outcome, Plan) or "return_rate" in named
