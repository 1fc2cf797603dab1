"""Times as five cron fields."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apscheduler.triggers.base import BaseTrigger
    from apscheduler.triggers.cron import CronTrigger

FIELDS = "minute, hour, day of the month, month, weekday"
_INSTANT = timedelta(microseconds=1)


def cron(written: str, timezone: str = "UTC") -> CronTrigger:
    """What "30 3 * * mon-fri" means in a timezone. Raises ValueError, which names what was given and an example.

    Weekdays are names: of their numbers cron and APScheduler think differently. A day of the month and a weekday
    together are refused for the same reason.
    """
    from apscheduler.triggers.cron import CronTrigger

    fields = written.split()
    if len(fields) != 5:
        raise ValueError(f"{written!r} is no time; write five fields ({FIELDS}), as in 30 3 * * *")
    minute, hour, day, month, weekday = fields
    if re.search(r"\d", weekday.partition("/")[0]):
        raise ValueError(f"{written!r} has weekdays by number; write them by name, as in 30 3 * * mon-fri")
    if day != "*" and weekday != "*":
        raise ValueError(f"{written!r} has a day of the month and a weekday; leave one of them *, as in 30 3 1 * *")
    try:
        return CronTrigger(minute=minute, hour=hour, day=day, month=month, day_of_week=weekday, timezone=timezone)
    except ValueError as error:
        raise ValueError(f"{written!r} is no time ({error}); write it as in 30 3 * * *") from error


def interval(trigger: BaseTrigger, now: datetime) -> timedelta | None:
    """From the next time to the one after it; None where there are not two."""
    first = trigger.get_next_fire_time(None, now)
    second = trigger.get_next_fire_time(first, first + _INSTANT) if first is not None else None
    return None if second is None else second - first
