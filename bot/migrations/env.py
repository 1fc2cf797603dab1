"""Run by Alembic: connects and applies the migrations, each in its own transaction."""

from __future__ import annotations

from alembic import context

from bot.migrations.tables import metadata
from tools.state import connect

url = context.config.get_main_option("sqlalchemy.url")
if not url:
    raise ValueError("sqlalchemy.url is not set")

sessions = connect(url)
engine = sessions.kw["bind"]
try:
    with engine.connect() as connection:
        # SQLite cannot alter most things in place; batch mode copies the table.
        context.configure(
            connection=connection, target_metadata=metadata(), render_as_batch=True, transaction_per_migration=True
        )
        with context.begin_transaction():
            context.run_migrations()
finally:
    engine.dispose()
