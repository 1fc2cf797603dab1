"""Lines made whole again: furniture out, headings found, wrapped lines joined, lists together."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from knowledge.language.detection import language_of, weight
from knowledge.language.sentences import spans
from knowledge.loaders.draft import Draft
from knowledge.loaders.furniture import without_furniture
from knowledge.loaders.headings import (
    Numbering,
    close_up,
    heading_and_text,
    is_keywords,
    is_named,
    is_references,
    numbering,
)
from knowledge.loaders.lines import ITEM, Joiner, Line, columns, gaps_mean_breaks, goes_on, is_full

_UNDERLINE = re.compile(r"[=]{3,}|[-]{3,}")
_ATX = re.compile(r"(#{1,6})\s+(\S.*?)\s*#*")
_NO_HEADING = frozenset("。；;，,、.!！:：…")
# No line with more characters is looked at as a heading.
_LONGEST_LINE = 240
_LONGEST_HEADING = 24.0
_LONGEST_TITLE = 30.0


@dataclass
class _Paragraph:
    lines: list[Line]
    item: bool = False


@dataclass
class Marked:
    """Headings that a format tells by itself: the place of the line → its level; None where only numbers tell it.

    `complete`: there are so many that of the other lines only those are taken for headings that say so most plainly.
    """

    levels: dict[int, int | None] = field(default_factory=dict)
    title: frozenset[int] = frozenset()
    complete: bool = False


def mend(lines: Sequence[Line], draft: Draft) -> None:
    """Reads the lines of a plain text into `draft`."""
    own = without_furniture(lines)
    Prose(own, draft).read(Marked(title=frozenset({0} if first_is_title(own) else ())))


class Prose:
    """Reads lines into a draft, one paragraph after another."""

    def __init__(self, lines: Sequence[Line], draft: Draft) -> None:
        self._lines = lines
        self._draft = draft
        self._joiner = Joiner(lines)
        self._gaps_mean = gaps_mean_breaks(lines)
        self._numbers: dict[str, tuple[int, ...]] = {}
        self._in_references = False
        self._open: list[_Paragraph] = []
        # Keywords are one paragraph, and the text that follows them is often without a heading.
        self._closes = False

    def read(self, marked: Marked) -> None:
        """Reads the lines, with the headings that are `marked` and those that only their look tells."""
        titles = [self._lines[at].text for at in sorted(marked.title)]
        if titles:
            self._draft.title = self._draft.title or self._joiner.join(titles)
        at = 0
        while at < len(self._lines):
            if at in marked.title:
                at += 1
                continue
            at += self._step(at, marked)
        self._flush()

    def _step(self, at: int, marked: Marked) -> int:
        """Reads the line at this place; how many lines that took."""
        line = self._lines[at]
        if at in marked.levels:
            return self._marked_heading(at, marked)
        named = heading_and_text(line.text)
        if named and not self._continues(line):
            self._heading(named[0], None, line.page)
            self._closes = is_keywords(named[0])
            start = line.start + (line.columns - columns(named[1])) * line.em
            self._paragraph(Line(named[1], line.page, start, line.end, line.right, False, line.size))
            return 1
        after = self._lines[at + 1] if at + 1 < len(self._lines) else None
        taken = 0
        if len(line.text) <= _LONGEST_LINE and not self._mid_sentence(line):
            taken = self._written_heading(line, after, marked)
        if not taken:
            self._paragraph(line)
        return taken or 1

    def _marked_heading(self, at: int, marked: Marked) -> int:
        taken = 1
        while self._same_heading(at, at + taken, marked):
            taken += 1
        texts = [one.text for one in self._lines[at : at + taken]]
        self._heading(self._joiner.join(texts), marked.levels[at], self._lines[at].page)
        return taken

    def _written_heading(self, line: Line, after: Line | None, marked: Marked) -> int:
        """Reads a heading that its marks or its look tell; 0 when it is none."""
        hashed = _ATX.fullmatch(line.text) if line.text[0] == "#" else None
        if hashed:
            self._heading(hashed[2], len(hashed[1]), line.page)
            return 1
        underlined = after is not None and not after.gap and _UNDERLINE.fullmatch(after.text)
        if after and underlined and weight(line.text) < _LONGEST_HEADING:
            self._heading(line.text, 1 if after.text[0] == "=" else 2, line.page)
            return 2
        if marked.complete and not is_named(line.text) and not _is_below(numbering(line.text)):
            return 0
        if not self._looks_like_heading(line, after):
            return 0
        self._heading(close_up(line.text), None, line.page)
        return 1

    def _same_heading(self, first: int, at: int, marked: Marked) -> bool:
        """Whether a marked heading goes on in this line: same level, same letters, no gap, no number of its own."""
        if at not in marked.levels or marked.levels[at] != marked.levels[first]:
            return False
        one, other = self._lines[at - 1], self._lines[at]
        same = one.page == other.page and not other.gap and abs(one.size - other.size) < 0.5 and one.size > 0
        return same and numbering(other.text) is None and is_full(one, other)

    def _heading(self, text: str, level: int | None, page: int | None) -> None:
        self._flush()
        number = numbering(text)
        if number:
            self._numbers[number.style] = number.parts
            for style in [style for style in self._numbers if _restarts_below(number.style, style)]:
                del self._numbers[style]
        self._in_references = is_references(text)
        self._draft.heading(text, level, page)

    def _paragraph(self, line: Line) -> None:
        if self._continues(line):
            self._open[-1].lines.append(line)
            return
        item = ITEM.match(line.text) is not None
        if self._open and not (item and self._open[-1].item):
            self._flush()
        self._open.append(_Paragraph([line], item))

    def _continues(self, line: Line) -> bool:
        if not self._open:
            return False
        last = self._open[-1]
        if goes_on(last.lines[-1], line, self._gaps_mean):
            return True
        hanging = line.start > last.lines[0].start + line.em and not line.gap and not ITEM.match(line.text)
        return last.item and (hanging or (self._in_references and not ITEM.match(line.text)))

    def _looks_like_heading(self, line: Line, after: Line | None) -> bool:
        if self._in_references and ITEM.match(line.text):
            return False
        if is_named(line.text):
            return True
        if line.text[-1] in _NO_HEADING or weight(line.text) > _LONGEST_HEADING:
            return False
        number = numbering(line.text)
        if number is None:
            return self._stands_alone(line, after)
        if after is not None and _next_in_list(number, numbering(after.text), after):
            return False
        if self._open and self._open[-1].item and ITEM.match(line.text) and not line.gap:
            return False
        return self._in_sequence(number)

    def _mid_sentence(self, line: Line) -> bool:
        if not self._open:
            return False
        before = self._open[-1].lines[-1]
        return not before.closed and is_full(before, line) and before.page == line.page

    def _in_sequence(self, number: Numbering) -> bool:
        """Whether this number may follow the ones before it: "2.3" after "2.2", not "3.5" out of nowhere."""
        *above, own = number.parts
        if own > 60:
            return False
        if own <= 1:
            return True
        last = self._numbers.get(number.style)
        if last is None:
            return bool(above) and self._numbers.get(f"dotted {len(above)}") == tuple(above) and own <= 3
        return list(last[:-1]) == above and last[-1] < own <= last[-1] + 3

    def _stands_alone(self, line: Line, after: Line | None) -> bool:
        """A short line between gaps above a paragraph: a heading that has no number."""
        if not self._gaps_mean or after is None or not line.gap or not after.gap or line.page != after.page:
            return False
        if ITEM.match(line.text) or ITEM.match(after.text) or weight(line.text) > 14 or "|" in line.text:
            return False
        long_enough = weight(after.text) >= 2 * weight(line.text) + 4
        return (
            long_enough and (after.closed or after.right > 0) and not (line.text[0].islower() or line.text[0].isdigit())
        )

    def _flush(self) -> None:
        if self._open and self._open[0].item:
            items = "\n".join(self._joiner.join([line.text for line in one.lines]) for one in self._open)
            self._draft.text(items, self._open[0].lines[0].page)
        elif self._open:
            for page, text in self._by_page(self._open[0].lines):
                self._draft.text(text, page)
        if self._closes and self._open:
            self._draft.close()
            self._closes = False
        self._open = []

    def _by_page(self, lines: Sequence[Line]) -> Iterator[tuple[int | None, str]]:
        """A paragraph; one that goes over pages in parts, each sentence on the page where it begins."""
        text, starts = self._joiner.joined([line.text for line in lines])
        begins = [(start, line.page) for start, line in zip(starts, lines, strict=True)]
        begins = [one for at, one in enumerate(begins) if not at or one[1] != begins[at - 1][1]]
        if len(begins) == 1:
            yield begins[0][1], text
            return
        start, page = 0, begins[0][1]
        for begin, _ in spans(text, language_of(text)):
            own = begins[bisect_right(begins, begin, key=itemgetter(0)) - 1][1]
            if own != page:
                yield page, text[start:begin]
                start, page = begin, own
        yield page, text[start:]


def _restarts_below(above: str, style: str) -> bool:
    """Whether counting in `style` begins anew after a heading numbered in the style `above`: "3.1" after "3"."""
    return above.startswith("dotted") and style.startswith("dotted") and style > above


def _is_below(number: Numbering | None) -> bool:
    """Whether a number is one that headings have and the items of a list have not: "2.1", （一）."""
    return number is not None and (len(number.parts) > 1 or number.style in ("chinese", "bracketed"))


def _next_in_list(number: Numbering, following: Numbering | None, after: Line) -> bool:
    """Whether the next line is the next item of one list: two headings of one level in a row are none."""
    if following is None or following.style != number.style or after.gap:
        return False
    return following.parts[:-1] == number.parts[:-1] and following.parts[-1] == number.parts[-1] + 1


def first_is_title(lines: Sequence[Line]) -> bool:
    """Whether a text begins with its title: a short line that is no sentence, no heading and not wrapped."""
    if len(lines) < 2:
        return False
    first, second = lines[0], lines[1]
    if is_named(first.text) or numbering(first.text) or heading_and_text(first.text) or _ATX.fullmatch(first.text):
        return False
    if ITEM.match(first.text) or first.text[-1] in _NO_HEADING or weight(first.text) > _LONGEST_TITLE:
        return False
    return not is_full(first, second) and not (first.right == 0 and second.text[0].islower())
