"""The loop that claims pushes and has them sent: several at once, one for each chat."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from jobs.outbox.sending import ClaimLost, Delivered, Failed, Later, Moved, Unreachable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from jobs.outbox.outbox import Outbox
    from jobs.outbox.record import Push
    from jobs.outbox.sending import Outcome, Sender

T = TypeVar("T")
log = structlog.get_logger(__name__)

AT_ONCE = 20
LEASE_FOR = timedelta(seconds=30)
LOOK_EVERY_S = 1.0
EXPIRE_EVERY = timedelta(minutes=1)
FREE_EVERY = timedelta(seconds=2)
ATTEMPTS = 10
"""Attempts that may fail, or end in a crash, before a push is given up."""
FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 600.0
LONGEST_STORE_PAUSE_S = 10.0


@dataclass
class _Flight:
    """A push that is being sent, and until when its claim is known to be held."""

    push: Push
    held_until: datetime
    task: asyncio.Task[None] | None = None
    lost: bool = False


class Courier:
    """Belongs to one event loop; the outbox is asked in threads.

    Claims are renewed every third of `lease_for` while their pushes are sent. A claim that could not be renewed in time
    ends the sending: somebody else may send that push from then on. A push whose sending raises is tried again after
    growing pauses, `ATTEMPTS` times, and then given up, because it holds back its chat.
    """

    def __init__(
        self,
        outbox: Outbox,
        sender: Sender,
        owner: str,
        *,
        clock: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        at_once: int = AT_ONCE,
        lease_for: timedelta = LEASE_FOR,
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        """`owner` names this process; `look_every_s` is how often an idle courier looks for what has become due."""
        self._outbox = outbox
        self._sender = sender
        self._owner = owner
        self._clock = clock
        self._sleep = sleep
        self._at_once = at_once
        self._lease_for = lease_for
        self._look_every_s = look_every_s
        self._flights: dict[int, _Flight] = {}
        self._turn = asyncio.Lock()
        self._woken = asyncio.Event()
        self._stopping = asyncio.Event()
        self._expire_at: datetime | None = None
        self._free_at: datetime | None = None

    def wake(self) -> None:
        """Something urgent was put: look at once."""
        self._woken.set()

    def stop(self) -> None:
        """Claims nothing more; `run` returns when what is being sent is done or has had its grace."""
        self._stopping.set()
        self._woken.set()

    async def run(self, grace_s: float = 10.0) -> None:
        """Works until `stop`, then lets what is being sent end for `grace_s` seconds.

        What has not ended by then, or when this is cancelled, is given back; its part in flight may come twice.
        """
        renewing = asyncio.create_task(self._renew_for_ever())
        try:
            while not self._stopping.is_set():
                self._woken.clear()
                if not await self._look():
                    await self._either(self._woken.wait(), self._sleep(self._look_every_s))
            if tasks := self._tasks():
                await self._either(asyncio.wait(tasks), self._sleep(grace_s))
        finally:
            renewing.cancel()
            tasks = self._tasks()
            for task in tasks:
                task.cancel()
            await asyncio.gather(renewing, *tasks, return_exceptions=True)

    async def _look(self) -> bool:
        """Claims what can be sent now; whether looking again at once may find more."""
        free = self._at_once - len(self._flights)
        if free <= 0:
            return False
        try:
            await self._expire()
            await self._free()
            pushes = await self._ask(lambda: self._outbox.claim(self._owner, free, self._lease_for))
        except SQLAlchemyError:
            log.exception("outbox_unreadable")
            return False
        for push in pushes:
            flight = _Flight(push, push.claimed_until)
            self._flights[push.id] = flight
            flight.task = asyncio.create_task(self._fly(flight))
        return len(pushes) == free

    async def _expire(self) -> None:
        now = self._clock()
        if self._expire_at is None or now >= self._expire_at:
            for key in await self._ask(self._outbox.expire):
                log.warning("push_expired", key=key)
            self._expire_at = now + EXPIRE_EVERY

    async def _free(self) -> None:
        now = self._clock()
        if self._free_at is None or now >= self._free_at:
            if freed := await self._ask(self._outbox.free_of_the_dead):
                log.warning("claims_of_the_dead_freed", pushes=freed)
            self._free_at = now + FREE_EVERY

    async def _fly(self, flight: _Flight) -> None:
        push = flight.push
        try:
            await self._send(flight)
        except asyncio.CancelledError:
            if not flight.lost:
                await self._ask(lambda: self._outbox.release(push))
            raise
        except ClaimLost:
            log.warning("push_taken_over", key=push.key, chat_id=push.chat_id)
        finally:
            del self._flights[push.id]
            if self._at_once - len(self._flights) >= self._at_once / 4:
                self._woken.set()  # a look for each would be a query for each

    async def _send(self, flight: _Flight) -> None:
        push = flight.push
        if push.attempts > ATTEMPTS:
            log.error("push_given_up", key=push.key, chat_id=push.chat_id, attempts=push.attempts)
            await self._kept(lambda: self._outbox.give_up(push, f"{push.attempts - 1} attempts did not end"))
            return

        async def sent(n: int) -> None:
            await self._kept(lambda: self._outbox.sent_part(push, n))

        try:
            outcome = await self._sender.send(push, sent)
        except ClaimLost:
            raise
        except Exception:
            log.exception("push_failed", key=push.key, chat_id=push.chat_id, attempts=push.attempts)
            await self._failed(push)
        else:
            await self._keep(push, outcome)

    async def _failed(self, push: Push) -> None:
        if push.attempts >= ATTEMPTS:
            await self._kept(lambda: self._outbox.give_up(push, f"{push.attempts} attempts failed"))
            return
        pause = timedelta(seconds=min(FIRST_PAUSE_S * 2 ** (push.attempts - 1), LONGEST_PAUSE_S))
        until = self._clock() + pause
        await self._kept(lambda: self._outbox.postpone(push, until, "sending failed", failed=True))

    async def _keep(self, push: Push, outcome: Outcome) -> None:
        match outcome:
            case Delivered():
                await self._kept(lambda: self._outbox.done(push))
            case Later(seconds, reason):
                until = self._clock() + timedelta(seconds=seconds)
                log.info("push_postponed", key=push.key, chat_id=push.chat_id, seconds=seconds, reason=reason)
                await self._kept(lambda: self._outbox.postpone(push, until, reason))
            case Failed(reason):
                log.warning("push_failed", key=push.key, chat_id=push.chat_id, attempts=push.attempts, reason=reason)
                await self._failed(push)
            case Unreachable(reason):
                log.info("push_unreachable", key=push.key, chat_id=push.chat_id, reason=reason)
                await self._kept(lambda: self._outbox.give_up(push, reason))
            case Moved(new_chat):
                moved = await self._stored(lambda: self._outbox.moved(push.chat_id, new_chat))
                log.info("chat_moved", chat_id=push.chat_id, new_chat_id=new_chat, pushes=moved)
                await self._kept(lambda: self._outbox.release(push))

    async def _kept(self, change: Callable[[], bool]) -> None:
        """Stores what came of a claimed push. Raises `ClaimLost`."""
        if not await self._stored(change):
            raise ClaimLost

    async def _stored(self, change: Callable[[], T]) -> T:
        """Tries until the database takes it: what Telegram has taken must not be sent again because of a full disk."""
        pause = 0.1
        while True:
            storing = asyncio.ensure_future(self._ask(change))
            try:
                return await asyncio.shield(storing)
            except asyncio.CancelledError:
                await asyncio.wait([storing])  # a thread cannot be cancelled, and what follows must come after it
                raise
            except SQLAlchemyError as error:
                log.warning("outbox_unwritable", error=str(error), pause_s=pause)
                await self._sleep(pause)
                pause = min(2 * pause, LONGEST_STORE_PAUSE_S)

    async def _ask(self, work: Callable[[], T]) -> T:
        """Asks the outbox in a thread, one thing at a time: waiting for SQLite's write lock, threads oversleep."""
        async with self._turn:
            return await asyncio.to_thread(work)

    async def _renew_for_ever(self) -> None:
        while True:
            await self._sleep(self._lease_for.total_seconds() / 3)
            await self._renew()

    async def _renew(self) -> None:
        flights = list(self._flights.values())
        third = self._lease_for / 3
        until = self._clock() + self._lease_for
        try:
            held = await self._ask(lambda: self._outbox.renew([each.push for each in flights], self._lease_for))
        except SQLAlchemyError as error:
            log.warning("claims_not_renewed", error=str(error))
            next_time = self._clock() + third
            over = [flight for flight in flights if flight.held_until <= next_time]
        else:
            for flight in flights:
                flight.held_until = until
            over = [flight for flight in flights if flight.push.id not in held]
        for flight in over:
            if flight.task is not None:
                flight.lost = True
                flight.task.cancel()

    def _tasks(self) -> list[asyncio.Task[None]]:
        return [flight.task for flight in self._flights.values() if flight.task is not None]

    @staticmethod
    async def _either(one: Awaitable[object], other: Awaitable[object]) -> None:
        """Returns when the first of the two ends; the second is cancelled."""
        tasks = [asyncio.ensure_future(one), asyncio.ensure_future(other)]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
