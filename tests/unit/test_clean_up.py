"""Clean-up deletes what has served its time, and nothing that is owed or open."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from jobs.alerts.record import IncidentMessageRow, IncidentRow, MarkRow, MonitorRow
from jobs.digests.subscriptions import SubscriptionRow
from jobs.maintenance.clean_up import clean_up
from jobs.outbox.contents import Contents
from jobs.outbox.outbox import Outbox
from jobs.outbox.record import OutboxRow, Priority
from tests.unit.outbox_scenes import START, Clock

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session, sessionmaker

YEARS = timedelta(days=365)


@pytest.fixture
def outbox(state: sessionmaker[Session], clock: Clock) -> Outbox:
    return Outbox(state, clock)


def put(outbox: Outbox, key: str, chat_id: int, payload: dict[str, Any]) -> None:
    outbox.put(key, chat_id, None, payload, not_before=START, expires=None, priority=Priority.ALERT)


def delivered(outbox: Outbox) -> None:
    """Every push that is due goes out."""
    for push in outbox.claim("one", 100, timedelta(seconds=30)):
        assert outbox.done(push)


def names(state: sessionmaker[Session], column: Any) -> set[Any]:
    with state() as session:
        return set(session.scalars(select(column)))


def test_pushes_that_wait_stay_and_so_does_what_they_hold(
    state: sessionmaker[Session], clock: Clock, outbox: Outbox
) -> None:
    contents = Contents(state, clock)
    sent, owed, told = (contents.keep({"parts": [{"text": text}], "buttons": []}) for text in "abc")
    put(outbox, "sent", 1, {"content": sent})
    delivered(outbox)
    put(outbox, "owed", 2, {"content": owed})
    put(outbox, "refresh", 3, {"update": 7})
    clock.forward(days=39)
    assert clean_up(state, clock, outbox) == "2 contents"
    assert names(state, OutboxRow.key) == {"sent", "owed", "refresh"}
    assert contents.get(owed) is not None
    assert contents.get(told) is None
    clock.forward(days=2)
    assert clean_up(state, clock, outbox) == "1 pushes"
    assert names(state, OutboxRow.key) == {"owed", "refresh"}
    (push,) = [push for push in outbox.claim("one", 9, timedelta(seconds=30)) if push.key == "owed"]
    assert contents.get(push.payload["content"]) is not None


def incident(monitor_id: int, state: str, resolved_at: datetime | None) -> IncidentRow:
    return IncidentRow(
        monitor_id=monitor_id,
        fingerprint="f",
        metric="net_sales",
        state=state,
        opened_at=START,
        resolved_at=resolved_at,
        incident={},
        definition={},
    )


def monitor(name: str, removed_at: datetime | None = None) -> MonitorRow:
    return MonitorRow(
        chat_id=1, user_id=name, language="en", definition={}, shipped=name, removed_at=removed_at, created_at=START
    )


def test_open_incidents_stay_for_ever_and_resolved_ones_for_two_years(
    state: sessionmaker[Session], clock: Clock, outbox: Outbox
) -> None:
    with state.begin() as session:
        rows = [incident(1, "firing", None), incident(1, "acknowledged", None), incident(1, "resolved", START)]
        rows += [incident(1, "firing", START), incident(1, "resolved", START + YEARS)]
        session.add_all(rows)
        session.flush()
        session.add_all(
            IncidentMessageRow(incident_id=row.id, chat_id=1, message_id=row.id, photo=False, sent_at=START)
            for row in rows
        )
    kept = {row.id for number, row in enumerate(rows) if number != 2}
    clock.forward(days=731)
    assert clean_up(state, clock, outbox) == "1 incidents"
    assert names(state, IncidentRow.id) == kept
    assert names(state, IncidentMessageRow.incident_id) == kept


def test_what_was_ended_stays_for_a_while_and_what_incidents_tell_of_with_them(
    state: sessionmaker[Session], clock: Clock, outbox: Outbox
) -> None:
    with state.begin() as session:
        for name, ended in (("goes on", None), ("ended", START), ("ended lately", START + timedelta(days=60))):
            session.add(
                SubscriptionRow(
                    chat_id=1, user_id=name, language="en", definition={}, told=date(2026, 11, 1), ended_at=ended,
                    created_at=START,
                )
            )  # fmt: skip
        told_of, forgotten, watched = monitor("told of", START), monitor("forgotten", START), monitor("watched")
        session.add_all([told_of, forgotten, watched])
        session.flush()
        session.add(incident(told_of.id, "resolved", START))
        for row in (told_of, forgotten, watched):
            session.add(MarkRow(monitor_id=row.id, path=[], first=START, last=START, side=1, by="Ada", at=START))
    clock.forward(days=91)
    assert clean_up(state, clock, outbox) == "1 digests, 1 monitors"
    assert names(state, SubscriptionRow.user_id) == {"goes on", "ended lately"}
    assert names(state, MonitorRow.shipped) == {"told of", "watched"}
    assert names(state, MarkRow.monitor_id) == {told_of.id, watched.id}
    assert clean_up(state, clock, outbox) == "nothing to delete"
