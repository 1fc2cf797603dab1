"""Daily figures with planted anomalies: Online Retail as it is, Walmart's weeks spread over their days."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import duckdb
import holidays
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench._retail import LAST_DAY, SHARED, retail_files, retail_home

Floats = NDArray[np.float64]

JUDGED = 364  # days at the end on which methods are judged
KINDS = ("level shift", "spike", "dip", "trend break", "dropout")
SIZES = ("small", "medium", "large")
# In standard deviations of the series' own noise, but for a dropout's, which are days without any value.
HOW_LARGE = {
    "level shift": (1.0, 1.75, 3.0),
    "spike": (3.0, 4.5, 8.0),
    "dip": (2.5, 3.5, 5.0),
    "trend break": (1.5, 3.0, 5.0),
    "dropout": (1, 2, 4),
}
LASTS = {"level shift": 21, "spike": 1, "dip": 1, "trend break": 28, "dropout": 1}
MOST_LOST = 0.97
PROMOTION = (1.6, 2.6)  # by how much a planted promotion multiplies
MOVED = 14  # days that a promotion of another draw may begin earlier or later
WALMART_STORES = 20
WALMART_WEEK = np.array([0.15, 0.17, 0.16, 0.12, 0.11, 0.12, 0.17])  # of a week from Friday on
WALMART_NOISE = 0.07
WALMART_EVENTS = {
    "super bowl": ("2010-02-12", "2011-02-11", "2012-02-10"),
    "labour day": ("2010-09-10", "2011-09-09", "2012-09-07"),
    "thanksgiving": ("2010-11-26", "2011-11-25"),
    "christmas": ("2010-12-31", "2011-12-30"),
}


@dataclass(frozen=True)
class Planted:
    kind: str
    size: str
    first: int
    last: int
    upward: bool


@dataclass(frozen=True)
class Daily:
    """`values`, shape (T,); `known`, shape (K, T), with `names`; `promotions`: the steps on which one was planted."""

    name: str
    source: str
    first_day: date
    values: Floats
    known: Floats
    names: tuple[str, ...]
    planted: tuple[Planted, ...] = ()
    promotions: tuple[int, ...] = ()

    @property
    def since(self) -> int:
        return len(self.values) - JUDGED


def daily_series() -> tuple[Daily, ...]:
    return (*_retail(), *_walmart())


def halves(series: tuple[Daily, ...]) -> tuple[tuple[Daily, ...], tuple[Daily, ...]]:
    """For tuning and for reporting: every other one of each source."""
    parts: tuple[list[Daily], list[Daily]] = ([], [])
    for source in ("Online Retail", "Walmart"):
        for i, one in enumerate(s for s in series if s.source == source):
            parts[i % 2].append(one)
    return tuple(parts[0]), tuple(parts[1])


def with_anomalies(series: Daily, size: str) -> Daily:
    """One anomaly of each kind, at different times of the judged year; each ends as it began."""
    rng = np.random.default_rng(zlib.crc32(f"{series.name} {size}".encode()))
    values, noise, planted = series.values.copy(), _noise(series.values), []
    slot = JUDGED // len(KINDS)
    for place, kind in enumerate(rng.permutation(KINDS)):
        grade = HOW_LARGE[kind][SIZES.index(size)]
        length = int(grade) if kind == "dropout" else LASTS[kind]
        first = series.since + place * slot + 14 + int(rng.integers(0, slot - 14 - 28))
        while kind in ("spike", "dip", "dropout") and _usually(series.values, first) <= 0:
            first += 1
        upward = kind == "spike" or (kind in ("level shift", "trend break") and bool(rng.integers(2)))
        reach = grade * noise * np.ones(length)
        if kind == "trend break":
            reach *= np.arange(1, length + 1) / length
        factor = 1 + reach if upward else 1 - np.minimum(reach, MOST_LOST)
        steps = slice(first, first + length)
        if kind == "spike":
            # Above what such a day usually has, and not above what this one happens to have.
            values[steps] = np.maximum(values[steps], _usually(series.values, first)) * factor
        else:
            values[steps] *= np.zeros(length) if kind == "dropout" else factor
        planted.append(Planted(str(kind), size, first, first + length - 1, upward))
    return replace(series, values=values, planted=tuple(planted))


def with_promotions(series: Daily, draw: int = 0) -> Daily:
    """Two that were there before come three times in the judged year, and a new one once; all in the calendar.

    Every further `draw` has other lifts and other days.
    """
    rng = np.random.default_rng(zlib.crc32(f"{series.name} {draw}".encode() if draw else series.name.encode()))
    values = series.values.copy()
    rows, promoted = [], []
    lengths = {"spring": 3, "autumn": 4, "new": 3}
    past = {"spring": (series.since - 250, series.since - 120), "autumn": (series.since - 300,), "new": ()}
    ahead = {"spring": (40, 160), "autumn": (90,), "new": (220,)}
    for name, length in lengths.items():
        on = np.zeros(len(values))
        lift = rng.uniform(*PROMOTION)
        for planned in (*past[name], *(series.since + day for day in ahead[name])):
            first = planned + (int(rng.integers(-MOVED, MOVED + 1)) if draw else 0)
            steps = np.arange(max(first, 0), first + length)
            values[steps] *= lift * np.exp(rng.normal(0, 0.08, len(steps)))
            on[steps] = 1.0
            promoted += [int(step) for step in steps if step >= series.since]
        rows.append(on)
    return replace(
        series,
        values=values,
        known=np.vstack((series.known, *rows)),
        names=(*series.names, *lengths),
        promotions=tuple(promoted),
    )


def _usually(values: Floats, step: int) -> float:
    """Median of the same weekday in the eight weeks before."""
    return float(np.median(values[step - 56 : step : 7]))


def _noise(values: Floats) -> float:
    """Robust relative deviation from the median of the same weekday four weeks to either side."""
    relative = []
    for step in range(28, len(values) - 28):
        around = np.median(np.delete(values[step - 28 : step + 29 : 7], 4))
        if around > 0:
            relative.append(values[step] / around - 1)
    spread = np.array(relative)
    return float(1.4826 * np.median(np.abs(spread - np.median(spread))))


def _retail() -> Iterator[Daily]:
    store = retail_home(retail_files()) / "warehouse.duckdb"
    days = pd.date_range("2009-12-01", LAST_DAY - timedelta(days=1), freq="D")
    net = "SUM(CASE kind WHEN 'sold' THEN amount - discount ELSE discount - amount END)"
    measures = {
        "net sales": net,
        "gross sales": "SUM(amount) FILTER (kind = 'sold')",
        "orders": "COUNT(DISTINCT order_id) FILTER (kind = 'sold')",
        "units": "SUM(quantity) FILTER (kind = 'sold')",
        "customers": "COUNT(DISTINCT customer_id) FILTER (kind = 'sold')",
    }
    with duckdb.connect(str(store), read_only=True) as connection:
        select = ", ".join(f'{expression} AS "{name}"' for name, expression in measures.items())
        day = "CAST(sold_at AS DATE) AS day"
        total = connection.sql(f"SELECT {day}, {select} FROM order_lines GROUP BY ALL").df()
        country = connection.sql(f"SELECT {day}, country, {select} FROM order_lines GROUP BY ALL").df()
        product = connection.sql(f"SELECT {day}, product_id, {select} FROM order_lines GROUP BY ALL").df()
    known, names = _british(days)

    def one(name: str, values: pd.Series[float]) -> Daily:
        filled = values.reindex(days).fillna(0.0).to_numpy(dtype=np.float64)
        return Daily(name, "Online Retail", days[0].date(), filled, known, names)

    for measure in measures:
        yield one(measure, total.set_index("day")[measure])
    for place in ("United Kingdom", "Germany", "France", "EIRE"):
        for measure in ("orders", "net sales"):
            rows = country[country.country == place].set_index("day")
            yield one(f"{measure} {place}", rows[measure])
    often = product[product.orders > 0].groupby("product_id").day.count().nlargest(12).index
    for name in often:
        yield one(f"orders of {name}", product[product.product_id == name].set_index("day")["orders"])


def _british(days: pd.DatetimeIndex) -> tuple[Floats, tuple[str, ...]]:
    """Bank holidays, and the closed days around Christmas."""
    rows: dict[str, Floats] = {}
    bank = holidays.country_holidays("GB", subdiv="ENG", years=[2009, 2010, 2011])
    closed = {day for day in days.date if (day.month, day.day) >= (12, 23) or (day.month, day.day) <= (1, 4)}
    for at, day in enumerate(days.date):
        label = "christmas" if day in closed else "bank holiday" if day in bank else None
        if label:
            rows.setdefault(label, np.zeros(len(days)))[at] = 1.0
    return np.stack(list(rows.values())), tuple(rows)


def _walmart() -> Iterator[Daily]:
    table = pd.read_parquet(SHARED / "data" / "walmart_sales" / "walmart_45stores_weekly.parquet")
    weekly = table.pivot_table(index="Date", columns="Store", values="Weekly_Sales")
    # A week ends on the Friday that it is dated with.
    first = weekly.index[0].date() - timedelta(days=6)
    known = np.stack([np.repeat(weekly.index.isin(pd.to_datetime(list(d))), 7) for d in WALMART_EVENTS.values()])
    for store in list(weekly.columns)[:: len(weekly.columns) // WALMART_STORES][:WALMART_STORES]:
        rng = np.random.default_rng(int(store))
        share = np.roll(WALMART_WEEK, -1) * np.exp(rng.normal(0, WALMART_NOISE, (len(weekly), 7)))
        values = weekly[store].to_numpy()[:, None] * share / share.sum(axis=1, keepdims=True)
        yield Daily(f"store {store}", "Walmart", first, values.ravel(), known.astype(float), tuple(WALMART_EVENTS))
