"""What delivery does with each way in which Telegram can refuse. The wire is scripted; time does not pass."""

from __future__ import annotations

import json
import os
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
from telegram.error import BadRequest
from telegram.ext import ExtBot
from telegram.request import BaseRequest, RequestData

from bot.telegram.addressing import Place
from bot.telegram.delivery import TRIES, Delivery, Undelivered, Unreachable
from bot.telegram.limiter import ChatLimiter

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.asyncio

Answer = tuple[int, dict[str, Any]]


def sent(parameters: dict[str, Any]) -> Answer:
    chat = {"id": parameters["chat_id"], "type": "private"}
    return 200, {"ok": True, "result": {"message_id": 1, "date": 0, "chat": chat, "text": "x"}}


def refused(status: int, description: str, **parameters: Any) -> Answer:
    return status, {"ok": False, "error_code": status, "description": description, "parameters": parameters}


class Wire(BaseRequest):
    """Answers calls with the next scripted answer, or with success."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.script: list[Answer | Callable[[str], Answer | None]] = []

    @property
    def read_timeout(self) -> float | None:
        return 1.0

    async def initialize(self) -> None:
        pass

    async def shutdown(self) -> None:
        pass

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, **_timeouts: Any
    ) -> tuple[int, bytes]:
        name = url.rpartition("/")[2]
        parameters = dict(request_data.parameters) if request_data else {}
        self.calls.append((name, parameters))
        status, answer = self.script.pop(0) if self.script else sent(parameters)  # type: ignore[misc]
        return HTTPStatus(status), json.dumps(answer).encode()


class Desk:
    def __init__(self) -> None:
        self.wire = Wire()
        self.pauses: list[float] = []
        self.unreachable: list[int] = []
        self.migrated: list[tuple[int, int]] = []
        self.now = 0.0
        limiter = ChatLimiter(clock=lambda: self.now, sleep=self.wait)
        bot: ExtBot[float] = ExtBot("1:x", request=self.wire, rate_limiter=limiter)
        self.delivery = Delivery(bot, unreachable=self.note_unreachable, migrated=self.note_migrated, sleep=self.pause)

    async def wait(self, seconds: float) -> None:
        self.now += seconds

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    async def note_unreachable(self, chat_id: int) -> None:
        self.unreachable.append(chat_id)

    async def note_migrated(self, old: int, new: int) -> None:
        self.migrated.append((old, new))

    def calls(self) -> list[str]:
        return [name for name, _ in self.wire.calls]


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setitem(os.environ, "PTB_TIMEDELTA", "true")
    return Desk()


async def test_server_errors_are_tried_again_with_growing_pauses(desk: Desk) -> None:
    desk.wire.script = [refused(502, "Bad Gateway"), refused(500, "oops"), refused(504, "slow")]
    await desk.delivery.text(Place(1), "hello")
    assert desk.calls() == ["sendMessage"] * 4
    assert desk.pauses == [1, 2, 4]


async def test_after_minutes_without_telegram_it_gives_up_for_now(desk: Desk) -> None:
    desk.wire.script = [refused(502, "Bad Gateway")] * TRIES
    with pytest.raises(Undelivered):
        await desk.delivery.text(Place(1), "hello")
    assert 300 < sum(desk.pauses) < 900


async def test_unparseable_html_is_sent_again_as_plain_text(desk: Desk) -> None:
    desk.wire.script = [refused(400, "Bad Request: can't parse entities: unsupported start tag")]
    await desk.delivery.text(Place(1), "<b>a &lt; b</b>")
    first, second = (parameters for _, parameters in desk.wire.calls)
    assert first["parse_mode"] == "HTML"
    assert "parse_mode" not in second
    assert second["text"] == "a < b"


async def test_other_bad_requests_are_raised(desk: Desk) -> None:
    desk.wire.script = [refused(400, "Bad Request: message is too long")]
    with pytest.raises(BadRequest):
        await desk.delivery.text(Place(1), "hello")


@pytest.mark.parametrize(
    ("status", "description"),
    [(403, "Forbidden: bot was blocked by the user"), (400, "Bad Request: chat not found")],
)
async def test_who_cannot_be_reached_is_noted(desk: Desk, status: int, description: str) -> None:
    desk.wire.script = [refused(status, description)]
    with pytest.raises(Unreachable):
        await desk.delivery.text(Place(7), "hello")
    assert desk.unreachable == [7]


async def test_a_group_that_moved_is_followed(desk: Desk) -> None:
    desk.wire.script = [refused(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-1005)]
    await desk.delivery.text(Place(-5, reply_to=3), "hello")
    assert desk.migrated == [(-5, -1005)]
    assert [parameters["chat_id"] for _, parameters in desk.wire.calls] == [-5, -1005]


async def test_a_topic_that_is_gone_is_left_out(desk: Desk) -> None:
    desk.wire.script = [refused(400, "Bad Request: message thread not found")]
    await desk.delivery.text(Place(-5, topic_id=9), "hello")
    assert [parameters.get("message_thread_id") for _, parameters in desk.wire.calls] == [9, None]


async def test_a_refused_picture_goes_as_a_file_and_then_as_text(desk: Desk) -> None:
    desk.wire.script = [refused(400, "Bad Request: IMAGE_PROCESS_FAILED"), refused(400, "Bad Request: no rights")]
    await desk.delivery.photo(Place(1), b"png", "caption")
    assert desk.calls() == ["sendPhoto", "sendDocument", "sendMessage"]


async def test_429_waits_and_repeats_in_the_limiter(desk: Desk) -> None:
    desk.wire.script = [refused(429, "Too Many Requests", retry_after=1)]
    await desk.delivery.text(Place(1), "hello")
    assert desk.calls() == ["sendMessage", "sendMessage"]
    assert desk.now == pytest.approx(1)


async def test_an_edit_that_changes_nothing_is_no_error(desk: Desk) -> None:
    for reason in ("message is not modified: same", "message to edit not found"):
        desk.wire.script = [refused(400, f"Bad Request: {reason}")]
        await desk.delivery.edit(Place(1), 5, "same")


async def test_a_press_too_old_to_acknowledge_is_no_error(desk: Desk) -> None:
    desk.wire.script = [refused(400, "Bad Request: query is too old and response timeout expired")]
    await desk.delivery.acknowledge("1", "hi")
