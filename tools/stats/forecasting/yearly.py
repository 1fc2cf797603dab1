"""Last year's shape at this year's level: for seasons of a year, of which history has seen hardly two.

A step's expectation is the value of its like one year before (on the same phase of the short season; or of several
years, each by its own level then), smoothed over neighbouring cycles or not, times growth: the mean of the last weeks
by the mean of the same weeks a year before, or that growth's square root. Which of these is judged on earlier moments
of the same history, and near-equals are averaged.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from tools.stats.forecasting.experts import evaluation_points, fading, size_of_errors, weights_by_loss
from tools.stats.forecasting.panel import Panel
from tools.stats.forecasting.task import Floats

YEARS = (1, 2, 4)
WINDOWS = (1 / 12, 1 / 6, 1 / 3, 1 / 2)
GROWTHS = (0.5, 1.0)
WIDTHS = (1, 3, 5)
POINTS = 16
POWER = 2.0
MOST_GROWTH = 4.0
FADE = 0.8  # what a year counts beside the next


@dataclass(frozen=True)
class _Shape:
    years: int
    window: int
    growth: float
    width: int


def last_year(panel: Panel, horizon: int) -> Floats | None:
    """As `year_on_year`, at last year's level."""
    return _yearly(panel, horizon, panel.values, (0.0,))


def year_on_year(panel: Panel, horizon: int, shapes: Floats | None = None) -> Floats | None:
    """Forecasts, shape (S, h), NaN rows where a series is younger than a year; None where all are.

    `shapes`, shape (1, T): a history to take the year's shape from instead of each series' own.
    """
    return _yearly(panel, horizon, panel.values if shapes is None else shapes, GROWTHS)


def _yearly(panel: Panel, horizon: int, source: Floats, growths: tuple[float, ...]) -> Floats | None:
    if panel.year == 0:
        return None
    steps = panel.values.shape[1]
    windows = sorted({max(1, round(panel.year * w / panel.short)) * panel.short for w in WINDOWS})
    grid = [
        _Shape(*shape)
        for shape in product(YEARS, windows if growths != (0.0,) else windows[:1], growths, WIDTHS)
        if panel.years_back(shape[0]) + shape[1] <= steps
    ]
    if not grid:
        return None
    loss = np.zeros((len(panel.values), len(grid)))
    seen = np.zeros_like(loss)
    for point in evaluation_points(steps, panel.years_back(1) + windows[0], horizon, POINTS):
        past = Panel(panel.values[:, :point], panel.short, panel.year)
        error = _forecasts(past, source[:, :point], grid, horizon) - panel.values[:, None, point : point + horizon]
        judged = size_of_errors(error)
        counts = np.isfinite(judged) * fading(steps, point, horizon)
        loss += counts * np.nan_to_num(judged)
        seen += counts
    forecasts = _forecasts(panel, source, grid, horizon)
    possible = np.isfinite(forecasts).all(axis=2)
    if not possible.any():
        return None
    loss = np.where((seen > 0) & possible, loss / np.where(seen > 0, seen, 1.0), np.nan)
    weights = weights_by_loss(loss, seen.max(axis=1, keepdims=True), POWER) * possible
    total = weights.sum(axis=1, keepdims=True)
    weights = np.where(total > 0, weights / np.where(total > 0, total, 1.0), np.nan)
    return np.asarray(np.einsum("sg,sgh->sh", weights, np.nan_to_num(forecasts)))


def _forecasts(panel: Panel, source: Floats, grid: list[_Shape], horizon: int) -> Floats:
    """Shape (S, G, h); NaN where there is no such past."""
    smooth = {width: _smoothed(source, panel.short, width) for width in WIDTHS}
    out = np.full((len(panel.values), len(grid), horizon), np.nan)
    for g, shape in enumerate(grid):
        out[:, g] = _forecast(panel, source, smooth[shape.width], shape, horizon)
    return out


def _forecast(panel: Panel, source: Floats, smooth: Floats, shape: _Shape, horizon: int) -> Floats:
    now = panel.values.shape[1]
    level = panel.values[:, now - shape.window :].mean(axis=1)
    own = source is panel.values
    total = np.zeros((len(panel.values), horizon))
    weight = 0.0
    for years in range(1, shape.years + 1):
        back = panel.years_back(years)
        like = now - back + np.arange(horizon)
        like -= np.maximum(0, -(-(like - now + 1) // panel.years_back(1))) * panel.years_back(1)
        if now - back - shape.window < 0:
            return np.full_like(total, np.nan)
        if own and shape.growth == 0.0:
            total += FADE**years * smooth[:, like]
            weight += FADE**years
            continue
        then = source[:, now - back - shape.window : now - back].mean(axis=1)
        sound = (level > 0) & (then > 0)
        if own:
            growth = np.where(sound, level, 1.0) / np.where(sound, then, 1.0)
            by = np.clip(growth, 1 / MOST_GROWTH, MOST_GROWTH) ** shape.growth
        elif shape.growth == 1.0:
            by = level / np.where(sound, then, 1.0)
        else:
            return np.full_like(total, np.nan)
        total += FADE**years * np.where(sound[:, None], smooth[:, like] * by[:, None], np.nan)
        weight += FADE**years
    return np.asarray(total / weight)


def _smoothed(values: Floats, short: int, width: int) -> Floats:
    """Weighted mean of each step and its likes in the `width // 2` cycles on either side, within history."""
    if width == 1:
        return values
    reach = width // 2
    padded = np.pad(values, ((0, 0), (reach * short, reach * short)), constant_values=np.nan)
    total, weight = np.zeros_like(values), np.zeros_like(values)
    for cycle in range(-reach, reach + 1):
        start = (reach + cycle) * short
        part = padded[:, start : start + values.shape[1]]
        share = 1 - abs(cycle) / (reach + 1)
        total += np.where(np.isfinite(part), part * share, 0.0)
        weight += np.isfinite(part) * share
    return np.where(np.isfinite(values), total / np.where(weight > 0, weight, 1.0), np.nan)
