"""How much of its category's demand a product has, followed week by week.

Units of a product in a week are counts whose mean is the product's share times the category's units that week. Shares
drift: of what was learned, a part ω is kept from day to day. With a gamma distribution for the share all of this has a
closed form, and sums ahead are negative binomial: Harvey and Fernandes (1989), "Time series models for count or
qualitative observations", Journal of Business & Economic Statistics 7(4), with exposure. No single ω is right for all
products; several are followed side by side and weighted by how well each foretold the weeks, as in Raftery, Kárný and
Ettler (2010), "Online prediction under model uncertainty via dynamic model averaging", Technometrics 52(1).

Orders of several units make sales lumpier than counts: `dispersion` is the variance of a week by its mean. How far a
share wanders within four weeks (`drift`, relative) is the likeliest over past months of all products together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.stock.position import Floats

KEPT = (0.93, 0.95, 0.97, 0.98, 0.985, 0.99, 0.995, 0.998)  # ω, a day
WEEK = 7
FIRST_JUDGED_WEEK = 8
PRIOR_UNITS = 10.0
AHEAD = 28
PAST_ORIGINS = 6
MOST_COMPARED = 1000
DRIFTS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.3, 1.6, 2.0)
_TINY = 1e-9


@dataclass(frozen=True)
class Shares:
    """`share` and `dispersion` (≥ 1), shape (n,); `drift` is a share's relative standard deviation four weeks on."""

    share: Floats
    dispersion: Floats
    drift: float


def fit_shares(units: Floats, exposure: Floats, seen: NDArray[np.bool_]) -> Shares:
    """From daily units and the categories' units, both (n, d), and the days that tell of demand.

    Days on which a product could not be bought are no demand of zero: they are left out on both sides.
    """
    share, dispersion = _followed(units, exposure, seen)
    # One number of them all: a thousand products tell it as well as ten thousand.
    some = slice(None, None, -(-len(units) // MOST_COMPARED) or 1)
    return Shares(share, dispersion, _drift(units[some], exposure[some], seen[some]))


def _followed(units: Floats, exposure: Floats, seen: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Shares, and dispersions, at the end of the days."""
    sold, pace = _weeks(units * seen), _weeks(exposure * seen)
    dispersion = np.ones(len(sold))
    for _ in range(2):  # the dispersion needs the forecasts, and these need it
        shares, fit, misses, means = _filtered(sold, pace, dispersion)
        weight = np.exp(fit - fit.max(axis=0))
        weight /= weight.sum(axis=0)
        missed, expected = (weight * misses).sum(axis=0), (weight * means).sum(axis=0)
        # What a product's few sales cannot tell, those of the usual product do.
        usual = float(np.median(missed[expected > 1] / expected[expected > 1])) if (expected > 1).any() else 1.0
        dispersion = np.maximum((missed + PRIOR_UNITS * max(usual, 1.0)) / (expected + PRIOR_UNITS), 1.0)
    return (weight * shares).sum(axis=0), dispersion


def _filtered(sold: Floats, pace: Floats, dispersion: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """For every ω and product, (k, n) each: the share, the weeks' log-likelihood, their squared misses, their means."""
    n, weeks = sold.shape
    kept = np.array(KEPT)[:, None] ** WEEK
    known, worth = np.zeros((len(KEPT), n)), np.zeros((len(KEPT), n))
    fit, misses, means = (np.zeros((len(KEPT), n)) for _ in range(3))
    for week in range(weeks):
        told = (worth[0] > 0) & (pace[:, week] > 0) & (known[0] > _TINY)
        if week >= FIRST_JUDGED_WEEK and told.any():
            size = np.maximum(known[:, told] / dispersion[told], 0.1)
            mean = known[:, told] / worth[:, told] * pace[told, week]
            fit[:, told] += _log_likelihood(sold[told, week] / dispersion[told], mean / dispersion[told], size)
            # The level's own uncertainty is no dispersion.
            misses[:, told] += (sold[told, week] - mean) ** 2 / (1 + mean / (size * dispersion[told]))
            means[:, told] += mean
        known = kept * known + sold[:, week]
        worth = kept * worth + pace[:, week]
    return known / np.maximum(worth, _TINY), fit, misses, means


def _drift(units: Floats, exposure: Floats, seen: NDArray[np.bool_]) -> float:
    """The relative drift under which the past months, foretold from what was known before each, are likeliest."""
    means, actual, dispersions = [], [], []
    days = units.shape[1]
    for number in range(1, PAST_ORIGINS + 1):
        origin = days - number * AHEAD
        if origin < WEEK * (FIRST_JUDGED_WEEK + 1):
            break
        share, dispersion = _followed(units[:, :origin], exposure[:, :origin], seen[:, :origin])
        ahead = slice(origin, origin + AHEAD)
        mean = share * (exposure[:, ahead] * seen[:, ahead]).sum(axis=1)
        usable = (seen[:, :origin].sum(axis=1) >= AHEAD) & (mean > _TINY)
        means.append(mean[usable])
        actual.append((units[:, ahead] * seen[:, ahead]).sum(axis=1)[usable])
        dispersions.append(dispersion[usable])
    if not means or not sum(map(len, means)):
        return DRIFTS[len(DRIFTS) // 3]
    mean, sold, dispersion = map(np.concatenate, (means, actual, dispersions))

    def likelihood(drift: float) -> float:
        excess = np.maximum((dispersion - 1) + drift**2 * mean, 1e-6)
        return float(_log_likelihood(sold, mean, mean / excess).sum())

    return max(DRIFTS, key=likelihood)


def _weeks(daily: Floats) -> Floats:
    """Sums of whole weeks, the last of which ends with the last day."""
    n, days = daily.shape
    found: Floats = daily[:, days % WEEK :].reshape(n, days // WEEK, WEEK).sum(axis=2)
    return found


def _log_likelihood(count: Floats, mean: Floats, size: Floats) -> Floats:
    """Of the negative binomial with that mean and variance mean + mean²/size; counts may be fractions."""
    from scipy.special import gammaln

    mean = np.maximum(mean, _TINY)
    found: Floats = (
        gammaln(count + size)
        - gammaln(size)
        - gammaln(count + 1)
        + size * np.log(size / (size + mean))
        + count * np.log(mean / (size + mean))
    )
    return found
