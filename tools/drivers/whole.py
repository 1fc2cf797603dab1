"""A figure as a whole on both sides, and what a part of it contributes to its change.

Sums: a part contributes its own change. Ratios R = T / D, with T = Σ t and D = Σ d over the parts: a part contributes
Δ(t/D) − M Δ(d/D), with M the mean of the two ratios; as the shares d/D sum to one, the contributions sum to ΔR. With
w = d/D and r = t/d, and means over the two periods in brackets, that is the mix effect ([r] − M) Δw and the rate effect
[w] Δr. Weights and rates are taken midway (Marshall, 1887; Edgeworth, 1887): neither period is preferred, and nothing
is left over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Number = Any
"""A float, or an array of floats: everything here is linear in a part's amounts."""


@dataclass(frozen=True)
class Part:
    """A part's amounts in the baseline and now. A sum has tops only."""

    top_before: Number
    top_now: Number
    bottom_before: Number = 0.0
    bottom_now: Number = 0.0


@dataclass(frozen=True)
class Whole(Part):
    """The whole, with the same amounts. A ratio's bottoms are not zero."""

    ratio: bool = False

    @property
    def before(self) -> float:
        return float(self.top_before / self.bottom_before if self.ratio else self.top_before)

    @property
    def now(self) -> float:
        return float(self.top_now / self.bottom_now if self.ratio else self.top_now)

    @property
    def change(self) -> float:
        return self.now - self.before

    def weight(self, part: Part) -> Number:
        """The part's share of the whole, midway: of a ratio's denominator, or of the amount."""
        if self.ratio:
            return (part.bottom_before / self.bottom_before + part.bottom_now / self.bottom_now) / 2
        size = abs(self.top_before) + abs(self.top_now)
        return (abs(part.top_before) + abs(part.top_now)) / size if size else 0.0 * part.top_now

    def contribution(self, part: Part) -> Number:
        """The part's share in the change; over disjoint parts of the whole these sum to it."""
        if not self.ratio:
            return part.top_now - part.top_before
        moved = part.top_now / self.bottom_now - part.top_before / self.bottom_before
        return moved - self._middle * self._weight_moved(part)

    def base(self, part: Part) -> Number:
        """What growing by the same factor is measured on (a ratio's parts all move as far as the ratio)."""
        return self.weight(part) if self.ratio else part.top_before

    def in_step(self, part: Part) -> float:
        """What a single part would have contributed, had all parts moved in step."""
        return float(self.base(part)) * growth(self.change, float(self.base(self)))

    def mix(self, part: Part) -> float:
        """The part of a ratio's contribution that comes of weighing more or less. Single parts only."""
        rates = [
            top / bottom
            for top, bottom in ((part.top_before, part.bottom_before), (part.top_now, part.bottom_now))
            if bottom
        ]
        if not rates or (len(rates) == 1 and not self._only_came_or_went(part)):
            return 0.0
        # A part that is there on one side only keeps its rate of that side: all of it is mix.
        return float((sum(rates) / len(rates) - self._middle) * self._weight_moved(part))

    def rate(self, part: Part) -> float:
        """The rest: what comes of the part's own ratio."""
        return float(self.contribution(part)) - self.mix(part)

    @staticmethod
    def _only_came_or_went(part: Part) -> bool:
        return (not part.bottom_before and not part.top_before) or (not part.bottom_now and not part.top_now)

    @property
    def _middle(self) -> float:
        return (self.before + self.now) / 2

    def _weight_moved(self, part: Part) -> Number:
        return part.bottom_now / self.bottom_now - part.bottom_before / self.bottom_before


def growth(change: float, base: float) -> float:
    """How far all moved together; nothing where there was nothing to grow from."""
    return change / base if base > 0 else 0.0
