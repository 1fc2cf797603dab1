"""What is sent unasked, over HTTP: contents and buttons, floods, blocks, moves, crashes, messages written anew."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from base64 import b64encode
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bot.sandbox.errors import ApiError
from bot.sandbox.sandbox import Sandbox
from bot.sandbox.server import SandboxGroup, standard_users
from bot.shown import Shown
from jobs.outbox.contents import Contents
from jobs.outbox.record import OutboxRow, Priority
from tests.e2e.telegram_scene import ADMIN, ANALYST, GROUP, VIEWER, Scene
from tools.answer import ToolCall

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.asyncio

CRASHING_BOT = Path(__file__).parent / "crashing_bot.py"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d494844520000000100000001080200000090"
    "7753de0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)
MOVED = -1005001


def met(tmp_path: Path, **made_with: Any) -> Scene:
    """A scene whose users have all written to the bot before."""
    return Scene(tmp_path, users=[replace(user, started=True) for user in standard_users()], **made_with)


def button(label: str, text: str, *, do: str = "call") -> dict[str, Any]:
    shown = Shown((ToolCall("echo", {"text": text}),), label, "en", None)
    return {"label": label, "payload": {"do": do, **shown.to_payload()}}


def words(*texts: str, buttons: list[list[dict[str, Any]]] | None = None) -> dict[str, Any]:
    return {"parts": [{"text": text} for text in texts], "buttons": buttons or []}


def put(
    scene: Scene,
    key: str,
    chat_id: int,
    content: Mapping[str, Any],
    *,
    priority: Priority = Priority.DIGEST,
    expires: datetime | None = None,
    **payload: Any,
) -> None:
    kept = Contents(scene.state, scene.clock).keep(content)
    assert scene.ground.outbox.put(
        key,
        chat_id,
        None,
        {"content": kept, **payload},
        not_before=scene.clock(),
        expires=expires,
        priority=priority,
    )


def row(scene: Scene, key: str) -> OutboxRow:
    with scene.state() as session:
        return session.query(OutboxRow).filter_by(key=key).one()


async def ended(scene: Scene, key: str, timeout: float = 10) -> OutboxRow:  # noqa: ASYNC109
    await scene.until(lambda: row(scene, key).state != "waiting", timeout)
    return row(scene, key)


async def test_a_picture_arrives_with_its_words_and_buttons_that_work(tmp_path: Path) -> None:
    async with met(tmp_path) as scene:
        photo = {"photo": b64encode(PIXEL).decode(), "caption": "<b>Net sales</b> fell"}
        put(scene, "digest:1", VIEWER, {"parts": [photo], "buttons": [[button("Why", "because")]]})
        await ended(scene, "digest:1")
        (message,) = scene.sandbox.messages(VIEWER)
        assert (message.kind, message.file, message.text) == ("photo", PIXEL, "Net sales fell")
        assert [span["type"] for span in message.entities] == ["bold"]
        await scene.pressed(message, "Why")
        assert "You said because" in (await scene.next_after(message)).text


async def test_a_picture_is_uploaded_once_for_all_chats_and_anew_where_telegram_has_forgotten_it(
    tmp_path: Path,
) -> None:
    async with met(tmp_path) as scene:
        content = {"parts": [{"photo": b64encode(PIXEL).decode(), "caption": "Net sales"}], "buttons": []}
        put(scene, "digest:1", VIEWER, content)
        await ended(scene, "digest:1")
        put(scene, "digest:2", ANALYST, {**content, "parts": [{**content["parts"][0], "caption": "净销售额"}]})
        await ended(scene, "digest:2")
        ((first,), (again,)) = (scene.sandbox.messages(chat) for chat in (VIEWER, ANALYST))
        assert (again.kind, again.file, again.text) == ("photo", PIXEL, "净销售额")
        uploaded, reused = (call.parameters.get("photo") for call in scene.sandbox.calls("sendPhoto"))
        assert reused == first.raw["photo"][-1]["file_id"] != uploaded
        scene.sandbox.files.forget_all()
        put(scene, "digest:3", ADMIN, content)
        await ended(scene, "digest:3")
        (anew,) = scene.sandbox.messages(ADMIN)
        assert (anew.kind, anew.file) == ("photo", PIXEL)


async def test_words_and_a_file_come_in_order_and_the_buttons_stand_below_the_last(tmp_path: Path) -> None:
    async with met(tmp_path) as scene:
        parts = [{"text": "first"}, {"file": b64encode(b"a,b").decode(), "name": "table.csv", "caption": "2 columns"}]
        put(scene, "digest:1", VIEWER, {"parts": parts, "buttons": [[button("Why", "because")]]})
        assert (await ended(scene, "digest:1")).state == "delivered"
        first, second = scene.sandbox.messages(VIEWER)
        assert (first.text, first.buttons) == ("first", ())
        assert (second.file, second.file_name, second.text) == (b"a,b", "table.csv", "2 columns")
        assert second.button("Why")


async def test_a_picture_that_telegram_refuses_comes_as_words(tmp_path: Path) -> None:
    async with met(tmp_path) as scene:
        for method in ("sendPhoto", "sendDocument"):
            scene.sandbox.fail(method, 400, description="Bad Request: IMAGE_PROCESS_FAILED")
        photo = {"photo": b64encode(PIXEL).decode(), "caption": "Net sales fell"}
        put(scene, "digest:1", VIEWER, {"parts": [photo], "buttons": [[button("Why", "because")]]})
        assert (await ended(scene, "digest:1")).state == "delivered"
        (message,) = scene.sandbox.messages(VIEWER)
        assert (message.kind, message.text) == ("text", "Net sales fell")
        assert message.button("Why")


async def test_what_telegram_refuses_for_good_holds_back_nothing_else(tmp_path: Path) -> None:
    async with met(tmp_path) as scene:
        put(scene, "broken", VIEWER, words("x" * 5000))
        put(scene, "next", VIEWER, words("good morning"))
        await ended(scene, "next")
        assert scene.texts(VIEWER) == ["good morning"]
        assert row(scene, "broken").state == "given_up"
        assert "too long" in row(scene, "broken").reason


async def test_who_blocked_the_bot_is_given_up_and_told_nothing_more(tmp_path: Path) -> None:
    async with met(tmp_path) as scene:
        scene.sandbox.send_text(VIEWER, None, "hello")
        await scene.until(lambda: scene.texts(VIEWER))
        await scene.stop()
        scene.sandbox.block(VIEWER)
        put(scene, "digest:1", VIEWER, words("good morning"))
        put(scene, "digest:2", ANALYST, words("早上好"))
        await scene.start()
        assert (await ended(scene, "digest:1")).state == "given_up"
        assert (await ended(scene, "digest:2")).state == "delivered"
        assert scene.access.member(VIEWER).blocked  # type: ignore[union-attr]
        assert scene.ground.people.recipient(VIEWER, None, str(VIEWER)) is None
        assert scene.ground.people.recipient(ANALYST, None, str(ANALYST)) is not None


async def test_who_was_removed_meanwhile_is_not_told(tmp_path: Path) -> None:
    async with met(tmp_path) as scene:
        await scene.stop()
        put(scene, "digest:1", VIEWER, words("good morning"))
        scene.access.remove(VIEWER)
        await scene.start()
        assert (await ended(scene, "digest:1")).state == "given_up"
        assert scene.texts(VIEWER) == []


async def test_a_flooded_chat_gets_it_once_and_delays_nobody(tmp_path: Path) -> None:
    async with met(tmp_path) as scene:
        await scene.stop()
        put(scene, "digest:1", VIEWER, words("one", "two", "three"))
        put(scene, "digest:2", ANALYST, words("早上好"))
        scene.sandbox.flood(VIEWER, retry_after=3)
        await scene.start()
        await ended(scene, "digest:2")
        assert scene.texts(VIEWER) == []
        waiting = row(scene, "digest:1")
        assert (waiting.state, waiting.claimed_until, waiting.attempts) == ("waiting", None, 0)
        assert (await ended(scene, "digest:1")).state == "delivered"
        assert scene.texts(VIEWER) == ["one", "two", "three"]
        refused = [call for call in scene.sandbox.calls("sendMessage", VIEWER) if call.status == 429]
        assert len(refused) == 1


async def test_an_alert_overtakes_the_digests_of_its_chat(tmp_path: Path) -> None:
    async with met(tmp_path) as scene:
        await scene.stop()
        put(scene, "digest:1", VIEWER, words("digest one"))
        put(scene, "digest:2", VIEWER, words("digest two"))
        put(scene, "incident:1", VIEWER, words("alert"), priority=Priority.ALERT)
        await scene.start()
        await ended(scene, "digest:2")
        assert scene.texts(VIEWER) == ["alert", "digest one", "digest two"]


async def test_where_the_answer_was_lost_it_may_come_twice_and_never_not_at_all(tmp_path: Path) -> None:
    async with met(tmp_path) as scene:
        await scene.stop()
        put(scene, "digest:1", VIEWER, words("one", "two"))
        scene.sandbox.fail("sendMessage", 502, after_processing=True)
        await scene.start()
        assert (await ended(scene, "digest:1")).state == "delivered"
        assert scene.texts(VIEWER) == ["one", "one", "two"]


async def test_a_group_that_moved_unnoticed_is_followed(tmp_path: Path) -> None:
    async with met(tmp_path) as scene:
        scene.access.allow_group(GROUP, "Marketing team", ADMIN)
        scene.access.set_group_language(GROUP, "zh")
        scene.sandbox.upgrade(GROUP, MOVED, told=False)
        put(scene, "digest:1", GROUP, words("one", buttons=[[button("Why", "because")]]))
        put(scene, "digest:2", GROUP, words("two"))
        await ended(scene, "digest:2")
        assert scene.texts(MOVED) == ["one", "two"]
        assert scene.texts(GROUP) == []
        group = scene.access.group(MOVED)
        assert (group and group.allowed, group and group.language) == (True, "zh")
        first, second = scene.sandbox.messages(MOVED)
        await scene.pressed(first, "Why", VIEWER)
        assert "You said because" in (await scene.next_after(second)).text


async def test_anybody_of_the_group_may_press_and_is_told_in_the_toast(tmp_path: Path) -> None:
    async with met(tmp_path) as scene:
        scene.access.allow_group(GROUP, "Marketing team", ADMIN)
        put(scene, "incident:1", GROUP, words("Net sales fell", buttons=[[button("OK", "taken", do="quiet")]]))
        await ended(scene, "incident:1")
        (message,) = scene.sandbox.messages(GROUP)
        assert (await scene.pressed(message, "OK", VIEWER))["text"] == "You said taken"
        await scene.silence(0.2)
        assert len(scene.sandbox.messages(GROUP)) == 1
        _call, question = scene.assistant.ran[0]
        assert (question.user.id, question.chat and question.chat.id) == (str(VIEWER), GROUP)
        assert question.chat is not None
        assert not question.chat.governed


async def test_a_topic_that_is_gone_is_told_in_the_general_one(tmp_path: Path) -> None:
    group = SandboxGroup(MOVED, "Forum", (ADMIN, VIEWER), topics={7: "Sales"})
    async with met(tmp_path, groups=(group,)) as scene:
        scene.access.allow_group(MOVED, "Forum", ADMIN)
        for topic, text in ((7, "in its topic"), (8, "anywhere")):
            key = Contents(scene.state, scene.clock).keep(words(text))
            scene.ground.outbox.put(
                f"digest:{topic}",
                MOVED,
                topic,
                {"content": key},
                not_before=scene.clock(),
                expires=None,
                priority=Priority.DIGEST,
            )
        await ended(scene, "digest:8")
        found = [(message.text, message.thread_id) for message in scene.sandbox.messages(MOVED)]
        assert found == [("in its topic", 7), ("anywhere", None)]


async def test_a_crash_between_parts_loses_none_and_repeats_at_most_the_one_in_flight(tmp_path: Path) -> None:
    texts = [f"part {number}" for number in range(3)]
    async with met(tmp_path) as scene:
        await scene.stop()
        put(scene, "digest:1", VIEWER, words(*texts))
        arguments = [sys.executable, str(CRASHING_BOT), scene.handle.url, scene.handle.token, str(tmp_path), "answer"]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        process = await asyncio.to_thread(subprocess.Popen, arguments, env=environment)
        try:
            await scene.until(lambda: scene.texts(VIEWER), 30)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait(10)
        # Its claim runs out, and is taken over.
        scene.clock.ahead += timedelta(seconds=40)
        await scene.start()
        assert (await ended(scene, "digest:1")).state == "delivered"
        got = scene.texts(VIEWER)
        repeated = [text for before, text in pairwise(got) if text == before]
        assert list(dict.fromkeys(got)) == texts
        assert len(repeated) <= 1
        assert len(got) == len(texts) + len(repeated)


async def test_the_sandbox_remembers_that_a_group_moved(tmp_path: Path) -> None:
    group = SandboxGroup(GROUP, "Marketing team", (ADMIN, VIEWER))

    def sandbox() -> Sandbox:
        return Sandbox(users=standard_users(), groups=(group,), home=tmp_path)

    before = sandbox()
    before.upgrade(GROUP, MOVED)
    before.send_text(VIEWER, MOVED, "still here?")
    before.close()
    after = sandbox()
    assert [message.text for message in after.messages(MOVED, from_bot=False)] == ["still here?"]
    with pytest.raises(ApiError) as refusal:
        after.check_reachable(GROUP)
    assert refusal.value.to_json()["parameters"] == {"migrate_to_chat_id": MOVED}
    after.close()
