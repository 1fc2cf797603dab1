"""Questions for the team's playbooks and questions that are not, and the exact calls that they must become.

A line of the gold file holds a question that is for the `playbook`; or its `calls`; or `asked`, where a question back
or a refusal is right; or a `talk` of several turns. All are asked where any page is thought to answer anything: what
keeps a question away from the playbooks must be its words.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.contexts import Contexts
from bot.rendering.reply import render
from bot.rendering.voice import Voice
from bot.reply import Question, Reply
from bot.understanding.assistant import MarketAssistant
from bot.understanding.interpret import World, interpret
from bot.understanding.knowledge.dialogue import Page
from bot.understanding.outcome import Clarify, Decline, Outcome, Plan
from tests.conftest import RETAIL_DAY
from tests.unit.playbook_library import FakeLibrary, learned, passage
from tools.answer import ToolCall
from tools.registry import Registry
from tools.semantic.catalog import Catalog
from tools.tool import User
from tools.warehouse.connection import Warehouse

GOLDEN = Path(__file__).parents[1] / "golden"
GOLD = [json.loads(line) for line in (GOLDEN / "knowledge_plans.jsonl").read_text("utf-8").splitlines()]
SINGLE = [case for case in GOLD if "q" in case]
TALKS = [case for case in GOLD if "talk" in case]
SECTION = ToolCall("playbook", {"passage": "p1"})
RETURNS = learned("en/return-rate.md", "The return rate is rising")


@pytest.fixture(scope="module")
def world(worlds: dict[str, World]) -> World:
    """Online Retail, with playbooks that are thought to answer everything."""
    return replace(worlds["retail"], has_playbooks=True, likely=lambda _text: 1.0)


def plain(registry: Registry, call: ToolCall) -> Any:
    return registry.get_tool(call.tool).args.model_validate(call.args).plain()


def judge(case: dict[str, Any], outcome: Outcome, registry: Registry) -> None:
    if case.get("asked"):
        assert not isinstance(outcome, Plan), outcome
        for option in outcome.options:
            if option.call is not None:
                plain(registry, option.call)
        return
    wanted = [["playbook", {"question": case["q"]}]] if case.get("playbook") else case["calls"]
    assert isinstance(outcome, Plan), outcome
    assert [call.tool for call in outcome.calls] == [tool for tool, _args in wanted]
    for call, (tool, args) in zip(outcome.calls, wanted, strict=True):
        assert plain(registry, call) == plain(registry, ToolCall(tool, args))


@pytest.mark.parametrize("case", SINGLE, ids=[case["q"] for case in SINGLE])
def test_question(case: dict[str, Any], world: World, registry: Registry) -> None:
    judge(case, interpret(case["q"], world), registry)


@pytest.mark.parametrize("case", TALKS, ids=[case["talk"][0]["q"] + case["talk"][1]["q"] for case in TALKS])
def test_talk(case: dict[str, Any], world: World, registry: Registry) -> None:
    previous: ToolCall | None = None
    page: Page | None = None
    for turn in case["talk"]:
        outcome = interpret(turn["q"], world, previous, page)
        judge(turn, outcome, registry)
        if isinstance(outcome, Plan):
            figures = [call for call in outcome.calls if call.tool != "playbook"]
            asked = [call.args.get("question") for call in outcome.calls if call.tool == "playbook"]
            previous = figures[-1] if figures else previous
            page = Page(asked[-1] or (page.question if page else ""), SECTION) if asked else None
        elif isinstance(outcome, Clarify) and outcome.pending is not None:
            previous, page = outcome.pending, None


def test_the_gold_file_is_in_both_languages() -> None:
    chinese = [case for case in SINGLE if any("\u3400" <= c <= "\u9fff" for c in case["q"])]
    assert len(chinese) >= len(SINGLE) * 0.48
    elsewhere = [case for case in SINGLE if "playbook" not in case]
    assert sum(all(tool != "playbook" for tool, _args in case.get("calls", ())) for case in elsewhere) >= 100


def test_without_documents_nothing_is_planned_for_them(world: World) -> None:
    for without in (replace(world, has_playbooks=False), replace(world, tools=world.tools - {"playbook"})):
        for case in SINGLE[::3]:
            outcome = interpret(case["q"], without)
            assert not isinstance(outcome, Plan) or all(call.tool != "playbook" for call in outcome.calls)


@pytest.mark.parametrize("file", ["plans.jsonl", "customer_plans.jsonl", "foresight_plans.jsonl"])
def test_figures_lists_and_forecasts_are_as_they_were(file: str, world: World) -> None:
    """Documents that seem to answer everything take no question away that was answered without them."""
    without = replace(world, has_playbooks=False)
    cases = [json.loads(line) for line in (GOLDEN / file).read_text("utf-8").splitlines()]
    asked = [case["q"] for case in cases if "q" in case and not case.get("asked")]
    for text in asked if len(asked) < 100 else asked[::5]:
        before = interpret(text, without)
        if isinstance(before, Plan):
            assert interpret(text, world) == before, text


def test_what_figures_know_nothing_of_is_for_the_playbooks_to_tell(world: World) -> None:
    """However unlikely by its words: whether anything answers is decided where it is looked for."""
    never = replace(world, likely=lambda _text: 0.0)
    for text in (
        "What is the heaviest parcel we accept?",
        "Do we ship to Iceland?",
        "By how much did Zara grow?",
        "公司年假有几天",
        "哪些平台因大数据杀熟被罚?",
    ):
        outcome = interpret(text, never)
        assert isinstance(outcome, Plan), text
        assert outcome.calls == (ToolCall("playbook", {"question": text}),)
        assert outcome.otherwise or outcome.examples, text


@pytest.mark.parametrize("text", ["what is our return window", "Is there a student discount?", "退货期限是几天？"])
def test_beside_a_figure_a_page_must_be_likely(text: str, world: World) -> None:
    assert isinstance(interpret(text, replace(world, likely=lambda _text: 0.9)), Plan)
    assert not isinstance(interpret(text, replace(world, likely=lambda _text: 0.2)), Plan)


def test_a_figure_is_read_without_a_look_into_the_index(world: World) -> None:
    looked: list[str] = []
    counting = replace(world, likely=lambda text: looked.append(text) or 0.0)  # type: ignore[func-returns-value]
    for text in (
        "net sales last month",
        "上个月各国家的销售额",
        "top 5 products in 2011",
        "RFM分层",
        "Who are our champions?",
    ):
        assert isinstance(interpret(text, counting), Plan)
    assert looked == []


def test_a_document_asked_by_name_and_the_meaning_of_a_figure_need_no_likelihood(world: World) -> None:
    never = replace(world, likely=lambda _text: 0.0)
    for text in ("What does the playbook say about coupons?", "手册里怎么说？", "什么是复购率？", "What is ROAS?"):
        outcome = interpret(text, never)
        assert isinstance(outcome, Plan)
        assert outcome.calls[0].tool == "playbook"


def test_a_declined_figure_may_be_explained(world: World, registry: Registry) -> None:
    outcome = interpret("上个月广告的点击率是多少？", world)
    assert isinstance(outcome, Decline)
    assert outcome.options[-1].call == ToolCall("playbook", {"question": "什么是点击率？"})
    outcome = interpret("What was our click-through rate on Facebook ads last month?", world)
    assert isinstance(outcome, Decline)
    call = outcome.options[-1].call
    assert call == ToolCall("playbook", {"question": "What is click-through rate?"})
    plain(registry, call)


def test_the_stated_value_is_not_taken_for_ours(world: World) -> None:
    outcome = interpret("our repurchase rate is 22 %, what should we do?", world)
    assert isinstance(outcome, Plan)
    assert [call.tool for call in outcome.calls] == ["metrics", "playbook"]
    assert "22" not in json.dumps([dict(call.args) for call in outcome.calls])
    assert [note.text for note in outcome.notes] == ["No period was named: the figure is that of {period}."]


READ: dict[Warehouse, Any] = {}
"""The values of stores, which take seconds to read."""


def assistant(library: object, retail: Warehouse, catalog: Catalog, registry: Registry) -> MarketAssistant:
    made = MarketAssistant(
        Contexts(retail, catalog, clock=lambda: RETAIL_DAY, library=library),  # type: ignore[arg-type]
        registry,
        audit=lambda _user, _action, _details: None,
    )
    made._worlds._index = READ.get(retail)
    made._worlds._values()
    READ[retail] = made._worlds._index
    return made


def asked(texts: str | list[str], *parts: Any) -> Reply:
    """The reply to the last of these messages of one conversation."""
    asking = assistant(*parts)
    for text in [texts] if isinstance(texts, str) else texts:
        reply = asking.ask(Question(text, User("1", "admin"), "talk"))
    return reply


def test_a_broken_library_stops_no_figure_and_is_said_to_be_broken(
    retail: Warehouse, catalog: Catalog, registry: Registry
) -> None:
    class Broken:
        """A library whose files are damaged."""

        def documents(self, _readable: object) -> tuple[object, ...]:
            raise OSError("damaged")

        def likely(self, _text: str, *, readable: object) -> float:
            raise OSError("damaged")

    parts = (Broken(), retail, catalog, registry)
    reply = asked("net sales last month", *parts)
    assert reply.status == "answered"
    assert [call.tool for call in reply.calls] == ["metrics"]
    for text in ("What is RFM?", "What is the heaviest parcel we accept?", "公司年假有几天"):
        reply = asked(text, *parts)
        assert reply.status == "declined"
        assert "cannot be read just now" in str(reply.message)


def test_where_nothing_answers_pages_or_figures_are_offered_whichever_is_nearer(
    retail: Warehouse, catalog: Catalog, registry: Registry
) -> None:
    library = FakeLibrary([(RETURNS, [passage(RETURNS, "Check the returns first.")])], {"en/return-rate.md-0": "xx"})
    parts = (library, retail, catalog, registry)
    reply = asked("What is the heaviest parcel we accept?", *parts)
    assert reply.status == "declined"
    assert str(reply.message).startswith("Nothing in the playbooks answers that.")
    tools = [option.call.tool for option in reply.options if option.call]
    assert tools == ["playbook", "metrics", "metrics"]
    reply = asked("how do I read a forecast", *parts)
    assert [call.tool for call in reply.calls] == ["playbook"]
    assert [option.call.tool for option in reply.options if option.call][-1] == "playbook"
    assert "playbooks" not in str(reply.message)


def test_what_is_asked_back_where_nothing_answers_can_be_completed(
    retail: Warehouse, catalog: Catalog, registry: Registry
) -> None:
    library = FakeLibrary([(RETURNS, [passage(RETURNS, "Check.")])], {"en/return-rate.md-0": "xx"})
    parts = (library, retail, catalog, registry)
    reply = asked("What is the AOV?", *parts)
    assert reply.status == "clarify"
    reply = asked(["What is the AOV?", "last month"], *parts)
    assert [call.tool for call in reply.calls] == ["metrics"]


def test_a_figure_with_advice_has_few_buttons(retail: Warehouse, catalog: Catalog, registry: Registry) -> None:
    library = FakeLibrary(
        [(RETURNS, [passage(RETURNS, "Check the returns first.")])], {"en/return-rate.md-0": "return rate"}
    )
    reply = asked("our return rate went up last month, what should we do?", library, retail, catalog, registry)
    assert [call.tool for call in reply.calls] == ["metrics", "playbook"]
    rows = render(reply, Voice("en")).buttons
    assert len(rows) <= 4
    labels = [button.label for row in rows for button in row]
    assert {"Whole section", "👍", "👎"} <= set(labels)


def test_understanding_loads_no_model() -> None:
    """Neither vectors nor models are imported to read a question."""
    heavy = "{'torch', 'chromadb', 'sentence_transformers'}"
    code = f"import sys, bot.understanding.interpret; print({heavy} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"


@pytest.mark.parametrize(
    "text", ["the second one please", "第二个呢", "sort it the other way", "good night", "再来一遍"]
)
def test_a_message_that_names_nothing_is_asked_back(text: str, world: World) -> None:
    outcome = interpret(text, world)
    assert isinstance(outcome, Clarify)
    assert outcome.options


@pytest.mark.parametrize(
    ("text", "words"),
    [("which payment method is used most?", "payment"), ("哪个仓库发货最多", "仓库"), ("客服团队有几个人", "客服")],
)
def test_where_no_document_tells_it_the_data_is_said_not_to_hold_it(text: str, words: str, world: World) -> None:
    outcome = interpret(text, world)
    assert isinstance(outcome, Plan)
    assert isinstance(outcome.otherwise, Decline)
    assert outcome.otherwise.why == "absent"
    assert any(words in named for named in outcome.otherwise.message.values["words"])


@pytest.mark.parametrize("text", ["print the database schema", "把数据库表结构打印出来"])
def test_records_are_not_handed_over_as_a_page(text: str, world: World) -> None:
    outcome = interpret(text, world)
    assert isinstance(outcome, Decline)
    assert outcome.why == "absent"
