"""Ten thousand digests at one time: Telegram's limits, random 429s, two processes, and a kill -9 every few seconds.

Options: `--subscribers=10000`, `--kill-every=4` (seconds, 0: never), `--floods=0.02` (the part of the calls).
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from datetime import time as wall_time
from pathlib import Path
from typing import TYPE_CHECKING

from bot.bootstrap import Parts, now
from bot.sandbox.errors import too_many_requests
from bot.sandbox.faults import Faults
from bot.sandbox.limits import RateLimits
from bot.sandbox.people import SandboxUser
from bot.sandbox.sandbox import Sandbox
from bot.sandbox.server import running_sandbox
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.sandbox.server import SandboxHandle

FIRST_USER = 10_000_000
LEAD = timedelta(seconds=45)
PATIENCE = 3.0  # times what the limits allow
PROCESSES = 2
QUIET_S = 60.0  # after the last one: the claims of killed processes have run out by then


class Weather(Faults):
    """Now and then a call is answered with 429, without any reason."""

    def __init__(self, part: float) -> None:
        super().__init__()
        self.part = part
        self.random = random.Random(7)  # noqa: S311 - weather, no secret
        self.count = 0
        self.taken = 0
        self.last = 0.0

    def before(self, method: str, chat_id: int | None) -> None:
        super().before(method, chat_id)
        if method.startswith("send") and self.random.random() < self.part:
            self.count += 1
            raise too_many_requests(self.random.randint(1, 3))

    def after(self, method: str) -> None:
        super().after(method)
        if method.startswith("send"):
            self.taken += 1
            self.last = time.time()


def main() -> None:
    subscribers = int(_option("subscribers", "10000"))
    kill_every = float(_option("kill-every", "4"))
    floods = float(_option("floods", "0.02"))
    with tempfile.TemporaryDirectory(prefix="marketbot-fanout-") as folder:
        home = Path(folder)
        _prepare(home)
        users = [
            SandboxUser(FIRST_USER + i, f"Reader {i}", None, "en", "viewer", started=True) for i in range(subscribers)
        ]
        sandbox = Sandbox(users=users, limits=RateLimits())
        sandbox.faults = Weather(floods)
        with running_sandbox(sandbox) as handle:
            nine = _subscribe(home, subscribers)
            _serve(handle, home, nine, kill_every)
        sandbox.close()


def _prepare(home: Path) -> None:
    from tools.warehouse.demo import make_demo_store

    make_demo_store(home / "warehouse.duckdb", scale=0.1, end=now().date() - timedelta(days=1))


def _subscribe(home: Path, count: int) -> datetime:
    """Everybody wants the same digest at the next whole minute that leaves time for it."""
    from sqlalchemy import insert

    from bot.telegram.access import UserRow
    from jobs.digests.definition import Definition
    from jobs.digests.subscriptions import SubscriptionRow
    from jobs.digests.timing import Daily, Schedule, due, told_before
    from jobs.digests.wanted import Wanted

    parts = Parts(_settings(home))
    ready = now() + LEAD
    nine = (ready + timedelta(minutes=1)).replace(second=0, microsecond=0)
    schedule = Schedule(Daily(), wall_time(nine.hour, nine.minute), "UTC")
    told = told_before(schedule, now())
    shared = {
        "language": "en",
        "definition": Definition(schedule, Wanted()).plain(),
        "told": told,
        "next_at": due(schedule, now(), told).at,
        "reason": "",
        "created_at": now(),
    }
    ids = [FIRST_USER + i for i in range(count)]
    with parts.state.begin() as session:
        session.execute(
            insert(UserRow),
            [{"id": i, "name": f"Reader {i}", "role": "viewer", "active": True, "added_at": now()} for i in ids],
        )
        session.execute(insert(SubscriptionRow), [{"chat_id": i, "user_id": str(i), **shared} for i in ids])
    parts.state.kw["bind"].dispose()
    return nine


def _serve(handle: SandboxHandle, home: Path, nine: datetime, kill_every: float) -> None:
    limits, weather = RateLimits(), handle.sandbox.faults
    assert isinstance(weather, Weather)
    subscribers = len(handle.sandbox.users)
    allowed = subscribers / limits.overall_per_second
    workers = [_worker(handle, home) for _ in range(PROCESSES)]
    kills, chance = 0, random.Random(11)  # noqa: S311 - no secret
    next_kill = nine.timestamp() + kill_every
    try:
        while (passed := time.time() - nine.timestamp()) < PATIENCE * allowed + 120:
            time.sleep(0.1)
            done = weather.taken >= subscribers
            if kill_every and time.time() >= next_kill and not done:
                # In turn, so that each gets to work between two kills.
                which = kills % PROCESSES
                workers[which].send_signal(signal.SIGKILL)
                workers[which].wait()
                workers[which] = _worker(handle, home)
                kills += 1
                next_kill = time.time() + kill_every * chance.uniform(0.5, 1.5)
            if done and passed > 0 and time.time() - weather.last > QUIET_S:
                break
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            with suppress(subprocess.TimeoutExpired):
                worker.wait(20)
            worker.kill()
    got = Counter(user for user in handle.sandbox.users for message in handle.sandbox.messages(user) if message.buttons)
    once, none = sum(count == 1 for count in got.values()), subscribers - len(got)
    took = weather.last - nine.timestamp()
    print(f"{subscribers:,} subscribers: {once:,} got one digest, {len(got) - once:,} more than one, {none:,} none")
    print(f"the last after {took:.0f} s; the limits allow {allowed:.0f} s: {took / allowed:.2f} times")
    print(f"{kills} kills -9 of {PROCESSES} processes, {weather.count:,} random 429s")


def _worker(handle: SandboxHandle, home: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "bench._fanout_worker", str(home), handle.url, handle.token]
    log = (home / "workers.log").open("ab")
    return subprocess.Popen(  # noqa: S603 - our own
        command, stdout=log, stderr=log, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )


def _settings(home: Path) -> Settings:
    return Settings(home=home, _env_file=None)  # type: ignore[call-arg]


def _option(name: str, default: str) -> str:
    return next((one.partition("=")[2] for one in sys.argv if one.startswith(f"--{name}=")), default)


if __name__ == "__main__":
    main()
