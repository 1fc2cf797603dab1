"""A team with subscribers: who may be told, how it is written, and what the outbox then holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from jobs.alerts.incidents.policy import Policy
from jobs.digests.clocks import local
from jobs.digests.definition import Definition
from jobs.digests.subscriptions import Subscription, Subscriptions
from jobs.digests.timing import Daily, Rhythm, Schedule
from jobs.digests.wanted import Wanted
from jobs.outbox.contents import Contents
from jobs.outbox.outbox import Outbox
from jobs.outbox.record import OutboxRow
from jobs.recipients import Ground, Recipient
from tests.unit.outbox_scenes import Clock, State
from tools.answer import Answer, ToolCall
from tools.tool import Context, User

BRIEF = Wanted(metrics=("conversion_rate",), sections=("freshness",))
"""What is composed quickly, and is no news by itself."""
NINE = time(9)


def digest(
    rhythm: Rhythm | None = None, at: time = NINE, timezone: str = "UTC", wanted: Wanted = BRIEF, **held: Any
) -> Definition:
    return Definition(Schedule(rhythm or Daily(), at, timezone, **held), wanted)


@dataclass
class Team:
    """Everybody may be told but those who are gone."""

    gone: set[int] = field(default_factory=set)
    asked: int = 0

    def recipient(
        self, chat_id: int, topic_id: int | None, user_id: str, *, language: str | None = None
    ) -> Recipient | None:
        self.asked += 1
        if chat_id in self.gone:
            return None
        return Recipient(chat_id, topic_id, User(user_id, "analyst", language or "en", timezone="UTC"))


class BrokenPress(Exception):
    """Writing failed."""


@dataclass
class Press:
    """Notes what it writes; in `broken` languages it fails."""

    written_for: list[tuple[str, ToolCall, Answer]] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)

    def written(self, call: ToolCall, answer: Answer, to: Recipient) -> Mapping[str, Any]:
        if to.user.language in self.broken:
            raise BrokenPress(to.user.language)
        self.written_for.append((to.user.language, call, answer))
        return {"parts": [{"text": f"{to.user.language}: {answer.headline}"}], "buttons": []}

    @property
    def told(self) -> list[tuple[str, str]]:
        """The first and the last day of each digest that was written."""
        periods = (call.args["period"] for _, call, _ in self.written_for)
        return [(period["start"], period["end"]) for period in periods]


@dataclass
class Scene:
    """What chores stand on, and what came of it."""

    state: State
    clock: Clock
    context: Context
    team: Team = field(default_factory=Team)
    press: Press = field(default_factory=Press)
    as_of: date | None = None
    store_zone: str = "UTC"

    @property
    def ground(self) -> Ground:
        outbox = Outbox(self.state, self.clock)
        return Ground(self.state, self.clock, outbox, self.known, self.team, self.press, Policy(), {})

    @property
    def subscriptions(self) -> Subscriptions:
        return Subscriptions(self.state, self.clock)

    def known(self, user: User) -> Context:
        today = self.as_of or local(self.clock(), ZoneInfo(self.store_zone)).date()
        return replace(self.context, user=user, today=today, now=self.clock())

    def subscribe(self, definition: Definition, chat: int = 5, language: str = "en") -> int:
        return self.subscriptions.add(chat, None, str(chat), language, definition)[0].id

    def one(self, number: int) -> Subscription:
        found = self.subscriptions.get(number)
        assert found is not None
        return found

    def rows(self) -> list[OutboxRow]:
        with self.state() as session:
            return list(session.scalars(select(OutboxRow).order_by(OutboxRow.id)))

    def keys(self, number: int) -> list[str]:
        """The periods that a subscription was told of, in order."""
        prefix = f"digest:{number}:"
        return [row.key.removeprefix(prefix) for row in self.rows() if row.key.startswith(prefix)]

    def text(self, row: OutboxRow) -> str:
        assert row.payload is not None
        content = Contents(self.state, self.clock).get(row.payload["content"])
        assert content is not None
        return str(content["parts"][0]["text"])

    def stands(self, moment: datetime) -> None:
        self.clock.time = moment
