"""Lifetime values and profiles are the same on DuckDB and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.conftest import DEMO_END
from tools.answer import Answer, ToolCall
from tools.errors import InvalidArgument
from tools.registry import discover
from tools.runner import run
from tools.semantic.catalog import Catalog
from tools.tool import Context, User
from tools.warehouse.connection import Warehouse


def ask(context: Context, tool: str, **args: Any) -> Answer:
    return run(discover(), context, ToolCall(tool, args), lambda *_: None)


@pytest.fixture(scope="module")
def contexts(demo: Warehouse, postgres: Warehouse, catalog: Catalog) -> tuple[Context, Context]:
    one = Context(demo, catalog, DEMO_END, User("1", "admin"))
    return one, replace(one, warehouse=postgres)


@pytest.mark.parametrize(
    "args", [{"top": 30}, {"by": "country"}, {"by": "lifecycle"}, {"show": "distribution", "horizon_days": 90}], ids=str
)
def test_values(contexts: tuple[Context, Context], args: dict[str, Any]) -> None:
    one, other = (ask(context, "clv", **args) for context in contexts)
    assert one.table is not None
    assert other.table is not None
    assert [row[0] for row in one.table.rows] == [row[0] for row in other.table.rows]
    for mine, theirs in zip(one.facts, other.facts, strict=True):
        assert (mine.name, mine.where) == (theirs.name, theirs.where)
        assert mine.value == pytest.approx(theirs.value, rel=1e-6), mine.name


def test_a_profile(contexts: tuple[Context, Context]) -> None:
    listed = ask(contexts[0], "clv", top=1).table
    assert listed is not None
    customer = str(listed.rows[0][0])
    one, other = (ask(context, "customer", customer=customer) for context in contexts)
    found = {fact.name: fact.value for fact in other.facts}
    for fact in one.facts:
        if fact.name not in ("churn_probability", "value_at_risk"):
            assert found[fact.name] == pytest.approx(fact.value, rel=1e-6), fact.name
    assert one.table is not None
    assert other.table is not None
    assert [column.name for column in one.table.columns] == [column.name for column in other.table.columns]
    with pytest.raises(InvalidArgument, match=customer):
        ask(contexts[1], "customer", customer=customer + "0")
