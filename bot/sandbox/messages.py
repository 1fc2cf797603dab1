"""Messages as the sandbox keeps them, and as a test sees them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class StoredMessage:
    """One message. `content` holds the fields of the Bot API's Message that tell what it says.

    `reactions` are the bot's, `user_reactions` a sign for each person's id.
    """

    chat_id: int
    id: int
    sender_id: int
    date: int
    content: dict[str, Any]
    edit_date: int | None = None
    reply_to: int | None = None
    thread_id: int | None = None
    markup: dict[str, Any] | None = None
    reactions: list[dict[str, Any]] = field(default_factory=list)
    user_reactions: dict[str, str] = field(default_factory=dict)
    deleted: bool = False


@dataclass(frozen=True)
class Button:
    """A button under a message."""

    text: str
    callback_data: str | None = None
    url: str | None = None


@dataclass(frozen=True)
class SentMessage:
    """A message with all its edits applied.

    `text` is the text or the caption; `kind` is text, photo, document, voice or service; `file` holds the bytes of
    the photo or document; `raw` is the Bot API's Message.
    """

    chat_id: int
    id: int
    sender_id: int
    from_bot: bool
    kind: str
    text: str
    entities: tuple[dict[str, Any], ...]
    buttons: tuple[tuple[Button, ...], ...]
    date: int
    edited: bool
    deleted: bool
    thread_id: int | None
    reply_to: int | None
    file: bytes | None
    file_name: str | None
    raw: dict[str, Any]

    def button(self, label: str) -> Button:
        """The button with this text, or else with this callback data.

        Raises:
            LookupError: no such button; tells which there are.
        """
        flat = [button for row in self.buttons for button in row]
        for button in flat:
            if button.text == label:
                return button
        for button in flat:
            if button.callback_data == label:
                return button
        raise LookupError(f"no button {label!r} under message {self.id}; there are {[button.text for button in flat]}")


@dataclass(frozen=True)
class ApiCall:
    """One call that the bot made. `at` is in seconds since the epoch; `status` is the HTTP status."""

    at: float
    method: str
    parameters: dict[str, Any]
    status: int
    response: Any

    @property
    def chat_id(self) -> int | None:
        """The chat that the call named, None when it named none by number."""
        try:
            return int(self.parameters["chat_id"])
        except (KeyError, TypeError, ValueError):
            return None


@dataclass
class CallbackQuery:
    """A press of a button that waits for the bot's answer."""

    id: str
    user_id: int
    chat_id: int
    message_id: int
    data: str
    at: float
    answer: dict[str, Any] | None = None
    expired: bool = False
