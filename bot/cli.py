"""The command line: `marketbot demo`, `run`, `import`, `learn`, `ask`, `exam` and `doctor`."""

from __future__ import annotations

import json
import os
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast
from uuid import uuid4

import structlog
import typer
from pydantic import SecretStr, ValidationError

from bot.batch import day_or_word, read_batch
from bot.bootstrap import Parts, now
from bot.failure import Failure
from bot.printing import print_reply, print_table, reply_as_json
from bot.settings import Settings
from tools.messages import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.rendering.voice import Voice
    from bot.reply import Reply
    from tools.messages import Message

log = structlog.get_logger(__name__)
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


@app.command(short_help="Try it: a demo store, the bot and a chat page.")
def demo(
    context: typer.Context,
    port: Annotated[
        int | None, typer.Option(help="Port of the chat page; 0 takes a free one.", min=0, max=65535)
    ] = None,
    scale: Annotated[
        float, typer.Option(help="Size of a new demo store; 1 is about 200,000 order lines.", min=0.01, max=500)
    ] = 1.0,
) -> None:
    """Makes the demo store on first run, then serves the bot and a chat page on this machine.

    A store that is in the home folder already, say an imported one, is used as it is.
    """
    from bot.demo import prepare, serve

    parts = _parts(context)
    _writable_home(parts)
    prepare(parts, scale=scale, end=parts.today() - timedelta(days=1))
    _open_store(parts)
    _check_model(parts)
    _open_state(parts)
    serve(parts, parts.settings.sandbox_port if port is None else port)


@app.command(short_help="Serve the bot on Telegram.")
def run(context: typer.Context) -> None:
    """Serves the bot on real Telegram, by long polling or, where MARKETBOT_WEBHOOK_URL is set, by webhook."""
    import asyncio

    from bot.log import set_up_logging

    parts = _parts(context)
    token = parts.settings.telegram_token
    if token is None:
        raise Failure(
            "There is no bot token.",
            "Get one from @BotFather and set MARKETBOT_TELEGRAM_TOKEN in .env (see .env.example).",
            2,
        )
    _writable_home(parts)
    _open_store(parts)
    _check_model(parts)
    _open_state(parts)
    set_up_logging(parts.settings.log_level, parts.settings.log_format, secrets=parts.settings.secrets)

    from telegram.error import InvalidToken

    from bot.telegram.application import build_application
    from bot.telegram.service import run as serve

    async def main() -> None:
        application = build_application(
            parts.settings, parts.assistant, parts.state, now, tools=parts.registry.tools, library=parts.library
        )
        await serve(application)

    try:
        asyncio.run(main())
    except InvalidToken as error:
        raise Failure("Telegram refuses the bot token.", "Get a valid one from @BotFather.") from error


@app.command(name="import", short_help="Load your own data.")
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

    parts = _parts(context)
    if parts.settings.warehouse_url:
        raise Failure(
            "MARKETBOT_WAREHOUSE_URL names a database of its own, so there is nothing to import into.",
            "Unset it to import into the home folder.",
            2,
        )
    voice = _voice(parts.settings.language)
    loaded = load_mapping(mapping)
    _writable_home(parts)
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


@app.command(short_help="Learn documents: playbooks, rules, reports.")
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
    from bot.learn import ACCESS, as_table, explained, progress_bars, told

    if sum((bool(paths), listed, remove is not None, report)) > 1:
        raise Failure("Give paths, --list, --remove or --report: one of them.", code=2)
    if readers is not None and (readers not in ACCESS or not paths):
        raise Failure(
            f"--for was {readers!r}; expected {', '.join(ACCESS)}, with the paths that it is for.",
            "For example: marketbot learn playbooks/pricing --for admins",
            2,
        )
    parts = _parts(context)
    voice = _voice(parts.settings.language)
    library = parts.library
    if listed:
        print_table("", as_table(library.documents(set(ACCESS.values()))), voice, wide=True)
        return
    if report:
        _report_on_knowledge(parts, voice)
        return
    _writable_home(parts)
    _quiet(parts)
    if remove is not None:
        _remove_document(parts, remove, voice)
        return
    with explained(), progress_bars() as progress:
        came = library.learn(paths or (), access=None if readers is None else ACCESS[readers], progress=progress)
    for message in told(came):
        typer.echo(voice.text(message))
    shown = [one for one in (came.learned if readers else (*came.added, *came.changed)) if one.origin == "team"]
    if shown:
        print_table("", as_table(shown), voice, wide=True)
    if paths and not any(one.origin == "team" for one in came.learned):
        if not came.unreadable:
            typer.echo(voice.text(say("There was nothing to learn there.")))
        raise typer.Exit(1)


@app.command(short_help="Ask one question, or a file of them, in the terminal.")
def ask(  # noqa: PLR0917 - each is an option of its own
    context: typer.Context,
    question: Annotated[str | None, typer.Argument(help="A question in English or Chinese.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    batch: Annotated[
        Path | None,
        typer.Option(
            help="Questions from a file, one JSON object a line: “question”, and if you like “id”, “session” and "
            "“as_of”. Prints one JSON object for each, in the same order.",
            metavar="FILE.jsonl",
        ),
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(help="What counts as today: a day (2011-12-09), latest or today.", metavar="DATE")
    ] = None,
    lang: Annotated[
        str | None, typer.Option(help="Language of the answer; default: the question's.", metavar="en|zh")
    ] = None,
) -> None:
    """Answers one question in the terminal, or a file of them.

    Exits with 0 also where a question is declined or asked back; with 1 where the store cannot be used or an answer
    failed.
    """
    if (question is None) == (batch is None):
        raise Failure("Give a question or --batch FILE.jsonl.", 'For example: marketbot ask "sales last month"', 2)
    parts = _parts(context)
    if as_of is not None:
        parts.settings = parts.settings.model_copy(update={"as_of": day_or_word(as_of)})
    if lang not in (None, "en", "zh"):
        raise Failure(f"--lang was {lang!r}; expected en or zh.", code=2)
    lines = list(read_batch(batch)) if batch is not None else [{"question": question}]
    _quiet(parts)
    _open_store(parts)
    _check_model(parts)
    failed = False
    for line in lines:
        reply, voice = _asked(parts, line, lang)
        failed |= reply.status == "failed"
        if as_json or batch is not None:
            written = reply_as_json(reply, voice, line.get("id"))
            failed |= written["status"] == "failed"
            print(json.dumps(written, ensure_ascii=False), flush=True)  # noqa: T201
        else:
            print_reply(reply, voice)
    if failed:
        raise typer.Exit(1)


@app.command(short_help="Score the bot on questions with known answers.")
def exam(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="Questions with known answers, one JSON object a line.", metavar="FILE.jsonl")
    ],
    show_wrong: Annotated[bool, typer.Option("--show-wrong", help="Also list what was not answered right.")] = False,
) -> None:
    """Asks questions with known answers and prints how many were answered right, wrongly, or not at all."""
    from bot.exam import report, score

    parts = _parts(context)
    questions = list(read_batch(file))
    for line in questions:
        lacking = [key for key in ("expect", "kind", "lang") if key not in line]
        if lacking:
            raise Failure(f"{file}: question {line['id']!r} has no {lacking[0]!r}, so it cannot be judged.", code=2)
    _quiet(parts)
    _open_store(parts)
    _check_model(parts)
    answers: dict[str, Mapping[str, Any]] = {}
    for line in questions:
        reply, voice = _asked(parts, line, None)
        answers[line["id"]] = reply_as_json(reply, voice, line["id"])
    judgements = score(questions, answers)
    if show_wrong:
        for one in judgements:
            if one.verdict != "right":
                asked = one.question
                typer.echo(f"{one.verdict:6} {asked['id']} [{asked['kind']}/{asked['lang']}] {asked['question']}")
                typer.echo(f"       {one.reason}")
    typer.echo(report(judgements))


@app.command(short_help="Check settings, data, fonts and connections.")
def doctor(context: typer.Context) -> None:
    """Checks settings, data, fonts and connections: what is wrong, and the mend.

    Exits with 1 where something is broken (✗); what merely could be better (!) leaves it at 0.
    """
    from bot.doctor import examine

    marks = {"ok": "✓", "warning": "!", "error": "✗"}
    broken = False
    parts = _parts(context)
    _quiet(parts)
    for finding in examine(parts):
        typer.echo(f"{marks[finding.level]} {finding.what}")
        if finding.mend:
            typer.echo(f"    {finding.mend}")
        broken |= finding.level == "error"
    raise typer.Exit(int(broken))


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
        typer.echo(_voice("en").text(error.message), err=True)
        sys.exit(1)
    except Failure as error:
        typer.echo(str(error), err=True)
        if error.mend:
            typer.echo(error.mend, err=True)
        sys.exit(error.code)


# --- What a command stands on ---------------------------------------------------------------------------------


def _parts(context: typer.Context) -> Parts:
    """The parts by the settings. Raises Failure, which names every setting that is wrong."""
    overrides: dict[str, Any] = {} if context.obj is None else {"home": context.obj}
    try:
        return Parts(Settings(**overrides))
    except ValidationError as error:
        problems = {str(problem["loc"][0]): problem for problem in reversed(error.errors(include_url=False))}
        lines = [_problem(name, problem["input"], problem["msg"]) for name, problem in reversed(problems.items())]
        raise Failure("\n".join(lines), "See .env.example for every setting and what it takes.", 2) from error
    except UnicodeDecodeError as error:
        raise Failure(".env is not UTF-8.", "Save it as UTF-8.", 2) from error


def _problem(name: str, given: Any, message: str) -> str:
    field = Settings.model_fields[name]
    secret = "Secret" in str(field.annotation) or isinstance(given, SecretStr)
    was = "is wrong" if secret else f"was {str(given)!r}"
    return f"MARKETBOT_{name.upper()} {was}: {message.removeprefix('Value error, ')}. ({field.description})"


def _writable_home(parts: Parts) -> None:
    """Makes the home folder. Raises Failure where that, or writing there, is impossible."""
    home = parts.settings.home
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(
            f"The home folder {home} cannot be made: {error.strerror}.", "Name another with --home or MARKETBOT_HOME."
        ) from error
    if not os.access(home, os.W_OK | os.X_OK):
        raise Failure(f"The home folder {home} cannot be written.", "Give the bot's user the right to write there.")


def _open_store(parts: Parts) -> None:
    """Raises AssistantError where there is no store, Failure where it cannot be opened."""
    from bot.log import redact
    from tools.errors import AssistantError

    try:
        parts.warehouse.tables()
    except AssistantError:
        raise
    except Exception as error:
        # Every engine has errors of its own.
        where = redact(parts.settings.resolved_warehouse_url.removeprefix("duckdb://"))
        raise Failure(
            f"The store {where} cannot be opened: {_first_line(error)}",
            "Check MARKETBOT_WAREHOUSE_URL."
            if parts.settings.warehouse_url
            else "Put a backup in its place, or move it away and run `marketbot import` or `marketbot demo` again.",
        ) from error


def _check_model(parts: Parts) -> None:
    """Raises Failure where a language model is set whose package is not installed."""
    from bot.understanding.chat_model import installed

    if parts.settings.model:
        installed(parts.settings.model)


def _open_state(parts: Parts) -> None:
    """Raises Failure where the state database cannot be opened or brought to the newest schema."""
    from alembic.util import CommandError
    from sqlalchemy.exc import SQLAlchemyError

    from bot.log import redact

    try:
        _ = parts.state
    except (SQLAlchemyError, CommandError) as error:
        raise Failure(
            f"The state database {redact(parts.settings.resolved_state_url)} cannot be opened: {_first_line(error)}",
            "Put a backup in its place; if a newer version of marketbot made it, run that version.",
        ) from error


def _first_line(error: Exception) -> str:
    from bot.log import redact

    return redact(str(error).strip().partition("\n")[0]) or type(error).__name__


# --- Documents ------------------------------------------------------------------------------------------------


def _remove_document(parts: Parts, name: str, voice: Voice) -> None:
    from bot.learn import ACCESS, explained
    from knowledge.errors import UnknownDocument
    from tools.nearest import nearest

    try:
        with explained():
            left = parts.library.remove(name)
    except UnknownDocument as error:
        names = [one.name for one in parts.library.documents(set(ACCESS.values()))]
        near = ", ".join(nearest(name, names)) or "see `marketbot learn --list`"
        raise Failure(f"Nothing called {name!r} is learned.", f"Nearest: {near}.", 2) from error
    for one in left:
        typer.echo(voice.text(say("{name} is no longer learned.", name=one.name)))
    if not left:
        typer.echo(voice.text(say("{name} is no longer looked through.", name=name)))


def _report_on_knowledge(parts: Parts, voice: Voice) -> None:
    from tools.playbooks.report import to_write

    _writable_home(parts)
    _quiet(parts)
    _open_state(parts)
    report = to_write(parts.library, parts.state, now)
    for message in report.messages():
        typer.echo(voice.text(message))
    for title, table in report.as_tables():
        print_table(voice.text(title), table, voice)


# --- Asking ---------------------------------------------------------------------------------------------------


def _asked(parts: Parts, line: Mapping[str, Any], lang: str | None) -> tuple[Reply, Voice]:
    from bot.reply import Question
    from tools.tool import User

    session = line.get("session")
    question = Question(
        text=str(line["question"]),
        user=User("cli", "admin", parts.settings.language),
        # Without a session every line is a conversation of its own.
        conversation=f"cli:line:{uuid4()}" if session is None else f"cli:session:{session}",
        language=lang,
        today=date.fromisoformat(line["as_of"]) if line.get("as_of") else None,
    )
    reply = parts.assistant.ask(question)
    return reply, _voice(reply.language)


def _voice(language: str) -> Voice:
    from bot.rendering.voice import Voice

    return Voice(cast("Literal['en', 'zh']", language))


def _quiet(parts: Parts) -> None:
    """Answers go to stdout, so the log keeps to warnings on stderr."""
    from bot.log import set_up_logging

    level = parts.settings.log_level
    set_up_logging("WARNING" if level == "INFO" else level, parts.settings.log_format, secrets=parts.settings.secrets)


if __name__ == "__main__":
    main()
