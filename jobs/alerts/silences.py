"""Silences in the state database: of what a chat is told nothing for a while, who said so, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from jobs.alerts.incidents.silences import Silence
from jobs.alerts.incidents.subject import Matcher
from jobs.alerts.record import LONGEST_PERSON, SilenceRow

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from jobs.alerts.definition import Definition
    from jobs.alerts.incidents.subject import Path

Place = tuple[int, int | None]
"""A chat, and a topic of it."""


@dataclass(frozen=True)
class Of:
    """What is silenced: one incident and what has its fingerprint; or a metric and dimension values; or all."""

    incident_id: int | None = None
    fingerprint: str | None = None
    metric: str | None = None
    where: Path = ()

    def of(self, definition: Definition) -> str | Matcher | None:
        """What it takes of the incidents of a monitor; None: nothing.

        What the monitor is limited to by itself holds for each of its incidents, and is not among their values.
        """
        if self.fingerprint is not None:
            return self.fingerprint
        if self.metric not in (None, definition.metric):
            return None
        fixed = {
            (one.dimension, one.values[0]) for one in definition.filters if one.op == "in" and len(one.values) == 1
        }
        return Matcher(definition.metric, tuple(part for part in self.where if part not in fixed))


@dataclass(frozen=True)
class Silenced:
    """A silence as it is kept."""

    id: int
    of: Of
    by: str
    since: datetime
    until: datetime


class Silences:
    """Of each chat and topic its own. Blocking."""

    def __init__(self, state: Callable[[], Session], clock: Callable[[], datetime]) -> None:
        self._state = state
        self._clock = clock

    def add(self, place: Place, every: Sequence[Of], *, by: str, until: datetime) -> tuple[Silenced, ...]:
        """From now on. Of what was silenced already, this takes the place. Raises ValueError for an end in the past."""
        now = self._clock()
        if until <= now:
            raise ValueError(f"a silence must end after it begins: {until.isoformat()}")
        with self._state() as session, session.begin():
            before = [row.id for row in session.scalars(_in_force(now, place)) if _read(row).of in every]
            _end(session, before, now)
            rows = [
                SilenceRow(
                    chat_id=place[0],
                    topic_id=place[1],
                    incident_id=of.incident_id,
                    fingerprint=of.fingerprint,
                    metric=of.metric,
                    where=[list(part) for part in of.where],
                    by=by[:LONGEST_PERSON],
                    since=now,
                    until=until,
                )
                for of in every
            ]
            session.add_all(rows)
            session.flush()
            return tuple(_read(row) for row in rows)

    def of_chat(self, place: Place) -> tuple[Silenced, ...]:
        """Those in force, in the order in which they were said."""
        with self._state() as session:
            return tuple(_read(row) for row in session.scalars(_in_force(self._clock(), place)))

    def end(self, place: Place, ids: Collection[int]) -> tuple[Silenced, ...]:
        """Ends those of the chat that are in force; which these were."""
        now = self._clock()
        with self._state() as session, session.begin():
            found = [_read(row) for row in session.scalars(_in_force(now, place)) if row.id in ids]
            _end(session, [one.id for one in found], now)
            return tuple(found)

    def in_force(self) -> Mapping[Place, tuple[Silenced, ...]]:
        """Of all chats that have any."""
        found: dict[Place, tuple[Silenced, ...]] = {}
        with self._state() as session:
            for row in session.scalars(_in_force(self._clock())):
                place = (row.chat_id, row.topic_id)
                found[place] = (*found.get(place, ()), _read(row))
        return found


def for_monitor(every: Sequence[Silenced], definition: Definition) -> tuple[Silence, ...]:
    """A chat's silences as the incidents of one of its monitors meet them."""
    met = ((one, one.of.of(definition)) for one in every)
    return tuple(Silence(of, one.by, one.since, one.until) for one, of in met if of is not None)


def _in_force(now: datetime, place: Place | None = None) -> Select[SilenceRow]:
    asked = select(SilenceRow).where(SilenceRow.ended_at.is_(None), SilenceRow.until > now).order_by(SilenceRow.id)
    if place is None:
        return asked
    return asked.where(SilenceRow.chat_id == place[0], SilenceRow.topic_id.is_not_distinct_from(place[1]))


def _end(session: Session, ids: Collection[int], now: datetime) -> None:
    if ids:
        session.execute(update(SilenceRow).where(SilenceRow.id.in_(ids)).values(ended_at=now))


def _read(row: SilenceRow) -> Silenced:
    where = tuple(sorted((str(dimension), str(value)) for dimension, value in row.where))
    of = Of(row.incident_id, row.fingerprint, row.metric, where)
    return Silenced(row.id, of, row.by, row.since, row.until)
