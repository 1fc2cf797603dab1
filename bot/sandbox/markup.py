"""Checks a `reply_markup` as Telegram does."""

from __future__ import annotations

import re
from typing import Any

from bot.sandbox.errors import bad_request
from bot.sandbox.formatted_text import checked_url

MAX_CALLBACK_BYTES = 64
MAX_BUTTONS = 100
MAX_BUTTONS_IN_ROW = 8
_OTHER_KEYBOARDS = ("keyboard", "remove_keyboard", "force_reply")
_OTHER_ACTIONS = (
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)


def inline_keyboard(markup: Any) -> dict[str, Any] | None:
    """The keyboard to keep under the message; None where there is none or where it is of another kind.

    Raises:
        ApiError: 400 with Telegram's text, e.g. ``BUTTON_DATA_INVALID``.
    """
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" not in markup:
        if not any(kind in markup for kind in _OTHER_KEYBOARDS):
            raise bad_request("can't parse reply markup JSON object")
        return None
    rows = markup["inline_keyboard"]
    if not isinstance(rows, list):
        raise bad_request('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array')
    checked = []
    for row in rows:
        if not isinstance(row, list):
            raise bad_request('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
        if row:
            checked.append([_button(button) for button in row])
    if sum(map(len, checked)) > MAX_BUTTONS or any(len(row) > MAX_BUTTONS_IN_ROW for row in checked):
        raise bad_request("reply markup is too long")
    return {"inline_keyboard": checked} if checked else None


def _button(button: Any) -> dict[str, Any]:
    prefix = "can't parse inline keyboard button: "
    if not isinstance(button, dict):
        raise bad_request(prefix + "InlineKeyboardButton must be an Object")
    if "text" not in button:
        raise bad_request(prefix + 'Can\'t find field "text"')
    if not isinstance(button["text"], str):
        raise bad_request(prefix + 'Field "text" must be of type String')
    if not button["text"].strip():
        raise bad_request("inline keyboard button text must be non-empty")
    if url := button.get("url"):
        checked = url if re.match(r"tg://", url) else checked_url(url)
        if not checked:
            raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
        return {**button, "url": checked}
    if callback := button.get("callback_data"):
        if not isinstance(callback, str):
            raise bad_request(prefix + 'Field "callback_data" must be of type String')
        if len(callback.encode()) > MAX_CALLBACK_BYTES:
            raise bad_request("BUTTON_DATA_INVALID")
        return button
    if any(action in button for action in _OTHER_ACTIONS):
        return button
    raise bad_request(prefix + "Text buttons are unallowed in the inline keyboard")
