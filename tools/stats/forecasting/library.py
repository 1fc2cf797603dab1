"""Models of the package statsforecast, each series by itself.

The short season is taken out first (a multiplicative profile of the last cycles), so that all are fitted without
season: at a tenth of the time. AutoCES (Svetunkov, Kourentzes & Ord 2022), AutoETS where steps are few, and where
demand is intermittent Croston's method as corrected by Syntetos & Boylan (2005), TSB (Teunter, Syntetos & Babai 2011)
and ADIDA (Nikolopoulos et al. 2011).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tools.stats.forecasting.panel import Panel
from tools.stats.forecasting.task import Floats

PROFILE_CYCLES = 13
LEAST_STEPS = 10
MOST_STEPS = 1000
LEAST_SHARE = 0.05

QUICK = ("ces",)
SLOW = ("ets",)
INTERMITTENT = ("croston", "tsb", "adida")
SELDOM = 0.4  # share of zeros from which demand counts as intermittent


def seldom(series: Floats) -> bool:
    return bool((series == 0).mean() > SELDOM)


def _models() -> dict[str, Any]:
    from statsforecast import models

    return {
        "ets": lambda: models.AutoETS(season_length=1),
        "ces": lambda: models.AutoCES(season_length=1, model="N"),
        "croston": models.CrostonSBA,
        "tsb": lambda: models.TSB(alpha_d=0.1, alpha_p=0.1),
        "adida": models.ADIDA,
    }


def library_forecasts(panel: Panel, horizon: int, names: tuple[str, ...]) -> dict[str, Floats]:
    """Forecasts by name, shape (S, h); NaN rows where a series is too short or a model fails."""
    if not names:
        return {}
    models = _models()
    profiles = _profiles(panel)
    steps = panel.values.shape[1]
    phases = np.arange(steps + horizon) % panel.short
    out = {}
    for name in names:
        rows = np.full((len(panel.values), horizon), np.nan)
        for row, series, profile, start in zip(rows, panel.values, profiles, panel.starts, strict=True):
            begin = max(int(start), steps - MOST_STEPS)
            if steps - begin < LEAST_STEPS or (name in INTERMITTENT and not seldom(series[begin:])):
                continue
            season = np.maximum(profile[phases], LEAST_SHARE)
            row[:] = _one(models[name](), series[begin:] / season[begin:steps], horizon) * profile[phases[steps:]]
        out[name] = rows
    return out


def _one(model: Any, series: Floats, horizon: int) -> Floats:
    try:
        ahead = np.asarray(model.forecast(y=series, h=horizon)["mean"], dtype=float)
    except Exception:  # noqa: BLE001 - the package raises bare exceptions where a fit does not come about
        return np.full(horizon, np.nan)
    return ahead if np.isfinite(ahead).all() else np.full(horizon, np.nan)


def _profiles(panel: Panel) -> Floats:
    """What each phase of the short season is of the mean, shape (S, m)."""
    if panel.short == 1:
        return np.ones((len(panel.values), 1))
    recent = panel.values[:, -PROFILE_CYCLES * panel.short :]
    offset = panel.values.shape[1] - recent.shape[1]
    phases = (offset + np.arange(recent.shape[1])) % panel.short
    seen = np.isfinite(recent)
    held = np.where(seen, recent, 0.0)
    profile = np.stack(
        [
            held[:, phases == p].sum(axis=1) / np.maximum(seen[:, phases == p].sum(axis=1), 1)
            for p in range(panel.short)
        ],
        axis=1,
    )
    mean = profile.mean(axis=1, keepdims=True)
    return np.where(mean > 0, np.maximum(profile, 0.0) / np.where(mean > 0, mean, 1.0), 1.0)
