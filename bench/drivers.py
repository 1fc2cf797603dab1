"""The `drivers` tool at 10 million order lines, beside six GROUP BYs written by hand, on the same file in the same run.

By hand: for each of six dimensions one statement on an open DuckDB connection that gives both periods' sales by value,
which is where an analyst begins. The tool does the same, checks that each split sums, lets the most telling dimensions
meet, chooses, and writes the answer; without dimensions asked for, it also splits customers, prices and factors. Each
question is asked for other days every time, so that nothing is answered from memory.

No package is run beside it; the statements by hand are the yardstick. Seconds on the wall depend on what else runs on
the machine, so that processor seconds (of all threads) are printed as well.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import duckdb

from bench._stores import END, demo_store
from tools.catalog.drivers import TOOL
from tools.drivers.request import DriversArgs
from tools.semantic.catalog import Catalog
from tools.semantic.periods import Period
from tools.tool import Context, User
from tools.warehouse.connection import Warehouse

LINES = 10_000_000
ROUNDS = 2
DIMENSIONS = ("country", "region", "channel", "category", "product", "acquisition_channel")
NET = "SUM(CASE kind WHEN 'sold' THEN amount - discount ELSE discount - amount END)"
BY_HAND = {
    "category": ("p.category", "LEFT JOIN products p USING (product_id)"),
    "product": ("product_id", ""),
    "acquisition_channel": ("c.acquisition_channel", "LEFT JOIN customers c USING (customer_id)"),
}
SPANS = (("month against month", 30), ("quarter against quarter", 91), ("year against year", 365))


def main() -> None:
    path = demo_store(LINES)
    warehouse = Warehouse.at(path)
    context = Context(warehouse, Catalog.load(), END, User("bench", "admin"))
    by_hand = duckdb.connect()
    by_hand.execute(f"ATTACH '{path}' AS store (READ_ONLY)")
    by_hand.execute("USE store")
    print(f"{LINES:,} lines, seconds       six dimensions  (processor)  six GROUP BYs   ratio   everything", flush=True)
    for name, days in SPANS:
        asked: list[float] = []
        processor: list[float] = []
        hand: list[float] = []
        everything: list[float] = []
        for round_ in range(ROUNDS + 1):
            now = Period(END - timedelta(days=round_ + days), END - timedelta(days=round_ + 1))
            before = Period(now.start - timedelta(days=days), now.start - timedelta(days=1))
            before_asked = time.process_time()
            ours = _timed(lambda now=now, before=before: _tool(context, now, before, DIMENSIONS))  # type: ignore[misc]
            spent = time.process_time() - before_asked
            times = (
                ours,
                spent,
                _timed(lambda now=now, before=before: _hand(by_hand, now, before)),  # type: ignore[misc]
                _timed(lambda now=now, before=before: _tool(context, now, before, ())),  # type: ignore[misc]
            )
            if round_:  # the first warms all up
                for seconds, found in zip(times, (asked, processor, hand, everything), strict=True):
                    found.append(seconds)
        mine, cpu, theirs, whole = map(statistics.median, (asked, processor, hand, everything))
        print(f"{name:28} {mine:14.2f} {cpu:12.2f} {theirs:14.2f} {mine / theirs:7.2f} {whole:12.2f}", flush=True)
    warehouse.close()


def _tool(context: Context, now: Period, before: Period, by: tuple[str, ...]) -> None:
    args: dict[str, Any] = {"period": _days(now), "compare": _days(before), "by": list(by)}
    TOOL.run(context, DriversArgs.model_validate(args))


def _days(period: Period) -> dict[str, str]:
    return {"start": period.start.isoformat(), "end": period.end.isoformat()}


def _hand(connection: duckdb.DuckDBPyConnection, now: Period, before: Period) -> None:
    for dimension in DIMENSIONS:
        column, join = BY_HAND.get(dimension, (f"order_lines.{dimension}", ""))
        statement = (
            f"SELECT {column}, sold_at >= $cut AS now, {NET} FROM order_lines {join} "
            "WHERE sold_at >= $start AND sold_at < $end GROUP BY ALL"
        )
        bounds: dict[str, date] = {"start": before.start, "cut": now.start, "end": now.end + timedelta(days=1)}
        connection.execute(statement, bounds).fetchall()


def _timed(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
