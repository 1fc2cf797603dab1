"""`marketbot teach` and `marketbot reviews`: the team's own words, and answers that were called wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.ground import open_state, open_store, parts_of, quiet, voice_in, writable_home
from bot.failure import Failure
from bot.printing import print_table
from tools.answer import Column, Table
from tools.messages import say
from tools.tool import User

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bot.bootstrap import Parts
    from bot.rendering.voice import Voice
    from bot.reviews.record import Review, Verdict
    from bot.understanding.taught.record import Meaning
    from bot.understanding.taught.teaching import Listed

Lang = Annotated[str | None, typer.Option(help="Language of what is shown.", metavar="en|zh")]


def teach(
    context: typer.Context,
    sentence: Annotated[
        str | None, typer.Argument(help="A word and what it means: '“flagship markets” means country=Germany, France'.")
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List what is taught.")] = False,
    revoke: Annotated[
        int | None, typer.Option(help="Forget a word, by its number in the list.", metavar="N", min=1)
    ] = None,
    lang: Lang = None,
) -> None:
    """Teaches the bot a word of your team: another name for a figure, for values, or for a saved segment.

    It counts at once, in everybody's questions. Exits with 1 where it cannot be taught, which says why.
    """
    if sum((sentence is not None, listed, revoke is not None)) != 1:
        raise Failure(
            "Give a sentence, --list or --revoke: one of them.",
            "For example: marketbot teach '“GP” means net sales'",
            2,
        )
    parts, voice = _parts(context, lang)
    open_store(parts)
    if sentence is not None:
        _teach(parts, sentence, voice)
    elif revoke is not None:
        _revoke(parts, revoke, voice)
    else:
        words = parts.teaching.all(_operator(parts))
        if words:
            print_table("", _words_table(parts, words), voice)
            if not all(word.there for word in words):
                typer.echo(voice.text(say("✗ What it means is no longer in the data.")))
        else:
            typer.echo(voice.text(say("No words have been taught yet. For example: /teach “GP” means net sales")))


def reviews(
    context: typer.Context,
    export: Annotated[
        Path | None,
        typer.Option(
            help="Write them as questions for `marketbot exam`, one JSON object a line.", metavar="FILE.jsonl"
        ),
    ] = None,
    done: Annotated[int | None, typer.Option(help="Mark one as dealt with.", metavar="N", min=1)] = None,
    right: Annotated[
        int | None, typer.Option(help="Mark one as right all along: the exam expects its plan.", metavar="N", min=1)
    ] = None,
    lang: Lang = None,
) -> None:
    """Lists the answers that somebody called wrong, with the plan behind each, newest first."""
    if sum(each is not None for each in (export, done, right)) > 1:
        raise Failure("Give --export, --done or --right: one of them.", code=2)
    parts, voice = _parts(context, lang)
    if export is not None:
        _export(parts, export)
    elif done is not None:
        _judge(parts, done, "done")
    elif right is not None:
        _judge(parts, right, "right")
    else:
        found, total = parts.reviews.page(0, 100)
        if not found:
            typer.echo(voice.text(say("No answer waits for a review.")))
            return
        names = {str(member.id): member.name for member in parts.access.members()}
        for review in found:
            typer.echo(_told(review, names, voice))
        if total > len(found):
            typer.echo(f"… and {total - len(found)} older ones; --export writes all of them.")


def _parts(context: typer.Context, lang: str | None) -> tuple[Parts, Voice]:
    if lang not in (None, "en", "zh"):
        raise Failure(f"--lang was {lang!r}; expected en or zh.", code=2)
    parts = parts_of(context)
    writable_home(parts)
    quiet(parts)
    open_state(parts)
    return parts, voice_in(lang or parts.settings.language)


def _operator(parts: Parts) -> User:
    return User("cli", "admin", parts.settings.language)


def _teach(parts: Parts, sentence: str, voice: Voice) -> None:
    user = _operator(parts)
    proposal = parts.teaching.proposed(sentence, user)
    if len(proposal.meanings) > 1:
        choices = " · ".join(spelled(meaning) for meaning in proposal.meanings)
        raise Failure(f"“{proposal.word}” could mean more than one thing.", f"Say which: {choices}", 1)
    for warning in proposal.warnings:
        typer.echo(voice.text(warning))
    kept = parts.teaching.teach(proposal.word, proposal.meanings[0], user)
    parts.audit_log.record("cli", "word_taught", f"word={kept.taught.word} {spelled(kept.taught.meaning)}")
    typer.echo(
        voice.text(
            say(
                "From now on “{word}” means {meaning}, in everybody's questions. To forget it: "
                "marketbot teach --revoke {number}",
                word=kept.taught.word,
                meaning=kept.called,
                number=str(kept.taught.id),
            )
        )
    )


def _revoke(parts: Parts, number: int, voice: Voice) -> None:
    gone = parts.teaching.revoke(number)
    if gone is None:
        raise Failure(f"No taught word has the number {number}.", "`marketbot teach --list` shows them.", 2)
    parts.audit_log.record("cli", "word_revoked", f"word={gone.word}")
    typer.echo(voice.text(say("“{word}” is no longer taught.", word=gone.word)))


def spelled(meaning: Meaning) -> str:
    """The meaning as it can be taught: metric=net_sales, country=Germany, France."""
    if meaning.kind == "values":
        return f"{meaning.name}={', '.join(meaning.values)}"
    return f"{meaning.kind}={meaning.name}"


def _words_table(parts: Parts, words: Iterable[Listed]) -> Table:
    names = {str(member.id): member.name for member in parts.access.members()}
    rows = tuple(
        (
            str(word.taught.id),
            word.taught.word,
            spelled(word.taught.meaning) if word.there else f"✗ {spelled(word.taught.meaning)}",
            names.get(word.taught.by) or word.taught.by,
            word.taught.at.date(),
        )
        for word in words
    )
    columns = (
        Column("number", say("No.")),
        Column("word", say("Word")),
        Column("meaning", say("Meaning")),
        Column("by", say("Taught by")),
        Column("at", say("On")),
    )
    return Table(columns, rows, len(rows))


def _export(parts: Parts, file: Path) -> None:
    from bot.reviews.exam_lines import exam_file

    found = parts.reviews.all()
    try:
        file.write_text(exam_file(found), encoding="utf-8")
    except OSError as error:
        raise Failure(f"{file} cannot be written: {error.strerror}.") from error
    open_ = sum(1 for review in found if review.verdict != "right")
    typer.echo(f"{len(found)} written to {file}; in {open_} of them “expect” is left to fill in.")


def _judge(parts: Parts, number: int, verdict: Verdict) -> None:
    if parts.reviews.judge(number, verdict, "cli") is None:
        raise Failure(f"No review has the number {number}.", "`marketbot reviews` lists them.", 2)
    parts.audit_log.record("cli", "review_judged", f"review={number} verdict={verdict}")
    typer.echo(f"Review {number} is marked as {verdict}.")


def _told(review: Review, names: Mapping[str, str], voice: Voice) -> str:
    """A review in a few lines, with the plan as JSON."""
    who = names.get(str(review.user_id)) or str(review.user_id)
    what = ": ".join(each for each in (review.reason, review.note) if each) or "no reason given"
    calls = (f"{call.tool} {json.dumps(dict(call.args), ensure_ascii=False)}" for call in review.shown.calls)
    lines = [f"“{review.shown.question}”", *calls, *([f"→ {review.headline}"] if review.headline else [])]
    head = f"#{review.id}  {voice.value(review.at.date())}  {who}  {what}"
    return "\n".join([head, *(f"    {line}" for line in lines)])
