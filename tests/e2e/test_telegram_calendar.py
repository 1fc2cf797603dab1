"""An admin adds a promotion in the chat: shown, confirmed with a tap, counted, written down; nobody else can."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from bot.reply import Progress, Question, Reply
from bot.telegram.audit import AuditLog
from tests.e2e.telegram_scene import ADMIN, VIEWER, Scene, ScriptedAssistant
from tests.unit.calendar_store import calendar_context
from tools.answer import ToolCall
from tools.calendar.calendar import PromotionCalendar
from tools.registry import discover
from tools.runner import run
from tools.semantic.periods import Period

if TYPE_CHECKING:
    from pathlib import Path

    from tools.tool import Context

pytestmark = pytest.mark.asyncio
SPRING = Period(date(2027, 4, 1), date(2027, 4, 7))
ADD = ToolCall(
    "calendar",
    {"action": "add", "name": "Spring <Sale>", "period": {"start": "2027-04-01", "end": "2027-04-07"}},
)


class CalendarAssistant(ScriptedAssistant):
    """Takes every question for the wish to add one promotion; calls are made for real."""

    def __init__(self, scene: Scene, context: Context) -> None:
        super().__init__()
        self.scene = scene
        self.context = context

    def ask(self, question: Question, progress: Progress | None = None) -> Reply:
        return self.run(ADD, question, progress)

    def run(self, call: ToolCall, question: Question, progress: Progress | None = None) -> Reply:
        context = replace(self.context, user=question.user, state=self.scene.state)
        answer = run(discover(), context, call, AuditLog(self.scene.state, self.scene.clock).looked)
        return Reply("answered", question.language or question.user.language, calls=(call,), answers=(answer,))


def team_events(scene: Scene, context: Context) -> list[str]:
    calendar = PromotionCalendar(replace(context, state=scene.state))
    return [event.label.en for event in calendar.between(SPRING) if event.source == "team"]


async def test_a_promotion_is_added_with_a_tap_and_written_down(tmp_path: Path) -> None:
    context = calendar_context(tmp_path / "warehouse.duckdb", {"Germany": 1.0})
    scene = Scene(tmp_path)
    scene.assistant = CalendarAssistant(scene, context)
    async with scene:
        preview = await scene.say("add promo", ADMIN)
        assert "Add to the calendar: “Spring <Sale>” (promotion), 1–7 Apr 2027, everywhere?" in preview.text
        assert not team_events(scene, context)
        await scene.pressed(preview, "Yes, add it", ADMIN)
        done = await scene.next_after(preview)
        assert done.text.startswith("Added: “Spring <Sale>”")
        assert [button.text for row in done.buttons for button in row] == ["What is coming up?", "Remove it"]
        assert team_events(scene, context) == ["Spring <Sale>"]
        await scene.pressed(done, "Remove it", ADMIN)
        sure = await scene.next_after(done)
        assert team_events(scene, context) == ["Spring <Sale>"]
        await scene.pressed(sure, "Yes, remove it", ADMIN)
        assert (await scene.next_after(sure)).text.startswith("Removed: “Spring <Sale>”")
        assert not team_events(scene, context)
        written = [(entry.user_id, entry.subject) for entry in AuditLog(scene.state, scene.clock).entries()
                   if entry.action == "changed"]  # fmt: skip
        assert written == [
            (str(ADMIN), f"tool=calendar what={verb} event “Spring <Sale>” 2027-04-01 to 2027-04-07 in every country")
            for verb in ("added", "removed")
        ]
    context.warehouse.close()


async def test_nobody_else_adds_any(tmp_path: Path) -> None:
    context = calendar_context(tmp_path / "warehouse.duckdb", {"Germany": 1.0})
    scene = Scene(tmp_path)
    scene.assistant = CalendarAssistant(scene, context)
    async with scene:
        refused = await scene.say("add promo", VIEWER)
        assert "needs the role admin" in refused.text
        assert not team_events(scene, context)
    context.warehouse.close()
