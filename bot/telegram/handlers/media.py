"""What the bot cannot read is declined in words, with what works instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.messages import say

if TYPE_CHECKING:
    from bot.telegram.visit import Visit


async def voice(visit: Visit) -> None:
    await visit.reply(say("I cannot listen to recordings. Please write the question, in English or Chinese."))


async def picture(visit: Visit) -> None:
    await visit.reply(say("I cannot see pictures or videos. Please write the question, in English or Chinese."))


async def other(visit: Visit) -> None:
    await visit.reply(say("I can only read text. Please write the question, in English or Chinese."))
