"""The state of the local Telegram: chats, messages, files, updates, and their memory on disk.

Every public method may be called from any thread.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from bot.sandbox.errors import bad_request, forbidden, too_many_requests, upgraded
from bot.sandbox.faults import Faults
from bot.sandbox.files import FileStore, StoredFile
from bot.sandbox.journal import Journal
from bot.sandbox.limits import RateLimiter, RateLimits
from bot.sandbox.messages import ApiCall, CallbackQuery, StoredMessage
from bot.sandbox.people import BotIdentity, SandboxGroup, SandboxUser
from bot.sandbox.updates import UpdateQueue

if TYPE_CHECKING:
    from pathlib import Path

    from bot.sandbox.parameters import Upload

Event = dict[str, Any]
Listener = Callable[[Event], None]

CALLBACK_LIFETIME_S = 900.0
_CALLS_KEPT = 20_000
_FIRST_UPDATE_ID = 500_000_001
_DRAFT_LIFETIME_S = 30.0
_NO_EXAMPLES: Mapping[str, Sequence[str]] = {"en": (), "zh": ()}


class SandboxState:
    """What the server keeps; `Sandbox` adds what people do and what tests look at."""

    def __init__(
        self,
        users: Sequence[SandboxUser],
        groups: Sequence[SandboxGroup] = (),
        bot: BotIdentity | None = None,
        *,
        home: Path | None = None,
        limits: RateLimits | None = None,
        examples: Mapping[str, Sequence[str]] = _NO_EXAMPLES,
        callback_lifetime_s: float = CALLBACK_LIFETIME_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.users = {user.id: user for user in users}
        self.groups = {group.id: group for group in groups}
        self.bot = bot or BotIdentity.generated()
        self.examples = {language: list(questions) for language, questions in examples.items()}
        self.clock = clock
        self.callback_lifetime_s = callback_lifetime_s
        self.lock = threading.RLock()
        self._changed = threading.Condition(self.lock)
        self._listeners: list[Listener] = []
        self.updates = UpdateQueue(_FIRST_UPDATE_ID)
        self.faults = Faults()
        self.limiter = RateLimiter(limits) if limits else None
        self.calls_made: deque[ApiCall] = deque(maxlen=_CALLS_KEPT)
        self.callbacks: dict[str, CallbackQuery] = {}
        self.settings: dict[str, Any] = {}
        self.drafts: dict[tuple[int, int | None], tuple[float, Event]] = {}
        self._messages: dict[int, dict[int, StoredMessage]] = {}
        self._next_ids: dict[int, int] = {}
        self._left: set[int] = set()
        self._started = {user.id for user in users if user.started}
        self._blocked: set[int] = set()
        self._upgraded: dict[int, int] = {}
        self._languages: dict[int, str] = {}
        folder = home / "sandbox" if home else None
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
        self.files = FileStore(folder / "files" if folder else None)
        self._journal = Journal(folder / "journal.jsonl" if folder else None)
        self._restore()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Calls `listener` with each event, under the lock: it must be quick. Gives the way to stop."""
        with self.lock:
            self._listeners.append(listener)

        def stop() -> None:
            with self.lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return stop

    def emit(self, event: Event) -> None:
        """Tells listeners and waiting tests that something happened."""
        with self.lock:
            for listener in list(self._listeners):
                listener(event)
            self._changed.notify_all()

    def close(self) -> None:
        """Closes the journal; what was said can still be looked at."""
        with self.lock:
            self._journal.close()

    @contextmanager
    def recorded(self, method: str, parameters: dict[str, Any]) -> Iterator[Callable[[int, Any], None]]:
        """Logs one call of the bot; the given function takes status and response."""
        at = self.clock()

        def finish(status: int, response: Any) -> None:
            if method == "getUpdates" and status == HTTPStatus.OK and not response:
                return
            with self.lock:
                self.calls_made.append(ApiCall(at, method, parameters, status, response))
                self.emit({"type": "call", "method": method, "status": status})

        yield finish

    def put_update(self, kind: str, payload: dict[str, Any]) -> None:
        """Queues an update for the bot."""
        update = self.updates.put(kind, payload)
        if update:
            self._journal.append({"record": "update", "update": update})
            self.emit({"type": "update"})

    def confirm_updates(self, offset: int) -> None:
        """Forgets updates below the offset."""
        self.updates.confirm(offset)
        first = self.updates.waiting[0]["update_id"] if self.updates.waiting else self.updates.next_id
        self._journal.append({"record": "confirmed", "offset": first})
        self.emit({"type": "confirmed"})

    def remember(self, key: str, value: Any) -> None:
        """Keeps a setting that the bot made (commands, description, webhook)."""
        self.settings[key] = value
        self._remember("settings", self.settings)

    def keep_file(self, upload: Upload, kind: str) -> StoredFile:
        """Keeps a file that was sent."""
        stored = self.files.add(upload, kind)
        self._journal.append({"record": "file", "file": asdict(stored)})
        return stored

    def language_of(self, user_id: int) -> str:
        """Language code of the user's Telegram."""
        return self._languages.get(user_id) or self.users[user_id].language_code

    def user_to_api(self, user_id: int) -> dict[str, Any]:
        """The Bot API's `User`, of a person or of the bot."""
        if user_id == self.bot.id:
            return self.bot.to_api()
        return self.users[user_id].to_api(self.language_of(user_id))

    def chat_to_api(self, chat_id: int) -> dict[str, Any]:
        """The Bot API's `Chat`."""
        if group := self.groups.get(chat_id):
            return group.to_api()
        user = self.users[chat_id]
        chat: dict[str, Any] = {"id": chat_id, "type": "private", "first_name": user.first_name}
        if user.username:
            chat["username"] = user.username
        return chat

    def check_reachable(self, chat_id: int) -> None:
        """Raises ApiError when the bot may not write to the chat."""
        if chat_id in self._upgraded:
            raise upgraded(self._upgraded[chat_id])
        if chat_id in self.groups:
            if chat_id in self._left:
                kind = "supergroup" if self.groups[chat_id].is_supergroup else "group"
                raise forbidden(f"bot is not a member of the {kind} chat")
        elif chat_id not in self.users:
            raise bad_request("chat not found")
        elif chat_id in self._blocked:
            raise forbidden("bot was blocked by the user")
        elif chat_id not in self._started:
            raise forbidden("bot can't initiate conversation with a user")

    def leave(self, chat_id: int) -> None:
        """The bot leaves a group."""
        self._left.add(chat_id)
        self._remember("left", sorted(self._left))

    def _supersede(self, old_id: int, new_id: int) -> None:
        if old_id in self.groups:
            self.groups[new_id] = replace(self.groups[old_id], id=new_id, supergroup=True)
            self._upgraded[old_id] = new_id

    def is_member(self, chat_id: int, user_id: int) -> bool:
        """Whether a person or the bot is in a chat."""
        if user_id == self.bot.id:
            return chat_id not in self._left and chat_id not in self._blocked
        return user_id == chat_id or (chat_id in self.groups and user_id in self.groups[chat_id].members)

    def admit(self, method: str, chat_id: int | None, count: int) -> None:
        """Raises ApiError when a fault is due or a rate limit is reached."""
        self.faults.before(method, chat_id)
        if self.limiter and chat_id is not None and count:
            wait = self.limiter.admit(chat_id, self.clock(), count)
            if wait:
                raise too_many_requests(wait)

    def new_message(
        self,
        chat_id: int,
        sender_id: int,
        content: dict[str, Any],
        *,
        thread_id: int | None = None,
        reply_to: int | None = None,
        markup: dict[str, Any] | None = None,
    ) -> StoredMessage:
        """Puts a message into a chat."""
        # as on Telegram, supergroups count by themselves and everything else shares one count
        counter = chat_id if chat_id in self.groups and self.groups[chat_id].is_supergroup else 0
        self._create_topics(chat_id)
        number = self._next_ids.get(counter, 1)
        self._next_ids[counter] = number + 1
        stored = StoredMessage(
            chat_id,
            number,
            sender_id,
            int(self.clock()),
            content,
            reply_to=reply_to,
            thread_id=thread_id,
            markup=markup,
        )
        self._messages.setdefault(chat_id, {})[number] = stored
        self._save(stored)
        if sender_id == self.bot.id:
            self.drafts.pop((chat_id, thread_id), None)
        self.emit({"type": "message", "message": self.to_page(stored)})
        return stored

    def save_edit(self, stored: StoredMessage, *, silent: bool = False) -> None:
        """Keeps a changed message. `silent`: without the mark of an edit (buttons, reactions)."""
        if not silent:
            stored.edit_date = int(self.clock())
        self._save(stored)
        self.emit({"type": "edit", "message": self.to_page(stored)})

    def delete(self, stored: StoredMessage) -> None:
        """Takes a message out of its chat."""
        stored.deleted = True
        self._save(stored)
        self.emit({"type": "delete", "chat_id": stored.chat_id, "message_id": stored.id})

    def stored(self, chat_id: int, message_id: int | None) -> StoredMessage | None:
        """A message that is still there."""
        found = self._messages.get(chat_id, {}).get(message_id) if message_id is not None else None
        return found if found and not found.deleted else None

    def stored_messages(self, chat_id: int, *, with_deleted: bool = False) -> list[StoredMessage]:
        """Messages of a chat, oldest first."""
        return [stored for stored in self._messages.get(chat_id, {}).values() if with_deleted or not stored.deleted]

    def keep_draft(self, chat_id: int, thread_id: int | None, draft: Event) -> None:
        """Shows a draft for half a minute or until the message comes."""
        self.drafts[chat_id, thread_id] = (self.clock() + _DRAFT_LIFETIME_S, draft)
        self.emit(draft)

    def live_drafts(self) -> list[Event]:
        """Drafts that are still shown."""
        return [draft for until, draft in self.drafts.values() if until > self.clock()]

    def to_api(self, stored: StoredMessage, *, with_reply: bool = True) -> dict[str, Any]:
        """The Bot API's `Message`."""
        message: dict[str, Any] = {
            "message_id": stored.id,
            "from": self.user_to_api(stored.sender_id),
            "chat": self.chat_to_api(stored.chat_id),
            "date": stored.date,
        }
        if stored.thread_id is not None:
            message |= {"message_thread_id": stored.thread_id, "is_topic_message": True}
        # in a topic, a message that answers none answers the one that opened the topic
        target = stored.reply_to if stored.reply_to is not None else stored.thread_id
        replied = self.stored(stored.chat_id, target) if target != stored.id else None
        if with_reply and replied:
            message["reply_to_message"] = self.to_api(replied, with_reply=False)
        if stored.edit_date is not None:
            message["edit_date"] = stored.edit_date
        message |= stored.content
        if stored.markup:
            message["reply_markup"] = stored.markup
        return message

    def to_page(self, stored: StoredMessage) -> dict[str, Any]:
        """A message with what the page shows beside it."""
        return {
            **self.to_api(stored),
            "from_bot": stored.sender_id == self.bot.id,
            "reply_to": stored.reply_to,
            "reactions": stored.reactions,
            "user_reactions": stored.user_reactions,
        }

    def forward_origin(self, original: StoredMessage) -> dict[str, Any]:
        """Who first said it: the Bot API's `MessageOriginUser`."""
        sender = self.user_to_api(original.sender_id)
        return original.content.get("forward_origin") or {"type": "user", "date": original.date, "sender_user": sender}

    def _create_topics(self, chat_id: int) -> None:
        group = self.groups.get(chat_id)
        if not group or not group.topics or chat_id in self._messages:
            return
        self._messages[chat_id] = {}
        for thread_id, title in sorted(group.topics.items()):
            opening = {"forum_topic_created": {"name": title, "icon_color": 0x6FB9F0}}
            stored = StoredMessage(
                chat_id, thread_id, group.members[0], int(self.clock()), opening, thread_id=thread_id
            )
            self._messages[chat_id][thread_id] = stored
            self._save(stored)
        self._next_ids[chat_id] = max(group.topics) + 1

    def _save(self, stored: StoredMessage) -> None:
        self._journal.append({"record": "message", "message": asdict(stored)})

    def _remember(self, key: str, value: Any) -> None:
        self._journal.append({"record": key, "value": value})

    def _restore(self) -> None:
        for record in self._journal.read():
            kind = record.get("record")
            if kind == "message":
                stored = StoredMessage(**record["message"])
                known = stored.chat_id in self.users or stored.chat_id in self.groups
                if known and (stored.sender_id in self.users or stored.sender_id == self.bot.id):
                    self._messages.setdefault(stored.chat_id, {})[stored.id] = stored
            elif kind == "file":
                self.files.restore(record["file"])
            elif kind == "update":
                self.updates.waiting.append(record["update"])
                self.updates.next_id = max(self.updates.next_id, record["update"]["update_id"] + 1)
            elif kind == "confirmed":
                self.updates.confirm(record["offset"])
                self.updates.next_id = max(self.updates.next_id, record["offset"])
            else:
                self._restore_setting(kind, record.get("value"))
        for chat_id, kept in self._messages.items():
            group = self.groups.get(chat_id)
            counter = chat_id if group and group.is_supergroup else 0
            self._next_ids[counter] = max(self._next_ids.get(counter, 1), max(kept, default=0) + 1)
        self._journal.rewrite(self._snapshot())

    def _restore_setting(self, kind: str | None, value: Any) -> None:
        if kind == "started":
            self._started |= set(value)
        elif kind == "blocked":
            self._blocked = set(value)
        elif kind == "left":
            self._left = set(value)
        elif kind == "upgraded":
            for old_id, new_id in value.items():
                self._supersede(int(old_id), new_id)
        elif kind == "languages":
            self._languages = {int(key): code for key, code in value.items()}
        elif kind == "settings":
            self.settings = value

    def _snapshot(self) -> Iterator[dict[str, Any]]:
        yield {"record": "confirmed", "offset": self.updates.next_id}
        # Before the messages of the groups that it makes.
        yield {"record": "upgraded", "value": {str(old_id): new_id for old_id, new_id in self._upgraded.items()}}
        for update in self.updates.waiting:
            yield {"record": "update", "update": update}
        for stored_file in self.files.records():
            yield {"record": "file", "file": stored_file}
        for kept in self._messages.values():
            for stored in kept.values():
                yield {"record": "message", "message": asdict(stored)}
        yield {"record": "started", "value": sorted(self._started)}
        yield {"record": "blocked", "value": sorted(self._blocked)}
        yield {"record": "left", "value": sorted(self._left)}
        yield {"record": "languages", "value": {str(key): code for key, code in self._languages.items()}}
        yield {"record": "settings", "value": self.settings}
