"""The state database's schema over time. `upgrade` brings a database to the newest form; it runs at every start."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

if TYPE_CHECKING:
    from alembic.config import Config

HERE = Path(__file__).parent


def config(url: str) -> Config:
    """Alembic's configuration for a database; there is no `alembic.ini`."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(HERE))
    # Alembic reads options through ConfigParser, where a percent sign starts a reference.
    made.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return made


def upgrade(url: str, revision: str = "head") -> None:
    """Brings the state database at a SQLAlchemy address to the newest schema, or to an older revision's.

    Does nothing when it is there. A SQLite file's folder must exist.
    """
    if revision == "head" and _is_newest(url):
        return
    from alembic import command

    command.upgrade(config(url), revision)


def _is_newest(url: str) -> bool:
    """Whether there is nothing to do, which most starts find: loading Alembic takes as long as all the rest of them."""
    newest = max(file.name.partition("_")[0] for file in (HERE / "versions").glob("[0-9]*.py"))
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    except SQLAlchemyError:  # there is no such table yet, or the upgrade tells what is wrong
        return False
    finally:
        engine.dispose()
    return found == [newest]
