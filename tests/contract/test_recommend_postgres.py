"""Offers and pairs are the same on PostgreSQL as on DuckDB."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.contract.postgres_store import copy_store, fresh_database
from tests.unit.basket_store import Basket, Shop, two_tastes
from tools.customers.offers.bundles import pairs_with, strongest
from tools.customers.offers.recommending import for_customer, learned, offers_for
from tools.customers.offers.shelf import shelf

pytestmark = pytest.mark.xdist_group("recommend-postgres")


def test_offers_and_pairs_are_alike(tmp_path: Path) -> None:
    shop = Shop(
        (*two_tastes(), *[Basket(None, ("tea1", "tool1"), 20)] * 9),
        stock={"tea2": 0, "tea3": 9},
        customers={"new": ("Germany", "female")},
    )
    duck = shop.context(tmp_path)
    with fresh_database("recommend") as address:
        other = copy_store(duck.warehouse, address)
        try:
            there = replace(duck, warehouse=other)
            assert learned(there).backtest == learned(duck).backtest
            for customer in ("c001", "c004", "new"):
                assert for_customer(there, customer, 5) == for_customer(duck, customer, 5)
            assert offers_for(there, "c001", 5, 0.3, rebuys=True).offered == (
                offers_for(duck, "c001", 5, 0.3, rebuys=True).offered
            )
            assert strongest(there).pairs == strongest(duck).pairs
            assert pairs_with(there, "tea1").pairs == pairs_with(duck, "tea1").pairs
            assert (shelf(there).stock, shelf(there).prices) == (shelf(duck).stock, shelf(duck).prices)
        finally:
            other.close()
            duck.warehouse.close()
