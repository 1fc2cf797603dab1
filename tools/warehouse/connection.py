"""The one door to the team's figures: canonical tables as Ibis expressions, seen as of a day."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from tools.errors import MissingTable, NotEnoughData
from tools.messages import say
from tools.warehouse.bounds import Statement, Values
from tools.warehouse.compiling import STATEMENTS, compiled_open, fetched
from tools.warehouse.tables import TABLES

if TYPE_CHECKING:  # Ibis takes a second to import; who only asks for help never needs it.
    import ibis

META_TABLE = "store_settings"
COLUMNS = """
    SELECT table_catalog, table_schema, table_name, column_name, data_type, is_nullable
    FROM information_schema.columns WHERE table_catalog = current_database() ORDER BY ALL
"""
MOST_REMEMBERED = 10_000
T = TypeVar("T")


@dataclass(frozen=True)
class StoreSettings:
    """What the import wrote down about the store as a whole (table `store_settings`, one row a key).

    `version` changes whenever the tables do; caches key on it.
    """

    name: str = ""
    currency: str = "USD"
    timezone: str = "UTC"
    version: str = ""
    personal: frozenset[str] = field(default_factory=frozenset)  # "table.column"


FileVersion = tuple[int, int, int]  # device, inode, modification time in ns


def _file_version(path: Path) -> FileVersion | None:
    """Tells a file from the one that takes its place; None where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino, found.st_mtime_ns


@dataclass(frozen=True)
class _OpenFile:
    """A DuckDB file that is open, and which one it is."""

    backend: Any
    version: FileVersion | None
    attached: bool

    @classmethod
    def at(cls, path: Path, version: FileVersion | None, *, read_only: bool) -> _OpenFile:
        import ibis

        if not read_only:
            return cls(ibis.duckdb.connect(path), version, attached=False)
        # Attached to an instance of its own: a process shares one instance for each path, and would go on
        # reading the file that was replaced.
        backend = ibis.duckdb.connect()
        backend.attach(path, name="store", read_only=True)
        return cls(backend, version, attached=True)

    def cursor(self) -> Any:
        """An Ibis backend of its own for a thread."""
        import ibis

        connection = self.backend.con.cursor()
        connection.execute("SET enable_progress_bar = false")  # it would write into what the command line prints
        if self.attached:
            connection.execute("USE store")
        return ibis.duckdb.from_connection(connection)


class Warehouse:
    """Canonical tables on any engine that Ibis speaks (DuckDB file by default).

    Thread-safe: each thread works on a cursor of its own (DuckDB) or a connection of its own. An import puts
    a new DuckDB file in the old one's place; readers notice and open it at their next use, but never within
    `deadline`, so that one answer is computed from one store.
    """

    def __init__(self, url: str, *, read_only: bool = True) -> None:
        self.url = url
        self.read_only = read_only
        self._local = threading.local()
        self._lock = threading.Lock()
        self._root: _OpenFile | None = None
        self._connections: list[Any] = []
        self._memory: dict[tuple[FileVersion, Hashable], Any] = {}

    @classmethod
    def at(cls, path: Path, *, read_only: bool = True) -> Warehouse:
        return cls(f"duckdb://{path}", read_only=read_only)

    @property
    def backend(self) -> Any:
        """This thread's Ibis backend."""
        existing = getattr(self._local, "backend", None)
        if existing is not None and (self._pinned or not self._replaced()):
            return existing
        if not self.url.startswith("duckdb://"):
            import ibis

            self._local.backend = ibis.connect(self.url)
            with self._lock:
                self._connections.append(self._local.backend)
            return self._local.backend
        with self._lock:
            version = _file_version(self._path) if self.read_only else None
            if self.read_only and version is None:
                raise NotEnoughData(
                    say(
                        "There is no store yet at {path}. Import one with `marketbot import MAPPING.yml FILE…`, "
                        "or run `marketbot demo`.",
                        path=str(self._path),
                    )
                )
            if self._root is None or self._root.version != version:
                # Threads that still work on the old file keep it open until they are done.
                self._root = _OpenFile.at(self._path, version, read_only=self.read_only)
            self._local.backend, self._local.version = self._root.cursor(), self._root.version
            self._local.tables = {}
        return self._local.backend

    @property
    def _path(self) -> Path:
        return Path(self.url.removeprefix("duckdb://"))

    @property
    def _pinned(self) -> bool:
        return getattr(self._local, "pins", 0) > 0

    def _replaced(self) -> bool:
        """Whether another file stands in the place of the one this thread has open."""
        if not self.read_only or not self.url.startswith("duckdb://"):
            return False
        return bool(_file_version(self._path) != self._local.version)

    def close(self) -> None:
        with self._lock:
            if self._root is not None:
                self._root.backend.disconnect()
                self._root = None
            for connection in self._connections:
                connection.disconnect()
            self._connections.clear()
            self._local = threading.local()

    @contextmanager
    def deadline(self, seconds: float | None) -> Iterator[None]:
        """Within it this thread sees one store; its running query is interrupted after `seconds`.

        Engines without interrupts run on.
        """
        interrupt = getattr(getattr(self.backend, "con", None), "interrupt", None)
        timer = None
        if seconds is not None and interrupt is not None:
            timer = threading.Timer(seconds, interrupt)
            timer.daemon = True
            timer.start()
        self._local.pins = getattr(self._local, "pins", 0) + 1
        try:
            yield
        finally:
            self._local.pins -= 1
            if timer is not None:
                timer.cancel()

    def remembered(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, kept while the store's file stands; made anew each time on a live database.

        For what is asked with every question and changes with the store only. Thread-safe.
        """
        backend = self.backend
        version: FileVersion | None = getattr(self._local, "version", None)
        if version is None or backend is None:
            return make()
        place = (version, key)
        if place not in self._memory:
            if len(self._memory) >= MOST_REMEMBERED:
                self._memory.clear()
            self._memory[place] = make()
        found: T = self._memory[place]
        return found

    def tables(self) -> frozenset[str]:
        """The canonical tables that are there."""
        return self.remembered("tables", lambda: frozenset(self.backend.list_tables()) & TABLES.keys())

    def has(self, *names: str) -> bool:
        return self.tables() >= set(names)

    def table(self, name: str, as_of: date | None = None) -> ibis.Table:
        """A canonical table; with `as_of`, only rows that existed at the end of that day.

        Raises MissingTable, which says how to bring the table.
        """
        if name not in self.tables():
            spec = TABLES[name]
            raise MissingTable(
                say(
                    "This needs the table “{table}”, which has not been imported. Add it to your mapping and run "
                    "`marketbot import`.",
                    table=spec.name,
                )
            )
        table = self._table(name)
        time = TABLES[name].time
        if as_of is None or time is None:
            return table
        if TABLES[name].column(time).kind == "date":
            return table.filter(table[time] <= as_of)
        return table.filter(table[time] < datetime.combine(as_of + timedelta(days=1), datetime.min.time()))

    def _table(self, name: str) -> Any:
        """The table's expression; reading a schema costs more than many a query, so each thread keeps it."""
        backend = self.backend
        if getattr(self._local, "version", None) is None:
            return backend.table(name)
        if name not in self._local.tables:
            self._local.tables[name] = backend.table(name)
        return self._local.tables[name]

    def fetch(self, expression: ibis.Table) -> tuple[list[tuple[Any, ...]], str]:
        """The rows of an expression, and the SQL that gave them."""
        return fetched(self.backend, expression)

    def fetch_bound(
        self, key: Hashable, make: Callable[[], ibis.Table], values: Values, *, by_columns: bool = False
    ) -> tuple[list[tuple[Any, ...]], str]:
        """As `fetch`, for an expression with bounds (`tools.warehouse.bounds`), which is compiled once for each key.

        `by_columns`: the expression follows from the key and the tables' columns alone, and never from what is in
        them, so that the next import's store is asked with what was compiled for this one.
        """
        backend = self.backend

        def make_statement() -> Statement:
            return compiled_open(backend, make())

        columns = self._columns() if by_columns else None
        if columns is None:
            statement = self.remembered(("statement", key), make_statement)
        else:
            statement = STATEMENTS.get((columns, key), make_statement)
        sql = statement.sql(values)
        if backend.name == "duckdb":
            return backend.con.execute(sql).fetchall(), sql
        with contextlib.closing(backend.raw_sql(sql)) as cursor:
            return list(cursor.fetchall()), sql

    def _columns(self) -> str | None:
        """A digest of the tables, their columns and types; None on a live database, where they may change."""
        backend = self.backend
        if getattr(self._local, "version", None) is None:
            return None

        def read() -> str:
            return hashlib.sha256(repr(backend.con.execute(COLUMNS).fetchall()).encode()).hexdigest()

        return self.remembered("columns", read)

    def settings(self) -> StoreSettings:
        rows = self.raw_settings()
        personal = rows.get("personal", "")
        return StoreSettings(
            name=rows.get("name", ""),
            currency=rows.get("currency", "USD"),
            timezone=rows.get("timezone", "UTC"),
            version=rows.get("version", ""),
            personal=frozenset(p for p in personal.split(",") if p),
        )

    def raw_settings(self) -> Mapping[str, str]:
        """The table `store_settings` as it stands: key → value."""
        return self.remembered("settings", self._read_settings)

    def _read_settings(self) -> Mapping[str, str]:
        if META_TABLE not in self.backend.list_tables():
            return {}
        rows, _sql = self.fetch(self.backend.table(META_TABLE).select("key", "value"))
        return {str(key): str(value) for key, value in rows}
