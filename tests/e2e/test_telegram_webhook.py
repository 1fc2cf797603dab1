"""The same bot behind a webhook."""

from __future__ import annotations

import asyncio
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx
import pytest
from pydantic import SecretStr

from bot.migrations import upgrade
from bot.sandbox.server import running_sandbox
from bot.settings import Settings
from bot.telegram.access import Access
from bot.telegram.application import build_application
from bot.telegram.service import run
from tests.e2e.telegram_scene import VIEWER, ScriptedAssistant
from tools.state import connect

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.asyncio


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def test_updates_come_by_webhook_and_only_with_the_secret(tmp_path: Path) -> None:
    port = free_port()
    with running_sandbox() as handle:
        settings = Settings(
            _env_file=None,
            home=tmp_path,
            telegram_token=SecretStr(handle.token),
            webhook_url=f"http://127.0.0.1:{port}/telegram",
            webhook_port=port,
            webhook_secret=SecretStr("a-secret"),
        )
        upgrade(settings.resolved_state_url)
        state = connect(settings.resolved_state_url)

        def clock() -> datetime:
            return datetime.now(UTC)

        Access(state, clock).enrol(VIEWER, "Max", "viewer", "en")
        application = build_application(settings, ScriptedAssistant(), state, clock, api_url=handle.url)
        stop = asyncio.Event()
        serving = asyncio.create_task(run(application, stop))
        handle.sandbox.send_text(VIEWER, None, "sales")
        await handle.sandbox.until(lambda: handle.sandbox.messages(VIEWER), 10)
        assert "sales" in handle.sandbox.messages(VIEWER)[0].text
        assert handle.sandbox.calls("getUpdates") == []
        async with httpx.AsyncClient() as client:
            forged = await client.post(settings.webhook_url, json={"update_id": 1})
        assert forged.status_code == 403
        stop.set()
        await serving
        state.kw["bind"].dispose()
