"""What is set up unasked, by commands and by settings, over HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot.sandbox.server import standard_users
from jobs.alerts.record import MonitorRow
from tests.e2e.telegram_scene import ADMIN, ANALYST, GROUP, VIEWER, Scene

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.asyncio


async def test_commands_list_what_is_set_up_here(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        for command, tool in (("/digest", "digest"), ("/monitors", "monitor"), ("/incidents", "incidents")):
            assert f"You said {tool}" in (await scene.say(command)).text
        assert [(call.tool, call.args) for call, _ in scene.assistant.ran] == [
            ("digest", {"action": "list"}),
            ("monitor", {"action": "list"}),
            ("incidents", {"action": "list"}),
        ]
        assert all(question.chat and question.chat.id == VIEWER for _, question in scene.assistant.ran)


async def test_in_a_group_they_list_the_groups_and_only_admins_govern_it(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        scene.access.allow_group(GROUP, "Marketing team", ADMIN)
        for user_id in (VIEWER, ADMIN):
            await scene.say("/digest", user_id, GROUP)
        chats = [question.chat for _, question in scene.assistant.ran]
        assert [(chat and chat.id, chat and chat.governed) for chat in chats] == [(GROUP, False), (GROUP, True)]


async def test_words_after_a_command_are_a_question_about_it(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        await scene.say("/digest every day at 9")
        await scene.say("/digest 每天早上九点", ANALYST)
        await scene.say("/monitors 退货率超过5%", ANALYST)
        await scene.say("/incidents in November")
        assert [asked.text for asked in scene.assistant.asked] == [
            "digest every day at 9",
            "日报 每天早上九点",
            "预警 退货率超过5%",
            "incidents in November",
        ]


async def test_words_that_say_it_all_are_asked_as_they_are(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        assert "You said watch net sales by country" in (await scene.say("/monitors watch net sales by country")).text
        asked = [question.text for question in scene.assistant.asked]
        assert asked == ["alert watch net sales by country", "watch net sales by country"]


async def test_the_settings_chat_is_given_the_core_alerts_once(tmp_path: Path) -> None:
    scene = Scene(tmp_path, users=[replace(user, started=True) for user in standard_users()])
    scene.settings["alert_chat"] = VIEWER
    async with scene:
        await scene.until(lambda: scene.assistant.ran)
        ((call, question),) = scene.assistant.ran
        assert (call.tool, call.args) == ("monitor", {"action": "defaults", "confirmed": True})
        assert (question.user.id, question.user.role) == (str(VIEWER), "admin")
        assert question.chat is not None
        assert (question.chat.id, question.chat.governed) == (VIEWER, True)
        await scene.stop()
        scene.assistant.ran.clear()
        with scene.state.begin() as session:
            session.add(
                MonitorRow(
                    chat_id=VIEWER,
                    user_id=str(VIEWER),
                    language="en",
                    definition={},
                    shipped="orders",
                    removed_at=datetime.now(UTC),
                    created_at=datetime.now(UTC),
                )
            )
        await scene.start()
        assert "You said hello" in (await scene.say("hello")).text
        assert scene.assistant.ran == []
