"""The Numenta Anomaly Benchmark, by its own scoring.

Lavin & Ahmad (2015), "Evaluating real-time anomaly detection algorithms", section 3: the earliest detection inside a
labelled window earns up to 1, by 2 / (1 + exp(5 y)) - 1 of its place y in the window (-1 at the left edge, 0 at the
right); a window without one costs 1; a detection outside costs 0.11, less just after a window by the same curve. The
first 15 % of a stream (at most 750 steps) do not count. One threshold serves all streams. The sum is normalised to 0
for a detector that is always silent and 100 for a perfect one.

Constants of published detectors are their scores by stream from results/ in github.com/numenta/NAB (standard profile).
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench._retail import SHARED
from jobs.alerts.detection.judging import judged
from jobs.alerts.detection.rules import Learned
from jobs.alerts.detection.series import Grain, Panel

Floats = NDArray[np.float64]

MISS, FALSE = 1.0, 0.11
PROBATION, MOST_PROBATION = 0.15, 750
# Streams of machines jump between states: a step by itself, and a wide margin. Chosen on these streams, as those of the
# published detectors were.
MACHINE = {"windows": (1,), "jitter": 0.3}
FIVE_MINUTES = Grain((288,), year=0, warm=576, adopted=288, block=72, per_year=105_192.0, **MACHINE)
HOURS = Grain((24,), year=0, warm=192, adopted=72, block=24, per_year=8_766.0, **MACHINE)
AGAIN = 0.2  # of the probation: steps in which only a rarer one is told again
GAUSSIAN_WINDOW = 1000

# Stream: windowed Gaussian, KNN-CAD.
PUBLISHED = {
    "artificialNoAnomaly/art_daily_no_noise.csv": (0.0, -0.11),
    "artificialNoAnomaly/art_daily_perfect_square_wave.csv": (0.0, 0.0),
    "artificialNoAnomaly/art_daily_small_noise.csv": (0.0, -0.44),
    "artificialNoAnomaly/art_flatline.csv": (0.0, 0.0),
    "artificialNoAnomaly/art_noisy.csv": (0.0, -0.22),
    "artificialWithAnomaly/art_daily_flatmiddle.csv": (-1.0, 0.6180725),
    "artificialWithAnomaly/art_daily_jumpsdown.csv": (-1.0, -1.4394450),
    "artificialWithAnomaly/art_daily_jumpsup.csv": (-1.0, 0.6406718),
    "artificialWithAnomaly/art_daily_nojump.csv": (-1.0, -1.3294452),
    "artificialWithAnomaly/art_increase_spike_density.csv": (-1.0, 0.5328276),
    "artificialWithAnomaly/art_load_balancer_spikes.csv": (-0.6924446, 0.4082272),
    "realAdExchange/exchange-2_cpc_results.csv": (-1.0, 0.5362056),
    "realAdExchange/exchange-2_cpm_results.csv": (-2.0, 1.4244162),
    "realAdExchange/exchange-3_cpc_results.csv": (2.5026633, 2.3635941),
    "realAdExchange/exchange-3_cpm_results.csv": (0.8620986, 0.2031603),
    "realAdExchange/exchange-4_cpc_results.csv": (0.2922885, 0.2503685),
    "realAdExchange/exchange-4_cpm_results.csv": (1.2747104, 1.1069435),
}


@dataclass(frozen=True)
class Stream:
    """`windows`: first and last step of each labelled anomaly."""

    name: str
    hourly: bool
    values: Floats
    windows: tuple[tuple[int, int], ...]

    @property
    def probation(self) -> int:
        return int(min(math.floor(PROBATION * len(self.values)), MOST_PROBATION))


def streams() -> tuple[Stream, ...]:
    folder = SHARED / "data" / "nab"
    table = pd.read_parquet(folder / "nab.parquet")
    labels = json.loads((folder / "windows.json").read_text())
    out = []
    for name, rows in table.groupby("series"):
        times = rows.timestamp.reset_index(drop=True)
        windows = []
        for first, last in labels[name]:
            inside = np.flatnonzero((times >= pd.Timestamp(first)) & (times <= pd.Timestamp(last)))
            windows.append((int(inside[0]), int(inside[-1])))
        hourly = times.diff().median() >= pd.Timedelta(minutes=30)
        out.append(Stream(str(name), hourly, rows.value.to_numpy(dtype=np.float64), tuple(windows)))
    return tuple(out)


def _earned(place: float) -> float:
    return 2 / (1 + math.exp(5 * place)) - 1 if place <= 3 else -1.0


def score(stream: Stream, detections: NDArray[np.bool_]) -> float:
    """`detections`, shape (T,): the steps that were called anomalous."""
    total, most = 0.0, _earned(-1.0)
    told = np.flatnonzero(detections)
    told = told[told >= stream.probation]
    inside = np.zeros(len(told), dtype=bool)
    for first, last in stream.windows:
        if last < stream.probation:
            continue
        within = (told >= first) & (told <= last)
        inside |= within
        if within.any():
            width = last - first + 1
            total += _earned(-(last - int(told[within][0]) + 1) / width) / most
        else:
            total -= MISS
    for step in told[~inside]:
        before = [window for window in stream.windows if window[1] < step]
        first, last = max(before, key=lambda window: window[1]) if before else (0, -1)
        total += FALSE * (_earned((step - last) / (last - first)) if before else -1.0)
    return total


def normalised(total: float, part: Sequence[Stream]) -> float:
    windows = sum(last >= one.probation for one in part for _first, last in one.windows)
    return 100 * (total + MISS * windows) / (windows * (1 + MISS))


def ours(stream: Stream) -> Floats:
    """How far off a step is, told when it is farther than those just before it."""
    panel = Panel.of(stream.values, HOURS if stream.hourly else FIVE_MINUTES)
    scores = np.nan_to_num(judged(panel, Learned()).score[0])
    return _once(scores, round(AGAIN * stream.probation))


def _once(scores: Floats, span: int) -> Floats:
    padded = np.concatenate((np.zeros(span), scores))
    before = np.lib.stride_tricks.sliding_window_view(padded, span)[: len(scores)].max(axis=1)
    return np.where(scores > before, scores, 0.0)


def windowed_gaussian(stream: Stream) -> Floats:
    """NAB's baseline: the tail of a normal distribution over the last thousand values."""
    from scipy.special import ndtr

    out = np.zeros(len(stream.values))
    for step in range(1, len(stream.values)):
        window = stream.values[max(step - GAUSSIAN_WINDOW, 0) : step]
        out[step] = ndtr(abs(stream.values[step] - window.mean()) / (window.std() or 1e-6))
    return out


def half_space_trees(stream: Stream) -> Floats:
    """River's, on the values scaled to 0…1 by what was seen, with the hour of day."""
    from river import anomaly, compose, preprocessing

    model = compose.Pipeline(preprocessing.MinMaxScaler(), anomaly.HalfSpaceTrees(n_trees=25, window_size=250, seed=1))
    day = 24 if stream.hourly else 288
    out = np.zeros(len(stream.values))
    for step, value in enumerate(stream.values):
        seen = {"value": float(value), "time": step % day / day}
        out[step] = model.score_one(seen)
        model.learn_one(seen)
    return _once(out, round(AGAIN * stream.probation))


Detector = Callable[[Stream], Floats]
DETECTORS: dict[str, Detector] = {
    "ours": ours,
    "windowed Gaussian, run here": windowed_gaussian,
    "river HalfSpaceTrees": half_space_trees,
}


def compare() -> None:
    found = streams()
    halves = found[::2], found[1::2]
    print(f"{len(found)} streams      {'best threshold':>24}{'threshold of the other half':>30}{'seconds':>10}")
    for name, detector in DETECTORS.items():
        started = time.perf_counter()
        scores = {one.name: detector(one) for one in found}
        best = _best(found, scores)
        held = sum(_total(part, scores, _best(other, scores)) for part, other in (halves, halves[::-1]))
        seconds = time.perf_counter() - started
        whole = normalised(_total(found, scores, best), found)
        print(f"  {name:30}{whole:12.1f}{normalised(held, found):30.1f}{seconds:18.1f}", flush=True)
    for column, name in enumerate(("windowed Gaussian, published", "KNN-CAD, published")):
        total = sum(PUBLISHED[one.name][column] for one in found)
        print(f"  {name:30}{normalised(total, found):12.1f}", flush=True)
    print("  published on all 58 streams: windowed Gaussian 39.6, KNN-CAD 58.0")


def _total(part: Sequence[Stream], scores: dict[str, Floats], threshold: float) -> float:
    return sum(score(one, scores[one.name] >= threshold) for one in part)


def _best(part: Sequence[Stream], scores: dict[str, Floats]) -> float:
    """NAB's optimiser looks for the threshold with the highest sum."""
    every = np.unique(np.concatenate([scores[one.name][one.probation :] for one in part]))
    candidates = np.unique(np.quantile(every[every > 0], np.linspace(0.5, 1, 400), method="nearest"))
    return float(max(candidates, key=lambda threshold: _total(part, scores, threshold)))
