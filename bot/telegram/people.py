"""Whom the bot may tell unasked, by the same allow-list that decides whom it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.telegram.desk import LANGUAGES, NUMBER_STYLES
from jobs.recipients import Recipient
from tools.tool import User

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.telegram.access import Access

OPERATOR = "operator"
"""In place of a user id: what the settings or the command line ordered, whoever comes and goes."""


class People:
    """Implements `jobs.recipients.People`. Blocking."""

    def __init__(self, access: Access, settings: Settings) -> None:
        self._access = access
        self._settings = settings

    def recipient(
        self, chat_id: int, topic_id: int | None, user_id: str, *, language: str | None = None
    ) -> Recipient | None:
        """None: a private chat of nobody on the list or of one who blocked the bot; a group that is not, or no longer,
        allowed, or whose subscriber is gone.

        In a private chat the rights are those of whoever reads there, in a group the subscriber's, an analyst's at the
        most.
        """
        found = self._in_group(chat_id, user_id) if chat_id < 0 else self._alone(chat_id)
        if found is None:
            return None
        user, style = found
        asked = next((known for known in LANGUAGES if known == language), user.language)
        return Recipient(chat_id, topic_id, User(user.id, user.role, asked, user.name, user.timezone), style)

    def _alone(self, chat_id: int) -> tuple[User, str] | None:
        member = self._access.member(chat_id)
        if member is None or member.blocked:
            return None
        user = member.as_user(member.language or self._settings.language, self._settings.timezone, in_group=False)
        return user, member.number_style or NUMBER_STYLES[0]

    def _in_group(self, chat_id: int, user_id: str) -> tuple[User, str] | None:
        """Everybody reads it there: dates are told in the team's timezone."""
        group = self._access.group(chat_id)
        if group is None or not group.allowed:
            return None
        language, timezone = group.language or self._settings.language, self._settings.timezone
        if user_id == OPERATOR:
            return User(OPERATOR, "analyst", language, timezone=timezone), NUMBER_STYLES[0]
        owner = self._access.member(int(user_id)) if user_id.isdecimal() else None
        if owner is None:
            return None
        user = owner.as_user(language, timezone, in_group=True)
        return User(user.id, user.role, language, user.name, timezone), NUMBER_STYLES[0]
