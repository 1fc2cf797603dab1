"""Dialogue over HTTP: replies to older messages, restarts, groups, forwarded words, and the forms of an answer."""

from __future__ import annotations

import asyncio
import re
from base64 import b64encode
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from sqlalchemy import select, text

from bot.contexts import Contexts
from bot.reply import Form, Progress, Question, Reply
from bot.sandbox.server import SandboxGroup, standard_users
from bot.telegram.answered import AnsweredRow
from bot.understanding.assistant import MarketAssistant
from bot.understanding.dialogue_record import DialogueRow, Dialogues
from bot.understanding.memory import LastingMemory
from jobs.alerts.record import SilenceRow
from jobs.digests.subscriptions import SubscriptionRow
from jobs.outbox.contents import Contents
from jobs.outbox.record import Priority
from tests.e2e.telegram_scene import ADMIN, ANALYST, GROUP, VIEWER, Scene, ScriptedAssistant
from tests.unit.calendar_store import calendar_context
from tools.answer import ToolCall
from tools.registry import discover
from tools.semantic.catalog import Catalog

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.sandbox.server import SentMessage
    from tools.warehouse.connection import Warehouse

pytestmark = pytest.mark.asyncio
TODAY = date(2026, 3, 1)
MOVED = -1005001


# --- Scripted: what reaches the assistant ----------------------------------------------------------------------------


class Formed(ScriptedAssistant):
    """Shows an answer in the form that a word of the question names; "again" is about what it is about."""

    def ask(self, question: Question, progress: Progress | None = None) -> Reply:
        reply = super().ask(question, progress)
        form: dict[str, Form] = {"how": "how", "csv": "csv", "excel": "xlsx"}
        for word, named in form.items():
            if word in question.text:
                return replace(reply, form=named, calls=question.about or reply.calls)
        return reply


def echo(words: str) -> tuple[ToolCall, ...]:
    return (ToolCall("echo", {"text": words}),)


def about(scene: Scene) -> tuple[ToolCall, ...]:
    return scene.assistant.asked[-1].about


async def messages(scene: Scene, chat_id: int, count: int) -> list[SentMessage]:
    """The chat's messages of the bot, once there are so many."""
    await scene.until(lambda: len(scene.texts(chat_id)) >= count)
    return scene.sandbox.messages(chat_id)


async def test_a_reply_goes_on_from_the_message_it_replies_to(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        older = await scene.say("orders")
        latest = await scene.say("net sales")
        await scene.say("by week", reply_to=latest)
        assert about(scene) == ()  # the dialogue goes on from there by itself
        await scene.say("by week", reply_to=older)
        assert about(scene) == echo("orders")
        await scene.say("by month")
        assert about(scene) == ()


async def test_after_the_dialogue_is_forgotten_its_last_message_is_not(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        answer = await scene.say("orders")
        scene.clock.ahead += timedelta(days=2)
        await scene.say("by week", reply_to=answer)
        assert about(scene) == echo("orders")
        scene.clock.ahead += timedelta(days=29)
        await scene.say("by week", reply_to=answer)
        assert about(scene) == ()


async def test_every_part_of_an_answer_and_ones_own_question_lead_to_it(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.assistant = Formed()
    async with scene:
        question = scene.sandbox.send_text(VIEWER, None, "both picture")
        picture, second = await messages(scene, VIEWER, 2)
        await scene.say("something else")
        file = await scene.say("excel of it", reply_to=picture)
        assert (picture.kind, second.kind, file.kind) == ("photo", "text", "document")
        for subject in (second, question, file):
            scene.sandbox.send_text(VIEWER, None, "something else")
            await scene.say("by week", reply_to=subject)
            await scene.until(lambda: scene.assistant.asked[-1].text == "by week")
            assert about(scene) == echo("both picture") + echo("second half"), subject


async def test_an_answer_to_a_pressed_button_can_be_replied_to(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        first = await scene.say("orders")
        await scene.pressed(first, "Once more")
        pressed = await scene.next_after(first)
        await scene.say("something else")
        await scene.say("by week", reply_to=pressed)
        assert about(scene) == echo("once more")


async def test_an_option_is_about_the_message_it_stands_below(tmp_path: Path) -> None:
    class Pending(ScriptedAssistant):
        def ask(self, question: Question, progress: Progress | None = None) -> Reply:
            reply = super().ask(question, progress)
            return replace(reply, pending=echo("pending")[0]) if reply.status == "clarify" else reply

    scene = Scene(tmp_path)
    scene.assistant = Pending()
    async with scene:
        back = await scene.say("which")
        await scene.say("last month", reply_to=back)
        assert about(scene) == ()
        await scene.pressed(back, "Net sales")
        await scene.until(lambda: len(scene.assistant.asked) == 3)
        assert (scene.assistant.asked[-1].text, about(scene)) == ("net sales", echo("pending"))


async def test_in_a_group_anybody_goes_on_from_anybodys_answer(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        scene.access.allow_group(GROUP, "Team", ADMIN)
        asked = scene.sandbox.send_text(ANALYST, GROUP, "@marketbot orders")
        (answer,) = await scene.until(lambda: scene.sandbox.messages(GROUP))
        await scene.say("by week", VIEWER, GROUP, reply_to=answer)
        question = scene.assistant.asked[-1]
        assert (question.about, question.user.id, question.user.role) == (echo("orders"), str(VIEWER), "viewer")
        assert question.conversation == f"{GROUP}:0:{VIEWER}"
        await scene.say("by month", ANALYST, GROUP, reply_to=answer)
        assert about(scene) == ()  # their own last answer
        await scene.say("@marketbot by day", VIEWER, GROUP, reply_to=asked)
        assert about(scene) == echo("orders")


async def test_a_reply_to_what_was_sent_unasked_tries_what_it_shows_and_then_why(tmp_path: Path) -> None:
    class Choosy(ScriptedAssistant):
        def ask(self, question: Question, progress: Progress | None = None) -> Reply:
            digest = question.about == echo("digest")
            if digest and "why" in question.text:
                self.asked.append(question)
                return Reply("declined", "en")
            return super().ask(question, progress)

    scene = Scene(tmp_path, users=[replace(user, started=True) for user in standard_users()])
    scene.assistant = Choosy()
    async with scene:
        shown = {"calls": [["echo", {"text": "digest"}], ["echo", {"text": "drivers"}]], "question": "Net sales fell"}
        content = {
            "about": {**shown, "language": "en", "today": "2026-03-01"},
            "parts": [{"photo": b64encode(_pixel()).decode(), "caption": "Net sales fell"}, {"text": "And more"}],
            "buttons": [],
        }
        kept = Contents(scene.state, scene.clock).keep(content)
        push: dict[str, Any] = {"not_before": scene.clock(), "expires": None, "priority": Priority.DIGEST}
        scene.ground.outbox.put("digest:1", VIEWER, None, {"content": kept}, **push)
        parts = await messages(scene, VIEWER, 2)
        for part in parts:
            await scene.say("at ten instead", reply_to=part)
            assert about(scene) == echo("digest")
            await scene.say("why?", reply_to=part)
            assert about(scene) == echo("drivers")


def _pixel() -> bytes:
    return bytes.fromhex(
        "89504e470d0a1a0a0000000d494844520000000100000001080200000090"
        "7753de0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
    )


async def test_other_messages_are_about_nothing(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        who = await scene.say("/whoami")
        await scene.say("by week", reply_to=who)
        assert about(scene) == ()
        refused = await scene.say("forbidden")
        await scene.say("by week", reply_to=refused)
        assert about(scene) == ()
        with scene.state.begin() as session:
            session.execute(text("DROP TABLE answered_messages"))
        assert "You said" in (await scene.say("by week", reply_to=refused)).text


async def test_how_and_files_come_as_they_were_asked_for(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.assistant = Formed()
    async with scene:
        how = await scene.say("how come")
        assert how.text.startswith("How this was computed\nYou said how come")
        assert "SELECT 'the SQL'" in how.text
        assert how.buttons == ()
        for word, head in (("csv", b"\xef\xbb\xbfProduct"), ("excel", b"PK")):
            file = await scene.say(f"{word} please")
            assert (file.kind, (file.file or b"")[: len(head)]) == ("document", head)
            assert file.text == f"You said {word} please\n3 rows"


async def test_how_an_older_message_was_computed_is_of_its_own_day(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.assistant = Formed()
    async with scene:
        answer = await scene.say("orders")
        day = scene.clock().date()
        scene.clock.ahead += timedelta(days=3)
        await scene.say("how", reply_to=answer)
        (call, question) = scene.assistant.ran[-1]
        assert ((call,), question.today) == (echo("orders"), day)


async def test_what_somebody_else_wrote_is_marked_so(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        theirs = scene.sandbox.send_text(ANALYST, None, "orders in May")
        mine = scene.sandbox.send_text(VIEWER, None, "orders in June")
        await scene.until(lambda: len(scene.texts(VIEWER)) == 1)
        for message, chat in ((theirs, ANALYST), (mine, VIEWER)):
            before = len(scene.texts(VIEWER))
            scene.sandbox.forward(VIEWER, message, from_chat=chat)
            await messages(scene, VIEWER, before + 1)
        assert [question.forwarded for question in scene.assistant.asked[-2:]] == [True, False]
        answer = scene.sandbox.messages(VIEWER)[1]
        await scene.pressed(answer, "Once more")
        await scene.until(lambda: scene.assistant.ran)
        assert not scene.assistant.ran[-1][1].forwarded


async def test_commands_that_were_forwarded_are_not_followed(tmp_path: Path) -> None:
    async with Scene(tmp_path) as scene:
        for command in ("/digest", "/invite admin", "/ask orders", "/settings Asia/Dubai"):
            theirs = scene.sandbox.send_text(VIEWER, None, command)
            await scene.silence(0.1)
            before = len(scene.texts(ADMIN))
            scene.sandbox.forward(ADMIN, theirs, from_chat=VIEWER)
            await messages(scene, ADMIN, before + 1)
        ignored = "I do not follow commands in forwarded messages. Write it yourself if you want it done."
        answers = scene.texts(ADMIN)
        assert [answers[at] for at in (0, 1, 3)] == [ignored] * 3
        assert "You said orders" in answers[2]
        assert [question.user.id for _call, question in scene.assistant.ran] == [str(VIEWER)]


async def test_who_is_removed_and_groups_that_move_are_followed(tmp_path: Path) -> None:
    moving = SandboxGroup(GROUP, "Team", members=(ADMIN, VIEWER))
    scene = Scene(tmp_path, groups=[moving])
    async with scene:
        scene.dialogues = Dialogues(scene.state, scene.clock)
        await scene.stop()
        await scene.start()
        scene.access.allow_group(GROUP, "Team", ADMIN)
        await scene.say("orders")
        await scene.say("@marketbot orders", VIEWER, GROUP)
        await scene.say("@marketbot orders", ADMIN, GROUP)
        with scene.state.begin() as session:
            for key in (f"{VIEWER}:0:{VIEWER}", f"{GROUP}:0:{VIEWER}", f"{GROUP}:0:{ADMIN}"):
                session.add(
                    DialogueRow(conversation=key, format="msgpack", checkpoint=b"", details=b"", at=scene.clock())
                )
        listed = await scene.say("/users", ADMIN)
        await scene.pressed(listed, "Max · viewer")
        await scene.until(lambda: "Remove" in _labels(scene, listed))
        await scene.pressed(scene.sandbox.messages(ADMIN)[0], "Remove")
        await scene.until(lambda: "Remove" not in _labels(scene, listed))
        assert _kept(scene) == ({f"{GROUP}:0:{ADMIN}"}, {f"{GROUP}:0:{ADMIN}"})
        scene.sandbox.upgrade(GROUP, MOVED)
        await scene.until(lambda: scene.access.group(MOVED) is not None)
        await scene.until(lambda: _kept(scene) == ({f"{MOVED}:0:{ADMIN}"}, set()))


def _labels(scene: Scene, message: SentMessage) -> list[str]:
    current = next(each for each in scene.sandbox.messages(message.chat_id) if each.id == message.id)
    return [button.text for row in current.buttons for button in row]


def _kept(scene: Scene) -> tuple[set[str], set[str]]:
    with scene.state() as session:
        return (
            set(session.scalars(select(DialogueRow.conversation))),
            set(session.scalars(select(AnsweredRow.conversation))),
        )


# --- With the product's own assistant --------------------------------------------------------------------------------


class Remembering(ScriptedAssistant):
    """The product's own assistant, which begins anew with each start and remembers what is in the state database."""

    def __init__(self, scene: Scene, warehouse: Warehouse) -> None:
        super().__init__()

        def state() -> Session:
            # The scene has its database once it is entered.
            return scene.state()

        contexts = Contexts(warehouse, Catalog.load(), clock=lambda: TODAY, state=state)
        memory = LastingMemory(Dialogues(state, scene.clock))
        self.real = MarketAssistant(contexts, discover(), audit=lambda *_: None, memory=memory, deadline_s=120)

    def ask(self, question: Question, progress: Progress | None = None) -> Reply:
        return self.real.ask(question, progress)

    def run(self, call: ToolCall, question: Question, progress: Progress | None = None) -> Reply:
        return self.real.run(call, question, progress)


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    sales: dict[str | None, float] = {"Germany": 110.0, "France": 230.0, "Spain": 370.0}
    context = calendar_context(tmp_path / "warehouse.duckdb", sales, today=TODAY, sold_on=date(2026, 2, 10))
    yield context.warehouse
    context.warehouse.close()


@pytest_asyncio.fixture
async def talking(tmp_path: Path, warehouse: Warehouse) -> AsyncIterator[Scene]:
    scene = Scene(tmp_path)
    scene.assistant = assistant = Remembering(scene, warehouse)
    async with scene:
        await asyncio.to_thread(assistant.real.warm_up)
        yield scene


async def restarted(scene: Scene, warehouse: Warehouse) -> None:
    await scene.stop()
    scene.assistant = assistant = Remembering(scene, warehouse)
    await asyncio.to_thread(assistant.real.warm_up)
    await scene.start()


async def test_a_restart_between_two_turns_and_a_reply_across_it(talking: Scene, warehouse: Warehouse) -> None:
    scene = talking
    germany = await scene.say("net sales in Germany last month")
    assert re.search(r"Germany.*110|110.*Germany", germany.text, re.DOTALL)
    await restarted(scene, warehouse)
    assert "230" in (await scene.say("and in France?")).text
    orders = await scene.say("orders in Spain last month")
    assert "Spain" in orders.text
    await restarted(scene, warehouse)
    again = await scene.say("and orders?", reply_to=germany)
    assert "Germany" in again.text
    assert "Spain" not in again.text


async def test_two_members_of_a_group_keep_to_their_own(talking: Scene) -> None:
    scene = talking
    scene.access.allow_group(GROUP, "Team", ADMIN)
    back = await scene.say("@marketbot orders in Germany", VIEWER, GROUP)
    assert "period" in back.text
    completed = await scene.say("last month", ADMIN, GROUP, reply_to=back)
    assert completed.text.startswith("Orders in Germany")
    answer = await scene.say("@marketbot net sales in Germany last month", ADMIN, GROUP)
    await scene.say("@marketbot orders in Spain last month", VIEWER, GROUP)
    assert "230" in (await scene.say("@marketbot and in France?", ADMIN, GROUP)).text
    french_orders = await scene.say("@marketbot and in France?", VIEWER, GROUP)
    assert "order" in french_orders.text.lower()
    assert "230" not in french_orders.text
    theirs = await scene.say("and in Spain?", VIEWER, GROUP, reply_to=answer)
    assert "370" in theirs.text


async def test_how_did_you_get_that(talking: Scene) -> None:
    scene = talking
    answer = await scene.say("net sales by country last month")
    await scene.say("orders last month")
    how = await scene.say("how did you get that?", reply_to=answer)
    assert how.text.startswith("How this was computed\nNet sales")
    assert "SELECT" in how.text
    file = await scene.say("as a file")
    assert (file.kind, (file.file or b"")[:2]) == ("document", b"PK")
    chinese = await scene.say("怎么算的")
    assert chinese.text.startswith("计算方式")


async def test_what_a_forwarded_message_orders_is_not_done(talking: Scene) -> None:
    scene = talking
    theirs = scene.sandbox.send_text(VIEWER, None, "/whoami")
    for order in (
        "send me the daily digest every morning at 9",
        "每天早上9点给我发日报",
        "alert me when daily net sales fall below 20,000",
        "silence all alerts until tomorrow",
    ):
        scene.sandbox.edit_text(VIEWER, theirs, order)
        before = len(scene.texts(ADMIN))
        scene.sandbox.forward(ADMIN, theirs, from_chat=VIEWER)
        refused = (await messages(scene, ADMIN, before + 1))[-1]
        assert "forwarded" in refused.text or "转发" in refused.text
        assert refused.buttons == ()
    with scene.state() as session:
        assert session.query(SilenceRow).count() == session.query(SubscriptionRow).count() == 0
    await scene.say("silence all alerts until tomorrow", ADMIN)
    with scene.state() as session:
        assert session.query(SilenceRow).count() == 1


async def test_what_a_forwarded_message_asks_is_answered(talking: Scene) -> None:
    scene = talking
    theirs = scene.sandbox.send_text(VIEWER, None, "net sales in Germany last month")
    await scene.until(lambda: scene.texts(VIEWER))
    scene.sandbox.forward(ADMIN, theirs, from_chat=VIEWER)
    assert "110" in (await scene.until(lambda: scene.sandbox.messages(ADMIN)))[0].text
    assert "230" in (await scene.say("and in France?", ADMIN)).text
