"""Whom pushes are for, and how they are written: what `bot/` supplies to the jobs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from jobs.alerts.incidents.policy import Policy
    from jobs.outbox.outbox import Outbox
    from tools.answer import Answer, ToolCall
    from tools.tool import Context, User


@dataclass(frozen=True)
class Recipient:
    """Somebody, or a group, as they are now. `user` has the rights with which what is sent there is made.

    `style` is how numbers are written (compact or full). Equal but for chat and topic, and with the same rights, means
    that what is written for one holds for the other.
    """

    chat_id: int
    topic_id: int | None
    user: User
    style: str = "compact"

    @property
    def way(self) -> tuple[str, str, str, str]:
        """How things are written for them, and with which rights: role, language, timezone, style."""
        return (self.user.role, self.user.language, self.user.timezone, self.style)


class People(Protocol):
    """Who may be told. Blocking."""

    def recipient(
        self, chat_id: int, topic_id: int | None, user_id: str, *, language: str | None = None
    ) -> Recipient | None:
        """Whoever subscribed in a chat; None where they, or the group, may no longer be told: removed, not allowed.

        `language` is what the subscription asks for; None: the chat's own. In a group the rights are those of a group.
        """
        ...


class Pages(Protocol):
    """Writes answers as what a chat shows. Blocking."""

    def written(self, call: ToolCall, answer: Answer, to: Recipient) -> Mapping[str, Any]:
        """A content, ready for JSON: parts in order, and rows of buttons for the last. `call` is what its buttons
        (how computed, files) compute again.
        """
        ...


@dataclass(frozen=True)
class Ground:
    """What chores stand on.

    `contexts` gives what a tool that runs for a user may know, as of now. `on_call` are the private chats of those whom
    the policy's escalation and rota name.
    """

    state: sessionmaker[Session]
    clock: Callable[[], datetime]
    outbox: Outbox
    contexts: Callable[[User], Context]
    people: People
    pages: Pages
    policy: Policy
    on_call: Mapping[str, int]
