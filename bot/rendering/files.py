"""Tables as CSV and XLSX files that open well in a spreadsheet and never run a formula."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from datetime import date
from pathlib import PurePath
from typing import TYPE_CHECKING

from bot.rendering.numbers import defined
from bot.rendering.tables import label

if TYPE_CHECKING:
    from bot.rendering.voice import Voice
    from tools.answer import Cell, Table

# A spreadsheet takes text that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]|[\u202a-\u202e\u2066-\u2069\u200e\u200f\ud800-\udfff]')
_RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d)$")
_MAX_STEM = 80


def to_csv(table: Table, voice: Voice) -> bytes:
    """The table as RFC 4180 CSV in UTF-8 with a byte-order mark, so that Excel reads Chinese.

    Numbers stay raw (a ratio is a fraction), dates are ISO, cells with a name of their own get it, and text that a
    spreadsheet would run as a formula gets a leading apostrophe.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_csv_cell(label(column, voice)) for column in table.columns])
    writer.writerows(
        [_csv_cell(voice.label_of(cell, column) or cell) for cell, column in zip(row, table.columns, strict=True)]
        for row in table.rows
    )
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", errors="replace")


def to_xlsx(table: Table, voice: Voice) -> bytes:
    """The table as a workbook: typed cells with a number format by unit, bold frozen header, widths to the content."""
    # Here, since openpyxl takes a while to load and most replies need no workbook.
    from bot.rendering.workbook import workbook

    return workbook(table, voice)


def safe_file_name(name: str, extension: str) -> str:
    """A file name without folders, controls or reserved names, that ends with `.extension`."""
    stem = _FORBIDDEN.sub("_", PurePath(unicodedata.normalize("NFC", name)).name)
    stem = re.sub(rf"(?i)\.(csv|xlsx|{re.escape(extension)})$", "", stem).strip(" ._")
    stem = re.sub(r"\s+", " ", stem)[:_MAX_STEM].rstrip(" .")
    if not stem or _RESERVED.match(stem):
        stem = f"table_{stem}" if stem else "table"
    return f"{stem}.{extension}"


def _csv_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        return (f"{cell:.15g}" if isinstance(cell, float) else str(cell)) if defined(cell) else ""
    if isinstance(cell, date):
        return cell.isoformat()
    text = str(cell).replace("\x00", "")
    # Also behind leading space: spreadsheets trim it.
    return "'" + text if text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA) else text
