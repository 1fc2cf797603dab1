"""What the unit tests share: a state database, a clock that stands, the command line, and worlds to understand in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from bot.understanding import values
from bot.understanding.interpret import World
from bot.understanding.lexicon import base_lexicon
from tests.conftest import DEMO_END, RETAIL_DAY
from tests.unit.command_line import home, run
from tests.unit.outbox_scenes import Clock
from tools.registry import Registry, discover
from tools.semantic.catalog import Catalog
from tools.state import Base, connect
from tools.warehouse.connection import Warehouse

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


@pytest.fixture(scope="session")
def registry() -> Registry:
    return discover()


@pytest.fixture(scope="session")
def worlds(retail: Warehouse, demo: Warehouse, catalog: Catalog, registry: Registry) -> dict[str, World]:
    """Online Retail as of 2011-12-09 and the demo store, each with one saved segment and without playbooks."""

    def world(warehouse: Warehouse, today: date) -> World:
        return World(
            catalog=catalog,
            index=values.build(base_lexicon(catalog, registry.tools), catalog, warehouse),
            tables=warehouse.tables(),
            currency=warehouse.settings().currency,
            today=today,
            first_day=date.fromisoformat(warehouse.raw_settings()["first_day"]),
            tools=frozenset(tool.name for tool in registry.tools),
            saved=("VIP-DE",),
            acts=registry.acts,
        )

    return {"retail": world(retail, RETAIL_DAY), "demo": world(demo, DEMO_END)}
