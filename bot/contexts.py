"""What tools stand on, for whoever asks: the store, its state, the documents, and the day that counts as today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from tools.tool import Context, User

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from knowledge.library import Library
    from tools.semantic.catalog import Catalog
    from tools.warehouse.connection import Warehouse
    from tools.workers import Workers


@dataclass(frozen=True)
class Contexts:
    """`as_of` is "today" (of `clock`), "latest" (the data's last day) or a day.

    Without `state` nothing can be saved.
    """

    warehouse: Warehouse
    catalog: Catalog
    clock: Callable[[], date]
    as_of: Literal["today", "latest"] | date = "today"
    state: Callable[[], Session] | None = None
    workers: Workers | None = None
    library: Library | None = None

    def today(self) -> date:
        """The as-of date: what counts as today where a question brings no day of its own."""
        if self.as_of == "today":
            return self.clock()
        if self.as_of == "latest":
            return self.span()[1] or self.clock()
        return self.as_of

    def span(self) -> tuple[date | None, date | None]:
        """The first and the last day of the store's data."""
        raw = self.warehouse.raw_settings()
        first, last = raw.get("first_day"), raw.get("last_day")
        return (date.fromisoformat(first) if first else None, date.fromisoformat(last) if last else None)

    def of(self, user: User, today: date | None = None) -> Context:
        """What a tool that runs for this user may know; `today` None: the as-of date."""
        return Context(
            warehouse=self.warehouse,
            catalog=self.catalog,
            today=today or self.today(),
            user=user,
            state=self.state,
            workers=self.workers,
            knowledge=self.library,
        )
