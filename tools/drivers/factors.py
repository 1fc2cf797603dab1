"""A product of factors taken apart: the additive logarithmic mean Divisia index (LMDI I).

A product S of factors x changes by the sum of L(S now, S before) · ln(x now / x before) over its factors, where
L(a, b) = (a − b) / ln(a / b): exact, and the same backwards in time. Ang, B. W. (2004), Decomposition analysis for
policymaking in energy: which is the preferred method?, Energy Policy 32(9).
"""

from __future__ import annotations

import math
from collections.abc import Sequence


def log_mean(a: float, b: float) -> float:
    """The logarithmic mean of two positive numbers."""
    if a == b:
        return a
    spread = math.log(a / b)
    # Beside 1 the quotient loses its digits; the series of the mean does not.
    return (a - b) / spread if abs(spread) > 1e-6 else math.sqrt(a * b) * (1 + spread * spread / 24)


def effects(before: Sequence[float], now: Sequence[float]) -> tuple[float, ...] | None:
    """What each factor's change did to the product; None where a factor is not positive on both sides."""
    if min(*before, *now) <= 0:
        return None
    first, last = math.prod(before), math.prod(now)
    weight = log_mean(last, first)
    found = [weight * math.log(b / a) for a, b in zip(before, now, strict=True)]
    # Rounding is put where it is smallest against the effect, so that the parts sum to the change exactly.
    largest = max(range(len(found)), key=lambda place: abs(found[place]))
    found[largest] += (last - first) - math.fsum(found)
    return tuple(found)
