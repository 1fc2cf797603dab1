"""Health is told as it is: what works, what somebody should look at, and what a supervisor must know."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import pytest
from apscheduler.triggers.cron import CronTrigger
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import create_engine, text

import bot.migrations.tables  # noqa: F401 - so that every table is made
from bot.health import Health, ProcessHealth, Tally, Vitals
from bot.health_words import checks, span
from bot.healthz import application, exposition, health_page
from bot.rendering.voice import Voice
from jobs.alerts.record import MonitorRow
from jobs.chore import Chore
from jobs.digests.subscriptions import SubscriptionRow
from jobs.lease import Lease
from jobs.maintenance.runs import Runs
from jobs.outbox.outbox import Outbox
from jobs.outbox.record import Priority
from jobs.scheduler import Scheduler
from tests.unit.outbox_scenes import START, Clock
from tools.state import connect

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sqlalchemy.orm import Session, sessionmaker

EN = Voice("en")
NIGHTLY, MINUTELY = CronTrigger.from_crontab("30 3 * * *", "UTC"), CronTrigger.from_crontab("* * * * *", "UTC")
PASSWORD = "postgresql://bot:hunter2@db/marketbot refuses"


@dataclass
class Store:
    """The store as far as health looks at it."""

    settings: Mapping[str, str] | None

    def raw_settings(self) -> Mapping[str, str]:
        if self.settings is None:
            raise OSError("the disk is gone")
        return self.settings


class Desk:
    def __init__(self, state: sessionmaker[Session], clock: Clock) -> None:
        self.state, self.clock = state, clock
        self.outbox, self.runs = Outbox(state, clock), Runs(state, clock)
        self.store = Store({"last_day": "2026-11-19", "imported_at": "2026-11-20T06:00:00+00:00"})
        self.chores = [Chore("digests", MINUTELY, lambda: ""), Chore("backup", NIGHTLY, lambda: "", slow=True)]
        self.tally = Tally(START)

    def examined(self) -> Health:
        vitals = Vitals(
            warehouse=self.store,  # type: ignore[arg-type]
            state=self.state,
            clock=self.clock,
            today=lambda: self.clock().date(),
            chores=self.chores,
        )
        return vitals.examined(ProcessHealth(self.tally.since, self.tally.replies, acting=True))

    def told(self, voice: Voice = EN) -> dict[str, tuple[str, str]]:
        return {check.name: (check.level, voice.text(check.words)) for check in checks(self.examined())}

    def put(self, key: str, chat_id: int) -> None:
        self.outbox.put(key, chat_id, None, {}, not_before=self.clock(), expires=None, priority=Priority.ALERT)

    def ran(self, chore: str, words: str, *, good: bool) -> None:
        self.runs.begin(chore)
        self.runs.end(chore, words, good=good)

    def planned(self, **at: datetime) -> None:
        """As APScheduler keeps it."""
        with self.state.begin() as session:
            session.execute(text("CREATE TABLE schedule (id VARCHAR(191), next_run_time FLOAT, job_state BLOB)"))
            for name, when in at.items():
                values = {"name": name, "at": when.timestamp()}
                session.execute(text("INSERT INTO schedule VALUES (:name, :at, '')"), values)


@pytest.fixture
def desk(state: sessionmaker[Session], clock: Clock) -> Desk:
    return Desk(state, clock)


def test_a_fresh_product_is_well(desk: Desk) -> None:
    told = desk.told()
    assert {level for level, _ in told.values()} == {"ok"}
    assert told["data"][1] == "The figures end on 19 Nov 2026; imported 3 hours ago."
    assert told["chore backup"][1] == "Backup: has not run yet."


def test_what_was_done_is_told_with_when_and_what_came_of_it(desk: Desk) -> None:
    desk.ran("backup", "state.jsonl.gz: 12 rows", good=True)
    desk.planned(backup=START + timedelta(hours=20))
    desk.clock.forward(hours=3)
    assert desk.told()["chore backup"] == ("ok", "Backup: 3 hours ago, state.jsonl.gz: 12 rows. Next in 17 hours.")
    desk.ran("backup", f"OperationalError: {PASSWORD}", good=False)
    desk.clock.forward(minutes=1)
    level, words = desk.told()["chore backup"]
    assert level == "warning"
    assert words.startswith("Backup: failed 1 minute ago: OperationalError: ")
    assert "It last went well 3 hours ago." in words
    assert "hunter2" not in words


def test_a_chore_that_does_not_end_is_looked_at_and_then_known_to_hang(desk: Desk) -> None:
    desk.runs.begin("digests")
    desk.runs.begin("backup")
    desk.clock.forward(minutes=50)
    assert {desk.told()[name][0] for name in ("chore digests", "chore backup")} == {"ok"}
    desk.clock.forward(minutes=20)
    assert desk.told()["chore digests"] == ("error", "Digests: began 1 hour ago and has not ended.")
    assert desk.told()["chore backup"][0] == "ok"
    desk.clock.forward(hours=2)
    assert desk.told()["chore backup"][0] == "warning"
    desk.clock.forward(days=3)
    assert desk.told()["chore backup"][0] == "error"


def test_what_nobody_begins_is_an_error(desk: Desk) -> None:
    desk.planned(digests=START, backup=START + timedelta(hours=20))
    desk.clock.forward(minutes=9)
    assert desk.told()["scheduler"][0] == "ok"
    desk.clock.forward(minutes=2)
    assert desk.told()["scheduler"] == ("error", "Nobody has begun what was due 11 minutes ago.")


def test_who_acts_is_told_and_missed_where_something_is_awaited(desk: Desk) -> None:
    assert desk.told()["scheduler"][0] == "ok"
    with desk.state.begin() as session:
        session.add(MonitorRow(chat_id=1, user_id="1", language="en", definition={}, created_at=START))
    assert desk.told()["scheduler"] == ("warning", "No bot is running that does the chores.")
    lease = Lease(desk.state, "scheduler", "host:1", desk.clock, timedelta(seconds=60))
    assert lease.take()
    assert desk.told()["scheduler"] == ("ok", "The chores are done by host:1.")
    desk.clock.forward(seconds=61)
    assert desk.told()["scheduler"][0] == "warning"


def test_pushes_that_are_stuck_are_an_error_and_those_for_later_are_not(desk: Desk) -> None:
    desk.put("a", 1)
    desk.clock.forward(minutes=9)
    desk.put("b", 2)
    assert desk.told()["outbox"] == ("ok", "Outbox: 2 waiting, 2 of them due; 0 could not be delivered.")
    desk.clock.forward(minutes=2)
    level, words = desk.told()["outbox"]
    assert level == "error"
    assert words.endswith("The oldest has been due for 11 minutes.")
    (push, other) = desk.outbox.claim("one", 2, timedelta(seconds=30))
    assert desk.outbox.give_up(push, "blocked")
    assert desk.outbox.postpone(other, desk.clock() + timedelta(hours=1), "429")
    assert desk.told()["outbox"][0] == "ok"
    assert "1 could not be delivered" in desk.told()["outbox"][1]


def test_digests_that_are_late_or_were_paused_by_the_bot_are_told(desk: Desk) -> None:
    with desk.state.begin() as session:
        for name, due, reason in (("late", START, ""), ("blocked", None, "unreachable")):
            session.add(
                SubscriptionRow(
                    chat_id=1, user_id=name, language="en", definition={}, told=date(2026, 11, 19), next_at=due,
                    reason=reason, paused_at=None if due else START, created_at=START,
                )
            )  # fmt: skip
    assert desk.told()["digests"][1].startswith("1 digest is paused because")
    desk.clock.forward(minutes=30)
    assert desk.told()["digests"] == ("warning", "1 digest is late, by 30 minutes.")


def test_old_figures_and_a_store_that_is_gone(desk: Desk) -> None:
    desk.store.settings = {"last_day": "2026-11-01"}
    assert desk.told()["data"] == ("warning", "The figures end on 1 Nov 2026.")
    desk.store.settings = {}
    assert desk.told()["data"][0] == "warning"
    desk.store.settings = None
    assert desk.told()["data"] == ("warning", "The store cannot be read.")


@pytest.mark.parametrize(
    ("length", "words"),
    [(-5, "0 seconds"), (59, "59 seconds"), (60, "1 minute"), (7199, "1 hour"), (86400 * 3 + 5, "3 days")],
)
def test_lengths_are_told_by_their_largest_unit(length: int, words: str) -> None:
    assert EN.text(span(timedelta(seconds=length))) == words


@pytest.mark.asyncio
async def test_health_reads_what_the_scheduler_writes(tmp_path: Path) -> None:
    from bot.migrations import upgrade

    url = f"sqlite:///{tmp_path / 'state.sqlite3'}"
    upgrade(url)
    state, engine = connect(url), create_engine(url)

    def now() -> datetime:
        return datetime.now(UTC)

    chores = [Chore("backup", NIGHTLY, lambda: "")]
    lease = Lease(state, "scheduler", "host:1", now, timedelta(seconds=60))
    scheduler = Scheduler(chores, engine=engine, lease=lease, runs=Runs(state, now), look_every_s=0.2)
    stop = asyncio.Event()
    serving = asyncio.create_task(scheduler.serve(stop))
    while not scheduler.acting:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0.02)
    vitals = Vitals(warehouse=Store({}), state=state, clock=now, today=date.today, chores=chores)  # type: ignore[arg-type]
    found = vitals.examined()
    assert found.state is not None
    assert found.state.holder == "host:1"
    assert found.state.chores[0].next_at == scheduler.next_runs()["backup"]
    assert found.process is None
    stop.set()
    await serving
    engine.dispose()
    state.kw["bind"].dispose()


# --- For machines -----------------------------------------------------------------------------------------------------


def asked(desk: Desk, path: str, host: str = "127.0.0.1:9000") -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(application(desk.examined))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.get(path, headers={"host": host})

    return asyncio.run(ask())


def test_a_supervisor_is_told_by_the_status(desk: Desk) -> None:
    good = asked(desk, "/healthz")
    assert (good.status_code, good.json()["ok"]) == (200, True)
    desk.ran("backup", PASSWORD, good=False)
    warned = asked(desk, "/healthz")
    assert (warned.status_code, warned.json()["checks"]["chore backup"]) == (200, "warning")
    desk.put("a", 424242)
    desk.clock.forward(minutes=11)
    bad = asked(desk, "/healthz")
    assert (bad.status_code, bad.json()["ok"], bad.json()["checks"]["outbox"]) == (503, False, "error")


def test_a_state_database_that_is_gone_is_told(desk: Desk, tmp_path: Path) -> None:
    desk.state = connect(f"sqlite:///{tmp_path / 'none' / 'state.sqlite3'}")
    bad = asked(desk, "/healthz")
    assert (bad.status_code, bad.json()["checks"]["state"]) == (503, "error")
    assert figures(desk)["marketbot_state_reachable", ""] == 0


def test_only_this_machine_is_answered(desk: Desk) -> None:
    assert asked(desk, "/healthz", "localhost:9000").status_code == 200
    assert asked(desk, "/healthz", "evil.example").status_code == 403
    assert asked(desk, "/metrics", "127.0.0.1.evil.example:9000").status_code == 403


def figures(desk: Desk) -> dict[tuple[str, str], float]:
    families = text_string_to_metric_families(exposition(desk.examined).decode())
    return {
        (sample.name, next(iter(sample.labels.values()), "")): sample.value
        for family in families
        for sample in family.samples
    }


def test_prometheus_reads_the_figures(desk: Desk) -> None:
    desk.ran("backup", "fine", good=True)
    desk.clock.forward(minutes=1)
    desk.ran("backup", PASSWORD, good=False)
    desk.put("a", 424242)
    desk.clock.forward(seconds=90)
    for status in ("answered", "answered", "failed"):
        desk.tally.add(status)
    found = figures(desk)
    assert found["marketbot_outbox_waiting", ""] == found["marketbot_outbox_due", ""] == 1
    assert found["marketbot_outbox_oldest_due_seconds", ""] == 90
    assert found["marketbot_chore_last_success_timestamp_seconds", "backup"] == START.timestamp()
    assert found["marketbot_chore_failing", "backup"] == 1
    assert found["marketbot_chore_failing", "digests"] == 0
    assert found["marketbot_questions_total", "answered"] == 2
    assert found["marketbot_questions_total", "declined"] == 0
    assert found["marketbot_scheduler_acting", ""] == 1
    day = datetime(2026, 11, 19, tzinfo=UTC).timestamp()
    assert found["marketbot_data_last_day_timestamp_seconds", ""] == day


def test_nothing_personal_is_told(desk: Desk) -> None:
    desk.ran("backup", "Ada Lovelace, chat 424242", good=False)
    desk.put("digest:7", 424242)
    for path in ("/healthz", "/metrics"):
        told = asked(desk, path).text
        assert "Ada" not in told
        assert "424242" not in told


@pytest.mark.asyncio
async def test_the_page_is_served_and_a_taken_port_is_refused(desk: Desk) -> None:
    async with health_page(desk.examined, 0) as port:
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"http://127.0.0.1:{port}/healthz")
            assert json.loads(answer.text)["ok"] is True
        with pytest.raises(OSError, match="in use"):
            async with health_page(desk.examined, port):
                pass
    async with health_page(desk.examined, port):
        pass
