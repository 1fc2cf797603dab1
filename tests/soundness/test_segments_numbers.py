"""Sizes and sums of customer segments on Online Retail, each recounted in plain SQL on the store's file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from tools.answer import Answer
from tools.catalog.segments import TOOL
from tools.tool import Context

# One row for each customer who ever bought: what rules look at, written down by hand.
BUYERS = """
    SELECT customer_id,
           count(DISTINCT order_id) FILTER (kind = 'sold') AS orders,
           count(DISTINCT order_id) FILTER (kind = 'sold' AND year(sold_at) = 2010) AS orders_2010,
           count(DISTINCT order_id) FILTER (kind = 'sold' AND year(sold_at) = 2011) AS orders_2011,
           count(DISTINCT order_id) FILTER (
               kind = 'sold' AND country = 'Germany' AND sold_at >= DATE '2011-09-11') AS german_orders,
           count(*) FILTER (kind = 'sold' AND product_id = '22197') AS popcorn_lines,
           count(DISTINCT product_id) FILTER (kind = 'sold') AS products,
           coalesce(sum(CASE kind WHEN 'sold' THEN amount - discount ELSE discount - amount END)
               FILTER (sold_at >= DATE '2010-12-10'), 0) AS net_of_the_year,
           sum(CASE kind WHEN 'sold' THEN amount - discount ELSE discount - amount END) AS net_ever,
           sum(amount - discount) FILTER (kind = 'sold') / count(DISTINCT order_id) FILTER (kind = 'sold') AS aov,
           coalesce(sum(amount - discount) FILTER (kind = 'returned'), 0)
               / sum(amount) FILTER (kind = 'sold') AS return_rate,
           count(DISTINCT order_id) FILTER (kind = 'returned') AS returned_orders,
           DATE '2011-12-09' - max(sold_at::DATE) FILTER (kind = 'sold') AS days_since_last,
           min(sold_at::DATE) FILTER (kind = 'sold') AS first_order_on
    FROM order_lines
    WHERE customer_id IS NOT NULL AND sold_at < DATE '2011-12-10'
    GROUP BY customer_id
    HAVING count(*) FILTER (kind = 'sold') > 0
"""
IN_2010 = {"start": "2010-01-01", "end": "2010-12-31"}
IN_2011 = {"start": "2011-01-01", "end": "2011-12-31"}
LAST_365_DAYS = {"start": "2010-12-10", "end": "2011-12-09"}
LAST_90_DAYS = {"start": "2011-09-11", "end": "2011-12-09"}
POPCORN = [{"dimension": "product", "values": ["22197"]}]


def did(measure: str, op: str, value: float, **more: Any) -> dict[str, Any]:
    return {"measure": measure, "op": op, "value": value, **more}


RULES: tuple[tuple[dict[str, Any], str], ...] = (
    (did("orders", ">=", 5, period=IN_2011), "orders_2011 >= 5"),
    (did("orders", "=", 1), "orders = 1"),
    (did("days_since_last_order", ">", 180), "days_since_last > 180"),
    (did("days_since_last_order", ">=", 180), "days_since_last >= 180"),
    (
        {"all": [did("orders", ">=", 1, period=IN_2010), did("orders", "=", 0, period=IN_2011)]},
        "orders_2010 > 0 AND orders_2011 = 0",
    ),
    (did("net_sales", ">", 5000, period=LAST_365_DAYS), "net_of_the_year > 5000"),
    (did("net_sales", "<", 100, period=LAST_365_DAYS), "net_of_the_year < 100"),
    (
        did("orders", ">=", 2, period=LAST_90_DAYS, where=[{"dimension": "country", "values": ["Germany"]}]),
        "german_orders >= 2",
    ),
    ({"not": did("orders", ">=", 1, where=POPCORN)}, "popcorn_lines = 0"),
    (did("aov", ">", 500), "aov > 500"),
    ({"not": did("return_rate", "<=", 0.1)}, "return_rate > 0.1"),
    (did("returned_orders", ">=", 3), "returned_orders >= 3"),
    ({"event": "first_order", "period": IN_2011}, "year(first_order_on) = 2011"),
    (
        {
            "any": [
                {"all": [did("products", ">=", 100), did("orders", "<", 3)]},
                {"all": [did("orders", ">=", 1, where=POPCORN), {"not": did("days_since_last_order", "<", 30)}]},
            ]
        },
        "(products >= 100 AND orders < 3) OR (popcorn_lines > 0 AND days_since_last >= 30)",
    ),
)


def ask(context: Context, **args: Any) -> Answer:
    return TOOL.run(context, TOOL.args.model_validate(args))


def fact(answer: Answer, name: str) -> Any:
    return next(found.value for found in answer.facts if found.name == name and not found.where)


@pytest.fixture(scope="module")
def by_hand(retail_path: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(retail_path), read_only=True)
    connection.execute("SET enable_progress_bar = false")
    connection.execute(f"CREATE TEMP TABLE buyers AS {BUYERS}")
    return connection


@pytest.mark.parametrize(("rule", "condition"), RULES, ids=[condition for _rule, condition in RULES])
def test_sizes_are_those_of_plain_sql(
    retail_context: Context, by_hand: duckdb.DuckDBPyConnection, rule: dict[str, Any], condition: str
) -> None:
    answer = ask(retail_context, rule=rule)
    wanted = by_hand.execute(f"SELECT count(*), list(customer_id) FROM buyers WHERE {condition}").fetchone()
    assert wanted is not None
    assert fact(answer, "customers") == wanted[0] > 0
    assert answer.table is not None
    assert {row[0] for row in answer.table.rows} <= set(wanted[1])
    assert answer.table.total_rows == wanted[0]


def test_published_sizes(retail_context: Context) -> None:
    sizes = [
        fact(ask(retail_context, rule=rule), "customers")
        for rule in (
            did("orders", ">=", 5, period=IN_2011),
            did("days_since_last_order", ">", 180),
            did("days_since_last_order", ">=", 180),
        )
    ]
    assert sizes == [1019, 2378, 2381]


def test_sums_are_those_of_plain_sql(retail_context: Context, by_hand: duckdb.DuckDBPyConnection) -> None:
    answer = ask(retail_context, rule=did("days_since_last_order", ">", 180))
    net, days = by_hand.execute(
        "SELECT sum(net_of_the_year), avg(days_since_last) FROM buyers WHERE days_since_last > 180"
    ).fetchone() or (0, 0)
    (whole,) = by_hand.execute(
        "SELECT sum(CASE kind WHEN 'sold' THEN amount - discount ELSE discount - amount END) FROM order_lines "
        "WHERE customer_id IS NOT NULL AND sold_at >= DATE '2010-12-10' AND sold_at < DATE '2011-12-10'"
    ).fetchone() or (0,)
    assert fact(answer, "net_sales") == pytest.approx(net, rel=1e-9)
    assert fact(answer, "net_sales_share") == pytest.approx(net / whole, rel=1e-9)
    assert fact(answer, "net_sales_per_customer") == pytest.approx(net / 2378, rel=1e-9)
    assert fact(answer, "days_since_last_order") == pytest.approx(days, rel=1e-9)


def test_the_size_30_days_earlier_is_that_of_the_day(
    retail_context: Context, by_hand: duckdb.DuckDBPyConnection
) -> None:
    answer = ask(retail_context, rule=did("days_since_last_order", ">", 180))
    (before,) = by_hand.execute(
        """
        SELECT count(*) FROM (
            SELECT customer_id, max(sold_at::DATE) AS last FROM order_lines
            WHERE kind = 'sold' AND customer_id IS NOT NULL AND sold_at < DATE '2011-11-10' GROUP BY customer_id)
        WHERE DATE '2011-11-09' - last > 180
        """
    ).fetchone() or (0,)
    assert fact(answer, "customers_before") == before
    assert fact(answer, "customers_change") == 2378 - before


def test_the_list_is_the_first_by_net_sales(retail_context: Context, by_hand: duckdb.DuckDBPyConnection) -> None:
    answer = ask(retail_context, rule=did("orders", ">=", 5), top=25)
    wanted = by_hand.execute(
        "SELECT customer_id, orders, net_ever FROM buyers WHERE orders >= 5 "
        "ORDER BY net_ever DESC, customer_id LIMIT 25"
    ).fetchall()
    assert columns(answer, "customer_id", "orders", "net_sales") == [
        (customer, orders, pytest.approx(net)) for customer, orders, net in wanted
    ]


def columns(answer: Answer, *names: str) -> list[tuple[Any, ...]]:
    assert answer.table is not None
    places = [[column.name for column in answer.table.columns].index(name) for name in names]
    return [tuple(row[place] for place in places) for row in answer.table.rows]


@pytest.mark.parametrize(
    ("rule", "period", "net"),
    [
        (did("orders", "=", 2), ("2009-12-01", "2011-12-09"), "orders = 2"),
        ({"event": "last_order", "period": IN_2010}, ("2009-12-01", "2011-12-09"),
         "orders_2011 = 0 AND orders_2010 > 0"),
        (did("orders", "=", 0, period={"start": "2010-09-30", "end": "2011-12-09"}), ("2009-12-01", "2011-12-09"),
         "days_since_last > 435"),
    ],
)  # fmt: skip
def test_figures_are_of_the_time_that_the_rule_speaks_of(
    retail_context: Context, by_hand: duckdb.DuckDBPyConnection, rule: dict[str, Any], period: tuple[str, str], net: str
) -> None:
    answer = ask(retail_context, rule=rule)
    wanted = by_hand.execute(f"SELECT sum(net_ever), max(orders), min(orders) FROM buyers WHERE {net}").fetchone()
    assert wanted is not None
    (figure,) = [f for f in answer.facts if f.name == "net_sales"]
    assert figure.value == pytest.approx(wanted[0])
    assert figure.period is not None
    assert (str(figure.period.start), str(figure.period.end)) == period
    orders = [count for (count,) in columns(answer, "orders")]
    assert (max(orders), min(orders)) == wanted[1:]


def test_each_condition_has_a_column_over_its_own_time_and_things(
    retail_context: Context, by_hand: duckdb.DuckDBPyConnection
) -> None:
    german = did("orders", ">=", 2, period=LAST_90_DAYS, where=[{"dimension": "country", "values": ["Germany"]}])
    answer = ask(retail_context, rule={"all": [german, did("aov", ">", 100)]})
    wanted = by_hand.execute(
        "SELECT customer_id, german_orders, aov FROM buyers WHERE german_orders >= 2 AND aov > 100"
    ).fetchall()
    found = columns(answer, "customer_id", "compared_1", "compared_2")
    assert sorted(found) == sorted((customer, orders, pytest.approx(aov)) for customer, orders, aov in wanted)


def test_who_bought_nothing_is_told_apart(retail_context: Context, by_hand: duckdb.DuckDBPyConnection) -> None:
    answer = ask(retail_context, rule=did("orders", "<", 3, period=IN_2011))
    (all_of_them, idle) = by_hand.execute(
        "SELECT count(*), count(*) FILTER (orders_2011 = 0) FROM buyers WHERE orders_2011 < 3"
    ).fetchone() or (0, 0)
    (told,) = [f.value for f in answer.facts if f.name == "customers" and dict(f.where) == {"orders": "0"}]
    assert (fact(answer, "customers"), told) == (all_of_them, idle)
    call = answer.follow_ups[0].call
    assert call is not None
    limited = ask(retail_context, **call.args)
    assert fact(limited, "customers") == all_of_them - idle
    assert not [f for f in limited.facts if f.where]
