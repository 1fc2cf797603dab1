"""A question to the playbooks in the chat: a quote, its whole section, other pages, and votes that send no message."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.reply import Progress, Question, Reply
from tests.e2e.telegram_scene import GROUP, VIEWER, Scene, ScriptedAssistant
from tests.unit.calendar_store import calendar_context
from tests.unit.playbook_library import FakeLibrary, learned, passage
from tools.answer import ToolCall
from tools.errors import AssistantError
from tools.playbooks.record import VoteRow
from tools.registry import discover
from tools.runner import run

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from knowledge.library import Library
    from tools.tool import Context

pytestmark = pytest.mark.asyncio
PAGE = learned("en/win-back.md", "Winning customers back")
OTHER = learned("en/coupons.md", "Coupons")


class PlaybookAssistant(ScriptedAssistant):
    """Takes every question to the playbooks; calls are made for real."""

    def __init__(self, scene: Scene, context: Context) -> None:
        super().__init__()
        self.scene = scene
        self.context = context

    def ask(self, question: Question, progress: Progress | None = None) -> Reply:
        return self.run(ToolCall("playbook", {"question": question.text}), question, progress)

    def run(self, call: ToolCall, question: Question, progress: Progress | None = None) -> Reply:
        self.ran.append((call, question))
        language = question.language or question.user.language
        context = replace(self.context, user=question.user, state=self.scene.state)
        try:
            answer = run(discover(), context, call, lambda *_: None)
        except AssistantError as error:
            return Reply("declined", language, message=error.message, options=error.options)
        return Reply("answered", language, calls=(call,), answers=(answer,))


@pytest_asyncio.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    library = FakeLibrary(
        [
            (PAGE, [passage(PAGE, "Write after 60 days.\nNot before.", ("Timing",), page=4)]),
            (OTHER, [passage(OTHER, "Two a month.")]),
        ],
        {"en/win-back.md-0": "win back"},
    )
    context = calendar_context(tmp_path / "warehouse.duckdb", {"Germany": 1.0})
    made = Scene(tmp_path)
    made.assistant = PlaybookAssistant(made, replace(context, knowledge=cast("Library", library)))
    async with made:
        yield made
    context.warehouse.close()


def votes(scene: Scene) -> list[tuple[str, int]]:
    with scene.state() as session:
        return [(row.user_id, row.worth) for row in session.scalars(select(VoteRow).order_by(VoteRow.user_id))]


async def test_a_quote_and_its_whole_section(scene: Scene) -> None:
    quoted = await scene.say("how do we win back customers")
    assert "Write after 60 days." in quoted.text
    assert [entity["type"] for entity in quoted.entities] == ["bold", "blockquote", "italic"]
    assert [[button.text for button in row] for row in quoted.buttons] == [
        ["Whole section", "Coupons"],
        ["👍", "👎"],
    ]
    await scene.pressed(quoted, "Whole section")
    whole = await scene.next_after(quoted)
    assert "Write after 60 days.\nNot before." in whole.text
    await scene.pressed(quoted, "Coupons")
    assert "Two a month." in (await scene.next_after(whole)).text


async def test_what_nothing_answers_offers_the_nearest_pages(scene: Scene) -> None:
    refused = await scene.say("who won the cup")
    assert refused.text == "Nothing in the playbooks answers that. The nearest pages:"
    await scene.pressed(refused, "Coupons")
    assert "Two a month." in (await scene.next_after(refused)).text


async def test_a_vote_is_acknowledged_without_a_message_and_may_change(scene: Scene) -> None:
    quoted = await scene.say("how do we win back customers")
    answer = await scene.pressed(quoted, "👍")
    assert answer["text"] == "Thank you, noted as helpful."
    await scene.until(lambda: scene.sandbox.messages(VIEWER)[-1].buttons[1][0].text == "✓ 👍")
    assert votes(scene) == [(str(VIEWER), 1)]
    changed = await scene.pressed(scene.sandbox.messages(VIEWER)[-1], "👎")
    assert changed["text"].startswith("Thank you, noted.")
    await scene.until(
        lambda: [button.text for button in scene.sandbox.messages(VIEWER)[-1].buttons[1]] == ["👍", "✓ 👎"]
    )
    assert votes(scene) == [(str(VIEWER), -1)]
    assert len(scene.texts(VIEWER)) == 1
    # The next question follows on what was said, not on the vote.
    conversations = {question.conversation for _call, question in scene.assistant.ran}
    assert len(conversations) == 2


async def test_in_a_group_each_reader_has_a_vote(scene: Scene) -> None:
    scene.access.allow_group(GROUP, "Team", 1001)
    name = scene.sandbox.bot.username
    quoted = await scene.say(f"@{name} how do we win back customers", VIEWER, GROUP)
    for user in (1001, 1002, VIEWER):
        await scene.pressed(quoted, quoted.buttons[1][0].callback_data or "", user)
    assert votes(scene) == [("1001", 1), ("1002", 1), (str(VIEWER), 1)]


async def test_a_vote_that_cannot_be_kept_says_why(scene: Scene) -> None:
    quoted = await scene.say("how do we win back customers")
    assistant = cast("PlaybookAssistant", scene.assistant)
    assistant.context = replace(assistant.context, knowledge=cast("Library", FakeLibrary([(OTHER, [])])))
    answer = await scene.pressed(quoted, "👎")
    assert answer["text"] == "This page is no longer among the playbooks. Please ask again."
    assert scene.sandbox.messages(VIEWER)[-1].buttons[1][1].text == "👎"
