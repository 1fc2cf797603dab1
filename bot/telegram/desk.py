"""What every handler needs, in one place: built once at start, passed to each handler, never global."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from bot.rendering.voice import Voice
from bot.shown import day_noted
from bot.telegram.addressing import Identity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor
    from datetime import date, datetime

    from telegram import Bot

    from bot.rendering.numbers import Language, NumberStyle
    from bot.reply import Assistant
    from bot.reviews.record import Reviews
    from bot.settings import Settings
    from bot.telegram.access import Access, Group, Member
    from bot.telegram.answered import Answered
    from bot.telegram.audit import AuditLog
    from bot.telegram.delivery import Delivery
    from bot.telegram.inbox import Inbox
    from bot.telegram.lanes import Lanes
    from bot.telegram.progress import DraftSupport
    from bot.telegram.tokens import Tokens
    from bot.telegram.waiting_files import WaitingFiles
    from bot.understanding.dialogue_record import Dialogues
    from bot.understanding.taught.teaching import Teaching
    from bot.upkeep import Upkeep
    from jobs.recipients import Ground
    from knowledge.library import Library
    from tools.tool import Tool

P = ParamSpec("P")
T = TypeVar("T")

LANGUAGES: tuple[Language, ...] = ("en", "zh")
NUMBER_STYLES: tuple[NumberStyle, ...] = ("compact", "full")


@dataclass(frozen=True)
class Desk:
    """The parts of the Telegram side.

    `workers` runs questions and rendering, `storage` the state database, `learning` what takes minutes, one at a time.
    `library` None: documents are not taken. `ground` None: nothing is sent unasked, `upkeep`: nor done by the clock.
    `teaching` None: words cannot be taught.
    `dialogues` None: what the assistant remembers, if anything, ends with this process.
    """

    settings: Settings
    assistant: Assistant
    tools: Sequence[Tool[Any]]
    clock: Callable[[], datetime]
    access: Access
    audit: AuditLog
    tokens: Tokens
    inbox: Inbox
    answered: Answered
    dialogues: Dialogues | None
    teaching: Teaching | None
    reviews: Reviews
    lanes: Lanes
    delivery: Delivery
    bot: Bot
    drafts: DraftSupport
    workers: Executor
    storage: Executor
    learning: Executor
    library: Library | None
    waiting_files: WaitingFiles
    ground: Ground | None
    upkeep: Upkeep | None

    @property
    def identity(self) -> Identity:
        return Identity(self.bot.id, self.bot.username)

    async def stored(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs a call on the state database off the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self.storage, lambda: call(*args, **kwargs))

    def language(self, member: Member | None, group: Group | None = None) -> Language:
        """The group's language in a group, the user's own otherwise, the settings' where neither was chosen."""
        for chosen in (group.language if group else None, member.language if member else None):
            for language in LANGUAGES:
                if chosen == language:
                    return language
        return self.settings.language

    def voice(self, member: Member | None, language: Language) -> Voice:
        """How to write for a member."""
        timezone = (member.timezone if member else None) or self.settings.timezone
        chosen = member.number_style if member else None
        style = next((style for style in NUMBER_STYLES if style == chosen), NUMBER_STYLES[0])
        return Voice(language, timezone, style)

    def as_of(self) -> date | None:
        """The day to note on a button, so that it shows what was asked about; None: the data's own last day."""
        return day_noted(self.settings, self.clock())
