"""Sentences about digests, monitors and incidents, and the exact calls that they must become.

A line of the gold file holds a sentence with its call; or `asked`, the calls that a question back or a refusal offers;
or `elsewhere`: it is about something else. A `talk` is several turns. `store` says where it is asked: the demo store,
or Online Retail as of 2011-12-09.
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
from bot.understanding.outcome import Clarify, Decline, Outcome, Plan
from bot.understanding.scene import look
from bot.understanding.unasked.reading import Unasked
from tools.answer import ToolCall
from tools.registry import Registry

LINES = (Path(__file__).parents[1] / "golden" / "unasked_plans.jsonl").read_text("utf-8").splitlines()
GOLD = [json.loads(line) for line in LINES]
SINGLE = [case for case in GOLD if "q" in case]
TALKS = [case for case in GOLD if "talk" in case]
TOOLS = ("digest", "monitor", "incidents")
Worlds = dict[str, World]


def plain(registry: Registry, call: ToolCall) -> Any:
    return registry.get_tool(call.tool).args.model_validate(call.args).plain()


def offered(registry: Registry, outcome: Clarify | Decline) -> list[Any]:
    return [plain(registry, option.call) for option in outcome.options if option.call and option.call.tool in TOOLS]


def judge(case: dict[str, Any], outcome: Outcome, registry: Registry) -> None:
    if case.get("elsewhere"):
        assert not isinstance(outcome, Plan) or outcome.calls[0].tool not in TOOLS, outcome
        return
    if "asked" in case:
        assert not isinstance(outcome, Plan), outcome
        assert offered(registry, outcome) == case["asked"]
        return
    assert isinstance(outcome, Plan), outcome
    assert [call.tool for call in outcome.calls] == [case["tool"]]
    assert plain(registry, outcome.calls[0]) == case["args"]


@pytest.mark.parametrize("case", SINGLE, ids=[case["q"] for case in SINGLE])
def test_sentence(case: dict[str, Any], worlds: Worlds, registry: Registry) -> None:
    judge(case, interpret(case["q"], worlds[case.get("store", "demo")]), registry)


@pytest.mark.parametrize("case", TALKS, ids=[case["talk"][0]["q"] for case in TALKS])
def test_talk(case: dict[str, Any], worlds: Worlds, registry: Registry) -> None:
    previous: ToolCall | None = None
    for turn in case["talk"]:
        outcome = interpret(turn["q"], worlds[case.get("store", "demo")], previous)
        judge(turn, outcome, registry)
        if isinstance(outcome, Plan):
            previous = outcome.calls[-1]
        elif isinstance(outcome, Clarify) and outcome.pending is not None:
            previous = outcome.pending


def test_a_question_of_figures_is_left_to_figures(worlds: Worlds) -> None:
    world = worlds["retail"]
    for case in (case for case in SINGLE if case.get("elsewhere")):
        sight = look(case["q"], world.index, world.today, world.first_day)
        assert Unasked(sight, world, None).read() is None, case["q"]


def test_without_the_tools_nothing_is_ordered(worlds: Worlds) -> None:
    bare = replace(worlds["demo"], tools=frozenset({"metrics"}))
    for text in ("alert me when net sales fall below 20,000", "每天早上九点发我日报", "any open incidents?"):
        assert not isinstance(interpret(text, bare), Plan)


def test_what_was_saved_is_changed_not_added_again(worlds: Worlds, registry: Registry) -> None:
    world = worlds["demo"]
    monitor = ToolCall("monitor", {"action": "add", "metric": "orders", "confirmed": True})
    outcome = interpret("only when it falls", world, monitor)
    assert isinstance(outcome, Plan)
    assert plain(registry, outcome.calls[0]) == {"action": "change", "metric": "orders", "direction": "down"}
    digest = ToolCall("digest", {"action": "subscribe", "rhythm": "daily", "at": "09:00", "confirmed": True})
    outcome = interpret("at 8 instead", world, digest)
    assert isinstance(outcome, Plan)
    assert plain(registry, outcome.calls[0]) == {"action": "change", "at": "08:00"}


def test_an_incident_that_was_shown_is_the_one_that_is_meant(worlds: Worlds, registry: Registry) -> None:
    shown = ToolCall("incidents", {"action": "show", "incident": 7})
    for text, action in (("ack", "acknowledge"), ("that's normal", "not_an_anomaly"), ("我来处理", "acknowledge")):
        outcome = interpret(text, worlds["demo"], shown)
        assert isinstance(outcome, Plan)
        assert plain(registry, outcome.calls[0]) == {"action": action, "incident": 7}


def test_the_playbooks_are_asked_what_an_alert_is(worlds: Worlds) -> None:
    world = replace(worlds["retail"], has_playbooks=True)
    for text in ("what is an anomaly alert?", "什么是异常预警？"):
        outcome = interpret(text, world)
        assert isinstance(outcome, Plan)
        assert [call.tool for call in outcome.calls] == ["playbook"]


def test_traditional_characters_and_full_width_digits_are_read_alike(worlds: Worlds, registry: Registry) -> None:
    for text in ("淨銷售額低於２萬時提醒我", "淨銷售額低於20,000時提醒我"):
        outcome = interpret(text, worlds["demo"])
        assert isinstance(outcome, Plan), text
        assert plain(registry, outcome.calls[0]) == {
            "action": "add", "metric": "net_sales", "rule": "threshold", "direction": "down", "level": 20000.0
        }  # fmt: skip


WORDS = (
    *("alert me", "when", "net sales", "orders", "fall", "below", "20,000", "5%", "by", "country", "Germany", "daily"),
    *("week over week", "digest", "every morning", "at 9", "not", "or", "above", "for 3 days", "calmer", "stop"),
    *("净销售额", "订单", "低于", "2万", "提醒我", "每天", "九点", "日报", "监控", "异常", "如果", "环比", "连续三天"),
    *("取消", "暂停", "德国", "或", "不", "上周", "超过", "5%", "incident", "3", "snooze", "百分点", "改成"),
)


@given(text=st.lists(st.sampled_from(WORDS), min_size=1, max_size=9).map(" ".join))
def test_any_words_give_valid_calls_or_a_question_back(text: str, worlds: Worlds, registry: Registry) -> None:
    world = worlds["demo"]
    sight = look(text, world.index, world.today, world.first_day)
    outcome = Unasked(sight, world, None).read()
    if isinstance(outcome, Plan):
        for call in outcome.calls:
            plain(registry, call)
    elif outcome is not None:
        offered(registry, outcome)


@given(text=st.text(max_size=60))
def test_any_text_is_survived(text: str, worlds: Worlds) -> None:
    world = worlds["demo"]
    previous = ToolCall("monitor", {"action": "add", "metric": "net_sales"})
    Unasked(look(text, world.index, world.today, world.first_day), world, previous).read()
