"""A store made of a few purchases, for what is asked about customers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

import duckdb
import pandas as pd

from tests.made_store import create_tables, write_settings
from tools.warehouse.connection import Warehouse


@dataclass(frozen=True)
class Purchase:
    """One line: who, when, for how much; an order of its own unless named."""

    customer: str | None
    day: date
    amount: float = 10.0
    kind: str = "sold"
    order: str = ""
    country: str = "Germany"


@dataclass(frozen=True)
class Person:
    """Somebody known, with or without the day on which the account was opened."""

    customer: str
    signed_up: date | None = None
    channel: str | None = None


def make_store(path: Path, purchases: Iterable[Purchase], people: Iterable[Person] = ()) -> Warehouse:
    """A warehouse with these lines and customers."""
    connection = duckdb.connect(str(path))
    create_tables(connection)
    write_settings(connection)
    rows = [
        (str(n), p.order or f"o{n}", datetime.combine(p.day, time(12)), p.kind, f"p{n % 3}", p.customer, p.country, 1,
         p.amount, p.amount, 0.0)
        for n, p in enumerate(purchases)
    ]  # fmt: skip
    names = "line_id, order_id, sold_at, kind, product_id, customer_id, country, quantity, unit_price, amount, discount"
    frame = pd.DataFrame(rows, columns=names.split(", "))
    if rows:
        connection.register("given", frame)
        connection.execute(f"INSERT INTO order_lines ({names}) SELECT {names} FROM given")
    known = [(p.customer, p.signed_up and datetime.combine(p.signed_up, time(9)), p.channel, None) for p in people]
    if known:
        connection.executemany(
            "INSERT INTO customers (customer_id, signed_up_at, acquisition_channel, country) VALUES (?, ?, ?, ?)", known
        )
    connection.close()
    return Warehouse.at(path)
