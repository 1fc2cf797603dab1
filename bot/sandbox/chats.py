"""Methods about chats and files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.errors import bad_request
from bot.sandbox.files import MAX_DOWNLOAD_BYTES

if TYPE_CHECKING:
    from bot.sandbox.call import Call


def get_chat(call: Call) -> Any:
    """`getChat`."""
    chat_id = call.chat(must_reach=False)
    chat = call.sandbox.chat_to_api(chat_id)
    pinned = call.sandbox.stored(chat_id, call.sandbox.settings.get(f"pinned:{chat_id}"))
    if pinned:
        chat["pinned_message"] = call.sandbox.to_api(pinned)
    gifts = dict.fromkeys(
        ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
    )
    return {**chat, "accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}


def get_chat_member(call: Call) -> Any:
    """`getChatMember`."""
    chat_id = call.chat(must_reach=False)
    user_id = call.parameters.integer("user_id") or 0
    if user_id not in call.sandbox.users and user_id != call.sandbox.bot.id:
        raise bad_request("user not found")
    user = call.sandbox.user_to_api(user_id)
    group = call.sandbox.groups.get(chat_id)
    if not call.sandbox.is_member(chat_id, user_id):
        return {"status": "left", "user": user}
    if group and group.admins[:1] == (user_id,):
        return {"status": "creator", "user": user, "is_anonymous": False}
    if group and (user_id in group.admins or (user_id == call.sandbox.bot.id and group.bot_is_admin)):
        rights = dict.fromkeys(
            (
                "can_be_edited",
                "is_anonymous",
                "can_manage_chat",
                "can_delete_messages",
                "can_manage_video_chats",
                "can_restrict_members",
                "can_promote_members",
                "can_change_info",
                "can_invite_users",
                "can_post_stories",
                "can_edit_stories",
                "can_delete_stories",
            ),
            False,
        )
        return {"status": "administrator", "user": user, **rights, "can_delete_messages": True}
    return {"status": "member", "user": user}


def get_chat_member_count(call: Call) -> Any:
    """`getChatMemberCount`."""
    group = call.sandbox.groups.get(call.chat(must_reach=False))
    return len(group.members) + 1 if group else 2


def leave_chat(call: Call) -> Any:
    """`leaveChat`."""
    chat_id = call.chat()
    if chat_id not in call.sandbox.groups:
        raise bad_request("chat member status can't be changed in private chats")
    call.sandbox.leave(chat_id)
    return True


def pin_chat_message(call: Call) -> Any:
    """`pinChatMessage`."""
    chat_id = call.chat()
    stored = call.sandbox.stored(chat_id, call.parameters.integer("message_id"))
    if stored is None:
        raise bad_request("message to pin not found")
    group = call.sandbox.groups.get(chat_id)
    if group and not group.bot_is_admin:
        raise bad_request("not enough rights to manage pinned messages in the chat")
    call.sandbox.remember(f"pinned:{chat_id}", stored.id)
    call.sandbox.emit({"type": "pinned", "chat_id": chat_id, "message_id": stored.id})
    return True


def unpin_chat_message(call: Call) -> Any:
    """`unpinChatMessage`."""
    chat_id = call.chat()
    if call.sandbox.settings.get(f"pinned:{chat_id}") is None:
        raise bad_request("message to unpin not found")
    call.sandbox.remember(f"pinned:{chat_id}", None)
    call.sandbox.emit({"type": "pinned", "chat_id": chat_id, "message_id": None})
    return True


def get_file(call: Call) -> Any:
    """`getFile`."""
    stored = call.sandbox.files.get(call.parameters.text("file_id"))
    if stored is None:
        raise bad_request("invalid file_id")
    if stored.size > MAX_DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    return {
        "file_id": stored.file_id,
        "file_unique_id": stored.unique_id,
        "file_size": stored.size,
        "file_path": stored.path,
    }
