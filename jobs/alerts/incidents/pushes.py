"""An incident's messages as pushes in the outbox. They hold no content: it is made when they are sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from jobs.alerts.incidents.store import chats_told, push_key
from jobs.outbox.record import Priority

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from jobs.alerts.incidents.events import Notify
    from jobs.alerts.incidents.store import Kept
    from jobs.outbox.outbox import Outbox

NEWS = timedelta(days=3)
"""A message that could not be sent for longer is no news any more."""
Address = tuple[int, int | None]
"""A chat, and a topic of it."""


@dataclass(frozen=True)
class Pushes:
    """Puts them into the outbox at the instant `now`, in the caller's transaction."""

    outbox: Outbox
    session: Session
    now: datetime

    def messages(self, kept: Kept, notify: Notify, addresses: Iterable[Address]) -> int:
        """A message of its own for each chat; how many are new. Put again, nothing is sent twice."""
        payload = {"incident": kept.id, "kind": notify.kind.value}
        wanted = sorted(set(addresses), key=lambda one: (one[0], one[1] or 0))
        return sum(self._put(push_key(kept.id, notify.number, one[0]), one, payload) for one in wanted)

    def updates(self, kept: Kept) -> None:
        """What the chats have of the incident is written anew, in its place."""
        for chat in chats_told(self.session, kept.id):
            self._put(push_key(kept.id, f"v{kept.version}", chat), (chat, None), {"update": kept.id})

    def _put(self, key: str, address: Address, payload: Mapping[str, Any]) -> bool:
        return self.outbox.put(
            key,
            *address,
            payload,
            not_before=self.now,
            expires=self.now + NEWS,
            priority=Priority.ALERT,
            session=self.session,
        )
