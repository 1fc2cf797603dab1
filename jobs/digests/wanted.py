"""What a digest is asked to hold, of which days it tells, and what was made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tools.answer import Answer
from tools.semantic.periods import Period
from tools.semantic.query import Filter

RhythmName = Literal["daily", "weekly", "monthly"]


@dataclass(frozen=True)
class Wanted:
    """What a subscription asks for. Empty `metrics` or `sections`: the usual ones. `filters` limit all figures.

    `only_when_moved`: nothing is to be sent where nothing moved; whoever sends sees to it.
    """

    metrics: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    only_when_moved: bool = False

    def plain(self) -> dict[str, Any]:
        """As JSON-ready values, for the subscription's row."""
        return {
            "metrics": list(self.metrics),
            "sections": list(self.sections),
            "filters": [each.model_dump(mode="json") for each in self.filters],
            "only_when_moved": self.only_when_moved,
        }

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> Wanted:
        """What `plain` gave. Raises ValueError where it is not that."""
        return cls(
            metrics=tuple(plain.get("metrics", ())),
            sections=tuple(plain.get("sections", ())),
            filters=tuple(Filter.model_validate(each) for each in plain.get("filters", ())),
            only_when_moved=bool(plain.get("only_when_moved", False)),
        )


@dataclass(frozen=True)
class Occasion:
    """The days that a digest tells of.

    `period` is its own; `covers` reaches back over those that were held back to the same moment, and ends with it.
    """

    rhythm: RhythmName
    period: Period
    covers: Period

    @classmethod
    def of(cls, rhythm: RhythmName, period: Period, covers: Period | None = None) -> Occasion:
        """A digest of `period` that covers no more, or `covers`."""
        return cls(rhythm, period, covers or period)


@dataclass(frozen=True)
class Composed:
    """A digest. `moved`: something is beyond what is usual. `stale`: the period's data are not all there."""

    answer: Answer
    moved: bool
    stale: bool
