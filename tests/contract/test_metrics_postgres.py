"""The same questions on DuckDB and on PostgreSQL have the same answers."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tools.answer import ToolCall
from tools.registry import discover
from tools.runner import run
from tools.semantic.catalog import Catalog
from tools.tool import Context, User
from tools.warehouse.connection import Warehouse

OCTOBER = {"start": "2026-10-01", "end": "2026-10-31"}
YEAR = {"start": "2026-01-01", "end": "2026-11-20"}
CALLS: tuple[dict[str, Any], ...] = (
    {"metrics": ["net_sales", "orders", "aov", "return_rate"], "period": OCTOBER},
    {"metrics": ["new_customers", "returning_customers", "repurchase_rate"], "period": OCTOBER},
    {"metrics": ["new_customers"], "by": ["week"], "period": YEAR},
    {"metrics": ["new_customers"], "by": ["category"], "period": OCTOBER},
    {"metrics": ["aov", "orders_per_customer"], "period": OCTOBER},
    {"metrics": ["net_sales"], "by": ["country"], "period": YEAR, "top": 5, "share": True},
    {"metrics": ["units"], "by": ["product"], "period": YEAR, "top": 10, "compare": "year_ago"},
    {"metrics": ["net_sales"], "by": ["week"], "period": YEAR},
    {"metrics": ["orders"], "by": ["weekday"], "period": YEAR},
    {"metrics": ["orders"], "by": ["hour"], "period": OCTOBER},
    {"metrics": ["net_sales"], "by": ["category", "month"], "period": YEAR},
    {
        "metrics": ["net_sales"],
        "period": OCTOBER,
        "filters": [{"dimension": "country", "op": "not_in", "values": ["Germany"]}],
    },
    {
        "metrics": ["units"],
        "period": OCTOBER,
        "filters": [{"dimension": "category", "op": "contains", "values": ["o"]}],
    },
    {"metrics": ["conversion_rate"], "by": ["traffic_channel"], "period": OCTOBER},
    {"metrics": ["roas", "ad_spend"], "by": ["marketing_channel"], "period": YEAR},
    {"metrics": ["gross_margin_rate"], "by": ["category"], "period": OCTOBER, "order": "lowest", "top": 3},
    {
        "metrics": ["net_sales"],
        "by": ["country"],
        "period": YEAR,
        "having": [{"metric": "orders", "op": ">=", "value": 50}],
    },
    {"metrics": ["stock_out_rate", "average_stock"], "period": OCTOBER},
)


@pytest.mark.xdist_group("postgres")
@pytest.mark.parametrize(
    "args", CALLS, ids=lambda args: "+".join(args["metrics"]) + "".join(f"-{b}" for b in args.get("by", ()))
)
def test_both_engines_agree(args: dict[str, Any], demo: Warehouse, postgres: Warehouse, catalog: Catalog) -> None:
    answers = []
    for warehouse in (demo, postgres):
        context = Context(warehouse, catalog, date(2026, 11, 20), User("1", "admin"))
        answers.append(run(discover(), context, ToolCall("metrics", args), lambda *_: None))
    ours, theirs = answers
    assert len(ours.facts) == len(theirs.facts) > 0
    for a, b in zip(ours.facts, theirs.facts, strict=True):
        assert (a.name, a.unit, a.period, a.where) == (b.name, b.unit, b.period, b.where)
        assert a.value == (None if b.value is None else pytest.approx(b.value, rel=1e-9))
    assert ours.provenance.as_of == theirs.provenance.as_of
