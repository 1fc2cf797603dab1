"""`marketbot digest` and `marketbot monitor`: what is sent unasked, looked at and set up in the terminal."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.batch import day_or_word
from bot.cli.ground import check_model, open_state, open_store, parts_of, quiet, voice_in, writable_home
from bot.failure import Failure
from bot.printing import print_reply, reply_as_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.bootstrap import Parts
    from bot.reply import Question, Reply
    from jobs.alerts.monitors import Monitor
    from tools.tool import Chat, User

RHYTHMS = ("daily", "weekly", "monthly")

monitors = typer.Typer(
    name="monitor", invoke_without_command=True, add_completion=False, rich_markup_mode=None, no_args_is_help=False
)

AsOf = Annotated[
    str | None, typer.Option(help="What counts as today: a day (2011-12-09), latest or today.", metavar="DATE")
]
Lang = Annotated[str | None, typer.Option(help="Language of what is shown.", metavar="en|zh")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Picture = Annotated[Path | None, typer.Option(help="Also write its picture to this file.", metavar="FILE.png")]
Number = Annotated[int, typer.Argument(help="The alert's number, as `marketbot monitor` lists it.", metavar="N", min=1)]


def digest(  # noqa: PLR0917 - each is an option of its own
    context: typer.Context,
    rhythm: Annotated[str, typer.Option(help="Which digest.", metavar="daily|weekly|monthly")] = "daily",
    as_json: AsJson = False,
    picture: Picture = None,
    as_of: AsOf = None,
    lang: Lang = None,
) -> None:
    """Shows the digest as it would be sent now, and sends nothing. People subscribe in Telegram.

    Exits with 0 also where there is too little data for one, which it says; with 1 where making it failed.
    """
    if rhythm not in RHYTHMS:
        raise Failure(f"--rhythm was {rhythm!r}; expected {', '.join(RHYTHMS)}.", code=2)
    parts = _parts(context, as_of, lang, picture)
    reply = _run(parts, "digest", {"action": "preview", "rhythm": rhythm}, _operator(parts, lang))
    _show(reply, as_json, picture)


@monitors.callback()
def listed(
    context: typer.Context,
    chat: Annotated[int | None, typer.Option(help="Only those of this chat.", metavar="ID", show_default=False)] = None,
    lang: Lang = None,
) -> None:
    """Lists the alerts of every chat; with a command, adds, backtests or removes one."""
    if context.invoked_subcommand is not None:
        if chat is not None or lang is not None:
            raise Failure("Write options after the command.", "For example: marketbot monitor backtest 3 --lang zh", 2)
        return
    parts = _parts(context, None, lang)
    _with_state(parts)
    chats = [(chat, None)] if chat is not None else _chats(parts)
    if not chats:
        typer.echo("There are no alerts. Add one here with `marketbot monitor add`, or ask the bot in a chat.")
    for number, (chat_id, topic_id) in enumerate(chats):
        typer.echo(("\n" if number else "") + _place(chat_id, topic_id))
        reply = _run(parts, "monitor", {"action": "list"}, _operator(parts, lang), _chat(chat_id, topic_id))
        _show(reply)


@monitors.command(short_help="Show how often one would have come; save it.")
def add(  # noqa: PLR0917 - each is an option of its own
    context: typer.Context,
    sentence: Annotated[str, typer.Argument(help="What to tell of, in English or Chinese: “return rate above 5%”.")],
    save: Annotated[bool, typer.Option("--save", help="Save it for the chat of --chat.")] = False,
    chat: Annotated[
        int | None, typer.Option(help="The chat that is told; a group's id begins with a minus.", metavar="ID")
    ] = None,
    as_json: AsJson = False,
    picture: Picture = None,
    as_of: AsOf = None,
    lang: Lang = None,
) -> None:
    """Shows how often an alert would have come, over the past; saves it with --save.

    Exits with 1 where it was not understood, or cannot be computed or saved.
    """
    if save and chat is None:
        raise Failure(
            "--save needs --chat: whom to tell.", "For example: --chat 123456789 (see /whoami in Telegram)", 2
        )
    parts = _parts(context, as_of, lang, picture)
    place, user = None, _operator(parts, lang)
    if chat is not None:
        _with_state(parts)
        place, user = _chat(chat), _reader(parts, chat, lang)
    reply = _understood(parts, sentence, user, place, lang)
    if save and reply.status == "answered":
        args = {**reply.calls[0].args, "confirmed": True}
        reply = _run(parts, "monitor", args, user, place, language=reply.language)
    _show(reply, as_json, picture, must=True)


@monitors.command(short_help="Show when one would have come.")
def backtest(
    context: typer.Context, number: Number, as_json: AsJson = False, picture: Picture = None, lang: Lang = None
) -> None:
    """Shows when an alert would have come, over the past."""
    parts = _parts(context, None, lang, picture)
    monitor = _monitor(parts, number)
    place = _chat(monitor.chat_id, monitor.topic_id)
    reply = _run(parts, "monitor", {"action": "backtest", "monitor": number}, _operator(parts, lang), place)
    _show(reply, as_json, picture, must=True)


@monitors.command(short_help="Remove one.")
def remove(context: typer.Context, number: Number, lang: Lang = None) -> None:
    """Removes an alert; its chat is not told any more."""
    parts = _parts(context, None, lang)
    monitor = _monitor(parts, number)
    args = {"action": "remove", "monitor": number, "confirmed": True}
    reply = _run(parts, "monitor", args, _operator(parts, lang), _chat(monitor.chat_id, monitor.topic_id))
    _show(reply, must=True)


def _parts(context: typer.Context, as_of: str | None, lang: str | None, picture: Path | None = None) -> Parts:
    parts = parts_of(context)
    if picture is not None and not picture.absolute().parent.is_dir():
        raise Failure(f"{picture} cannot be written: there is no folder {picture.absolute().parent}.", code=2)
    if as_of is not None:
        parts.settings = parts.settings.model_copy(update={"as_of": day_or_word(as_of)})
    if lang not in (None, "en", "zh"):
        raise Failure(f"--lang was {lang!r}; expected en or zh.", code=2)
    quiet(parts)
    open_store(parts)
    check_model(parts)
    return parts


def _with_state(parts: Parts) -> None:
    writable_home(parts)
    open_state(parts)


def _operator(parts: Parts, lang: str | None) -> User:
    from bot.telegram.people import OPERATOR
    from tools.tool import User

    return User(OPERATOR, "admin", lang or parts.settings.language, timezone=parts.settings.timezone)


def _reader(parts: Parts, chat_id: int, lang: str | None) -> User:
    """Whose alert it is that is set up for a chat; set up with the operator's rights.

    Raises Failure where that chat may not be told.
    """
    from bot.telegram.people import OPERATOR, People

    to = People(parts.access, parts.settings).recipient(chat_id, None, OPERATOR, language=lang)
    if to is None:
        raise Failure(
            f"The bot may not write to chat {chat_id}.",
            "Invite the person with /invite, or write /allow in the group. /whoami tells a chat's id.",
        )
    return replace(to.user, role="admin")


def _chat(chat_id: int, topic_id: int | None = None) -> Chat:
    from tools.tool import Chat

    return Chat(chat_id, topic_id, group=chat_id < 0)


def _chats(parts: Parts) -> list[tuple[int, int | None]]:
    """Chats and topics that have alerts."""
    from sqlalchemy import select

    from jobs.alerts.record import MonitorRow

    asked = select(MonitorRow.chat_id, MonitorRow.topic_id).where(MonitorRow.removed_at.is_(None)).distinct()
    with parts.state() as session:
        return [(chat_id, topic_id) for chat_id, topic_id in session.execute(asked.order_by(MonitorRow.chat_id))]


def _place(chat_id: int, topic_id: int | None) -> str:
    return f"Chat {chat_id}" + (f", topic {topic_id}" if topic_id is not None else "")


def _monitor(parts: Parts, number: int) -> Monitor:
    from bot.bootstrap import now
    from jobs.alerts.monitors import Monitors

    _with_state(parts)
    monitor = Monitors(parts.state, now).get(number)
    if monitor is None:
        raise Failure(f"There is no alert {number}.", "`marketbot monitor` lists them.")
    return monitor


def _run(
    parts: Parts,
    tool: str,
    args: Mapping[str, Any],
    user: User,
    chat: Chat | None = None,
    *,
    language: str | None = None,
) -> Reply:
    from tools.answer import ToolCall

    return parts.assistant.run(ToolCall(tool, args), _question("", user, chat, language or user.language))


def _question(text: str, user: User, chat: Chat | None, language: str | None) -> Question:
    from uuid import uuid4

    from bot.reply import Question

    return Question(text, user, f"cli:{uuid4()}", language, chat=chat)


def _understood(parts: Parts, sentence: str, user: User, chat: Chat | None, lang: str | None) -> Reply:
    """The preview of what the sentence asks for; a bare condition is read as one that is to be told of."""
    chinese = any("\u4e00" <= letter <= "\u9fff" for letter in sentence)
    whole = f"{sentence}时提醒我" if chinese else f"Alert me when {sentence}"
    replies = []
    for text in (whole, sentence):
        reply = parts.assistant.ask(_question(text, user, chat, lang))
        if any(call.tool == "monitor" and call.args.get("action") == "add" for call in reply.calls):
            return reply
        replies.append(reply)
    for reply in replies:
        if reply.status != "answered":
            return reply
    raise Failure(f"{sentence!r} is no alert.", "Write what to tell of, as in: return rate above 5%", 2)


def _show(reply: Reply, as_json: bool = False, picture: Path | None = None, *, must: bool = False) -> None:
    """Prints a reply. Exits with 1 where it failed, or `must` be answered and is not."""
    voice = voice_in(reply.language)
    if as_json:
        print(json.dumps(reply_as_json(reply, voice, None), ensure_ascii=False), flush=True)  # noqa: T201
    else:
        print_reply(reply, voice)
    if reply.status == "failed" or (must and reply.status != "answered"):
        raise typer.Exit(1)
    if picture is not None:
        _draw(reply, picture)


def _draw(reply: Reply, file: Path) -> None:
    from bot.rendering.parts import PhotoPart
    from bot.rendering.reply import render

    parts = render(reply, voice_in(reply.language)).parts
    png = next((part.png for part in parts if isinstance(part, PhotoPart)), None)
    if png is None:
        raise Failure("There is nothing to draw.")
    try:
        file.write_bytes(png)
    except OSError as error:
        raise Failure(f"{file} cannot be written: {error.strerror}.") from error
