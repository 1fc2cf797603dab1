"""Questions and the exact plans that they must become, on Online Retail as of 2011-12-09."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.reply import Question
from bot.understanding.assistant import MarketAssistant
from tests.conftest import RETAIL_DAY
from tools.catalog.metrics import MetricsArgs
from tools.tool import User

CASES = [json.loads(line) for line in Path(__file__).with_name("plans.jsonl").read_text("utf-8").splitlines()]


def expected(short: dict[str, Any]) -> MetricsArgs:
    """The gold file's short form as arguments."""

    def days(pair: list[str]) -> dict[str, str]:
        return {"start": pair[0], "end": pair[1]}

    args = {**short, "period": days(short["period"])}
    if "compare" in short:
        args["compare"] = days(short["compare"])
    args["filters"] = [{"dimension": d, "op": op, "values": values} for d, op, values in short.get("filters", [])]
    args["having"] = [{"metric": m, "op": op, "value": value} for m, op, value in short.get("having", [])]
    return MetricsArgs.model_validate(args)


@pytest.mark.parametrize("case", CASES, ids=[case["q"] for case in CASES])
def test_plan(case: dict[str, Any], retail_assistant: MarketAssistant) -> None:
    reply = retail_assistant.ask(Question(case["q"], User("1", "admin"), f"gold:{case['q']}", today=RETAIL_DAY))
    assert reply.status == "answered", reply.message
    assert [MetricsArgs.model_validate(call.args) for call in reply.calls] == [expected(case["args"])]
