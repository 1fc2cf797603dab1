"""One instance acts: a named lease in the state database that one process holds at a time.

A lease is its holder's until it runs out by the holder's clock; others take it only `clocks_apart` later by theirs. So
it is never held twice as long as their clocks differ by less than that. A holder that died on the same machine is
replaced at once. A process that was stopped in the middle of an
act (a suspended machine) may still finish it late: `token`, which grows with every holder, lets what is written be
refused.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from jobs.inserting import insert_new
from jobs.process import is_dead
from tools.state import Base, UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import sessionmaker

CLOCKS_APART = timedelta(seconds=5)
"""More than the clocks of two processes on one state database ever differ."""


class LeaseRow(Base):
    """A lease. `token` counts its holders; `held_until` is None when the last one gave it back."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[str] = mapped_column(String(100))
    token: Mapped[int]
    held_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Lease:
    """One process's hold on a lease, or wish for it. Blocking; for one thread at a time."""

    def __init__(
        self,
        state: sessionmaker[Session],
        name: str,
        owner: str,
        clock: Callable[[], datetime],
        for_: timedelta,
        *,
        clocks_apart: timedelta = CLOCKS_APART,
    ) -> None:
        """`owner` is told to people (`jobs.process` names it); `for_` is how long it is held unless it is renewed.

        `clocks_apart` is more than the clocks of two processes ever differ.
        """
        self._state = state
        self._name = name
        self._owner = owner
        self._clock = clock
        self._for = for_
        self._clocks_apart = clocks_apart
        self._token: int | None = None
        self._held_until: datetime | None = None

    @property
    def token(self) -> int | None:
        """Grows with every holder; None while the lease is not this one's."""
        return self._token if self.held else None

    @property
    def held(self) -> bool:
        """Whether this process may act now, asked of the clock alone."""
        return self._held_until is not None and self._clock() < self._held_until

    def take(self) -> bool:
        """Takes the lease if it is free, or holds it for longer; whether it is held now."""
        if self._token is not None and self.renew():
            return True
        now = self._clock()
        until = now + self._for
        with self._state.begin() as session:
            # Writing first takes SQLite's write lock, so that nothing changes between this and what follows.
            insert_new(session, LeaseRow, "name", name=self._name, owner=self._owner, token=0, held_until=None)
            free = LeaseRow.held_until.is_(None) | (LeaseRow.held_until <= now - self._clocks_apart)
            holder = session.scalar(select(LeaseRow.owner).where(LeaseRow.name == self._name))
            if holder is not None and is_dead(holder):
                free |= LeaseRow.owner == holder
            token = self._update(session, free, owner=self._owner, token=LeaseRow.token + 1, held_until=until)
        self._token, self._held_until = token, None if token is None else until
        return token is not None

    def renew(self) -> bool:
        """Holds the lease for longer. False when it is not held, or was taken by another after it ran out."""
        if self._token is None:
            return False
        until = self._clock() + self._for
        with self._state.begin() as session:
            token = self._update(session, LeaseRow.token == self._token, held_until=until)
        self._token, self._held_until = token, None if token is None else until
        return token is not None

    def release(self) -> None:
        """Gives the lease back, for others to take at once; nothing happens where it is not held."""
        token, self._token, self._held_until = self._token, None, None
        if token is not None:
            with self._state.begin() as session:
                self._update(session, LeaseRow.token == token, held_until=None)

    def _update(self, session: Session, where: ColumnElement[bool], **values: Any) -> int | None:
        """The token after the change; None where the condition does not hold."""
        return session.scalar(
            update(LeaseRow)
            .where(LeaseRow.name == self._name, where)
            .values(**values)
            .returning(LeaseRow.token)
            .execution_options(synchronize_session=False)
        )
