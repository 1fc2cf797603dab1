"""CDNOW's purchases as the papers count them: weeks, from each customer's first purchase to 30 September 1997."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

Column = NDArray[np.float64]
CALIBRATED = date(1997, 9, 30)


def histories(file: Path) -> tuple[Column, Column, Column, Column]:
    """x, t_x, T in weeks, and the mean value of the repeat purchases (NaN without any), one row a customer."""
    table = pq.read_table(file, columns=["customer_id", "date", "dollar_value"]).to_pydict()
    spent: dict[object, dict[date, float]] = defaultdict(lambda: defaultdict(float))
    for customer, day, value in zip(table["customer_id"], table["date"], table["dollar_value"], strict=True):
        if day.date() <= CALIBRATED:
            spent[customer][day.date()] += value
    rows = []
    for days in spent.values():
        first, last = min(days), max(days)
        repeats = [value for day, value in days.items() if day != first]
        mean = sum(repeats) / len(repeats) if repeats else float("nan")
        rows.append((len(repeats), (last - first).days / 7, (CALIBRATED - first).days / 7, mean))
    x, t_x, age, mean_value = np.array(rows, dtype=np.float64).T
    return x, t_x, age, mean_value
