"""Brings what is learned up to date with files: reads what changed, embeds what is new, swaps, and tidies up.

Nothing is half done at any moment: documents are swapped together with their vectors in one transaction of the
catalogue (see `shelves.py`), and what was made before a crash and never named there is thrown away by the next run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from knowledge.catalogue import Catalogue, Learned
from knowledge.document import Passage
from knowledge.errors import Unreadable
from knowledge.language.words import analysed
from knowledge.learning.chunker import passages
from knowledge.learning.growth import Growth, Pace
from knowledge.learning.recipe import made_by
from knowledge.learning.survey import Survey, Task
from knowledge.loaders import Limits
from knowledge.loaders.isolated import Reader
from knowledge.report import Progress, Step


@dataclass(frozen=True)
class Read:
    """A document that was read and cut; each passage with its terms."""

    learned: Learned
    passages: tuple[tuple[Passage, str], ...]


class Learning:
    """One run. `embed` False leaves the vectors to a later run. `clock` gives the time, aware."""

    def __init__(
        self,
        catalogue: Catalogue,
        growth: Growth,
        *,
        limits: Limits,
        pace: Pace,
        progress: Progress,
        embed: bool,
        clock: Callable[[], datetime],
    ) -> None:
        self._catalogue = catalogue
        self._growth = growth
        self._limits = limits
        self._pace = pace
        self._progress = progress
        self._clock = clock
        self._embed = embed
        self._shown = time.monotonic()
        self._stopped = False

    def learn(self, found: Survey) -> list[str]:
        """Does what a survey found; what cannot be read joins its `unreadable`. Gives the keys of what was learned."""
        learned: list[str] = []
        waiting: list[Read] = []
        self._swap((), found.gone)
        for key, folder in found.renamed:
            self._catalogue.rename_document(key, folder)
        if not found.tasks:
            return learned
        with ThreadPoolExecutor(1) as ahead, Reader(self._limits) as reader:
            batches = self._batches(found, reader)
            try:
                coming: Future[list[Read] | None] = ahead.submit(next, batches, None)
                while (batch := coming.result()) is not None:
                    coming = ahead.submit(next, batches, None)
                    if self._embed:
                        self._growth.embed([passage for read in batch for passage, _terms in read.passages])
                    waiting += batch
                    if time.monotonic() - self._shown > self._pace.keep_after_s:
                        learned += self._swap(waiting)
                        waiting = []
                learned += self._swap(waiting)
            finally:
                self._stopped = True
        return learned

    def _batches(self, found: Survey, reader: Reader) -> Iterator[list[Read]]:
        """What is read, in batches that are worth a run of the model."""
        batch: list[Read] = []
        for done, task in enumerate(found.tasks, start=1):
            if self._stopped:
                return
            try:
                batch.append(self._read(task, reader))
            except Unreadable as error:
                found.unreadable.append(error)
            self._progress(Step("reading", done, len(found.tasks)))
            if sum(len(read.passages) for read in batch) >= self._pace.batch:
                yield batch
                batch = []
        if batch:
            yield batch

    def _read(self, task: Task, reader: Reader) -> Read:
        document = reader.read(task.path, task.name)
        try:
            cut = {one.id: (one, analysed(one, document.aliases)) for one in passages(task.key, document)}
        except Exception as error:
            raise Unreadable(task.name, "damaged", detail=type(error).__name__) from error
        if not cut:
            raise Unreadable(task.name, "empty")
        learned = Learned(
            key=task.key,
            name=task.name,
            folder=task.folder.path,
            origin=task.folder.origin,
            access="",  # the folder's, which the catalogue fills in
            title=document.title,
            language=document.language,
            pages=document.pages,
            passages=len(cut),
            kind=document.kind,
            metrics=document.metrics,
            aliases=document.aliases,
            digest=task.digest,
            size=task.size,
            learned_at=self._clock().isoformat(timespec="seconds"),
            made_by=made_by(),
            pictured=len(document.pictured_pages),
        )
        return Read(learned, tuple(cut.values()))

    def _swap(self, reads: Sequence[Read], gone: Sequence[str] = ()) -> list[str]:
        """Shows what was read, and takes out what is gone, in one transaction with the vectors."""
        self._shown = time.monotonic()
        keys = [read.learned.key for read in reads]
        if not keys and not gone:
            return []
        old = {passage.id for key in (*keys, *gone) for passage in self._catalogue.of_document(key)}
        with self._growth.shown(old - {passage.id for read in reads for passage, _terms in read.passages}):
            if reads and not self._embed:
                self._catalogue.call_whole(False)
            for read in reads:
                self._catalogue.put_document(read.learned, read.passages)
            for key in gone:
                self._catalogue.remove_document(key)
        return keys
