"""A document cut into passages: along its headings, between sentences, each of a size that can be read as an answer."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from knowledge.document import Block, Document, Passage
from knowledge.language.detection import language_of, weight
from knowledge.language.sentences import spans
from knowledge.loaders.headings import is_keywords, is_question, is_references, is_sources

# In words; two Chinese characters count as one. A section up to LONGEST is one passage, a longer one is cut evenly.
WISHED = 170.0
LONGEST = 220.0
# A section below this is no answer on its own, unless its heading asks a question: it joins the one that follows.
TINY = 8.0
_MOST_KEYWORDS = 40.0

# What a cut costs beside the parts' unequal lengths (in squared parts of the wished length).
_WITHIN_PARAGRAPH = 0.15
_AFTER_LEAD_IN = 2.0
_WITHIN_LIST = 0.05
# No text of so many characters is within LONGEST.
_WINDOW = int(LONGEST * 10) + 1
# A part is never made of more pieces than this, so that a file of a million one-word lines is cut in bounded time.
_MOST_UNITS = 80
_ITEM = re.compile(r"(?:[-*•·●○■◆▪–]|\(?\d{1,3}[.)、）]|（\d{1,3}）|[①-⑳]|\[\d+\])\s*\S")


@dataclass(frozen=True)
class _Unit:
    """A sentence, or a piece of one that is too long: where it stands in its block, and what a cut before it costs."""

    block: int
    start: int
    end: int
    weight: float
    cut: float


@dataclass(frozen=True)
class _Section:
    headings: tuple[str, ...]
    blocks: tuple[Block, ...]
    gathered: bool = False

    @property
    def weight(self) -> float:
        return sum(weight(block.text) for block in self.blocks)


def passages(key: str, document: Document) -> tuple[Passage, ...]:
    """The passages of a document, in reading order.

    One never spans two sections, except that a section of a few words joins its neighbour, and never breaks a
    sentence, except one that is longer than a passage may be. Lists of references, of keywords and, at the end of a
    document, of sources are left out.
    `key` is the document's key; with the section and the text it gives the passage its id.
    """
    found: list[Passage] = []
    seen: Counter[tuple[tuple[str, ...], str]] = Counter()
    for section in _joined(_sections(document.blocks)):
        for page, text in _parts(section.blocks):
            occurrence = seen[section.headings, text]
            seen[section.headings, text] += 1
            found.append(
                Passage(
                    id=_identity(key, section.headings, text, occurrence),
                    document=key,
                    place=len(found),
                    title=document.title,
                    section=section.headings,
                    page=page,
                    language=language_of(text),
                    text=text,
                )
            )
    return tuple(found)


def _identity(key: str, section: tuple[str, ...], text: str, occurrence: int) -> str:
    written = "\x1f".join((key, *section, text, str(occurrence)))
    return hashlib.blake2b(written.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _sections(blocks: Sequence[Block]) -> list[_Section]:
    written = (block for block in blocks if block.text.strip())
    sections = [_Section(headings, tuple(group)) for headings, group in groupby(written, lambda block: block.headings)]
    if len(sections) > 1 and sections[-1].headings and is_sources(sections[-1].headings[-1]):
        sections.pop()
    return [section for section in sections if not _answers_nothing(section)]


def _answers_nothing(section: _Section) -> bool:
    """Whether a section only points elsewhere: what was cited, or an article's keywords."""
    if any(is_references(heading) for heading in section.headings):
        return True
    keywords = bool(section.headings) and is_keywords(section.headings[-1]) and section.weight < _MOST_KEYWORDS
    return keywords and not any(block.text.endswith((".", "。")) for block in section.blocks)


def _joined(sections: Sequence[_Section]) -> Iterator[_Section]:
    """Sections, each tiny one together with tiny neighbours, or with the section below that it only introduces."""
    waiting: _Section | None = None
    for section in sections:
        current = section
        if waiting is not None:
            shared = _shared(waiting.headings, section.headings)
            introduces = not waiting.gathered and shared == len(waiting.headings) and 0 < shared < len(section.headings)
            beside = shared >= min(len(waiting.headings), len(section.headings)) - 1 and _tiny(section)
            if introduces or beside:
                current = _together(waiting, section)
            else:
                yield waiting
        waiting = current if _tiny(current) else None
        if waiting is None:
            yield current
    if waiting is not None:
        yield waiting


def _tiny(section: _Section) -> bool:
    asks = bool(section.headings) and is_question(section.headings[-1])
    return not asks and all(len(block.text) < 200 for block in section.blocks) and section.weight < TINY


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _together(one: _Section, other: _Section) -> _Section:
    """Two sections as one: below the second's headings where the first only introduces it, or else below those that
    both share, and each keeps the rest of its headings in its text.
    """
    shared = _shared(one.headings, other.headings)
    if shared == len(one.headings):
        return _Section(other.headings, (*one.blocks, *other.blocks))
    path = one.headings[:shared]
    return _Section(path, (*_headed(one, len(path)), *_headed(other, len(path))), gathered=True)


def _headed(section: _Section, known: int) -> Iterator[Block]:
    below = section.headings[known:]
    first, *rest = section.blocks
    yield replace(first, text="\n".join((*below, first.text)))
    yield from rest


def _parts(blocks: tuple[Block, ...]) -> Iterator[tuple[int | None, str]]:
    units = list(_units(blocks))
    for first, last in _cuts(units):
        pieces = []
        for at, group in groupby(units[first:last], key=lambda unit: unit.block):
            own = list(group)
            pieces.append(blocks[at].text[own[0].start : own[-1].end])
        yield blocks[units[first].block].page, "\n\n".join(pieces)


def _units(blocks: Sequence[Block]) -> Iterator[_Unit]:
    previous = ""
    for at, block in enumerate(blocks):
        begin = 0
        for start, end in spans(block.text, language_of(block.text)):
            sentence = block.text[start:end]
            if begin and "\n" not in block.text[begin:start]:
                cut = _WITHIN_PARAGRAPH
            elif previous.endswith((":", "：")) and _ITEM.match(sentence):
                cut = _AFTER_LEAD_IN
            else:
                cut = _WITHIN_LIST if begin else 0.0
            for piece_start, piece_end, length in _pieces(block.text, start, end):
                yield _Unit(at, piece_start, piece_end, length, cut)
                cut = _WITHIN_PARAGRAPH
            previous, begin = sentence, end


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int, float]]:
    """A sentence with its weight, or one that is longer than a passage in pieces: by clauses, by words, or anyhow."""
    # Only a text of more than LONGEST characters can weigh more; longer ones are looked at a window at a time.
    while end - start > _WINDOW or weight(text[start:end]) > LONGEST:
        limit = start + _fitting(text[start : min(end, start + _WINDOW)])
        stop = _break(text, start, limit)
        yield start, stop, weight(text[start:stop])
        start = stop
        while start < end and text[start].isspace():
            start += 1
    if start < end:
        yield start, end, weight(text[start:end])


def _fitting(text: str) -> int:
    """How many characters of a text, from its beginning, a passage holds."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if weight(text[:middle]) <= LONGEST:
            low = middle
        else:
            high = middle - 1
    return low


def _break(text: str, start: int, limit: int) -> int:
    earliest = start + (limit - start) // 2
    for marks in ("；;", "，,、", " \t"):
        at = max(text.rfind(mark, earliest, limit) for mark in marks)
        if at > start:
            return at + 1
    return limit


def _cuts(units: Sequence[_Unit]) -> list[tuple[int, int]]:
    """Where to cut: the parts as near to one another in length as sentences, paragraphs and lists allow.

    Shortest path over the places between units; no part is longer than LONGEST unless it is one unit.
    """
    total = sum(unit.weight for unit in units)
    if total <= LONGEST:
        return [(0, len(units))] if units else []
    wished = total / max(2, round(total / WISHED))
    best = [0.0] + [float("inf")] * len(units)
    came = [0] * (len(units) + 1)
    for end in range(1, len(units) + 1):
        length = 0.0
        for start in range(end - 1, max(-1, end - 1 - _MOST_UNITS), -1):
            length += units[start].weight
            if length > LONGEST and start < end - 1:
                break
            cost = best[start] + ((length - wished) / wished) ** 2 + (units[start].cut if start else 0.0)
            if cost < best[end]:
                best[end], came[end] = cost, start
    cuts: list[tuple[int, int]] = []
    end = len(units)
    while end:
        cuts.append((came[end], end))
        end = came[end]
    return cuts[::-1]
