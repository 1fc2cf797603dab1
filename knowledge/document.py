"""What is read from a file, and what is found again: documents, their blocks, and passages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Language = Literal["en", "zh"]


@dataclass(frozen=True)
class Block:
    """A paragraph, a list or a piece of a table, in reading order.

    `headings` is the path of headings above it, the outermost first, without the document's title. `page` counts
    from 1; None where the format has no pages (a slide is a page, a sheet is a heading).
    """

    text: str
    headings: tuple[str, ...] = ()
    page: int | None = None


@dataclass(frozen=True)
class Document:
    """A file as it was read.

    `language` is the one that most of it is written in. `aliases` are questions or other names that the document
    says it answers to. `metrics` are names of figures that it is about, and `kind` is what sort of page it is; both
    are given by the head of our own playbooks. `pictured_pages` hold a picture and no text, so that they were not read.
    """

    title: str
    language: Language
    blocks: tuple[Block, ...]
    pages: int | None = None
    aliases: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    kind: str = ""
    pictured_pages: tuple[int, ...] = field(default=())


@dataclass(frozen=True)
class Passage:
    """A piece of a document that can stand as an answer: a section, or a part of a long one.

    `id` follows from the document's key, the section and the text, so that a passage that did not change keeps it.
    `document` is the key of the document. `place` counts a document's passages from 0, in reading order; `section`
    is the path of headings, the outermost first. `text` is what is quoted from.
    """

    id: str
    document: str
    place: int
    title: str
    section: tuple[str, ...]
    page: int | None
    language: Language
    text: str
