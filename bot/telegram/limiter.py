"""Telegram's sending limits: 30 messages a second overall, 1 a second in a chat, 20 a minute in a group.

Each limit is a sliding window over the times of past calls, so it holds for every window of that length
(a refilling bucket would let twice as many through at its edge). When Telegram itself says "too many"
(429), only that chat waits for `retry_after`; all others go on.

A call may say how long it would wait for its chat (PTB's `rate_limit_args`, seconds). One that would have to wait
longer, for a 429 or for the limits, raises `RetryAfter` at once, and its caller comes back: so pushes to a flooded chat
hold up nobody.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import OrderedDict, deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import structlog
from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine

log = structlog.get_logger(__name__)

Json = bool | dict[str, Any] | list[dict[str, Any]]
ChatId = int | str

OVERALL = (30, 1.05)
"""A twentieth of slack: the network may squeeze together what was sent a second apart."""
APART_S = OVERALL[1] / OVERALL[0]
"""Between two calls: of a burst many would be in flight at once, and each may come twice when the process dies."""
EASED, SPED = 1.2, 0.97
"""How the distance changes with each 429, and with each call that Telegram takes.

Another process of the bot, or of somebody else with its token, may send at the same time: so two share the limit, and
about one call in seven comes back. What Telegram refuses now and then slows down nobody.
"""
SLOWEST_S = 2 * APART_S
"""What each of two may send. 429s come in bunches, of all that are in flight and of both: each is no news by itself.

A process that dies leaves its part to the other, which has all of it after two dozen calls; from further down it would
take seconds, again and again where processes die again and again.
"""
PER_CHAT = (3, 3.3)
"""One a second, in bursts of three: a picture, its text and a file may follow one another at once. A tenth of slack."""
PER_GROUP = (20, 60.0)
CHATS_REMEMBERED = 10_000

BEST_EFFORT = frozenset({"sendChatAction", "sendMessageDraft", "setMessageReaction"})
"""Worth nothing when late: dropped rather than delayed."""
COUNTED = ("send", "copy", "forward", "edit")
"""Calls beginning so show something in a chat and count against its limits."""


class SlidingWindow:
    """At most `count` events in any `seconds` of time. Times are seconds on one monotonic clock."""

    def __init__(self, count: int, seconds: float) -> None:
        self._seconds = seconds
        self._times: deque[float] = deque(maxlen=count)

    def wait(self, now: float) -> float:
        """Seconds until an event may happen; 0 when it may now."""
        if len(self._times) < (self._times.maxlen or 0):
            return 0.0
        return max(0.0, self._times[0] + self._seconds - now)

    def record(self, now: float) -> None:
        self._times.append(now)


class ChatPace:
    """One chat's windows, its pause after a 429, and the order in which its calls go out."""

    def __init__(self, windows: tuple[SlidingWindow, ...]) -> None:
        self.order = asyncio.Lock()
        self.windows = windows
        self.paused_until = 0.0

    def wait(self, now: float) -> float:
        return max(self.paused_until - now, *(window.wait(now) for window in self.windows), 0.0)

    @asynccontextmanager
    async def turn(self, patience_s: float, clock: Callable[[], float]) -> AsyncIterator[None]:
        """Its calls go one after the other. Raises `RetryAfter` where those before take longer than the patience."""
        try:
            async with asyncio.timeout(None if patience_s == math.inf else patience_s):
                await self.order.acquire()
        except TimeoutError:
            raise _come_back(max(self.wait(clock()), patience_s)) from None
        try:
            yield
        finally:
            self.order.release()


class ChatLimiter(BaseRateLimiter[float]):
    """Delays calls so that no limit is passed; obeys `retry_after` chat by chat; keeps the order within a chat.

    A chat's next call starts after the one before it has its result, so order holds through a 429 too.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._overall = SlidingWindow(*OVERALL)
        self._overall_order = asyncio.Lock()
        self._next_at = 0.0
        self._apart_s = APART_S
        self._chats: OrderedDict[ChatId, ChatPace] = OrderedDict()

    async def initialize(self) -> None:
        """Nothing to allocate."""

    async def shutdown(self) -> None:
        """Nothing to free."""

    async def process_request(  # noqa: PLR0917  # PTB's interface
        self,
        callback: Callable[..., Coroutine[Any, Any, Json]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: float | None,
    ) -> Json:
        """Calls Telegram when the limits allow it. Best-effort calls that would have to wait are left out.

        Raises `RetryAfter` where the chat would have to be waited for longer than `rate_limit_args` seconds.
        """
        chat_id = data.get("chat_id")

        async def call() -> Json:
            return await callback(*args, **kwargs)

        if endpoint in BEST_EFFORT:
            return await self._now_or_never(call, chat_id)
        if chat_id is None or not endpoint.startswith(COUNTED):
            return await self._uncounted(call, endpoint)
        return await self._in_order(call, endpoint, chat_id, math.inf if rate_limit_args is None else rate_limit_args)

    async def _in_order(
        self, call: Callable[[], Coroutine[Any, Any, Json]], endpoint: str, chat_id: ChatId, patience_s: float
    ) -> Json:
        pace = self._pace(chat_id)
        async with pace.turn(patience_s, self._clock):
            while True:
                while (wait := pace.wait(self._clock())) > 0:
                    if wait > patience_s:
                        raise _come_back(wait)
                    await self._sleep(wait)
                await self._overall_place()
                now = self._clock()
                for window in pace.windows:
                    window.record(now)
                try:
                    result = await call()
                except RetryAfter as error:
                    seconds = seconds_of(error)
                    pace.paused_until = self._clock() + seconds
                    self._apart_s = min(self._apart_s * EASED, SLOWEST_S)
                    log.warning("telegram_flood", chat_id=chat_id, endpoint=endpoint, retry_after_s=seconds)
                else:
                    self._apart_s = max(self._apart_s * SPED, APART_S)
                    return result

    async def _uncounted(self, call: Callable[[], Coroutine[Any, Any, Json]], endpoint: str) -> Json:
        while True:
            try:
                return await call()
            except RetryAfter as error:
                seconds = seconds_of(error)
                log.warning("telegram_flood", endpoint=endpoint, retry_after_s=seconds)
                await self._sleep(seconds)

    async def _now_or_never(self, call: Callable[[], Coroutine[Any, Any, Json]], chat_id: ChatId | None) -> Json:
        now = self._clock()
        pace = self._pace(chat_id) if chat_id is not None else None
        if (pace is not None and pace.paused_until > now) or self._overall.wait(now) > 0:
            return True
        self._overall.record(now)
        try:
            return await call()
        except RetryAfter as error:
            if pace is not None:
                pace.paused_until = max(pace.paused_until, self._clock() + seconds_of(error))
            return True

    async def _overall_place(self) -> None:
        async with self._overall_order:
            while (wait := max(self._overall.wait(self._clock()), self._next_at - self._clock())) > 0:
                await self._sleep(wait)
            now = self._clock()
            self._overall.record(now)
            # Who overslept a little makes up for it.
            self._next_at = max(self._next_at, now - self._apart_s) + self._apart_s

    def _pace(self, chat_id: ChatId) -> ChatPace:
        pace = self._chats.get(chat_id)
        if pace is None:
            windows = [SlidingWindow(*PER_CHAT)]
            if _is_group(chat_id):
                windows.append(SlidingWindow(*PER_GROUP))
            pace = self._chats[chat_id] = ChatPace(tuple(windows))
            self._forget_idle()
        self._chats.move_to_end(chat_id)
        return pace

    def _forget_idle(self) -> None:
        now = self._clock()
        for chat_id, pace in list(self._chats.items())[: max(0, len(self._chats) - CHATS_REMEMBERED)]:
            if not pace.order.locked() and pace.wait(now) == 0:
                del self._chats[chat_id]


def _is_group(chat_id: ChatId) -> bool:
    """Groups and channels have negative ids, or a name."""
    return isinstance(chat_id, str) or chat_id < 0


def _come_back(seconds: float) -> RetryAfter:
    return RetryAfter(math.ceil(seconds))


def seconds_of(error: RetryAfter) -> float:
    """How long Telegram, or the limits, ask to wait."""
    after = error.retry_after
    return float(after) if isinstance(after, int) else after.total_seconds()
