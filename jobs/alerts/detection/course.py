"""How the level moved around the same time of last year: where it goes now, and how sure that is."""

from __future__ import annotations

import numpy as np

from jobs.alerts.detection.series import Bools, Floats, Integers

SPAN = 3  # steps on either side over which last year is smoothed: with the step itself a week of days
AROUND = 7  # steps on either side in which last year's move may come this time
SURE = 0.6  # of how much last year moved in these: what this year may do otherwise, in standard deviations


class Course:
    """The level of each step without its seasons and events, `lag` steps ago, smoothed. `lag` 0: there is none."""

    def __init__(self, lag: int, series: int, steps: int) -> None:
        self.lag = lag
        self.flat = np.zeros((series, steps))
        self.kept = np.zeros((series, steps), dtype=bool)
        self.smooth = np.full((series, steps), np.nan)

    def keep(self, step: int | Integers, flat: Floats, kept: Bools | bool, row: int | slice = slice(None)) -> None:
        """The level of a step; `kept`: it tells the usual. Steps of one series may be kept at once."""
        self.flat[row, step], self.kept[row, step] = flat, kept

    def at(self, step: int) -> tuple[Floats, Floats] | None:
        """By how much the level moved onto this step last year, and how uncertain that is, both of shape (S,)."""
        then = step - self.lag
        if not self.lag or then < 0:
            return None
        for ahead in range(0 if then == 0 else then + AROUND, then + AROUND + 1):
            self._smoothed(ahead)
        moved = self.smooth[:, then] - self.smooth[:, max(then - 1, 0)]
        around = self.smooth[:, max(then - AROUND, 0) : then + AROUND + 1]
        swing = np.fmax.reduce(around, axis=1) - np.fmin.reduce(around, axis=1)
        return np.nan_to_num(moved), SURE * np.nan_to_num(swing)

    def _smoothed(self, step: int) -> None:
        near = slice(max(step - SPAN, 0), step + SPAN + 1)
        count = self.kept[:, near].sum(axis=1)
        mean = (self.kept[:, near] * self.flat[:, near]).sum(axis=1) / np.maximum(count, 1)
        # Where few steps tell it, for an event took the others, it stays where it was.
        self.smooth[:, step] = np.where(count >= SPAN, mean, self.smooth[:, max(step - 1, 0)])
