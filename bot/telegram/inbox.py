"""Updates taken from Telegram and not answered yet. They are stored before Telegram is told that they arrived.

A crash or a restart therefore loses nothing: what is still here is answered after the start. An update's
text is kept only until it is answered; after that a fingerprint remains for a while, so that a second
delivery of the same update is recognised.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, BigInteger, String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, sessionmaker

from tools.state import Base, UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

REMEMBERED = timedelta(days=3)
"""Telegram keeps an undelivered update for a day, so a repetition cannot come later than that."""


class InboxRow(Base):
    """One update. `sequence` is the order of arrival; `parts_sent` counts the messages already delivered for it."""

    __tablename__ = "inbox"

    sequence: Mapped[int] = mapped_column(primary_key=True)
    update_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    parts_sent: Mapped[int] = mapped_column(default=0)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)


@dataclass(frozen=True)
class Taken:
    """An update that waits for its answer; `attempts` counts how often its handling began."""

    update_id: int
    payload: Mapping[str, Any]
    attempts: int


class Inbox:
    """Thread-safe, blocking."""

    def __init__(self, state: sessionmaker[Session], clock: Callable[[], datetime]) -> None:
        self._state = state
        self._clock = clock

    def take(self, update_id: int, payload: Mapping[str, Any]) -> bool:
        """Stores an update; False when it is here already.

        Another update under a known number (Telegram may restart its count after a quiet week) is new.
        """
        fingerprint = hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
        with self._state.begin() as session:
            known = session.scalar(select(InboxRow).where(InboxRow.update_id == update_id))
            if known is not None:
                if known.fingerprint == fingerprint:
                    return False
                session.delete(known)
                session.flush()
            session.add(
                InboxRow(update_id=update_id, fingerprint=fingerprint, payload=dict(payload), taken_at=self._clock())
            )
        return True

    def waiting(self) -> tuple[Taken, ...]:
        """Every unanswered update, in order of arrival."""
        query = select(InboxRow).where(InboxRow.answered_at.is_(None)).order_by(InboxRow.sequence)
        with self._state() as session:
            return tuple(Taken(row.update_id, row.payload or {}, row.attempts) for row in session.scalars(query))

    def begin(self, update_id: int) -> int:
        """Counts an attempt; returns how many messages earlier attempts already delivered."""
        with self._state.begin() as session:
            sent = session.scalar(
                update(InboxRow)
                .where(InboxRow.update_id == update_id)
                .values(attempts=InboxRow.attempts + 1)
                .returning(InboxRow.parts_sent)
            )
        return sent or 0

    def postponed(self, update_id: int) -> None:
        """Takes the attempt back: it ended in an orderly way, without an answer."""
        with self._state.begin() as session:
            session.execute(
                update(InboxRow)
                .where(InboxRow.update_id == update_id, InboxRow.attempts > 0)
                .values(attempts=InboxRow.attempts - 1)
            )

    def sent(self, update_id: int, parts: int) -> None:
        """Remembers that `parts` messages of the answer are delivered."""
        with self._state.begin() as session:
            session.execute(update(InboxRow).where(InboxRow.update_id == update_id).values(parts_sent=parts))

    def answered(self, update_id: int) -> None:
        """Nothing more is owed for this update; its text is forgotten."""
        with self._state.begin() as session:
            session.execute(
                update(InboxRow).where(InboxRow.update_id == update_id).values(answered_at=self._clock(), payload=None)
            )

    def purge(self) -> None:
        """Deletes answered updates that can no longer be delivered again."""
        with self._state.begin() as session:
            session.execute(delete(InboxRow).where(InboxRow.answered_at <= self._clock() - REMEMBERED))
