"""What known events do to a series: learned when they are met, expected when they come again."""

from __future__ import annotations

import numpy as np

from jobs.alerts.detection.series import Bools, Floats, Integers

LEAST_SHARE = 0.02  # of a step that an event must take to matter
LONGEST = 14  # steps after which an event is the usual, and the level takes its effect over until it ends
AFTERMATH = 3  # steps after so long an event that are excused
GAIN = 0.3
FIRST_VARIANCE = 0.9  # of what an event, seen once, does the next time
LEAST_VARIANCE = 0.005


class Effects:
    """Of K events on S series, on the series' scale; each series follows one of G calendars.

    `effect`, shape (S, K), is that of a step wholly in the event, `variance` how uncertain it is.
    """

    def __init__(self, known: Floats | None, calendar: Integers | None, series: int) -> None:
        """`known`, shape (K, T) or (G, K, T); `calendar`, shape (S,): which of these a series follows."""
        if known is not None and known.ndim == 2:
            known = known[None]
        self.known = known if known is not None and known.shape[1] else None
        self.calendar = np.zeros(series, dtype=int) if calendar is None else calendar
        calendars, events = (1, 0) if self.known is None else self.known.shape[:2]
        self.effect = np.zeros((series, events))
        self.variance = np.full((series, events), FIRST_VARIANCE)
        self.squares = np.zeros((series, events))
        self.times = np.zeros((series, events))
        self.held = np.zeros((series, events))
        self.on_for = np.zeros((calendars, events), dtype=int)
        self.ended = np.zeros((series, events), dtype=int)
        self.settling = np.zeros((calendars, events), dtype=int)

    def at(self, step: int) -> tuple[Floats | None, Bools, Floats | None]:
        """Shares of the events that explain a step, shape (S, K), None where none does; for which series the step is
        excused, shape (S,); by what the level moves because an event has lasted too long, or ends after that, shape
        (S,). Asked in order.
        """
        if self.known is None:
            return None, np.zeros(len(self.calendar), dtype=bool), None
        share = self.known[:, :, step]
        on = share > LEAST_SHARE
        ending = (self.on_for > 0) & ~on
        late = ending & (self.on_for > LONGEST)
        # On closed days it tells nothing, and was not met.
        self.ended += ending[self.calendar] & (self.times > LEAST_SHARE)
        self.settling = np.where(late, AFTERMATH, np.maximum(self.settling - 1, 0))
        self.on_for = np.where(on, self.on_for + 1, 0)
        explains = on & (self.on_for <= LONGEST)
        turned = self.on_for == LONGEST + 1
        moved = None
        if turned.any() or late.any():
            turned_here, late_here = turned[self.calendar], late[self.calendar]
            self.held = np.where(turned_here, self.effect * share[self.calendar], self.held)
            moved = (self.held * turned_here).sum(axis=1) - (self.held * late_here).sum(axis=1)
        unmet = explains[self.calendar] & (self.ended == 0)
        unsettled = self.settling.any(axis=1) | turned.any(axis=1)
        explained: Floats | None = (share * explains)[self.calendar] if explains.any() else None
        return explained, unmet.any(axis=1) | unsettled[self.calendar], moved

    def learn(self, part: Floats, missed: Floats, learning: Bools) -> None:
        """From what a step was off by, shape (S,), where `part` of each event's effect was due, shape (S, K)."""
        at = np.flatnonzero(part.any(axis=0))
        part = part[:, at]
        told = part**2 * learning[:, None]
        wrong = missed[:, None] * (part / np.maximum((part**2).sum(axis=1), LEAST_SHARE**2)[:, None])
        met, times = self.times[:, at] > 0, self.times[:, at] + told
        self.squares[:, at] += told * np.where(met, wrong**2, 0.0)
        self.effect[:, at] += told * np.maximum(GAIN, 1.0 / np.maximum(times, 1.0)) * wrong
        variance = (FIRST_VARIANCE + self.squares[:, at]) / np.maximum(times, 1.0)
        self.variance[:, at] = np.maximum(variance, LEAST_VARIANCE)
        self.times[:, at] = times
