"""`/whoami`: what the bot knows about the user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.telegram.names import LANGUAGE_NAMES, NUMBER_STYLE_NAMES, ROLE_NAMES
from tools.messages import say

if TYPE_CHECKING:
    from bot.telegram.visit import Visit


async def whoami(visit: Visit) -> None:
    """Role, Telegram id and settings; in a group also its id, which settings may want."""
    voice = visit.voice
    here = [say("Id of this group: {id}", id=str(visit.place.chat_id))] if visit.place.is_group else []
    await visit.reply(
        say("You are *{name}*, role: *{role}*.", name=visit.member.name or "?", role=ROLE_NAMES[visit.member.role]),
        say("Telegram id: {id}", id=str(visit.member.id)),
        *here,
        say(
            "Language: {language}. Timezone: {timezone}. Numbers: {numbers}. Change them with /settings.",
            language=LANGUAGE_NAMES[voice.language],
            timezone=voice.timezone,
            numbers=NUMBER_STYLE_NAMES[voice.number_style],
        ),
    )
