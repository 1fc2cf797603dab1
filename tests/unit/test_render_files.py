"""Files that open well in a spreadsheet and never run a formula."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime

import openpyxl
import pytest

from bot.rendering.files import safe_file_name, to_csv, to_xlsx
from bot.rendering.voice import Voice
from tools.answer import Column, Table
from tools.messages import Label

HOSTILE = ["=1+1", "+44 20", "-x", "@SUM(A1)", "\t=1", " =1", 'a,"b"\r\nc', "德国", "#N/A", "\x00\x0bx", "\ud800", ""]
TABLE = Table(
    (
        Column("name", Label("Name", "名称")),
        Column("sales", Label("=Net sales", "净销售额"), "GBP"),
        Column("share", Label("Share"), "ratio"),
        Column("day", Label("Day"), grain="day"),
        Column("at", Label("At")),
    ),
    tuple(
        (name, 1.5 - i, None if i % 2 else 0.25, date(2011, 12, 9), datetime(2011, 12, 9, 12, 50))
        for i, name in enumerate(HOSTILE)
    ),
    len(HOSTILE),
)


def test_csv_is_rfc_4180_in_utf8_with_a_mark() -> None:
    content = to_csv(TABLE, Voice("zh"))
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows[0][:2] == ["名称", "净销售额"]
    assert rows[1] == ["'=1+1", "1.5", "0.25", "2011-12-09", "2011-12-09T12:50:00"]
    assert rows[3][:2] == ["'-x", "-0.5"], "text is neutralised, a negative number stays a number"
    assert rows[7][0] == HOSTILE[6]
    assert not any(cell.lstrip().startswith(("=", "+", "@")) for row in rows for cell in row)
    assert content.endswith(b"\r\n")


def test_xlsx_holds_strings_as_strings_and_types_as_types() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx(TABLE, Voice("en")))).active
    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].font.bold
    assert (sheet["B1"].value, sheet["B1"].data_type) == ("=Net sales", "s")
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("=1+1", "s")
    assert (sheet["A10"].value, sheet["A10"].data_type) == ("#N/A", "s")
    assert sheet["A11"].value == "x"
    assert (sheet["B2"].value, sheet["B2"].number_format) == (1.5, '"£"#,##0.00')
    assert sheet["C3"].value is None
    assert sheet["D2"].value == datetime(2011, 12, 9)
    assert sheet["D2"].number_format == "yyyy-mm-dd"
    assert not [cell for row in sheet for cell in row if cell.data_type == "f"]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("churn.csv", "churn.csv"),
        ("../../etc/pass\x00wd.csv", "pass_wd.csv"),
        ("流失 客户.xlsx", "流失 客户.csv"),
        ("", "table.csv"),
        ("...", "table.csv"),
        ("con", "table_con.csv"),
        ("a\u202efdp.csv", "a_fdp.csv"),
        ("x" * 500, "x" * 80 + ".csv"),
    ],
)
def test_file_names(name: str, safe: str) -> None:
    assert safe_file_name(name, "csv") == safe
