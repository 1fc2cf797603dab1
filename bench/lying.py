"""A language model that lies about answers, and one that tells the truth: what of their words reaches the reader.

Both speak over HTTP from a scripted server to the real `langchain-openai` client, the assistant's graph and its checks.
What a lie says is not so by construction; a true sentence is made of the answer's own facts, in forms that people use.
The two are drawn from a seeded generator, over answers of the demo store, in both languages. Beside it stands the plain
number check, which asks only whether a figure stands among the facts at all.
"""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from dataclasses import replace
from typing import Any

import structlog

from bench._lies import lie
from bench._sayings import Story, truth
from bench._stores import END, demo_store
from bot.contexts import Contexts
from bot.reply import Question
from bot.understanding.assistant import MarketAssistant
from bot.understanding.chat_model import chat_model
from bot.understanding.hosted.model import HostedModel
from bot.understanding.hosted.routing import Hosted
from bot.understanding.number_check import unsupported
from tests.unit.model_server import ModelServer, calls, in_turn, says
from tools.answer import Answer
from tools.registry import Registry, discover
from tools.semantic.catalog import Catalog
from tools.tool import User
from tools.warehouse.connection import Warehouse

TRIES = 500
LINES = 20_000
SEED = 7
QUESTIONS = (
    ("net sales last month compared with the month before", "en"),
    ("orders and aov last month", "en"),
    ("top 5 countries by net sales last month", "en"),
    ("net sales by category last month with share", "en"),
    ("orders by month this year", "en"),
    ("return rate last quarter vs the quarter before", "en"),
    ("net sales by channel last month vs a year ago", "en"),
    ("units and net sales in Germany last month", "en"),
    ("上个月净销售额环比", "zh"),
    ("上个月订单数和客单价", "zh"),
    ("上个月各国净销售额前5", "zh"),
    ("今年每月订单数", "zh"),
    ("上季度退货率，与前一季度相比", "zh"),
    ("上个月各渠道净销售额同比", "zh"),
)


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    tries = int(next((a.removeprefix("--tries=") for a in sys.argv if a.startswith("--tries=")), TRIES))
    warehouse = Warehouse.at(demo_store(LINES))
    catalog = Catalog.load()
    stories = told(warehouse, catalog)
    print(f"{len(stories)} answers; {tries} lies and {tries} true sentences\n", flush=True)
    with ModelServer() as server:
        assistant = retold(warehouse, catalog, stories, server)
        for name, sentences in (("lies", lies(stories, tries)), ("true sentences", truths(stories, tries))):
            shown: Counter[str] = Counter()
            among: Counter[str] = Counter()
            every: Counter[str] = Counter()
            examples: list[str] = []
            for story, kind, text in sentences:
                passed = prose(assistant, server, story, text) is not None
                every[kind] += 1
                shown[kind] += passed
                among[kind] += not unsupported(text, [], story.answer.facts)
                if passed == (name == "lies") and len(examples) < 12:
                    examples.append(f"{story.question} → {text}")
            print(
                f"{name}: {shown.total()} of {every.total()} shown; with the plain number check alone {among.total()}"
            )
            for kind, count in sorted(every.items()):
                print(f"  {kind:22} {shown[kind]:4} of {count:4} shown; plain check {among[kind]:4}")
            print(*(f"  {'SHOWN' if name == 'lies' else 'dropped'}: {each}" for each in examples), sep="\n", flush=True)
    warehouse.close()


def told(warehouse: Warehouse, catalog: Catalog) -> list[Story]:
    """What the questions are answered with."""
    assistant = _assistant(warehouse, catalog, discover(), None)
    stories = []
    for question, language in QUESTIONS:
        reply = assistant.ask(Question(question, User("1", "admin"), question, language))
        if reply.status == "answered" and len(reply.calls) == 1:
            stories.append(Story(question, language, reply.calls[0], reply.answers[0], catalog))
    return [story for story in stories if story.facts and "period" in story.call.args]


def retold(warehouse: Warehouse, catalog: Catalog, stories: list[Story], server: ModelServer) -> MarketAssistant:
    """An assistant with a model that plans, whose tools give the answers that are there already."""
    kept: dict[str, Answer] = {json.dumps(dict(s.call.args), sort_keys=True): s.answer for s in stories}

    def run(_context: Any, args: Any) -> Answer:
        return kept[json.dumps(args.plain(), sort_keys=True)]

    client = chat_model("openai:scripted", url=server.url, key="k", timeout_s=30)
    registry = Registry(tuple(replace(tool, run=run) for tool in discover().tools))
    return _assistant(warehouse, catalog, registry, Hosted(HostedModel(lambda: client, timeout_s=30), "always"))


def prose(assistant: MarketAssistant, server: ModelServer, story: Story, text: str) -> str | None:
    """What is shown of a model's words, in the whole reply."""
    server.say = in_turn(calls((story.call.tool, dict(story.call.args))), says(text))
    reply = assistant.ask(Question(story.question, User("1", "admin"), "c", story.language))
    assert reply.status == "answered"
    return reply.prose


def lies(stories: list[Story], tries: int) -> list[tuple[Story, str, str]]:
    rng = random.Random(SEED)  # noqa: S311 - sentences are made up, nothing is kept secret
    drawn = ((story, *lie(story, rng)) for story in rng.choices(stories, k=tries))
    return list(drawn)


def truths(stories: list[Story], tries: int) -> list[tuple[Story, str, str]]:
    rng = random.Random(SEED + 1)  # noqa: S311
    return [(story, story.language, truth(story, rng)) for story in rng.choices(stories, k=tries)]


def _assistant(warehouse: Warehouse, catalog: Catalog, registry: Registry, hosted: Hosted | None) -> MarketAssistant:
    return MarketAssistant(
        Contexts(warehouse, catalog, clock=lambda: END),
        registry,
        audit=lambda _user, _action, _details: None,
        deadline_s=120,
        hosted=hosted,
    )
