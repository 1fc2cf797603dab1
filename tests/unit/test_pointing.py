"""Words that point at a thing of the last answer are read as its name; what points at nothing gets no figure of all."""

from __future__ import annotations

from typing import Any

import pytest

from bot.reply import Question
from bot.understanding.assistant import MarketAssistant
from bot.understanding.conversation.recent import Listed, Recent
from bot.understanding.conversation.several import understood
from bot.understanding.interpret import World
from bot.understanding.outcome import Clarify, Plan
from tools.answer import ToolCall
from tools.tool import User

NOVEMBER = {"start": "2011-11-01", "end": "2011-11-30"}
COUNTRIES = Listed("country", ("United Kingdom", "Netherlands", "EIRE"))
PRODUCTS = Listed("product", ("23084", "22197", "22086"))
CUSTOMERS = Listed("customer", ("18102", "14646"))


def ranking(listed: Listed) -> tuple[ToolCall, Recent]:
    call = ToolCall(
        "metrics",
        {"metrics": ["net_sales"], "by": [listed.dimension], "filters": [], "period": NOVEMBER, "top": 3},
    )
    return call, Recent(calls=(call,), lists=(listed,))


def figure(**limits: str) -> tuple[ToolCall, Recent]:
    filters = [{"dimension": name, "op": "in", "values": [value]} for name, value in limits.items()]
    call = ToolCall("metrics", {"metrics": ["net_sales"], "by": [], "filters": filters, "period": NOVEMBER})
    return call, Recent(calls=(call,))


def limited(call: ToolCall) -> dict[str, list[str]]:
    return {limit["dimension"]: list(limit["values"]) for limit in call.args.get("filters", ())}


@pytest.mark.parametrize(
    ("listed", "text", "limits", "more"),
    [
        (COUNTRIES, "and the second one?", {"country": ["Netherlands"]}, {"metrics": ["net_sales"]}),
        (COUNTRIES, "how many orders did the third country have", {"country": ["EIRE"]}, {"metrics": ["orders"]}),
        (COUNTRIES, "number 1 by month this year", {"country": ["United Kingdom"]}, {"by": ["month"]}),
        (COUNTRIES, "第二名上个月多少订单", {"country": ["Netherlands"]}, {"metrics": ["orders"]}),
        (COUNTRIES, "第三个国家今年每个月的销售额", {"country": ["EIRE"]}, {"by": ["month"]}),
        (PRODUCTS, "units of the last one in Germany", {"product": ["22086"], "country": ["Germany"]}, {}),
        (PRODUCTS, "第一款在德国同期卖了多少件", {"product": ["23084"], "country": ["Germany"]}, {"period": NOVEMBER}),
        (CUSTOMERS, "first one, how many orders this year", {"customer": ["18102"]}, {"metrics": ["orders"]}),
        (CUSTOMERS, "the 2nd customer's return rate last month", {"customer": ["14646"]}, {"metrics": ["return_rate"]}),
        (PRODUCTS, "their return rate", {"product": list(PRODUCTS.values)}, {"by": ["product"]}),
        (COUNTRIES, "它们的客单价", {"country": list(COUNTRIES.values)}, {"by": ["country"], "metrics": ["aov"]}),
    ],
)
def test_rows_of_the_last_list(
    listed: Listed, text: str, limits: dict[str, list[str]], more: dict[str, Any], worlds: dict[str, World]
) -> None:
    previous, recent = ranking(listed)
    outcome = understood(text, worlds["retail"], previous, None, recent)
    assert isinstance(outcome, Plan), outcome
    (call,) = outcome.calls
    assert call.tool == "metrics"
    assert limited(call) == limits
    assert {name: call.args[name] for name in more} == more
    assert "top" not in call.args
    assert outcome.notes, "what was pointed at is said"


@pytest.mark.parametrize(
    ("limits", "text", "expected"),
    [
        ({"country": "France"}, "how many orders last week there", {"country": ["France"]}),
        ({"country": "France"}, "那边上周多少单", {"country": ["France"]}),
        ({"country": "Spain"}, "its return rate this year", {"country": ["Spain"]}),
        ({"product": "22423"}, "units of it in October", {"product": ["22423"]}),
        ({"product": "22423"}, "它10月卖了多少件", {"product": ["22423"]}),
        ({"product": "22423"}, "orders for this product in October", {"product": ["22423"]}),
        ({"customer": "14911"}, "how many orders from them last month", {"customer": ["14911"]}),
        ({"customer": "14911"}, "这个客户上个月多少订单", {"customer": ["14911"]}),
    ],
)
def test_the_one_thing_that_was_spoken_of(
    limits: dict[str, str], text: str, expected: dict[str, list[str]], worlds: dict[str, World]
) -> None:
    previous, recent = figure(**limits)
    outcome = understood(text, worlds["retail"], previous, None, recent)
    assert isinstance(outcome, Plan), outcome
    assert limited(outcome.calls[0]) == expected


def test_a_customers_risk_is_not_everybodys(worlds: dict[str, World]) -> None:
    previous, recent = figure(customer="14911")
    for text in ("likely to churn?", "会不会流失"):
        outcome = understood(text, worlds["retail"], previous, None, recent)
        assert isinstance(outcome, Plan)
        assert outcome.calls == (ToolCall("customer", {"customer": "14911"}),)


@pytest.mark.parametrize(
    ("case", "text"),
    [
        (figure(), "how many orders last week there"),
        (figure(), "那边上周多少单"),
        (figure(), "这个客户上个月多少订单"),
        (figure(), "units of this product last month"),
        (ranking(COUNTRIES), "orders of the fifth one last month"),
        (ranking(COUNTRIES), "第五名上个月的订单数"),
        (ranking(PRODUCTS), "why did its sales change in November"),
    ],
)
def test_what_points_at_nothing_is_asked_back(
    case: tuple[ToolCall, Recent], text: str, worlds: dict[str, World]
) -> None:
    outcome = understood(text, worlds["retail"], case[0], None, case[1])
    assert isinstance(outcome, Clarify), outcome


@pytest.mark.parametrize("text", ["how many orders from them last month", "他们上个月的销售额"])
def test_what_customers_of_a_rule_bought_is_no_figure_of_all(text: str, worlds: dict[str, World]) -> None:
    rule = {"attribute": "country", "op": "in", "values": ["France"]}
    previous = ToolCall("churn", {"rule": rule})
    outcome = understood(text, worlds["retail"], previous, None, Recent(calls=(previous,)))
    calls = outcome.calls if isinstance(outcome, Plan) else ()
    assert not any(call.tool == "metrics" and not call.args.get("filters") for call in calls), outcome


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("the first quarter", ("2011-01-01", "2011-03-31")),
        ("第一季度呢", ("2011-01-01", "2011-03-31")),
        ("第一个季度的", ("2011-01-01", "2011-03-31")),
    ],
)
def test_a_time_is_no_row(text: str, period: tuple[str, str], worlds: dict[str, World]) -> None:
    previous, recent = ranking(COUNTRIES)
    outcome = understood(text, worlds["retail"], previous, None, recent)
    assert isinstance(outcome, Plan)
    assert outcome.calls[0].args["period"] == {"start": period[0], "end": period[1]}


def test_a_list_is_remembered_over_the_turns_about_its_rows(demo_assistant: MarketAssistant) -> None:
    def ask(text: str) -> dict[str, list[str]]:
        reply = demo_assistant.ask(Question(text, User("1", "viewer"), "pointing"))
        assert reply.status == "answered", (text, reply.message)
        return limited(reply.calls[0])

    first = demo_assistant.ask(Question("top 3 countries by net sales last month", User("1", "viewer"), "pointing"))
    table = first.answers[0].table
    assert table is not None, first
    rows = [str(row[0]) for row in table.rows]
    assert len(rows) == 3
    assert ask("orders of the second one") == {"country": [rows[1]]}
    assert ask("by week") == {"country": [rows[1]]}
    assert ask("and the third one?") == {"country": [rows[2]]}


@pytest.mark.parametrize("text", ["their churn risk", "他们的流失概率", "这批人流失风险怎样"])
def test_the_risk_of_a_rules_customers_is_not_everybodys(text: str, worlds: dict[str, World]) -> None:
    rule = {"scheme": "rfm", "groups": ["champions"]}
    previous = ToolCall("segments", {"rule": rule})
    outcome = understood(text, worlds["retail"], previous, None, Recent(calls=(previous,)))
    assert isinstance(outcome, Plan)
    assert outcome.calls == (ToolCall("churn", {"rule": rule}),)


def test_what_was_not_understood_is_not_forgotten_after_one_question_back(demo_assistant: MarketAssistant) -> None:
    """A subject that nobody understood, then a month, then a figure: not the figure of everything."""
    replies = [
        demo_assistant.ask(Question(text, User("1", "viewer"), "unread"))
        for text in ("orders of zebracorp resellers in September", "October", "average order value")
    ]
    assert replies[0].status != "answered"
    assert replies[-1].status == "clarify", replies[-1]
    assert "zebracorp" in str(replies[-1].message)
