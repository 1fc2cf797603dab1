"""Churn: wrong numbers without an error, each of them once possible."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pytest

from tests.unit.churn_store import HORIZON, TODAY, context_of, crowd, store_of
from tests.unit.customer_store import Line
from tools.customers.churn.features import behaviour
from tools.customers.churn.scores import churn_scores
from tools.tool import Context

COHORT_MONTH = (date(2026, 2, 1), date(2026, 2, 28))


def test_who_sent_everything_back_distorts_nobodys_value(tmp_path: Path) -> None:
    """0.1 + 0.2 − 0.3 is not zero: such a trace, taken for a mean order value, spoiled the fit of all others."""
    lines = crowd(400)
    gone = [f"Z{n:03}" for n in range(40)]
    day = TODAY - timedelta(days=200)
    full = [Line(c, f"{c}-{p}", day, price=p) for c in gone for p in (0.1, 0.2)]
    back = [Line(c, f"{c}-r", day, price=0.3, kind="returned") for c in gone]
    found = []
    for number, extra in enumerate(([], [*full, *back])):
        warehouse = store_of(tmp_path / f"{number}.duckdb", [*lines, *extra])
        found.append(churn_scores(context_of(warehouse), HORIZON))
        warehouse.close()
    plain, with_them = found
    total = sum(with_them.expected[with_them.place[c]] for c in gone)
    assert total == 0
    kept = [with_them.place[c] for c in plain.customer_ids]
    assert float(with_them.expected[kept].sum()) == pytest.approx(float(plain.expected.sum()), rel=0.25)


def test_a_store_whose_sales_ended_does_not_lose_everybody(tmp_path: Path) -> None:
    warehouse = store_of(tmp_path / "warehouse.duckdb", crowd())
    then = churn_scores(context_of(warehouse), HORIZON)
    later = churn_scores(replace(context_of(warehouse), today=TODAY + timedelta(days=90)), HORIZON)
    assert later.day == then.day
    assert np.array_equal(later.probability, then.probability)
    warehouse.close()


def test_both_halves_of_a_join_keep_their_columns(tmp_path: Path) -> None:
    """A dropped column that comes back shifts every figure by one."""
    warehouse = store_of(tmp_path / "warehouse.duckdb", crowd(60))
    (snapshot,), _sql = behaviour(warehouse, [TODAY], HORIZON)
    spent: dict[str, float] = {}
    for line in crowd(60):
        spent[str(line.customer)] = spent.get(str(line.customer), 0.0) + line.worth
    assert dict(zip(snapshot.customer_ids.tolist(), snapshot["net_sales"].tolist(), strict=True)) == pytest.approx(
        spent
    )
    warehouse.close()


def test_the_planted_cohort_that_left_scores_higher_than_others_of_its_age(
    demo_context: Context, demo_path: Path
) -> None:
    """Soon after their first order, who came through one channel in one month is gone, and looks it in time."""
    connection = duckdb.connect(str(demo_path), read_only=True)
    rows = connection.execute(
        "SELECT customer_id, acquisition_channel FROM customers WHERE signed_up_at >= ? AND signed_up_at < ?",
        [COHORT_MONTH[0], COHORT_MONTH[1] + timedelta(days=1)],
    ).fetchall()
    connection.close()
    scores = churn_scores(demo_context)
    planted = [scores.place[c] for c, channel in rows if channel == "influencer" and c in scores.place]
    others = [scores.place[c] for c, channel in rows if channel != "influencer" and c in scores.place]
    assert len(planted) >= 10
    assert scores.probability[planted].mean() > scores.probability[others].mean() + 0.1
    assert np.median(scores.probability[planted]) > 0.85
