"""A PostgreSQL server for contract tests, and a store's canonical tables copied into it."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql

from tools.warehouse.connection import META_TABLE, Warehouse
from tools.warehouse.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    import ibis

ADDRESS = "MARKETBOT_TEST_POSTGRES"
TYPES = {
    "string": "text",
    "int64": "bigint",
    "float64": "double precision",
    "bool": "boolean",
    "date": "date",
    "timestamp": "timestamp",
}
ROWS_AT_ONCE = 50_000


def server() -> str:
    """The server's address; skips, saying so, where none is given."""
    address = os.environ.get(ADDRESS)
    if not address:
        pytest.skip(f"no PostgreSQL server: set {ADDRESS}=postgres://user@host:port/database")
    return address


@contextmanager
def fresh_database(name: str) -> Iterator[str]:
    """The address of an empty database of its own on the test server, dropped at the end."""
    address = server()
    # Runs side by side on one server must not drop one another's.
    name = f"{name}_{os.getpid()}"
    identifier = sql.Identifier(name)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier))
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(identifier))
    try:
        yield address.rpartition("/")[0] + f"/{name}"
    finally:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier))


def copy_store(warehouse: Warehouse, address: str) -> Warehouse:
    """Copies the canonical tables and the store's settings to PostgreSQL; gives a warehouse that reads them there."""
    with psycopg.connect(address) as connection:
        for table in sorted(warehouse.tables()):
            columns = {column.name: TYPES[column.kind] for column in TABLES[table].columns}
            _copy(connection, table, columns, warehouse.backend.table(table))
        _copy(connection, META_TABLE, {"key": "text", "value": "text"}, warehouse.backend.table(META_TABLE))
        # Without statistics the planner joins some of these tables row by row, for seconds.
        connection.execute("ANALYZE")
    return Warehouse(address)


def _copy(connection: psycopg.Connection, table: str, columns: dict[str, str], rows: ibis.Table) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    typed = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in columns.items()
    )
    connection.execute(sql.SQL("CREATE TABLE {} ({})").format(sql.Identifier(table), typed))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for batch in rows.select(*columns).to_pyarrow_batches(chunk_size=ROWS_AT_ONCE):
            for row in zip(*[column.to_pylist() for column in batch.columns], strict=True):
                copy.write_row(row)
