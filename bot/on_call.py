"""Who is on call, as the settings write it: people and their chats, hours, and after how long each is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import time, timedelta
from typing import TYPE_CHECKING

from jobs.alerts.incidents.policy import Policy, Step
from jobs.alerts.incidents.rota import Hours, Rota

if TYPE_CHECKING:
    from bot.settings import Settings

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_HOURS = re.compile(r"(?:([a-z]{3}(?:-[a-z]{3})?)\s+)?(\d\d:\d\d)\s*-\s*(\d\d:\d\d)", re.IGNORECASE)


def read_people(written: str) -> Mapping[str, int]:
    """Names and private chats, in the order of their turns: "Ann:1001, Ben:1002". Raises ValueError."""
    people: dict[str, int] = {}
    for each in _listed(written):
        name, _, chat = (part.strip() for part in each.rpartition(":"))
        if not name or not chat.isdecimal():
            raise ValueError(f"{each!r} is no person on call; write a name and a Telegram user id, as in Ann:1001")
        if name in people:
            raise ValueError(f"{name!r} is on call twice; give everyone a name of their own")
        people[name] = int(chat)
    return people


def read_hours(written: str) -> tuple[Hours, ...]:
    """Local hours of the week: "mon-fri 09:00-18:00, sat 10:00-14:00"; no days: every day. Raises ValueError."""
    return tuple(_read_hours(each) for each in _listed(written))


def read_clock(written: str) -> time:
    """A local time: "09:00". Raises ValueError."""
    if _CLOCK.fullmatch(written.strip()) is None:
        raise ValueError(f"{written!r} is no time of day; write it as in 09:00")
    return time.fromisoformat(written.strip())


def read_steps(written: str) -> tuple[timedelta, ...]:
    """Minutes without an acknowledgement, growing: "15, 30". Raises ValueError."""
    minutes = _listed(written)
    if not all(each.isdecimal() for each in minutes):
        raise ValueError(f"{written!r} are no minutes; write whole numbers, as in 15, 30")
    steps = tuple(timedelta(minutes=int(each)) for each in minutes)
    if any(later <= before for before, later in zip((timedelta(0), *steps), steps, strict=False)):
        raise ValueError(f"{written!r} must grow from step to step, as in 15, 30")
    return steps


READERS: Mapping[str, Callable[[str], object]] = {
    "on_call": read_people,
    "on_call_hours": read_hours,
    "on_call_handover": read_clock,
    "escalate_after_minutes": read_steps,
}
"""What checks each of these settings."""


def policy_of(settings: Settings) -> Policy:
    """How incidents are handled, escalated to whoever is on call where the settings name anybody.

    The first step tells the person on call, the second the one whose turn is next, and so on.
    """
    people = tuple(read_people(settings.on_call))
    if not people:
        return Policy()
    rota = Rota(
        people,
        settings.on_call_start,
        read_clock(settings.on_call_handover),
        settings.timezone,
        read_hours(settings.on_call_hours),
    )
    after = read_steps(settings.escalate_after_minutes)
    return Policy(escalation=tuple(Step(step, on_call=number) for number, step in enumerate(after)), rota=rota)


def _listed(written: str) -> list[str]:
    return [each.strip() for each in written.split(",") if each.strip()]


def _read_hours(written: str) -> Hours:
    found = _HOURS.fullmatch(written)
    if found is None:
        raise ValueError(f"{written!r} are no hours; write them as in mon-fri 09:00-18:00")
    days, start, end = found.groups(default="mon-sun")
    return Hours(_weekdays(days), read_clock(start), read_clock(end))


def _weekdays(written: str) -> frozenset[int]:
    names = written.lower().split("-")
    if not all(name in DAYS for name in names):
        raise ValueError(f"{written!r} are no weekdays; they are {', '.join(DAYS)}, and mon-fri is a range")
    first, last = DAYS.index(names[0]), DAYS.index(names[-1])
    return frozenset((first + offset) % len(DAYS) for offset in range((last - first) % len(DAYS) + 1))
