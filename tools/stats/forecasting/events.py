"""What known events do to a series: learned from their past steps, taken out before the models, put back ahead.

A step's effect is its relative excess over what is usual there (its phase of the short season at the level of the steps
around it that have no event), as a ridge regression on the events' shares of the step. The ridge is the ratio of the
series' own noise to how large effects usually are, so that an event seen once in a restless series is hardly believed,
and one never seen has no effect. Where several series come together, each is drawn towards the effect on all of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.stats.forecasting.task import Bools, Floats

USUAL_EFFECT = 0.5
USUAL_DIFFERENCE = 0.25  # between one series' effect and that of all of them
LEAST_SHARE = 0.02
AROUND = 13  # cycles of the short season, or steps, that tell a step's level
LEAST_FACTOR = 0.3  # a step below it is too empty to be scaled up: the usual value stands in
CREDIBLE = 1.0  # posterior standard deviations that an effect has to be away from none
EXTREME = 5.0
FEW = 3


@dataclass(frozen=True)
class Effects:
    """`factors`, shape (S, T + h), of steps; `single`, shape (S, K), of a step wholly in one event, NaN: not learned.

    `usual`, shape (S, T), is what stands for a step that an event left nearly empty.
    """

    factors: Floats
    single: Floats
    usual: Floats

    def taken_out(self, values: Floats) -> Floats:
        """`values`, shape (S, T), as they would have been without events."""
        factors = self.factors[:, : values.shape[1]]
        return np.where(factors < LEAST_FACTOR, self.usual, values / np.maximum(factors, LEAST_FACTOR))


def learned_effects(values: Floats, known: Floats, short: int) -> Effects:
    """From `values`, shape (S, T), NaN before they start, and `known`, shape (K, T + h)."""
    steps = values.shape[1]
    past = known[:, :steps]
    usual = _usual(values, np.asarray((past > LEAST_SHARE).any(axis=0)), short)
    sound = np.isfinite(values) & (usual > 0)
    excess = np.where(sound, values / np.where(sound, usual, 1.0) - 1.0, np.nan)
    single = np.full((len(values), len(known)), np.nan)
    together = None
    if len(values) >= FEW:
        weights = np.where(sound, usual, 0.0)
        total = weights.sum(axis=0)
        mean = np.where(
            total > 0, np.where(sound, excess * weights, 0.0).sum(axis=0) / np.where(total > 0, total, 1), np.nan
        )
        together = _ridge(mean, past, np.zeros(len(known)), USUAL_EFFECT)
    for row, series in zip(single, excess, strict=True):
        if together is None:
            row[:] = _ridge(series, past, np.zeros(len(known)), USUAL_EFFECT)
        else:
            row[:] = _ridge(series, past, np.nan_to_num(together), USUAL_DIFFERENCE)
    effects = np.nan_to_num(single)
    factors = np.maximum(1.0 + effects @ known, 0.0)
    return Effects(factors, np.maximum(1.0 + single, 0.0), usual)


def _ridge(excess: Floats, past: Floats, prior: Floats, spread: float) -> Floats:
    """Effects, shape (K,), NaN for an event that no step of this series has seen."""
    seen = np.isfinite(excess)
    shares, excess = past[:, seen], excess[seen]
    met = shares.max(axis=1, initial=0.0) > LEAST_SHARE
    out = np.where(met, 0.0, np.nan)
    plain = ~(shares > LEAST_SHARE).any(axis=0)
    if not met.any() or plain.sum() < FEW:
        return np.full(len(past), np.nan)
    centre = np.median(excess[plain])
    noise = max(1.4826 * float(np.median(np.abs(excess[plain] - centre))), 0.02)
    rest = np.clip(excess, -1.0, EXTREME) - prior @ shares
    x = shares[met]
    precision = x @ x.T / noise**2 + np.eye(len(x)) / spread**2
    covariance = np.linalg.inv(precision)
    change = covariance @ (x @ rest) / noise**2
    effect = prior[met] + change
    deviation = np.sqrt(np.diag(covariance))
    # An effect that noise could be is none: it is drawn in by its own uncertainty.
    if not prior.any():
        effect = np.sign(effect) * np.maximum(np.abs(effect) - CREDIBLE * deviation, 0.0)
    out[met] = effect
    return out


def _usual(values: Floats, eventful: Bools, short: int) -> Floats:
    """Expected value of each step from the steps around it that have no event, shape (S, T)."""
    plain = np.isfinite(values) & ~eventful
    held = np.where(plain, values, 0.0)
    cycles = AROUND if short == 1 else 2 * short + 1
    level = _around(held, cycles) / np.maximum(_around(plain.astype(float), cycles), 1e-9)
    # Far from any plain step: the series' own mean.
    mean = held.sum(axis=1, keepdims=True) / np.maximum(plain.sum(axis=1, keepdims=True), 1)
    level = np.where(_around(plain.astype(float), cycles) > 0, level, mean)
    if short == 1:
        return level
    out = np.empty_like(level)
    for phase in range(short):
        here, levels, known = held[:, phase::short], level[:, phase::short], plain[:, phase::short]
        top = _around(here, AROUND)
        bottom = _around(np.where(known, levels, 0.0), AROUND)
        out[:, phase::short] = levels * np.where(bottom > 0, top / np.where(bottom > 0, bottom, 1.0), 1.0)
    return out


def _around(values: Floats, width: int) -> Floats:
    """Sum of the `width` steps around each, fewer at the ends."""
    reach = width // 2
    total = np.cumsum(np.pad(values, ((0, 0), (reach + 1, reach))), axis=1)
    return np.asarray(total[:, 2 * reach + 1 :] - total[:, : -2 * reach - 1])
