"""The log: structlog over the standard library, one line an event, nothing secret or personal in it."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, Literal, TextIO

import structlog

if TYPE_CHECKING:
    from structlog.typing import Processor

BOT_TOKEN = re.compile(r"(?:bot)?\d{5,}:[A-Za-z0-9_-]{30,}")
API_KEY = re.compile(r"\b(?:sk|pk|rk)-[A-Za-z0-9_-]{16,}|\bBearer\s+[A-Za-z0-9._~+/=-]{12,}", re.IGNORECASE)
CREDENTIALS = re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)")
INVITE = re.compile(r"\binv_[A-Za-z0-9_-]{8,}")
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
PHONE = re.compile(
    r"(?<![\w.:-])(?:\+\d(?:[ ().-]{0,2}\d){7,14}|1[3-9]\d{9}|\(?0\d{2,4}\)?[ .-]\d{3,4}[ .-]?\d{3,4})(?![\w:-]|\.\w)"
)

REPLACEMENTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (BOT_TOKEN, "[token]"),
    (API_KEY, "[key]"),
    (CREDENTIALS, "[credentials]"),
    (INVITE, "[invite]"),
    (EMAIL, "[email]"),
    (PHONE, "[phone]"),
)
SECRET_NAMES = re.compile(r"token|secret|password|api_?key|authorization", re.IGNORECASE)

QUIET = {
    # Both write whole addresses at INFO, and the Bot API has the token in its address.
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    # Both write whole updates or requests, with the users' words, at DEBUG.
    "telegram": logging.INFO,
    "openai": logging.INFO,
    "tornado.access": logging.WARNING,
    # It warns of every turn that a chore leaves out because it is still at work.
    "apscheduler": logging.ERROR,
    "apscheduler.scheduler": logging.ERROR,  # it warns where a chore takes longer than its interval
    "matplotlib": logging.WARNING,
}


def redact(text: str) -> str:
    """The text without bot tokens, keys, credentials in addresses, invitations, e-mail addresses and phone numbers."""
    for pattern, replacement in REPLACEMENTS:
        text = pattern.sub(replacement, text)
    return text


class Redactor:
    """A structlog processor that redacts every string of an event, also inside containers, and the given secrets."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = tuple(sorted((secret for secret in secrets if secret), key=len, reverse=True))

    def __call__(self, _logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        for key, value in event.items():
            if key.startswith("_"):
                continue
            event[key] = "[secret]" if SECRET_NAMES.search(key) and isinstance(value, str) else self._clean(value)
        return event

    def text(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "[secret]")
        return redact(text)

    def _clean(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {key: self._clean(each) for key, each in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._clean(each) for each in value]
        if value is None or isinstance(value, bool | int | float):
            return value
        return self.text(str(value))


def set_up_logging(
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"],
    form: Literal["console", "json"],
    *,
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
) -> None:
    """Routes structlog and the standard library's log to one stream, stderr by default. Call once, at start.

    `secrets` are values never to be written wherever they turn up, e.g. the bot's token.
    """
    stream = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        Redactor(secrets),
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback)
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(max(least, logging.getLevelName(level)))
