"""What the buttons below an answer do, as payloads: the same for answers and for what is sent unasked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bot.telegram.keyboards import Choice
from tools.answer import FollowUp, ToolCall

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from bot.rendering.reply import Button
    from bot.rendering.voice import Voice
    from bot.settings import Settings


@dataclass(frozen=True)
class Shown:
    """What an answer's buttons need to compute it again: calls, question, language, and the day it was asked."""

    calls: tuple[ToolCall, ...]
    question: str
    language: str
    today: date | None

    def to_payload(self) -> dict[str, Any]:
        return {
            "calls": [[call.tool, dict(call.args)] for call in self.calls],
            "question": self.question,
            "language": self.language,
            "today": self.today.isoformat() if self.today else None,
        }

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> Shown:
        today = payload["today"]
        return cls(
            tuple(ToolCall(tool, args) for tool, args in payload["calls"]),
            payload["question"],
            payload["language"],
            date.fromisoformat(today) if today else None,
        )


def choices(buttons: Sequence[Sequence[Button]], shown: Shown, voice: Voice) -> list[list[Choice]]:
    """Rows of buttons with what each does; their labels become the questions of what they compute."""

    def payload(action: FollowUp | str) -> dict[str, Any]:
        if isinstance(action, str):
            return {"do": action, **shown.to_payload()}
        label = voice.text(action.label)
        if action.call is None:
            return {"do": "ask", "text": action.question or label}
        do = "quiet" if action.quiet else "call"
        return {"do": do, **replace(shown, calls=(action.call,), question=label).to_payload()}

    return [[Choice(button.label, payload(button.action)) for button in row] for row in buttons]


def day_noted(settings: Settings, now: datetime) -> date | None:
    """The day to note on a button, so that it shows what was asked about; None: the data's own last day."""
    if settings.as_of == "latest":
        return None
    if settings.as_of == "today":
        return now.astimezone(ZoneInfo(settings.timezone)).date()
    return settings.as_of
