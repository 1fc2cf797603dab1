"""Questions about customers and the exact calls that they must become, on Online Retail as of 2011-12-09.

A line of the gold file holds a question with its call; or `asked`, where a question back or a refusal is right; or
`figure`, where a figure answers (true) or is asked back about (false); or a `talk` of several turns.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.interpret import World, interpret
from bot.understanding.outcome import Outcome, Plan
from tools.answer import ToolCall
from tools.registry import Registry

LINES = (Path(__file__).parents[1] / "golden" / "customer_plans.jsonl").read_text("utf-8").splitlines()
GOLD = [json.loads(line) for line in LINES]
SINGLE = [case for case in GOLD if "q" in case]
TALKS = [case["talk"] for case in GOLD if "talk" in case]
TOOLS = ("segments", "churn", "clv", "cohorts", "customer", "recommend")


@pytest.fixture(scope="module")
def world(worlds: dict[str, World]) -> World:
    return replace(worlds["retail"], saved=("VIP-DE", "Big spenders"))


def in_order(value: Any) -> Any:
    """Parts of "all" and "any" in one order: which was said first changes nothing."""
    if isinstance(value, dict):
        found = {name: in_order(part) for name, part in value.items()}
        for name in ("all", "any"):
            if name in found:
                found[name] = sorted(found[name], key=lambda part: json.dumps(part, sort_keys=True))
        return found
    return [in_order(part) for part in value] if isinstance(value, list) else value


def plain(registry: Registry, call: ToolCall) -> Any:
    return in_order(registry.get_tool(call.tool).args.model_validate(call.args).plain())


def judge(case: dict[str, Any], outcome: Outcome, registry: Registry) -> None:
    if case.get("asked"):
        assert not isinstance(outcome, Plan), outcome
        assert str(outcome.message)
        return
    if "figure" in case:
        answered = isinstance(outcome, Plan)
        assert answered == case["figure"], outcome
        assert not isinstance(outcome, Plan) or outcome.calls[0].tool == "metrics"
        return
    assert isinstance(outcome, Plan), outcome
    assert [call.tool for call in outcome.calls] == [case["tool"]]
    assert plain(registry, outcome.calls[0]) == plain(registry, ToolCall(case["tool"], case["args"]))


@pytest.mark.parametrize("case", SINGLE, ids=[case["q"] for case in SINGLE])
def test_question(case: dict[str, Any], world: World, registry: Registry) -> None:
    judge(case, interpret(case["q"], world), registry)


@pytest.mark.parametrize("talk", TALKS, ids=[talk[-1]["q"] for talk in TALKS])
def test_talk(talk: list[dict[str, Any]], world: World, registry: Registry) -> None:
    previous: ToolCall | None = None
    for turn in talk:
        outcome = interpret(turn["q"], world, previous)
        judge(turn, outcome, registry)
        if isinstance(outcome, Plan):
            previous = outcome.calls[-1]


def test_every_tool_is_asked_in_both_languages() -> None:
    for tool in TOOLS:
        asked = [case["q"] for case in SINGLE if case.get("tool") == tool]
        chinese = [q for q in asked if any("\u3400" <= c <= "\u9fff" for c in q)]
        assert len(chinese) >= 5
        assert len(asked) - len(chinese) >= 5


@pytest.mark.parametrize("text", ["customers with 3 orders, call this", "叫做", "call it 'a'; drop table x", "存为"])
def test_names_that_are_none(text: str, world: World) -> None:
    outcome = interpret(text, world)
    assert not isinstance(outcome, Plan) or "save_as" not in outcome.calls[0].args


def test_without_the_tools_nothing_of_theirs_is_planned(world: World) -> None:
    alone = replace(world, tools=frozenset({"metrics"}))
    for case in SINGLE:
        outcome = interpret(case["q"], alone)
        assert not isinstance(outcome, Plan) or outcome.calls[0].tool not in TOOLS


WORDS = st.sampled_from(
    [
        *("customers", "who", "bought", "not", "never", "only", "at least", "5", "orders", "twice", "in 2011"),
        *("Germany", "22197", "22423", "£500", "spent", "over", "180 days", "last 90 days", "and", "or", "but"),
        *("champions", "VIP-DE", "by country", "top 10", "churn", "likely", "rfm", "first bought", "returned"),
        *("2010", "except", "ago", ",", "客户", "买过", "没有", "只", "下单", "5次", "以上", "超过", "180天"),
        *("2011年", "德国", "且", "或", "但", "除了", "流失", "可能", "消费", "1000英镑", "退货", "首次购买"),
        *("冠军客户", "有多少", "名单", "的", "中", "推荐", "终身价值", "留存"),
    ]
)


@given(pieces=st.lists(WORDS, max_size=12), glue=st.sampled_from([" ", ""]), turn=st.booleans())
def test_what_is_planned_is_valid(pieces: list[str], glue: str, turn: bool, world: World, registry: Registry) -> None:
    previous = ToolCall("segments", {"rule": {"measure": "orders", "op": ">=", "value": 2}}) if turn else None
    outcome = interpret(glue.join(pieces), world, previous)
    for call in outcome.calls if isinstance(outcome, Plan) else ():
        registry.get_tool(call.tool).args.model_validate(call.args)
