"""Digests reach the outbox when they are due: each once, for everybody, whatever the clocks and processes do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import func, select, update
from structlog.testing import capture_logs

from jobs.alerts.definition import Definition
from jobs.alerts.detection.verdicts import Standing
from jobs.alerts.incidents.events import Finding, Observed, Outcome
from jobs.alerts.incidents.lifecycle import opened
from jobs.alerts.incidents.policy import Policy
from jobs.alerts.incidents.store import Incidents
from jobs.alerts.incidents.subject import Subject
from jobs.alerts.record import MonitorRow
from jobs.digests.quiet import QuietHours
from jobs.digests.sending import RETRY, WAITS, put_due
from jobs.digests.subscriptions import SubscriptionRow
from jobs.digests.timing import Monthly, Weekly
from jobs.digests.wanted import Wanted
from jobs.outbox.contents import ContentRow
from jobs.outbox.record import Priority
from tests.unit.digest_scenes import BRIEF, Scene, digest
from tests.unit.outbox_scenes import Clock, State
from tools.semantic.catalog import Catalog
from tools.state import connect
from tools.tool import Context, User
from tools.warehouse.connection import Warehouse
from tools.warehouse.demo import make_demo_store

END = date(2026, 11, 20)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    path = tmp_path_factory.mktemp("digests") / "warehouse.duckdb"
    make_demo_store(path, scale=0.02, end=END)
    warehouse = Warehouse.at(path)
    yield Context(warehouse, Catalog.load(), END, User("1", "analyst"))
    warehouse.close()


@pytest.fixture
def scene(state: State, clock: Clock, store: Context) -> Scene:
    """It is eight on Wednesday, 18 November 2026."""
    clock.time = utc("2026-11-18 08:00")
    return Scene(state, clock, store)


def utc(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=UTC)


def watch(scene: Scene, until: str, every: timedelta) -> None:
    """The chore runs again and again."""
    while scene.clock() < utc(until):
        put_due(scene.ground)
        scene.clock.time += every


# --- what is put --------------------------------------------------------------------------------------------------


def test_it_is_put_when_it_is_due_and_once(scene: Scene) -> None:
    number = scene.subscribe(digest())
    scene.stands(utc("2026-11-18 08:59"))
    assert put_due(scene.ground) == "nothing was due"
    scene.stands(utc("2026-11-18 09:00"))
    assert put_due(scene.ground) == "1 put"
    (row,) = scene.rows()
    assert row.key == f"digest:{number}:2026-11-17"
    assert (row.chat_id, row.topic_id, row.rank) == (5, None, Priority.DIGEST)
    assert row.not_before == utc("2026-11-18 09:00")
    assert row.expires == utc("2026-11-19 09:00")  # the next one would say it better
    assert scene.text(row).startswith("en: ")
    assert "Conversion rate" in scene.text(row)
    assert scene.press.told == [("2026-11-17", "2026-11-17")]
    one = scene.one(number)
    assert (one.told, one.next_at) == (date(2026, 11, 17), utc("2026-11-19 09:00"))
    assert put_due(scene.ground) == "nothing was due"
    assert len(scene.rows()) == 1


def test_many_with_one_wish_are_written_for_once(scene: Scene) -> None:
    readers = 300
    for chat in range(1, readers + 1):
        scene.subscribe(digest(), chat)
    for chat in range(readers + 1, readers + 4):
        scene.subscribe(digest(), chat, "zh")
    scene.stands(utc("2026-11-18 09:01"))
    assert put_due(scene.ground) == "303 put"
    assert sorted(language for language, _, _ in scene.press.written_for) == ["en", "zh"]
    assert len({row.chat_id for row in scene.rows()}) == readers + 3
    with scene.state() as session:
        assert session.scalar(select(func.count()).select_from(ContentRow)) == 2


def test_other_wishes_are_written_for_by_themselves(scene: Scene) -> None:
    scene.subscribe(digest(), 1)
    scene.subscribe(digest(wanted=replace(BRIEF, metrics=("new_customers",))), 2)
    scene.subscribe(digest(Weekly(frozenset({2}))), 3)
    scene.stands(utc("2026-11-18 09:00"))
    put_due(scene.ground)
    assert scene.press.told == [("2026-11-17", "2026-11-17")] * 2 + [("2026-11-09", "2026-11-15")]
    assert len({scene.text(row) for row in scene.rows()}) == 3


def test_a_chat_with_an_open_incident_has_a_digest_of_its_own(scene: Scene) -> None:
    for chat in (1, 2, 3):
        scene.subscribe(digest(), chat)
    with scene.state.begin() as session:
        monitor = MonitorRow(
            chat_id=2, topic_id=None, user_id="2", language="en", definition={}, created_at=scene.clock()
        )
        session.add(monitor)
        session.flush()
        found = Observed(scene.clock(), utc("2026-11-17 00:00"), Outcome.BAD, Finding(Standing.BELOW, 1.2))
        incident, _ = opened(Subject("orders, daily", "orders"), found, Policy())
        Incidents(scene.state, scene.clock).open(session, monitor.id, incident, Definition("orders"))
    scene.stands(utc("2026-11-18 09:00"))
    assert put_due(scene.ground) == "3 put"
    assert len(scene.press.written_for) == 2


def test_two_processes_put_each_once(url: str, scene: Scene) -> None:
    readers = 80
    for chat in range(1, readers + 1):
        scene.subscribe(digest(), chat)
    scene.stands(utc("2026-11-18 09:00"))
    barrier = threading.Barrier(2)
    words: list[str] = []

    def process() -> None:
        own = connect(url)
        barrier.wait()
        words.append(put_due(replace(scene, state=own).ground))
        own.kw["bind"].dispose()

    threads = [threading.Thread(target=process) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(row.chat_id for row in scene.rows()) == list(range(1, readers + 1))
    assert sum(int(said.split()[0]) for said in words if said != "nothing was due") == readers
    assert scene.subscriptions.counts().overdue == 0


# --- clocks -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("begin", "end", "days"),
    [
        ("2026-10-23 12:00", "2026-10-27 12:00", ["2026-10-23", "2026-10-24", "2026-10-25", "2026-10-26"]),
        ("2026-03-27 12:00", "2026-03-31 12:00", ["2026-03-27", "2026-03-28", "2026-03-29", "2026-03-30"]),
    ],
    ids=["back", "forward"],
)
def test_a_change_of_clocks_neither_loses_nor_repeats_a_day(
    scene: Scene, begin: str, end: str, days: list[str]
) -> None:
    """At 01:30, which comes twice on 25 October and not at all on 29 March."""
    scene.stands(utc(begin))
    number = scene.subscribe(digest(at=time(1, 30), timezone="Europe/London"))
    watch(scene, end, timedelta(minutes=30))
    assert scene.keys(number) == days
    assert scene.press.told == [(day, day) for day in days]


def test_a_move_to_another_timezone_neither_loses_nor_repeats_a_day(scene: Scene) -> None:
    scene.stands(utc("2026-11-08 12:00"))
    number = scene.subscribe(digest(timezone="Europe/London"))
    for until, zone in (
        ("2026-11-10 13:00", "Asia/Tokyo"),
        ("2026-11-12 23:00", "Pacific/Honolulu"),
        ("2026-11-15 05:00", "Pacific/Auckland"),
    ):
        watch(scene, until, HOUR)
        scene.subscriptions.change(number, digest(timezone=zone), "en")
    watch(scene, "2026-11-18 12:00", HOUR)
    covered = [
        day
        for first, last in scene.press.told
        for day in (
            date.fromisoformat(first) + n * DAY
            for n in range((date.fromisoformat(last) - date.fromisoformat(first)).days + 1)
        )
    ]
    assert covered == [date(2026, 11, 8) + n * DAY for n in range(len(covered))]
    assert covered[-1] >= date(2026, 11, 16)


def test_the_last_day_of_each_month(scene: Scene) -> None:
    scene.stands(utc("2026-01-29 00:00"))
    number = scene.subscribe(digest(Monthly(31)))
    watch(scene, "2026-05-01 00:00", timedelta(hours=12))
    assert scene.keys(number) == ["2025-12", "2026-01", "2026-02", "2026-03"]
    sent = [row.not_before for row in scene.rows()]
    assert [moment.date() for moment in sent] == [
        date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)
    ]  # fmt: skip
    assert [row.expires for row in scene.rows()] == [moment + WAITS for moment in sent]


def test_who_slept_through_the_night_sends_one(scene: Scene) -> None:
    number = scene.subscribe(digest(at=time(9)))
    scene.stands(utc("2026-11-20 10:30"))
    assert put_due(scene.ground) == "1 put"
    assert scene.keys(number) == ["2026-11-19"]
    # It tells of all the days that nobody was told of.
    assert scene.press.told == [("2026-11-17", "2026-11-19")]


def test_who_slept_too_long_leaves_it_to_the_next(scene: Scene) -> None:
    number = scene.subscribe(digest(at=time(9)))
    scene.stands(utc("2026-11-18 12:01"))
    assert put_due(scene.ground) == "1 left to the next"
    assert scene.rows() == []
    assert scene.one(number).next_at == utc("2026-11-19 09:00")
    scene.stands(utc("2026-11-19 09:00"))
    put_due(scene.ground)
    assert scene.keys(number) == ["2026-11-18"]
    assert scene.press.told == [("2026-11-17", "2026-11-18")]


def test_the_grace_is_the_callers(scene: Scene) -> None:
    number = scene.subscribe(digest(at=time(9)))
    scene.stands(utc("2026-11-18 12:01"))
    assert put_due(scene.ground, grace=timedelta(hours=4)) == "1 put"
    assert scene.keys(number) == ["2026-11-17"]


def test_what_is_made_up_for_in_quiet_hours_waits_for_their_end(scene: Scene) -> None:
    number = scene.subscribe(digest(at=time(21), quiet=QuietHours(time(22), time(7))))
    scene.stands(utc("2026-11-18 22:30"))
    assert put_due(scene.ground) == "1 put"
    assert scene.rows()[0].not_before == utc("2026-11-19 07:00")
    assert scene.one(number).next_at == utc("2026-11-19 21:00")


# --- as-of dates --------------------------------------------------------------------------------------------------


def test_a_store_of_old_figures_is_told_of_its_last_whole_day(scene: Scene) -> None:
    scene.as_of = date(2026, 6, 10)
    daily, weekly = scene.subscribe(digest()), scene.subscribe(digest(Weekly(frozenset({2}))))
    monthly = scene.subscribe(digest(Monthly(18)))
    scene.stands(utc("2026-11-18 09:00"))
    put_due(scene.ground)
    assert scene.press.told == [
        ("2026-06-09", "2026-06-09"), ("2026-06-01", "2026-06-07"), ("2026-05-01", "2026-05-31")
    ]  # fmt: skip
    assert [scene.keys(number) for number in (daily, weekly, monthly)] == [["2026-11-17"], ["2026-W46"], ["2026-10"]]


def test_a_reader_ahead_of_the_store_is_told_of_days_that_are_over(scene: Scene) -> None:
    """Nine in Auckland is the evening before in London: each day is told a day later, and the first is none yet."""
    number = scene.subscribe(digest(timezone="Pacific/Auckland"))
    watch(scene, "2026-11-20 22:00", HOUR)
    assert scene.keys(number) == ["2026-11-18", "2026-11-19"]
    assert scene.press.told == [(day, day) for day in scene.keys(number)]


# --- what goes wrong ----------------------------------------------------------------------------------------------


def test_who_may_not_be_told_is_paused(scene: Scene) -> None:
    gone, there = scene.subscribe(digest(), 1), scene.subscribe(digest(), 2)
    scene.team.gone = {1}
    scene.stands(utc("2026-11-18 09:00"))
    assert put_due(scene.ground) == "1 paused; 1 put"
    assert scene.keys(gone) == []
    assert len(scene.keys(there)) == 1
    assert scene.one(gone).paused
    assert scene.one(gone).reason == "not allowed"
    asked = scene.team.asked
    scene.stands(utc("2026-11-19 09:00"))
    put_due(scene.ground)
    assert scene.team.asked == asked + 1  # who is paused is not asked about again


def test_a_definition_that_cannot_be_read_is_paused(scene: Scene) -> None:
    broken, whole = scene.subscribe(digest(), 1), scene.subscribe(digest(), 2)
    with scene.state.begin() as session:
        session.execute(update(SubscriptionRow).where(SubscriptionRow.id == broken).values(definition={"at": "soon"}))
    scene.stands(utc("2026-11-18 09:00"))
    assert put_due(scene.ground) == "1 paused; 1 put"
    assert scene.one(broken).reason == "unreadable"
    assert len(scene.keys(whole)) == 1


def test_what_fails_is_tried_again_and_holds_nobody_back(scene: Scene) -> None:
    failing = [scene.subscribe(digest(), chat, "zh") for chat in (1, 2)]
    fine = scene.subscribe(digest(), 3)
    scene.press.broken = {"zh"}
    scene.stands(utc("2026-11-18 09:00"))
    with capture_logs() as logged:
        assert put_due(scene.ground) == "1 put; 2 to be tried again"
    assert [entry["event"] for entry in logged] == ["digest_not_made"]  # for both, which were to read the same
    assert len(scene.keys(fine)) == 1
    assert {scene.one(number).next_at for number in failing} == {scene.clock() + RETRY}
    scene.press.broken = set()
    scene.clock.time += RETRY
    assert put_due(scene.ground) == "2 put"
    assert [scene.keys(number) for number in failing] == [["2026-11-17"]] * 2


def test_what_fails_for_too_long_is_left_to_the_next(scene: Scene) -> None:
    number = scene.subscribe(digest(), 1)
    scene.press.broken = {"en"}
    scene.stands(utc("2026-11-18 09:00"))
    with capture_logs() as logged:
        watch(scene, "2026-11-18 14:00", timedelta(minutes=30))
    assert len(logged) == 7  # from nine to twelve
    assert scene.rows() == []
    assert scene.one(number).next_at == utc("2026-11-19 09:00")
    scene.press.broken = set()
    scene.stands(utc("2026-11-19 09:00"))
    put_due(scene.ground)
    assert scene.press.told == [("2026-11-17", "2026-11-18")]


def test_what_is_wrong_with_a_digest_is_said(scene: Scene) -> None:
    number = scene.subscribe(digest(wanted=Wanted(metrics=("no_such_metric",))))
    scene.stands(utc("2026-11-18 09:00"))
    assert put_due(scene.ground) == "1 put"
    assert scene.keys(number) == ["2026-11-17"]
    ((_, _, answer),) = scene.press.written_for
    assert "could not be made" in str(answer.headline)
    assert "no_such_metric" in str(answer.lines[0])
    assert scene.one(number).told == date(2026, 11, 17)


def test_without_news_nothing_is_sent_where_that_is_wanted(scene: Scene) -> None:
    scene.stands(utc("2026-11-19 08:00"))  # the day before, orders were larger than usual
    calm = scene.subscribe(digest(wanted=replace(BRIEF, only_when_moved=True)), 1)
    always = scene.subscribe(digest(), 2)
    moved = scene.subscribe(digest(wanted=Wanted(("aov",), ("kpis",), only_when_moved=True)), 3)
    scene.stands(utc("2026-11-19 09:00"))
    assert put_due(scene.ground) == "2 put; 1 without news"
    assert [len(scene.keys(number)) for number in (calm, always, moved)] == [0, 1, 1]
    one = scene.one(calm)
    assert (one.told, one.next_at) == (date(2026, 11, 18), utc("2026-11-20 09:00"))


def test_data_that_lack_are_news(scene: Scene) -> None:
    scene.stands(utc("2026-11-25 08:00"))
    number = scene.subscribe(digest(wanted=replace(BRIEF, only_when_moved=True)))
    scene.stands(utc("2026-11-25 09:00"))
    assert put_due(scene.ground) == "1 put"
    assert scene.keys(number) == ["2026-11-24"]


def test_a_crash_before_the_commit_loses_nothing(scene: Scene) -> None:
    """Row and progress are stored together or not at all."""

    class Full(Exception):
        pass

    class FullOutbox:
        def put(self, *_: object, **__: object) -> bool:
            raise Full

    number = scene.subscribe(digest())
    scene.stands(utc("2026-11-18 09:00"))
    with pytest.raises(Full):
        put_due(replace(scene.ground, outbox=FullOutbox()))  # type: ignore[arg-type]
    assert scene.one(number).told == date(2026, 11, 16)
    assert put_due(scene.ground) == "1 put"
    assert scene.keys(number) == ["2026-11-17"]


def test_what_a_process_wrote_before_it_died_is_not_written_again(scene: Scene) -> None:
    """Later it is: figures may have changed meanwhile."""
    scene.subscribe(digest(), 1)
    scene.subscribe(digest(at=time(9, 5)), 2)
    scene.subscribe(digest(at=time(9, 30)), 3)
    written = []
    for moment in ("2026-11-18 09:00", "2026-11-18 09:05", "2026-11-18 09:30"):
        scene.stands(utc(moment))
        assert put_due(scene.ground) == "1 put"
        written.append(len(scene.press.written_for))
    assert written == [1, 1, 2]


def test_it_is_written_a_moment_before_and_goes_out_on_time(scene: Scene) -> None:
    for chat in (1, 2, 3):
        scene.subscribe(digest(), chat)
    scene.subscribe(digest(), 4, "zh")
    scene.stands(utc("2026-11-18 08:57"))
    put_due(scene.ground)
    assert scene.press.written_for == []
    scene.stands(utc("2026-11-18 08:59"))
    put_due(scene.ground)
    assert sorted(language for language, _, _ in scene.press.written_for) == ["en", "zh"]
    assert scene.rows() == []
    scene.stands(utc("2026-11-18 09:00"))
    assert put_due(scene.ground) == "4 put"
    assert len(scene.press.written_for) == 2
