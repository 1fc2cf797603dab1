"""What a series usually does, learned step by step: nothing later than a step is known when it is expected.

On its scale (`scale.py`) a step is a level, plus the seasons' offsets, plus the effects of known events. Experts see
the level differently (slow to fast, with and without seasons, moving as it did a year ago); each counts by how well
it has foretold the steps so far (after Vovk 1990). Around times at which the level moved last year less is certain.

Deviations are learned by Hampel's weights (Hampel et al. 1986): small ones wholly, extreme ones not at all, so that an
anomaly neither drags the level nor widens the band. One that stays on its side for `Grain.adopted` steps is the new
level.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jobs.alerts.detection.course import Course
from jobs.alerts.detection.effects import Effects
from jobs.alerts.detection.scale import Scale, scale_of
from jobs.alerts.detection.series import Bools, Floats, Integers, Panel

# Gain of the level in one longest season, whether seasons are added, whether the level moves as it did a year ago.
EXPERTS = (
    (0.2, 1.0, 0.0),
    (0.7, 1.0, 0.0),
    (2.1, 1.0, 0.0),
    (0.2, 1.0, 1.0),
    (0.7, 1.0, 1.0),
    (2.1, 1.0, 1.0),
    (0.7, 0.0, 0.0),
    (3.5, 0.0, 0.0),
)
# The same of single steps, where a season has many.
CLOSE = ((0.3, 1.0, 0.0), (0.5, 0.0, 0.0))
MIDDLE = 1  # the expert whose deviations teach the seasons
POWER = 3.0  # of an expert's error: how much the better one counts
SEASON_GAIN, SHORTER_SEASON = 0.06, 0.03  # of the longest season, and of those within it
SEASONS_LEARNED = 26  # seasons that tell how far values usually lie off: fewer make the band jitter
LOSS_SEASONS = 7  # and which expert is to be believed
PHASE_GAIN, LEAST_RATIO, MOST_RATIO = 0.01, 0.4, 2.5
NEAR, FAR = 1.5, 4.0  # deviations, in units, that are learned wholly, and not at all
OUT = 3.0  # deviations that count towards a new level
CLIP = 3.0  # what one step may add to a sum over steps
GOES_ON = 0.5  # a stretch speaks only while a step lies that far out itself
FIRST_UNIT = 0.3
FEW_STEPS = 12  # of a season
NORMAL_MEAN = float(np.sqrt(2 / np.pi))  # mean |x| of a standard normal
TINY = 1e-9


@dataclass(frozen=True)
class Baseline:
    """Shapes (S, T). `expected` and `unit` (a usual deviation) are on the `scale`; `size` is the usual value.

    `up` and `down` say how far a step, alone or with those before it, lies above or below: in the deviations that are
    usual for such a sum; zero where it does not. `window` is over how many steps. `excused`: an event that was not met
    before, or that has just gone, may be the reason. `learned`: enough steps were seen.
    """

    scale: Scale
    expected: Floats
    unit: Floats
    size: Floats
    up: Floats
    down: Floats
    window: Integers
    excused: Bools
    learned: Bools


def learned(panel: Panel) -> Baseline:
    """One pass over the steps, for all series at once."""
    return _Learning(panel).run()


class _Learning:
    def __init__(self, panel: Panel) -> None:
        series, steps = panel.values.shape
        self.grain, self.exposure = panel.grain, panel.exposure
        self.scale = scale_of(panel)
        self.whole = panel.whole()
        self.raw = np.where(self.whole, panel.values, 0.0)
        self.values = self.scale.to(self.raw)
        self.normal = panel.normal
        self.taught = self.whole if panel.confirmed is None else self.whole & ~panel.confirmed
        self.events = Effects(panel.known, panel.calendar, series)
        shortest, longest = self.grain.seasons[0], self.grain.seasons[-1]
        experts = [(gain / longest, *kind) for gain, *kind in EXPERTS]
        experts = [expert for expert in experts if self.grain.year or not expert[-1]]
        experts += CLOSE if len(self.grain.seasons) > 1 or shortest > FEW_STEPS else ()
        self.gains, self.seasonal, self.yearly = (np.array(column) for column in zip(*experts, strict=True))
        self.unit_gain = 1.0 / (SEASONS_LEARNED * shortest)
        self.loss_gain = 1.0 / (LOSS_SEASONS * shortest)
        self.count = np.zeros(series)
        self.level = np.zeros((series, len(experts)))
        self.loss = np.full((series, len(experts)), 0.1)
        self.seasons = [np.zeros((series, length)) for length in self.grain.seasons]
        self.met = [np.zeros((series, length)) for length in self.grain.seasons]
        self.ratio = np.ones((series, self.grain.seasons[0]))
        self.unit = np.full(series, FIRST_UNIT)
        self.size = np.zeros(series)
        self.exposed = np.zeros(series)
        self.course = Course(self.grain.year, series, steps)
        self.negative = np.zeros(series, dtype=bool)
        self.side, self.side_mean = np.zeros(series), np.zeros(series)
        self.windows = np.array(self.grain.windows)
        self.roots = np.sqrt(self.windows)
        self.sums = np.zeros((series, steps + 1))
        self.since = np.zeros(series, dtype=int)
        self.spread = np.ones((series, len(self.windows)))
        self.rows = np.arange(series)
        shape = (series, steps)
        self.out = Baseline(
            scale=self.scale,
            expected=np.zeros(shape),
            unit=np.zeros(shape),
            size=np.zeros(shape),
            up=np.zeros(shape),
            down=np.zeros(shape),
            window=np.ones(shape, dtype=int),
            excused=np.zeros(shape, dtype=bool),
            learned=np.zeros(shape, dtype=bool),
        )

    def run(self) -> Baseline:
        for step in range(self.values.shape[1]):
            self._step(step)
        return self.out

    def _step(self, step: int) -> None:
        value, seen, out = self.values[:, step], self.whole[:, step], self.out
        on, excused, moved = self.events.at(step)
        if moved is not None:
            self.level += moved[:, None]
        season = self.seasons[0][:, step % self.grain.seasons[0]]
        for length, offsets in zip(self.grain.seasons[1:], self.seasons[1:], strict=True):
            season = season + offsets[:, step % length]
        course = self.course.at(step)
        if course is not None:
            self.level += self.yearly * course[0][:, None]
        foretold = self.level + self.seasonal * season[:, None]
        weights = (self.loss + TINY) ** -POWER
        expected = (weights * foretold).sum(axis=1) / weights.sum(axis=1)
        usual = self.unit * self.ratio[:, step % self.grain.seasons[0]]
        unit = np.maximum(usual, self.scale.chance(expected))
        if course is not None:
            unit = np.hypot(unit, course[1])
        if self.exposure is not None:
            unit = unit * self._thinner(step)
        young = self.count < self.grain.warm
        eventful: Bools = np.zeros(len(value), dtype=bool)
        part: Floats | None = None
        if on is not None:
            # What an event does is not told from a level that is not known yet.
            on = on * ~young[:, None]
            eventful = np.asarray(on.any(axis=1))
            unit = np.sqrt(unit**2 + (self.events.variance * on**2).sum(axis=1))
            # It multiplies what a day would be, so a closed day stays closed; it is no more certain there.
            part = on * self.scale.reach(expected)[:, None]
            expected = expected + (self.events.effect * part).sum(axis=1)
        # What was never below zero is not expected there, whatever an event takes from a day that is small anyway.
        self.negative |= seen & (value < 0)
        expected = np.where(self.negative, expected, np.maximum(expected, 0.0))
        missed = np.where(seen, value - expected, 0.0)
        deviation = missed / unit
        out.expected[:, step], out.size[:, step] = expected, self.size
        out.unit[:, step] = unit * np.maximum(self.spread[:, 0], 0.5)
        out.excused[:, step], out.learned[:, step] = excused, ~young
        self._add_up(step, deviation * ~excused, self.taught[:, step] & ~young, eventful)
        self._learn(step, foretold, missed, (deviation, unit, usual), (young, part, eventful, excused))

    def _thinner(self, step: int) -> Floats:
        """How much wider a ratio spreads that is counted on less than usual, shape (S,)."""
        exposed = np.nan_to_num(self.exposure[:, step]) if self.exposure is not None else np.ones(len(self.raw))
        pace = np.maximum(self.unit_gain, 1.0 / (self.count + 1))
        self.exposed += self.whole[:, step] * pace * (exposed - self.exposed)
        return np.asarray(np.sqrt(np.minimum(np.maximum(self.exposed / np.maximum(exposed, TINY), 0.25), 100.0)))

    def _add_up(self, step: int, deviation: Floats, judged: Bools, eventful: Bools) -> None:
        """Deviations over the windows, each in what is usual for such a sum."""
        # A day of an event is judged by itself: what events do differs more from time to time than usual days do.
        limited = np.minimum(np.maximum(deviation, -CLIP), CLIP) * ~eventful
        self.sums[:, step + 1] = self.sums[:, step] + limited
        begin = np.maximum(step + 1 - self.windows, self.since[:, None])
        totals = (self.sums[:, step + 1, None] - self.sums[self.rows[:, None], begin]) / self.roots
        totals[:, 0] = deviation
        sizes = np.abs(totals)
        scores = sizes / np.maximum(self.spread, 0.5)
        # A stretch speaks only while it goes on.
        along = (totals * deviation[:, None] > 0) & (np.abs(deviation)[:, None] > GOES_ON)
        along[:, 1:] &= ~eventful[:, None]
        along[:, 0] = True
        scores *= along
        best = scores.argmax(axis=1)
        score = scores[self.rows, best]
        self.out.up[:, step] = score * (deviation > 0)
        self.out.down[:, step] = score * (deviation < 0)
        self.out.window[:, step] = self.windows[best]
        pace = self.unit_gain * (judged & (deviation != 0) & ~eventful)
        self.spread += pace[:, None] * (np.minimum(sizes, NEAR * self.spread) / NORMAL_MEAN - self.spread)

    def _learn(
        self,
        step: int,
        foretold: Floats,
        missed: Floats,
        measured: tuple[Floats, Floats, Floats],
        state: tuple[Bools, Floats | None, Bools, Bools],
    ) -> None:
        (deviation, unit, usual), (young, part, eventful, excused) = measured, state
        size = np.abs(deviation)
        weight = np.maximum(np.minimum(NEAR / np.maximum(size, NEAR) * (FAR - size) / (FAR - NEAR), 1.0), 0.0)
        weight[young] = 1.0
        if self.normal is not None:
            weight[self.normal[:, step]] = 1.0
        weight[excused] = 1.0
        taught = self.taught[:, step]
        weight *= taught
        if part is not None:
            self.events.learn(part, missed, weight > 0)
            # A step of an event teaches what the event does, and nothing else.
            weight, taught = weight * ~eventful, taught & ~eventful
        early = 1.0 / (self.count + 1)
        limit = np.where(self.count > 3, FAR * unit, np.inf)[:, None]
        wrong = self.values[:, step, None] - foretold
        wrong = np.minimum(np.maximum(wrong, -limit), limit) * (weight > 0)[:, None]
        self.course.keep(step, self.level[:, MIDDLE] + wrong[:, MIDDLE], weight > 0)
        self.level += np.maximum(self.gains, early[:, None]) * weight[:, None] * wrong
        pace = np.maximum(self.loss_gain, early) * (weight > 0)
        self.loss += pace[:, None] * (np.minimum(np.abs(wrong), 3 * unit[:, None]) - self.loss)
        self._learn_seasons(step, wrong[:, MIDDLE], weight)
        self._learn_unit(step, np.abs(missed), usual, weight > 0)
        self._adopt(step, deviation, missed, taught & ~young)
        self._count(step, self.taught[:, step])
        pace = np.maximum(self.unit_gain, early) * (weight > 0)
        self.size += pace * (np.abs(self.raw[:, step]) - self.size)

    def _count(self, step: int, taught: Bools) -> None:
        """One step more; whoever has seen enough begins with the seasons of what it saw, taken together."""
        self.count += taught
        ready = taught & (self.count == self.grain.warm)
        if not ready.any():
            return
        begin = max(step + 1 - 2 * self.grain.warm, 0)
        for row in np.flatnonzero(ready).tolist():
            seen = np.flatnonzero(self.taught[row, begin : step + 1]) + begin
            seen = seen[-self.grain.warm :]
            rest = self.values[row, seen] - np.median(self.values[row, seen])
            for length, offsets in zip(self.grain.seasons, self.seasons, strict=True):
                for phase in range(length):
                    here = seen % length == phase
                    if here.any():
                        offsets[row, phase] = np.median(rest[here])
                rest = rest - offsets[row, seen % length]
            self.course.keep(seen, rest + np.median(self.values[row, seen]), kept=True, row=row)
            recent = seen[-self.grain.seasons[-1] :]
            season = sum(o[row, recent % n] for n, o in zip(self.grain.seasons, self.seasons, strict=True))
            self.level[row, self.seasonal > 0] = np.median(self.values[row, recent] - season)

    def _learn_seasons(self, step: int, wrong: Floats, weight: Floats) -> None:
        part = wrong * weight * (self.count > 3)
        for length, offsets, met in zip(self.grain.seasons, self.seasons, self.met, strict=True):
            phase = step % length
            least = SEASON_GAIN if length == self.grain.seasons[-1] else SHORTER_SEASON
            gain = np.maximum(least, 1.0 / (met[:, phase] + 1.5))
            offsets[:, phase] += gain * part
            met[:, phase] += weight > 0
            part = part * (1 - gain)

    def _learn_unit(self, step: int, size: Floats, usual: Floats, learning: Bools) -> None:
        phase = step % self.grain.seasons[0]
        ratio = self.ratio[:, phase]
        size = np.minimum(size, 2.5 * usual) / NORMAL_MEAN
        pace = np.maximum(self.unit_gain, 1.0 / np.maximum(self.count - 5, 1.0)) * (learning & (self.count > 5))
        self.unit = np.maximum(self.unit + pace * (size / ratio - self.unit), self.scale.least)
        step_ = PHASE_GAIN * (learning & (self.count > self.grain.warm))
        relative = np.minimum(size / usual, 3.0)
        self.ratio[:, phase] = np.minimum(np.maximum(ratio * (1 + step_ * (relative - 1)), LEAST_RATIO), MOST_RATIO)

    def _adopt(self, step: int, deviation: Floats, missed: Floats, seen: Bools) -> None:
        """A level that has shifted for good."""
        out = seen & (np.abs(deviation) > OUT)
        if not out.any() and not self.side.any():
            return
        sign = np.sign(deviation)
        onward = np.where(self.side * sign >= 0, self.side + sign, sign)
        back = np.sign(self.side) * np.maximum(np.abs(self.side) - 2, 0)
        self.side = np.where(out, onward, np.where(seen, back, self.side))
        mean = np.where(np.abs(self.side) == 1, missed, 0.8 * self.side_mean + 0.2 * missed)
        self.side_mean = np.where(out, mean, self.side_mean)
        lasting = np.abs(self.side) >= self.grain.adopted
        if lasting.any():
            self.level[lasting] += self.side_mean[lasting, None]
            self.since[lasting] = step + 1
            self.side[lasting] = 0.0
