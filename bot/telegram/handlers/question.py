"""A question in words, written as a message or after `/ask`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.telegram import answering
from bot.telegram.addressing import command_of, question_of
from tools.messages import say

if TYPE_CHECKING:
    from bot.telegram.visit import Visit

LONGEST = 1000


async def question(visit: Visit) -> None:
    """Answers, unless there is nothing or too much to answer."""
    text = question_of(visit.message, visit.desk.identity)
    if len(text) > LONGEST:
        await visit.reply(
            say(
                "That is {length} characters; I can take {limit}. Please ask it in fewer words.",
                length=len(text),
                limit=LONGEST,
            )
        )
    elif not text:
        await _nothing_asked(visit)
    else:
        await answering.ask(visit, text)


async def _nothing_asked(visit: Visit) -> None:
    if command_of(visit.message) == "ask":
        await visit.reply(say("Write the question after the command, as in: /ask sales last month"))
    else:
        await visit.reply(say("Yes? Ask me something, or see /help for what I can answer."))


async def forwarded_command(visit: Visit) -> None:
    """Nobody orders anything by a message that somebody else wrote."""
    if command_of(visit.message) == "ask":
        await question(visit)
    else:
        await visit.reply(say("I do not follow commands in forwarded messages. Write it yourself if you want it done."))


async def unknown_command(visit: Visit) -> None:
    command = command_of(visit.message) or ""
    await visit.reply(say("I do not know the command /{command}. See /help for what I can do.", command=command))
