"""Talks of two to five turns over every tool, and the exact calls that each turn must become.

A line of the gold file holds a `talk`; a turn its `calls` and, where it is not the answer itself that is shown, their
`form`; or `asked`, where a question back or a refusal is right. The talks run through the planner as the graph runs it,
with what it keeps of a turn in its messages and nothing else.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from bot.understanding.conversation.several import understood
from bot.understanding.interpret import World
from bot.understanding.outcome import Clarify, Decline, Outcome, Plan
from bot.understanding.planner import OfflinePlanner
from tests.unit.test_customer_questions import in_order
from tools.answer import ToolCall
from tools.registry import Registry

LINES = (Path(__file__).parents[1] / "golden" / "talk_plans.jsonl").read_text("utf-8").splitlines()
TALKS = [json.loads(line) for line in LINES]
TOOLS = (
    *("metrics", "drivers", "forecast", "churn", "segments", "clv", "cohorts", "customer", "recommend", "inventory"),
    *("calendar", "monitor", "digest"),
)


class Conversation:
    """Turns as the graph keeps them."""

    def __init__(self, world: World) -> None:
        self.outcomes: list[Outcome] = []
        self.planner = OfflinePlanner(world=lambda: world, told=self.outcomes.append)
        self.messages: list[BaseMessage] = []

    def say(self, text: str) -> Outcome:
        self.messages.append(HumanMessage(text))
        made = self.planner.invoke(self.messages)
        self.messages.append(made)
        if made.tool_calls:
            self.messages += [ToolMessage("", tool_call_id=c["id"], name=c["name"]) for c in made.tool_calls]
            self.messages.append(AIMessage(""))
        return self.outcomes[-1]


def plain(registry: Registry, tool: str, args: dict[str, Any]) -> Any:
    return tool, in_order(registry.get_tool(tool).args.model_validate(args).plain())


def judge(turn: dict[str, Any], outcome: Outcome, registry: Registry) -> None:
    if turn.get("asked"):
        assert isinstance(outcome, (Clarify, Decline)), (turn["q"], outcome)
        for option in outcome.options:
            assert option.call is None or plain(registry, option.call.tool, dict(option.call.args))
        return
    assert isinstance(outcome, Plan), (turn["q"], outcome)
    made = [plain(registry, call.tool, dict(call.args)) for call in outcome.calls]
    assert made == [plain(registry, tool, args) for tool, args in turn["calls"]], turn["q"]
    assert outcome.form == turn.get("form", "answer"), turn["q"]


@pytest.mark.parametrize("case", TALKS, ids=[" > ".join(turn["q"] for turn in case["talk"]) for case in TALKS])
def test_talk(case: dict[str, Any], worlds: dict[str, World], registry: Registry) -> None:
    conversation = Conversation(worlds[case.get("world", "retail")])
    for turn in case["talk"]:
        judge(turn, conversation.say(turn["q"]), registry)


def test_the_gold_file_covers_every_tool_in_both_languages() -> None:
    assert len(TALKS) >= 250
    chinese = [case for case in TALKS if any("\u3400" <= c <= "\u9fff" for c in case["talk"][0]["q"])]
    assert 0.45 <= len(chinese) / len(TALKS) <= 0.55
    for tool in TOOLS:
        said = [case for case in TALKS if any(tool == call[0] for t in case["talk"] for call in t.get("calls", ()))]
        assert {case in chinese for case in said} == {True, False}, tool


def test_what_acted_is_not_done_again(worlds: dict[str, World], registry: Registry) -> None:
    """ "As a file" after something was saved or subscribed makes no second order of it."""
    for call in (
        ToolCall("digest", {"action": "subscribe", "rhythm": "daily", "confirmed": True}),
        ToolCall("monitor", {"action": "add", "metric": "orders", "confirmed": True}),
        ToolCall("calendar", {"action": "add", "name": "Spring", "confirmed": True}),
        ToolCall("segments", {"rule": {"measure": "orders", "op": ">=", "value": 5}, "save_as": "VIP"}),
    ):
        assert registry.acts(call)
        for text in ("as a file", "导出", "how did you get that?", "怎么算的", "why?", "as a chart", "top 5"):
            outcome = understood(text, worlds["retail"], call)
            made = outcome.calls if isinstance(outcome, Plan) else ()
            assert not any(one.args.get("confirmed") or registry.acts(one) for one in made), (text, outcome)
