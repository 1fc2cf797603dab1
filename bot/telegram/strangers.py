"""Who is not on the allow-list gets one polite line an hour in a private chat, and nothing anywhere else."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from telegram import Message, Update

from bot.rendering.voice import Voice
from bot.telegram.addressing import place_of
from tools.messages import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.telegram.desk import Desk

SILENCE = timedelta(hours=1)
INVITE_TRIES = 5
REMEMBERED = 10_000
NOT_KNOWN = say("Sorry, I only talk to members of the team. Please ask an admin for an invitation.")


class Courtesy:
    """Remembers whom the line was said to, and how often invitations were tried, within the last hour.

    Bounded: the longest-known are forgotten first.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lines: OrderedDict[int, datetime] = OrderedDict()
        self._tries: OrderedDict[int, list[datetime]] = OrderedDict()

    def may_be_told(self, user_id: int) -> bool:
        """True at most once an hour for a user."""
        now = self._clock()
        last = self._lines.get(user_id)
        if last is not None and now - last < SILENCE:
            return False
        self._lines[user_id] = now
        _bound(self._lines)
        return True

    def may_try_invitation(self, user_id: int) -> bool:
        """True at most five times an hour for a user."""
        now = self._clock()
        recent = [tried for tried in self._tries.get(user_id, []) if now - tried < SILENCE]
        if len(recent) >= INVITE_TRIES:
            return False
        self._tries[user_id] = [*recent, now]
        _bound(self._tries)
        return True


async def turn_away(desk: Desk, update: Update) -> None:
    """The line in both languages, since nothing is known about the reader; nothing in groups."""
    message = update.effective_message
    if not isinstance(message, Message) or place_of(message).is_group:
        return
    lines = [Voice(language).html(NOT_KNOWN) for language in ("en", "zh")]
    await desk.delivery.text(place_of(message), "\n".join(dict.fromkeys(lines)))


def _bound(remembered: OrderedDict[int, datetime] | OrderedDict[int, list[datetime]]) -> None:
    while len(remembered) > REMEMBERED:
        remembered.popitem(last=False)
