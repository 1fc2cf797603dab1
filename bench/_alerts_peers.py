"""Other ways to tell whether a day is out of the usual, as usually set up. All see the days before it and no later."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench._alerts_series import JUDGED, Daily
from jobs.alerts.detection.judging import judged
from jobs.alerts.detection.rules import Learned
from jobs.alerts.detection.series import Panel

Floats = NDArray[np.float64]
Method = Callable[[Daily], Floats]

REFIT = 28  # days between fits of a model that knows nothing of the days since
REFIT_STATES = 91  # and of one whose states go on day by day
ONE_SIGMA = 68.27
WEEKS = 8
OFTEN = 52.0


def ours(series: Daily) -> Floats:
    """How rare each judged day is, below zero for deviations downwards, zero where nothing would be said."""
    verdicts = judged(Panel.of(series.values, known=series.known), Learned(per_year=OFTEN))
    rare = -np.log(np.maximum(verdicts.rarity[0], 1e-300))
    signed = rare * np.sign(verdicts.value[0] - verdicts.expected[0])
    return np.where(verdicts.alarm[0], signed, 0.0)[-JUDGED:]


def robust_z(series: Daily) -> Floats:
    """Against the median of the same weekday in eight weeks, in MADs of the last eight weeks' residuals."""
    values = series.values
    residual = np.zeros(len(values))
    for step in range(7 * WEEKS, len(values)):
        residual[step] = values[step] - np.median(values[step - 7 * WEEKS : step : 7])
    out = np.zeros(JUDGED)
    for at, step in enumerate(range(series.since, len(values))):
        spread = 1.4826 * np.median(np.abs(residual[step - 7 * WEEKS : step]))
        out[at] = residual[step] / max(spread, 1e-9)
    return out


def statsforecast(series: Daily) -> Floats:
    """AutoETS with weekly seasons, each day forecast from the day before, parameters anew every quarter."""
    from statsforecast import StatsForecast
    from statsforecast.models import AutoETS

    days = pd.date_range(series.first_day, periods=len(series.values), freq="D")
    frame = pd.DataFrame({"unique_id": "s", "ds": days, "y": series.values})
    made = StatsForecast(models=[AutoETS(season_length=7)], freq="D").cross_validation(
        df=frame, h=1, step_size=1, n_windows=JUDGED, refit=REFIT_STATES, level=[ONE_SIGMA]
    )
    width = (made[f"AutoETS-hi-{ONE_SIGMA}"] - made["AutoETS"]).to_numpy()
    return np.asarray((made.y - made["AutoETS"]).to_numpy() / np.maximum(width, 1e-9))


def prophet(series: Daily) -> Floats:
    """With its weekly and yearly seasons and the known events as holidays, refitted every four weeks."""
    from prophet import Prophet

    warnings.simplefilter("ignore")
    for name in ("prophet", "cmdstanpy"):
        logging.getLogger(name).disabled = True
    days = pd.date_range(series.first_day, periods=len(series.values), freq="D")
    events = [
        pd.DataFrame({"holiday": name, "ds": days[row > 0]})
        for name, row in zip(series.names, series.known, strict=True)
    ]
    out = np.zeros(JUDGED)
    for begin in range(series.since, len(series.values), REFIT):
        model = Prophet(
            holidays=pd.concat(events, ignore_index=True) if events else None,
            interval_width=ONE_SIGMA / 100,
            yearly_seasonality=True,
            uncertainty_samples=200,
        )
        np.random.seed(begin)  # Prophet draws its intervals from the global generator
        model.fit(pd.DataFrame({"ds": days[:begin], "y": series.values[:begin]}), seed=1)
        ahead = model.predict(pd.DataFrame({"ds": days[begin : begin + REFIT]}))
        actual = series.values[begin : begin + REFIT]
        width = (ahead.yhat_upper - ahead.yhat_lower).to_numpy() / 2
        out[begin - series.since : begin - series.since + REFIT] = (actual - ahead.yhat.to_numpy()) / width
    return out


METHODS: dict[str, Method] = {
    "ours": ours,
    "robust z-score": robust_z,
    "statsforecast AutoETS": statsforecast,
    "Prophet": prophet,
}
