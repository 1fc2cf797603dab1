"""The models that may make a forecast, each of all series at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.stats.forecasting.library import library_forecasts
from tools.stats.forecasting.panel import Panel
from tools.stats.forecasting.pooled import autoregressed, memories
from tools.stats.forecasting.smoothing import smoothed
from tools.stats.forecasting.task import Floats
from tools.stats.forecasting.yearly import last_year, year_on_year

SEVERAL = 3  # series that share a shape of the year


# Logarithm of the relative loss that is expected of a model before it is tested: few origins see the season turn. Last
# year's own level is a guess until it is tested.
EXPECTED = {"year_on_year": -0.3, "shared_year": -0.3, "last_year": -0.1}


@dataclass(frozen=True)
class Roster:
    """`library`: the package's models by name, to be fitted to each series; ours run always."""

    library: tuple[str, ...]


def candidate_forecasts(panel: Panel, horizon: int, roster: Roster) -> dict[str, Floats]:
    """Forecasts by model, shape (S, h), NaN rows where a model has nothing to say of a series."""
    out = {"naive": seasonal_naive(panel, horizon)}
    out |= smoothed(panel, horizon)
    yearly = {"last_year": last_year(panel, horizon), "year_on_year": year_on_year(panel, horizon)}
    if len(panel.values) >= SEVERAL:
        yearly["shared_year"] = year_on_year(panel, horizon, _mean_series(panel))
    out |= {name: forecast for name, forecast in yearly.items() if forecast is not None}
    for lags in memories(panel, horizon):
        out |= autoregressed(panel, lags, horizon)
    out |= library_forecasts(panel, horizon, roster.library)
    return out


def seasonal_naive(panel: Panel, horizon: int) -> Floats:
    """The last short season again, or last year, or the last value; shape (S, h)."""
    steps = panel.values.shape[1]
    back = panel.short if panel.short > 1 else (panel.years_back(1) if panel.year else 1)
    if back > steps:
        back = 1
    like = steps - back + np.arange(horizon) % back
    last = np.nan_to_num(panel.values[:, -1:])
    return np.where(np.isfinite(panel.values[:, like]), panel.values[:, like], last)


def _mean_series(panel: Panel) -> Floats:
    seen = np.isfinite(panel.values)
    total = np.where(seen, panel.values, 0.0).sum(axis=0, keepdims=True)
    return np.where(seen.any(axis=0), total / np.maximum(seen.sum(axis=0), 1), np.nan)


def expected_losses(names: tuple[str, ...]) -> Floats:
    """Shape (C,)."""
    return np.array([EXPECTED.get(name, 0.0) for name in names])


def shares(names: tuple[str, ...]) -> Floats:
    """What each model's voice counts, shape (C,): variants of one model share one."""
    pooled = sum(name.startswith("pooled") for name in names)
    return np.array([1.0 / np.sqrt(pooled) if name.startswith("pooled") else 1.0 for name in names])
