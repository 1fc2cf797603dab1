"""Inline keyboards whose buttons carry tokens."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.rendering.reply import Button
    from bot.rendering.voice import Voice
    from bot.shown import Shown
    from bot.telegram.desk import Desk
    from tools.answer import FollowUp

PRESSED = "✓ "
LABEL_LENGTH = 60


@dataclass(frozen=True)
class Choice:
    """A button: its label, and what pressing it does as a JSON-ready payload with `do` naming the action."""

    label: str
    payload: Mapping[str, Any]


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


async def keyboard(
    desk: Desk, rows: Iterable[Sequence[Choice]], chat_id: int, user_id: int | None = None
) -> InlineKeyboardMarkup | None:
    """The markup for a chat; `user_id` limits the buttons to one user. None where there are no buttons."""
    kept = [row for row in rows if row]
    choices = [choice for row in kept for choice in row]
    if not choices:
        return None
    issued = iter(await desk.stored(desk.tokens.issue, [choice.payload for choice in choices], chat_id, user_id))
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(_short(choice.label), callback_data=next(issued)) for choice in row] for row in kept]
    )


def with_pressed(markup: InlineKeyboardMarkup, token: str) -> InlineKeyboardMarkup:
    """The same keyboard with one button marked as pressed."""

    def shown(button: InlineKeyboardButton) -> InlineKeyboardButton:
        if button.callback_data != token or button.text.startswith(PRESSED):
            return button
        return InlineKeyboardButton(_short(PRESSED + button.text), callback_data=token)

    return InlineKeyboardMarkup([[shown(button) for button in row] for row in markup.inline_keyboard])


def with_chosen(markup: InlineKeyboardMarkup, token: str) -> InlineKeyboardMarkup:
    """The same keyboard with one button marked and no other of its row."""
    rows = []
    for row in markup.inline_keyboard:
        if any(button.callback_data == token for button in row):
            plain = ((button.text.removeprefix(PRESSED), button.callback_data) for button in row)
            rows.append(
                [InlineKeyboardButton(_short(marked(text, data == token)), callback_data=data) for text, data in plain]
            )
        else:
            rows.append(list(row))
    return InlineKeyboardMarkup(rows)


def marked(label: str, chosen: bool) -> str:
    """A choice's label, ticked where it is the current one."""
    return PRESSED + label if chosen else label


def _short(label: str) -> str:
    return label if len(label) <= LABEL_LENGTH else label[: LABEL_LENGTH - 1] + "…"
