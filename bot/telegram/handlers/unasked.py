"""`/digest`, `/monitors`, `/incidents`: what is set up in this chat, or, with words after it, a question about that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.shown import Shown
from bot.telegram import answering
from bot.telegram.addressing import question_of
from bot.understanding.lexicon import CJK
from tools.answer import ToolCall
from tools.messages import Label

if TYPE_CHECKING:
    from bot.telegram.visit import Visit

DIGEST = Label("digest", "日报")
MONITOR = Label("alert", "预警")
INCIDENTS = Label("incidents", "异常事件")


async def digest(visit: Visit) -> None:
    """The chat's digests, with buttons to preview, change, pause and end them."""
    await _listed(visit, DIGEST, ToolCall("digest", {"action": "list"}))


async def monitors(visit: Visit) -> None:
    """What is watched for the chat."""
    await _listed(visit, MONITOR, ToolCall("monitor", {"action": "list"}))


async def incidents(visit: Visit) -> None:
    """The chat's open incidents."""
    await _listed(visit, INCIDENTS, ToolCall("incidents", {"action": "list"}))


async def _listed(visit: Visit, topic: Label, call: ToolCall) -> None:
    words = question_of(visit.message, visit.desk.identity)
    if words:
        # "/digest every day at 9" says what it is about by the command; "/monitors watch net sales" does so by itself.
        about = topic.in_language("zh" if CJK.search(words) else "en")
        await answering.ask(visit, f"{about} {words}", words)
    else:
        name = topic.in_language(visit.language)
        await answering.run(visit, Shown((call,), name, visit.language, visit.desk.as_of()))
