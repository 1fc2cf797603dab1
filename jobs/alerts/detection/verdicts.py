"""What is said of each step, and how steps that belong together become one episode."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from jobs.alerts.detection.series import Bools, Floats, Integers


class Standing(IntEnum):
    """How a step stands. Only `ABOVE`, `BELOW` and `MISSING` are alarms."""

    USUAL = 0
    ABOVE = 1
    BELOW = 2
    MISSING = 3
    PARTIAL = 4  # still running, or its data come late
    NO_VALUE = 5
    LEARNING = 6  # too few steps before it
    EVENT = 7  # not judged: an event that was not met before is on, or a long one has just begun to count or ended
    SMALL = 8  # outside, but by too little to matter
    BRIEF = 9  # outside, but not for as many steps as the rule wants
    KNOWN_USUAL = 10  # a person has called such a deviation usual


ALARMS = (Standing.ABOVE, Standing.BELOW, Standing.MISSING)


@dataclass(frozen=True)
class Verdict:
    """One step of one series. `rarity` is the probability that a usual step is so far off, NaN where a rule has none.

    `window` is over how many steps, ending with this one, the deviation adds up. `limit` is the score that would speak.
    """

    step: int
    value: float
    expected: float
    low: float
    high: float
    score: float
    limit: float
    rarity: float
    window: int
    standing: Standing

    @property
    def alarm(self) -> bool:
        return self.standing in ALARMS


@dataclass(frozen=True)
class Verdicts:
    """Of all series and steps, each of shape (S, T); NaN where a rule has no such figure."""

    value: Floats
    expected: Floats
    low: Floats
    high: Floats
    score: Floats
    limit: Floats
    rarity: Floats
    window: Integers
    standing: Integers

    @property
    def alarm(self) -> Bools:
        return np.isin(self.standing, ALARMS)

    def at(self, series: int, step: int) -> Verdict:
        """The verdict on a step, counted from the panel's first, or from its end below zero."""
        steps = self.value.shape[1]
        step = step + steps if step < 0 else step
        here = (series, step)
        return Verdict(
            step=step,
            value=float(self.value[here]),
            expected=float(self.expected[here]),
            low=float(self.low[here]),
            high=float(self.high[here]),
            score=float(self.score[here]),
            limit=float(self.limit[here]),
            rarity=float(self.rarity[here]),
            window=int(self.window[here]),
            standing=Standing(int(self.standing[here])),
        )


@dataclass(frozen=True)
class Episode:
    """Alarms of one series that follow one another; `first` and `last` are steps, `worst` the rarest one."""

    first: int
    last: int
    standing: Standing
    worst: Verdict


def episodes(verdicts: Verdicts, series: int, since: int = 0, pause: int = 2) -> tuple[Episode, ...]:
    """Of the steps from `since` on; fewer than `pause` steps without an alarm do not end an episode."""
    standing = verdicts.standing[series]
    found: list[list[int]] = []
    for step in np.flatnonzero(verdicts.alarm[series, since:]) + since:
        at = int(step)
        if found and at - found[-1][-1] <= pause and standing[found[-1][-1]] == standing[at]:
            found[-1].append(at)
        else:
            found.append([at])
    out = []
    for steps in found:
        worst = max((verdicts.at(series, at) for at in steps), key=_how_far)
        out.append(Episode(steps[0], steps[-1], Standing(int(standing[steps[0]])), worst))
    return tuple(out)


def _how_far(verdict: Verdict) -> tuple[float, int]:
    """Of how far out; the first of equals."""
    return (float(np.nan_to_num(verdict.score / verdict.limit)), -verdict.step)
