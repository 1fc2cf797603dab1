"""What a button does, kept in the state database: Telegram gives a button 64 bytes, and a restart must not kill it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import JSON, BigInteger, String, delete, or_, update
from sqlalchemy.orm import Mapped, Session, mapped_column, sessionmaker

from tools.state import Base, UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

LIFETIME = timedelta(days=7)
ONCE_WITHIN = timedelta(seconds=60)
"""Presses of one button within this time are one press: a double tap does the work once."""


class TokenRow(Base):
    """A button's payload. `user_id` None: any member may press it in its chat."""

    __tablename__ = "tokens"

    token: Mapped[str] = mapped_column(String(32), primary_key=True)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    chat_id: Mapped[int] = mapped_column(BigInteger, index=True)
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    pressed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    pressed_by_update: Mapped[int | None] = mapped_column(BigInteger)


@dataclass(frozen=True)
class Lookup:
    """What came of looking a token up. A token that was never issued counts as expired."""

    verdict: Literal["valid", "expired", "foreign"]
    payload: Mapping[str, Any]


class Tokens:
    """Issues and resolves the tokens that buttons carry; thread-safe, blocking."""

    def __init__(self, state: sessionmaker[Session], clock: Callable[[], datetime]) -> None:
        self._state = state
        self._clock = clock

    def issue(self, payloads: Sequence[Mapping[str, Any]], chat_id: int, user_id: int | None = None) -> tuple[str, ...]:
        """One token (22 characters) for each JSON-ready payload, bound to the chat and, where given, the user."""
        now = self._clock()
        tokens = tuple(secrets.token_urlsafe(16) for _ in payloads)
        with self._state.begin() as session:
            session.add_all(
                TokenRow(
                    token=token,
                    payload=dict(payload),
                    chat_id=chat_id,
                    user_id=user_id,
                    created_at=now,
                    expires_at=now + LIFETIME,
                )
                for token, payload in zip(tokens, payloads, strict=True)
            )
        return tokens

    def find(self, token: str, chat_id: int, user_id: int) -> Lookup:
        """The payload, if this user may press this button in this chat and it has not expired."""
        with self._state() as session:
            row = session.get(TokenRow, token)
        if row is None or row.expires_at <= self._clock():
            return Lookup("expired", {})
        if row.chat_id != chat_id or row.user_id not in (None, user_id):
            return Lookup("foreign", {})
        return Lookup("valid", row.payload)

    def claim(self, token: str, update_id: int) -> bool:
        """Whether this press is the one that does the work.

        The same update may claim again (it is taken up anew after a restart); another one only once
        `ONCE_WITHIN` has passed.
        """
        now = self._clock()
        free = or_(
            TokenRow.pressed_at.is_(None),
            TokenRow.pressed_at <= now - ONCE_WITHIN,
            TokenRow.pressed_by_update == update_id,
        )
        with self._state.begin() as session:
            claimed = session.execute(
                update(TokenRow)
                .where(TokenRow.token == token, free)
                .values(pressed_at=now, pressed_by_update=update_id)
                .returning(TokenRow.token)
            ).first()
        return claimed is not None

    def release(self, token: str) -> None:
        """Gives a claim back after the work failed, so that the next press tries again."""
        with self._state.begin() as session:
            session.execute(
                update(TokenRow).where(TokenRow.token == token).values(pressed_at=None, pressed_by_update=None)
            )

    def migrate_group(self, old_id: int, new_id: int) -> None:
        """A group became a supergroup: its buttons work on under the new id."""
        with self._state.begin() as session:
            session.execute(update(TokenRow).where(TokenRow.chat_id == old_id).values(chat_id=new_id))

    def purge(self) -> None:
        """Deletes what expired."""
        with self._state.begin() as session:
            session.execute(delete(TokenRow).where(TokenRow.expires_at <= self._clock()))
