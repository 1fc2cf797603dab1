"""A pressed button: acknowledged at once, checked again, done once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from telegram import CallbackQuery, Message, Update
from telegram.error import BadRequest

from bot.rendering.text import one_line
from bot.shown import Shown
from bot.telegram import answering
from bot.telegram.addressing import Place, sender
from bot.telegram.delivery import Undelivered, Unreachable
from bot.telegram.handlers import audit, complaints, documents, invite, reviews, settings, teach, users
from bot.telegram.keyboards import with_chosen, with_pressed
from bot.telegram.visit import Visit, arrive
from tools.messages import Message as Words
from tools.messages import say

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from telegram import InlineKeyboardMarkup

    from bot.reply import Reply
    from bot.telegram.desk import Desk
    from tools.tool import Role

log = structlog.get_logger(__name__)

TOAST = 190
"""Characters; Telegram takes 200."""
EXPIRED = say("This button has expired. Please ask again.")


@dataclass(frozen=True)
class Action:
    """What a payload's `do` stands for. `once`: real work, so a double tap must not do it twice."""

    body: Callable[[Visit, Mapping[str, Any]], Awaitable[Reply | None]]
    role: Role = "viewer"
    once: bool = False


async def _ask(visit: Visit, payload: Mapping[str, Any]) -> Reply:
    return await answering.ask(visit, payload["text"])


async def _call(visit: Visit, payload: Mapping[str, Any]) -> Reply:
    return await answering.run(visit, Shown.from_payload(payload))


async def _how(visit: Visit, payload: Mapping[str, Any]) -> Reply:
    return await answering.show_how(visit, Shown.from_payload(payload))


async def _csv(visit: Visit, payload: Mapping[str, Any]) -> Reply:
    return await answering.show_file(visit, Shown.from_payload(payload), "csv")


async def _xlsx(visit: Visit, payload: Mapping[str, Any]) -> Reply:
    return await answering.show_file(visit, Shown.from_payload(payload), "xlsx")


ACTIONS: Mapping[str, Action] = {
    "ask": Action(_ask, once=True),
    "call": Action(_call, once=True),
    "how": Action(_how, once=True),
    "file_csv": Action(_csv, once=True),
    "file_xlsx": Action(_xlsx, once=True),
    "settings": Action(settings.pressed),
    "invite": Action(invite.pressed, "admin", once=True),
    "users": Action(users.page_pressed, "admin"),
    "user": Action(users.user_pressed, "admin"),
    "role": Action(users.role_pressed, "admin"),
    "remove": Action(users.remove_pressed, "admin"),
    "learn": Action(documents.learn_pressed, "admin", once=True),
    "discard": Action(documents.discard_pressed, "admin", once=True),
    "audit": Action(audit.older_pressed, "admin", once=True),
    "audit_file": Action(audit.file_pressed, "admin", once=True),
    "teach": Action(teach.save_pressed, "admin"),
    "teach_cancel": Action(teach.cancel_pressed, "admin"),
    "taught": Action(teach.page_pressed, "admin"),
    "taught_word": Action(teach.word_pressed, "admin"),
    "revoke": Action(teach.revoke_pressed, "admin"),
    "review_reason": Action(complaints.reason_pressed),
    "review_no_note": Action(complaints.no_note_pressed),
    "review_question": Action(complaints.question_pressed, once=True),
    "reviews": Action(reviews.page_pressed, "admin"),
    "review": Action(reviews.review_pressed, "admin"),
    "review_judge": Action(reviews.judge_pressed, "admin"),
    "reviews_file": Action(reviews.file_pressed, "admin", once=True),
}


QUIET = "quiet"
"""The `do` of what is done at once, out of turn, and told in the acknowledgement alone."""


WRITTEN_ANEW = frozenset({"incidents"})
"""Tools that have the message written anew in its place, buttons and all, when a press changes something."""


async def press(desk: Desk, update: Update, _context: Any) -> None:
    """Looks the token up, refuses or acknowledges, and then does the work in its turn."""
    query = update.callback_query
    user = sender(update)
    if query is None or user is None:
        return
    member = await desk.stored(desk.access.member, user.id)
    if member is None:
        return
    voice = desk.voice(member, desk.language(member))
    message = query.message
    if not isinstance(message, Message) or query.data is None:
        await desk.delivery.acknowledge(query.id, voice.text(EXPIRED))
        return
    found = await desk.stored(desk.tokens.find, query.data, message.chat.id, user.id)
    if found.verdict == "valid" and found.payload["do"] == QUIET:
        await _do_quietly(desk, update, query, found.payload)
        return
    action = ACTIONS.get(found.payload.get("do", ""))
    refusal: Words | None = None
    if found.verdict == "foreign":
        refusal = say("This button is not yours.")
    elif action is None or found.verdict == "expired":
        refusal = EXPIRED
    elif not member.may(action.role) or (_changes_group(message, found.payload) and not member.may("admin")):
        refusal = say("Only admins may do this.")
    elif action.once and not await desk.stored(desk.tokens.claim, query.data, update.update_id):
        refusal = say("Already on it.")
    await desk.delivery.acknowledge(query.id, voice.text(refusal) if refusal else "")
    if refusal is None and action is not None:
        await _do(desk, update, query, action, found.payload)


async def _do(desk: Desk, update: Update, query: CallbackQuery, action: Action, payload: Mapping[str, Any]) -> None:
    if action.once:
        await _show_changed(desk, query, with_pressed)
    try:
        await desk.lanes.turn_of(update.update_id).begin()
        visit = await arrive(desk, update)
        if visit is None:
            return
        reply = await action.body(visit, payload)
    except Exception:
        await _release(desk, query)
        raise
    if reply is not None and reply.status == "failed":
        await _release(desk, query)


async def _do_quietly(desk: Desk, update: Update, query: CallbackQuery, payload: Mapping[str, Any]) -> None:
    visit = await arrive(desk, update)
    if visit is None:
        return
    shown = Shown.from_payload(payload)
    reply, words = await answering.run_quietly(visit, shown)
    await desk.delivery.acknowledge(query.id, one_line(words, TOAST))
    if reply.status == "answered" and shown.calls[0].tool not in WRITTEN_ANEW:
        await _show_changed(desk, query, with_chosen)


async def _release(desk: Desk, query: CallbackQuery) -> None:
    if query.data is not None:
        await desk.stored(desk.tokens.release, query.data)


async def _show_changed(
    desk: Desk, query: CallbackQuery, change: Callable[[InlineKeyboardMarkup, str], InlineKeyboardMarkup]
) -> None:
    """Marks the button; an ornament, so no failure of it stops the work."""
    message = query.message
    if not isinstance(message, Message) or message.reply_markup is None or query.data is None:
        return
    markup = change(message.reply_markup, query.data)
    if markup == message.reply_markup:
        return
    try:
        await desk.delivery.edit_keyboard(Place(message.chat.id), message.message_id, markup)
    except (BadRequest, Unreachable, Undelivered) as error:
        log.info("press_not_shown", chat_id=message.chat.id, error=str(error))


def _changes_group(message: Message, payload: Mapping[str, Any]) -> bool:
    return message.chat.id < 0 and payload.get("do") == "settings"
