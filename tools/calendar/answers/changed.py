"""The team's own events: added and removed by an admin, with a look before and a tap that confirms it."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tools.answer import Answer, Fact, FollowUp, Provenance
from tools.calendar.answers.asked import KINDS, Asked, tap
from tools.calendar.answers.named import matching
from tools.calendar.calendar import FIRST_YEAR, ONE_YEARS_GAP, covers
from tools.calendar.events import PHASES
from tools.calendar.names import LONGEST_NAME, plain
from tools.calendar.occasions import name_key
from tools.calendar.occurrences import Occurrence, occurrences
from tools.calendar.team import MOST_EVENTS, TeamEvent, TeamEvents
from tools.errors import InvalidArgument, NotAllowed
from tools.messages import Message, Quantity, Value, say
from tools.nearest import nearest
from tools.semantic.periods import Period

if TYPE_CHECKING:
    from tools.catalog.calendar import CalendarArgs

LONGEST_DAYS = 120
FURTHEST_YEARS = 10
MOST_CHOICES = 5
_JOINER = "\u200d"  # within an emoji


def added(asked: Asked, args: CalendarArgs) -> Answer:
    """Shows what would be added, or with `confirmed` adds it. Raises NotAllowed below admin, InvalidArgument."""
    team = _team(asked)
    name = _clean_name(args.name)
    period = _period(asked, args)
    country = None if args.country is None else asked.country(args.country)
    candidate = TeamEvent(0, name, args.kind or "promotion", period, country, args.phase)
    there = _there_already(team, candidate)
    if there is not None and args.confirmed and replace(there, row=0, name=name) == candidate:
        # A second tap, or one that is worked on again after a crash.
        return _done(there, say("It is in the calendar: {event}.", event=_described(asked, there)), ())
    if there is not None:
        raise InvalidArgument(
            say("“{name}” is in the calendar already: {period}.", name=there.name, period=there.period),
            (tap(say("Remove it"), action="remove", **_plain(there)),),
        )
    if not args.confirmed:
        return _preview(asked, candidate)
    kept = team.add(name, period, kind=candidate.kind, country=country, phase=candidate.phase, by=asked.context.user.id)
    if kept is None:
        raise InvalidArgument(
            say("“{name}” was not added: it is there already, or there are {most} events.", name=name, most=MOST_EVENTS)
        )
    change = f"added event “{kept.name}” {period.start} to {period.end} in {country or 'every country'}"
    return _done(kept, say("Added: {event}.", event=_described(asked, kept)), (change,))


def _done(kept: TeamEvent, headline: Message, changes: tuple[str, ...]) -> Answer:
    """Without a definition or a table: there is nothing about it to be computed again, which would do it again."""
    return Answer(
        headline=headline,
        lines=(say("From now on it counts in forecasts, in the reasons for changes, and in digests."),),
        facts=(Fact("event_days", kept.period.days, "days", kept.period),),
        follow_ups=(tap(say("What is coming up?")), tap(say("Remove it"), action="remove", **_plain(kept))),
        provenance=Provenance(period=kept.period),
        changes=changes,
    )


def _preview(asked: Asked, candidate: TeamEvent) -> Answer:
    period = candidate.period
    lines: list[Message] = [
        say(
            "{length}, from {first} to {last}.",
            length=Quantity(period.days, "days"),
            first=Period(period.start, period.start),
            last=Period(period.end, period.end),
        )
    ]
    if period.end < asked.today:
        lines.append(say("These days are past: it will explain what happened then."))
    replaced = _replaced(asked, candidate)
    if replaced:
        lines.append(
            say(
                "It takes the place of {events} in that year and place.",
                events=tuple(_dated(one) for one in replaced),
            )
        )
    return Answer(
        headline=say("Add to the calendar: {event}?", event=_described(asked, candidate)),
        lines=(*lines, say("Nothing is added yet.")),
        facts=(Fact("event_days", period.days, "days", period),),
        follow_ups=(
            tap(say("Yes, add it"), action="add", confirmed=True, **_plain(candidate)),
            tap(say("What is coming up?")),
        ),
        provenance=asked.provenance(period),
    )


def _replaced(asked: Asked, candidate: TeamEvent) -> list[Occurrence]:
    """What counts now and would not count beside the new event."""
    new = candidate.event
    wide = Period(new.starts_on - ONE_YEARS_GAP, new.ends_on + ONE_YEARS_GAP)
    keys = covers(new)
    events = (
        event
        for event in asked.calendar.between(wide, candidate.country)
        if event.source != "team" and event.occasion in keys
    )
    return occurrences(events)


def removed(asked: Asked, args: CalendarArgs) -> Answer:
    """Shows what would be removed, or with `confirmed` removes it. Raises NotAllowed below admin, InvalidArgument."""
    team = _team(asked)
    if args.name is None or not args.name.strip():
        raise InvalidArgument(say("Which event? Say its name."), _removals(asked, team.all()))
    own = team.all()
    found = _confirmed(own, args) if args.confirmed else _meant(asked, own, args)
    if not found:
        raise _not_the_teams(asked, args.name, own)
    if not args.confirmed:
        return _removal_preview(asked, found[0]) if len(found) == 1 else _choice(asked, found)
    team.remove([one.row for one in found])
    described = tuple(_described(asked, one) for one in found)
    return Answer(
        headline=say("Removed: {events}.", events=described),
        facts=(Fact("events", len(found), "count"),),
        follow_ups=(
            *((tap(say("Add it again"), action="add", **_plain(found[0])),) if len(found) == 1 else ()),
            tap(say("What is coming up?")),
        ),
        changes=tuple(
            f"removed event “{one.name}” {one.period.start} to {one.period.end} in {one.country or 'every country'}"
            for one in found
        ),
    )


def _confirmed(own: tuple[TeamEvent, ...], args: CalendarArgs) -> list[TeamEvent]:
    """Exactly the event that was shown; without days, all of that name."""
    named = [one for one in own if name_key(one.name) == name_key(args.name or "")]
    if args.period is None:
        return named
    asked_for = (args.period.period, args.country, args.phase)
    return [one for one in named if (one.period, one.country, one.phase) == asked_for]


def _meant(asked: Asked, own: tuple[TeamEvent, ...], args: CalendarArgs) -> list[TeamEvent]:
    """The events of that name, or else of the nearest; those of the days, country and phase where any are."""
    name = args.name or ""
    named = [one for one in own if name_key(one.name) == name_key(name)]
    if not named:
        near = nearest(name, sorted({one.name for one in own}), cutoff=75)
        named = [one for one in own if one.name in near]
    return [one for one in named if _meets(asked, one, args)] or named


def _removal_preview(asked: Asked, one: TeamEvent) -> Answer:
    return Answer(
        headline=say("Remove from the calendar: {event}?", event=_described(asked, one)),
        lines=(say("Nothing is removed yet."),),
        facts=(Fact("event_days", one.period.days, "days", one.period),),
        follow_ups=(
            tap(say("Yes, remove it"), action="remove", confirmed=True, **_plain(one)),
            tap(say("What is coming up?")),
        ),
        provenance=asked.provenance(one.period),
    )


def _choice(asked: Asked, found: list[TeamEvent]) -> Answer:
    events = tuple(_described(asked, one) for one in found[:MOST_CHOICES])
    taps = [tap(_to_remove(asked, one), action="remove", confirmed=True, **_plain(one)) for one in found[:MOST_CHOICES]]
    if len({name_key(one.name) for one in found}) == 1:
        taps.append(tap(say("Remove all of them"), action="remove", confirmed=True, name=found[0].name))
    return Answer(
        headline=say("Which one is to be removed? There are {count}.", count=Quantity(len(found))),
        lines=(say("{events}", events=events), say("Nothing is removed yet.")),
        facts=(Fact("events", len(found), "count"),),
        follow_ups=tuple(taps),
        provenance=asked.provenance(None),
    )


def _removals(asked: Asked, own: tuple[TeamEvent, ...]) -> tuple[FollowUp, ...]:
    newest = sorted(own, key=lambda one: -one.row)[:MOST_CHOICES]
    return tuple(tap(_to_remove(asked, one), action="remove", **_plain(one)) for one in newest)


def _to_remove(asked: Asked, one: TeamEvent) -> Message:
    """A button's words; what tells one event from another comes first, as buttons are short."""
    where = asked.where_of((one.country,) if one.country else ())
    return say("Remove {first}, {where}: {event}", first=one.period.start, where=where, event=one.name)


def _not_the_teams(asked: Asked, given: str, own: tuple[TeamEvent, ...]) -> InvalidArgument:
    shown = plain(given)
    wide = Period(asked.today - timedelta(days=400), asked.today + timedelta(days=400))
    others = [event for event in matching(asked.calendar.between(wide), given) if event.source != "team"]
    if others and others[0].source == "imported":
        return InvalidArgument(
            say(
                "{event} was imported with the store; it goes when the table “calendar” is imported without it. Only "
                "the team's own events can be removed here.",
                event=others[0].label,
            )
        )
    if others:
        return InvalidArgument(
            say(
                "{event} comes with the product and cannot be removed. If its dates are others for you, add it with "
                "yours: these then count instead.",
                event=others[0].label,
            )
        )
    if not own:
        return InvalidArgument(say("There is no event “{name}” of the team's; none has been added yet.", name=shown))
    choices = tuple(nearest(given, sorted({one.name for one in own}))) or tuple(sorted({one.name for one in own}))[:3]
    return InvalidArgument(
        say("There is no event “{name}” of the team's. Nearest: {choices}.", name=shown, choices=choices),
        tuple(tap(say("Remove {event}", event=choice), action="remove", name=choice) for choice in choices),
    )


# --- what is asked for ------------------------------------------------------------------------------------------------


def _team(asked: Asked) -> TeamEvents:
    """Raises NotAllowed below admin, InvalidArgument where nothing can be kept."""
    user = asked.context.user
    if not user.may("admin"):
        raise NotAllowed(
            say(
                "Adding and removing events needs the role admin; yours is {own}. Ask an admin to do it.", own=user.role
            )
        )
    if asked.calendar.team is None:
        raise InvalidArgument(say("Events cannot be kept here: there is no state database."))
    return asked.calendar.team


def _clean_name(given: str | None) -> str:
    shown = " ".join(unicodedata.normalize("NFC", given or "").split(" "))
    shown = " ".join(part for part in shown.split(" ") if part)
    if not shown:
        raise InvalidArgument(say("What is the event called? For example: add promo Spring Sale 1–7 April."))
    hidden = any(unicodedata.category(sign)[0] in "CZ" and sign not in (" ", _JOINER) for sign in shown)
    if hidden or len(shown) > LONGEST_NAME or not any(map(str.isalnum, shown)):
        raise InvalidArgument(
            say(
                "“{name}” is no name for an event: up to {longest} signs on one line, with a letter or digit among "
                "them.",
                name=plain(shown),
                longest=LONGEST_NAME,
            )
        )
    return shown


def _period(asked: Asked, args: CalendarArgs) -> Period:
    if args.period is None:
        raise InvalidArgument(say("On which days? For example: add promo Spring Sale 1–7 April."))
    period = args.period.period
    if period.days > LONGEST_DAYS:
        raise InvalidArgument(
            say(
                "That is {days}; an event has at most {longest}. Add a longer one in parts.",
                days=Quantity(period.days, "days"),
                longest=Quantity(LONGEST_DAYS, "days"),
            )
        )
    last = asked.today.year + FURTHEST_YEARS
    if period.start.year < FIRST_YEAR or period.end.year > last:
        raise InvalidArgument(
            say("The calendar takes days from {first} to {last}.", first=str(FIRST_YEAR), last=str(last))
        )
    return period


def _there_already(team: TeamEvents, new: TeamEvent) -> TeamEvent | None:
    """An event of that name and country on some of its days."""
    for one in team.all():
        same = name_key(one.name) == name_key(new.name) and one.country == new.country
        if same and one.period.overlaps(new.period):
            return one
    return None


def _meets(asked: Asked, one: TeamEvent, args: CalendarArgs) -> bool:
    """Whether the event is the one of these days, country and phase, as far as they were said."""
    country = None if args.country is None else asked.calendar.countries.value_of(args.country) or args.country
    return (
        (args.period is None or one.period.overlaps(args.period.period))
        and (country is None or one.country == country)
        and (args.phase is None or one.phase == args.phase)
    )


def _plain(one: TeamEvent) -> dict[str, Any]:
    """The arguments that name an event."""
    args: dict[str, Any] = {
        "name": one.name,
        "period": {"start": one.period.start.isoformat(), "end": one.period.end.isoformat()},
    }
    if one.kind != "promotion":
        args["kind"] = one.kind
    if one.country is not None:
        args["country"] = one.country
    if one.phase is not None:
        args["phase"] = one.phase
    return args


def _described(asked: Asked, one: TeamEvent) -> Message:
    values: dict[str, Value] = {
        "name": one.name,
        "period": one.period,
        "where": asked.where_of((one.country,) if one.country else ()),
        "kind": KINDS[one.kind],
    }
    if one.phase is not None:
        return say("“{name}” ({kind}, {phase}), {period}, {where}", **values, phase=PHASES[one.phase])
    return say("“{name}” ({kind}), {period}, {where}", **values)


def _dated(one: Occurrence) -> Message:
    return say("{event} ({days})", event=one.label, days=one.whole)
