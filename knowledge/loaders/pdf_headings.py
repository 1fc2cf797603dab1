"""Which lines of a PDF are headings: those of its outline, or those whose letters stand out."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

import pypdfium2 as pdfium

from knowledge.language.detection import weight
from knowledge.loaders.clean import clean
from knowledge.loaders.headings import numbering
from knowledge.loaders.lines import ITEM, Line, is_full
from knowledge.loaders.prose import Marked

_LARGER, _TITLE_LARGER = 1.12, 1.25
_LEVELS = 4
_LONGEST = 24.0
_MOST_ENTRIES = 5_000
_NO_HEADING = re.compile(r"[。；;，,、.!！…]$")
_SENTENCE_END = re.compile(r"[。；;，,.]$")


def marked_headings(document: pdfium.PdfDocument, lines: Sequence[Line]) -> Marked:
    """The headings and the title among the lines."""
    marked = _by_size(lines)
    outlined = _by_outline(document, lines)
    if len(outlined) >= 3:
        marked.levels = {at: level for at, level in outlined.items() if at not in marked.title}
        marked.complete = True
    elif sum(numbering(lines[at].text) is not None for at in marked.levels) >= 3 or len(marked.levels) >= 6:
        marked.complete = True
    return marked


def _by_outline(document: pdfium.PdfDocument, lines: Sequence[Line]) -> dict[int, int | None]:
    on_page: dict[int | None, list[int]] = defaultdict(list)
    for at, line in enumerate(lines):
        on_page[line.page].append(at)
    found: dict[int, int | None] = {}
    for count, entry in enumerate(document.get_toc(max_depth=_LEVELS)):
        if count >= _MOST_ENTRIES:
            break
        destination = entry.get_dest()
        page = destination.get_index() if destination else None
        title = _bare(entry.get_title() or "")
        if page is None or not title:
            continue
        for at in on_page[page + 1]:
            taken = _taken(lines, at, title)
            if taken:
                found.update(dict.fromkeys(range(at, at + taken), entry.level + 1))
                break
    return found


def _taken(lines: Sequence[Line], at: int, title: str) -> int:
    """How many lines from this one on make up the title; 0 when they do not."""
    whole = ""
    for count in range(1, 4):
        if at + count > len(lines):
            return 0
        whole += _bare(lines[at + count - 1].text)
        if whole == title or (whole.endswith(title) and len(whole) <= len(title) + 8):
            return count
        if not title.startswith(whole):
            return 0
    return 0


def _bare(text: str) -> str:
    return re.sub(r"\W+", "", clean(text)).lower()


def _by_size(lines: Sequence[Line]) -> Marked:
    """Headings whose letters are larger than the text's, or bold; the largest of the first page are the title."""
    lengths: Counter[float] = Counter()
    for line in lines:
        lengths[line.size] += len(line.text)
    body = lengths.most_common(1)[0][0] if lengths else 0.0
    if not body:
        return Marked()
    title = _title(lines, body)
    large = [at for at, line in enumerate(lines) if at not in title and line.size >= _LARGER * body and _short(line)]
    sizes = sorted({round(lines[at].size) for at in large}, reverse=True)[:_LEVELS]
    levels: dict[int, int | None] = {
        at: sizes.index(round(lines[at].size)) + 1 for at in large if round(lines[at].size) in sizes
    }
    if sum(line.bold for line in lines) < 0.25 * len(lines):
        for at, line in enumerate(lines):
            if line.bold and at not in levels and at not in title and _stands_out(lines, at):
                levels[at] = len(sizes) + 1
    return Marked(levels=levels, title=title)


def _title(lines: Sequence[Line], body: float) -> frozenset[int]:
    first = [at for at, line in enumerate(lines) if line.page == lines[0].page][:12]
    largest = max((lines[at].size for at in first), default=0.0)
    if largest < _TITLE_LARGER * body:
        return frozenset()
    chosen = [at for at in first if lines[at].size >= 0.97 * largest]
    together = chosen[-1] - chosen[0] == len(chosen) - 1
    elsewhere = any(line.size >= 0.97 * largest and line.page != lines[0].page for line in lines)
    return frozenset(chosen) if together and len(chosen) <= 4 and not elsewhere else frozenset()


def _short(line: Line) -> bool:
    return (
        weight(line.text) <= _LONGEST and _SENTENCE_END.search(line.text) is None and any(map(str.isalpha, line.text))
    )


def _stands_out(lines: Sequence[Line], at: int) -> bool:
    """Whether a bold line is one by itself: not the beginning of a paragraph, nor a part of one."""
    line = lines[at]
    if not _short(line) or _NO_HEADING.search(line.text) or weight(line.text) > 14 or ITEM.match(line.text):
        return False
    before = lines[at - 1] if at else None
    if before is not None and before.page == line.page and not before.closed and is_full(before, line):
        return False
    after = lines[at + 1] if at + 1 < len(lines) else None
    return after is None or not is_full(line, after)
