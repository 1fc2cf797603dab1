"""An event of the promotion calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from tools.messages import Label
from tools.semantic.periods import Period

Kind = Literal["promotion", "holiday"]
Phase = Literal["warm-up", "burst", "refill", "extension"]
Source = Literal["shipped", "imported", "team"]
PHASES: dict[Phase, Label] = {
    "warm-up": Label("warm-up", "预热"),
    "burst": Label("burst", "爆发"),
    "refill": Label("refill", "回补"),
    "extension": Label("extension", "延长"),
}


@dataclass(frozen=True)
class Event:
    """A stretch of days of a promotion or holiday, both ends included; one for each phase.

    `occasion` is the same in every year ("double-11"), so that what happened in one year tells of the next. `country`
    is the store's own value of the dimension, None: everywhere.
    """

    id: str
    occasion: str
    label: Label
    kind: Kind
    starts_on: date
    ends_on: date
    country: str | None
    phase: Phase | None
    source: Source

    @property
    def period(self) -> Period:
        return Period(self.starts_on, self.ends_on)
