"""Vectors by passage id, in a Chroma collection."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from knowledge.errors import VectorsUnavailable

if TYPE_CHECKING:
    from chromadb.api.collection_configuration import HNSWConfiguration
    from chromadb.api.models.Collection import Collection

# Chroma's own model of meaning is never asked, so none is named: naming one would load it.
HNSW: HNSWConfiguration = {"space": "cosine", "ef_search": 128, "ef_construction": 128}


@dataclass(frozen=True)
class Opened:
    """A collection, how many vectors go into it at once, and what lets go of it."""

    collection: Collection
    at_once: int
    release: Callable[[], None]


class Index:
    """A collection of vectors of unit length, compared by their cosine. Blocking and thread-safe.

    It is opened when it is first used. Raises VectorsUnavailable wherever it cannot be read or written.
    """

    def __init__(self, where: str, connect: Callable[[], Opened]) -> None:
        self.where = where
        self._connect = connect
        self._lock = threading.Lock()
        self._opened: Opened | None = None

    def __len__(self) -> int:
        with self._using() as opened:
            return opened.collection.count()

    def add(self, ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Adds vectors, or puts them in the place of those with the same ids."""
        with self._using() as opened:
            for part in _parts(ids, opened.at_once):
                opened.collection.upsert(list(ids[part]), embeddings=vectors[part])

    def remove(self, ids: Sequence[str]) -> None:
        with self._using() as opened:
            for part in _parts(ids, opened.at_once):
                opened.collection.delete(list(ids[part]))

    def query(self, vector: NDArray[np.float32], n: int) -> list[tuple[str, float]]:
        """The `n` nearest, the nearest first, with their cosine (-1 to 1)."""
        with self._using() as opened:
            found = opened.collection.query(query_embeddings=vector[np.newaxis], n_results=n, include=["distances"])
        distances = found["distances"] or [[]]
        return [(one, 1.0 - distance) for one, distance in zip(found["ids"][0], distances[0], strict=True)]

    def ids(self) -> frozenset[str]:
        with self._using() as opened:
            return frozenset(opened.collection.get(include=[])["ids"])

    def settle(self) -> None:
        """Takes in what Chroma has only noted down so far, which it would else do at the next question."""
        with self._using() as opened:
            one = opened.collection.get(limit=1, include=["embeddings"])["embeddings"]
        if one is not None and len(one):
            self.query(np.asarray(one[0], dtype=np.float32), 1)

    def close(self) -> None:
        """Lets go of files and memory; using it again opens it again."""
        with self._lock:
            opened, self._opened = self._opened, None
        if opened is not None:
            with explained(self.where):
                opened.release()

    @contextmanager
    def _using(self) -> Iterator[Opened]:
        with explained(self.where):
            with self._lock:
                if self._opened is None:
                    self._opened = self._connect()
                opened = self._opened
            yield opened


def _parts(ids: Sequence[str], most: int) -> Iterator[slice]:
    return (slice(start, start + most) for start in range(0, len(ids), most))


@contextmanager
def explained(where: str) -> Iterator[None]:
    """Raises VectorsUnavailable for whatever goes wrong inside."""
    try:
        yield
    except (VectorsUnavailable, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        # Broken files make Chroma's Rust side panic, which is no Exception.
        first = str(error).strip().partition("\n")[0]
        raise VectorsUnavailable(where, first or type(error).__name__) from error
