"""Plain-text hygiene and measures: what hostile strings may not carry, and how wide or long text is."""

from __future__ import annotations

import re
import unicodedata

from wcwidth import wcswidth, wcwidth

# Longest value shown inside a sentence; longer ones end with an ellipsis. Passages travel as citations.
MAX_VALUE = 1_000

# Controls, lone surrogates, non-characters, tags, and the marks that reorder or hide text around them.
_HIDDEN = re.compile(
    "[\u00ad\u061c\u115f\u1160\u180e\u3164\uffa0\U000e0000-\U000e007f"
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\uffff\ud800-\udfff]"
)
_NEWLINE = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SPACE = re.compile(r"\s+")
_HAN = "\u3400-\u9fff"
_PIECES = re.compile(
    rf"\s+|\d+[年月日至–]+|\d*[{_HAN}]{{1,4}}(?![{_HAN}])|[{_HAN}]{{2}}|[^\s{_HAN}]+(?:(?=[{_HAN}])|\s*)", re.DOTALL
)


def without_hidden(text: str) -> str:
    """`text` without control characters, lone surrogates and bidirectional overrides; line ends become `\\n`."""
    return _HIDDEN.sub("", _NEWLINE.sub("\n", text))


def one_line(text: str, limit: int = MAX_VALUE) -> str:
    """`text` as one clean line of at most `limit` characters."""
    if len(text) > 4 * limit:
        text = text[: 4 * limit]
        cut = True
    else:
        cut = False
    line = _SPACE.sub(" ", without_hidden(text)).strip()
    return line[: limit - 1].rstrip() + "…" if cut or len(line) > limit else line


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units, as Telegram counts."""
    return len(text) + sum(character > "\uffff" for character in text)


def width(text: str) -> int:
    """Columns that `text` takes in a monospaced font; CJK characters take two."""
    measured = wcswidth(text)
    return measured if measured >= 0 else sum(max(wcwidth(character), 0) for character in text)


def fit(text: str, columns: int) -> str:
    """`text` cut to at most `columns` columns, with an ellipsis where something was cut."""
    if width(text) <= columns:
        return text
    kept = ""
    for character in text:
        if width(kept + character) > columns - 1:
            break
        kept += character
    # A dangling joiner or combining mark would swallow the ellipsis.
    while kept and (kept[-1] == "\u200d" or unicodedata.combining(kept[-1])):
        kept = kept[:-1]
    return kept.rstrip() + "…"


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """`text` filled with spaces to `columns`; `right` aligns it to the right."""
    space = " " * max(columns - width(text), 0)
    return space + text if right else text + space


def pieces(text: str) -> list[str]:
    """`text` in parts between which a line may end: words, the parts of a date, two to four Chinese characters."""
    return _PIECES.findall(text)


def wrap(text: str, columns: int, lines: int) -> list[str]:
    """`text` in at most `lines` lines of `columns` columns, broken between pieces where it can be; the last is cut."""
    rest = text.strip()
    wrapped: list[str] = []
    while rest and len(wrapped) < lines - 1 and width(rest) > columns:
        head = ""
        for piece in pieces(rest):
            if width((head + piece).rstrip()) > columns:
                break
            head += piece
        if not head.strip():
            head = _fitting(rest, columns)
        if not head:
            break
        wrapped.append(head.rstrip())
        rest = rest[len(head) :].lstrip()
    return [*wrapped, fit(rest, columns)] if rest or not wrapped else wrapped


def _fitting(text: str, columns: int) -> str:
    head = ""
    for character in text:
        if width(head + character) > columns:
            break
        head += character
    return head
