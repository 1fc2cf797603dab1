"""RFM segments and lifecycle stages of a million customers against the same SQL written by hand, on DuckDB.

The store has 10 million order lines. Ours is the expression that the tools use, compiled anew each time; by hand is the
statement that a careful analyst would write for the same definitions, on an open connection. Both end in the number of
customers of each segment and stage, which must agree. They are run in turns on the same file.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import duckdb

from bench._stores import END, demo_store
from bench._timing import milliseconds
from tools.customers.histories import Histories
from tools.customers.schemes import lifecycle
from tools.customers.schemes.rfm import GRID
from tools.customers.schemes.standing import standing
from tools.warehouse.connection import Warehouse

ROUNDS = 7
LINES = 10_000_000
VISIBLE = "FROM order_lines WHERE sold_at < $until AND customer_id IS NOT NULL"

GAPS = f"""
SELECT gap, COUNT(*) FROM (
    SELECT day, LEAD(day) OVER (PARTITION BY customer_id ORDER BY day) - day AS gap
    FROM (SELECT DISTINCT customer_id, CAST(sold_at AS DATE) AS day {VISIBLE} AND kind = 'sold')
) WHERE day <= $until::DATE - 1 - $follow_up::INT AND gap <= $follow_up GROUP BY gap ORDER BY gap"""

_CELLS = " ".join(f"WHEN {r}{c} THEN '{name}'" for r, row in enumerate(GRID, 1) for c, name in enumerate(row, 1))
GROUPS = f"""
WITH summary AS (
    SELECT customer_id, CAST(MAX(sold_at) FILTER (kind = 'sold') AS DATE) AS last_day,
        COUNT(DISTINCT order_id) FILTER (kind = 'sold') AS orders,
        ROUND(SUM(CASE kind WHEN 'sold' THEN amount - discount ELSE discount - amount END), 2) AS net
    {VISIBLE} GROUP BY customer_id HAVING last_day IS NOT NULL
), ranked AS (
    SELECT *, COUNT(*) OVER () AS n,
        RANK() OVER (ORDER BY last_day) - 1 + CUME_DIST() OVER (ORDER BY last_day) * COUNT(*) OVER () AS r,
        RANK() OVER (ORDER BY orders) - 1 + CUME_DIST() OVER (ORDER BY orders) * COUNT(*) OVER () AS f,
        RANK() OVER (ORDER BY net) - 1 + CUME_DIST() OVER (ORDER BY net) * COUNT(*) OVER () AS m
    FROM summary
), scored AS (
    SELECT last_day, orders, (5 * ROUND(r)::INT) // (2 * n) + 1 AS r, (5 * ROUND(f)::INT) // (2 * n) + 1 AS f,
        (5 * ROUND(m)::INT) // (2 * n) + 1 AS m
    FROM ranked
)
SELECT CASE r * 10 + (f + m + 1) // 2 {_CELLS} END AS rfm,
    CASE WHEN last_day >= $until::DATE - 1 - $active::INT THEN CASE WHEN orders = 1 THEN 'new' ELSE 'active' END
         WHEN last_day >= $until::DATE - 1 - $silent::INT THEN 'silent' ELSE 'lapsed' END AS stage,
    COUNT(*)
FROM scored GROUP BY ALL"""


def main() -> None:
    path = demo_store(LINES)
    warehouse = Warehouse.at(path)
    by_hand = duckdb.connect()
    by_hand.execute(f"ATTACH '{path}' AS store (READ_ONLY)")
    by_hand.execute("USE store")
    today = END - timedelta(days=1)
    rhythm = lifecycle.rhythm(Histories(warehouse, today))
    customers = sum(int(row[-1]) for row in _ours(warehouse, today))
    until = {"until": today + timedelta(days=1)}
    thresholds = {"active": rhythm.active_days, "silent": rhythm.silent_days}
    follow_up = {"follow_up": rhythm.follow_up_days}
    if sorted(_ours(warehouse, today)) != sorted(by_hand.execute(GROUPS, until | thresholds).fetchall()):
        raise SystemExit("the two do not agree")
    if sum(n for _gap, n in by_hand.execute(GAPS, until | follow_up).fetchall()) != rhythm.gaps:
        raise SystemExit("the two learn from other gaps")
    print(f"{LINES:>12,} lines, {customers:,} customers      ours ms   by hand ms   ratio", flush=True)
    _compare(
        "RFM and lifecycle",
        lambda: _ours(warehouse, today),
        lambda: by_hand.execute(GROUPS, until | thresholds).fetchall(),
    )
    _compare(
        "the thresholds (once a day)",
        lambda: lifecycle.learned(Histories(warehouse, today)),
        lambda: by_hand.execute(GAPS, until | follow_up).fetchall(),
    )
    warehouse.close()


def _ours(warehouse: Warehouse, today: Any) -> list[tuple[Any, ...]]:
    table = standing(Histories(warehouse, today))
    return warehouse.fetch(table.group_by("rfm", "lifecycle").aggregate(customers=table.count()))[0]


def _compare(name: str, ours: Callable[[], Any], theirs: Callable[[], Any]) -> None:
    """Median milliseconds of both, taken in turns; the first round warms both up."""
    times = [(milliseconds(ours), milliseconds(theirs)) for _ in range(ROUNDS + 1)][1:]
    one, other = (statistics.median(column) for column in zip(*times, strict=True))
    print(f"{name:44} {one:8.0f} {other:12.0f} {one / other:7.2f}", flush=True)


if __name__ == "__main__":
    main()
