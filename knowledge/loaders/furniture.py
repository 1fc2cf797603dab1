"""What a page carries beside its text: running heads, page numbers, addresses of the article, licences."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise

from knowledge.loaders.lines import ITEM, Line

_PATTERNS = (
    r"(?:doi\s*[:：]\s*|https?://(?:dx\.)?doi\.org/)10\.\d{4,}/\S+.{0,60}",
    r"(?:\d{1,4}\s+)?.{0,40}\bdoi\s*[:：]\s*10\.\d{4,}/\S+.{0,40}",
    r"(?:文章引用|引用本文|how to cite|cite this article|citation)\s*[:：].*",
    r"open access",
    r"(?:copyright\s*)?(?:©|\(c\))\s*\d{4}.{0,120}",
    r"copyright\s+\d{4}.{0,120}",
    r"(?:this work is )?licensed under .{0,160}",
    r"https?://creativecommons\.org/\S+",
    r"all rights reserved\.?",
    r"(?:page|p\.)\s*\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?",
    r"第\s*\d{1,4}\s*页(?:\s*[,，/]?\s*共\s*\d{1,4}\s*页)?",
    r"[-–—]\s*\d{1,4}\s*[-–—]",
    r"\d{1,4}\s*/\s*\d{1,4}",
    r"file:///\S+.{0,20}",  # what a browser prints at the head and foot of a page
    r"\d{1,2}/\d{1,2}/\d{2,4}, \d{1,2}:\d{2}(?: [AP]M)?\b.{0,120}",
    r"[-–—_=*~.·\s]{3,}",
    r".{2,80}?\s*(?:\.\s?|…|·\s?){5,}\s*\d{1,4}",
)
_FURNITURE = re.compile("|".join(f"(?:{pattern})" for pattern in _PATTERNS), re.IGNORECASE)
# One of these is in whatever matches; they are looked for first, since most lines have none.
_HINTS = (
    "doi",
    "©",
    "(c)",
    "copyright",
    "licen",
    "http",
    "file:",
    "cit",
    "引用",
    "open access",
    "rights",
    "..",
    "……",
    "··",
)
_MAY_BEGIN = re.compile(r"p|第|[-–—\d]|[\W_]+$", re.IGNORECASE)
_LONGEST_FURNITURE = 600
_NUMBER_ONLY = re.compile(r"\d{1,4}|[ivxlc]{1,6}", re.IGNORECASE)
_DIGITS = re.compile(r"\d{1,6}")
_BETWEEN = 4
_SHORT = 40
_LONGEST = 160
_EDGE = 3


def is_furniture(text: str) -> bool:
    """Whether a line by itself is known to be no part of the text."""
    if len(text) > _LONGEST_FURNITURE:
        return False
    lower = text.lower()
    if not _MAY_BEGIN.match(text) and not any(hint in lower for hint in _HINTS) and ". . ." not in text:
        return False
    return _FURNITURE.fullmatch(text) is not None


def without_furniture(lines: Sequence[Line]) -> list[Line]:
    """The lines that are the document's own."""
    dropped = {at for at, line in enumerate(lines) if is_furniture(line.text)}
    dropped |= _page_edges(lines) if any(line.page is not None for line in lines) else _running(lines)
    dropped |= _beside(lines, dropped)
    return [line for at, line in enumerate(lines) if at not in dropped]


def _beside(lines: Sequence[Line], dropped: set[int]) -> set[int]:
    """Short lines between two that are dropped, and page numbers next to one: the rest of a head or a foot."""
    beside: set[int] = set()
    known = sorted(dropped)
    for before, after in pairwise(known):
        between = range(before + 1, after)
        if len(between) < _BETWEEN and all(lines[at].columns <= _SHORT and not lines[at].closed for at in between):
            beside.update(between)
    for at in known:
        beside.update(
            near for near in (at - 1, at + 1) if 0 <= near < len(lines) and _NUMBER_ONLY.fullmatch(lines[near].text)
        )
    return beside


def _running(lines: Sequence[Line]) -> set[int]:
    """In a text without pages: page numbers that count up, and short lines that return again and again, apart."""
    numbers = [
        at for at, line in enumerate(lines) if line.text.isascii() and line.text.isdigit() and len(line.text) <= 4
    ]
    counted: set[int] = set()
    for before, after in pairwise(numbers):
        if int(lines[after].text) == int(lines[before].text) + 1 and after - before >= 8:
            counted |= {before, after}
    places = defaultdict(list)
    for at, line in enumerate(lines):
        if line.columns <= _SHORT * 1.5 and not line.closed and not ITEM.match(line.text):
            places[line.text].append(at)
    for found in places.values():
        if len(found) >= 4 and min(b - a for a, b in pairwise(found)) >= 12:
            counted |= set(found)
    return counted


def _page_edges(lines: Sequence[Line]) -> set[int]:
    """On pages: lines that return at the head or foot of many, and the numbers of pages there."""
    pages: dict[int | None, list[int]] = defaultdict(list)
    for at, line in enumerate(lines):
        pages[line.page].append(at)
    often = max(3, 0.25 * len(pages))
    usual = Counter(line.size for line in lines).most_common(1)[0][0] if lines else 0.0
    alike: dict[str, list[int]] = defaultdict(list)
    found: set[int] = set()
    for own in pages.values():
        edge, outermost = _edge(lines, own)
        for at in edge:
            if lines[at].columns <= _LONGEST:
                alike[_DIGITS.sub("#", lines[at].text)].append(at)
        if len(pages) > 1:
            found |= {at for at in outermost if _NUMBER_ONLY.fullmatch(lines[at].text)}
    for places in alike.values():
        small = all(lines[at].size <= 1.05 * usual for at in places)
        if len(places) >= often and (_same(lines, places) or (small and _counts_pages(lines, places))):
            found |= set(places)
    return found


def _edge(lines: Sequence[Line], own: Sequence[int]) -> tuple[set[int], set[int]]:
    """The lines of a page that may be its head or foot, and those that a bare number is one in."""
    margin = {at for at in own if lines[at].margin}
    if any(lines[at].margin is not None for at in own):
        return margin, margin
    return {*own[:_EDGE], *own[-_EDGE:]}, {own[0], own[-1]}


def _same(lines: Sequence[Line], places: Sequence[int]) -> bool:
    texts = Counter(lines[at].text for at in places)
    return texts.most_common(1)[0][1] >= 0.6 * len(places)


def _counts_pages(lines: Sequence[Line], places: Sequence[int]) -> bool:
    """Whether a number in the line goes up with the pages, and the line is no sentence."""
    if any(lines[at].closed for at in places):
        return False
    numbers = [[int(number) for number in _DIGITS.findall(lines[at].text)[:4]] for at in places]
    for position in range(len(numbers[0])):
        offsets = Counter(own[position] - (lines[at].page or 0) for own, at in zip(numbers, places, strict=True))
        if offsets.most_common(1)[0][1] >= 0.8 * len(places):
            return True
    return False
