"""A sheet's rows as text: tables with their headers, notes between them, and questions with their answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from knowledge.language.detection import weight
from knowledge.loaders.draft import Draft
from knowledge.loaders.tables import looks_like_header, named_row, plain_row

_QUESTION = re.compile(r"(?:常见)?(?:问题|问|提问|q|questions?|faq)(?:\s*[（(].*[)）])?", re.IGNORECASE)
_ANSWER = re.compile(
    r"(?:标准|参考)?(?:答案|回答|答复|答|解答|回复|a|answers?|repl(?:y|ies)|responses?)(?:\s*[（(].*[)）])?",
    re.IGNORECASE,
)
_ROWS_AT_ONCE = 50
_LONGEST_TITLE = 12
"""In words."""


def read_grid(rows: Iterable[Sequence[str]], draft: Draft, *, level: int) -> None:
    """Reads the rows of a sheet; `level` is that of a question's heading, where it holds questions and answers."""
    for region in _regions(rows):
        _Region(region, draft, level).read()


def _regions(rows: Iterable[Sequence[str]]) -> Iterator[list[list[str]]]:
    """Tables of one sheet: an empty row parts them where a new header follows."""
    region: list[list[str]] = []
    gap = False
    for row in rows:
        tidy = [" ".join(cell.split()) for cell in row]
        if not any(tidy):
            gap = bool(region)
            continue
        if gap and _begins_table(tidy, region):
            yield region
            region = []
        gap = False
        region.append(tidy)
    if region:
        yield region


def _begins_table(row: Sequence[str], region: Sequence[Sequence[str]]) -> bool:
    """Whether a row after an empty one begins another table: other cells are filled than in the rows above."""
    filled = [bool(cell) for cell in row]
    if filled != [bool(cell) for cell in region[-1][: len(filled)]]:
        return True
    return looks_like_header(row, [row]) and any(not looks_like_header(above, [above]) for above in region[1:])


class _Region:
    def __init__(self, rows: list[list[str]], draft: Draft, level: int) -> None:
        self._rows = rows
        self._draft = draft
        self._level = level

    def read(self) -> None:
        rows = self._rows
        while len(rows) > 1 and sum(map(bool, rows[0])) == 1 and sum(map(bool, rows[1])) > 1:
            note = plain_row(rows[0])  # the table's own title, or a note above it
            if not self._draft.title and not self._draft.has_text and _is_title(note):
                self._draft.title = note
            self._draft.text(note)
            rows = rows[1:]
        asked = _questions_and_answers(rows)
        if asked is not None:
            question, answer, header = asked
            names = rows[0] if header else []
            for row in rows[1:] if header else rows:
                self._question(row, question, answer, names)
            return
        header = looks_like_header(rows[0], rows[1:])
        lines = [named_row(rows[0], row) if header else plain_row(row) for row in (rows[1:] if header else rows)]
        for start in range(0, len(lines), _ROWS_AT_ONCE):
            self._draft.text("\n".join(lines[start : start + _ROWS_AT_ONCE]))

    def _question(self, row: Sequence[str], question: int, answer: int, names: Sequence[str]) -> None:
        asked = row[question] if question < len(row) else ""
        answered = row[answer] if answer < len(row) else ""
        rest = [("" if at in (question, answer) else cell) for at, cell in enumerate(row)]
        if asked:
            self._draft.heading(asked, self._level)
        self._draft.text(f"{answered}\n{named_row(names, rest)}")


def _is_title(note: str) -> bool:
    return weight(note) <= _LONGEST_TITLE and not note.endswith((".", "。", ":", "：", ";", "；"))


def _questions_and_answers(rows: Sequence[Sequence[str]]) -> tuple[int, int, bool] | None:
    """The columns of questions and of answers, and whether a header names them; None for any other table."""
    first = rows[0]
    question = next((at for at, cell in enumerate(first) if _QUESTION.fullmatch(cell)), None)
    answer = next((at for at, cell in enumerate(first) if _ANSWER.fullmatch(cell)), None)
    if question is not None and answer is not None and len(rows) > 1:
        return question, answer, True
    if len(first) == 2:
        body = [row for row in rows if len(row) == 2 and all(row)]
        asking = sum(row[0].endswith(("?", "？")) for row in body)
        if len(body) >= 2 and asking >= 0.7 * len(body):
            return 0, 1, not first[0].endswith(("?", "？"))
    return None
