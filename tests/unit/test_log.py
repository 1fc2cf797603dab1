"""Nothing secret or personal reaches the log, whichever library writes it."""

from __future__ import annotations

import io
import json
import logging
from typing import TYPE_CHECKING

import httpx
import pytest
import structlog

from bot.log import redact, set_up_logging

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "7700000001:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield io.StringIO()
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"https://api.telegram.org/bot{TOKEN}/sendMessage", "https://api.telegram.org/[token]/sendMessage"),
        ("mail to jane.doe+shop@example.co.uk now", "mail to [email] now"),
        ("call +44 20 7946 0958 or 13912345678.", "call [phone] or [phone]."),
        ("postgresql+psycopg://bot:hunter2@db:5432/x", "postgresql+psycopg://[credentials]@db:5432/x"),
        ("key sk-proj-abcdefghijklmnop1234", "key [key]"),
        ("t.me/marketbot?start=inv_J2kLm9_-abcdEFGH", "t.me/marketbot?start=[invite]"),
        ("2011-12-09T12:50:00 1067370 rows, 541909.25, chat -1001234567890", None),
    ],
)
def test_redaction(text: str, expected: str | None) -> None:
    assert redact(text) == (text if expected is None else expected)


@pytest.mark.parametrize("form", ["json", "console"])
def test_structlog_and_the_standard_library_are_redacted_alike(stream: io.StringIO, form: str) -> None:
    set_up_logging("INFO", form, secrets=["very-secret"], stream=stream)  # type: ignore[arg-type]
    structlog.get_logger("a").info("hello", who={"mail": ["a@b.org"]}, note="very-secret", api_key="x")
    logging.getLogger("b").warning("calling %s", f"bot{TOKEN}")
    try:
        int(f"{TOKEN} a@b.org")
    except ValueError:
        structlog.get_logger("c").exception("broken")
    written = stream.getvalue()
    assert "hello" in written
    assert "Traceback" in written
    for secret in ("very-secret", "a@b.org", TOKEN, "AAHdqTcv"):
        assert secret not in written


def test_json_lines_are_json(stream: io.StringIO) -> None:
    set_up_logging("INFO", "json", stream=stream)
    structlog.get_logger("a").info("hello", count=3, city="上海")
    line = json.loads(stream.getvalue())
    assert (line["event"], line["count"], line["city"], line["level"]) == ("hello", 3, "上海", "info")


def test_httpx_does_not_log_addresses(stream: io.StringIO) -> None:
    set_up_logging("DEBUG", "json", stream=stream)
    transport = httpx.MockTransport(lambda _request: httpx.Response(200))
    with httpx.Client(transport=transport) as client:
        client.get(f"https://api.telegram.org/bot{TOKEN}/getMe")
    assert stream.getvalue() == ""
