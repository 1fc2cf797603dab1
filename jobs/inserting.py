"""Inserting what may be there already, on every kind of state database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, literal_column
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tools.state import Base


def insert_new(session: Session, table: type[Base], unique: str, **values: Any) -> bool:
    """Inserts a row unless there is one with the same value in the column `unique`; whether it was inserted."""
    one = literal_column("1", Integer)
    if session.get_bind().dialect.name == "postgresql":
        on_postgres = postgresql.insert(table).values(**values)
        inserted = session.execute(on_postgres.on_conflict_do_nothing(index_elements=[unique]).returning(one))
    else:
        on_sqlite = sqlite.insert(table).values(**values)
        inserted = session.execute(on_sqlite.on_conflict_do_nothing(index_elements=[unique]).returning(one))
    return inserted.first() is not None
