"""The team's documents as one thing: learned, listed, searched and shown, by several threads and processes at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.catalogue import Catalogue, Folder, Learned
from knowledge.document import Language, Passage
from knowledge.errors import UnknownDocument, Unreadable
from knowledge.keys import SENT, SHIPPED, Places, holds, outermost
from knowledge.learning.growth import Growth, Pace
from knowledge.learning.sent import plain_name, put_in_place
from knowledge.loaders.limits import Limits
from knowledge.report import LearnReport, Preview, Progress, Section, State, Step
from knowledge.vectors.embedder import DEFAULT_MODEL
from knowledge.vectors.embedders import Embedders

if TYPE_CHECKING:
    from knowledge.retrieval.found import Found
    from knowledge.retrieval.reading import Reading
    from knowledge.vectors.shelves import Shelves

CATALOGUE = "catalogue.sqlite3"
CORPUS = Path(__file__).parent / "corpus"


class Library:
    """Blocking and thread-safe; opens nothing before first use, and makes no folder before something is learned.

    `folder` holds the index. `model` is the embedding model that `learn` uses (empty: the default one); questions use
    the model that the vectors were made with. `chroma_url` names a Chroma server; empty: vectors are kept in `folder`.
    `sent` is the folder of documents that came one by one; `shipped` holds those that come with the product.
    """

    def __init__(
        self,
        folder: Path,
        *,
        model: str = "",
        chroma_url: str = "",
        limits: Limits = Limits(),  # noqa: B008 - frozen
        sent: Path | None = None,
        shipped: Path | None = CORPUS,
        embedders: Embedders | None = None,
        pace: Pace = Pace(),  # noqa: B008 - frozen
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._folder = folder
        self._model = model or DEFAULT_MODEL
        self._chroma_url = chroma_url
        self._limits = limits
        own = {SENT: sent or folder.parent / SENT} | ({} if shipped is None else {SHIPPED: shipped})
        self._places = Places({name: path.absolute() for name, path in own.items()})
        self._clock = clock
        self._lock = threading.RLock()
        self._kept: Catalogue | None = None
        self._reading: Reading | None = None
        self._embedders = embedders or Embedders()
        self._pace = pace

    # --- Reading ----------------------------------------------------------------------------------------------

    def documents(self, readable: Collection[str]) -> tuple[Learned, ...]:
        """Those whose access label is among the readable ones, in the order of their names."""
        catalogue = self._catalogue()
        return () if catalogue is None else tuple(d for d in catalogue.documents().values() if d.access in readable)

    def contents(self, key: str, *, readable: Collection[str]) -> tuple[Passage, ...]:
        """A document's passages in reading order; none where it has left or may not be read."""
        catalogue = self._catalogue()
        if catalogue is None:
            return ()
        document = catalogue.documents().get(key)
        return () if document is None or document.access not in readable else catalogue.of_document(key)

    def find(
        self, question: str, *, readable: Collection[str], language: Language | None = None, limit: int = 10
    ) -> Found:
        """What answers, among the readable. Where the vectors cannot be used, what is found by words."""
        from knowledge.retrieval.found import Found

        reading = self._opened()
        if reading is None:
            return Found((), None, 0.0)
        return reading.find(question, readable=readable, language=language, limit=limit)

    def likely(self, question: str, *, readable: Collection[str]) -> float:
        """How probable it is that something readable answers, 0 to 1; cheap, and no model is loaded."""
        reading = self._opened()
        return 0.0 if reading is None else reading.retriever().likely(question, readable=readable)

    def section(self, passage_id: str, *, readable: Collection[str]) -> Section | None:
        """The whole section round a passage; None where it has left or may not be read."""
        catalogue = self._catalogue()
        found = catalogue.passages([passage_id]) if catalogue is not None else []
        if catalogue is None or not found:
            return None
        document = catalogue.documents().get(found[0].document)
        if document is None or document.access not in readable:
            return None
        return Section.round(found[0], catalogue.of_document(document.key), document)

    def state(self) -> State | None:
        """How it is; looks at the vectors, but loads no model. None: nothing was ever learned."""
        from knowledge.learning.condition import state_of

        catalogue = self._catalogue()
        return None if catalogue is None else state_of(catalogue, self._shelves(catalogue), self._model)

    def close(self) -> None:
        """Lets go of files; using it again opens them again."""
        with self._lock:
            if self._reading is not None:
                self._reading.close()
            if self._kept is not None:
                self._kept.close()
            self._reading = self._kept = None

    # --- Learning ---------------------------------------------------------------------------------------------

    def learn(
        self,
        paths: Sequence[Path] = (),
        *,
        access: str | None = None,
        embed: bool = True,
        progress: Progress | None = None,
    ) -> LearnReport:
        """Brings the library up to date with files and folders; without any, with all that are known.

        What comes with the product is learned along. `access` is given to each of the paths; None leaves what they
        have. `embed` False is done in seconds: what is new is found by words, and by meaning after the next run that
        embeds. Raises Busy, DiskFull, UnusableModel, VectorsUnavailable; a file that cannot be read is in the report.
        """
        with self._changing():
            catalogue = self._begun()
            within, missing = self._registered(catalogue, paths, access)
            report = self._run(catalogue, within, progress or _silent, stay=not embed, embed=embed)
        return replace(report, unreadable=(*missing, *report.unreadable))

    def learn_sent(
        self,
        file: Path,
        name: str,
        *,
        access: str | None = None,
        progress: Progress | None = None,
        patience_s: float = 0.0,
    ) -> LearnReport:
        """Keeps a file among the documents that came one by one, in the place of one with its name, and learns it.

        Its text and its access change in one moment. While somebody else learns, it waits for up to `patience_s`
        seconds, and says so as progress. Raises Unreadable (nothing is changed then), Busy, DiskFull, UnusableModel,
        VectorsUnavailable.
        """
        from knowledge.learning.survey import digest_of

        name = plain_name(name)
        progress = progress or _silent
        self.preview(file, name)
        with self._changing(patience_s, progress):
            catalogue = self._begun()
            key = f"{SENT}/{name}"
            with catalogue.change():
                catalogue.put_folder(Folder(SENT, "team", None))
                catalogue.leave_out([key], back=True)
                if access is not None:
                    # Before the file is in its place: whoever learns it, it comes with the access that it was sent for.
                    catalogue.promise_access(key, digest_of(file), access)
            put_in_place(file, self._places.path(key))
            # Moving to another model takes its time, and is for `learn` to do.
            report = self._run(catalogue, [key], progress, stay=True)
            for document in report.unchanged:
                catalogue.keep_promise(document)
        return report

    def preview(self, file: Path, name: str) -> Preview:
        """What learning it would bring; nothing is changed. Raises Unreadable."""
        from knowledge.learning.chunker import passages
        from knowledge.loaders.isolated import Reader

        name = plain_name(name)
        key = f"{SENT}/{name}"
        with Reader(self._limits) as reader:
            document = reader.read(file, name)
        cut = passages(key, document)
        if not cut:
            raise Unreadable(name, "empty")
        catalogue = self._catalogue()
        return Preview(name, document, cut, None if catalogue is None else catalogue.documents().get(key))

    def remove(self, name: str) -> tuple[Learned, ...]:
        """Takes a document, or a learned folder with its documents, out, by name, key or path; what left is returned.

        A folder is also known by the end of its path ("docs", "team/docs"). It stays out until it is given to `learn`
        by its path; a document that came by itself is deleted. Raises UnknownDocument, AmbiguousName, Busy, DiskFull,
        VectorsUnavailable.
        """
        from knowledge.learning.removal import remove

        with self._changing():
            catalogue = self._catalogue()
            if catalogue is None:
                raise UnknownDocument(name)
            return remove(catalogue, self._shelves(catalogue), self._places, name)

    def shipped_is_learned(self) -> bool:
        """Whether the documents that come with the product are learned as they are now; looks at files only."""
        from knowledge.learning.survey import up_to_date

        catalogue = self._catalogue()
        return catalogue is not None and up_to_date(catalogue, self._places, self._limits)

    def is_embedded(self) -> bool:
        """Whether what is learned can be found by meaning too, as far as the last run knew; no vectors are opened."""
        catalogue = self._catalogue()
        return catalogue is not None and catalogue.whole

    def folders(self) -> tuple[str, ...]:
        """The paths of the folders and files that were given to learn."""
        catalogue = self._catalogue()
        kept = () if catalogue is None else catalogue.folders()
        return tuple(str(self._places.path(folder.path)) for folder in kept if folder.path not in self._places.own)

    # --- Inside -----------------------------------------------------------------------------------------------

    @contextmanager
    def _changing(self, patience_s: float = 0.0, progress: Progress | None = None) -> Iterator[None]:
        """The right to change what is learned. Raises Busy, DiskFull."""
        from knowledge.learning.lock import learning
        from knowledge.learning.room import room

        tell = progress or _silent
        with (
            room(self._folder),
            learning(self._folder, patience_s=patience_s, waiting=lambda: tell(Step("waiting", 0, 0))),
        ):
            yield

    def _catalogue(self) -> Catalogue | None:
        """None: nothing was ever learned here."""
        with self._lock:
            file = self._folder / CATALOGUE
            if self._kept is None and file.is_file():
                self._kept = Catalogue(file)
            return self._kept

    def _begun(self) -> Catalogue:
        with self._lock:
            if self._kept is None:
                self._folder.mkdir(parents=True, exist_ok=True)
                self._kept = Catalogue(self._folder / CATALOGUE)
            return self._kept

    def _shelves(self, catalogue: Catalogue) -> Shelves:
        from knowledge.vectors.shelves import FolderShelves, ServerShelves

        if self._chroma_url:
            return ServerShelves(self._chroma_url, f"marketbot-{catalogue.home}")
        return FolderShelves(self._folder)

    def _opened(self) -> Reading | None:
        from knowledge.retrieval.reading import Reading

        with self._lock:
            catalogue = self._catalogue()
            if self._reading is None and catalogue is not None:
                self._reading = Reading(catalogue, self._shelves(catalogue), self._embedders, self._folder)
            return self._reading

    def _registered(
        self, catalogue: Catalogue, paths: Sequence[Path], access: str | None
    ) -> tuple[list[str] | None, list[Unreadable]]:
        """Notes folders down before anything in them is read. What is to be looked through, and what is not there."""
        missing: list[Unreadable] = []
        within: list[str] = []
        with catalogue.change():
            if SHIPPED in self._places.own:
                catalogue.put_folder(Folder(SHIPPED, "shipped", None))
            known = {folder.path: folder for folder in catalogue.folders()}
            for path in paths:
                if not path.exists():
                    missing.append(Unreadable(str(path), "missing"))
                    continue
                key = self._places.key(path.resolve())
                within.append(key)
                catalogue.leave_out([one for one in catalogue.left_out() if holds(key, one)], back=True)
                if access is not None or outermost(key, known) is None:
                    before = known.get(key, Folder(key, "team", None))
                    known[key] = before if access is None else replace(before, access=access)
                    catalogue.put_folder(known[key])
        if not paths:
            return None, missing
        return [*within, *([SHIPPED] if SHIPPED in self._places.own else [])], missing

    def _run(
        self,
        catalogue: Catalogue,
        within: Sequence[str] | None,
        progress: Progress,
        *,
        stay: bool = False,
        embed: bool = True,
    ) -> LearnReport:
        """`stay` keeps to the model that the vectors were made with, and mends nothing."""
        from knowledge.learning.learner import Learning
        from knowledge.learning.survey import clashes, survey
        from knowledge.learning.upkeep import mend, move

        found = survey(catalogue, self._places, self._limits, within)
        before = catalogue.documents()
        shelves = self._shelves(catalogue)
        active = catalogue.vectors()
        embedder = self._embedders.for_learning(active.model if stay and active else self._model, catalogue)
        moved = None if stay else move(catalogue, shelves, embedder, progress, self._pace)
        with Growth(catalogue, shelves, embedder, progress) as growth:
            run = Learning(
                catalogue,
                growth,
                limits=self._limits,
                pace=self._pace,
                progress=progress,
                embed=embed,
                clock=self._clock,
            )
            learned = run.learn(found)
            if not stay:
                mend(catalogue, growth, self._pace)
        reading = self._opened()
        if reading is not None:
            reading.prepare()
        after = catalogue.documents()
        return LearnReport(
            added=tuple(after[key] for key in learned if key not in before),
            changed=tuple(after[key] for key in learned if key in before),
            unchanged=tuple(after[key] for key in found.unchanged),
            removed=tuple(before[key] for key in found.gone),
            unreadable=tuple(found.unreadable),
            skipped=tuple(found.skipped),
            lost_folders=tuple(found.lost_folders),
            clashes=clashes(catalogue),
            embedded=growth.embedded + (moved or 0),
            moved_to=embedder.name if active is not None and active.model != embedder.name else None,
        )


def _silent(_step: Step) -> None:
    """Progress that nobody watches."""
