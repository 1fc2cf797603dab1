"""The public exam: every answer is right, with documents found by words alone."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from bot.exam import Judgement, report, score
from bot.rendering.reply import reply_json
from bot.rendering.voice import Voice
from bot.reply import Question
from knowledge.library import Library
from tests.conftest import FITTED_ONCE, RETAIL_DAY, make_assistant
from tools.semantic.catalog import Catalog
from tools.tool import User
from tools.warehouse.connection import Warehouse

pytestmark = FITTED_ONCE


@pytest.fixture(scope="module")
def judgements(
    public_exam: Path, retail: Warehouse, catalog: Catalog, tmp_path_factory: pytest.TempPathFactory
) -> list[Judgement]:
    library = Library(tmp_path_factory.mktemp("documents") / "index")
    library.learn([public_exam.parents[1] / "papers"], embed=False)
    assistant = make_assistant(retail, catalog, RETAIL_DAY, library)
    questions = [json.loads(line) for line in public_exam.read_text("utf-8").splitlines() if line.strip()]
    answers = {}
    for line in questions:
        reply = assistant.ask(
            Question(
                line["question"],
                User("exam", "admin"),
                f"exam:{line.get('session', line['id'])}",
                today=date.fromisoformat(line["as_of"]),
            )
        )
        answers[line["id"]] = reply_json(reply, Voice("zh" if reply.language == "zh" else "en"), line["id"])
    library.close()
    return score(questions, answers)


def test_nothing_is_wrong(judgements: list[Judgement]) -> None:
    assert [(j.question["id"], j.reason) for j in judgements if j.verdict == "wrong"] == []


def test_all_is_right(judgements: list[Judgement]) -> None:
    assert len(judgements) >= 58
    assert [(j.question["id"], j.reason) for j in judgements if j.verdict != "right"] == [], report(judgements)
