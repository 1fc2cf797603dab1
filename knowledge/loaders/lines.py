"""Lines as a page shows them, and whether one goes on in the next."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from knowledge.language.detection import HAN, WIDE

_CLOSERS = "\"'”’」』）)】》]"
_TERMINAL = frozenset("。！？.!?…：:；;")
_NOTE = re.compile(r"\[\d[\d,\- –]*\]$")
_COMMAS = frozenset(",，、(（“‘《")
_WIDE = re.compile(f"[{WIDE}]")
_BEGINS_WIDE = re.compile(f"[{WIDE}]")
_BEGINS_HAN = re.compile(f"[{HAN}]")
_FIRST_WORD = re.compile(rf"[^\s{WIDE}]+[{WIDE}]?|[{WIDE}]{{1,2}}")
_HYPHENATED = re.compile(r"([A-Za-z]+)-$")
_BEGINS_LOWER = re.compile(r"[a-z]+")
_WORD = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)?")
ITEM = re.compile(
    r"(?:[-*•·●○■□◆▪►➢✓–‣⁃\uf0b7\uf06c\uf0d8]\s+|[•●■◆▪►➢]|\[\d{1,3}\](?=[\s\w])|\(?\d{1,2}[.)、）]\s*(?=\D)|（\d{1,2}）|\(?[a-z]\)\s|[①-⑳])"
    r"(?=\s*\S)"
)

# How much of its column a line may leave free and still be full: more where it stops within a sentence.
_SLACK_CLOSED, _SLACK_OPEN = 0.03, 0.1
_WINDOW = 6
# What tells how a line ends is within so many characters of its end.
_TAIL = 40
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_NARROWEST, _WIDEST = 36, 200
_LONG = 60


@dataclass(frozen=True)
class Line:
    """A line, where it starts and ends, and where its column ends (in columns of text, or in points of a page).

    `right` is 0 where lines are not wrapped. `gap`: more space stands above than between a paragraph's lines.
    `size` is that of the letters, in points; 0 where it is not known. `margin`: it stands at the head or the foot of
    its page; None where that is not known.
    """

    text: str
    page: int | None
    start: float
    end: float
    right: float = 0.0
    gap: bool = False
    size: float = 0.0
    bold: bool = False
    margin: bool | None = None

    @cached_property
    def em(self) -> float:
        """The width of a narrow character."""
        return (self.end - self.start) / max(1, self.columns)

    @cached_property
    def columns(self) -> int:
        """How wide the text is when a Chinese character is as wide as two letters."""
        return columns(self.text)

    @cached_property
    def closed(self) -> bool:
        """Whether the line ends as a sentence or a lead-in does."""
        tail = self.text[-_TAIL:]
        bare = (_NOTE.sub("", tail) if tail[-1] == "]" else tail).rstrip(_CLOSERS)
        return bare[-1:] in _TERMINAL


def columns(text: str) -> int:
    """How wide a text is when a Chinese character is as wide as two letters."""
    return len(text) if text.isascii() else len(text) + len(_WIDE.findall(text))


def of_text(text: str, page: int | None) -> list[Line]:
    """The lines of a plain text, without empty ones; `right` is not known yet."""
    lines = []
    gap = True
    for raw in text.split("\n"):
        stripped = raw.strip()
        if not stripped:
            gap = True
            continue
        start = 0
        if raw[0].isspace():
            expanded = raw.expandtabs(4)
            start = len(expanded) - len(expanded.lstrip())
        lines.append(Line(stripped, page, start, start + columns(stripped), gap=gap))
        gap = False
    return lines


def with_right(lines: Sequence[Line]) -> list[Line]:
    """Lines of a plain text with the column at which those around each are wrapped; 0 when they are not wrapped."""
    long = sorted(line.end for line in lines if line.end >= _NARROWEST)
    if not long:
        return list(lines)
    edge = long[int(len(long) * 0.8)]
    near = [line for line in lines if 0.8 * edge <= line.end <= 1.15 * edge]
    within = sum(not line.closed for line in near)
    if edge > _WIDEST or len(near) < 3 or within < 0.35 * len(near):
        return list(lines)
    # Chinese and English lines of one width differ in columns: each looks at its own kind.
    placed = list(lines)
    for chinese in (True, False):
        own = [at for at, line in enumerate(lines) if _is_chinese(line.text) is chinese]
        ends = [lines[at].end if lines[at].end <= 1.3 * edge else 0.0 for at in own]
        for place, at in enumerate(own):
            right = max(ends[max(0, place - _WINDOW) : place + _WINDOW + 1])
            line = lines[at]
            placed[at] = Line(line.text, line.page, line.start, line.end, max(right, 0.7 * edge), line.gap)
    return placed


def _is_chinese(text: str) -> bool:
    return 3 * len(_WIDE.findall(text)) > len(text)


def gaps_mean_breaks(lines: Sequence[Line]) -> bool:
    """Whether a gap parts paragraphs: not where a blank line follows each wrapped line, as in text from some PDFs."""
    inside = [after.gap for line, after in pairwise(lines) if is_full(line, after) and not line.closed]
    return len(inside) < 3 or sum(inside) < 0.4 * len(inside)


def is_full(line: Line, after: Line) -> bool:
    """Whether the line is as long as its column allows: the first word of the next would not have found room."""
    if not line.right:
        return False
    word = _FIRST_WORD.match(after.text)
    room = line.right - line.end
    slack = line.right * (_SLACK_CLOSED if line.closed else _SLACK_OPEN)
    return columns(word.group() if word else "") * line.em + slack >= room


def goes_on(line: Line, after: Line, gaps_mean: bool) -> bool:
    """Whether `after` is part of the paragraph that `line` is part of."""
    if ITEM.match(after.text):
        # A number in brackets at the beginning of a line may also be a note's, moved down from the line above.
        return after.text.startswith("[") and not line.text.startswith("[") and not line.closed and is_full(line, after)
    lower = _BEGINS_LOWER.match(after.text) is not None
    if lower and line.text[-1] == "-" and _HYPHENATED.search(line.text[-_TAIL:]):
        return True
    full, closed = is_full(line, after), line.closed
    if after.page != line.page or (after.gap and gaps_mean):
        if closed:
            return False
        return (line.right > 0 and full) or _within_sentence(line, after)
    if line.size and after.size and abs(line.size - after.size) > 0.12 * line.size:
        return False
    indented = after.start > line.start + 1.5 * line.em
    if full:
        return not (closed and indented)
    return not closed and (lower or _may_be_wrapped(line, after))


def _may_be_wrapped(line: Line, after: Line) -> bool:
    """Whether a long Chinese line that stops without a mark goes on, where too few lines tell how wide they are."""
    long = not line.right and line.columns >= max(_LONG, after.columns - 4)
    return long and _BEGINS_HAN.match(line.text[-1]) is not None


def _within_sentence(line: Line, after: Line) -> bool:
    if line.text[-1] in _COMMAS:
        return True
    if line.columns < _LONG:
        return False
    if _BEGINS_LOWER.match(after.text):
        return True
    sure = _BEGINS_HAN.match(line.text[-1]) is not None or line.columns >= 2 * _LONG
    return sure and _BEGINS_HAN.match(after.text) is not None and not line.right


class Joiner:
    """Puts the lines of a paragraph together: Chinese without a space, English with one, split words whole again.

    A word that is split at a line's end loses its hyphen when the whole stands elsewhere in the document, or is
    unlikely to have one.
    """

    def __init__(self, lines: Iterable[Line]) -> None:
        texts = [line.text for line in lines]
        self._words: set[str] = set()
        if not any(text[-1:] == "-" for text in texts):
            return
        before = ""
        for text in texts:
            # The two halves of a split word are no words.
            whole = text[:-_TAIL] + _HYPHENATED.sub("", text[-_TAIL:]) if text[-1:] == "-" else text
            whole = whole.lstrip(_LETTERS) if before[-1:] == "-" else whole
            self._words.update(word.lower() for word in _WORD.findall(whole))
            before = text

    def join(self, texts: Sequence[str]) -> str:
        """The texts as one."""
        return self.joined(texts)[0]

    def joined(self, texts: Sequence[str]) -> tuple[str, list[int]]:
        """The texts as one, and where each of them begins in it."""
        pieces: list[str] = []
        begins: list[int] = []
        length = 0
        for text in texts:
            before = pieces[-1] if pieces else ""
            gap = "" if not before or _BEGINS_WIDE.match(before[-1]) or _BEGINS_WIDE.match(text) else " "
            left = _HYPHENATED.search(before[-_TAIL:]) if gap and before[-1] == "-" else None
            right = _BEGINS_LOWER.match(text)
            if left and right:
                gap = ""
                if self._is_one_word(left[1].lower(), right.group()):
                    pieces[-1] = before[:-1]
                    length -= 1
            pieces.append(gap + text)
            begins.append(length + len(gap))
            length += len(gap) + len(text)
        return "".join(pieces), begins

    def _is_one_word(self, left: str, right: str) -> bool:
        if left + right in self._words:
            return True
        if f"{left}-{right}" in self._words:
            return False
        return not (left in self._words and right in self._words)
