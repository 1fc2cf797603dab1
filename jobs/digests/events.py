"""Promotions and holidays around the days of a digest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from tools.calendar.calendar import PromotionCalendar
from tools.calendar.occurrences import Occurrence, occurrences
from tools.semantic.periods import Period

if TYPE_CHECKING:
    from tools.tool import Context

# Phases of an occasion stand so far around its main days.
REACH = timedelta(days=60)


@dataclass(frozen=True)
class Events:
    """Those around `wide`; of one country, or of all that matter to the store. Holidays without trade are left out."""

    context: Context
    wide: Period
    country: str | None = None

    @cached_property
    def all(self) -> tuple[Occurrence, ...]:
        seen = Period(self.wide.start - REACH, self.wide.end + REACH)
        return tuple(one for one in occurrences(self._calendar.between(seen, self.country)) if not one.minor)

    def on(self, period: Period) -> tuple[Occurrence, ...]:
        """Those of which main days fall into a period."""
        return tuple(one for one in self.all if any(main.overlaps(period) for main in one.main))

    def share(self, occurrence: Occurrence) -> float:
        """The share of the store's sales in the countries that keep it."""
        if self.country is not None or not occurrence.countries:
            return 1.0
        shares = self._calendar.shares()
        return sum(shares.get(country, 0.0) for country in occurrence.countries)

    @cached_property
    def _calendar(self) -> PromotionCalendar:
        return PromotionCalendar(self.context)
