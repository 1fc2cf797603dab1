"""The command line: `marketbot demo`, `run`, `import`, `learn`, `ask`, `digest`, `monitor`, `exam`, `teach`,
`reviews`, `doctor`, `backup` and `restore`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.asking import ask, exam
from bot.cli.examining import doctor
from bot.cli.ground import voice_in
from bot.cli.importing import import_
from bot.cli.learning import learn
from bot.cli.serving import demo, run
from bot.cli.teaching import reviews, teach
from bot.cli.unasked import digest, monitors
from bot.cli.upkeep import backup, restore
from bot.failure import Failure

if TYPE_CHECKING:
    from collections.abc import Sequence

app = typer.Typer(
    name="marketbot",
    help="Answers a marketing team's questions from the team's own data, in English and Chinese.",
    epilog="Settings come from the environment and from .env in the working folder; .env.example lists them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def common(
    context: typer.Context,
    home: Annotated[
        Path | None,
        typer.Option(help="Folder that holds all state; default: MARKETBOT_HOME, or “home”.", show_default=False),
    ] = None,
) -> None:
    """Reads the settings: environment, then `.env`, then the options here."""
    context.obj = home


app.command(short_help="Try it: a demo store, the bot and a chat page.")(demo)
app.command(short_help="Serve the bot on Telegram.")(run)
app.command(name="import", short_help="Load your own data.")(import_)
app.command(short_help="Learn documents: playbooks, rules, reports.")(learn)
app.command(short_help="Ask one question, or a file of them, in the terminal.")(ask)
app.command(short_help="Look at the digest as it would be sent now.")(digest)
app.add_typer(monitors, short_help="Alerts: list, add with a backtest, remove.")
app.command(short_help="Score the bot on questions with known answers.")(exam)
app.command(short_help="Teach a word of your team; list and revoke them.")(teach)
app.command(short_help="Answers that were called wrong; export them for the exam.")(reviews)
app.command(short_help="Check settings, data, fonts and connections.")(doctor)
app.command(short_help="Back up the state database.")(backup)
app.command(short_help="Bring a backup back.")(restore)


def main(arguments: Sequence[str] | None = None) -> None:
    """The entry point: runs a command; errors go to stderr with a mend, and the exit code is honest.

    `arguments` None: those of the process. Always ends with SystemExit.
    """
    from tools.errors import AssistantError

    # A store's names are in any script; a terminal that cannot show one must not end the command.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        app(arguments, prog_name="marketbot")
    except AssistantError as error:
        typer.echo(voice_in("en").text(error.message), err=True)
        sys.exit(1)
    except Failure as error:
        typer.echo(str(error), err=True)
        if error.mend:
            typer.echo(error.mend, err=True)
        sys.exit(error.code)
