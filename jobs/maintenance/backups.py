"""Backups of the state database: one compressed file each, readable by either kind of database.

A backup is a snapshot: one transaction reads it while the bot goes on writing. It holds every table as JSON lines, so
what SQLite held can be restored into PostgreSQL. Times at which chores are due are not in it; they are made anew.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import IO, Any

from sqlalchemy import (
    Column,
    Connection,
    Date,
    DateTime,
    Engine,
    LargeBinary,
    MetaData,
    Table,
    create_engine,
    func,
    insert,
    select,
    text,
)

from tools.errors import AssistantError
from tools.messages import say

FORM = 1
KEPT = 14
LEFT_OUT = frozenset({"alembic_version", "schedule"})
BATCH = 1000
ABANDONED = timedelta(days=1)
"""An unfinished backup of this age is of a process that died over it."""
_FORMAT = "state-%Y%m%dT%H%M%SZ.jsonl.gz"
_NAME = re.compile(r"state-\d{8}T\d{6}Z\.jsonl\.gz")


class BadBackup(AssistantError):
    """The file is no backup, is damaged, or does not fit the database."""


@dataclass(frozen=True)
class Backup:
    """`revision` is the schema's; `rows` counts all tables together."""

    path: Path
    revision: str
    rows: int


def back_up(engine: Engine, folder: Path, clock: Callable[[], datetime], *, keep: int = KEPT) -> Backup:
    """Writes a backup and deletes all but the newest `keep`. A backup that is not whole never bears a backup's name."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / clock().astimezone(UTC).strftime(_FORMAT)
    unfinished = path.with_suffix(".part")
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as raw:
            with gzip.open(raw, "wt", encoding="utf-8") as out:
                revision, rows = _write(engine, out)
            raw.flush()
            os.fsync(raw.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    for old in backups(folder)[keep:]:
        old.unlink(missing_ok=True)
    for cut_off in folder.glob("state-*.part"):
        if cut_off.stat().st_mtime < (clock() - ABANDONED).timestamp():
            cut_off.unlink(missing_ok=True)
    return Backup(path, revision, rows)


def backups(folder: Path) -> list[Path]:
    """The backups in a folder, the newest first."""
    if not folder.is_dir():
        return []
    return sorted((path for path in folder.iterdir() if _NAME.fullmatch(path.name)), reverse=True)


def made_at(path: Path) -> datetime:
    """When the backup of this name was made."""
    return datetime.strptime(path.name, _FORMAT).replace(tzinfo=UTC)


def verified(path: Path) -> Backup:
    """Reads a backup to its end. Raises BadBackup where it is damaged."""
    lines = _lines(path)
    head = next(lines, None)
    if not isinstance(head, dict) or head.get("marketbot") != FORM:
        raise BadBackup(say("{file} is no backup of marketbot's state.", file=path.name))
    rows = sum(1 for line in lines if isinstance(line, list))
    return Backup(path, str(head["revision"]), rows)


def restore(path: Path, url: str, upgrade: Callable[[str, str], None]) -> Backup:
    """Fills an empty database from a backup, and brings it to the newest schema.

    `upgrade(url, revision)` makes the schema of a revision there. Raises BadBackup where the file is damaged, or the
    database holds anything: what is there is never written over.
    """
    found = verified(path)
    engine = create_engine(url)
    try:
        if _tables(engine):
            raise BadBackup(
                say("The state database is not empty. Move it away first, then restore {file}.", file=path.name)
            )
        upgrade(url, found.revision)
        tables = {table.name: table for table in _tables(engine)}
        with engine.begin() as connection:
            _fill(connection, tables, _lines(path))
            _count_on(connection, tables)
        upgrade(url, "head")
    finally:
        engine.dispose()
    return found


def _write(engine: Engine, out: IO[str]) -> tuple[str, int]:
    """The schema's revision and the number of rows."""
    rows = 0
    snapshot = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with engine.connect().execution_options(**snapshot) as connection:
        if not snapshot:
            connection.execute(text("BEGIN"))  # SQLite's driver would begin with the first change only
        revision = str(connection.scalar(text("SELECT version_num FROM alembic_version")))
        _put(out, {"marketbot": FORM, "revision": revision})
        for table in _reflected(connection):
            columns = list(table.columns)
            _put(out, {"table": table.name, "columns": [column.name for column in columns]})
            for row in connection.execute(select(table).order_by(*table.primary_key)).yield_per(BATCH):
                _put(out, [_plain(cell) for cell in row])
                rows += 1
        connection.rollback()
    _put(out, {"end": rows})
    return revision, rows


def _put(out: IO[str], value: Any) -> None:
    out.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")


def _plain(cell: Any) -> Any:
    if isinstance(cell, (datetime, date)):
        return cell.isoformat()
    if isinstance(cell, bytes):
        return base64.b64encode(cell).decode()
    return cell


def _typed(cell: Any, column: Column[Any]) -> Any:
    if cell is None:
        return None
    if isinstance(column.type, DateTime):
        return datetime.fromisoformat(cell)
    if isinstance(column.type, Date):
        return date.fromisoformat(cell)
    if isinstance(column.type, LargeBinary):
        return base64.b64decode(cell)
    return cell


def _lines(path: Path) -> Iterator[Any]:
    """What the file holds, line by line. Raises BadBackup where it does not end as it should."""
    rows = 0
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                value = json.loads(line)
                if isinstance(value, dict) and "end" in value:
                    # Only at the file's end is its checksum compared.
                    if value["end"] != rows or file.read(1):
                        break
                    return
                rows += isinstance(value, list)
                yield value
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise BadBackup(say("{file} cannot be read: {why}.", file=path.name, why=str(error))) from error
    raise BadBackup(say("{file} is not whole: it ends too early.", file=path.name))


def _fill(connection: Connection, tables: dict[str, Table], lines: Iterator[Any]) -> None:
    columns: list[Column[Any]] = []
    batch: list[dict[str, Any]] = []
    table: Table | None = None
    for line in lines:
        if isinstance(line, list):
            cells = zip(columns, line, strict=True)
            batch.append({column.name: _typed(cell, column) for column, cell in cells})
        if table is not None and batch and (len(batch) == BATCH or not isinstance(line, list)):
            connection.execute(insert(table), batch)
            batch = []
        if isinstance(line, dict) and "table" in line:
            table = tables[line["table"]]
            columns = [table.columns[name] for name in line["columns"]]
    if table is not None and batch:
        connection.execute(insert(table), batch)


def _count_on(connection: Connection, tables: dict[str, Table]) -> None:
    """PostgreSQL counts ids by itself and has not seen those that were restored."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables.values():
        for column in table.primary_key:
            sequence = connection.scalar(select(func.pg_get_serial_sequence(table.name, column.name)))
            highest = connection.scalar(select(func.max(column))) if sequence else None
            if highest is not None:
                connection.execute(select(func.setval(sequence, highest)))


def _tables(engine: Engine) -> list[Table]:
    with engine.connect() as connection:
        return _reflected(connection)


def _reflected(connection: Connection) -> list[Table]:
    """The state's tables as they are there, those first that others refer to."""
    metadata = MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name not in LEFT_OUT]
