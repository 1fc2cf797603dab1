"""Histories and forecasts are the same on DuckDB and on PostgreSQL."""

from __future__ import annotations

import numpy as np
import pytest

from tests.conftest import DEMO_END
from tools.answer import ToolCall
from tools.forecasting.history import Past
from tools.registry import discover
from tools.runner import run
from tools.semantic.catalog import Catalog
from tools.semantic.query import Filter
from tools.tool import Context, User
from tools.warehouse.connection import Warehouse


def contexts(*warehouses: Warehouse) -> list[Context]:
    catalog = Catalog.load()
    return [Context(warehouse, catalog, DEMO_END, User("1", "analyst")) for warehouse in warehouses]


@pytest.mark.parametrize("metric", ["net_sales", "active_customers"])
@pytest.mark.parametrize("step", [1, "month"])
def test_histories_are_the_same(demo: Warehouse, postgres: Warehouse, metric: str, step: int | str) -> None:
    if metric == "active_customers" and step == 1:
        step = 28
    china = (Filter(dimension="country", values=("China",)),)
    duck, post = (
        Past(context, context.catalog.metric(metric), china).history(step, "country")  # type: ignore[arg-type]
        for context in contexts(demo, postgres)
    )
    assert duck.reach == post.reach
    assert duck.units == post.units
    assert np.allclose(duck.total, post.total)
    assert duck.parts.keys() == post.parts.keys()
    for key, values in duck.parts.items():
        assert np.allclose(values, post.parts[key])


def test_answers_are_the_same(demo: Warehouse, postgres: Warehouse) -> None:
    for args in ({"by": "category", "top": 3},):
        duck, post = (
            run(discover(), context, ToolCall("forecast", args), lambda *_what: None, deadline_s=120)
            for context in contexts(demo, postgres)
        )
        assert [(f.name, f.period, dict(f.where)) for f in duck.facts] == [
            (f.name, f.period, dict(f.where)) for f in post.facts
        ]
        for ours, theirs in zip(duck.facts, post.facts, strict=True):
            assert ours.value == pytest.approx(theirs.value, rel=1e-6, abs=0.02), ours
