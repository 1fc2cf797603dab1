"""The same changes are taken apart alike on DuckDB and on PostgreSQL."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import DEMO_END
from tools.answer import Answer, ToolCall
from tools.registry import discover
from tools.runner import run
from tools.semantic.catalog import Catalog
from tools.tool import Context, User
from tools.warehouse.connection import Warehouse

Q3 = {"start": "2026-07-01", "end": "2026-09-30"}
CALLS: tuple[dict[str, Any], ...] = (
    {"period": Q3},
    {"period": Q3, "compare": "year_ago", "filters": [{"dimension": "country", "values": ["Germany"]}]},
    {"metric": "return_rate", "period": Q3},
    {"metric": "aov", "period": Q3},
    {"metric": "new_customers", "period": {"start": "2026-02-01", "end": "2026-02-28"}},
    {"metric": "roas", "period": Q3},
)


@pytest.mark.parametrize("args", CALLS, ids=lambda args: args.get("metric", "net_sales"))
def test_both_engines_agree(args: dict[str, Any], demo: Warehouse, postgres: Warehouse, catalog: Catalog) -> None:
    def asked(warehouse: Warehouse) -> Answer:
        context = Context(warehouse, catalog, DEMO_END, User("1", "admin"))
        return run(discover(), context, ToolCall("drivers", args), lambda *_: None)

    ours, theirs = asked(demo), asked(postgres)
    assert len(ours.facts) == len(theirs.facts) > 0
    for a, b in zip(ours.facts, theirs.facts, strict=True):
        assert (a.name, a.unit, a.period, a.where) == (b.name, b.unit, b.period, b.where)
        assert a.value == (None if b.value is None else pytest.approx(b.value, rel=1e-9, abs=1e-6))
    assert ours.chart is not None
    assert theirs.chart is not None
    assert ours.provenance.as_of == theirs.provenance.as_of
