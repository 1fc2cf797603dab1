"""What will be asked for of each product: expected units day by day, and how far the sums may be off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tools.stock.outlook import Outlook, outlook
from tools.stock.policy import Sums
from tools.stock.position import Deliveries, Floats, Stock
from tools.stock.sales import Sales
from tools.stock.shares import AHEAD, Shares, fit_shares

if TYPE_CHECKING:
    from tools.tool import Context

FARTHEST_DAYS = 100_000
FEWEST_DAYS = 14  # in stock, before a product's demand is judged


@dataclass(frozen=True)
class Demand:
    """Demand after each product's newest count: what is known to have been sold, and then what is expected.

    `judged`, (n,): the product was ever sold, and was in stock for two weeks at least. All stretches begin with the
    count and are named by how many days after today they end.
    """

    outlook: Outlook
    shares: Shares
    group: NDArray[np.intp]
    judged: NDArray[np.bool_]
    sold_since: Floats
    skipped: Floats  # days ahead that the count has seen already
    passed: float  # days ahead that are over by the end of today

    def until(self, days: Floats) -> Sums:
        """Demand between the count and the end of so many days from today, shape (n,); infinite days give zeros."""
        known = np.isfinite(days)
        ahead = np.where(known, days, 0.0) + self.passed
        pace = np.maximum(self._pace(ahead) - self._pace(self.skipped), 0.0)
        mean = np.where(known, self.shares.share * pace, 0.0)
        # Drift is that of four weeks; a random walk's grows with time.
        drift = self.shares.drift**2 * np.maximum(ahead - self.skipped, 1.0) / AHEAD
        relative = drift + self.outlook.spread[self.group] ** 2
        return Sums(mean, self.shares.dispersion * mean + relative * mean**2)

    def lasts(self, stock: Floats) -> Floats:
        """Days from today until expected demand has used up `stock`, as it was at the count; infinite where never."""
        left = np.maximum(stock - self.sold_since, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            pace = np.where(self.shares.share > 0, left / self.shares.share, np.inf)
        found = self.outlook.days_until(self.group, pace + self._pace(self.skipped))
        return np.maximum(found - self.passed, 0.0)

    def lasts_with(self, stock: Floats, deliveries: Deliveries) -> Floats:
        """The same with what is to come, as far as it comes before the stock is used up."""
        total = stock.copy()
        found = self.lasts(total)
        for due, units in zip(deliveries.due.T, deliveries.units.T, strict=True):
            total = np.where(found >= due, total + units, total)
            found = np.where(found >= due, self.lasts(total), found)
        return found

    def lasts_together(self, stock: Floats, places: NDArray[np.intp]) -> float:
        """After how many days these products together will have sold all that they have together."""
        left = float(np.maximum(stock - self.sold_since, 0.0)[places].sum())

        def sold(days: float) -> float:
            ahead = np.full(len(places), days + self.passed)
            paces = self.outlook.pace(self.group[places], ahead) - self._pace(self.skipped)[places]
            return float((self.shares.share[places] * np.maximum(paces, 0.0)).sum())

        low, high = 0.0, 1.0
        while sold(high) < left:
            low, high = high, 2 * high
            if high > FARTHEST_DAYS:
                return float("inf")
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (middle, high) if sold(middle) < left else (low, middle)
        return high

    def _pace(self, ahead: Floats) -> Floats:
        return self.outlook.pace(self.group, ahead)


def stock_out_risk(demand: Demand, stock: Floats, deliveries: Deliveries, lead: Floats) -> Floats:
    """The chance to run out before what is ordered today is there, shape (n,).

    Looked at when the next deliveries are due, and at the end of the lead time: the chance that demand until then
    exceeds what will have been there. The highest of them.
    """
    there = stock - demand.sold_since
    worst = np.zeros(len(stock))
    for due, units in zip(deliveries.due.T, deliveries.units.T, strict=True):
        within = due <= lead
        chance = demand.until(np.where(within, due, np.inf)).exceeds(there)
        worst = np.where(within, np.maximum(worst, chance), worst)
        there = np.where(within, there + units, there)
    return np.maximum(worst, demand.until(lead).exceeds(there))


def demand(context: Context, stock: Stock, sales: Sales, longest_days: int) -> Demand:
    """Demand of the counted products, forecast for so many days ahead."""
    expected = outlook(context, sales, longest_days)
    # Only days that are over tell of demand.
    ahead = sales.at(expected.first)
    over = slice(0, max(ahead, 1))
    units, seen = sales.units[:, over], sales.buyable[:, over]

    def fit() -> Shares:
        return fit_shares(units, sales.group_units[sales.group, over], seen)

    shares = context.warehouse.remembered(("stock shares", context.today, expected.first), fit)
    counted = (stock.counted_on - np.datetime64(expected.first, "D")).astype(np.float64) + 1
    since = np.arange(units.shape[1]) - ahead >= counted[:, None]
    return Demand(
        outlook=expected,
        shares=shares,
        group=sales.group,
        judged=~np.isnat(sales.first_sold) & (seen.sum(axis=1) >= FEWEST_DAYS),
        sold_since=(units * since).sum(axis=1),
        skipped=np.maximum(counted, 0.0),
        passed=float((context.today - expected.first).days + 1),
    )
