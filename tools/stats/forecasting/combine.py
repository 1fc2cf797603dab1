"""Weights of the models from their errors at earlier moments."""

from __future__ import annotations

import numpy as np

from tools.stats.forecasting.experts import size_of_errors
from tools.stats.forecasting.task import Bools, Floats, Integers

POWER = 8.0
OWN = 8.0  # origins after which a series' own errors count as much as those of all series
BELIEF = 8.0  # origins' worth of belief in the loss expected beforehand
FADE = 0.97  # from one origin to the one before it
LEAST_WEIGHT = 0.1  # of the best model's


def model_weights(errors: Floats, known: Bools, usable: Bools, expected: Floats, voices: Floats) -> Floats:
    """Shape (C, S), columns that sum to one.

    `errors`, shape (C, J, S, h), scaled by the series' size, latest origin first, NaN where a model said nothing;
    `known`, shape (J, h), says which steps were over; `usable`, shape (C, S), which models speak now; `expected`,
    shape (C,), the logarithm of a model's relative loss before anything is seen; `voices`, shape (C,), what it counts
    beside equals. The loss of a model is relative to the usual model of the same origin, since some could not yet
    speak at the earliest; a series' own record is drawn to that of all series, and that to what was expected.
    """
    counted = known[None, :, None, :] & np.isfinite(errors)
    steps = counted.sum(axis=3)
    complete = steps > 0
    loss = np.where(complete, _loss(np.where(counted, errors, 0.0), steps), np.nan)
    usual = _median(loss)
    fade = FADE ** np.arange(errors.shape[1])
    weight = complete * (steps / errors.shape[3]) * fade[None, :, None] * np.isfinite(usual)
    own = (np.where(complete, loss, 0.0) * weight).sum(axis=1)
    typical = (np.nan_to_num(usual)[None] * weight).sum(axis=1)
    seen = weight.sum(axis=1)
    relative = np.where(seen > 0, np.log((own + 1e-6) / (typical + 1e-6)), 0.0)
    together = ((relative * seen).sum(axis=1) + BELIEF * expected) / (seen.sum(axis=1) + BELIEF)
    score = (relative * seen + OWN * together[:, None]) / (seen + OWN)
    score = np.where(usable, score, np.inf)
    least = score.min(axis=0)
    weights = np.where(
        usable, np.exp(-POWER * (np.where(usable, score, 0.0) - np.where(np.isfinite(least), least, 0.0))), 0.0
    )
    weights = np.where(weights < LEAST_WEIGHT, 0.0, weights) * voices[:, None]
    return np.asarray(weights / np.maximum(weights.sum(axis=0), 1e-12))


def _loss(errors: Floats, steps: Integers) -> Floats:
    """As `size_of_errors`, of the steps that are over; errors of the others are zero."""
    whole = errors.shape[3] / np.maximum(steps, 1)
    return np.asarray(size_of_errors(errors) * whole)


def _median(loss: Floats) -> Floats:
    """Over the models that spoke, shape (J, S); NaN where none did."""
    ordered = np.sort(loss, axis=0)
    count = np.isfinite(loss).sum(axis=0)
    middle = np.maximum(count - 1, 0) // 2
    return np.asarray(np.take_along_axis(ordered, middle[None], axis=0)[0])
