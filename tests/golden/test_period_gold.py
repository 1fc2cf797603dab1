"""Expressions of time in both languages with the ranges that people mean by them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.understanding.periods import PeriodSpan, find_periods
from tools.semantic.periods import Period

FIRST_DAY = date(2009, 12, 1)


def cases(language: str) -> list[Any]:
    path = Path(__file__).parent / f"periods_{language}.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [pytest.param(row, id=f"{row['as_of']} {row['text']}") for row in rows]


def period(ends: list[str]) -> Period:
    return Period(date.fromisoformat(ends[0]), date.fromisoformat(ends[1]))


def sureness(certainty: float) -> str:
    return "plain" if certainty == 1.0 else "likely" if certainty > 0.5 else "ask"


def told(span: PeriodSpan, text: str) -> dict[str, Any]:
    """A span as the gold file writes it; of a period with certainty 0 only that it is impossible."""
    found: dict[str, Any] = {"text": text[span.start : span.end]}
    if span.kind == "baseline":
        return found | {"kind": span.kind, "baseline": span.baseline}
    if span.kind == "relative_to_previous":
        return found | {"kind": span.kind, "grain": span.grain, "offset": span.offset}
    if span.kind != "period":
        return found | {"kind": span.kind, "grain": span.grain}
    if span.certainty == 0:
        return found | {"impossible": True}
    return found | {"period": span.period, "sure": sureness(span.certainty)}


def expected(gold: dict[str, Any]) -> dict[str, Any]:
    wanted = {key: value for key, value in gold.items() if key != "alternatives"}
    if "period" in gold:
        return wanted | {"period": period(gold["period"]), "sure": gold.get("sure", "plain")}
    return wanted


@pytest.mark.parametrize("row", [*cases("en"), *cases("zh")])
def test_expression_means_what_the_gold_file_says(row: dict[str, Any]) -> None:
    spans = find_periods(row["text"], date.fromisoformat(row["as_of"]), first_day=FIRST_DAY)
    assert [told(span, row["text"]) for span in spans] == [expected(gold) for gold in row["spans"]]
    for span, gold in zip(spans, row["spans"], strict=True):
        for alternative in gold.get("alternatives", []):
            assert period(alternative) in span.alternatives
