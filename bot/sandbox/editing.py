"""Methods that change or remove messages, or answer presses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.content import formatted_fields, text_content
from bot.sandbox.errors import bad_request
from bot.sandbox.formatted_text import utf16_length
from bot.sandbox.sending import media_content

if TYPE_CHECKING:
    from bot.sandbox.call import Call
    from bot.sandbox.messages import StoredMessage

_MAX_ANSWER = 200
_MAX_DELETED = 100
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)


def edit_message_text(call: Call) -> Any:
    """`editMessageText`."""
    formatted = call.text()
    stored = call.own_message(call.chat())
    if "text" not in stored.content:
        raise bad_request("there is no text in the message to edit")
    return _change(call, stored, text_content(formatted))


def edit_message_caption(call: Call) -> Any:
    """`editMessageCaption`."""
    stored = call.own_message(call.chat())
    if "photo" not in stored.content and "document" not in stored.content:
        raise bad_request("there is no caption in the message to edit")
    kept = {key: value for key, value in stored.content.items() if not key.startswith("caption")}
    return _change(call, stored, {**kept, **formatted_fields(call.caption(), "caption")})


def edit_message_media(call: Call) -> Any:
    """`editMessageMedia`."""
    stored = call.own_message(call.chat())
    content = media_content(call, call.parameters.structure("media", "media"))
    if group := stored.content.get("media_group_id"):
        content["media_group_id"] = group
    return _change(call, stored, content)


def edit_message_reply_markup(call: Call) -> Any:
    """`editMessageReplyMarkup`."""
    stored = call.own_message(call.chat())
    return _change(call, stored, stored.content, only_markup=True)


def delete_message(call: Call) -> Any:
    """`deleteMessage`."""
    chat_id = call.chat()
    stored = call.sandbox.stored(chat_id, call.parameters.integer("message_id"))
    if stored is None:
        raise bad_request("message to delete not found")
    if not _deletable(call, stored):
        raise bad_request("message can't be deleted")
    call.sandbox.delete(stored)
    return True


def delete_messages(call: Call) -> Any:
    """`deleteMessages`: those that are not there are passed over."""
    chat_id = call.chat()
    numbers = call.parameters.structure("message_ids", "message identifiers")
    if not isinstance(numbers, list) or not numbers:
        raise bad_request("message identifiers are not specified")
    if len(numbers) > _MAX_DELETED:
        raise bad_request("too many message identifiers specified")
    for number in numbers:
        stored = call.sandbox.stored(chat_id, int(number))
        if stored and _deletable(call, stored):
            call.sandbox.delete(stored)
    return True


def answer_callback_query(call: Call) -> Any:
    """`answerCallbackQuery`."""
    query = call.sandbox.callbacks.get(call.parameters.text("callback_query_id"))
    if query is None or query.expired or call.sandbox.clock() - query.at > call.sandbox.callback_lifetime_s:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    text = call.parameters.text("text")
    if utf16_length(text) > _MAX_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    answer: dict[str, Any] = {}
    if text:
        answer["text"] = text
    if call.parameters.boolean("show_alert"):
        answer["show_alert"] = True
    if url := call.parameters.text("url"):
        answer["url"] = url
    query.answer = answer
    call.sandbox.emit(
        {
            "type": "answer",
            "query_id": query.id,
            "user_id": query.user_id,
            "chat_id": query.chat_id,
            "message_id": query.message_id,
            "data": query.data,
            **answer,
        }
    )
    return True


def set_message_reaction(call: Call) -> Any:
    """`setMessageReaction`."""
    chat_id = call.chat()
    stored = call.sandbox.stored(chat_id, call.parameters.integer("message_id"))
    if stored is None:
        raise bad_request("message to react not found")
    reactions = call.parameters.structure("reaction", "reaction") or []
    if not isinstance(reactions, list) or len(reactions) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    if any(reaction.get("type") != "emoji" or not reaction.get("emoji") for reaction in reactions):
        raise bad_request("REACTION_INVALID")
    stored.reactions = reactions
    call.sandbox.save_edit(stored, silent=True)
    return True


def _change(call: Call, stored: StoredMessage, content: dict[str, Any], *, only_markup: bool = False) -> Any:
    markup = call.keyboard()
    kept = {key: value for key, value in stored.content.items() if key != "forward_origin"}
    if kept == content and markup == stored.markup:
        raise bad_request(_NOT_MODIFIED)
    stored.content = content
    stored.markup = markup
    call.sandbox.save_edit(stored, silent=only_markup)
    return call.sandbox.to_api(stored)


def _deletable(call: Call, stored: StoredMessage) -> bool:
    if stored.chat_id not in call.sandbox.groups or stored.sender_id == call.sandbox.bot.id:
        return True
    return call.sandbox.groups[stored.chat_id].bot_is_admin
