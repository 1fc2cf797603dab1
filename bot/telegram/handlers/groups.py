"""Groups: an admin lets the bot in, by adding it or with `/allow`; `/forbid` and removing it undo that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from telegram import Chat, ChatMember, ChatMemberUpdated, Update

from bot.telegram.addressing import Place
from jobs.alerts.incidents.store import Incidents
from jobs.alerts.monitors import Monitors
from jobs.digests.subscriptions import Subscriptions
from tools.messages import say

if TYPE_CHECKING:
    from bot.telegram.desk import Desk
    from bot.telegram.visit import Visit
    from jobs.recipients import Ground

PRESENT = (ChatMember.MEMBER, ChatMember.ADMINISTRATOR, ChatMember.OWNER)
GONE = (ChatMember.LEFT, ChatMember.BANNED)
WELCOME = say("Hello! In this group I answer team members who mention me, reply to me, or use /ask.")


async def allow(visit: Visit) -> None:
    """`/allow` in a group."""
    if not visit.place.is_group:
        await visit.reply(say("Use this command in the group that it is about."))
        return
    await let_in(visit.desk, visit.message.chat, visit.member.id)
    await visit.reply(WELCOME)


async def forbid(visit: Visit) -> None:
    """`/forbid` in a group."""
    if not visit.place.is_group:
        await visit.reply(say("Use this command in the group that it is about."))
        return
    desk, chat_id = visit.desk, visit.place.chat_id
    await desk.stored(desk.access.forbid_group, chat_id)
    await desk.stored(desk.audit.record, visit.member.id, "group_forbidden", f"chat={chat_id}")
    await visit.reply(say("I shall be silent in this group until an admin says /allow."))


async def membership(desk: Desk, update: Update, _context: Any) -> None:
    """The bot was added to or removed from a chat, or blocked or unblocked by a user."""
    change = update.my_chat_member
    if change is None:
        return
    if change.chat.type == Chat.PRIVATE:
        await _blocked_or_not(desk, change)
        return
    status = change.new_chat_member.status
    if status in GONE:
        await desk.stored(desk.access.forbid_group, change.chat.id)
        return
    came = status in PRESENT and change.old_chat_member.status in GONE
    member = await desk.stored(desk.access.member, change.from_user.id)
    if came and member is not None and member.may("admin"):
        await let_in(desk, change.chat, member.id)
        voice = desk.voice(member, desk.language(member))
        await desk.delivery.text(Place(change.chat.id), voice.html(WELCOME))


async def migration(desk: Desk, update: Update, _context: Any) -> None:
    """Telegram says that a group became a supergroup."""
    message = update.effective_message
    new_id = getattr(message, "migrate_to_chat_id", None)
    if message is not None and new_id is not None:
        await follow(desk, message.chat.id, new_id)


async def let_in(desk: Desk, chat: Chat, user_id: int) -> None:
    await desk.stored(desk.access.allow_group, chat.id, chat.title or "", user_id)
    await desk.stored(desk.audit.record, user_id, "group_allowed", f"chat={chat.id}")


async def follow(desk: Desk, old_id: int, new_id: int) -> None:
    """What holds for the group goes on under its new id."""
    await desk.stored(desk.access.migrate_group, old_id, new_id)
    await desk.stored(desk.tokens.migrate_group, old_id, new_id)
    await desk.stored(desk.answered.forget_chat, old_id)
    if desk.dialogues is not None:
        await desk.stored(desk.dialogues.migrate_group, old_id, new_id)
    if desk.ground is not None:
        await desk.stored(_follow_unasked, desk.ground, old_id, new_id)


def _follow_unasked(ground: Ground, old_id: int, new_id: int) -> None:
    ground.outbox.moved(old_id, new_id)
    Subscriptions(ground.state, ground.clock).moved_chat(old_id, new_id)
    Monitors(ground.state, ground.clock).moved_chat(old_id, new_id)
    Incidents(ground.state, ground.clock).moved_chat(old_id)


async def _blocked_or_not(desk: Desk, change: ChatMemberUpdated) -> None:
    user = change.from_user
    if change.new_chat_member.status in GONE:
        await desk.stored(desk.access.note_blocked, user.id)
    else:
        await desk.stored(desk.access.note_seen, user.id, user.full_name)
