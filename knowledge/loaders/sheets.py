"""Workbooks: each sheet a heading, each row a line. Formulas are not evaluated; the values saved with them are read."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator
from typing import IO

from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from knowledge.document import Document
from knowledge.errors import Unreadable
from knowledge.loaders.clean import clean
from knowledge.loaders.draft import Draft
from knowledge.loaders.grids import read_grid

_CELL = re.compile(rb'<(?:\w{1,10}:)?c\s[^>]{0,150}?\br="([A-Z]{1,3})([0-9]{1,7})"')
_UNNAMED = re.compile(r"(?:sheet|table|tabelle|feuil|hoja|data|工作表|表格?|数据)?\s*\d*", re.IGNORECASE)
_MOST_CELLS = 5_000_000
_CHUNK = 1024 * 1024


def read(content: bytes, draft: Draft) -> Document:
    _check_extent(content, draft)
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
    filled = []
    for sheet in workbook.sheets_metadata:
        if sheet.typ != SheetTypeEnum.WorkSheet or sheet.visible != SheetVisibleEnum.Visible:
            continue
        rows = workbook.get_sheet_by_name(sheet.name).to_python(skip_empty_area=True)
        if any(cell != "" for row in rows for cell in row):
            filled.append(sheet.name)
            draft.heading(sheet.name, 1)
            read_grid(([_written(cell) for cell in row] for row in rows), draft, level=2)
    if not draft.title and len(filled) == 1 and not _UNNAMED.fullmatch(filled[0].strip()):
        draft.title = " ".join(clean(filled[0]).split())
    return draft.document(titled_by_heading=False)


def _check_extent(content: bytes, draft: Draft) -> None:
    """Refuses a sheet whose farthest cells span more than memory holds, however few of them are filled."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for part in archive.namelist():
            if not part.startswith("xl/worksheets/"):
                continue
            width = height = 0
            with archive.open(part) as opened:
                for chunk in _chunks(opened):
                    draft.count("")
                    for column, row in _CELL.findall(chunk):
                        width, height = max(width, _place(column)), max(height, int(row))
            if width * height > _MOST_CELLS:
                raise Unreadable(draft.name, "too_much_text", limit=draft.limits.characters)


def _chunks(opened: IO[bytes]) -> Iterator[bytes]:
    """A part in chunks that overlap a little, so that no cell is cut."""
    rest = b""
    while chunk := opened.read(_CHUNK):
        yield rest + chunk
        rest = chunk[-200:]


def _place(column: bytes) -> int:
    place = 0
    for letter in column:
        place = place * 26 + letter - 64
    return place


def _written(cell: object) -> str:
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return f"{cell:.10g}" if abs(cell) < 1e15 else str(cell)
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    if isinstance(cell, (dt.datetime, dt.date, dt.time)):
        return cell.isoformat(" ") if isinstance(cell, dt.datetime) else cell.isoformat()
    return str(cell)
