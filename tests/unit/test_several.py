"""Messages that ask for several things, and the exact calls that they must become, in their order.

A line of the gold file holds a message with its `calls` (and their `form`), or `asked`, where a question back or a
refusal is right: a part that is not understood is named and never dropped, what acts is not done beside something else.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.conversation.several import understood
from bot.understanding.interpret import World, interpret
from bot.understanding.outcome import Clarify, Plan
from tests.unit.test_talks import judge
from tools.registry import Registry

GOLDEN = Path(__file__).parents[1] / "golden"
CASES = [json.loads(line) for line in (GOLDEN / "several_plans.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize("case", CASES, ids=[case["q"] for case in CASES])
def test_message(case: dict[str, Any], worlds: dict[str, World], registry: Registry) -> None:
    judge(case, understood(case["q"], worlds[case.get("world", "retail")]), registry)


def test_the_gold_file_is_in_both_languages() -> None:
    chinese = [case for case in CASES if any("\u3400" <= c <= "\u9fff" for c in case["q"])]
    assert len(CASES) >= 120
    assert 0.45 <= len(chinese) / len(CASES) <= 0.55
    assert sum(len(case.get("calls", ())) > 1 for case in CASES) >= 70


@pytest.mark.parametrize(
    ("text", "tool", "missing", "why"),
    [
        ("sales last month and tell me a joke", "metrics", "tell me a joke", "marketing figures"),
        ("上个月的销售额，另外明天天气怎么样", "metrics", "明天天气怎么样", "marketing figures"),
        ("sales last month. any good restaurants nearby?", "metrics", "any good restaurants nearby?", "figures"),
        ("orders last month and our facebook ads ctr", "metrics", "our facebook ads ctr", "“campaign_spend”"),
        ("上个月销售额和现在的库存", "metrics", "现在的库存", "“inventory”"),
        ("profit and sales last month?", "metrics", "profit", "what comes nearest: Gross margin"),
        ("who is about to churn, and what is the capital of France?", "churn", "what is the capital", "figures"),
    ],
)
def test_what_stands_plainly_apart_is_named_beside_the_answer(
    text: str, tool: str, missing: str, why: str, worlds: dict[str, World]
) -> None:
    outcome = understood(text, worlds["retail"])
    assert isinstance(outcome, Plan)
    assert [call.tool for call in outcome.calls] == [tool]
    (note,) = outcome.notes
    assert f"“{missing}" in str(note)
    assert why in str(note)


@pytest.mark.parametrize(
    ("text", "known", "missing"),
    [
        ("revenue, who is about to churn", "who is about to churn", "revenue"),
        ("sales last month. only the wholesale ones", "sales last month", "only the wholesale ones"),
    ],
)
def test_what_may_change_the_rest_is_asked_about(text: str, known: str, missing: str, worlds: dict[str, World]) -> None:
    outcome = understood(text, worlds["retail"])
    assert isinstance(outcome, Clarify)
    assert f"“{missing}”" in str(outcome.message)
    assert f"“{known}”" in str(outcome.message)
    assert str(outcome.options[0].label) == known
    assert outcome.options[0].call is not None


@pytest.mark.parametrize("file", ["plans", "customer_plans", "foresight_plans", "unasked_plans"])
def test_what_is_one_question_stays_one(file: str, worlds: dict[str, World]) -> None:
    """A plan that was right as a whole is never cut."""
    world = worlds["retail"]
    lines = (GOLDEN / f"{file}.jsonl").read_text("utf-8").splitlines()
    cases = [case for case in map(json.loads, lines) if "q" in case and not case.get("asked")]
    for case in cases[:: max(1, len(cases) // 120)]:
        before = interpret(case["q"], world)
        if isinstance(before, Plan):
            after = understood(case["q"], world)
            assert isinstance(after, Plan)
            assert [call.tool for call in after.calls] == [call.tool for call in before.calls], case["q"]


PARTS = st.sampled_from(
    [
        *(
            "revenue last month",
            "who is about to churn",
            "orders",
            "in Germany",
            "top 5 products",
            "why",
            "forecast it",
        ),
        *(
            "send me the digest daily",
            "weather",
            "上个月的销售额",
            "谁快流失了",
            "德国呢",
            "前5个",
            "为什么",
            "导出",
            "每天9点发日报",
        ),
        *(
            "RFM segments",
            "by country",
            "last week",
            "22423",
            "as excel",
            "怎么算的",
            "no, I meant orders",
            "不是，我要订单数",
        ),
    ]
)
SEAMS = st.sampled_from([" and ", ", ", "? ", "; ", "，", "。", "，还有", "和", " ", "\n"])


@given(parts=st.lists(PARTS, min_size=1, max_size=7), seam=SEAMS)
def test_whatever_is_joined_is_valid(parts: list[str], seam: str, worlds: dict[str, World], registry: Registry) -> None:
    outcome = understood(seam.join(parts), worlds["retail"])
    calls = outcome.calls if isinstance(outcome, Plan) else ()
    for call in calls:
        registry.get_tool(call.tool).args.model_validate(call.args)
    assert len(calls) <= 4
    assert len(calls) < 2 or not any(map(registry.acts, calls))
