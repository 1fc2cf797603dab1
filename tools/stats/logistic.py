"""Logistic regression with a ridge of its own for each coefficient, by Newton's method.

Hoerl & Kennard (1970) for the ridge; le Cessie & van Houwelingen (1992), Ridge Estimators in Logistic Regression,
Applied Statistics 41(1). Checked against scikit-learn's `LogisticRegression`.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Vector: TypeAlias = NDArray[np.float64]

MOST_STEPS = 50
TOLERANCE = 1e-8


def sigmoid(z: Vector) -> Vector:
    """1 ÷ (1 + e^−z), without overflow."""
    with np.errstate(over="ignore"):
        return np.asarray(1.0 / (1.0 + np.exp(-z)), dtype=np.float64)


def log_odds(p: Vector, least: float = 1e-6) -> Vector:
    """log(p ÷ (1 − p)), with p kept `least` away from 0 and 1."""
    inside = np.clip(p, least, 1.0 - least)
    return np.asarray(np.log(inside) - np.log1p(-inside), dtype=np.float64)


def fit_logistic(design: Vector, outcomes: Vector, ridge: Vector, weight: float = 1.0) -> Vector:
    """Coefficients (k,) that minimise weight × logistic loss + ½ Σ ridge × coefficient².

    `design` (n, k), `outcomes` (n,) of 0 and 1, `ridge` (k,); positive for all that the data may leave open.
    """
    coefficients = np.zeros(design.shape[1])
    value = _loss(design, outcomes, ridge, weight, coefficients)
    for _step in range(MOST_STEPS):
        p = sigmoid(design @ coefficients)
        gradient = weight * (design.T @ (p - outcomes)) + ridge * coefficients
        curvature = (design * (weight * p * (1 - p))[:, None]).T @ design + np.diag(ridge)
        step = np.linalg.solve(curvature, gradient)
        for _halving in range(30):
            tried = _loss(design, outcomes, ridge, weight, coefficients - step)
            if tried <= value + 1e-12 * abs(value):
                break
            step /= 2
        coefficients, value = coefficients - step, tried
        if np.abs(step).max() < TOLERANCE:
            break
    return coefficients


def _loss(design: Vector, outcomes: Vector, ridge: Vector, weight: float, coefficients: Vector) -> float:
    z = design @ coefficients
    return float(weight * (np.logaddexp(0.0, z) - outcomes * z).sum() + 0.5 * (ridge * coefficients**2).sum())


def shift_to_mean(z: Vector, mean: float) -> float:
    """What to add to log odds so that the probabilities' mean is `mean`, which must lie between 0 and 1."""
    low, high = -60.0, 60.0
    for _halving in range(80):
        middle = (low + high) / 2
        if float(sigmoid(z + middle).mean()) < mean:
            low = middle
        else:
            high = middle
    return (low + high) / 2
