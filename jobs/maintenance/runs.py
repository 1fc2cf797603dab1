"""When each chore last ran, and how that went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from jobs.inserting import insert_new
from tools.state import Base, UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import sessionmaker

LONGEST_WORDS = 500


class RunRow(Base):
    """The last run of a chore. `ended_at` None: it is at work, or its process died. `words` say what came of it."""

    __tablename__ = "runs"

    chore: Mapped[str] = mapped_column(String(64), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    good: Mapped[bool | None]
    words: Mapped[str] = mapped_column(String(LONGEST_WORDS), default="")
    good_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


@dataclass(frozen=True)
class Run:
    """The last run of a chore. `good` None: it has not ended; `good_at`: when one last ended well."""

    chore: str
    started_at: datetime
    ended_at: datetime | None
    good: bool | None
    words: str
    good_at: datetime | None


class Runs:
    """The record of runs. Every method is one transaction and blocks."""

    def __init__(self, state: sessionmaker[Session], clock: Callable[[], datetime]) -> None:
        self._state = state
        self._clock = clock

    def begin(self, chore: str) -> None:
        now = self._clock()
        with self._state.begin() as session:
            if not insert_new(session, RunRow, "chore", chore=chore, started_at=now, words=""):
                begun = {"started_at": now, "ended_at": None, "good": None, "words": ""}
                session.execute(update(RunRow).where(RunRow.chore == chore).values(**begun))

    def end(self, chore: str, words: str, *, good: bool) -> None:
        """How it went; `words` are cut at 500 characters."""
        now = self._clock()
        ended = {"ended_at": now, "good": good, "words": words[:LONGEST_WORDS]}
        if good:
            ended["good_at"] = now
        with self._state.begin() as session:
            session.execute(update(RunRow).where(RunRow.chore == chore).values(**ended))

    def all(self) -> tuple[Run, ...]:
        """By name."""
        with self._state() as session:
            rows = session.scalars(select(RunRow).order_by(RunRow.chore)).all()
        return tuple(Run(row.chore, row.started_at, row.ended_at, row.good, row.words, row.good_at) for row in rows)
