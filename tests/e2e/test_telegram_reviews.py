"""Answers that are called wrong: by a 👎 or in a word, with a reason, listed for admins and exported."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bot.sandbox.people import SandboxGroup
from tests.e2e.telegram_scene import ADMIN, ANALYST, GROUP, VIEWER, Scene

if TYPE_CHECKING:
    from pathlib import Path

    from bot.reviews.record import Review
    from bot.sandbox.server import SentMessage

pytestmark = pytest.mark.asyncio


def kept(scene: Scene) -> tuple[Review, ...]:
    from bot.reviews.record import Reviews

    return Reviews(scene.state, scene.clock).all()


async def text_of(scene: Scene, message: SentMessage, words: str) -> str:
    def text() -> str:
        return next(each.text for each in scene.sandbox.messages(message.chat_id) if each.id == message.id)

    await scene.until(lambda: words in text())
    return text()


async def test_a_thumb_down_asks_why_and_keeps_plan_and_headline(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        answer = await scene.say("sales last month")
        scene.sandbox.react(VIEWER, answer, "👎")
        asked = await scene.next_after(answer)
        assert "What is wrong" in asked.text
        assert asked.reply_to == answer.id
        await scene.pressed(asked, "Wrong period")
        assert "Thank you" in await text_of(scene, asked, "Wrong period.")
        (review,) = kept(scene)
        assert (review.shown.question, review.reason, review.verdict) == ("sales last month", "period", "open")
        assert [(call.tool, dict(call.args)) for call in review.shown.calls] == [("echo", {"text": "sales last month"})]
        assert "You said sales last month" in review.headline
        assert review.user_id == VIEWER


async def test_other_reactions_and_other_messages_ask_nothing(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        answer = await scene.say("sales last month")
        greeting = await scene.say("/whoami")
        mine = scene.sandbox.send_text(VIEWER, None, "orders")
        scene.sandbox.react(VIEWER, answer, "👍")
        scene.sandbox.react(VIEWER, greeting, "👎")
        scene.sandbox.react(VIEWER, mine, "👎")
        await scene.silence()
        assert kept(scene) == ()
        assert not any("What is wrong" in text for text in scene.texts(VIEWER))


async def test_a_thumb_that_is_taken_back_is_forgotten_unless_a_reason_was_given(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        answer = await scene.say("sales last month")
        scene.sandbox.react(VIEWER, answer, "👎")
        asked = await scene.next_after(answer)
        scene.sandbox.react(VIEWER, answer, None)
        await scene.until(lambda: kept(scene) == ())
        await scene.pressed(asked, "Wrong number")
        await text_of(scene, asked, "no longer noted")
        scene.sandbox.react(VIEWER, answer, "👎")
        again = await scene.next_after(asked)
        await scene.pressed(again, "Wrong number")
        await text_of(scene, again, "Thank you")
        scene.sandbox.react(VIEWER, answer, None)
        await scene.silence()
        assert [review.reason for review in kept(scene)] == ["number"]


async def test_the_next_message_is_the_note_and_may_be_a_question_after_all(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        answer = await scene.say("sales last month")
        scene.sandbox.react(VIEWER, answer, "👎")
        asked = await scene.next_after(answer)
        await scene.pressed(asked, "Something else")
        await text_of(scene, asked, "next message")
        thanks = await scene.say("returns are missing")
        assert "Thank you" in thanks.text
        assert kept(scene)[0].note == "returns are missing"
        assert "You said orders" in (await scene.say("orders")).text, "only one message is the note"
        await scene.pressed(thanks, "It was a question")
        await scene.until(lambda: any("You said returns are missing" in text for text in scene.texts(VIEWER)))
        assert kept(scene)[0].note == ""


async def test_a_note_is_not_waited_for_forever(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        answer = await scene.say("sales last month")
        scene.sandbox.react(VIEWER, answer, "👎")
        asked = await scene.next_after(answer)
        await scene.pressed(asked, "Something else")
        await text_of(scene, asked, "next message")
        scene.clock.ahead += scene.clock().replace(year=2031) - scene.clock()
        assert "You said" in (await scene.say("orders by country")).text


async def test_a_word_is_enough_in_both_languages(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        for user, words, reason, buttons in (
            (VIEWER, "wrong", "", 4),
            (VIEWER, "that's the wrong period", "period", 0),
            (ANALYST, "这个数不对", "number", 0),
            (ANALYST, "不对", "", 4),
        ):
            first = await scene.say(f"sales {words}!", user)
            await scene.say(f"orders {words}!", user)
            replied = await scene.say(words, user, reply_to=first)
            assert len([button for row in replied.buttons for button in row]) == buttons
            assert (kept(scene)[-1].shown.question, kept(scene)[-1].reason) == (f"sales {words}!", reason)
            await scene.say(words, user)
            assert kept(scene)[-1].shown.question == f"orders {words}!", "without a reply, the answer before is meant"


async def test_a_correction_is_a_question_and_so_is_wrong_about_nothing(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        assert "You said wrong" in (await scene.say("wrong")).text, "no answer was given yet"
        answer = await scene.say("sales last month")
        assert "You said no, orders" in (await scene.say("no, orders", reply_to=answer)).text
        assert "You said 不对，我要订单数" in (await scene.say("不对，我要订单数")).text
        assert kept(scene) == ()


async def test_in_groups_an_admin_bot_hears_reactions(tmp_path: Path) -> None:
    team = SandboxGroup(GROUP, "Team", (ADMIN, ANALYST, VIEWER), bot_is_admin=True)
    async with Scene(tmp_path, groups=(team,)) as scene:
        scene.access.allow_group(GROUP, "Team", ADMIN)
        answer = await scene.say("/ask sales", VIEWER, GROUP)
        scene.sandbox.react(ANALYST, answer, "👎")
        asked = await scene.next_after(answer)
        assert asked.text, "the reason is asked of whoever reacted"
        assert (await scene.pressed(asked, asked.buttons[0][0].text, VIEWER))["text"], "it is another's button"
        assert [review.user_id for review in kept(scene)] == [ANALYST]


async def test_admins_see_the_plan_judge_and_take_the_list_away(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        assert "Only admins" in (await scene.say("/reviews")).text
        assert "No answer waits" in (await scene.say("/reviews", ADMIN)).text
        for text in ("hostile sales", "orders"):
            answer = await scene.say(text)
            scene.sandbox.react(VIEWER, answer, "👎")
            await scene.next_after(answer)
        listed = await scene.say("/reviews", ADMIN)
        assert "2 answers to review" in listed.text
        assert "“orders”\nno reason given\nMax" in listed.text
        await scene.pressed(listed, "#1")
        detail = await text_of(scene, listed, "How it was read")
        assert 'echo {"text": "hostile sales"}' in detail
        assert '<b>&"=1+1' in detail, "names arrive as they are"
        await scene.pressed(listed, "It was right")
        await text_of(scene, listed, "1 answer to review")
        await scene.pressed(listed, "File")
        file = (await scene.until(lambda: [each for each in scene.sandbox.messages(ADMIN) if each.file]))[0]
        lines = [json.loads(line) for line in (file.file or b"").decode().splitlines()]
        assert [line["expect"] for line in lines] == [
            {"status": "answered", "calls": [{"tool": "echo", "args": {"text": "hostile sales"}}]},
            None,
        ]
