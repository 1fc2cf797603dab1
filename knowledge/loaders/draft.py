"""A document while it is read: headings and texts as they come, then settled into blocks below a path of headings."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from knowledge.document import Block, Document, Language
from knowledge.errors import Unreadable
from knowledge.language.detection import language_of, weight
from knowledge.loaders.clean import clean
from knowledge.loaders.headings import Numbering, is_named, is_references, numbering
from knowledge.loaders.limits import Limits
from knowledge.loaders.titles import titled_by_content, titled_by_name

_LONGEST_HEADING = 300
_DEEPEST = 6


@dataclass(frozen=True)
class Heading:
    """A heading; `level` counts from 1, None where only its number or name tells how deep it stands."""

    text: str
    level: int | None
    page: int | None = None


@dataclass(frozen=True)
class Text:
    text: str
    page: int | None = None


class Draft:
    """What a loader has read so far, in reading order and within the limits."""

    def __init__(self, name: str, limits: Limits) -> None:
        self.name = name
        self.limits = limits
        self.title = ""
        self.items: list[Heading | Text] = []
        self._characters = 0
        self._ends_at = time.monotonic() + limits.seconds

    @property
    def has_text(self) -> bool:
        return any(isinstance(item, Text) for item in self.items)

    def heading(self, text: str, level: int | None, page: int | None = None) -> None:
        """A heading; one that is as long as a paragraph is a paragraph."""
        text = " ".join(clean(text).split())
        if len(text) > _LONGEST_HEADING:
            self.text(text, page)
        elif text:
            self.count(text)
            self.items.append(Heading(text, level, page))

    def text(self, text: str, page: int | None = None) -> None:
        """A paragraph, or a list or a table of which each line is an item or a row."""
        lines = (" ".join(line.split()) for line in clean(text).splitlines())
        text = "\n".join(line for line in lines if line)
        if text:
            self.count(text)
            self.items.append(Text(text, page))

    def close(self) -> None:
        """What follows stands below no heading."""
        self.items.append(Heading("", 1))

    def count(self, text: str) -> None:
        """Adds to what was read; raises as `check` does."""
        self._characters += len(text)
        self.check(0)

    def check(self, more: int) -> None:
        """Whether `more` characters are still within the limits, and the time is.

        Raises:
            Unreadable: they are not.
        """
        if self._characters + more > self.limits.characters:
            raise Unreadable(self.name, "too_much_text", limit=self.limits.characters)
        if time.monotonic() > self._ends_at:
            raise Unreadable(self.name, "too_slow", limit=self.limits.seconds)

    def document(
        self, *, pages: int | None = None, pictured_pages: Sequence[int] = (), titled_by_heading: bool = True
    ) -> Document:
        """The document as read.

        Its title is `title`, or the heading that it begins with, or the file's name; where that is only numbers, what
        it is about.

        Raises:
            Unreadable: it has no text.
        """
        items = self.items
        if titled_by_heading:
            items = self._without_title(items)
        blocks = tuple(_blocks(items))
        if not blocks:
            raise Unreadable(self.name, "empty")
        return Document(
            title=self.title or titled_by_name(self.name) or self._title_by_content() or self.name,
            language=_main_language(blocks),
            blocks=blocks,
            pages=pages,
            pictured_pages=tuple(pictured_pages),
        )

    def _title_by_content(self) -> str:
        headings = [item.text for item in self.items if isinstance(item, Heading) and item.text]
        return titled_by_content(headings, [item.text for item in self.items if isinstance(item, Text)])

    def _without_title(self, items: list[Heading | Text]) -> list[Heading | Text]:
        first = next((item for item in items if isinstance(item, Heading) and item.text), None)
        if first is None:
            return items
        if not self.title and (first.level or 1) == 1 and not _has_own_place(first.text):
            self.title = first.text
        if first.text != self.title:
            return items
        rest = [item for item in items if item is not first]
        return rest or items


def _has_own_place(heading: str) -> bool:
    return is_named(heading) or numbering(heading) is not None


def _main_language(blocks: Iterable[Block]) -> Language:
    lengths: dict[Language, float] = defaultdict(float)
    for block in blocks:
        if not any(is_references(heading) for heading in block.headings):
            lengths[language_of(block.text)] += weight(block.text)
    return "zh" if lengths["zh"] > lengths["en"] else "en"


@dataclass
class _Open:
    """A heading that what follows stands below; `used` when something does."""

    text: str
    depth: tuple[str, int]
    parts: tuple[int, ...]
    level: int | None
    page: int | None
    used: bool = False


def _blocks(items: Sequence[Heading | Text]) -> Iterable[Block]:
    by_number = _by_number([item for item in items if isinstance(item, Heading)])
    path: list[_Open] = []
    for item in items:
        if isinstance(item, Text):
            if path:
                path[-1].used = True
            yield Block(item.text, tuple(heading.text for heading in path), item.page)
            continue
        if not item.text:
            yield from _closed(path, 0)
            continue
        number = numbering(item.text)
        kept = _above_by_number(path, item, number) if by_number else _above(path, item.level or 1)
        yield from _closed(path, kept)
        if path:
            path[-1].used = True
        if len(path) < _DEEPEST:
            depth = _depth(item, number) if by_number else ("", item.level or 1)
            path.append(_Open(item.text, depth, number.parts if number else (), item.level, item.page))
        else:
            yield Block(item.text, tuple(heading.text for heading in path), item.page)
    yield from _closed(path, 0)


def _closed(path: list[_Open], kept: int) -> Iterable[Block]:
    """Takes headings off the path; one with nothing below it (a slide that is a title only) is a text itself."""
    while len(path) > kept:
        closed = path.pop()
        if not closed.used:
            if path:
                path[-1].used = True
            yield Block(closed.text, tuple(heading.text for heading in path), closed.page)


def _by_number(headings: Sequence[Heading]) -> bool:
    """Whether numbers tell the depth: where levels are not given, or contradict the numbers (as after conversion)."""
    levels: dict[int, set[int]] = defaultdict(set)
    for heading in headings:
        number = numbering(heading.text)
        if heading.level is None:
            return True
        if number is not None and number.style.startswith("dotted"):
            levels[len(number.parts)].add(heading.level)
    if any(len(given) > 1 for given in levels.values()):
        return True
    ordered = [min(levels[depth]) for depth in sorted(levels)]
    return any(deeper <= above for above, deeper in pairwise(ordered))


def _above(path: Sequence[_Open], level: int) -> int:
    return next((at for at, heading in enumerate(path) if heading.depth[1] >= level), len(path))


def _depth(item: Heading, number: Numbering | None) -> tuple[str, int]:
    if number is not None:
        return number.style, 0
    return ("named", 0) if is_named(item.text) else ("plain", item.level or 1)


def _above_by_number(path: Sequence[_Open], item: Heading, number: Numbering | None) -> int:
    """How many headings of the path stay above this one.

    One way of numbering stands at one depth; the first of a new way stands below what is open. A heading known by
    its name (Abstract, 参考文献) stands at the top, and nothing that is numbered stands below it.
    """
    depth = _depth(item, number)
    if depth[0] == "named":
        return 0
    for at, heading in enumerate(path):
        if heading.depth == depth:
            return at
        if heading.depth[0] == "named" and (number is not None or (item.level or 9) <= (heading.level or 9)):
            return at
        if number is None and heading.depth[0] == "plain" and heading.depth[1] >= depth[1]:
            return at
        if number is not None and len(number.parts) > 1 and heading.parts:
            shared = number.parts[: len(heading.parts)]
            if heading.depth[0].startswith("dotted") and heading.parts != shared:
                return at
    return len(path)
