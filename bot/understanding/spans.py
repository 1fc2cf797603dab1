"""Reading a question: every stretch of it gets the readings that the lexicon knows, or stays unexplained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

Kind = Literal[
    "metric", "dimension", "value", "absent", "period", "number", "word", "cue", "tool", "unknown",
    "group", "saved", "duration",
]  # fmt: skip

# Where two covers explain as much with as many spans, the more telling readings win.
RANK: Mapping[str, int] = {
    "period": 6,
    "tool": 6,
    "saved": 6,
    "metric": 5,
    "group": 5,
    "duration": 5,
    "value": 4,
    "dimension": 4,
    "absent": 3,
    "number": 3,
    "cue": 2,
    "word": 1,
    "unknown": 0,
}


@dataclass(frozen=True)
class Reading:
    """One meaning of a span. `value` depends on the kind: an id, (dimension, value), a number, a PeriodSpan …"""

    kind: Kind
    value: Any
    corrected: str | None = None  # the word that a misspelt one was taken for


@dataclass(frozen=True)
class Span:
    """Characters `start` to `end` of the normalised text, with every reading they may have."""

    start: int
    end: int
    text: str
    readings: tuple[Reading, ...]

    @cached_property
    def _kinds(self) -> frozenset[str]:
        return frozenset(r.kind for r in self.readings)

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(r.value for r in self.readings if r.kind in ("word", "cue"))

    def has(self, kind: Kind, value: Any = ...) -> bool:
        if value is ...:
            return kind in self._kinds
        return any(r.kind == kind and r.value == value for r in self.readings)

    def values(self, kind: Kind) -> tuple[Any, ...]:
        return tuple(r.value for r in self.readings if r.kind == kind)

    def word(self, *names: str) -> bool:
        """Whether the span can be one of these grammar words."""
        return not self._words.isdisjoint(names)

    @property
    def unknown(self) -> bool:
        return self.has("unknown")


def best_cover(length: int, candidates: Iterable[Span], gaps: Sequence[bool]) -> list[Span]:
    """The non-overlapping spans that leave least unexplained, then are fewest, then most telling.

    `gaps[i]`: character i needs no explanation (white space). Runs in O(length + candidates).
    """
    starting: dict[int, list[Span]] = {}
    for span in candidates:
        starting.setdefault(span.start, []).append(span)
    cost: list[tuple[float, int, int]] = [(0, 0, 0)] * (length + 1)
    step: list[Span | None] = [None] * (length + 1)
    for i in range(length - 1, -1, -1):
        unexplained, spans, telling = cost[i + 1]
        best = (unexplained + (0 if gaps[i] else 1), spans, telling)
        chosen: Span | None = None
        for span in starting.get(i, ()):
            unexplained, spans, telling = cost[span.end]
            # A correction is a guess: a little worse than reading the word as it stands.
            guess = 0.5 if any(r.corrected for r in span.readings) else 0.0
            rank = max(RANK[r.kind] for r in span.readings)
            found = (unexplained + guess, spans + 1, telling - rank)
            if found < best:
                best, chosen = found, span
        cost[i], step[i] = best, chosen
    cover: list[Span] = []
    i = 0
    while i < length:
        taken = step[i]
        if taken is None:
            i += 1
        else:
            cover.append(taken)
            i = taken.end
    return cover
