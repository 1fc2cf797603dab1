"""The state database's schema over time. `upgrade` brings a database to the newest form; it runs at every start."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config


def config(url: str) -> Config:
    """Alembic's configuration for a database; there is no `alembic.ini`."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent))
    # Alembic reads options through ConfigParser, where a percent sign starts a reference.
    made.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return made


def upgrade(url: str, revision: str = "head") -> None:
    """Brings the state database at a SQLAlchemy address to the newest schema, or to an older revision's.

    Does nothing when it is there. A SQLite file's folder must exist.
    """
    command.upgrade(config(url), revision)
