"""What a digest says: figures recounted by hand, comparisons, filters, late and missing data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from pathlib import Path

import duckdb
import pytest

from bot.rendering.reply import plain_text
from bot.rendering.voice import Voice
from bot.reply import Reply
from jobs.digests.sections import chosen, discovered
from jobs.digests.wanted import Composed, Wanted
from tests.unit.digest_store import Line, context_of, digest, every_day, fact, of_day, write_store
from tools.errors import InvalidArgument, MissingTable, NotEnoughData
from tools.semantic.periods import Period, unit
from tools.semantic.query import Filter
from tools.tool import Context
from tools.warehouse.connection import Warehouse

SALES = ("net_sales",)
FIRST, LAST = date(2026, 1, 5), date(2026, 6, 30)  # a Monday, a Tuesday
IN_FRANCE = date(2026, 5, 5)
FRANCE = Filter(dimension="country", values=("France",))
GERMANY = Filter(dimension="country", values=("Germany",))


def text(made: Composed, language: str = "en") -> str:
    return plain_text(Reply("answered", language, answers=(made.answer,)), Voice(language))  # type: ignore[arg-type]


def steady(day: date) -> float:
    return 100.0 + 10 * day.weekday()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "warehouse.duckdb"


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """A line a day in Germany, and a single one in France."""
    path = tmp_path_factory.mktemp("plain") / "warehouse.duckdb"
    write_store(path, [*every_day(FIRST, LAST, steady), Line(IN_FRANCE, 7_000.0, "France")])
    warehouse = Warehouse.at(path)
    yield warehouse
    warehouse.close()


# --- Recounted --------------------------------------------------------------------------------------------------------


def test_figures_of_a_day_and_its_baselines_are_those_of_the_store(demo_path: Path, demo_context: Context) -> None:
    day = date(2026, 11, 20)
    made = of_day(demo_context, day)
    with duckdb.connect(str(demo_path), read_only=True) as connection:
        for that in (day, day - timedelta(days=7), day - timedelta(days=1), day - timedelta(days=364)):
            rows = connection.execute(
                "SELECT sum(CASE kind WHEN 'sold' THEN amount - discount ELSE discount - amount END), "
                "count(DISTINCT order_id) FILTER (kind = 'sold'), sum(quantity) FILTER (kind = 'sold'), "
                "count(DISTINCT customer_id) FILTER (kind = 'sold'), "
                "sum(amount - discount) FILTER (kind = 'returned') / sum(amount) FILTER (kind = 'sold') "
                "FROM order_lines WHERE sold_at::DATE = ?",
                [that],
            ).fetchone()
            assert rows is not None
            names = ("net_sales", "orders", "units", "active_customers", "return_rate")
            for name, value in zip(names, rows, strict=True):
                assert fact(made.answer, name, Period(that, that)).value == pytest.approx(value or 0), (name, that)
            visits = connection.execute(
                "SELECT count(DISTINCT session_id) FROM events WHERE occurred_at::DATE = ?", [that]
            ).fetchone()
            assert visits is not None
            assert fact(made.answer, "sessions", Period(that, that)).value == visits[0]


def test_a_weeks_customers_are_counted_once(demo_path: Path, demo_context: Context) -> None:
    week = unit(date(2026, 11, 11), "week")
    made = digest(demo_context, week, "weekly")
    with duckdb.connect(str(demo_path), read_only=True) as connection:
        found = connection.execute(
            "SELECT count(DISTINCT customer_id) FROM order_lines WHERE kind = 'sold' AND sold_at::DATE BETWEEN ? AND ?",
            [week.start, week.end],
        ).fetchone()
    assert found is not None
    assert fact(made.answer, "active_customers", week).value == found[0]
    chart = made.answer.chart
    assert chart is not None
    assert chart.table is not None
    assert len(chart.table.rows) == 26


def test_days_held_back_to_one_moment_are_told_together(demo_path: Path, demo_context: Context) -> None:
    weekend, sunday = Period(date(2026, 11, 13), date(2026, 11, 15)), date(2026, 11, 15)
    made = digest(demo_context, Period(sunday, sunday), covers=weekend)
    with duckdb.connect(str(demo_path), read_only=True) as connection:
        found = connection.execute(
            "SELECT count(DISTINCT order_id) FROM order_lines WHERE kind = 'sold' AND sold_at::DATE BETWEEN ? AND ?",
            [weekend.start, weekend.end],
        ).fetchone()
    assert found is not None
    assert fact(made.answer, "orders", weekend).value == found[0]
    assert made.answer.provenance.period == weekend


def test_the_drivers_of_a_rise_are_named_with_what_they_brought(store: Path) -> None:
    lines = [*every_day(FIRST, LAST, steady), *every_day(FIRST, LAST, steady, country="France", product="cup")]
    write_store(store, [*lines, Line(LAST, 300.0, "France", "cup")])
    made = of_day(context_of(store, LAST), LAST, metrics=SALES)
    headline = text(made).splitlines()[0]
    assert headline.startswith("🟢 Net sales on Tue, 30 Jun 2026: €520, 136% above the Tuesday before")
    assert "mostly" in headline
    assert "+€300" in headline
    assert made.moved


def test_a_change_of_all_parts_alike_has_no_reason(store: Path) -> None:
    def doubled(day: date) -> float:
        return 200.0 if day == LAST else 100.0

    write_store(store, [*every_day(FIRST, LAST, doubled), *every_day(FIRST, LAST, doubled, country="France")])
    headline = text(of_day(context_of(store, LAST), LAST, metrics=SALES)).splitlines()[0]
    assert headline == "🟢 Net sales on Tue, 30 Jun 2026: €400, 100% above the Tuesday before."


# --- Beginnings, zeros, closed days -----------------------------------------------------------------------------------


def test_the_first_day_has_nothing_to_compare_with_and_says_so(plain: Warehouse) -> None:
    made = of_day(context_of(plain, LAST), FIRST)
    said = text(made)
    assert said.splitlines()[0] == "Net sales on Mon, 5 Jan 2026: €100."
    assert "The data begins on 5 Jan 2026" in said
    assert "100%" not in said
    assert not made.moved
    assert fact(made.answer, "net_sales", Period(FIRST - timedelta(days=7), FIRST - timedelta(days=7))).value is None


def test_before_the_first_day_there_is_nothing_to_tell(plain: Warehouse) -> None:
    with pytest.raises(NotEnoughData, match="begins"):
        of_day(context_of(plain, LAST), FIRST - timedelta(days=1))


def test_from_nothing_there_is_no_rate(plain: Warehouse) -> None:
    made = digest(context_of(plain, LAST), Period(IN_FRANCE, IN_FRANCE), metrics=SALES, filters=(FRANCE,))
    said = text(made)
    assert said.splitlines()[0] == "🟢 Net sales in France on Tue, 5 May 2026: €7,000, from €0 the Tuesday before."
    assert "inf" not in said


def test_a_figure_of_nothing_is_not_defined(plain: Warehouse) -> None:
    made = digest(context_of(plain, LAST), Period(LAST, LAST), metrics=("aov",), filters=(FRANCE,))
    assert "not defined" in text(made).splitlines()[0]
    assert made.answer.chart is not None


def test_a_day_on_which_the_shop_is_always_closed_is_not_missing(store: Path) -> None:
    sunday = date(2026, 6, 28)
    write_store(store, every_day(FIRST, sunday, steady, closed=frozenset({6})))
    made = of_day(context_of(store, sunday), sunday, metrics=SALES)
    assert not made.stale
    assert not made.moved
    assert text(made).splitlines()[0].endswith("€0, the same as the Sunday before.")


# --- Late data --------------------------------------------------------------------------------------------------------


def test_without_yesterdays_data_no_figure_is_told(plain: Warehouse) -> None:
    made = of_day(context_of(plain, LAST + timedelta(days=2)), LAST + timedelta(days=1))
    assert made.stale
    assert made.moved
    said = text(made)
    assert said.startswith("⚠️ No data since 30 Jun 2026: the figures of Wed, 1 Jul 2026 are not there yet.")
    assert "€" not in said
    assert made.answer.table is None
    assert made.answer.chart is None
    assert made.answer.facts == ()
    older = made.answer.follow_ups[0].call
    assert older is not None
    assert older.args["period"] == {"start": "2026-06-30", "end": "2026-06-30"}


def test_a_day_that_breaks_off_is_not_told_as_whole(store: Path) -> None:
    whole = every_day(FIRST, LAST - timedelta(days=1), steady)
    several = [Line(line.day, 10.0, at=time(hour)) for line in whole for hour in (8, 12, 16, 20)]
    write_store(store, [*several, Line(LAST, 10.0, at=time(8, 30))])
    context = context_of(store, LAST)
    made = of_day(context, LAST, metrics=SALES)
    assert made.stale
    assert text(made).startswith("⚠️ The data breaks off at 30 Jun 2026 08:30")
    assert not of_day(context, LAST - timedelta(days=1), metrics=SALES).stale


def test_a_week_that_lacks_its_end_is_stale(plain: Warehouse) -> None:
    context = context_of(plain, LAST + timedelta(days=9))
    assert digest(context, unit(LAST, "week"), "weekly").stale
    assert not digest(context, unit(LAST, "week").previous(), "weekly").stale


def test_other_figures_whose_data_is_late_are_named_and_not_zero(store: Path) -> None:
    visited = LAST - timedelta(days=2)
    days = [visited - timedelta(days=n) for n in range(40)]
    write_store(store, every_day(FIRST, LAST, steady), visits=days)
    made = of_day(context_of(store, LAST), LAST, metrics=("net_sales", "sessions"), sections=("kpis", "freshness"))
    assert not made.stale
    assert made.moved
    assert fact(made.answer, "sessions", Period(LAST, LAST)).value is None
    assert "Data only up to 28 Jun 2026: sessions." in text(made)


# --- What is asked for ------------------------------------------------------------------------------------------------


def test_filters_limit_every_figure_and_are_said(plain: Warehouse) -> None:
    made = digest(context_of(plain, LAST), Period(IN_FRANCE, IN_FRANCE), metrics=SALES, filters=(GERMANY,))
    assert fact(made.answer, "net_sales", Period(IN_FRANCE, IN_FRANCE), country="Germany").value == 110
    said = text(made)
    assert "Net sales in Germany" in said
    assert "7,0" not in said
    taps = [tap.call for tap in made.answer.follow_ups if tap.call and tap.call.tool in ("drivers", "metrics")]
    assert taps
    assert all(call.args["filters"] == [GERMANY.model_dump(mode="json")] for call in taps)


def test_usual_figures_that_do_not_know_the_filter_are_left_out(demo_context: Context) -> None:
    app = Filter(dimension="channel", values=("app",))
    day = Period(date(2026, 11, 20), date(2026, 11, 20))
    names = {one.name for one in digest(demo_context, day, sections=("kpis",), filters=(app,)).answer.facts}
    assert "net_sales" in names
    assert "sessions" not in names
    with pytest.raises(InvalidArgument, match="Sessions"):
        digest(demo_context, day, metrics=("net_sales", "sessions"), filters=(app,))


def test_metrics_and_sections_are_those_asked_for(demo_context: Context) -> None:
    day = Period(date(2026, 11, 20), date(2026, 11, 20))
    made = digest(demo_context, day, metrics=("return_rate", "orders"), sections=("kpis",))
    assert made.answer.chart is not None
    assert made.answer.chart.y == ("return_rate", "orders")
    assert "Return rate" in text(made).splitlines()[0]
    without = digest(demo_context, day, sections=("promotions",))
    assert without.answer.chart is None
    assert without.answer.table is None


@pytest.mark.parametrize(
    ("wanted", "named"),
    [
        (Wanted(metrics=("net_sale",)), "net_sales"),
        (Wanted(sections=("mover",)), "movers"),
        (Wanted(filters=(Filter(dimension="country", values=("Germny",)),)), "Germany"),
    ],
)
def test_what_is_not_known_is_refused_with_the_nearest(plain: Warehouse, wanted: Wanted, named: str) -> None:
    with pytest.raises((InvalidArgument, NotEnoughData), match=named):
        digest(
            context_of(plain, LAST),
            Period(LAST, LAST),
            metrics=wanted.metrics,
            sections=wanted.sections,
            filters=wanted.filters,
        )


def test_a_metric_without_its_table_is_refused_when_asked_for_and_else_left_out(plain: Warehouse) -> None:
    context = context_of(plain, LAST)
    assert "sessions" not in {one.name for one in of_day(context, LAST).answer.facts}
    with pytest.raises(MissingTable, match="events"):
        of_day(context, LAST, metrics=("sessions",))


def test_what_is_wanted_survives_the_database() -> None:
    wanted = Wanted(("orders",), ("kpis",), (GERMANY,), only_when_moved=True)
    assert Wanted.read(wanted.plain()) == wanted
    assert Wanted.read({}) == Wanted()


def test_an_occasion_of_one_of_the_two_days_is_named(demo_context: Context) -> None:
    week = timedelta(days=7)
    double_11 = date(2026, 11, 11)
    on = text(of_day(demo_context, double_11, metrics=SALES, sections=("promotions",)))
    assert "with Singles' Day (Double 11)" in on.splitlines()[0]
    assert "In these days: Singles' Day (Double 11)" in on
    after = of_day(demo_context, double_11 + week, metrics=SALES, sections=("promotions",))
    assert "after Singles' Day (Double 11)" in text(after).splitlines()[0]
    assert "Ahead: Thanksgiving" in text(after)


# --- Sections, languages, hostile names -------------------------------------------------------------------------------


def test_sections_are_found_and_stand_in_order() -> None:
    assert list(discovered()) == ["kpis", "incidents", "movers", "forecast", "promotions", "freshness", "playbook"]
    assert [one.name for one in chosen(("movers", "kpis"))] == ["kpis", "movers"]


def test_every_tap_is_a_call_that_its_tool_takes(demo_context: Context) -> None:
    from tools.registry import discover

    made = of_day(demo_context, date(2026, 11, 20))
    assert 3 <= len(made.answer.follow_ups) <= 8
    for tap in made.answer.follow_ups:
        assert tap.call is not None
        discover().get_tool(tap.call.tool).args.model_validate(dict(tap.call.args))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_digest_is_short_and_in_the_readers_language(demo_context: Context, language: str) -> None:
    made = of_day(demo_context, date(2026, 11, 20))
    said = text(made, language)
    assert len(made.answer.lines) <= 8
    assert len(said) < 1_800
    assert ("净销售额" in said) == (language == "zh")


def test_hostile_names_are_text(store: Path) -> None:
    evil = '<b>{metric}</b> *x* "]); //'
    lines = [*every_day(FIRST, LAST, steady), *every_day(FIRST, LAST, steady, country=evil, product=evil)]
    write_store(store, [*lines, Line(LAST, 900.0, evil, evil)])
    context = context_of(store, LAST)
    filters = (Filter(dimension="country", values=(evil,)),)
    made = digest(context, Period(LAST, LAST), metrics=SALES, filters=filters)
    from bot.rendering.parts import TextPart
    from bot.rendering.reply import render

    for made_of in (made, of_day(context, LAST, metrics=SALES)):
        parts = render(Reply("answered", "en", answers=(made_of.answer,)), Voice("en"), charts=False).parts
        html = "".join(part.html for part in parts if isinstance(part, TextPart))
        assert "<b>{metric}" not in html
        assert "&lt;b&gt;{metric}" in html
