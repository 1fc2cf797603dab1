"""A catalogue, an index and a model of meaning in memory, for tests of what is found."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.catalogue import Catalogue, Learned
from knowledge.document import Language, Passage
from knowledge.errors import VectorsUnavailable
from knowledge.language.detection import language_of
from knowledge.language.glossary import Glossary
from knowledge.language.terminology import Entry
from knowledge.language.words import analysed
from knowledge.retrieval.retriever import Retriever

TERMS = (
    Entry(("repurchase rate", "repeat purchase rate"), ("复购率",)),
    Entry(("customer lifecycle", "user lifecycle"), ("客户生命周期", "用户生命周期")),
    Entry(("stage", "phase"), ("阶段",)),
    Entry(("coupon", "voucher"), ("优惠券",)),
    Entry(("inventory turnover days",), ("库存周转天数",)),
    Entry(("inventory",), ("库存",)),
    Entry(("JD.com", "JD"), ("京东",)),
    Entry(("raise", "increase"), ("提高", "提升")),
    Entry(("churn",), ("流失",)),
)
EVERYONE = frozenset({"viewer"})


def passage(text: str, *, document: str = "notes", place: int = 0, title: str = "", section: str = "") -> Passage:
    return Passage(
        id=hashlib.blake2b(f"{document}/{place}/{text}".encode(), digest_size=8).hexdigest(),
        document=document,
        place=place,
        title=title or document,
        section=(section,) if section else (),
        page=None,
        language=language_of(text),
        text=text,
    )


def learn(
    catalogue: Catalogue,
    key: str,
    *passages: Passage,
    origin: str = "team",
    access: str = "viewer",
    aliases: Sequence[str] = (),
) -> None:
    """Puts a document into a catalogue as `learn` would."""
    from knowledge.catalogue import Folder

    folder = f"/{access}-{origin}"
    catalogue.put_folder(Folder(folder, origin, access))  # type: ignore[arg-type]
    document = Learned(
        key=f"{folder}/{key}",
        name=key,
        folder=folder,
        origin=origin,  # type: ignore[arg-type]
        access=access,
        title=passages[0].title,
        language=passages[0].language,
        pages=None,
        passages=len(passages),
        kind="",
        metrics=(),
        aliases=tuple(aliases),
        digest=hashlib.sha256("".join(one.text for one in passages).encode()).hexdigest(),
        size=1,
        learned_at="2026-01-01T00:00:00+00:00",
    )
    catalogue.put_document(document, [(one, analysed(one, aliases)) for one in passages])


class Meaning:
    """A model that tells meaning by ideas given to it: a text has the ideas whose words are in it."""

    name = "ideas"

    def __init__(self, ideas: Mapping[str, Sequence[str]], languages: frozenset[Language] = frozenset({"en"})) -> None:
        self._ideas = list(ideas.values())
        self.languages = languages
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.array([[float(any(word in text.lower() for word in idea)) for idea in self._ideas] for text in texts])
        rows = np.c_[rows, np.full(len(rows), 0.1)]
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)

    def encode_question(self, text: str) -> NDArray[np.float32]:
        self.asked.append(text)
        return self.encode([text])[0]


class Vectors:
    """An index in memory."""

    def __init__(self, ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        self._ids = ids
        self._vectors = vectors

    def query(self, vector: NDArray[np.float32], n: int) -> list[tuple[str, float]]:
        cosines = self._vectors @ vector
        return [(self._ids[at], float(cosines[at])) for at in np.argsort(-cosines, kind="stable")[:n]]


class NoVectors:
    """An index that cannot be reached."""

    def query(self, vector: NDArray[np.float32], n: int) -> list[tuple[str, float]]:
        raise VectorsUnavailable("http://nowhere", "refused")


def retriever(
    catalogue: Catalogue,
    folder: Path,
    meaning: Meaning | None = None,
    index: Vectors | NoVectors | None = None,
    terms: Sequence[Entry] = TERMS,
) -> Retriever:
    """A retriever whose parts are the real ones, but for the model and the index."""
    meaning = meaning or Meaning({}, frozenset())
    return Retriever(catalogue, index or NoVectors(), meaning, Glossary(terms), folder)  # type: ignore[arg-type]
