"""Forecasts of the series of a task.

Many simple models, ours for all series at once and some of statsforecast for few series, are asked at earlier moments
(backtest.py) and combined by what their errors were (combine.py); intervals come from the errors of that combination
(conformal.py). The work is deterministic and runs on one thread; a large task is split by its caller.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from tools.stats.forecasting.accuracy import relative_error
from tools.stats.forecasting.backtest import History, Rolled, rolled
from tools.stats.forecasting.candidates import Roster
from tools.stats.forecasting.conformal import Measures, expected_sizes, growth_ahead
from tools.stats.forecasting.library import INTERMITTENT, QUICK, SLOW, seldom
from tools.stats.forecasting.panel import aligned
from tools.stats.forecasting.task import Backtest, Floats, Interval, SeriesForecast, Task

LEVELS = (0.8, 0.95)
LEAST_STEPS = 10
LEAST_WEIGHT_SHOWN = 0.01
FEW_SERIES = 12  # up to which the package's models are fitted to each
FEW_STEPS = 1200  # of all series, up to which the slow ones are too


class TooShort(ValueError):
    """There are too few steps for an honest forecast; `needed` says how many the longest series must have."""

    def __init__(self, steps: int, needed: int) -> None:
        super().__init__(f"{steps} steps of history, {needed} are needed")
        self.steps = steps
        self.needed = needed

    def __reduce__(self) -> tuple[type[TooShort], tuple[int, int]]:
        """So that it comes back whole from another process."""
        return TooShort, (self.steps, self.needed)


def needed_steps(horizon: int) -> int:
    """As much history as lies ahead, for one backtest, and as much again to learn from."""
    return max(LEAST_STEPS, 2 * horizon)


def forecast(task: Task) -> list[SeriesForecast]:
    """In the task's order. Raises ValueError for a bad task, TooShort where history is too short."""
    history = _history(task)
    roster, most = _effort(history.values)
    result = rolled(history, roster, most)
    bands = _bands(result, task)
    return [_series_forecast(task, result, bands, s) for s in range(len(task.series))]


def _history(task: Task) -> History:
    if not task.series or task.horizon < 1:
        raise ValueError("a task needs a series and a horizon of one step or more")
    if task.asked and not 0 <= task.asked[0] < task.asked[1] <= task.horizon:
        raise ValueError(f"steps {task.asked} are not within a horizon of {task.horizon}")
    values = [np.asarray(series.values, dtype=float) for series in task.series]
    if not all(v.ndim == 1 and np.isfinite(v).all() for v in values):
        raise ValueError("every series must be a line of finite numbers")
    steps = max(len(v) for v in values)
    if steps < needed_steps(task.horizon):
        raise TooShort(steps, needed_steps(task.horizon))
    span = steps + task.horizon
    lengths = np.ones(span) if task.lengths is None else _last(np.asarray(task.lengths, dtype=float), span, "lengths")
    known = None if task.known is None else _last(np.asarray(task.known, dtype=float), span, "known")
    if known is not None and len(known) != len(task.known_names):
        raise ValueError(f"{len(known)} known events have {len(task.known_names)} names")
    lengths = lengths / lengths.mean()
    return History(aligned(values) / lengths[:steps], known, lengths, task.seasons, task.horizon, task.floor)


def _last(array: Floats, span: int, name: str) -> Floats:
    if array.shape[-1] < span:
        raise ValueError(f"{name} has {array.shape[-1]} steps of {span}")
    return array[..., -span:]


def _effort(values: Floats) -> tuple[Roster, int]:
    """Which of the package's models, and how many origins: fewer, the more series."""
    count = len(values)
    most = 15 if count <= 50 else 11 if count <= 100 else 9 if count <= 400 else 5
    if count > FEW_SERIES:
        return Roster(()), most
    rarely = any(seldom(series[np.isfinite(series)]) for series in values if np.isfinite(series).any())
    slow = SLOW if values.size <= FEW_STEPS else ()
    return Roster(QUICK + slow + (INTERMITTENT if rarely else ())), most


class _Bands:
    """Half widths by level, of steps, shape (S, h), and of sums, shape (S,); the backtest's coverage, shape (S,)."""

    def __init__(self, steps: dict[float, Floats], sums: dict[float, Floats], coverage: Floats) -> None:
        self.steps, self.sums, self.coverage = steps, sums, coverage


def _bands(result: Rolled, task: Task) -> _Bands:
    asked = slice(*(task.asked or (0, task.horizon)))
    now_units = expected_sizes(result.mean, result.now.sizes)
    units = expected_sizes(result.forecasts, result.sizes)
    growth = growth_ahead(result.errors / units)
    steps = Measures(result.errors / (units * growth))
    sums = Measures((result.errors[:, :, asked].sum(axis=2) / units[:, :, asked].sum(axis=2))[:, :, None])
    by_step, by_sum, coverage = {}, {}, np.full(len(now_units), np.nan)
    for level in LEVELS:
        widths, scores = steps.half_widths(level)
        by_step[level] = widths[:, None] * now_units * growth
        by_sum[level] = sums.half_widths(level)[0] * now_units[:, asked].sum(axis=1)
        if level == LEVELS[0]:
            coverage = _share_inside(scores)
    return _Bands(by_step, by_sum, coverage)


def _share_inside(scores: Floats) -> Floats:
    """Shape (S,) from (J, S, h); NaN: no figure."""
    seen = np.isfinite(scores).sum(axis=(0, 2))
    return np.where(seen > 0, (scores <= 1.0).sum(axis=(0, 2)) / np.maximum(seen, 1), np.nan)


def _series_forecast(task: Task, result: Rolled, bands: _Bands, s: int) -> SeriesForecast:
    lowest = -np.inf if task.floor is None else task.floor
    asked = slice(*(task.asked or (0, task.horizon)))
    mean = result.mean[s]
    total = float(mean[asked].sum())
    least_total = lowest * len(mean[asked])
    intervals, totals = {}, {}
    wide, wide_total = np.zeros(len(mean)), 0.0
    for level in LEVELS:
        wide = np.maximum(wide, np.nan_to_num(bands.steps[level][s]))
        wide_total = max(wide_total, float(np.nan_to_num(bands.sums[level][s])))
        intervals[level] = Interval(np.maximum(mean - wide, lowest), mean + wide)
        totals[level] = (max(total - wide_total, least_total), total + wide_total)
    weights = {name: float(w) for name, w in zip(result.names, result.weights[:, s], strict=True)}
    return SeriesForecast(
        task.series[s].id,
        mean,
        intervals,
        total,
        totals,
        {name: w for name, w in sorted(weights.items(), key=lambda nw: (-nw[1], nw[0])) if w >= LEAST_WEIGHT_SHOWN},
        _backtest(result, asked, bands, s),
        _event_effects(task, result, s),
    )


def _backtest(result: Rolled, asked: slice, bands: _Bands, s: int) -> Backtest:
    errors, naive_errors = result.errors[:, s], result.naive_errors[:, s]
    counted = np.isfinite(errors).all(axis=1)
    errors, naive_errors = errors[counted], naive_errors[counted]
    actual = result.forecasts[:, s][counted] + errors
    sums = actual[:, asked].sum(axis=1)
    coverage = float(bands.coverage[s])
    return Backtest(
        len(errors),
        errors,
        relative_error(sums, sums - errors[:, asked].sum(axis=1)),
        relative_error(sums, sums - naive_errors[:, asked].sum(axis=1)),
        relative_error(actual, actual - errors),
        relative_error(actual, actual - naive_errors),
        coverage if np.isfinite(coverage) else None,
    )


def _event_effects(task: Task, result: Rolled, s: int) -> dict[str, float]:
    effects = result.now.effects
    if effects is None or task.known is None:
        return {}
    ahead = np.asarray(task.known)[:, -task.horizon :].max(axis=1, initial=0.0) > 0
    return {
        name: float(factor)
        for name, factor, comes in zip(task.known_names, effects.single[s], ahead, strict=True)
        if comes and np.isfinite(factor)
    }


def split(task: Task, parts: int) -> list[Task]:
    """The task in parts of nearly as many series each, in order, for as many processes."""
    cuts = np.linspace(0, len(task.series), min(parts, len(task.series)) + 1).round().astype(int)
    return [replace(task, series=task.series[a:b]) for a, b in pairwise(cuts)]
