"""What every tool must be, whatever it does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.rendering.reply import render, reply_json
from bot.rendering.voice import Voice
from bot.reply import Reply
from knowledge.library import Library
from tests.conftest import DEMO_END, FITTED_ONCE
from tools.answer import Answer, ToolCall
from tools.errors import AssistantError, InvalidArgument
from tools.registry import discover
from tools.runner import checked, run
from tools.semantic.catalog import Catalog
from tools.tool import Context, Example, Tool, User
from tools.warehouse.connection import Warehouse

pytestmark = FITTED_ONCE
TOOLS = discover().tools
EXAMPLES = [
    pytest.param(tool, example, id=f"{tool.name}-{number}")
    for tool in TOOLS
    for number, example in enumerate(tool.examples)
]


def no_audit(_user: User, _action: str, _details: Any) -> None:
    """Nobody looks."""


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_it_describes_itself_in_both_languages(tool: Tool[Any]) -> None:
    assert tool.name.isidentifier()
    assert tool.title.en
    assert tool.title.zh
    assert len(tool.description) > 40
    assert len(tool.examples) >= 2
    for example in tool.examples:
        assert example.question.en
        assert example.question.zh


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_unknown_arguments_are_named_with_the_nearest(tool: Tool[Any]) -> None:
    with pytest.raises(InvalidArgument, match="is no argument of"):
        checked(tool, {**tool.examples[0].args_in("en"), "no_such_argument": 1})


@pytest.mark.parametrize(("tool", "example"), EXAMPLES)
def test_each_example_answers_and_renders(
    tool: Tool[Any], example: Example, *, retail: Warehouse, demo: Warehouse, catalog: Catalog, playbooks: Library
) -> None:
    # What the public store has no table for is asked of the demo store.
    store, today = (retail, example.today) if retail.has(*tool.needs) else (demo, DEMO_END)
    context = Context(store, catalog, today, User("1", "admin"), knowledge=playbooks)
    answers: dict[str, Answer] = {}
    for voice in (Voice("en"), Voice("zh")):
        call = ToolCall(tool.name, example.args_in(voice.language))
        key = repr(call)
        answers[key] = answers.get(key) or run(discover(), context, call, no_audit, deadline_s=120)
        answer = answers[key]
        # It says figures with the time they are of, or words of a document.
        assert answer.citations or (answer.facts and answer.provenance.as_of is not None)
        reply = Reply("answered", voice.language, calls=(call,), answers=(answer,))
        assert render(reply, voice, charts=False).parts
        shown = reply_json(reply, voice, "q")
        assert json.loads(json.dumps(shown)) == shown
        assert shown["text"]
        assert shown["citations"] or shown["provenance"]["sql"] or shown["provenance"]["definition"]


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_a_missing_store_is_an_error_a_user_can_mend(tool: Tool[Any], catalog: Catalog, tmp_path: Any) -> None:
    context = Context(Warehouse.at(tmp_path / "none.duckdb"), catalog, tool.examples[0].today, User("1", "admin"))
    with pytest.raises(AssistantError, match="no store yet"):
        run(discover(), context, ToolCall(tool.name, tool.examples[0].args_in("en")), no_audit)
