"""When nobody is to be disturbed: quiet hours and days off. They hold a digest back and never drop it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from tools.calendar.public_holidays import country_days, knows_holidays
from tools.errors import InvalidArgument
from tools.messages import say

_SUNDAY = 6
_WEEKEND = (5, _SUNDAY)


@dataclass(frozen=True)
class QuietHours:
    """From `start` (included) to `end` (not included) on the reader's wall clock; over midnight when `end` is earlier.

    Raises InvalidArgument where both are the same.
    """

    start: time
    end: time

    def __post_init__(self) -> None:
        if self.start == self.end:
            raise InvalidArgument(
                say("Quiet hours need a beginning and an end that differ; both are {time}.", time=f"{self.start:%H:%M}")
            )

    def over(self, wall: datetime) -> datetime:
        """`wall` (naive), or the end of the quiet hours that it lies in."""
        moment = wall.time()
        if self.start < self.end:
            return datetime.combine(wall.date(), self.end) if self.start <= moment < self.end else wall
        if moment >= self.start:
            return datetime.combine(wall.date() + timedelta(days=1), self.end)
        return datetime.combine(wall.date(), self.end) if moment < self.end else wall


@dataclass(frozen=True)
class DaysOff:
    """Weekends, public holidays, or both.

    `country` (ISO 3166 code) tells which weekdays are its weekend, which days its holidays, and which days of weekends
    are worked to make up for a longer holiday. None: Saturdays and Sundays, no holidays. Raises InvalidArgument where
    nothing is off, or the country's holidays are not known.
    """

    country: str | None = None
    weekends: bool = True
    holidays: bool = True

    def __post_init__(self) -> None:
        if self.country is not None and not knows_holidays(self.country):
            raise InvalidArgument(
                say(
                    "I know no public holidays of “{country}”; write an ISO code such as GB or CN.",
                    country=self.country,
                )
            )
        if not self.weekends and not (self.holidays and self.country):
            raise InvalidArgument(say("Days off are weekends, the public holidays of a country, or both."))

    def off(self, day: date) -> bool:
        """Whether `day` is one of them."""
        if self.country is None:
            return day.weekday() in _WEEKEND
        days = country_days(self.country, day.year)
        if self.holidays and day in days.holidays:
            return True
        return self.weekends and day.weekday() in days.weekend and day not in days.worked
