"""Questions for the team's playbooks and questions that are not, and the exact calls that they must become.

A line of the gold file holds a question that is for the `playbook`; or its `calls`; or `asked`, where a question back
or a refusal is right; or a `talk` of several turns. All are asked where any page is thought to answer anything: what
keeps a question away from the playbooks must be its words.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.reply import Question
from bot.understanding import values
from bot.understanding.assistant import MarketAssistant
from bot.understanding.interpret import World, interpret
from bot.understanding.knowledge.dialogue import Page
from bot.understanding.lexicon import base_lexicon, tokens
from bot.understanding.outcome import Clarify, Decline, Outcome, Plan
from tests.conftest import RETAIL_DAY
from tools.answer import ToolCall
from tools.registry import Registry, discover
from tools.semantic.catalog import Catalog
from tools.tool import User
from tools.warehouse.connection import Warehouse

GOLDEN = Path(__file__).parents[1] / "golden"
GOLD = [json.loads(line) for line in (GOLDEN / "knowledge_plans.jsonl").read_text("utf-8").splitlines()]
SINGLE = [case for case in GOLD if "q" in case]
TALKS = [case for case in GOLD if "talk" in case]
SECTION = ToolCall("playbook", {"passage": "p1"})
PAGES = (
    "JD's supply chain system cut inventory turnover from 30 to 20 days",
    "京东 智能 供应链 管理 系统 库存 周转 天数 缩短 20 天",
    "stages of the customer lifecycle: prospect, new, active, silent and lapsed users",
)


@pytest.fixture(scope="module")
def registry() -> Registry:
    return discover()


@pytest.fixture(scope="module")
def world(retail: Warehouse, catalog: Catalog, registry: Registry) -> World:
    """Online Retail, with playbooks that are thought to answer everything."""
    return World(
        catalog=catalog,
        index=values.build(base_lexicon(catalog, registry.tools), catalog, retail),
        tables=retail.tables(),
        currency=retail.settings().currency,
        today=RETAIL_DAY,
        first_day=date.fromisoformat(retail.raw_settings()["first_day"]),
        tools=frozenset(tool.name for tool in registry.tools),
        saved=("VIP-DE",),
        has_playbooks=True,
        likely=lambda _text: 1.0,
    )


def overlap(text: str) -> float:
    """The largest share of a question's words that stands in one page."""
    asked = {token.stem for token in tokens(text.lower())}
    return max(len(asked & {token.stem for token in tokens(page.lower())}) / max(len(asked), 1) for page in PAGES)


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


def test_facts_go_where_a_page_seems_to_tell_them(world: World) -> None:
    some = replace(world, likely=overlap)
    for text in (
        "京东的智能供应链管理系统让库存周转天数缩短到多少天？",
        "How many days did JD's inventory turnover fall to?",
    ):
        outcome = interpret(text, some)
        assert isinstance(outcome, Plan)
        assert outcome.calls == (ToolCall("playbook", {"question": text}),)
    for text in ("哪些平台因大数据杀熟被罚?", "What did Gartner report about privacy?", "By how much did Zara grow?"):
        assert isinstance(interpret(text, some), Decline)


def test_the_teams_own_rules_need_a_page_that_surely_tells_them(world: World) -> None:
    for text in ("Do we ship to Iceland?", "Who approves discounts above 20 %?", "退货期限是几天？", "公司年假有几天"):
        for probable, answered in ((0.9, True), (0.7, False)):
            outcome = interpret(text, replace(world, likely=lambda _text, p=probable: p))
            assert isinstance(outcome, Plan) == answered, text


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


def test_understanding_stays_quick(world: World) -> None:
    texts = [case["q"] for case in SINGLE]
    for text in texts:
        interpret(text, world)
    started = time.process_time()
    for text in texts:
        interpret(text, world)
    assert (time.process_time() - started) / len(texts) < 0.02


def test_a_broken_library_stops_no_figure(retail: Warehouse, catalog: Catalog, registry: Registry) -> None:
    class Broken:
        """A library whose files are damaged."""

        def documents(self, _readable: object) -> tuple[object, ...]:
            raise OSError("damaged")

        def likely(self, _text: str, *, readable: object) -> float:
            raise OSError("damaged")

    assistant = MarketAssistant(
        retail,
        catalog,
        registry,
        clock=lambda: RETAIL_DAY,
        audit=lambda _user, _action, _details: None,
        library=Broken(),  # type: ignore[arg-type]
    )
    reply = assistant.ask(Question("net sales last month", User("1", "admin"), "broken"))
    assert reply.status == "answered"
    assert [call.tool for call in reply.calls] == ["metrics"]


def test_understanding_loads_no_model() -> None:
    """Neither vectors nor models are imported to read a question."""
    heavy = "{'torch', 'chromadb', 'sentence_transformers'}"
    code = f"import sys, bot.understanding.interpret; print({heavy} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"
