"""A small store of customers and their order lines, and what they did recounted in plain Python."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from tests.made_store import create_tables, write_settings
from tools.warehouse.connection import Warehouse

PRODUCTS = {"tea": ("Green tea", "Drinks"), "mug": ("Red mug", "Kitchen"), "o'pot": ("Pot", "Kitchen")}


@dataclass(frozen=True)
class Line:
    """A line of an order: sold, or (`kind`) returned."""

    customer: str | None
    order: str
    on: date
    product: str = "tea"
    quantity: int = 1
    price: float = 10.0
    discount: float = 0.0
    kind: str = "sold"
    country: str = "Germany"
    hour: int = 12

    @property
    def amount(self) -> float:
        return self.quantity * self.price

    @property
    def worth(self) -> float:
        return self.amount - self.discount


@dataclass(frozen=True)
class Person:
    """A row of `customers`."""

    customer: str
    country: str | None = None
    gender: str | None = None
    email_consent: bool | None = None
    signed_up: date | None = None
    name: str | None = None


def make_store(path: Path, lines: list[Line], people: list[Person]) -> Warehouse:
    """A DuckDB file with these rows."""
    connection = duckdb.connect(str(path))
    create_tables(connection)
    write_settings(connection)
    _insert(
        connection,
        "products",
        ("product_id", "name", "category"),
        [(code, *named) for code, named in PRODUCTS.items()],
    )
    _insert(
        connection,
        "customers",
        ("customer_id", "country", "gender", "email_consent", "signed_up_at", "name"),
        [(p.customer, p.country, p.gender, p.email_consent, p.signed_up, p.name) for p in people],
    )
    _insert(
        connection,
        "order_lines",
        ("line_id", "order_id", "sold_at", "kind", "product_id", "customer_id", "country", "quantity", "unit_price",
         "amount", "discount"),
        [
            (str(number), line.order, datetime.combine(line.on, datetime.min.time()) + timedelta(hours=line.hour),
             line.kind, line.product, line.customer, line.country, line.quantity, line.price, line.amount,
             line.discount)
            for number, line in enumerate(lines)
        ],
    )  # fmt: skip
    connection.close()
    return Warehouse.at(path)


def _insert(connection: duckdb.DuckDBPyConnection, table: str, columns: tuple[str, ...], rows: list[Any]) -> None:
    if rows:
        places = ", ".join("?" * len(columns))
        connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", rows)


def measured(lines: list[Line], today: date) -> dict[str, float | int | None]:
    """The trade's definitions, word by word, for one customer's lines."""
    sold = [line for line in lines if line.kind == "sold"]
    back = [line for line in lines if line.kind == "returned"]
    orders = {line.order for line in sold}
    gross, returns = sum(line.amount for line in sold), sum(line.worth for line in back)
    worth = sum(line.worth for line in sold)
    days = [(today - line.on).days for line in sold]
    return {
        "orders": len(orders),
        "net_sales": worth - returns,
        "gross_sales": gross,
        "units": sum(line.quantity for line in sold),
        "aov": worth / len(orders) if orders else None,
        "products": len({line.product for line in sold}),
        "returns": returns,
        "returned_orders": len({line.order for line in back}),
        "return_rate": returns / gross if gross else None,
        "days_since_last_order": min(days) if days else None,
        "days_since_first_order": max(days) if days else None,
    }
