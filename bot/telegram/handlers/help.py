"""`/help`: what can be asked, straight from the tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.rendering.html import escape, split_html
from tools.messages import say

if TYPE_CHECKING:
    from bot.telegram.visit import Visit

EXAMPLES_EACH = 2
MESSAGE_LENGTH = 4096


async def show_help(visit: Visit) -> None:
    """Every tool that the member may use, with example questions."""
    voice = visit.voice
    sections = [voice.html(say("*What you can ask*, in English or Chinese and in your own words:"))]
    for tool in visit.desk.tools:
        if visit.member.may(tool.role):
            title = escape(tool.title.in_language(visit.language))
            questions = (each.question.in_language(visit.language) for each in tool.examples[:EXAMPLES_EACH])
            sections.append("\n".join([f"<b>{title}</b>", *(f"• {escape(question)}" for question in questions)]))
    if visit.desk.ground is not None:
        sections.append(
            voice.html(
                say(
                    "/digest, /monitors and /incidents show what I send here by myself; with words after it, each sets "
                    "something up, as in: /digest every day at 9"
                )
            )
        )
    if visit.desk.library is not None and visit.member.may("admin") and not visit.place.is_group:
        sections.append(
            voice.html(
                say(
                    "Send me a document (PDF, Word, Excel, slides, Markdown, text) in this chat, and I learn it "
                    "after a tap."
                )
            )
        )
    sections.append(
        voice.html(say("Is an answer wrong? React to it with 👎, or reply “wrong”, and an admin looks at it."))
    )
    sections.append(voice.html(say("In groups, mention me, reply to me, or use /ask. /settings changes how I talk.")))
    pages = split_html("\n\n".join(sections), MESSAGE_LENGTH)
    for number, page in enumerate(pages, 1):
        if number > visit.already_sent:
            await visit.answer(page)
            await visit.desk.stored(visit.desk.inbox.sent, visit.update_id, number)
