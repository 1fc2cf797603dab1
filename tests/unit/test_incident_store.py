"""Incidents are kept whole, and whoever changes one at the same time as others loses nothing."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session, sessionmaker

from jobs.alerts.definition import Definition
from jobs.alerts.detection.verdicts import ALARMS, Standing
from jobs.alerts.incidents.events import Acknowledged, Action, Finding, Observed, Outcome, Snoozed
from jobs.alerts.incidents.incident import Change, Incident, State, Transition
from jobs.alerts.incidents.lifecycle import advance, opened
from jobs.alerts.incidents.policy import Policy
from jobs.alerts.incidents.silences import Silence
from jobs.alerts.incidents.store import Conflict, Incidents, Kept, from_json, to_json
from jobs.alerts.incidents.subject import Matcher, Subject
from jobs.alerts.monitors import Monitors
from tests.unit.outbox_scenes import START, Clock
from tools.semantic.periods import Period
from tools.tool import Chat, User

POLICY = Policy()
DAY = timedelta(days=1)
LOW = Finding(Standing.BELOW, 1.2, 8.0, 13.0)
HERE = Chat(11)

zones = st.sampled_from([UTC, ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")])
instants = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=zones, allow_imaginary=False).map(
    lambda at: at.astimezone(UTC)
)
texts = st.text(max_size=8)
paths = st.lists(st.tuples(texts, texts), max_size=2).map(tuple)
numbers = st.floats(allow_nan=False, allow_infinity=False)
findings = st.builds(
    Finding,
    side=st.sampled_from(ALARMS),
    size=numbers,
    value=st.none() | numbers,
    expected=st.none() | numbers,
    where=paths,
    members=st.lists(paths, max_size=2).map(tuple),
    window=st.integers(1, 24),
)
silences = st.builds(
    lambda of, by, since, lasts: Silence(of, by, since, since + lasts),
    st.from_regex(r"[0-9a-f]{16}", fullmatch=True) | st.builds(Matcher, st.just("net_sales"), paths),
    texts,
    instants,
    st.timedeltas(timedelta(seconds=1), timedelta(days=9)),
)
incidents = st.builds(
    Incident,
    subject=st.builds(Subject, texts, texts, paths),
    state=st.sampled_from(State),
    at=instants,
    finding=findings,
    first=instants,
    last=instants,
    history=st.lists(
        st.builds(Transition, instants, st.sampled_from(Change), st.none() | texts, st.none() | instants),
        min_size=1,
        max_size=3,
    ).map(tuple),
    recent=st.lists(st.tuples(instants, st.sampled_from(Outcome)), max_size=2).map(tuple),
    settled=st.none() | instants,
    resolved_at=st.none() | instants,
    snoozed_until=st.none() | instants,
    silence=st.none() | silences,
    waiting_since=st.none() | instants,
    steps_done=st.integers(0, 4),
    escalated_at=st.none() | instants,
    told_at=st.none() | instants,
    told=st.none() | findings,
    owed=st.booleans(),
    reached=st.lists(texts, max_size=2).map(tuple),
    messages=st.integers(0, 9),
)


@given(incidents)
def test_what_is_kept_is_what_was_given(incident: Incident) -> None:
    written = json.loads(json.dumps(to_json(incident)))
    assert from_json(written) == incident


@pytest.mark.parametrize("broken", [{}, {"state": "on fire"}, {"subject": None}])
def test_what_was_not_written_by_it_is_no_incident(broken: dict[str, Any]) -> None:
    whole = to_json(fired())
    with pytest.raises(ValueError, match="validation error"):
        from_json({**whole, **broken} if broken else {})


def fired(step: datetime = START, metric: str = "net_sales") -> Incident:
    incident, _actions = opened(Subject("1", metric), Observed(step + DAY, step, Outcome.BAD, LOW), POLICY)
    return incident


def recovered(incident: Incident) -> Incident:
    for after in (1, 2):
        step = incident.last + after * DAY
        incident, _actions = advance(incident, Observed(step + DAY, step, Outcome.GOOD), POLICY)
    return incident


@pytest.fixture
def store(state: sessionmaker[Session], clock: Clock) -> Incidents:
    return Incidents(state, clock)


@pytest.fixture
def monitor(state: sessionmaker[Session], clock: Clock) -> int:
    user = User("11", "analyst")
    return Monitors(state, clock).add(Definition("net_sales"), chat=HERE, user=user, language="en").monitor.id


def keep(state: sessionmaker[Session], store: Incidents, monitor: int, incident: Incident) -> Kept:
    with state.begin() as session:
        return store.open(session, monitor, incident, Definition("net_sales"))


def nothing(_session: Session, _kept: Kept, _actions: tuple[Action, ...]) -> None:
    pass


def test_a_change_of_an_old_version_is_refused(state: sessionmaker[Session], store: Incidents, monitor: int) -> None:
    kept = keep(state, store, monitor, fired())
    store.advance(kept.id, Acknowledged(START + 2 * DAY, "Ann"), POLICY, nothing)
    with pytest.raises(Conflict), state.begin() as session:
        store.change(session, kept, recovered(kept.incident))
    now = store.get(kept.id)
    assert now is not None
    assert now.incident.state is State.ACKNOWLEDGED
    assert now.version == 2


def test_events_of_many_at_once_are_all_kept(state: sessionmaker[Session], store: Incidents, monitor: int) -> None:
    kept = keep(state, store, monitor, fired())
    people = [f"person {number}" for number in range(8)]
    done: list[str] = []

    def snooze(number: int) -> None:
        until = START + timedelta(days=3, hours=number)

        def note(_session: Session, _kept: Kept, _actions: tuple[Action, ...]) -> None:
            done.append(people[number])

        store.advance(kept.id, Snoozed(START + 2 * DAY, people[number], until), POLICY, note)

    threads = [threading.Thread(target=snooze, args=(number,)) for number in range(len(people))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    now = store.get(kept.id)
    assert now is not None
    assert sorted(entry.by or "" for entry in now.incident.history if entry.change is Change.SNOOZED) == people
    assert sorted(done) == people
    assert now.version == 1 + len(people)


def test_what_fails_keeps_neither_the_incident_nor_what_it_asked_for(
    state: sessionmaker[Session], store: Incidents, monitor: int
) -> None:
    kept = keep(state, store, monitor, fired())

    def fail(_session: Session, _kept: Kept, _actions: tuple[Action, ...]) -> None:
        raise RuntimeError("the outbox is full")

    with pytest.raises(RuntimeError):
        store.advance(kept.id, Acknowledged(START + 2 * DAY, "Ann"), POLICY, fail)
    assert store.get(kept.id) == kept


def test_lists_by_chat_state_metric_and_the_day_of_the_store(
    state: sessionmaker[Session], clock: Clock, store: Incidents, monitor: int
) -> None:
    topic = Monitors(state, clock).add(
        Definition("orders"), chat=Chat(-5, 3, group=True), user=User("11", "analyst"), language="en"
    )
    here = keep(state, store, monitor, fired(datetime(2026, 11, 19, 16, tzinfo=UTC)))  # the 20th in Shanghai
    past = keep(state, store, monitor, recovered(fired(START - 30 * DAY)))
    other = keep(state, store, topic.monitor.id, fired(metric="orders"))
    keep(state, store, monitor, replace(fired(), state=State.PENDING, told=None))
    assert store.open_in(11, None) == (here,)
    assert store.open_in(-5, 3) == (other,)
    assert store.open_in(-5, None) == ()
    assert {one.id for one in store.listing("all")} == {here.id, past.id, other.id}
    assert store.listing("resolved", chat=(11, None)) == (past,)
    assert store.listing("open", metric="orders") == (other,)
    twentieth = Period(date(2026, 11, 20), date(2026, 11, 20))
    assert store.listing("open", metric="net_sales", period=twentieth) == ()
    assert store.listing("open", metric="net_sales", period=twentieth, timezone="Asia/Shanghai") == (here,)
    both = (monitor, topic.monitor.id)
    assert store.of_monitors(both, START - 31 * DAY)[monitor][-1] == past
    assert past not in store.of_monitors(both, START)[monitor]
    assert store.of_monitors(both, START)[topic.monitor.id] == (other,)
    Monitors(state, clock).remove(monitor)
    assert store.open_in(11, None) == ()
    assert store.listing("resolved", chat=(11, None)) == (past,)
    assert [one.id for one in store.open_of_active()] == [other.id]


def test_messages_are_noted_once_and_stay_behind_when_a_group_moves(store: Incidents) -> None:
    for _ in range(2):
        store.note_message(1, -5, 70, photo=True)
    store.note_message(1, -5, 71, photo=False)
    store.note_message(2, -5, 72, photo=False)
    store.note_message(1, 11, 70, photo=True)
    assert [(one.message_id, one.photo) for one in store.messages(1, -5)] == [(70, True), (71, False)]
    assert store.chats(1) == (-5, 11)
    store.moved_chat(-5)
    assert store.messages(1, -5) == ()
    assert store.chats(1) == (11,)
