"""What is judged: series a step apart, and what is known about their steps. Arrays only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Integers = NDArray[np.int_]


@dataclass(frozen=True)
class Grain:
    """How time runs for a series.

    `seasons` are the lengths of its cycles in steps, shortest first. `year` is the lag, in whole weeks, at which the
    same time of last year lies, 0: not used. Nothing is judged before `warm` steps were seen. A deviation that lasts
    `adopted` steps is the new usual. `block` is the stretch whose most extreme step calibrates the alarm. `per_year` is
    how many steps a year has. `windows` are the stretches, in steps, over which small deviations are added up.
    `jitter`: the least deviation that is ever called usual, in the spread of the first steps.
    """

    seasons: tuple[int, ...]
    year: int
    warm: int
    adopted: int
    block: int
    per_year: float
    windows: tuple[int, ...]
    jitter: float = 0.05


DAY = Grain((7,), year=364, warm=28, adopted=14, block=7, per_year=365.25, windows=(1, 3, 7, 14))
HOUR = Grain((24, 168), year=0, warm=504, adopted=72, block=24, per_year=8766.0, windows=(1, 3, 8, 24))


@dataclass(frozen=True)
class Panel:
    """Series that share their steps.

    `values`, shape (S, T), oldest first, NaN where there are none. `partial`, shape (T,) or (S, T): steps that are
    still running or whose data come late; they are neither judged nor learned. `known`, shape (K, T): how much of the
    step (0 to 1) is taken by each event of the calendar; a row stands for the same event in every year. Where series
    follow different calendars, `known` has shape (G, K, T), and `calendar`, shape (S,), says which each follows.
    `exposure`, shape (S, T): what a ratio is counted on (visits for a conversion), so that few make it uncertain.
    `normal` and `confirmed`, shape (S, T): steps that a person has called usual, or an anomaly indeed.
    """

    values: Floats
    grain: Grain = DAY
    partial: Bools | None = None
    known: Floats | None = None
    exposure: Floats | None = None
    normal: Bools | None = None
    confirmed: Bools | None = None
    calendar: Integers | None = None

    @staticmethod
    def of(values: Floats, grain: Grain = DAY, partial: Bools | None = None, known: Floats | None = None) -> Panel:
        """One series, `values` of shape (T,)."""
        return Panel(np.asarray(values, dtype=np.float64)[None, :], grain, partial, known)

    @property
    def steps(self) -> int:
        return int(self.values.shape[1])

    def whole(self) -> Bools:
        """Steps that may be judged and learned, shape (S, T)."""
        seen = np.isfinite(self.values)
        return np.asarray(seen if self.partial is None else seen & ~self.partial)

    def flags(self, marks: Bools | None) -> Bools:
        return np.zeros(self.values.shape, dtype=bool) if marks is None else marks
