"""No text whatever crashes understanding, and what is answered is explained word by word."""

from __future__ import annotations

import time

from hypothesis import example, given
from hypothesis import strategies as st

from bot.reply import Question
from bot.understanding.assistant import MarketAssistant
from tools.tool import User

PIECES = st.sampled_from(
    ["net sales", "orders", "top", "5", "最高", "上个月", "in", "Germany", "德国", "by country", "vs", "last month",
     "按月", "除了", "more than", "100", "share of", "同比", "2011", "customers", "商品", "和", ",", "?", "😀",
     "'", '"', "<b>", "=1+1",
     "average", "2026年10月", "why", "AOV", "退货率", "the week before", "那", "呢", "每", "-", "%", "€", "30 February"]
)  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=200), st.lists(PIECES, max_size=14).map(" ".join), st.lists(PIECES, max_size=14).map("".join)
)


@given(text=TEXTS)
@example(text="")
@example(text="😀😀😀")
@example(text="?" * 900)
@example(text="net sales " * 100)
@example(text="\x00\u202e net sales last month \ud7ff")
def test_any_text_gets_a_reply(text: str, demo_assistant: MarketAssistant) -> None:
    started = time.perf_counter()
    reply = demo_assistant.ask(Question(text, User("1", "viewer"), "fuzz"))
    assert reply.status in ("answered", "clarify", "declined"), (reply.status, reply.incident)
    assert reply.status == "answered" or reply.message is not None
    assert time.perf_counter() - started < 20


def test_a_question_of_5000_characters_is_declined_at_once(demo_assistant: MarketAssistant) -> None:
    reply = demo_assistant.ask(Question("net sales " * 500, User("1", "viewer"), "long"))
    assert reply.status == "declined"
    assert reply.elapsed_ms["total"] < 1000
