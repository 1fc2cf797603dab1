"""What the chat page asks of the server. Only a page that this server has served knows the token."""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.sandbox.files import image_size, image_type
from bot.sandbox.profile import commands_for

if TYPE_CHECKING:
    from bot.sandbox.sandbox import Sandbox
    from bot.sandbox.state import Event

PAGE_FOLDER = Path(__file__).with_name("page")
_PLACEHOLDER = "{{page-token}}"
_HISTORY = 300
_MAX_UPLOAD = 50 * 1024**2
_MAX_TEXT = 4096
_KEEPALIVE_S = 15.0
_HIDDEN_EVENTS = frozenset({"update", "confirmed", "call"})

Endpoint = Callable[[Request], Awaitable[Response]]


class PageApi:
    """Serves the page, its state, its live events, and what its users do."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._token = secrets.token_urlsafe(24)
        self.closing = False

    def routes(self) -> list[BaseRoute]:
        """Where the page and what it asks for are served."""

        def route(path: str, endpoint: Endpoint, *methods: str) -> Route:
            return Route(path, self._guarded(endpoint), methods=list(methods))

        return [
            Route("/", self._index, methods=["GET"]),
            Mount("/static", StaticFiles(directory=PAGE_FOLDER)),
            route("/page/state", self._state, "GET"),
            route("/page/events", self._events, "GET"),
            route("/page/commands", self._commands, "GET"),
            route("/page/files/{file_id}", self._file, "GET"),
            route("/page/send", self._send, "POST"),
            route("/page/press", self._press, "POST"),
            route("/page/react", self._react, "POST"),
            route("/page/voice", self._voice, "POST"),
            route("/page/upload", self._upload, "POST"),
            route("/page/language", self._language, "POST"),
        ]

    def _guarded(self, endpoint: Endpoint) -> Endpoint:
        async def guarded(request: Request) -> Response:
            given = request.headers.get("x-page-token") or request.query_params.get("token") or ""
            if not hmac.compare_digest(given.encode(), self._token.encode()):
                return PlainTextResponse("This page is out of date; reload it.", 403)
            origin = request.headers.get("origin")
            own = f"http://{request.headers.get('host', '')}"
            if (origin is not None or request.method == "POST") and origin != own:
                return PlainTextResponse("Only the sandbox's own page may ask this.", 403)
            try:
                return await endpoint(request)
            except (LookupError, ValueError, TypeError) as error:
                return JSONResponse({"error": str(error.args[0] if error.args else error)}, 400)

        return guarded

    async def _index(self, _: Request) -> Response:
        html = (PAGE_FOLDER / "index.html").read_text(encoding="utf-8")
        return HTMLResponse(html.replace(_PLACEHOLDER, self._token))

    async def _state(self, _: Request) -> Response:
        sandbox = self._sandbox
        with sandbox.lock:
            users = [
                {
                    "id": user.id,
                    "first_name": user.first_name,
                    "username": user.username,
                    "role_hint": user.role_hint,
                    "language_code": sandbox.language_of(user.id),
                }
                for user in sandbox.users.values()
            ]
            groups = [
                {
                    "id": group.id,
                    "title": group.title,
                    "members": group.members,
                    "topics": [{"id": number, "name": name} for number, name in sorted(group.topics.items())],
                }
                for group in sandbox.groups.values()
            ]
            history = {
                str(chat_id): [sandbox.to_page(stored) for stored in sandbox.stored_messages(chat_id)[-_HISTORY:]]
                for chat_id in [*sandbox.users, *sandbox.groups]
            }
            bot = {**sandbox.bot.to_api(), "description": sandbox.settings.get("description:", "")}
            body = {
                "bot": bot,
                "users": users,
                "groups": groups,
                "messages": history,
                "examples": sandbox.examples,
                "drafts": sandbox.live_drafts(),
                "pinned": {chat_id: sandbox.settings.get(f"pinned:{chat_id}") for chat_id in history},
            }
        return JSONResponse(body)

    async def _commands(self, request: Request) -> Response:
        chat_id, user_id = int(request.query_params["chat_id"]), int(request.query_params["user_id"])
        if user_id not in self._sandbox.users:
            raise LookupError("no such user")
        with self._sandbox.lock:
            return JSONResponse(commands_for(self._sandbox, chat_id, user_id))

    async def _events(self, request: Request) -> Response:
        """Server-sent events; a browser connects again by itself when the stream breaks."""
        queue: asyncio.Queue[Event] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def pass_on(event: Event) -> None:
            if event["type"] not in _HIDDEN_EVENTS:
                loop.call_soon_threadsafe(queue.put_nowait, event)

        stop = self._sandbox.subscribe(pass_on)

        async def stream() -> AsyncIterator[str]:
            try:
                yield 'retry: 1000\ndata: {"type": "hello"}\n\n'
                while not self.closing and not await request.is_disconnected():
                    try:
                        event = await asyncio.wait_for(queue.get(), _KEEPALIVE_S)
                    except TimeoutError:
                        yield ": still here\n\n"
                        continue
                    if event["type"] == "closed":
                        break
                    yield f"data: {json.dumps(event, ensure_ascii=False)}\n\n"
            finally:
                stop()

        return StreamingResponse(stream(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    async def _send(self, request: Request) -> Response:
        asked = await _body(request)
        text = str(asked["text"])
        if len(text) > 64 * _MAX_TEXT:
            raise ValueError("the message is too long")
        # a long text is sent as several messages, as Telegram's own apps do
        for part in _parts(text):
            self._sandbox.send_text(int(asked["user_id"]), int(asked["chat_id"]), part, **_place(asked))
        return JSONResponse({"ok": True})

    async def _press(self, request: Request) -> Response:
        asked = await _body(request)
        query_id = self._sandbox.press(
            int(asked["message_id"]),
            str(asked["callback_data"]),
            user_id=int(asked["user_id"]),
            chat_id=int(asked["chat_id"]),
        )
        return JSONResponse({"query_id": query_id})

    async def _react(self, request: Request) -> Response:
        asked = await _body(request)
        emoji = asked.get("emoji")
        self._sandbox.react(
            int(asked["user_id"]),
            int(asked["message_id"]),
            None if emoji is None else str(emoji),
            chat_id=int(asked["chat_id"]),
        )
        return JSONResponse({"ok": True})

    async def _voice(self, request: Request) -> Response:
        asked = await _body(request)
        duration = min(max(int(asked.get("duration", 3)), 1), 3600)
        self._sandbox.send_voice(int(asked["user_id"]), int(asked["chat_id"]), duration=duration, **_place(asked))
        return JSONResponse({"ok": True})

    async def _upload(self, request: Request) -> Response:
        if int(request.headers.get("content-length") or 0) > _MAX_UPLOAD:
            return JSONResponse({"error": "The file is larger than 50 MB."}, 413)
        asked = dict(request.query_params)
        content = await request.body()
        if not content:
            raise ValueError("the file is empty")
        user_id, chat_id, caption = int(asked["user_id"]), int(asked["chat_id"]), asked.get("caption", "")
        name, place = asked.get("name") or "file", _place(asked)
        if image_type(content) and image_size(content)[0] and asked.get("as") != "document":
            self._sandbox.send_photo(user_id, chat_id, content, name=name, caption=caption, **place)
        else:
            self._sandbox.send_document(user_id, chat_id, content, name, caption=caption, **place)
        return JSONResponse({"ok": True})

    async def _language(self, request: Request) -> Response:
        asked = await _body(request)
        user_id = int(asked["user_id"])
        if user_id not in self._sandbox.users or asked["language_code"] not in ("en", "zh-hans"):
            raise ValueError("no such user or language")
        self._sandbox.set_language(user_id, asked["language_code"])
        return JSONResponse({"ok": True})

    async def _file(self, request: Request) -> Response:
        stored = self._sandbox.files.get(request.path_params["file_id"])
        if stored is None:
            return PlainTextResponse("No such file.", 404)
        content = await asyncio.to_thread(self._sandbox.files.content, stored)
        shown = image_type(content) if "download" not in request.query_params else None
        headers = {"Cache-Control": "private, max-age=86400"}
        if not shown:
            headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(stored.name)}"
        return Response(content, media_type=shown or "application/octet-stream", headers=headers)


async def _body(request: Request) -> dict[str, Any]:
    body = json.loads(await request.body())
    if not isinstance(body, dict):
        raise TypeError("an object is expected")
    return body


def _place(asked: dict[str, Any]) -> dict[str, Any]:
    def number(name: str) -> int | None:
        return int(asked[name]) if asked.get(name) else None

    return {"topic": number("topic"), "reply_to": number("reply_to")}


def _parts(text: str) -> list[str]:
    units = text.encode("utf-16-le")
    parts = []
    while units:
        cut = 2 * _MAX_TEXT
        # never between the halves of a surrogate pair
        if len(units) > cut and 0xD8 <= units[cut - 1] <= 0xDB:
            cut -= 2
        parts.append(units[:cut].decode("utf-16-le", "replace"))
        units = units[cut:]
    return [part for part in parts if part.strip()]
