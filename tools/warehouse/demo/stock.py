"""Stock at the end of every day, consistent with what was sold.

A product is reordered when stock and orders on the way fall below what the lead time will sell; a delivery that comes
too late is flown in, so that stock never falls below zero. Days on which a product cannot be bought end with none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tools.warehouse.demo.world import Array

_REVIEW_DAYS = 28
_LOOK_BACK = 60


@dataclass(frozen=True)
class Stock:
    """Arrays of shape (days, products), and lead times by product."""

    on_hand: Array
    on_order: Array
    lead_time: Array


def simulate_stock(rng: np.random.Generator, sold: Array, closed: Array) -> Stock:
    """From units sold by day and product, and the days on which a product could not be bought."""
    days, products = sold.shape
    lead = rng.choice([7, 10, 14, 21, 30, 45], products)
    overall = sold.mean(axis=0)
    totals = np.vstack([np.zeros(products), np.cumsum(sold, axis=0)])
    stock = np.ceil(overall * (lead + 30) + 12)
    arriving = np.zeros((days + 60, products))
    on_hand = np.zeros((days, products), dtype=np.int64)
    on_order = np.zeros((days, products), dtype=np.int64)
    pending = np.zeros(products)
    for day in range(days):
        stock = stock + arriving[day] - sold[day]
        pending -= arriving[day]
        flown = np.where(stock < 1, 1 - stock, 0.0)
        stock += flown
        span = min(day + 1, _REVIEW_DAYS)
        pace = np.maximum((totals[day + 1] - totals[day + 1 - span]) / span, overall * 0.3)
        short = stock + pending < pace * (lead + 10) + 6
        amount = np.where(short, np.ceil(pace * (lead + 40) + 10 - stock - pending), 0.0)
        np.add.at(arriving, (day + lead, np.arange(products)), amount)
        pending += amount
        on_hand[day], on_order[day] = stock, pending
    for product in range(products):
        shut = np.flatnonzero(closed[:, product])
        if not len(shut):
            continue
        on_hand[shut, product] = 0
        for first in shut[np.diff(shut, prepend=-9) > 1]:
            # Before a gap, no more was left than what was still sold.
            left = 0
            for day in range(first - 1, max(first - _LOOK_BACK, -1), -1):
                if on_hand[day, product] <= left:
                    break
                on_hand[day, product] = left
                left += int(sold[day, product])
    return Stock(on_hand, on_order, lead)
