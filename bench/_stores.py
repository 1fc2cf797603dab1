"""Demo stores of a given size, made once and kept outside the repository."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path

END = date(2026, 11, 20)
LINES_AT_SCALE_1 = 200_000


def demo_store(lines: int) -> Path:
    """The warehouse file of a demo store with about this many order lines."""
    target = Path(tempfile.gettempdir()) / "marketbot-bench" / f"{lines}" / "warehouse.duckdb"
    if not target.exists():
        from tools.warehouse.demo import make_demo_store

        print(f"making a store of {lines:,} lines …", flush=True)
        make_demo_store(target, scale=lines / LINES_AT_SCALE_1, end=END)
    return target
