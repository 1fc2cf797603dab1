"""Every tool's example questions reach it offline, with the arguments that the example names, in both languages.

What the tool then answers is in test_tools.py.
"""

from __future__ import annotations

from typing import Any

import pytest

from bot.reply import Question
from bot.understanding.assistant import MarketAssistant
from tests.conftest import DEMO_END
from tools.registry import discover
from tools.runner import checked
from tools.tool import Example, Tool, User
from tools.warehouse.connection import Warehouse

EXAMPLES = [(tool, example) for tool in discover().tools for example in tool.examples]

FRAMES = {"en": ("quick one: {}", "hi, could you tell me: {} thanks"), "zh": ("请问{}", "你好，麻烦看一下{}，谢谢")}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("tool", "example"), EXAMPLES, ids=[f"{t.name}-{i}" for i, (t, _e) in enumerate(EXAMPLES)])
def test_examples_route_offline(
    tool: Tool[Any],
    example: Example,
    language: str,
    *,
    retail: Warehouse,
    retail_planner: MarketAssistant,
    demo_planner: MarketAssistant,
) -> None:
    # What the public store has no table for is asked of the demo store.
    held = retail.has(*tool.needs)
    assistant, today = (retail_planner, example.today) if held else (demo_planner, DEMO_END)
    text = example.question.in_language(language)
    reply = assistant.ask(Question(text, User("1", "admin"), f"routing:{text}", today=today))
    assert reply.status == "answered", reply.message
    assert reply.language == language
    assert [call.tool for call in reply.calls] == [tool.name]
    assert checked(tool, reply.calls[0].args) == checked(tool, example.args_in(language))


@pytest.mark.parametrize("tool", discover().tools, ids=lambda tool: tool.name)
def test_politeness_changes_no_route(
    tool: Tool[Any], *, retail: Warehouse, retail_planner: MarketAssistant, demo_planner: MarketAssistant
) -> None:
    example = tool.examples[0]
    held = retail.has(*tool.needs)
    assistant, today = (retail_planner, example.today) if held else (demo_planner, DEMO_END)
    for language, frames in FRAMES.items():
        for frame in frames:
            text = frame.format(example.question.in_language(language))
            reply = assistant.ask(Question(text, User("1", "admin"), f"polite:{text}", today=today))
            assert [call.tool for call in reply.calls] == [tool.name], text
            if tool.name != "playbook":  # which is asked in the words of the question
                assert checked(tool, reply.calls[0].args) == checked(tool, example.args_in(language)), text


def test_every_tool_has_examples_that_differ() -> None:
    for tool in discover().tools:
        for language in ("en", "zh"):
            questions = [example.question.in_language(language) for example in tool.examples]
            assert len(questions) >= 2, tool.name
            assert len(set(questions)) == len(questions), tool.name
