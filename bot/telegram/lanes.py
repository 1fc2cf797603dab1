"""Order within a chat, concurrency between chats: each chat (or topic) is a lane, each update takes its turn there."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from telegram import Update
from telegram.ext import BaseUpdateProcessor

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

T = TypeVar("T")

UPDATES_AT_ONCE = 10_000
"""Bounds memory, not work: work is bounded by the lanes and by the assistant's threads."""


@dataclass(frozen=True)
class LaneKey:
    """Where order is kept: a chat and, in forums, the topic."""

    chat_id: int
    topic_id: int | None


class Cancelled(Exception):
    """The user took the question back."""


class Stopping(Exception):
    """The bot is going down; the update stays in the inbox for the next start."""


class Turn:
    """One update's place in its lane."""

    def __init__(self, lane: deque[Turn], user_id: int) -> None:
        loop = asyncio.get_running_loop()
        self.user_id = user_id
        self.task = asyncio.current_task()
        self.begun = False
        self.kept = False
        self.lane = lane
        self._at_head: asyncio.Future[None] = loop.create_future()
        self._broken: asyncio.Future[Exception] = loop.create_future()

    async def begin(self) -> None:
        """Waits until every earlier update of the lane is done. Raises `Cancelled` or `Stopping`."""
        await self.race(self._at_head)
        self.begun = True

    async def race(self, work: asyncio.Future[T]) -> T:
        """The work's result, or `Cancelled` or `Stopping` if that comes first (the work is then abandoned)."""
        await asyncio.wait((work, self._broken), return_when=asyncio.FIRST_COMPLETED)
        if self._broken.done():
            work.cancel()
            raise self._broken.result()
        return work.result()

    def keep(self) -> None:
        """The answer was not delivered: the update stays in the inbox."""
        self.kept = True

    def _break(self, reason: Exception) -> None:
        if not self._broken.done():
            self._broken.set_result(reason)

    def _advance(self) -> None:
        if not self._at_head.done():
            self._at_head.set_result(None)


class Lanes:
    """All lanes. Belongs to one event loop."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lanes: dict[LaneKey, deque[Turn]] = {}
        self._turns: dict[int, Turn] = {}
        self._told_busy: set[LaneKey] = set()
        self._closed = False

    def turn_of(self, update_id: int) -> Turn:
        """The place that an update holds. Raises `KeyError` for updates outside every lane."""
        return self._turns[update_id]

    def join(self, key: LaneKey, user_id: int, update_id: int) -> Turn | None:
        """A place at the lane's end; None when `limit` updates wait there already. Raises `Stopping`."""
        if self._closed:
            raise Stopping
        lane = self._lanes.setdefault(key, deque())
        if len(lane) > self._limit:
            return None
        turn = Turn(lane, user_id)
        lane.append(turn)
        self._turns[update_id] = turn
        if lane[0] is turn:
            turn._advance()
        return turn

    def leave(self, key: LaneKey, update_id: int) -> None:
        """Gives the place up, done or not, and lets the next one begin."""
        lane = self._lanes[key]
        lane.remove(self._turns.pop(update_id))
        if lane:
            lane[0]._advance()
        else:
            del self._lanes[key]
            self._told_busy.discard(key)

    def length(self, key: LaneKey) -> int:
        """How many updates are being answered or wait."""
        return len(self._lanes.get(key, ()))

    def is_followed(self, update_id: int) -> bool:
        """Whether other updates share the lane with this one."""
        turn = self._turns.get(update_id)
        return turn is not None and len(turn.lane) > 1

    def first_refusal(self, key: LaneKey) -> bool:
        """True once for each time that a lane is full, until it has emptied."""
        if key in self._told_busy:
            return False
        self._told_busy.add(key)
        return True

    def cancel(self, key: LaneKey, user_id: int) -> int:
        """Takes back a user's turns in a lane; returns how many."""
        turns = [turn for turn in self._lanes.get(key, ()) if turn.user_id == user_id]
        for turn in turns:
            turn._break(Cancelled())
        return len(turns)

    async def close(self, grace_s: float) -> None:
        """Takes no more updates, leaves waiting ones to the inbox, and gives those begun `grace_s` seconds."""
        self._closed = True
        for turn in self._turns.values():
            if not turn.begun:
                turn._break(Stopping())
        tasks = [turn.task for turn in self._turns.values() if turn.task is not None]
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=grace_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


class LaneProcessor(BaseUpdateProcessor):
    """Runs all updates concurrently; handlers take their turn with `Lanes.turn_of(update_id).begin()`.

    A handler may do something at once (acknowledge a button, show "typing…") before it waits for its turn.
    """

    def __init__(
        self,
        lanes: Lanes,
        lane_of: Callable[[Update], tuple[LaneKey, int] | None],
        *,
        refuse: Callable[[Update, int], Coroutine[Any, Any, None]],
        done: Callable[[Update], Coroutine[Any, Any, None]],
        postponed: Callable[[Update], Coroutine[Any, Any, None]],
    ) -> None:
        """`lane_of` gives the lane and the user, None for what needs no order.

        `refuse` is told once of a full lane and its length; `done` of every update that is dealt with;
        `postponed` of those begun and kept for the next start.
        """
        super().__init__(UPDATES_AT_ONCE)
        self._lanes = lanes
        self._lane_of = lane_of
        self._refuse = refuse
        self._done = done
        self._postponed = postponed

    async def initialize(self) -> None:
        """Nothing to allocate."""

    async def shutdown(self) -> None:
        """Nothing to free."""

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        place = self._lane_of(update) if isinstance(update, Update) else None
        if not isinstance(update, Update) or place is None:
            await coroutine
            if isinstance(update, Update):
                await self._done(update)
            return
        key, user_id = place
        try:
            turn = self._lanes.join(key, user_id, update.update_id)
        except Stopping:
            _discard(coroutine)
            return
        if turn is None:
            _discard(coroutine)
            if self._lanes.first_refusal(key):
                await self._refuse(update, self._lanes.length(key))
            await self._done(update)
            return
        try:
            await coroutine
        except asyncio.CancelledError:
            turn.keep()
            raise
        finally:
            self._lanes.leave(key, update.update_id)
            if not turn.kept:
                await self._done(update)
            elif turn.begun:
                await self._postponed(update)


def _discard(coroutine: Awaitable[Any]) -> None:
    if asyncio.iscoroutine(coroutine):
        coroutine.close()
