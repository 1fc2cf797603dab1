"""Small mappings and files that the tests of importing share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from tools.warehouse.importer import import_files
from tools.warehouse.mapping import load_mapping
from tools.warehouse.report import ImportReport

NOW = datetime(2026, 1, 2, 3, 4, 5)
HEADER = "order,day,product,customer,quantity,price"
ROWS = ("1,2024-05-01 10:00:00,A,c1,2,1.50", "2,2024-05-02 11:00:00,B,,1,3.00", "2,2024-05-02 11:00:00,A,,-1,1.50")
SOURCE = """
    files: "*"
    columns: {order: id, day: timestamp, product: id, customer: id, quantity: integer, price: number}
"""
LINES = """
  order_lines:
    from: lines
    columns:
      order_id: order
      sold_at: day
      product_id: product
      customer_id: customer
      kind: {when: {column: quantity, below: 0}, then: {value: returned}, otherwise: {value: sold}}
      quantity: {absolute: quantity}
      unit_price: price
"""


def mapping_text(*, source: str = SOURCE, lines: str = LINES, head: str = "", more: str = "") -> str:
    return (
        f"store: Corner shop\ncurrency: EUR\ntimezone: Europe/Berlin\n{head}\nsources:\n  lines:{source}\n"
        f"tables:{lines}\n{more}"
    )


def write_mapping(folder: Path, text: str | None = None, name: str = "shop.yml") -> Path:
    path = folder / name
    path.write_text(text if text is not None else mapping_text(), encoding="utf-8")
    return path


def write_csv(folder: Path, rows: Iterable[str] = ROWS, *, name: str = "lines.csv", header: str = HEADER) -> Path:
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def run_import(folder: Path, files: Sequence[str | Path], text: str | None = None) -> ImportReport:
    """Imports into `folder/store.duckdb`."""
    return import_files(load_mapping(write_mapping(folder, text)), files, folder / "store.duckdb", now=NOW)


def stored(folder: Path, query: str) -> list[tuple[Any, ...]]:
    """What a query by hand finds in the store."""
    with duckdb.connect(str(folder / "store.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()
