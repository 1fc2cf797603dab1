"""`marketbot demo` and `marketbot run`: the bot at work."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import sys
from datetime import timedelta
from typing import Annotated, NoReturn

import typer

from bot.cli.ground import check_model, open_state, open_store, parts_of, writable_home
from bot.failure import Failure


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

    parts = parts_of(context)
    writable_home(parts)
    prepare(parts, scale=scale, end=parts.today() - timedelta(days=1))
    open_store(parts)
    check_model(parts)
    open_state(parts)
    serve(parts, parts.settings.sandbox_port if port is None else port)
    _end_at_once()


def run(context: typer.Context) -> None:
    """Serves the bot on real Telegram, by long polling or, where MARKETBOT_WEBHOOK_URL is set, by webhook."""
    import asyncio

    from bot.log import set_up_logging

    parts = parts_of(context)
    token = parts.settings.telegram_token
    if token is None:
        raise Failure(
            "There is no bot token.",
            "Get one from @BotFather and set MARKETBOT_TELEGRAM_TOKEN in .env (see .env.example).",
            2,
        )
    writable_home(parts)
    open_store(parts)
    check_model(parts)
    open_state(parts)
    set_up_logging(parts.settings.log_level, parts.settings.log_format, secrets=parts.settings.secrets)

    from telegram.error import InvalidToken

    from bot.telegram.service import run as serve
    from bot.warming import begin_to_warm_up

    async def main() -> None:
        application = parts.application()
        begin_to_warm_up(parts)
        await serve(application)

    try:
        asyncio.run(main())
    except InvalidToken as error:
        raise Failure("Telegram refuses the bot token.", "Get a valid one from @BotFather.") from error
    _end_at_once()


def _end_at_once() -> NoReturn:
    """Ends the process with all that is at work in it: answers and pushes had their grace, and what a crash does not
    harm needs none. An orderly end would wait for threads at a model, and cut others off within libraries that abort.
    """
    for child in multiprocessing.active_children():
        child.kill()
    # What libraries want done at the end, the log's included, but for the threads that they would wait for.
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)
