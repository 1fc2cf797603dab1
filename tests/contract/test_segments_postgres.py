"""Rules, groups, lists and saved segments give the same customers on DuckDB and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from bot.migrations import upgrade
from tests.conftest import DEMO_END
from tests.contract.postgres_store import fresh_database
from tools.answer import ToolCall
from tools.registry import discover
from tools.runner import run
from tools.semantic.catalog import Catalog
from tools.state import connect
from tools.tool import Context, User
from tools.warehouse.connection import Warehouse

OCTOBER = {"start": "2026-10-01", "end": "2026-10-31"}
LAST_90_DAYS = {"start": "2026-08-23", "end": "2026-11-20"}


def did(measure: str, op: str, value: float, **more: Any) -> dict[str, Any]:
    return {"measure": measure, "op": op, "value": value, **more}


RULES: tuple[dict[str, Any], ...] = (
    did("orders", ">=", 2, period=LAST_90_DAYS),
    {"not": did("orders", ">=", 1, period=OCTOBER)},
    did("orders", "=", 0),
    did("net_sales", ">", 200, where=[{"dimension": "category", "op": "contains", "values": ["o"]}]),
    did("aov", ">=", 80),
    did("return_rate", ">", 0.1),
    did("days_since_last_order", ">", 180),
    {"all": [did("products", ">=", 5), did("returned_orders", "=", 0), {"event": "first_order", "period": OCTOBER}]},
    {"any": [did("units", "!=", 3), did("returns", ">", 20), did("gross_sales", "<=", 15)]},
    {"all": [{"attribute": "email_consent", "values": ["true"]}, did("days_since_first_order", "<", 60)]},
    did("orders", ">=", 1, where=[{"dimension": "weekday", "values": ["6", "7"]}], period=OCTOBER),
    {"scheme": "rfm", "groups": ["champions", "loyal"]},
    {"all": [{"scheme": "lifecycle", "groups": ["silent"]}, {"scheme": "tier", "groups": ["top", "high"]}]},
)
CALLS: tuple[dict[str, Any], ...] = (
    *({"rule": rule} for rule in RULES),
    {"rule": RULES[0], "top": 7, "order_by": "return_rate"},
    {"rule": RULES[6], "top": 7, "order_by": "days_since_last_order", "order": "lowest"},
    {"by": "rfm"},
    {"by": "lifecycle"},
    {"by": "country", "rule": RULES[3]},
)


@pytest.fixture(scope="module")
def state() -> Iterator[sessionmaker[Session]]:
    """A state database on PostgreSQL too."""
    with fresh_database("marketbot_state") as address:
        url = address.replace("postgres://", "postgresql+psycopg://")
        upgrade(url)
        sessions = connect(url)
        yield sessions
        sessions.kw["bind"].dispose()


@pytest.mark.xdist_group("postgres")
@pytest.mark.parametrize("args", CALLS, ids=[str(number) for number in range(len(CALLS))])
def test_both_engines_agree(args: dict[str, Any], demo: Warehouse, postgres: Warehouse, catalog: Catalog) -> None:
    ours, theirs = (
        run(discover(), Context(warehouse, catalog, DEMO_END, User("1", "admin")), ToolCall("segments", args), _nobody)
        for warehouse in (demo, postgres)
    )
    assert len(ours.facts) == len(theirs.facts) > 0
    for a, b in zip(ours.facts, theirs.facts, strict=True):
        assert (a.name, a.unit, a.period, a.where) == (b.name, b.unit, b.period, b.where)
        assert a.value == (None if b.value is None else pytest.approx(b.value, rel=1e-9))
    assert ours.table is not None
    assert theirs.table is not None
    assert [row[0] for row in ours.table.rows] == [row[0] for row in theirs.table.rows]


@pytest.mark.xdist_group("postgres")
def test_saved_segments_on_postgres(
    demo: Warehouse, postgres: Warehouse, catalog: Catalog, state: sessionmaker[Session]
) -> None:
    context = Context(postgres, catalog, DEMO_END, User("1", "admin"), state)
    run(discover(), context, ToolCall("segments", {"rule": RULES[9], "save_as": "新客户 1"}), _nobody)
    figure = ToolCall(
        "metrics",
        {
            "metrics": ["net_sales", "orders"],
            "period": OCTOBER,
            "filters": [{"dimension": "segment", "values": ["新客户 1"]}],
        },
    )
    theirs = run(discover(), context, figure, _nobody)
    ours = run(discover(), replace(context, warehouse=demo), figure, _nobody)
    values = [fact.value for fact in theirs.facts]
    assert values == pytest.approx([fact.value for fact in ours.facts], rel=1e-9)
    assert all(values)


def _nobody(_user: User, _action: str, _details: Any) -> None:
    """Nobody looks."""
