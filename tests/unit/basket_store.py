"""A store made of a few baskets, for tests that count by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from tests.made_store import create_tables, write_settings
from tools.semantic.catalog import Catalog
from tools.tool import Context, User
from tools.warehouse.connection import Warehouse

TODAY = date(2024, 6, 30)


@dataclass(frozen=True)
class Basket:
    """`days_ago` counts from TODAY; `customer` None: unknown."""

    customer: str | None
    products: tuple[str, ...]
    days_ago: int = 10
    kind: str = "sold"


@dataclass(frozen=True)
class Shop:
    baskets: tuple[Basket, ...]
    categories: Mapping[str, str] = field(default_factory=dict)
    stock: Mapping[str, int] = field(default_factory=dict)
    customers: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # country, gender

    def at(self, folder: Path) -> Warehouse:
        path = folder / "warehouse.duckdb"
        products = sorted({product for basket in self.baskets for product in basket.products})
        known = {basket.customer: ("Germany", "female") for basket in self.baskets if basket.customer}
        tables: dict[str, list[dict[str, Any]]] = {
            "order_lines": [
                {
                    "line_id": f"{order}-{number}",
                    "order_id": f"o{order}",
                    "sold_at": datetime.combine(TODAY - timedelta(days=basket.days_ago), time(12)),
                    "kind": basket.kind,
                    "customer_id": basket.customer,
                    "product_id": product,
                    "quantity": 1,
                    "unit_price": 2.0,
                    "amount": 2.0,
                    "discount": 0.0,
                    "cost": 1.0,
                }
                for order, basket in enumerate(self.baskets)
                for number, product in enumerate(basket.products)
            ],
            "products": [
                {"product_id": p, "name": f"Name of {p}", "category": self.categories.get(p, "things")}
                for p in products
            ],
            "customers": [
                {"customer_id": c, "country": country, "gender": gender}
                for c, (country, gender) in sorted({**known, **self.customers}.items())
            ],
            # Counts before the last and after today count for nothing.
            "inventory": [
                {"day": TODAY + timedelta(days=days), "product_id": product, "on_hand": count}
                for product, units in self.stock.items()
                for days, count in ((-3, 0 if units else 7), (0, units), (1, 0 if units else 7))
            ],
        }
        with duckdb.connect(path) as con:
            for name, rows in tables.items():
                if rows:
                    create_tables(con, (name,))
                    con.register("made", pa.Table.from_pylist(rows))
                    con.execute(f"INSERT INTO {name} BY NAME SELECT * FROM made")
            write_settings(con, "Baskets")
        return Warehouse.at(path)

    def context(self, folder: Path, today: date = TODAY) -> Context:
        return Context(self.at(folder), Catalog.load(), today, User("1", "admin"))


def two_tastes(customers: int = 60) -> Iterable[Basket]:
    """Half of the customers buy tea things, the other half tools; each lacks one product of its kind."""
    for number in range(customers):
        kind = "tea" if number % 2 else "tool"
        for week in range(4):
            yield Basket(
                f"c{number:03}",
                tuple(f"{kind}{i}" for i in range(6) if i != number // 2 % 6),
                days_ago=5 + 7 * week + number % 3,
            )
