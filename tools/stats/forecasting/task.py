"""What a forecast is asked of, and what it gives back. Arrays only: no dates, no store, no language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Integers = NDArray[np.int_]


@dataclass(frozen=True)
class Series:
    """`values`, shape (T,), oldest first, a step apart and without gaps; a task's series end with the same step."""

    id: str
    values: Floats


@dataclass(frozen=True)
class Task:
    """Series to be forecast `horizon` steps ahead.

    `seasons` are season lengths in steps, shortest first: (7, 365.25) for days, (52.18,) for weeks, (12,) for months.
    `known`, shape (K, past + horizon), says for each step how much of it falls on each of K known events (0 to 1): its
    last `horizon` columns lie ahead, the column before them belongs to the series' last step; `past` is at least the
    longest series' length. `known_names`, length K, are equal for the same event in different years. `lengths`, shape
    (past + horizon,), is how many days each step has (28 to 31 for months), where they differ. `floor`: no forecast
    falls below it (0 for counts and sales, None for what may be negative). `asked`: the horizon's steps, from the
    first to before the second, that sums are of; None: all of them. Data that end before the days asked for begin need
    steps to get there.
    """

    series: tuple[Series, ...]
    horizon: int
    seasons: tuple[float, ...]
    known: Floats | None = None
    known_names: tuple[str, ...] = ()
    lengths: Floats | None = None
    floor: float | None = 0.0
    asked: tuple[int, int] | None = None


@dataclass(frozen=True)
class Interval:
    """`low` and `high`, shape (h,), at a level such as 0.8."""

    low: Floats
    high: Floats


@dataclass(frozen=True)
class Backtest:
    """How the method did when it was asked at earlier times and knew nothing later.

    `origins` is how many times. `errors`, shape (origins, h), are actual less forecast. `error` is the usual relative
    error of the sum over the steps asked for, and `naive_error` that of the seasonal naive forecast of the same sums:
    the sum of absolute errors by the sum of absolute actuals. `step_error` and `naive_step_error` are the same by
    single steps. `coverage` is the share of backtested steps in the 80 % interval, each time from the other origins
    alone. None: no figure.
    """

    origins: int
    errors: Floats
    error: float | None
    naive_error: float | None
    step_error: float | None
    naive_step_error: float | None
    coverage: float | None


@dataclass(frozen=True)
class SeriesForecast:
    """Expected values, shape (h,), and intervals by level (0.8, 0.95).

    `total` is the expectation of the sum over the steps asked for, and `total_intervals` its (low, high) by level:
    calibrated on sums, since the sum of intervals is none. `weights` says which models made it. `event_effects` gives
    the factor that each known event in the horizon has on a step that lies wholly in it, where it was learned.
    """

    id: str
    mean: Floats
    intervals: Mapping[float, Interval]
    total: float
    total_intervals: Mapping[float, tuple[float, float]]
    weights: Mapping[str, float]
    backtest: Backtest
    event_effects: Mapping[str, float] = field(default_factory=dict)
