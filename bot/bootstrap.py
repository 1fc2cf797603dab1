"""The composition root: every long-lived part is made here, from the settings, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bot.settings import Settings
from tools.tool import User
from tools.warehouse.connection import Warehouse

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from bot.telegram.audit import AuditLog
    from bot.understanding.assistant import MarketAssistant
    from bot.understanding.writing import Writer
    from knowledge.library import Library
    from tools.registry import Registry
    from tools.semantic.catalog import Catalog
    from tools.workers import Workers

MEGABYTE = 1024**2


class Parts:
    """The product's parts, each made when first asked for, so that a cold start loads only what it uses."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

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
    def writer(self) -> Writer | None:
        """Words answers by a language model, which is made for the first of them; None without one."""
        settings = self.settings
        if not settings.model:
            return None
        from bot.understanding.chat_model import chat_model
        from bot.understanding.writing import Writer

        key = settings.model_key.get_secret_value() if settings.model_key else ""
        return Writer(
            lambda: chat_model(settings.model, url=settings.model_url, key=key, timeout_s=settings.model_timeout_s),
            timeout_s=settings.model_timeout_s,
            reads=settings.model_reads,
        )

    @cached_property
    def audit_log(self) -> AuditLog:
        from bot.telegram.audit import AuditLog

        return AuditLog(self.state, now)

    @cached_property
    def assistant(self) -> MarketAssistant:
        from bot.understanding.assistant import MarketAssistant

        return MarketAssistant(
            self.warehouse,
            self.catalog,
            self.registry,
            clock=self.today,
            audit=self._audit,
            as_of=self.settings.as_of,
            default_language=self.settings.language,
            deadline_s=self.settings.question_deadline_s,
            state=self._session,
            workers=self.workers,
            library=self.library,
            writer=self.writer,
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
