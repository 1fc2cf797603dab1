"""`/invite`: one-time links by which admins let others in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.telegram.addressing import INVITE_PREFIX
from bot.telegram.keyboards import Choice
from bot.telegram.names import ROLE_NAMES
from tools.messages import say
from tools.tool import ROLES, Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.telegram.visit import Visit


async def invite(visit: Visit) -> None:
    """Makes a link for the role that was named, or asks which role."""
    words = (visit.message.text or "").split()
    role = _role(words[1].lower()) if len(words) > 1 else None
    if role is not None:
        await _send_link(visit, role)
        return
    buttons = [Choice(visit.voice.text(ROLE_NAMES[each]), {"do": "invite", "role": each}) for each in ROLES]
    await visit.reply(
        say("Which role shall the invited person have?"),
        say(
            "A *viewer* asks questions. An *analyst* may also use the tools kept for analysts. "
            "An *admin* also sees customers' personal data, invites others and reads the audit log."
        ),
        rows=[buttons],
    )


async def pressed(visit: Visit, payload: Mapping[str, Any]) -> None:
    role = _role(payload["role"])
    if role is not None:
        await _send_link(visit, role)


async def _send_link(visit: Visit, role: Role) -> None:
    desk = visit.desk
    token = await desk.stored(desk.access.invite, role, visit.member.id)
    await desk.stored(desk.audit.record, visit.member.id, "invited", f"role={role}")
    await visit.reply(
        say(
            "Pass this link on to one person. It works once, within 48 hours, and gives the role *{role}*:\n\n{link}",
            role=ROLE_NAMES[role],
            link=f"https://t.me/{desk.identity.username}?start={INVITE_PREFIX}{token}",
        )
    )


def _role(name: str) -> Role | None:
    return next((role for role in ROLES if role == name), None)
