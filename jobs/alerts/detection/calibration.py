"""How rare a score is in its own series: extremes of blocks of steps, and a tail that is fitted to them.

The most extreme score of each block (a week of days) is kept; neighbours of one incident are then one extreme and no
evidence of seven. A Gumbel law (Coles 2001, chapter 3) is fitted to their fourth roots: a tail between that of normal
errors, where it would hold of the scores, and a power's, where it would hold of their logarithms. The median and a
higher quantile tell it, so that a fifth of all blocks may be anomalies without widening anything; while blocks are few
it is drawn to what series do in general. A step knows the blocks that ended before it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jobs.alerts.detection.series import Bools, Floats

MIDDLE, UPPER = 0.5, 0.8
ROOT = 0.25
USUAL_MIDDLE = float(1.55**ROOT)  # of series in general: median of the roots of the blocks' extremes
USUAL_SCALE = 0.075
PRIOR = 40.0  # blocks that what is usual counts for
LEAST = 0.3  # a score below it is none
LEAST_SCALE, MOST_SCALE = 0.04, 0.19


@dataclass(frozen=True)
class Tail:
    """`middle` and `scale`, shape (S, T), of the law of the roots of blocks' extremes as known at each step."""

    middle: Floats
    scale: Floats
    block: int

    def rarity(self, scores: Floats) -> Floats:
        """Probability that a usual step has such a score or a higher one, shape (S, T)."""
        reduced = (scores**ROOT - self.middle) / self.scale
        in_block = -np.expm1(-np.exp(-np.clip(reduced, -30.0, 700.0)))
        return np.where(scores > 0, in_block / self.block, 1.0)

    def limit(self, rate: Floats | float) -> Floats:
        """The score that a usual step exceeds with probability `rate`, shape (S, T)."""
        in_block = np.minimum(np.asarray(rate) * self.block, 0.999)
        return np.asarray(np.maximum(self.middle + self.scale * _gumbel(in_block), 0.0) ** (1 / ROOT))


def _gumbel(exceeded: Floats | float) -> Floats:
    return np.asarray(-np.log(-np.log1p(-np.asarray(exceeded, dtype=np.float64))))


def fitted(scores: Floats, counted: Bools, block: int) -> Tail:
    """From `scores`, shape (S, T), of the steps that are `counted`, shape (S, T)."""
    series, steps = scores.shape
    blocks = steps // block
    held = np.where(counted, np.maximum(scores, LEAST), np.nan)[:, : blocks * block].reshape(series, blocks, block)
    whole = np.asarray(np.isfinite(held).any(axis=2))
    extremes = np.max(np.where(np.isfinite(held), held, 0.0), axis=2, initial=LEAST) ** ROOT
    middle, scale = np.full((series, steps), USUAL_MIDDLE), np.full((series, steps), USUAL_SCALE)
    spacing = float(_gumbel(1 - UPPER) - _gumbel(1 - MIDDLE))
    for ended in range(1, blocks + 1):
        seen = whole[:, :ended]
        count = seen.sum(axis=1)
        ordered = np.sort(np.where(seen, extremes[:, :ended], np.inf), axis=1)
        own_middle, own_upper = (_quantile(ordered, count, at) for at in (MIDDLE, UPPER))
        own_scale = (own_upper - own_middle) / spacing
        own_place = own_middle - own_scale * float(_gumbel(1 - MIDDLE))
        trust = count / (count + PRIOR)
        usual_place = USUAL_MIDDLE - USUAL_SCALE * float(_gumbel(1 - MIDDLE))
        here = slice(ended * block, min((ended + 1) * block, steps))
        fit_scale = np.clip(trust * own_scale + (1 - trust) * USUAL_SCALE, LEAST_SCALE, MOST_SCALE)
        middle[:, here] = (trust * own_place + (1 - trust) * usual_place)[:, None]
        scale[:, here] = fit_scale[:, None]
    return Tail(middle, scale, block)


def _quantile(ordered: Floats, count: Floats, at: float) -> Floats:
    """Of rows in order whose first `count` entries are real, shape (S,); what is usual where a row has none."""
    place = at * np.maximum(count - 1, 0)
    low = place.astype(int)
    high = np.minimum(low + 1, np.maximum(count - 1, 0)).astype(int)
    rows = np.arange(len(ordered))
    # A row without entries holds what is infinite.
    first, second = (np.where(count > 0, ordered[rows, place], 0.0) for place in (low, high))
    found = first + (place - low) * (second - first)
    return np.where(count > 0, found, USUAL_MIDDLE)
