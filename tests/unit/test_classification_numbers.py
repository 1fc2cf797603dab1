"""Figures of predictions, and the ridge logistic regression, against scikit-learn and their own definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score

from tools.stats.classification import auc, brier, calibration, calibration_error, lift, quality
from tools.stats.logistic import fit_logistic, log_odds, shift_to_mean, sigmoid

Vector = NDArray[np.float64]


def drawn(n: int = 2000, seed: int = 3, decimals: int = 6) -> tuple[Vector, Vector]:
    rng = np.random.default_rng(seed)
    p = rng.beta(2, 1.3, n)
    return (rng.random(n) < p).astype(np.float64), p.round(decimals)


@pytest.mark.parametrize("decimals", [6, 1])
def test_auc_and_brier_are_scikit_learns_also_with_ties(decimals: int) -> None:
    outcomes, p = drawn(decimals=decimals)
    assert auc(outcomes, p) == pytest.approx(roc_auc_score(outcomes, p), abs=1e-12)
    assert brier(outcomes, p) == pytest.approx(brier_score_loss(outcomes, p), abs=1e-12)


def test_calibration_is_scikit_learns_by_quantile() -> None:
    outcomes, p = drawn()
    bins = calibration(outcomes, p)
    actual, predicted = calibration_curve(outcomes, p, n_bins=10, strategy="quantile")
    assert [one.predicted for one in bins] == pytest.approx(list(predicted), abs=2e-3)
    assert [one.actual for one in bins] == pytest.approx(list(actual), abs=8e-3)
    assert calibration_error(bins) == pytest.approx(np.abs(actual - predicted).mean(), abs=8e-3)


def test_calibration_error_of_a_constant_is_its_distance() -> None:
    outcomes = np.array([1.0, 0.0, 0.0, 0.0] * 25)
    bins = calibration(outcomes, np.full(100, 0.45))
    assert sum(one.count for one in bins) == 100
    assert sum(one.count * one.actual for one in bins) == pytest.approx(25)
    assert calibration_error(calibration(outcomes, np.full(100, 0.45), bins=1)) == pytest.approx(0.2)


def test_lift_counts_ties_at_the_edge_by_their_mean() -> None:
    outcomes = np.array([1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    scores = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0])
    assert lift(outcomes, scores) == pytest.approx(5.0)
    assert lift(outcomes, np.zeros(10)) == pytest.approx(1.0)
    assert lift(np.zeros(10), scores) is None


@pytest.mark.parametrize("outcomes", [np.zeros(5), np.ones(5)])
def test_one_class_has_no_auc(outcomes: Vector) -> None:
    assert auc(outcomes, np.linspace(0, 1, 5)) is None
    assert quality(outcomes, np.linspace(0, 1, 5)).auc is None


def test_quality_refuses_what_does_not_match() -> None:
    with pytest.raises(ValueError, match="one length"):
        quality(np.zeros(3), np.zeros(4))
    with pytest.raises(ValueError, match="one length"):
        quality(np.zeros(0), np.zeros(0))


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 20)), min_size=2, max_size=60),
    st.floats(0.1, 3),
    st.floats(-2, 2),
)
def test_auc_depends_on_the_order_only(rows: list[tuple[bool, int]], steep: float, shift: float) -> None:
    outcomes = np.array([float(one) for one, _score in rows])
    scores = np.array([float(score) for _one, score in rows])
    found = auc(outcomes, scores)
    moved = auc(outcomes, np.exp(steep * scores / 10 + shift))
    assert (found is None) == (outcomes.min() == outcomes.max())
    if found is not None:
        assert 0 <= found <= 1
        assert moved == pytest.approx(found, abs=1e-12)
        assert auc(1 - outcomes, -scores) == pytest.approx(found, abs=1e-12)


@pytest.mark.parametrize("ridge", [0.1, 5.0, 200.0])
def test_the_logistic_regression_is_scikit_learns(ridge: float) -> None:
    rng = np.random.default_rng(11)
    columns = rng.normal(size=(800, 4)) * (1, 2, 0.5, 1)
    outcomes = (rng.random(800) < sigmoid(columns @ np.array([1.0, -0.5, 0.0, 0.3]) - 0.4)).astype(np.float64)
    theirs = LogisticRegression(C=1 / ridge, tol=1e-10, max_iter=5000).fit(columns, outcomes)
    design = np.column_stack([columns, np.ones(800)])
    ours = fit_logistic(design, outcomes, np.array([ridge] * 4 + [1e-9]))
    assert ours[:4] == pytest.approx(theirs.coef_[0], abs=1e-5)
    assert ours[4] == pytest.approx(theirs.intercept_[0], abs=1e-5)


def test_separable_outcomes_stay_finite() -> None:
    columns = np.column_stack([np.linspace(-1e3, 1e3, 50), np.ones(50)])
    found = fit_logistic(columns, (columns[:, 0] > 0).astype(np.float64), np.array([1.0, 1e-3]))
    assert np.isfinite(found).all()


@given(st.floats(0.01, 0.99), st.integers(0, 10_000))
def test_the_shift_gives_the_mean(mean: float, seed: int) -> None:
    z = np.random.default_rng(seed).normal(0, 3, 40)
    assert float(sigmoid(z + shift_to_mean(z, mean)).mean()) == pytest.approx(mean, abs=1e-9)


def test_log_odds_stay_inside() -> None:
    assert np.isfinite(log_odds(np.array([0.0, 0.5, 1.0]))).all()
    assert sigmoid(log_odds(np.array([0.2, 0.7]))) == pytest.approx([0.2, 0.7])
    assert sigmoid(np.array([-1e4, 1e4])) == pytest.approx([0.0, 1.0])
