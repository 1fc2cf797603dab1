"""How roles and choices are called in messages and on buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.messages import Label, Message, say

if TYPE_CHECKING:
    from bot.rendering.numbers import Language, NumberStyle
    from tools.tool import Role

ROLE_NAMES: dict[Role, Message] = {"viewer": say("viewer"), "analyst": say("analyst"), "admin": say("admin")}
LANGUAGE_NAMES: dict[Language, Label] = {"en": Label("English", "English"), "zh": Label("中文", "中文")}
NUMBER_STYLE_NAMES: dict[NumberStyle, Message] = {"compact": say("short"), "full": say("in full")}
