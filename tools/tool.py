"""What a tool is: a name, what it is for, typed arguments, examples, and a plain function that answers."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from tools.answer import Answer
from tools.messages import Label, Message

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from knowledge.library import Library
    from tools.semantic.catalog import Catalog
    from tools.warehouse.connection import Warehouse
    from tools.workers import Workers

Role = Literal["viewer", "analyst", "admin"]
ROLES: tuple[Role, ...] = ("viewer", "analyst", "admin")


class Args(BaseModel):
    """Base of every tool's arguments: unknown names are errors, values never change once checked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def plain(self) -> dict[str, Any]:
        """The arguments as JSON, without those that stand at their default; what is left is whole."""
        given = self.model_dump(exclude_defaults=True).keys()
        return {name: value for name, value in self.model_dump(mode="json").items() if name in given}

    @property
    def acts(self) -> bool:
        """Whether the call orders something: to save, to send, to change, or the step that shows it first."""
        return False


@dataclass(frozen=True)
class User:
    """Who asks. `name` is what others call them; `timezone` (IANA) is in which they tell the time."""

    id: str
    role: Role
    language: str = "en"
    name: str = ""
    timezone: str = "UTC"

    def may(self, role: Role) -> bool:
        return ROLES.index(self.role) >= ROLES.index(role)


@dataclass(frozen=True)
class Chat:
    """Where a question was asked, and so where what it orders is sent: a private chat, or a group or a topic of it.

    `governed`: whether the asker may decide for everybody in it; in a private chat always.
    """

    id: int
    topic: int | None = None
    group: bool = False
    governed: bool = True


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Context:
    """All that a tool may know of the world. `today` is the as-of date: nothing later is visible.

    `chat` is None where nothing can be sent later, as in the terminal. `now` is the instant of the question, aware.
    `state` opens a session on the state database (None: there is none). `workers` are the processes in which models
    are fitted (None: they are fitted where the tool runs). `until` is when the question's time is up, on the monotonic
    clock. `forwarded`: the question is in somebody else's words, and may order nothing.
    """

    warehouse: Warehouse
    catalog: Catalog
    today: date
    user: User
    state: Callable[[], Session] | None = None
    workers: Workers | None = None
    knowledge: Library | None = None
    chat: Chat | None = None
    forwarded: bool = False
    now: datetime = field(default_factory=_now)
    until: float = math.inf
    progress: Callable[[Message], None] = field(default=lambda _message: None)

    def seconds_left(self) -> float:
        """How long an answer may still take."""
        return self.until - time.monotonic()


@dataclass(frozen=True)
class Example:
    """A question and the arguments that it must become, for the model, the help page and the tests.

    `args` may name days relative to the as-of date only through the question itself, so examples
    carry the date they were written for. A label among them is what stands there in the question's language.
    """

    question: Label
    args: dict[str, Any]
    today: date = date(2011, 12, 9)

    def args_in(self, language: str) -> dict[str, Any]:
        """The arguments that the question in this language must become."""
        return {
            name: value.in_language(language) if isinstance(value, Label) else value
            for name, value in self.args.items()
        }


@dataclass(frozen=True)
class Cue:
    """Phrases that ask for a tool, and the arguments that they settle by themselves."""

    en: tuple[str, ...]
    zh: tuple[str, ...]
    args: Mapping[str, str] = field(default_factory=dict)


A = TypeVar("A", bound=Args)


@dataclass(frozen=True)
class Tool(Generic[A]):
    """A catalog module's `TOOL`. `needs` are tables without which it cannot answer at all.

    `cues` route questions to it offline; what the questions hold besides must be grammar.
    """

    name: str
    title: Label
    description: str
    args: type[A]
    run: Callable[[Context, A], Answer]
    examples: tuple[Example, ...]
    cues: tuple[Cue, ...] = ()
    needs: tuple[str, ...] = ()
    role: Role = "viewer"
