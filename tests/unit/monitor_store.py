"""A shop of which every day's figures are known: steady sales, closed on Sundays, one empty Wednesday, one bad week."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pandas as pd

from tests.made_store import create_tables, write_settings
from tools.semantic.catalog import Catalog
from tools.tool import Chat, Context, User
from tools.warehouse.connection import Warehouse

TODAY = date(2026, 11, 20)  # a Friday
DAYS = 200
FIRST = TODAY - timedelta(days=DAYS - 1)
EMPTY = date(2026, 10, 14)
BAD = tuple(date(2026, 10, 26) + timedelta(days=n) for n in range(3))
LATER = datetime(2026, 11, 23, 12, tzinfo=UTC)
CHAT = Chat(77)


def orders_on(day: date) -> dict[str, int]:
    """Orders of 10 each by country."""
    if day.weekday() == 6 or day == EMPTY:
        return {}
    germany = 20 + day.toordinal() % 5
    return {"Germany": germany // 5 if day in BAD else germany, "France": 8, **({"Malta": 1} if day.day == 1 else {})}


def returned_on(day: date) -> float:
    """Value of returned lines: a tenth of a Monday's sales."""
    return 10.0 * sum(orders_on(day).values()) / 10 if day.weekday() == 0 else 0.0


def net_on(day: date) -> float:
    return 10.0 * sum(orders_on(day).values()) - returned_on(day)


def make_store(path: Path, *, last: datetime | None = None, imported: str | None = None) -> Warehouse:
    """`last`: rows after it are not there; `imported`: when the store says it was imported."""
    rows = []
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        for country, count in orders_on(day).items():
            for order in range(count):
                at = datetime(day.year, day.month, day.day, 8 + order % 12, 15)
                customer = f"{country}-{order % 7}"
                rows.append((f"{day}-{country}-{order}", customer, at, "sold", country, 1, 10.0))
        if returned_on(day):
            at = datetime(day.year, day.month, day.day, 20, 0)
            rows.append((f"{day}-back", "Germany-0", at, "returned", "Germany", 1, returned_on(day)))
    names = ["order_id", "customer_id", "sold_at", "kind", "country", "quantity", "amount"]
    frame = pd.DataFrame([row for row in rows if last is None or row[2] <= last], columns=names)
    frame["product_id"], frame["unit_price"], frame["discount"] = "tea", 10.0, 0.0
    connection = duckdb.connect(str(path))
    create_tables(connection)
    write_settings(connection)
    if imported is not None:
        connection.execute("INSERT INTO store_settings VALUES ('imported_at', ?)", [imported])
    told = ", ".join(frame.columns)
    connection.execute(f"INSERT INTO order_lines ({told}) SELECT {told} FROM frame")
    connection.close()
    return Warehouse.at(path)


def context(warehouse: Warehouse, **changes: object) -> Context:
    """As of the data's last day, asked three days later."""
    given = {"today": TODAY, "user": User("1", "analyst"), "now": LATER, **changes}
    return Context(warehouse, Catalog.load(), **given)  # type: ignore[arg-type]
