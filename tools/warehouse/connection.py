"""The one door to the team's figures: canonical tables as Ibis expressions, seen as of a day."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.errors import MissingTable, NotEnoughData
from tools.messages import say
from tools.warehouse.tables import TABLES

if TYPE_CHECKING:  # Ibis takes a second to import; who only asks for help never needs it.
    import ibis

META_TABLE = "store_settings"


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


class Warehouse:
    """Canonical tables on any engine that Ibis speaks (DuckDB file by default).

    Thread-safe: each thread works on a cursor of its own (DuckDB) or a connection of its own.
    """

    def __init__(self, url: str, *, read_only: bool = True) -> None:
        self.url = url
        self.read_only = read_only
        self._local = threading.local()
        self._lock = threading.Lock()
        self._root: ibis.BaseBackend | None = None

    @classmethod
    def at(cls, path: Path, *, read_only: bool = True) -> Warehouse:
        return cls(f"duckdb://{path}", read_only=read_only)

    @property
    def backend(self) -> Any:
        """This thread's Ibis backend."""
        import ibis

        existing = getattr(self._local, "backend", None)
        if existing is not None:
            return existing
        if not self.url.startswith("duckdb://"):
            self._local.backend = ibis.connect(self.url)
            return self._local.backend
        with self._lock:
            if self._root is None:
                path = self.url.removeprefix("duckdb://")
                if self.read_only and not Path(path).exists():
                    raise NotEnoughData(
                        say(
                            "There is no store yet at {path}. Import one with `marketbot import MAPPING.yml FILE…`, or run `marketbot demo`.",
                            path=path,
                        )
                    )
                self._root = ibis.duckdb.connect(path, read_only=self.read_only)
            self._local.backend = ibis.duckdb.from_connection(self._root.con.cursor())  # type: ignore[attr-defined]
        return self._local.backend

    def close(self) -> None:
        with self._lock:
            if self._root is not None:
                self._root.disconnect()
                self._root = None
            self._local = threading.local()

    @contextmanager
    def deadline(self, seconds: float | None) -> Iterator[None]:
        """Interrupts this thread's running query after `seconds` (engines without interrupts run on)."""
        interrupt = getattr(getattr(self.backend, "con", None), "interrupt", None)
        if seconds is None or interrupt is None:
            yield
            return
        timer = threading.Timer(seconds, interrupt)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def tables(self) -> frozenset[str]:
        """The canonical tables that are there."""
        return frozenset(self.backend.list_tables()) & TABLES.keys()

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
                    "This needs the table “{table}”, which has not been imported. Add it to your mapping and run `marketbot import`.",
                    table=spec.name,
                )
            )
        table = self.backend.table(name)
        time = TABLES[name].time
        if as_of is None or time is None:
            return table
        if TABLES[name].column(time).kind == "date":
            return table.filter(table[time] <= as_of)
        return table.filter(table[time] < datetime.combine(as_of + timedelta(days=1), datetime.min.time()))

    def fetch(self, expression: ibis.Table) -> tuple[list[tuple[Any, ...]], str]:
        """The rows of an expression, and the SQL that gave them.

        DuckDB runs the SQL directly: the way through Arrow and Ibis's conversions costs more than most queries.
        """
        backend = self.backend
        sql = str(backend.compile(expression))
        if backend.name == "duckdb":
            return backend.con.execute(sql).fetchall(), sql
        table = expression.to_pyarrow()
        return list(zip(*(column.to_pylist() for column in table.columns), strict=True)), sql

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
        if META_TABLE not in self.backend.list_tables():
            return {}
        rows = self.backend.table(META_TABLE).to_pyarrow().to_pylist()
        return {row["key"]: row["value"] for row in rows}
