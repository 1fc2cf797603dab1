"""Questions about forecasts, causes, the calendar and stock, and the exact calls that they must become.

A line of the gold file holds a question with its call; or `asked`, where a question back or a refusal is right; or a
`talk` of several turns. `store` says where it is asked: Online Retail as of 2011-12-09, or the demo store.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.interpret import World, interpret
from bot.understanding.outcome import Clarify, Decline, Outcome, Plan
from tools.answer import ToolCall
from tools.registry import Registry

LINES = (Path(__file__).parents[1] / "golden" / "foresight_plans.jsonl").read_text("utf-8").splitlines()
GOLD = [json.loads(line) for line in LINES]
SINGLE = [case for case in GOLD if "q" in case]
TALKS = [case for case in GOLD if "talk" in case]
TOOLS = ("forecast", "drivers", "calendar", "inventory")
Worlds = dict[str, World]


def plain(registry: Registry, call: ToolCall) -> Any:
    return registry.get_tool(call.tool).args.model_validate(call.args).plain()


def judge(case: dict[str, Any], outcome: Outcome, registry: Registry) -> None:
    if case.get("asked"):
        assert not isinstance(outcome, Plan), outcome
        for option in outcome.options:
            if option.call is not None:
                plain(registry, option.call)
        return
    assert isinstance(outcome, Plan), outcome
    assert [call.tool for call in outcome.calls] == [case["tool"]]
    assert plain(registry, outcome.calls[0]) == plain(registry, ToolCall(case["tool"], case["args"]))


@pytest.mark.parametrize("case", SINGLE, ids=[case["q"] for case in SINGLE])
def test_question(case: dict[str, Any], worlds: Worlds, registry: Registry) -> None:
    judge(case, interpret(case["q"], worlds[case.get("store", "retail")]), registry)


@pytest.mark.parametrize("case", TALKS, ids=[case["talk"][0]["q"] for case in TALKS])
def test_talk(case: dict[str, Any], worlds: Worlds, registry: Registry) -> None:
    previous: ToolCall | None = None
    for turn in case["talk"]:
        outcome = interpret(turn["q"], worlds[case.get("store", "retail")], previous)
        judge(turn, outcome, registry)
        if isinstance(outcome, Plan):
            previous = outcome.calls[-1]
        elif isinstance(outcome, Clarify) and outcome.pending is not None:
            previous = outcome.pending


def test_every_tool_is_asked_in_both_languages() -> None:
    for tool in TOOLS:
        asked = [case["q"] for case in SINGLE if case.get("tool") == tool]
        chinese = [q for q in asked if any("\u3400" <= c <= "\u9fff" for c in q)]
        assert len(chinese) >= 20
        assert len(asked) - len(chinese) >= 20


def test_a_month_that_is_over_is_no_forecast(worlds: Worlds) -> None:
    outcome = interpret("Forecast net sales for October 2011", worlds["retail"])
    assert isinstance(outcome, Decline)
    assert [option.call.tool for option in outcome.options if option.call] == ["metrics", "forecast"]


def test_the_same_month_lies_ahead_as_of_september(worlds: Worlds) -> None:
    september = replace(worlds["retail"], today=date(2011, 9, 30))
    for text in ("Forecast net sales for October 2011", "Forecast net sales for October", "预测2011年10月的销售额"):
        outcome = interpret(text, september)
        assert isinstance(outcome, Plan)
        assert outcome.calls[0].args["period"] == {"start": "2011-10-01", "end": "2011-10-31"}


def test_without_the_tools_nothing_of_theirs_is_planned(worlds: Worlds) -> None:
    for case in SINGLE:
        alone = replace(worlds[case.get("store", "retail")], tools=frozenset({"metrics"}))
        outcome = interpret(case["q"], alone)
        assert not isinstance(outcome, Plan) or outcome.calls[0].tool not in TOOLS


def test_an_events_name_is_taken_as_it_was_typed(worlds: Worlds) -> None:
    for text, name in (
        ("add promo “=SUM(A1)” 1-7 April", "=SUM(A1)"),
        ("add promo <b>Sale</b> 1-7 April", "<b>Sale</b>"),
        ("新增促销 春季🌸特卖 4月1日到7日", "春季🌸特卖"),
    ):
        outcome = interpret(text, worlds["demo"])
        assert isinstance(outcome, Plan)
        assert outcome.calls[0].args["name"] == name
        assert not outcome.calls[0].args.get("confirmed")


WORDS = st.sampled_from(
    [
        *("forecast", "predict", "will", "net sales", "orders", "next month", "next 4 weeks", "by week", "Germany"),
        *("why", "did", "drop", "in October", "than", "November", "compared with", "last year", "by country", "top 5"),
        *("promotions", "when is", "Black Friday", "add promo", "remove promo", "Spring Sale", "1-7 April", "“", "”"),
        *("stock", "run out", "reorder", "lead time", "10 days", "98%", "slow movers", "ABC", "22197", "it", "and"),
        *("预测", "下个月", "销售额", "会", "多少", "未来4周", "按国家", "为什么", "11月", "比", "10月", "高", "下降"),
        *("大促", "双11", "是哪天", "新增促销", "删除促销", "4月1日到7日", "库存", "断货", "补货", "交期10天", "滞销"),
    ]
)


@given(st.lists(WORDS, max_size=9), st.sampled_from([*TOOLS, "metrics", None]))
def test_any_words_end_in_a_valid_outcome(
    worlds: Worlds, registry: Registry, parts: list[str], before: str | None
) -> None:
    days = {"start": "2011-11-01", "end": "2011-11-30"}
    args: dict[str, Any] = {"metrics": ["net_sales"]} if before == "metrics" else {}
    previous = (
        ToolCall(before, {**args, "period": days} if before in ("metrics", "drivers") else args) if before else None
    )
    outcome = interpret(" ".join(parts), worlds["retail"], previous)
    calls = outcome.calls if isinstance(outcome, Plan) else tuple(o.call for o in outcome.options if o.call)
    for call in calls:
        plain(registry, call)
