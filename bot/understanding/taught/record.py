"""The team's own words and what they mean, in the state database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from sqlalchemy import JSON, String, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from tools.errors import InvalidArgument
from tools.messages import say
from tools.state import Base, UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

MOST_TAUGHT = 500
LONGEST_WORD = 60
"""Characters."""

Kind = Literal["metric", "dimension", "values"]
Version = tuple[int, int]


@dataclass(frozen=True)
class Meaning:
    """What a word stands for: a metric or a dimension by its id, or values of a dimension or membership."""

    kind: Kind
    name: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class TaughtWord:
    """`word` as it was written; `by` is a user's id; `at` is aware."""

    id: int
    word: str
    meaning: Meaning
    by: str
    at: datetime


class TaughtWordRow(Base):
    """`key` is the word as it is compared. Rows are never changed and their numbers never given again."""

    __tablename__ = "taught_words"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy's own form

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(240), unique=True)
    word: Mapped[str] = mapped_column(String(LONGEST_WORD))
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(64))
    meant: Mapped[list[str]] = mapped_column("meant_values", JSON)
    taught_by: Mapped[str] = mapped_column(String(64))
    taught_at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True)
class TaughtWords:
    """The team's words; thread-safe, blocking."""

    state: Callable[[], Session]

    def version(self) -> Version:
        """Changes whenever a word is taught or revoked: how many there are, and the highest number.

        Since rows neither change nor return, no two different lists share both.
        """
        with self.state() as session:
            count, highest = session.execute(select(func.count(TaughtWordRow.id), func.max(TaughtWordRow.id))).one()
        return count, highest or 0

    def all(self) -> tuple[TaughtWord, ...]:
        """In the order in which they were taught."""
        with self.state() as session:
            return tuple(map(_word, session.scalars(select(TaughtWordRow).order_by(TaughtWordRow.id))))

    def teach(self, word: str, key: str, meaning: Meaning, *, by: str, at: datetime) -> TaughtWord:
        """Keeps a word. Raises InvalidArgument where it is taught already, or there are too many."""
        row = TaughtWordRow(
            key=key,
            word=word,
            kind=meaning.kind,
            name=meaning.name,
            meant=list(meaning.values),
            taught_by=by,
            taught_at=at,
        )
        try:
            with self.state() as session, session.begin():
                if (session.scalar(select(func.count(TaughtWordRow.id))) or 0) >= MOST_TAUGHT:
                    raise InvalidArgument(
                        say("There are {most} taught words already; revoke one first.", most=MOST_TAUGHT)
                    )
                session.add(row)
                session.flush()
                return _word(row)
        except IntegrityError as error:
            raise InvalidArgument(say("“{word}” is taught already; revoke it first.", word=word)) from error

    def revoke(self, number: int) -> TaughtWord | None:
        """Forgets the word of this number and gives what it was; None where there is none."""
        with self.state() as session, session.begin():
            row = session.scalar(delete(TaughtWordRow).where(TaughtWordRow.id == number).returning(TaughtWordRow))
            return None if row is None else _word(row)


def _word(row: TaughtWordRow) -> TaughtWord:
    kind: Kind = "metric" if row.kind == "metric" else "dimension" if row.kind == "dimension" else "values"
    return TaughtWord(row.id, row.word, Meaning(kind, row.name, tuple(row.meant)), row.taught_by, row.taught_at)
