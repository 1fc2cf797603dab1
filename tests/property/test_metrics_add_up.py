"""Parts sum to the total, and every figure equals a plain recount in Python, over random stores."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.made_store import create_tables, write_settings
from tools.semantic.catalog import Catalog
from tools.semantic.periods import Period
from tools.semantic.query import Engine, Filter, Query, Ranking
from tools.warehouse.connection import Warehouse

CATALOG = Catalog.load()
FIRST = date(2024, 1, 1)

lines = st.lists(
    st.fixed_dictionaries(
        {
            "order": st.integers(1, 12),
            "day": st.integers(0, 60),
            "hour": st.integers(0, 23),
            "kind": st.sampled_from(["sold", "sold", "returned"]),
            "product": st.sampled_from(["p1", "p2", "p'3", "unlisted"]),
            "customer": st.sampled_from(["c1", "c2", "c3", None]),
            "country": st.sampled_from(["Germany", "France", None]),
            "quantity": st.integers(1, 9),
            "cents": st.integers(1, 5000),
        }
    ),
    min_size=1,
    max_size=40,
)


@contextmanager
def store(rows: list[dict[str, Any]]) -> Iterator[Warehouse]:
    """A store with these order lines, and products of which some lack a category."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "warehouse.duckdb"
        connection = duckdb.connect(str(path))
        create_tables(connection)
        write_settings(connection)
        connection.executemany(
            "INSERT INTO products (product_id, name, category) VALUES (?, ?, ?)",
            [("p1", "One", "Home"), ("p2", "Two", "Home"), ("p'3", "Three", None)],
        )
        connection.executemany(
            "INSERT INTO order_lines (line_id, order_id, sold_at, kind, product_id, customer_id, country, quantity, "
            "unit_price, amount, discount) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
            [
                (str(i), str(r["order"]), moment(r), r["kind"], r["product"], r["customer"], r["country"],
                 r["quantity"], r["cents"] / 100, r["quantity"] * r["cents"] / 100)
                for i, r in enumerate(rows)
            ],
        )  # fmt: skip
        connection.close()
        warehouse = Warehouse.at(path)
        yield warehouse
        warehouse.close()


def moment(row: dict[str, Any]) -> datetime:
    return datetime.combine(FIRST + timedelta(days=row["day"]), datetime.min.time()) + timedelta(hours=row["hour"])


def amount(row: dict[str, Any]) -> float:
    return float(row["quantity"] * row["cents"] / 100)


def recount(rows: list[dict[str, Any]], everything: list[dict[str, Any]]) -> dict[str, float | None]:
    """The trade's definitions, word by word."""
    sold = [r for r in rows if r["kind"] == "sold"]
    back = [r for r in rows if r["kind"] == "returned"]
    gross, returns = sum(map(amount, sold)), sum(map(amount, back))
    orders = {r["order"] for r in sold}
    buyers = {r["customer"] for r in sold if r["customer"]}
    by_buyer = {b: {r["order"] for r in sold if r["customer"] == b} for b in buyers}
    first = {b: min(r["day"] for r in everything if r["kind"] == "sold" and r["customer"] == b) for b in buyers}
    return {
        "gross_sales": gross,
        "returns": returns,
        "net_sales": gross - returns,
        "orders": len(orders),
        "units": sum(r["quantity"] for r in sold),
        "aov": gross / len(orders) if orders else None,
        "return_rate": returns / gross if gross else None,
        "active_customers": len(buyers),
        "new_customers": len({r["customer"] for r in sold if r["customer"] and first[r["customer"]] == r["day"]}),
        "repurchase_rate": sum(len(o) >= 2 for o in by_buyer.values()) / len(buyers) if buyers else None,
    }


def assert_equal(found: dict[str, float | int | None], wanted: dict[str, float | None]) -> None:
    for name, value in wanted.items():
        if value is None:
            assert found[name] is None, name
        else:
            assert found[name] is not None, name
            assert math.isclose(found[name] or 0, value, rel_tol=1e-9, abs_tol=1e-6), name


METRICS = tuple(recount([], []))


@settings(max_examples=15)
@given(lines, st.integers(0, 60), st.integers(0, 60), st.integers(20, 70))
def test_every_metric_equals_a_recount(rows: list[dict[str, Any]], a: int, b: int, as_of: int) -> None:
    period = Period(FIRST + timedelta(days=min(a, b)), FIRST + timedelta(days=max(a, b)))
    today = FIRST + timedelta(days=as_of)
    visible = [r for r in rows if r["day"] <= as_of]
    with store(rows) as warehouse:
        engine = Engine(warehouse, CATALOG, today)
        inside = [r for r in visible if min(a, b) <= r["day"] <= max(a, b)]
        total = engine.run(Query(METRICS, (), (), period)).groups
        assert_equal(total.get((), dict.fromkeys(METRICS, 0)) if inside else recount([], []), recount(inside, visible))
        grouped = engine.run(Query(METRICS, ("country",), (), period)).groups
        for (country,), values in grouped.items():
            assert_equal(values, recount([r for r in inside if r["country"] == country], visible))
        assert {key[0] for key in grouped} == {r["country"] for r in inside}


@settings(max_examples=12)
@given(lines, st.sampled_from(METRICS), st.integers(0, 60), st.integers(0, 60))
def test_a_metric_asked_for_alone_equals_a_recount(rows: list[dict[str, Any]], name: str, a: int, b: int) -> None:
    period = Period(FIRST + timedelta(days=min(a, b)), FIRST + timedelta(days=max(a, b)))
    with store(rows) as warehouse:
        engine = Engine(warehouse, CATALOG, FIRST + timedelta(days=90))
        found = engine.run(Query((name,), (), (), period)).groups[()]
        inside = [r for r in rows if min(a, b) <= r["day"] <= max(a, b)]
        assert_equal(found, {name: recount(inside, rows)[name]})


@settings(max_examples=12)
@given(
    lines, st.integers(0, 60), st.sampled_from(["day", "week", "weekday", "hour", "product", "customer"]), st.booleans()
)
def test_new_customers_count_where_and_when_they_first_bought(
    rows: list[dict[str, Any]], start: int, dimension: str, filtered: bool
) -> None:
    keys: dict[str, Callable[[dict[str, Any]], Any]] = {
        "day": lambda r: moment(r).date(),
        "week": lambda r: moment(r).date() - timedelta(days=moment(r).weekday()),
        "weekday": lambda r: moment(r).isoweekday(),
        "hour": lambda r: moment(r).hour,
        "product": lambda r: r["product"],
        "customer": lambda r: r["customer"],
    }
    sold = [r for r in rows if r["kind"] == "sold" and r["customer"]]
    first = {r["customer"]: min(s["day"] for s in sold if s["customer"] == r["customer"]) for r in sold}
    wanted: dict[Any, set[str]] = {}
    for r in sold:
        if r["day"] == first[r["customer"]] >= start and (not filtered or r["product"] == "p1"):
            wanted.setdefault(keys[dimension](r), set()).add(r["customer"])
    filters = (Filter(dimension="product", values=("p1",)),) if filtered else ()
    with store(rows) as warehouse:
        engine = Engine(warehouse, CATALOG, FIRST + timedelta(days=90))
        period = Period(FIRST + timedelta(days=start), FIRST + timedelta(days=70))
        groups = engine.run(Query(("new_customers",), (dimension,), filters, period)).groups
        assert {key: values["new_customers"] for (key,), values in groups.items()} == {
            k: len(v) for k, v in wanted.items()
        }


@settings(max_examples=12)
@given(
    lines, st.sampled_from(["country", "category", "product", "customer", "day", "week", "month", "weekday", "hour"])
)
def test_parts_of_additive_metrics_sum_to_the_total(rows: list[dict[str, Any]], dimension: str) -> None:
    period = Period(FIRST, FIRST + timedelta(days=90))
    additive = tuple(
        m.id
        for m in CATALOG.visible_metrics
        if m.additive and m.model == "sales" and not m.needs_columns and not m.columns
    )
    with store(rows) as warehouse:
        engine = Engine(warehouse, CATALOG, period.end)
        total = engine.run(Query(additive, (), (), period)).groups[()]
        parts = engine.run(Query(additive, (dimension,), (), period)).groups
        for name in additive:
            assert math.isclose(sum(v[name] or 0 for v in parts.values()), total[name] or 0, abs_tol=1e-6)


@settings(max_examples=12)
@given(lines, st.sampled_from(["Germany", "France"]))
def test_a_filter_and_its_opposite_make_the_whole(rows: list[dict[str, Any]], country: str) -> None:
    period = Period(FIRST, FIRST + timedelta(days=90))
    with store(rows) as warehouse:
        engine = Engine(warehouse, CATALOG, period.end)

        def net(*filters: Filter) -> float:
            return float(
                engine.run(Query(("net_sales",), (), filters, period)).groups.get((), {}).get("net_sales") or 0
            )

        inside, outside = (
            Filter(dimension="country", values=(country,)),
            Filter(dimension="country", op="not_in", values=(country,)),
        )
        assert math.isclose(net(inside) + net(outside), net(), abs_tol=1e-6)


@settings(max_examples=12)
@given(lines, st.integers(1, 5), st.booleans())
def test_a_ranking_is_the_sorted_list_cut_short(rows: list[dict[str, Any]], limit: int, highest: bool) -> None:
    period = Period(FIRST, FIRST + timedelta(days=90))
    with store(rows) as warehouse:
        engine = Engine(warehouse, CATALOG, period.end)
        everything = engine.run(Query(("units",), ("product",), (), period)).groups
        ranked = engine.run(
            Query(("units",), ("product",), (), period, ranking=Ranking("units", limit, highest))
        ).groups
        sign = -1 if highest else 1
        wanted = sorted(everything, key=lambda key: (sign * (everything[key]["units"] or 0), key[0]))[:limit]
        assert list(ranked) == wanted


def test_the_future_is_invisible(demo: Warehouse) -> None:
    """As of a day, a store with a wild future and one without it give the same figures."""
    today = date(2026, 6, 30)
    engine = Engine(demo, CATALOG, today)
    period = Period(date(2026, 6, 1), date(2026, 12, 31))
    names = tuple(m.id for m in CATALOG.visible_metrics if m.model == "sales" and not m.columns)
    seen = engine.run(Query(names, (), (), period)).groups[()]
    cut = engine.run(Query(names, (), (), Period(period.start, today))).groups[()]
    assert seen == cut


def test_every_metric_of_the_catalog_computes_on_a_store_with_every_table(demo: Warehouse) -> None:
    engine = Engine(demo, CATALOG, date(2026, 11, 20))
    period = Period(date(2026, 9, 1), date(2026, 10, 31))
    metrics = CATALOG.visible_metrics
    total = engine.run(Query(tuple(m.id for m in metrics), (), (), period)).groups[()]
    assert {name for name, value in total.items() if value is None} == set()
    for dimension in CATALOG.dimensions.values():
        split = [m for m in metrics if dimension in CATALOG.dimensions_of(m)]
        if not split or dimension.id in ("product", "customer"):
            continue
        parts = engine.run(Query(tuple(m.id for m in split), (dimension.id,), (), period)).groups
        for metric in split:
            values = [found[metric.id] for found in parts.values() if found.get(metric.id) is not None]
            assert values, (metric.id, dimension.id)
            if metric.additive:
                assert math.isclose(math.fsum(values), total[metric.id] or 0, rel_tol=1e-6), (metric.id, dimension.id)
