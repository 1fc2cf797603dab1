"""The command line: `marketbot demo`, `run`, `import`, `ask`, `exam` and `doctor`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import typer
from pydantic import ValidationError

from bot.bootstrap import Parts, now
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.rendering.voice import Voice
    from bot.reply import Reply
    from tools.answer import Table
    from tools.messages import Message

app = typer.Typer(
    name="marketbot",
    help="Answers a marketing team's questions from the team's own data, in English and Chinese.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class Failed(Exception):
    """Ends a command: the message goes to stderr, the mend beneath it."""

    def __init__(self, message: str, mend: str = "", code: int = 1) -> None:
        super().__init__(message)
        self.mend = mend
        self.code = code


@app.callback()
def common(
    context: typer.Context,
    home: Annotated[
        Path | None, typer.Option(help="Folder that holds all state (or MARKETBOT_HOME).", show_default=False)
    ] = None,
) -> None:
    """Reads the settings: environment, then `.env`, then the options here."""
    overrides: dict[str, Any] = {"home": home} if home is not None else {}
    context.obj = Parts(Settings(**overrides))


@app.command()
def demo(
    context: typer.Context,
    port: Annotated[int | None, typer.Option(help="Port of the sandbox page; 0 takes a free one.")] = None,
    scale: Annotated[float, typer.Option(help="Size of the demo store; 1 is about 200,000 order lines.")] = 1.0,
) -> None:
    """Makes the demo store on first run, then serves the bot and a chat page on this machine."""
    from bot.demo import prepare, serve

    parts: Parts = context.obj
    prepare(parts, scale=scale, end=parts.today() - timedelta(days=1))
    serve(parts, parts.settings.sandbox_port if port is None else port)


@app.command()
def run(context: typer.Context) -> None:
    """Serves the bot on real Telegram, by long polling or, where MARKETBOT_WEBHOOK_URL is set, by webhook."""
    import asyncio

    from bot.log import set_up_logging
    from bot.telegram.application import build_application
    from bot.telegram.service import run as serve

    parts: Parts = context.obj
    token = parts.settings.telegram_token
    if token is None:
        raise Failed(
            "There is no bot token.",
            "Get one from @BotFather and set MARKETBOT_TELEGRAM_TOKEN in .env (see .env.example).",
        )
    set_up_logging(parts.settings.log_level, parts.settings.log_format, secrets=[token.get_secret_value()])

    async def main() -> None:
        application = build_application(
            parts.settings, parts.assistant, parts.state, now, tools=parts.registry.tools
        )
        await serve(application)

    asyncio.run(main())


@app.command(name="import")
def import_(
    context: typer.Context,
    mapping: Annotated[Path, typer.Argument(help="The mapping (YAML): which column is what.")],
    files: Annotated[list[str], typer.Argument(help="Files, folders or database addresses.", metavar="FILE…")],
) -> None:
    """Loads CSV, Parquet, XLSX or a database into the canonical tables, and prints what came of it."""
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from tools.warehouse.importer import import_files
    from tools.warehouse.mapping import load_mapping

    parts: Parts = context.obj
    if parts.settings.warehouse_url:
        raise Failed(
            "MARKETBOT_WAREHOUSE_URL names a database of its own, so there is nothing to import into.",
            "Unset it to import into the home folder.",
        )
    voice = _voice(parts.settings.language)
    with Progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), transient=True) as bar:
        task = bar.add_task("…", total=None)

        def progress(message: Message) -> None:
            bar.update(task, description=voice.text(message))

        report = import_files(
            load_mapping(mapping), files, parts.settings.warehouse_path, now=now(), progress=progress
        )
    for message in report.messages():
        typer.echo(voice.text(message))
    for title, table in report.as_tables():
        _print_table(voice.text(title), table, voice)


@app.command()
def ask(
    context: typer.Context,
    question: Annotated[str | None, typer.Argument(help="A question in English or Chinese.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a question.")] = False,
    batch: Annotated[Path | None, typer.Option(help="Questions from a file, one JSON object a line.")] = None,
    as_of: Annotated[str | None, typer.Option(help="What counts as today: a day, 'latest' or 'today'.")] = None,
    lang: Annotated[str | None, typer.Option(help="Language of the answer: en or zh (default: the question's).")] = None,
) -> None:
    """Answers one question in the terminal, or a file of them."""
    if (question is None) == (batch is None):
        raise Failed("Give either a question or --batch FILE.", 'For example: marketbot ask "net sales last month"', 2)
    parts: Parts = context.obj
    if as_of is not None:
        parts.settings = parts.settings.model_copy(update={"as_of": _day_or_word(as_of)})
    if lang not in (None, "en", "zh"):
        raise Failed(f"--lang was {lang!r}; expected en or zh.", code=2)
    _quiet(parts)
    lines = _read_batch(batch) if batch is not None else iter([{"question": question}])
    failed = False
    for line in lines:
        reply, voice = _asked(parts, line, lang)
        failed |= reply.status == "failed"
        if as_json or batch is not None:
            from bot.rendering.reply import reply_json

            print(json.dumps(reply_json(reply, voice, line.get("id")), ensure_ascii=False), flush=True)  # noqa: T201
        else:
            _print_reply(reply, voice)
    if failed:
        raise typer.Exit(1)


@app.command()
def exam(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Questions with known answers, one JSON object a line.")],
    show_wrong: Annotated[bool, typer.Option(help="Also each question that was not answered right.")] = False,
) -> None:
    """Scores the product on questions with known answers."""
    from bot.exam import report, score
    from bot.rendering.reply import reply_json

    parts: Parts = context.obj
    _quiet(parts)
    questions = list(_read_batch(file))
    answers: dict[str, Mapping[str, Any]] = {}
    for line in questions:
        if "expect" not in line:
            raise Failed(f"{file}: question {line.get('id')!r} has no `expect`, so it cannot be judged.", code=2)
        reply, voice = _asked(parts, line, None)
        answers[line["id"]] = reply_json(reply, voice, line["id"])
    judgements = score(questions, answers)
    if show_wrong:
        for one in judgements:
            if one.verdict != "right":
                question = one.question
                typer.echo(f"{one.verdict:6} {question['id']} [{question['kind']}/{question['lang']}] {question['question']}")
                typer.echo(f"       {one.reason}")
    typer.echo(report(judgements))


@app.command()
def doctor(context: typer.Context) -> None:
    """Checks settings, data, fonts and connections: what is wrong, and the mend."""
    from bot.doctor import examine

    parts: Parts = context.obj
    worst = 0
    marks = {"ok": "✓", "warning": "!", "error": "✗"}
    for finding in examine(parts):
        typer.echo(f"{marks[finding.level]} {finding.what}")
        if finding.mend:
            typer.echo(f"    {finding.mend}")
        worst = max(worst, {"ok": 0, "warning": 0, "error": 1}[finding.level])
    raise typer.Exit(worst)


def main() -> None:
    """The entry point: runs a command; errors go to stderr with a mend, and the exit code is honest."""
    from tools.errors import AssistantError

    # A store's names are in any script; a terminal that cannot show one must not end the command.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        app()
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_input=False):
            name = "_".join(str(part) for part in problem["loc"]).upper()
            typer.echo(f"Setting MARKETBOT_{name}: {problem['msg']}.", err=True)
        typer.echo("See .env.example for every setting and what it takes.", err=True)
        sys.exit(2)
    except AssistantError as error:
        typer.echo(_voice("en").text(error.message), err=True)
        sys.exit(1)
    except Failed as error:
        typer.echo(str(error), err=True)
        if error.mend:
            typer.echo(error.mend, err=True)
        sys.exit(error.code)


# --- Pieces ---------------------------------------------------------------------------------------------------


def _asked(parts: Parts, line: Mapping[str, Any], lang: str | None) -> tuple[Reply, Voice]:
    from bot.reply import Question
    from tools.tool import User

    question = Question(
        text=str(line["question"]),
        user=User("cli", "admin", parts.settings.language),
        conversation=f"cli:{line['session']}" if line.get("session") else f"cli:{id(line)}",
        language=lang,
        today=date.fromisoformat(line["as_of"]) if line.get("as_of") else None,
    )
    reply = parts.assistant.ask(question)
    return reply, _voice(reply.language)


def _voice(language: str) -> Voice:
    from bot.rendering.voice import Voice

    return Voice(cast(Literal["en", "zh"], language))


def _read_batch(file: Path) -> Iterator[dict[str, Any]]:
    """The lines of a JSON-lines file. Raises Failed naming file and line."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Failed(f"{file} cannot be read: {error.strerror}.", code=2) from error
    for number, raw in enumerate(text.splitlines(), start=1):
        if not raw.strip():
            continue
        try:
            line = json.loads(raw)
        except json.JSONDecodeError as error:
            raise Failed(f"{file}, line {number}: not JSON ({error.msg}).", "Write one JSON object a line.", 2) from error
        if not isinstance(line, dict) or not isinstance(line.get("question"), str):
            raise Failed(f'{file}, line {number}: expected an object with a "question".', code=2)
        line.setdefault("id", str(number))
        yield line


def _day_or_word(text: str) -> date | str:
    if text in ("today", "latest"):
        return text
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Failed(f"--as-of was {text!r}; expected a day such as 2011-12-09, or 'latest', or 'today'.", code=2) from None


def _quiet(parts: Parts) -> None:
    """Answers go to stdout, so the log keeps to warnings on stderr."""
    from bot.log import set_up_logging

    level = parts.settings.log_level
    set_up_logging("WARNING" if level == "INFO" else level, parts.settings.log_format)


def _print_reply(reply: Reply, voice: Voice) -> None:
    from bot.rendering.reply import reply_json

    shown = reply_json(reply, voice, None)
    typer.echo(shown["text"])
    if reply.status == "answered":
        for answer in reply.answers:
            if answer.table is not None:
                _print_table("", answer.table, voice)
    options = [voice.text(option.label) for option in reply.options]
    for option in options:
        typer.echo(f"  · {option}")


def _print_table(title: str, table: Table, voice: Voice) -> None:
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    shown = RichTable(title=Text(title) if title else None, title_justify="left", header_style="bold")
    for column in table.columns:
        label = voice.value(column.label)
        shown.add_column(Text(label), justify="right" if column.unit else "left")
    columns = [voice.cells([row[i] for row in table.rows], column) for i, column in enumerate(table.columns)]
    for cells in zip(*columns, strict=True):
        shown.add_row(*(Text(cell) for cell in cells))
    Console().print(shown)


if __name__ == "__main__":
    main()
