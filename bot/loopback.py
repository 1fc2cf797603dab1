"""What is served to this machine alone, on the event loop of whatever serves it."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING

import uvicorn
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOST = "127.0.0.1"
OWN_NAMES = frozenset({"127.0.0.1", "localhost"})


class OwnMachineOnly:
    """Answers only to this machine's own names, so that no web page can come in by DNS rebinding.

    `refusal` is what others read; `headers` are added to every answer.
    """

    def __init__(self, app: ASGIApp, refusal: str, headers: Sequence[tuple[bytes, bytes]] = ()) -> None:
        self._app = app
        self._refusal = refusal
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        host = next((value for name, value in scope["headers"] if name == b"host"), b"").decode("latin-1")
        if host.rpartition(":")[0] not in OWN_NAMES and host not in OWN_NAMES:
            await PlainTextResponse(self._refusal, 403)(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *self._headers]
                if not any(name == b"cache-control" for name, _ in message["headers"]):
                    message["headers"].append((b"cache-control", b"no-cache"))
            await send(message)

        # A caller that is gone in the middle of a call waits for no answer.
        with suppress(ClientDisconnect):
            await self._app(scope, receive, send_with_headers)


class EmbeddedServer(uvicorn.Server):
    """Leaves the process's signals alone: who embeds the server handles them."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Captures none."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Tells when requests are answered."""
        await super().startup(sockets)
        self.ready.set()


def server_of(app: ASGIApp) -> EmbeddedServer:
    """A server for an ASGI application; it writes no log of its own and ends within three seconds."""
    return EmbeddedServer(
        uvicorn.Config(
            app,
            ws="none",
            log_config=None,
            access_log=False,
            lifespan="on",
            timeout_graceful_shutdown=3,
            server_header=False,
        )
    )


def bound(port: int) -> socket.socket:
    """A socket on this machine's own address; port 0 takes a free one. Raises OSError: the port is taken."""
    # asyncio sends without delay only where the protocol is named: 2 ms a call against 44
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((HOST, port))
    except OSError:
        made.close()
        raise
    return made


@asynccontextmanager
async def served(app: ASGIApp, port: int) -> AsyncIterator[int]:
    """Serves an application on the running event loop, and gives the port. Raises OSError: the port is taken."""
    with bound(port) as listening:
        server = server_of(app)
        task = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            ready = asyncio.create_task(asyncio.to_thread(server.ready.wait))
            await asyncio.wait([ready, task], return_when=asyncio.FIRST_COMPLETED)
            if not server.started:
                raise RuntimeError("the server did not start")
            yield listening.getsockname()[1]
        finally:
            server.ready.set()
            server.should_exit = True
            await task
