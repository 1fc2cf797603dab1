"""Chores run in one process at a time, by their times in the state database."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import create_engine

from jobs.chore import Chore
from jobs.lease import Lease
from jobs.maintenance.runs import Runs
from jobs.scheduler import TABLE, Scheduler
from tools.state import Base, connect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session, sessionmaker

pytestmark = pytest.mark.asyncio
SOON = IntervalTrigger(seconds=1)
YEARLY = CronTrigger(month=2, day=29, timezone="UTC")


def now() -> datetime:
    return datetime.now(UTC)


class Desk:
    """A state database with schedulers on it."""

    def __init__(self, path: Path) -> None:
        self.url = f"sqlite:///{path}"
        self.state: sessionmaker[Session] = connect(self.url)
        self.engine: Engine = create_engine(self.url)
        Base.metadata.create_all(self.engine)
        self.runs = Runs(self.state, now)

    def scheduler(self, chores: Sequence[Chore], owner: str = "one") -> Scheduler:
        lease = Lease(
            self.state, "scheduler", owner, now, timedelta(seconds=1.5), clocks_apart=timedelta(milliseconds=100)
        )
        return Scheduler(chores, engine=self.engine, lease=lease, runs=self.runs, look_every_s=0.2)

    @asynccontextmanager
    async def serving(self, scheduler: Scheduler) -> AsyncIterator[asyncio.Task[None]]:
        stop = asyncio.Event()
        task = asyncio.create_task(scheduler.serve(stop))
        try:
            yield task
        finally:
            stop.set()
            await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "state.sqlite3")


async def until(condition: object, seconds: float = 8.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():  # type: ignore[operator]
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come in time")


async def test_runs_are_recorded_with_what_came_of_them(desk: Desk) -> None:
    def broken() -> str:
        raise ValueError("the disk is full")

    chores = [Chore("good", SOON, lambda: "3 sent"), Chore("broken", SOON, broken)]
    async with desk.serving(desk.scheduler(chores)):
        await until(lambda: {run.chore for run in desk.runs.all() if run.ended_at} == {"good", "broken"})
    bad, good = desk.runs.all()
    assert (good.chore, good.good, good.words, good.good_at) == ("good", True, "3 sent", good.ended_at)
    assert (bad.chore, bad.good, bad.words, bad.good_at) == ("broken", False, "ValueError: the disk is full", None)


async def test_one_of_two_processes_acts_and_the_other_takes_over(desk: Desk) -> None:
    ran: list[str] = []

    def chore(owner: str) -> Chore:
        return Chore("count", SOON, lambda: ran.append(owner) or "")  # type: ignore[func-returns-value]

    first, second = desk.scheduler([chore("one")]), desk.scheduler([chore("two")], "two")
    async with desk.serving(second):
        async with desk.serving(first):
            await until(lambda: len(ran) >= 2)
            assert len(set(ran)) == 1
            assert first.acting != second.acting
        ended = len(ran)
        await until(lambda: len(ran) > ended)
        assert ran[-1] == "two" or ran[0] == "two"
        assert second.acting
    assert not second.acting


async def test_a_dead_holder_is_replaced_when_its_lease_runs_out(desk: Desk) -> None:
    ran: list[str] = []
    dead = Lease(desk.state, "scheduler", "dead", now, timedelta(seconds=1))
    assert dead.take()
    scheduler = desk.scheduler([Chore("count", SOON, lambda: ran.append("x") or "")])  # type: ignore[func-returns-value]
    async with desk.serving(scheduler):
        await asyncio.sleep(0.5)
        assert not scheduler.acting
        await until(lambda: ran)


async def test_a_run_that_was_slept_through_is_made_up_for_once(desk: Desk) -> None:
    ran: list[str] = []
    chore = Chore("nightly", YEARLY, lambda: ran.append("x") or "", grace=timedelta(hours=2))  # type: ignore[func-returns-value]
    scheduler = desk.scheduler([chore])
    async with desk.serving(scheduler):
        await until(lambda: scheduler.acting)
        planned = scheduler.next_runs()["nightly"]
        assert (planned.month, planned.day) == (2, 29)
    assert ran == []
    await _sleep_through(desk, "nightly", timedelta(hours=1))
    again = desk.scheduler([chore])
    async with desk.serving(again):
        await until(lambda: ran)
        await asyncio.sleep(0.3)
        assert again.next_runs()["nightly"] == planned
    assert ran == ["x"]


async def test_a_run_that_is_too_late_is_left_out(desk: Desk) -> None:
    ran: list[str] = []
    chore = Chore("nightly", YEARLY, lambda: ran.append("x") or "", grace=timedelta(hours=2))  # type: ignore[func-returns-value]
    async with desk.serving(scheduler := desk.scheduler([chore])):
        await until(lambda: scheduler.acting)
    await _sleep_through(desk, "nightly", timedelta(hours=3))
    async with desk.serving(again := desk.scheduler([chore])):
        await until(lambda: again.acting)
        await asyncio.sleep(0.5)
    assert ran == []


async def test_another_trigger_counts_from_now_and_chores_that_are_gone_leave(desk: Desk) -> None:
    kept, gone = Chore("kept", YEARLY, lambda: ""), Chore("gone", SOON, lambda: "")
    async with desk.serving(scheduler := desk.scheduler([kept, gone])):
        await until(lambda: scheduler.acting)
        assert set(scheduler.next_runs()) == {"kept", "gone"}
    hourly = Chore("kept", IntervalTrigger(hours=1), lambda: "")
    async with desk.serving(scheduler := desk.scheduler([hourly])):
        await until(lambda: scheduler.acting)
        assert set(scheduler.next_runs()) == {"kept"}
        assert scheduler.next_runs()["kept"] - now() < timedelta(hours=1)


async def test_the_same_time_in_another_timezone_is_another_time(desk: Desk) -> None:
    planned = []
    for timezone in ("UTC", "Asia/Shanghai"):
        nightly = Chore("nightly", CronTrigger(month=2, day=29, timezone=timezone), lambda: "")
        async with desk.serving(scheduler := desk.scheduler([nightly])):
            await until(lambda scheduler=scheduler: scheduler.acting)
            planned.append(scheduler.next_runs()["nightly"])
    assert planned[0] - planned[1] == timedelta(hours=8)


async def test_a_slow_chore_holds_nothing_up_and_never_runs_beside_itself(desk: Desk) -> None:
    going, most, quick = 0, 0, 0
    free = threading.Event()

    def slow() -> str:
        nonlocal going, most
        going += 1
        most = max(most, going)
        free.wait(5)
        going -= 1
        return ""

    def fast() -> str:
        nonlocal quick
        quick += 1
        return ""

    async with desk.serving(desk.scheduler([Chore("slow", SOON, slow, slow=True), Chore("fast", SOON, fast)])):
        await until(lambda: quick >= 3)
        free.set()
    assert most == 1


async def test_two_chores_of_one_name_are_refused(desk: Desk) -> None:
    with pytest.raises(ValueError, match="share a name"):
        desk.scheduler([Chore("same", SOON, lambda: ""), Chore("same", SOON, lambda: "")])


async def _sleep_through(desk: Desk, chore: str, late: timedelta) -> None:
    """As if the chore had come due `late` ago, and nobody was there."""
    asleep = AsyncIOScheduler(jobstores={"default": SQLAlchemyJobStore(engine=desk.engine, tablename=TABLE)})
    asleep.start(paused=True)
    asleep.modify_job(chore, next_run_time=now() - late)
    asleep.shutdown()
    await asyncio.sleep(0.05)
