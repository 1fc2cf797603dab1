"""What the reading of a question may lean on: words and values of the store, saved segments, the playbooks."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.understanding import values
from bot.understanding.lexicon import base_lexicon
from bot.understanding.reading.draft import World
from bot.understanding.taught.entries import vocabulary
from bot.understanding.taught.record import TaughtWords
from tools.customers.segments.saved import SavedSegments
from tools.playbooks.access import readable_by
from tools.semantic.answers.checks import empty_columns

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from bot.contexts import Contexts
    from bot.understanding.taught.record import Version
    from knowledge.library import Library
    from tools.registry import Registry
    from tools.tool import User

log = structlog.get_logger(__name__)
T = TypeVar("T")


class Worlds:
    """Makes the world of a question; thread-safe. The store's values are read once for each version of its data."""

    def __init__(self, contexts: Contexts, registry: Registry) -> None:
        self._contexts = contexts
        self._registry = registry
        self._lock = threading.Lock()
        self._index: tuple[str, values.ValueIndex] | None = None
        self._empty: tuple[str, frozenset[str]] | None = None
        self._taught: tuple[tuple[str, Version], values.ValueIndex] | None = None

    def of(self, user: User, today: date) -> World:
        warehouse = self._contexts.warehouse
        return World(
            catalog=self._contexts.catalog,
            index=self._with_taught(),
            tables=warehouse.tables(),
            currency=warehouse.settings().currency,
            today=today,
            first_day=self._contexts.span()[0],
            tools=frozenset(tool.name for tool in self._registry.tools),
            empty=self._empty_columns(),
            saved=self._saved(),
            has_playbooks=self._has_playbooks(user),
            likely=lambda text: self._likely(text, user),
            acts=self._registry.acts,
        )

    def _empty_columns(self) -> frozenset[str]:
        """Columns that hold nothing, counted once for each version of the data."""
        warehouse = self._contexts.warehouse
        version = warehouse.settings().version
        with self._lock:
            if self._empty is None or self._empty[0] != version:
                self._empty = version, empty_columns(self._contexts.catalog, warehouse)
            return self._empty[1]

    def _values(self) -> tuple[str, values.ValueIndex]:
        """The store's values and the version of its data; called under the lock."""
        warehouse, catalog = self._contexts.warehouse, self._contexts.catalog
        version = warehouse.settings().version
        if self._index is None or self._index[0] != version:
            lexicon = base_lexicon(catalog, self._registry.tools)
            self._index = version, values.build(lexicon, catalog, warehouse)
        return self._index

    def _with_taught(self) -> values.ValueIndex:
        """The store's values with the team's own words. A word that is taught or revoked leaves the values as they are.

        Another process may teach at any time: the words' version is asked for with each question. Where they cannot be
        read, those that were read last count.
        """
        told = self._of_taught(lambda words: words.version())
        with self._lock:
            version, index = self._values()
            known = self._taught
        if known is not None and known[0][0] == version and told in (None, known[0][1]):
            return known[1]
        words = self._of_taught(lambda words: words.all()) if told is not None else None
        if told is None or words is None:
            return index
        made = replace(index, taught=vocabulary(words, index, self._contexts.catalog))
        with self._lock:
            self._taught = (version, told), made
        return made

    def _of_taught(self, ask: Callable[[TaughtWords], T]) -> T | None:
        """What the taught words say; None where there is no state, or it cannot be read."""
        if self._contexts.state is None:
            return None
        try:
            return ask(TaughtWords(self._contexts.state))
        except SQLAlchemyError as error:
            log.warning("taught_words_not_read", error=type(error).__name__)
            return None

    def _saved(self) -> tuple[str, ...]:
        """Names of the saved segments; none where nothing can be saved."""
        if self._contexts.state is None:
            return ()
        try:
            return tuple(segment.name for segment in SavedSegments(self._contexts.state).all())
        except SQLAlchemyError as error:
            # Figures need no state: a question that names no segment is answered all the same.
            log.warning("saved_segments_not_read", error=type(error).__name__)
            return ()

    def _has_playbooks(self, user: User) -> bool:
        """Whether there are documents to ask. Broken ones are there: asked, the tool says that they cannot be read."""
        if self._contexts.library is None:
            return False
        return self._of_library(lambda library: bool(library.documents(readable_by(user.role))), default=True)

    def _likely(self, text: str, user: User) -> float:
        """How probable it is that a page which the user may read answers."""
        return self._of_library(lambda library: library.likely(text, readable=readable_by(user.role)), default=0.0)

    def _of_library(self, ask: Callable[[Library], T], default: T) -> T:
        """What the library says; a broken one is logged, and figures are answered all the same."""
        if self._contexts.library is None:
            return default
        try:
            return ask(self._contexts.library)
        except Exception:  # whatever broke, no figure needs documents
            log.exception("library not read")
            return default
