"""Who is on call at an instant: people take turns by the week, handed over at a local time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

WEEK = 7


@dataclass(frozen=True)
class Hours:
    """Local hours on some weekdays (Monday is 0): from `start`, and no longer at `end`.

    An `end` at or before `start` is on the next day: 18:00 to 09:00 is a night, 00:00 to 00:00 a whole day.
    """

    weekdays: frozenset[int]
    start: time
    end: time

    def __post_init__(self) -> None:
        if not self.weekdays or not self.weekdays <= set(range(WEEK)):
            raise ValueError(f"weekdays are numbers from 0 (Monday) to 6, not {sorted(self.weekdays)}")

    def hold(self, local: datetime) -> bool:
        """Whether a local wall-clock time falls within them."""
        clock = local.time()
        if self.start < self.end:
            return local.weekday() in self.weekdays and self.start <= clock < self.end
        evening = local.weekday() in self.weekdays and clock >= self.start
        morning = (local.weekday() - 1) % WEEK in self.weekdays and clock < self.end
        return evening or morning


@dataclass(frozen=True)
class Rota:
    """`people` take a week each, in order, the first from `start` on at the local time `handover`.

    The wall clock of `timezone` counts, so that a handover stays at nine when clocks change. `hours` are those in
    which somebody is on call; none given: always. Raises ValueError for nobody, for somebody
    without a name, and for an unknown timezone.
    """

    people: tuple[str, ...]
    start: date
    handover: time = time(9)
    timezone: str = "UTC"
    hours: tuple[Hours, ...] = ()

    def __post_init__(self) -> None:
        if not self.people:
            raise ValueError("a rota needs at least one person")
        if any(not person.strip() for person in self.people):
            raise ValueError(f"everyone in a rota needs a name: {self.people!r}")
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError) as unknown:
            raise ValueError(f"unknown timezone {self.timezone!r}; write it as in Europe/London or UTC") from unknown

    def on_call(self, instant: datetime, after: int = 0) -> str | None:
        """Who is on call, or with `after` 1 the person whose turn is next (the backup); None outside the hours."""
        if instant.tzinfo is None:
            raise ValueError(f"{instant!r} has no zone")
        local = instant.astimezone(ZoneInfo(self.timezone)).replace(tzinfo=None)
        if self.hours and not any(hours.hold(local) for hours in self.hours):
            return None
        since_handover = datetime.combine(self.start, self.handover) - datetime.combine(self.start, time(0))
        weeks = ((local - since_handover).date() - self.start).days // WEEK
        return self.people[(weeks + after) % len(self.people)]
