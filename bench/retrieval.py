"""What is found, beside Chroma as LangChain users have it and plain BM25; and what is declined.

All search the same passages with the same model (all-MiniLM-L6-v2): ours through the library, Chroma through
`langchain_chroma` and `as_retriever`, BM25 through rank_bm25 with jieba for Chinese. Passages count for their document.
Settings were chosen on one half of the questions; the other half is shown beside all. Among the playbooks of one
language, a question in the other has to cross. A question is unanswerable because nothing that is learned answers it
or, for CMRC, because its paragraph is taken away.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bench._judged import Judged, Measured, Question, cmrc, cranfield, measured, papers, playbooks
from bench._retrieval_peers import Search, bm25, chroma_retriever
from knowledge.catalogue import Catalogue, Learned
from knowledge.language.glossary import Glossary
from knowledge.library import CATALOGUE, Library
from knowledge.library import CORPUS as SHIPPED
from knowledge.retrieval.answering import THRESHOLD
from knowledge.retrieval.retriever import Retriever
from knowledge.vectors.embedder import Embedder
from knowledge.vectors.embedders import DEFAULT_LANGUAGES, Embedders
from knowledge.vectors.index import Index
from knowledge.vectors.shelves import FolderShelves

READABLE = frozenset({"viewer"})
LIMIT = 30
TAKEN_AWAY = 300


@dataclass(frozen=True)
class Learnt:
    """A judged set as the library learned it, and what questions are answered from."""

    judged: Judged
    catalogue: Catalogue
    index: Index
    embedder: Embedder
    folder: Path

    def retriever(self, without: Collection[str] = ()) -> Retriever:
        """One that knows nothing of some documents."""
        catalogue: Any = Lessened(self.catalogue, without) if without else self.catalogue
        return Retriever(catalogue, self.index, self.embedder, Glossary.load(), self.folder)

    def name(self, key: str) -> str:
        """The name of a judged document from the key of a learned one."""
        return Path(key).name if self.judged.folder is not None else Path(key).stem

    def close(self) -> None:
        self.index.close()
        self.catalogue.close()


def main() -> None:
    models = Embedders()
    model = models.get("", DEFAULT_LANGUAGES).load()
    answers: list[tuple[str, float, bool]] = []
    print(f"{'all (the half not tuned on)':44}{'nDCG@10':>15}{'recall@5':>15}{'hit@1':>15}   aim", flush=True)
    for judged in (cranfield(), cmrc(), *playbooks(), papers()):
        if judged is None:
            continue
        with tempfile.TemporaryDirectory() as folder:
            learnt = learn(judged, Path(folder), models)
            passages = learnt.catalogue.passages([entry.id for entry in learnt.catalogue.entries()])
            searches: dict[str, Search] = {
                "ours": _ours(learnt),
                "Chroma": _named(chroma_retriever(passages, model), learnt),
                "BM25": _named(bm25(passages), learnt),
            }
            for language, questions in _by_language(judged):
                for name, search in searches.items():
                    _print(judged, language, name, questions, search)
            answers += _asked(learnt)
            learnt.close()
    _print_declined(answers)


def learn(judged: Judged, folder: Path, models: Embedders) -> Learnt:
    files = judged.folder
    if files is None:
        files = folder / "files"
        files.mkdir()
        for name, (title, text) in judged.documents.items():
            (files / f"{name}.md").write_text(f"# {title}\n\n{text}\n", encoding="utf-8")
    home = folder / "home"
    library = Library(home, shipped=SHIPPED if judged.shipped else None, embedders=models)
    library.learn([files])
    library.close()
    catalogue = Catalogue(home / CATALOGUE)
    vectors = catalogue.vectors()
    assert vectors is not None
    embedder = models.get(vectors.model, vectors.languages)
    return Learnt(judged, catalogue, FolderShelves(home).open(vectors.name), embedder, home)


def _by_language(judged: Judged) -> Iterator[tuple[str, list[Question]]]:
    for language in ("en", "zh"):
        questions = [one for one in judged.questions if one.language == language and one.right]
        if questions:
            yield language, questions


def _ours(learnt: Learnt) -> Search:
    retriever = learnt.retriever()

    def search(question: str) -> list[str]:
        hits = retriever.find(question, readable=READABLE, limit=LIMIT).hits
        return list(dict.fromkeys(learnt.name(hit.document.key) for hit in hits))

    return search


def _named(search: Search, learnt: Learnt) -> Search:
    return lambda question: [learnt.name(key) for key in search(question)]


def _print(judged: Judged, language: str, name: str, questions: list[Question], search: Search) -> None:
    orders = [search(one.text) for one in questions]
    everything = measured(orders, questions, any_right=judged.any_right)
    held = [place for place, one in enumerate(questions) if not one.tune]
    other = measured([orders[i] for i in held], [questions[i] for i in held], any_right=judged.any_right)
    title = f"playbooks, {language} → {judged.name}" if judged.name in ("en", "zh") else f"{judged.name}, {language}"
    aim = _aim(judged, language) if name == "ours" else ""
    print(f"{f'{title} ({everything.questions})':34}{name:10}{_pair(everything, other)}   {aim}", flush=True)


def _pair(everything: Measured, other: Measured) -> str:
    pairs = ((everything.ndcg, other.ndcg), (everything.recall, other.recall), (everything.first, other.first))
    return "".join(f"{f'{a:.3f} ({b:.3f})':>15}" for a, b in pairs)


def _aim(judged: Judged, language: str) -> str:
    if judged.name in ("en", "zh"):
        return "recall ≥ .95" if language == judged.name else "recall ≥ .85"
    return {"Cranfield": "nDCG ≥ .57", "CMRC 2018": "nDCG ≥ .96"}.get(judged.name, "")


def _asked(learnt: Learnt) -> Iterator[tuple[str, float, bool]]:
    """How sure we are of each answer, and whether there is one."""
    name = learnt.judged.name
    if name == "Cranfield":
        return
    title = f"playbooks, {name}" if name in ("en", "zh") else name
    questions = [one for one in learnt.judged.questions if not one.tune]
    retriever = learnt.retriever()
    for question in questions:
        yield title, retriever.find(question.text, readable=READABLE).confidence, bool(question.right)
    if name == "CMRC 2018":
        for question in questions[:: max(1, len(questions) // TAKEN_AWAY)]:
            gone = {key for key in learnt.catalogue.documents() if learnt.name(key) in question.right}
            yield title, learnt.retriever(gone).find(question.text, readable=READABLE).confidence, False


class Lessened:
    """A catalogue some of whose documents nobody may read."""

    def __init__(self, catalogue: Catalogue, gone: Collection[str]) -> None:
        self._catalogue = catalogue
        self._gone = gone

    def documents(self) -> Mapping[str, Learned]:
        documents = self._catalogue.documents().items()
        return {key: replace(one, access="") if key in self._gone else one for key, one in documents}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._catalogue, name)


def _print_declined(answers: list[tuple[str, float, bool]]) -> None:
    print(
        f"\n{'declined (half not tuned on)':30}{'unanswerable':>16}{'answerable':>16}{'at 3 % of these':>17}   aim",
        flush=True,
    )
    for name in dict.fromkeys(one[0] for one in answers):
        sure = np.array([one[1] for one in answers if one[0] == name])
        there = np.array([one[2] for one in answers if one[0] == name])
        strict = np.quantile(sure[there], 0.03)
        print(
            f"{name:30}{f'{np.mean(sure[~there] < THRESHOLD):.3f} of {(~there).sum()}':>16}"
            f"{f'{np.mean(sure[there] < THRESHOLD):.3f} of {there.sum()}':>16}{np.mean(sure[~there] < strict):>17.3f}",
            flush=True,
        )
