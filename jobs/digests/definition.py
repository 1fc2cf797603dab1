"""What a subscription is: when it comes, and what it holds; as the state database keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import TYPE_CHECKING, Any

from jobs.digests.quiet import DaysOff, QuietHours
from jobs.digests.timing import Daily, Monthly, Rhythm, Schedule, Weekly
from jobs.digests.wanted import RhythmName, Wanted

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Definition:
    """A schedule and the contents that come by it."""

    schedule: Schedule
    wanted: Wanted

    def plain(self) -> dict[str, Any]:
        """As JSON-ready values, for the subscription's row; equal definitions give equal values."""
        schedule = self.schedule
        quiet, days_off = schedule.quiet, schedule.days_off
        return {
            "rhythm": _plain_rhythm(schedule.rhythm),
            "at": f"{schedule.at:%H:%M}",
            "timezone": schedule.timezone,
            "quiet": None if quiet is None else [f"{quiet.start:%H:%M}", f"{quiet.end:%H:%M}"],
            "days_off": None
            if days_off is None
            else {"country": days_off.country, "weekends": days_off.weekends, "holidays": days_off.holidays},
            "wanted": self.wanted.plain(),
        }

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> Definition:
        """What `plain` gave.

        Raises ValueError, LookupError, TypeError or InvalidArgument where it is not that, or names a timezone or a
        country that is known no more.
        """
        quiet, days_off = plain["quiet"], plain["days_off"]
        return cls(
            Schedule(
                _read_rhythm(plain["rhythm"]),
                time.fromisoformat(plain["at"]),
                plain["timezone"],
                None if quiet is None else QuietHours(*map(time.fromisoformat, quiet)),
                None if days_off is None else DaysOff(**days_off),
            ),
            Wanted.read(plain["wanted"]),
        )


def rhythm_name(rhythm: Rhythm) -> RhythmName:
    """What the rhythm is called in calls and in digests."""
    match rhythm:
        case Daily():
            return "daily"
        case Weekly():
            return "weekly"
        case Monthly():
            return "monthly"


def _plain_rhythm(rhythm: Rhythm) -> dict[str, Any]:
    named: dict[str, Any] = {"name": rhythm_name(rhythm)}
    if isinstance(rhythm, Weekly):
        named["weekdays"] = sorted(rhythm.weekdays)
    elif isinstance(rhythm, Monthly):
        named["day"] = rhythm.day
    return named


def _read_rhythm(plain: Mapping[str, Any]) -> Rhythm:
    match plain["name"]:
        case "daily":
            return Daily()
        case "weekly":
            return Weekly(frozenset(plain["weekdays"]))
        case "monthly":
            return Monthly(plain["day"])
        case other:
            raise ValueError(f"{other!r} is no rhythm")
