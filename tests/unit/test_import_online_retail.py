"""The Online Retail example, held against SQL by hand on the files themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.retail_import import kilobytes_at_peak
from tools.catalog.quality import TOOL
from tools.tool import Context, User
from tools.warehouse.connection import Warehouse
from tools.warehouse.report import ImportReport, stored_reports

RAW = "(SELECT DISTINCT * FROM read_parquet(?))"
GOOD = f"(SELECT * FROM {RAW} WHERE regexp_matches(StockCode, '^[0-9]{{5}}') AND UnitPrice > 0)"


@dataclass(frozen=True)
class Imported:
    """`kilobytes` at the peak."""

    store: Path
    report: ImportReport
    kilobytes: int


@pytest.fixture(scope="module")
def files(shared_data: Path) -> list[Path]:
    return sorted((shared_data / "online_retail").glob("*.parquet"))


@pytest.fixture(scope="module")
def imported(retail_path: Path) -> Imported:
    warehouse = Warehouse.at(retail_path)
    report = stored_reports(warehouse.backend)[0].report
    warehouse.close()
    return Imported(retail_path, report, kilobytes_at_peak(retail_path))


def by_hand(files: list[Path], query: str) -> list[tuple[Any, ...]]:
    return duckdb.connect().execute(query, [[str(f) for f in files]]).fetchall()


def ours(store: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(store), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_every_row_is_accounted_for(imported: Imported) -> None:
    store, report = imported.store, imported.report
    assert (report.rows_read, report.sources[0].distinct, report.rows_loaded) == (1_067_370, 1_033_035, 1_021_128)
    assert {(r.reason.en, r.rows) for r in report.reasons} == {
        ("no merchandise (postage, fees, adjustments)", 5_979),
        ("no price", 5_928),
    }
    assert ours(store, "SELECT count(*), count(DISTINCT (file, row)) FROM set_aside") == [(11_907, 11_907)]
    assert ours(store, "SELECT count(*), count(DISTINCT line_id) FROM order_lines") == [(1_021_128, 1_021_128)]


def test_memory(imported: Imported) -> None:
    assert imported.kilobytes < 1_000_000


def test_november_2011(imported: Imported) -> None:
    month = "sold_at >= '2011-11-01' AND sold_at < '2011-12-01'"
    net = "round(sum(if(kind = 'sold', amount, -amount)), 2)"
    orders = "count(DISTINCT order_id) FILTER (kind = 'sold')"
    assert ours(imported.store, f"SELECT {net}, {orders} FROM order_lines WHERE {month}") == [(1427121.25, 2751)]


@pytest.mark.parametrize("key", ["Country", "StockCode", "CustomerID", "date_trunc('month', InvoiceDate)"])
def test_sums_by_hand(files: list[Path], imported: Imported, key: str) -> None:
    names = {"Country": "country", "StockCode": "product_id", "CustomerID": "customer_id"}
    back = "(starts_with(InvoiceNo, 'C') OR Quantity < 0)"
    expected = by_hand(
        files,
        f"SELECT {key}::VARCHAR k, {back}, count(*), sum(abs(Quantity)), round(sum(abs(Quantity) * UnitPrice), 2), "
        f"count(DISTINCT InvoiceNo) FROM {GOOD} GROUP BY ALL ORDER BY 1 NULLS LAST, 2",
    )
    found = ours(
        imported.store,
        f"SELECT {names.get(key, key.replace('InvoiceDate', 'sold_at'))}::VARCHAR k, kind = 'returned', count(*), "
        "sum(quantity), round(sum(amount), 2), count(DISTINCT order_id) FROM order_lines GROUP BY ALL "
        "ORDER BY 1 NULLS LAST, 2",
    )
    assert len(found) == len(expected)
    for mine, theirs in zip(found, expected, strict=True):
        assert mine[:4] == theirs[:4]
        assert mine[4] == pytest.approx(theirs[4], abs=0.02)
        assert mine[5] == theirs[5]


def test_ids_are_text_and_countries_stay_as_they_stand(imported: Imported) -> None:
    assert ours(
        imported.store, "SELECT count(*) FROM customers WHERE NOT regexp_full_match(customer_id, '[0-9]{5}')"
    ) == [(0,)]
    assert ours(imported.store, "SELECT count(*) > 0 FROM order_lines WHERE country = 'EIRE'") == [(True,)]
    assert set(ours(imported.store, "SELECT alias FROM value_aliases WHERE value = 'EIRE'")) >= {
        ("Ireland",),
        ("爱尔兰",),
    }


def test_derived_tables_have_one_row_for_each_key(files: list[Path], imported: Imported) -> None:
    expected = by_hand(
        files, f"SELECT count(DISTINCT InvoiceNo), count(DISTINCT StockCode), count(DISTINCT CustomerID) FROM {GOOD}"
    )
    found = ours(
        imported.store,
        "SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM products), (SELECT count(*) FROM customers)",
    )
    assert found == expected


def test_quality_of_it(imported: Imported) -> None:
    warehouse = Warehouse.at(imported.store)
    context = Context(warehouse, None, date(2011, 12, 9), User("1", "admin"))  # type: ignore[arg-type]
    facts = {f.name: f.value for f in TOOL.run(context, TOOL.args(about="overview")).facts}
    assert facts == {
        "rows_read": 1_067_370,
        "rows_distinct": 1_033_035,
        "rows_loaded": 1_021_128,
        "duplicates": 34_335,
        "set_aside": 11_907,
    }
    gaps = {f.name: f.value for f in TOOL.run(context, TOOL.args(about="gaps")).facts}
    assert gaps == {"gaps": 11, "gap_days": 31, "days_with_sales": 604}
