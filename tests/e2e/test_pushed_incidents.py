"""An incident in a group, over HTTP: told with a picture and buttons, acknowledged by a tap, written anew in place."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from bot.reply import Progress, Question, Reply
from bot.sandbox.server import standard_users
from jobs.alerts.checking import check
from jobs.alerts.monitors import Monitors
from jobs.catalog.incidents import TOOL, IncidentsArgs
from tests.e2e.telegram_scene import ADMIN, GROUP, VIEWER, Scene, ScriptedAssistant
from tests.unit.alert_scenes import CATALOG, FRIDAY, SALES, make_store
from tools.answer import ToolCall
from tools.tool import Chat, Context, User

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

pytestmark = pytest.mark.asyncio


class OnCall(ScriptedAssistant):
    """Runs the incidents' own tool."""

    def __init__(self, contexts: Callable[[User], Context]) -> None:
        super().__init__()
        self._contexts = contexts

    def run(self, call: ToolCall, question: Question, progress: Progress | None = None) -> Reply:
        self.ran.append((call, question))
        context = replace(self._contexts(question.user), chat=question.chat)
        answer = TOOL.run(context, IncidentsArgs.model_validate(call.args))
        return Reply("answered", question.language or "en", (call,), (answer,))


@pytest_asyncio.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """A group that watches a shop whose sales fell by more than half on a Friday; it is nine of the next morning."""
    warehouse = make_store(tmp_path / "shop.duckdb", {(FRIDAY, None): 0.4})
    scene = Scene(tmp_path, users=[replace(user, started=True) for user in standard_users()])
    scene.clock.ahead = datetime(FRIDAY.year, FRIDAY.month, FRIDAY.day, 9, tzinfo=UTC) - datetime.now(UTC)

    def context(user: User) -> Context:
        return Context(warehouse, CATALOG, scene.clock().date(), user, state=scene.state, now=scene.clock())

    scene.contexts = context
    scene.assistant = OnCall(context)
    async with scene:
        scene.access.allow_group(GROUP, "Marketing team", ADMIN)
        monitors = Monitors(scene.state, scene.clock)
        monitors.add(SALES, chat=Chat(GROUP, group=True), user=User(str(ADMIN), "analyst"), language="en")
        check(scene.ground, "day")
        scene.clock.ahead += timedelta(days=1)
        check(scene.ground, "day")
        yield scene


async def test_a_tap_by_anybody_is_told_in_the_toast_and_in_the_message_itself(scene: Scene) -> None:
    await scene.until(lambda: scene.sandbox.messages(GROUP))
    (told,) = scene.sandbox.messages(GROUP)
    assert told.kind == "photo"
    assert "Net sales" in told.text
    labels = [button.text for row in told.buttons for button in row]
    assert labels[0] == "Acknowledge"
    toast = (await scene.pressed(told, "Acknowledge", VIEWER))["text"]
    assert toast
    await scene.until(lambda: scene.sandbox.messages(GROUP)[0].text != told.text)
    (written,) = scene.sandbox.messages(GROUP)
    assert (written.id, written.kind, written.file) == (told.id, "photo", told.file)
    assert "Max" in written.text
    assert "Acknowledge" not in [button.text.removeprefix("✓ ") for row in written.buttons for button in row]


async def test_a_message_that_is_gone_is_passed_over(scene: Scene) -> None:
    await scene.until(lambda: scene.sandbox.messages(GROUP))
    (told,) = scene.sandbox.messages(GROUP)
    await scene.pressed(told, "Acknowledge", VIEWER)
    stored = scene.sandbox.stored(GROUP, told.id)
    assert stored is not None
    scene.sandbox.delete(stored)
    await scene.until(lambda: scene.ground.outbox.counts().waiting == 0)
    counts = scene.ground.outbox.counts()
    assert (counts.delivered, counts.given_up) == (2, 0)
    assert scene.sandbox.messages(GROUP) == []
