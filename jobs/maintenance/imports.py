"""Imports again from the sources that the settings name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tools.errors import ImportFailed
from tools.messages import say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

PATTERN = frozenset("*?[")


def import_again(mapping: Path, sources: Sequence[str], store: Path, clock: Callable[[], datetime]) -> str:
    """Loads the sources into the store, which stays as it was where nothing is new, or where anything goes wrong.

    Says in English what came of it. Raises ImportFailed.
    """
    from tools.warehouse.importer import import_files
    from tools.warehouse.mapping import load_mapping

    report = import_files(load_mapping(mapping), matching(sources), store, now=clock())
    if report.unchanged:
        return "nothing new"
    aside = f", {report.set_aside:,} set aside" if report.set_aside else ""
    return f"{report.rows_loaded:,} rows loaded of {report.rows_read:,}{aside}"


def matching(sources: Sequence[str]) -> list[str]:
    """The sources with the files in place of the patterns (`exports/**/*.csv`). Raises ImportFailed where none fits."""
    found: list[str] = []
    for source in sources:
        if "://" in source or not PATTERN & set(source) or Path(source).exists():
            found.append(source)
            continue
        anchor = Path(source).anchor
        files = sorted(str(path) for path in Path(anchor).glob(source.removeprefix(anchor)) if path.is_file())
        if not files:
            raise ImportFailed(say("No file fits {pattern}.", pattern=source))
        found += files
    return found
