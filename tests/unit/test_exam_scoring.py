"""The judge: right, wrong and missed are what the exam says they are."""

from __future__ import annotations

from typing import Any

import pytest

from bot.exam import judge, report, score

ANSWER: dict[str, Any] = {
    "status": "answered",
    "calls": [{"tool": "metrics"}],
    "facts": [{"name": "orders", "value": 100}],
    "table": {"columns": ["country", "orders"], "rows": [["UK", 60], ["DE", 40]], "total_rows": 2},
    "citations": [{"document": "a.txt", "quote": "20 days"}],
    "text": "Orders",
    "elapsed_ms": {"total": 12.0},
}


@pytest.mark.parametrize(
    ("expect", "verdict"),
    [
        ({"status": "answered", "facts": [{"name": "orders", "value": 100.05, "rel": 0.001}]}, "right"),
        ({"status": "answered", "facts": [{"name": "orders", "value": 102, "rel": 0.001}]}, "wrong"),
        ({"status": "answered", "tool": ["forecast"]}, "wrong"),
        ({"status": "answered", "ranking": ["UK", "DE"]}, "right"),
        ({"status": "answered", "ranking": ["DE", "UK"]}, "wrong"),
        ({"status": "answered", "series": [60, 40], "rel": 0.001}, "right"),
        ({"status": "answered", "series": [60], "rel": 0.001}, "wrong"),
        ({"status": "answered", "table_min_rows": 3}, "wrong"),
        ({"status": "answered", "citation": {"document": "a", "words": ["20"]}}, "right"),
        ({"status": "answered", "citation": {"document": "b", "words": ["20"]}}, "wrong"),
        ({"status": ["declined", "clarify"]}, "wrong"),
    ],
)
def test_judging_an_answer(expect: dict[str, Any], verdict: str) -> None:
    assert judge(expect, ANSWER)[0] == verdict


def test_asking_back_where_an_answer_was_to_be_had_is_only_missed() -> None:
    assert judge({"status": "answered"}, {"status": "clarify"})[0] == "missed"
    assert judge({"status": "answered"}, None)[0] == "missed"
    assert judge({"status": "declined"}, {"status": "declined"})[0] == "right"


def test_the_report_counts_by_kind_and_language() -> None:
    exam = [{"id": "1", "kind": "metric", "lang": "en", "expect": {"status": "answered"}}]
    text = report(score(exam, {"1": ANSWER}))
    assert "metric       right 1  wrong 0  missed 0" in text
    assert "1/1 right (100.0%), 0 wrong, 0 missed; p50 12.0 ms" in text
