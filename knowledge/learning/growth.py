"""Vectors that grow: what has none is embedded, and what is done is shown together with its documents."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Literal, Self

from knowledge.catalogue import Catalogue, Vectors
from knowledge.document import Passage
from knowledge.errors import VectorsUnavailable
from knowledge.language.meaning import embedded_languages
from knowledge.learning.recipe import embedded_by
from knowledge.report import Progress, Stage, Step
from knowledge.vectors.embedder import Embedder, to_embed
from knowledge.vectors.shelves import Draft, Shelves

Role = Literal["active", "building"]


@dataclass(frozen=True)
class Pace:
    """How many passages are read ahead, embedded and added at a time, and after how many seconds what is done is kept.

    Keeping copies the vectors, so it is not done after each batch.
    """

    batch: int = 512
    keep_after_s: float = 20.0


class Growth:
    """Vectors of one role, made by one model. To be used as a context manager, by one thread.

    Nothing is opened before something is embedded or leaves. `embedded` counts the passages that the model was run on.
    Raises UnusableModel and VectorsUnavailable.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        shelves: Shelves,
        embedder: Embedder,
        progress: Progress,
        *,
        role: Role = "active",
        stage: Stage = "embedding",
    ) -> None:
        self._role = role
        self.embedded = 0
        self._catalogue = catalogue
        self._shelves = shelves
        self._embedder = embedder
        self._progress = progress
        self._stage: Stage = stage
        self._expected = 0
        self._base: str | None = None
        self._recipe = embedded_by()
        self._have: set[str] | None = None
        self._draft: Draft | None = None
        self._writer = ThreadPoolExecutor(1)
        self._writing: list[Future[None]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._writer.shutdown(cancel_futures=True)
        if self._draft is not None:
            self._draft.discard()

    def lacking(self, passages: Sequence[Passage]) -> list[Passage]:
        """Those that should have a vector and have none."""
        languages = embedded_languages(self._embedder.languages)
        wanted = [one for one in passages if one.language in languages]
        return [one for one in wanted if one.id not in self._ids()] if wanted else []

    def orphans(self) -> frozenset[str]:
        """Vectors that no passage has."""
        return frozenset(self._ids() - self._catalogue.passage_ids())

    def expect(self, passages: int) -> None:
        """Says how many passages are still to come, for the progress."""
        self._expected = self.embedded + passages

    def embed(self, passages: Sequence[Passage]) -> None:
        """Gives a vector to those that lack one. They count once they are shown."""
        texts = {one.id: to_embed(one, self._embedder.languages) for one in self.lacking(passages)}
        wanted = {one: text for one, text in texts.items() if text is not None}
        if not wanted:
            return
        draft = self._drafted()
        self._expected = max(self._expected, self.embedded + len(wanted))
        vectors = self._embedder.encode(list(wanted.values()), self._advance)
        # Chroma builds its graph while the model works on what comes next.
        self._writing.append(self._writer.submit(draft.add, list(wanted), vectors))
        self._ids().update(wanted)

    @contextmanager
    def shown(self, leaving: Collection[str] = ()) -> Iterator[None]:
        """One transaction of the catalogue, from which on questions use what was embedded and no longer what leaves."""
        gone = self._ids().intersection(leaving) if leaving else frozenset[str]()
        draft = self._drafted() if gone else self._draft
        if draft is None:
            with self._catalogue.change():
                yield
            return
        for write in self._writing:
            write.result()
        self._writing.clear()
        draft.remove(sorted(gone))
        draft.close()
        made = Vectors(draft.name, self._embedder.name, self._recipe, self._embedder.languages)
        with self._catalogue.change():
            yield
            self._catalogue.use_vectors(made, self._role)
        self._base, self._draft = draft.name, None
        self._ids().difference_update(gone)
        draft.named()
        tidy(self._catalogue, self._shelves)

    def _advance(self, more: int) -> None:
        self.embedded += more
        self._progress(Step(self._stage, self.embedded, self._expected))

    def _ids(self) -> set[str]:
        if self._have is None:
            kept = self._catalogue.vectors(self._role)
            usable = kept is not None and kept.model == self._embedder.name and self._shelves.knows(kept.name)
            if kept is not None and usable:
                # What was made by an older recipe stays that until everything is made anew.
                self._base, self._recipe = kept.name, kept.recipe
            self._have = set() if self._base is None else self._in(self._base)
        return self._have

    def _in(self, name: str) -> set[str]:
        index = self._shelves.open(name)
        try:
            return set(index.ids())
        except VectorsUnavailable:
            # They are lost or broken. What was made of documents can be made again.
            self._base, self._recipe = None, embedded_by()
            return set()
        finally:
            index.close()

    def _drafted(self) -> Draft:
        if self._draft is None:
            self._ids()
            # What a run that was killed left behind may be what the disk has no room for.
            tidy(self._catalogue, self._shelves)
            self._draft = self._shelves.draft(self._base)
        return self._draft


def tidy(catalogue: Catalogue, shelves: Shelves) -> None:
    """Removes vectors that the catalogue does not name."""
    named = (catalogue.vectors("active"), catalogue.vectors("building"))
    shelves.tidy([one.name for one in named if one is not None])


def remove_vectors(catalogue: Catalogue, shelves: Shelves, ids: Collection[str]) -> None:
    """Removes vectors of passages that have left the catalogue. No model is needed for it."""
    active = catalogue.vectors()
    if active is None or not shelves.knows(active.name):
        return
    draft = shelves.draft(active.name)
    try:
        draft.remove(sorted(draft.ids().intersection(ids)))
        draft.close()
    except BaseException:
        draft.discard()
        raise
    with catalogue.change():
        catalogue.use_vectors(replace(active, name=draft.name))
    draft.named()
    tidy(catalogue, shelves)
