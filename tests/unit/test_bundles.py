"""Pairs of products against counts made by hand, and against the pairs that are planted in the demo store."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from tests.unit.basket_store import Basket, Shop
from tools.customers.offers.bundles import MOST_PRODUCTS, known_product, pairs_with, strongest
from tools.errors import InvalidArgument, NotEnoughData
from tools.stats.association import byar_low
from tools.tool import Context

# 20 baskets: 8 with tea and cup, 2 with tea alone, 4 with cup and jam, 6 with jam alone.
BASKETS = (
    *[Basket("a", ("tea", "cup"))] * 8,
    *[Basket(None, ("tea",))] * 2,
    *[Basket("b", ("cup", "jam"))] * 4,
    *[Basket("b", ("jam",))] * 6,
)


def test_figures_by_hand(tmp_path: Path) -> None:
    found = pairs_with(Shop(BASKETS).context(tmp_path), "tea")
    assert (found.baskets, found.too_large, found.least) == (20, 0, 5)
    (pair,) = found.pairs
    assert (pair.product_id, pair.with_id, pair.together, pair.first, pair.second) == ("tea", "cup", 8, 10, 12)
    assert pair.support == pytest.approx(0.4)
    assert pair.confidence == pytest.approx(0.8)
    assert pair.lift == pytest.approx(0.8 / 0.6)
    assert pair.lift_low == pytest.approx(byar_low(8, math.sqrt(8)) / 6)


def test_over_all_products_each_pair_stands_once_in_its_surer_direction(tmp_path: Path) -> None:
    (pair,) = strongest(Shop(BASKETS).context(tmp_path)).pairs
    assert (pair.product_id, pair.with_id, pair.together) == ("tea", "cup", 8)


def test_returns_repeated_lines_and_what_comes_later_do_not_count(tmp_path: Path) -> None:
    more = (
        *BASKETS,
        *[Basket("a", ("tea", "jam"), kind="returned")] * 9,
        *[Basket("a", ("tea", "jam"), days_ago=-1)] * 9,
        *[Basket("a", ("tea", "tea", "cup", "cup"))] * 2,
    )
    (pair,) = pairs_with(Shop(more).context(tmp_path), "tea").pairs
    assert (pair.with_id, pair.together, pair.first, pair.second, pair.baskets) == ("cup", 10, 12, 14, 22)


def test_baskets_that_are_too_large_are_left_out_everywhere(tmp_path: Path) -> None:
    large = Basket("x", ("tea", "cup", *(f"p{i}" for i in range(MOST_PRODUCTS))))
    found = pairs_with(Shop((*BASKETS, *[large] * 5)).context(tmp_path), "tea")
    assert (found.baskets, found.too_large, found.pairs[0].together) == (20, 5, 8)


def test_the_limit_takes_more_from_a_rare_pair(tmp_path: Path) -> None:
    """One pair was seen 5 times (lift 7.8), another 30 times (lift 3.3): the second comes first."""
    shop = Shop(
        (
            *[Basket("a", ("x", "y"))] * 5,
            *[Basket("a", ("x",))] * 3,
            *[Basket("a", ("y",))] * 3,
            *[Basket("a", ("tea", "cup"))] * 30,
            *[Basket("a", ("jam",))] * 59,
        )
    )
    first, second = strongest(shop.context(tmp_path)).pairs
    assert (first.product_id, first.with_id) == ("cup", "tea")
    assert first.lift < second.lift
    assert first.lift / first.lift_low < 2
    assert second.lift / second.lift_low > 4


def test_too_few_baskets_and_unknown_products_are_said(tmp_path: Path) -> None:
    context = Shop((*BASKETS, Basket("a", ("rare'; DROP TABLE order_lines; --", "cup")))).context(tmp_path)
    with pytest.raises(NotEnoughData, match="is in 1 basket only"):
        pairs_with(context, "rare'; DROP TABLE order_lines; --")
    assert known_product(context, " TEA ") == "tea"
    assert known_product(context, "name of cup") == "cup"
    with pytest.raises(InvalidArgument, match=r"Nearest: tea"):
        known_product(context, "teaa")


def test_the_planted_pairs_stand_at_the_top(demo_context: Context, demo_path: Path) -> None:
    truths = json.loads((demo_path.parent / "truth.json").read_text(encoding="utf-8"))["truths"]
    planted = {
        frozenset((truth["where"]["product_id"], truth["where"]["with_product_id"])): truth
        for truth in truths
        if truth["kind"] == "bought_together"
    }
    assert planted
    found = strongest(demo_context).pairs[: len(planted)]
    assert {frozenset((pair.product_id, pair.with_id)) for pair in found} == set(planted)
    for pair in found:
        truth = planted[frozenset((pair.product_id, pair.with_id))]
        assert pair.lift >= truth["parameters"]["least_lift"]
        leading = pairs_with(demo_context, truth["where"]["product_id"]).pairs[0]
        assert leading.with_id == truth["where"]["with_product_id"]
        assert leading.confidence == pytest.approx(truth["parameters"]["probability"], abs=0.15)
