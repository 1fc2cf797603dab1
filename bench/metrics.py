"""The `metrics` tool against the same SQL written by hand, on DuckDB, at 1 and 10 million order lines.

Each question is asked for other periods every time, so that nothing is answered from memory. The tool's time
holds everything but understanding and pictures: checking, building the query, running it, the answer. By hand
means: one statement on an open DuckDB connection, as a careful analyst would write it. Both read the same file.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import duckdb

from bench._stores import END, demo_store
from bench._timing import milliseconds
from tools.answer import ToolCall
from tools.registry import discover
from tools.runner import run
from tools.semantic.catalog import Catalog
from tools.semantic.periods import shift
from tools.tool import Context, User
from tools.warehouse.connection import Warehouse

ROUNDS = 7
NET = "SUM(CASE kind WHEN 'sold' THEN amount - discount ELSE discount - amount END)"
PERIOD = "sold_at >= $start AND sold_at < $end"


@dataclass(frozen=True)
class Case:
    name: str
    args: dict[str, Any]
    sql: str


CASES = (
    Case("net sales", {"metrics": ["net_sales"]}, f"SELECT {NET} FROM order_lines WHERE {PERIOD}"),
    Case(
        "four figures",
        {"metrics": ["net_sales", "orders", "units", "active_customers"]},
        f"SELECT {NET}, COUNT(DISTINCT order_id) FILTER (kind = 'sold'), SUM(quantity) FILTER (kind = 'sold'), "
        f"COUNT(DISTINCT customer_id) FILTER (kind = 'sold') FROM order_lines WHERE {PERIOD}",
    ),
    Case(
        "one country's AOV",
        {"metrics": ["aov"], "filters": [{"dimension": "country", "values": ["Germany"]}]},
        "SELECT SUM(amount - discount) FILTER (kind = 'sold') / COUNT(DISTINCT order_id) FILTER (kind = 'sold') "
        f"FROM order_lines WHERE {PERIOD} AND country = 'Germany'",
    ),
    Case(
        "top 10 products",
        {"metrics": ["units"], "by": ["product"], "top": 10},
        "SELECT t.product_id, p.name, t.units FROM (SELECT product_id, SUM(quantity) FILTER (kind = 'sold') units "
        f"FROM order_lines WHERE {PERIOD} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10) t JOIN products p USING (product_id)",
    ),
    Case(
        "sales by category",
        {"metrics": ["net_sales"], "by": ["category"]},
        f"SELECT p.category, {NET} FROM order_lines LEFT JOIN products p USING (product_id) WHERE {PERIOD} GROUP BY 1",
    ),
    Case(
        "monthly series",
        {"metrics": ["net_sales"], "by": ["month"]},
        f"SELECT date_trunc('month', sold_at), {NET} FROM order_lines WHERE {PERIOD} GROUP BY 1 ORDER BY 1",
    ),
    Case(
        "new customers",
        {"metrics": ["new_customers"]},
        "SELECT COUNT(*) FROM (SELECT customer_id, MIN(sold_at) first_at FROM order_lines "
        "WHERE kind = 'sold' AND customer_id IS NOT NULL GROUP BY 1) WHERE first_at >= $start AND first_at < $end",
    ),
    Case(
        "repurchase rate",
        {"metrics": ["repurchase_rate"]},
        "SELECT AVG(CASE WHEN n >= 2 THEN 1.0 ELSE 0 END) FROM (SELECT customer_id, COUNT(DISTINCT order_id) n "
        f"FROM order_lines WHERE {PERIOD} AND kind = 'sold' AND customer_id IS NOT NULL GROUP BY 1)",
    ),
)


def main() -> None:
    for lines in (1_000_000, 10_000_000):
        path = demo_store(lines)
        warehouse = Warehouse.at(path)
        context = Context(warehouse, Catalog.load(), END, User("bench", "admin"))
        by_hand = duckdb.connect()
        by_hand.execute(f"ATTACH '{path}' AS store (READ_ONLY)")
        by_hand.execute("USE store")
        print(f"{lines:>12,} lines        tool ms   by hand ms   ratio", flush=True)
        ratios = []
        for case in CASES:
            ours, theirs = _measure(case, context, by_hand)
            ratios.append(ours / theirs)
            print(f"{case.name:24} {ours:10.1f} {theirs:12.1f} {ours / theirs:7.2f}", flush=True)
        print(f"{'median':24} {'':10} {'':12} {statistics.median(ratios):7.2f}\n", flush=True)
        warehouse.close()


def _measure(case: Case, context: Context, by_hand: duckdb.DuckDBPyConnection) -> tuple[float, float]:
    """Median milliseconds of both, taken in turns over other periods."""
    ours, theirs = [], []
    for round_ in range(ROUNDS + 1):
        end = END - timedelta(days=round_ + 1)
        start = shift(end, "year", -1)
        call = ToolCall("metrics", {**case.args, "period": {"start": start.isoformat(), "end": end.isoformat()}})
        tool_ms = milliseconds(lambda call=call: run(discover(), context, call, lambda *_: None))  # type: ignore[misc]
        values = {"start": start, "end": end + timedelta(days=1)}
        used = {name: value for name, value in values.items() if f"${name}" in case.sql}
        hand_ms = milliseconds(lambda used=used: by_hand.execute(case.sql, used).fetchall())  # type: ignore[misc]
        if round_:  # the first warms both up
            ours.append(tool_ms)
            theirs.append(hand_ms)
    return statistics.median(ours), statistics.median(theirs)


if __name__ == "__main__":
    main()
