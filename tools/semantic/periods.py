"""Periods of days, inclusive on both ends, and the calendar arithmetic on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

Grain = Literal["day", "week", "month", "quarter", "year"]
GRAINS: tuple[Grain, ...] = get_args(Grain)
MONTHS_IN: dict[Grain, int] = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, order=True)
class Period:
    """The days from `start` to `end`, both included."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a period must not end before it starts: {self.start} to {self.end}")

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def overlaps(self, other: Period) -> bool:
        return self.start <= other.end and other.start <= self.end

    def contains(self, other: Period) -> bool:
        return self.start <= other.start and other.end <= self.end

    def whole(self) -> Grain | None:
        """The grain this period is exactly one calendar unit of, if any (a day is one too)."""
        for grain in GRAINS:
            if self == unit(self.start, grain):
                return grain
        return None

    def whole_units(self) -> tuple[Grain, int] | None:
        """(grain, n) when this is n whole calendar units, of the largest grain that fits."""
        for grain in reversed(GRAINS):
            if self.start == unit(self.start, grain).start and self.end == unit(self.end, grain).end:
                return grain, sum(1 for _ in split(self, grain))
        return None

    def previous(self) -> Period:
        """The period just before: as many whole calendar units if it is made of them, else as many days."""
        whole = self.whole_units()
        if whole is None:
            return Period(self.start - timedelta(days=self.days), self.start - timedelta(days=1))
        grain, n = whole
        return Period(shift(self.start, grain, -n), self.start - timedelta(days=1))

    def year_ago(self) -> Period:
        """The same calendar days one year earlier; 29 February becomes the 28th, whole months stay whole."""
        whole = self.whole_units()
        start = shift(self.start, "year", -1)
        if whole is not None and whole[0] in MONTHS_IN:
            return Period(start, unit(shift(self.end.replace(day=1), "year", -1), "month").end)
        if whole is not None and whole[0] == "week":
            # Weeks are compared with weeks: 52 weeks earlier, the same weekdays.
            return Period(self.start - timedelta(weeks=52), self.end - timedelta(weeks=52))
        return Period(start, shift(self.end, "year", -1))


def unit(day: date, grain: Grain) -> Period:
    """The calendar day, week (Monday to Sunday), month, quarter or year that holds `day`."""
    if grain == "day":
        return Period(day, day)
    if grain == "week":
        start = day - timedelta(days=day.weekday())
        return Period(start, start + timedelta(days=6))
    months = MONTHS_IN[grain]
    start = date(day.year, (day.month - 1) // months * months + 1, 1)
    return Period(start, shift(start, "month", months) - timedelta(days=1))


def shift(day: date, grain: Grain, n: int) -> date:
    """`day` moved by n units; a day that the target month lacks becomes its last day."""
    if grain == "day":
        return day + timedelta(days=n)
    if grain == "week":
        return day + timedelta(weeks=n)
    month0 = day.year * 12 + day.month - 1 + n * MONTHS_IN[grain]
    year, month = divmod(month0, 12)
    if not 1 <= year <= 9999:
        raise ValueError(f"{day} moved by {n} {grain}s leaves the calendar")
    first = date(year, month + 1, 1)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1) if year < 9999 else date(9999, 12, 31)
    last = (following - timedelta(days=1)).day if year < 9999 else 31
    return first.replace(day=min(day.day, last))


def split(period: Period, grain: Grain) -> Iterator[Period]:
    """The calendar units that `period` touches, in order, each whole (not cut at the period's ends)."""
    current = unit(period.start, grain)
    while current.start <= period.end:
        yield current
        current = unit(current.end + timedelta(days=1), grain)
