"""What the unit tests share: a state database of their own, a clock that stands, and the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from tests.unit.command_line import home, run
from tests.unit.outbox_scenes import Clock
from tools.state import Base, connect

__all__ = ["home", "run"]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'state.sqlite3'}"


@pytest.fixture
def state(url: str) -> Iterator[sessionmaker[Session]]:
    """The tables that are known to this run, made without the migrations, which are tested on their own."""
    state = connect(url)
    Base.metadata.create_all(state.kw["bind"])
    yield state
    state.kw["bind"].dispose()


@pytest.fixture
def clock() -> Clock:
    return Clock()
