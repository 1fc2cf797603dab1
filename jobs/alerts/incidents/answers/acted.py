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
from jobs.alerts.telling import facts
from jobs.outbox.outbox import Outbox
from tools.answer import Answer
from tools.errors import InvalidArgument
from tools.messages import Message, Quantity, say

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from jobs.alerts.incidents.answers.desk import Desk, Seen
    from jobs.alerts.incidents.events import Action
    from jobs.alerts.incidents.store import Kept

MORNING = time(9)
HOUR = timedelta(hours=1)
NEVER = timedelta(days=36_500)
PATIENT = Policy(update_after=NEVER, repeat_after=NEVER)
"""While somebody acts, nobody is told anything else: that is for the next look at the clock."""


def acknowledged(desk: Desk) -> Answer:
    one = _meant(desk)
    event = Acknowledged(desk.context.now, _name(desk))
    told = say("Acknowledged: {figure}. It is told again only if it gets worse.", figure=one.figure.title)
    return _done(desk, one, event, told)


def snoozed(desk: Desk) -> Answer:
    one, now = _meant(desk), desk.context.now
    until = now + HOUR
    if desk.args.until == "tomorrow":
        zone = ZoneInfo(desk.timezone)
        until = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), MORNING, zone)
    told = say(
        "Quiet until {until}: {figure}. If it still fires then, it is told again.", until=until, figure=one.figure.title
    )
    return _done(desk, one, Snoozed(now, _name(desk), until), told)


def marked_usual(desk: Desk) -> Answer:
    one = _meant(desk)
    return _done(desk, one, MarkedUsual(desk.context.now, _name(desk)), _learned(one))


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


def _name(desk: Desk) -> str:
    return desk.context.user.name or desk.context.user.id


def _done(desk: Desk, one: Seen, event: Acknowledged | Snoozed | MarkedUsual, told: Message) -> Answer:
    """Keeps it, and has all its messages written anew, in one transaction. What makes no sense is said."""

    def carry_out(session: Session, kept: Kept, actions: tuple[Action, ...]) -> None:
        # Within a transaction of the caller's, the outbox opens no session of its own.
        outbox = Outbox(cast("sessionmaker[Session]", desk.state), lambda: desk.context.now)
        pushes = Pushes(outbox, session, desk.context.now)
        for action in actions:
            match action:
                case Update():
                    pushes.updates(kept)
                case Notify():
                    pushes.messages(kept, action, [(one.origin.chat_id, one.origin.topic_id)])
                case Learn():
                    _mark(desk, session, kept, action)
                case Answered():
                    pass

    kept, actions = desk.incidents.advance(one.kept.id, event, PATIENT, carry_out)
    refused = next((action.message for action in actions if isinstance(action, Answered)), None)
    return Answer(
        headline=told if refused is None else refused,
        lines=(say("{what}.", what=one.what),),
        facts=facts(one.figure, kept),
        changes=() if refused is not None else (f"{desk.args.action} incident {kept.id}",),
    )


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
