"""What goes into understanding and what comes out of it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Protocol

from tools.answer import Answer, FollowUp, ToolCall
from tools.messages import Message, say
from tools.tool import Chat, User

Status = Literal["answered", "clarify", "declined", "failed"]
Form = Literal["answer", "how", "csv", "xlsx"]
"""What is shown of answers: themselves, how they were computed, or their tables as files."""
Progress = Callable[[Message], None]


@dataclass(frozen=True)
class Question:
    """One message to the assistant. `conversation` keys the dialogue (chat, topic and user).

    `language` None: told from the text, the user's own where the text does not tell.
    `today` None: the as-of date of the settings. `chat` None: nothing can be sent later, as in the terminal.
    `about` are the calls of an older answer that the message replies to: it goes on from there.
    `forwarded`: the text is somebody else's; it is answered, and what it orders is not done.
    """

    text: str
    user: User
    conversation: str
    language: str | None = None
    today: date | None = None
    chat: Chat | None = None
    about: tuple[ToolCall, ...] = ()
    forwarded: bool = False


@dataclass(frozen=True)
class Reply:
    """`answered`: one Answer for each call. Otherwise `message` says why, or asks back with `options`.

    `incident` is set when something broke: the id under which the log holds the trace. `prose` is what a language model
    made of the facts, or of the passages that are quoted; it stands above them and never instead of them. `pending`
    is, of a question back, the call as far as it was understood: what a reply to it, however late, completes.
    """

    status: Status
    language: str
    calls: tuple[ToolCall, ...] = ()
    answers: tuple[Answer, ...] = ()
    message: Message | None = None
    options: tuple[FollowUp, ...] = ()
    elapsed_ms: Mapping[str, float] = field(default_factory=dict)
    incident: str | None = None
    prose: str | None = None
    form: Form = "answer"
    pending: ToolCall | None = None


def broken(language: str, calls: tuple[ToolCall, ...] = (), elapsed_ms: Mapping[str, float] | None = None) -> Reply:
    """The reply after a bug: an apology, and a new id under which the caller logs what happened."""
    incident = secrets.token_hex(4)
    message = say(
        "Something went wrong on my side. Please try again; the incident number is {incident}.", incident=incident
    )
    return Reply("failed", language, calls, message=message, elapsed_ms=elapsed_ms or {}, incident=incident)


class Assistant(Protocol):
    """Blocking and thread-safe; callers on an event loop run it in a thread."""

    def ask(self, question: Question, progress: Progress | None = None) -> Reply:
        """Understands a question and answers it."""

    def run(self, call: ToolCall, question: Question, progress: Progress | None = None) -> Reply:
        """Answers a call that a button carries; `question.text` is the button's label."""
