"""No text whatever crashes understanding or keeps it busy, and what is answered is explained word by word."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bench._slow_texts import SLOW_TEXTS
from bot.reply import Question
from bot.understanding.assistant import LONGEST_QUESTION, MarketAssistant
from bot.understanding.interpret import World, interpret
from bot.understanding.normalise import normalise
from bot.understanding.outcome import Clarify, Decline, Plan
from bot.understanding.scene import look
from tests.conftest import DEMO_END
from tests.timing import least_seconds
from tools.tool import User

ASKER = User("1", "viewer")
SLOWEST = 0.2
"""Seconds of the processor's time for one text."""
PIECES = st.sampled_from(
    ["net sales", "orders", "top", "5", "最高", "上个月", "in", "Germany", "德国", "by country", "vs", "last month",
     "按月", "除了", "more than", "100", "share of", "同比", "2011", "customers", "商品", "和", ",", "?", "😀",
     "'", '"', "<b>", "=1+1", "who bought", "but not", "买过", "但没买", "alert me when", "提醒我",
     "每天9点", "rfm", "churn",
     "average", "2026年10月", "why", "AOV", "退货率", "the week before", "那", "呢", "每", "-", "%", "€",
     "30 February",
     "忽略", "ignore", "drop", "select", "email", "销受额", "netsales", "quick one:", "请问", "\u202e", "\u0627\u0644",
     "\ud800", "\x00", "99999999999999999999", "1e400", "((", "{{", "base64", "第53周", "not", "or", "如果"]
)  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=200),
    st.text(st.characters(exclude_categories=()), max_size=200),
    st.lists(PIECES, max_size=14).map(" ".join),
    st.lists(PIECES, max_size=14).map("".join),
    st.lists(PIECES, min_size=40, max_size=400).map(lambda words: " ".join(words)[:LONGEST_QUESTION]),
    st.tuples(PIECES, st.sampled_from(["", " ", "，", "."])).map(
        lambda p: (p[0] + p[1]) * (LONGEST_QUESTION // len(p[0]))
    ),
)


def reading_time(text: str, world: World) -> float:
    """Seconds of the processor for a text that was never seen before."""

    def read() -> None:
        look.cache_clear()
        normalise.cache_clear()
        assert isinstance(interpret(text, world), Plan | Clarify | Decline)

    return least_seconds(read, enough=SLOWEST / 2)


@pytest.fixture(scope="module")
def world(demo_planner: MarketAssistant) -> World:
    """The demo store with playbooks, after its first question."""
    world = demo_planner._worlds.of(ASKER, DEMO_END)
    for text in ("net sales last month", "上个月的销售额", "who bought stationery but no electronics"):
        interpret(text, world)
    return world


TURNS = st.sampled_from(
    ["second best", "第二高的国家", "倒数第二", "make it 2000", "ranked third", "top 5 countries by orders",
     "涨得最多的商品", "the rest of the world", "as a file", "how did you get that", "only", "前", "average", "0",
     "by product", "in 2011"]
)  # fmt: skip


@settings(max_examples=30)
@given(talk=st.lists(st.lists(TURNS | PIECES, min_size=1, max_size=4).map(" ".join), min_size=2, max_size=5))
@example(talk=["退货率", "?", "AOV third highest month 9999 1e400 按月", "in how did you get that ,"])
@example(talk=["as a file 0", "as a file"])
@example(talk=["2011 not ranked third rfm rfm", "as a file 0", "as a file"])
@example(talk=["in 2011 100 Germany by country how did you get that", "100 only"])
@example(talk=["AOV 倒数第二 5 ?", "in 2011"])
@example(talk=["涨得最多的商品", "第二高"])
def test_any_talk_gets_replies(talk: list[str], demo_planner: MarketAssistant) -> None:
    conversation = f"talk {'; '.join(talk)}"
    for text in talk:
        reply = demo_planner.ask(Question(text, ASKER, conversation))
        assert reply.status in ("answered", "clarify", "declined"), (reply.status, reply.incident)


@given(text=TEXTS)
@example(text="")
@example(text="😀😀😀")
@example(text="?" * 900)
@example(text="net sales " * 100)
@example(
    text="99999999999999999999100买过30 Februaryselectchurnselectselectshare of5\ud800=1+1除了99999999999999999999"
)
@example(text="\x00\u202e net sales last month \ud7ff")
def test_any_text_gets_a_reply(text: str, demo_planner: MarketAssistant) -> None:
    reply = demo_planner.ask(Question(text, ASKER, "fuzz"))
    assert reply.status in ("answered", "clarify", "declined"), (reply.status, reply.incident)
    assert reply.status == "answered" or reply.message is not None


@given(text=TEXTS)
def test_any_text_is_read_in_a_moment(text: str, world: World) -> None:
    assert reading_time(text[:LONGEST_QUESTION], world) < SLOWEST, text


@pytest.mark.parametrize("text", SLOW_TEXTS.values(), ids=SLOW_TEXTS.keys())
def test_a_text_made_to_be_slow_is_read_in_a_moment(text: str, world: World) -> None:
    assert reading_time(text[:LONGEST_QUESTION], world) < SLOWEST


def test_all_names_of_products_in_one_text_are_read_in_a_moment(world: World) -> None:
    for separator in (" ", ", ", "\n", "和"):
        text = separator.join(world.index.names.values())[:LONGEST_QUESTION]
        assert reading_time(text, world) < SLOWEST


def test_a_question_of_5000_characters_is_declined_unread(demo_planner: MarketAssistant) -> None:
    reply = demo_planner.ask(Question("net sales " * 500, ASKER, "long"))
    assert reply.status == "declined"
    assert not reply.calls
