"""Forecasting packages as usually set up: statsforecast, Prophet, mlforecast with LightGBM."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
CORES = 2
YEAR = 52


@dataclass(frozen=True)
class Asked:
    """Weekly histories of different lengths that end on the same day, and the events that are known, by week."""

    histories: tuple[Floats, ...]
    horizon: int
    last: pd.Timestamp
    step: str  # of pandas: "W-FRI"
    events: pd.DataFrame  # columns ds and one of 0 and 1 for each event, past and future


Peer = Callable[[Asked], Floats]


def _long(asked: Asked) -> pd.DataFrame:
    frames = []
    for i, values in enumerate(asked.histories):
        days = pd.date_range(end=asked.last, periods=len(values), freq=asked.step)
        frames.append(pd.DataFrame({"unique_id": f"s{i:05}", "ds": days, "y": values}))
    return pd.concat(frames, ignore_index=True)


def _statsforecast(asked: Asked, model: Any) -> Floats:
    from statsforecast import StatsForecast
    from statsforecast.models import Naive

    made = StatsForecast(models=[model], freq=asked.step, n_jobs=CORES, fallback_model=Naive()).forecast(
        df=_long(asked), h=asked.horizon
    )
    column = next(c for c in made.columns if c not in ("unique_id", "ds"))
    return made.sort_values(["unique_id", "ds"])[column].to_numpy().reshape(-1, asked.horizon)


def seasonal_naive(asked: Asked) -> Floats:
    from statsforecast.models import SeasonalNaive

    return _statsforecast(asked, SeasonalNaive(season_length=YEAR))


def auto_ets(asked: Asked) -> Floats:
    from statsforecast.models import AutoETS

    return _statsforecast(asked, AutoETS(season_length=YEAR))


def auto_theta(asked: Asked) -> Floats:
    from statsforecast.models import AutoTheta

    return _statsforecast(asked, AutoTheta(season_length=YEAR))


def prophet(asked: Asked) -> Floats:
    with ProcessPoolExecutor(CORES, mp_context=get_context("spawn")) as pool:
        return np.stack(list(pool.map(_prophet, [(asked, i) for i in range(len(asked.histories))], chunksize=8)))


def _prophet(job: tuple[Asked, int]) -> Floats:
    asked, i = job
    warnings.simplefilter("ignore")
    from prophet import Prophet

    for name in ("prophet", "cmdstanpy"):
        logging.getLogger(name).disabled = True

    values = asked.histories[i]
    days = pd.date_range(end=asked.last, periods=len(values), freq=asked.step)
    names = [c for c in asked.events if c != "ds"]
    holidays = [pd.DataFrame({"holiday": n, "ds": asked.events.ds[asked.events[n] > 0]}) for n in names]
    model = Prophet(
        holidays=pd.concat(holidays, ignore_index=True) if holidays else None,
        weekly_seasonality=False,
        daily_seasonality=False,
        uncertainty_samples=0,
    )
    model.fit(pd.DataFrame({"ds": days, "y": values}))
    future = pd.date_range(asked.last, periods=asked.horizon + 1, freq=asked.step)[1:]
    return np.asarray(model.predict(pd.DataFrame({"ds": future})).yhat)


def lightgbm(asked: Asked) -> Floats:
    from lightgbm import LGBMRegressor
    from mlforecast import MLForecast
    from mlforecast.lag_transforms import ExponentiallyWeightedMean, RollingMean
    from mlforecast.target_transforms import LocalStandardScaler

    warnings.simplefilter("ignore")
    shortest = min(len(v) for v in asked.histories)
    lags = [lag for lag in (*range(1, 9), 13, 26, 51, 52, 53) if lag < shortest // 2 + 14]
    model = MLForecast(
        models=[LGBMRegressor(n_estimators=300, learning_rate=0.05, random_state=0, n_jobs=CORES, verbosity=-1)],
        freq=asked.step,
        lags=lags,
        lag_transforms={1: [RollingMean(4), RollingMean(13), ExponentiallyWeightedMean(0.3)]},
        date_features=["week", "month"],
        target_transforms=[LocalStandardScaler()],
    )
    history = _long(asked)
    names = [c for c in asked.events if c != "ds"]
    future = None
    if names:
        history = history.merge(asked.events, on="ds", how="left")
        ahead = asked.events[asked.events.ds > asked.last].head(asked.horizon)
        future = pd.concat([ahead.assign(unique_id=u) for u in history.unique_id.unique()], ignore_index=True)
    model.fit(history, static_features=[])
    made = model.predict(asked.horizon, X_df=future)
    return np.asarray(made.sort_values(["unique_id", "ds"])["LGBMRegressor"]).reshape(-1, asked.horizon)


PEERS: dict[str, Peer] = {
    "SeasonalNaive": seasonal_naive,
    "AutoETS": auto_ets,
    "AutoTheta": auto_theta,
    "Prophet": prophet,
    "mlforecast + LightGBM": lightgbm,
}
