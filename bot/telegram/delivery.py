"""Getting messages to Telegram whatever happens on the way.

Network errors and 5xx are tried again with growing pauses. Where Telegram's answer was lost, the message may
have arrived; it is sent again all the same, because an answer that comes twice is better than none. (The
same choice after a crash: the inbox remembers delivered parts, so at most the one in flight comes twice.)
429 is the limiter's business and never arrives here.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import structlog
from telegram import Bot, InlineKeyboardMarkup, InputFile, LinkPreviewOptions, Message, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError

from bot.rendering.html import parsed_text
from bot.telegram.addressing import Place

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")
log = structlog.get_logger(__name__)

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
TRIES = 25
"""About ten minutes; then the update stays in the inbox for the next start."""

UNREACHABLE = ("chat not found", "chat_write_forbidden", "not enough rights to send text", "user is deactivated")
NO_TOPIC = ("message thread not found", "topic_closed", "topic_deleted")


class Unreachable(Exception):
    """The user blocked the bot, or it may not write in the chat: there is nobody to tell."""


class Undelivered(Exception):
    """Telegram could not be reached for minutes."""


class Delivery:
    """Sends and edits messages. Coroutines return when Telegram has taken the message.

    All sending methods raise `Unreachable` and `Undelivered`, and `BadRequest` for what no fallback mends.
    """

    def __init__(
        self,
        bot: Bot,
        *,
        unreachable: Callable[[int], Awaitable[None]],
        migrated: Callable[[int, int], Awaitable[None]],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`unreachable(chat_id)` and `migrated(old, new)` are told what was learned about a chat."""
        self._bot = bot
        self._unreachable = unreachable
        self._migrated = migrated
        self._sleep = sleep

    async def text(self, place: Place, html: str, keyboard: InlineKeyboardMarkup | None = None) -> Message:
        """Sends HTML; as plain text where Telegram cannot parse it."""

        async def send(to: Place, text: str, parse_mode: str | None) -> Message:
            return await self._bot.send_message(
                to.chat_id,
                text,
                parse_mode=parse_mode,
                message_thread_id=to.topic_id,
                reply_parameters=_quoting(to),
                reply_markup=keyboard,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )

        try:
            return await self._reaching(place, lambda to: send(to, html, ParseMode.HTML))
        except BadRequest as error:
            if "parse entities" not in str(error).lower():
                raise
            log.warning("html_refused", chat_id=place.chat_id, error=str(error), length=len(html))
            return await self._reaching(place, lambda to: send(to, parsed_text(html), None))

    async def photo(
        self, place: Place, png: bytes, caption_html: str, keyboard: InlineKeyboardMarkup | None = None
    ) -> Message:
        """Sends a picture; as a file where Telegram refuses the picture, as text where it refuses that too."""

        async def send(to: Place) -> Message:
            return await self._bot.send_photo(
                to.chat_id,
                InputFile(png, "chart.png"),
                caption=caption_html or None,
                parse_mode=ParseMode.HTML,
                message_thread_id=to.topic_id,
                reply_parameters=_quoting(to),
                reply_markup=keyboard,
            )

        try:
            return await self._reaching(place, send)
        except BadRequest as error:
            log.warning("photo_refused", chat_id=place.chat_id, error=str(error), size=len(png))
        try:
            return await self.file(place, png, "chart.png", caption_html, keyboard)
        except BadRequest as error:
            log.warning("photo_as_file_refused", chat_id=place.chat_id, error=str(error))
        return await self.text(place, caption_html or "…", keyboard)

    async def file(
        self,
        place: Place,
        content: bytes,
        name: str,
        caption_html: str = "",
        keyboard: InlineKeyboardMarkup | None = None,
    ) -> Message:
        """Sends a file under its name."""

        async def send(to: Place) -> Message:
            return await self._bot.send_document(
                to.chat_id,
                InputFile(content, name),
                caption=caption_html or None,
                parse_mode=ParseMode.HTML,
                message_thread_id=to.topic_id,
                reply_parameters=_quoting(to),
                reply_markup=keyboard,
                disable_content_type_detection=True,
            )

        return await self._reaching(place, send)

    async def edit(
        self, place: Place, message_id: int, html: str, keyboard: InlineKeyboardMarkup | None = None
    ) -> None:
        """Changes a message of the bot; nothing happens where it is gone or says this already."""

        async def change(to: Place) -> object:
            return await self._bot.edit_message_text(
                html,
                to.chat_id,
                message_id,
                parse_mode=ParseMode.HTML,
                reply_markup=keyboard,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )

        await self._changing(place, change)

    async def edit_keyboard(self, place: Place, message_id: int, keyboard: InlineKeyboardMarkup | None) -> None:
        """Changes the buttons below a message of the bot, like `edit`."""

        async def change(to: Place) -> object:
            return await self._bot.edit_message_reply_markup(to.chat_id, message_id, reply_markup=keyboard)

        await self._changing(place, change)

    async def acknowledge(self, query_id: str, toast: str = "") -> None:
        """Answers a button press, with a short text where there is something to say.

        Telegram takes that only for a while; a press that waited for a restart is too old, and that is no harm.
        """
        try:
            await self._bot.answer_callback_query(query_id, toast or None)
        except NetworkError as error:
            log.info("acknowledgement_failed", error=str(error))

    async def _changing(self, place: Place, change: Callable[[Place], Awaitable[object]]) -> None:
        try:
            await self._reaching(place, change)
        except BadRequest as error:
            reason = str(error).lower()
            if "not modified" not in reason:
                log.info("edit_refused", chat_id=place.chat_id, error=str(error))

    async def _reaching(self, place: Place, call: Callable[[Place], Awaitable[T]]) -> T:
        """Calls with the place, following a chat that moved and leaving a topic that is gone."""
        try:
            return await self._persistently(lambda: call(place))
        except ChatMigrated as moved:
            await self._migrated(place.chat_id, moved.new_chat_id)
            there = Place(moved.new_chat_id, place.topic_id)
            return await self._persistently(lambda: call(there))
        except Forbidden as error:
            await self._unreachable(place.chat_id)
            raise Unreachable(str(error)) from error
        except BadRequest as error:
            reason = str(error).lower()
            if any(each in reason for each in UNREACHABLE):
                await self._unreachable(place.chat_id)
                raise Unreachable(str(error)) from error
            if place.topic_id is None or not any(each in reason for each in NO_TOPIC):
                raise
            general = replace(place, topic_id=None)
            return await self._persistently(lambda: call(general))

    async def _persistently(self, call: Callable[[], Awaitable[T]]) -> T:
        pause = FIRST_PAUSE_S
        for attempt in range(1, TRIES + 1):
            try:
                return await call()
            except BadRequest:
                raise
            except NetworkError as error:
                if attempt == TRIES:
                    raise Undelivered(str(error)) from error
                log.warning("delivery_retried", attempt=attempt, error=str(error), pause_s=pause)
                await self._sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_S)
        raise AssertionError("the last attempt returns or raises")


def _quoting(place: Place) -> ReplyParameters | None:
    if place.reply_to is None:
        return None
    return ReplyParameters(place.reply_to, allow_sending_without_reply=True)
