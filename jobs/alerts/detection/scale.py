"""The scale on which a series is learned: where effects add up, and where single sales are no alarms."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from jobs.alerts.detection.series import Floats, Integers, Panel

OFFSET = 0.3  # c of asinh(x / c), in the series' usual value
CLOSED = 0.8  # of a phase's steps that are zero: it is closed then, and tells nothing of how sparse the series is
LEAST_ZEROS = 0.02
LEAST = 0.01
# On the scale; beyond it a bound of a series that jumped about at its beginning would overflow.
FARTHEST = 300.0
FEWEST_STEPS = 7


@dataclass(frozen=True)
class Scale:
    """asinh(x / c): a logarithm for what is usual, linear near zero, also below it (Burbidge, Magee & Robb 1988).

    `offset` is c and `granule` the size of the single events that a series is made of (1 for counts, an order's amount
    where sales are rare), 0 where there are too many to matter. `least` is the least deviation, on this scale, that is
    ever called usual: a series that has repeated itself exactly may still jitter. All of shape (S,).
    """

    offset: Floats
    granule: Floats
    least: Floats

    def to(self, values: Floats) -> Floats:
        return np.asarray(np.arcsinh(values / self.offset[:, None]))

    def back(self, values: Floats) -> Floats:
        return np.asarray(self.offset[:, None] * np.sinh(np.clip(values, -FARTHEST, FARTHEST)))

    @staticmethod
    def reach(expected: Floats) -> Floats:
        """How far multiplying a step's value moves it on this scale, in what it would on a logarithm's: 1 for usual
        values, 0 for nothing, shape (S,).
        """
        return np.asarray(np.tanh(np.abs(expected)))

    def chance(self, expected: Floats) -> Floats:
        """Standard deviation, on this scale, of events that come by chance (Poisson), shape (S,)."""
        value = self.offset * np.sinh(expected)
        spread = np.sqrt(np.maximum(value, 0.25 * self.granule) * self.granule)
        return np.asarray(spread / np.hypot(value, self.offset))


def scale_of(panel: Panel) -> Scale:
    """From each series' first steps, which are never judged."""
    series = len(panel.values)
    offset, granule, least = np.ones(series), np.zeros(series), np.full(series, LEAST)
    whole = panel.whole()
    for row, (values, seen) in enumerate(zip(panel.values, whole, strict=True)):
        at = np.flatnonzero(seen)[: panel.grain.warm]
        if not len(at):
            continue
        first = values[at]
        size = np.abs(first)
        usual = float(np.median(size)) or float(size.mean())
        granule[row] = _granule(first, at % panel.grain.seasons[0])
        offset[row] = max(OFFSET * usual, granule[row]) or 1.0
        least[row] = max(LEAST, panel.grain.jitter * float(np.arcsinh(first / offset[row]).std()))
    return Scale(offset, granule, least)


def _granule(values: Floats, phases: Integers) -> float:
    if (values < 0).any():
        return 0.0
    phase_zeros = {phase: float((values[phases == phase] == 0).mean()) for phase in set(phases.tolist())}
    open_ = np.array([phase_zeros[phase] < CLOSED for phase in phases.tolist()])
    if not open_.any() or not values.any():
        open_ = np.ones(len(values), dtype=bool)
    kept = values[open_]
    whole = 1.0 if bool((values == np.round(values)).all()) else 0.0
    zeros = float((kept == 0).mean())
    if len(kept) < FEWEST_STEPS or zeros < LEAST_ZEROS:
        return whole
    # Of events that come by chance a share of exp(-rate) steps has none.
    rate = -math.log(min(zeros, 1 - 0.5 / len(kept)))
    return max(float(kept.mean()) / rate, whole)
