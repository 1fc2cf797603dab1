"""A small store with stock counts, and what it sells."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from tests.made_store import SALES_TABLES, create_tables, write_settings
from tools.semantic.catalog import Catalog
from tools.tool import Context, User
from tools.warehouse.connection import Warehouse

TODAY = date(2026, 6, 30)
HISTORY_DAYS = 120


@dataclass(frozen=True)
class Good:
    """A product, what is sold of it on each of the last days (`sold`, the last one today), and its counts.

    `counts`: days before today → (on hand, on order).
    """

    product: str
    sold: list[int]
    counts: dict[int, tuple[int, int | None]]
    lead: int | None = 10
    name: str | None = None
    category: str | None = "Drinks"
    cost: float | None = 4.0
    price: float | None = 10.0


@dataclass
class Store:
    goods: list[Good]
    counted: bool = True
    later: list[Good] = field(default_factory=list)  # their `sold` and `counts` are of days after today

    def make(self, path: Path) -> Warehouse:
        connection = duckdb.connect(str(path))
        create_tables(connection, (*SALES_TABLES, "inventory") if self.counted else SALES_TABLES)
        write_settings(connection)
        _insert(
            connection,
            "products",
            ("product_id", "name", "category", "unit_cost", "list_price"),
            [(g.product, g.name, g.category, g.cost, g.price) for g in self.goods],
        )
        lines: list[Any] = []
        counts: list[Any] = []
        for good in self.goods:
            for ago, units in enumerate(reversed(good.sold)):
                lines += _line(good, TODAY - timedelta(days=ago), units, len(lines))
            counts += [
                (TODAY - timedelta(days=ago), good.product, on_hand, on_order, good.lead)
                for ago, (on_hand, on_order) in good.counts.items()
            ]
        for good in self.later:
            for ahead, units in enumerate(good.sold, start=1):
                lines += _line(good, TODAY + timedelta(days=ahead), units, len(lines))
            counts += [
                (TODAY + timedelta(days=ahead), good.product, on_hand, on_order, good.lead)
                for ahead, (on_hand, on_order) in good.counts.items()
            ]
        _insert(
            connection,
            "order_lines",
            ("line_id", "order_id", "sold_at", "kind", "product_id", "quantity", "unit_price", "amount", "discount"),
            lines,
        )
        if self.counted:
            _insert(connection, "inventory", ("day", "product_id", "on_hand", "on_order", "lead_time_days"), counts)
        connection.close()
        return Warehouse.at(path)


def _insert(connection: duckdb.DuckDBPyConnection, table: str, columns: tuple[str, ...], rows: list[Any]) -> None:
    """One statement: row by row, thousands take seconds."""
    if rows:
        row = f"({', '.join('?' * len(columns))})"
        connection.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([row] * len(rows))}",
            [cell for one in rows for cell in one],
        )


def _line(good: Good, day: date, units: int, number: int) -> list[tuple[Any, ...]]:
    if not units:
        return []
    price = good.price or 1.0
    moment = datetime.combine(day, datetime.min.time()) + timedelta(hours=20)
    return [(str(number), f"o{number}", moment, "sold", good.product, units, price, units * price, 0.0)]


def context_of(warehouse: Warehouse, today: date = TODAY) -> Context:
    return Context(warehouse, Catalog.load(), today, User("1", "analyst"))


def steady(units: int, days: int = HISTORY_DAYS) -> list[int]:
    return [units] * days


def daily(on_hand: int, on_order: int | None = 0, days: int = HISTORY_DAYS) -> dict[int, tuple[int, int | None]]:
    """The same count on every day."""
    return dict.fromkeys(range(days), (on_hand, on_order))
