"""Runs the application: starts it, takes up what a stop left unanswered, and stops it without losing anything."""

from __future__ import annotations

import asyncio
import secrets
import signal
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import SQLAlchemyError
from telegram import Update
from telegram.error import NetworkError, TelegramError

from bot.failure import Failure
from bot.telegram.answering import new_incident
from bot.telegram.application import TelegramApplication, desk_of
from bot.telegram.handlers.errors import apologise
from bot.telegram.intake import Intake
from bot.telegram.menus import set_menus
from bot.telegram.unasked import Unasked

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    from telegram.ext import Updater

    from bot.telegram.desk import Desk

log = structlog.get_logger(__name__)

UPDATES = (Update.MESSAGE, Update.CALLBACK_QUERY, Update.MY_CHAT_MEMBER, Update.MESSAGE_REACTION)
"""Edits are not among them: what was asked is answered, and a corrected question is simply asked again."""
ATTEMPTS = 3
"""An update whose handling began so often and never ended is one that brings the bot down."""
SWEEP_EVERY_S = 3600.0
POLL_TIMEOUT_S = 25
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


async def run_polling(application: TelegramApplication, stop: asyncio.Event | None = None) -> None:
    """Serves by long polling until SIGINT or SIGTERM, or until `stop` is set. Must not run twice for one bot."""
    with _stopping(stop) as stopped:
        if not await _reach_telegram(application, stopped):
            return
        async with running(application) as updater:
            await updater.start_polling(
                timeout=POLL_TIMEOUT_S, bootstrap_retries=-1, allowed_updates=UPDATES, error_callback=_polling_failed
            )
            await stopped.wait()
            log.info("stopping")


async def run_webhook(application: TelegramApplication, stop: asyncio.Event | None = None) -> None:
    """Serves by webhook, like `run_polling`: a proxy passes `webhook_url` on to the local port."""
    settings = desk_of(application).settings
    given = settings.webhook_secret
    path = settings.webhook_url.partition("://")[2].partition("/")[2]
    with _stopping(stop) as stopped:
        if not await _reach_telegram(application, stopped):
            return
        async with running(application) as updater:
            await updater.start_webhook(
                listen=settings.webhook_listen,
                port=settings.webhook_port,
                url_path=path,
                webhook_url=settings.webhook_url,
                secret_token=given.get_secret_value() if given else secrets.token_urlsafe(32),
                bootstrap_retries=-1,
                allowed_updates=UPDATES,
            )
            await stopped.wait()
            log.info("stopping")


async def run(application: TelegramApplication, stop: asyncio.Event | None = None) -> None:
    """By webhook where the settings name an address for it, else by polling."""
    serve = run_webhook if desk_of(application).settings.webhook_url else run_polling
    await serve(application, stop)


@asynccontextmanager
async def running(application: TelegramApplication) -> AsyncIterator[Updater]:
    """The application at work inside the context; fetching updates is the caller's.

    At the end: no more updates are taken, answers and pushes in progress get the settings' grace, and what is not
    finished then is in the inbox or the outbox for the next start.
    """
    desk = desk_of(application)
    updater = application.updater
    if updater is None:
        raise ValueError("the application has no updater")
    async with application, _health_told(desk):
        await application.start()
        chores = asyncio.create_task(_chores(desk))
        unasked = Unasked(desk, desk.ground) if desk.ground is not None else None
        try:
            await _take_up(application, desk)
            if unasked is not None:
                unasked.begin()
            yield updater
        finally:
            if unasked is not None:
                unasked.stop()
            if updater.running:
                await updater.stop()
            await desk.lanes.close(desk.settings.shutdown_grace_s)
            if unasked is not None:
                await unasked.ended()
            chores.cancel()
            await asyncio.gather(chores, return_exceptions=True)
            await application.stop()
            for threads in (desk.workers, desk.learning):
                threads.shutdown(wait=False, cancel_futures=True)
            await asyncio.to_thread(desk.storage.shutdown)


@asynccontextmanager
async def _health_told(desk: Desk) -> AsyncIterator[None]:
    """Health for machines inside the context, where the settings name a port. Raises Failure where that is taken."""
    async with AsyncExitStack() as stack:
        port = desk.settings.health_port
        if desk.upkeep is not None and port is not None:
            from bot.healthz import health_page

            try:
                served_on = await stack.enter_async_context(health_page(desk.upkeep.examined, port))
            except OSError as error:
                raise Failure(
                    f"Health cannot be told on port {port}: {error.strerror}.", "Set another MARKETBOT_HEALTH_PORT."
                ) from error
            log.info("health_told", port=served_on)
        yield


async def _reach_telegram(application: TelegramApplication, stopped: asyncio.Event) -> bool:
    """Asks Telegram who the bot is, as long as the network takes; False if stopped before. Raises `InvalidToken`."""
    pause = FIRST_PAUSE_S
    while not stopped.is_set():
        try:
            await application.initialize()
        except NetworkError as error:
            log.warning("telegram_not_reached", error=str(error), pause_s=pause)
            with suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)
        else:
            return True
    return False


def _polling_failed(error: TelegramError) -> None:
    """PTB tries again by itself. A conflict means that a second process polls with the same token."""
    log.warning("polling_failed", kind=type(error).__name__, error=str(error))


async def _take_up(application: TelegramApplication, desk: Desk) -> None:
    """Puts the unanswered updates of earlier runs before any new one."""
    intake = application.update_queue
    if not isinstance(intake, Intake):
        raise TypeError("the application was not made by build_application")
    for taken in await desk.stored(desk.inbox.waiting):
        update = Update.de_json(dict(taken.payload), application.bot)
        if taken.attempts >= ATTEMPTS:
            incident = new_incident()
            log.error("update_given_up", update_id=taken.update_id, incident=incident, attempts=taken.attempts)
            with suppress(TelegramError):
                await apologise(desk, update, incident)
            await desk.stored(desk.inbox.answered, taken.update_id)
        else:
            log.info("taken_up", update_id=taken.update_id, attempts=taken.attempts)
            intake.put_again(update)


async def _chores(desk: Desk) -> None:
    """Menus at the start, and the sweep of what has expired, every hour."""
    admins: Iterable[int] = [member.id for member in await desk.stored(desk.access.members) if member.may("admin")]
    await set_menus(desk.bot, admins)
    while True:
        try:
            await desk.stored(_sweep, desk)
        except SQLAlchemyError as error:
            log.warning("not_swept", error=type(error).__name__)
        await asyncio.to_thread(desk.waiting_files.purge)
        await asyncio.sleep(SWEEP_EVERY_S)


def _sweep(desk: Desk) -> None:
    desk.tokens.purge()
    desk.inbox.purge()
    desk.answered.purge()
    desk.reviews.purge()
    if desk.dialogues is not None:
        desk.dialogues.forget_old()


@contextmanager
def _stopping(stop: asyncio.Event | None) -> Iterator[asyncio.Event]:
    """An event that SIGINT and SIGTERM set, from the start on: a start that is interrupted ends as cleanly as work.

    A second signal meets Python's own handler, which ends the process at once.
    """
    loop = asyncio.get_running_loop()
    stopped = stop or asyncio.Event()
    caught: list[signal.Signals] = []

    def release() -> None:
        while caught:
            loop.remove_signal_handler(caught.pop())

    def on_signal() -> None:
        stopped.set()
        release()

    for each in STOP_SIGNALS:
        # Windows has no such handlers, and neither has a loop outside the main thread.
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(each, on_signal)
            caught.append(each)
    try:
        yield stopped
    finally:
        release()
