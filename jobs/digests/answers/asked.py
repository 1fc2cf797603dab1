"""What the tool `digest` answers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from jobs.digests.answers.calls import mine, tap
from jobs.digests.answers.described import LANGUAGES, line_of
from jobs.digests.definition import rhythm_name
from jobs.digests.subscriptions import Subscriptions
from tools.answer import Answer, Fact, Provenance
from tools.errors import InvalidArgument, NotAllowed
from tools.messages import Quantity, say
from tools.warehouse.profile import time_range

if TYPE_CHECKING:
    from jobs.catalog.digest import DigestArgs
    from jobs.digests.subscriptions import Subscription
    from tools.answer import FollowUp
    from tools.tool import Chat, Context

MOST_CHOICES = 8


@dataclass(frozen=True)
class Asked:
    """A call in its chat."""

    context: Context
    args: DigestArgs

    @property
    def chat(self) -> Chat | None:
        return self.context.chat

    @cached_property
    def subscriptions(self) -> Subscriptions | None:
        if self.context.state is None:
            return None
        return Subscriptions(self.context.state, lambda: self.context.now)

    @cached_property
    def here(self) -> tuple[Subscription, ...]:
        """Those of the chat or topic; none in a terminal."""
        if self.chat is None or self.subscriptions is None:
            return ()
        return self.subscriptions.of_chat(self.chat.id, self.chat.topic)

    @property
    def language(self) -> str:
        wanted = self.args.language or self.context.user.language
        return wanted if wanted in LANGUAGES else "en"

    def governed(self) -> None:
        """Raises NotAllowed where the asker may not decide for the group."""
        if self.chat is not None and not self.chat.governed:
            raise NotAllowed(
                say(
                    "Only admins decide what is sent to this group. Ask one of them, or ask me in a private chat: I "
                    "can send you the same there."
                ),
                (tap(say("Show it now")), mine()),
            )

    def keeping(self) -> tuple[Chat, Subscriptions]:
        """Where a digest is to be sent, and what keeps it.

        Raises NotAllowed as `governed`, InvalidArgument where nothing can be sent or kept.
        """
        if self.chat is None:
            raise InvalidArgument(
                say("Digests are sent by Telegram: ask me there, and this is sent to that chat."),
                (tap(say("Show it now"), self.args, action="preview", confirmed=False),),
            )
        if self.subscriptions is None:
            raise InvalidArgument(say("Digests cannot be kept here: there is no state database."))
        self.governed()
        return self.chat, self.subscriptions

    def numbered(self, number: int) -> Subscription:
        """The chat's digest with this number. Raises InvalidArgument where there is none."""
        for one in self.here:
            if one.id == number:
                return one
        raise InvalidArgument(say("There is no digest {number} in this chat.", number=str(number)), (mine(),))

    def meant(self) -> Subscription | Answer:
        """The digest that is asked for, or the question which one. Raises InvalidArgument where there is none."""
        self.keeping()
        if self.args.subscription is not None:
            return self.numbered(self.args.subscription)
        found = self._candidates()
        if len(found) == 1:
            return found[0]
        if found:
            return self._which(found)
        if self.here:
            text = {"pause": say("No digest is active here."), "resume": say("No digest is paused here.")}
            raise InvalidArgument(
                text.get(self.args.action) or say("No such digest is sent to this chat."),
                (mine(),),
            )
        raise InvalidArgument(say("No digest is sent to this chat yet."), offers())

    def provenance(self) -> Provenance:
        warehouse = self.context.warehouse
        lines = warehouse.table("order_lines", self.context.today) if warehouse.has("order_lines") else None
        return Provenance(
            definition=(
                say(
                    "A digest tells of the last whole day, week or month of the reader's calendar. Quiet hours and "
                    "days off hold it back, and it then covers the days that were held back."
                ),
            ),
            as_of=None if lines is None else time_range(lines)[1],
        )

    def _candidates(self) -> list[Subscription]:
        args = self.args
        found = list(self.here)
        if args.action in ("pause", "resume") and len(found) > 1:
            # Of one alone it is said that it is so already.
            found = [one for one in found if one.paused == (args.action == "resume")]
        if args.rhythm is None or args.action == "change":
            return found
        return [
            one
            for one in found
            if one.definition is not None and rhythm_name(one.definition.schedule.rhythm) == args.rhythm
        ]

    def _which(self, found: list[Subscription]) -> Answer:
        return Answer(
            headline=say("Which one? There are {count}.", count=Quantity(len(found))),
            lines=tuple(line_of(self.context, one) for one in found),
            facts=(Fact("subscriptions", len(found), "count"),),
            follow_ups=tuple(
                tap(line_of(self.context, one), self.args, subscription=one.id) for one in found[:MOST_CHOICES]
            ),
        )


def offers() -> tuple[FollowUp, ...]:
    """What a chat without digests may want."""
    return (
        tap(say("Daily at 09:00"), action="subscribe", rhythm="daily", at="09:00"),
        tap(say("Mondays at 09:00"), action="subscribe", rhythm="weekly", at="09:00"),
        tap(say("Monthly, on the 1st"), action="subscribe", rhythm="monthly", at="09:00"),
    )


def answered(context: Context, args: DigestArgs) -> Answer:
    """Raises InvalidArgument, NotAllowed, NotEnoughData, MissingTable."""
    from jobs.digests.answers import kept, saved

    asked = Asked(context, args)
    match args.action:
        case "preview":
            return saved.shown(asked)
        case "subscribe":
            return saved.subscribed(asked)
        case "change":
            return saved.changed(asked)
        case "list":
            return kept.listed(asked)
        case "pause":
            return kept.paused(asked)
        case "resume":
            return kept.resumed(asked)
        case "end":
            return kept.ended(asked)
