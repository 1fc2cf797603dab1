"""One update by a known user, with all that a handler wants to know about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from telegram import InlineKeyboardMarkup, Message, Update

from bot.telegram.access import Group, Member
from bot.telegram.addressing import Place, is_by, is_forwarded, place_of, sender
from bot.telegram.keyboards import Choice, keyboard
from bot.telegram.strangers import turn_away
from tools.messages import Message as Words
from tools.messages import say
from tools.tool import Chat

if TYPE_CHECKING:
    from bot.rendering.numbers import Language
    from bot.rendering.voice import Voice
    from bot.telegram.desk import Desk
    from bot.telegram.lanes import Turn
    from tools.tool import Role, User

Callback = Callable[[Update, Any], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class Visit:
    """`place` is where to answer; `voice` writes for the member, `language` is theirs or the group's.

    `already_sent` counts the messages of the answer that were delivered before a restart.
    """

    desk: Desk
    update_id: int
    message: Message
    member: Member
    group: Group | None
    place: Place
    language: Language
    voice: Voice
    already_sent: int = 0

    @property
    def turn(self) -> Turn:
        return self.desk.lanes.turn_of(self.update_id)

    @property
    def pressed(self) -> bool:
        """Whether a button was pressed; `message` is the one above it then."""
        return is_by(self.message, self.desk.identity)

    @property
    def forwarded(self) -> bool:
        """Whether the message is in somebody else's words. A pressed button is the member's own wish."""
        return not self.pressed and is_forwarded(self.message)

    @property
    def user(self) -> User:
        """The member as tools see them."""
        timezone = self.desk.settings.timezone
        return self.member.as_user(self.language, timezone, in_group=self.place.is_group)

    @property
    def chat(self) -> Chat:
        """The place as tools see it."""
        group = self.place.is_group
        return Chat(self.place.chat_id, self.place.topic_id, group, governed=not group or self.member.may("admin"))

    async def reply(self, message: Words, *more: Words, rows: Sequence[Sequence[Choice]] = ()) -> None:
        """Answers with paragraphs and, below them, buttons that only this member may press."""
        await self.answer("\n\n".join(self.voice.html(each) for each in (message, *more)), rows=rows)

    async def answer(self, html: str, *, rows: Sequence[Sequence[Choice]] = ()) -> None:
        await self.desk.delivery.text(self.place, html, await self.buttons(rows))

    async def buttons(self, rows: Sequence[Sequence[Choice]]) -> InlineKeyboardMarkup | None:
        return await keyboard(self.desk, rows, self.place.chat_id, self.member.id)

    async def again(self, member: Member | None = None) -> Visit:
        """The same visit after the member's or the group's settings changed."""
        group = await self.desk.stored(self.desk.access.group, self.place.chat_id) if self.group else None
        member = member or self.member
        language = self.desk.language(member, group)
        return replace(self, member=member, group=group, language=language, voice=self.desk.voice(member, language))


async def arrive(desk: Desk, update: Update) -> Visit | None:
    """Begins to deal with an update; None where its sender is not, or no longer, a member."""
    user, message = sender(update), update.effective_message
    if user is None or not isinstance(message, Message):
        return None
    member = await desk.stored(desk.access.member, user.id)
    if member is None:
        return None
    place = place_of(message, quoting=desk.lanes.is_followed(update.update_id))
    group = await desk.stored(desk.access.group, place.chat_id) if place.is_group else None
    if place.is_group and group is None:
        group = Group(place.chat_id, message.chat.title or "", None, allowed=False)
    language = desk.language(member, group)
    already_sent = await desk.stored(desk.inbox.begin, update.update_id)
    voice = desk.voice(member, language)
    return Visit(desk, update.update_id, message, member, group, place, language, voice, already_sent)


def in_turn(
    desk: Desk, body: Callable[[Visit], Awaitable[None]], *, role: Role = "viewer", private: bool = False
) -> Callback:
    """A PTB callback: waits for its turn in the lane, checks the role and whether groups may, and runs the body."""

    async def callback(update: Update, _context: Any) -> None:
        await desk.lanes.turn_of(update.update_id).begin()
        visit = await arrive(desk, update)
        if visit is None:
            await turn_away(desk, update)
        elif not visit.member.may(role):
            await visit.reply(say("Only admins may do this."))
        elif private and visit.place.is_group:
            await visit.reply(say("Please send me this command in our private chat."))
        else:
            await body(visit)

    return callback
