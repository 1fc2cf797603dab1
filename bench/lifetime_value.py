"""BG/NBD, MBG/NBD and Gamma-Gamma beside the package `lifetimes`: times to fit, parameters, predictions.

Both fit the same arrays in turns, on CDNOW's 1/10 sample and on all of it (first 39 weeks). Predictions are those for
the next 39 weeks of every customer. At one million made-up customers only ours is run, in a process of its own.
"""

from __future__ import annotations

import statistics
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bench._child import run_child
from tests.unit.cdnow import histories
from tools.stats.bgnbd import BgNbd
from tools.stats.gamma_gamma import GammaGamma

CDNOW = Path(__file__).resolve().parents[2] / "shared" / "data" / "cdnow"
ROUNDS = 5
WEEKS = 39
MILLION = 1_000_000


def main() -> None:
    print(f"{'':28} {'customers':>9} {'ours ms':>9} {'lifetimes ms':>13} {'ratio':>7}  furthest apart: "
          f"{'parameters':>10} {'predictions':>11}", flush=True)  # fmt: skip
    for name in ("sample", "master"):
        x, t_x, age, mean = histories(CDNOW / f"cdnow_{name}.parquet")
        again = (x > 0) & (mean > 0)
        for at_once in (False, True):
            _compare(f"{'MBG/NBD' if at_once else 'BG/NBD'}, CDNOW {name}", *_orders(x, t_x, age, at_once=at_once))
        _compare(f"Gamma-Gamma, CDNOW {name}", *_spend(x[again], mean[again]))
    child = run_child([sys.executable, "-m", "bench.lifetime_value", "million"])
    print(f"\n{child.output.strip()}\npeak memory {child.peak_mb:,.0f} MB", flush=True)


Side = tuple[Callable[[], Any], Callable[[Any], Any], Callable[[Any], Any]]  # fit, parameters, predictions


def _compare(name: str, customers: int, ours: Side, theirs: Side) -> None:
    """Fits in turns; prints the median times, and how far the results are apart (relative)."""
    times: tuple[list[float], list[float]] = ([], [])
    fits: list[Any] = [None, None]
    for round_ in range(ROUNDS + 1):
        for place, side in enumerate((ours, theirs)):
            started = time.perf_counter()
            fits[place] = side[0]()
            if round_:  # the first warms both up
                times[place].append((time.perf_counter() - started) * 1000)
    apart = [float(np.max(np.abs(np.asarray(ours[k](fits[0])) / np.asarray(theirs[k](fits[1])) - 1))) for k in (1, 2)]
    one, other = (statistics.median(side) for side in times)
    print(f"{name:28} {customers:9,} {one:9.1f} {other:13.1f} {one / other:7.3f}  {'':15} {apart[0]:10.1e} "
          f"{apart[1]:11.1e}", flush=True)  # fmt: skip


def _orders(x: Any, t_x: Any, age: Any, *, at_once: bool) -> tuple[int, Side, Side]:
    from lifetimes import BetaGeoFitter, ModifiedBetaGeoFitter

    def peer() -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return (ModifiedBetaGeoFitter() if at_once else BetaGeoFitter()).fit(x, t_x, age)

    return (
        len(x),
        (
            lambda: BgNbd.fit(x, t_x, age, leaves_at_once=at_once),
            lambda m: [m.r, m.alpha, m.a, m.b],
            lambda m: m.expected_purchases(WEEKS, x, t_x, age),
        ),
        (
            peer,
            lambda m: m.params_[["r", "alpha", "a", "b"]],
            lambda m: m.conditional_expected_number_of_purchases_up_to_time(WEEKS, x, t_x, age),
        ),
    )


def _spend(x: Any, mean: Any) -> tuple[int, Side, Side]:
    from lifetimes import GammaGammaFitter

    def peer() -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return GammaGammaFitter().fit(x, mean)

    return (
        len(x),
        (lambda: GammaGamma.fit(x, mean), lambda m: [m.p, m.q, m.gamma], lambda m: m.expected_value(x, mean)),
        (
            peer,
            lambda m: m.params_[["p", "q", "v"]],
            lambda m: m.conditional_expected_average_profit(x, mean),
        ),
    )


def million() -> None:
    """Fits both models to a million made-up customers over two years, and predicts a year for each."""
    x, t_x, age, net = _made_up(MILLION)
    for name, work in (
        ("BG/NBD fit", lambda: BgNbd.fit(x, t_x, age)),
        ("MBG/NBD fit", lambda: BgNbd.fit(x, t_x, age, leaves_at_once=True)),
        ("Gamma-Gamma fit", lambda: GammaGamma.fit(x + 1, net / (x + 1))),
    ):
        started = time.perf_counter()
        found = work()
        print(f"{name:24} {time.perf_counter() - started:6.2f} s  {found}", flush=True)
    model = BgNbd.fit(x, t_x, age)
    started = time.perf_counter()
    model.p_alive(x, t_x, age)
    print(f"{'p(alive) of each':24} {time.perf_counter() - started:6.2f} s", flush=True)
    started = time.perf_counter()
    model.expected_purchases(365, x, t_x, age)
    print(f"{'a year of each':24} {time.perf_counter() - started:6.2f} s", flush=True)


def _made_up(customers: int) -> tuple[Any, Any, Any, Any]:
    """x, t_x, T in days and what each spent, drawn from the models by steps for all at once."""
    rng = np.random.default_rng(1)
    age = rng.integers(1, 731, customers).astype(np.float64)
    rate, leaving = rng.gamma(0.6, 1 / 60, customers), rng.beta(0.8, 4.0, customers)
    x, last, time_ = np.zeros(customers), np.zeros(customers), np.zeros(customers)
    alive = np.ones(customers, dtype=bool)
    while alive.any():
        time_[alive] += rng.exponential(1 / np.maximum(rate[alive], 1e-12))
        alive &= time_ <= age
        x[alive] += 1
        last[alive] = np.minimum(np.ceil(time_[alive]), age[alive])
        alive &= rng.random(customers) >= leaving
    own = rng.gamma(4.0, 1 / 700, customers)
    return x, last, age, rng.gamma(1.7 * (x + 1), 1 / own)


if __name__ == "__main__":
    million() if sys.argv[1:] == ["million"] else main()
