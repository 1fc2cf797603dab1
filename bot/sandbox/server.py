"""Serves the sandbox on this machine: the Bot API for the bot, and the chat page for people."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.middleware import Middleware

from bot.loopback import HOST, OwnMachineOnly, bound, server_of
from bot.sandbox.bot_api import BotApi
from bot.sandbox.limits import RateLimits
from bot.sandbox.messages import ApiCall, Button, SentMessage
from bot.sandbox.page_api import PageApi
from bot.sandbox.people import BotIdentity, SandboxGroup, SandboxUser
from bot.sandbox.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

_REFUSAL = "The sandbox answers only on this machine."
_CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = (
    (b"content-security-policy", _CONTENT_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


def create_app(sandbox: Sandbox) -> Starlette:
    """The ASGI application for one sandbox."""
    bot_api = BotApi(sandbox)
    page = PageApi(sandbox)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        webhook = asyncio.create_task(bot_api.deliver_to_webhook())
        try:
            yield
        finally:
            webhook.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await webhook

    app = Starlette(
        routes=[*bot_api.routes(), *page.routes()],
        middleware=[Middleware(OwnMachineOnly, refusal=_REFUSAL, headers=_HEADERS)],
        lifespan=lifespan,
    )
    app.state.parts = (bot_api, page)
    return app


@dataclass(frozen=True)
class SandboxHandle:
    """A running server. `url` has no slash at its end; the page is `url + "/"`."""

    sandbox: Sandbox
    url: str
    port: int

    @property
    def token(self) -> str:
        """The bot's token."""
        return self.sandbox.bot.token

    @property
    def base_url(self) -> str:
        """For python-telegram-bot's `ApplicationBuilder.base_url`."""
        return f"{self.url}/bot"

    @property
    def base_file_url(self) -> str:
        """For python-telegram-bot's `ApplicationBuilder.base_file_url`."""
        return f"{self.url}/file/bot"


class _Running:
    def __init__(self, sandbox: Sandbox, port: int) -> None:
        self._socket = bound(port)
        self._app = create_app(sandbox)
        number = self._socket.getsockname()[1]
        self.handle = SandboxHandle(sandbox, f"http://{HOST}:{number}", number)
        self.server = server_of(self._app)

    async def run(self) -> None:
        """Serves until told to stop."""
        try:
            await self.server.serve(sockets=[self._socket])
        finally:
            self.server.ready.set()
            self._socket.close()

    def stop(self) -> None:
        """Lets waiting requests end at once, then the server."""
        for part in self._app.state.parts:
            part.closing = True
        self.handle.sandbox.emit({"type": "closed"})
        self.server.should_exit = True


@asynccontextmanager
async def serving(sandbox: Sandbox, port: int = 0) -> AsyncIterator[SandboxHandle]:
    """Serves on the running event loop; port 0 takes a free one.

    Raises:
        OSError: the port is taken.
    """
    running = _Running(sandbox, port)
    task = asyncio.create_task(running.run())
    try:
        await asyncio.to_thread(running.server.ready.wait)
        if not running.server.started:
            raise RuntimeError("the sandbox server did not start")
        yield running.handle
    finally:
        running.stop()
        await task


async def serve(sandbox: Sandbox, port: int) -> None:
    """Serves until cancelled."""
    async with serving(sandbox, port):
        await asyncio.Event().wait()


@contextmanager
def running_sandbox(sandbox: Sandbox | None = None, *, port: int = 0, **made_with: Any) -> Iterator[SandboxHandle]:
    """Serves from a thread of its own, for tests. Without a sandbox one is made: `made_with` goes to `Sandbox`."""
    given = sandbox or Sandbox(**{"users": standard_users(), "groups": standard_groups(), **made_with})
    running = _Running(given, port)
    thread = threading.Thread(target=asyncio.run, args=(running.run(),), name="sandbox", daemon=True)
    thread.start()
    try:
        running.server.ready.wait()
        if not running.server.started:
            raise RuntimeError("the sandbox server did not start")
        yield running.handle
    finally:
        running.stop()
        thread.join(10)
        if sandbox is None:
            given.close()


def standard_users() -> Sequence[SandboxUser]:
    """The four people of the demo."""
    return (
        SandboxUser(1001, "Ada", "ada", "en", "admin"),
        SandboxUser(1002, "Lin", "lin", "zh-hans", "analyst"),
        SandboxUser(1003, "Max", "max", "en", "viewer"),
        SandboxUser(1004, "Stranger", None, "en", ""),
    )


def standard_groups() -> Sequence[SandboxGroup]:
    """The group of the demo."""
    return (SandboxGroup(-5001, "Marketing team", (1001, 1002, 1003), admins=(1001,)),)


__all__ = [
    "ApiCall",
    "BotIdentity",
    "Button",
    "RateLimits",
    "Sandbox",
    "SandboxGroup",
    "SandboxHandle",
    "SandboxUser",
    "SentMessage",
    "create_app",
    "running_sandbox",
    "serve",
    "serving",
    "standard_groups",
    "standard_users",
]
