"""Deletes what has served its time from the state database."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from jobs.alerts.incidents.incident import State
from jobs.alerts.record import IncidentMessageRow, IncidentRow, MarkRow, MonitorRow, SilenceRow
from jobs.digests.subscriptions import SubscriptionRow
from jobs.outbox.contents import Contents

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session, sessionmaker

    from jobs.outbox.outbox import Outbox

INCIDENTS_KEPT = timedelta(days=730)
ENDED_KEPT = timedelta(days=90)


def clean_up(state: sessionmaker[Session], clock: Callable[[], datetime], outbox: Outbox) -> str:
    """Says how much of what was deleted. Nothing that is owed is: no push that waits or what it holds, nothing open.

    Incidents are kept for two years after they were resolved; digests that were ended, silences that are over and
    monitors that were removed for 90 days.
    """
    work: dict[str, Callable[[], int]] = {
        "pushes": outbox.purge,
        "contents": Contents(state, clock).purge,
        "incidents": lambda: _incidents(state, clock() - INCIDENTS_KEPT),
        "digests": lambda: _ended_digests(state, clock() - ENDED_KEPT),
        "silences": lambda: _silences(state, clock() - ENDED_KEPT),
        "monitors": lambda: _removed_monitors(state, clock() - ENDED_KEPT),
    }
    gone = {name: one() for name, one in work.items()}
    return ", ".join(f"{count} {name}" for name, count in gone.items() if count) or "nothing to delete"


def _incidents(state: sessionmaker[Session], before: datetime) -> int:
    over = (IncidentRow.state == State.RESOLVED.value, IncidentRow.resolved_at <= before)
    with state.begin() as session:
        old = select(IncidentRow.id).where(*over)
        session.execute(delete(IncidentMessageRow).where(IncidentMessageRow.incident_id.in_(old)))
        gone = delete(IncidentRow).where(*over).returning(IncidentRow.id)
        return len(session.scalars(gone).all())


def _ended_digests(state: sessionmaker[Session], before: datetime) -> int:
    with state.begin() as session:
        gone = delete(SubscriptionRow).where(SubscriptionRow.ended_at <= before).returning(SubscriptionRow.id)
        return len(session.scalars(gone).all())


def _silences(state: sessionmaker[Session], before: datetime) -> int:
    with state.begin() as session:
        gone = delete(SilenceRow).where(SilenceRow.until <= before).returning(SilenceRow.id)
        return len(session.scalars(gone).all())


def _removed_monitors(state: sessionmaker[Session], before: datetime) -> int:
    """Those of which no incident is kept: it would no longer be known what it was about."""
    with state.begin() as session:
        told_of = select(IncidentRow.monitor_id)
        old = select(MonitorRow.id).where(MonitorRow.removed_at <= before, MonitorRow.id.not_in(told_of))
        ids = session.scalars(old).all()
        session.execute(delete(MarkRow).where(MarkRow.monitor_id.in_(ids)))
        session.execute(delete(MonitorRow).where(MonitorRow.id.in_(ids)))
        return len(ids)
