"""What questions are answered from: the retriever over the vectors that the catalogue names at the moment."""

from __future__ import annotations

import threading
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.catalogue import Catalogue, Vectors
from knowledge.document import Language
from knowledge.errors import MeaningUnavailable, VectorsUnavailable
from knowledge.vectors.embedder import Embedder
from knowledge.vectors.embedders import Embedders
from knowledge.vectors.index import Index, Opened
from knowledge.vectors.shelves import Shelves

if TYPE_CHECKING:
    from knowledge.retrieval.found import Found
    from knowledge.retrieval.retriever import Retriever


class Reading:
    """Thread-safe. Nothing is opened before a question needs it."""

    def __init__(self, catalogue: Catalogue, shelves: Shelves, embedders: Embedders, folder: Path) -> None:
        self._catalogue = catalogue
        self._shelves = shelves
        self._embedders = embedders
        self._folder = folder
        self._lock = threading.Lock()
        self._generation = -1
        self._vectors: Vectors | None = None
        self._retriever: Retriever | None = None
        self._index: Index | None = None
        self._before: Index | None = None

    def find(self, question: str, *, readable: Collection[str], language: Language | None, limit: int) -> Found:
        """What answers; by words alone where the vectors or the model cannot be used."""
        for _attempt in range(2):
            retriever = self.retriever()
            try:
                return retriever.find(question, readable=readable, language=language, limit=limit)
            except MeaningUnavailable:
                if self.retriever() is retriever:
                    break
                # Another process moved the vectors just now, and this question still held the old ones.
        return self._by_words().find(question, readable=readable, language=language, limit=limit)

    def prepare(self) -> None:
        """Makes what finds by words for the catalogue as it is now, so that the next question need not."""
        self._by_words().prepare()

    def retriever(self) -> Retriever:
        """The one over the vectors of now; another process may have moved them since the last question."""
        with self._lock:
            generation = self._catalogue.generation
            if self._retriever is None or generation != self._generation:
                vectors = self._catalogue.vectors()
                if self._retriever is None or vectors != self._vectors:
                    self._retriever = self._made(vectors)
                    self._vectors = vectors
                self._generation = generation
            return self._retriever

    def close(self) -> None:
        with self._lock:
            for index in (self._before, self._index):
                if index is not None:
                    index.close()
            self._before = self._index = self._retriever = None

    def _by_words(self) -> Retriever:
        from knowledge.language.glossary import Glossary
        from knowledge.retrieval.retriever import Retriever

        nothing = Index(self._shelves.where, _nothing)
        return Retriever(self._catalogue, nothing, Embedder("", ()), Glossary.load(), self._folder)

    def _made(self, vectors: Vectors | None) -> Retriever:
        from knowledge.language.glossary import Glossary
        from knowledge.retrieval.retriever import Retriever

        # Questions that began with the vectors before may still be at work: they are let go one change later.
        if self._before is not None:
            self._before.close()
        self._before = self._index
        self._index = None
        if vectors is None:
            return self._by_words()
        self._index = self._shelves.open(vectors.name)
        embedder = self._embedders.get(vectors.model, vectors.languages)
        return Retriever(self._catalogue, self._index, embedder, Glossary.load(), self._folder)


def _nothing() -> Opened:
    raise VectorsUnavailable("the library", "nothing was embedded")
