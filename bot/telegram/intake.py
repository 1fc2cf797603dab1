"""The gate: every update from Telegram passes here before Telegram is told that it arrived.

What is not for the bot, or from nobody it knows, goes no further and is stored nowhere. The rest is stored
in the inbox first and handled then, so a crash after this point loses nothing.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal

import structlog
from sqlalchemy.exc import SQLAlchemyError
from telegram import Chat, ChatMemberUpdated, Message, Update

from bot.telegram.addressing import Identity, command_of, invite_of, is_for_bot, sender
from bot.telegram.reactions import concerns_us
from bot.telegram.strangers import Courtesy

if TYPE_CHECKING:
    from bot.telegram.desk import Desk

log = structlog.get_logger(__name__)

Verdict = Literal["answer", "turn_away", "ignore"]

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0


class Intake(asyncio.Queue[object]):
    """PTB's update queue, with the gate before it."""

    def __init__(self) -> None:
        super().__init__()
        self._desk: Desk | None = None
        self._courtesy: Courtesy | None = None

    def open(self, desk: Desk) -> None:
        """Tells the gate whom to ask; to be called before anything is put in."""
        self._desk = desk
        self._courtesy = Courtesy(desk.clock)

    async def put(self, item: object) -> None:
        """Lets an update in if it is to be handled and not here already."""
        if isinstance(item, Update) and not await self._admits(item):
            return
        await super().put(item)

    def put_again(self, update: Update) -> None:
        """Lets an update in that is in the inbox since before a restart."""
        self.put_nowait(update)

    async def _admits(self, update: Update) -> bool:
        pause = FIRST_PAUSE_S
        while True:
            try:
                return await self._judged(update)
            except SQLAlchemyError as error:
                # Passing the update on unstored could lose it, and failing would end the polling.
                log.warning("inbox_unavailable", update_id=update.update_id, error=type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_S)

    async def _judged(self, update: Update) -> bool:
        desk = self._desk
        if desk is None:
            raise RuntimeError("the intake is not open")
        verdict = await self._verdict(desk, update)
        if verdict == "answer":
            return await desk.stored(desk.inbox.take, update.update_id, update.to_dict())
        return verdict == "turn_away"

    async def _verdict(self, desk: Desk, update: Update) -> Verdict:
        message = update.effective_message
        if update.my_chat_member is not None:
            return await self._membership(desk, update.my_chat_member)
        if isinstance(message, Message) and message.migrate_to_chat_id is not None:
            known = await desk.stored(desk.access.group, message.chat.id)
            return "answer" if known else "ignore"
        user = sender(update)
        if user is None or not _is_meant(update, desk.identity):
            return "ignore"
        member = await desk.stored(desk.access.member, user.id)
        chat_id = update.effective_chat.id if update.effective_chat is not None else user.id
        if member is None:
            return self._stranger(update, user.id, chat_id)
        if member.name != user.full_name or member.blocked:
            await desk.stored(desk.access.note_seen, user.id, user.full_name)
        if chat_id > 0:
            return "answer"
        group = await desk.stored(desk.access.group, chat_id)
        allowing = update.message is not None and command_of(update.message) == "allow" and member.may("admin")
        return "answer" if allowing or (group is not None and group.allowed) else "ignore"

    async def _membership(self, desk: Desk, change: ChatMemberUpdated) -> Verdict:
        member = await desk.stored(desk.access.member, change.from_user.id)
        if change.chat.type == Chat.PRIVATE:
            return "answer" if member else "ignore"
        group = await desk.stored(desk.access.group, change.chat.id)
        return "answer" if group or (member and member.may("admin")) else "ignore"

    def _stranger(self, update: Update, user_id: int, chat_id: int) -> Verdict:
        if self._courtesy is None or update.message is None or chat_id < 0:
            return "ignore"
        if invite_of(update.message) is not None and self._courtesy.may_try_invitation(user_id):
            return "answer"
        return "turn_away" if self._courtesy.may_be_told(user_id) else "ignore"


def _is_meant(update: Update, bot: Identity) -> bool:
    if update.callback_query is not None:
        return True
    if update.message_reaction is not None:
        return concerns_us(update.message_reaction)
    return update.message is not None and is_for_bot(update.message, bot)
