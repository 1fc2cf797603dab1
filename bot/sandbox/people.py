"""Who takes part in the sandbox: the bot, the users, the groups."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class SandboxUser:
    """A person who can write to the bot.

    `role_hint` is only a caption on the page: what the user may do is the bot's business.
    `started`: the bot may write first; as on Telegram, otherwise only after the user has written.
    """

    id: int
    first_name: str
    username: str | None = None
    language_code: str = "en"
    role_hint: str = ""
    started: bool = False

    def to_api(self, language_code: str | None = None) -> dict[str, Any]:
        """The Bot API's `User`."""
        user: dict[str, Any] = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        if self.username:
            user["username"] = self.username
        user["language_code"] = language_code or self.language_code
        return user


@dataclass(frozen=True)
class SandboxGroup:
    """A group with the bot in it. `topics` (thread id → name) makes it a forum supergroup.

    Ids are negative; those of supergroups begin with -100, as on Telegram.
    `admins` are user ids; `bot_is_admin` lets the bot delete and pin messages and see all of them.
    """

    id: int
    title: str
    members: tuple[int, ...]
    topics: dict[int, str] = field(default_factory=dict)
    supergroup: bool = False
    admins: tuple[int, ...] = ()
    bot_is_admin: bool = False

    @property
    def is_supergroup(self) -> bool:
        """Whether it is a supergroup; a group with topics always is."""
        return self.supergroup or bool(self.topics)

    def to_api(self) -> dict[str, Any]:
        """The Bot API's `Chat`."""
        chat: dict[str, Any] = {
            "id": self.id,
            "title": self.title,
            "type": "supergroup" if self.is_supergroup else "group",
        }
        if self.topics:
            chat["is_forum"] = True
        return chat


@dataclass(frozen=True)
class BotIdentity:
    """The bot as Telegram knows it. `token` must look like Telegram's: digits, a colon, 35 characters."""

    id: int
    first_name: str
    username: str
    token: str
    privacy_mode: bool = True

    @classmethod
    def generated(
        cls, first_name: str = "marketbot", username: str = "marketbot", bot_id: int = 7_700_000_001
    ) -> BotIdentity:
        """An identity with a random token, for a server that lives as long as the process."""
        return cls(bot_id, first_name, username, f"{bot_id}:{secrets.token_urlsafe(32)[:35]}")

    def to_api(self) -> dict[str, Any]:
        """The Bot API's `User`."""
        return {"id": self.id, "is_bot": True, "first_name": self.first_name, "username": self.username}
