"""Forecasts of M4 weekly, Walmart's stores and Online Retail beside five peers, and of a thousand daily series.

M4 weekly: the competition's 359 series, its test of 13 weeks, its measures (sMAPE, MASE with frequency 1, OWA against
Naive2, which is the naive forecast at that frequency). Walmart: 45 stores, 8 weeks ahead from four moments in 2012,
four holidays known to whoever can use them. Online Retail: weekly net sales of the countries that buy in most weeks, 8
weeks ahead from six moments of the second year. All are asked at the same moments and know nothing later. Peers may
use both cores, ours uses one, but for the thousand series, which go to two processes in halves. Coverage is the share
of single steps, and of the horizon's sums, inside our 80 % interval.
"""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb
import numpy as np
import pandas as pd

from bench._forecast_peers import PEERS, YEAR, Asked, Floats, Peer
from bench._retail import SHARED, retail_files, retail_home
from tools.stats.forecasting.accuracy import mase, owa, smape
from tools.stats.forecasting.engine import forecast, split
from tools.stats.forecasting.task import Series, SeriesForecast, Task
from tools.workers import Workers

OURS = "ours"
WEEKS = (365.25 / 7,)
HOLIDAYS = {
    "super bowl": ("2010-02-12", "2011-02-11", "2012-02-10"),
    "labour day": ("2010-09-10", "2011-09-09", "2012-09-07"),
    "thanksgiving": ("2010-11-26", "2011-11-25"),
    "christmas": ("2010-12-31", "2011-12-30"),
}
MOST_WEEKS = 0.75  # of the first year in which a country buys
MANY, DAYS, MONTH = 1_000, 730, 28


@dataclass(frozen=True)
class Origin:
    """What is asked, and what came: shape (S, h)."""

    asked: Asked
    actual: Floats
    floor: float | None = 0.0


@dataclass
class Score:
    smapes: list[float] = field(default_factory=list)
    mases: list[float] = field(default_factory=list)
    seconds: float = 0.0
    inside: list[bool] = field(default_factory=list)
    inside_total: list[bool] = field(default_factory=list)


def main() -> None:
    os.environ["NIXTLA_ID_AS_COL"] = "1"
    warnings.simplefilter("ignore")
    # Libraries are loaded before anything is timed.
    warm = Asked((np.arange(120.0) % 7 + 1,), 4, pd.Timestamp("2012-01-01"), "W-SUN", pd.DataFrame({"ds": []}))
    for peer in PEERS.values():
        peer(warm)
    # Prophet takes a quarter of an hour for M4's long series.
    quick = {name: peer for name, peer in PEERS.items() if name != "Prophet"}
    _compare("M4 weekly", list(m4()), quick)
    _compare("Walmart", list(walmart()), PEERS)
    _compare("Online Retail", list(retail()), PEERS)
    thousand()


def m4() -> Iterator[Origin]:
    folder = SHARED / "data" / "m4_weekly"
    train, test = (pd.read_parquet(folder / f"m4_weekly_{part}.parquet") for part in ("train", "test"))
    histories = {name: rows.sort_values("t").y.to_numpy() for name, rows in train.groupby("unique_id")}
    actual = {name: rows.sort_values("t").y.to_numpy() for name, rows in test.groupby("unique_id")}
    asked = Asked(
        tuple(histories[n] for n in histories), 13, pd.Timestamp("2016-01-03"), "W-SUN", pd.DataFrame({"ds": []})
    )
    yield Origin(asked, np.stack([actual[n] for n in histories]))


def walmart() -> Iterator[Origin]:
    table = pd.read_parquet(SHARED / "data" / "walmart_sales" / "walmart_45stores_weekly.parquet")
    sales = table.pivot_table(index="Date", columns="Store", values="Weekly_Sales")
    events = pd.DataFrame({"ds": sales.index})
    for name, days in HOLIDAYS.items():
        events[name] = events.ds.isin(pd.to_datetime(list(days))).astype(float)
    yield from _rolling(sales, "W-FRI", events, [len(sales) - 8 * k for k in (4, 3, 2, 1)], 0.0)


def retail() -> Iterator[Origin]:
    store = retail_home(retail_files()) / "warehouse.duckdb"
    with duckdb.connect(str(store), read_only=True) as connection:
        lines = connection.sql(
            "SELECT CAST(date_trunc('week', sold_at) AS DATE) AS week, country, "
            "SUM(CASE kind WHEN 'sold' THEN amount - discount ELSE discount - amount END) AS net "
            "FROM order_lines GROUP BY ALL"
        ).df()
    weeks = pd.date_range("2009-12-07", "2011-11-28", freq="W-MON")
    sales = lines.pivot_table(index="week", columns="country", values="net", aggfunc="sum").reindex(weeks).fillna(0.0)
    often = (sales.iloc[:YEAR] != 0).mean() >= MOST_WEEKS
    origins = [len(sales) - 8 * k for k in (6, 5, 4, 3, 2, 1)]
    yield from _rolling(sales.loc[:, often], "W-MON", pd.DataFrame({"ds": weeks}), origins, None)


def _rolling(
    sales: pd.DataFrame, step: str, events: pd.DataFrame, origins: Sequence[int], floor: float | None
) -> Iterator[Origin]:
    values = sales.to_numpy(dtype=float).T
    for t in origins:
        asked = Asked(tuple(values[:, :t]), 8, sales.index[t - 1], step, events)
        yield Origin(asked, values[:, t : t + 8], floor)


def ours(origin: Origin) -> list[SeriesForecast]:
    asked = origin.asked
    names = tuple(str(c) for c in asked.events if c != "ds")
    known = None
    if names:
        steps = len(asked.histories[0]) + asked.horizon
        known = asked.events.loc[: steps - 1, list(names)].to_numpy(dtype=float).T
    series = tuple(Series(str(i), values) for i, values in enumerate(asked.histories))
    return forecast(Task(series, asked.horizon, WEEKS, known, names, floor=origin.floor))


def _compare(name: str, origins: list[Origin], peers: Mapping[str, Peer]) -> None:
    scores = {peer: Score() for peer in (OURS, "Naive2", *peers)}
    for origin in origins:
        asked, score = origin.asked, scores[OURS]
        started = time.perf_counter()
        made = ours(origin)
        score.seconds += time.perf_counter() - started
        _add(score, origin, np.stack([one.mean for one in made]))
        for one, actual in zip(made, origin.actual, strict=True):
            band, (low, high) = one.intervals[0.8], one.total_intervals[0.8]
            score.inside += list((band.low <= actual) & (actual <= band.high))
            score.inside_total.append(bool(low <= actual.sum() <= high))
        _add(scores["Naive2"], origin, np.stack([np.full(asked.horizon, h[-1]) for h in asked.histories]))
        for peer, make in peers.items():
            started = time.perf_counter()
            forecasts = make(asked)
            scores[peer].seconds += time.perf_counter() - started
            _add(scores[peer], origin, forecasts)
    series, horizon = len(origins[0].actual), origins[0].asked.horizon
    print(
        f"{name}: {series} series, {len(origins)} origins, {horizon} weeks ahead        sMAPE    MASE     OWA   seconds"
    )
    naive = scores["Naive2"]
    for peer, score in scores.items():
        error, scaled = float(np.mean(score.smapes)), float(np.mean(score.mases))
        relative = owa(error, scaled, float(np.mean(naive.smapes)), float(np.mean(naive.mases)))
        print(f"  {peer:52} {error:8.3f} {scaled:7.3f} {relative:7.3f} {score.seconds:9.1f}", flush=True)
    steps, sums = np.mean(scores[OURS].inside), np.mean(scores[OURS].inside_total)
    print(f"  our 80 % intervals held {steps:.1%} of the steps and {sums:.1%} of the sums\n", flush=True)


def _add(score: Score, origin: Origin, forecasts: Floats) -> None:
    for history, actual, made in zip(origin.asked.histories, origin.actual, forecasts, strict=True):
        score.smapes.append(smape(actual, made))
        score.mases.append(mase(history, actual, made))


def thousand() -> None:
    """Two years of days with a weekday pattern, a yearly one, growth, noise, and every tenth sold rarely."""
    rng = np.random.default_rng(4)
    days = np.arange(DAYS)
    series = []
    for i in range(MANY):
        level = rng.lognormal(3, 1) * (1 + 0.3 * np.sin(2 * np.pi * (days / 365.25 + rng.random())))
        weekday = rng.gamma(8, 1 / 8, 7)[days % 7]
        mean = level * weekday * np.exp(np.cumsum(rng.normal(0, 0.01, DAYS))) * (0.02 if i % 10 == 0 else 1.0)
        series.append(Series(f"p{i:04}", rng.poisson(mean).astype(float)))
    task = Task(tuple(series), MONTH, (7, 365.25))
    workers = Workers()
    workers.run(forecast, split(Task(tuple(series[:2]), MONTH, (7, 365.25)), 2), deadline_s=120)  # started, and loaded
    started = time.perf_counter()
    made = workers.run(forecast, split(task, 2), deadline_s=600)
    seconds = time.perf_counter() - started
    workers.close()
    print(f"{sum(map(len, made)):,} series of {DAYS} days, {MONTH} days ahead, two processes: {seconds:.1f} s")


if __name__ == "__main__":
    main()
