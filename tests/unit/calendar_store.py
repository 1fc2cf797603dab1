"""A small store that sells in some countries, with a calendar of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path

import duckdb
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker
from sqlalchemy.pool import StaticPool

from tests.made_store import create_tables, write_settings
from tools.calendar.team import PromotionRow
from tools.semantic.catalog import Catalog
from tools.state import Base
from tools.tool import Context, User
from tools.warehouse.connection import Warehouse

TABLES = ("order_lines", "products", "customers", "orders", "calendar", "value_aliases")


@dataclass(frozen=True)
class Planned:
    """A row of the table `calendar`."""

    name: str
    starts_on: date
    ends_on: date
    country: str | None = None
    phase: str | None = None
    kind: str = "promotion"


def calendar_context(
    path: Path,
    sales: Mapping[str | None, float],
    planned: Sequence[Planned] = (),
    *,
    today: date = date(2026, 3, 1),
    sold_on: date | None = None,
    currency: str = "EUR",
    timezone: str = "UTC",
    name: str = "Small",
) -> Context:
    """A store with one order line a country, without a state database."""
    with duckdb.connect(str(path)) as connection:
        create_tables(connection, TABLES)
        write_settings(connection, name, currency)
        connection.execute("INSERT INTO store_settings VALUES ('timezone', ?)", [timezone])
        for number, (country, amount) in enumerate(sales.items()):
            connection.execute(
                "INSERT INTO order_lines (line_id, order_id, sold_at, kind, product_id, country, quantity, unit_price, "
                "amount, discount) VALUES (?, ?, ?, 'sold', 'tea', ?, 1, ?, ?, 0)",
                [
                    str(number),
                    str(number),
                    datetime.combine(sold_on or today, time()),
                    country,
                    amount,
                    amount,
                ],
            )
        for number, one in enumerate(planned):
            connection.execute(
                "INSERT INTO calendar (event_id, name, kind, starts_on, ends_on, country, phase) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                [str(number), one.name, one.kind, one.starts_on, one.ends_on, one.country, one.phase],
            )
        connection.execute("INSERT INTO value_aliases VALUES ('country', 'Albion', 'UK', NULL)")
    return Context(Warehouse.at(path), Catalog.load(), today, User("1", "admin"))


def with_state(context: Context) -> Context:
    """The context with an empty state database in memory."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    Base.metadata.create_all(engine, [Base.metadata.tables[PromotionRow.__tablename__]])
    return replace(context, state=sessionmaker(engine, expire_on_commit=False))
