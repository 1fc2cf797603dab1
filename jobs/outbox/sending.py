"""What the outbox asks of whoever sends, and what can come of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from jobs.outbox.record import Push


@dataclass(frozen=True)
class Delivered:
    """Every part has been taken."""


@dataclass(frozen=True)
class Later:
    """Nothing may go to the chat for some seconds (a 429), or it could not be reached for now."""

    seconds: float
    reason: str = ""


@dataclass(frozen=True)
class Failed:
    """The attempt failed, and its part may have arrived all the same: it is tried again a limited number of times."""

    reason: str


@dataclass(frozen=True)
class Unreachable:
    """There is nobody to tell: the bot is blocked, or the chat is gone."""

    reason: str


@dataclass(frozen=True)
class Moved:
    """The group became a supergroup of another id."""

    new_chat: int


Outcome = Delivered | Later | Failed | Unreachable | Moved


class ClaimLost(Exception):
    """Another process has taken over the push: no further part may be sent."""


class Sender(Protocol):
    """Sends pushes; its coroutine may be cancelled at any await."""

    async def send(self, push: Push, sent: Callable[[int], Awaitable[None]]) -> Outcome:
        """Sends the parts after the first `push.parts_sent`, in order.

        After each part but the last, and before the next, it awaits `sent(n)`, n being the parts sent so far, earlier
        attempts included. That raises `ClaimLost`, which is let through. After the last it returns at once.
        """
        ...
