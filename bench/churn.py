"""Churn on Online Retail and CDNOW: the product's scores beside BG/NBD, recency, and plain gradient boosting.

Each method sees a store up to a day and says for every customer who ever ordered how likely no order is within 90 days;
the 90 days that follow judge it. The product's scores are those of `tools.customers.churn.scores`, its choice of method
included. BG/NBD is the model alone, its exact chance of no purchase. Recency is a logistic regression on the logarithm
of the days since the last order. Gradient boosting is scikit-learn's HistGradientBoostingClassifier as it comes, on the
raw figures. What learns, learns from the same past days.

A difference is given with its 95 % interval by the bootstrap over customers (paired). The first day of each data set is
the one that the figures in the documentation are of; the others show how far they carry.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from bench._retail import LAST_DAY, SHARED, retail_files, retail_home
from tools.customers.churn.features import Snapshot, behaviour, outcomes
from tools.customers.churn.model import design_of
from tools.customers.churn.scores import churn_scores, past_days
from tools.semantic.catalog import Catalog
from tools.stats.classification import auc, calibration, calibration_error, quality
from tools.tool import Context, User
from tools.warehouse.connection import Warehouse

HORIZON = 90
DRAWS = 400
Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    name: str
    store: Path
    first: date
    days: tuple[date, ...]


def main() -> None:
    for case in cases():
        warehouse = Warehouse.at(case.store)
        for day in case.days:
            _compare(case, warehouse, day)
        warehouse.close()


def cases() -> list[Case]:
    """The data sets that are there; the first day of each comes first."""
    found = []
    files = retail_files()
    if files:
        days = (date(2011, 6, 30), date(2010, 12, 31), date(2011, 3, 31), LAST_DAY - timedelta(days=HORIZON))
        found.append(Case("Online Retail", retail_home(files) / "warehouse.duckdb", date(2009, 12, 1), days))
    cdnow = SHARED / "data" / "cdnow" / "cdnow_master.parquet"
    if cdnow.exists():
        days = (date(1997, 9, 30), date(1997, 12, 31), date(1998, 3, 31))
        found.append(Case("CDNOW", cdnow_store(cdnow), date(1997, 1, 1), days))
    return found


def cdnow_store(source: Path) -> Path:
    """CDNOW's purchases as order lines."""
    target = Path(tempfile.gettempdir()) / "marketbot-bench" / "cdnow" / "warehouse.duckdb"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    connection = duckdb.connect(str(target))
    connection.execute(
        """
        CREATE TABLE order_lines AS
        SELECT 'L' || row_number() OVER () AS line_id, 'O' || row_number() OVER () AS order_id, date AS sold_at,
            'sold' AS kind, 'cd' AS product_id, customer_id::VARCHAR AS customer_id, NULL::VARCHAR AS country,
            NULL::VARCHAR AS region, NULL::VARCHAR AS city, NULL::VARCHAR AS channel, number_of_cds AS quantity,
            dollar_value / greatest(number_of_cds, 1) AS unit_price, dollar_value AS amount, 0.0::DOUBLE AS discount,
            NULL::DOUBLE AS cost
        FROM read_parquet($source)
        """,
        {"source": str(source)},
    )
    connection.close()
    return target


def _compare(case: Case, warehouse: Warehouse, day: date) -> None:
    started = time.perf_counter()
    scores = churn_scores(Context(warehouse, Catalog.load(), day, User("bench", "admin")), HORIZON)
    seconds = time.perf_counter() - started
    days = past_days(case.first, day, HORIZON)
    taken, _sql = behaviour(warehouse, [*days, day], HORIZON)
    past, now = taken[:-1], taken[-1]
    after = outcomes(warehouse, taken, HORIZON)
    left = 1.0 - after[-1].ordered.astype(np.float64)
    learned = np.concatenate([1.0 - o.ordered.astype(np.float64) for o in after[:-1]])
    predicted = {
        f"ours ({scores.method})": scores.probability,
        "BG/NBD alone": design_of(now, HORIZON).no_order,
        "recency alone": _recency(past, learned, now),
        "gradient boosting": _boosting(past, learned, now),
    }
    print(
        f"{case.name}: told on {day}, judged on the {HORIZON} days that followed; {len(left):,} customers, "
        f"{left.mean():.1%} left; {len(past)} past days; {seconds:.1f} s"
    )
    print(
        f"{'':20} {'AUC':>6} {'Brier':>7} {'calib. error':>13} {'lift':>6}   ours − it: AUC, calibration error (95 %)"
    )
    ours = scores.probability
    for name, p in predicted.items():
        q = quality(left, p)
        beside = "" if p is ours else _differences(left, ours, p)
        print(f"{name:20} {q.auc:6.4f} {q.brier:7.4f} {q.calibration_error:13.4f} {q.lift:6.2f}   {beside}", flush=True)
    print()


def _differences(left: Vector, ours: Vector, other: Vector) -> str:
    rng = np.random.default_rng(7)
    drawn = []
    for _draw in range(DRAWS):
        at = rng.integers(0, len(left), len(left))
        drawn.append([_pair(left[at], p[at]) for p in (ours, other)])
    whole = np.array(drawn)
    away = whole[:, 0] - whole[:, 1]
    low, high = np.quantile(away, (0.025, 0.975), axis=0)
    here = np.array(_pair(left, ours)) - np.array(_pair(left, other))
    return "   ".join(f"{here[i]:+.4f} [{low[i]:+.4f}, {high[i]:+.4f}]" for i in range(2))


def _pair(left: Vector, p: Vector) -> tuple[float, float]:
    return auc(left, p) or 0.0, calibration_error(calibration(left, p))


def _recency(past: tuple[Snapshot, ...], left: Vector, now: Snapshot) -> Vector:
    from sklearn.linear_model import LogisticRegression

    def column(snapshot: Snapshot) -> Vector:
        return np.log1p(snapshot["recency"])[:, None]

    model = LogisticRegression().fit(np.vstack([column(s) for s in past]), left)
    return np.asarray(model.predict_proba(column(now))[:, 1])


def _boosting(past: tuple[Snapshot, ...], left: Vector, now: Snapshot) -> Vector:
    from sklearn.ensemble import HistGradientBoostingClassifier

    def raw(snapshot: Snapshot) -> Vector:
        return np.column_stack(list(snapshot.columns.values()))

    model = HistGradientBoostingClassifier(random_state=0).fit(np.vstack([raw(s) for s in past]), left)
    return np.asarray(model.predict_proba(raw(now))[:, 1])


if __name__ == "__main__":
    main()
