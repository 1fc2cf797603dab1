"""What is on in a period."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tools.answer import Answer, Fact, FollowUp
from tools.calendar.answers.asked import Asked, tap
from tools.calendar.events import PHASES
from tools.calendar.occurrences import Occurrence, occurrences
from tools.messages import Message, Quantity, Value, say, say_n
from tools.semantic.periods import Period

if TYPE_CHECKING:
    from tools.catalog.calendar import CalendarArgs

USUAL_DAYS = 90
MOST_BESIDES = 6
# Phases reach so far around the main days.
REACH = timedelta(days=60)


def listed(asked: Asked, args: CalendarArgs) -> Answer:
    """Promotions and holidays that touch the period, by their main days."""
    today = asked.today
    period = asked.period(args.period) if args.period else Period(today, today + timedelta(days=USUAL_DAYS - 1))
    country = None if args.country is None else asked.country(args.country)
    # Seen a little wider, so that an occasion's phases before the period and after it are told as well.
    wide = Period(period.start - REACH, period.end + REACH)
    found = [
        one
        for one in occurrences(asked.calendar.between(wide, country))
        if any(event.period.overlaps(period) for event in one.events) and args.kind in (None, one.kind)
    ]
    filters = _filters(asked, args, country)
    if not found:
        return Answer(
            headline=_nothing(args, period),
            facts=(Fact("events", 0, "count", period),),
            follow_ups=_follow_ups(asked, args, found, period),
            provenance=asked.provenance(period, filters),
        )
    shown = [one for one in found if args.kind == "holiday" or country is not None or not one.minor] or found
    besides = [one for one in found if one not in shown]
    following = _next(asked, shown)
    return Answer(
        headline=_headline(asked, args, shown, period, following),
        lines=(*_on_now(asked, shown, following), *_besides(besides)),
        facts=_facts(asked, shown, besides, period, following),
        table=asked.rows(shown),
        whole=asked.rows(found) if besides else None,
        file_name="calendar.csv",
        follow_ups=_follow_ups(asked, args, found, period),
        provenance=asked.provenance(period, filters),
    )


def _next(asked: Asked, found: list[Occurrence]) -> Occurrence | None:
    """The one whose main days come next; of two on one day the promotion."""
    coming = [(one.coming(asked.today), one) for one in found]
    ranked = [
        (days.start, one.kind == "holiday", at)
        for at, (days, one) in enumerate(coming)
        if days is not None and days.start >= asked.today
    ]
    return found[min(ranked)[-1]] if ranked else None


def _headline(
    asked: Asked, args: CalendarArgs, found: list[Occurrence], period: Period, following: Occurrence | None
) -> Message:
    count: dict[str, Value] = {"events": _counted(args, len(found)), "period": period}
    if following is None:
        if len(found) == 1:
            (one,) = found
            return say("{event}: {main} ({where}).", event=one.label, main=tuple(one.main), where=asked.where(one))
        return say("{events} in {period}.", **count)
    main = following.coming(asked.today) or following.whole
    left = (main.start - asked.today).days
    named: dict[str, Value] = {"event": following.label, "days": main, "where": asked.where(following)}
    if left == 0:
        return say("{events} in {period}. Today: {event} ({where}).", **count, **named)
    return say(
        "{events} in {period}. Next: {event}, {days} ({where}), {left} from now.",
        **count,
        **named,
        left=Quantity(left, "days"),
    )


def _counted(args: CalendarArgs, count: int) -> Message:
    if args.kind == "promotion":
        return say_n("{count} promotion", "{count} promotions", count)
    if args.kind == "holiday":
        return say_n("{count} holiday", "{count} holidays", count)
    return say_n("{count} promotion or holiday", "{count} promotions and holidays", count)


def _nothing(args: CalendarArgs, period: Period) -> Message:
    if args.kind == "promotion":
        return say("No promotion in {period}.", period=period)
    if args.kind == "holiday":
        return say("No holiday in {period}.", period=period)
    return say("No promotion or holiday in {period}.", period=period)


def _on_now(asked: Asked, found: list[Occurrence], following: Occurrence | None) -> tuple[Message, ...]:
    """What is on today, other than what the headline names."""
    on = [one for one in found if any(event.starts_on <= asked.today <= event.ends_on for event in one.events)]
    if not on:
        return ()
    if following is not None and on == [following]:
        return on_now(asked, following)
    return (say("On today: {events}.", events=tuple(one.label for one in on)),)


def on_now(asked: Asked, one: Occurrence) -> tuple[Message, ...]:
    """The phase that it is in today."""
    on = (event.phase for event in one.events if event.starts_on <= asked.today <= event.ends_on)
    phase = next((phase for phase in on if phase is not None), None)
    return () if phase is None else (say("Its {phase} is on now.", phase=PHASES[phase]),)


def _besides(found: list[Occurrence]) -> tuple[Message, ...]:
    """Public holidays that no trade turns on, which the table leaves to the file."""
    if not found:
        return ()
    names = tuple(dict.fromkeys(one.label for one in found))
    if len(names) > MOST_BESIDES:
        return (say("Public holidays besides: {count}, in the file.", count=Quantity(len(found))),)
    return (say("Public holidays besides: {names}.", names=names),)


def _facts(
    asked: Asked, shown: list[Occurrence], besides: list[Occurrence], period: Period, following: Occurrence | None
) -> tuple[Fact, ...]:
    facts = [Fact("events", len(shown), "count", period)]
    if besides:
        facts.append(Fact("public_holidays", len(besides), "count", period))
    if following is not None:
        main = following.coming(asked.today) or following.whole
        left = (main.start - asked.today).days
        facts.append(Fact("days_until", left, "days", main, {"event": following.label.en}))
    return tuple(facts)


def _filters(asked: Asked, args: CalendarArgs, country: str | None) -> tuple[Message, ...]:
    found: list[Message] = []
    if args.kind is not None:
        found.append(say("promotions only") if args.kind == "promotion" else say("holidays only"))
    if country is not None:
        found.append(say("{country}", country=asked.country_name(country)))
    return tuple(found)


def _follow_ups(asked: Asked, args: CalendarArgs, found: list[Occurrence], period: Period) -> tuple[FollowUp, ...]:
    kept = {name: value for name, value in args.plain().items() if name in ("country", "period")}
    named = [one for one in found if not one.minor and one.coming(asked.today) is not None]
    first = sorted(named, key=lambda one: one.kind == "holiday")[:1]
    taps = [tap(say("When is {event}?", event=one.label), name=one.label.en) for one in first]
    if args.kind is None and {one.kind for one in found} == {"promotion", "holiday"}:
        taps.append(tap(say("Promotions only"), **kept, kind="promotion"))
        taps.append(tap(say("Holidays only"), **kept, kind="holiday"))
    if args.kind is not None:
        taps.append(tap(say("Promotions and holidays"), **kept))
    following = Period(period.end + timedelta(days=1), period.end + timedelta(days=USUAL_DAYS))
    days = {"start": following.start.isoformat(), "end": following.end.isoformat()}
    rest = {name: value for name, value in args.plain().items() if name in ("country", "kind")}
    taps.append(tap(say("The {days} after", days=Quantity(USUAL_DAYS, "days")), **rest, period=days))
    return tuple(taps)
