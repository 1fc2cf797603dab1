"""Questions, buttons, commands and what is declined: over HTTP, against the sandbox."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.telegram_scene import ADMIN, ANALYST, HOSTILE, SECRET, STRANGER, VIEWER, Scene

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.asyncio


async def test_a_question_reaches_the_assistant_as_the_users_own(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        answer = await scene.say("sales last month")
        assert "You said sales last month" in answer.text
        asked = scene.assistant.asked[0]
        assert (asked.user.id, asked.user.role, asked.conversation) == (str(VIEWER), "viewer", f"{VIEWER}:0:{VIEWER}")


async def test_typing_is_shown_while_it_is_worked_on(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        scene.sandbox.send_text(VIEWER, None, "wait")
        await scene.until(lambda: scene.sandbox.calls("sendChatAction", VIEWER), 2)
        assert scene.texts(VIEWER) == []
        scene.assistant.gate.set()
        await scene.until(lambda: scene.texts(VIEWER))


async def test_every_callback_fits_into_64_bytes(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        answer = await scene.say("a question that is rather long " * 10)
        buttons = [button for row in answer.buttons for button in row]
        assert len(buttons) >= 3
        assert all(len((button.callback_data or "").encode()) <= 64 for button in buttons)


async def test_a_follow_up_runs_its_call_once_for_a_double_tap(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        answer = await scene.say("first")
        queries = [scene.sandbox.press(answer, "Once more"), scene.sandbox.press(answer, "Once more")]
        await scene.until(lambda: all(scene.sandbox.callback_answer(query) is not None for query in queries))
        second = await scene.next_after(answer)
        assert "once more" in second.text
        await scene.silence()
        assert [call.args for call, _ in scene.assistant.ran] == [{"text": "once more"}]
        toasts = [(scene.sandbox.callback_answer(query) or {}).get("text", "") for query in queries]
        assert sorted(toasts) == ["", "Already on it."]
        kept = next(each for each in scene.sandbox.messages(VIEWER) if each.id == answer.id)
        assert "✓ Once more" in [button.text for row in kept.buttons for button in row]


async def test_buttons_survive_a_restart(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        answer = await scene.say("first")
        await scene.stop()
        await scene.start()
        assert await scene.pressed(answer, "Once more") == {}
        assert "once more" in (await scene.next_after(answer)).text


async def test_an_expired_button_says_so(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        answer = await scene.say("first")
        scene.clock.ahead += scene.clock().replace(year=2031) - scene.clock()
        assert "expired" in (await scene.pressed(answer, "Once more"))["text"]
        await scene.silence()
        assert scene.assistant.ran == []


async def test_how_computed_and_file_come_from_running_the_calls_again(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        answer = await scene.say("hostile product")
        labels = [button.text for row in answer.buttons for button in row]
        how = next(label for label in labels if "How" in label)
        await scene.pressed(answer, how)
        shown = await scene.next_after(answer)
        assert "SELECT 'the SQL'" in shown.text
        file_label = next(label for label in labels if "Excel" in label)
        await scene.pressed(answer, file_label)
        sent = await scene.next_after(shown)
        assert sent.kind == "document"
        assert sent.file
        assert sent.file_name is not None
        assert sent.file_name.startswith("answer.")


async def test_a_picture_comes_with_caption_buttons_and_the_sql(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        answer = await scene.say("hostile picture")
        assert (answer.kind, (answer.file or b"")[:4]) == ("photo", b"\x89PNG")
        assert HOSTILE in answer.text
        await scene.pressed(answer, "How computed")
        assert "SELECT 'the SQL'" in (await scene.next_after(answer)).text


async def test_hostile_names_arrive_as_they_are(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        answer = await scene.say("hostile")
        assert HOSTILE in answer.text
        greeting = await scene.say("/whoami", STRANGER)
        assert "<b>" not in greeting.text


async def test_options_of_a_question_back_ask_when_pressed(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        back = await scene.say("which")
        assert "Which one do you mean?" in back.text
        await scene.pressed(back, "Net sales")
        assert "net sales" in (await scene.next_after(back)).text


async def test_a_broken_assistant_makes_an_apology_with_an_incident(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        for text in ("boom", "broken"):
            sorry = await scene.say(text)
            assert "Sorry" in sorry.text
            assert SECRET not in sorry.text
            assert "Traceback" not in sorry.text
        assert "abc12345" in scene.texts(VIEWER)[1]


async def test_a_refusal_says_why(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        assert "Only admins see that." in (await scene.say("forbidden")).text


async def test_a_long_question_is_declined_with_the_limit(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        first = await scene.say("x" * 4096)
        assert "1,000" in first.text
        assert scene.assistant.asked == []


async def test_an_emoji_goes_to_the_assistant(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        assert "🙂" in (await scene.say("🙂")).text


async def test_media_are_declined_in_words(tmp_path: Path) -> None:
    png = bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
        "0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
    )
    async with Scene(tmp_path) as scene:
        scene.sandbox.send_voice(VIEWER, None)
        await scene.until(lambda: len(scene.texts(VIEWER)) == 1)
        scene.sandbox.send_photo(VIEWER, None, png, caption="what is this")
        await scene.until(lambda: len(scene.texts(VIEWER)) == 2)
        scene.sandbox.send_document(VIEWER, None, b"a,b", "customers.csv")
        await scene.until(lambda: len(scene.texts(VIEWER)) == 3)
        assert "recordings" in scene.texts(VIEWER)[0]
        assert "pictures" in scene.texts(VIEWER)[1]
        assert "admins" in scene.texts(VIEWER)[2]
        assert scene.assistant.asked == []


async def test_slow_work_shows_a_draft_in_private(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        scene.sandbox.send_text(VIEWER, None, "wait for it")
        await scene.until(lambda: scene.sandbox.calls("sendMessageDraft", VIEWER), 5)
        assert "Counting orders" in str(scene.sandbox.calls("sendMessageDraft", VIEWER)[-1].parameters["text"])
        scene.assistant.gate.set()
        await scene.until(lambda: scene.texts(VIEWER))


async def test_a_server_without_drafts_gets_typing(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        scene.sandbox.fail("sendMessageDraft", 404, times=9, description="Not Found")
        scene.sandbox.send_text(VIEWER, None, "wait for it")
        await scene.until(lambda: len(scene.sandbox.calls("sendChatAction", VIEWER)) >= 2, 9)
        assert len(scene.sandbox.calls("sendMessageDraft", VIEWER)) == 1
        scene.assistant.gate.set()
        await scene.until(lambda: scene.texts(VIEWER))


async def test_start_greets_with_three_questions(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        hello = await scene.say("/start")
        labels = [button.text for row in hello.buttons for button in row]
        assert labels == ["example question 0", "example question 1", "example question 2"]
        await scene.pressed(hello, "example question 1")
        assert "example question 1" in (await scene.next_after(hello)).text
        chinese = await scene.say("/start", ANALYST)
        assert chinese.buttons[0][0].text == "示例问题0"


async def test_help_lists_the_tools(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        text = (await scene.say("/help")).text
        assert "Echo & more" in text
        assert "example question 0" in text
        assert "回声" in (await scene.say("/help", ANALYST)).text


async def test_ask_by_command(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        assert "You said sales" in (await scene.say("/ask sales")).text
        assert "/ask" in (await scene.say("/ask")).text
        assert "/help" in (await scene.say("/nonsense")).text


async def test_settings_change_in_place(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        shown = await scene.say("/settings")
        await scene.pressed(shown, "中文")

        def current() -> Any:
            return next(each for each in scene.sandbox.messages(VIEWER) if each.id == shown.id)

        await scene.until(lambda: current().edited)
        assert len(scene.sandbox.messages(VIEWER)) == 1
        assert "✓ 中文" in [button.text for row in current().buttons for button in row]
        await scene.say("next")
        assert scene.assistant.asked[-1].user.language == "zh"
        await scene.say("/settings Asia/Dubai")
        member = scene.access.member(VIEWER)
        assert member is not None
        assert (member.language, member.timezone) == ("zh", "Asia/Dubai")


async def test_the_timezone_page_leads_there_and_back(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        shown = await scene.say("/settings")

        def labels() -> list[str]:
            current = next(each for each in scene.sandbox.messages(VIEWER) if each.id == shown.id)
            return [button.text for row in current.buttons for button in row]

        await scene.pressed(shown, "Timezone…")
        await scene.until(lambda: "Asia/Shanghai" in labels())
        await scene.pressed(scene.sandbox.messages(VIEWER)[0], "Asia/Shanghai")
        await scene.until(lambda: "Asia/Shanghai" not in labels())
        member = scene.access.member(VIEWER)
        assert member is not None
        assert member.timezone == "Asia/Shanghai"


async def test_menus_by_language_and_role(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        calls = await scene.until(lambda: len(scene.sandbox.calls("setMyCommands")) >= 6 and scene.sandbox.calls())
        told = [call for call in calls if call.method == "setMyCommands"]
        assert {call.parameters.get("language_code") or "" for call in told} == {"", "zh"}
        for_admins = [call for call in told if str(ADMIN) in str(call.parameters.get("scope"))]
        assert for_admins
        assert all("audit" in str(call.parameters["commands"]) for call in for_admins)
        assert all("audit" not in str(call.parameters["commands"]) for call in told if call not in for_admins)
        assert all(call.status == 200 for call in told)


async def test_cancel_overtakes_and_drops(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        scene.sandbox.send_text(VIEWER, None, "wait 1")
        await scene.until(lambda: scene.assistant.asked)
        scene.sandbox.send_text(VIEWER, None, "second")
        await scene.until(lambda: scene.sandbox.pending_updates() == 0)
        assert "2" in (await scene.say("/cancel")).text
        scene.assistant.gate.set()
        assert "after" in (await scene.say("after")).text
        assert len(scene.texts(VIEWER)) == 2
        assert "nothing" in (await scene.say("/cancel")).text


async def test_edited_messages_are_not_answered_again(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        sent = scene.sandbox.send_text(VIEWER, None, "sales")
        await scene.until(lambda: scene.texts(VIEWER))
        scene.sandbox.edit_text(VIEWER, sent, "sales in May")
        await scene.silence()
        assert len(scene.texts(VIEWER)) == 1


async def test_a_forwarded_message_is_a_question(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        original = scene.sandbox.send_text(ANALYST, None, "orders in May")
        scene.sandbox.forward(VIEWER, original, from_chat=ANALYST)
        await scene.until(lambda: scene.texts(VIEWER))
        assert "orders in May" in scene.texts(VIEWER)[0]


async def test_questions_and_answers_stay_out_of_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    async with Scene(tmp_path) as scene:
        await scene.say("very confidential question")
        await asyncio.sleep(0.1)
        token = scene.handle.token
    assert "confidential" not in caplog.text
    assert token.partition(":")[2] not in "".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("httpx")
    )
