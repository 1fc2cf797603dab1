"""When one occasion is: the next time, and the time before."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tools.answer import Answer, Fact, FollowUp, ToolCall
from tools.calendar.answers.asked import Asked, tap
from tools.calendar.answers.listed import REACH, on_now
from tools.calendar.calendar import ONE_YEARS_GAP, covers
from tools.calendar.moving import lunar_new_year
from tools.calendar.names import plain
from tools.calendar.occasions import name_key, occasions_named
from tools.calendar.occurrences import Occurrence, occurrences
from tools.calendar.shipped import OCCASIONS
from tools.errors import InvalidArgument
from tools.messages import Message, Quantity, Value, say
from tools.nearest import nearest
from tools.semantic.periods import Period

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from tools.calendar.events import Event
    from tools.catalog.calendar import CalendarArgs

LOOK_BACK = timedelta(days=800)
LOOK_AHEAD = timedelta(days=500)
LEAST_LETTERS = 2
MOST_OTHERS = 3
A_YEAR = timedelta(days=300)


def named(asked: Asked, args: CalendarArgs, name: str) -> Answer:
    """When it is. Raises InvalidArgument, with the nearest, for what is not in the calendar."""
    today = asked.today
    window = asked.period(args.period) if args.period else Period(today - LOOK_BACK, today + LOOK_AHEAD)
    country = None if args.country is None else asked.country(args.country)
    wide = Period(window.start - REACH, window.end + REACH)
    events = [event for event in asked.calendar.between(wide, country) if args.kind in (None, event.kind)]
    found = _inside(matching(events, name), window)
    if found:
        return _answer(asked, args, name, found, followed=True)
    found = _inside(asked.calendar.elsewhere(occasions_named(name), wide), window)
    if found and country is None:
        return _answer(asked, args, name, found, followed=False)
    raise _not_there(args, name, events)


def matching(events: Iterable[Event], name: str) -> list[Event]:
    """The events of an occasion by any of its names; else those with the name in theirs."""
    every = list(events)
    keys, wanted = set(occasions_named(name)), name_key(name)
    exact = [event for event in every if keys & covers(event) or wanted in _names(event)]
    if exact or len(wanted) < LEAST_LETTERS:
        return exact
    return [event for event in every if any(wanted in known for known in _names(event))]


def _names(event: Event) -> tuple[str, ...]:
    return tuple(name_key(name) for name in (event.label.en, event.label.zh) if name)


def _inside(events: Iterable[Event], window: Period) -> list[Occurrence]:
    return [one for one in occurrences(events) if one.whole.overlaps(window)]


def _answer(asked: Asked, args: CalendarArgs, name: str, found: list[Occurrence], *, followed: bool) -> Answer:
    # What is called just so goes before what only means the same elsewhere: 国庆节 is China's.
    called = [one for one in found if any(name_key(name) in _names(event) for event in one.events)]
    coming = [one for one in found if one.coming(asked.today) is not None]
    if coming:
        year = coming[0].whole.start + A_YEAR
        coming.sort(key=lambda one: (one.whole.start > year, one not in called))
    past = [one for one in found if one.coming(asked.today) is None]
    first = coming[0] if coming else _latest(asked, past)
    one_table = args.period is None and len({one.occasion for one in found}) == 1
    lines: list[Message] = [*on_now(asked, first), *_turns_on(first)]
    if not coming:
        lines += [_also(asked, one) for one in past if one is not first and _together(one, first)][:MOST_OTHERS]
    elif args.period is None:
        lines += [_also(asked, one) for one in coming[1:] if abs((one.whole.start - first.whole.start).days) < 300][
            :MOST_OTHERS
        ]
        if past:
            same_place = [one for one in past if set(one.countries) & set(first.countries)] or past
            lines.append(_last(asked, same_place[-1]))
    return Answer(
        headline=_coming(asked, first) if coming else _over(asked, args, first),
        lines=tuple(lines),
        facts=_facts(asked, found, first),
        table=asked.phases(first) if one_table else asked.rows(found),
        file_name="calendar.csv",
        follow_ups=_follow_ups(asked, found, first, args.period is None),
        caveats=() if followed else (_not_followed(asked),),
        provenance=asked.provenance(first.whole),
    )


def _turns_on(one: Occurrence) -> tuple[Message, ...]:
    """The day of the Lunar New Year, which stands within its holiday."""
    day = lunar_new_year(one.whole.end.year) if one.occasion == "spring-festival" else None
    return () if day is None else (say("New Year's Day is {day}.", day=day),)


def _latest(asked: Asked, past: list[Occurrence]) -> Occurrence:
    """The last time, where most of the store's sales are."""
    shares = asked.calendar.shares()
    return max(
        (one for one in past if _together(one, past[-1])),
        key=lambda one: sum(shares.get(country, 0.0) for country in one.countries),
    )


def _together(one: Occurrence, other: Occurrence) -> bool:
    """Whether both are of one year's season."""
    return abs(one.whole.start - other.whole.start) <= ONE_YEARS_GAP


def _coming(asked: Asked, one: Occurrence) -> Message:
    next_main = one.coming(asked.today) or one.whole
    left = (next_main.start - asked.today).days
    values: dict[str, Value] = {"event": one.label, "where": asked.where(one), "main": tuple(one.main)}
    if left <= 0:
        return say("{event} is on now ({where}): {main}.", **values)
    values["left"] = Quantity(left, "days")
    if one.main == (one.whole,):
        return say("{event}: {main} ({where}), {left} from now.", **values)
    return say("{event}: {whole} ({where}). Main days: {main}, {left} from now.", **values, whole=_days(one.whole))


def _over(asked: Asked, args: CalendarArgs, one: Occurrence) -> Message:
    values: dict[str, Value] = {"event": one.label, "where": asked.where(one), "main": tuple(one.main)}
    if args.period is not None:
        return say("{event} was {main} ({where}).", **values)
    return say("The next dates of {event} are not known yet; the last were {main} ({where}).", **values)


def _also(asked: Asked, one: Occurrence) -> Message:
    return say("Also: {event}, {main} ({where}).", event=one.label, main=tuple(one.main), where=asked.where(one))


def _last(asked: Asked, one: Occurrence) -> Message:
    return say("The time before: {main} ({where}).", main=tuple(one.main), where=asked.where(one))


def _days(period: Period) -> Message:
    """From a day to a day, whatever calendar unit they happen to make."""
    return say("{first} to {last}", first=period.start, last=period.end)


def _not_followed(asked: Asked) -> Message:
    countries = asked.calendar.countries
    if countries.followed:
        return say(
            "Not kept in the countries that matter to this store ({countries}), so it counts for nothing here.",
            countries=tuple(asked.country_name(country) for country in countries.followed),
        )
    return say("Not kept where this store sells, as far as is known, so it counts for nothing here.")


def _facts(asked: Asked, found: list[Occurrence], first: Occurrence) -> tuple[Fact, ...]:
    where = {"event": first.label.en}
    facts = [Fact("event_days", first.whole.days, "days", first.whole, where)]
    main = first.coming(asked.today)
    if main is not None:
        facts.append(Fact("days_until", max((main.start - asked.today).days, 0), "days", main, where))
    return (*facts, Fact("events", len(found), "count"))


def _follow_ups(asked: Asked, found: list[Occurrence], first: Occurrence, any_year: bool) -> tuple[FollowUp, ...]:
    taps: list[FollowUp] = []
    days = _so_far(first, asked.today)
    if days is not None:
        metrics = {"metrics": ["net_sales"], "by": ["day"], "period": days}
        taps.append(FollowUp(say("Net sales of those days"), ToolCall("metrics", metrics)))
    before = first.whole.start.year - 1
    if any_year and any(one.whole.start.year == before for one in found):
        year = {"start": f"{before}-01-01", "end": f"{before}-12-31"}
        taps.append(tap(say("{event} the year before", event=first.label), name=first.label.en, period=year))
    taps.append(tap(say("What else is coming up?")))
    return tuple(taps)


def _so_far(one: Occurrence, today: date) -> dict[str, str] | None:
    """Its days that are past, for the metrics."""
    if one.whole.start > today:
        return None
    return {"start": one.whole.start.isoformat(), "end": min(one.whole.end, today).isoformat()}


def _not_there(args: CalendarArgs, name: str, events: list[Event]) -> InvalidArgument:
    shown = plain(name)
    known = occasions_named(name)
    if known:
        kept = {"name": shown} if args.period or args.country else {}
        return InvalidArgument(
            say("“{name}” is not in the calendar for that time and place.", name=shown),
            (tap(say("When is {event}?", event=shown), **kept),) if kept else (),
        )
    labels = {event.occasion: event.label for event in events} | {one.key: one.label for one in OCCASIONS}
    by_name = {text: label for label in labels.values() for text in (label.en, label.zh) if text}
    near = list(dict.fromkeys(by_name[text] for text in nearest(name, sorted(by_name), cutoff=70)))
    if not near:
        return InvalidArgument(
            say("There is no “{name}” in the calendar.", name=shown), (tap(say("What is coming up?")),)
        )
    return InvalidArgument(
        say("There is no “{name}” in the calendar. Nearest: {choices}.", name=shown, choices=tuple(near)),
        tuple(tap(say("When is {event}?", event=label), name=label.en) for label in near),
    )
