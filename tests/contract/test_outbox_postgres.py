"""The outbox and the lease keep their word on PostgreSQL, where claims of several processes really overlap."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.migrations import upgrade
from tests.contract.postgres_store import fresh_database
from tests.unit.outbox_scenes import competing_couriers, killed_processes, one_at_a_time, threads_claim
from tools.state import connect


@pytest.fixture
def url() -> Iterator[str]:
    with fresh_database("marketbot_outbox") as address:
        url = address.replace("postgres://", "postgresql+psycopg://")
        upgrade(url)
        yield url


def test_threads_claim_and_lease(url: str) -> None:
    state = connect(url)
    threads_claim(state)
    one_at_a_time(state)
    state.kw["bind"].dispose()


@pytest.mark.asyncio
async def test_competing_couriers_deliver_each_push_once(url: str) -> None:
    state = connect(url)
    await competing_couriers(state, pushes=200, chats=25)
    state.kw["bind"].dispose()


def test_processes_are_killed(url: str, tmp_path: Path) -> None:
    killed_processes(url, tmp_path / "arrived", kills=3)
