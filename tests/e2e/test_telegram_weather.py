"""Load, floods, network failures, restarts and crashes: nothing is lost, order holds, nobody waits for another."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.sandbox.server import RateLimits, SandboxUser, standard_users
from bot.telegram.inbox import Inbox
from tests.e2e.telegram_scene import VIEWER, Scene

pytestmark = pytest.mark.asyncio

CHATS = range(2001, 2051)
CRASHING_BOT = Path(__file__).parent / "crashing_bot.py"


def crowd() -> list[SandboxUser]:
    return [*standard_users(), *(SandboxUser(user_id, f"User {user_id}") for user_id in CHATS)]


async def test_200_updates_from_50_chats_keep_their_order_and_none_is_lost(tmp_path: Path) -> None:
    async with Scene(tmp_path, users=crowd(), members=CHATS, limits=RateLimits()) as scene:
        for number in range(4):
            for user_id in CHATS:
                scene.sandbox.send_text(user_id, None, f"question {number}")
        began = time.monotonic()
        await scene.until(lambda: all(len(scene.texts(user_id)) >= 4 for user_id in CHATS), 60)
        assert time.monotonic() - began < 30
        await scene.silence(0.2)
        for user_id in CHATS:
            texts = scene.texts(user_id)
            assert len(texts) == 4
            assert [f"question {number}" in text for number, text in enumerate(texts)] == [True] * 4
        refused = [call for call in scene.sandbox.calls("sendMessage") if call.status == 429]
        assert len(refused) <= 5  # the bot keeps the pace itself


async def test_a_slow_answer_stalls_no_other_chat(tmp_path: Path) -> None:
    async with Scene(tmp_path, users=crowd(), members=CHATS) as scene:
        scene.sandbox.send_text(VIEWER, None, "wait")
        await scene.until(lambda: scene.assistant.asked)
        for user_id in CHATS[:10]:
            scene.sandbox.send_text(user_id, None, "quick")
        await scene.until(lambda: all(scene.texts(user_id) for user_id in CHATS[:10]))
        assert scene.texts(VIEWER) == []
        scene.assistant.gate.set()
        await scene.until(lambda: scene.texts(VIEWER))


async def test_a_full_queue_is_told_once(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.settings["queue_limit"] = 3
    async with scene:
        scene.sandbox.send_text(VIEWER, None, "wait")
        await scene.until(lambda: scene.assistant.asked)
        for number in range(8):
            scene.sandbox.send_text(VIEWER, None, f"question {number}")
        await scene.until(lambda: scene.texts(VIEWER))
        assert "busy with 4 questions" in scene.texts(VIEWER)[0]
        await scene.until(lambda: scene.sandbox.pending_updates() == 0)
        await asyncio.sleep(0.2)
        scene.assistant.gate.set()
        await scene.until(lambda: len(scene.texts(VIEWER)) == 5)
        await scene.silence()
        assert len(scene.texts(VIEWER)) == 5
        assert [asked.text for asked in scene.assistant.asked] == ["wait", "question 0", "question 1", "question 2"]
        assert "later" in (await scene.say("later")).text


async def test_a_flooded_chat_waits_alone_and_gets_everything_in_order(tmp_path: Path) -> None:
    async with Scene(tmp_path, users=crowd(), members=CHATS) as scene:
        scene.sandbox.flood(VIEWER, retry_after=1, times=3)
        for number in range(3):
            scene.sandbox.send_text(VIEWER, None, f"question {number}")
        for user_id in CHATS[:10]:
            scene.sandbox.send_text(user_id, None, "quick")
        began = time.monotonic()
        await scene.until(lambda: all(scene.texts(user_id) for user_id in CHATS[:10]))
        assert time.monotonic() - began < 3
        await scene.until(lambda: len(scene.texts(VIEWER)) == 3, 20)
        assert [f"question {number}" in text for number, text in enumerate(scene.texts(VIEWER))] == [True] * 3


async def test_a_storm_of_429_loses_nothing(tmp_path: Path) -> None:
    async with Scene(tmp_path, users=crowd(), members=CHATS) as scene:
        scene.sandbox.flood(None, retry_after=1, times=60)
        for number in range(2):
            for user_id in CHATS[:20]:
                scene.sandbox.send_text(user_id, None, f"question {number}")
        await scene.until(lambda: all(len(scene.texts(user_id)) >= 2 for user_id in CHATS[:20]), 60)
        await scene.silence(0.2)
        for user_id in CHATS[:20]:
            assert len(scene.texts(user_id)) == 2
            assert "question 0" in scene.texts(user_id)[0]


async def test_server_errors_are_outlasted(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        scene.sandbox.fail("sendMessage", 502, times=2)
        scene.sandbox.send_text(VIEWER, None, "sales")
        await scene.until(lambda: scene.texts(VIEWER), 15)
        assert len(scene.texts(VIEWER)) == 1


async def test_where_telegrams_answer_is_lost_the_message_may_come_twice(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        scene.sandbox.fail("sendMessage", 502, after_processing=True)
        scene.sandbox.send_text(VIEWER, None, "sales")
        await scene.until(lambda: len(scene.texts(VIEWER)) == 2, 15)


async def test_html_that_telegram_refuses_goes_as_plain_text(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        scene.sandbox.fail("sendMessage", 400, description="Bad Request: can't parse entities: unexpected end tag")
        answer = await scene.say("hostile")
        assert '<b>&"=1+1' in answer.text
        assert answer.entities == ()
        assert answer.buttons


async def test_a_user_who_blocked_the_bot_is_left_alone(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        scene.sandbox.send_text(VIEWER, None, "wait")
        await scene.until(lambda: scene.assistant.asked)
        scene.sandbox.block(VIEWER)
        scene.assistant.gate.set()
        await scene.until(lambda: getattr(scene.access.member(VIEWER), "blocked", False))
        await scene.until(lambda: Inbox(scene.state, scene.clock).waiting() == ())
        tried = len(scene.sandbox.calls("sendMessage", VIEWER))
        assert tried <= 1
        scene.sandbox.unblock(VIEWER)
        assert "back" in (await scene.say("back")).text
        assert not getattr(scene.access.member(VIEWER), "blocked", True)


async def test_a_restart_in_the_middle_answers_everything_once(tmp_path: Path) -> None:
    async with Scene(tmp_path, users=crowd(), members=CHATS) as scene:
        scene.sandbox.send_text(VIEWER, None, "wait 1")
        scene.sandbox.send_text(VIEWER, None, "second")
        await scene.until(lambda: scene.assistant.asked)
        await scene.until(lambda: scene.sandbox.pending_updates() == 0)
        await scene.stop()
        assert scene.texts(VIEWER) == []
        scene.sandbox.send_text(VIEWER, None, "third, while away")
        scene.assistant.gate.set()
        await scene.start()
        await scene.until(lambda: len(scene.texts(VIEWER)) == 3)
        await scene.silence()
        expected = ("wait 1", "second", "third")
        assert all(word in text for word, text in zip(expected, scene.texts(VIEWER), strict=True))


async def test_a_graceful_stop_finishes_the_answer_in_progress(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.settings["shutdown_grace_s"] = 10
    async with scene:
        scene.sandbox.send_text(VIEWER, None, "wait")
        await scene.until(lambda: scene.assistant.asked)
        stopping = asyncio.create_task(scene.stop())
        await asyncio.sleep(0.3)
        scene.assistant.gate.set()
        await stopping
        assert len(scene.texts(VIEWER)) == 1
        assert Inbox(scene.state, scene.clock).waiting() == ()


async def test_a_killed_bot_answers_after_the_next_start_and_once(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        await scene.stop()
        arguments = [sys.executable, str(CRASHING_BOT), scene.handle.url, scene.handle.token, str(tmp_path)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        first = await asyncio.to_thread(subprocess.Popen, [*arguments, "hang"], env=environment)
        try:
            for number in range(3):
                scene.sandbox.send_text(VIEWER, None, f"question {number}")
            await scene.until(lambda: scene.sandbox.calls("sendChatAction", VIEWER), 30)
            await scene.until(lambda: scene.sandbox.pending_updates() == 0, 30)
            first.send_signal(signal.SIGKILL)
            first.wait(10)
            assert scene.texts(VIEWER) == []
            await scene.start()
            await scene.until(lambda: len(scene.texts(VIEWER)) == 3)
            await scene.silence()
            texts = scene.texts(VIEWER)
            assert [f"question {number}" in text for number, text in enumerate(texts)] == [True] * 3
        finally:
            first.kill()
            first.wait(10)


async def test_an_update_that_keeps_bringing_the_bot_down_is_given_up_with_an_apology(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        scene.sandbox.send_text(VIEWER, None, "wait")
        await scene.until(lambda: scene.assistant.asked)
        await scene.stop()
        inbox = Inbox(scene.state, scene.clock)
        update_id, attempts = inbox.waiting()[0].update_id, inbox.waiting()[0].attempts
        assert attempts == 0
        for _ in range(3):
            inbox.begin(update_id)
        await scene.start()
        await scene.until(lambda: scene.texts(VIEWER))
        assert "Sorry" in scene.texts(VIEWER)[0]
        await scene.until(lambda: inbox.waiting() == ())


async def test_what_was_delivered_before_a_crash_is_not_sent_again(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        scene.sandbox.send_text(VIEWER, None, "wait for both")
        await scene.until(lambda: scene.assistant.asked)
        await scene.stop()
        inbox = Inbox(scene.state, scene.clock)
        inbox.sent(inbox.waiting()[0].update_id, 1)
        scene.assistant.gate.set()
        await scene.start()
        await scene.until(lambda: scene.texts(VIEWER))
        await scene.silence()
        assert ["second half" in text for text in scene.texts(VIEWER)] == [True]


async def test_the_bot_waits_for_telegram_at_its_start(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        await scene.stop()
        scene.sandbox.fail("getMe", 502, times=1)
        await scene.start()
        assert "sales" in (await scene.say("sales")).text


async def test_sigterm_ends_the_process_cleanly(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        await scene.stop()
        arguments = [sys.executable, str(CRASHING_BOT), scene.handle.url, scene.handle.token, str(tmp_path), "answer"]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        process = await asyncio.to_thread(subprocess.Popen, arguments, env=environment)
        try:
            assert "sales" in (await scene.say("sales")).text
            process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(process.wait, 15) == 0
        finally:
            process.kill()
            process.wait(10)
