"""The digests of a chat: listed, paused, resumed, ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.digests.answers.asked import offers
from jobs.digests.answers.calls import arguments, mine, tap
from jobs.digests.answers.described import contents, line_of, moment, place_of, state_of, titled
from tools.answer import Answer, Fact
from tools.errors import InvalidArgument
from tools.messages import Message, say, say_n

if TYPE_CHECKING:
    from jobs.digests.answers.asked import Asked
    from jobs.digests.subscriptions import Subscription
    from tools.answer import FollowUp

WITH_BUTTONS = 2
"""Up to so many have all their buttons in the list; of more, each has one that opens it."""


def listed(asked: Asked) -> Answer:
    """Those of the chat; or one of them, with what can be done with it."""
    if asked.args.subscription is not None:
        return _alone(asked, asked.numbered(asked.args.subscription))
    found = asked.here
    facts = (Fact("subscriptions", len(found), "count"),)
    if not found:
        return Answer(
            headline=say("No digest is sent to {place} yet.", place=place_of(asked.chat)),
            lines=(say("I can send the key figures by myself, each day, week or month."),),
            facts=facts,
            follow_ups=offers(),
            provenance=asked.provenance(),
        )
    if len(found) <= WITH_BUTTONS:
        taps = [each for one in found for each in taps_of(one, numbered=len(found) > 1)]
    else:
        taps = [tap(line_of(asked.context, one), action="list", subscription=one.id) for one in found]
    return Answer(
        headline=say_n(
            "{count} digest is sent to {place}.",
            "{count} digests are sent to {place}.",
            len(found),
            place=place_of(asked.chat),
        ),
        lines=tuple(line_of(asked.context, one) for one in found),
        facts=facts,
        follow_ups=tuple(taps),
        provenance=asked.provenance(),
    )


def paused(asked: Asked) -> Answer:
    """Nothing is sent until it is resumed; nothing is made up for."""
    one = asked.meant()
    if isinstance(one, Answer):
        return one
    _, subscriptions = asked.keeping()
    done = subscriptions.pause(one.id)
    return Answer(
        headline=say("Paused: {title}.", title=_title(asked, one)),
        lines=(say("Nothing is sent until you resume it; what falls due meanwhile is not made up for."),),
        follow_ups=(
            tap(say("Resume"), action="resume", subscription=one.id),
            tap(say("End"), action="end", subscription=one.id),
            mine(),
        ),
        changes=(f"paused digest {one.id} of chat {one.chat_id}",) if done else (),
    )


def resumed(asked: Asked) -> Answer:
    """Goes on with the next one."""
    one = asked.meant()
    if isinstance(one, Answer):
        return one
    _, subscriptions = asked.keeping()
    now = subscriptions.resume(one.id)
    if now is None or now.definition is None or now.next_at is None:
        raise InvalidArgument(
            say("What was saved of this digest cannot be read any more. End it, and subscribe again."),
            (tap(say("End"), action="end", subscription=one.id, confirmed=True), *offers()),
        )
    return Answer(
        headline=say("It is active: {title}.", title=titled(asked.context, now.definition)),
        lines=(next_line(now),),
        follow_ups=taps_of(now, numbered=False),
        changes=(f"resumed digest {one.id} of chat {one.chat_id}",) if one.paused else (),
    )


def ended(asked: Asked) -> Answer:
    """Asks first; `confirmed` ends it. Said again, it has ended."""
    if asked.args.confirmed and asked.args.subscription is not None:
        asked.keeping()
        if not any(one.id == asked.args.subscription for one in asked.here):
            return Answer(
                headline=say("Digest {number} is not sent to this chat.", number=str(asked.args.subscription)),
                follow_ups=(mine(),),
            )
    one = asked.meant()
    if isinstance(one, Answer):
        return one
    title = _title(asked, one)
    if not asked.args.confirmed:
        pause = () if one.paused else (tap(say("Only pause it"), action="pause", subscription=one.id),)
        return Answer(
            headline=say("End this digest? {title}", title=title),
            lines=(say("Nothing is ended yet."),),
            follow_ups=(tap(say("Yes, end it"), action="end", subscription=one.id, confirmed=True), *pause, mine()),
        )
    _, subscriptions = asked.keeping()
    done = subscriptions.end(one.id)
    again = (
        ()
        if one.definition is None
        else (tap(say("Subscribe again"), arguments(one.definition, one.language), action="subscribe"),)
    )
    return Answer(
        headline=say("Ended: {title}.", title=title),
        lines=(say("It is not sent any more."),),
        follow_ups=(*again, mine()),
        changes=(f"ended digest {one.id} of chat {one.chat_id}",) if done else (),
    )


def next_line(one: Subscription) -> Message:
    """When the next one comes, or that it is paused."""
    if one.definition is None or one.next_at is None:
        return say("State: {state}.", state=state_of(one))
    day, at = moment(one.definition.schedule, one.next_at)
    return say("The next one comes on {day} at {time}.", day=day, time=at)


def _alone(asked: Asked, one: Subscription) -> Answer:
    told = () if one.definition is None else contents(asked.context, one.definition)
    return Answer(
        headline=say("{title}.", title=_title(asked, one)),
        lines=(next_line(one), *told),
        facts=(Fact("subscriptions", 1, "count"),),
        follow_ups=(*taps_of(one, numbered=False), mine()),
    )


def _title(asked: Asked, one: Subscription) -> Message:
    if one.definition is None:
        return say("digest {number}", number=str(one.id))
    return titled(asked.context, one.definition)


def taps_of(one: Subscription, *, numbered: bool) -> tuple[FollowUp, ...]:
    """What can be done with it; `numbered` where there are others beside it."""

    def label(plain: Message) -> Message:
        return say("{action} {number}", action=plain, number=str(one.id)) if numbered else plain

    end = tap(label(say("End")), action="end", subscription=one.id)
    if one.definition is None:
        return (end,)
    running = (
        tap(label(say("Resume")), action="resume", subscription=one.id)
        if one.paused
        else tap(label(say("Pause")), action="pause", subscription=one.id)
    )
    return (tap(label(say("Show it now")), action="preview", subscription=one.id), running, end)
