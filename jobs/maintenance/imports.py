"""Imports again from the sources that the settings name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path


def import_again(mapping: Path, sources: Sequence[str], store: Path, clock: Callable[[], datetime]) -> str:
    """Loads the sources into the store, which stays as it was where nothing is new, or where anything goes wrong.

    Says in English what came of it. Raises ImportFailed.
    """
    from tools.warehouse.importer import import_files
    from tools.warehouse.mapping import load_mapping

    report = import_files(load_mapping(mapping), sources, store, now=clock())
    if report.unchanged:
        return "nothing new"
    aside = f", {report.set_aside:,} set aside" if report.set_aside else ""
    return f"{report.rows_loaded:,} rows loaded of {report.rows_read:,}{aside}"
