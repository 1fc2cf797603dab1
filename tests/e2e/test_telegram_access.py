"""Who is let in, what roles may do, and how the bot behaves in groups."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.sandbox.server import SandboxGroup, standard_users
from bot.telegram.audit import AuditLog
from bot.telegram.tokens import Tokens
from tests.e2e.telegram_scene import ADMIN, ANALYST, GROUP, STRANGER, VIEWER, Scene

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.asyncio

FORUM = -1009001


def actions(scene: Scene) -> list[tuple[str, str, str]]:
    entries = AuditLog(scene.state, scene.clock).entries()
    return [(entry.user_id, entry.action, entry.subject) for entry in entries]


async def test_a_stranger_gets_one_line_an_hour(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        line = await scene.say("hello", STRANGER)
        assert "invitation" in line.text
        assert line.buttons == ()
        for text in ("hello?", "/start", "/help", "/users", "/cancel", "sales"):
            scene.sandbox.send_text(STRANGER, None, text)
        scene.sandbox.send_voice(STRANGER, None)
        await scene.silence()
        assert len(scene.texts(STRANGER)) == 1
        scene.clock.ahead += timedelta(hours=1, seconds=1)
        await scene.say("again", STRANGER)
        assert len(scene.texts(STRANGER)) == 2
        assert scene.assistant.asked == []


async def test_invitation_from_command_to_first_answer(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        choice = await scene.say("/invite", ADMIN)
        await scene.pressed(choice, "analyst")
        link = (await scene.next_after(choice)).text
        found = re.search(r"https://t\.me/\w+\?start=(inv_[\w-]+)", link)
        assert found is not None
        hello = await scene.say(f"/start {found[1]}", STRANGER)
        assert "example question 0" in [button.text for row in hello.buttons for button in row]
        assert "analyst" in (await scene.say("/whoami", STRANGER)).text
        assert scene.assistant.asked == []
        assert "sales" in (await scene.say("sales", STRANGER)).text
        assert actions(scene) == [
            (str(ADMIN), "invited", "role=analyst"),
            (str(STRANGER), "joined", "role=analyst by=invitation"),
        ]


async def test_a_used_invitation_is_worth_nothing(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        link = (await scene.say("/invite viewer", ADMIN)).text
        token = link.rpartition("start=")[2]
        await scene.say(f"/start {token}", VIEWER)
        assert "invitation" in (await scene.say(f"/start {token}", STRANGER)).text
        assert scene.access.member(STRANGER) is None


@pytest.mark.parametrize("command", ["/invite", "/invite admin", "/users", "/audit"])
async def test_admin_commands_are_for_admins(tmp_path: Path, command: str) -> None:
    async with Scene(tmp_path) as scene:
        assert "Only admins" in (await scene.say(command, VIEWER)).text
        assert actions(scene) == []


async def test_users_are_listed_changed_and_removed(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        listed = await scene.say("/users", ADMIN)

        def labels() -> list[str]:
            current = next(each for each in scene.sandbox.messages(ADMIN) if each.id == listed.id)
            return [button.text for row in current.buttons for button in row]

        assert labels() == ["Ada · admin", "Lin · analyst", "Max · viewer"]
        await scene.pressed(listed, "Max · viewer")
        await scene.until(lambda: "Remove" in labels())
        await scene.pressed(scene.sandbox.messages(ADMIN)[0], "analyst")
        await scene.until(lambda: "✓ analyst" in labels())
        await scene.pressed(scene.sandbox.messages(ADMIN)[0], "Remove")
        await scene.until(lambda: "Remove" not in labels())
        assert labels() == ["Ada · admin", "Lin · analyst"]
        assert "invitation" in (await scene.say("hello", VIEWER)).text
        assert [action for _, action, _ in actions(scene)] == ["role_changed", "removed"]


async def test_an_admins_button_dies_with_the_role(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        scene.access.enrol(STRANGER, "Second", "admin")
        listed = await scene.say("/users", STRANGER)
        scene.access.set_role(STRANGER, "viewer")
        assert "Only admins" in (await scene.pressed(listed, "Max · viewer"))["text"]
        scene.access.remove(STRANGER)
        query = scene.sandbox.press(listed, "Max · viewer")
        await scene.silence()
        assert scene.sandbox.callback_answer(query) is None


async def test_the_last_admin_cannot_leave(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        listed = await scene.say("/users", ADMIN)
        await scene.pressed(listed, "Ada · admin")
        await scene.until(lambda: any("Remove" in str(each.buttons) for each in scene.sandbox.messages(ADMIN)))
        await scene.pressed(scene.sandbox.messages(ADMIN)[0], "Remove")
        assert "at least one admin" in (await scene.next_after(listed)).text
        assert scene.access.member(ADMIN) is not None


async def test_the_audit_log_is_read_in_pages_and_as_a_file(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        assert "empty" in (await scene.say("/audit", ADMIN)).text
        log = AuditLog(scene.state, scene.clock)
        for number in range(25):
            log.record(VIEWER, "personal_data", f"tool=rfm <b>{number}</b>")
        page = await scene.say("/audit", ADMIN)
        assert page.text.count("Max") == 20
        assert "<b>24</b>" in page.text
        await scene.pressed(page, "Older")
        older = await scene.next_after(page)
        assert older.text.count("Max") == 5
        await scene.pressed(page, "File")
        sent = await scene.next_after(older)
        assert sent.file is not None
        assert sent.file.count(b"personal_data") == 25
        assert actions(scene)[-1][1] == "audit_exported"


async def test_a_group_is_silent_until_an_admin_allows_it(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        scene.sandbox.send_text(VIEWER, GROUP, "@marketbot sales")
        scene.sandbox.send_text(VIEWER, GROUP, "/allow@marketbot")
        await scene.silence()
        assert scene.texts(GROUP) == []
        await scene.say("/allow@marketbot", ADMIN, GROUP)
        question = scene.sandbox.send_text(VIEWER, GROUP, "@MarketBot: sales last month")
        await scene.until(lambda: len(scene.texts(GROUP)) == 2)
        answer = scene.sandbox.messages(GROUP)[-1]
        assert answer.reply_to == question.id
        assert scene.assistant.asked[-1].text == "sales last month"
        assert scene.assistant.asked[-1].conversation == f"{GROUP}:0:{VIEWER}"
        await scene.say("/forbid@marketbot", ADMIN, GROUP)
        scene.sandbox.send_text(VIEWER, GROUP, "@marketbot sales")
        await scene.silence()
        assert len(scene.assistant.asked) == 1


async def test_in_a_group_only_what_is_meant_for_the_bot_is_answered(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        scene.access.allow_group(GROUP, "Marketing team", ADMIN)
        scene.sandbox.send_text(VIEWER, GROUP, "just chatting")
        scene.sandbox.send_text(VIEWER, GROUP, "/start@otherbot")
        await scene.silence()
        assert scene.texts(GROUP) == []
        answer = await scene.say("/ask sales", VIEWER, GROUP)
        assert "sales" in answer.text
        again = await scene.say("and returns", ANALYST, GROUP, reply_to=answer)
        assert "and returns" in again.text
        assert len(scene.assistant.asked) == 2


async def test_strangers_get_nothing_in_groups(tmp_path: Path) -> None:
    groups = (SandboxGroup(GROUP, "Marketing team", (ADMIN, VIEWER, STRANGER)),)
    async with Scene(tmp_path, groups=groups, users=standard_users()) as scene:
        scene.access.allow_group(GROUP, "Marketing team", ADMIN)
        for text in ("@marketbot sales", "/help", "/ask sales", "/start inv_abcdefgh"):
            scene.sandbox.send_text(STRANGER, GROUP, text)
        answer = await scene.say("/ask sales", VIEWER, GROUP)
        assert len(scene.texts(GROUP)) == 1
        query = scene.sandbox.press(answer, "Once more", user_id=STRANGER, chat_id=GROUP)
        await scene.silence()
        assert scene.sandbox.callback_answer(query) is None
        assert scene.assistant.ran == []


async def test_topics_are_kept(tmp_path: Path) -> None:
    groups = (SandboxGroup(FORUM, "Forum", (ADMIN, VIEWER), topics={2: "Sales", 3: "Stock"}),)
    async with Scene(tmp_path, groups=groups) as scene:
        scene.access.allow_group(FORUM, "Forum", ADMIN)
        scene.sandbox.send_text(VIEWER, FORUM, "@marketbot sales", topic=2)
        scene.sandbox.send_text(VIEWER, FORUM, "@marketbot stock", topic=3)
        scene.sandbox.send_text(VIEWER, FORUM, "talk in a topic", topic=3)
        await scene.until(lambda: len(scene.texts(FORUM)) == 2)
        await scene.silence()
        by_topic = {each.thread_id: each.text for each in scene.sandbox.messages(FORUM)}
        assert set(by_topic) == {2, 3}
        assert "sales" in by_topic[2]
        assert "stock" in by_topic[3]
        assert {each.conversation for each in scene.assistant.asked} == {f"{FORUM}:2:{VIEWER}", f"{FORUM}:3:{VIEWER}"}
        follow = next(each for each in scene.sandbox.messages(FORUM) if each.thread_id == 2)
        await scene.pressed(follow, "Once more", VIEWER)
        await scene.until(lambda: len(scene.texts(FORUM)) == 3)
        assert scene.sandbox.messages(FORUM)[-1].thread_id == 2


async def test_an_admin_is_an_analyst_where_all_can_read(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        scene.access.allow_group(GROUP, "Marketing team", ADMIN)
        await scene.say("/ask sales", ADMIN, GROUP)
        await scene.say("sales", ADMIN)
        assert [asked.user.role for asked in scene.assistant.asked] == ["analyst", "admin"]
        assert "private chat" in (await scene.say("/audit", ADMIN, GROUP)).text


async def test_a_groups_language_is_set_by_admins(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        scene.access.allow_group(GROUP, "Marketing team", ADMIN)
        assert "Only admins" in (await scene.say("/settings", VIEWER, GROUP)).text
        shown = await scene.say("/settings", ADMIN, GROUP)
        await scene.pressed(shown, "中文", ADMIN)
        await scene.until(lambda: next(each for each in scene.sandbox.messages(GROUP) if each.id == shown.id).edited)
        await scene.say("/ask sales", VIEWER, GROUP)
        assert scene.assistant.asked[-1].user.language == "zh"


async def test_whoever_asks_for_the_file_needs_the_right_to_it(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        scene.access.allow_group(GROUP, "Marketing team", ADMIN)
        answer = await scene.say("/ask personal", ADMIN, GROUP)
        labels = [button.text for row in answer.buttons for button in row]
        file_label = next(label for label in labels if "Excel" in label)
        await scene.pressed(answer, file_label, VIEWER)
        said = await scene.next_after(answer)
        assert said.kind == "text"
        assert "Only admins see that." in said.text


def membership(scene: Scene, user_id: int, before: str, after: str) -> None:
    def bot(status: str) -> dict[str, object]:
        return {
            "user": scene.sandbox.bot.to_api(),
            "status": status,
            **({"until_date": 0} if status == "kicked" else {}),
        }

    scene.sandbox.put_update(
        "my_chat_member",
        {
            "chat": scene.sandbox.chat_to_api(GROUP),
            "from": scene.sandbox.user_to_api(user_id),
            "date": 1,
            "old_chat_member": bot(before),
            "new_chat_member": bot(after),
        },
    )


async def test_an_admin_lets_the_bot_into_a_group_by_adding_it(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        membership(scene, VIEWER, "left", "member")
        await scene.silence()
        assert scene.texts(GROUP) == []
        membership(scene, ADMIN, "left", "member")
        await scene.until(lambda: scene.texts(GROUP))
        assert "sales" in (await scene.say("/ask sales", VIEWER, GROUP)).text
        membership(scene, VIEWER, "member", "kicked")
        await scene.until(lambda: not getattr(scene.access.group(GROUP), "allowed", True))


async def test_a_group_that_becomes_a_supergroup_keeps_bot_and_buttons(tmp_path: Path) -> None:
    moved = -1005001
    groups = (
        SandboxGroup(GROUP, "Marketing team", (ADMIN, VIEWER)),
        SandboxGroup(moved, "Marketing team", (ADMIN, VIEWER), supergroup=True),
    )
    async with Scene(tmp_path, groups=groups) as scene:
        scene.access.allow_group(GROUP, "Marketing team", ADMIN)
        answer = await scene.say("/ask sales", VIEWER, GROUP)
        token = answer.button("Once more").callback_data or ""
        scene.sandbox.put_update(
            "message",
            {
                "message_id": 99,
                "date": 1,
                "chat": scene.sandbox.chat_to_api(GROUP),
                "from": scene.sandbox.user_to_api(ADMIN),
                "migrate_to_chat_id": moved,
            },
        )
        await scene.until(lambda: scene.access.group(moved))
        assert "returns" in (await scene.say("/ask returns", VIEWER, moved)).text
        tokens = Tokens(scene.state, scene.clock)
        await scene.until(lambda: tokens.find(token, moved, VIEWER).verdict == "valid")
