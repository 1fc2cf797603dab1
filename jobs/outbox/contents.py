"""What pushes hold: kept once, however many chats it goes to."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from jobs.inserting import insert_new
from jobs.outbox.record import OutboxRow
from tools.state import Base, UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.orm import sessionmaker

KEPT = timedelta(days=7)
"""Longer where a push waits that holds it."""


class ContentRow(Base):
    """Rendered parts and buttons, by the SHA-256 of them; `wish` names what was asked for, "" where nobody did."""

    __tablename__ = "contents"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    wish: Mapped[str] = mapped_column(String(64), index=True, default="")
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    kept_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class Contents:
    """Contents by key. Every method blocks."""

    def __init__(self, state: sessionmaker[Session], clock: Callable[[], datetime]) -> None:
        self._state = state
        self._clock = clock

    def keep(self, content: Mapping[str, Any], *, wish: str = "", session: Session | None = None) -> str:
        """Keeps a content, ready for JSON, also in the caller's transaction; gives its key, the same for the same.

        By `wish`, up to 64 characters, `made_for` finds it again.
        """
        written = json.dumps(content, sort_keys=True, ensure_ascii=False)
        key = hashlib.sha256(written.encode()).hexdigest()
        if session is None:
            with self._state.begin() as own:
                self._insert(own, key, content, wish)
        else:
            self._insert(session, key, content, wish)
        return key

    def made_for(self, wish: str, since: datetime) -> str | None:
        """The key of what was kept last for a wish, and no earlier than `since`; None: nothing was."""
        made = select(ContentRow.key).where(ContentRow.wish == wish, ContentRow.kept_at >= since)
        newest = made.order_by(ContentRow.kept_at.desc()).limit(1)
        with self._state() as session:
            return session.scalar(newest)

    def get(self, key: str) -> Mapping[str, Any] | None:
        """None: it was purged."""
        with self._state() as session:
            row = session.get(ContentRow, key)
            return None if row is None else row.content

    def purge(self) -> int:
        """Deletes what was kept `KEPT` ago, unless a push that waits holds it; the number of contents."""
        aged = ContentRow.kept_at <= self._clock() - KEPT
        with self._state.begin() as session:
            old = set(session.scalars(select(ContentRow.key).where(aged)))
            if old:
                waiting = session.scalars(select(OutboxRow.payload).where(OutboxRow.state == "waiting"))
                old -= {payload["content"] for payload in waiting if payload and "content" in payload}
            for key in old:
                session.execute(delete(ContentRow).where(ContentRow.key == key, aged))
            return len(old)

    def _insert(self, session: Session, key: str, content: Mapping[str, Any], wish: str) -> None:
        now = self._clock()
        if not insert_new(session, ContentRow, "key", key=key, wish=wish, content=dict(content), kept_at=now):
            row = session.get(ContentRow, key)
            if row is not None:
                row.kept_at, row.wish = now, wish
