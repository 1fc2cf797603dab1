"""A Telegram that only takes notes, couriers at work on one outbox, and processes of couriers that are killed."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from jobs.lease import Lease
from jobs.outbox.courier import Courier
from jobs.outbox.outbox import Outbox
from jobs.outbox.record import OutboxRow, Priority, Push
from jobs.outbox.sending import Delivered, Later, Moved, Outcome, Unreachable
from tools.state import connect

State = sessionmaker[Session]
START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SUPERGROUP = 1_000_000
BLOCKED = 7
ROOT = Path(__file__).resolve().parents[2]


def now() -> datetime:
    return datetime.now(UTC)


class Clock:
    """Stands until it is moved."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time

    def forward(self, **by: float) -> None:
        self.time += timedelta(**by)


def stored(state: State, key: str) -> OutboxRow:
    with state() as session:
        return session.scalars(select(OutboxRow).where(OutboxRow.key == key)).one()


def put_many(outbox: Outbox, pushes: int, chats: int, parts: int = 1) -> None:
    since = now()
    for number in range(pushes):
        chat = number % chats
        assert outbox.put(
            f"{chat}/{number:05}",
            chat,
            None,
            {"parts": parts},
            not_before=since,
            expires=None,
            priority=Priority.DIGEST,
        )


class WeatherSender:
    """Delivers, sometimes after a "later"; some chats have moved, one blocked the bot. Notes what arrives where."""

    def __init__(self, arrived: list[tuple[int, str]], sending: set[int], moving: set[int], seed: int) -> None:
        self._arrived = arrived
        self._sending = sending
        self._moving = moving
        self._random = random.Random(seed)

    async def send(self, push: Push, sent: Callable[[int], Awaitable[None]]) -> Outcome:
        chat = push.chat_id
        assert chat not in self._sending, "two pushes of one chat are being sent"
        self._sending.add(chat)
        try:
            await asyncio.sleep(self._random.random() / 500)
            if chat == BLOCKED:
                return Unreachable("bot was blocked by the user")
            if chat in self._moving:
                return Moved(chat + SUPERGROUP)
            if self._random.random() < 0.1:
                return Later(self._random.random() / 20, "Too Many Requests")
            self._arrived.append((chat, push.key))
            await sent(1)
            return Delivered()
        finally:
            self._sending.remove(chat)


async def competing_couriers(state: State, pushes: int = 500, chats: int = 50) -> None:
    """Two couriers empty one outbox, and each push arrives once and in its chat's order."""
    outbox = Outbox(state, now)
    put_many(outbox, pushes, chats)
    arrived: list[tuple[int, str]] = []
    sending: set[int] = set()
    moving = {3, 11, 23}
    couriers = [
        Courier(
            Outbox(state, now), WeatherSender(arrived, sending, moving, seed), f"{seed}", clock=now, look_every_s=0.02
        )
        for seed in (1, 2)
    ]
    running = [asyncio.create_task(courier.run()) for courier in couriers]
    async with asyncio.timeout(60):
        while (await asyncio.to_thread(outbox.counts)).waiting:  # noqa: ASYNC110  # the database tells nobody
            await asyncio.sleep(0.05)
    for courier in couriers:
        courier.stop()
    await asyncio.gather(*running)

    per_chat: dict[int, list[str]] = defaultdict(list)
    for chat, key in arrived:
        per_chat[chat].append(key)
    blocked = pushes // chats
    assert len(arrived) == len({key for _, key in arrived}) == pushes - blocked
    for chat, keys in per_chat.items():
        assert keys == sorted(keys)
        assert {key.partition("/")[0] for key in keys} == {str(chat % SUPERGROUP)}
    assert per_chat.keys() == ({*range(chats)} - {BLOCKED} - moving) | {chat + SUPERGROUP for chat in moving}
    counts = outbox.counts()
    assert (counts.waiting, counts.delivered, counts.given_up) == (0, pushes - blocked, blocked)


def _side_by_side(work: Callable[[int], None], threads: int) -> None:
    running = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()


def threads_claim(state: State, pushes: int = 120, chats: int = 30, threads: int = 6) -> None:
    """Threads claim and finish at the same time: none gets what another holds, and no chat is held twice."""
    outbox = Outbox(state, now)
    put_many(outbox, pushes, chats)
    lock = threading.Lock()
    held: set[int] = set()
    got: Counter[str] = Counter()
    wrong: list[str] = []

    def work(number: int) -> None:
        mine = Outbox(state, now)
        while mine.counts().waiting:
            for push in mine.claim(str(number), 5, timedelta(seconds=30)):
                with lock:
                    if push.chat_id in held:
                        wrong.append(push.key)
                    held.add(push.chat_id)
                    got[push.key] += 1
                time.sleep(0.001)
                with lock:
                    held.discard(push.chat_id)
                if not mine.done(push):
                    wrong.append(push.key)

    _side_by_side(work, threads)
    assert wrong == []
    assert len(got) == pushes
    assert set(got.values()) == {1}


AT_ONCE = 4
PARTS = 3


class NotingSender:
    """Appends each part to a file, which outlives the process, before it is counted as sent."""

    def __init__(self, notes: Path) -> None:
        self._file = os.open(notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    async def send(self, push: Push, sent: Callable[[int], Awaitable[None]]) -> Outcome:
        for part in range(push.parts_sent + 1, PARTS + 1):
            os.write(self._file, f"{push.key} {part}\n".encode())
            await asyncio.sleep(0.005)
            await sent(part)
        return Delivered()


def killed_processes(url: str, notes: Path, pushes: int = 90, chats: int = 15, kills: int = 4) -> None:
    """Two processes empty one outbox; again and again one is killed in the middle of its work, and replaced."""
    state = connect(url)
    outbox = Outbox(state, now)
    put_many(outbox, pushes, chats, PARTS)
    notes.touch()

    def start(number: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.unit.outbox_scenes", url, str(notes), f"process {number}"], cwd=ROOT
        )

    processes = [start(0), start(1)]
    try:
        for kill in range(kills):
            written = notes.read_text().count("\n")
            deadline = time.monotonic() + 20
            # Each is killed while parts go out, not while Python starts.
            while notes.read_text().count("\n") < written + 20 and time.monotonic() < deadline:
                time.sleep(0.002)
            victim = processes.pop(0)
            victim.send_signal(signal.SIGKILL)
            victim.wait()
            processes.append(start(kill + 2))
        deadline = time.monotonic() + 30
        while outbox.counts().waiting and time.monotonic() < deadline:
            time.sleep(0.02)
    finally:
        for process in processes:
            process.kill()
            process.wait()
        delivered = outbox.counts().delivered
        state.kw["bind"].dispose()
    assert delivered == pushes

    arrived = [tuple(line.split()) for line in notes.read_text().splitlines()]
    times = Counter(arrived)
    assert len(times) == pushes * PARTS
    twice = {part: count - 1 for part, count in times.items() if count > 1}
    assert sum(twice.values()) <= kills * AT_ONCE, "only what was in flight comes twice"
    per_chat: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for key, part in arrived:
        told = per_chat[key.partition("/")[0]]
        if not told or told[-1] != (key, part):
            told.append((key, part))
    assert all(told == sorted(told) for told in per_chat.values()), "a repetition follows what it repeats"


def one_at_a_time(state: State, threads: int = 6) -> None:
    """Many take, act and give back one lease: never two at once, and each with a greater token than the one before."""
    inside: list[int] = []
    tokens: list[int] = []
    wrong: list[str] = []

    def work(number: int) -> None:
        lease = Lease(state, "pushes", str(number), now, timedelta(seconds=30))
        turns = 0
        while turns < 5:
            if not lease.take():
                time.sleep(0.001)
                continue
            inside.append(number)
            if inside != [number] or lease.token is None:
                wrong.append(f"{inside} are inside")
            tokens.append(lease.token or 0)
            time.sleep(0.001)
            inside.remove(number)
            turns += 1
            lease.release()

    _side_by_side(work, threads)
    assert wrong == []
    assert tokens == list(range(1, 5 * threads + 1))


async def _run(url: str, notes: str, owner: str) -> None:
    outbox = Outbox(connect(url), now, clocks_apart=timedelta(0))
    sender = NotingSender(Path(notes))
    await Courier(
        outbox, sender, owner, clock=now, at_once=AT_ONCE, lease_for=timedelta(seconds=1.5), look_every_s=0.05
    ).run()


if __name__ == "__main__":
    asyncio.run(_run(*sys.argv[1:4]))
