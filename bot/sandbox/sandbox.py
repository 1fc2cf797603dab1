"""A local Telegram: what its users do, what is to go wrong, and what a test may look at.

Every public method may be called from any thread.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import TYPE_CHECKING, Any, TypeVar

from bot.sandbox.content import document_content, formatted_fields, photo_content, text_content
from bot.sandbox.formatted_text import finished, utf16_slice
from bot.sandbox.messages import ApiCall, Button, CallbackQuery, SentMessage, StoredMessage
from bot.sandbox.parameters import Upload
from bot.sandbox.reactions import reacted
from bot.sandbox.state import SandboxState

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_LOOK_AGAIN_S = 0.25
_BURST_S = 0.01


class Sandbox(SandboxState):
    """A local Telegram.

    Args:
        users, groups, bot: who takes part.
        home: folder in which conversation and files survive a restart; None keeps them in memory.
        limits: enforces rate limits with 429; None enforces none.
        examples: questions that an empty chat offers, by language (`en`, `zh`).
        clock: seconds since the epoch.
    """

    # What users do

    def send_text(
        self,
        user_id: int,
        chat_id: int | None,
        text: str,
        *,
        topic: int | None = None,
        reply_to: SentMessage | int | None = None,
    ) -> SentMessage:
        """A user writes. `chat_id` None or the user's own id is the private chat; `topic` is a thread id."""
        formatted = finished(text, [])
        if not formatted.text:
            raise ValueError("an empty message cannot be sent")
        return self._say(user_id, chat_id, text_content(formatted), topic, reply_to)

    def send_photo(
        self,
        user_id: int,
        chat_id: int | None,
        content: bytes,
        *,
        caption: str = "",
        name: str = "photo.png",
        topic: int | None = None,
        reply_to: SentMessage | int | None = None,
    ) -> SentMessage:
        """A user sends a picture (PNG, JPEG, GIF or WebP bytes)."""
        stored = self.keep_file(Upload(name, content), "photos")
        return self._say(user_id, chat_id, photo_content(stored, finished(caption, [])), topic, reply_to)

    def send_document(
        self,
        user_id: int,
        chat_id: int | None,
        content: bytes,
        name: str,
        *,
        caption: str = "",
        album: str = "",
        topic: int | None = None,
        reply_to: SentMessage | int | None = None,
    ) -> SentMessage:
        """A user sends a file; those with the same `album` belong together."""
        stored = self.keep_file(Upload(name, content), "documents")
        message = document_content(stored, finished(caption, []))
        if album:
            message["media_group_id"] = album
        return self._say(user_id, chat_id, message, topic, reply_to)

    def send_voice(
        self,
        user_id: int,
        chat_id: int | None,
        *,
        duration: int = 3,
        content: bytes = b"OggS",
        topic: int | None = None,
        reply_to: SentMessage | int | None = None,
    ) -> SentMessage:
        """A user sends a voice message (its sound is whatever bytes are given). `duration` in seconds."""
        stored = self.keep_file(Upload("voice.oga", content), "voice")
        voice = {
            "file_id": stored.file_id,
            "file_unique_id": stored.unique_id,
            "duration": duration,
            "mime_type": stored.mime_type,
            "file_size": stored.size,
        }
        return self._say(user_id, chat_id, {"voice": voice}, topic, reply_to)

    def forward(
        self,
        user_id: int,
        message: SentMessage | int,
        to_chat: int | None = None,
        *,
        from_chat: int | None = None,
        topic: int | None = None,
    ) -> SentMessage:
        """A user forwards a message to a chat, by default to the private one."""
        with self.lock:
            original = self._given(message, from_chat)
            content = dict(original.content)
            content.setdefault("forward_origin", self.forward_origin(original))
            return self._say(user_id, to_chat, content, topic, None)

    def edit_text(self, user_id: int, message: SentMessage | int, text: str) -> SentMessage:
        """A user edits an own message."""
        with self.lock:
            stored = self._given(message, None)
            if stored.sender_id != user_id:
                raise ValueError(f"message {stored.id} is not by user {user_id}")
            key = "text" if "text" in stored.content else "caption"
            formatted = finished(text, [])
            content = {name: value for name, value in stored.content.items() if "entities" not in name}
            stored.content = {**content, **formatted_fields(formatted, key)}
            self.save_edit(stored)
            if self._bot_sees(stored):
                self.put_update("edited_message", self.to_api(stored))
            return self.view(stored)

    def react(self, user_id: int, message: SentMessage | int, emoji: str | None, *, chat_id: int | None = None) -> None:
        """A user reacts to a message, or takes that back (None). In groups only an administrator bot is told.

        Raises:
            LookupError: no such message, or the user is not in its chat.
        """
        with self.lock:
            stored = self._given(message, chat_id)
            if not self.is_member(stored.chat_id, user_id):
                raise LookupError(f"user {user_id} is not in chat {stored.chat_id}")
            update = reacted(self, stored, user_id, emoji)
            group = self.groups.get(stored.chat_id)
            if update is not None and (group is None or group.bot_is_admin):
                self.put_update("message_reaction", update)

    def press(
        self, message: SentMessage | int, button: str, *, user_id: int | None = None, chat_id: int | None = None
    ) -> str:
        """Presses a button, named by its text or its callback data; gives the id of the callback query.

        `user_id` defaults to the owner of the private chat; `chat_id` is needed for a message id that is not unique.

        Raises:
            LookupError: no such message or button.
        """
        with self.lock:
            stored = self._given(message, chat_id)
            chosen = self.view(stored).button(button)
            if chosen.callback_data is None:
                raise LookupError(f"button {button!r} has no callback data")
            presser = user_id if user_id is not None else stored.chat_id
            if presser not in self.users:
                raise ValueError("user_id is needed to press a button in a group")
            query = CallbackQuery(
                str(secrets.randbits(63)), presser, stored.chat_id, stored.id, chosen.callback_data, self.clock()
            )
            self.callbacks[query.id] = query
            self.put_update(
                "callback_query",
                {
                    "id": query.id,
                    "from": self.user_to_api(presser),
                    "message": self.to_api(stored),
                    "chat_instance": str(abs(stored.chat_id) * 2_654_435_761 % 2**62),
                    "data": chosen.callback_data,
                },
            )
            return query.id

    def callback_answer(self, query_id: str) -> dict[str, Any] | None:
        """What the bot answered to a press: `{}`, or with `text`, `show_alert`, `url`; None while it has not."""
        with self.lock:
            return self.callbacks[query_id].answer

    def expire_callbacks(self) -> None:
        """Makes every pending press too old to be answered."""
        with self.lock:
            for query in self.callbacks.values():
                query.expired = True

    def block(self, user_id: int) -> None:
        """The user blocks the bot: sending to the user fails with 403."""
        with self.lock:
            if user_id not in self._blocked:
                self._blocked.add(user_id)
                self._remember("blocked", sorted(self._blocked))
                self._put_membership(user_id, "member", "kicked")

    def unblock(self, user_id: int) -> None:
        """The user lets the bot in again."""
        with self.lock:
            if user_id in self._blocked:
                self._blocked.discard(user_id)
                self._remember("blocked", sorted(self._blocked))
                self._put_membership(user_id, "kicked", "member")

    def upgrade(self, group_id: int, new_id: int, *, told: bool = True) -> None:
        """A group becomes a supergroup under a new id; what the bot still sends to the old one fails with 400.

        `told` False: the bot missed the message that says so.
        """
        with self.lock:
            self._supersede(group_id, new_id)
            self._remember("upgraded", {str(old): new for old, new in self._upgraded.items()})
            notice = self.new_message(group_id, self.groups[group_id].members[0], {"migrate_to_chat_id": new_id})
            if told:
                self.put_update("message", self.to_api(notice))

    def set_language(self, user_id: int, language_code: str) -> None:
        """Sets the language of the user's Telegram."""
        with self.lock:
            self._languages[user_id] = language_code
            self._remember("languages", {str(key): value for key, value in self._languages.items()})
            self.emit({"type": "language", "user_id": user_id, "language_code": language_code})

    # What is to go wrong

    def flood(self, chat_id: int | None, retry_after: int, times: int = 1) -> None:
        """The next sends to a chat (None: to any) are answered with 429."""
        with self.lock:
            self.faults.add_flood(chat_id, retry_after, times)

    def fail(
        self, method: str, status: int, times: int = 1, *, description: str = "", after_processing: bool = False
    ) -> None:
        """The next calls of a method get this status; `after_processing`: though they had their effect."""
        with self.lock:
            self.faults.add_failure(method, status, times, description, after_processing)

    # What a test looks at

    def messages(
        self, chat_id: int, *, from_bot: bool | None = True, topic: int | None = None, with_deleted: bool = False
    ) -> list[SentMessage]:
        """Messages of a chat, oldest first, edits applied: the bot's (default), the users' (False), all (None)."""
        with self.lock:
            return [
                self.view(stored)
                for stored in self.stored_messages(chat_id, with_deleted=with_deleted)
                if from_bot in (None, stored.sender_id == self.bot.id) and topic in (None, stored.thread_id)
            ]

    def calls(self, method: str | None = None, chat_id: int | None = None) -> list[ApiCall]:
        """Calls that the bot made, oldest first; empty `getUpdates` are left out."""
        with self.lock:
            return [
                call for call in self.calls_made if method in (None, call.method) and chat_id in (None, call.chat_id)
            ]

    def pending_updates(self) -> int:
        """Updates that the bot has not confirmed."""
        with self.lock:
            return len(self.updates.waiting)

    def wait_for(self, predicate: Callable[[], T], timeout: float = 5.0) -> T:
        """Blocks until `predicate()` is true and gives its value. On an event loop, use `until`.

        Raises:
            TimeoutError: after `timeout` seconds; tells the last calls.
        """
        deadline = time.monotonic() + timeout
        while True:
            with self._changed:
                if value := predicate():
                    return value
                left = deadline - time.monotonic()
                if left <= 0:
                    last = [(call.method, call.status, call.parameters) for call in list(self.calls_made)[-5:]]
                    raise TimeoutError(f"nothing came in {timeout} s; the last calls were {last}")
                # also looked at now and then: a predicate may watch more than the sandbox
                self._changed.wait(min(left, _LOOK_AGAIN_S))
            # a burst of events is one look
            time.sleep(_BURST_S)

    async def until(self, predicate: Callable[[], T], timeout: float = 5.0) -> T:  # noqa: ASYNC109 - as wait_for
        """`wait_for` that leaves the event loop free."""
        return await asyncio.to_thread(self.wait_for, predicate, timeout)

    def view(self, stored: StoredMessage) -> SentMessage:
        """A message as a test sees it."""
        content = stored.content
        kind = next((name for name in ("text", "photo", "document", "voice") if name in content), "service")
        spans = content.get("entities") or content.get("caption_entities") or []
        attached: Any = content["photo"][-1] if kind == "photo" else content.get(kind)
        record = self.files.get(attached["file_id"]) if kind in ("photo", "document", "voice") else None
        rows = stored.markup["inline_keyboard"] if stored.markup else []
        return SentMessage(
            chat_id=stored.chat_id,
            id=stored.id,
            sender_id=stored.sender_id,
            from_bot=stored.sender_id == self.bot.id,
            kind=kind,
            text=content.get("text") or content.get("caption") or "",
            entities=tuple(spans),
            buttons=tuple(
                tuple(Button(one["text"], one.get("callback_data"), one.get("url")) for one in row) for row in rows
            ),
            date=stored.date,
            edited=stored.edit_date is not None,
            deleted=stored.deleted,
            thread_id=stored.thread_id,
            reply_to=stored.reply_to,
            file=self.files.content(record) if record else None,
            file_name=record.name if record else None,
            raw=self.to_api(stored),
        )

    # Inside

    def _say(
        self,
        user_id: int,
        chat_id: int | None,
        content: dict[str, Any],
        topic: int | None,
        reply_to: SentMessage | int | None,
    ) -> SentMessage:
        with self.lock:
            chat = user_id if chat_id is None else chat_id
            if user_id not in self.users:
                raise LookupError(f"no user {user_id}; there are {sorted(self.users)}")
            if not self.is_member(chat, user_id):
                raise LookupError(f"user {user_id} is not in chat {chat}")
            group = self.groups.get(chat)
            if topic is not None and (not group or topic not in group.topics):
                raise LookupError(f"no topic {topic} in chat {chat}")
            if chat == user_id and user_id not in self._started:
                self._started.add(user_id)
                self._remember("started", sorted(self._started))
            if chat == user_id and user_id in self._blocked:
                self.unblock(user_id)
            target = reply_to.id if isinstance(reply_to, SentMessage) else reply_to
            stored = self.new_message(chat, user_id, content, thread_id=topic, reply_to=target)
            if self._bot_sees(stored):
                self.put_update("message", self.to_api(stored))
            return self.view(stored)

    def _bot_sees(self, stored: StoredMessage) -> bool:
        """Privacy mode: in groups the bot sees commands, mentions of it and replies to it."""
        group = self.groups.get(stored.chat_id)
        if group is None:
            return True
        if stored.chat_id in self._left:
            return False
        replied = self.stored(stored.chat_id, stored.reply_to)
        meant = replied is not None and replied.sender_id == self.bot.id
        return meant or group.bot_is_admin or not self.bot.privacy_mode or self._names_bot(stored)

    def _names_bot(self, stored: StoredMessage) -> bool:
        text = stored.content.get("text") or stored.content.get("caption") or ""
        name = f"@{self.bot.username}".lower()
        for entity in stored.content.get("entities") or stored.content.get("caption_entities") or []:
            span = utf16_slice(text, entity["offset"], entity["length"]).lower()
            if entity["type"] == "mention" and span == name:
                return True
            if entity["type"] == "bot_command" and ("@" not in span or span.endswith(name)):
                return True
        return False

    def _put_membership(self, user_id: int, before: str, after: str) -> None:
        def member(status: str) -> dict[str, Any]:
            extra = {"until_date": 0} if status == "kicked" else {}
            return {"user": self.bot.to_api(), "status": status, **extra}

        self.put_update(
            "my_chat_member",
            {
                "chat": self.chat_to_api(user_id),
                "from": self.user_to_api(user_id),
                "date": int(self.clock()),
                "old_chat_member": member(before),
                "new_chat_member": member(after),
            },
        )

    def _given(self, message: SentMessage | int, chat_id: int | None) -> StoredMessage:
        if isinstance(message, SentMessage):
            found = [self.stored(message.chat_id, message.id)]
        elif chat_id is not None:
            found = [self.stored(chat_id, message)]
        else:
            found = [one for chat in self._messages if (one := self.stored(chat, message))]
        present = [one for one in found if one]
        if len(present) != 1:
            number = message.id if isinstance(message, SentMessage) else message
            raise LookupError(f"{len(present)} messages with id {number}; name the chat")
        return present[0]
