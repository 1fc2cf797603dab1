"""`/start`: a greeting with example questions, and the way in for whoever holds an invitation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from telegram import Message, Update

from bot.telegram.addressing import invite_of, place_of, sender
from bot.telegram.keyboards import Choice
from bot.telegram.menus import set_personal_menu
from bot.telegram.strangers import turn_away
from bot.telegram.visit import Visit, arrive
from tools.messages import say

if TYPE_CHECKING:
    from bot.rendering.numbers import Language
    from bot.telegram.desk import Desk

EXAMPLES = 3


async def start(desk: Desk, update: Update, _context: Any) -> None:
    """Lets the invited in, greets members, and turns everybody else away."""
    await desk.lanes.turn_of(update.update_id).begin()
    user, message = sender(update), update.effective_message
    if user is None or not isinstance(message, Message):
        return
    invitation = invite_of(message)
    language = language_of_app(desk, user.language_code)
    if invitation is not None and not place_of(message).is_group:
        member = await desk.stored(desk.access.redeem, invitation, user.id, user.full_name, language)
        if member is not None:
            await desk.stored(desk.audit.record, user.id, "joined", f"role={member.role} by=invitation")
            if member.may("admin"):
                await set_personal_menu(desk.bot, user.id, is_admin=True)
    visit = await arrive(desk, update)
    if visit is None:
        await turn_away(desk, update)
    else:
        await greet(visit)


async def greet(visit: Visit) -> None:
    """A few words and three questions to try."""
    name = visit.member.name or (visit.message.chat.first_name or "")
    hello = say("Hello {name}! I answer questions about your sales, customers and products.", name=name)
    await visit.reply(
        hello if name else say("Hello! I answer questions about your sales, customers and products."),
        say(
            "Ask in English or Chinese, in your own words. Every figure comes from your own data, "
            "and a button shows how it was computed. Try one of these:"
        ),
        rows=[[Choice(question, {"do": "ask", "text": question})] for question in example_questions(visit)],
    )


def example_questions(visit: Visit) -> list[str]:
    """The first example of each tool that the member may use, and then further ones, up to three."""
    tools = [tool for tool in visit.desk.tools if visit.member.may(tool.role)]
    deepest = max((len(tool.examples) for tool in tools), default=0)
    ordered = [tool.examples[depth] for depth in range(deepest) for tool in tools if depth < len(tool.examples)]
    return [example.question.in_language(visit.language) for example in ordered[:EXAMPLES]]


def language_of_app(desk: Desk, code: str | None) -> Language:
    """The language of the user's Telegram app where it is one of ours."""
    if not code:
        return desk.settings.language
    return "zh" if code.lower().startswith("zh") else "en"
