"""The demo: a store that is made on first run, the bot, and a chat page to try it on, all on this machine."""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from bot.failure import Failure
from bot.warming import begin_to_warm_up
from tools.tool import ROLES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import date

    from bot.bootstrap import Parts
    from bot.sandbox.sandbox import Sandbox


def prepare(parts: Parts, *, scale: float, end: date) -> None:
    """Makes the demo store where the home folder has no store yet; an imported one is left as it is."""
    target = parts.settings.warehouse_path
    if target.exists() or parts.settings.warehouse_url:
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from tools.warehouse.demo import make_demo_store

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, transient=True, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("Making the demo store", total=1.0)

        def progress(stage: str, share: float) -> None:
            bar.update(task, completed=share, description=f"Making the demo store: {stage}")

        store = make_demo_store(target, scale=scale, end=end, progress=progress)
    lines = f"{store.rows['order_lines']:,} order lines, {store.first_day} to {store.last_day}"
    typer.echo(f"Made the demo store: {lines}.")


def serve(parts: Parts, port: int) -> None:
    """Serves until interrupted. The page's first user becomes admin, the next two analyst and viewer.

    The admin is told when the core figures go wrong, unless the settings name another chat.

    Raises Failure where the port is taken.
    """
    # An interrupt that comes before the bot is at work has nothing to finish.
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(parts, port, typer.echo))


async def _serve(parts: Parts, port: int, say: Callable[[str], None]) -> None:
    from bot.log import set_up_logging
    from bot.sandbox.server import serving

    settings = parts.settings
    sandbox = _sandbox(parts)
    level = "WARNING" if settings.log_level == "INFO" else settings.log_level
    set_up_logging(level, settings.log_format, secrets=settings.secrets)
    async with AsyncExitStack() as stack:
        stack.callback(sandbox.close)
        try:
            handle = await stack.enter_async_context(serving(sandbox, port))
        except OSError as error:
            raise Failure(
                f"The chat page cannot be served on port {port}: {error.strerror}.",
                "Take another with --port (0 takes a free one) or MARKETBOT_SANDBOX_PORT.",
            ) from error
        # The page is there at once; what is typed meanwhile waits for the bot.
        await asyncio.to_thread(_load, parts)
        await asyncio.to_thread(_learn, parts)
        admin = _enrol(parts, sandbox)
        if settings.alert_chat is None:
            settings = settings.model_copy(update={"alert_chat": admin})

        from bot.telegram.service import run_polling

        application = parts.application(settings=settings, api_url=handle.url, token=handle.token)
        begin_to_warm_up(parts)
        say(f"marketbot is listening. Open {handle.url}/ in a browser; Ctrl+C ends it.")
        async with _embedding(parts):
            await run_polling(application)


def _load(parts: Parts) -> None:
    """Imports what takes seconds to import."""
    import bot.telegram.service

    _ = bot.telegram.service, parts.assistant, parts.state, parts.upkeep


def _learn(parts: Parts) -> None:
    """Learns the documents that come with marketbot, to be found by words; says so where that fails, and goes on."""
    from bot.learn import explained, progress_bars

    if parts.library.shipped_is_learned():
        return
    try:
        with explained(), progress_bars() as progress:
            came = parts.library.learn(embed=False, progress=progress)
    except Failure as error:
        typer.echo(f"The documents were not learned. {error} {error.mend}", err=True)
        return
    typer.echo(f"Learned {len(came.added) + len(came.changed)} documents.")


@asynccontextmanager
async def _embedding(parts: Parts) -> AsyncIterator[None]:
    """Meanwhile `marketbot learn` goes on, so that documents are found by meaning too.

    It is a process of its own: the bot answers as quickly as ever, and it may be ended at any moment.
    """
    if parts.library.is_embedded():
        yield
        return
    command = ("-m", "bot.cli", "--home", str(parts.settings.home), "learn")
    # In a session of its own, so that Ctrl+C is the demo's alone.
    learner = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=asyncio.subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            learner.kill()
        await learner.wait()


def _sandbox(parts: Parts) -> Sandbox:
    from bot.sandbox.sandbox import Sandbox
    from bot.sandbox.server import standard_groups, standard_users

    users = [replace(user, started=user.role_hint != "") for user in standard_users()]
    return Sandbox(users=users, groups=standard_groups(), home=parts.settings.home)


def _enrol(parts: Parts, sandbox: Sandbox) -> int | None:
    """Gives the page's users the roles that their captions show; a stranger stays one. Gives the first admin's id."""
    access = parts.access
    for user in sandbox.users.values():
        role = next((role for role in ROLES if role == user.role_hint), None)
        if role is not None and access.member(user.id) is None:
            language = "zh" if user.language_code.startswith("zh") else "en"
            access.enrol(user.id, user.first_name, role, language)
    for group in sandbox.groups.values():
        if access.group(group.id) is None:
            access.allow_group(group.id, group.title, next(iter(group.admins)))
    return next((user.id for user in sandbox.users.values() if user.role_hint == "admin"), None)
