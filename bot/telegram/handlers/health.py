"""`/health`: whether everything works, for admins."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.health_words import checks
from tools.messages import say, say_n

if TYPE_CHECKING:
    from bot.telegram.visit import Visit
    from bot.upkeep import Upkeep

MARKS = {"ok": "✅", "warning": "⚠️", "error": "❌"}


async def health(upkeep: Upkeep, visit: Visit) -> None:
    """A line for each check, below how many want a look."""
    found = list(checks(await asyncio.to_thread(upkeep.examined)))
    bad = sum(check.level != "ok" for check in found)
    head = (
        say_n("*{count} thing wants a look.*", "*{count} things want a look.*", bad)
        if bad
        else say("*Everything works.*")
    )
    lines = [f"{MARKS[check.level]} {visit.voice.html(check.words)}" for check in found]
    await visit.answer("\n".join([visit.voice.html(head), "", *lines]))
