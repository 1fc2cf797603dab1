"""Writes answers as what a chat is sent unasked: JSON that the outbox keeps and the sender sends."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from bot.rendering.parts import FilePart, PhotoPart
from bot.rendering.reply import render
from bot.rendering.voice import Voice
from bot.reply import Reply
from bot.shown import Shown, day_noted
from bot.telegram.keyboards import choices

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from bot.rendering.numbers import Language, NumberStyle
    from bot.rendering.parts import Part
    from bot.settings import Settings
    from jobs.recipients import Recipient
    from tools.answer import Answer, ToolCall


class Pages:
    """Implements `jobs.recipients.Pages`. Blocking: drawing takes 0.1 to 0.5 s a picture."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._clock = clock

    def written(self, call: ToolCall, answer: Answer, to: Recipient) -> Mapping[str, Any]:
        """Parts in order, and rows of buttons for the last; one part, a picture with its caption, where the text is
        short enough for that. `about` is what a reply to any of them leans on.

        The same buttons stand below a reply to a question: drill-downs, how it was computed, files.
        """
        language = cast("Language", to.user.language)
        voice = Voice(language, to.user.timezone, cast("NumberStyle", to.style))
        rendered = render(Reply("answered", language, calls=(call,), answers=(answer,)), voice)
        shown = Shown((call,), voice.text(answer.headline), language, day_noted(self._settings, self._clock()))
        taps = (follow.call for follow in answer.follow_ups if not follow.quiet)
        why = next((tap for tap in taps if tap is not None), None)
        return {
            # A reply goes on from what was sent, else from what its first button asks, as "why?" does.
            "about": replace(shown, calls=(call,) if why is None else (call, why)).to_payload(),
            "parts": [_part(part) for part in rendered.parts],
            "buttons": [
                [{"label": choice.label, "payload": dict(choice.payload)} for choice in row]
                for row in choices(rendered.buttons, shown, voice)
            ],
        }


def _part(part: Part) -> dict[str, str]:
    if isinstance(part, PhotoPart):
        return {"photo": b64encode(part.png).decode(), "caption": part.caption_html}
    if isinstance(part, FilePart):
        return {"file": b64encode(part.content).decode(), "name": part.name, "caption": part.caption_html}
    return {"text": part.html}
