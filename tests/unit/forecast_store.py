"""A shop's daily sales over sixty weeks, made row by row: weekdays, a growing country, a new product, a wild future."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from tests.made_store import create_tables, write_settings
from tools.warehouse.connection import Warehouse

FIRST = date(2023, 10, 2)
TODAY = date(2024, 12, 20)
COUNTRIES = {"Germany": 1.0, "France": 0.5, "O'Land": 0.1}
PRODUCTS = {"tea": 4.0, "mug": 2.5, "=pot": 1.0}
WEEKDAYS = (1.0, 1.1, 1.2, 1.3, 1.6, 0.6, 0.4)
NEW_PRODUCT = ("lamp", TODAY - timedelta(days=20))


def make_store(path: Path, *, future: float | None = None, short: bool = False, days: int | None = None) -> Warehouse:
    """`future`: days after today too, at so many times the usual; `short`: today ends at ten in the morning."""
    rows = list(_lines(FIRST if days is None else TODAY - timedelta(days=days - 1), future, short=short))
    frame = pd.DataFrame(rows, columns=["order_id", "customer_id", "sold_at", "product_id", "country", "quantity"])
    frame["kind"] = "sold"
    frame["unit_price"] = 10.0
    frame["amount"] = frame["quantity"] * 10.0
    frame["discount"] = 0.0
    connection = duckdb.connect(str(path))
    create_tables(connection)
    write_settings(connection)
    names = ", ".join(frame.columns)
    connection.execute(f"INSERT INTO order_lines ({names}) SELECT {names} FROM frame")
    connection.executemany(
        "INSERT INTO products (product_id, name) VALUES (?, ?)",
        [(product, f"The {product}") for product in (*PRODUCTS, NEW_PRODUCT[0])],
    )
    connection.close()
    return Warehouse.at(path)


def _lines(first: date, future: float | None, *, short: bool) -> Iterator[tuple[object, ...]]:
    draws = random.Random(5)
    last = TODAY if future is None else TODAY + timedelta(days=60)
    products = {**PRODUCTS, NEW_PRODUCT[0]: 3.0}
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        level = WEEKDAYS[day.weekday()] * (future if future is not None and day > TODAY else 1.0)
        for country, size in COUNTRIES.items():
            for product, share in products.items():
                if product == NEW_PRODUCT[0] and day < NEW_PRODUCT[1]:
                    continue
                quantity = round(level * size * share * draws.uniform(4, 8))
                hour = 9 if short and day == TODAY else draws.choice((9, 13, 20))
                if short and day == TODAY and product != "tea":
                    continue
                customer = f"c{draws.randrange(60)}"
                if quantity:
                    at = datetime(day.year, day.month, day.day, hour, 30)
                    yield f"{day}-{country}-{number % 7}-{product}", customer, at, product, country, quantity


def true_total(warehouse: Warehouse, first: date, last: date) -> float:
    """Net sales of days, by plain SQL."""
    rows, _sql = warehouse.fetch(warehouse.table("order_lines"))
    frame = pd.DataFrame(rows, columns=warehouse.table("order_lines").columns)
    inside = frame[(frame.sold_at >= np.datetime64(first)) & (frame.sold_at < np.datetime64(last + timedelta(days=1)))]
    return float(inside.amount.sum())
