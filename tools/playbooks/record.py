"""What was asked of the playbooks, what was shown, and what readers thought of it; in the state database.

Questions are people's own words and may hold personal data: they are cut, never logged, and forgotten after a quarter,
which is as long as it takes to see what is asked again and again. What was shown is counted without who or what asked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Float, Integer, String, Text, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from tools.state import Base, UtcDateTime

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tools.tool import Role

KEPT_QUESTIONS = timedelta(days=90)
LONGEST_QUESTION = 300
MOST_READ = 5000
_ID = 64
Vote = Literal["up", "down"]
_WORTH: Mapping[Vote, int] = {"up": 1, "down": -1}


class QuestionRow(Base):
    """One question. `passage` and `document` are what was shown; empty: nothing answered."""

    __tablename__ = "playbook_questions"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(String(LONGEST_QUESTION))
    language: Mapped[str] = mapped_column(String(8))
    role: Mapped[str] = mapped_column(String(16))
    confidence: Mapped[float] = mapped_column(Float)
    passage: Mapped[str] = mapped_column(String(_ID))
    document: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class ShownRow(Base):
    """How often a document was shown. `key` is a digest of the document's key, which may be a long path."""

    __tablename__ = "playbook_shown"

    key: Mapped[str] = mapped_column(String(_ID), primary_key=True)
    times: Mapped[int] = mapped_column(Integer)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)


class VoteRow(Base):
    """A reader's vote on a passage: the last one counts."""

    __tablename__ = "playbook_votes"

    user_id: Mapped[str] = mapped_column(String(_ID), primary_key=True)
    passage: Mapped[str] = mapped_column(String(_ID), primary_key=True, index=True)
    worth: Mapped[int] = mapped_column(Integer)
    voted_at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True)
class Asked:
    """A question as it is kept."""

    text: str
    language: str
    asked_at: datetime


@dataclass(frozen=True)
class Votes:
    """How many readers voted which way on a passage."""

    passage: str
    up: int
    down: int


class Record:
    """Keeps and reads; blocking and thread-safe. `clock` gives the time, aware."""

    def __init__(self, state: Callable[[], Session], clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._state = state
        self._clock = clock

    def asked(
        self, text: str, *, language: str, role: Role, confidence: float, passage: str = "", document: str = ""
    ) -> None:
        """Keeps a question and what was shown for it, and forgets those that are too old."""
        now = self._clock()
        with self._state() as session, session.begin():
            session.execute(delete(QuestionRow).where(QuestionRow.asked_at < now - KEPT_QUESTIONS))
            session.add(
                QuestionRow(
                    text=text[:LONGEST_QUESTION],
                    language=language[:8],
                    role=role,
                    confidence=confidence,
                    passage=passage[:_ID],
                    document=document,
                    asked_at=now,
                )
            )

    def shown(self, document: str) -> None:
        """Counts that something of a document was shown; `document` is its key."""
        now, key = self._clock(), _digest(document)
        again = update(ShownRow).where(ShownRow.key == key).values(times=ShownRow.times + 1, last_at=now)
        with self._state() as session, session.begin():
            if session.execute(again.returning(ShownRow.key)).first() is not None:
                return
        try:
            with self._state() as session, session.begin():
                session.add(ShownRow(key=key, times=1, last_at=now))
        except IntegrityError:  # somebody else is shown it for the first time at this moment
            with self._state() as session, session.begin():
                session.execute(again)

    def vote(self, user_id: str, passage: str, vote: Vote) -> None:
        """Keeps a reader's vote in the place of an earlier one."""
        row = VoteRow(user_id=user_id[:_ID], passage=passage[:_ID], worth=_WORTH[vote], voted_at=self._clock())
        try:
            with self._state() as session, session.begin():
                session.merge(row)
        except IntegrityError:  # two taps at once; this one came last
            with self._state() as session, session.begin():
                session.merge(row)

    def unanswered(self) -> tuple[Asked, ...]:
        """The questions of the last `KEPT_QUESTIONS` that found nothing, the newest first, at most `MOST_READ`."""
        query = (
            select(QuestionRow)
            .where(QuestionRow.passage == "", QuestionRow.asked_at >= self._clock() - KEPT_QUESTIONS)
            .order_by(QuestionRow.asked_at.desc(), QuestionRow.id.desc())
            .limit(MOST_READ)
        )
        with self._state() as session:
            return tuple(Asked(row.text, row.language, row.asked_at) for row in session.scalars(query))

    def counted(self) -> tuple[int, int]:
        """How many questions were asked in that time, and how many of them found something."""
        query = select(func.count(), func.count().filter(QuestionRow.passage != "")).where(
            QuestionRow.asked_at >= self._clock() - KEPT_QUESTIONS
        )
        with self._state() as session:
            asked, answered = session.execute(query).one()
        return int(asked), int(answered)

    def voted_down(self) -> tuple[Votes, ...]:
        """Passages that as many readers or more found unhelpful as helpful, the most unhelpful first."""
        down = func.count().filter(VoteRow.worth < 0)
        up = func.count().filter(VoteRow.worth > 0)
        query = (
            select(VoteRow.passage, up, down)
            .group_by(VoteRow.passage)
            .having(down > 0, down >= up)
            .order_by((down - up).desc(), down.desc(), VoteRow.passage)
            .limit(MOST_READ)
        )
        with self._state() as session:
            return tuple(
                Votes(passage, int(for_it), int(against)) for passage, for_it, against in session.execute(query)
            )

    def never_shown(self, documents: Collection[str]) -> frozenset[str]:
        """Those of the documents, given by their keys, of which nothing was ever shown."""
        with self._state() as session:
            known = set(session.scalars(select(ShownRow.key)))
        return frozenset(key for key in documents if _digest(key) not in known)


def _digest(document: str) -> str:
    return hashlib.sha256(document.encode("utf-8", "surrogatepass")).hexdigest()
