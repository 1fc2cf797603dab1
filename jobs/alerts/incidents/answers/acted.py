"""What somebody does with an incident: acknowledge it, snooze it, or say that it is none."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from jobs.alerts.detection.judging import REMEMBERED
from jobs.alerts.detection.rules import Learned
from jobs.alerts.incidents.events import Acknowledged, Answered, Learn, MarkedUsual, Notify, Snoozed, Update
from jobs.alerts.incidents.policy import Policy
from jobs.alerts.incidents.pushes import Pushes
from jobs.alerts.monitors import Monitors
from jobs.alerts.silences import Silences, for_monitor
from jobs.alerts.telling import actions, facts
from jobs.outbox.outbox import Outbox
from tools.answer import Answer
from tools.errors import InvalidArgument, NotAllowed
from tools.messages import Message, Quantity, say

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from jobs.alerts.incidents.answers.desk import Desk, Seen
    from jobs.alerts.incidents.events import Action, Event
    from jobs.alerts.incidents.store import Kept

MORNING = time(9)
SAID_USUAL = "not_an_anomaly"
HOUR = timedelta(hours=1)
LONGEST = timedelta(days=366)
NEVER = timedelta(days=36_500)
PATIENT = Policy(update_after=NEVER, repeat_after=NEVER)
"""While somebody acts, nobody is told anything else: that is for the next look at the clock."""


def acknowledged(desk: Desk) -> Answer:
    one = _meant(desk)
    event = Acknowledged(desk.context.now, name_of(desk))
    told = say("Acknowledged: {figure}. It is told again only if it gets worse.", figure=one.figure.title)
    return _done(desk, one, event, told)


def snoozed(desk: Desk) -> Answer:
    one, until = _meant(desk), until_when(desk)
    told = say(
        "Quiet until {until}: {figure}. If it still fires then, it is told again.", until=until, figure=one.figure.title
    )
    return _done(desk, one, Snoozed(desk.context.now, name_of(desk), until), told)


def until_when(desk: Desk) -> datetime:
    """In an hour; tomorrow, or on the day that is named, at nine where the asker is.

    Raises InvalidArgument for a day that is over a year away.
    """
    now, zone, until = desk.context.now, ZoneInfo(desk.timezone), desk.args.until
    if until == "hour":
        return now + HOUR
    if until != "tomorrow" and until - now.date() > LONGEST:
        raise InvalidArgument(say("At most a year ahead, please."))
    day = now.astimezone(zone).date() + timedelta(days=1) if until == "tomorrow" else until
    return datetime.combine(day, MORNING, zone)


def marked_usual(desk: Desk) -> Answer:
    """Raises NotAllowed for viewers: the bot learns from it, for everybody."""
    one = _meant(desk)
    if not desk.context.user.may("analyst"):
        raise NotAllowed(
            say("The bot learns from this for everybody, so only analysts and admins can say it."),
            tuple(option for option in actions(one.kept) if option.call and option.call.args["action"] != SAID_USUAL),
        )
    if not one.watched_still:
        raise InvalidArgument(say("Its alert watches something else by now, so there is nothing left to learn."))
    return _done(desk, one, MarkedUsual(desk.context.now, name_of(desk)), _learned(one))


def _learned(one: Seen) -> Message:
    """How the baseline learns; a rule with a limit of its own learns nothing."""
    if not isinstance(one.figure.definition.rule, Learned):
        return say(
            "Closed as usual: {figure}. The limit itself stays; you can change the alert.", figure=one.figure.title
        )
    return say(
        "Learned as usual: {figure}. Deviations of this size to this side stay quiet for {length}.",
        figure=one.figure.title,
        length=Quantity(REMEMBERED, "days"),
    )


def _meant(desk: Desk) -> Seen:
    """Raises InvalidArgument in the terminal, where nobody would be told, and where its monitor was removed."""
    if desk.context.chat is None:
        raise InvalidArgument(say("Incidents are looked after in the chat: ask me in Telegram."))
    one = desk.meant()
    if one.origin.removed:
        raise InvalidArgument(say("The alert was removed, and its incidents with it."))
    return one


def name_of(desk: Desk) -> str:
    """Of who acts, as others call them."""
    return desk.context.user.name or desk.context.user.id


def _done(desk: Desk, one: Seen, event: Acknowledged | Snoozed | MarkedUsual, told: Message) -> Answer:
    """Keeps it, and has all its messages written anew, in one transaction. What makes no sense is said."""
    kept, done = advance(desk, one, event)
    refused = next((action.message for action in done if isinstance(action, Answered)), None)
    return Answer(
        headline=told if refused is None else refused,
        lines=(say("{what}.", what=one.what),),
        facts=facts(one.figure, kept),
        changes=() if refused is not None else (f"{desk.args.action} incident {kept.id}",),
    )


def advance(desk: Desk, one: Seen, event: Event) -> tuple[Kept, tuple[Action, ...]]:
    """The incident after the event, with what is silenced now, and what was done."""

    def carry_out(session: Session, kept: Kept, wanted: tuple[Action, ...]) -> None:
        # Within a transaction of the caller's, the outbox opens no session of its own.
        outbox = Outbox(cast("sessionmaker[Session]", desk.state), lambda: desk.context.now)
        pushes = Pushes(outbox, session, desk.context.now)
        for action in wanted:
            match action:
                case Update():
                    pushes.updates(kept)
                case Notify():
                    pushes.messages(kept, action, [(one.origin.chat_id, one.origin.topic_id)])
                case Learn():
                    _mark(desk, session, kept, action)
                case Answered():
                    pass

    quiet = Silences(desk.state, lambda: desk.context.now).of_chat((one.origin.chat_id, one.origin.topic_id))
    silences = for_monitor(quiet, one.figure.definition)
    return desk.incidents.advance(one.kept.id, event, PATIENT, carry_out, silences)


def _mark(desk: Desk, session: Session, kept: Kept, learn: Learn) -> None:
    Monitors(desk.state, lambda: desk.context.now).mark(
        kept.monitor_id,
        learn.series,
        first=learn.first,
        last=learn.last,
        side=int(learn.side),
        by=learn.by,
        session=session,
    )
