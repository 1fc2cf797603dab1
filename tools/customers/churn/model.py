"""Who will place no order within a horizon: two models, and the last backtest that chooses between them.

*Purchase rhythm* is the BG/NBD model's exact chance of no purchase (Fader, Hardie & Lee 2005). *Behaviour* is a
logistic regression with a ridge on figures of each customer's behaviour, that chance among them, learned from several
past days whose outcome is known by now. Every past day has an effect of its own: how many leave swings with the
season, and must not be taken for a difference between customers.

How many will leave altogether is told apart from who will: the level is BG/NBD's expectation for all customers
together, corrected by half of its error in the same season a year earlier, where the store had half a year of history
by then. The slope of the log odds is calibrated (Platt 1999) on customers that the fit did not see.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tools.customers.churn.features import Outcome, Snapshot
from tools.stats.bgnbd import BgNbd
from tools.stats.logistic import Vector, fit_logistic, log_odds, shift_to_mean, sigmoid

Method = Literal["behaviour", "rhythm"]
Theme = Literal[
    "rhythm", "frequency", "spend", "value", "returns", "variety", "season", "messages", "visits", "coupons",
    "complaints",
]  # fmt: skip
Flags: TypeAlias = NDArray[np.bool_]

RIDGE = 40.0
DAY_RIDGE = 1.0  # of the effect of a past day
FOLDS = 2
YEAR = 365
SAME_SEASON = 20  # days around a year earlier
SETTLED = 180  # days of history without which a year-ago error says more of the store's beginning than of its season
SEASON_SHARE = 0.5

# What each column of the design tells of. Rhythm holds the columns of the simpler model.
SILENCE = "silence"
_THEMES: Mapping[str, Theme] = {
    SILENCE: "rhythm",
    "recency": "rhythm",
    "tenure": "rhythm",
    "orders": "rhythm",
    "once": "rhythm",
    "late": "rhythm",
    "late_recently": "rhythm",
    "late_longest": "rhythm",
    "overdue": "rhythm",
    "late_by_orders": "rhythm",
    "recency_by_orders": "rhythm",
    "irregular": "rhythm",
    **{f"orders_{n}": "frequency" for n in (30, 90, 180, 365)},
    **{f"sales_{n}": "spend" for n in (90, 180, 365)},
    "last_order": "spend",
    "net_sales": "value",
    "order_value": "value",
    "returns": "returns",
    "products": "variety",
    "products_new": "variety",
    "lines": "variety",
    "orders_year_ago": "season",
    "a_year_old": "season",
    "messages": "messages",
    "opened": "messages",
    "opted_out": "messages",
    "visited": "visits",
    "visit_age": "visits",
    "visits_30": "visits",
    "visits_90": "visits",
    "coupons": "coupons",
    "coupons_used": "coupons",
    "reviews": "complaints",
    "complaints": "complaints",
}


@dataclass(frozen=True)
class Design:
    """The customers of a snapshot as the models see them.

    `columns` (n, k) beside their `names`; `no_order` (n,) is BG/NBD's chance of no purchase within the horizon.
    """

    day: date
    names: tuple[str, ...]
    columns: Vector
    no_order: Vector
    bgnbd: BgNbd

    def of(self, names: Sequence[str]) -> Vector:
        return self.columns[:, [self.names.index(name) for name in names]]


@dataclass(frozen=True)
class Example:
    """A past day whose outcome is known: `left` (n,) is 1 for who placed no order within the horizon."""

    design: Design
    left: Vector
    folds: NDArray[np.int64]


def rhythm_of(snapshot: Snapshot) -> tuple[Vector, Vector, Vector]:
    """x, t_x and T of BG/NBD, in days."""
    return snapshot["orders"] - 1, snapshot["tenure"] - snapshot["recency"], snapshot["tenure"]


def design_of(snapshot: Snapshot, horizon_days: int) -> Design:
    """Figures on scales on which equal steps mean alike: logarithms of times, counts and money.

    Raises FitFailed where BG/NBD cannot be fitted to the snapshot, for instance because nobody bought again.
    """
    x, t_x, age = rhythm_of(snapshot)
    model = BgNbd.fit(x, t_x, age)
    no_order = model.no_purchase(horizon_days, x, t_x, age)
    log = np.log1p

    def money(values: Vector) -> Vector:
        return np.asarray(log(np.maximum(values, 0.0)), dtype=np.float64)

    s = snapshot
    # Who ordered once has no gap yet: it is at least as long as they are known.
    open_gap = s["tenure"] + 1.0
    gap, recent_gap, longest = (
        np.where(np.isnan(s[name]), open_gap, s[name]) for name in ("gap_mean", "gap_recent", "gap_max")
    )
    recency, orders = log(s["recency"]), log(s["orders"])
    late = recency - log(gap)
    mean_value = s["gross_sales"] / s["orders"]
    found: dict[str, Vector] = {
        SILENCE: log_odds(no_order, 1e-4),
        "recency": recency,
        "tenure": log(s["tenure"]),
        "orders": orders,
        "once": (s["orders"] == 1).astype(np.float64),
        "late": late,
        "late_recently": recency - log(recent_gap),
        "late_longest": recency - log(longest),
        "overdue": np.maximum(late, 0.0),
        "late_by_orders": late * orders,
        "recency_by_orders": recency * orders,
        "irregular": np.where(np.isnan(s["gap_sd"]), 0.0, s["gap_sd"] / np.maximum(gap, 1.0)),
        **{f"orders_{n}": log(s[f"orders_{n}"]) for n in (30, 90, 180, 365)},
        **{f"sales_{n}": money(s[f"sales_{n}"]) for n in (90, 180, 365)},
        "last_order": money(s["last_value"]) - money(mean_value),
        "net_sales": money(s["net_sales"]),
        "order_value": money(mean_value),
        "returns": returned_share(snapshot),
        "products": log(s["products"]),
        "products_new": log(s["products_new_90"]),
        "lines": log(s["lines_an_order"]),
        "orders_year_ago": log(s["orders_year_ago"]),
        "a_year_old": (s["tenure"] >= YEAR - horizon_days).astype(np.float64),
        **_beside(snapshot),
    }
    return Design(s.day, tuple(found), np.column_stack(list(found.values())), no_order, model)


def _beside(s: Snapshot) -> dict[str, Vector]:
    """Figures from tables that not every store has."""
    found: dict[str, Vector] = {}
    for name in ("messages", "opened", "visits_30", "visits_90", "coupons", "coupons_used", "reviews", "complaints"):
        if name in s:
            found[name] = np.log1p(s[name])
    if "unsubscribed" in s:
        found["opted_out"] = (s["unsubscribed"] > 0).astype(np.float64)
    if "days_since_visit" in s:
        seen = ~np.isnan(s["days_since_visit"])
        found["visited"] = seen.astype(np.float64)
        found["visit_age"] = np.log1p(np.where(seen, s["days_since_visit"], 0.0))
    return found


def returned_share(snapshot: Snapshot) -> Vector:
    """Returns as a share of gross sales, at most 1; 0 where nothing was sold for money."""
    gross = snapshot["gross_sales"]
    share = np.divide(snapshot["returns"], gross, out=np.zeros_like(gross), where=gross > 0)
    return np.asarray(np.clip(share, 0.0, 1.0), dtype=np.float64)


def example_of(snapshot: Snapshot, outcome: Outcome, horizon_days: int) -> Example:
    """Raises FitFailed as `design_of` does."""
    # A customer is in the same fold on every day.
    folds = np.array([zlib.crc32(str(customer).encode()) % FOLDS for customer in snapshot.customer_ids], dtype=np.int64)
    return Example(design_of(snapshot, horizon_days), 1.0 - outcome.ordered.astype(np.float64), folds)


@dataclass(frozen=True)
class Classifier:
    """Log odds of leaving as a sum over columns, apart from the level, which `level_of` tells."""

    names: tuple[str, ...]
    centre: Vector
    scale: Vector
    coefficients: Vector

    def log_odds(self, design: Design) -> Vector:
        return np.asarray((design.of(self.names) - self.centre) / self.scale @ self.coefficients, dtype=np.float64)

    def contributions(self, design: Design, like: Flags) -> dict[Theme, Vector]:
        """What each theme adds to a customer's log odds, against the mean of the customers `like`; exact."""
        columns = design.of(self.names)
        parts = (columns - columns[like].mean(axis=0)) / self.scale * self.coefficients
        found: dict[Theme, Vector] = {}
        for at, name in enumerate(self.names):
            theme = _THEMES[name]
            found[theme] = found.get(theme, np.zeros(len(columns))) + parts[:, at]
        return found


@dataclass(frozen=True)
class Forecast:
    """Calibrated probabilities (n,) of leaving, by one method."""

    method: Method
    probability: Vector
    classifier: Classifier


def forecast(method: Method, target: Design, examples: Sequence[Example], horizon_days: int) -> Forecast:
    """Probabilities for the customers of `target`, from examples whose outcome was known on its day.

    Without examples the method "rhythm" takes BG/NBD as it stands. Raises ValueError for "behaviour" without any.
    """
    known = [e for e in examples if e.design.day + timedelta(days=horizon_days) <= target.day]
    if method == "rhythm":
        one = np.ones(1)
        classifier = Classifier((SILENCE,), np.zeros(1), one, one)
        if known:
            classifier = fit_classifier((SILENCE,), known, horizon_days)
    else:
        classifier = fit_classifier(target.names, known, horizon_days)
    z = classifier.log_odds(target)
    level = shift_to_mean(z, float(target.no_order.mean())) + SEASON_SHARE * season_error(target.day, known)
    return Forecast(method, sigmoid(z + level), classifier)


def season_error(day: date, examples: Sequence[Example]) -> float:
    """How far BG/NBD's expectation was off a year before `day`, in log odds; 0 where that cannot be told."""
    then = day - timedelta(days=YEAR)
    near = [
        e.design
        for e in examples
        if abs((e.design.day - then).days) <= SAME_SEASON and float(_history(e.design)) >= SETTLED
    ]
    lefts = {e.design.day: e.left for e in examples}
    errors = [shift_to_mean(log_odds(d.no_order), float(np.clip(lefts[d.day].mean(), 0.01, 0.99))) for d in near]
    return float(np.mean(errors)) if errors else 0.0


def _history(design: Design) -> float:
    """Days since the first order of all."""
    return float(np.expm1(design.of(("tenure",)).max()))


def fit_classifier(names: Sequence[str], examples: Sequence[Example], horizon_days: int) -> Classifier:
    """Raises ValueError without examples."""
    if not examples:
        raise ValueError("nothing to learn from")
    columns = np.vstack([e.design.of(names) for e in examples])
    centre, deviation = columns.mean(axis=0), columns.std(axis=0)
    scale = np.where(deviation > 1e-9, deviation, 1.0)
    days = np.repeat(np.arange(len(examples)), [len(e.left) for e in examples])
    design = np.hstack([(columns - centre) / scale, np.eye(len(examples))[days], np.ones((len(days), 1))])
    left, folds = np.concatenate([e.left for e in examples]), np.concatenate([e.folds for e in examples])
    ridge = np.concatenate([np.full(len(names), RIDGE), np.full(len(examples), DAY_RIDGE), [1e-3]])
    # Outcomes of days that lie closer than the horizon overlap, and count for less.
    apart = [(b.design.day - a.design.day).days for a, b in pairwise(examples)]
    weight = min(1.0, float(np.median(apart)) / horizon_days) if apart else 1.0

    def fitted(rows: Flags) -> Vector:
        return fit_logistic(design[rows], left[rows], ridge, weight)

    coefficients = fitted(np.ones(len(left), dtype=np.bool_))[: len(names)]
    slope = _slope(fitted, design, left, folds, len(names))
    return Classifier(tuple(names), centre, scale, coefficients * slope)


def _slope(fitted: Callable[[Flags], Vector], design: Vector, left: Vector, folds: Vector, columns: int) -> float:
    """How steep the log odds are for customers whom the fit did not see: 1 where it is as sure as it may be."""
    held_out = np.zeros(len(left))
    for fold in range(FOLDS):
        out = folds == fold
        if not out.any() or out.all():
            return 1.0
        held_out[out] = design[out][:, :columns] @ fitted(~out)[:columns]
    days = design[:, columns:]
    ridge = np.concatenate([[1.0], np.full(days.shape[1], 1e-3)])
    return float(np.clip(fit_logistic(np.column_stack([held_out, days]), left, ridge)[0], 0.2, 2.0))
