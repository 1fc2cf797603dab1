"""A store of customers who order in a rhythm of their own, and some of whom stop."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa

from tests.unit.customer_store import Line, Person, make_store
from tools.semantic.catalog import Catalog
from tools.tool import Context, User
from tools.warehouse.connection import Warehouse

FIRST = date(2024, 1, 1)
TODAY = date(2025, 4, 30)
HORIZON = 60


def crowd(customers: int = 500, seed: int = 5, price: float | None = None) -> list[Line]:
    """Orders up to TODAY: each customer has a rate of their own and, after each order, may leave for good."""
    rng = random.Random(seed)
    lines: list[Line] = []
    for number in range(customers):
        gap = rng.choice((8, 20, 45, 80))
        leaves = rng.choice((0.02, 0.1, 0.25))
        spends = price or rng.choice((8.0, 20.0, 70.0))
        day = FIRST + timedelta(days=rng.randrange(300))
        order = 0
        while day <= TODAY:
            order += 1
            lines.append(
                Line(f"K{number:04}", f"K{number:04}-{order}", day, rng.choice(("tea", "mug", "o'pot")), price=spends)
            )
            if rng.random() < leaves:
                break
            day += timedelta(days=1 + round(rng.expovariate(1 / gap)))
    return lines


def store_of(path: Path, lines: list[Line], people: list[Person] | None = None) -> Warehouse:
    warehouse = make_store(path, [], people or [])
    connection = duckdb.connect(str(path))
    table = pa.table(
        {
            "line_id": [str(number) for number in range(len(lines))],
            "order_id": [line.order for line in lines],
            "sold_at": [datetime.combine(line.on, datetime.min.time()) + timedelta(hours=line.hour) for line in lines],
            "kind": [line.kind for line in lines],
            "product_id": [line.product for line in lines],
            "customer_id": pa.array([line.customer for line in lines], pa.string()),
            "country": [line.country for line in lines],
            "quantity": [line.quantity for line in lines],
            "unit_price": [line.price for line in lines],
            "amount": [line.amount for line in lines],
            "discount": [line.discount for line in lines],
        }
    )
    connection.register("incoming", table)
    connection.execute(f"INSERT INTO order_lines ({', '.join(table.column_names)}) SELECT * FROM incoming")
    connection.close()
    return warehouse


def context_of(warehouse: Warehouse, today: date = TODAY, role: str = "analyst") -> Context:
    return Context(warehouse, Catalog.load(), today, User("1", role))  # type: ignore[arg-type]
