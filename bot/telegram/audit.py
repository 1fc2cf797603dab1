"""The audit log: who looked at what, and who changed whose access. Rows are added, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # SQLAlchemy reads the annotations
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column, sessionmaker

from tools.state import Base, UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tools.tool import User


class AuditRow(Base):
    """One entry. The migration adds triggers that refuse updates and deletions."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    user_id: Mapped[str] = mapped_column(String(64), index=True)
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(Text)


@dataclass(frozen=True)
class Entry:
    """`subject` names what was touched (a tool and its columns, a user id); never the values seen."""

    id: int
    at: datetime
    user_id: str
    action: str
    subject: str


class AuditLog:
    """Appends and reads; thread-safe, blocking."""

    def __init__(self, state: sessionmaker[Session], clock: Callable[[], datetime]) -> None:
        self._state = state
        self._clock = clock

    def record(self, user_id: str | int, action: str, subject: str) -> None:
        with self._state.begin() as session:
            session.add(AuditRow(at=self._clock(), user_id=str(user_id), action=action, subject=subject))

    def looked(self, user: User, action: str, details: Mapping[str, Any]) -> None:
        """As `record`, in the form that the tools' runner calls; `details` become `name=value` pairs."""
        self.record(user.id, action, " ".join(f"{name}={value}" for name, value in details.items()))

    def page(self, limit: int, before: int | None = None) -> tuple[Entry, ...]:
        """The newest entries first, those older than the entry `before` where it is given."""
        query = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)
        if before is not None:
            query = query.where(AuditRow.id < before)
        with self._state() as session:
            return tuple(_entry(row) for row in session.scalars(query))

    def entries(self) -> Iterator[Entry]:
        """Every entry, oldest first."""
        with self._state() as session:
            query = select(AuditRow).order_by(AuditRow.id).execution_options(yield_per=1000)
            for row in session.scalars(query):
                yield _entry(row)


def _entry(row: AuditRow) -> Entry:
    return Entry(row.id, row.at, row.user_id, row.action, row.subject)
