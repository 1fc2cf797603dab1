"""The command menu and the texts on the bot's own page, in both languages and by role."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from telegram import Bot, BotCommand, BotCommandScopeAllGroupChats, BotCommandScopeChat, BotCommandScopeDefault
from telegram.error import TelegramError

from bot.rendering.voice import Voice
from tools.messages import Message, say

if TYPE_CHECKING:
    from collections.abc import Iterable

log = structlog.get_logger(__name__)

EVERYONE: dict[str, Message] = {
    "start": say("Greeting and example questions"),
    "help": say("What can be asked"),
    "ask": say("Ask a question"),
    "digest": say("Digests that are sent here"),
    "monitors": say("Alerts that are set up here"),
    "incidents": say("What is wrong now, and who looks after it"),
    "cancel": say("Stop the question being worked on"),
    "settings": say("Language, timezone, numbers"),
    "whoami": say("Your role and settings"),
}
ADMINS: dict[str, Message] = {
    "invite": say("Invite somebody"),
    "users": say("Who may use the bot"),
    "audit": say("Who looked at what"),
    "teach": say("Teach a word of your team"),
    "taught": say("Words that were taught"),
    "reviews": say("Answers that were called wrong"),
    "allow": say("Let the bot answer in this group"),
    "forbid": say("Stop the bot answering in this group"),
    "health": say("Whether everything works"),
}
IN_GROUPS = ("ask", "digest", "monitors", "incidents", "help", "cancel")
COMMANDS = frozenset(EVERYONE | ADMINS)

SHORT_DESCRIPTION = say("Answers marketing questions from your team's own figures, in English and Chinese.")
DESCRIPTION = say(
    "Ask about sales, customers, products and campaigns in plain English or Chinese. "
    "Every figure comes from your team's own data, and one tap shows how it was computed."
)


async def set_menus(bot: Bot, admin_ids: Iterable[int]) -> None:
    """Tells Telegram the menus and texts: English by default, Chinese where the app is Chinese.

    They are an ornament: where Telegram refuses one, that is logged and the bot starts all the same.
    """
    for voice, code in ((Voice("en"), None), (Voice("zh"), "zh")):
        try:
            everyone = _commands(voice, EVERYONE)
            await bot.set_my_commands(everyone, BotCommandScopeDefault(), code)
            in_groups = {name: EVERYONE[name] for name in IN_GROUPS}
            await bot.set_my_commands(_commands(voice, in_groups), BotCommandScopeAllGroupChats(), code)
            await bot.set_my_description(voice.text(DESCRIPTION), code)
            await bot.set_my_short_description(voice.text(SHORT_DESCRIPTION), code)
        except TelegramError as error:
            log.warning("menu_refused", language=voice.language, error=str(error))
    for admin_id in admin_ids:
        await set_personal_menu(bot, admin_id, is_admin=True)


async def set_personal_menu(bot: Bot, user_id: int, *, is_admin: bool) -> None:
    """An admin's own menu with the admin commands, or back to everyone's."""
    scope = BotCommandScopeChat(user_id)
    try:
        for voice, code in ((Voice("en"), None), (Voice("zh"), "zh")):
            if is_admin:
                await bot.set_my_commands(_commands(voice, EVERYONE | ADMINS), scope, code)
            else:
                await bot.delete_my_commands(scope, code)
    except TelegramError as error:
        # Telegram knows no chat with an admin who has never written to the bot.
        log.info("personal_menu_refused", user_id=user_id, error=str(error))


def _commands(voice: Voice, texts: dict[str, Message]) -> list[BotCommand]:
    return [BotCommand(name, voice.text(text)) for name, text in texts.items()]
