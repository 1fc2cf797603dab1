"""Getting messages to Telegram whatever happens on the way.

Network errors and 5xx are tried again with growing pauses. Where Telegram's answer was lost, the message may
have arrived; it is sent again all the same, because an answer that comes twice is better than none. (The
same choice after a crash: the inbox remembers delivered parts, so at most the one in flight comes twice.)
429 is the limiter's business and never arrives here.

Pushes are `prompt`: each call is made once, because the outbox knows when to come back, and another process may take
the push over meanwhile.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import httpx
import structlog
from telegram import InlineKeyboardMarkup, InputFile, LinkPreviewOptions, Message, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError

from bot.rendering.html import parsed_text
from bot.telegram.addressing import Place

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from telegram.ext import ExtBot

T = TypeVar("T")
log = structlog.get_logger(__name__)

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
TRIES = 25
"""About ten minutes; then the update stays in the inbox for the next start."""

PATIENCE_S = 2.0
"""So long a prompt call waits for its chat's limits."""

NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
UNREACHABLE = ("chat not found", "chat_write_forbidden", "not enough rights to send text", "user is deactivated")
NO_TOPIC = ("message thread not found", "topic_closed", "topic_deleted")


class Unreachable(Exception):
    """The user blocked the bot, or it may not write in the chat: there is nobody to tell."""


class Undelivered(Exception):
    """Telegram could not be reached for minutes; a prompt delivery: not now.

    `arrived` False: certainly no message came through. True: it may have.
    """

    def __init__(self, reason: str, *, arrived: bool) -> None:
        super().__init__(reason)
        self.arrived = arrived


class Delivery:
    """Sends and edits messages. Coroutines return when Telegram has taken the message.

    All sending methods raise `Unreachable` and `Undelivered`, and `BadRequest` for what no fallback mends. A prompt
    delivery also raises `RetryAfter` and, once `migrated` has been told, `ChatMigrated`.
    """

    def __init__(
        self,
        bot: ExtBot[float],
        *,
        unreachable: Callable[[int], Awaitable[None]],
        migrated: Callable[[int, int], Awaitable[None]],
        prompt: bool = False,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`unreachable(chat_id)` and `migrated(old, new)` are told what was learned about a chat."""
        self._bot = bot
        self._unreachable = unreachable
        self._migrated = migrated
        self._prompt = prompt
        self._patience_s = PATIENCE_S if prompt else None
        self._sleep = sleep

    def promptly(self) -> Delivery:
        """The same, but prompt."""
        return Delivery(
            self._bot, unreachable=self._unreachable, migrated=self._migrated, prompt=True, sleep=self._sleep
        )

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
                rate_limit_args=self._patience_s,
            )

        try:
            return await self._reaching(place, lambda to: send(to, html, ParseMode.HTML))
        except BadRequest as error:
            if "parse entities" not in str(error).lower():
                raise
            log.warning("html_refused", chat_id=place.chat_id, error=str(error), length=len(html))
            return await self._reaching(place, lambda to: send(to, parsed_text(html), None))

    async def photo(
        self,
        place: Place,
        png: bytes,
        caption_html: str,
        keyboard: InlineKeyboardMarkup | None = None,
        *,
        file_id: str = "",
    ) -> Message:
        """Sends a picture; as a file where Telegram refuses the picture, as text where it refuses that too.

        `file_id` is what Telegram called the same picture when it was sent before; it need not be sent again then.
        """

        async def send(to: Place, picture: InputFile | str) -> Message:
            return await self._bot.send_photo(
                to.chat_id,
                picture,
                caption=caption_html or None,
                parse_mode=ParseMode.HTML,
                message_thread_id=to.topic_id,
                reply_parameters=_quoting(to),
                reply_markup=keyboard,
                rate_limit_args=self._patience_s,
            )

        if file_id:
            try:
                return await self._reaching(place, lambda to: send(to, file_id))
            except BadRequest as error:
                log.info("photo_sent_anew", chat_id=place.chat_id, error=str(error))
        try:
            return await self._reaching(place, lambda to: send(to, InputFile(png, "chart.png")))
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
                rate_limit_args=self._patience_s,
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
                rate_limit_args=self._patience_s,
            )

        await self._changing(place, change)

    async def edit_caption(
        self, place: Place, message_id: int, html: str, keyboard: InlineKeyboardMarkup | None = None
    ) -> None:
        """Changes the words below a picture or file of the bot, like `edit`."""

        async def change(to: Place) -> object:
            return await self._bot.edit_message_caption(
                to.chat_id,
                message_id,
                caption=html,
                parse_mode=ParseMode.HTML,
                reply_markup=keyboard,
                rate_limit_args=self._patience_s,
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
            if self._prompt:
                raise
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
        pause, tries = FIRST_PAUSE_S, 1 if self._prompt else TRIES
        for attempt in range(1, tries + 1):
            try:
                return await call()
            except BadRequest:
                raise
            except NetworkError as error:
                if attempt == tries:
                    raise Undelivered(str(error), arrived=not isinstance(error.__cause__, NEVER_SENT)) from error
                log.warning("delivery_retried", attempt=attempt, error=str(error), pause_s=pause)
                await self._sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_S)
        raise AssertionError("the last attempt returns or raises")


def _quoting(place: Place) -> ReplyParameters | None:
    if place.reply_to is None:
        return None
    return ReplyParameters(place.reply_to, allow_sending_without_reply=True)
