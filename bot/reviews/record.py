"""The list of answers to review, in the state database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, get_args

from sqlalchemy import JSON, BigInteger, String, Text, UniqueConstraint, delete, func, select, update
from sqlalchemy.orm import Mapped, mapped_column

from bot.shown import Shown
from tools.state import Base, UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.orm import Session

Reason = Literal["", "number", "period", "misunderstood", "other"]
"""What is wrong with an answer; "" until somebody says."""
Verdict = Literal["open", "done", "right"]
"""Not judged yet, mended or otherwise dealt with, or right all along."""

REASONS: tuple[Reason, ...] = get_args(Reason)
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
KEPT = timedelta(days=365)
NOTE_AWAITED = timedelta(minutes=10)
LONGEST_NOTE = 1000
LONGEST_HEADLINE = 300
"""Characters."""


class ReviewRow(Base):
    """One person's complaint about one answer. `shown`: calls, question, language and day, as a button keeps them."""

    __tablename__ = "reviews"
    __table_args__ = (UniqueConstraint("chat_id", "message_id", "user_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    message_id: Mapped[int] = mapped_column(BigInteger)
    user_id: Mapped[int] = mapped_column(BigInteger, index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    shown: Mapped[dict[str, Any]] = mapped_column(JSON)
    headline: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text)
    note_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    verdict: Mapped[str] = mapped_column(String(20), index=True)
    judged_by: Mapped[str] = mapped_column(String(64))
    judged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


@dataclass(frozen=True)
class Review:
    """`shown` is the answer as it was asked for, `at` aware; `user_id` is who complained."""

    id: int
    user_id: int
    at: datetime
    shown: Shown
    headline: str
    reason: Reason
    note: str
    verdict: Verdict


class Reviews:
    """Thread-safe, blocking."""

    def __init__(self, state: Callable[[], Session], clock: Callable[[], datetime]) -> None:
        self._state = state
        self._clock = clock

    def begin(self, chat_id: int, message_id: int, user_id: int, *, shown: Mapping[str, Any], headline: str) -> Review:
        """The complaint of this person about this message; made where there is none, open again where it was judged."""
        with self._state() as session, session.begin():
            row = session.scalar(
                select(ReviewRow).where(
                    ReviewRow.chat_id == chat_id, ReviewRow.message_id == message_id, ReviewRow.user_id == user_id
                )
            )
            if row is None:
                row = ReviewRow(chat_id=chat_id, message_id=message_id, user_id=user_id, reason="", note="")
                session.add(row)
            if row.verdict != "open":
                row.verdict, row.judged_by, row.judged_at = "open", "", None
                row.at, row.shown, row.headline = self._clock(), dict(shown), headline[:LONGEST_HEADLINE]
            session.flush()
            return _review(row)

    def withdraw(self, chat_id: int, message_id: int, user_id: int) -> None:
        """Forgets a complaint of which nothing more was said."""
        with self._state() as session, session.begin():
            session.execute(
                delete(ReviewRow).where(
                    ReviewRow.chat_id == chat_id,
                    ReviewRow.message_id == message_id,
                    ReviewRow.user_id == user_id,
                    ReviewRow.reason == "",
                    ReviewRow.verdict == "open",
                )
            )

    def give_reason(self, number: int, reason: Reason) -> Review | None:
        """Notes what is wrong. After "other" the person's next message is the note, for `NOTE_AWAITED`."""
        until = self._clock() + NOTE_AWAITED if reason == "other" else None
        return self._changed(number, reason=reason, note_until=until)

    def awaited(self, chat_id: int, user_id: int) -> Review | None:
        """The complaint to which this person's next message in this chat is the note."""
        query = (
            select(ReviewRow)
            .where(ReviewRow.chat_id == chat_id, ReviewRow.user_id == user_id, ReviewRow.note_until > self._clock())
            .order_by(ReviewRow.note_until.desc())
        )
        with self._state() as session:
            row = session.scalars(query).first()
            return None if row is None else _review(row)

    def give_note(self, number: int, note: str) -> Review | None:
        """Notes what somebody wrote ("" takes it back); no further message is waited for."""
        return self._changed(number, note=note[:LONGEST_NOTE], note_until=None)

    def judge(self, number: int, verdict: Verdict, by: str) -> Review | None:
        return self._changed(number, verdict=verdict, judged_by=by, judged_at=self._clock())

    def get(self, number: int) -> Review | None:
        with self._state() as session:
            row = session.get(ReviewRow, number)
            return None if row is None else _review(row)

    def page(self, offset: int, limit: int) -> tuple[tuple[Review, ...], int]:
        """Open complaints, the newest first, and how many there are in all."""
        is_open = ReviewRow.verdict == "open"
        with self._state() as session:
            rows = session.scalars(
                select(ReviewRow).where(is_open).order_by(ReviewRow.id.desc()).offset(offset).limit(limit)
            )
            found = tuple(map(_review, rows))
            return found, session.scalar(select(func.count(ReviewRow.id)).where(is_open)) or 0

    def all(self) -> tuple[Review, ...]:
        """Every complaint that is kept, the oldest first."""
        with self._state() as session:
            return tuple(map(_review, session.scalars(select(ReviewRow).order_by(ReviewRow.id))))

    def purge(self) -> None:
        """Deletes what is older than `KEPT`."""
        with self._state() as session, session.begin():
            session.execute(delete(ReviewRow).where(ReviewRow.at <= self._clock() - KEPT))

    def _changed(self, number: int, **values: Any) -> Review | None:
        with self._state() as session, session.begin():
            row = session.scalar(update(ReviewRow).where(ReviewRow.id == number).values(**values).returning(ReviewRow))
            return None if row is None else _review(row)


def _review(row: ReviewRow) -> Review:
    return Review(
        id=row.id,
        user_id=row.user_id,
        at=row.at,
        shown=Shown.from_payload(row.shown),
        headline=row.headline,
        reason=next((reason for reason in REASONS if reason == row.reason), "other"),
        note=row.note,
        verdict=next((verdict for verdict in VERDICTS if verdict == row.verdict), "open"),
    )
