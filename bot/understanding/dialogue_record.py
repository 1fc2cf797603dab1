"""Dialogues in the state database. What they hold is `memory`'s to read, which loads LangGraph; this loads little."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import LargeBinary, String, delete, or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from tools.state import Base, UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

log = structlog.get_logger(__name__)

REMEMBERED_FOR = timedelta(hours=24)
"""After the last turn. What was said yesterday is no antecedent today."""
ASIDE = ":aside"
"""Behind a conversation's key: what is done beside it, and is no part of it."""


@dataclass(frozen=True)
class Kept:
    """A checkpoint and its metadata as the serializer wrote them, and its name of the format."""

    format: str
    checkpoint: bytes
    metadata: bytes


class DialogueRow(Base):
    """A conversation (chat, topic and user) as its last turn left it."""

    __tablename__ = "dialogues"

    conversation: Mapped[str] = mapped_column(String(100), primary_key=True)
    format: Mapped[str] = mapped_column(String(20))
    checkpoint: Mapped[bytes] = mapped_column(LargeBinary)
    details: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class Dialogues:
    """Conversations in the state database. Thread-safe; blocking. What cannot be read or written counts as unknown."""

    def __init__(self, state: Callable[[], Session], clock: Callable[[], datetime]) -> None:
        self._state = state
        self._clock = clock

    def forget_old(self) -> int:
        """Deletes what expired, and says how many conversations that were."""
        with self._state() as session, session.begin():
            old = delete(DialogueRow).where(DialogueRow.at <= self._clock() - REMEMBERED_FOR)
            return len(session.scalars(old.returning(DialogueRow.conversation)).all())

    def migrate_group(self, old_id: int, new_id: int) -> None:
        """A group became a supergroup: what was said in it is remembered under the new id."""
        with self._state() as session, session.begin():
            said = select(DialogueRow).where(DialogueRow.conversation.startswith(f"{old_id}:", autoescape=True))
            for row in session.scalars(said).all():
                moved = str(new_id) + row.conversation.removeprefix(str(old_id))
                if session.get(DialogueRow, moved) is None:
                    row.conversation = moved
                else:  # something was said there already
                    session.delete(row)

    def forget_user(self, user_id: int) -> None:
        """Somebody was removed: nothing of what they said, in whichever chat, is remembered."""
        said = DialogueRow.conversation
        theirs = or_(*(said.endswith(f":{user_id}{more}", autoescape=True) for more in ("", ASIDE)))
        with self._state() as session, session.begin():
            session.execute(delete(DialogueRow).where(theirs))

    def load(self, conversation: str) -> Kept | None:
        """What is kept of a conversation; None where nothing is, or too old."""
        try:
            with self._state() as session:
                row = session.get(DialogueRow, conversation)
        except SQLAlchemyError as error:
            log.warning("dialogue_not_read", error=type(error).__name__)
            return None
        if row is None or row.at <= self._clock() - REMEMBERED_FOR:
            return None
        return Kept(row.format, row.checkpoint, row.details)

    def keep(self, conversation: str, kept: Kept) -> None:
        """Keeps this of a conversation, in place of what was."""
        row = DialogueRow(
            conversation=conversation,
            format=kept.format,
            checkpoint=kept.checkpoint,
            details=kept.metadata,
            at=self._clock(),
        )
        try:
            with self._state() as session, session.begin():
                session.merge(row)
        except SQLAlchemyError as error:
            log.warning("dialogue_not_kept", error=type(error).__name__)
