"""Who is sent which digest, and how far each was told: the state table and its reader."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import JSON, BigInteger, Date, Index, String, cast, func, select, update
from sqlalchemy.orm import Mapped, mapped_column

from jobs.digests.definition import Definition
from jobs.digests.timing import due, missed, told_before
from tools.errors import AssistantError, InvalidArgument
from tools.messages import say
from tools.state import Base, UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from jobs.digests.timing import Schedule

LONGEST_REASON = 300
MOST_IN_A_CHAT = 20
GRACE = timedelta(hours=3)
"""How late a digest may still come; after it the next one covers its days."""
ADDING = 0x6D6B_7375
"""Names the advisory lock under which PostgreSQL adds."""

Reason = Literal["not allowed", "unreadable", "unreachable"]
"""Why the bot paused a subscription by itself: the subscriber or the group may no longer be told; its definition cannot
be read any more; the chat blocked the bot or is gone.
"""


class SubscriptionRow(Base):
    """A digest of a chat. `definition` is its schedule and contents; `told` the last day that it covered.

    `next_at` is when the next is due, None while it is paused (`paused_at`) or ended (`ended_at`). `reason` says why
    the bot paused it by itself. `user_id` subscribed, and it is made with their rights.
    """

    __tablename__ = "subscriptions"
    __table_args__ = (Index("ix_subscriptions_chat", "chat_id", "topic_id"), Index("ix_subscriptions_next", "next_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    topic_id: Mapped[int | None] = mapped_column(BigInteger)
    user_id: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(8))
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    told: Mapped[date] = mapped_column(Date)
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True)
class Subscription:
    """A digest that a chat has. `definition` None: what is stored cannot be read any more.

    `next_at` None: it is paused; `reason` then says why, "" where somebody paused it.
    """

    id: int
    chat_id: int
    topic_id: int | None
    user_id: str
    language: str
    definition: Definition | None
    told: date
    next_at: datetime | None
    reason: str

    @property
    def paused(self) -> bool:
        return self.next_at is None


@dataclass(frozen=True)
class Move:
    """A subscription as it was `seen`, covered up to `told` from now on, and next due at `next_at`."""

    seen: Subscription
    told: date
    next_at: datetime


@dataclass(frozen=True)
class SubscriptionCounts:
    """How many there are, and since when the one that is late longest is due (None: none is)."""

    active: int
    paused: int
    paused_by_bot: int
    overdue: int
    oldest: datetime | None


class Subscriptions:
    """Subscriptions of all chats. Thread-safe; every method blocks."""

    def __init__(self, state: Callable[[], Session], clock: Callable[[], datetime]) -> None:
        self._state = state
        self._clock = clock

    def add(
        self, chat_id: int, topic_id: int | None, user_id: str, language: str, definition: Definition
    ) -> tuple[Subscription, bool]:
        """The subscription, and whether it is new: one with the same definition and language in the chat is given back
        as it is.

        Its first digest is the next, and tells of one period. Raises InvalidArgument where the chat has
        `MOST_IN_A_CHAT`.
        """
        now = self._clock()
        told = told_before(definition.schedule, now)
        row = SubscriptionRow(
            chat_id=chat_id,
            topic_id=topic_id,
            user_id=user_id,
            language=language,
            definition=definition.plain(),
            told=told,
            next_at=due(definition.schedule, now, told).at,
            reason="",
            created_at=now,
        )
        with self._state() as session:
            if session.get_bind().dialect.name == "postgresql":
                session.execute(select(func.pg_advisory_xact_lock(ADDING, chat_id % 2**31)))
            session.add(row)
            # Written first: from here on SQLite lets nobody else write, so two taps at once see one another.
            session.flush()
            others = [one for one in self._rows(session, SubscriptionRow.chat_id == chat_id) if one.id != row.id]
            for one in others:
                if (one.topic_id, one.language, one.definition) == (topic_id, language, row.definition):
                    session.rollback()
                    return _read(one), False
            if len(others) >= MOST_IN_A_CHAT:
                session.rollback()
                raise InvalidArgument(
                    say("This chat has {most} digests, and it can have no more. End one first.", most=MOST_IN_A_CHAT)
                )
            session.commit()
            return _read(row), True

    def of_chat(self, chat_id: int, topic_id: int | None) -> tuple[Subscription, ...]:
        """Those of a chat, or of one topic of it, oldest first; without the ended."""
        here = (SubscriptionRow.chat_id == chat_id, SubscriptionRow.topic_id == topic_id)
        with self._state() as session:
            return tuple(_read(row) for row in self._rows(session, *here))

    def get(self, number: int) -> Subscription | None:
        """None: there is none, or it has ended."""
        with self._state() as session:
            return next((_read(row) for row in self._rows(session, SubscriptionRow.id == number)), None)

    def change(self, number: int, definition: Definition, language: str) -> Subscription | None:
        """Gives it another definition and language; None: there is none, or it has ended.

        Another rhythm begins anew; another time or timezone goes on from the last day that was told. What it therefore
        owes already is due now. A paused one stays so, unless its definition could not be read.
        """
        with self._state() as session:
            for row in self._rows(session, SubscriptionRow.id == number):
                old = _read(row)
                if old.definition is None or old.definition.schedule.rhythm != definition.schedule.rhythm:
                    row.told = told_before(definition.schedule, self._clock())
                row.definition, row.language = definition.plain(), language
                if row.next_at is not None or old.definition is None:
                    self._start(row, definition.schedule)
                session.commit()
                return _read(row)
        return None

    def pause(self, number: int, reason: Reason | None = None) -> bool:
        """Whether it was active. `reason` where the bot does it by itself."""
        return self._pause((SubscriptionRow.id == number,), reason) > 0

    def pause_chat(self, chat_id: int, reason: Reason) -> int:
        """Pauses all of a chat, e.g. one that blocked the bot; the number that were active."""
        return self._pause((SubscriptionRow.chat_id == chat_id,), reason)

    def resume(self, number: int) -> Subscription | None:
        """Goes on with the next digest, which tells of one period: what fell due in the pause is not owed.

        None: there is none, it has ended, or its definition cannot be read. One that is not paused stays as it is.
        """
        with self._state() as session:
            for row in self._rows(session, SubscriptionRow.id == number):
                definition = _read(row).definition
                if definition is None:
                    return None
                if row.next_at is None:
                    row.told = max(row.told, told_before(definition.schedule, self._clock()))
                    self._start(row, definition.schedule)
                    session.commit()
                return _read(row)
        return None

    def end(self, number: int) -> bool:
        """Whether there was one."""
        ending = (
            update(SubscriptionRow)
            .where(SubscriptionRow.id == number, SubscriptionRow.ended_at.is_(None))
            .values(ended_at=self._clock(), next_at=None)
        )
        return self._changed(ending) > 0

    def moved_chat(self, old_chat: int, new_chat: int) -> int:
        """A group became a supergroup: its digests go there. Gives their number.

        Topics are of the new chat, if it has any, and are not kept.
        """
        return self._changed(
            update(SubscriptionRow)
            .where(SubscriptionRow.chat_id == old_chat, SubscriptionRow.ended_at.is_(None))
            .values(chat_id=new_chat, topic_id=None)
        )

    def due(self, now: datetime, limit: int) -> tuple[Subscription, ...]:
        """Up to `limit` whose next digest is due, in order of their numbers."""
        with self._state() as session:
            rows = select(SubscriptionRow).where(SubscriptionRow.next_at <= now).order_by(SubscriptionRow.id)
            return tuple(_read(row) for row in session.scalars(rows.limit(limit)))

    def soon(self, after: datetime, until: datetime) -> tuple[Subscription, ...]:
        """Of those that come due in between, one for each definition and language."""
        window = (SubscriptionRow.next_at > after, SubscriptionRow.next_at <= until)
        alike = cast(SubscriptionRow.definition, String), SubscriptionRow.language
        first = select(func.min(SubscriptionRow.id)).where(*window).group_by(*alike)
        with self._state() as session:
            return tuple(_read(row) for row in self._rows(session, SubscriptionRow.id.in_(first)))

    def advance(self, session: Session, moves: Sequence[Move]) -> frozenset[int]:
        """Moves subscriptions on, within the caller's transaction; the numbers of those that were.

        For the others nothing is to be sent: somebody else has moved them, or ended them, since they were seen.
        """
        if not moves:
            return frozenset()
        # Written before it is read: until the transaction ends nobody else moves these.
        locked = (
            update(SubscriptionRow)
            .where(SubscriptionRow.id.in_([move.seen.id for move in moves]))
            .values(next_at=SubscriptionRow.next_at)
            .returning(SubscriptionRow.id, SubscriptionRow.told, SubscriptionRow.next_at)
            .execution_options(synchronize_session=False)
        )
        as_seen = {number: (told, next_at) for number, told, next_at in session.execute(locked)}
        mine = [move for move in moves if as_seen.get(move.seen.id) == (move.seen.told, move.seen.next_at)]
        if mine:
            session.execute(
                update(SubscriptionRow),
                [{"id": move.seen.id, "told": move.told, "next_at": move.next_at} for move in mine],
            )
        return frozenset(move.seen.id for move in mine)

    def counts(self) -> SubscriptionCounts:
        active, paused = SubscriptionRow.next_at.is_not(None), SubscriptionRow.next_at.is_(None)
        late = SubscriptionRow.next_at <= self._clock()
        with self._state() as session:
            row = session.execute(
                select(
                    func.count().filter(active),
                    func.count().filter(paused),
                    func.count().filter(paused, SubscriptionRow.reason != ""),
                    func.count().filter(late),
                    func.min(SubscriptionRow.next_at).filter(late),
                ).where(SubscriptionRow.ended_at.is_(None))
            ).one()
        return SubscriptionCounts(*row)

    def _start(self, row: SubscriptionRow, schedule: Schedule) -> None:
        """Due when the next one is, or now where one is owed already."""
        now = self._clock()
        owed = missed(schedule, row.told, now, GRACE)
        row.next_at = due(schedule, now, row.told).at if owed is None else now
        row.paused_at, row.reason = None, ""

    def _pause(self, which: tuple[ColumnElement[bool], ...], reason: Reason | None) -> int:
        return self._changed(
            update(SubscriptionRow)
            .where(*which, SubscriptionRow.next_at.is_not(None))
            .values(next_at=None, paused_at=self._clock(), reason=reason or "")
        )

    def _changed(self, statement: Any) -> int:
        with self._state() as session:
            changing = statement.returning(SubscriptionRow.id).execution_options(synchronize_session=False)
            changed = len(session.scalars(changing).all())
            session.commit()
            return changed

    def _rows(self, session: Session, *conditions: ColumnElement[bool]) -> list[SubscriptionRow]:
        chosen = select(SubscriptionRow).where(SubscriptionRow.ended_at.is_(None), *conditions)
        return list(session.scalars(chosen.order_by(SubscriptionRow.id)))


def _read(row: SubscriptionRow) -> Subscription:
    return Subscription(
        row.id,
        row.chat_id,
        row.topic_id,
        row.user_id,
        row.language,
        _definition(row.definition),
        row.told,
        row.next_at,
        row.reason,
    )


def _definition(plain: Mapping[str, Any]) -> Definition | None:
    try:
        return Definition.read(plain)
    except (AssistantError, ValueError, LookupError, TypeError, AttributeError):
        return None
