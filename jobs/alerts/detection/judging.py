"""Verdicts on series by a rule. The verdict on a step rests on that step and those before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jobs.alerts.detection.baseline import Baseline, learned
from jobs.alerts.detection.calibration import fitted
from jobs.alerts.detection.rules import Change, Learned, Missing, Rule, Threshold
from jobs.alerts.detection.series import Bools, Floats, Grain, Integers, Panel
from jobs.alerts.detection.verdicts import Episode, Standing, Verdicts, episodes

REMEMBERED = 180  # days for which a deviation that a person called usual stays so
MARGIN = 1.05
PRESENT = 0.75  # of the last steps of a phase that had a value: the next one should
PHASES_SEEN = 8
MOST = 1e6  # times a change may be larger than what is allowed


@dataclass(frozen=True)
class Backtest:
    """What a rule would have said in the last `steps` steps; `found`, one entry for each series."""

    steps: int
    verdicts: Verdicts
    found: tuple[tuple[Episode, ...], ...]


def backtest(panel: Panel, rule: Rule, steps: int) -> Backtest:
    """Each step judged as it would have been on its day."""
    verdicts = judged(panel, rule)
    since = max(panel.steps - steps, 0)
    return Backtest(steps, verdicts, tuple(episodes(verdicts, i, since) for i in range(len(panel.values))))


def judged(panel: Panel, rule: Rule, baseline: Baseline | None = None) -> Verdicts:
    """Verdicts on all steps; `baseline` where it was learned already (rules of one series may share it)."""
    match rule:
        case Learned():
            return _by_baseline(panel, rule, baseline or learned(panel))
        case Threshold():
            return _by_level(panel, rule)
        case Change():
            return _by_change(panel, rule)
        case Missing():
            return _by_absence(panel, rule)


def _by_baseline(panel: Panel, rule: Learned, baseline: Baseline) -> Verdicts:
    whole, grain = panel.whole(), panel.grain
    rate = rule.per_year / grain.per_year
    if rule.direction == "both":
        rate /= 2
    counted = whole & baseline.learned & ~baseline.excused & ~panel.flags(panel.confirmed)
    up, down = (fitted(scores, counted, grain.block) for scores in (baseline.up, baseline.down))
    limit_up, limit_down = up.limit(rate), down.limit(rate)
    normal = panel.flags(panel.normal)
    size_up, size_down = baseline.up * baseline.unit, baseline.down * baseline.unit
    tolerated_up, tolerated_down = (_tolerated(sizes, normal, grain) for sizes in (size_up, size_down))

    above = (baseline.up > limit_up) & (rule.direction != "down")
    below = (baseline.down > limit_down) & (rule.direction != "up")
    known = (above & (size_up <= tolerated_up)) | (below & (size_down <= tolerated_down))
    expected = baseline.scale.back(baseline.expected)
    outside = above | below
    enough = _matters(panel.values, expected, baseline, rule)
    lasting = _lasting(np.where(above, 1, -1), outside & enough & ~known & whole, rule.steps)

    standing = np.where(above, Standing.ABOVE, np.where(below, Standing.BELOW, Standing.USUAL))
    standing = np.where(outside & ~lasting, Standing.BRIEF, standing)
    standing = np.where(outside & ~enough, Standing.SMALL, standing)
    standing = np.where(outside & known, Standing.KNOWN_USUAL, standing)
    standing = np.where(baseline.excused, Standing.EVENT, standing)
    standing = np.where(~baseline.learned, Standing.LEARNING, standing)
    rising = baseline.up > 0
    low = baseline.scale.back(baseline.expected - np.maximum(limit_down * baseline.unit, tolerated_down))
    # What was never below zero is not expected there.
    negative = np.logical_or.accumulate(np.nan_to_num(panel.values) < 0, axis=1)
    high = baseline.scale.back(baseline.expected + np.maximum(limit_up * baseline.unit, tolerated_up))

    def told(figures: Floats) -> Floats:
        return np.where(baseline.learned, figures, np.nan)

    return Verdicts(
        panel.values,
        told(expected),
        told(np.where(negative, low, np.maximum(low, np.minimum(expected, 0.0)))),
        told(high),
        told(np.where(rising, baseline.up, baseline.down)),
        told(np.where(rising, limit_up, limit_down)),
        told(np.where(rising, up.rarity(baseline.up), down.rarity(baseline.down))),
        np.where(baseline.learned, baseline.window, 1),
        _held(standing, panel),
    )


def _tolerated(sizes: Floats, normal: Bools, grain: Grain) -> Floats:
    """The largest deviation, on the scale, that a person has called usual lately, shape (S, T)."""
    out = np.zeros(sizes.shape)
    span = round(REMEMBERED * grain.per_year / 365.25)
    for series, step in zip(*np.nonzero(normal & (sizes > 0)), strict=True):
        until = slice(step, step + span)
        out[series, until] = np.maximum(out[series, until], sizes[series, step] * MARGIN)
    return out


def _matters(values: Floats, expected: Floats, baseline: Baseline, rule: Learned) -> Bools:
    """Whether the gap, in the mean of the steps that it adds up over, is large enough to be told."""
    gap = np.nan_to_num(values - expected)
    before = np.concatenate((np.zeros((len(gap), 1)), np.cumsum(gap, axis=1)), axis=1)
    steps = np.arange(gap.shape[1])[None, :] + 1
    begin = np.maximum(steps - baseline.window, 0)
    rows = np.arange(len(gap))[:, None]
    mean = np.abs(before[rows, steps] - before[rows, begin]) / baseline.window
    return np.asarray((mean >= rule.least_share * baseline.size) & (mean >= rule.least))


def _by_level(panel: Panel, rule: Threshold) -> Verdicts:
    upward = rule.direction == "up"
    outside = np.nan_to_num(panel.values > rule.level if upward else panel.values < rule.level).astype(bool)
    lasting = _lasting(np.ones(outside.shape, dtype=int), outside & panel.whole(), rule.steps)
    standing = np.where(lasting, Standing.ABOVE if upward else Standing.BELOW, Standing.USUAL)
    standing = np.where(outside & ~lasting, Standing.BRIEF, standing)
    level = np.full(panel.values.shape, float(rule.level))
    low, high = (np.full_like(level, np.nan), level) if upward else (level, np.full_like(level, np.nan))
    gap = np.abs(panel.values - rule.level)
    return _plain(panel, np.full_like(level, np.nan), (low, high), np.where(outside, 1 + gap, 0.0), standing)


def _by_change(panel: Panel, rule: Change) -> Verdicts:
    values = np.where(panel.whole(), panel.values, np.nan)
    before = _before(values, rule, panel.grain)
    gap = values - before
    part = np.abs(gap) > rule.share * np.abs(before)
    side = np.where(gap > 0, 1, -1)
    wanted = {"up": side > 0, "down": side < 0, "both": np.ones(side.shape, dtype=bool)}[rule.direction]
    outside = part & wanted & np.isfinite(gap) & (gap != 0)
    enough = np.abs(np.nan_to_num(gap)) >= rule.least
    lasting = _lasting(side, outside & enough, rule.steps)
    standing = np.where(side > 0, Standing.ABOVE, Standing.BELOW)
    standing = np.where(lasting, standing, np.where(outside, Standing.BRIEF, Standing.USUAL))
    standing = np.where(outside & ~enough, Standing.SMALL, standing)
    standing = np.where(~np.isfinite(before), Standing.LEARNING, standing)
    room = rule.share * np.abs(before)
    # In what is allowed; from next to nothing any change is beyond measure.
    size = np.minimum(np.abs(gap), MOST * room) / np.where(room > 0, room, 1.0)
    size = np.where((room > 0) | ~outside, size, MOST)
    return _plain(panel, before, (before - room, before + room), np.nan_to_num(size), standing)


def _before(values: Floats, rule: Change, grain: Grain) -> Floats:
    """What a step is compared with, shape (S, T), NaN where there is none."""
    out = np.full(values.shape, np.nan)
    if rule.against != "mean of last":
        lag = 1 if rule.against == "step before" else grain.seasons[-1]
        out[:, lag:] = values[:, :-lag]
        return out
    seen = np.isfinite(values)
    sums, counts = (
        np.concatenate((np.zeros((len(values), 1)), np.cumsum(part, axis=1)), axis=1)
        for part in (np.where(seen, values, 0.0), seen.astype(float))
    )
    end = np.arange(values.shape[1])
    begin = np.maximum(end - rule.last, 0)
    total, count = sums[:, end] - sums[:, begin], counts[:, end] - counts[:, begin]
    return np.where(count >= max(rule.last / 2, 1), total / np.maximum(count, 1), np.nan)


def _by_absence(panel: Panel, rule: Missing) -> Verdicts:
    """A step without a value, in a phase of the season that had one in most of the last seasons."""
    seen = np.isfinite(panel.values)
    season = panel.grain.seasons[-1]
    due = np.zeros(seen.shape, dtype=bool)
    past = np.zeros(seen.shape)
    for back in range(1, PHASES_SEEN + 1):
        lag = back * season
        if lag < seen.shape[1]:
            past[:, lag:] += seen[:, :-lag]
    times = np.minimum(np.arange(seen.shape[1]) // season, PHASES_SEEN)
    due[:, times > 0] = past[:, times > 0] >= PRESENT * times[times > 0]
    late = np.zeros(seen.shape, dtype=bool) if panel.partial is None else np.broadcast_to(panel.partial, seen.shape)
    absent = ~seen & due & ~late
    lasting = _lasting(np.ones(seen.shape, dtype=int), absent, rule.steps)
    standing = np.where(lasting, Standing.MISSING, np.where(absent, Standing.BRIEF, Standing.NO_VALUE))
    standing = np.where(seen, Standing.USUAL, standing)
    standing = np.where(late, Standing.PARTIAL, standing)
    nothing = np.full(seen.shape, np.nan)
    return _verdicts(panel, nothing, (nothing, nothing), absent.astype(float), standing)


def _lasting(side: Integers, outside: Bools, steps: int) -> Bools:
    """Steps that end a stretch of at least `steps` outside on one side."""
    out = outside.copy()
    for back in range(1, steps):
        same = np.zeros(outside.shape, dtype=bool)
        same[:, back:] = outside[:, :-back] & (side[:, back:] == side[:, :-back])
        out &= same
    return out


def _held(standing: Integers, panel: Panel) -> Integers:
    """Steps that no rule judges."""
    standing = np.where(np.isfinite(panel.values), standing, Standing.NO_VALUE)
    return standing if panel.partial is None else np.where(panel.partial, Standing.PARTIAL, standing)


def _plain(panel: Panel, expected: Floats, band: tuple[Floats, Floats], score: Floats, standing: Integers) -> Verdicts:
    return _verdicts(panel, expected, band, score, _held(standing, panel))


def _verdicts(
    panel: Panel, expected: Floats, band: tuple[Floats, Floats], score: Floats, standing: Integers
) -> Verdicts:
    shape = panel.values.shape
    one, none = np.ones(shape), np.full(shape, np.nan)
    return Verdicts(panel.values, expected, *band, score, one, none, np.ones(shape, dtype=int), standing)
