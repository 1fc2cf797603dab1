"""Whatever the store and the periods: the parts of a change sum to it, in every way that it is split."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.property.test_metrics_add_up import FIRST, amount, lines, store
from tools.drivers import factors
from tools.drivers.analysis import Analysis, analysed
from tools.drivers.customers import Standing
from tools.drivers.prices import Product, price_volume_mix
from tools.drivers.request import DriversArgs, prepared
from tools.drivers.whole import Part, Whole
from tools.errors import NotEnoughData
from tools.semantic.catalog import Catalog
from tools.semantic.periods import Period
from tools.semantic.query import Days
from tools.tool import Context, User
from tools.warehouse.connection import Warehouse

CATALOG = Catalog.load()
TODAY = FIRST + timedelta(days=90)
METRICS = ("net_sales", "gross_sales", "returns", "units", "orders", "active_customers", "new_customers", "aov",
           "return_rate", "average_price", "units_per_order", "repurchase_rate", "orders_per_customer")  # fmt: skip

days = st.integers(0, 60)
amounts = st.floats(0, 1e6).map(lambda value: round(value, 2))


def equal(a: float, b: float, size: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9 * max(size, 1.0))


def period(start: int, length: int) -> Period:
    return Period(FIRST + timedelta(days=start), FIRST + timedelta(days=start + length - 1))


def taken_apart(warehouse: Warehouse, metric: str, now: Period, before: Period) -> Analysis | None:
    """None where the data holds nothing of one of the periods, which is refused."""
    args = DriversArgs(
        metric=metric,
        period=Days(start=now.start, end=now.end),
        compare=Days(start=before.start, end=before.end),
        filters=(),
        by=(),
        top=5,
    )
    try:
        return analysed(prepared(Context(warehouse, CATALOG, TODAY, User("1", "admin")), args))
    except NotEnoughData:
        return None


def total(changes: Iterable[float]) -> float:
    return math.fsum(changes)


pairs_of_periods = st.tuples(days, st.integers(1, 30), st.integers(0, 20), st.integers(1, 30))


@settings(max_examples=8)
@given(lines, st.sampled_from(METRICS), pairs_of_periods, st.booleans())
def test_every_split_sums_to_the_change(
    rows: list[dict[str, Any]], metric: str, both: tuple[int, int, int, int], swapped: bool
) -> None:
    start, length, gap, later_length = both
    earlier, later = period(start, length), period(start + length + gap, later_length)
    now, before = (earlier, later) if swapped else (later, earlier)
    with store(rows) as warehouse:
        found = taken_apart(warehouse, metric, now, before)
    assume(found is not None and found.whole is not None and found.whole.change)
    assert found is not None
    whole = found.whole
    assert whole is not None
    change, size = whole.change, abs(whole.before) + abs(whole.now)
    for split in found.breakdowns:
        assert equal(total(one.change for one in split.contributions), change, size), split.dimension.id
        if whole.ratio:
            parts = [one.part for one in split.contributions]
            effects = total((*(whole.mix(part) for part in parts), *(whole.rate(part) for part in parts)))
            assert equal(effects, change, size)
    if found.drivers:
        assert equal(total((*(driver.step.change for driver in found.drivers), found.all_else)), change, size)
    if found.customers is not None:
        assert equal(total(group.change for group in found.customers.values()), change, size)
    if found.prices is not None:
        prices = found.prices
        assert equal(total((prices.sold.change, prices.discounts, prices.returns)), change, size)
    if found.factors:
        assert equal(total(factor.effect for factor in found.factors), change, size)


@settings(max_examples=8)
@given(lines, days, st.integers(1, 30), st.integers(1, 30))
def test_contributions_and_customers_are_a_plain_recount(
    rows: list[dict[str, Any]], start: int, length: int, later_length: int
) -> None:
    before, now = period(start, length), period(start + length, later_length)
    with store(rows) as warehouse:
        found = taken_apart(warehouse, "net_sales", now, before)
    assume(found is not None)
    assert found is not None
    contributions_are_a_recount(found, rows, now, before)
    if found.customers is not None:
        customers_are_a_recount(found.customers, rows, now, before)


def contributions_are_a_recount(found: Analysis, rows: list[dict[str, Any]], now: Period, before: Period) -> None:

    def net(inside: Period, country: str | None) -> float:
        return total(
            amount(row) if row["kind"] == "sold" else -amount(row)
            for row in rows
            if inside.start <= FIRST + timedelta(days=row["day"]) <= inside.end and row["country"] == country
        )

    for split in found.breakdowns:
        if split.dimension.id == "country":
            for one in split.contributions:
                wanted = net(now, one.value) - net(before, one.value)
                assert equal(one.change, wanted, 1e5)


def customers_are_a_recount(
    found: Mapping[Standing, Any], rows: list[dict[str, Any]], now: Period, before: Period
) -> None:
    """Each is counted as they bought."""

    def buyers(first: date, last: date) -> set[str]:
        return {
            row["customer"]
            for row in rows
            if row["kind"] == "sold" and row["customer"] and first <= FIRST + timedelta(days=row["day"]) <= last
        }

    bought_now, bought_before = buyers(now.start, now.end), buyers(before.start, before.end)
    ever_before = buyers(FIRST, now.start - timedelta(days=1))
    wanted: dict[Standing, set[str]] = {
        "new": bought_now - ever_before,
        "kept": bought_now & bought_before,
        "back": (bought_now & ever_before) - bought_before,
        "lost": bought_before - bought_now,
    }
    counted = {name: found[name].customers if name in found else 0 for name in wanted}
    assert counted == {name: len(people) for name, people in wanted.items()}


@given(st.lists(st.tuples(amounts, amounts, amounts, amounts), min_size=1, max_size=8))
def test_mix_and_rate_sum_to_a_ratios_change(cells: list[tuple[float, float, float, float]]) -> None:
    parts = [Part(*cell) for cell in cells]
    sums = [total(column) for column in zip(*cells, strict=True)]
    assume(sums[2] >= 0.01 and sums[3] >= 0.01)
    whole = Whole(sums[0], sums[1], sums[2], sums[3], ratio=True)
    size = max(abs(whole.before), abs(whole.now))
    assert equal(total(float(whole.contribution(part)) for part in parts), whole.change, size)
    assert equal(total((*map(whole.mix, parts), *map(whole.rate, parts))), whole.change, size)


@given(st.lists(st.tuples(amounts, amounts, st.integers(0, 9), st.integers(0, 9)), max_size=8))
def test_price_volume_and_mix_sum_to_the_change_of_gross_sales(cells: list[tuple[float, float, int, int]]) -> None:
    products = [Product(*map(float, cell)) for cell in cells]
    change = total(product.gross_now - product.gross_before for product in products)
    assert equal(price_volume_mix(products).change, change, total(p.gross_now + p.gross_before for p in products))


positive = st.floats(1e-3, 1e6)


@given(st.lists(st.tuples(positive, positive), min_size=1, max_size=4))
def test_factors_sum_to_the_change_of_their_product(pairs: list[tuple[float, float]]) -> None:
    before, now = [a for a, _b in pairs], [b for _a, b in pairs]
    found = factors.effects(before, now)
    assert found is not None
    first, last = math.prod(before), math.prod(now)
    assert equal(total(found), last - first, first + last)
    backwards = factors.effects(now, before)
    assert backwards is not None
    assert all(equal(a, -b, first + last) for a, b in zip(found, backwards, strict=True))
