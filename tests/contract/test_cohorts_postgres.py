"""Cohorts, and every customer's group in each scheme, are the same on DuckDB and on PostgreSQL."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import DEMO_END
from tools.catalog.cohorts import CohortsArgs, run
from tools.customers.histories import Histories
from tools.customers.schemes import SCHEMES
from tools.customers.schemes.standing import standing
from tools.semantic.catalog import Catalog
from tools.tool import Context, User
from tools.warehouse.connection import Warehouse

CALLS: tuple[dict[str, Any], ...] = (
    {},
    {"grain": "week", "measure": "net_sales"},
    {"grain": "quarter", "measure": "net_sales_per_customer"},
    {"by": "acquisition_channel", "offset": 2},
    {"measure": "customers", "where": [{"dimension": "weekday", "values": ["6", "7"]}]},
    {"rule": {"scheme": "rfm", "groups": ["champions", "loyal"]}},
)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_each_customer_is_in_the_same_group(demo: Warehouse, postgres: Warehouse, scheme: str) -> None:
    one, other = (
        sorted(store.fetch(SCHEMES[scheme].assigned(Histories(store, DEMO_END)))[0]) for store in (demo, postgres)
    )
    assert one
    assert one == other


def test_one_pass_gives_the_same(demo: Warehouse, postgres: Warehouse) -> None:
    def read(store: Warehouse) -> list[tuple[Any, ...]]:
        table = standing(Histories(store, DEMO_END)).select("customer_id", "recency_days", "r", "f", "m", "lifecycle")
        return sorted(store.fetch(table)[0])

    assert read(demo) == read(postgres)


@pytest.mark.parametrize("args", CALLS, ids=str)
def test_cohorts_are_the_same(demo: Warehouse, postgres: Warehouse, catalog: Catalog, args: dict[str, Any]) -> None:
    one, other = (
        run(Context(store, catalog, DEMO_END, User("1", "admin")), CohortsArgs.model_validate(args))
        for store in (demo, postgres)
    )
    assert [(f.name, dict(f.where), f.unit, f.period) for f in one.facts] == [
        (f.name, dict(f.where), f.unit, f.period) for f in other.facts
    ]
    assert [f.value for f in one.facts] == pytest.approx([f.value for f in other.facts], abs=1e-6)
    assert str(one.headline) == str(other.headline)
