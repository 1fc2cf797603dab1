"""The bot does its chores beside the answers, and says how it is: to admins, and to this machine."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING

import httpx
import pytest
import pytest_asyncio
from apscheduler.triggers.interval import IntervalTrigger

from bot.failure import Failure
from bot.health import SCHEDULER, Tally, Vitals
from bot.upkeep import HELD_FOR, Upkeep
from jobs.chore import Chore
from jobs.lease import Lease
from jobs.maintenance.runs import Runs
from jobs.scheduler import Scheduler
from tests.e2e.telegram_scene import ADMIN, STRANGER, VIEWER, Scene

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from pathlib import Path

    from jobs.recipients import Ground

pytestmark = pytest.mark.asyncio
SOON = IntervalTrigger(seconds=1)


class Store:
    def raw_settings(self) -> Mapping[str, str]:
        return {"last_day": "2026-11-20"}


class Chores:
    """A quick one, and a slow one that ends when it is let go."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.begun = threading.Event()

    def slow(self) -> str:
        self.begun.set()
        self.gate.wait(30)
        return "at last"

    def upkeep(self, ground: Ground) -> Upkeep:
        state, clock = ground.state, ground.clock
        chores = [Chore("digests", SOON, lambda: "2 put"), Chore("backup", SOON, self.slow, slow=True)]
        lease = Lease(state, SCHEDULER, "host:7", clock, HELD_FOR)
        runs = Runs(state, clock)
        scheduler = Scheduler(chores, engine=state.kw["bind"], lease=lease, runs=runs, look_every_s=0.2)
        vitals = Vitals(
            warehouse=Store(),  # type: ignore[arg-type]
            state=state,
            clock=clock,
            today=lambda: clock().date(),
            chores=chores,
        )
        return Upkeep(scheduler, vitals, Tally(clock()))


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def chores() -> Chores:
    return Chores()


@pytest_asyncio.fixture
async def scene(tmp_path: Path, chores: Chores, port: int) -> AsyncIterator[Scene]:
    scene = Scene(tmp_path)
    scene.upkeep = chores.upkeep
    scene.settings["health_port"] = port
    async with scene:
        yield scene
    chores.gate.set()


async def ran(scene: Scene, chore: str) -> None:
    runs = Runs(scene.state, scene.clock)
    done: Callable[[], bool] = lambda: any(run.chore == chore and run.good for run in runs.all())  # noqa: E731
    await scene.until(done)


async def test_admins_are_told_how_the_bot_is(scene: Scene) -> None:
    await ran(scene, "digests")
    told = await scene.say("/health", ADMIN)
    assert "The figures end on 20 Nov 2026." in told.text
    assert "The chores are done by host:7." in told.text
    assert "✅ Digests: " in told.text
    assert "2 put" in told.text
    scene.access.enrol(STRANGER, "Zoe", "admin", "zh")
    chinese = await scene.say("/health", STRANGER)
    assert "host:7" in chinese.text
    assert chinese.text != told.text
    assert "only admins" in (await scene.say("/health", VIEWER)).text.lower()


async def test_this_machine_is_told_and_questions_are_counted(scene: Scene, port: int) -> None:
    await scene.say("hello", VIEWER)
    await ran(scene, "digests")
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        health = (await client.get("/healthz")).json()
        figures = (await client.get("/metrics")).text
    assert health["checks"]["scheduler"] == "ok"
    assert 'marketbot_questions_total{status="answered"} 1.0' in figures
    assert "marketbot_scheduler_acting 1.0" in figures


async def test_a_slow_chore_does_not_hold_up_the_end(scene: Scene, chores: Chores) -> None:
    await scene.until(chores.begun.is_set)
    began = time.monotonic()
    await scene.stop()
    assert time.monotonic() - began < 2
    assert not chores.gate.is_set()


async def test_a_taken_port_is_told_with_a_mend(scene: Scene, port: int) -> None:
    await scene.stop()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        await scene.start()
        await scene.until(scene.serving_failed)
    with pytest.raises(Failure, match=f"port {port}"):
        await scene.stop()
    scene._serving = None
