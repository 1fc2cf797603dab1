"""How good predicted probabilities are: ranking, error, calibration, lift.

`outcomes` are 0 or 1, `predicted` probabilities of 1, both arrays (n,). Checked against scikit-learn's `roc_auc_score`,
`brier_score_loss` and `calibration_curve`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Vector: TypeAlias = NDArray[np.float64]
BINS = 10
TOP_SHARE = 0.1


@dataclass(frozen=True)
class Bin:
    """Predictions of like height: how many, their mean, and the share of outcomes that were 1."""

    count: int
    predicted: float
    actual: float


@dataclass(frozen=True)
class Quality:
    """Figures of one set of predictions. `auc` is None where all outcomes are the same."""

    count: int
    share: float  # of outcomes that were 1
    auc: float | None
    brier: float
    calibration_error: float
    lift: float | None  # in the top tenth
    bins: tuple[Bin, ...]


def quality(outcomes: Vector, predicted: Vector) -> Quality:
    """All figures at once. Raises ValueError for empty arrays."""
    if not len(outcomes) or outcomes.shape != predicted.shape:
        raise ValueError(f"expected two arrays of one length, got {outcomes.shape} and {predicted.shape}")
    bins = calibration(outcomes, predicted)
    return Quality(
        count=len(outcomes),
        share=float(outcomes.mean()),
        auc=auc(outcomes, predicted),
        brier=brier(outcomes, predicted),
        calibration_error=calibration_error(bins),
        lift=lift(outcomes, predicted),
        bins=bins,
    )


def auc(outcomes: Vector, scores: Vector) -> float | None:
    """The chance that a random 1 scores above a random 0, ties counting half (Mann–Whitney); None without both."""
    positives = float(outcomes.sum())
    negatives = len(outcomes) - positives
    if not positives or not negatives:
        return None
    _values, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return float((ranks[outcomes > 0].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def brier(outcomes: Vector, predicted: Vector) -> float:
    """The mean squared error of the probabilities (Brier 1950)."""
    return float(np.mean((predicted - outcomes) ** 2))


def calibration(outcomes: Vector, predicted: Vector, bins: int = BINS) -> tuple[Bin, ...]:
    """Bins of as equal a size as can be, from the lowest predictions to the highest."""
    order = np.argsort(predicted, kind="stable")
    return tuple(
        Bin(len(part), float(predicted[part].mean()), float(outcomes[part].mean()))
        for part in np.array_split(order, bins)
        if len(part)
    )


def calibration_error(bins: tuple[Bin, ...]) -> float:
    """The mean distance of predicted from actual, weighted by the bins' sizes (expected calibration error)."""
    total = sum(one.count for one in bins)
    return sum(one.count * abs(one.predicted - one.actual) for one in bins) / total


def lift(outcomes: Vector, scores: Vector, share: float = TOP_SHARE) -> float | None:
    """The share of 1 among the highest scores over that among all; None where there is no 1.

    Where scores tie at the edge, what counts is the mean of the tied.
    """
    if not outcomes.any():
        return None
    wanted = max(round(len(scores) * share), 1)
    edge = np.partition(scores, len(scores) - wanted)[len(scores) - wanted]
    above, tied = scores > edge, scores == edge
    hits = float(outcomes[above].sum()) + (wanted - int(above.sum())) * float(outcomes[tied].mean())
    return hits / wanted / float(outcomes.mean())
