"""How a schedule is told to its reader."""

from __future__ import annotations

from jobs.digests.quiet import DaysOff
from jobs.digests.timing import LAST_DAY, Daily, Monthly, Schedule
from tools.messages import Label, Message, say
from tools.semantic.countries import country_label

WEEKDAYS = (
    Label("Mondays", "周一"),
    Label("Tuesdays", "周二"),
    Label("Wednesdays", "周三"),
    Label("Thursdays", "周四"),
    Label("Fridays", "周五"),
    Label("Saturdays", "周六"),
    Label("Sundays", "周日"),
)
_WORKING = frozenset(range(5))
_EVERY = frozenset(range(7))
_SHORTEST_MONTH = 28
_TEENS = range(11, 14)
_ENDINGS = {1: "st", 2: "nd", 3: "rd"}


def when(schedule: Schedule) -> Message:
    """Inside a sentence: "Mondays and Fridays at 08:30 (Europe/London)"; 每周一和周五 08:30（Europe/London）."""
    rhythm, time, timezone = schedule.rhythm, f"{schedule.at:%H:%M}", schedule.timezone
    if isinstance(rhythm, Monthly):
        if rhythm.day == LAST_DAY:
            return say("on the last day of each month at {time} ({timezone})", time=time, timezone=timezone)
        day = _ordinal(rhythm.day)
        if rhythm.day > _SHORTEST_MONTH:
            return say(
                "on the {day} of each month, or its last day, at {time} ({timezone})",
                day=day, time=time, timezone=timezone,
            )  # fmt: skip
        return say("on the {day} of each month at {time} ({timezone})", day=day, time=time, timezone=timezone)
    if isinstance(rhythm, Daily) or rhythm.weekdays == _EVERY:
        return say("every day at {time} ({timezone})", time=time, timezone=timezone)
    if rhythm.weekdays == _WORKING:
        return say("Mondays to Fridays at {time} ({timezone})", time=time, timezone=timezone)
    weekdays = tuple(WEEKDAYS[number] for number in sorted(rhythm.weekdays))
    return say("{weekdays} at {time} ({timezone})", weekdays=weekdays, time=time, timezone=timezone)


def held_back(schedule: Schedule) -> tuple[Message, ...]:
    """A sentence for each thing that holds the digest back."""
    said: list[Message] = []
    if schedule.quiet is not None:
        start, end = f"{schedule.quiet.start:%H:%M}", f"{schedule.quiet.end:%H:%M}"
        said.append(say("Quiet from {start} to {end}: what falls due then comes at {end}.", start=start, end=end))
    if schedule.days_off is not None:
        said.append(_waits(schedule.days_off))
    return tuple(said)


def _waits(days: DaysOff) -> Message:
    if days.country is None or not days.holidays:
        return say("On weekends it waits for the next working day.")
    country = country_label(days.country) or Label(days.country)
    if days.weekends:
        return say("On weekends and public holidays ({country}) it waits for the next working day.", country=country)
    return say("On public holidays ({country}) it waits for the next day that is none.", country=country)


def _ordinal(day: int) -> Label:
    ending = "th" if day in _TEENS else _ENDINGS.get(day % 10, "th")
    return Label(f"{day}{ending}", str(day))
