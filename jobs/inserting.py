"""Inserting what may be there already, on every kind of state database."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, literal_column
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from sqlalchemy import Executable
    from sqlalchemy.orm import Session

    from tools.state import Base


def insert_new(session: Session, table: type[Base], unique: str, **values: Any) -> bool:
    """Inserts a row unless there is one with the same value in the column `unique`; whether it was inserted."""
    statement = _inserting(session.get_bind().dialect.name, table, unique)
    return session.connection().execute(statement, values).first() is not None


@cache
def _inserting(dialect: str, table: type[Base], unique: str) -> Executable:
    """Made once: where thousands of pushes are put, making the statement takes longer than running it."""
    one = literal_column("1", Integer)
    rows = table.__table__
    if dialect == "postgresql":
        return postgresql.insert(rows).on_conflict_do_nothing(index_elements=[unique]).returning(one)  # type: ignore[arg-type]
    return sqlite.insert(rows).on_conflict_do_nothing(index_elements=[unique]).returning(one)  # type: ignore[arg-type]
