"""`marketbot demo` as a newcomer meets it: from an empty home to an answer in the chat, and out by Ctrl+C."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
ADA = 1001
PATIENCE_S = 120.0


@contextmanager
def started(home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The demo in a process of its own, and the address that it prints."""
    command = [sys.executable, "-m", "bot.cli", "--home", str(home), "demo", "--port", "0", "--scale", "0.05"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, **pipes) as process:
        try:
            assert process.stdout is not None
            address = next((found[0] for line in process.stdout if (found := re.search(r"http://\S+/", line))), None)
            assert address is not None, process.communicate()[1]
            yield process, address
        finally:
            if process.poll() is None:
                process.kill()


def interrupted(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit code and the rest of stderr after a Ctrl+C."""
    process.send_signal(signal.SIGINT)
    _out, err = process.communicate(timeout=60)
    return process.returncode, err


def eventually(found: Callable[[], Any]) -> Any:
    end = time.monotonic() + PATIENCE_S
    while not (seen := found()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.1)
    return seen


@pytest.mark.timeout(300)
def test_from_an_empty_home_to_an_answer_and_a_second_start(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with started(home) as (process, address):
        page = httpx.get(address)
        assert page.status_code == 200
        token = re.search(r'content="([\w-]{16,})"', page.text)
        assert token is not None
        headers = {"X-Page-Token": token[1], "Origin": address.rstrip("/")}
        with httpx.Client(base_url=address, headers=headers, timeout=30) as browser:
            asked = {"user_id": ADA, "chat_id": ADA, "text": "net sales last month"}
            assert browser.post("page/send", json=asked).status_code == 200

            def answer() -> str | None:
                messages = browser.get("page/state").json()["messages"][str(ADA)]
                return next((str(one) for one in messages if "Net sales" in str(one)), None)

            assert "CN¥" in eventually(answer)
        assert interrupted(process) == (0, "")
    made = (home / "warehouse.duckdb").stat().st_mtime_ns
    with started(home) as (process, address):
        assert httpx.get(address).status_code == 200
        assert interrupted(process) == (0, "")
    assert (home / "warehouse.duckdb").stat().st_mtime_ns == made
