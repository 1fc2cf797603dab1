"""A failure here is an offer that cannot be kept, or a figure of a pair that is not what the baskets say."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.unit.basket_store import Basket, Shop
from tools.customers.offers.bundles import Pair, pairs_with, strongest
from tools.customers.offers.recommending import offers_for, offers_for_segment


def made_up(seed: int) -> Shop:
    """90 customers, 40 products: popular and rare, some gone, some out of stock; ids like SQL and formulas."""
    rng = np.random.default_rng(seed)
    products = [*(f"p{i}" for i in range(37)), "'; --", "=1+1", "茶杯☕"]
    weights = rng.random(40) ** 3
    baskets = []
    for _order in range(600):
        days = int(rng.integers(0, 300))
        there = [p for i, p in enumerate(products) if i % 8 or days > 100]  # each eighth is no longer sold
        chances = np.array([weights[products.index(p)] for p in there])
        size = int(rng.integers(1, 7))
        chosen = rng.choice(len(there), size, replace=False, p=chances / chances.sum())
        who = None if rng.random() < 0.1 else f"k{rng.integers(0, 90)}"
        kind = "returned" if rng.random() < 0.05 else "sold"
        baskets.append(Basket(who, tuple(there[i] for i in chosen), days, kind))
    stock = {product: int(rng.integers(-1, 4)) for product in products[::3]}
    return Shop(tuple(baskets), {p: f"group {i % 4}" for i, p in enumerate(products)}, stock)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_offers_can_be_kept(tmp_path: Path, seed: int) -> None:
    shop = made_up(seed)
    context = shop.context(tmp_path)
    sold = [basket for basket in shop.baskets if basket.kind == "sold"]
    live = {p for basket in sold if basket.days_ago < 90 and basket.customer for p in basket.products}
    empty = {product for product, units in shop.stock.items() if units <= 0}
    customers = sorted({basket.customer for basket in sold if basket.customer})
    for customer in customers[::6]:
        own = {p for basket in sold if basket.customer == customer for p in basket.products}
        for diversity, top in ((0.0, 5), (0.6, 12), (1.0, 3)):
            offers = offers_for(context, customer, top, diversity)
            ids = [one.product_id for one in offers.offered]
            assert len(ids) == len(set(ids)) <= top
            assert set(ids) <= live - empty - own
            assert all(one.score > 0 for one in offers.offered)
            assert 0 < offers.variety.kept <= 1 + 1e-9
            again = offers_for(context, customer, top, diversity, rebuys=True)
            assert {one.product_id for one in again.offered} <= live - empty
    offers = offers_for_segment(context, frozenset(customers[:30]), 10, 0.3)
    assert {one.product_id for one in offers.offered} <= live - empty


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_pairs_are_what_the_baskets_say(tmp_path: Path, seed: int) -> None:
    shop = made_up(seed)
    context = shop.context(tmp_path)
    sets = [set(basket.products) for basket in shop.baskets if basket.kind == "sold"]
    found = strongest(context)
    assert found.baskets == len(sets)

    def counted(pair: Pair) -> tuple[int, int, int]:
        return (
            sum({pair.product_id, pair.with_id} <= s for s in sets),
            sum(pair.product_id in s for s in sets),
            sum(pair.with_id in s for s in sets),
        )

    for pair in found.pairs:
        assert (pair.together, pair.first, pair.second) == counted(pair)
    products = {product for s in sets for product in s}
    expected = sum(sum({a, b} <= s for s in sets) >= found.least for a, b in combinations(sorted(products), 2))
    assert len(found.pairs) == expected
    lows = [pair.lift_low for pair in found.pairs]
    assert all(one >= other - 1e-9 for one, other in pairwise(lows))
    some = max(products, key=lambda product: (sum(product in s for s in sets), product))
    beside = pairs_with(context, some)
    assert beside.pairs
    for pair in beside.pairs:
        assert pair.product_id == some
        assert (pair.together, pair.first, pair.second) == counted(pair)
