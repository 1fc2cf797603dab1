"""What the command line prints: replies as JSON or as the chat would show them, and tables."""

from __future__ import annotations

from itertools import chain, count
from typing import TYPE_CHECKING, Any, Literal

import structlog
import typer

from bot.failure import Failure
from tools.messages import say

if TYPE_CHECKING:
    from pathlib import Path

    from bot.rendering.voice import Voice
    from bot.reply import Reply
    from tools.answer import Table

log = structlog.get_logger(__name__)
NARROW = 100
"""Columns that a table of long names takes at the most."""
SHORT = 12
"""Columns of a cell that stays on one line in such a table."""


def reply_as_json(reply: Reply, voice: Voice, question_id: str | None) -> dict[str, Any]:
    """The reply as JSON. One that cannot be written is a failed one, and the questions after it are answered."""
    from bot.rendering.reply import reply_json
    from bot.reply import broken

    try:
        return reply_json(reply, voice, question_id)
    except Exception:  # whatever broke, the batch goes on and says so
        failed = broken(reply.language, reply.calls, reply.elapsed_ms)
        log.exception("reply not written", incident=failed.incident)
        return reply_json(failed, voice, question_id)


def print_reply(reply: Reply, voice: Voice) -> None:
    """What the chat would show; a table that does not fit a message follows whole."""
    from bot.rendering.reply import plain_text
    from bot.rendering.tables import monospaced

    typer.echo(plain_text(reply, voice))
    for answer in reply.answers if reply.form == "answer" else ():
        table = answer.table
        if table is None or not table.rows or not table.columns:
            continue
        shown = monospaced(table, voice)
        if shown.hidden_rows or shown.hidden_columns:
            print_table("", table, voice)


def save_files(reply: Reply, voice: Voice, folder: Path) -> None:
    """Writes what was asked for as files; what is there already is kept. Raises Failure where it cannot be written."""
    from bot.rendering.parts import FilePart
    from bot.rendering.reply import render

    if reply.form in ("answer", "how"):
        return
    for part in render(reply, voice, charts=False).parts:
        if isinstance(part, FilePart):
            target = _free(folder / part.name)
            try:
                target.write_bytes(part.content)
            except OSError as error:
                raise Failure(f"{target} cannot be written: {error.strerror}.") from error
            typer.echo(voice.text(say("Saved as {file}.", file=str(target))))


def _free(path: Path) -> Path:
    """The path, or the next one with a number that is not taken."""
    numbered = (path.with_stem(f"{path.stem} ({number})") for number in count(2))
    return next(each for each in chain((path,), numbered) if not each.exists())


def print_table(title: str, table: Table, voice: Voice, *, narrow: bool = False) -> None:
    """`narrow` keeps within 100 columns, wherever it goes to; long names go on in the next line."""
    from rich import box
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    from bot.rendering.text import width

    shown = RichTable(title=Text(title) if title else None, title_justify="left", header_style="bold")
    if narrow:
        shown.box, shown.pad_edge, shown.collapse_padding = box.SIMPLE_HEAD, False, True
    columns = [voice.cells([row[i] for row in table.rows], column) for i, column in enumerate(table.columns)]
    for column, cells in zip(table.columns, columns, strict=True):
        label = voice.value(column.label)
        short = narrow and max(map(width, (label, *cells))) <= SHORT
        justify: Literal["left", "right"] = "right" if column.unit else "left"
        shown.add_column(Text(label), justify=justify, overflow="fold", no_wrap=short)
    for row in zip(*columns, strict=True):
        shown.add_row(*(Text(cell) for cell in row))
    console = Console()
    if narrow:
        console = Console(width=min(console.width, NARROW) if console.is_terminal else NARROW)
    console.print(shown)
