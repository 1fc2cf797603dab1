"""Shows that an answer is under way: "typing…" at once, and in private chats what slow work is doing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest, InvalidToken, TelegramError

from tools.messages import Message, say

if TYPE_CHECKING:
    from types import TracebackType

    from telegram import Bot

    from bot.rendering.voice import Voice
    from bot.telegram.addressing import Place

log = structlog.get_logger(__name__)

TYPING_AFTER_S = 0.15
"""What is answered sooner looks immediate as it is."""
TYPING_EVERY_S = 4.5
"""Telegram shows "typing…" for five seconds."""
DRAFT_AFTER_S = 1.5
DRAFT_EVERY_S = 1.2
DRAFT_RENEWED_S = 20.0
"""Telegram shows a draft for thirty seconds."""
WORKING = say("Working on it…")


class DraftSupport:
    """Remembers that the server does not take drafts, so that it is asked only once."""

    def __init__(self) -> None:
        self.refused = False


class Progress:
    """An async context around the work. `tell` may be called from any thread.

    Nothing here is worth a delay or a failure of the answer: errors are noted and forgotten.
    """

    def __init__(self, bot: Bot, place: Place, voice: Voice, *, draft_id: int, drafts: DraftSupport) -> None:
        self._bot = bot
        self._place = place
        self._voice = voice
        self._draft_id = draft_id
        self._drafts = drafts
        self._loop = asyncio.get_running_loop()
        self._latest: Message | None = None
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Progress:
        self._task = asyncio.create_task(self._show())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def tell(self, message: Message) -> None:
        """What is being done now; only the latest is shown."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._note, message)

    def _note(self, message: Message) -> None:
        self._latest = message
        self._news.set()

    async def _show(self) -> None:
        try:
            await asyncio.sleep(TYPING_AFTER_S)
            await self._typing()
            if self._place.is_group or self._drafts.refused:
                await self._keep_typing()
            await self._wait_for_news(DRAFT_AFTER_S)
            while await self._draft():
                await asyncio.sleep(DRAFT_EVERY_S)
                await self._wait_for_news(DRAFT_RENEWED_S - DRAFT_EVERY_S)
            await self._keep_typing()
        except TelegramError as error:
            log.info("progress_not_shown", chat_id=self._place.chat_id, error=str(error))

    async def _keep_typing(self) -> None:
        while True:
            await asyncio.sleep(TYPING_EVERY_S)
            await self._typing()

    async def _typing(self) -> None:
        await self._bot.send_chat_action(self._place.chat_id, ChatAction.TYPING, message_thread_id=self._place.topic_id)

    async def _draft(self) -> bool:
        """False where the server takes no drafts."""
        self._news.clear()
        try:
            await self._bot.send_message_draft(
                self._place.chat_id,
                self._draft_id,
                self._voice.html(self._latest or WORKING),
                message_thread_id=self._place.topic_id,
                parse_mode=ParseMode.HTML,
            )
        except (BadRequest, InvalidToken) as error:
            # "Invalid token" is how an unknown method looks: a server older than drafts.
            self._drafts.refused = True
            log.info("drafts_refused", error=str(error))
        return not self._drafts.refused

    async def _wait_for_news(self, timeout_s: float) -> None:
        try:
            async with asyncio.timeout(timeout_s):
                await self._news.wait()
        except TimeoutError:
            return
