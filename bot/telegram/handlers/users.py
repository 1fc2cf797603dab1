"""`/users`: who may use the bot; admins change roles and remove users by buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.telegram.access import LastAdmin, Member
from bot.telegram.keyboards import Choice, marked
from bot.telegram.menus import set_personal_menu
from bot.telegram.names import ROLE_NAMES
from tools.messages import Message as Words
from tools.messages import say, say_n
from tools.tool import ROLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.telegram.visit import Visit

PAGE = 20


async def users(visit: Visit) -> None:
    """The first page of members."""
    text, rows = await _listed(visit, 0)
    await visit.reply(text, rows=rows)


async def page_pressed(visit: Visit, payload: Mapping[str, Any]) -> None:
    text, rows = await _listed(visit, int(payload["page"]))
    await _edit(visit, text, rows)


async def user_pressed(visit: Visit, payload: Mapping[str, Any]) -> None:
    """One member, with buttons to change the role or to remove."""
    await _show(visit, await visit.desk.stored(visit.desk.access.member, int(payload["id"])))


async def role_pressed(visit: Visit, payload: Mapping[str, Any]) -> None:
    desk, user_id = visit.desk, int(payload["id"])
    try:
        member = await desk.stored(desk.access.set_role, user_id, payload["role"])
    except LastAdmin:
        await visit.reply(say("There must be at least one admin."))
        return
    if member is not None:
        await desk.stored(desk.audit.record, visit.member.id, "role_changed", f"user={user_id} role={member.role}")
        await set_personal_menu(desk.bot, user_id, is_admin=member.may("admin"))
    await _show(visit, member)


async def remove_pressed(visit: Visit, payload: Mapping[str, Any]) -> None:
    desk, user_id = visit.desk, int(payload["id"])
    try:
        removed = await desk.stored(desk.access.remove, user_id)
    except LastAdmin:
        await visit.reply(say("There must be at least one admin."))
        return
    if removed is not None:
        await desk.stored(desk.audit.record, visit.member.id, "removed", f"user={user_id}")
        await desk.stored(desk.answered.forget_user, user_id)
        if desk.dialogues is not None:
            await desk.stored(desk.dialogues.forget_user, user_id)
        await set_personal_menu(desk.bot, user_id, is_admin=False)
    text, rows = await _listed(visit, 0)
    await _edit(visit, text, rows)


async def _listed(visit: Visit, page: int) -> tuple[Words, Sequence[Sequence[Choice]]]:
    members = await visit.desk.stored(visit.desk.access.members)
    shown = members[page * PAGE : (page + 1) * PAGE]
    voice = visit.voice
    rows = [
        [Choice(f"{_name(each)} · {voice.text(ROLE_NAMES[each.role])}", {"do": "user", "id": each.id})]
        for each in shown
    ]
    turning = []
    if page > 0:
        turning.append(Choice("◀", {"do": "users", "page": page - 1}))
    if (page + 1) * PAGE < len(members):
        turning.append(Choice("▶", {"do": "users", "page": page + 1}))
    text = say_n(
        "{count} person may use me. Tap a name to change it; /invite adds others.",
        "{count} people may use me. Tap a name to change it; /invite adds others.",
        len(members),
    )
    return text, [*rows, turning]


async def _show(visit: Visit, member: Member | None) -> None:
    voice = visit.voice
    back = Choice(voice.text(say("Back")), {"do": "users", "page": 0})
    if member is None:
        await _edit(visit, say("This user is no longer on the list."), [[back]])
        return
    roles = [
        Choice(marked(voice.text(ROLE_NAMES[role]), role == member.role), {"do": "role", "id": member.id, "role": role})
        for role in ROLES
    ]
    remove = Choice(voice.text(say("Remove")), {"do": "remove", "id": member.id})
    text = say(
        "*{name}*, Telegram id {id}, role: {role}", name=_name(member), id=str(member.id), role=ROLE_NAMES[member.role]
    )
    await _edit(visit, text, [roles, [remove], [back]])


async def _edit(visit: Visit, text: Words, rows: Sequence[Sequence[Choice]]) -> None:
    markup = await visit.buttons(rows)
    await visit.desk.delivery.edit(visit.place, visit.message.message_id, visit.voice.html(text), markup)


def _name(member: Member) -> str:
    return member.name or str(member.id)
