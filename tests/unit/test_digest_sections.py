"""The sections that stand on what was kept: forecasts, incidents, documents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from bot.rendering.reply import plain_text
from bot.rendering.voice import Voice
from bot.reply import Reply
from jobs.alerts.detection.verdicts import Standing
from jobs.alerts.incidents.events import Finding
from jobs.alerts.incidents.incident import Change, Incident, State, Transition
from jobs.alerts.incidents.store import to_json
from jobs.alerts.incidents.subject import Subject
from jobs.alerts.record import IncidentRow, MonitorRow
from jobs.digests.wanted import Composed
from knowledge.library import Library
from tests.unit.digest_store import Line, context_of, every_day, fact, of_day, write_store
from tools.forecasting.record import ForecastRow, ForecastStepRow
from tools.semantic.periods import Period
from tools.tool import Chat, Context
from tools.warehouse.connection import Warehouse

FIRST, LAST = date(2026, 1, 5), date(2026, 6, 10)
FELL = date(2026, 6, 3)
HERE = Chat(7)
NOW = datetime(2026, 6, 11, 9, tzinfo=UTC)


def text(made: Composed) -> str:
    return plain_text(Reply("answered", "en", answers=(made.answer,)), Voice("en"))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """100 a day, but 20 on one day."""
    path: Path = tmp_path_factory.mktemp("sections") / "warehouse.duckdb"
    write_store(path, [Line(line.day, 20.0) if line.day == FELL else line for line in every_day(FIRST, LAST, _hundred)])
    warehouse = Warehouse.at(path)
    yield warehouse
    warehouse.close()


def _hundred(_day: date) -> float:
    return 100.0


def only(context: Context, day: date, *sections: str) -> Composed:
    return of_day(context, day, sections=sections, metrics=("net_sales",))


# --- Forecasts --------------------------------------------------------------------------------------------------------


def keep_forecast(state: sessionmaker[Session], made_on: date, expected: float, *, filters: str = "[]") -> None:
    """A forecast of the 30 days after it, by day."""
    start = made_on + timedelta(days=1)
    days = [start + timedelta(days=n) for n in range(30)]
    with state() as session:
        whole = {"expected": 30 * expected, "low_80": 0, "high_80": 1e6, "low_95": 0, "high_95": 1e6}
        row = ForecastRow(
            store="Made",
            version="1",
            question=f"{made_on}{expected}{filters}",
            metric="net_sales",
            filters=filters,
            grain="day",
            made_on=made_on,
            data_end=made_on,
            starts_on=days[0],
            ends_on=days[-1],
            **whole,
        )
        session.add(row)
        session.flush()
        bounds = {"low_80": expected - 5, "high_80": expected + 5, "low_95": 0, "high_95": 1e6}
        for day in days:
            session.add(ForecastStepRow(forecast_id=row.id, starts_on=day, ends_on=day, expected=expected, **bounds))
        session.commit()


def test_the_newest_forecast_made_before_the_day_is_held_against_it(
    store: Warehouse, state: sessionmaker[Session]
) -> None:
    keep_forecast(state, date(2026, 5, 31), 90.0)
    keep_forecast(state, LAST - timedelta(days=1), 80.0)
    keep_forecast(state, LAST, 1.0)  # made knowing the day
    keep_forecast(
        state, LAST - timedelta(days=1), 7.0, filters='[{"dimension":"country","op":"in","values":["France"]}]'
    )
    made = only(context_of(store, LAST, state=state), LAST, "forecast")
    said = text(made)
    assert "Forecast: €80 had been expected (+25%), outside its 80 % range" in said
    assert fact(made.answer, "net_sales_forecast", Period(LAST, LAST)).value == 80


def test_the_months_end_is_what_came_and_what_is_expected_of_the_rest(
    store: Warehouse, state: sessionmaker[Session]
) -> None:
    keep_forecast(state, LAST, 50.0)
    made = only(context_of(store, LAST, state=state), LAST, "forecast")
    june = Period(date(2026, 6, 1), date(2026, 6, 30))
    so_far = 9 * 100 + 20
    assert fact(made.answer, "net_sales", Period(june.start, LAST)).value == so_far
    assert fact(made.answer, "net_sales_forecast", june).value == so_far + 20 * 50
    assert "June 2026: €920 so far, €1,920 expected by its end" in text(made)


def test_without_a_kept_forecast_nothing_is_said_of_any(store: Warehouse, state: sessionmaker[Session]) -> None:
    assert only(context_of(store, LAST, state=state), LAST, "forecast").answer.lines == ()


# --- Incidents --------------------------------------------------------------------------------------------------------


def keep_incident(state: sessionmaker[Session], chat: int, where: tuple[tuple[str, str], ...] = ()) -> None:
    began = datetime(2026, 6, 10, 9, 40, tzinfo=UTC)
    finding = Finding(Standing.BELOW, 2.0, 20.0, 100.0)
    with state() as session:
        monitor = MonitorRow(
            chat_id=chat, user_id="1", language="en", definition={}, shipped="", trouble="", created_at=began
        )
        session.add(monitor)
        session.flush()
        incident = Incident(
            Subject(str(monitor.id), "orders", where),
            State.FIRING,
            began,
            finding,
            began,
            began,
            (Transition(began, Change.PENDING), Transition(began, Change.FIRING)),
            told_at=began,
            told=finding,
        )
        session.add(
            IncidentRow(
                monitor_id=monitor.id,
                fingerprint=incident.subject.fingerprint,
                metric="orders",
                state=incident.state.value,
                opened_at=began,
                incident=to_json(incident),
                definition={},
                version=1,
            )
        )
        session.commit()


def test_open_incidents_of_the_chat_are_told_and_are_a_reason_to_send(
    store: Warehouse, state: sessionmaker[Session]
) -> None:
    keep_incident(state, HERE.id, (("country", "Germany"),))
    keep_incident(state, 99)
    context = replace(context_of(store, LAST, state=state), chat=HERE, now=NOW)
    made = only(context, LAST, "incidents")
    assert made.moved
    said = text(made)
    assert "1 open incident: Orders, Germany: Firing since" in said
    assert fact(made.answer, "open_incidents", None).value == 1  # type: ignore[arg-type]
    assert [tap.call.tool for tap in made.answer.follow_ups if tap.call] == ["incidents"]


def test_open_incidents_are_told_also_when_the_data_is_late(store: Warehouse, state: sessionmaker[Session]) -> None:
    keep_incident(state, HERE.id)
    context = replace(context_of(store, LAST + timedelta(days=2), state=state), chat=HERE, now=NOW)
    made = only(context, LAST + timedelta(days=1), "incidents", "kpis")
    assert made.stale
    assert "1 open incident: Orders: Firing" in text(made)


def test_the_terminal_has_no_incidents(store: Warehouse, state: sessionmaker[Session]) -> None:
    keep_incident(state, HERE.id)
    made = only(context_of(store, LAST, state=state), LAST, "incidents")
    assert made.answer.lines == ()
    assert not made.moved


# --- Documents --------------------------------------------------------------------------------------------------------


def test_where_a_figure_fell_the_page_about_it_is_named(store: Warehouse, playbooks: Library) -> None:
    for language, title in (("en", "A sudden drop in net sales"), ("zh", "净销售额")):
        context = replace(context_of(store, LAST, language=language), knowledge=playbooks)
        made = only(context, FELL, "playbook")
        assert title in text(made)
        (tap,) = made.answer.follow_ups
        assert tap.call is not None
        assert tap.call.args["document"].startswith(language)
        assert only(context, LAST - timedelta(days=1), "playbook").answer.lines == ()


def test_a_page_that_may_not_be_read_is_not_named(store: Warehouse, tmp_path: Path) -> None:
    folder = tmp_path / "team"
    folder.mkdir()
    head = "---\ntitle: Secret\nkind: incident\nmetrics: [net_sales]\n---\n\n# Secret\n\nWhat to do when sales fall.\n"
    (folder / "secret.md").write_text(head, "utf-8")
    library = Library(tmp_path / "index", shipped=None)
    library.learn([folder], access="admin", embed=False)
    for role, named in (("admin", True), ("viewer", False)):
        context = replace(context_of(store, LAST, role=role), knowledge=library)
        assert ("Secret" in text(only(context, FELL, "playbook"))) is named
    library.close()
