"""A model of meaning that takes no time to load: each word points its own way, and a text where its words do."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from knowledge.catalogue import Catalogue
from knowledge.document import Language
from knowledge.vectors.embedder import DEFAULT_MODEL, Embedder
from knowledge.vectors.embedders import Embedders

DIMENSIONS = 32


class WordVectors(Embedder):
    """Implements `Embedder`; `encoded` counts the texts that it was given."""

    def __init__(self, name: str, languages: Collection[Language], dimensions: int = DIMENSIONS) -> None:
        super().__init__(name, languages)
        self.dimensions = dimensions
        self.encoded = 0

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> NDArray[np.float32]:
        self.encoded += len(texts)
        if progress is not None:
            progress(len(texts))
        return np.array([self._vector(text) for text in texts], dtype=np.float32).reshape(-1, self.dimensions)

    def _vector(self, text: str) -> NDArray[np.float32]:
        total = np.full(self.dimensions, 1e-3, dtype=np.float32)
        for word in re.findall(r"\w+", text.lower()):
            seed = int.from_bytes(blake2b(word.encode(), digest_size=4).digest(), "big")
            total += np.random.default_rng(seed).standard_normal(self.dimensions).astype(np.float32)
        return total / np.linalg.norm(total)


class WordModels(Embedders):
    """Models by any name; those called "wide-…" have more dimensions and read Chinese too."""

    def get(self, name: str, languages: Collection[Language]) -> Embedder:
        if name not in self._known:
            wide = name.startswith("wide-")
            self._known[name] = WordVectors(name, languages, DIMENSIONS * (2 if wide else 1))
        return self._known[name]

    def for_learning(self, name: str, catalogue: Catalogue) -> Embedder:
        return self.get(name or DEFAULT_MODEL, {"en", "zh"} if name.startswith("wide-") else {"en"})

    @property
    def encoded(self) -> int:
        return sum(model.encoded for model in self._known.values() if isinstance(model, WordVectors))
