"""How long it takes until incidents are looked after, and until they are over."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from jobs.alerts.incidents.answers.desk import tap
from jobs.alerts.incidents.incident import mean_times
from tools.answer import Answer, Fact
from tools.messages import Message, say, say_n
from tools.semantic.periods import Period

if TYPE_CHECKING:
    from jobs.alerts.incidents.answers.desk import Desk

FROM_FIRING = say(
    "From when an incident fires until somebody acknowledges, snoozes or judges it, and until it is over, breaks "
    "included."
)
DAYS = 90
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def timed(desk: Desk) -> Answer:
    """Of incidents that began in the period, the last 90 days where none was named."""
    today = desk.context.today
    period = Period(today - timedelta(days=DAYS - 1), today) if desk.args.period is None else desk.args.period.period
    found = desk.found("all", metric=desk.args.metric, period=period)
    times = mean_times([one.kept.incident for one in found])
    lines: list[Message] = []
    if times.to_resolve is not None:
        lines.append(
            say_n(
                "Over after {time} on average ({count} incident).",
                "Over after {time} on average ({count} incidents).",
                times.resolved,
                time=duration(times.to_resolve),
            )
        )
    unanswered = len(found) - times.acknowledged
    if unanswered:
        lines.append(say_n("{count} was never acknowledged.", "{count} were never acknowledged.", unanswered))
    return Answer(
        headline=_headline(len(found), times.to_acknowledge, times.acknowledged),
        lines=tuple(lines),
        facts=(
            Fact("incidents", len(found), "count", period),
            Fact("acknowledged", times.acknowledged, "count", period),
            Fact("minutes_to_acknowledge", _minutes(times.to_acknowledge), "number", period),
            Fact("resolved", times.resolved, "count", period),
            Fact("minutes_to_resolve", _minutes(times.to_resolve), "number", period),
        ),
        follow_ups=(tap(say("Past incidents"), which="resolved"), tap(say("Open incidents"))),
        provenance=desk.provenance(FROM_FIRING, period),
    )


def _headline(incidents: int, spent: timedelta | None, count: int) -> Message:
    if not incidents:
        return say("There was no incident.")
    if spent is None:
        return say_n(
            "{count} incident, and nobody has acknowledged it",
            "{count} incidents, and nobody has acknowledged any",
            incidents,
        )
    return say_n(
        "Acknowledged after {time} on average ({count} incident)",
        "Acknowledged after {time} on average ({count} incidents)",
        count,
        time=duration(spent),
    )


def duration(spent: timedelta) -> Message:
    """To the minute; from two days on to the hour."""
    minutes = round(spent / MINUTE)
    if minutes < 60:
        return say("{minutes} min", minutes=minutes)
    if spent < 2 * DAY:
        return say("{hours} h {minutes} min", hours=minutes // 60, minutes=minutes % 60)
    hours = round(spent / HOUR)
    return say("{days} d {hours} h", days=hours // 24, hours=hours % 24)


def _minutes(spent: timedelta | None) -> float | None:
    return None if spent is None else round(spent / MINUTE, 1)
