"""Exponential smoothing of all series and a grid of parameters at once.

Level, damped trend (Gardner & McKenzie 1985) and theta (level with half of the linear trend's slope: Assimakopoulos &
Nikolopoulos 2000, in the form of Hyndman & Billah 2003), each with a multiplicative short season (Holt-Winters). The
parameters are those of the grid that forecast the horizon best at earlier moments of the same history, not those of the
best one-step fit; near-equals are averaged.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from tools.stats.forecasting.experts import evaluation_points, fading, size_of_errors, weights_by_loss
from tools.stats.forecasting.panel import Panel
from tools.stats.forecasting.task import Floats, Integers

LEVEL = (0.03, 0.07, 0.15, 0.3, 0.5, 0.75, 0.98)
SEASON = (0.03, 0.1, 0.25)
# The trend's share of the level's rate, and how far it is damped each step; the first has no trend.
TREND = ((0.0, 0.0), (0.1, 0.9), (0.1, 0.98), (0.3, 0.9))
POINTS = 16
CACHED = 8192
POWER = 6.0
LEAST_LEVEL = 0.05  # of a series' size: what a season is a share of


def smoothed(panel: Panel, horizon: int) -> dict[str, Floats]:
    """Forecasts, shape (S, h), of "level", "trend" and "theta"."""
    grid = list(product(TREND, LEVEL, SEASON if panel.short > 1 else (0.0,)))
    # Few enough at a time for the processor's cache.
    rows = max(1, CACHED // len(grid))
    parts = [
        _smoothed_part(Panel(panel.values[i : i + rows], panel.short, panel.year), grid, horizon)
        for i in range(0, len(panel.values), rows)
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _smoothed_part(
    panel: Panel, grid: list[tuple[tuple[float, float], float, float]], horizon: int
) -> dict[str, Floats]:
    alpha = np.array([level for _trend, level, _season in grid])
    beta = np.array([trend[0] for trend, _level, _season in grid]) * alpha
    phi = np.array([trend[1] for trend, _level, _season in grid])
    gamma = np.array([season for _trend, _level, season in grid])
    state = _State(panel, alpha, beta, phi, gamma)
    ahead = np.arange(1, horizon + 1)
    damped = np.where(phi[:, None] > 0, phi[:, None] * (1 - phi[:, None] ** ahead) / (1 - phi[:, None]), 0.0)
    slopes = _half_slopes(panel.values)
    flat = int((beta == 0).sum())  # they stand first
    starts, (count, steps) = panel.starts, panel.values.shape
    earliest = max(2 * panel.short, 8)
    points = set(evaluation_points(steps, earliest, horizon, POINTS))
    loss, drift_loss, seen = np.zeros((count, len(grid))), np.zeros((count, flat)), np.zeros((count, 1))
    for t in range(steps):
        if t in points:
            judged = (t - starts >= earliest)[:, None] * fading(steps, t, horizon)
            actual = np.where(judged[:, :, None] > 0, panel.values[:, None, t : t + horizon], 0.0)
            loss += judged * size_of_errors(state.ahead(t, ahead, damped, None) - actual)
            drift_loss += judged * size_of_errors(state.ahead(t, ahead, damped[:flat], slopes[:, t - 1]) - actual)
            seen += judged
        state.update(t, starts)
    loss, drift_loss = (np.where(seen > 0, x / np.where(seen > 0, seen, 1.0), np.nan) for x in (loss, drift_loss))
    plain = state.ahead(steps, ahead, damped, None)
    drifting = state.ahead(steps, ahead, damped[:flat], slopes[:, -1])
    return {
        "level": _averaged(plain[:, :flat], loss[:, :flat], seen),
        "trend": _averaged(plain[:, flat:], loss[:, flat:], seen),
        "theta": _averaged(drifting, drift_loss, seen),
    }


def _averaged(forecasts: Floats, loss: Floats, seen: Floats) -> Floats:
    return np.asarray(np.einsum("sg,sgh->sh", weights_by_loss(loss, seen, POWER), forecasts))


class _State:
    """Level, trend (S, G) and season (S, m, G) of every series and parameter."""

    def __init__(self, panel: Panel, alpha: Floats, beta: Floats, phi: Floats, gamma: Floats) -> None:
        self._values, self._short = panel.values, panel.short
        self._alpha, self._beta, self._phi = alpha, beta, phi
        self._slow = gamma * (1 - alpha)
        profile, level = _first_profile(panel)
        self._season = np.repeat(profile[:, :, None], len(alpha), axis=2)
        self._level = np.repeat(level[:, None], len(alpha), axis=1)
        self._trend = np.zeros_like(self._level)

    def update(self, t: int, starts: Integers) -> None:
        on = (t >= starts)[:, None]
        value = np.where(on, self._values[:, t : t + 1], 0.0)
        # Before a series starts its trend is nothing, and its level the first.
        self._trend *= self._phi
        expected = self._level + self._trend
        if self._short == 1:
            surprise = (value - expected) * on
        else:
            # Where the season is far below one, a step says little of the level.
            season = self._season[:, t % self._short]
            surprise = (value - expected * season) * on * season / np.maximum(season * season, 1.0)
        self._level = expected + self._alpha * surprise
        self._trend += self._beta * surprise
        if self._short > 1:
            share = value / np.maximum(self._level, LEAST_LEVEL)
            trusted = np.clip(self._level * 5, 0.0, 1.0) * on
            season += self._slow * trusted * (share - season)

    def ahead(self, t: int, ahead: Integers, damped: Floats, drift: Floats | None) -> Floats:
        """Forecasts (S, G, h) made before step t, by the first G parameters, of which `damped` has (G, h)."""
        which = slice(len(damped))
        if drift is None:
            base = self._level[:, which, None] + self._trend[:, which, None] * damped
        else:
            base = self._level[:, which, None] + drift[:, None, None] * ahead
        if self._short > 1:
            base *= self._season[:, (t + ahead - 1) % self._short, which].transpose(0, 2, 1)
        return np.asarray(base)


def _first_profile(panel: Panel) -> tuple[Floats, Floats]:
    """Season (S, m) and level (S,) from the first four cycles of each series."""
    count, steps = panel.values.shape
    first = max(3, 4 * panel.short)
    index = np.minimum(panel.starts[:, None] + np.arange(first), steps - 1)
    early = np.nan_to_num(np.take_along_axis(panel.values, index, axis=1))
    if panel.short == 1:
        return np.ones((count, 1)), early[:, :3].mean(axis=1)
    level = early.mean(axis=1)
    profile = np.zeros((count, panel.short))
    for phase in range(panel.short):
        here = index % panel.short == phase
        profile[:, phase] = np.where(here, early, 0.0).sum(axis=1) / np.maximum(here.sum(axis=1), 1)
    sound = level > LEAST_LEVEL
    return np.where(sound[:, None], profile / np.where(sound, level, 1.0)[:, None], 1.0), level


def _half_slopes(values: Floats) -> Floats:
    """Half of the slope of the line through each series up to each step, shape (S, T); none before eight steps."""
    seen = np.isfinite(values)
    x = np.where(seen, np.cumsum(seen, axis=1) - 1.0, 0.0)
    y = np.where(seen, values, 0.0)
    n, sx, sxx, sy, sxy = (np.cumsum(v, axis=1) for v in (seen, x, x * x, y, x * y))
    spread = n * sxx - sx * sx
    return np.where(n >= 8, 0.5 * (n * sxy - sx * sy) / np.where(spread > 0, spread, 1.0), 0.0)
