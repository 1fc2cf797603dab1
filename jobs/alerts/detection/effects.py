"""What known events do to a series: learned when they are met, expected when they come again."""

from __future__ import annotations

import numpy as np

from jobs.alerts.detection.series import Bools, Floats

LEAST_SHARE = 0.02  # of a step that an event must take to matter
LONGEST = 14  # steps after which an event is the usual, and the level takes its effect over until it ends
AFTERMATH = 3  # steps after so long an event that are excused
GAIN = 0.3
FIRST_VARIANCE = 0.15  # of what an event, seen once, does the next time
LEAST_VARIANCE = 0.005


class Effects:
    """Of K events on S series, on the series' scale.

    `effect`, shape (S, K), is that of a step wholly in the event, `variance` how uncertain it is.
    """

    def __init__(self, known: Floats | None, series: int) -> None:
        self.known = known if known is not None and len(known) else None
        events = 0 if self.known is None else len(self.known)
        self.effect = np.zeros((series, events))
        self.variance = np.full((series, events), FIRST_VARIANCE)
        self.squares = np.zeros((series, events))
        self.times = np.zeros((series, events))
        self.held = np.zeros((series, events))
        self.on_for = np.zeros(events, dtype=int)
        self.ended = np.zeros(events, dtype=int)
        self.settling = np.zeros(events, dtype=int)

    def at(self, step: int) -> tuple[Floats | None, bool, Floats | None]:
        """Shares of the events that explain a step, shape (K,), None where none does; whether the step is excused; by
        what the level moves because an event has lasted too long, or ends after that, shape (S,). Asked in order.
        """
        if self.known is None:
            return None, False, None
        share = self.known[:, step]
        on = share > LEAST_SHARE
        ending = (self.on_for > 0) & ~on
        late = ending & (self.on_for > LONGEST)
        self.ended += ending
        self.settling = np.where(late, AFTERMATH, np.maximum(self.settling - 1, 0))
        self.on_for = np.where(on, self.on_for + 1, 0)
        explains = on & (self.on_for <= LONGEST)
        turned = self.on_for == LONGEST + 1
        moved = None
        if turned.any() or late.any():
            self.held[:, turned] = self.effect[:, turned] * share[turned]
            moved = self.held[:, turned].sum(axis=1) - self.held[:, late].sum(axis=1)
        unmet = explains & (self.ended == 0)
        excused = bool(unmet.any() or self.settling.any() or turned.any())
        return (share * explains if explains.any() else None), excused, moved

    def learn(self, on: Floats, missed: Floats, learning: Bools) -> None:
        """From what a step with the shares `on` was off by, shape (S,)."""
        at = np.flatnonzero(on)
        wrong = missed[:, None] * (on[at] / (on[at] ** 2).sum())
        known = learning[:, None]
        times = self.times[:, at] + known
        gain = np.maximum(GAIN, 1.0 / np.maximum(times, 1.0))
        self.squares[:, at] += known * np.where(times > 1, wrong**2, 0.0)
        self.effect[:, at] += known * gain * wrong
        variance = (FIRST_VARIANCE + self.squares[:, at]) / np.maximum(times, 1.0)
        self.variance[:, at] = np.maximum(variance, LEAST_VARIANCE)
        self.times[:, at] = times
