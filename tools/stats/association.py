"""Association of two things that occur together: support, confidence, lift, and how low the lift may be.

Sources: R. Agrawal, R. Srikant, "Fast algorithms for mining association rules", VLDB 1994 (support, confidence);
S. Brin et al., "Dynamic itemset counting and implication rules", SIGMOD 1997 (lift, there "interest"); the limit of an
observed count over its expectation is Byar's, in N. Breslow, N. Day, "Statistical methods in cancer research" II, 1987.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Z99 = 2.5758293035489004
"""The normal quantile of a two-sided 99 % interval."""


def byar_low(count: Any, sqrt: Any, z: float = Z99) -> Any:
    """The lower limit of a Poisson mean, given a count of at least 1; plain arithmetic, for arrays and for engines.

    `sqrt` is the count's square root. Within 1 % of the exact limit (half a χ² quantile) from 10 on.
    """
    root = 1 - 1 / (9 * count) - z / (3 * sqrt)
    return count * root * root * root


def lift_low(together: NDArray[np.float64], expected: NDArray[np.float64]) -> NDArray[np.float64]:
    """The lower 99 % limit of observed over expected counts; 0 where nothing was observed or expected."""
    count = np.asarray(together, dtype=np.float64)
    some = (count >= 1) & (expected > 0)
    safe = np.where(some, count, 1.0)
    low = np.maximum(byar_low(safe, np.sqrt(safe)), 0.0)
    limit: NDArray[np.float64] = np.divide(low, expected, out=np.zeros_like(low), where=some)
    return limit
