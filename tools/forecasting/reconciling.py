"""Makes forecasts of parts add up to the forecast of their total, at every step.

Weighted least squares over the two-level hierarchy: of all totals and parts that add up, those nearest to the
forecasts, each measured by the variance of its own errors (Wickramasuriya, Athanasopoulos & Hyndman 2019, MinT with a
diagonal of error variances). For two levels the projection has a closed form: the gap between the total and the sum of
its parts is shared out in proportion to the variances. Parts below zero are held at zero and the gap is shared among
the others (Wickramasuriya, Turlach & Hyndman 2020).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def reconciled(
    total: Floats, parts: Floats, total_variance: float, variances: Floats, floor: float | None = 0.0
) -> tuple[Floats, Floats]:
    """The total (h,) and the parts (n, h) that add up.

    `variances` (n,) are those of the parts' errors. A total variance of zero keeps the total as it is. `floor` None:
    parts may be negative.
    """
    if not len(parts):
        return total, parts
    weights = np.where(np.isfinite(variances), np.maximum(variances, 0.0), 0.0)
    if not weights.any():
        weights = np.ones(len(parts))
    new_parts = np.empty_like(parts)
    new_total = np.empty_like(total)
    for step in range(parts.shape[1]):
        new_total[step], new_parts[:, step] = _step(float(total[step]), parts[:, step], total_variance, weights, floor)
    return new_total, new_parts


def _step(
    total: float, parts: Floats, total_variance: float, weights: Floats, floor: float | None
) -> tuple[float, Floats]:
    held = np.zeros(len(parts), dtype=bool)  # at the floor
    found = parts
    aim = total
    while True:
        free = np.where(held, 0.0, weights)
        if not free.any():
            free = np.where(held, 0.0, 1.0)
        kept = np.where(held, 0.0 if floor is None else floor, parts)
        gap = total - float(kept.sum())
        whole = total_variance + float(free.sum())
        share = free / whole if whole > 0 else free
        found = kept + gap * share
        aim = float(found.sum())
        if floor is None:
            return aim, found
        below = (found < floor) & ~held
        if not below.any():
            return aim, found
        held |= below
        if held.all():
            # Nothing is left to share the gap: the total is what the floor allows.
            return max(total, floor * len(parts)), _spread(total, weights, len(parts), floor)


def _spread(total: float, weights: Floats, count: int, floor: float) -> Floats:
    left = max(0.0, total - floor * count)
    found: Floats = np.full(count, floor) + left * weights / weights.sum()
    return found
