"""The composition root: every long-lived part is made here, from the settings, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bot.settings import Settings
from tools.tool import User
from tools.warehouse.connection import Warehouse

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from bot.contexts import Contexts
    from bot.health import Vitals
    from bot.reviews.record import Reviews
    from bot.telegram.access import Access
    from bot.telegram.application import TelegramApplication
    from bot.telegram.audit import AuditLog
    from bot.understanding.assistant import MarketAssistant
    from bot.understanding.dialogue_record import Dialogues
    from bot.understanding.hosted.budget import Budget
    from bot.understanding.hosted.model import HostedModel
    from bot.understanding.hosted.routing import Hosted
    from bot.understanding.memory import Memory
    from bot.understanding.taught.teaching import Teaching
    from bot.understanding.worlds import Worlds
    from bot.understanding.writing import Writer
    from bot.upkeep import Upkeep
    from jobs.alerts.incidents.policy import Policy
    from jobs.chore import Chore
    from jobs.recipients import Ground
    from knowledge.library import Library
    from tools.registry import Registry
    from tools.semantic.catalog import Catalog
    from tools.workers import Workers

MEGABYTE = 1024**2
SYSTEM = User("system", "admin")
"""Who does what nobody in particular asked for."""


class Parts:
    """The product's parts, each made when first asked for, so that a cold start loads only what it uses.

    `lasting`: whether dialogues outlast this process.
    """

    def __init__(self, settings: Settings, *, lasting: bool = True) -> None:
        self.settings = settings
        self.lasting = lasting

    @cached_property
    def warehouse(self) -> Warehouse:
        return Warehouse(self.settings.resolved_warehouse_url)

    @cached_property
    def catalog(self) -> Catalog:
        from tools.semantic.catalog import Catalog

        return Catalog.load()

    @cached_property
    def registry(self) -> Registry:
        from tools.registry import discover

        return discover()

    @cached_property
    def state(self) -> sessionmaker[Session]:
        """Sessions on the state database, brought to the newest schema."""
        from bot.migrations import upgrade
        from tools.state import connect

        self.settings.home.mkdir(parents=True, exist_ok=True)
        upgrade(self.settings.resolved_state_url)
        return connect(self.settings.resolved_state_url)

    @cached_property
    def workers(self) -> Workers:
        """Processes for fitting models; they start with the first model and end with this one."""
        from tools.workers import Workers

        return Workers()

    @cached_property
    def library(self) -> Library:
        """The documents; nothing is opened before the first question to them."""
        from knowledge.library import Library
        from knowledge.loaders.limits import Limits

        settings = self.settings
        return Library(
            settings.index_path,
            model=settings.embedding_model,
            chroma_url=settings.chroma_url,
            limits=Limits(
                bytes=int(settings.document_mb * MEGABYTE),
                pages=settings.document_pages,
                seconds=settings.document_seconds,
                memory_bytes=settings.document_memory_mb * MEGABYTE,
            ),
            clock=now,
        )

    @cached_property
    def model_budget(self) -> Budget:
        """What users may use of the language model in a day."""
        from bot.understanding.hosted.budget import Budget, Limits

        settings = self.settings
        limits = Limits(
            tokens=settings.model_daily_tokens,
            cost=settings.model_daily_cost,
            price_in=settings.model_price_in,
            price_out=settings.model_price_out,
        )
        return Budget(self._session, self.today, limits)

    @cached_property
    def language_model(self) -> HostedModel | None:
        """The language model, which is made for the first question to it; None without one."""
        settings = self.settings
        if not settings.model:
            return None
        from bot.understanding.chat_model import chat_model
        from bot.understanding.hosted.model import HostedModel

        key = settings.model_key.get_secret_value() if settings.model_key else ""
        return HostedModel(
            lambda: chat_model(settings.model, url=settings.model_url, key=key, timeout_s=settings.model_timeout_s),
            timeout_s=settings.model_timeout_s,
            budget=self.model_budget,
        )

    @cached_property
    def writer(self) -> Writer | None:
        """Words answers from documents; None without a language model."""
        if self.language_model is None:
            return None
        from bot.understanding.writing import Writer

        return Writer(self.language_model, reads=self.settings.model_reads)

    @cached_property
    def hosted(self) -> Hosted | None:
        """The language model where it may plan; None without one, or where it may only word what documents say."""
        settings = self.settings
        if self.language_model is None or settings.model_plans == "never":
            return None
        from bot.understanding.hosted.routing import Hosted
        from bot.understanding.turns import Shows

        shows = Shows(rows=settings.model_rows, personal=settings.model_personal)
        return Hosted(self.language_model, settings.model_plans, shows)

    @cached_property
    def audit_log(self) -> AuditLog:
        from bot.telegram.audit import AuditLog

        return AuditLog(self.state, now)

    @cached_property
    def contexts(self) -> Contexts:
        """What tools stand on."""
        from bot.contexts import Contexts

        return Contexts(
            self.warehouse,
            self.catalog,
            clock=self.today,
            as_of=self.settings.as_of,
            state=self._session,
            workers=self.workers,
            library=self.library,
        )

    @cached_property
    def dialogues(self) -> Dialogues:
        """What dialogues remember over a restart."""
        from bot.understanding.dialogue_record import Dialogues

        return Dialogues(self._session, now)

    @cached_property
    def memory(self) -> Memory:
        """What dialogues remember."""
        from bot.understanding.memory import LastingMemory, ShortMemory

        return LastingMemory(self.dialogues) if self.lasting else ShortMemory()

    @cached_property
    def worlds(self) -> Worlds:
        """What the reading of questions leans on."""
        from bot.understanding.worlds import Worlds

        return Worlds(self.contexts, self.registry)

    @cached_property
    def teaching(self) -> Teaching:
        """The team's own words."""
        from bot.understanding.taught.teaching import Teaching

        return Teaching(self.contexts, self.worlds, self._session, now)

    @cached_property
    def reviews(self) -> Reviews:
        """Answers that were called wrong."""
        from bot.reviews.record import Reviews

        return Reviews(self._session, now)

    @cached_property
    def assistant(self) -> MarketAssistant:
        from bot.understanding.assistant import MarketAssistant

        return MarketAssistant(
            self.contexts,
            self.registry,
            audit=self._audit,
            default_language=self.settings.language,
            deadline_s=self.settings.question_deadline_s,
            writer=self.writer,
            hosted=self.hosted,
            memory=self.memory,
            worlds=self.worlds,
        )

    @cached_property
    def access(self) -> Access:
        """The allow-list."""
        from bot.telegram.access import Access

        return Access(self.state, now)

    @cached_property
    def policy(self) -> Policy:
        """How incidents are handled."""
        from bot.on_call import policy_of

        return policy_of(self.settings)

    @cached_property
    def ground(self) -> Ground:
        """What everything unasked stands on."""
        from bot.on_call import read_people
        from bot.pages import Pages
        from bot.telegram.people import People
        from jobs.outbox.outbox import Outbox
        from jobs.recipients import Ground

        return Ground(
            state=self.state,
            clock=now,
            outbox=Outbox(self.state, now),
            contexts=self.contexts.of,
            people=People(self.access, self.settings),
            pages=Pages(self.settings, now),
            policy=self.policy,
            on_call=read_people(self.settings.on_call),
        )

    @cached_property
    def chores(self) -> Sequence[Chore]:
        """What is done by the clock."""
        from bot.upkeep import timetable
        from jobs.chores import chores

        return chores(self.ground, timetable(self.settings), lambda: self.contexts.of(SYSTEM))

    @cached_property
    def vitals(self) -> Vitals:
        """Tells how the product is."""
        from bot.health import Vitals

        return Vitals(
            warehouse=self.warehouse, state=self.state, clock=now, today=self.contexts.today, chores=self.chores
        )

    @cached_property
    def upkeep(self) -> Upkeep:
        """The chores at work in this process, and its health."""
        from bot.health import SCHEDULER, Tally
        from bot.upkeep import HELD_FOR, LOOK_EVERY_S, Upkeep
        from jobs.lease import Lease
        from jobs.maintenance.runs import Runs
        from jobs.process import process_name
        from jobs.scheduler import Scheduler

        scheduler = Scheduler(
            self.chores,
            engine=self.state.kw["bind"],
            lease=Lease(self.state, SCHEDULER, process_name(), now, HELD_FOR),
            runs=Runs(self.state, now),
            look_every_s=LOOK_EVERY_S,
        )
        return Upkeep(scheduler, self.vitals, Tally(now()))

    def application(
        self, *, settings: Settings | None = None, api_url: str | None = None, token: str | None = None
    ) -> TelegramApplication:
        """The Telegram side with all the parts, not yet initialized; what is given overrides the settings."""
        from bot.telegram.application import build_application

        return build_application(
            settings or self.settings,
            self.assistant,
            self.state,
            now,
            tools=self.registry.tools,
            library=self.library,
            dialogues=self.dialogues,
            teaching=self.teaching,
            ground=self.ground,
            upkeep=self.upkeep,
            api_url=api_url,
            token=token,
        )

    def _session(self) -> Session:
        """A session on the state database, which the first question that needs one opens, and none before."""
        return self.state()

    def today(self) -> date:
        """The calendar day in the team's timezone."""
        return datetime.now(ZoneInfo(self.settings.timezone)).date()

    def _audit(self, user: User, action: str, details: Mapping[str, Any]) -> None:
        # The state database is opened by the first look that must be written down, not before.
        self.audit_log.looked(user, action, details)


def now() -> datetime:
    """The time, aware, in UTC: the one clock that the product's parts are given."""
    return datetime.now(UTC)
