"""What a message of the bot shows: noted on its buttons, for replies to it, and for reviews."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tools.answer import ToolCall

if TYPE_CHECKING:
    from datetime import datetime

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


def day_noted(settings: Settings, now: datetime) -> date | None:
    """The day to note on a button, so that it shows what was asked about; None: the data's own last day."""
    if settings.as_of == "latest":
        return None
    if settings.as_of == "today":
        return now.astimezone(ZoneInfo(settings.timezone)).date()
    return settings.as_of
