"""What is in stock and hardly sells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.stock.position import Floats, Stock
from tools.stock.sales import Sales

SLOW_WINDOW_DAYS = 90
SLOW_MONTHS = 6
DAYS_A_MONTH = 365.25 / 12


@dataclass(frozen=True)
class SlowMovers:
    """Arrays (n,): units sold in the window, months that stock lasts at that pace (infinite where nothing sold).

    `new` products came within the window and are not judged, whether they sell or not.
    """

    sold: Floats
    months: Floats
    slow: NDArray[np.bool_]
    new: NDArray[np.bool_]


def slow_movers(stock: Stock, sales: Sales) -> SlowMovers:
    """As of today: sales of the last 90 days, and of these the days on which a product could be bought."""
    first = sales.at(stock.today) - SLOW_WINDOW_DAYS + 1
    column = max(first, 0)
    sold = sales.units[:, column:].sum(axis=1)
    # Days of the window in which the product was there: those after the newest sale of the store count too.
    there = SLOW_WINDOW_DAYS - sales.out[:, column:].sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        months = np.where(sold > 0, stock.available / (sold / np.maximum(there, 1)) / DAYS_A_MONTH, np.inf)
    begun = np.fmin(stock.first_counted, sales.first_sold)
    new = begun > np.datetime64(stock.today, "D") - SLOW_WINDOW_DAYS
    slow = (stock.available > 0) & ~new & (months > SLOW_MONTHS)
    return SlowMovers(sold, months, slow, new)
