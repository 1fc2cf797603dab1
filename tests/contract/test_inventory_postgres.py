"""Stock, its demand and what to order are the same on PostgreSQL as on DuckDB."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.postgres_store import copy_store, fresh_database
from tests.unit.stock_store import TODAY, Good, Store, context_of, daily, steady
from tools.answer import Answer
from tools.catalog.inventory import InventoryArgs, run
from tools.tool import Context, User

pytestmark = pytest.mark.xdist_group("inventory-postgres")

GOODS = [
    Good("tea", steady(10), daily(25), name="Green tea"),
    Good("mug", steady(2), daily(14, 60) | dict.fromkeys((9, 8, 7), (14, 0)), category="Kitchen"),
    Good('o\'pot "=1"', steady(4), daily(400), category=None, cost=None),
    Good("gone", [3] * 90 + [0] * 30, daily(0, days=30) | dict.fromkeys(range(30, 120), (40, 0)), lead=None),
    Good("old", steady(1, 20) + [0] * 100, daily(300), cost=5.0),
]


def shown(answer: Answer) -> tuple[object, ...]:
    facts = [(f.name, None if f.value is None else pytest.approx(f.value, rel=1e-9), f.where) for f in answer.facts]
    return answer.headline, answer.lines, answer.caveats, facts, answer.table


def test_every_show_is_alike(tmp_path: Path) -> None:
    duck = Store(GOODS).make(tmp_path / "warehouse.duckdb")
    ours = context_of(duck)
    with fresh_database("inventory") as address:
        other = copy_store(duck, address)
        theirs = Context(other, ours.catalog, TODAY, User("1", "analyst"))
        try:
            for show in ("risk", "cover", "reorder", "slow", "turnover", "classes"):
                args = InventoryArgs.model_validate({"show": show})
                assert shown(run(theirs, args)) == shown(run(ours, args))
            kitchen = InventoryArgs.model_validate({"filters": [{"dimension": "category", "values": ["Kitchen"]}]})
            assert shown(run(theirs, kitchen)) == shown(run(ours, kitchen))
        finally:
            other.close()
            duck.close()
