"""Days go by, are checked, and what goes wrong is told once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from jobs.alerts.definition import Definition
from jobs.alerts.detection.rules import Learned, Missing, Threshold
from jobs.alerts.incidents.incident import Change, State
from jobs.alerts.incidents.policy import Policy, Step
from tests.unit.alert_scenes import BO, FRIDAY, SALES, SUBSCRIBER, TEAM, Alerts, Changed, make_store, words
from tests.unit.outbox_scenes import Clock
from tools.tool import Chat
from tools.warehouse.connection import Warehouse

DAY = timedelta(days=1)
SATURDAY, SUNDAY, MONDAY = FRIDAY + DAY, FRIDAY + 2 * DAY, FRIDAY + 3 * DAY
LEARNED = replace(SALES, rule=Learned())
ESCALATING = Policy(escalation=(Step(timedelta(hours=1), people=("Bo", "Nobody known")),))


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return make_store(tmp_path_factory.mktemp("good") / "warehouse.duckdb")


@pytest.fixture(scope="module")
def dip(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Less than half is sold on the Friday."""
    return make_store(tmp_path_factory.mktemp("dip") / "warehouse.duckdb", {(FRIDAY, None): 0.4})


Scene = Callable[..., Alerts]


@pytest.fixture
def scene(state: sessionmaker[Session], clock: Clock) -> Scene:
    def made(warehouse: Warehouse, definition: Definition = SALES, policy: Policy | None = None) -> Alerts:
        alerts = Alerts(state, clock, warehouse, policy)
        alerts.watch(definition)
        return alerts

    return made


def test_a_dip_is_told_once_and_its_recovery_once(scene: Scene, dip: Warehouse) -> None:
    alerts = scene(dip)
    alerts.days(FRIDAY - 2 * DAY, MONDAY)
    assert alerts.told() == [(SUBSCRIBER, "new"), (SUBSCRIBER, "recovered")]
    kept = alerts.only()
    assert kept.incident.first.date() == kept.incident.last.date() == FRIDAY
    assert [entry.change for entry in kept.incident.history] == [Change.PENDING, Change.FIRING, Change.RECOVERED]


def test_the_recovery_also_rewrites_the_first_message(scene: Scene, dip: Warehouse) -> None:
    alerts = scene(dip)
    alerts.days(FRIDAY - DAY, SUNDAY)
    assert [payload for _chat, payload in alerts.pushes()] == [
        {"incident": 1, "kind": "new"},
        {"update": 1},
        {"incident": 1, "kind": "recovered"},
    ]


def test_checked_twice_nothing_is_told_twice(scene: Scene, dip: Warehouse) -> None:
    alerts = scene(dip)
    alerts.days(FRIDAY - DAY, FRIDAY)
    before, pushes = alerts.only(), alerts.pushes()
    alerts.check()
    alerts.clock.forward(minutes=5)
    assert alerts.check() == "1 of 1 monitors checked, 0 incidents opened, 0 resolved, 0 messages"
    assert alerts.only() == before
    assert alerts.pushes() == pushes


def test_a_new_monitor_does_not_tell_of_the_past(scene: Scene, dip: Warehouse) -> None:
    alerts = scene(dip)
    alerts.days(SATURDAY, MONDAY)
    assert alerts.pushes() == []


def test_usual_days_are_quiet(scene: Scene, good: Warehouse) -> None:
    alerts = scene(good, LEARNED)
    alerts.days(FRIDAY - DAY, SUNDAY)
    assert alerts.pushes() == []
    (monitor,) = alerts.monitors.all_active("day")
    assert monitor.checked is not None
    assert monitor.checked.date() == SUNDAY
    assert monitor.trouble == ""


def test_a_total_and_its_parts_are_one_incident_that_names_the_cause(scene: Scene, tmp_path: Path) -> None:
    store = make_store(tmp_path / "warehouse.duckdb", {(FRIDAY, "Germany"): 0.4})
    alerts = scene(store, replace(LEARNED, by=("country",)))
    alerts.days(FRIDAY - DAY, FRIDAY)
    finding = alerts.only().incident.finding
    assert finding.where == (("country", "Germany"),)
    assert set(finding.members) == {(), (("country", "Germany"),)}
    assert finding.value is not None
    assert finding.expected is not None
    assert finding.value == pytest.approx(0.4 * finding.expected, rel=0.1)
    assert alerts.told() == [(SUBSCRIBER, "new")]


def test_off_again_soon_is_the_same_incident_and_later_another(scene: Scene, tmp_path: Path, dip: Warehouse) -> None:
    dips: Changed = {(FRIDAY, None): 0.4, (MONDAY, None): 0.4, (MONDAY + 9 * DAY, None): 0.4}
    alerts = scene(make_store(tmp_path / "warehouse.duckdb", dips))
    alerts.days(FRIDAY - DAY, MONDAY + 9 * DAY)
    assert alerts.told() == [(SUBSCRIBER, kind) for kind in ("new", "recovered", "renewed", "recovered", "new")]
    assert len(alerts.all()) == 2


def test_after_three_nights_asleep_the_days_are_judged_in_order_and_told_of_once(scene: Scene, dip: Warehouse) -> None:
    alerts = scene(dip)
    alerts.morning_after(FRIDAY - DAY)
    alerts.morning_after(SATURDAY)
    assert alerts.told() == [(SUBSCRIBER, "new")]
    assert alerts.only().incident.state is State.FIRING
    alerts.morning_after(MONDAY)
    assert alerts.told() == [(SUBSCRIBER, "new"), (SUBSCRIBER, "recovered")]


def test_asleep_over_all_of_it_one_message_tells_how_it_ended(scene: Scene, dip: Warehouse) -> None:
    alerts = scene(dip)
    alerts.morning_after(FRIDAY - DAY)
    alerts.morning_after(MONDAY)
    assert alerts.told() == [(SUBSCRIBER, "recovered")]


def test_a_day_whose_figures_come_late_is_judged_again(scene: Scene, good: Warehouse, dip: Warehouse) -> None:
    alerts = scene(good)
    alerts.days(FRIDAY - DAY, SATURDAY)
    assert alerts.pushes() == []
    alerts.warehouse = dip
    alerts.clock.forward(hours=2)
    alerts.check()
    assert alerts.told() == [(SUBSCRIBER, "new")]
    assert alerts.only().incident.last.date() == FRIDAY
    alerts.check()
    assert len(alerts.pushes()) == 1


def test_figures_that_are_put_right_end_the_incident(scene: Scene, good: Warehouse, dip: Warehouse) -> None:
    alerts = scene(dip)
    alerts.days(FRIDAY - DAY, FRIDAY)
    alerts.warehouse = good
    alerts.morning_after(SATURDAY)
    assert alerts.told() == [(SUBSCRIBER, "new"), (SUBSCRIBER, "recovered")]


def test_late_figures_of_days_before_the_monitor_open_nothing(scene: Scene, good: Warehouse, dip: Warehouse) -> None:
    alerts = scene(good)
    alerts.morning_after(SATURDAY)
    alerts.warehouse = dip
    alerts.morning_after(SUNDAY)
    assert alerts.pushes() == []


def _at_once(*works: Callable[[], object]) -> None:
    start = threading.Barrier(len(works))
    failures: list[Exception] = []

    def run(work: Callable[[], object]) -> None:
        start.wait()
        try:
            work()
        except Exception as error:  # noqa: BLE001  # shown below
            failures.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_two_processes_that_check_at_once_tell_once(scene: Scene, dip: Warehouse) -> None:
    alerts = scene(dip)
    alerts.morning_after(FRIDAY - DAY)
    alerts.clock.forward(days=1)
    _at_once(*[alerts.check] * 4)
    assert len(alerts.all()) == 1
    assert alerts.told() == [(SUBSCRIBER, "new")]


def test_what_people_do_while_a_check_runs_is_not_lost(scene: Scene, dip: Warehouse) -> None:
    alerts = scene(dip)
    alerts.days(FRIDAY - DAY, SATURDAY)
    alerts.clock.forward(days=1)
    number = alerts.only().id
    said: list[str] = []
    _at_once(
        alerts.check,
        lambda: said.append(alerts.ask(name="Ann", action="snooze", incident=number).headline.text),
        lambda: alerts.ask(action="show", incident=number),
    )
    changes = [entry.change for entry in alerts.only().incident.history]
    assert changes.count(Change.RECOVERED) == 1
    # The check may have been first, and then Ann is told so: what is said is what is kept.
    assert changes.count(Change.SNOOZED) == said[0].startswith("Quiet until")
    assert alerts.only().incident.state is State.RESOLVED


def test_two_people_acknowledge_at_once_and_one_is_told_so(scene: Scene, dip: Warehouse) -> None:
    alerts = scene(dip)
    alerts.days(FRIDAY - DAY, FRIDAY)
    said: list[str] = []
    _at_once(*[lambda who=who: said.append(alerts.ask(name=who, action="acknowledge").headline.text) for who in "AB"])
    changes = [entry.change for entry in alerts.only().incident.history]
    assert changes.count(Change.ACKNOWLEDGED) == 1
    assert len(set(said)) == 2


def test_when_a_snooze_ends_it_is_told_again(scene: Scene, dip: Warehouse) -> None:
    alerts = scene(dip)
    alerts.days(FRIDAY - DAY, FRIDAY)
    alerts.ask(action="snooze", until="hour")
    alerts.clock.forward(minutes=59)
    assert alerts.tick() == "1 open, 0 messages"
    alerts.clock.forward(minutes=1)
    assert alerts.tick() == "1 open, 1 messages"
    assert alerts.told() == [(SUBSCRIBER, "new"), (SUBSCRIBER, "renewed")]


def test_nobody_acknowledges_and_whoever_is_on_call_is_told(scene: Scene, dip: Warehouse) -> None:
    alerts = scene(dip, policy=ESCALATING)
    alerts.days(FRIDAY - DAY, FRIDAY)
    alerts.clock.forward(minutes=61)
    alerts.tick()
    alerts.tick()
    assert alerts.told() == [(SUBSCRIBER, "new"), (BO, "escalated")]
    assert alerts.pushes()[1] == (SUBSCRIBER, {"update": 1})
    alerts.days(SATURDAY, SUNDAY)
    assert alerts.told()[2:] == [(SUBSCRIBER, "recovered"), (BO, "recovered")]


def test_acknowledged_in_time_nobody_else_is_told(scene: Scene, dip: Warehouse) -> None:
    alerts = scene(dip, policy=ESCALATING)
    alerts.days(FRIDAY - DAY, FRIDAY)
    alerts.ask(action="acknowledge")
    alerts.clock.forward(hours=30)
    alerts.tick()
    assert alerts.told() == [(SUBSCRIBER, "new")]


def test_what_was_called_usual_is_quiet_the_next_time(scene: Scene, tmp_path: Path) -> None:
    store = make_store(tmp_path / "warehouse.duckdb", {(FRIDAY, None): 0.6, (FRIDAY + 7 * DAY, None): 0.62})
    alerts = scene(store, LEARNED)
    alerts.days(FRIDAY - DAY, FRIDAY)
    alerts.ask(action="not_an_anomaly")
    alerts.days(FRIDAY + 6 * DAY, FRIDAY + 7 * DAY)
    assert alerts.told() == [(SUBSCRIBER, "new")]


def test_whoever_may_not_be_told_any_more_is_not(scene: Scene, dip: Warehouse) -> None:
    alerts = scene(dip)
    alerts.watch(chat=Chat(TEAM, topic=3, group=True))
    alerts.morning_after(FRIDAY - DAY)
    alerts.people.removed.add(SUBSCRIBER)
    alerts.morning_after(FRIDAY)
    assert alerts.told() == [(TEAM, "new")]
    assert alerts.monitors.all_active("day")[0].trouble == "no longer allowed"


def test_a_monitor_that_cannot_be_read_keeps_no_other_from_being_checked(scene: Scene, dip: Warehouse) -> None:
    alerts = scene(dip, Definition("sessions"))
    alerts.watch()
    alerts.morning_after(FRIDAY - DAY)
    assert alerts.morning_after(FRIDAY).startswith("1 of 2 monitors checked, 1 incidents opened")
    unread, read = alerts.monitors.all_active("day")
    assert "events" in unread.trouble
    assert read.trouble == ""


def test_a_paused_monitor_is_silent_and_begins_anew(scene: Scene, dip: Warehouse) -> None:
    alerts = scene(dip, policy=ESCALATING)
    alerts.days(FRIDAY - DAY, FRIDAY)
    alerts.monitors.pause(1)
    alerts.clock.forward(hours=3)
    assert alerts.tick() == "0 open, 0 messages"
    alerts.morning_after(MONDAY)
    alerts.monitors.resume(1)
    alerts.clock.forward(hours=1)
    alerts.check()
    assert alerts.told() == [(SUBSCRIBER, "new")]


def test_no_data_is_told_by_those_who_watch_for_it_alone(scene: Scene, tmp_path: Path) -> None:
    store = make_store(tmp_path / "warehouse.duckdb", until=FRIDAY - DAY)
    alerts = scene(store, replace(SALES, rule=Missing()))
    alerts.watch(SALES, Chat(TEAM, group=True))
    alerts.days(FRIDAY - DAY, FRIDAY)
    assert alerts.told() == []
    alerts.clock.forward(hours=6)
    alerts.check()
    assert alerts.told() == [(SUBSCRIBER, "new")]
    assert alerts.only().incident.finding.value is None


def test_hours_are_checked_apart_from_days(scene: Scene, tmp_path: Path) -> None:
    store = make_store(tmp_path / "warehouse.duckdb", {(FRIDAY, None): 5.0})
    alerts = scene(store, Definition("net_sales", grain="hour", rule=Threshold(2000, "up")))
    alerts.clock.time = datetime(2026, 9, 18, 8, 30, tzinfo=UTC)
    assert alerts.check() == "0 of 0 monitors checked, 0 incidents opened, 0 resolved, 0 messages"
    alerts.check("hour")
    alerts.clock.time = datetime(2026, 9, 19, 0, 30, tzinfo=UTC)
    alerts.check("hour")
    # Nothing is sold in the hours between and after: the last two were usual.
    assert alerts.told() == [(SUBSCRIBER, "recovered")]
    fired = [entry for entry in alerts.only().incident.history if entry.change is Change.FIRING]
    assert len(fired) == 3
    assert "at 18 Sep 2026 21:00, above the limit of €2,000" in words(alerts.ask(which="resolved").lines[0])
