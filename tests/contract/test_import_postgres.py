"""Importing out of PostgreSQL, and reading a store that is kept there."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.contract.postgres_store import copy_store, fresh_database
from tests.unit.import_cases import ROWS, SOURCE, mapping_text, run_import, stored, write_csv
from tools.catalog.quality import TOOL
from tools.errors import ImportFailed
from tools.tool import Context, User
from tools.warehouse.connection import Warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

QUERY = "SELECT line_id, order_id, sold_at, kind, product_id, customer_id, quantity, amount FROM order_lines ORDER BY 1"


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    with fresh_database(f"marketbot_{request.node.name[:40].lower()}") as address:
        yield address


def test_a_table_of_postgres_is_imported_like_a_file(tmp_path: Path, database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("CREATE SCHEMA shop")
        connection.execute(
            'CREATE TABLE shop.lines ("order" text, day timestamp, product text, customer text, quantity int, '
            "price numeric(10, 2), seen timestamptz)"
        )
        for row in [*ROWS, ROWS[0]]:
            connection.execute(
                "INSERT INTO shop.lines VALUES (%s, %s::timestamp, %s, nullif(%s, ''), %s::int, %s::numeric, "
                "'2024-07-01 12:00:00+00')",
                row.split(","),
            )
    source = SOURCE.replace('files: "*"', "table: shop.lines") + "    duplicates: count_once\n"
    report = run_import(tmp_path, [database], mapping_text(source=source))
    assert (report.rows_read, report.duplicates, report.rows_loaded) == (4, 1, 3)
    from_postgres = stored(tmp_path, QUERY)
    assert run_import(tmp_path, [database], mapping_text(source=source)).unchanged
    run_import(tmp_path, [write_csv(tmp_path)])
    # A database keeps no order, so lines of one order may be numbered otherwise.
    assert sorted(row[1:] for row in from_postgres) == sorted(row[1:] for row in stored(tmp_path, QUERY))
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE shop.lines SET price = 9")
    assert not run_import(tmp_path, [database], mapping_text(source=source)).unchanged


def test_a_wrong_table_or_server_is_named_without_the_password(tmp_path: Path, database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE lines (a int)")
    text = mapping_text(source=SOURCE.replace('files: "*"', "table: lins"))
    with pytest.raises(ImportFailed, match=r"has no table “lins”\. Did you mean “lines”"):
        run_import(tmp_path, [database], text)
    with pytest.raises(ImportFailed, match="cannot be reached") as failure:
        run_import(tmp_path, ["postgres://me:secret@127.0.0.1:1/shop"], text)
    assert "secret" not in str(failure.value)


def test_the_same_figures_from_a_store_in_postgres(tmp_path: Path, database: str) -> None:
    run_import(tmp_path, [write_csv(tmp_path)])
    here = Warehouse.at(tmp_path / "store.duckdb")
    there = copy_store(here, database)
    assert there.tables() == here.tables()
    assert there.settings() == here.settings()

    def facts(warehouse: Warehouse, about: str) -> list[Any]:
        context = Context(warehouse, None, date(2024, 5, 1), User("1", "admin"))  # type: ignore[arg-type]
        answer = TOOL.run(context, TOOL.args.model_validate({"about": about}))
        return [(fact.name, fact.value, dict(fact.where)) for fact in answer.facts]

    for about in ("gaps", "freshness", "missing"):
        assert facts(there, about) == facts(here, about)
    there.close()
