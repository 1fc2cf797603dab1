"""The labelled questions over the shipped documents hold: the answers are in the documents that they name."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import knowledge

CORPUS = Path(knowledge.__file__).parent / "corpus"
QUESTIONS = Path(knowledge.__file__).parents[1] / "bench" / "playbook_questions.jsonl"
DIRECTIONS = [("en", "en"), ("zh", "zh"), ("en", "zh"), ("zh", "en")]


@pytest.fixture(scope="module")
def questions() -> list[dict[str, Any]]:
    return [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]


def test_the_answers_are_in_the_documents(questions: list[dict[str, Any]]) -> None:
    wrong = []
    for labelled in questions:
        for name in labelled["documents"]:
            file = CORPUS / labelled["target"] / name
            text = " ".join(file.read_text(encoding="utf-8").lower().split()) if file.is_file() else ""
            if not text or not all(word.lower() in text for word in labelled.get("words", [])):
                wrong.append((labelled["target"], name, labelled["question"]))
    assert wrong == []


def test_each_direction_has_enough_in_both_halves(questions: list[dict[str, Any]]) -> None:
    groups = Counter((one["lang"], one["target"], one["split"]) for one in questions if one["documents"])
    few = {(*way, split): groups[(*way, split)] for way in DIRECTIONS for split in ("tune", "test")}
    assert min(few.values()) >= 25, few
    unanswerable = Counter((one["lang"], one["split"]) for one in questions if not one["documents"])
    assert min(unanswerable[lang, split] for lang in ("en", "zh") for split in ("tune", "test")) >= 25


def test_no_question_is_asked_twice(questions: list[dict[str, Any]]) -> None:
    asked = Counter((one["question"].casefold(), one["target"]) for one in questions)
    assert [question for question, times in asked.items() if times > 1] == []
