"""Incidents in the state database: as JSON, with what they are looked for by, and the messages that tell of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import delete, exists, or_, select, update

from jobs.alerts.definition import Definition, Unreadable
from jobs.alerts.incidents.events import Action, Event
from jobs.alerts.incidents.incident import Incident, State
from jobs.alerts.incidents.lifecycle import advance
from jobs.alerts.incidents.policy import Policy
from jobs.alerts.incidents.silences import Silence
from jobs.alerts.record import IncidentMessageRow, IncidentRow, MonitorRow
from jobs.outbox.record import OutboxRow

if TYPE_CHECKING:
    from pydantic import TypeAdapter
    from sqlalchemy import Select
    from sqlalchemy.orm import Session, sessionmaker

    from tools.semantic.periods import Period

FIRES = (State.FIRING, State.ACKNOWLEDGED)
Which = Literal["open", "resolved", "all"]


@cache
def _json() -> TypeAdapter[Incident]:
    from pydantic import TypeAdapter

    return TypeAdapter(Incident)


def to_json(incident: Incident) -> dict[str, Any]:
    """The whole incident, ready for JSON; `from_json` gives an equal one."""
    written: dict[str, Any] = _json().dump_python(incident, mode="json")
    return written


def from_json(written: dict[str, Any]) -> Incident:
    """Raises ValueError for what `to_json` did not write."""
    return _json().validate_python(written)


@dataclass(frozen=True)
class Kept:
    """An incident as it is kept; `version` grows with each change.

    `definition` is what was watched when it was last judged, and so what it is told of; None: another version wrote it.
    """

    id: int
    monitor_id: int
    incident: Incident
    version: int
    definition: Definition | None = None


@dataclass(frozen=True)
class Origin:
    """The monitor that an incident is of, also one that was removed: whom it tells, and what it watches by now.

    `definition` None: another version wrote it.
    """

    chat_id: int
    topic_id: int | None
    user_id: str
    language: str
    definition: Definition | None
    removed: bool


@dataclass(frozen=True)
class Sent:
    """A message that tells of an incident; `photo`: its text is a picture's caption."""

    chat_id: int
    message_id: int
    photo: bool


class Conflict(Exception):
    """Somebody else changed the incident meanwhile: it has to be read again."""


CarryOut = Callable[["Session", "Kept", tuple[Action, ...]], None]
"""Does what an event asks for, in the transaction that keeps the incident."""


class Incidents:
    """Every method blocks. Any number of processes change incidents at once, and no change is lost."""

    def __init__(self, state: sessionmaker[Session] | Callable[[], Session], clock: Callable[[], datetime]) -> None:
        self._state = state
        self._clock = clock

    # --- reading --------------------------------------------------------------------------------------------------

    def get(self, incident_id: int) -> Kept | None:
        with self._state() as session:
            row = session.get(IncidentRow, incident_id)
            return None if row is None else _kept(row)

    def origins(self, incidents: Iterable[Kept]) -> Mapping[int, Origin]:
        """The monitors of these incidents, by their numbers."""
        wanted = select(MonitorRow).where(MonitorRow.id.in_({one.monitor_id for one in incidents}))
        with self._state() as session:
            return {row.id: _origin(row) for row in session.scalars(wanted)}

    def of_monitors(self, monitors: Collection[int], since: datetime) -> Mapping[int, tuple[Kept, ...]]:
        """Of each, those that are open and those that were resolved at `since` or later; the newest first."""
        asked = select(IncidentRow).where(
            IncidentRow.monitor_id.in_(monitors),
            or_(IncidentRow.state != State.RESOLVED.value, IncidentRow.resolved_at >= since),
        )
        found: dict[int, tuple[Kept, ...]] = {}
        for one in self._all(asked):
            found[one.monitor_id] = (*found.get(one.monitor_id, ()), one)
        return found

    def open_of_active(self) -> tuple[Kept, ...]:
        """All that are open, of monitors that are neither paused nor removed."""
        asked = select(IncidentRow).where(
            IncidentRow.state != State.RESOLVED.value,
            exists().where(
                MonitorRow.id == IncidentRow.monitor_id, MonitorRow.removed_at.is_(None), MonitorRow.paused_at.is_(None)
            ),
        )
        return self._all(asked)

    def left_over(self, monitor_id: int | None = None) -> tuple[Kept, ...]:
        """Open ones whose monitor was removed, or watches another figure by now: of one monitor, or of all."""
        asked = select(IncidentRow).where(IncidentRow.state != State.RESOLVED.value)
        if monitor_id is not None:
            asked = asked.where(IncidentRow.monitor_id == monitor_id)
        found = self._all(asked)
        origins = self.origins(found)
        return tuple(one for one in found if _is_left_over(one, origins.get(one.monitor_id)))

    def open_in(self, chat_id: int, topic_id: int | None) -> tuple[Kept, ...]:
        """Those that fire, acknowledged or not, of the monitors of a chat or a topic of it; the newest first."""
        return self.listing("open", chat=(chat_id, topic_id))

    def listing(
        self,
        which: Which,
        *,
        chat: tuple[int, int | None] | None = None,
        metric: str | None = None,
        period: Period | None = None,
        timezone: str = "UTC",
    ) -> tuple[Kept, ...]:
        """The newest first. Those that were never told, and open ones of monitors that were removed, are left out.

        `chat` is a chat and topic, None: of all. `period` holds the day of the first bad step in the store's timezone.
        """
        watched = exists().where(MonitorRow.id == IncidentRow.monitor_id, MonitorRow.removed_at.is_(None))
        opened = IncidentRow.state.in_([state.value for state in FIRES]) & watched
        resolved = IncidentRow.state == State.RESOLVED.value
        asked = select(IncidentRow).where({"open": opened, "resolved": resolved, "all": or_(opened, resolved)}[which])
        if chat is not None:
            of_chat = exists().where(
                MonitorRow.id == IncidentRow.monitor_id,
                MonitorRow.chat_id == chat[0],
                MonitorRow.topic_id.is_(None) if chat[1] is None else MonitorRow.topic_id == chat[1],
            )
            asked = asked.where(of_chat)
        if metric is not None:
            asked = asked.where(IncidentRow.metric == metric)
        zone = ZoneInfo(timezone)
        return tuple(
            kept
            for kept in self._all(asked)
            if kept.incident.told is not None
            and (period is None or period.start <= kept.incident.first.astimezone(zone).date() <= period.end)
        )

    def _all(self, asked: Select[IncidentRow]) -> tuple[Kept, ...]:
        with self._state() as session:
            newest = asked.order_by(IncidentRow.opened_at.desc(), IncidentRow.id.desc())
            return tuple(_kept(row) for row in session.scalars(newest))

    # --- changing -------------------------------------------------------------------------------------------------

    def open(self, session: Session, monitor_id: int, incident: Incident, definition: Definition) -> Kept:
        """Keeps a new incident, of what is watched, in the caller's transaction."""
        row = IncidentRow(monitor_id=monitor_id, version=1, definition=definition.to_json(), **_columns(incident))
        session.add(row)
        session.flush()
        return _kept(row)

    def change(self, session: Session, kept: Kept, incident: Incident, definition: Definition | None = None) -> Kept:
        """Keeps a change in the caller's transaction; `definition` is what it was judged by, None: as before.

        Raises Conflict where `kept` is not the last version any more.
        """
        judged = {} if definition is None else {"definition": definition.to_json()}
        changed = session.execute(
            update(IncidentRow)
            .where(IncidentRow.id == kept.id, IncidentRow.version == kept.version)
            .values(version=kept.version + 1, **judged, **_columns(incident))
            .returning(IncidentRow.id)
            .execution_options(synchronize_session=False)
        )
        if changed.first() is None:
            raise Conflict(f"incident {kept.id} is not at version {kept.version} any more")
        return Kept(kept.id, kept.monitor_id, incident, kept.version + 1, definition or kept.definition)

    def advance(
        self,
        incident_id: int,
        event: Event,
        policy: Policy,
        carry_out: CarryOut,
        silences: Sequence[Silence] = (),
    ) -> tuple[Kept, tuple[Action, ...]]:
        """The incident after an event, kept where that changes anything, and its actions, carried out with it.

        Where somebody else was quicker, the event is taken by the incident as it is then. Raises KeyError where there
        is no such incident.
        """
        while True:
            kept = self.get(incident_id)
            if kept is None:
                raise KeyError(incident_id)
            incident, actions = advance(kept.incident, event, policy, silences)
            if not actions and replace(incident, at=kept.incident.at) == kept.incident:
                return kept, ()
            try:
                with self._state() as session, session.begin():
                    after = self.change(session, kept, incident)
                    carry_out(session, after, actions)
            except Conflict:
                continue
            return after, actions

    # --- messages -------------------------------------------------------------------------------------------------

    def note_message(self, incident_id: int, chat_id: int, message_id: int, *, photo: bool) -> None:
        """A message that tells of it was sent; said again, nothing changes."""
        with self._state() as session, session.begin():
            there = select(IncidentMessageRow.id).where(
                IncidentMessageRow.chat_id == chat_id, IncidentMessageRow.message_id == message_id
            )
            if session.scalar(there) is None:
                row = IncidentMessageRow(
                    incident_id=incident_id, chat_id=chat_id, message_id=message_id, photo=photo, sent_at=self._clock()
                )
                session.add(row)

    def messages(self, incident_id: int, chat_id: int) -> tuple[Sent, ...]:
        """Those of a chat, oldest first."""
        asked = select(IncidentMessageRow).where(
            IncidentMessageRow.incident_id == incident_id, IncidentMessageRow.chat_id == chat_id
        )
        with self._state() as session:
            rows = session.scalars(asked.order_by(IncidentMessageRow.id))
            return tuple(Sent(row.chat_id, row.message_id, row.photo) for row in rows)

    def chats(self, incident_id: int) -> tuple[int, ...]:
        """Those in which it was told, or will be by what waits in the outbox; ascending."""
        with self._state() as session:
            return chats_told(session, incident_id)

    def moved_chat(self, old_chat: int) -> None:
        """A group became a supergroup: what was sent to the old one has no place in the new one, and stays as it is."""
        with self._state() as session, session.begin():
            session.execute(delete(IncidentMessageRow).where(IncidentMessageRow.chat_id == old_chat))


def chats_told(session: Session, incident_id: int) -> tuple[int, ...]:
    """As `Incidents.chats`, within a transaction."""
    told = select(IncidentMessageRow.chat_id).where(IncidentMessageRow.incident_id == incident_id)
    # What was sent is noted as a message; to look through all that ever went out would take long.
    waits = OutboxRow.state == "waiting"
    pushed = select(OutboxRow.chat_id).where(waits, OutboxRow.key.startswith(push_key(incident_id, "")))
    return tuple(sorted(session.scalars(told.union(pushed))))


def push_key(incident_id: int, *rest: object) -> str:
    """The outbox's key of a push that tells of an incident."""
    return ":".join(("incident", str(incident_id), *map(str, rest)))


def _columns(incident: Incident) -> dict[str, Any]:
    return {
        "fingerprint": incident.subject.fingerprint,
        "metric": incident.subject.metric,
        "state": incident.state.value,
        "opened_at": incident.opened_at,
        "resolved_at": incident.resolved_at,
        "incident": to_json(incident),
    }


def _is_left_over(kept: Kept, origin: Origin | None) -> bool:
    if origin is None or origin.removed:
        return True
    then, now = kept.definition, origin.definition
    return then is not None and now is not None and not then.watches_the_same(now)


def _origin(row: MonitorRow) -> Origin:
    definition, removed = _definition(row.definition), row.removed_at is not None
    return Origin(row.chat_id, row.topic_id, row.user_id, row.language, definition, removed)


def _kept(row: IncidentRow) -> Kept:
    return Kept(row.id, row.monitor_id, from_json(row.incident), row.version, _definition(row.definition))


def _definition(written: dict[str, Any]) -> Definition | None:
    try:
        return Definition.from_json(written)
    except Unreadable:
        return None
