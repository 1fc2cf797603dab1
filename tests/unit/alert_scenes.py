"""A shop whose sales go wrong on days that a test names, monitors that watch it, and whoever is told."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from bot.pages import Pages
from bot.settings import Settings
from jobs.alerts.checking import check, content_of, tick
from jobs.alerts.definition import Definition, StepGrain
from jobs.alerts.detection.rules import Threshold
from jobs.alerts.incidents.answers.asked import answered
from jobs.alerts.incidents.policy import Policy
from jobs.alerts.incidents.store import Incidents, Kept
from jobs.alerts.monitors import Monitor, Monitors
from jobs.catalog.incidents import IncidentsArgs
from jobs.outbox.outbox import Outbox
from jobs.outbox.record import OutboxRow
from jobs.recipients import Ground, Recipient
from tests.made_store import create_tables, write_settings
from tests.unit.outbox_scenes import Clock
from tools.answer import Answer
from tools.messages import Message
from tools.semantic.catalog import Catalog
from tools.tool import Chat, Context, User
from tools.warehouse.connection import Warehouse

FIRST, LAST = date(2026, 5, 1), date(2026, 10, 10)
COUNTRIES = {"Germany": 900.0, "France": 500.0, "Austria": 250.0}
WEEKDAYS = (1.0, 1.05, 1.1, 1.15, 1.3, 0.8, 0.7)
FRIDAY = date(2026, 9, 18)
SUBSCRIBER, TEAM, BO = 11, -100, 77
HERE = Chat(SUBSCRIBER)
SALES = Definition("net_sales", rule=Threshold(1000, "down"))
"""Days of the shop come to 1,150 and more."""
CATALOG = Catalog.load()

Changed = Mapping[tuple[date, str | None], float]
"""By how much a day's sales are multiplied, in a country or (None) in all."""


def make_store(path: Path, changed: Changed | None = None, until: date = LAST) -> Warehouse:
    draws = random.Random(3)
    rows = []
    for number in range((LAST - FIRST).days + 1):
        day = FIRST + timedelta(days=number)
        for country, size in COUNTRIES.items():
            part = {hour: size * WEEKDAYS[day.weekday()] * draws.uniform(0.95, 1.05) / 3 for hour in (9, 14, 21)}
            factor = (changed or {}).get((day, country), (changed or {}).get((day, None), 1.0))
            if factor and day <= until:
                for hour, amount in part.items():
                    at = datetime(day.year, day.month, day.day, hour, 30)
                    rows.append(
                        (f"{day}{country}{hour}", f"c{number % 40}", at, "tea", country, round(amount * factor))
                    )
    frame = pd.DataFrame(rows, columns=["order_id", "customer_id", "sold_at", "product_id", "country", "quantity"])
    frame["kind"], frame["unit_price"], frame["discount"] = "sold", 1.0, 0.0
    frame["line_id"], frame["amount"] = frame["order_id"], frame["quantity"].astype(float)
    connection = duckdb.connect(str(path))
    create_tables(connection)
    write_settings(connection)
    names = ", ".join(frame.columns)
    connection.execute(f"INSERT INTO order_lines ({names}) SELECT {names} FROM frame")
    connection.execute("INSERT INTO products (product_id, name) VALUES ('tea', 'Tea')")
    connection.close()
    return Warehouse.at(path)


@dataclass
class Allowed:
    """Everybody is told what an analyst may know, but for those who were removed."""

    language: str = "en"
    removed: set[int] = field(default_factory=set)

    def recipient(
        self, chat_id: int, topic_id: int | None, user_id: str, *, language: str | None = None
    ) -> Recipient | None:
        if chat_id in self.removed:
            return None
        return Recipient(chat_id, topic_id, User(user_id, "analyst", language or self.language, f"user {user_id}"))


class Alerts:
    """The shop, its state database, and the days that pass. Each day is checked at nine of the next morning."""

    def __init__(
        self, state: sessionmaker[Session], clock: Clock, warehouse: Warehouse, policy: Policy | None = None
    ) -> None:
        self.state, self.clock, self.warehouse = state, clock, warehouse
        clock.time = datetime(2026, 9, 10, 9, tzinfo=UTC)
        self.people = Allowed()
        self.knowledge: Any = None
        self.ground = Ground(
            state=state,
            clock=clock,
            outbox=Outbox(state, clock),
            contexts=self.context,
            people=self.people,
            pages=Pages(Settings.model_construct(), clock),
            policy=policy or Policy(),
            on_call={"Bo": BO},
        )
        self.incidents = Incidents(state, clock)
        self.monitors = Monitors(state, clock)

    def context(self, user: User, chat: Chat | None = None) -> Context:
        return Context(
            self.warehouse,
            CATALOG,
            self.clock().date(),
            user,
            state=self.state,
            knowledge=self.knowledge,
            chat=chat,
            now=self.clock(),
        )

    def watch(self, definition: Definition = SALES, chat: Chat = HERE, language: str = "en") -> Monitor:
        user = User(str(SUBSCRIBER), "analyst", language)
        return self.monitors.add(definition, chat=chat, user=user, language=language).monitor

    def morning_after(self, day: date) -> str:
        """What the check of that day's figures says."""
        self.clock.time = datetime(day.year, day.month, day.day, 9, tzinfo=UTC) + timedelta(days=1)
        return self.check()

    def check(self, grain: StepGrain = "day") -> str:
        return check(self.ground, grain)

    def tick(self) -> str:
        return tick(self.ground)

    def days(self, first: date, last: date) -> None:
        for number in range((last - first).days + 1):
            self.morning_after(first + timedelta(days=number))

    def pushes(self) -> list[tuple[int, dict[str, Any]]]:
        """Chat and payload of all that was put, in order."""
        with self.state() as session:
            return [
                (row.chat_id, row.payload or {}) for row in session.scalars(select(OutboxRow).order_by(OutboxRow.id))
            ]

    def told(self) -> list[tuple[int, str]]:
        """Chat and kind of each message of its own."""
        return [(chat, payload["kind"]) for chat, payload in self.pushes() if "incident" in payload]

    def all(self) -> tuple[Kept, ...]:
        return self.incidents.listing("all")

    def only(self) -> Kept:
        (kept,) = self.incidents.listing("all")
        return kept

    def ask(self, chat: Chat | None = HERE, name: str = "Ann", **args: Any) -> Answer:
        user = User("5", "analyst", "en", name)
        return answered(self.context(user, chat), IncidentsArgs.model_validate(args))

    def content(self, payload: Mapping[str, Any], chat: int = SUBSCRIBER) -> Mapping[str, Any]:
        found = content_of(self.ground, payload, chat)
        assert found is not None
        return found


def words(*messages: Message) -> str:
    """What a reader of English sees."""
    from bot.rendering.voice import Voice

    return "\n".join(Voice("en").text(one) for one in messages)
