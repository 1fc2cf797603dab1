"""A prompt delivery makes each call once and says why it could not: what the outbox needs to come back in time."""

from __future__ import annotations

import asyncio
import os

import httpx
import pytest
from telegram.error import ChatMigrated, RetryAfter
from telegram.request import HTTPXRequest

from bot.telegram.addressing import Place
from bot.telegram.delivery import PATIENCE_S, Undelivered
from bot.telegram.limiter import seconds_of
from tests.unit.test_telegram_delivery import Desk, refused

pytestmark = pytest.mark.asyncio


@pytest.fixture(autouse=True)
def _timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "PTB_TIMEDELTA", "true")


async def test_a_flood_is_told_at_once_and_holds_for_the_chat_alone() -> None:
    desk = Desk()
    prompt = desk.delivery.promptly()
    desk.wire.script = [refused(429, "Too Many Requests", retry_after=30)]
    with pytest.raises(RetryAfter) as told:
        await prompt.text(Place(5), "hello")
    assert seconds_of(told.value) == 30
    assert desk.now == 0
    await prompt.text(Place(6), "others go on")
    with pytest.raises(RetryAfter) as told:
        await prompt.text(Place(5), "still flooded: Telegram is not asked")
    assert seconds_of(told.value) == 30
    assert [call[1]["chat_id"] for call in desk.wire.calls] == [5, 6]


async def test_a_short_flood_is_waited_out() -> None:
    desk = Desk()
    desk.wire.script = [refused(429, "Too Many Requests", retry_after=1)]
    await desk.delivery.promptly().text(Place(5), "hello")
    assert (len(desk.wire.calls), desk.now) == (2, 1)


async def test_the_bots_own_pace_is_not_waited_for_longer_either() -> None:
    desk = Desk()
    prompt = desk.delivery.promptly()
    for number in range(20):
        desk.now += 3
        await prompt.text(Place(-5), f"message {number} to a group")
    with pytest.raises(RetryAfter) as told:
        await prompt.text(Place(-5), "one more than a minute allows")
    assert seconds_of(told.value) > PATIENCE_S
    assert len(desk.wire.calls) == 20


class Standstill(Desk):
    """Who waits for a limit waits until it is over."""

    def __init__(self) -> None:
        super().__init__()
        self.waited_for = asyncio.Event()
        self.over = asyncio.Event()

    async def wait(self, seconds: float) -> None:
        self.waited_for.set()
        await self.over.wait()
        self.now += seconds


async def test_an_answer_that_waits_in_the_chat_is_not_waited_for() -> None:
    desk = Standstill()
    desk.wire.script = [refused(429, "Too Many Requests", retry_after=60)]
    answering = asyncio.create_task(desk.delivery.text(Place(5), "an answer"))
    await desk.waited_for.wait()
    began = asyncio.get_running_loop().time()
    with pytest.raises(RetryAfter) as told:
        await desk.delivery.promptly().text(Place(5), "a push")
    assert seconds_of(told.value) == 60
    assert asyncio.get_running_loop().time() - began < PATIENCE_S + 1
    desk.over.set()
    await answering


async def test_a_chat_that_moved_is_noted_and_told() -> None:
    desk = Desk()
    desk.wire.script = [refused(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-1005)]
    with pytest.raises(ChatMigrated) as told:
        await desk.delivery.promptly().text(Place(-5), "hello")
    assert (told.value.new_chat_id, desk.migrated, len(desk.wire.calls)) == (-1005, [(-5, -1005)], 1)


@pytest.mark.parametrize(
    ("cause", "arrived"),
    [
        (httpx.ConnectError("refused"), False),
        (httpx.ConnectTimeout("too slow"), False),
        (httpx.ReadTimeout("no answer"), True),
        (httpx.ReadError("reset"), True),
    ],
)
async def test_it_is_known_whether_a_message_may_have_arrived(cause: httpx.HTTPError, arrived: bool) -> None:
    def handler(_request: httpx.Request) -> httpx.Response:
        raise cause

    request = HTTPXRequest(httpx_kwargs={"transport": httpx.MockTransport(handler)})
    desk = Desk()
    desk.wire.do_request = request.do_request  # type: ignore[method-assign]
    await request.initialize()
    with pytest.raises(Undelivered) as told:
        await desk.delivery.promptly().text(Place(5), "hello")
    await request.shutdown()
    assert told.value.arrived is arrived
    assert desk.pauses == []


async def test_a_caption_is_changed_and_a_message_that_is_gone_is_passed_over() -> None:
    desk = Desk()
    await desk.delivery.edit_caption(Place(5), 7, "<b>Recovered</b>")
    ((name, parameters),) = desk.wire.calls
    assert (name, parameters["message_id"], parameters["caption"]) == ("editMessageCaption", 7, "<b>Recovered</b>")
    desk.wire.script = [refused(400, "Bad Request: message to edit not found")]
    await desk.delivery.promptly().edit_caption(Place(5), 8, "gone")
