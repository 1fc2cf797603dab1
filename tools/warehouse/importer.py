"""Importing: a mapping and what was given become a new store, which takes the old one's place only when all is well."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from tools.errors import ImportFailed
from tools.messages import say
from tools.warehouse.building import Progress, StoreBuilder
from tools.warehouse.mapping import Mapping
from tools.warehouse.report import ImportReport, StoredReport, stored_reports
from tools.warehouse.sources import assign, expand, fingerprint

FORMAT = "1"  # Changes when the same files and mapping would make another store.


def import_files(
    mapping: Mapping,
    files: Sequence[str | Path],
    target: Path,
    *,
    now: datetime,
    progress: Progress | None = None,
    memory_limit: str = "512MB",
    threads: int = 2,
) -> ImportReport:
    """Imports `files` (files, folders, database addresses) into the DuckDB store `target`.

    The store is built beside `target` and takes its place by a rename; on any error `target` stays as it was.
    The same files and mapping again change nothing: the report then says `unchanged`. With `mode: add`, tables
    that the mapping does not fill are taken over from the store that is there.

    Raises ImportFailed: file, row and column where known, what was expected, the nearest choice.
    """
    tell = progress or (lambda _message: None)
    named, found, addresses = expand(files)
    origins = assign(mapping.sources, named, found, addresses)
    target.parent.mkdir(parents=True, exist_ok=True)
    with _alone(target):
        before = _reports_of(target)
        paths = {name: origin for name, origin in origins.items() if not isinstance(origin, str)}
        prints = {name: fingerprint(origin) for name, origin in paths.items()}
        if len(paths) == len(origins) and (same := _same_import(mapping, before, _digest(mapping, prints))):
            return same
        work = Path(tempfile.mkdtemp(prefix=_work_prefix(target), dir=target.parent))
        try:
            with _scratch(work, memory_limit, threads) as backend:
                builder = StoreBuilder(mapping, backend, tell, now)
                for name, origin in origins.items():
                    builder.read(name, origin)
                prints |= {name: builder.content(name) for name in origins.keys() - paths.keys()}
                digest = _digest(mapping, prints)
                if same := _same_import(mapping, before, digest):
                    return same
                adding = target if mapping.mode == "add" and target.exists() else None
                report = builder.build(digest, adding, before if adding else ())
            tell(say("Putting the new store in its place"))
            _switch(work / "store.duckdb", target)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return report


def _digest(mapping: Mapping, prints: dict[str, str]) -> str:
    digest = hashlib.sha256(f"{FORMAT}\n{mapping.text}".encode())
    for name, content in sorted(prints.items()):
        digest.update(f"\n{name} {content}".encode())
    return digest.hexdigest()


def _same_import(mapping: Mapping, before: tuple[StoredReport, ...], digest: str) -> ImportReport | None:
    """The last import's report when it was this very one and nothing else is in the store."""
    if before and before[-1].digest == digest and (mapping.mode == "add" or len(before) == 1):
        return before[-1].report.as_unchanged()
    return None


def _reports_of(target: Path) -> tuple[StoredReport, ...]:
    if not target.exists():
        return ()
    import duckdb
    import ibis

    try:
        backend = ibis.duckdb.connect(target, read_only=True)
    except duckdb.Error:
        return ()  # No store that this version can read: nothing in it to compare with.
    try:
        return stored_reports(backend)
    finally:
        backend.disconnect()


@contextmanager
def _scratch(work: Path, memory_limit: str, threads: int) -> Iterator[Any]:
    """A DuckDB for staging, with the new store attached as `store`; both on disk, so memory stays bounded."""
    import ibis

    backend = ibis.duckdb.connect(
        work / "scratch.duckdb",
        memory_limit=memory_limit,
        threads=threads,
        temp_directory=str(work / "spill"),
    )
    try:
        backend.con.execute("SET enable_progress_bar = false")  # the import has its own
        backend.attach(str(work / "store.duckdb"), name="store")
        yield backend
        backend.detach("store")
    finally:
        backend.disconnect()


def _work_prefix(target: Path) -> str:
    return f".{target.name}.import-"


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """One import at a time into a store; what a killed one left behind is cleared away."""
    from filelock import FileLock, Timeout

    lock = FileLock(target.with_name(f".{target.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise ImportFailed(say("Another import into {store} is running.", store=str(target))) from None
    try:
        for left_over in target.parent.glob(f"{_work_prefix(target)}*"):
            shutil.rmtree(left_over, ignore_errors=True)
        yield
    finally:
        lock.release()


def _switch(built: Path, target: Path) -> None:
    """Durably, and in one step for every reader: the new store under the old one's name."""
    with built.open("rb+") as file:
        os.fsync(file.fileno())
    built.replace(target)
    # A log that a crashed writer left belongs to the store that is gone.
    target.with_name(f"{target.name}.wal").unlink(missing_ok=True)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
