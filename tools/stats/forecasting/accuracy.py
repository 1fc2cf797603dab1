"""Errors of forecasts as the field reports them."""

from __future__ import annotations

import numpy as np

from tools.stats.forecasting.task import Floats


def smape(actual: Floats, forecast: Floats) -> float:
    """Symmetric mean absolute percentage error, 0 to 200, as in the M4 competition (Makridakis et al. 2020).

    A step of which both are zero has no error.
    """
    size = np.abs(actual) + np.abs(forecast)
    error = np.abs(np.asarray(actual) - forecast)
    return float(200.0 * np.where(size > 0, error / np.where(size > 0, size, 1.0), 0.0).mean())


def mase(history: Floats, actual: Floats, forecast: Floats, season: int = 1) -> float:
    """Mean absolute error by that of the naive forecast one season back within history (Hyndman & Koehler 2006).

    Raises ValueError where that is nothing.
    """
    scale = float(np.abs(history[season:] - history[:-season]).mean()) if len(history) > season else 0.0
    if not scale > 0:
        raise ValueError("history does not move")
    return float(np.abs(np.asarray(actual) - forecast).mean() / scale)


def owa(smape_mean: float, mase_mean: float, naive_smape: float, naive_mase: float) -> float:
    """Overall weighted average of the M4 competition: means over all series, by those of Naive2."""
    return 0.5 * (smape_mean / naive_smape + mase_mean / naive_mase)


def relative_error(actual: Floats, forecast: Floats) -> float | None:
    """Sum of absolute errors by the sum of absolute actuals; None where these are zero or none is known."""
    seen = np.isfinite(actual) & np.isfinite(forecast)
    size = float(np.abs(actual[seen]).sum())
    return float(np.abs(actual[seen] - forecast[seen]).sum()) / size if size > 0 else None
