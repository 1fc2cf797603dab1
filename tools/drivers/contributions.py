"""What each value of a dimension contributes to a change, and which dimensions tell most about it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from tools.drivers.whole import Part, Whole

if TYPE_CHECKING:
    from tools.semantic.catalog import Dimension

TOLERANCE = 1e-9
TELLING = 3  # so many values of a dimension are looked at to judge it: a driver list is short


@dataclass(frozen=True)
class Contribution:
    """A value of a dimension (None: not known), with its contribution to the whole change."""

    value: str | None
    part: Part
    change: float
    in_step: float
    base: float
    weight: float

    @property
    def excess(self) -> float:
        """By how much it moved the figure beyond moving in step with the rest."""
        return self.change - self.in_step


@dataclass(frozen=True)
class Breakdown:
    """A dimension's contributions, the largest first. They sum to the change."""

    dimension: Dimension
    contributions: tuple[Contribution, ...]

    @cached_property
    def by_value(self) -> Mapping[str | None, Contribution]:
        return {one.value: one for one in self.contributions}

    @property
    def strength(self) -> float:
        """What its most unusual values explain.

        As in Adtributor (Bhagwan et al., NSDI 2014) a dimension is worth more the more of the change few of its values
        explain, and the less that was to be expected of them. Few: a dimension of thousands of values varies by
        chance in all of them.
        """
        return math.fsum(sorted((abs(one.excess) for one in self.contributions), reverse=True)[:TELLING])


def breakdown(dimension: Dimension, whole: Whole, parts: Mapping[str | None, Part]) -> Breakdown | None:
    """The contributions; None where parts do not sum to the whole (orders by product) or there is but one."""
    if len(parts) < 2 or not sums(whole, parts.values()):
        return None
    found = [
        Contribution(
            value,
            part,
            float(whole.contribution(part)),
            whole.in_step(part),
            float(whole.base(part)),
            float(whole.weight(part)),
        )
        for value, part in parts.items()
    ]
    found.sort(key=lambda one: (-abs(one.change), one.value is None, one.value or ""))
    return Breakdown(dimension, tuple(found))


def sums(whole: Whole, parts: Iterable[Part]) -> bool:
    """Whether the parts make up the whole, on both sides."""
    listed = list(parts)
    return all(
        _equal([getattr(part, side) for part in listed], getattr(whole, side))
        for side in ("top_before", "top_now", "bottom_before", "bottom_now")
    )


def _equal(amounts: Sequence[float], total: float) -> bool:
    size = max(math.fsum(map(abs, amounts)), abs(total))
    return abs(math.fsum(amounts) - total) <= TOLERANCE * size


def ranked(found: Sequence[Breakdown]) -> tuple[Breakdown, ...]:
    """The dimensions that tell most first."""
    return tuple(sorted(found, key=lambda one: (-one.strength, one.dimension.id)))
