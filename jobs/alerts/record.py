"""The state tables of alerting: monitors, what people said of their figures, incidents, their messages, silences."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tools.state import Base, UtcDateTime

LONGEST_PERSON = 200
LONGEST_REASON = 300


class MonitorRow(Base):
    """A watched figure, and the chat that is told. `definition` says what is watched and by which rule.

    `shipped` names the default that it is, "" for the team's own. `checked` is the beginning of the last step that was
    judged; `checked_at` when; `trouble` why the last check could not be made, "" where it could. `seen` holds the
    values of the last steps as they were judged, by the instant (ISO 8601) at which each begins.
    """

    __tablename__ = "monitors"
    __table_args__ = (Index("ix_monitors_chat", "chat_id", "topic_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    topic_id: Mapped[int | None] = mapped_column(BigInteger)
    user_id: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(8))
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    shipped: Mapped[str] = mapped_column(String(64), default="")
    checked: Mapped[datetime | None] = mapped_column(UtcDateTime)
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seen: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    trouble: Mapped[str] = mapped_column(String(LONGEST_REASON), default="")
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class MarkRow(Base):
    """What a person said of steps of a series: that they were usual. `path` is the series' dimension values."""

    __tablename__ = "monitor_marks"

    id: Mapped[int] = mapped_column(primary_key=True)
    monitor_id: Mapped[int] = mapped_column(index=True)
    path: Mapped[list[list[str]]] = mapped_column(JSON)
    first: Mapped[datetime] = mapped_column(UtcDateTime)
    last: Mapped[datetime] = mapped_column(UtcDateTime)
    side: Mapped[int]
    by: Mapped[str] = mapped_column(String(LONGEST_PERSON))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class IncidentRow(Base):
    """An incident as JSON; the columns are what it is looked for by. `version` grows with each change.

    `definition` is what its monitor watched when it was last judged; later the monitor may watch another figure.
    """

    __tablename__ = "incidents"
    __table_args__ = (Index("ix_incidents_monitor", "monitor_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    monitor_id: Mapped[int]
    fingerprint: Mapped[str] = mapped_column(String(16))
    metric: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    incident: Mapped[dict[str, Any]] = mapped_column(JSON)
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(default=1)


class IncidentMessageRow(Base):
    """A message that tells of an incident, so that it can be written anew in its place."""

    __tablename__ = "incident_messages"
    __table_args__ = (UniqueConstraint("chat_id", "message_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(index=True)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    message_id: Mapped[int] = mapped_column(BigInteger)
    photo: Mapped[bool]
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SilenceRow(Base):
    """Nobody in a chat is told of what it matches, from `since` until `until` or until somebody ended it.

    It matches one incident's fingerprint, or a metric and dimension values (`where`); with none of these, all alerts
    that are told there.
    """

    __tablename__ = "silences"
    __table_args__ = (Index("ix_silences_chat", "chat_id", "topic_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    topic_id: Mapped[int | None] = mapped_column(BigInteger)
    incident_id: Mapped[int | None]
    fingerprint: Mapped[str | None] = mapped_column(String(16))
    metric: Mapped[str | None] = mapped_column(String(64))
    where: Mapped[list[list[str]]] = mapped_column(JSON)
    by: Mapped[str] = mapped_column(String(LONGEST_PERSON))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
