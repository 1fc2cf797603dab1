"""Who may talk to the bot, in which role, and in which groups. Closed by default."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import BigInteger, String, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, sessionmaker

from tools.state import Base, UtcDateTime
from tools.tool import ROLES, Role, User

Clock = Callable[[], datetime]

INVITE_LIFETIME = timedelta(hours=48)
NAME_LENGTH = 200


class UserRow(Base):
    """A person on the allow-list; `active` False is the same as not being on it."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH), default="")
    role: Mapped[str] = mapped_column(String(16))
    language: Mapped[str | None] = mapped_column(String(8))
    timezone: Mapped[str | None] = mapped_column(String(64))
    number_style: Mapped[str | None] = mapped_column(String(16))
    active: Mapped[bool] = mapped_column(default=True)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    added_by: Mapped[int | None] = mapped_column(BigInteger)
    blocked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class InviteRow(Base):
    """A one-time invitation. Only the token's hash is kept: whoever reads the database cannot use it."""

    __tablename__ = "invites"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    created_by: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_by: Mapped[int | None] = mapped_column(BigInteger)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ChatRow(Base):
    """A group: whether the bot answers there, and in which language where a question does not tell."""

    __tablename__ = "chats"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(String(NAME_LENGTH), default="")
    language: Mapped[str | None] = mapped_column(String(8))
    allowed: Mapped[bool] = mapped_column(default=False)
    allowed_by: Mapped[int | None] = mapped_column(BigInteger)
    allowed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


@dataclass(frozen=True)
class Member:
    """An active user of the bot. None: not chosen, the settings' default holds."""

    id: int
    name: str
    role: Role
    language: str | None = None
    timezone: str | None = None
    number_style: str | None = None
    blocked: bool = False

    def may(self, role: Role) -> bool:
        return ROLES.index(self.role) >= ROLES.index(role)

    def as_user(self, language: str, timezone: str, *, in_group: bool) -> User:
        """The user that tools see; `timezone` holds where they chose none.

        In a group everybody reads the answer, so nobody counts for more than an analyst there and
        personal data stays masked.
        """
        role: Role = "analyst" if in_group and self.role == "admin" else self.role
        return User(str(self.id), role, language, self.name, self.timezone or timezone)


@dataclass(frozen=True)
class Group:
    """A group chat as the allow-list has it."""

    id: int
    title: str
    language: str | None
    allowed: bool


class LastAdmin(Exception):
    """The change would leave the bot without an admin."""


class Access:
    """The allow-list of users and groups. Every method is one transaction; all block."""

    def __init__(self, state: sessionmaker[Session], clock: Clock) -> None:
        self._state = state
        self._clock = clock

    def ensure_first_admin(self, user_id: int) -> None:
        """Makes the user of the settings an admin where no active admin is left (or never was)."""
        with self._state.begin() as session:
            if self._admins(session):
                return
            row = session.get(UserRow, user_id)
            if row is None:
                session.add(UserRow(id=user_id, role="admin", added_at=self._clock()))
            else:
                row.role, row.active = "admin", True

    def enrol(self, user_id: int, name: str, role: Role, language: str | None = None) -> None:
        """Puts a user on the list without an invitation, as the demo does; known users stay as they are."""
        with self._state.begin() as session:
            if session.get(UserRow, user_id) is None:
                row = UserRow(id=user_id, name=name[:NAME_LENGTH], role=role, language=language, added_at=self._clock())
                session.add(row)

    def member(self, user_id: int) -> Member | None:
        """The active user of this Telegram id; None for strangers and for those removed."""
        with self._state() as session:
            row = session.get(UserRow, user_id)
            return _member(row) if row is not None and row.active else None

    def members(self) -> tuple[Member, ...]:
        """All active users, admins first, then by name."""
        with self._state() as session:
            rows = session.scalars(select(UserRow).where(UserRow.active)).all()
        members = (_member(row) for row in rows)
        return tuple(sorted(members, key=lambda each: (-ROLES.index(each.role), each.name.casefold(), each.id)))

    def note_seen(self, user_id: int, name: str) -> None:
        """Keeps the name current and forgets that the user had blocked the bot."""
        with self._state.begin() as session:
            row = session.get(UserRow, user_id)
            if row is not None and (row.name != name[:NAME_LENGTH] or row.blocked_at is not None):
                row.name, row.blocked_at = name[:NAME_LENGTH], None

    def note_blocked(self, user_id: int) -> None:
        """Remembers that the user blocked the bot: nothing more is pushed until they write again."""
        with self._state.begin() as session:
            row = session.get(UserRow, user_id)
            if row is not None and row.blocked_at is None:
                row.blocked_at = self._clock()

    def prefer(
        self,
        user_id: int,
        *,
        language: str | None = None,
        timezone: str | None = None,
        number_style: str | None = None,
    ) -> Member | None:
        """Stores what the user chose in `/settings`; None leaves a choice as it is."""
        with self._state.begin() as session:
            row = session.get(UserRow, user_id)
            if row is None or not row.active:
                return None
            row.language = language or row.language
            row.timezone = timezone or row.timezone
            row.number_style = number_style or row.number_style
            return _member(row)

    def set_role(self, user_id: int, role: Role) -> Member | None:
        """Changes a role; None when there is no such user. Raises `LastAdmin`."""
        with self._state.begin() as session:
            row = session.get(UserRow, user_id)
            if row is None or not row.active:
                return None
            if role != "admin":
                self._keep_an_admin(session, row)
            row.role = role
            return _member(row)

    def remove(self, user_id: int) -> Member | None:
        """Takes a user off the allow-list; None when there is no such user. Raises `LastAdmin`."""
        with self._state.begin() as session:
            row = session.get(UserRow, user_id)
            if row is None or not row.active:
                return None
            self._keep_an_admin(session, row)
            row.active = False
            return _member(row)

    def invite(self, role: Role, created_by: int) -> str:
        """A fresh one-time token, good for 48 hours."""
        token = secrets.token_urlsafe(16)
        now = self._clock()
        with self._state.begin() as session:
            session.add(
                InviteRow(
                    token_hash=_hash(token),
                    role=role,
                    created_by=created_by,
                    created_at=now,
                    expires_at=now + INVITE_LIFETIME,
                )
            )
        return token

    def redeem(self, token: str, user_id: int, name: str, language: str | None) -> Member | None:
        """Uses up an invitation; None when it is unknown, used or expired.

        A user who is already active keeps the higher of the two roles.
        """
        now = self._clock()
        with self._state.begin() as session:
            taken = session.execute(
                update(InviteRow)
                .where(
                    InviteRow.token_hash == _hash(token),
                    InviteRow.used_at.is_(None),
                    InviteRow.expires_at > now,
                )
                .values(used_by=user_id, used_at=now)
                .returning(InviteRow.role, InviteRow.created_by)
            ).first()
            if taken is None:
                return None
            role, created_by = taken
            row = session.get(UserRow, user_id)
            if row is None:
                row = UserRow(id=user_id, name=name[:NAME_LENGTH], role=role, language=language, added_at=now)
                session.add(row)
            elif not row.active or ROLES.index(cast("Role", row.role)) < ROLES.index(role):
                row.role = role
            row.active, row.added_by, row.blocked_at = True, created_by, None
            session.flush()
            return _member(row)

    def group(self, chat_id: int) -> Group | None:
        with self._state() as session:
            row = session.get(ChatRow, chat_id)
            return None if row is None else Group(row.id, row.title, row.language, row.allowed)

    def allow_group(self, chat_id: int, title: str, user_id: int) -> None:
        with self._state.begin() as session:
            row = session.get(ChatRow, chat_id)
            if row is None:
                row = ChatRow(id=chat_id)
                session.add(row)
            row.title, row.allowed = title[:NAME_LENGTH], True
            row.allowed_by, row.allowed_at = user_id, self._clock()

    def forbid_group(self, chat_id: int) -> None:
        with self._state.begin() as session:
            row = session.get(ChatRow, chat_id)
            if row is not None:
                row.allowed = False

    def set_group_language(self, chat_id: int, language: str) -> None:
        with self._state.begin() as session:
            row = session.get(ChatRow, chat_id)
            if row is not None:
                row.language = language

    def migrate_group(self, old_id: int, new_id: int) -> None:
        """A group became a supergroup: what was allowed stays allowed under the new id."""
        with self._state.begin() as session:
            old = session.get(ChatRow, old_id)
            if old is None or not old.allowed:
                return
            new = session.get(ChatRow, new_id)
            if new is None:
                new = ChatRow(id=new_id)
                session.add(new)
            new.title, new.language, new.allowed = old.title, old.language, True
            new.allowed_by, new.allowed_at = old.allowed_by, old.allowed_at
            old.allowed = False

    def _admins(self, session: Session) -> int:
        query = select(func.count()).select_from(UserRow).where(UserRow.active, UserRow.role == "admin")
        return session.scalar(query) or 0

    def _keep_an_admin(self, session: Session, row: UserRow) -> None:
        if row.role == "admin" and self._admins(session) == 1:
            raise LastAdmin


def _member(row: UserRow) -> Member:
    role = cast("Role", row.role)
    return Member(
        row.id, row.name, role, row.language, row.timezone, row.number_style, blocked=row.blocked_at is not None
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
