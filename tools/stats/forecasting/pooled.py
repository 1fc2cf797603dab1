"""One linear autoregression of all series, with a long memory.

Montero-Manso & Hyndman (2021), "Principles and algorithms for forecasting groups of time series: locality and
globality": one model of many series may be far more complex than one of each alone. Steps are measured from the last
one, on a logarithmic scale where a series is positive; one direct regression for each step ahead, by least squares
with a ridge. Two scalings: as they are (restless series count most), and by each series' mean step (all count alike).
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from tools.stats.forecasting.panel import Panel
from tools.stats.forecasting.task import Floats, Integers

RIDGE = 1e-6  # of the mean squared regressor
ROWS_PER_LAG = 8
MOST_GROWTH = 5.0  # on the logarithmic scale


def memories(panel: Panel, horizon: int) -> list[int]:
    """How many steps the regressions may look back: the two longest of which there are rows enough to learn from."""
    year = round(panel.year) if panel.year <= 60 else 0
    lengths = panel.values.shape[1] - panel.starts
    wanted = [2 * year + 2, year + 8] if year else []
    wanted += [4 * panel.short, 2 * panel.short] if panel.short > 1 else [26, 13]
    enough = [n for n in wanted if np.maximum(lengths - n - horizon + 1, 0).sum() >= ROWS_PER_LAG * n]
    return enough[:2]


def autoregressed(panel: Panel, lags: int, horizon: int) -> dict[str, Floats]:
    """Forecasts by name, shape (S, h), NaN rows of series that do not take part.

    On the logarithmic scale only series that are positive throughout take part.
    """
    begun = panel.starts < panel.values.shape[1]
    positive = begun & (np.where(np.isfinite(panel.values), panel.values, 1.0).min(axis=1) > 0)
    out = {}
    for scale, takes_part in (("", begun), ("log_", positive)):
        if not takes_part.any():
            continue
        values = panel.values[takes_part]
        used = np.log(values) if scale else values
        for weighting, ahead in _regressed(used, panel.starts[takes_part], lags, horizon).items():
            rows = np.full((len(panel.values), horizon), np.nan)
            rows[takes_part] = np.exp(np.minimum(ahead, used[:, -1:] + MOST_GROWTH)) if scale else ahead
            out[f"pooled_{scale}{weighting}_{lags}"] = rows
    return out


def _regressed(values: Floats, starts: Integers, lags: int, horizon: int) -> dict[str, Floats]:
    """Forecasts (S, h) on the scale of `values` by weighting; none where there are too few rows."""
    count, steps = values.shape
    first = np.take_along_axis(values, starts[:, None], axis=1)
    filled = np.where(np.isfinite(values), values, first)
    if steps < lags:
        filled = np.concatenate([np.repeat(filled[:, :1], lags - steps, axis=1), filled], axis=1)
    weights = {"size": np.ones(count), "step": 1.0 / _steps(values)}
    if count == 1:
        del weights["step"]  # of one series they are one
    squares = {name: np.zeros((lags + 1, lags + 1)) for name in weights}
    products = {name: np.zeros((lags + 1, horizon)) for name in weights}
    learned = 0
    for s in range(count):
        series = filled[s, starts[s] :]
        rows = len(series) - lags - horizon + 1
        if rows <= 0:
            continue
        learned += rows
        windows = sliding_window_view(series, lags)[:rows]
        regressors = _regressors(windows)
        targets = sliding_window_view(series[lags:], horizon)[:rows] - windows[:, -1:]
        square, product = regressors.T @ regressors, regressors.T @ targets
        for name, weight in weights.items():
            squares[name] += square * weight[s] ** 2
            products[name] += product * weight[s] ** 2
    if learned < ROWS_PER_LAG * lags:
        return {}
    latest = _regressors(filled[:, -lags:])
    out = {}
    for name in weights:
        ridge = np.eye(lags + 1) * RIDGE * max(np.trace(squares[name]) / (lags + 1), 1e-12)
        out[name] = latest @ np.linalg.solve(squares[name] + ridge, products[name]) + filled[:, -1:]
    return out


def _steps(values: Floats) -> Floats:
    """Mean absolute step of each series, shape (S,); one where it never moves."""
    moves = np.abs(np.diff(values, axis=1))
    seen = np.isfinite(moves)
    mean = np.where(seen, moves, 0.0).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
    return np.where(mean > 1e-9, mean, 1.0)


def _regressors(windows: Floats) -> Floats:
    out = np.ones((len(windows), windows.shape[1] + 1))
    np.subtract(windows, windows[:, -1:], out=out[:, :-1])
    return out
