"""Questions with judged documents, and the documents, for measuring what is found."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
CORPUS = ROOT / "knowledge" / "corpus"
DEPTH = 10


@dataclass(frozen=True)
class Question:
    """`right` names the documents that answer, none where nothing does; `words` stand in what answers.

    `tune`: it is of the half that settings may be chosen on.
    """

    text: str
    language: str
    right: frozenset[str]
    words: tuple[str, ...] = ()
    tune: bool = False


@dataclass(frozen=True)
class Judged:
    """`documents` maps a name to a title and a text; a set that is made of files names their folder instead.

    `any_right`: each of the right documents answers alone, so that one found is all found. `shipped`: what comes with
    the product is there as well.
    """

    name: str
    documents: dict[str, tuple[str, str]]
    questions: tuple[Question, ...]
    folder: Path | None = None
    any_right: bool = False
    shipped: bool = False


def cranfield() -> Judged | None:
    """Abstracts on aerodynamics. Every judged document counts, as is usual for this set."""
    folder = SHARED / "data" / "cranfield"
    if not folder.is_dir():
        return None
    right: dict[int, set[str]] = {}
    for line in _rows(folder / "qrels.parquet"):
        right.setdefault(line["query_id"], set()).add(str(line["doc_id"]))
    return Judged(
        "Cranfield",
        {str(one["doc_id"]): (_line(one["title"]), _line(one["text"])) for one in _rows(folder / "docs.parquet")},
        tuple(
            Question(_line(one["query"]), "en", frozenset(right[one["query_id"]]), tune=place % 2 == 0)
            for place, one in enumerate(_rows(folder / "queries.parquet"))
        ),
    )


def cmrc() -> Judged | None:
    """Paragraphs of the Chinese Wikipedia, and questions that one of them answers."""
    folder = SHARED / "data" / "cmrc2018"
    if not folder.is_dir():
        return None
    return Judged(
        "CMRC 2018",
        {str(one["pid"]): (_line(one["title"]), _line(one["context"])) for one in _rows(folder / "paragraphs.parquet")},
        tuple(
            Question(
                one["question"], "zh", frozenset({str(one["pid"])}), tuple(json.loads(one["answers"])), place % 2 == 0
            )
            for place, one in enumerate(_rows(folder / "questions.parquet"))
        ),
    )


def playbooks() -> Iterator[Judged]:
    """The documents that ship, in each language, asked in each."""
    lines = _lines(ROOT / "bench" / "playbook_questions.jsonl")
    for target in ("en", "zh"):
        yield Judged(
            target,
            {},
            tuple(
                Question(
                    line["question"],
                    line["lang"],
                    frozenset(line["documents"]),
                    tuple(line.get("words", ())),
                    line["split"] == "tune",
                )
                for line in lines
                if line["target"] == target
            ),
            CORPUS / target,
            any_right=True,
        )


def papers() -> Judged | None:
    """Five Chinese papers on e-commerce, asked in both languages."""
    folder = SHARED / "papers"
    if not folder.is_dir():
        return None
    lines = _lines(ROOT / "bench" / "paper_questions.jsonl")
    return Judged(
        "papers",
        {},
        tuple(
            Question(
                line["question"],
                line["lang"],
                frozenset(line["documents"]),
                tuple(line["words"]),
                line["split"] == "tune",
            )
            for line in lines
        ),
        folder,
        any_right=True,
    )


def together() -> Judged | None:
    """The documents that ship and the papers in one library, as a team has them, with the questions of both.

    What stands in the words of one language is asked for in that language only.
    """
    read = papers()
    if read is None:
        return None
    return Judged(
        "together",
        {},
        (
            *read.questions,
            *(
                replace(one, words=one.words if one.language == judged.name else ())
                for judged in playbooks()
                for one in judged.questions
            ),
        ),
        read.folder,
        any_right=True,
        shipped=True,
    )


@dataclass(frozen=True)
class Measured:
    """Means over questions: nDCG at 10, recall at 5, and how often the first document is right."""

    ndcg: float
    recall: float
    first: float
    questions: int


def measured(orders: Sequence[Sequence[str]], questions: Sequence[Question], *, any_right: bool) -> Measured:
    """`orders` holds the documents that were found for each question, the best first."""
    rows = [
        _measure(order, question.right, any_right=any_right) for order, question in zip(orders, questions, strict=True)
    ]
    ndcg, recall, first = np.mean(rows, axis=0)
    return Measured(float(ndcg), float(recall), float(first), len(rows))


def _measure(order: Sequence[str], right: frozenset[str], *, any_right: bool) -> tuple[float, float, float]:
    gains = [name in right for name in order[:DEPTH]]
    if any_right:
        # The first right one is all that is needed.
        place = gains.index(True) if True in gains else None
        return (
            1 / np.log2(place + 2) if place is not None else 0.0,
            float(any(gains[:5])),
            float(gains[:1] == [True]),
        )
    ideal = sum(1 / np.log2(place + 2) for place in range(min(len(right), DEPTH)))
    gained = sum(1 / np.log2(place + 2) for place, gain in enumerate(gains) if gain)
    return gained / ideal, sum(gains[:5]) / min(5, len(right)), float(gains[:1] == [True])


def _rows(file: Path) -> list[dict[str, Any]]:
    import pyarrow.parquet as pq

    rows: list[dict[str, Any]] = pq.read_table(file).to_pylist()
    return rows


def _lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def _line(text: str) -> str:
    return " ".join(text.split())
