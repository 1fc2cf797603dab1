"""The history that models see: series side by side up to one moment, and nothing after it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.stats.forecasting.task import Floats, Integers


@dataclass(frozen=True)
class Panel:
    """`values`, shape (S, T), NaN before a series' first step; scaled to a mean size about one, events taken out.

    `short` is the short season in steps (1: none) and `year` the long one (0: none, or history has not seen one).
    """

    values: Floats
    short: int
    year: float

    @property
    def starts(self) -> Integers:
        """Index of each series' first step, shape (S,); T where there is none."""
        return np.asarray(np.isnan(self.values).sum(axis=1))

    def years_back(self, years: int) -> int:
        """How many steps before a step its like lies `years` years ago, on the same phase of the short season."""
        return max(1, round(years * self.year / self.short)) * self.short


def seasons_of(seasons: tuple[float, ...], steps: int) -> tuple[int, float]:
    """The short and the long season in steps, of those that `steps` of history can tell something about."""
    seen = [season for season in seasons if 1.5 < season < steps]
    short = round(seen[0]) if seen and seen[0] <= 24 else 1
    long = [season for season in seen if season > 1.5 * short]
    if not long:
        # Months: the year is the only season, and both short and long.
        return (1, float(short)) if short == 12 else (short, 0.0)
    return short, long[-1]


def aligned(values: list[Floats]) -> Floats:
    """Series of different lengths in one array, shape (S, longest), which end together; NaN before they start.

    A series starts with its first step that is not zero.
    """
    longest = max(len(v) for v in values)
    out = np.full((len(values), longest), np.nan)
    for row, series in zip(out, values, strict=True):
        moved = np.flatnonzero(series)
        if len(moved):
            row[longest - len(series) + moved[0] :] = series[moved[0] :]
    return out


def sizes(values: Floats, steps: int) -> Floats:
    """Mean size of each series over its last `steps` steps, shape (S,); one where that is nothing."""
    recent = np.abs(values[:, -steps:])
    seen = np.isfinite(recent)
    size = np.where(seen, recent, 0.0).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
    whole = np.where(np.isfinite(values), np.abs(values), 0.0).sum(axis=1) / np.maximum(
        np.isfinite(values).sum(axis=1), 1
    )
    size = np.where(size > 1e-9 * whole, size, whole)
    return np.where(size > 0, size, 1.0)
