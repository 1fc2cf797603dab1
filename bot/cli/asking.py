"""`marketbot ask` and `marketbot exam`: questions in the terminal, or a file of them."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from bot.batch import day_or_word, read_batch
from bot.cli.ground import check_model, open_store, parts_of, quiet, voice_in
from bot.failure import Failure
from bot.printing import print_reply, reply_as_json, save_files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.bootstrap import Parts
    from bot.rendering.voice import Voice
    from bot.reply import Reply


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
    parts = parts_of(context, lasting=False)
    if as_of is not None:
        parts.settings = parts.settings.model_copy(update={"as_of": day_or_word(as_of)})
    if lang not in (None, "en", "zh"):
        raise Failure(f"--lang was {lang!r}; expected en or zh.", code=2)
    lines = list(read_batch(batch)) if batch is not None else [{"question": question}]
    quiet(parts)
    open_store(parts)
    check_model(parts)
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
            save_files(reply, voice, Path())
    if failed:
        raise typer.Exit(1)


def exam(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="Questions with known answers, one JSON object a line.", metavar="FILE.jsonl")
    ],
    show_wrong: Annotated[bool, typer.Option("--show-wrong", help="Also list what was not answered right.")] = False,
) -> None:
    """Asks questions with known answers and prints how many were answered right, wrongly, or not at all.

    A line whose “expect” is null is left out and counted: what it should say is still to be filled in.
    """
    from bot.exam import flaw, is_open, report, score

    parts = parts_of(context, lasting=False)
    lines = list(read_batch(file))
    for line in lines:
        why = flaw(line)
        if why is not None:
            raise Failure(f"{file}: question {line['id']!r} cannot be judged: {why}.", code=2)
    doubles = [name for name, times in Counter(str(line["id"]) for line in lines).items() if times > 1]
    if doubles:
        raise Failure(f"{file}: {len(doubles)} ids stand in more than one line, such as {doubles[0]!r}.", code=2)
    questions = [line for line in lines if not is_open(line)]
    judged = {line["session"] for line in questions if line.get("session") is not None}
    if not questions:
        raise Failure(f"{file} holds no question with an “expect” to judge by.", "Fill in “expect”, see docs.", 2)
    quiet(parts)
    open_store(parts)
    check_model(parts)
    answers: dict[str, Mapping[str, Any]] = {}
    # What is not judged may still be what a judged question goes on from.
    for line in (line for line in lines if not is_open(line) or line.get("session") in judged):
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
    left_out = len(lines) - len(questions)
    if left_out:
        typer.echo(f"{left_out} left out: their “expect” is still to be filled in.")


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
    return reply, voice_in(reply.language)
