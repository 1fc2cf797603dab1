"""Building a store: sources into staging, staging into canonical tables, and what happened into a report."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from tools.errors import ImportFailed
from tools.messages import Label, Message, Quantity, say
from tools.warehouse.canonical import DERIVED, Rows, Unfit, grouped_rows, line_rows
from tools.warehouse.compiling import compiled
from tools.warehouse.connection import META_TABLE
from tools.warehouse.conversion import read, spelled_format
from tools.warehouse.expressions import Scope, as_text, evaluate, holds
from tools.warehouse.mapping import MADE_KEYS, Mapping, TablePart, names_used
from tools.warehouse.profile import profile
from tools.warehouse.report import (
    REPORTS_TABLE,
    SET_ASIDE_TABLE,
    FileRows,
    ImportReport,
    ReasonRows,
    SourceReport,
    StoredReport,
    TableRows,
)
from tools.warehouse.sources import Staged, stage
from tools.warehouse.tables import TABLES

if TYPE_CHECKING:
    import ibis
    import ibis.expr.types as ir

STORE = "store"
BEFORE = "before"
ASIDE = "aside"
ALIASES = "value_aliases"
ROWS_AT_ONCE = 20_000
SHOWN_ROWS = 3
Progress = Callable[[Message], None]

ASIDE_SCHEMA = {"source": "string", "reason": "int64", "rule": "boolean", "__id": "int64", "detail": "string"}
SET_ASIDE_SCHEMA = {
    "source": "string", "table": "string", "file": "string", "row": "int64", "reason": "string", "detail": "string",
    "fields": "string",
}  # fmt: skip
REPORTS_SCHEMA = {"number": "int64", "digest": "string", "tables": "string", "report": "string"}
TEXT_TABLE = {"key": "string", "value": "string"}


@dataclass(frozen=True)
class _Reason:
    """A reason for setting rows aside, of a source or (where `table` is not empty) of a table."""

    source: str
    table: str
    label: Label
    rule: bool


@dataclass(frozen=True)
class _Source:
    """A source that is read: its staging, and its rows that are fit."""

    staged: Staged
    rows: Rows
    distinct: int


class StoreBuilder:
    """One import into an empty store, attached to `backend` as `store`. Call `read` per source, then `build`."""

    def __init__(self, mapping: Mapping, backend: Any, tell: Progress, now: datetime) -> None:
        self._mapping = mapping
        self._backend = backend
        self._tell = tell
        self._now = now
        self._sources: dict[str, _Source] = {}
        self._reasons: list[_Reason] = []
        # A table's columns are asked of DuckDB each time it is named, so that what is made is kept.
        self._aside = backend.create_table(ASIDE, schema=ASIDE_SCHEMA)
        self._store: dict[str, ibis.Table] = {}

    def read(self, name: str, origin: list[Path] | str) -> None:
        """Stages a source, counts equal rows once, types its columns, and notes the rows to be set aside."""
        self._tell(say("Reading “{source}”", source=name))
        spec = self._mapping.sources[name]
        used = sorted(names_used(self._mapping, name) | set(spec.columns))
        staged = stage(self._backend, name, spec, origin, set(used))
        table = self._backend.table(staged.table)
        distinct = sum(staged.rows)
        if spec.duplicates == "count_once":
            table = self._counted_once(name, staged, table)
        marked, reasons = self._typed(name, staged, table, used)
        rows = self._create(f"rows__{name}", marked)
        if spec.duplicates == "count_once":
            distinct = _number(rows.count())
        self._note(name, "", rows, reasons)
        kept = rows.filter(rows["__unfit"].isnull())
        columns_by_name = {column: staged.physical[column] for column in used}
        self._sources[name] = _Source(staged, Rows(kept, columns_by_name), distinct)

    def content(self, name: str) -> str:
        """A digest of a source's rows, in whatever order they came: a database keeps none."""
        import ibis

        staged = self._sources[name].staged
        table = self._backend.table(staged.table)
        row = ibis.struct({column: table[column] for column in staged.physical.values()})
        hashes = table.select(hash=row.hash().cast("decimal(38,0)"))
        found = hashes.aggregate(total=hashes.hash.sum(), rows=hashes.count()).to_pyarrow().to_pylist()[0]
        return hashlib.sha256(f"{list(staged.physical)} {found['total']} {found['rows']}".encode()).hexdigest()

    def build(self, digest: str, add_to: Path | None, before: tuple[StoredReport, ...]) -> ImportReport:
        """Writes every table of the new store; `add_to` is the store whose other tables are kept."""
        settings = self._take_over(add_to) if add_to else {}
        from_sources = [name for name, parts in self._mapping.tables.items() if parts[0].from_table is None]
        for name in from_sources:
            self._fill(name)
        for name, parts in self._mapping.tables.items():
            if name not in from_sources:
                self._derive(name, parts[0])
        if "order_lines" in from_sources:
            for name, part in DERIVED.items():
                if name not in self._store:
                    self._derive(name, part)
        self._refuse_too_many()
        self._write_aliases()
        self._write_set_aside()
        return self._write_report(digest, before, settings)

    # Sources

    def _counted_once(self, name: str, staged: Staged, table: ibis.Table) -> ibis.Table:
        """Of rows that are equal in every column, the first."""
        if not staged.mixed:
            columns = [*staged.physical.values(), *(["__problem", "__raw"] if staged.problems else [])]
            once = table.group_by(columns).aggregate(__id=table["__id"].min())
            return once if staged.problems else once.mutate(__problem=_no_text())
        # Files of several kinds write one value in several ways, so values are compared, not their spelling.
        spec = self._mapping.sources[name]
        values = {c: table[c] for c in ["__problem", "__raw", *staged.physical.values()]}
        for column, declared in spec.columns.items():
            physical = staged.physical[column]
            value = read(table[physical], declared, self._mapping.timezone, typed_cells=staged.typed_cells)
            values[physical] = value
            values[f"bad__{physical}"] = value.isnull().ifelse(as_text(table[physical]), _no_text())
        typed = table.select("__id", **values)
        first = typed.group_by(list(values)).aggregate(__id=typed["__id"].min())
        return table.semi_join(first, "__id")

    def _typed(self, name: str, staged: Staged, table: ibis.Table, used: list[str]) -> tuple[ibis.Table, list[Unfit]]:
        """Columns of the declared types under physical names, `__id`, `__unfit` and `__detail`."""
        spec = self._mapping.sources[name]
        raw = {f"raw__{staged.physical[column]}": table[staged.physical[column]] for column in spec.columns}
        values = {
            staged.physical[column]: read(
                table[staged.physical[column]],
                spec.columns[column],
                self._mapping.timezone,
                typed_cells=staged.typed_cells,
            )
            if column in spec.columns
            else table[staged.physical[column]]
            for column in used
        }
        typed = table.select("__id", "__problem", **raw, **values)
        scope = Scope(
            {column: typed[staged.physical[column]].name(column) for column in used},
            self._mapping.path,
            f"sources.{name}",
            name,
        )
        unfit = [
            Unfit(
                Label("another number of columns than the header", "列数与表头不符"),
                typed["__problem"].notnull(),
                rule=False,
                detail=typed["__problem"],
            )
        ]
        for column in spec.columns:
            before, after = typed[f"raw__{staged.physical[column]}"], typed[staged.physical[column]]
            unfit.append(
                Unfit(
                    Label(f"{column} cannot be read", f"{column} 无法读取"),
                    before.notnull() & after.isnull(),
                    rule=False,
                    detail=before.cast("string"),
                )
            )
        for number, rule in enumerate(spec.set_aside):
            at = scope.at(f"sources.{name}.set_aside.{number}")
            unfit.append(Unfit(rule.reason.label, holds(rule.when, at), rule=True))
        columns = {staged.physical[column]: typed[staged.physical[column]] for column in used}
        return typed.select("__id", **columns, **_marks(unfit)), unfit

    # Canonical tables

    def _fill(self, table: str) -> None:
        """One canonical table, from the sources."""
        import ibis

        self._tell(say("Filling “{table}”", table=table))
        rows_of = {name: source.rows for name, source in self._sources.items()}
        parts: list[ibis.Table] = []
        sources: list[str] = []
        for number, part in enumerate(self._mapping.tables[table]):
            source, unfit = str(part.from_source), list[Unfit]()
            if part.one_per is None:
                rows, unfit = line_rows(self._mapping, table, part, rows_of)
            else:
                # Grouping is dear and its result small: it is done once.
                rows = self._create(f"part__{table}__{number}", grouped_rows(self._mapping, table, part, rows_of))
            marked = rows.mutate(**_marks(unfit))
            self._note(source, table, marked, unfit)
            fit = marked.filter(marked["__unfit"].isnull()).select("__id", *_columns(table))
            parts.append(fit.mutate(__part=ibis.literal(number, "int64")))
            sources.append(source)
        rows = parts[0] if len(parts) == 1 else ibis.union(*parts)
        keyed = self._with_key(table, rows) if self._makes_key(table) else self._once_per_key(table, rows, sources)
        self._write(table, keyed.select(*_columns(table)))

    def _makes_key(self, table: str) -> bool:
        key = TABLES[table].key[0]
        return key in MADE_KEYS and any(key not in part.columns for part in self._mapping.tables[table])

    def _with_key(self, table: str, rows: ibis.Table) -> ibis.Table:
        """The key, made from the rows' places where the mapping names none."""
        import ibis

        key, by_place = TABLES[table].key[0], [rows["__part"], rows["__id"]]
        if table == "order_lines":
            number = ibis.row_number().over(group_by=rows["order_id"], order_by=by_place) + 1
            made = rows["order_id"] + "-" + number.cast("string")
        else:
            made = (ibis.row_number().over(order_by=by_place) + 1).cast("string").lpad(9, "0")
        return rows.mutate(**{key: ibis.coalesce(rows[key], made)})

    def _once_per_key(self, table: str, rows: ibis.Table, sources: list[str]) -> ibis.Table:
        """Of rows with one key only the first is loaded: a repeated key would multiply every join."""
        import ibis

        key = TABLES[table].key
        if _number(rows.count()) == _number(rows.select(*key).distinct().count()):
            return rows
        place = ibis.row_number().over(group_by=[rows[k] for k in key], order_by=[rows["__part"], rows["__id"]])
        placed = self._create(f"once__{table}", rows.mutate(__place=place))
        label = Label(f"{', '.join(key)} is there twice", f"{', '.join(key)} 重复")
        for number, source in enumerate(sources):
            later = placed.filter((placed["__part"] == number) & (placed["__place"] > 0))
            unfit = Unfit(label, ibis.literal(True), rule=False, detail=later[key[0]].cast("string"))
            self._note(source, table, later.mutate(**_marks([unfit])), [unfit])
        return placed.filter(placed["__place"] == 0)

    def _derive(self, table: str, part: TablePart) -> None:
        """One canonical table, from another that is filled."""
        import ibis

        self._tell(say("Filling “{table}”", table=table))
        origin = str(part.from_table)
        if part.one_per is None:
            raise ImportFailed(
                say(
                    "{mapping}, tables.{table}: a table that is made from another needs `one_per`.",
                    mapping=self._mapping.path,
                    table=table,
                )
            )
        base = self._store[origin]
        numbered = base.mutate(__id=ibis.row_number().over(order_by=[base[k] for k in TABLES[origin].key]))
        rows = Rows(numbered, {name: name for name in _columns(origin)})
        grouped = grouped_rows(self._mapping, table, part, {origin: rows})
        self._write(table, grouped.select(*_columns(table)))

    def _write(self, table: str, rows: ibis.Table) -> None:
        """Into the store, by time (so that a period touches few blocks), then by key."""
        spec = TABLES[table]
        order = dict.fromkeys([*([spec.time] if spec.time else []), *spec.key])
        self._store[table] = self._create(table, rows.order_by([rows[name] for name in order]), (STORE, "main"))

    def _create(self, table: str, rows: ibis.Table, database: tuple[str, ...] = ()) -> ibis.Table:
        """A table of these rows; the backend's own `create_table` would compile them at every import."""
        made: ibis.Table = self._backend.create_table(table, schema=rows.schema(), database=database or None)
        self._put(table, rows, database)
        return made

    def _put(self, table: str, rows: ibis.Table, database: tuple[str, ...] = ()) -> None:
        """These rows into a table that is there, in the order of their columns."""
        target = ".".join(map(_quoted, (*database, table)))
        self._backend.raw_sql(f"INSERT INTO {target} {compiled(self._backend, rows)}")

    # The store that is added to

    def _take_over(self, old: Path) -> dict[str, str]:
        """Copies what the mapping leaves alone out of the store that is there; gives that store's settings."""
        import duckdb

        try:
            self._backend.attach(str(old), name=BEFORE, read_only=True)
        except duckdb.Error as error:
            raise ImportFailed(
                say("{store} cannot be read, so nothing can be added to it ({why}).",
                    store=str(old), why=str(error).split("\n", 1)[0])
            ) from error  # fmt: skip
        names = set(self._backend.list_tables(database=(BEFORE, "main")))
        rows = self._before(META_TABLE).to_pyarrow().to_pylist() if META_TABLE in names else []
        settings = {row["key"]: row["value"] for row in rows}
        for key, mine in (("currency", self._mapping.currency), ("timezone", self._mapping.timezone)):
            if settings.get(key) != mine:
                raise ImportFailed(
                    say(
                        "{mapping}: the store's {key} is {theirs} and the mapping's is {mine}. With `mode: add` they "
                        "must be the same.",
                        mapping=self._mapping.path,
                        key=key,
                        theirs=settings.get(key) or "-",
                        mine=mine,
                    )
                )
        for name in sorted(names & (TABLES.keys() - self._mapping.tables.keys() - {ALIASES})):
            self._write(name, self._before(name))
        if ALIASES in names:
            self._backend.create_table("aliases__before", self._before(ALIASES))
        if SET_ASIDE_TABLE in names:
            # Rows of the tables that this import fills anew are told anew.
            aside = self._before(SET_ASIDE_TABLE)
            kept = aside.filter(aside["source"].notin(list(self._mapping.sources)))
            self._store[SET_ASIDE_TABLE] = self._backend.create_table(SET_ASIDE_TABLE, kept, database=f"{STORE}.main")
        return settings

    def _before(self, table: str) -> ibis.Table:
        return self._backend.table(table, database=(BEFORE, "main"))

    # What was set aside

    def _note(self, source: str, table: str, rows: ibis.Table, unfit: list[Unfit]) -> None:
        """Notes the unfit ones of `rows`, whose `__unfit` counts through `unfit`."""
        import ibis

        if not unfit:
            return
        start = len(self._reasons)
        self._reasons += [_Reason(source, table, one.label, one.rule) for one in unfit]
        lost = rows.filter(rows["__unfit"].notnull())
        rules = [number for number, one in enumerate(unfit) if one.rule]
        self._put(
            ASIDE,
            lost.select(
                source=ibis.literal(source),
                reason=lost["__unfit"] + start,
                rule=lost["__unfit"].isin(rules) if rules else ibis.literal(False),
                __id=lost["__id"],
                detail=lost["__detail"],
            ),
        )

    def _refuse_too_many(self) -> None:
        """Raises ImportFailed when more rows of a source cannot be read than its mapping allows."""
        aside = self._aside
        for name, source in self._sources.items():
            unread = aside.filter((aside.source == name) & ~aside.rule)
            count = _number(unread.select("__id").distinct().count())
            total, limit = sum(source.staged.rows), self._mapping.sources[name].unreadable_at_most
            if count > limit * total:
                first = unread.order_by("__id").limit(SHOWN_ROWS).to_pyarrow().to_pylist()
                self._fail_on(name, first, count, total, limit)

    def _fail_on(self, name: str, first: list[dict[str, Any]], count: int, total: int, limit: float) -> NoReturn:
        staged = self._sources[name].staged
        shown: list[Message] = []
        for row in first:
            file, number = staged.place(row["__id"])
            # The value itself may be personal, so it is shown to nobody but whoever runs the import.
            value = say(" (“{value}”)", value=row["detail"][:80]) if row["detail"] else ""
            shown.append(
                say("{file}, row {row}: {reason}{value}", file=file, row=str(number),
                    reason=self._reasons[row["reason"]].label, value=value)
            )  # fmt: skip
        likely = next((f for row in first if row["detail"] and (f := spelled_format(row["detail"]))), None)
        raise ImportFailed(
            say(
                "{count} of {total} rows of “{source}” cannot be read; {limit} may be. The first: {rows}.{format} "
                "Mend the mapping or the file, or raise `unreadable_at_most`.",
                count=Quantity(count),
                total=Quantity(total),
                source=name,
                limit=Quantity(limit, "ratio"),
                rows=tuple(shown),
                format=say(" If these are dates, their format may be “{format}”.", format=likely) if likely else "",
            )
        )

    def _write_set_aside(self) -> None:
        """Every row that was set aside, with its place, its reason and all its fields."""
        import ibis
        import pyarrow as pa

        if SET_ASIDE_TABLE not in self._store:
            self._backend.create_table(SET_ASIDE_TABLE, schema=SET_ASIDE_SCHEMA, database=f"{STORE}.main")
        aside = self._aside
        for name, source in self._sources.items():
            staged = source.staged
            rows = self._backend.table(staged.table)
            mine = aside.filter(aside.source == name).select("reason", "detail", "__id")
            found = mine.join(rows, "__id").order_by(["__id", "reason"])
            for batch in found.to_pyarrow_batches(chunk_size=ROWS_AT_ONCE):
                told = [self._told(name, staged, row) for row in batch.to_pylist()]
                schema = ibis.schema(SET_ASIDE_SCHEMA).to_pyarrow()
                self._backend.insert(SET_ASIDE_TABLE, pa.Table.from_pylist(told, schema), database=f"{STORE}.main")

    def _told(self, name: str, staged: Staged, row: dict[str, Any]) -> dict[str, Any]:
        reason = self._reasons[row["reason"]]
        file, number = staged.place(row["__id"])
        fields: Any = {column: row[physical] for column, physical in staged.physical.items()}
        if row["__raw"] is not None:
            fields = json.loads(row["__raw"])
        return {
            "source": name,
            "table": reason.table or None,
            "file": file,
            "row": number,
            "reason": reason.label.en,
            "detail": row["detail"],
            "fields": json.dumps(fields, ensure_ascii=False, default=str),
        }

    # Aliases, settings, report

    def _write_aliases(self) -> None:
        """Static aliases and those out of sources; the first in a language is the value's name in it."""
        import ibis
        import pyarrow as pa

        rows = [
            {"dimension": dimension, "value": value, "alias": alias, "language": None if place else language}
            for dimension, values in self._mapping.aliases.items()
            for value, names in values.items()
            for language, aliases in names.items()
            for place, alias in enumerate(aliases)
        ]
        schema = ibis.schema({column.name: "string" for column in TABLES[ALIASES].columns})
        named = self._backend.create_table("aliases__named", pa.Table.from_pylist(rows, schema.to_pyarrow()))
        tables: list[Any] = [named]
        for number, one in enumerate(self._mapping.aliases_from):
            source = self._sources[one.source].rows
            scope = source.scope(self._mapping, f"aliases_from.{number}", one.source)
            for language, expression in one.names.items():
                found = source.table.select(
                    dimension=ibis.literal(one.dimension),
                    value=as_text(evaluate(one.value, scope)),
                    alias=as_text(evaluate(expression, scope)),
                    language=ibis.literal(language),
                )
                tables.append(
                    found.filter(
                        found["value"].notnull() & found["alias"].notnull() & (found["value"] != found["alias"])
                    )
                )
        if "aliases__before" in self._backend.list_tables():
            tables.append(self._backend.table("aliases__before"))
        together = tables[0] if len(tables) == 1 else ibis.union(*[t.select(*schema.names) for t in tables])
        keyed = together.group_by(["dimension", "value", "alias"]).aggregate(language=together["language"].min())
        if ALIASES not in self._store:
            self._write(ALIASES, keyed.select(*schema.names))

    def _write_report(self, digest: str, before: tuple[StoredReport, ...], settings: dict[str, str]) -> ImportReport:
        tables = sorted(self._store.keys() & TABLES.keys())
        found = profile([name for name in tables if name != ALIASES], self._store.__getitem__)
        kept = tuple(one for one in before if not set(one.tables) <= self._mapping.tables.keys())
        version = digest[:16]
        if before:
            version = hashlib.sha256(f"{settings.get('version', '')} {digest}".encode()).hexdigest()[:16]
        report = ImportReport(
            self._mapping.store,
            Path(self._mapping.path).name,
            version,
            self._now,
            tuple(self._source_report(name) for name in self._sources),
            self._reason_rows(),
            tuple(TableRows(name, _number(self._store[name].count())) for name in tables),
            found,
        )
        reports = [*kept, StoredReport(digest, tuple(self._mapping.tables), report)]
        self._write_rows(
            REPORTS_TABLE,
            REPORTS_SCHEMA,
            [
                {"number": number, "digest": r.digest, "tables": ",".join(r.tables), "report": r.report.to_json()}
                for number, r in enumerate(reports)
            ],
        )
        personal = self._mapping.personal_columns() | {p for p in settings.get("personal", "").split(",") if p}
        first, last = found.first, found.last
        self._write_rows(
            META_TABLE,
            TEXT_TABLE,
            [
                {"key": key, "value": value}
                for key, value in {
                    "name": settings.get("name") or self._mapping.store,
                    "currency": self._mapping.currency,
                    "timezone": self._mapping.timezone,
                    "version": version,
                    "personal": ",".join(sorted(personal)),
                    "imported_at": self._now.isoformat(timespec="seconds"),
                    "first_day": first.date().isoformat() if first else "",
                    "last_day": last.date().isoformat() if last else "",
                }.items()
            ],
        )
        return report

    def _write_rows(self, table: str, schema: dict[str, str], rows: list[dict[str, Any]]) -> None:
        import ibis
        import pyarrow as pa

        arrow = pa.Table.from_pylist(rows, ibis.schema(schema).to_pyarrow())
        self._backend.create_table(table, arrow, database=f"{STORE}.main")

    def _source_report(self, name: str) -> SourceReport:
        source = self._sources[name]
        aside = self._aside
        total = sum(source.staged.rows)
        return SourceReport(
            name,
            tuple(FileRows(file, rows) for file, rows in zip(source.staged.parts, source.staged.rows, strict=True)),
            total,
            total - source.distinct,
            _number(aside.filter(aside.source == name).select("__id").distinct().count()),
        )

    def _reason_rows(self) -> tuple[ReasonRows, ...]:
        aside = self._aside
        counted = aside.group_by("reason").aggregate(rows=aside.count()).order_by("reason").to_pyarrow().to_pylist()
        found: list[ReasonRows] = []
        for row in counted:
            reason = self._reasons[row["reason"]]
            found.append(ReasonRows(reason.source, reason.table, reason.label, row["rows"], reason.rule))
        return tuple(found)


def _columns(table: str) -> Iterator[str]:
    return (column.name for column in TABLES[table].columns)


def _number(expression: ir.IntegerScalar) -> int:
    backend: Any = expression.get_backend()
    return int(backend.con.execute(compiled(backend, expression.as_table())).fetchall()[0][0])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _no_text() -> ir.Value:
    import ibis

    return ibis.null("string")


def _marks(unfit: list[Unfit]) -> dict[str, ir.Value]:
    """`__unfit`: the number of the first reason that holds, or missing; `__detail`: the value that is to blame."""
    import ibis

    if not unfit:
        return {"__unfit": ibis.null("int64"), "__detail": ibis.null("string")}
    nothing = ibis.null("string")
    return {
        "__unfit": ibis.cases(
            *[(one.when, ibis.literal(number, "int64")) for number, one in enumerate(unfit)], else_=ibis.null("int64")
        ),
        "__detail": ibis.cases(
            *[(one.when, nothing if one.detail is None else one.detail) for one in unfit], else_=nothing
        ),
    }
