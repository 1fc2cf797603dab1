"""Files and databases of every kind, whole and broken."""

from __future__ import annotations

import gzip
import sqlite3
from datetime import datetime
from pathlib import Path

import duckdb
import openpyxl
import pytest

from tests.unit.import_cases import HEADER, ROWS, SOURCE, mapping_text, run_import, stored, write_csv
from tools.errors import ImportFailed
from tools.warehouse.sources import without_password

EXPECTED = [("1", "A", 3.0), ("2", "A", 1.5), ("2", "B", 3.0)]
TEXT = "\n".join([HEADER, *ROWS]) + "\n"


def lines(folder: Path) -> list[tuple[str, str, float]]:
    return stored(folder, "SELECT order_id, product_id, amount FROM order_lines ORDER BY ALL")


def parquet(folder: Path, rows: int = 3) -> Path:
    path = folder / "lines.parquet"
    csv = write_csv(folder, [ROWS[n % 3] for n in range(rows)], name="for_parquet.txt")
    duckdb.connect().execute(f"COPY (FROM read_csv('{csv}', header = true)) TO '{path}' (FORMAT parquet)")
    csv.unlink()
    return path


def workbook(folder: Path, sheets: tuple[str, ...] = ("Lines",)) -> Path:
    book = openpyxl.Workbook()
    for number, name in enumerate(sheets):
        sheet = book.active if number == 0 else book.create_sheet()
        assert sheet is not None
        sheet.title = name
        sheet.append(HEADER.split(","))
        for row in ROWS:
            order, day, product, customer, quantity, price = row.split(",")
            sheet.append([int(order), datetime.fromisoformat(day), product, customer, int(quantity), float(price)])
    path = folder / "lines.xlsx"
    book.save(path)
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    file = tmp_path / "lines.csv"
    file.write_text(TEXT.replace(",", delimiter))
    run_import(tmp_path, [file])
    assert lines(tmp_path) == EXPECTED


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_needs_no_declaration(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "lines.csv"
    file.write_bytes(TEXT.replace("A", "苹果").encode(encoding))
    run_import(tmp_path, [file])
    assert lines(tmp_path)[0] == ("1", "苹果", 3.0)


def test_another_encoding_is_named_by_the_error_and_then_by_the_mapping(tmp_path: Path) -> None:
    file = tmp_path / "lines.csv"
    file.write_bytes(TEXT.replace("A", "苹果").encode("gb18030"))
    with pytest.raises(ImportFailed, match=r"line 2: the text is not utf-8.*gb18030"):
        run_import(tmp_path, [file])
    run_import(tmp_path, [file], mapping_text(source=SOURCE + "    encoding: gb18030\n"))
    assert lines(tmp_path)[0] == ("1", "苹果", 3.0)


def test_a_wrong_byte_deep_in_a_file_is_placed(tmp_path: Path) -> None:
    file = tmp_path / "lines.csv"
    file.write_bytes(TEXT.encode() + f"{ROWS[0]}\n".encode() * 20_000 + b"9,2024-05-01,\xff,c,1,1\n")
    with pytest.raises(ImportFailed, match=r"lines\.csv, line 20005: the text is not utf-8"):
        run_import(tmp_path, [file])


def test_compressed_and_cut_short(tmp_path: Path) -> None:
    file = tmp_path / "lines.csv.gz"
    file.write_bytes(gzip.compress(TEXT.encode()))
    run_import(tmp_path, [file])
    assert lines(tmp_path) == EXPECTED
    packed = gzip.compress("\n".join([HEADER, *(f"{n},2024-05-01,A{n},c,1,1" for n in range(20_000))]).encode())
    file.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(ImportFailed, match=r"lines.csv.gz.*cut short"):
        run_import(tmp_path, [file])
    assert lines(tmp_path) == EXPECTED


def test_quoted_fields_may_hold_anything(tmp_path: Path) -> None:
    file = write_csv(tmp_path, ['1,2024-05-01,"a,""b""\nc",c1,1,2', '2,2024-05-01,"=1+1",c1,1,2'])
    run_import(tmp_path, [file], mapping_text(source=SOURCE.replace("product: id", "product: text")))
    assert stored(tmp_path, "SELECT product_id FROM order_lines ORDER BY order_id") == [('a,"b"\nc',), ("=1+1",)]


def test_a_row_of_another_width_is_set_aside_with_all_its_fields(tmp_path: Path) -> None:
    rows = [*[ROWS[0]] * 300, "7,2024-05-01", "8,2024-05-01,A,c,1,2,and,more"]
    report = run_import(tmp_path, [write_csv(tmp_path, rows)])
    assert (report.rows_read, report.set_aside, report.rows_loaded) == (302, 2, 300)
    assert stored(tmp_path, "SELECT row, detail, fields FROM set_aside ORDER BY row") == [
        (302, "2 columns where 6 are expected", '["7", "2024-05-01"]'),
        (303, "8 columns where 6 are expected", '["8", "2024-05-01", "A", "c", "1", "2", "and", "more"]'),
    ]


def test_parquet(tmp_path: Path) -> None:
    run_import(tmp_path, [parquet(tmp_path)])
    assert lines(tmp_path) == EXPECTED


@pytest.mark.parametrize("keep", [0.5, 0.99])
def test_a_cut_parquet_file_leaves_the_store_as_it_was(tmp_path: Path, keep: float) -> None:
    run_import(tmp_path, [write_csv(tmp_path)])
    file = parquet(tmp_path, 1000)
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(ImportFailed, match=r"lines.parquet cannot be read; it may be cut short"):
        run_import(tmp_path, [file])
    assert lines(tmp_path) == EXPECTED


def test_damaged_pages_of_a_parquet_file_name_it(tmp_path: Path) -> None:
    file = parquet(tmp_path, 5000)
    content = bytearray(file.read_bytes())
    content[4:200] = b"\xff" * 196
    file.write_bytes(content)
    with pytest.raises(ImportFailed, match=r"lines\.parquet cannot be read"):
        run_import(tmp_path, [file])


def test_spreadsheets_by_sheet(tmp_path: Path) -> None:
    file = workbook(tmp_path, ("2023", "2024"))
    assert run_import(tmp_path, [file]).rows_read == 3
    assert lines(tmp_path) == EXPECTED
    assert run_import(tmp_path, [file], mapping_text(source=SOURCE + '    sheets: "*"\n')).rows_read == 6
    with pytest.raises(ImportFailed, match="no sheet “2042”"):
        run_import(tmp_path, [file], mapping_text(source=SOURCE + '    sheets: "2042"\n'))


def test_a_broken_spreadsheet_is_named(tmp_path: Path) -> None:
    file = workbook(tmp_path)
    file.write_bytes(file.read_bytes()[:-400])
    with pytest.raises(ImportFailed, match=r"lines\.xlsx cannot be read"):
        run_import(tmp_path, [file])


def test_a_folder_and_files_of_several_kinds(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    write_csv(folder, name="a.csv")
    parquet(folder)
    workbook(folder)
    (folder / "notes.md").write_text("not a table")
    report = run_import(tmp_path, [folder], mapping_text(source=SOURCE + "    duplicates: count_once\n"))
    assert (report.rows_read, report.duplicates, report.rows_loaded) == (9, 6, 3)


def test_a_database(tmp_path: Path) -> None:
    file = tmp_path / "shop.sqlite"
    with sqlite3.connect(file) as connection:
        connection.execute(
            'CREATE TABLE sales ("order" TEXT, day TEXT, product TEXT, customer TEXT, quantity INT, price REAL)'
        )
        connection.executemany("INSERT INTO sales VALUES (?, ?, ?, ?, ?, ?)", [row.split(",") for row in ROWS])
    connection.close()
    text = mapping_text(source=SOURCE.replace('files: "*"', "table: sales"))
    run_import(tmp_path, [file], text)
    assert lines(tmp_path) == EXPECTED
    assert run_import(tmp_path, [file], text).unchanged
    with pytest.raises(ImportFailed, match=r"no table “sale”\. Did you mean “sales”"):
        run_import(tmp_path, [file], text.replace("table: sales", "table: sale"))
    with pytest.raises(ImportFailed, match="exactly one database"):
        run_import(tmp_path, [write_csv(tmp_path)], text)


def test_a_password_is_never_shown() -> None:
    assert "secret" not in without_password("postgres://me:secret@host:5432/shop?password=secret")


def test_what_is_not_there_or_empty_or_of_no_kind(tmp_path: Path) -> None:
    write_csv(tmp_path)
    with pytest.raises(ImportFailed, match=r"no file .*lines.cvs. Did you mean “.*lines.csv”"):
        run_import(tmp_path, [tmp_path / "lines.cvs"])
    empty = tmp_path / "empty.csv"
    empty.touch()
    with pytest.raises(ImportFailed, match=r"empty\.csv is empty"):
        run_import(tmp_path, [empty])
    empty.write_text(HEADER + "\n")
    with pytest.raises(ImportFailed, match=r"empty\.csv has no rows"):
        run_import(tmp_path, [empty])
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG")
    with pytest.raises(ImportFailed, match="of no kind that can be read"):
        run_import(tmp_path, [picture])


def test_a_file_that_no_source_takes_is_an_error(tmp_path: Path) -> None:
    text = mapping_text(source=SOURCE.replace('"*"', '"lines*.csv"'))
    with pytest.raises(ImportFailed, match=r"No source of the mapping takes .*other.csv"):
        run_import(tmp_path, [write_csv(tmp_path), write_csv(tmp_path, name="other.csv")], text)
    with pytest.raises(ImportFailed, match="No file for the source “lines”"):
        run_import(tmp_path, [], text)


def test_a_column_may_have_other_names(tmp_path: Path) -> None:
    text = mapping_text(source=SOURCE.replace("price: number", "price: {type: number, also: [Unit Price]}"))
    file = write_csv(tmp_path, header=HEADER.replace("price", "Unit Price"))
    run_import(tmp_path, [file], text)
    assert lines(tmp_path) == EXPECTED
    with pytest.raises(ImportFailed, match=r"lines.csv has no column “price”.*Did you mean “Unit Price”"):
        run_import(tmp_path, [file])


def test_headers_may_be_odd(tmp_path: Path) -> None:
    file = write_csv(tmp_path, [row + ",1,2,3" for row in ROWS], header=HEADER + ',"; DROP TABLE x--",ORDER,')
    run_import(tmp_path, [file])
    assert lines(tmp_path) == EXPECTED
