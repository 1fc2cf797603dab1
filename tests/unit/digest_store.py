"""A small store whose every day a test writes down, and digests of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import duckdb
from sqlalchemy.orm import Session

from jobs.digests.content import composed
from jobs.digests.wanted import Composed, Occasion, RhythmName, Wanted
from tests.made_store import SALES_TABLES, create_tables, write_settings
from tools.answer import Answer, Fact
from tools.semantic.catalog import Catalog
from tools.semantic.periods import Period
from tools.semantic.query import Filter
from tools.tool import Context, User
from tools.warehouse.connection import Warehouse

LATE = time(21)


@dataclass(frozen=True)
class Line:
    """An order of one line."""

    day: date
    amount: float
    country: str = "Germany"
    product: str = "tea"
    kind: str = "sold"
    at: time = LATE
    customer: str | None = "c1"


def write_store(path: Path, lines: Iterable[Line], *, visits: Iterable[date] = ()) -> None:
    """`visits` are days with one visit each."""
    with duckdb.connect(str(path)) as connection:
        create_tables(connection, (*SALES_TABLES, "value_aliases", *(["events"] if visits else [])))
        for number, day in enumerate(visits):
            connection.execute(
                "INSERT INTO events (event_id, session_id, occurred_at, kind) VALUES (?, ?, ?, 'view')",
                [str(number), str(number), datetime.combine(day, LATE)],
            )
        write_settings(connection)
        rows = [
            (
                str(number),
                str(number),
                datetime.combine(line.day, line.at),
                line.kind,
                line.product,
                line.customer,
                line.country,
                line.amount,
                line.amount,
            )
            for number, line in enumerate(lines)
        ]
        connection.executemany(
            "INSERT INTO order_lines (line_id, order_id, sold_at, kind, product_id, customer_id, country, quantity, "
            "unit_price, amount, discount) VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?, ?, 0)",
            rows,
        )
        products = sorted({row[4] for row in rows})
        connection.executemany("INSERT INTO products (product_id, name) VALUES (?, ?)", [(p, p) for p in products])


def every_day(
    first: date, last: date, amount: Callable[[date], float], *, closed: frozenset[int] = frozenset(), **line: str
) -> list[Line]:
    """A line a day, but on closed weekdays."""
    count = (last - first).days + 1
    days = [first + timedelta(days=n) for n in range(count)]
    return [Line(day, amount(day), **line) for day in days if day.weekday() not in closed]  # type: ignore[arg-type]


def context_of(
    store: Path | Warehouse,
    today: date,
    *,
    role: str = "admin",
    language: str = "en",
    state: Callable[[], Session] | None = None,
) -> Context:
    warehouse = Warehouse.at(store) if isinstance(store, Path) else store
    user = User("1", role, language)  # type: ignore[arg-type]
    return Context(warehouse, Catalog.load(), today, user, state=state)


def digest(
    context: Context,
    period: Period,
    rhythm: RhythmName = "daily",
    *,
    metrics: tuple[str, ...] = (),
    sections: tuple[str, ...] = (),
    filters: tuple[Filter, ...] = (),
    covers: Period | None = None,
) -> Composed:
    return composed(context, Wanted(metrics, sections, filters), Occasion.of(rhythm, period, covers))


def of_day(context: Context, day: date, **more: tuple[str, ...]) -> Composed:
    return digest(context, Period(day, day), **more)  # type: ignore[arg-type]


def fact(answer: Answer, name: str, period: Period, **where: str) -> Fact:
    """The one fact of this name, period and place."""
    (found,) = [one for one in answer.facts if (one.name, one.period, dict(one.where)) == (name, period, where)]
    return found
