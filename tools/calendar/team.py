"""The team's own promotions and holidays, in the state database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Date, String, UniqueConstraint, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from tools.calendar.events import PHASES, Event, Kind, Phase
from tools.calendar.names import LONGEST_NAME, label_of
from tools.calendar.occasions import name_key, occasion_of
from tools.semantic.periods import Period
from tools.state import Base, UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.orm import Session

LONGEST_STORE = 200
LONGEST_KEY = 160  # of names whose letters fold to several
MOST_EVENTS = 2000


def _now() -> datetime:
    return datetime.now(UTC)


class PromotionRow(Base):
    """One stretch of days of an event. `key` is the name without year and case; `country` is empty for everywhere."""

    __tablename__ = "promotions"
    __table_args__ = (UniqueConstraint("store", "key", "country", "starts_on", "ends_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    store: Mapped[str] = mapped_column(String(LONGEST_STORE), index=True)
    key: Mapped[str] = mapped_column(String(LONGEST_KEY))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    kind: Mapped[str] = mapped_column(String(16))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    country: Mapped[str] = mapped_column(String(LONGEST_STORE))
    phase: Mapped[str | None] = mapped_column(String(16))
    added_by: Mapped[str] = mapped_column(String(64))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime, default=_now)


@dataclass(frozen=True)
class TeamEvent:
    """A stretch of days that the team wrote down; `row` is its number in the state database."""

    row: int
    name: str
    kind: Kind
    period: Period
    country: str | None
    phase: Phase | None

    @property
    def event(self) -> Event:
        return Event(
            id=f"team-{self.row}",
            occasion=occasion_of(self.name),
            label=label_of(self.name),
            kind=self.kind,
            starts_on=self.period.start,
            ends_on=self.period.end,
            country=self.country,
            phase=self.phase,
            source="team",
        )


@dataclass(frozen=True)
class TeamEvents:
    """A store's own events; read from the database each time, so that one just added takes part at once."""

    state: Callable[[], Session]
    store: str

    def all(self) -> tuple[TeamEvent, ...]:
        """In order of time."""
        with self.state() as session:
            rows = session.scalars(
                select(PromotionRow)
                .where(PromotionRow.store == self.store[:LONGEST_STORE])
                .order_by(PromotionRow.starts_on, PromotionRow.ends_on, PromotionRow.id)
            ).all()
        return tuple(_read(row) for row in rows)

    def add(
        self, name: str, period: Period, *, kind: Kind, country: str | None, phase: Phase | None, by: str
    ) -> TeamEvent | None:
        """The event as it is kept; None where it is there already, or there are `MOST_EVENTS`."""
        row = PromotionRow(
            store=self.store[:LONGEST_STORE],
            key=name_key(name)[:LONGEST_KEY],
            name=name,
            kind=kind,
            starts_on=period.start,
            ends_on=period.end,
            country=country or "",
            phase=phase,
            added_by=by,
        )
        try:
            with self.state() as session, session.begin():
                count = select(func.count()).select_from(PromotionRow).where(PromotionRow.store == row.store)
                if (session.scalar(count) or 0) >= MOST_EVENTS:
                    return None
                session.add(row)
        except IntegrityError:
            return None
        return _read(row)

    def remove(self, rows: Sequence[int]) -> int:
        """Deletes events by their numbers; how many were there."""
        with self.state() as session, session.begin():
            found = session.scalars(
                delete(PromotionRow)
                .where(PromotionRow.store == self.store[:LONGEST_STORE], PromotionRow.id.in_(rows))
                .returning(PromotionRow.id)
            ).all()
        return len(found)


def _read(row: PromotionRow) -> TeamEvent:
    return TeamEvent(
        row=row.id,
        name=row.name,
        kind="holiday" if row.kind == "holiday" else "promotion",
        period=Period(row.starts_on, row.ends_on),
        country=row.country or None,
        phase=next((known for known in PHASES if known == row.phase), None),
    )
