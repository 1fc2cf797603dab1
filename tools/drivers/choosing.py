"""The few drivers that explain most: disjoint groups of cells, picked one after the other.

A cell is a combination of values of several dimensions, so that what one driver has explained is taken from all others:
nothing is counted twice, whichever dimensions the drivers are from. A candidate is a value, or a pair of values of two
dimensions. Its score is the part of its movement that goes beyond moving in step with all that is left, and a little of
the movement itself, so that a country that is most of the business is named even where it grew like the rest. A smaller
group takes the place of a larger one that holds it where it explains nearly as much: not Germany and not electronics,
but electronics in Germany.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from tools.drivers.whole import growth

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MOVEMENT = 0.15  # how much of the bare movement counts beside what is out of step
NEARLY = 0.85  # a part that explains so much of what its whole explains takes its place …
SMALLER = 0.6  # … if it is at most so much of it
INSIDE = 0.999  # a value is inside another if so much of it is
SMALLEST = 0.05  # of the change, or of the largest driver: below, all is "all else"
NOISE = 0.005  # of the change, or of the largest value: below, nothing is told
UNKNOWN = 0.5  # what is not known explains less

Term = tuple[int, int]  # which dimension, which of its values


@dataclass(frozen=True)
class Cells:
    """Disjoint groups that make up the whole: `codes[cell, dimension]` counts into `values[dimension]`."""

    values: tuple[tuple[str | None, ...], ...]
    codes: NDArray[np.intp]
    change: Floats
    base: Floats
    weight: Floats


@dataclass(frozen=True)
class Step:
    """A driver: the cells of its terms that no driver before it holds. `without`: the places of those that took any."""

    terms: tuple[Term, ...]
    change: float
    in_step: float
    weight: float
    without: tuple[int, ...] = ()

    @property
    def cut(self) -> bool:
        return bool(self.without)


@dataclass(frozen=True)
class _Group:
    terms: tuple[Term, ...]
    score: float
    weight: float


class _Scores:
    """Score and weight of each value, and of each pair of values, over the cells that are left."""

    def __init__(self, cells: Cells, left: NDArray[np.bool_]) -> None:
        self._cells, self._left = cells, left
        self.growth = growth(float(cells.change[left].sum()), float(cells.base[left].sum()))
        self.sizes = [len(values) for values in cells.values]
        singles = [self._summed(cells.codes[:, d], size) for d, size in enumerate(self.sizes)]
        self.score = [score for score, _weight in singles]
        self.weight = [weight for _score, weight in singles]
        for d, values in enumerate(cells.values):
            if None in values:
                self.score[d][values.index(None)] *= UNKNOWN

    def pair(self, a: int, b: int) -> tuple[Floats, Floats]:
        """For dimensions a and b: arrays (values of a, values of b)."""
        codes = self._cells.codes[:, a] * self.sizes[b] + self._cells.codes[:, b]
        score, weight = self._summed(codes, self.sizes[a] * self.sizes[b])
        shape = (self.sizes[a], self.sizes[b])
        score, weight = score.reshape(shape), weight.reshape(shape)
        for values, place in ((self._cells.values[a], 0), (self._cells.values[b], 1)):
            if None in values:
                at = values.index(None)
                score[(at, slice(None)) if place == 0 else (slice(None), at)] *= UNKNOWN
        return score, weight

    def _summed(self, codes: NDArray[np.intp], size: int) -> tuple[Floats, Floats]:
        import numpy as np

        left, cells = self._left, self._cells
        change = np.bincount(codes[left], cells.change[left], size)
        excess = change - self.growth * np.bincount(codes[left], cells.base[left], size)
        weight: Floats = np.bincount(codes[left], cells.weight[left], size).astype(np.float64)
        beyond = np.where(change * excess > 0, np.minimum(np.abs(change), np.abs(excess)), 0.0)
        return beyond + MOVEMENT * np.abs(change), weight


def chosen(cells: Cells, most: int, whole_change: float) -> tuple[Step, ...]:
    """At most so many drivers, the one that explains most first; ties fall in the order of dimensions and values."""
    import numpy as np

    left = np.ones(len(cells.change), dtype=bool)
    steps: list[Step] = []
    taken: list[NDArray[np.bool_]] = []
    there = (cells.change != 0) | (cells.weight != 0)
    while len(steps) < most and left.any():
        scores = _Scores(cells, left)
        group = _best(scores)
        if group is None:
            break
        held = np.ones(len(left), dtype=bool)
        for dimension, value in group.terms:
            held &= cells.codes[:, dimension] == value
        without = tuple(place for place, other in enumerate(taken) if (held & other & there).any())
        held &= left
        change, base, weight = (_total(array[held]) for array in (cells.change, cells.base, cells.weight))
        step = Step(group.terms, change, base * scores.growth, weight, without)
        size = max(abs(whole_change), *(abs(s.change) for s in (*steps, step)))
        if abs(step.change) <= SMALLEST * size:
            break
        steps.append(step)
        taken.append(held)
        left &= ~held
    return tuple(steps)


def largest(cells: Cells, most: int, whole_change: float) -> tuple[Step, ...]:
    """The values of a single dimension that moved most, without those that hardly did; ties in the values' order."""
    import numpy as np

    moved = growth(_total(cells.change), _total(cells.base))
    order = np.argsort(-np.abs(cells.change), kind="stable")[:most].tolist()
    size = max(abs(whole_change), *(abs(float(cells.change[at])) for at in order))
    return tuple(
        Step(
            ((0, int(cells.codes[at, 0])),),
            float(cells.change[at]),
            float(cells.base[at]) * moved,
            float(cells.weight[at]),
        )
        for at in order
        if abs(float(cells.change[at])) > NOISE * size
    )


def _total(amounts: Floats) -> float:
    return math.fsum(amounts.tolist())


def _best(scores: _Scores) -> _Group | None:
    best: _Group | None = None
    for dimension, score in enumerate(scores.score):
        at = _first_highest(score)
        best = _better(best, _Group(((dimension, at),), float(score[at]), float(scores.weight[dimension][at])))
    for pair in _outstanding_pairs(scores):
        best = _better(best, pair)
    if best is None or best.score <= 0:
        return None
    while len(best.terms) == 1:
        finer = _finer(scores, best)
        if finer is None:
            break
        best = finer
    return best


def _better(best: _Group | None, other: _Group) -> _Group:
    return other if best is None or other.score > best.score * (1 + 1e-9) else best


def _first_highest(score: Floats) -> int:
    """The first of those that are highest but for rounding."""
    import numpy as np

    return int(np.argmax(score >= score.max() * (1 - 1e-9)))


def _outstanding_pairs(scores: _Scores) -> Iterator[_Group]:
    """Pairs that explain more than either of their values, whose other cells moved the other way."""
    import numpy as np

    for a, b in combinations(range(len(scores.sizes)), 2):
        score, weight = scores.pair(a, b)
        fits = (
            (score > scores.score[a][:, None])
            & (score > scores.score[b][None, :])
            & (weight <= SMALLER * scores.weight[a][:, None])
            & (weight <= SMALLER * scores.weight[b][None, :])
        )
        if fits.any():
            first, second = np.unravel_index(_first_highest(np.where(fits, score, 0.0).ravel()), score.shape)
            at = int(first), int(second)
            yield _Group(((a, at[0]), (b, at[1])), float(score[at]), float(weight[at]))


def _finer(scores: _Scores, group: _Group) -> _Group | None:
    """The smaller group inside a value that explains nearly all that the value explains."""
    import numpy as np

    ((a, value),) = group.terms
    best: _Group | None = None
    for b in range(len(scores.sizes)):
        if b == a:
            continue
        score, weight = (array[value] for array in scores.pair(a, b))
        inside = weight >= INSIDE * scores.weight[b]
        fits = (score >= NEARLY * group.score) & (weight <= SMALLER * group.weight) & (weight > 0)
        fits &= inside | ((score >= NEARLY * scores.score[b]) & (weight <= SMALLER * scores.weight[b]))
        if not fits.any():
            continue
        at = _first_highest(np.where(fits, score, 0.0))
        terms: tuple[Term, ...] = ((b, at),) if inside[at] else tuple(sorted(((a, value), (b, at))))
        best = _better(best, _Group(terms, float(score[at]), float(weight[at])))
    return best
