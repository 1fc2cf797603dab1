"""The beginnings of a store that a test makes row by row: empty canonical tables and the store's settings."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from tools.warehouse.connection import META_TABLE
from tools.warehouse.tables import TABLES

TYPES = {
    "string": "VARCHAR",
    "int64": "BIGINT",
    "float64": "DOUBLE",
    "bool": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}
SALES_TABLES = ("order_lines", "products", "customers", "orders")


def create_tables(connection: duckdb.DuckDBPyConnection, names: Iterable[str] = SALES_TABLES) -> None:
    """Makes these tables, empty."""
    for name in names:
        columns = ", ".join(f"{column.name} {TYPES[column.kind]}" for column in TABLES[name].columns)
        connection.execute(f"CREATE TABLE {name} ({columns})")


def write_settings(connection: duckdb.DuckDBPyConnection, name: str = "Made", currency: str = "EUR") -> None:
    connection.execute(f"CREATE TABLE {META_TABLE} (key VARCHAR, value VARCHAR)")
    rows = [("name", name), ("currency", currency), ("version", "1")]
    connection.executemany(f"INSERT INTO {META_TABLE} VALUES (?, ?)", rows)
