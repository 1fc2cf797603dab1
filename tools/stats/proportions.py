"""Shares that lie lower than the others', with the false discoveries among many tests held down."""

from __future__ import annotations

import math
from collections.abc import Sequence

# The normal approximation needs so many expected successes and failures on either side.
LEAST_EXPECTED = 5.0


def lower_than_others(successes: int, trials: int, all_successes: int, all_trials: int) -> float | None:
    """One-sided p-value that a group's share is not lower than that of the others.

    `all_…` count the group too. The pooled two-proportion z-test, whose square is Pearson's chi-square of the 2 × 2
    table without continuity correction. None where too little is expected on either side for it to hold.
    """
    others, other_trials = all_successes - successes, all_trials - trials
    if trials <= 0 or other_trials <= 0:
        return None
    pooled = all_successes / all_trials
    least = min(pooled, 1 - pooled) * min(trials, other_trials)
    if least < LEAST_EXPECTED:
        return None
    spread = math.sqrt(pooled * (1 - pooled) * (1 / trials + 1 / other_trials))
    z = (successes / trials - others / other_trials) / spread
    return 0.5 * math.erfc(-z / math.sqrt(2))


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values: rejecting those up to q keeps the false discovery rate at q (Benjamini and Hochberg, 1995)."""
    count = len(p_values)
    adjusted = [1.0] * count
    lowest = 1.0
    for rank, index in reversed(list(enumerate(sorted(range(count), key=p_values.__getitem__), 1))):
        lowest = min(lowest, p_values[index] * count / rank)
        adjusted[index] = lowest
    return adjusted
