"""What came of learning, and what is known of a file before it is learned. No words, no formatting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from knowledge.catalogue import Learned
from knowledge.document import Document, Language, Passage
from knowledge.errors import Unreadable

Stage = Literal["waiting", "reading", "embedding", "reindexing"]


@dataclass(frozen=True)
class Step:
    """How far a stage is: `done` of `total` documents (reading) or passages (embedding, reindexing).

    Waiting for another learner counts nothing.
    """

    stage: Stage
    done: int
    total: int


Progress = Callable[[Step], None]


@dataclass(frozen=True)
class Skipped:
    """A file that was not looked into. `link`: it leads out of the folder that was given."""

    name: str
    reason: Literal["hidden", "unknown_format", "link"]


@dataclass(frozen=True)
class LearnReport:
    """What came of learning.

    `unreadable` files that were learned before keep their old passages. `lost_folders` are gone or empty as a whole
    (perhaps not mounted); their documents stay. `clashes` are names that more than one document has, with their keys.
    `embedded` counts the passages that the model was run on. `moved_to` is the model that questions use from now on,
    where that changed.
    """

    added: tuple[Learned, ...] = ()
    changed: tuple[Learned, ...] = ()
    unchanged: tuple[Learned, ...] = ()
    removed: tuple[Learned, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    lost_folders: tuple[str, ...] = ()
    clashes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    embedded: int = 0
    moved_to: str | None = None

    @property
    def learned(self) -> tuple[Learned, ...]:
        """Documents that are as they should be."""
        return (*self.added, *self.changed, *self.unchanged)


@dataclass(frozen=True)
class Preview:
    """A file as it would be learned. `replaces` is the document that has its name now."""

    name: str
    document: Document
    passages: tuple[Passage, ...]
    replaces: Learned | None

    @property
    def title(self) -> str:
        return self.document.title

    @property
    def language(self) -> Language:
        return self.document.language


@dataclass(frozen=True)
class Section:
    """The whole section round a passage: all passages in reading order that stand under the same headings."""

    document: Learned
    title: str
    path: tuple[str, ...]
    pages: tuple[int, int] | None
    text: str

    @classmethod
    def round(cls, passage: Passage, of_document: Sequence[Passage], document: Learned) -> Section:
        """`of_document` are the document's passages in reading order."""
        place = next(i for i, one in enumerate(of_document) if one.id == passage.id)
        first = last = place
        while first and of_document[first - 1].section == passage.section:
            first -= 1
        while last + 1 < len(of_document) and of_document[last + 1].section == passage.section:
            last += 1
        parts = of_document[first : last + 1]
        pages = [one.page for one in parts if one.page is not None]
        return cls(
            document=document,
            title=document.title,
            path=passage.section,
            pages=(min(pages), max(pages)) if pages else None,
            text="\n\n".join(one.text for one in parts),
        )


@dataclass(frozen=True)
class State:
    """How the library is. `model` is that of the active vectors, `set_model` the one that the settings name.

    `missing` counts passages that should have a vector and have none; None: the vectors cannot be reached, and
    `unreachable` says why. `outdated` counts documents that an older version of the product read and cut.
    """

    documents: int
    passages: int
    shipped: int
    model: str | None
    set_model: str
    languages: frozenset[Language]
    missing: int | None
    unreachable: str
    outdated: int
    reindexing: bool
