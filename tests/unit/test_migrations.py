"""The migrations make exactly the tables that the code declares, and running them again is harmless."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from bot.migrations import upgrade
from bot.migrations.tables import metadata
from tools.state import connect

if TYPE_CHECKING:
    from pathlib import Path


def test_the_migrated_schema_is_the_declared_one(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'state.sqlite3'}"
    upgrade(url)
    upgrade(url)
    engine = connect(url).kw["bind"]
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata()) == []
    engine.dispose()


@pytest.mark.parametrize("statement", ["UPDATE audit SET action = 'x'", "DELETE FROM audit"])
def test_the_audit_log_refuses_changes(tmp_path: Path, statement: str) -> None:
    url = f"sqlite:///{tmp_path / 'state.sqlite3'}"
    upgrade(url)
    state = connect(url)
    with state.begin() as session:
        session.execute(text("INSERT INTO audit (at, user_id, action, subject) VALUES ('2024-01-01', '1', 'a', 's')"))
    with pytest.raises(DatabaseError, match="append only"), state.begin() as session:
        session.execute(text(statement))
    state.kw["bind"].dispose()


def test_a_percent_sign_in_the_address_is_no_reference(tmp_path: Path) -> None:
    folder = tmp_path / "50%"
    folder.mkdir()
    upgrade(f"sqlite:///{tmp_path / '50%25' / 'state.sqlite3'}")
    assert (folder / "state.sqlite3").exists()
