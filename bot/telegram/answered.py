"""Which calls a message of the bot answered: a reply to it, weeks later, goes on from there.

What cannot be noted or read costs that, and never an answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import JSON, BigInteger, Index, String, delete, or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column, sessionmaker

from bot.shown import Shown
from bot.understanding.dialogue_record import REMEMBERED_FOR
from tools.state import Base, UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Select
    from telegram import Message


log = structlog.get_logger(__name__)

KEPT = timedelta(days=30)
UNASKED = ""
"""The conversation of what was sent unasked."""
LONGEST_HEADLINE = 300


class AnsweredRow(Base):
    """A message of the bot. `asked_in` is the message that it answers, `at` Telegram's own time of it."""

    __tablename__ = "answered_messages"
    __table_args__ = (Index("ix_answered_messages_conversation", "conversation", "at"),)

    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    message_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    asked_in: Mapped[int | None] = mapped_column(BigInteger)
    conversation: Mapped[str] = mapped_column(String(100))
    headline: Mapped[str] = mapped_column(String(LONGEST_HEADLINE))
    shown: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


@dataclass(frozen=True)
class Noted:
    """What a message of the bot shows; `headline` as it was read. Sent unasked, its calls are each a way to go on.

    Without calls it shows an answer of which nothing more can be asked: a refusal, or a question back.
    """

    shown: Shown
    headline: str
    conversation: str

    @property
    def user_id(self) -> int | None:
        """Who asked; None: nobody did."""
        return int(self.conversation.rpartition(":")[2]) if self.conversation else None


class Answered:
    """Thread-safe, blocking."""

    def __init__(self, state: sessionmaker[Session], clock: Callable[[], datetime]) -> None:
        self._state = state
        self._clock = clock

    def note(self, message: Message, noted: Noted, asked_in: int | None = None) -> None:
        """Remembers what a delivered message shows, and which message it answers."""
        row = AnsweredRow(
            chat_id=message.chat.id,
            message_id=message.message_id,
            asked_in=asked_in,
            conversation=noted.conversation,
            headline=noted.headline[:LONGEST_HEADLINE],
            shown=noted.shown.to_payload(),
            at=message.date,
        )
        try:
            with self._state.begin() as session:
                session.merge(row)
        except SQLAlchemyError as error:
            log.warning("answer_not_noted", error=type(error).__name__)

    def find(self, chat_id: int, message_id: int, sent_at: datetime | None = None) -> Noted | None:
        """What a message of the bot shows; None where that is not known (any more).

        `sent_at`, where Telegram tells it, keeps a message apart from another one of the same number: numbers begin
        anew with another bot, and in a group that moved.
        """
        of_message = select(AnsweredRow).where(AnsweredRow.chat_id == chat_id, AnsweredRow.message_id == message_id)
        return self._first(of_message if sent_at is None else of_message.where(AnsweredRow.at == sent_at))

    def find_answer(self, chat_id: int, message_id: int, sent_at: datetime) -> Noted | None:
        """The answer to somebody's message; None where there was none, or it is not known (any more)."""
        return self._first(
            select(AnsweredRow)
            .where(AnsweredRow.chat_id == chat_id, AnsweredRow.asked_in == message_id, AnsweredRow.at >= sent_at)
            .order_by(AnsweredRow.message_id)
        )

    def last(self, conversation: str) -> Noted | None:
        """What a dialogue, as far as it is remembered, came to last."""
        return self._first(
            select(AnsweredRow)
            .where(AnsweredRow.conversation == conversation, AnsweredRow.at > self._clock() - REMEMBERED_FOR)
            .order_by(AnsweredRow.at.desc(), AnsweredRow.message_id.desc())
        )

    def forget_user(self, user_id: int) -> None:
        """Somebody was removed: nothing that they asked, or were told unasked, is kept."""
        theirs = or_(AnsweredRow.chat_id == user_id, AnsweredRow.conversation.endswith(f":{user_id}", autoescape=True))
        with self._state.begin() as session:
            session.execute(delete(AnsweredRow).where(theirs))

    def forget_chat(self, chat_id: int) -> None:
        """A group became a supergroup, in which messages are counted anew."""
        with self._state.begin() as session:
            session.execute(delete(AnsweredRow).where(AnsweredRow.chat_id == chat_id))

    def purge(self) -> None:
        """Deletes what is older than `KEPT`."""
        with self._state.begin() as session:
            session.execute(delete(AnsweredRow).where(AnsweredRow.at <= self._clock() - KEPT))

    def _first(self, query: Select[AnsweredRow]) -> Noted | None:
        young = query.where(AnsweredRow.at > self._clock() - KEPT).limit(1)
        try:
            with self._state() as session:
                row = session.scalar(young)
        except SQLAlchemyError as error:
            log.warning("answer_not_found", error=type(error).__name__)
            return None
        return None if row is None else Noted(Shown.from_payload(row.shown), row.headline, row.conversation)
