"""`marketbot import`: the team's own figures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.bootstrap import now
from bot.cli.ground import parts_of, voice_in, writable_home
from bot.failure import Failure
from bot.printing import print_table

if TYPE_CHECKING:
    from tools.messages import Message


def import_(
    context: typer.Context,
    mapping: Annotated[Path, typer.Argument(help="The mapping (YAML): which column is what.", metavar="MAPPING.yml")],
    files: Annotated[list[str], typer.Argument(help="Files, folders or database addresses.", metavar="FILE…")],
) -> None:
    """Loads CSV, Parquet, XLSX or a database into the canonical tables, and prints what came of it.

    On any error the store stays as it was. Importing the same files again changes nothing.
    """
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from tools.warehouse.importer import import_files
    from tools.warehouse.mapping import load_mapping

    parts = parts_of(context)
    if parts.settings.warehouse_url:
        raise Failure(
            "MARKETBOT_WAREHOUSE_URL names a database of its own, so there is nothing to import into.",
            "Unset it to import into the home folder.",
            2,
        )
    voice = voice_in(parts.settings.language)
    loaded = load_mapping(mapping)
    writable_home(parts)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    # On stderr, so that the report can go to a file.
    console = Console(stderr=True)
    with Progress(*columns, transient=True, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("…", total=None)

        def progress(message: Message) -> None:
            bar.update(task, description=voice.text(message))

        report = import_files(loaded, files, parts.settings.warehouse_path, now=now(), progress=progress)
    for message in report.messages():
        typer.echo(voice.text(message))
    for title, table in report.as_tables():
        print_table(voice.text(title), table, voice)
