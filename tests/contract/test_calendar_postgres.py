"""The calendar says the same on DuckDB and on PostgreSQL, its state database on PostgreSQL too."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bot.migrations import upgrade
from tests.conftest import DEMO_END
from tests.contract.postgres_store import fresh_database
from tools.calendar.calendar import PromotionCalendar
from tools.calendar.team import TeamEvents
from tools.catalog.calendar import CalendarArgs, run
from tools.semantic.catalog import Catalog
from tools.semantic.periods import Period
from tools.state import connect
from tools.tool import Context, User
from tools.warehouse.connection import Warehouse

CALLS: tuple[dict[str, Any], ...] = (
    {},
    {"kind": "promotion", "country": "Germany"},
    {"name": "双11"},
    {"name": "Prime Day"},
    {"period": {"start": "2025-09-01", "end": "2025-12-31"}},
)


def test_the_events_are_the_same(demo: Warehouse, postgres: Warehouse, catalog: Catalog) -> None:
    period = Period(date(2024, 5, 1), date(2027, 5, 31))
    one, other = (
        PromotionCalendar(Context(store, catalog, DEMO_END, User("1", "admin"))) for store in (demo, postgres)
    )
    assert one.between(period) == other.between(period)
    assert {event.source for event in one.between(period)} == {"shipped", "imported"}
    assert dict(one.shares()) == pytest.approx(dict(other.shares()))


@pytest.mark.parametrize("args", CALLS, ids=str)
def test_the_answers_are_the_same(demo: Warehouse, postgres: Warehouse, catalog: Catalog, args: dict[str, Any]) -> None:
    one, other = (
        run(Context(store, catalog, DEMO_END, User("1", "admin")), CalendarArgs.model_validate(args))
        for store in (demo, postgres)
    )
    assert one == other


def test_the_teams_own_are_kept_on_postgresql() -> None:
    with fresh_database("marketbot_promotions") as address:
        url = address.replace("postgres://", "postgresql+psycopg://")
        upgrade(url)
        state = connect(url)
        team = TeamEvents(state, "Store")
        days = Period(date(2027, 4, 1), date(2027, 4, 7))
        kept = team.add("ﷺ" * 60, days, kind="promotion", country=None, phase="burst", by="1")
        assert kept is not None
        assert team.add("ﷺ" * 60, days, kind="promotion", country=None, phase="burst", by="1") is None
        assert team.all() == (kept,)
        assert TeamEvents(state, "Other").all() == ()
        assert TeamEvents(state, "Other").remove([kept.row]) == 0
        assert team.remove([kept.row]) == 1
        assert team.all() == ()
        state.kw["bind"].dispose()
