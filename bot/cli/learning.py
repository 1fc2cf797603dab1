"""`marketbot learn`: the team's documents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.bootstrap import now
from bot.cli.ground import open_state, parts_of, quiet, voice_in, writable_home
from bot.failure import Failure
from bot.printing import print_table
from tools.messages import say

if TYPE_CHECKING:
    from bot.bootstrap import Parts
    from bot.rendering.voice import Voice


def learn(  # noqa: PLR0917 - each is an option of its own
    context: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Files or folders; without any, all that are known are looked through.", metavar="PATH…"),
    ] = None,
    readers: Annotated[
        str | None,
        typer.Option(
            "--for",
            help="Who may read what is in these paths; a folder inside may have its own. Default: as the folder "
            "round it, else everyone.",
            metavar="everyone|analysts|admins",
        ),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List what is learned.")] = False,
    remove: Annotated[
        str | None, typer.Option(help="Take a document or a folder out.", metavar="NAME", show_default=False)
    ] = None,
    report: Annotated[
        bool, typer.Option("--report", help="What to write next: what was asked and not found, and what is not used.")
    ] = False,
) -> None:
    """Learns documents (Markdown, text, HTML, PDF, DOCX, XLSX, CSV, PPTX), and prints what came of it.

    What has not changed is not read again; what is gone from a folder leaves. One file that cannot be read stops no
    other. Exits with 1 where nothing of what was named could be learned.
    """
    from bot.learn import ACCESS, as_table, as_tables, explained, progress_bars, told

    if sum((bool(paths), listed, remove is not None, report)) > 1:
        raise Failure("Give paths, --list, --remove or --report: one of them.", code=2)
    if readers is not None and (readers not in ACCESS or not paths):
        raise Failure(
            f"--for was {readers!r}; expected {', '.join(ACCESS)}, with the paths that it is for.",
            "For example: marketbot learn playbooks/pricing --for admins",
            2,
        )
    parts = parts_of(context)
    voice = voice_in(parts.settings.language)
    library = parts.library
    if listed:
        for title, table in as_tables(library.documents(set(ACCESS.values()))):
            print_table(voice.text(title), table, voice, narrow=True)
        return
    if report:
        _report_on_knowledge(parts, voice)
        return
    writable_home(parts)
    quiet(parts)
    if remove is not None:
        _remove_document(parts, remove, voice)
        return
    with explained(), progress_bars() as progress:
        came = library.learn(paths or (), access=None if readers is None else ACCESS[readers], progress=progress)
    for message in told(came):
        typer.echo(voice.text(message))
    shown = [one for one in (came.learned if readers else (*came.added, *came.changed)) if one.origin == "team"]
    if shown:
        print_table("", as_table(shown), voice, narrow=True)
    if paths and not any(one.origin == "team" for one in came.learned):
        if not came.unreadable:
            typer.echo(voice.text(say("There was nothing to learn there.")))
        raise typer.Exit(1)


def _remove_document(parts: Parts, name: str, voice: Voice) -> None:
    from bot.learn import ACCESS, alike, explained
    from knowledge.errors import AmbiguousName, UnknownDocument

    try:
        with explained():
            left = parts.library.remove(name)
    except UnknownDocument as error:
        names = [one.name for one in parts.library.documents(set(ACCESS.values()))]
        near = ", ".join(alike(name, (*names, *parts.library.folders())))
        mend = f"Nearest: {near}." if near else "`marketbot learn --list` shows what is."
        raise Failure(f"Nothing called {name!r} is learned.", mend, 2) from error
    except AmbiguousName as error:
        raise Failure(f"{len(error.paths)} are called {name!r}.", f"Say which: {', '.join(error.paths)}", 2) from error
    for one in left:
        typer.echo(voice.text(say("{name} is no longer learned.", name=one.name)))
    if not left:
        typer.echo(voice.text(say("{name} is no longer looked through.", name=name)))


def _report_on_knowledge(parts: Parts, voice: Voice) -> None:
    from tools.playbooks.report import to_write

    writable_home(parts)
    quiet(parts)
    open_state(parts)
    report = to_write(parts.library, parts.state, now)
    for message in report.messages():
        typer.echo(voice.text(message))
    for title, table in report.as_tables():
        print_table(voice.text(title), table, voice, narrow=True)
