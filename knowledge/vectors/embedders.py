"""The models of meaning that are in use, each loaded once, and which languages they read."""

from __future__ import annotations

import threading
from collections.abc import Collection

from knowledge.catalogue import Catalogue
from knowledge.document import Language
from knowledge.errors import UnusableModel
from knowledge.vectors.embedder import DEFAULT_MODEL, Embedder
from knowledge.vectors.probe import languages_of

DEFAULT_LANGUAGES: frozenset[Language] = frozenset({"en"})


class Embedders:
    """Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, Embedder] = {}

    def get(self, name: str, languages: Collection[Language]) -> Embedder:
        """The model of that name, whose languages are known; it is loaded when it is first used."""
        with self._lock:
            if name not in self._known:
                self._known[name] = Embedder(name, languages)
            return self._known[name]

    def for_learning(self, name: str, catalogue: Catalogue) -> Embedder:
        """The model of that name; one that was never used is loaded and tried. Raises UnusableModel."""
        name = name or DEFAULT_MODEL
        with self._lock:
            if name in self._known:
                return self._known[name]
        if name == DEFAULT_MODEL:
            return self.get(name, DEFAULT_LANGUAGES)
        for used in (catalogue.vectors("active"), catalogue.vectors("building")):
            if used is not None and used.model == name:
                return self.get(name, used.languages)
        languages = languages_of(Embedder(name, ()).encode)
        if not languages:
            raise UnusableModel(name, "it tells what sentences mean neither in English nor in Chinese")
        return self.get(name, languages)
