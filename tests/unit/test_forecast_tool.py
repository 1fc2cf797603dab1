"""The tool `forecast`: parts that add up, days that are over, nothing of the future, refusals, the scoreboard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from bot.migrations import upgrade
from bot.rendering.reply import plain_text, render
from bot.rendering.voice import Voice
from bot.reply import Reply
from tests.unit.forecast_store import COUNTRIES, NEW_PRODUCT, TODAY, make_store, true_total
from tools.answer import Answer, Fact, ToolCall
from tools.errors import InvalidArgument, NotEnoughData, TooSlow
from tools.forecasting.record import ForecastRow, ForecastStepRow, kept_forecasts
from tools.registry import discover
from tools.runner import run
from tools.semantic.catalog import Catalog
from tools.semantic.periods import Period
from tools.state import connect
from tools.tool import Context, User
from tools.warehouse.connection import Warehouse
from tools.workers import Workers

TOMORROW = TODAY + timedelta(days=1)
FOUR_WEEKS = {"start": TOMORROW.isoformat(), "end": (TODAY + timedelta(days=28)).isoformat()}
GERMANY = [{"dimension": "country", "op": "in", "values": ["Germany"]}]


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    made = Workers(1)
    yield made
    made.close()


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    made = make_store(tmp_path_factory.mktemp("forecast") / "warehouse.duckdb")
    yield made
    made.close()


@pytest.fixture(scope="module")
def wild(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """The same store, with sixty days after today at fifty times the usual."""
    made = make_store(tmp_path_factory.mktemp("wild") / "warehouse.duckdb", future=50.0)
    yield made
    made.close()


@pytest.fixture
def context(warehouse: Warehouse, catalog: Catalog) -> Context:
    """Without processes of its own: each takes seconds to start, and fits as this one does."""
    return Context(warehouse, catalog, TODAY, User("1", "analyst"))


@pytest.fixture
def state(tmp_path: Path) -> Iterator[sessionmaker[Session]]:
    url = f"sqlite:///{tmp_path / 'state.sqlite3'}"
    upgrade(url)
    sessions = connect(url)
    yield sessions
    sessions.kw["bind"].dispose()


def asked(context: Context, **args: Any) -> Answer:
    return run(discover(), context, ToolCall("forecast", args), lambda *_what: None, deadline_s=120)


def fact(answer: Answer, name: str, **where: str) -> Fact:
    """The first of that name and place."""
    return next(f for f in answer.facts if f.name == name and dict(f.where) == where)


def value(answer: Answer, name: str, **where: str) -> float:
    found = fact(answer, name, **where).value
    assert found is not None
    return float(found)


def column(answer: Answer, name: str) -> list[Any]:
    assert answer.table is not None
    place = [c.name for c in answer.table.columns].index(name)
    return [row[place] for row in answer.table.rows]


def read(answer: Answer, language: str = "en") -> str:
    return plain_text(Reply("answered", language, answers=(answer,)), Voice(language))  # type: ignore[arg-type]


def test_the_next_four_weeks(context: Context) -> None:
    answer = asked(context)
    assert fact(answer, "net_sales").period is not None
    assert answer.table is not None
    assert column(answer, "week") == [TOMORROW + timedelta(weeks=n) for n in range(4)]
    assert sum(column(answer, "net_sales")) == pytest.approx(value(answer, "net_sales"), abs=0.05)
    low, high = value(answer, "net_sales_low_80"), value(answer, "net_sales_high_80")
    assert value(answer, "net_sales_low_95") <= low <= value(answer, "net_sales") <= high
    assert high <= value(answer, "net_sales_high_95")
    assert 0 <= value(answer, "forecast_error") < 0.5
    last = true_total(context.warehouse, TODAY - timedelta(days=27), TODAY)
    assert value(answer, "net_sales") == pytest.approx(last, rel=0.3), "a steady shop goes on"


def test_nothing_after_today_is_seen(context: Context, wild: Warehouse) -> None:
    for args in ({"by": "country"}, {"metric": "active_customers"}, {"show": "scoreboard"}):
        tame, blind = asked(context, **args), asked(replace(context, warehouse=wild), **args)
        assert blind.facts == tame.facts
        assert blind.table == tame.table


def test_the_same_without_processes_and_once_more(warehouse: Warehouse, context: Context, workers: Workers) -> None:
    plain = asked(context, period=FOUR_WEEKS, metric="units")
    # A warehouse remembers its forecasts.
    anew = replace(context, warehouse=Warehouse(warehouse.url), workers=workers)
    for _ in range(2):
        assert plain.facts == asked(anew, period=FOUR_WEEKS, metric="units").facts
    anew.warehouse.close()


def test_days_that_are_over_count_as_they_were(context: Context) -> None:
    year = {"start": "2024-01-01", "end": "2024-12-31"}
    answer = asked(context, period=year)
    so_far = true_total(context.warehouse, date(2024, 1, 1), TODAY)
    parts = {f.period: f.value for f in answer.facts if f.name == "net_sales"}
    assert parts[Period(date(2024, 1, 1), TODAY)] == pytest.approx(so_far)
    whole = value(answer, "net_sales")
    rest = parts[Period(TOMORROW, date(2024, 12, 31))]
    assert whole == pytest.approx(so_far + float(rest or 0), abs=0.05)
    assert value(answer, "net_sales_low_95") >= so_far
    months = column(answer, "net_sales")
    assert len(months) == 12
    assert months[0] == pytest.approx(true_total(context.warehouse, date(2024, 1, 1), date(2024, 1, 31)))
    assert sum(months) == pytest.approx(whole, abs=0.1)
    assert column(answer, "net_sales_low_80")[0] is None


def test_a_month_that_begins_later(context: Context) -> None:
    """The days until it begins are forecast too, but told only where the picture shows them."""
    answer = asked(context, period={"start": "2025-01-01", "end": "2025-01-31"})
    found = fact(answer, "net_sales")
    assert found.period is not None
    assert found.period.start == date(2025, 1, 1)
    assert column(answer, "week")[-1] == date(2025, 1, 27)  # a Monday
    assert sum(column(answer, "net_sales")) == pytest.approx(value(answer, "net_sales"), abs=0.05)
    by_day = asked(context, period={"start": "2025-01-01", "end": "2025-01-31"}, grain="day")
    assert value(by_day, "net_sales") == value(answer, "net_sales"), "finer rows of the same figure"
    assert len(column(by_day, "day")) == 31
    by_month = asked(context, period={"start": "2025-01-01", "end": "2025-03-31"}, grain="month")
    assert column(by_month, "month") == [date(2025, month, 1) for month in (1, 2, 3)]


def test_a_day_that_is_cut_short_is_not_learned(tmp_path: Path, context: Context) -> None:
    cut = make_store(tmp_path / "warehouse.duckdb", short=True)
    answer = asked(replace(context, warehouse=cut))
    cut.close()
    assert any("not over" in caveat.text for caveat in answer.caveats)
    assert "20 Dec 2024" in read(answer)
    whole = asked(replace(context, today=TODAY - timedelta(days=1)), period=FOUR_WEEKS)
    assert value(answer, "net_sales") == pytest.approx(value(whole, "net_sales"), rel=1e-4)


def test_old_data_are_said_to_be_old(context: Context) -> None:
    later = TODAY + timedelta(days=40)
    answer = asked(replace(context, today=later))
    found = fact(answer, "net_sales")
    assert found.period is not None
    assert found.period.start == later + timedelta(days=1)
    assert any("The data end on" in caveat.text for caveat in answer.caveats)


def test_parts_add_up_to_the_total_that_is_told_without_them(context: Context) -> None:
    total = value(asked(context), "net_sales")
    answer = asked(context, by="country")
    assert value(answer, "net_sales") == pytest.approx(total)
    assert sum(value(answer, "net_sales", country=country) for country in COUNTRIES) == pytest.approx(total, abs=0.1)
    assert column(answer, "country") == ["Germany", "France", "O'Land"]
    for country in COUNTRIES:
        low, high = (value(answer, f"net_sales_{side}_80", country=country) for side in ("low", "high"))
        assert 0 <= low <= value(answer, "net_sales", country=country) <= high


def test_what_is_not_shown_is_one_row(context: Context) -> None:
    answer = asked(context, by="product", top=1)
    assert len(column(answer, "net_sales")) == 2
    assert sum(column(answer, "net_sales")) == pytest.approx(value(answer, "net_sales"), abs=0.1)
    assert "All others" in read(answer)
    assert NEW_PRODUCT[0] not in column(answer, "product"), "three weeks are too little for a forecast of its own"


def test_ranked_by_change(context: Context) -> None:
    for order, sign in (("highest", -1), ("lowest", 1)):
        answer = asked(context, by="product", metric="units", rank_by="change", order=order)
        changes = column(answer, "units_change")
        assert changes == sorted(changes, key=lambda change: sign * change)
        expected, before = column(answer, "units"), column(answer, "units_baseline")
        assert changes == pytest.approx([now - then for now, then in zip(expected, before, strict=True)], abs=1.01)


def test_orders_with_several_products_are_not_added_up(context: Context) -> None:
    answer = asked(context, metric="orders", by="country")
    assert sum(column(answer, "orders")) == pytest.approx(value(answer, "orders"), abs=3), "an order has one country"


def test_customers_are_counted_for_each_period_and_never_added_up(context: Context) -> None:
    answer = asked(context, metric="active_customers")
    weeks = column(answer, "active_customers")
    assert len(weeks) == 4
    assert value(answer, "active_customers") <= 62
    assert sum(weeks) > 1.5 * value(answer, "active_customers")
    assert any("do not add up" in caveat.text for caveat in answer.caveats)


def test_filters_are_named_and_carried(context: Context) -> None:
    answer = asked(context, filters=GERMANY)
    assert 0 < value(answer, "net_sales", country="Germany") < value(asked(context), "net_sales")
    assert "Germany" in read(answer)
    assert all(
        follow_up.call is None or "filters" in follow_up.call.args or follow_up.call.tool == "drivers"
        for follow_up in answer.follow_ups
    )


def test_pictures_and_words_in_both_languages(context: Context) -> None:
    answer = asked(context)
    chart = answer.chart
    assert chart is not None
    assert chart.table is not None
    assert len(chart.table.rows) >= 26 + 4
    meeting = next(row for row in reversed(chart.table.rows) if row[1] is not None)
    assert len(set(meeting[1:])) == 1, "the lines meet where history ends"
    for language in ("en", "zh"):
        reply = Reply("answered", language, answers=(answer, asked(context, by="country")))  # type: ignore[arg-type]
        assert render(reply, Voice(language)).parts  # type: ignore[arg-type]


# --- Refusals -----------------------------------------------------------------------------------------------------


def test_a_ratio_is_refused_with_what_it_is_made_of(context: Context) -> None:
    with pytest.raises(InvalidArgument) as caught:
        asked(context, metric="aov")
    metrics = [option.call.args["metric"] for option in caught.value.options if option.call]
    assert metrics == ["sales_before_returns", "orders"]
    for metric in metrics:
        assert value(asked(context, metric=metric), metric) > 0


def test_a_period_that_is_over_is_a_figure(context: Context) -> None:
    with pytest.raises(InvalidArgument) as caught:
        asked(context, period={"start": "2024-11-01", "end": "2024-11-30"})
    (option,) = caught.value.options
    assert option.call is not None
    assert option.call.tool == "metrics"
    assert run(discover(), context, option.call, lambda *_what: None).facts


def test_a_period_that_is_too_far(context: Context) -> None:
    with pytest.raises(NotEnoughData) as caught:
        asked(context, period={"start": "2028-01-01", "end": "2028-01-31"})
    (option,) = caught.value.options
    assert option.call is not None
    assert run(discover(), context, option.call, lambda *_what: None).facts, "what is offered works"


def test_a_value_with_an_error_in_it_offers_the_nearest(context: Context) -> None:
    with pytest.raises(NotEnoughData) as caught:
        asked(context, filters=[{"dimension": "country", "op": "in", "values": ["Germny"]}])
    call = caught.value.options[0].call
    assert call == ToolCall("forecast", {"filters": GERMANY})


def test_a_history_that_is_too_short_says_when_it_will_do(tmp_path: Path, context: Context) -> None:
    young = make_store(tmp_path / "warehouse.duckdb", days=9)
    with pytest.raises(NotEnoughData, match="too few to forecast"):
        asked(replace(context, warehouse=young))
    young.close()
    weeks = make_store(tmp_path / "weeks.duckdb", days=45)
    with pytest.raises(NotEnoughData) as caught:
        asked(replace(context, warehouse=weeks))
    (option,) = caught.value.options
    assert option.call is not None
    answer = run(discover(), replace(context, warehouse=weeks), option.call, lambda *_what: None)
    assert any("less than a year" in caveat.text for caveat in answer.caveats)
    weeks.close()


def test_time_is_no_dimension_to_split_by(context: Context) -> None:
    with pytest.raises(InvalidArgument) as caught:
        asked(context, by="week")
    assert caught.value.options[0].call == ToolCall("forecast", {"grain": "week"})


def test_the_deadline_is_the_questions(tmp_path: Path, context: Context, workers: Workers) -> None:
    slow = make_store(tmp_path / "warehouse.duckdb")
    with pytest.raises(TooSlow):
        run(
            discover(),
            replace(context, warehouse=slow, workers=workers),
            ToolCall("forecast", {"by": "product"}),
            lambda *_what: None,
            deadline_s=0.4,
        )
    slow.close()


# --- What is kept -------------------------------------------------------------------------------------------------


def test_a_forecast_is_kept_once_a_day(context: Context, state: sessionmaker[Session]) -> None:
    kept = replace(context, state=state)
    answer = asked(kept)
    asked(kept)
    with state() as session:
        assert session.scalar(select(func.count()).select_from(ForecastRow)) == 1
        assert session.scalar(select(func.count()).select_from(ForecastStepRow)) == 4
    (one,) = kept_forecasts(kept, "net_sales")
    assert one.whole.expected == pytest.approx(value(answer, "net_sales"), abs=0.01)
    assert [step.period.start for step in one.steps] == column(answer, "week")
    asked(kept, filters=GERMANY)
    assert len(kept_forecasts(kept, "net_sales")) == 2


def test_forecasts_are_held_against_what_came(context: Context, wild: Warehouse, state: sessionmaker[Session]) -> None:
    kept = replace(context, warehouse=wild, state=state)
    asked(replace(kept, today=TODAY - timedelta(days=40)))
    told = asked(kept, period={"start": TOMORROW.isoformat(), "end": (TODAY + timedelta(days=28)).isoformat()})
    later = replace(kept, today=TODAY + timedelta(days=30))
    board = asked(later, show="scoreboard")
    assert value(board, "forecasts_judged") == 2
    came = true_total(wild, TOMORROW, TODAY + timedelta(days=28))
    assert came in [pytest.approx(actual) for actual in column(board, "net_sales")]
    assert value(board, "forecast_bias") < -0.5, "it was fifty times as much"
    off = (came - value(told, "net_sales")) / came
    assert min(column(board, "error_rate")) == pytest.approx(-off, abs=0.01)
    text = read(board)
    assert "outside" in text
    assert any(follow_up.call and follow_up.call.tool == "drivers" for follow_up in board.follow_ups)
    before = asked(replace(kept, today=TODAY), show="scoreboard")
    assert value(before, "forecasts_judged") == 1, "what was told on that day is not over on it"
    assert read(board, "zh")


def test_where_nothing_kept_is_over_the_method_is_tried_on_earlier_days(
    context: Context, state: sessionmaker[Session]
) -> None:
    kept = replace(context, state=state)
    asked(kept)
    board = asked(kept, show="scoreboard")
    assert "No kept forecast" in read(board)
    assert value(board, "forecast_tries") > 0
    assert value(board, "forecast_error") < 0.5
