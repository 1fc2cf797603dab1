"""Who is leaving is the same on DuckDB and on PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from tests.conftest import DEMO_END
from tools.customers.churn.features import behaviour, outcomes
from tools.customers.churn.scores import churn_scores
from tools.semantic.catalog import Catalog
from tools.tool import Context, User
from tools.warehouse.connection import Warehouse


def test_features_and_outcomes_are_the_same(demo: Warehouse, postgres: Warehouse) -> None:
    days = [DEMO_END - timedelta(days=n) for n in (120, 90)]
    for one_in in (1, 4):
        ours, theirs = (behaviour(w, days, 90, one_in)[0] for w in (demo, postgres))
        for duck, post in zip(ours, theirs, strict=True):
            assert duck.customer_ids.tolist() == post.customer_ids.tolist()
            assert set(duck.columns) == set(post.columns)
            for name, column in duck.columns.items():
                assert np.allclose(column, post[name], equal_nan=True, rtol=1e-9, atol=1e-6), name
        for duck_after, post_after in zip(outcomes(demo, ours, 90), outcomes(postgres, theirs, 90), strict=True):
            assert np.array_equal(duck_after.ordered, post_after.ordered)
            assert duck_after.net_sales == pytest.approx(post_after.net_sales)


def test_scores_are_the_same(demo: Warehouse, postgres: Warehouse) -> None:
    catalog = Catalog.load()
    ours, theirs = (churn_scores(Context(w, catalog, DEMO_END, User("1", "analyst"))) for w in (demo, postgres))
    assert ours.customer_ids == theirs.customer_ids
    assert ours.method == theirs.method
    assert ours.probability == pytest.approx(theirs.probability, abs=1e-6)
    assert ours.value_at_risk == pytest.approx(theirs.value_at_risk, abs=1e-3, rel=1e-6)
    assert np.array_equal(ours.lapsed, theirs.lapsed)
    assert [ours.action(at).id for at in range(50)] == [theirs.action(at).id for at in range(50)]
