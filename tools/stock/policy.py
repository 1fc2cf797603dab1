"""How much stock is enough: the chance that demand exceeds it, and what to order for a wanted chance that it does not.

Demand over a stretch of days has an expectation and a variance, and is negative binomial with them (Poisson where the
variance is not above the expectation): counts, skewed where few are sold, close to normal where many are.

The rules are those of Silver, Pyke and Thomas (2017), "Inventory and Production Management in Supply Chains", 4th
edition: the reorder point is the quantile of demand over the lead time at the service level (the cycle service level,
P1, §6.7; with normal demand its safety stock is z · σ · √L), and with a review every R days what is ordered brings
stock and orders up to the quantile of demand over R + L (the (R, S) system, §6.10). A service level of
(price − cost) ÷ (price − salvage value) makes the quantile the newsvendor's (§10.2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.stock.position import Floats

REVIEW_DAYS = 7


@dataclass(frozen=True)
class Sums:
    """Demand over a stretch of days: expectations and variances, shape (n,), ≥ 0."""

    mean: Floats
    variance: Floats

    def exceeds(self, stock: Floats) -> Floats:
        """P(demand > stock)."""
        from scipy import special

        whole = np.floor(np.asarray(stock, dtype=np.float64))
        count = np.maximum(whole, 0.0)
        size, p, lumpy = self._negative_binomial()
        with np.errstate(invalid="ignore", divide="ignore"):
            tail = np.where(lumpy, special.betainc(count + 1, size, 1 - p), special.pdtrc(count, self.mean))
        tail = np.where(self.mean > 0, tail, 0.0)
        return np.where(whole < 0, 1.0, tail)

    def quantile(self, level: float) -> Floats:
        """The least whole number q with P(demand ≤ q) ≥ level."""
        most = (1 - level) * (1 + 1e-12)
        high: Floats = np.ceil(self.mean + 10 * np.sqrt(self.variance)) + 1
        while (self.exceeds(high) > most).any():
            high *= 2
        low = np.full(len(high), -1.0)
        # Scipy's own quantiles would bring a package that takes seconds to import.
        while (high - low > 1).any():
            middle = np.floor((low + high) / 2)
            enough = self.exceeds(middle) <= most
            low, high = np.where(enough, low, middle), np.where(enough, middle, high)
        return high

    def _negative_binomial(self) -> tuple[Floats, Floats, np.ndarray[tuple[int, ...], np.dtype[np.bool_]]]:
        """Size and probability, and where they are to be used."""
        lumpy = (self.mean > 0) & (self.variance > self.mean * (1 + 1e-9))
        mean, variance = np.where(lumpy, self.mean, 1.0), np.where(lumpy, self.variance, 2.0)
        return mean**2 / (variance - mean), mean / variance, lumpy


@dataclass(frozen=True)
class Reorder:
    """What to order now: arrays (n,), units.

    `up_to` is what stock and orders together should come to, `quantity` what is missing to it; `point` is the stock and
    orders at which a new order is due at the latest, and `safety` the part of it beyond the expected demand.
    """

    quantity: Floats
    up_to: Floats
    point: Floats
    safety: Floats


def reorder(over_lead: Sums, over_lead_and_review: Sums, position: Floats, service_level: float) -> Reorder:
    """`position`: on hand and on order."""
    point = over_lead.quantile(service_level)
    up_to = over_lead_and_review.quantile(service_level)
    return Reorder(
        quantity=np.maximum(np.ceil(up_to - position), 0.0),
        up_to=up_to,
        point=point,
        safety=np.maximum(point - over_lead.mean, 0.0),
    )
