"""Searching by words: BM25 over all passages, in arrays.

The weight of a term follows Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009),
with a count of each field times that field's weight (BM25F with one length, that of the body). How rare a term is, and
how long a passage usually is, are counted over the passages that the asker may read, so that nothing else is felt.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from knowledge.document import Language
from knowledge.language.words import FIELDS

if TYPE_CHECKING:
    from knowledge.catalogue import Catalogue, Entry

K1 = 1.5
B = 0.75
# A heading says what a passage is about, in few words; an alias says it of the whole document.
FIELD_WEIGHTS = {"title": 1.0, "section": 2.0, "aliases": 0.5, "body": 1.0}
LANGUAGES: tuple[Language, ...] = ("en", "zh")
_LAYOUT = 1

Floats = NDArray[np.float32]
# The terms of a name, each with its weight.
Weighted = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Arrays:
    """Passages by terms. `starts[t]:starts[t + 1]` of `passages` and `counts` are the passages that hold a term.

    `lengths` (n,) are terms in the body. `documents` (n,) are places in `keys`, `languages` (n,) in LANGUAGES.
    """

    ids: tuple[str, ...]
    keys: tuple[str, ...]
    vocabulary: dict[str, int]
    starts: NDArray[np.int64]
    passages: NDArray[np.int32]
    counts: Floats
    lengths: Floats
    documents: NDArray[np.int32]
    languages: NDArray[np.uint8]

    @cached_property
    def places(self) -> dict[str, int]:
        """Where a passage stands, by its id."""
        return {one: place for place, one in enumerate(self.ids)}


class View:
    """The passages that somebody may read. Safe to use from several threads: it never changes."""

    def __init__(self, arrays: Arrays, readable: NDArray[np.bool_]) -> None:
        """`readable` (n,) says which passages count."""
        self._arrays = arrays
        self._readable = readable
        self._all = bool(readable.all())
        self.size = int(readable.sum())
        usual = float(arrays.lengths[readable].mean()) if self.size else 1.0
        self._norm: Floats = (K1 * (1 - B + B * arrays.lengths / max(usual, 1.0))).astype(np.float32)

    @property
    def ids(self) -> tuple[str, ...]:
        return self._arrays.ids

    def place(self, passage: str) -> int | None:
        """Where a passage with this id stands; None where it may not be read."""
        at = self._arrays.places.get(passage)
        return at if at is not None and self._readable[at] else None

    def written_in(self, languages: Collection[Language]) -> NDArray[np.bool_]:
        """Which passages, (n,), are in one of these languages."""
        return np.isin(self._arrays.languages, [LANGUAGES.index(one) for one in languages])

    def holding(self, term: str) -> int:
        """How many passages hold a term."""
        return len(self._postings(term)[0])

    def rarity(self, holding: float) -> float:
        """The inverse document frequency of what `holding` passages hold."""
        return float(np.log1p((self.size - holding + 0.5) / (holding + 0.5)))

    def best(self, groups: Iterable[Sequence[Weighted]]) -> Floats:
        """The score of each passage, (n,): for each group the best of its names, summed over the groups."""
        total = np.zeros(len(self._arrays.ids), np.float32)
        for names in groups:
            single = [self._scored(name) for name in names]
            if len(names) == 1:
                for at, score in single[0]:
                    total[at] += score
            elif any(single):
                total += self._maximum(single)
        return total

    def _maximum(self, names: Sequence[list[tuple[NDArray[np.int32], Floats]]]) -> Floats:
        best = np.zeros(len(self._arrays.ids), np.float32)
        for name in names:
            score = np.zeros(len(best), np.float32)
            for at, one in name:
                score[at] += one
            np.maximum(best, score, out=best)
        return best

    def _scored(self, name: Weighted) -> list[tuple[NDArray[np.int32], Floats]]:
        found = []
        for term, weight in name:
            at, counts = self._postings(term)
            if len(at):
                rarity = self.rarity(len(at))
                found.append((at, (weight * rarity * (K1 + 1)) * counts / (counts + self._norm[at])))
        return found

    def _postings(self, term: str) -> tuple[NDArray[np.int32], Floats]:
        arrays = self._arrays
        place = arrays.vocabulary.get(term)
        if place is None:
            return arrays.passages[:0], arrays.counts[:0]
        part = slice(arrays.starts[place], arrays.starts[place + 1])
        at, counts = arrays.passages[part], arrays.counts[part]
        if self._all:
            return at, counts
        mine = self._readable[at]
        return at[mine], counts[mine]


def build(entries: Iterable[Entry]) -> Arrays:
    """Arrays from the catalogue's entries, in their order."""
    from scipy import sparse

    vocabulary: dict[str, int] = {}
    ids: list[str] = []
    keys: dict[str, int] = {}
    documents = array("i")
    languages = array("B")
    lengths = array("f")
    columns = array("i")
    weights = array("f")
    starts = array("q", [0])
    for entry in entries:
        ids.append(entry.id)
        languages.append(LANGUAGES.index(entry.language))
        documents.append(keys.setdefault(entry.document, len(keys)))
        for field, line in zip(FIELDS, entry.terms.split("\n"), strict=True):
            found = line.split()
            columns.extend([vocabulary.setdefault(term, len(vocabulary)) for term in found])
            weights.extend([FIELD_WEIGHTS[field]] * len(found))
            if field == "body":
                lengths.append(len(found))
        starts.append(len(columns))
    rows = sparse.csr_matrix(
        (np.frombuffer(weights, np.float32), np.frombuffer(columns, np.int32), np.frombuffer(starts, np.int64)),
        shape=(len(ids), len(vocabulary)),
    )
    rows.sum_duplicates()
    by_term = rows.tocsc()
    return Arrays(
        ids=tuple(ids),
        keys=tuple(keys),
        vocabulary=vocabulary,
        starts=by_term.indptr.astype(np.int64),
        passages=by_term.indices.astype(np.int32),
        counts=by_term.data.astype(np.float32),
        lengths=np.array(lengths, np.float32),
        documents=np.array(documents, np.int32),
        languages=np.array(languages, np.uint8),
    )


def save(arrays: Arrays, file: Path, stamp: str) -> None:
    """Writes a file that is there whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=file.parent, prefix=file.name, delete=False) as draft:
        try:
            np.savez(
                draft,
                stamp=_written([str(_LAYOUT), stamp]),
                ids=_written(arrays.ids),
                keys=_written(arrays.keys),
                vocabulary=_written(arrays.vocabulary),
                starts=arrays.starts,
                passages=arrays.passages,
                counts=arrays.counts,
                lengths=arrays.lengths,
                documents=arrays.documents,
                languages=arrays.languages,
            )
            draft.close()
            Path(draft.name).replace(file)
        except BaseException:
            Path(draft.name).unlink(missing_ok=True)
            raise


def load(file: Path, stamp: str) -> Arrays | None:
    """What was saved with this stamp; None where there is no such file."""
    try:
        with file.open("rb") as opened, np.load(opened, allow_pickle=False) as kept:
            if _read(kept["stamp"]) != (str(_LAYOUT), stamp):
                return None
            return Arrays(
                ids=_read(kept["ids"]),
                keys=_read(kept["keys"]),
                vocabulary={term: place for place, term in enumerate(_read(kept["vocabulary"]))},
                **{name: kept[name] for name in ("starts", "passages", "counts", "lengths", "documents", "languages")},
            )
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        # Not there, or not whole (a disk that was full): it is made again.
        return None


class Lexical:
    """The arrays of a catalogue, made again when it has changed, and what each set of readers sees of them."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._generation = -1
        self._arrays: Arrays | None = None
        self._views: dict[frozenset[str], View] = {}

    def view(self, catalogue: Catalogue, keys: Iterable[str]) -> View:
        """The passages of the documents with these keys."""
        readable = frozenset(keys)
        generation = catalogue.generation
        with self._lock:
            if self._arrays is None or self._generation != generation:
                self._arrays = self._opened(catalogue)
                self._generation = generation
                self._views = {}
            view = self._views.get(readable)
            if view is None:
                arrays = self._arrays
                allowed = np.array([key in readable for key in arrays.keys], np.bool_)
                view = View(arrays, allowed[arrays.documents] if len(arrays.ids) else np.zeros(0, np.bool_))
                self._views[readable] = view
            return view

    def _opened(self, catalogue: Catalogue) -> Arrays:
        stamp = _stamp(catalogue)
        arrays = load(self._file, stamp)
        if arrays is None:
            arrays = build(catalogue.entries())
            # On a disk that is full it is made again each time, and questions go on.
            with suppress(OSError):
                save(arrays, self._file, stamp)
        return arrays


def _stamp(catalogue: Catalogue) -> str:
    """What the file must have been made of: the documents, and how their terms were weighted."""
    digest = sha256(repr(sorted(FIELD_WEIGHTS.items())).encode())
    for key, one in sorted(catalogue.documents().items()):
        digest.update(f"{key}\0{one.digest}\0{one.made_by}\0{one.learned_at}\0".encode())
    return digest.hexdigest()


def _written(names: Iterable[str]) -> NDArray[np.uint8]:
    return np.frombuffer("\0".join(names).encode("utf-8"), np.uint8)


def _read(written: NDArray[Any]) -> tuple[str, ...]:
    text = written.tobytes().decode("utf-8")
    return tuple(text.split("\0")) if text else ()
