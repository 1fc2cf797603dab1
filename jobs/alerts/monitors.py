"""Monitors in the state database: whose they are, what they watch, and what people said of their figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Select, delete, func, or_, select, text, update

from jobs.alerts.definition import Definition, Unreadable
from jobs.alerts.incidents.incident import State
from jobs.alerts.record import LONGEST_PERSON, LONGEST_REASON, IncidentRow, MarkRow, MonitorRow, SilenceRow
from tools.errors import InvalidArgument
from tools.messages import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from jobs.alerts.definition import StepGrain
    from jobs.alerts.incidents.subject import Path
    from tools.tool import Chat, User

MOST_IN_A_CHAT = 50
ADDING = 0x6D6B_6D6F
"""Names the advisory lock under which PostgreSQL adds."""


@dataclass(frozen=True)
class Monitor:
    """A monitor as it is kept. `definition` None: kept by another version, which `trouble` says.

    `checked` is the beginning of the last step that was judged, `checked_at` when.
    """

    id: int
    chat_id: int
    topic_id: int | None
    user_id: str
    language: str
    definition: Definition | None
    shipped: str
    checked: datetime | None
    checked_at: datetime | None
    trouble: str
    paused_at: datetime | None
    created_at: datetime


@dataclass(frozen=True)
class Usual:
    """Somebody said that the steps `first` to `last` (beginnings, both included) of a series were usual."""

    path: Path
    first: datetime
    last: datetime
    side: int
    by: str
    at: datetime


@dataclass(frozen=True)
class Added:
    """The monitor, and whether it is new: one that watches the same by the same rule in the chat is not added again."""

    monitor: Monitor
    new: bool


class Monitors:
    """Thread-safe, blocking. Removed monitors are kept and never given out."""

    def __init__(self, state: Callable[[], Session], clock: Callable[[], datetime]) -> None:
        self._state = state
        self._clock = clock

    def add(self, definition: Definition, *, chat: Chat, user: User, language: str, shipped: str = "") -> Added:
        """Raises InvalidArgument where the chat has as many as it may have."""
        with self._state() as session, session.begin():
            if session.get_bind().dialect.name == "postgresql":
                session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADDING})
            row = MonitorRow(
                chat_id=chat.id,
                topic_id=chat.topic,
                user_id=user.id,
                language=language,
                definition=definition.to_json(),
                shipped=shipped,
                trouble="",
                created_at=self._clock(),
            )
            # Written first: on SQLite that is what makes two who add at once wait for each other.
            session.add(row)
            session.flush()
            others = [one for one in session.scalars(_of(chat.id, chat.topic)) if one.id != row.id]
            twin = next((one for one in others if one.definition == row.definition), None)
            if twin is not None:
                found = _read(twin)
                session.rollback()
                return Added(found, new=False)
            if len(others) >= MOST_IN_A_CHAT:
                session.rollback()
                raise InvalidArgument(
                    say("This chat has {most} alerts, which is the most. Remove one first.", most=MOST_IN_A_CHAT)
                )
            return Added(_read(row), new=True)

    def twin(self, definition: Definition, chat: Chat) -> Monitor | None:
        """The chat's monitor of the same definition, if there is one."""
        wanted = definition.to_json()
        with self._state() as session:
            rows = session.scalars(_of(chat.id, chat.topic)).all()
        return next((_read(row) for row in rows if row.definition == wanted), None)

    def of_chat(self, chat: Chat) -> tuple[Monitor, ...]:
        """A chat's own, in the order in which they were added; a topic's apart from its group's."""
        with self._state() as session:
            return tuple(_read(row) for row in session.scalars(_of(chat.id, chat.topic)))

    def get(self, monitor_id: int) -> Monitor | None:
        with self._state() as session:
            row = session.get(MonitorRow, monitor_id)
        return None if row is None or row.removed_at is not None else _read(row)

    def all_active(self, grain: StepGrain) -> tuple[Monitor, ...]:
        """Those that are to be checked: not paused, not removed, and readable. Of the others `trouble` is kept."""
        with self._state() as session:
            rows = session.scalars(
                select(MonitorRow)
                .where(MonitorRow.removed_at.is_(None), MonitorRow.paused_at.is_(None))
                .order_by(MonitorRow.id)
            ).all()
        found = [_read(row) for row in rows]
        for one, row in zip(found, rows, strict=True):
            if one.definition is None and one.trouble != row.trouble:
                self._set(one.id, trouble=one.trouble)
        return tuple(one for one in found if one.definition is not None and one.definition.grain == grain)

    def change(self, monitor_id: int, definition: Definition) -> Monitor | None:
        """Watches something else, or by another rule, from now on; None where it is not there.

        What people said of its figures stays unless the figures are others.
        """
        with self._state() as session, session.begin():
            row = session.get(MonitorRow, monitor_id)
            if row is None or row.removed_at is not None:
                return None
            before = _read(row).definition
            if before is None or not before.watches_the_same(definition):
                session.execute(delete(MarkRow).where(MarkRow.monitor_id == monitor_id))
                row.checked = row.checked_at = None
            row.definition = definition.to_json()
            row.shipped, row.trouble = "", ""
            return _read(row)

    def pause(self, monitor_id: int) -> bool:
        """Whether it is there; paused already is paused."""
        with self._state() as session, session.begin():
            row = session.get(MonitorRow, monitor_id)
            if row is None or row.removed_at is not None:
                return False
            row.paused_at = row.paused_at or self._clock()
            return True

    def resume(self, monitor_id: int) -> bool:
        """Whether it is there. What happened in the pause is not judged any more: the next check begins with now."""
        return self._set(monitor_id, paused_at=None, checked=None)

    def remove(self, monitor_id: int) -> bool:
        """Whether it was there."""
        return self._set(monitor_id, removed_at=self._clock())

    def note_checked(
        self, monitor_id: int, checked: datetime | None, trouble: str = "", *, session: Session | None = None
    ) -> None:
        """Keeps that it was looked at now: up to the step that begins at `checked` (None: no further than before)."""
        values: dict[str, object] = {"checked_at": self._clock(), "trouble": trouble[:LONGEST_REASON]}
        if checked is not None:
            values["checked"] = checked
        self._set(monitor_id, session=session, **values)

    def mark(
        self,
        monitor_id: int,
        series: Iterable[Path],
        *,
        first: datetime,
        last: datetime,
        side: int,
        by: str,
        session: Session | None = None,
    ) -> None:
        """Keeps that steps of these series were usual; once, however often it is said."""
        if session is None:
            with self._state() as own, own.begin():
                self.mark(monitor_id, series, first=first, last=last, side=side, by=by, session=own)
            return
        there = {
            (tuple(map(tuple, row.path)), row.first, row.last)
            for row in session.scalars(select(MarkRow).where(MarkRow.monitor_id == monitor_id))
        }
        for path in series:
            if (path, first, last) in there:
                continue
            session.add(
                MarkRow(
                    monitor_id=monitor_id,
                    path=[list(part) for part in path],
                    first=first,
                    last=last,
                    side=side,
                    by=by[:LONGEST_PERSON],
                    at=self._clock(),
                )
            )

    def marks(self, monitor_ids: Sequence[int]) -> Mapping[int, tuple[Usual, ...]]:
        """What was said of the figures of each of these monitors; those of which nothing was said are left out."""
        found: dict[int, tuple[Usual, ...]] = {}
        with self._state() as session:
            said = select(MarkRow).where(MarkRow.monitor_id.in_(monitor_ids)).order_by(MarkRow.id)
            rows = session.scalars(said).all()
        for row in rows:
            path = tuple((str(dimension), str(value)) for dimension, value in row.path)
            usual = Usual(path, row.first, row.last, row.side, row.by, row.at)
            found[row.monitor_id] = (*found.get(row.monitor_id, ()), usual)
        return found

    def firing(self, monitor_ids: Sequence[int]) -> frozenset[int]:
        """Those of the monitors that have an incident which fires, acknowledged or not."""
        fires = (IncidentRow.state == State.FIRING, IncidentRow.state == State.ACKNOWLEDGED)
        with self._state() as session:
            rows = session.scalars(
                select(IncidentRow.monitor_id).where(IncidentRow.monitor_id.in_(monitor_ids), or_(*fires))
            )
            return frozenset(rows)

    def moved_chat(self, old: int, new: int, *, session: Session | None = None) -> int:
        """A group that became a supergroup has another number; how many monitors it has. Its silences go with them."""
        if session is None:
            with self._state() as own, own.begin():
                return self.moved_chat(old, new, session=own)
        session.execute(update(SilenceRow).where(SilenceRow.chat_id == old).values(chat_id=new))
        moved = session.execute(
            update(MonitorRow).where(MonitorRow.chat_id == old).values(chat_id=new).returning(MonitorRow.id)
        )
        return len(moved.all())

    def count(self) -> int:
        """Monitors that are checked, of all chats."""
        wanted = (MonitorRow.removed_at.is_(None), MonitorRow.paused_at.is_(None))
        with self._state() as session:
            return session.scalar(select(func.count()).select_from(MonitorRow).where(*wanted)) or 0

    def _set(self, monitor_id: int, *, session: Session | None = None, **values: object) -> bool:
        if session is None:
            with self._state() as own, own.begin():
                return self._set(monitor_id, session=own, **values)
        where = (MonitorRow.id == monitor_id, MonitorRow.removed_at.is_(None))
        changed = session.execute(update(MonitorRow).where(*where).values(**values).returning(MonitorRow.id))
        return changed.first() is not None


def _of(chat_id: int, topic_id: int | None) -> Select[MonitorRow]:
    where = (MonitorRow.chat_id == chat_id, MonitorRow.topic_id.is_not_distinct_from(topic_id))
    return select(MonitorRow).where(*where, MonitorRow.removed_at.is_(None)).order_by(MonitorRow.id)


def _read(row: MonitorRow) -> Monitor:
    definition, trouble = None, row.trouble
    try:
        definition = Definition.from_json(row.definition)
    except Unreadable as error:
        trouble = f"unreadable: {error}"[:LONGEST_REASON]
    return Monitor(
        id=row.id,
        chat_id=row.chat_id,
        topic_id=row.topic_id,
        user_id=row.user_id,
        language=row.language,
        definition=definition,
        shipped=row.shipped,
        checked=row.checked,
        checked_at=row.checked_at,
        trouble=trouble,
        paused_at=row.paused_at,
        created_at=row.created_at,
    )
