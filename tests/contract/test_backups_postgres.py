"""What SQLite held is restored into PostgreSQL, and backed up from there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.contract.postgres_store import fresh_database
from tests.unit.test_backups import check_restored, made

if TYPE_CHECKING:
    from pathlib import Path


def test_a_backup_of_sqlite_is_restored_into_postgres(tmp_path: Path) -> None:
    engine = made(f"sqlite:///{tmp_path / 'state.sqlite3'}")
    with fresh_database("restored") as address:
        check_restored(engine, tmp_path, address.replace("postgres://", "postgresql+psycopg://"))
