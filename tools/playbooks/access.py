"""Which documents a role may read."""

from __future__ import annotations

from collections.abc import Mapping

from tools.messages import Message, say
from tools.tool import ROLES, Role

READERS: Mapping[str, Message] = {
    "viewer": say("everyone"),
    "analyst": say("analysts and admins"),
    "admin": say("admins only"),
}
"""Who reads what has an access label."""


def readable_by(role: Role) -> frozenset[str]:
    """The access labels that a role reads. A label names the least role that may: `viewer` is everyone."""
    return frozenset(ROLES[: ROLES.index(role) + 1])
