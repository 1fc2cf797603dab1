"""A table as text that reads without its lines: each row is "header: value; header: value"."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NUMERIC = re.compile(r"[-+(]?[$€£¥￥]?\s?\d[\d,.\s]*\s?[%％万亿KMB]?\)?")
_LONGEST_HEADER = 60


def rows_as_text(rows: Sequence[Sequence[str]], *, header: bool | None = None) -> str:
    """The rows, a line each. `header`: whether the first row names the columns; None when that is not known."""
    tidy = [[" ".join(cell.split()) for cell in row] for row in rows]
    tidy = [row for row in tidy if any(row)]
    if not tidy:
        return ""
    if header is None:
        header = looks_like_header(tidy[0], tidy[1:])
    if not header or len(tidy) == 1:
        return "\n".join(plain_row(row) for row in tidy)
    return "\n".join(named_row(tidy[0], row) for row in tidy[1:])


def looks_like_header(first: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """Whether a row names columns: every cell is filled, short, no number and different, and rows follow."""
    if not rest or len(first) < 2:
        return False
    filled = [cell for cell in first if cell]
    if len(filled) < len(first) - 1 or len(set(filled)) < len(filled):
        return False
    return all(len(cell) <= _LONGEST_HEADER and not _NUMERIC.fullmatch(cell) for cell in filled)


def named_row(names: Sequence[str], row: Sequence[str]) -> str:
    """ "Stage: lapsed; Action: win-back"; empty cells are left out, and a cell without a name stands alone."""
    padded = [*names, *[""] * max(0, len(row) - len(names))]
    return "; ".join(f"{name}: {cell}" if name else cell for name, cell in zip(padded, row, strict=False) if cell)


def plain_row(row: Sequence[str]) -> str:
    return "; ".join(cell for cell in row if cell)
