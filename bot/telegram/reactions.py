"""What a reaction to a message says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram import ReactionTypeEmoji

if TYPE_CHECKING:
    from collections.abc import Sequence

    from telegram import MessageReactionUpdated, ReactionType

THUMBS_DOWN = "👎"


def disapproves(change: MessageReactionUpdated) -> bool:
    """Whether the reaction is a 👎 now."""
    return _is_down(change.new_reaction)


def concerns_us(change: MessageReactionUpdated) -> bool:
    """Whether a 👎 was given or taken back; other reactions ask nothing of the bot."""
    return _is_down(change.new_reaction) != _is_down(change.old_reaction)


def _is_down(reactions: Sequence[ReactionType]) -> bool:
    return any(isinstance(each, ReactionTypeEmoji) and each.emoji == THUMBS_DOWN for each in reactions)
