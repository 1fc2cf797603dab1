"""After a disaster: what the bot owes, whom it knows and what it has already said come back with the backup."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.migrations import upgrade
from bot.telegram.access import Access
from jobs.digests.subscriptions import SubscriptionRow, Subscriptions
from jobs.lease import Lease
from jobs.maintenance.backups import back_up, restore
from jobs.outbox.contents import Contents
from jobs.outbox.outbox import Outbox
from jobs.outbox.record import Priority
from tests.unit.outbox_scenes import START, Clock
from tools.state import connect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session, sessionmaker

HELD_FOR = timedelta(seconds=30)


@dataclass
class Bot:
    """A state database, and what works on it."""

    state: sessionmaker[Session]
    clock: Clock

    def __post_init__(self) -> None:
        self.outbox = Outbox(self.state, self.clock)
        self.contents = Contents(self.state, self.clock)
        self.subscriptions = Subscriptions(self.state, self.clock)

    def put(self, key: str, chat_id: int, expires: timedelta) -> bool:
        payload = {"content": self.contents.keep({"parts": [{"text": key}], "buttons": []})}
        return self.outbox.put(
            key, chat_id, None, payload, not_before=START, expires=START + expires, priority=Priority.DIGEST
        )

    def send(self) -> list[str]:
        """Sends what is due; the texts, in the order of the chats."""
        self.outbox.expire()
        sent = []
        for push in self.outbox.claim("one", 100, HELD_FOR):
            content = self.contents.get(push.payload["content"])
            assert content is not None
            sent.append(content["parts"][0]["text"])
            assert self.outbox.done(push)
        return sent

    def close(self) -> None:
        engine: Engine = self.state.kw["bind"]
        engine.dispose()


@pytest.fixture
def bot(url: str, clock: Clock) -> Iterator[Bot]:
    upgrade(url)
    with closing(Bot(connect(url), clock)) as bot:
        yield bot


def restored(bot: Bot, folder: Path) -> Bot:
    made = back_up(bot.state.kw["bind"], folder / "backups", bot.clock)
    url = f"sqlite:///{folder / 'restored.sqlite3'}"
    assert restore(made.path, url, upgrade) == made
    return Bot(connect(url), bot.clock)


def test_what_was_sent_is_not_sent_again_and_what_waits_goes_out_once(bot: Bot, tmp_path: Path) -> None:
    bot.put("sent", 1, timedelta(days=4))
    assert bot.send() == ["sent"]
    bot.put("waits", 2, timedelta(days=4))
    bot.put("too old by then", 3, timedelta(hours=2))
    (claimed,) = (push for push in bot.outbox.claim("dead", 2, HELD_FOR) if push.key == "waits")
    with closing(restored(bot, tmp_path)) as after:
        # Who held a claim is gone; nobody renews it.
        assert after.send() == []
        bot.clock.forward(hours=3)
        assert after.send() == ["waits"]
        assert after.send() == []
        counts = after.outbox.counts()
        assert (counts.waiting, counts.delivered, counts.expired) == (0, 2, 1)
        for key in ("sent", "waits", "too old by then"):
            assert after.put(key, 9, timedelta(days=4)) is False
        assert not after.outbox.done(claimed)


def test_what_was_sent_after_the_backup_may_come_once_more(bot: Bot, tmp_path: Path) -> None:
    bot.put("waits", 1, timedelta(days=4))
    with closing(restored(bot, tmp_path)) as after:
        assert bot.send() == ["waits"]
        assert after.send() == ["waits"]
        assert after.send() == []


def test_people_digests_and_the_lease_go_on(bot: Bot, tmp_path: Path) -> None:
    Access(bot.state, bot.clock).enrol(1001, "Ada", "admin", "en")
    with bot.state.begin() as session:
        for name, due in (("daily", START + timedelta(hours=1)), ("paused", None)):
            session.add(
                SubscriptionRow(
                    chat_id=1001, user_id=name, language="en", definition={}, told=date(2026, 11, 19), next_at=due,
                    created_at=START,
                )
            )  # fmt: skip
    assert Lease(bot.state, "scheduler", "before", bot.clock, timedelta(seconds=60)).take()
    with closing(restored(bot, tmp_path)) as after:
        member = Access(after.state, bot.clock).member(1001)
        assert member is not None
        assert (member.name, member.role) == ("Ada", "admin")
        assert after.subscriptions.due(bot.clock(), 10) == ()
        bot.clock.forward(hours=1)
        (due,) = after.subscriptions.due(bot.clock(), 10)
        assert (due.user_id, due.told) == ("daily", date(2026, 11, 19))
        assert Lease(after.state, "scheduler", "after", bot.clock, timedelta(seconds=60)).take()
