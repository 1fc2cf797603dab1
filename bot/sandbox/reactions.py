"""What people think of a message, in one sign: the Bot API's `MessageReactionUpdated`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.sandbox.messages import StoredMessage
    from bot.sandbox.state import SandboxState

EMOJI = frozenset("👍👎❤🔥🎉🤔")
"""Some of those that Telegram allows."""


def reacted(sandbox: SandboxState, stored: StoredMessage, user_id: int, emoji: str | None) -> dict[str, Any] | None:
    """Changes a person's reaction (None: takes it back) and gives the update that tells so; None where nothing changed.

    Raises ValueError for what Telegram has no reaction of.
    """
    if emoji is not None and emoji not in EMOJI:
        raise ValueError(f"{emoji!r} is no reaction; there are {' '.join(sorted(EMOJI))}")
    before = stored.user_reactions.get(str(user_id))
    if before == emoji:
        return None
    others = {person: each for person, each in stored.user_reactions.items() if person != str(user_id)}
    stored.user_reactions = others if emoji is None else {**others, str(user_id): emoji}
    sandbox.save_edit(stored, silent=True)
    return {
        "chat": sandbox.chat_to_api(stored.chat_id),
        "message_id": stored.id,
        "user": sandbox.user_to_api(user_id),
        "date": int(sandbox.clock()),
        "old_reaction": _as_types(before),
        "new_reaction": _as_types(emoji),
    }


def _as_types(emoji: str | None) -> list[dict[str, str]]:
    return [] if emoji is None else [{"type": "emoji", "emoji": emoji}]
