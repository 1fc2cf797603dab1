"""The promotions and holidays of the imported table `calendar`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.calendar.events import PHASES, Event, Kind, Phase
from tools.calendar.names import label_of, plain
from tools.calendar.occasions import occasion_of

if TYPE_CHECKING:
    from datetime import date

    from tools.calendar.store_countries import StoreCountries
    from tools.warehouse.connection import Warehouse

MOST_ROWS = 20_000
_PHASES: dict[str, Phase] = {
    **{phase: phase for phase in PHASES},
    **{label.zh: phase for phase, label in PHASES.items()},
    "warmup": "warm-up",
    "warm up": "warm-up",
    "蓄水": "warm-up",
    "预售": "warm-up",
    "返场": "extension",
}


@dataclass(frozen=True)
class _Row:
    event_id: str
    name: str
    kind: str | None
    starts_on: date
    ends_on: date
    country: str | None
    phase: str | None


def imported_events(warehouse: Warehouse, countries: StoreCountries) -> tuple[Event, ...]:
    """The events of the table (the last `MOST_ROWS`); rows that end before they start are left out."""

    def read() -> tuple[Event, ...]:
        return tuple(_event(row, countries) for row in _rows(warehouse))

    return warehouse.remembered(("imported calendar", countries.context.today), read)


def _rows(warehouse: Warehouse) -> list[_Row]:
    if not warehouse.has("calendar"):
        return []
    table = warehouse.table("calendar")
    columns = ("event_id", "name", "kind", "starts_on", "ends_on", "country", "phase")
    whole = table.filter(table.name.notnull() & table.starts_on.notnull() & (table.ends_on >= table.starts_on))
    newest = whole.select(*columns).order_by(whole.starts_on.desc(), whole.event_id).limit(MOST_ROWS)
    return [_Row(*row) for row in warehouse.fetch(newest)[0]]


def _event(row: _Row, countries: StoreCountries) -> Event:
    name = plain(row.name)
    return Event(
        id=row.event_id,
        occasion=occasion_of(name),
        label=label_of(name),
        kind=_kind(row.kind),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        # The store's own spelling, where it sells there.
        country=None if not row.country else (countries.value_of(row.country) or plain(row.country)),
        phase=_PHASES.get((row.phase or "").strip().casefold()),
        source="imported",
    )


def _kind(written: str | None) -> Kind:
    folded = (written or "").casefold()
    return "holiday" if any(word in folded for word in ("holiday", "假", "节日")) else "promotion"
