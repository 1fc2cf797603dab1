"""The queue of updates and its confirmation by offset."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

DEFAULT_TYPES_LEFT_OUT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
MAX_LIMIT = 100


@dataclass
class UpdateQueue:
    """Updates wait here until the bot confirms them by asking with a higher offset."""

    next_id: int
    waiting: deque[dict[str, Any]] = field(default_factory=deque)
    allowed: tuple[str, ...] = ()

    def accepts(self, kind: str) -> bool:
        """Whether the bot asked for updates of this type."""
        return kind in self.allowed if self.allowed else kind not in DEFAULT_TYPES_LEFT_OUT

    def put(self, kind: str, payload: dict[str, Any]) -> dict[str, Any] | None:
        """Adds an update; None when the bot did not ask for its type."""
        if not self.accepts(kind):
            return None
        update = {"update_id": self.next_id, kind: payload}
        self.next_id += 1
        self.waiting.append(update)
        return update

    def confirm(self, offset: int) -> None:
        """Forgets updates below the offset; a negative one keeps only that many from the end."""
        if offset < 0:
            while len(self.waiting) > -offset:
                self.waiting.popleft()
            return
        while self.waiting and self.waiting[0]["update_id"] < offset:
            self.waiting.popleft()

    def peek(self, limit: int = MAX_LIMIT) -> Sequence[dict[str, Any]]:
        """The oldest updates, still unconfirmed."""
        return [update for update, _ in zip(self.waiting, range(min(max(limit, 1), MAX_LIMIT)), strict=False)]
