"""UCI Online Retail, where its files lie beside the repository."""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"
LAST_DAY = date(2011, 12, 9)
MAPPING = ROOT / "examples" / "online_retail.yml"


def retail_files() -> list[Path]:
    """The two years' Parquet files; none where the data are absent."""
    return sorted((SHARED / "data" / "online_retail").glob("*.parquet"))


def retail_home(files: list[Path]) -> Path:
    """A home folder with the store; the same files again change nothing."""
    from tools.warehouse.importer import import_files
    from tools.warehouse.mapping import load_mapping

    home = Path(tempfile.gettempdir()) / "marketbot-bench" / "online_retail"
    home.mkdir(parents=True, exist_ok=True)
    import_files(load_mapping(MAPPING), files, home / "warehouse.duckdb", now=datetime.now(UTC))
    return home
