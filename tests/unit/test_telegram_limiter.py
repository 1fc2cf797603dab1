"""Telegram's limits hold in every window, order is kept, and a flooded chat delays nobody else. Time is virtual."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram.error import RetryAfter

from bot.sandbox.limits import RateLimiter, RateLimits
from bot.telegram.limiter import ChatLimiter, SlidingWindow

if TYPE_CHECKING:
    from collections.abc import Coroutine

EPSILON = 1e-6


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time jumps to the next timer instead of passing."""

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0
        real_select = self._selector.select

        def select(timeout: float | None) -> Any:
            if timeout is None:
                raise RuntimeError("everything waits and nothing is scheduled")
            self._now += timeout
            return real_select(0)

        self._selector.select = select

    def time(self) -> float:
        return self._now


def run(main: Coroutine[Any, Any, Any]) -> Any:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)


class Telegram:
    """Takes calls, notes when and in which order, and answers 429 to chats while they are flooded."""

    def __init__(self) -> None:
        self.limiter = ChatLimiter(clock=lambda: asyncio.get_running_loop().time())
        self.taken: list[tuple[float, int, str, int]] = []
        self.floods: dict[int, list[int]] = {}
        self.refused: list[tuple[float, int]] = []

    async def call(self, chat_id: int, number: int, endpoint: str = "sendMessage") -> Any:
        async def callback() -> bool:
            now = asyncio.get_running_loop().time()
            if self.floods.get(chat_id):
                self.refused.append((now, chat_id))
                raise RetryAfter(self.floods[chat_id].pop(0))
            self.taken.append((now, chat_id, endpoint, number))
            await asyncio.sleep(0.05)
            return True

        return await self.limiter.process_request(callback, (), {}, endpoint, {"chat_id": chat_id}, None)

    def times(self, chat_id: int | None = None) -> list[float]:
        return [time for time, chat, _, _ in self.taken if chat_id in (None, chat)]


@pytest.fixture(autouse=True)
def _timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "PTB_TIMEDELTA", "true")


def most_in_a_window(times: list[float], seconds: float) -> int:
    """The most events in any half-open window of this length."""
    return max((sum(start <= time < start + seconds - EPSILON for time in times) for start in times), default=0)


messages = st.lists(
    st.tuples(
        st.integers(0, 8).map(lambda chat: chat + 1 if chat < 6 else -chat),
        st.floats(0, 5),
        st.sampled_from(["sendMessage", "sendPhoto", "editMessageText", "sendChatAction"]),
    ),
    max_size=150,
)


@settings(deadline=None, max_examples=40)
@given(messages)
def test_no_window_holds_more_than_the_limit_and_order_is_kept(plan: list[tuple[int, float, str]]) -> None:
    telegram = Telegram()
    ordered = sorted(plan, key=lambda each: each[1])

    async def send_all() -> None:
        tasks = []
        for number, (chat_id, at, endpoint) in enumerate(ordered):
            await asyncio.sleep(at - asyncio.get_running_loop().time())
            tasks.append(asyncio.create_task(telegram.call(chat_id, number, endpoint)))
        await asyncio.gather(*tasks)

    run(send_all())
    counted = [each for each in telegram.taken if each[2] != "sendChatAction"]
    assert most_in_a_window(telegram.times(), 1) <= 30
    for chat_id in {chat for _, chat, _, _ in counted}:
        times = [time for time, chat, _, _ in counted if chat == chat_id]
        assert most_in_a_window(times, 3) <= 3
        if chat_id < 0:
            assert most_in_a_window(times, 60) <= 20
        numbers = [number for _, chat, _, number in counted if chat == chat_id]
        assert numbers == sorted(numbers)
    assert len(counted) == sum(endpoint != "sendChatAction" for _, _, endpoint in plan)


def test_a_flooded_chat_waits_alone_and_in_order() -> None:
    telegram = Telegram()
    telegram.floods[1] = [30, 7]

    async def send_all() -> None:
        await asyncio.gather(
            *(telegram.call(1, number) for number in range(3)),
            *(telegram.call(chat_id, number) for chat_id in range(2, 12) for number in range(2)),
        )

    run(send_all())
    assert [time for time, chat_id in telegram.refused if chat_id == 1] == pytest.approx([0, 30], abs=0.01)
    assert min(telegram.times(1)) == pytest.approx(37, abs=0.01)
    assert [number for _, chat, _, number in telegram.taken if chat == 1] == [0, 1, 2]
    assert max(time for time, chat, _, _ in telegram.taken if chat != 1) < 2


def test_best_effort_calls_are_dropped_in_a_paused_chat() -> None:
    telegram = Telegram()
    telegram.floods[1] = [10]

    async def send_all() -> list[Any]:
        message = asyncio.create_task(telegram.call(1, 0))
        await asyncio.sleep(1)
        typing = await telegram.call(1, 1, "sendChatAction")
        assert asyncio.get_running_loop().time() == pytest.approx(1)
        return [typing, await message]

    assert run(send_all()) == [True, True]
    assert [endpoint for _, _, endpoint, _ in telegram.taken] == ["sendMessage"]


def test_typing_does_not_cost_a_chat_its_place() -> None:
    telegram = Telegram()

    async def send_all() -> None:
        for number in range(10):
            await telegram.call(1, number, "sendChatAction")
        await asyncio.gather(*(telegram.call(1, number) for number in range(3)))

    run(send_all())
    assert max(telegram.times(1)) < 1.0


def test_other_errors_pass_through_and_free_the_chat() -> None:
    limiter = ChatLimiter(clock=lambda: asyncio.get_running_loop().time())

    async def broken() -> bool:
        raise ValueError("no")

    async def fine() -> bool:
        return True

    async def both() -> Any:
        with pytest.raises(ValueError, match="no"):
            await limiter.process_request(broken, (), {}, "sendMessage", {"chat_id": 1}, None)
        return await limiter.process_request(fine, (), {}, "sendMessage", {"chat_id": 1}, None)

    assert run(both()) is True


@given(st.lists(st.floats(0, 100), max_size=60), st.integers(1, 5), st.floats(0.5, 20))
def test_a_sliding_window_never_lets_more_through(arrivals: list[float], count: int, seconds: float) -> None:
    window = SlidingWindow(count, seconds)
    now, times = 0.0, []
    for arrival in sorted(arrivals):
        now = max(now, arrival)
        now += window.wait(now)
        window.record(now)
        times.append(now)
    assert most_in_a_window(times, seconds) <= count


class SharedLimit:
    """Telegram's overall limit where somebody else sends too: of each second so many calls are left."""

    def __init__(self, left_per_s: int, whole_after_s: float) -> None:
        self.limiter = ChatLimiter(clock=lambda: asyncio.get_running_loop().time())
        self.left, self.whole_after = left_per_s, whole_after_s
        self.taken: list[float] = []
        self.refused: list[float] = []

    async def call(self, chat_id: int) -> None:
        async def callback() -> bool:
            now = asyncio.get_running_loop().time()
            left = self.left if now < self.whole_after else 30
            if sum(time > now - 1 for time in self.taken[-30:]) >= left:
                self.refused.append(now)
                raise RetryAfter(1)
            self.taken.append(now)
            return True

        await self.limiter.process_request(callback, (), {}, "sendMessage", {"chat_id": chat_id}, None)


def test_a_limit_that_is_shared_is_found_and_left_again() -> None:
    telegram = SharedLimit(left_per_s=15, whole_after_s=60)

    async def send_all() -> None:
        await asyncio.gather(*(telegram.call(chat_id) for chat_id in range(1, 2001)))

    run(send_all())
    while_shared = [time for time in telegram.taken if 5 < time < 60]
    refused = [time for time in telegram.refused if 5 < time < 60]
    assert len(while_shared) > 0.9 * 15 * 55
    assert len(refused) < 0.25 * len(while_shared)
    alone = [time for time in telegram.taken if 65 < time < telegram.taken[-1] - 2]
    assert len(alone) / (alone[-1] - alone[0]) > 27


class Couriers:
    """Two processes send to one chat after the other under the sandbox's limits; again and again one dies for a while.

    What is refused, or was in flight, is sent again.
    """

    def __init__(self, chats: int, *, dies_every_s: float, starts_within_s: float) -> None:
        self.waiting = list(range(chats, 0, -1))
        self.sandbox = RateLimiter(RateLimits())
        self.chats, self.dies_every_s, self.starts_within_s = chats, dies_every_s, starts_within_s
        self.taken: list[float] = []
        self.refused = 0

    async def run(self) -> None:
        processes = [asyncio.create_task(self._process(0)) for _ in range(2)]
        deaths = 0
        while len(self.taken) < self.chats:
            await asyncio.sleep(self.dies_every_s)
            processes[deaths % 2].cancel()
            processes[deaths % 2] = asyncio.create_task(self._process(self.starts_within_s))
            deaths += 1
        for process in processes:
            process.cancel()

    async def _process(self, starts_within_s: float) -> None:
        await asyncio.sleep(starts_within_s)
        limiter = ChatLimiter(clock=asyncio.get_running_loop().time)
        async with asyncio.TaskGroup() as sending:
            for _ in range(20):
                sending.create_task(self._send(limiter))

    async def _send(self, limiter: ChatLimiter) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            if not self.waiting:
                await asyncio.sleep(0.1)
                continue
            chat = self.waiting.pop()

            async def callback(chat: int = chat) -> bool:
                await asyncio.sleep(0.005)
                if seconds := self.sandbox.admit(chat, clock()):
                    self.refused += 1
                    raise RetryAfter(seconds)
                self.taken.append(clock())
                return True

            try:
                await limiter.process_request(callback, (), {}, "sendPhoto", {"chat_id": chat}, 2.0)
            except asyncio.CancelledError:
                self.waiting.append(chat)
                raise


def test_two_processes_use_up_the_limit_though_they_die_again_and_again() -> None:
    couriers = Couriers(3000, dies_every_s=4, starts_within_s=2.5)
    run(couriers.run())
    allowed_s = 3000 / RateLimits().overall_per_second
    assert couriers.taken[2999] < 1.15 * allowed_s
    assert couriers.refused < 0.25 * 3000
