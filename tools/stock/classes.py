"""ABC by what products bring in, XYZ by how steadily they sell.

Silver, Pyke and Thomas (2017), "Inventory and Production Management in Supply Chains", §3.4 for ABC; XYZ as in
Scholz-Reiter et al. (2012), "Integration of demand forecasts in ABC-XYZ analysis", International Journal of
Productivity and Performance Management 61(4).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tools.stock.position import Floats

A_SHARE, B_SHARE = 0.8, 0.95
X_VARIATION, Y_VARIATION = 0.5, 1.0
WEEK = 7
WEEKS = 52
FEWEST_WEEKS = 8

Letters = NDArray[np.str_]


def abc(value: Floats) -> Letters:
    """A: the greatest that together make up 80 % of all value, B: those up to 95 %, C: all others.

    The one that reaches the limit still belongs above it. Ties fall in the order given.
    """
    worth = np.maximum(value, 0.0)
    total = worth.sum()
    found = np.full(len(value), "C")
    if total <= 0:
        return found
    order = np.argsort(-worth, kind="stable")
    before = (np.cumsum(worth[order]) - worth[order]) / total
    # Sums of shares are not exact to the last digit.
    found[order] = np.where(before < A_SHARE - 1e-9, "A", np.where(before < B_SHARE - 1e-9, "B", "C"))
    found[worth <= 0] = "C"
    return found


def variation(units: Floats, seen: NDArray[np.bool_]) -> Floats:
    """The coefficient of variation of units a week, (n,), over the last 52 whole weeks of daily `units`, (n, d).

    Weeks in which a product could not be bought on every day are left out. NaN for fewer than 8 weeks, or no sales.
    """
    n, days = units.shape
    weeks = min(days // WEEK, WEEKS)
    shape = (n, weeks, WEEK)
    sold = units[:, days - weeks * WEEK :].reshape(shape).sum(axis=2)
    whole = seen[:, days - weeks * WEEK :].reshape(shape).all(axis=2)
    count = whole.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (sold * whole).sum(axis=1) / count
        squares = ((sold - mean[:, None]) ** 2 * whole).sum(axis=1) / (count - 1)
        found = np.sqrt(squares) / mean
    return np.where((count >= FEWEST_WEEKS) & (mean > 0), found, np.nan)


def xyz(variations: Floats) -> Letters:
    """X: a coefficient of variation of at most 0.5, Y: of at most 1, Z: above; "" where it is not known."""
    found = np.where(variations <= X_VARIATION, "X", np.where(variations <= Y_VARIATION, "Y", "Z"))
    return np.where(np.isnan(variations), "", found)
