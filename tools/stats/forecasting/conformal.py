"""Intervals from the errors that the same method made at earlier moments.

Conformal prediction on rolling origins: an error is measured in the size that was expected of it (by the series' size,
the step's expectation and how far ahead it lies), and the interval's half width is a quantile of these measures. A
series with few origins borrows the others' shape of errors; a task of few origins in all borrows that of normal
errors. The widths are then stretched so that those which the other origins give (as in the jackknife+, Barber et al.
2021) would have held the level. Late origins count more than early ones (Barber et al. 2023, conformal prediction
beyond exchangeability).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.stats.forecasting.task import Floats, Integers

BY_EXPECTATION = 0.7  # how far an error grows with the step's own expectation rather than the series' size
LEAST_EXPECTATION = 0.1
OWN_SPREAD = 4.0  # origins after which a series' own mean error counts as much as the others'
OWN_SHAPE = 20.0  # origins after which its own quantiles do
MANY = 60.0  # origins of all series after which the sample tells the shape of errors
FADE = 0.9  # what an origin counts beside the next: a method learns, and its earlier errors were larger
STRETCH = 8.0  # origins of all series after which they tell half of the stretch
LEAST = 1e-9


def expected_sizes(forecasts: Floats, sizes: Floats) -> Floats:
    """Unit of error of each step, shape (..., h), from forecasts (..., h) and the series' sizes (...)."""
    share = np.maximum(np.abs(forecasts) / sizes[..., None], LEAST_EXPECTATION)
    return np.asarray(sizes[..., None] * share**BY_EXPECTATION)


def growth_ahead(measures: Floats) -> Floats:
    """How errors grow over the steps ahead, shape (h,), mean one, as a + b √step; `measures`: (J, S, h), NaN none."""
    horizon = measures.shape[2]
    seen = np.isfinite(measures)
    by_series = np.where(seen, np.abs(measures), 0.0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    level = by_series.mean(axis=1)
    if not (level > 0).any() or horizon == 1:
        return np.ones(horizon)
    profile = (by_series[level > 0] / level[level > 0][:, None]).mean(axis=0)
    root = np.sqrt(np.arange(1, horizon + 1))
    slope = float(np.cov(root, profile, bias=True)[0, 1] / root.var())
    slope = min(max(slope, 0.0), 1.0 / root.mean())
    return np.asarray(1.0 + slope * (root - root.mean()))


@dataclass(frozen=True)
class Measures:
    """Errors in their units, shape (J, S, n), NaN where there is none: n steps, or one sum."""

    values: Floats

    def half_widths(self, level: float) -> tuple[Floats, Floats]:
        """In units, shape (S,), infinite where nothing is known; and the measures in those of the other origins.

        The latter, shape (J, S, n), are above one where a measure lay outside the interval that the others give.
        """
        values = np.abs(self.values)
        weights = np.asarray(FADE ** np.arange(len(values)), dtype=np.float64)
        scores = np.full(values.shape, np.nan)
        for j in range(len(values) if len(values) > 1 else 0):
            others = _half_widths(np.delete(values, j, axis=0), np.delete(weights, j), level)
            scores[j] = values[j] / others[:, None]
        widths = _half_widths(values, weights, level)
        origins = float(np.isfinite(scores).any(axis=2).sum())
        if not origins:
            return widths, scores
        held = float(_quantiles(scores.reshape(len(scores), 1, -1), weights, level)[0])
        stretch = held ** (origins / (origins + STRETCH))
        return widths * stretch, scores / stretch


def _half_widths(values: Floats, weights: Floats, level: float) -> Floats:
    seen = np.isfinite(values)
    origins = seen.any(axis=2).sum(axis=0)
    if not origins.any():
        return np.full(values.shape[1], np.inf)
    counted = np.where(seen, weights[:, None, None], 0.0)
    mean = np.where(seen, values * counted, 0.0).sum(axis=(0, 2)) / np.maximum(counted.sum(axis=(0, 2)), LEAST)
    mean = np.maximum(mean, LEAST)
    typical = float(np.exp(np.average(np.log(mean), weights=origins)))
    own = origins / (origins + OWN_SPREAD) if len(origins) > 1 else np.ones(1)
    borrowed = mean**own * typical ** (1 - own) * _shape(values / mean[None, :, None], weights, origins, level)
    share = origins / (origins + OWN_SHAPE)
    return np.asarray(_quantiles(values, weights, level) ** share * borrowed ** (1 - share))


def _shape(relative: Floats, weights: Floats, origins: Integers, level: float) -> float:
    """Quantile of errors whose mean is one: of those of all series, and of normal ones, by how many there are."""
    from scipy.special import stdtrit

    count = float(origins.sum())
    freedom = max(1.0, float(np.median(origins[origins > 0])))
    normal = float(stdtrit(freedom, (1 + level) / 2)) * np.sqrt(np.pi / 2)
    empirical = float(_quantiles(relative.reshape(len(relative), 1, -1), weights, level)[0])
    share = count / (count + MANY)
    return float(empirical**share * normal ** (1 - share))


def _quantiles(values: Floats, weights: Floats, level: float) -> Floats:
    """Of each series' errors, shape (S,), an origin counting by its weight, (J,); one where a series has none."""
    seen = np.isfinite(values).transpose(1, 0, 2).reshape(values.shape[1], -1)
    flat = np.where(seen, values.transpose(1, 0, 2).reshape(seen.shape), np.inf)
    counted = np.where(seen, np.repeat(weights, values.shape[2]), 0.0)
    order = np.argsort(flat, axis=1, kind="stable")
    reached = np.cumsum(np.take_along_axis(counted, order, axis=1), axis=1)
    first = (reached < level * reached[:, -1:] * (1 - 1e-12)).sum(axis=1)
    found = np.take_along_axis(flat, np.take_along_axis(order, first[:, None], axis=1), axis=1)[:, 0]
    return np.maximum(np.where(seen.any(axis=1), found, 1.0), LEAST)
