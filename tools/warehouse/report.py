"""What an import did, as it is printed, stored in the warehouse (table `import_reports`) and asked for later."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from tools.answer import Cell, Column, Table
from tools.messages import Label, Message, Quantity, say
from tools.warehouse.profile import Profile

REPORTS_TABLE = "import_reports"
SET_ASIDE_TABLE = "set_aside"


@dataclass(frozen=True)
class FileRows:
    name: str
    rows: int


@dataclass(frozen=True)
class SourceReport:
    """rows_read = duplicates + set_aside + loaded: every row is in exactly one of them."""

    name: str
    files: tuple[FileRows, ...]
    rows_read: int
    duplicates: int
    set_aside: int

    @property
    def loaded(self) -> int:
        return self.rows_read - self.duplicates - self.set_aside

    @property
    def distinct(self) -> int:
        return self.rows_read - self.duplicates


@dataclass(frozen=True)
class ReasonRows:
    """Rows set aside for a reason. `rule` is false where the import itself found the row unreadable.

    `table` is empty where the rule stands on the source.
    """

    source: str
    table: str
    reason: Label
    rows: int
    rule: bool


@dataclass(frozen=True)
class TableRows:
    name: str
    rows: int


@dataclass(frozen=True)
class ImportReport:
    """`unchanged`: the store already held exactly this; nothing was written. `version` is the store's."""

    store: str
    mapping: str
    version: str
    imported_at: datetime
    sources: tuple[SourceReport, ...]
    reasons: tuple[ReasonRows, ...]
    tables: tuple[TableRows, ...]
    profile: Profile
    unchanged: bool = False

    @property
    def rows_read(self) -> int:
        return sum(source.rows_read for source in self.sources)

    @property
    def duplicates(self) -> int:
        return sum(source.duplicates for source in self.sources)

    @property
    def set_aside(self) -> int:
        return sum(source.set_aside for source in self.sources)

    @property
    def rows_loaded(self) -> int:
        return sum(source.loaded for source in self.sources)

    def as_unchanged(self) -> ImportReport:
        return replace(self, unchanged=True)

    def to_json(self) -> str:
        return _ADAPTER.dump_json(self).decode()

    @classmethod
    def from_json(cls, text: str) -> ImportReport:
        return _ADAPTER.validate_json(text)

    def messages(self) -> tuple[Message, ...]:
        """The report in a few sentences."""
        found = [
            say("Nothing has changed: “{store}” already holds exactly this.", store=self.store)
            if self.unchanged
            else say("“{store}” is imported.", store=self.store),
            say(
                "{read} rows read: {loaded} loaded, {duplicates} duplicates, {set_aside} set aside.",
                read=Quantity(self.rows_read),
                loaded=Quantity(self.rows_loaded),
                duplicates=Quantity(self.duplicates),
                set_aside=Quantity(self.set_aside),
            ),
        ]
        if self.profile.first is not None and self.profile.last is not None:
            found.append(say("Sales from {first} to {last}.", first=self.profile.first, last=self.profile.last))
        if self.profile.closed_weekdays:
            found.append(say("No sales on: {weekdays}.", weekdays=weekdays(self.profile.closed_weekdays)))
        if self.profile.gaps:
            longest = max(self.profile.gaps, key=lambda gap: gap.days)
            found.append(
                say(
                    "{count} other gaps, {days} days in all; the longest from {start} to {end}.",
                    count=Quantity(len(self.profile.gaps)),
                    days=Quantity(sum(gap.days for gap in self.profile.gaps)),
                    start=longest.start,
                    end=longest.end,
                )
            )
        found += [
            say(
                "{rows} rows of {table} name a {other} that is not in {parent}.",
                rows=Quantity(orphans.rows),
                table=orphans.table,
                other=orphans.column,
                parent=orphans.parent,
            )
            for orphans in self.profile.orphans
        ]
        return tuple(found)

    def as_tables(self) -> tuple[tuple[Message, Table], ...]:
        """The report's tables, each with its title: sources, what was set aside, rows, columns."""
        return (
            (say("Sources"), self.sources_table()),
            (say("Set aside"), reasons_table(self.reasons, "en")),
            (say("Tables"), _table((_text("table", say("Table")), _count("rows", say("Rows"))),
                                   [(t.name, t.rows) for t in self.tables])),
            (say("Columns"), self.profile.columns_table()),
        )  # fmt: skip

    def sources_table(self) -> Table:
        return _table(
            (
                _text("source", say("Source")),
                _count("rows_read", say("Rows read")),
                _count("duplicates", say("Duplicates")),
                _count("set_aside", say("Set aside")),
                _count("loaded", say("Loaded")),
            ),
            [(s.name, s.rows_read, s.duplicates, s.set_aside, s.loaded) for s in self.sources],
        )


def reasons_table(reasons: tuple[ReasonRows, ...], language: str) -> Table:
    """Rows set aside by reason, most first."""
    return _table(
        (
            _text("reason", say("Reason")),
            _text("source", say("Source")),
            _text("table", say("Table")),
            _count("rows", say("Rows")),
        ),
        [
            (one.reason.in_language(language), one.source, one.table or None, one.rows)
            for one in sorted(reasons, key=lambda one: (-one.rows, one.source, one.reason.en))
        ],
    )


def weekdays(numbers: tuple[int, ...]) -> tuple[Message, ...]:
    """Names of weekdays, Monday is 0."""
    names = (
        say("Mondays"), say("Tuesdays"), say("Wednesdays"), say("Thursdays"), say("Fridays"), say("Saturdays"),
        say("Sundays"),
    )  # fmt: skip
    return tuple(names[number] for number in numbers)


@dataclass(frozen=True)
class StoredReport:
    """A report in the store, the digest of what was imported, and the tables that import filled."""

    digest: str
    tables: tuple[str, ...]
    report: ImportReport


def stored_reports(backend: Any) -> tuple[StoredReport, ...]:
    """The reports that the store holds, oldest first: one after a replacing import, more after adding ones."""
    if REPORTS_TABLE not in backend.list_tables():
        return ()
    rows = backend.table(REPORTS_TABLE).order_by("number").to_pyarrow().to_pylist()
    return tuple(
        StoredReport(row["digest"], tuple(row["tables"].split(",")), ImportReport.from_json(row["report"]))
        for row in rows
    )


def _text(name: str, label: Message) -> Column:
    return Column(name, label)


def _count(name: str, label: Message) -> Column:
    return Column(name, label, unit="count")


def _table(columns: tuple[Column, ...], rows: list[tuple[Cell, ...]]) -> Table:
    return Table(columns, tuple(rows), len(rows))


_ADAPTER = TypeAdapter(ImportReport)
