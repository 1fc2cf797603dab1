"""Order within a lane, concurrency between lanes, a bound, and what cancelling and stopping do."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from telegram import Chat, Message, Update, User

from bot.telegram.addressing import lane_of
from bot.telegram.lanes import Cancelled, LaneProcessor, Lanes, Stopping

pytestmark = pytest.mark.asyncio


def update(number: int, chat_id: int = 1, user_id: int = 1) -> Update:
    user = User(user_id, "U", False)
    message = Message(number, datetime.now(UTC), Chat(chat_id, "private"), from_user=user, text="x")
    return Update(number, message)


class Scene:
    def __init__(self, limit: int = 5) -> None:
        self.lanes = Lanes(limit)
        self.log: list[str] = []
        self.done: list[int] = []
        self.refused: list[tuple[int, int]] = []
        self.postponed: list[int] = []
        self.processor = LaneProcessor(
            self.lanes, lane_of, refuse=self.refuse, done=self.note_done, postponed=self.note_postponed
        )
        self.gates: dict[int, asyncio.Event] = {}

    async def refuse(self, refused: Update, waiting: int) -> None:
        self.refused.append((refused.update_id, waiting))

    async def note_done(self, finished: Update) -> None:
        self.done.append(finished.update_id)

    async def note_postponed(self, kept: Update) -> None:
        self.postponed.append(kept.update_id)

    async def handle(self, number: int) -> None:
        turn = self.lanes.turn_of(number)
        try:
            await turn.begin()
            self.log.append(f"begin {number}")
            gate = asyncio.ensure_future(self.gates.setdefault(number, asyncio.Event()).wait())
            await turn.race(gate)
            self.log.append(f"end {number}")
        except Cancelled:
            self.log.append(f"cancelled {number}")
        except Stopping:
            self.log.append(f"stopping {number}")
            turn.keep()

    def take(self, number: int, chat_id: int = 1, user_id: int = 1) -> asyncio.Task[Any]:
        coming = update(number, chat_id, user_id)
        return asyncio.create_task(self.processor.process_update(coming, self.handle(number)))

    def open(self, number: int) -> None:
        self.gates.setdefault(number, asyncio.Event()).set()


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_lane_keeps_order_while_others_go_on() -> None:
    scene = Scene()
    tasks = [scene.take(1), scene.take(2), scene.take(3, chat_id=2)]
    scene.open(2)
    scene.open(3)
    await settle()
    assert scene.log == ["begin 1", "begin 3", "end 3"]
    scene.open(1)
    await asyncio.gather(*tasks)
    assert scene.log[3:] == ["end 1", "begin 2", "end 2"]
    assert sorted(scene.done) == [1, 2, 3]


async def test_a_full_lane_refuses_once_until_it_has_emptied() -> None:
    scene = Scene(limit=2)
    tasks = [scene.take(number) for number in range(1, 7)]
    await settle()
    assert scene.refused == [(4, 3)]
    assert scene.done == [4, 5, 6]
    for number in (1, 2, 3):
        scene.open(number)
    await asyncio.gather(*tasks)
    more = [scene.take(number) for number in range(11, 15)]
    await settle()
    assert scene.refused == [(4, 3), (14, 3)]
    for number in (11, 12, 13):
        scene.open(number)
    await asyncio.gather(*more)


async def test_cancelling_takes_back_a_users_own_turns_only() -> None:
    scene = Scene()
    tasks = [scene.take(1, user_id=1), scene.take(2, user_id=2), scene.take(3, user_id=1)]
    await settle()
    key = lane_of(update(1))
    assert key is not None
    assert scene.lanes.cancel(key[0], 1) == 2
    scene.open(2)
    await asyncio.gather(*tasks)
    assert sorted(scene.log) == ["begin 1", "begin 2", "cancelled 1", "cancelled 3", "end 2"]
    assert sorted(scene.done) == [1, 2, 3]


async def test_closing_lets_the_begun_finish_and_keeps_the_waiting() -> None:
    scene = Scene()
    tasks = [scene.take(1), scene.take(2)]
    await settle()
    closing = asyncio.create_task(scene.lanes.close(5))
    await settle()
    late = scene.take(3)
    await settle()
    scene.open(1)
    await asyncio.gather(closing, late, *tasks)
    assert scene.log == ["begin 1", "stopping 2", "end 1"]
    assert scene.done == [1]


async def test_closing_does_not_wait_for_ever() -> None:
    scene = Scene()
    task = scene.take(1)
    await settle()
    await scene.lanes.close(0.05)
    assert task.cancelled()
    assert (scene.done, scene.postponed) == ([], [1])
