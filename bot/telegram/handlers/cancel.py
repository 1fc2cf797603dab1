"""`/cancel`: stops the question being worked on and those that wait. It overtakes them, so it has no turn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from telegram import Message, Update

from bot.telegram.addressing import place_of, sender, topic_of
from bot.telegram.lanes import LaneKey
from tools.messages import say, say_n

if TYPE_CHECKING:
    from bot.telegram.desk import Desk


async def cancel(desk: Desk, update: Update, _context: Any) -> None:
    """Takes back the sender's own questions; a query under way runs out by itself, its answer is dropped."""
    user, message = sender(update), update.effective_message
    if user is None or not isinstance(message, Message):
        return
    member = await desk.stored(desk.access.member, user.id)
    if member is None:
        return
    stopped = desk.lanes.cancel(LaneKey(message.chat.id, topic_of(message)), user.id)
    voice = desk.voice(member, desk.language(member))
    text = (
        say_n("Stopped {count} question.", "Stopped {count} questions.", stopped)
        if stopped
        else say("There is nothing to stop.")
    )
    await desk.delivery.text(place_of(message), voice.html(text))
