"""What is at work beside the answers: the courier, which sends what is owed, chores, and the settings' alerts."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import select

from bot.reply import Question
from bot.telegram.people import OPERATOR
from bot.telegram.pushing import ChatSender
from jobs.alerts.record import MonitorRow
from jobs.outbox.courier import Courier
from jobs.process import process_name
from tools.answer import ToolCall
from tools.tool import Chat

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from bot.telegram.desk import Desk
    from jobs.recipients import Ground

log = structlog.get_logger(__name__)

AGAIN_S = 5.0
LOOK_AGAIN_S = 60.0
CORE_ALERTS = ToolCall("monitor", {"action": "defaults", "confirmed": True})


class Unasked:
    """Belongs to one event loop. `begin`, then `stop`, which takes on nothing more, and `ended`, which waits."""

    def __init__(self, desk: Desk, ground: Ground) -> None:
        self._desk = desk
        self._ground = ground
        self._grace_s = desk.settings.shutdown_grace_s
        self._stopped = asyncio.Event()
        self._courier = Courier(ground.outbox, ChatSender(desk, ground), process_name(), clock=ground.clock)
        self._tasks: list[asyncio.Task[None]] = []

    def begin(self) -> None:
        work = {"courier": lambda: self._courier.run(self._grace_s), "core_alerts": self._core_alerts}
        upkeep = self._desk.upkeep
        if upkeep is not None:
            work["chores"] = lambda: upkeep.scheduler.serve(self._stopped)
        self._tasks = [asyncio.create_task(self._kept_up(name, each)) for name, each in work.items()]

    def stop(self) -> None:
        """What is being sent gets the settings' grace; the rest waits in the outbox for the next start."""
        self._stopped.set()
        self._courier.stop()

    async def ended(self) -> None:
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _kept_up(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Begins the work again should it break: no bug in it may silence the bot until somebody notices."""
        while True:
            try:
                return await work()
            except Exception:
                log.exception("unasked_broke", work=name)
            if await self._stops_within(AGAIN_S):
                return None

    async def _core_alerts(self) -> None:
        """Has the core figures watched for the settings' chat, once: what people change or remove there stays so."""
        chat_id = self._desk.settings.alert_chat
        if chat_id is None or await self._desk.stored(_has_core_alerts, self._ground, chat_id):
            return
        while (to := await self._desk.stored(self._ground.people.recipient, chat_id, None, OPERATOR)) is None:
            log.warning("alert_chat_not_allowed", chat_id=chat_id)
            if await self._stops_within(LOOK_AGAIN_S):
                return
        # The operator orders it, whatever whoever reads there may order themselves.
        user = replace(to.user, role="admin")
        question = Question("", user, f"{chat_id}:core", user.language, chat=Chat(chat_id, group=chat_id < 0))
        ask = partial(self._desk.assistant.run, CORE_ALERTS, question)
        reply = await asyncio.get_running_loop().run_in_executor(self._desk.workers, ask)
        log.info("core_alerts_set_up", chat_id=chat_id, status=reply.status)

    async def _stops_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopped.wait(), seconds)
        return self._stopped.is_set()


def _has_core_alerts(ground: Ground, chat_id: int) -> bool:
    """Whether the chat was given them at any time."""
    given = select(MonitorRow.id).where(MonitorRow.chat_id == chat_id, MonitorRow.shipped != "")
    with ground.state() as session:
        return session.scalars(given).first() is not None
