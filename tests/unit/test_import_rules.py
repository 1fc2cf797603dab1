"""What the rules of a mapping do to rows."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from tests.unit.import_cases import HEADER, LINES, ROWS, SOURCE, mapping_text, run_import, stored, write_csv
from tools.errors import ImportFailed

MANY = tuple(f"{n},2024-05-{n % 28 + 1:02} 10:00:00,A,c{n},1,2.00" for n in range(10, 300))


def test_returns_are_positive_and_told_apart(tmp_path: Path) -> None:
    report = run_import(tmp_path, [write_csv(tmp_path)])
    assert stored(tmp_path, "SELECT line_id, kind, quantity, amount, discount FROM order_lines ORDER BY 1") == [
        ("1-1", "sold", 2, 3.0, 0.0),
        ("2-1", "sold", 1, 3.0, 0.0),
        ("2-2", "returned", 1, 1.5, 0.0),
    ]
    assert (report.rows_read, report.rows_loaded, report.set_aside, report.duplicates) == (3, 3, 0, 0)


def test_orders_products_and_customers_follow_from_the_lines(tmp_path: Path) -> None:
    run_import(tmp_path, [write_csv(tmp_path)])
    assert stored(tmp_path, "SELECT order_id, ordered_at, customer_id FROM orders ORDER BY 1") == [
        ("1", datetime(2024, 5, 1, 10), "c1"),
        ("2", datetime(2024, 5, 2, 11), None),
    ]
    assert stored(tmp_path, "SELECT product_id FROM products ORDER BY 1") == [("A",), ("B",)]
    assert stored(tmp_path, "SELECT customer_id FROM customers") == [("c1",)]


def test_rows_set_aside_keep_their_fields_place_and_reason(tmp_path: Path) -> None:
    rule = SOURCE + "    set_aside: [{reason: {en: a gift, zh: 赠品}, when: {column: price, at_most: 0}}]\n"
    report = run_import(tmp_path, [write_csv(tmp_path, [*ROWS, "3,2024-05-03,B,c2,1,0"])], mapping_text(source=rule))
    [(source, table, file, row, reason, fields)] = stored(
        tmp_path, 'SELECT source, "table", file, row, reason, fields FROM set_aside'
    )
    assert (source, table, row, reason) == ("lines", None, 5, "a gift")
    assert file.endswith("lines.csv")
    assert '"order": "3"' in fields
    assert [(r.reason.zh, r.rows, r.rule) for r in report.reasons] == [("赠品", 1, True)]


def test_equal_rows_count_once_when_the_mapping_says_so(tmp_path: Path) -> None:
    files = [write_csv(tmp_path, [*ROWS, ROWS[0]]), write_csv(tmp_path, [ROWS[1]], name="more.csv")]
    report = run_import(tmp_path, files, mapping_text(source=SOURCE + "    duplicates: count_once\n"))
    assert (report.rows_read, report.duplicates, report.rows_loaded) == (5, 2, 3)


def test_rows_that_cannot_be_read_are_set_aside_up_to_the_limit(tmp_path: Path) -> None:
    bad = ["900,no day,A,c1,1,2.00", "901,2024-05-01,A,c1,1.5,2.00"]
    report = run_import(tmp_path, [write_csv(tmp_path, [*MANY, *bad])])
    assert report.set_aside == 2
    assert stored(tmp_path, "SELECT row, reason, detail FROM set_aside ORDER BY row") == [
        (292, "day cannot be read", "no day"),
        (293, "quantity cannot be read", "1.5"),
    ]


def test_more_unreadable_rows_than_the_limit_fail_and_name_the_first(tmp_path: Path) -> None:
    rows = [f"{n},31.12.2023 10:00,A,c1,1,2.00" for n in range(10)]
    with pytest.raises(ImportFailed) as failure:
        run_import(tmp_path, [write_csv(tmp_path, rows)])
    text = str(failure.value)
    assert "10 of 10 rows" in text
    assert "row 2: day cannot be read (“31.12.2023 10:00”)" in text
    assert "“%d.%m.%Y %H:%M”" in text
    assert not (tmp_path / "store.duckdb").exists()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("900,2024-05-01,A,c1,0,2.00", "quantity is not above zero"),
        ("900,2024-05-01,A,c1,1,-2.00", "unit_price is below zero"),
        ("900,2024-05-01,,c1,1,2.00", "product_id is missing"),
        ("900,,A,c1,1,2.00", "sold_at is missing"),
        ("900,2024-05-01,A,c1,1,NaN", "price cannot be read"),
        ("900,2024-05-01,A,c1,99999999999999999999,1", "quantity cannot be read"),
        ("900,2024-02-30,A,c1,1,1", "day cannot be read"),
    ],
)
def test_impossible_rows_are_set_aside_with_their_reason(tmp_path: Path, row: str, reason: str) -> None:
    run_import(tmp_path, [write_csv(tmp_path, [*MANY, row])])
    assert stored(tmp_path, "SELECT reason FROM set_aside") == [(reason,)]


def test_numbers_and_dates_as_they_are_written_elsewhere(tmp_path: Path) -> None:
    source = """
    delimiter: ";"
    columns:
      order: id
      day: {type: timestamp, format: "%d.%m.%Y %H:%M"}
      product: id
      customer: id
      quantity: integer
      price: {type: number, decimal: ",", thousands: "."}
"""
    file = write_csv(tmp_path, ["1;31.12.2023 23:30;A;c1;2;1.234,50"], header=HEADER.replace(",", ";"))
    run_import(tmp_path, [file], mapping_text(source=source))
    assert stored(tmp_path, "SELECT sold_at, unit_price FROM order_lines") == [(datetime(2023, 12, 31, 23, 30), 1234.5)]


def test_times_are_told_in_the_stores_timezone(tmp_path: Path) -> None:
    source = SOURCE.replace("day: timestamp", "day: {type: timestamp, timezone: UTC}")
    rows = ["1,2024-07-01 22:30:00,A,c1,1,1", "2,2024-07-01T22:30:00+08:00,A,c1,1,1", "3,2024-01-01T22:30:00Z,A,c1,1,1"]
    run_import(tmp_path, [write_csv(tmp_path, rows)], mapping_text(source=source))
    assert stored(tmp_path, "SELECT sold_at FROM order_lines ORDER BY order_id") == [
        (datetime(2024, 7, 2, 0, 30),),
        (datetime(2024, 7, 1, 16, 30),),
        (datetime(2024, 1, 1, 23, 30),),
    ]


def test_a_join_that_would_multiply_rows_is_refused(tmp_path: Path) -> None:
    text = mapping_text(
        source='\n    files: "lines.csv"\n    columns: {day: timestamp, quantity: integer, price: number}\n'
        '  people: {files: "people.csv"}\n',
        lines=LINES.replace("from: lines", "from: lines\n    join: {source: people, on: customer}").replace(
            "      unit_price", "      city: people.city\n      unit_price"
        ),
    )
    lines = write_csv(tmp_path)
    people = write_csv(tmp_path, ["c1,Bonn"], name="people.csv", header="customer,city")
    run_import(tmp_path, [lines, people], text)
    assert stored(tmp_path, "SELECT order_id, city FROM order_lines ORDER BY line_id") == [
        ("1", "Bonn"),
        ("2", None),
        ("2", None),
    ]
    write_csv(tmp_path, ["c1,Bonn", "c1,Ulm"], name="people.csv", header="customer,city")
    with pytest.raises(ImportFailed, match="2 rows where customer is “c1”"):
        run_import(tmp_path, [lines, people], text)
    assert stored(tmp_path, "SELECT count(*) FROM order_lines") == [(3,)]


def test_a_repeated_key_is_loaded_once(tmp_path: Path) -> None:
    text = mapping_text(
        lines=LINES.replace("order_id: order", "order_id: order\n      line_id: order"),
        source=SOURCE + "    unreadable_at_most: 0.5\n",
    )
    report = run_import(tmp_path, [write_csv(tmp_path)], text)
    assert (report.rows_loaded, report.set_aside) == (2, 1)
    assert stored(tmp_path, "SELECT row, reason FROM set_aside") == [(4, "line_id is there twice")]


def test_grouped_columns_are_the_most_frequent_newest_least_and_greatest(tmp_path: Path) -> None:
    more = """
  products:
    from: lines
    one_per: product
    columns:
      product_id: product
      name: {most_frequent: customer}
      brand: {newest: {of: order, by: day}}
      list_price: {largest: price}
      unit_cost: {smallest: price}
      launched_on: {smallest: day}
"""
    rows = ["1,2024-05-01,A,x,1,1", "2,2024-05-03,A,y,1,3", "3,2024-05-02,A,y,1,2", "4,2024-05-03,B,,1,9"]
    run_import(tmp_path, [write_csv(tmp_path, rows)], mapping_text(lines=LINES + more))
    found = stored(tmp_path, "SELECT name, brand, list_price, unit_cost, launched_on FROM products ORDER BY product_id")
    assert found == [("y", "2", 3.0, 1.0, date(2024, 5, 1)), (None, "4", 9.0, 9.0, date(2024, 5, 3))]


def test_aliases_leave_the_values_as_they_are(tmp_path: Path) -> None:
    more = "aliases: {product: {A: {en: [Apple, Apples], zh: 苹果}}}\n"
    run_import(tmp_path, [write_csv(tmp_path)], mapping_text(more=more))
    assert stored(tmp_path, "SELECT * FROM value_aliases ORDER BY alias") == [
        ("product", "A", "Apple", "en"),
        ("product", "A", "Apples", None),
        ("product", "A", "苹果", "zh"),
    ]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (LINES.replace("sold_at: day", "sold_at: dya"), ["has no column “dya”", "Did you mean “day”"]),
        (LINES.replace("unit_price: price", "unit_price: {multiply: [price, product]}"), ["needs a number", "product"]),
        (LINES.replace("{column: quantity, below: 0}", "{column: product, below: 0}"), ["“product” is text"]),
    ],
)
def test_an_expression_that_does_not_fit_the_source_says_so(tmp_path: Path, lines: str, expected: list[str]) -> None:
    with pytest.raises(ImportFailed) as failure:
        run_import(tmp_path, [write_csv(tmp_path)], mapping_text(lines=lines))
    for part in expected:
        assert part in str(failure.value)


def test_settings_of_the_store(tmp_path: Path) -> None:
    report = run_import(tmp_path, [write_csv(tmp_path)])
    assert dict(stored(tmp_path, "SELECT key, value FROM store_settings")) == {
        "name": "Corner shop",
        "currency": "EUR",
        "timezone": "Europe/Berlin",
        "version": report.version,
        "personal": "",
        "imported_at": "2026-01-02T03:04:05",
        "first_day": "2024-05-01",
        "last_day": "2024-05-02",
    }
