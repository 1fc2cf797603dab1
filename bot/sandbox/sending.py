"""Methods that put messages into chats."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from bot.sandbox.content import document_content, formatted_fields, photo_content, text_content
from bot.sandbox.errors import bad_request

if TYPE_CHECKING:
    from bot.sandbox.call import Call
    from bot.sandbox.messages import StoredMessage

_ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)
_ALBUM = range(2, 11)


def send_message(call: Call) -> Any:
    """`sendMessage`."""
    formatted = call.text()
    chat_id = call.chat()
    return call.sandbox.to_api(_put(call, chat_id, text_content(formatted)))


def send_photo(call: Call) -> Any:
    """`sendPhoto`."""
    chat_id = call.chat()
    caption = call.caption()
    return call.sandbox.to_api(_put(call, chat_id, photo_content(call.file("photos"), caption)))


def send_document(call: Call) -> Any:
    """`sendDocument`."""
    chat_id = call.chat()
    caption = call.caption()
    return call.sandbox.to_api(_put(call, chat_id, document_content(call.file("documents"), caption)))


def send_media_group(call: Call) -> Any:
    """`sendMediaGroup`: two to ten photos, or as many documents."""
    chat_id = call.chat()
    media = call.parameters.structure("media", "media")
    if not isinstance(media, list) or len(media) not in _ALBUM:
        raise bad_request("number of media must be between 2 and 10")
    if len({item.get("type") for item in media}) != 1:
        raise bad_request("document can't be mixed with other media types")
    contents = [media_content(call, item) for item in media]
    group = str(secrets.randbits(50))
    thread_id, reply_to = call.thread(chat_id), call.reply_to(chat_id)
    return [
        call.sandbox.to_api(
            call.sandbox.new_message(
                chat_id,
                call.sandbox.bot.id,
                {**content, "media_group_id": group},
                thread_id=thread_id,
                reply_to=reply_to,
            )
        )
        for content in contents
    ]


def media_content(call: Call, item: Any) -> dict[str, Any]:
    """Content of one InputMedia."""
    kind = item.get("type") if isinstance(item, dict) else None
    if kind == "photo":
        return photo_content(call.file("photos", str(item.get("media") or "")), call.caption(item))
    if kind == "document":
        return document_content(call.file("documents", str(item.get("media") or "")), call.caption(item))
    raise bad_request("can't parse InputMedia: type must be photo or document here")


def send_chat_action(call: Call) -> Any:
    """`sendChatAction`."""
    chat_id = call.chat()
    action = call.parameters.text("action")
    if action not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    call.sandbox.emit(
        {
            "type": "action",
            "chat_id": chat_id,
            "thread_id": call.thread(chat_id),
            "action": action,
        }
    )
    return True


def send_message_draft(call: Call) -> Any:
    """`sendMessageDraft`: in private chats only; an empty text shows that the bot thinks."""
    chat_id = call.chat()
    if chat_id not in call.sandbox.users:
        raise bad_request("message drafts can be sent only to private chats")
    draft_id = call.parameters.integer("draft_id") or 0
    if not draft_id:
        raise bad_request("draft_id must be non-zero")
    formatted = call.text(may_be_empty=True)
    thread_id = call.thread(chat_id)
    call.sandbox.keep_draft(
        chat_id,
        thread_id,
        {
            "type": "draft",
            "chat_id": chat_id,
            "thread_id": thread_id,
            "draft_id": draft_id,
            "text": formatted.text,
            "entities": formatted.entities_to_api(),
        },
    )
    return True


def forward_message(call: Call) -> Any:
    """`forwardMessage`."""
    chat_id = call.chat()
    original = _original(call, call.parameters.integer("message_id"), "forward")
    content = {**original.content, "forward_origin": call.sandbox.forward_origin(original)}
    stored = call.sandbox.new_message(chat_id, call.sandbox.bot.id, content, thread_id=call.thread(chat_id))
    return call.sandbox.to_api(stored)


def copy_message(call: Call) -> Any:
    """`copyMessage`."""
    chat_id = call.chat()
    original = _original(call, call.parameters.integer("message_id"), "copy")
    content = {key: value for key, value in original.content.items() if key not in ("forward_origin", "media_group_id")}
    if "caption" in call.parameters.values and "text" not in content:
        content = {key: value for key, value in content.items() if not key.startswith("caption")}
        content |= formatted_fields(call.caption(), "caption")
    return {"message_id": _put(call, chat_id, content).id}


def _original(call: Call, message_id: int | None, verb: str) -> StoredMessage:
    stored = call.sandbox.stored(call.chat("from_chat_id", must_reach=False), message_id)
    if stored is None:
        raise bad_request(f"message to {verb} not found")
    return stored


def _put(call: Call, chat_id: int, content: dict[str, Any]) -> StoredMessage:
    return call.sandbox.new_message(
        chat_id,
        call.sandbox.bot.id,
        content,
        thread_id=call.thread(chat_id),
        reply_to=call.reply_to(chat_id),
        markup=call.keyboard(),
    )
