"""An OpenAI-compatible server on loopback that answers by a script, and keeps what it was sent."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

Said = Callable[["Call"], None]


class Call(BaseHTTPRequestHandler):
    """One request, and the ways to answer it."""

    protocol_version = "HTTP/1.1"
    server: ModelServer

    def do_POST(self) -> None:
        self._take(self.rfile.read(int(self.headers["Content-Length"])))

    def do_GET(self) -> None:
        self._take(b"")

    asked = ""

    def _take(self, body: bytes) -> None:
        self.asked = body.decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.sent.append((self.path, headers, body.decode()))
        self.server.say(self)

    def answer(self, status: int, body: str, **headers: str) -> None:
        content = body.encode()
        self.send_response(status)
        usual = {"Content-Type": "application/json", "Content-Length": str(len(content))}
        for name, value in {**usual, **{name.replace("_", "-"): value for name, value in headers.items()}}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args: Any) -> None:
        """Nothing is printed."""


class ModelServer(ThreadingHTTPServer):
    """`say` answers each call; `sent` is what came: path, headers and body."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Call)
        self.sent: list[tuple[str, dict[str, str], str]] = []
        self.say: Said = says("NONE")
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    @property
    def prompts(self) -> list[dict[str, Any]]:
        """The bodies of the requests for text."""
        return [json.loads(body) for path, _headers, body in self.sent if path.endswith("/chat/completions")]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of the script."""

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.over.set()
        self.shutdown()
        self.server_close()


def says(text: str | None, *, finish: str = "stop", usage: tuple[int, int] = (1, 1), **message: Any) -> Said:
    """Answers with this text, as a model does; `usage` are the tokens that it says it took."""
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "scripted",
        "choices": [
            {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text, **message}}
        ],
        "usage": {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)},
    }

    def answer(call: Call) -> None:
        if call.asked and json.loads(call.asked).get("stream"):
            _stream(call, body)
        else:
            call.answer(200, json.dumps(body))

    return answer


def _stream(call: Call, body: dict[str, Any]) -> None:
    """The same word by word, as server-sent events."""
    (choice,) = body["choices"]
    message = dict(choice["message"])
    words = re.findall(r"\S+\s*|\s+", message.pop("content") or "")
    made = [{"index": number, **each} for number, each in enumerate(message.pop("tool_calls", []))]
    deltas: list[dict[str, Any]] = [{"role": "assistant", **({"tool_calls": made} if made else {}), **message}]
    deltas += [{"content": word} for word in words]
    head = {**body, "object": "chat.completion.chunk", "usage": None}
    events = [{**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    events.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}]})
    events.append({**head, "choices": [], "usage": body["usage"]})
    text = "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n"
    call.answer(200, text, Content_Type="text/event-stream")


def calls(*made: tuple[str, Any], text: str | None = None, usage: tuple[int, int] = (1, 1)) -> Said:
    """Calls these tools; arguments that are a text are sent as they are, JSON or not."""
    asked = [
        {
            "id": f"made_{number}",
            "type": "function",
            "function": {"name": name, "arguments": args if isinstance(args, str) else json.dumps(args)},
        }
        for number, (name, args) in enumerate(made)
    ]
    return says(text, finish="tool_calls", usage=usage, tool_calls=asked)


def in_turn(*said: Said) -> Said:
    """One answer after the other; the last again and again."""
    left = list(said)

    def answer(call: Call) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(call)

    return answer


def fails(status: int, **headers: str) -> Said:
    body = json.dumps({"error": {"message": "Incorrect key: very-secret-key", "type": "x", "code": "x"}})
    return lambda call: call.answer(status, body, **headers)


def stalls(call: Call) -> None:
    call.server.over.wait(30)


def drips(call: Call) -> None:
    """Sends a byte now and then, so that no time limit between two bytes ever ends it."""
    call.send_response(200)
    call.send_header("Content-Length", "100000")
    call.end_headers()
    while not call.server.over.wait(0.2):
        call.wfile.write(b" ")
        call.wfile.flush()


def hangs_up(call: Call) -> None:
    call.close_connection = True
    call.connection.close()


def babbles(body: str) -> Said:
    return lambda call: call.answer(200, body)
