"""Weights of forecasts by what their errors were."""

from __future__ import annotations

import numpy as np

from tools.stats.forecasting.task import Floats

EVIDENCE = 4.0  # judgements that make for half of the power


def size_of_errors(errors: Floats) -> Floats:
    """Mean absolute error of single steps and of their mean, shape (..., h) to (...): a bias counts twice."""
    return np.asarray(np.abs(errors).mean(axis=-1) + np.abs(errors.mean(axis=-1)))


def weights_by_loss(loss: Floats, evidence: Floats, power: float) -> Floats:
    """`loss`, shape (S, G), NaN where unknown, to weights that sum to one in each row: (loss / least loss) ** -power.

    `evidence`, shape (S, 1) or (S, G), is how many judgements there were: with few of them the power is less. A row of
    which nothing is known gets equal weights; beside known ones an unknown one gets none.
    """
    powers = power * evidence / (evidence + EVIDENCE)
    known = np.isfinite(loss)
    least = np.where(known, loss, np.inf).min(axis=1, keepdims=True)
    any_known = np.isfinite(least)
    relative = (np.where(known, loss, 1.0) + 1e-9) / (np.where(any_known, least, 1.0) + 1e-9)
    weights = np.where(any_known, np.where(known, relative**-powers, 0.0), 1.0)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def evaluation_points(steps: int, earliest: int, horizon: int, most: int) -> list[int]:
    """Moments at which parameters are judged on the horizon that followed, latest first, half a horizon apart."""
    return list(range(steps - horizon, earliest - 1, -max(1, horizon // 2)))[:most]


def fading(steps: int, point: int, horizon: int) -> float:
    """What a judgement of long ago counts: a tenth less for each two horizons."""
    return float(0.9 ** ((steps - point) / max(2, 2 * horizon)))
