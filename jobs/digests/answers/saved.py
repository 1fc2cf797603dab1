"""A digest as it is now; and with a tap that confirms it, sent from now on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from jobs.digests.answers.calls import arguments, mine, tap
from jobs.digests.answers.described import LANGUAGES, contents, moment, name_of, place_of, titled
from jobs.digests.answers.kept import next_line, taps_of
from jobs.digests.answers.wanting import country_of, defined, redefined
from jobs.digests.content import composed
from jobs.digests.schedule_words import when
from jobs.digests.timing import due
from jobs.digests.told_period import last_whole, of_days, over_at
from tools.answer import Answer
from tools.errors import InvalidArgument, NotEnoughData
from tools.messages import Quantity, say

if TYPE_CHECKING:
    from jobs.catalog.digest import DigestArgs
    from jobs.digests.answers.asked import Asked
    from jobs.digests.definition import Definition
    from jobs.digests.subscriptions import Subscription
    from jobs.digests.timing import Schedule
    from jobs.digests.wanted import Composed
    from tools.answer import FollowUp
    from tools.messages import Message
    from tools.semantic.periods import Period

TIMES = ("08:00", "09:00", "18:00")
LONGEST_DAYS = 366


def shown(asked: Asked) -> Answer:
    """The digest of the last whole day, week or month, or of the days asked for; that of the chat, if it has one."""
    own = _own(asked)
    definition = defined(asked.context, asked.args) if own is None else own.definition
    if definition is None:
        raise InvalidArgument(
            say("What was saved of this digest cannot be read any more. End it, and subscribe again."), (mine(),)
        )
    answer = _made(asked, definition, _days(asked)).answer
    if own is not None or asked.args.period is not None:
        return answer
    have = tap(say("Have it sent"), asked.args, action="subscribe")
    return replace(answer, follow_ups=(*answer.follow_ups, have))


def subscribed(asked: Asked) -> Answer:
    """Shows what would be sent and when, or with `confirmed` saves it. The same again is recognised."""
    definition = defined(asked.context, asked.args)
    if not asked.args.confirmed:
        asked.governed()
        twin = _twin(asked, definition, asked.language)
        return _preview(asked, definition) if twin is None else _there(asked, twin)
    chat, subscriptions = asked.keeping()
    try:
        one, new = subscriptions.add(chat.id, chat.topic, asked.context.user.id, asked.language, definition)
    except InvalidArgument as error:
        raise InvalidArgument(error.message, (mine(),)) from error
    if not new:
        return _there(asked, one)
    title = titled(asked.context, definition)
    return Answer(
        headline=say("Done. {title}.", title=title),
        lines=(next_line(one),),
        follow_ups=taps_of(one, numbered=False),
        changes=(f"subscribed chat {chat.id} to digest {one.id}: {title}",),
    )


def changed(asked: Asked) -> Answer:
    """Shows what it would be, or with `confirmed` saves it. Said again, it is so."""
    one = asked.meant()
    if isinstance(one, Answer):
        return one
    context, args = asked.context, asked.args
    definition = defined(context, args) if one.definition is None else redefined(context, one.definition, args)
    language = args.language or one.language
    same = (definition, language) == (one.definition, one.language)
    if not same and (twin := _twin(asked, definition, language)) is not None:
        return _there(asked, twin)
    if not args.confirmed:
        return _what(asked, one, definition) if same else _change_preview(asked, one, definition, language)
    _, subscriptions = asked.keeping()
    now = one if same else subscriptions.change(one.id, definition, language)
    if now is None:
        raise InvalidArgument(say("There is no digest {number} in this chat.", number=str(one.id)), (mine(),))
    title = titled(context, definition)
    return Answer(
        headline=say("Changed: {title}.", title=title),
        lines=(next_line(now), *contents(context, definition)),
        follow_ups=taps_of(now, numbered=False),
        changes=() if same else (f"changed digest {one.id} of chat {one.chat_id}: {title}",),
    )


def _own(asked: Asked) -> Subscription | None:
    """The chat's digest that is to be shown: the one with the number, or its only one where none is described."""
    args = asked.args
    if args.subscription is not None:
        return asked.numbered(args.subscription)
    plain = not args.plain().keys() - {"action", "language"}
    return asked.here[0] if plain and len(asked.here) == 1 else None


def _days(asked: Asked) -> Period | None:
    if asked.args.period is None:
        return None
    period = asked.args.period.period
    if period.end >= asked.context.today:
        raise InvalidArgument(say("A digest tells of days that are over; {day} is not.", day=period.end))
    if period.days > LONGEST_DAYS:
        raise InvalidArgument(
            say("A digest tells of a year at most; that is {days}.", days=Quantity(period.days, "days"))
        )
    return period


def _made(asked: Asked, definition: Definition, days: Period | None = None) -> Composed:
    rhythm = definition.schedule.rhythm
    told = of_days(rhythm, days or last_whole(rhythm, asked.context.today))
    try:
        return composed(asked.context, definition.wanted, told)
    except NotEnoughData as error:
        # What the data do have leads back to the digest, and not to a figure alone.
        nearer = tuple(
            tap(one.label, asked.args, filters=one.call.args["filters"])
            for one in error.options
            if one.call is not None and "filters" in one.call.args
        )
        raise NotEnoughData(error.message, nearer or error.options) from error


def _twin(asked: Asked, definition: Definition, language: str) -> Subscription | None:
    """What the chat has of just this."""
    return next((one for one in asked.here if (one.definition, one.language) == (definition, language)), None)


def _there(asked: Asked, one: Subscription) -> Answer:
    title = (
        say("digest {number}", number=str(one.id)) if one.definition is None else titled(asked.context, one.definition)
    )
    return Answer(
        headline=say("You have this already. {title}.", title=title),
        lines=(next_line(one),),
        follow_ups=(*taps_of(one, numbered=False), mine()),
    )


def _preview(asked: Asked, definition: Definition) -> Answer:
    schedule, chat = definition.schedule, asked.chat
    day, at = moment(schedule, due(schedule, asked.context.now).at)
    said = [
        say("The first comes on {day} at {time}.", day=day, time=at),
        *contents(asked.context, definition),
        *_not_over(asked, schedule),
        say("Nothing is saved yet.")
        if chat is not None
        else say("Digests are sent by Telegram: ask me there, and this is sent to that chat."),
    ]
    headline = say(
        "{name} in {language} to {place}, {when}: shall I send it?",
        name=name_of(definition),
        language=LANGUAGES[asked.language],
        place=place_of(chat),
        when=when(schedule),
    )
    whole = arguments(definition, asked.language).model_copy(update={"action": "subscribe"})
    taps = (tap(say("✓ Yes, send it"), whole, confirmed=True), *_others(definition, whole))
    return _over(_made(asked, definition), headline, said, taps)


def _not_over(asked: Asked, schedule: Schedule) -> tuple[Message, ...]:
    """That the reader's day begins before the store's ends, where it does at that time."""
    own = asked.context.user.timezone
    since = over_at(schedule, ZoneInfo(own), asked.context.now.date())
    if since is None:
        return ()
    hours, minutes = divmod(int(since.total_seconds()) // 60, 60)
    return (
        say(
            "At that time the day before is not over yet in {timezone}: it tells of the last one that is. From {time} "
            "on it always is.",
            timezone=own,
            time=f"{hours:02}:{minutes:02}",
        ),
    )


def _change_preview(asked: Asked, one: Subscription, definition: Definition, language: str) -> Answer:
    said = [
        *contents(asked.context, definition),
        *_not_over(asked, definition.schedule),
        *((say("It is written in {language}.", language=LANGUAGES[language]),) if language != one.language else ()),
        say("Nothing is changed yet."),
    ]
    taps = (tap(say("✓ Yes, change it"), asked.args, subscription=one.id, confirmed=True), mine())
    headline = say("Change it to this? {title}", title=titled(asked.context, definition))
    return _over(_made(asked, definition), headline, said, taps)


def _what(asked: Asked, one: Subscription, definition: Definition) -> Answer:
    """Nothing to be changed was named."""
    base = asked.args.model_copy(update={"action": "change", "subscription": one.id})
    return Answer(
        headline=say("What is to be changed? {title}.", title=titled(asked.context, definition)),
        lines=(next_line(one), *contents(asked.context, definition)),
        follow_ups=(*_others(definition, base), mine()),
    )


def _over(made: Composed, headline: Message, said: list[Message], taps: tuple[FollowUp, ...]) -> Answer:
    """The digest below what is asked about it; its own buttons would hide those that answer."""
    digest = made.answer
    return replace(
        digest,
        headline=headline,
        lines=(*said, say("This is what it says now:"), digest.headline, *digest.lines),
        follow_ups=taps,
    )


def _others(definition: Definition, args: DigestArgs) -> tuple[FollowUp, ...]:
    """The same at another time, in another rhythm, or more rarely."""
    schedule = definition.schedule
    now = arguments(definition)
    taps = [tap(say("At {time}", time=time), args, at=time) for time in TIMES if time != now.at]
    rhythms = (
        ("daily", say("Daily instead")), ("weekly", say("Weekly instead")), ("monthly", say("Monthly instead"))
    )  # fmt: skip
    taps += [tap(label, args, rhythm=name, weekdays=(), day=None) for name, label in rhythms if name != now.rhythm]
    if schedule.days_off is None:
        off = "weekends" if country_of(schedule.timezone) is None else "both"
        taps.append(tap(say("Working days only"), args, days_off=off))
    if not definition.wanted.only_when_moved:
        taps.append(tap(say("Only when something moved"), args, only_when_moved=True))
    return tuple(taps)
