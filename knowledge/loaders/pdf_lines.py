"""The lines of a PDF's page, with where they stand and how large their letters are."""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

import pypdfium2 as pdfium
from pypdfium2 import raw

from knowledge.loaders.clean import clean
from knowledge.loaders.lines import Line

_BOLD = re.compile(r"bold|black|heavy|simhei|黑体", re.IGNORECASE)
_BOLD_WEIGHT = 600
_WINDOW = 8
_MARGIN = 0.1
_GAP = 1.4
_NAME_LENGTH = 128


def lines_of_page(page: pdfium.PdfPage, number: int) -> list[Line]:
    """The lines in the order in which the page holds them; those of one column know where it ends."""
    textpage = page.get_textpage()
    try:
        placed = _placed(textpage, number, page.get_height())
    finally:
        textpage.close()
    return _with_columns(placed)


def _placed(textpage: pdfium.PdfTextPage, number: int, height: float) -> list[tuple[Line, float]]:
    """Lines and the height of their foot on the page."""
    text = textpage.get_text_range(errors="replace")
    shifted = len(text) != textpage.count_chars()
    found = []
    begin = 0
    for written in re.split("\r\n|\n|\r", text):
        first, last = _edges(written)
        if first >= 0:
            # A hyphen at which a word is split comes as a mark of its own.
            line = clean(re.sub("[\ufffe\u00ad\x02]$", "-", written.rstrip())).strip()
            if line:
                places = (begin + first, begin + last)
                if shifted:
                    places = tuple(raw.FPDFText_GetCharIndexFromTextIndex(textpage, at) for at in places)
                placed, foot = _line(textpage, line, places[0], places[1])
                margin = not _MARGIN * height < foot < (1 - _MARGIN) * height
                found.append((replace(placed, page=number, margin=margin), foot))
        begin += len(written) + (2 if text[begin + len(written) : begin + len(written) + 2] == "\r\n" else 1)
    return found


def _edges(written: str) -> tuple[int, int]:
    bare = written.strip()
    if not bare:
        return -1, -1
    first = len(written) - len(written.lstrip())
    return first, first + len(bare) - 1


def _line(textpage: pdfium.PdfTextPage, text: str, first: int, last: int) -> tuple[Line, float]:
    left, bottom, right, _ = _box(textpage, first)
    _, _, end, _ = _box(textpage, last)
    return Line(text, None, left, max(end, right), size=_size(textpage, first), bold=_is_bold(textpage, first)), bottom


def _size(textpage: pdfium.PdfTextPage, at: int) -> float:
    """The size of a letter as it is drawn: its font's, as the page scales it."""
    matrix = raw.FS_MATRIX()
    raw.FPDFText_GetMatrix(textpage, at, matrix)
    return round(float(raw.FPDFText_GetFontSize(textpage, at)) * math.hypot(matrix.c, matrix.d), 1)


def _box(textpage: pdfium.PdfTextPage, at: int) -> tuple[float, float, float, float]:
    box = raw.FS_RECTF()
    if not raw.FPDFText_GetLooseCharBox(textpage, at, box):
        return 0.0, 0.0, 0.0, 0.0
    return float(box.left), float(box.bottom), float(box.right), float(box.top)


def _is_bold(textpage: pdfium.PdfTextPage, at: int) -> bool:
    if raw.FPDFText_GetFontWeight(textpage, at) >= _BOLD_WEIGHT:
        return True
    name = ctypes.create_string_buffer(_NAME_LENGTH)
    flags = ctypes.c_int()
    raw.FPDFText_GetFontInfo(textpage, at, name, _NAME_LENGTH, flags)
    return _BOLD.search(name.value.decode("utf-8", "replace")) is not None


def _with_columns(placed: Sequence[tuple[Line, float]]) -> list[Line]:
    """Lines with the right edge of their column, and with the gaps above them."""
    pitches = [before[1] - after[1] for before, after in pairwise(placed) if before[1] > after[1] + 1]
    usual = median(pitches) if pitches else 0.0
    lines = []
    for at, (line, foot) in enumerate(placed):
        near = [other for other, _ in placed[max(0, at - _WINDOW) : at + _WINDOW + 1]]
        beside = [other.end for other in near if abs(other.start - line.start) <= 6 * line.em and _alike(line, other)]
        down = placed[at - 1][1] - foot if at else 0.0
        gap = at > 0 and (down > _GAP * max(usual, line.size) or down < -line.size)
        lines.append(replace(line, right=max(beside, default=line.end), gap=gap))
    return lines


def _alike(line: Line, other: Line) -> bool:
    return abs(line.size - other.size) <= 0.1 * max(line.size, other.size)
