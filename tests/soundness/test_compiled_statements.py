"""What was compiled for one store is asked of another only where it means the same there."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.made_store import create_tables, write_settings
from tools.semantic.catalog import Catalog
from tools.semantic.periods import Period
from tools.semantic.query import Engine, Filter, Members, Query
from tools.warehouse import connection
from tools.warehouse.compiling import Statements
from tools.warehouse.connection import Warehouse

TODAY = date(2024, 12, 31)
YEAR = Period(date(2024, 1, 1), TODAY)
BY_COUNTRY = Query(("units",), ("country",), (), YEAR)


@pytest.fixture(autouse=True)
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """One entry for each statement that is compiled; none is known before."""
    made: list[object] = []
    compile_one = connection.compiled_open

    def counted(backend: Any, expression: Any) -> Any:
        made.append(expression)
        return compile_one(backend, expression)

    monkeypatch.setattr(connection, "compiled_open", counted)
    monkeypatch.setattr(connection, "STATEMENTS", Statements())
    return made


def make_store(path: Path, quantity: int, *, alter: str = "") -> Warehouse:
    with duckdb.connect(str(path)) as con:
        create_tables(con)
        write_settings(con)
        con.execute(
            "INSERT INTO order_lines (line_id, order_id, sold_at, kind, product_id, customer_id, country, quantity, "
            "unit_price, amount, discount) VALUES ('1', '1', '2024-05-01', 'sold', 'p', 'c', 'Germany', ?, 1, 1, 0)",
            [quantity],
        )
        if alter:
            con.execute(alter)
    return Warehouse.at(path)


def units(warehouse: Warehouse, catalog: Catalog, query: Query = BY_COUNTRY, **more: Any) -> float | int | None:
    return Engine(warehouse, catalog, TODAY, **more).run(query).groups[("Germany",)]["units"]


def test_a_store_of_equal_columns_is_asked_without_compiling(
    tmp_path: Path, catalog: Catalog, compiled: list[object]
) -> None:
    stores = [make_store(tmp_path / f"{n}.duckdb", quantity=n) for n in (3, 5)]
    assert [units(store, catalog) for store in stores] == [3, 5]
    assert len(compiled) == 1


@pytest.mark.parametrize(
    "alter", ["ALTER TABLE order_lines ALTER quantity TYPE DOUBLE", "CREATE TABLE campaigns (campaign_id VARCHAR)"]
)
def test_other_columns_or_tables_are_compiled_for(
    alter: str, tmp_path: Path, catalog: Catalog, compiled: list[object]
) -> None:
    stores = [make_store(tmp_path / f"{n}.duckdb", n, alter=text) for n, text in ((3, ""), (5, alter))]
    assert [units(store, catalog) for store in stores] == [3, 5]
    assert len(compiled) == 2


def test_another_definition_is_compiled_for(tmp_path: Path, catalog: Catalog, compiled: list[object]) -> None:
    raw = catalog.model_dump(by_alias=True)
    raw["metrics"]["units"]["expr"] = f"10 * ({raw['metrics']['units']['expr']})"
    store = make_store(tmp_path / "store.duckdb", 3)
    assert [units(store, one) for one in (catalog, Catalog.model_validate(raw))] == [3, 30]
    assert len(compiled) == 2


def test_who_is_meant_is_asked_of_each_store(tmp_path: Path, catalog: Catalog, compiled: list[object]) -> None:
    """A segment may be of customers whom the store itself tells, such as its best tenth."""
    (kind,) = [name for name in catalog.memberships if name == "segment"]
    query = Query(("units",), ("country",), (Filter(dimension=kind, values=("best",)),), YEAR)

    def best(warehouse: Warehouse) -> Any:
        return lambda _condition: Members("best", lambda: warehouse.table("order_lines").select("customer_id"))

    stores = [make_store(tmp_path / f"{n}.duckdb", quantity=n) for n in (3, 5)]
    assert [units(store, catalog, query, members=best(store)) for store in stores] == [3, 5]
    assert len(compiled) == 2
