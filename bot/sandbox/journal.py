"""The sandbox's memory on disk: one JSON line for each change."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TextIO

import structlog

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_log = structlog.get_logger(__name__)


class Journal:
    """Appends records to a file; without a path it keeps nothing."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: TextIO | None = None

    def read(self) -> Iterator[dict[str, Any]]:
        """Records in the order in which they were written. A line cut short by a crash is passed over."""
        if not self._path or not self._path.exists():
            return
        with self._path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    yield json.loads(line)
                except ValueError:
                    _log.warning("sandbox.journal.unreadable_line", path=str(self._path), line=number)

    def rewrite(self, records: Iterable[dict[str, Any]]) -> None:
        """Puts the present state in place of the history, and opens the file for what follows."""
        if not self._path:
            return
        fresh = self._path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as lines:
            for record in records:
                lines.write(json.dumps(record, ensure_ascii=False) + "\n")
        fresh.replace(self._path)
        self._file = self._path.open("a", encoding="utf-8")

    def append(self, record: dict[str, Any]) -> None:
        """Adds a record at once."""
        if self._file:
            self._file.write(json.dumps(record, ensure_ascii=False) + "\n")
            self._file.flush()

    def close(self) -> None:
        """Ends writing."""
        if self._file:
            self._file.close()
            self._file = None
