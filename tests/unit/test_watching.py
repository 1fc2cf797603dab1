"""The series of monitors are the store's own figures, with what is not there left out and what runs not judged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pytest

from jobs.alerts.definition import Definition
from jobs.alerts.detection.judging import judged
from jobs.alerts.detection.rules import Change, Learned, Missing, Threshold
from jobs.alerts.detection.verdicts import Standing
from jobs.alerts.judging import applied, judged_all
from jobs.alerts.monitors import Usual
from jobs.alerts.store_clock import StoreClock, closed
from jobs.alerts.watching import Reader, Watched, watched
from tests.unit.monitor_store import BAD, EMPTY, FIRST, TODAY, context, make_store, net_on, orders_on
from tools.errors import MissingTable, NotEnoughData
from tools.semantic.query import Filter
from tools.tool import Context
from tools.warehouse.connection import Warehouse

SALES = Definition("net_sales", rule=Threshold(100, "down"))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    warehouse = make_store(tmp_path_factory.mktemp("shop") / "warehouse.duckdb")
    yield warehouse
    warehouse.close()


@pytest.fixture(scope="module")
def here(shop: Warehouse) -> Context:
    return context(shop)


def on(found: Watched, day: date, row: int = 0) -> float:
    return float(found.panel.values[row, [moment.date() for moment in found.wall].index(day)])


def test_each_day_is_the_stores_own_figure(here: Context) -> None:
    found = watched(here, SALES)
    assert found.unit == "EUR"
    assert found.wall[-1].date() == TODAY
    for day in (FIRST, FIRST + timedelta(days=1), BAD[0], date(2026, 11, 16), TODAY):
        assert on(found, day) == net_on(day)


def test_an_empty_open_day_is_zero_and_a_closed_one_is_nothing(here: Context) -> None:
    found = watched(here, SALES)
    assert on(found, EMPTY) == 0
    assert np.isnan(on(found, date(2026, 11, 15)))  # a Sunday
    assert np.isnan(on(found, FIRST - timedelta(days=1)))
    rate = watched(here, Definition("return_rate", rule=Threshold(0.05, "up")))
    assert np.isnan(on(rate, EMPTY))
    assert on(rate, date(2026, 11, 16)) == pytest.approx(0.1)


def test_closed_steps_rest_on_what_was_before_them() -> None:
    there = np.tile(np.array([1, 1, 1, 1, 1, 1, 0], dtype=bool), 10)
    there[-7] = False  # an open day without rows
    shut = closed(there, 0, len(there) - 1, 7)
    assert shut[13::7].all()
    assert not shut[-7]
    assert (closed(there[:40], 0, 39, 7) == shut[:40]).all()
    # What sells now and then has empty days, and is not closed on them.
    seldom = np.zeros(70, dtype=bool)
    seldom[::9] = True
    assert not closed(seldom, 0, 69, 7)[10:].any()


def test_several_days_are_added_up_and_ratios_divided_after_that(here: Context) -> None:
    week = [TODAY - timedelta(days=n) for n in range(7)]
    found = watched(here, Definition("net_sales", over=7))
    assert on(found, TODAY) == pytest.approx(sum(map(net_on, week)))
    assert np.isnan(on(found, FIRST + timedelta(days=5)))
    assert on(found, FIRST + timedelta(days=6)) > 0
    assert found.period(-1).days == 7
    sold = sum(10.0 * sum(orders_on(day).values()) for day in week)
    rate = watched(here, Definition("return_rate", over=7))
    assert on(rate, TODAY) == pytest.approx((sold - sum(map(net_on, week))) / sold)
    assert rate.panel.exposure is not None
    assert rate.panel.exposure[0, -1] == pytest.approx(sold)


def test_a_change_of_several_days_is_against_as_many_before(here: Context) -> None:
    month = Definition("orders", over=30, rule=Change(0.01, "both"))
    found = watched(here, month)
    (verdicts,) = judged_all([found])
    assert verdicts.expected[0, -1] == on(found, TODAY - timedelta(days=30))


def test_parts_of_the_total_and_filters(here: Context) -> None:
    found = watched(here, Definition("orders", by=("country",), rule=Threshold(1, "down")))
    assert found.paths == ((), (("country", "Germany"),), (("country", "France"),), (("country", "Malta"),))
    assert on(found, TODAY, 1) == orders_on(TODAY)["Germany"]
    assert on(found, TODAY, 3) == 0
    alone = Definition("orders", filters=(Filter(dimension="country", values=("France",)),))
    assert on(watched(here, alone), TODAY) == 8
    without = Definition("orders", filters=(Filter(dimension="country", op="not_in", values=("France", "Malta")),))
    assert on(watched(here, without), TODAY) == orders_on(TODAY)["Germany"]


def test_what_is_usual_is_not_learned_of_what_comes_too_rarely(here: Context) -> None:
    found = watched(here, Definition("orders", by=("country",)))
    assert (("country", "Malta"),) not in found.paths
    assert found.rare == 1
    assert applied(found) == Learned(4 / 3)


def test_read_and_judged_together_is_as_each_alone(here: Context) -> None:
    def only(country: str) -> tuple[Filter, ...]:
        return (Filter(dimension="country", values=(country,)),)

    every = [
        SALES,
        Definition("orders", filters=only("Germany")),
        Definition("orders", filters=only("France"), rule=Learned(12, "down")),
        Definition("return_rate"),
        Definition("net_sales", over=7),
        Definition("net_sales", by=("country",)),
        Definition("orders", rule=Missing()),
    ]
    reader = Reader(here, [Definition("no such metric"), *every])
    together = [reader.watched(one) for one in every]
    for one, verdicts in zip(together, judged_all(together), strict=True):
        alone = watched(here, one.definition)
        assert alone.paths == one.paths
        np.testing.assert_array_equal(alone.panel.values, one.panel.values)
        plain = judged(alone.panel, applied(alone))
        np.testing.assert_array_equal(plain.standing, verdicts.standing)
        np.testing.assert_allclose(plain.expected, verdicts.expected, rtol=1e-9)


def test_nothing_later_than_the_as_of_day_is_seen(shop: Warehouse) -> None:
    then = TODAY - timedelta(days=30)
    found = watched(context(shop, today=then), SALES)
    assert found.wall[-1].date() == then
    now = watched(context(shop), SALES)
    for day in (then, then - timedelta(days=5)):
        assert on(found, day) == on(now, day)


def test_today_while_it_runs_is_not_judged(shop: Warehouse) -> None:
    noon = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    live, over = (watched(context(shop, now=now), SALES).panel for now in (noon, noon + timedelta(days=1)))
    assert live.partial is not None
    assert over.partial is not None
    assert live.partial[0, -1]
    assert not over.partial[0, -1]
    assert not live.partial[0, :-1].any()


@pytest.mark.parametrize(
    ("last", "imported", "whole"),
    [
        (None, None, TODAY),
        (datetime(2026, 11, 20, 11), None, TODAY - timedelta(days=1)),  # cut short: no such day ever ended so early
        (None, "2026-11-20T21:00:00+00:00", TODAY - timedelta(days=1)),
        (None, "2026-11-21T01:00:00+00:00", TODAY),
    ],
)
def test_a_last_day_that_is_not_all_there_is_not_judged(
    tmp_path: Path, last: datetime | None, imported: str | None, whole: date
) -> None:
    warehouse = make_store(tmp_path / "w.duckdb", last=last, imported=imported)
    found = watched(context(warehouse), SALES)
    assert found.panel.partial is not None
    judged_days = [moment.date() for moment, part in zip(found.wall, found.panel.partial[0], strict=True) if not part]
    assert judged_days[-1] == whole
    warehouse.close()


def test_missing_data_is_told_once_it_is_late(tmp_path: Path) -> None:
    stopped = make_store(tmp_path / "w.duckdb", last=datetime(2026, 11, 17, 23, 59))
    watch = Definition("orders", rule=Missing())
    for hour, missing in ((6, [18]), (13, [18, 19])):
        here = context(stopped, now=datetime(2026, 11, 20, hour, tzinfo=UTC))
        found = watched(here, watch)
        (verdicts,) = judged_all([found])
        days = [found.wall[step].day for step in np.flatnonzero(verdicts.standing[0] == Standing.MISSING)]
        assert days[-len(missing) :] == missing
        # Nothing else alarms because of what is not there yet.
        (learned,) = judged_all([watched(here, Definition("orders"))])
        assert not learned.alarm[0, -3:].any()
    stopped.close()


def test_hours_are_the_stores_own_and_a_clock_change_is_not_judged(here: Context) -> None:
    found = watched(here, Definition("orders", grain="hour", rule=Threshold(1, "down")))
    at = found.wall.index(datetime(2026, 11, 19, 8))
    assert found.panel.values[0, at] == sum(
        sum(order % 12 == 0 for order in range(count)) for count in orders_on(date(2026, 11, 19)).values()
    )
    assert np.isnan(found.panel.values[0, found.wall.index(datetime(2026, 11, 19, 3))])
    assert found.wall[-1] == datetime(2026, 11, 20, 23)


def test_hours_that_a_clock_change_bends_are_not_judged(tmp_path: Path) -> None:
    warehouse = make_store(tmp_path / "w.duckdb")
    warehouse.close()
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:
        connection.execute("INSERT INTO store_settings VALUES ('timezone', 'Europe/London')")
    warehouse = Warehouse.at(tmp_path / "w.duckdb")
    found = watched(context(warehouse), Definition("orders", grain="hour", rule=Threshold(1, "down")))
    assert found.panel.partial is not None
    twice = found.wall.index(datetime(2026, 10, 25, 1))
    assert found.panel.partial[0, twice]
    assert not found.panel.partial[0, [twice - 1, twice + 1]].any()
    assert found.steps[twice + 1] - found.steps[twice] == timedelta(hours=2)
    assert found.steps[-1] == datetime(2026, 11, 20, 23, tzinfo=UTC)
    warehouse.close()


def test_the_stores_clock_tells_its_days(here: Context) -> None:
    clock = StoreClock(here)
    assert not clock.live
    assert clock.instant(datetime(2026, 11, 20)) == datetime(2026, 11, 20, tzinfo=UTC)


def test_a_day_that_is_over_further_east_is_late_and_not_missing(tmp_path: Path) -> None:
    """Of a shop in Shanghai and a team in UTC: at 17:00 UTC the shop's day is over; its data come in the morning."""
    path = tmp_path / "w.duckdb"
    make_store(path).close()
    with duckdb.connect(str(path)) as connection:
        connection.execute("DELETE FROM store_settings WHERE key = 'timezone'")
        connection.execute("INSERT INTO store_settings VALUES ('timezone', 'Asia/Shanghai')")
        connection.execute("DELETE FROM order_lines WHERE sold_at >= ?", [TODAY])
    warehouse = Warehouse.at(path)
    watch = Definition("orders", rule=Missing())
    evening = datetime(TODAY.year, TODAY.month, TODAY.day, 17, tzinfo=UTC)
    for now, missing in ((evening, False), (evening + timedelta(hours=12), True)):
        found = watched(context(warehouse, now=now), watch)
        assert found.wall[-1].date() == TODAY
        assert bool(judged(found.panel, Missing()).alarm[0, -1]) == missing
    warehouse.close()


def test_what_people_called_usual_is_marked_for_its_series_alone(here: Context) -> None:
    definition = Definition("orders", by=("country",))
    steps = watched(here, definition).steps
    said = Usual((("country", "Germany"),), steps[-5], steps[-4], -1, "Ann", steps[-1])
    found = watched(here, definition, [said])
    assert found.panel.normal is not None
    assert np.argwhere(found.panel.normal).tolist() == [[1, len(steps) - 5], [1, len(steps) - 4]]


def test_what_cannot_be_watched_says_why(here: Context) -> None:
    with pytest.raises(MissingTable, match="events"):
        watched(here, Definition("sessions"))
    with pytest.raises(NotEnoughData, match="holds nothing"):
        watched(context(here.warehouse, today=FIRST - timedelta(days=1)), SALES)
