"""`marketbot backup` and `marketbot restore`: the state database, kept and brought back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.bootstrap import now
from bot.cli.ground import open_state, parts_of, writable_home
from bot.failure import Failure

if TYPE_CHECKING:
    from bot.bootstrap import Parts


def backup(
    context: typer.Context,
    to: Annotated[
        Path | None,
        typer.Option(help="Folder; default: MARKETBOT_BACKUP_FOLDER, or “backups” in the home.", show_default=False),
    ] = None,
) -> None:
    """Writes a backup of the state database: people, digests, alerts, incidents, what is still to be sent.

    The bot may go on meanwhile. Of the folder's backups the newest are kept, as many as MARKETBOT_BACKUPS_KEPT says.
    The store and the documents are not in it: they come from your files by `marketbot import` and `marketbot learn`.
    """
    from jobs.maintenance.backups import back_up

    parts = parts_of(context)
    settings = parts.settings
    if not settings.state_url and not (settings.home / "state.sqlite3").exists():
        raise Failure(f"There is no state database in {settings.home}.", "Name the home folder with --home.")
    open_state(parts)
    folder = to or settings.backups_path
    try:
        made = back_up(parts.state.kw["bind"], folder, now, keep=settings.backups_kept)
    except OSError as error:
        raise Failure(f"{folder} cannot be written: {error.strerror}.", "Name another with --to.") from error
    typer.echo(f"{made.path}: {made.rows:,} rows, schema {made.revision}.")


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The backup.", metavar="FILE")],
    verify: Annotated[bool, typer.Option("--verify", help="Only read it to its end; change nothing.")] = False,
) -> None:
    """Fills an empty state database from a backup, and brings it to this version's schema.

    End the bot first, and move the old database away; what is there is never written over.
    """
    from alembic.util import CommandError
    from sqlalchemy.exc import SQLAlchemyError

    from bot.log import redact
    from bot.migrations import upgrade
    from jobs.maintenance.backups import restore as fill
    from jobs.maintenance.backups import verified

    parts = parts_of(context)
    if verify:
        found = verified(file)
        typer.echo(f"{file} is whole: {found.rows:,} rows, schema {found.revision}.")
        return
    writable_home(parts)
    url = parts.settings.resolved_state_url
    try:
        found = fill(file, url, upgrade)
    except (SQLAlchemyError, CommandError) as error:
        first = redact(str(error).strip().partition("\n")[0])
        raise Failure(f"{redact(url)} cannot be filled: {first}", _mend(parts)) from error
    typer.echo(f"Restored {found.rows:,} rows into {redact(url)}. Start the bot as usual.")


def _mend(parts: Parts) -> str:
    where = "MARKETBOT_STATE_URL" if parts.settings.state_url else "the home folder"
    return f"Check {where}, empty the database, and try again; a newer version's backup needs that version."
