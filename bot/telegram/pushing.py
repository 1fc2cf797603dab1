"""Sends what waits in the outbox: the other end of `jobs.outbox`.

Each call to Telegram is made once and waits for nothing long: what cannot go now goes back to the outbox, which knows
when to come again and keeps a chat's order. Where Telegram's answer to a part was lost, the part is sent again, as with
answers: it may come twice and is never missing.
"""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections import OrderedDict
from functools import lru_cache, partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar

import structlog
from telegram.error import BadRequest, ChatMigrated, RetryAfter

from bot.rendering.html import parsed_length, split_html
from bot.rendering.parts import CAPTION_LIMIT
from bot.shown import Shown
from bot.telegram.addressing import Place
from bot.telegram.answered import UNASKED, Noted
from bot.telegram.delivery import Undelivered
from bot.telegram.delivery import Unreachable as Gone
from bot.telegram.keyboards import Choice, keyboard
from bot.telegram.limiter import seconds_of
from jobs.alerts.incidents.store import Incidents
from jobs.outbox.contents import Contents
from jobs.outbox.sending import Delivered, Failed, Later, Moved, Unreachable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from telegram import InlineKeyboardMarkup, Message

    from bot.telegram.desk import Desk
    from jobs.outbox.record import Push
    from jobs.outbox.sending import Outcome
    from jobs.recipients import Ground

T = TypeVar("T")
log = structlog.get_logger(__name__)

WRITING = 2
"""Incidents that are put into words, and drawn, at the same time."""
REMEMBERED = 32
"""Contents whose parts are kept at hand, with what Telegram calls their pictures: many chats get the same."""
NO_NETWORK_S = 5.0
"""A push that could not leave holds its place so long: with no network, the outbox is not run through in vain."""


class ChatSender:
    """Implements `jobs.outbox.sending.Sender` on the Telegram side. Belongs to one event loop."""

    def __init__(
        self, desk: Desk, ground: Ground, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._desk = desk
        self._ground = ground
        self._delivery = desk.delivery.promptly()
        self._contents = Contents(ground.state, ground.clock)
        self._incidents = Incidents(ground.state, ground.clock)
        self._writing = asyncio.Semaphore(WRITING)
        self._at_hand: OrderedDict[str, Mapping[str, Any]] = OrderedDict()
        self._pictures: OrderedDict[str, str] = OrderedDict()
        self._noting: set[asyncio.Task[None]] = set()
        self._sleep = sleep

    async def send(self, push: Push, sent: Callable[[int], Awaitable[None]]) -> Outcome:
        """A network error that may have come after the message is a failed attempt; one before it is none."""
        if not await self._desk.stored(self._may_be_told, push.chat_id):
            return Unreachable("no longer allowed")
        try:
            if "update" in push.payload:
                await self._write_anew(push)
                return Delivered()
            return await self._send(push, sent)
        except RetryAfter as error:
            return Later(seconds_of(error), "Too Many Requests")
        except ChatMigrated as error:
            return Moved(error.new_chat_id)
        except Gone as error:
            return Unreachable(str(error))
        except BadRequest as error:
            # Telegram will refuse it the next time too, and it would hold back its chat.
            log.warning("push_refused", key=push.key, chat_id=push.chat_id, error=str(error))
            return Unreachable(str(error))
        except Undelivered as error:
            if error.arrived:
                return Failed(str(error))
            await self._sleep(NO_NETWORK_S)
            return Later(NO_NETWORK_S, str(error))

    def _may_be_told(self, chat_id: int) -> bool:
        """Who was removed since the push was put is not told any more."""
        if chat_id < 0:
            group = self._desk.access.group(chat_id)
            return group is not None and group.allowed
        return self._desk.access.member(chat_id) is not None

    async def _send(self, push: Push, sent: Callable[[int], Awaitable[None]]) -> Outcome:
        content = await self._content(push)
        if content is None:
            return Unreachable("there is nothing to tell any more")
        place = Place(push.chat_id, push.topic_id)
        parts = content["parts"]
        for number, part in enumerate(parts[push.parts_sent :], push.parts_sent + 1):
            last = number == len(parts)
            message = await self._send_part(place, part, await self._buttons(place, content) if last else None)
            if last and "incident" in push.payload:
                await self._note(push.payload["incident"], message)
            if "about" in content:
                self._note_soon(message, content["about"])
            if not last:
                await sent(number)
        return Delivered()

    async def _content(self, push: Push) -> Mapping[str, Any] | None:
        """What was written when it was put, or, of an incident, what is to be told of it by now."""
        if "content" in push.payload:
            return await self._kept(push.payload["content"])
        from jobs.alerts.checking import content_of

        async with self._writing:
            return await asyncio.to_thread(content_of, self._ground, push.payload, push.chat_id)

    async def _kept(self, key: str) -> Mapping[str, Any] | None:
        content = self._at_hand.get(key) or await self._desk.stored(self._contents.get, key)
        if content is not None:
            _remember(self._at_hand, key, content)
        return content

    async def _send_part(self, place: Place, part: Mapping[str, Any], markup: InlineKeyboardMarkup | None) -> Message:
        if "photo" in part:
            return await self._send_picture(place, part, markup)
        if "file" in part:
            return await self._delivery.file(place, b64decode(part["file"]), part["name"], part["caption"], markup)
        return await self._delivery.text(place, part["text"], markup)

    async def _send_picture(
        self, place: Place, part: Mapping[str, Any], markup: InlineKeyboardMarkup | None
    ) -> Message:
        """Uploads a picture once; other chats get it by the name that Telegram gave it."""
        png, mark = _decoded(part["photo"])
        known = self._pictures.get(mark, "")
        message = await self._delivery.photo(place, png, part["caption"], markup, file_id=known)
        if message.photo:
            _remember(self._pictures, mark, message.photo[-1].file_id)
        return message

    def _note_soon(self, message: Message, about: Mapping[str, Any]) -> None:
        """For replies to it, once the courier has ended with the push: until the outbox knows that Telegram has taken
        it, it may be sent twice, and the two would wait for one another in the database.
        """
        noted = Noted(Shown.from_payload(about), about["question"], UNASKED)
        sending = asyncio.current_task()

        async def note() -> None:
            if sending is not None:
                await asyncio.wait([sending])
            await self._desk.stored(self._desk.answered.note, message, noted)

        noting = asyncio.create_task(note())
        self._noting.add(noting)
        noting.add_done_callback(self._noting.discard)

    async def _note(self, incident_id: int, message: Message) -> None:
        """Whoever moved on from here writes this message anew when something becomes of the incident."""
        captioned = message.text is None
        note = partial(self._incidents.note_message, incident_id, message.chat.id, message.message_id, photo=captioned)
        await self._desk.stored(note)

    async def _write_anew(self, push: Push) -> None:
        """Every message of the incident in this chat, in its place; those that are gone are passed over."""
        messages = await self._desk.stored(self._incidents.messages, push.payload["update"], push.chat_id)
        content = await self._content(push) if messages else None
        if content is None:
            return
        place, part = Place(push.chat_id, push.topic_id), content["parts"][-1]
        html = part["text"] if "text" in part else part["caption"]
        for message in messages:
            markup = await self._buttons(place, content)
            if message.photo:
                await self._delivery.edit_caption(place, message.message_id, _caption(html), markup)
            else:
                await self._delivery.edit(place, message.message_id, html, markup)

    async def _buttons(self, place: Place, content: Mapping[str, Any]) -> InlineKeyboardMarkup | None:
        """Anybody in the chat may press them; what a press may do is decided by who presses."""
        rows = [[Choice(button["label"], button["payload"]) for button in row] for row in content["buttons"]]
        return await keyboard(self._desk, rows, place.chat_id)


@lru_cache(maxsize=4)
def _decoded(picture: str) -> tuple[bytes, str]:
    """A picture and what tells it apart: the same goes to one chat after the other."""
    png = b64decode(picture)
    return png, sha256(png).hexdigest()


def _remember(kept: OrderedDict[str, T], key: str, value: T) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > REMEMBERED:
        kept.popitem(last=False)


def _caption(html: str) -> str:
    return html if parsed_length(html) <= CAPTION_LIMIT else split_html(html, CAPTION_LIMIT)[0]
