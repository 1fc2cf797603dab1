"""Methods about the bot itself: commands, descriptions, the menu button."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bot.sandbox.errors import bad_request

if TYPE_CHECKING:
    from bot.sandbox.call import Call
    from bot.sandbox.sandbox import Sandbox

_MAX_COMMANDS = 100
_MAX_COMMAND_DESCRIPTION = 256
_MAX_DESCRIPTION = 512
_MAX_SHORT_DESCRIPTION = 120
_CHAT_SCOPES = ("chat", "chat_administrators", "chat_member")


def get_me(call: Call) -> Any:
    """`getMe`."""
    return {
        **call.sandbox.bot.to_api(),
        "can_join_groups": True,
        "can_read_all_group_messages": not call.sandbox.bot.privacy_mode,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def set_my_commands(call: Call) -> Any:
    """`setMyCommands`."""
    commands = call.parameters.structure("commands", "list of bot commands")
    if not isinstance(commands, list):
        raise bad_request("expected an Array of BotCommand")
    if len(commands) > _MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not re.fullmatch(r"/?[a-z0-9_]{1,32}", str(command.get("command", ""))):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", ""))) <= _MAX_COMMAND_DESCRIPTION:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    checked = [{"command": one["command"].lstrip("/"), "description": one["description"]} for one in commands]
    _keep_commands(call, checked)
    return True


def delete_my_commands(call: Call) -> Any:
    """`deleteMyCommands`."""
    _keep_commands(call, None)
    return True


def get_my_commands(call: Call) -> Any:
    """`getMyCommands`."""
    return _commands(call.sandbox).get(_scope_key(call), [])


def commands_for(sandbox: Sandbox, chat_id: int, user_id: int) -> list[dict[str, str]]:
    """The menu that a user sees in a chat: the narrowest scope wins, then the user's language."""
    scopes = [f"chat_member:{chat_id}:{user_id}"]
    group = sandbox.groups.get(chat_id)
    if group and user_id in group.admins:
        scopes += [f"chat_administrators:{chat_id}"]
    scopes += [f"chat:{chat_id}"]
    if group and user_id in group.admins:
        scopes += ["all_chat_administrators"]
    scopes += ["all_group_chats" if group else "all_private_chats", "default"]
    language = sandbox.language_of(user_id).partition("-")[0]
    known = _commands(sandbox)
    for scope in scopes:
        for code in (language, ""):
            if found := known.get(f"{scope}|{code}"):
                return found
    return []


def set_my_description(call: Call) -> Any:
    """`setMyDescription`."""
    return _keep_text(call, "description", _MAX_DESCRIPTION)


def set_my_short_description(call: Call) -> Any:
    """`setMyShortDescription`."""
    return _keep_text(call, "short_description", _MAX_SHORT_DESCRIPTION)


def set_my_name(call: Call) -> Any:
    """`setMyName`."""
    return _keep_text(call, "name", 64)


def get_my_description(call: Call) -> Any:
    """`getMyDescription`."""
    return {"description": _kept_text(call, "description")}


def get_my_short_description(call: Call) -> Any:
    """`getMyShortDescription`."""
    return {"short_description": _kept_text(call, "short_description")}


def get_my_name(call: Call) -> Any:
    """`getMyName`."""
    return {"name": _kept_text(call, "name") or call.sandbox.bot.first_name}


def set_chat_menu_button(call: Call) -> Any:
    """`setChatMenuButton`."""
    button = call.parameters.structure("menu_button", "menu button") or {"type": "default"}
    if button.get("type") not in ("commands", "web_app", "default"):
        raise bad_request("MenuButton has unsupported type")
    key = f"menu_button:{call.parameters.text('chat_id')}"
    call.sandbox.remember(key, button)
    call.sandbox.emit({"type": "commands"})
    return True


def get_chat_menu_button(call: Call) -> Any:
    """`getChatMenuButton`."""
    settings = call.sandbox.settings
    own = settings.get(f"menu_button:{call.parameters.text('chat_id')}")
    return own or settings.get("menu_button:") or {"type": "commands"}


def _commands(sandbox: Sandbox) -> dict[str, list[dict[str, str]]]:
    return dict(sandbox.settings.get("commands", {}))


def _scope_key(call: Call) -> str:
    scope = call.parameters.structure("scope", "BotCommandScope") or {"type": "default"}
    kind = str(scope.get("type"))
    parts = [kind]
    if kind in _CHAT_SCOPES:
        chat_id = scope.get("chat_id")
        if int(chat_id or 0) not in call.sandbox.users and int(chat_id or 0) not in call.sandbox.groups:
            raise bad_request("chat not found")
        parts.append(str(chat_id))
    if kind == "chat_member":
        parts.append(str(scope.get("user_id")))
    language = call.parameters.text("language_code")
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise bad_request("invalid language code specified")
    return ":".join(parts) + "|" + language


def _keep_commands(call: Call, commands: list[dict[str, str]] | None) -> None:
    known = _commands(call.sandbox)
    known.pop(_scope_key(call), None)
    if commands:
        known[_scope_key(call)] = commands
    call.sandbox.remember("commands", known)
    call.sandbox.emit({"type": "commands"})


def _keep_text(call: Call, name: str, limit: int) -> bool:
    text = call.parameters.text(name)
    if len(text) > limit:
        raise bad_request(f"{name.replace('_', ' ')} is too long")
    call.sandbox.remember(f"{name}:{call.parameters.text('language_code')}", text)
    call.sandbox.emit({"type": "commands"})
    return True


def _kept_text(call: Call, name: str) -> str:
    settings = call.sandbox.settings
    own = settings.get(f"{name}:{call.parameters.text('language_code')}")
    return str(own or settings.get(f"{name}:") or "")
