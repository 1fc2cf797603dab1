"""Saved segments: a rule under a name, used in later questions and filters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter
from sqlalchemy import JSON, Date, String, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from tools.customers.rules import Rule
from tools.customers.segments.names import LONGEST_NAME, clean_name, key_of
from tools.customers.segments.periods import moved_along
from tools.errors import InvalidArgument
from tools.messages import say
from tools.nearest import nearest
from tools.state import Base, UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from tools.tool import Context

MOST_SAVED = 500
_RULE: TypeAdapter[Rule] = TypeAdapter(Rule)


def _now() -> datetime:
    return datetime.now(UTC)


class SavedSegmentRow(Base):
    """`key` is the name without case, by which it is found."""

    __tablename__ = "saved_segments"

    key: Mapped[str] = mapped_column(String(160), primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    rule: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_on: Mapped[date] = mapped_column(Date)
    saved_by: Mapped[str] = mapped_column(String(64))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime, default=_now, onupdate=_now)


@dataclass(frozen=True)
class SavedSegment:
    """A rule under a name. `key` is the name without case; `saved_at` is aware.

    `made_on` is the day from which the rule's periods look back: those that end on it move along with today.
    """

    key: str
    name: str
    rule: Rule
    made_on: date
    saved_by: str
    saved_at: datetime

    def rule_on(self, today: date) -> Rule:
        """The rule as it reads on a day."""
        return moved_along(self.rule, self.made_on, today)


@dataclass(frozen=True)
class SavedSegments:
    """The team's saved segments, in the state database."""

    state: Callable[[], Session]

    @classmethod
    def of(cls, context: Context) -> SavedSegments:
        """Raises InvalidArgument where nothing can be saved: the context has no state."""
        if context.state is None:
            raise InvalidArgument(say("Segments cannot be saved here: there is no state database."))
        return cls(context.state)

    def save(self, name: str, rule: Rule, *, made_on: date, by: str) -> bool:
        """Saves the rule as it reads on `made_on`; whether one of the same name was replaced.

        Raises InvalidArgument for a name that is no name, and when there are too many.
        """
        shown = clean_name(name)
        with self.state() as session, session.begin():
            row = session.get(SavedSegmentRow, key_of(shown))
            if row is None and session.scalar(select(func.count()).select_from(SavedSegmentRow)) == MOST_SAVED:
                raise InvalidArgument(
                    say("There are {most} saved segments already; forget one first.", most=MOST_SAVED)
                )
            session.merge(
                SavedSegmentRow(
                    key=key_of(shown),
                    name=shown,
                    rule=_RULE.dump_python(rule, mode="json"),
                    made_on=made_on,
                    saved_by=by,
                )
            )
        return row is not None

    def get(self, name: str) -> SavedSegment:
        """Raises InvalidArgument, naming the nearest, where there is none of this name."""
        with self.state() as session:
            row = session.get(SavedSegmentRow, key_of(name))
        if row is None:
            raise self._unknown(name)
        return _segment(row)

    def all(self) -> tuple[SavedSegment, ...]:
        """By name."""
        with self.state() as session:
            rows = session.scalars(select(SavedSegmentRow).order_by(SavedSegmentRow.key)).all()
        return tuple(_segment(row) for row in rows)

    def forget(self, name: str) -> SavedSegment:
        """Deletes the segment and gives what it was. Raises InvalidArgument where there is none of this name."""
        segment = self.get(name)
        with self.state() as session, session.begin():
            session.execute(delete(SavedSegmentRow).where(SavedSegmentRow.key == segment.key))
        return segment

    def _unknown(self, name: str) -> InvalidArgument:
        with self.state() as session:
            names = session.scalars(select(SavedSegmentRow.name).order_by(SavedSegmentRow.key)).all()
        if not names:
            return InvalidArgument(say("There is no saved segment “{name}”; none has been saved yet.", name=name))
        choices = tuple(nearest(name, names)) or tuple(names[:3])
        return InvalidArgument(
            say("There is no saved segment “{name}”. Nearest: {choices}.", name=name, choices=choices)
        )


def _segment(row: SavedSegmentRow) -> SavedSegment:
    return SavedSegment(row.key, row.name, _RULE.validate_python(row.rule), row.made_on, row.saved_by, row.saved_at)
