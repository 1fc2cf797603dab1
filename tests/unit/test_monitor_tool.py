"""What the tool `monitor` says before it saves is what the store's own figures say; then it saves once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from jobs.alerts.answers.firings import backtested
from jobs.alerts.definition import Definition
from jobs.alerts.definition_words import words
from jobs.alerts.detection.rules import Change, Learned, Missing, Threshold
from jobs.alerts.monitors import Monitors
from jobs.catalog.monitor import TOOL, MonitorArgs
from tests.unit.monitor_store import CHAT, EMPTY, FIRST, LATER, TODAY, context, make_store, net_on
from tools.answer import Answer, FollowUp
from tools.errors import InvalidArgument, NotAllowed, NotEnoughData
from tools.semantic.periods import Period
from tools.semantic.query import Filter
from tools.tool import Chat, Context
from tools.warehouse.connection import Warehouse

BELOW = {"action": "add", "metric": "net_sales", "rule": "threshold", "direction": "down", "level": 200}
GERMANY = Filter(dimension="country", values=("Germany",))
LAST_90 = [TODAY - timedelta(days=n) for n in range(90)]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    warehouse = make_store(tmp_path_factory.mktemp("shop") / "warehouse.duckdb")
    yield warehouse
    warehouse.close()


@pytest.fixture
def here(shop: Warehouse, state: sessionmaker[Session]) -> Context:
    return context(shop, chat=CHAT, state=state)


def ask(here: Context, **args: Any) -> Answer:
    return TOOL.run(here, MonitorArgs.model_validate(args))


def tapped(here: Context, answer: Answer, label: str) -> Answer:
    return ask(here, **_named(answer.follow_ups, label).call.args)  # type: ignore[union-attr]


def _named(taps: tuple[FollowUp, ...], label: str) -> FollowUp:
    return next(tap for tap in taps if str(tap.label) == label)


def fact(answer: Answer, name: str) -> Any:
    return next(one.value for one in answer.facts if one.name == name)


# --- before it is saved ----------------------------------------------------------------------------------------------


def test_the_backtest_counts_what_the_days_say(shop: Warehouse) -> None:
    below = {day for day in LAST_90 if day.weekday() != 6 and net_on(day) < 200}
    assert EMPTY in below
    starts = {day for day in below if not {day - timedelta(days=n) for n in (1, 2)} & below}
    answer = ask(context(shop), **BELOW)
    assert fact(answer, "firings") == len(starts)
    assert answer.table is not None
    assert {row[0] for row in answer.table.rows} == starts
    assert sum(int(str(row[1])) for row in answer.table.rows) == len(below)
    assert f"would have fired {len(starts)} times in the last 90 days" in str(answer.headline)
    values = {one.period: one.value for one in answer.facts if one.name == "net_sales"}
    assert values[Period(EMPTY, EMPTY)] == 0


def test_the_picture_shows_these_days_and_their_alarms(shop: Warehouse) -> None:
    chart = ask(context(shop), **BELOW).chart
    assert chart is not None
    assert chart.kind == "watch"
    assert chart.table is not None
    assert [row[0] for row in chart.table.rows] == sorted(LAST_90)
    assert {row[0]: row[1] for row in chart.table.rows}[TODAY] == net_on(TODAY)
    low, high = chart.bands[0]
    cells = dict(zip((column.name for column in chart.table.columns), chart.table.rows[-1], strict=True))
    assert (cells[low], cells[high], cells["expected"]) == (200, None, None)
    assert chart.alarms == {day for day in LAST_90 if day.weekday() != 6 and net_on(day) < 200}


def test_nothing_would_have_fired_is_said(shop: Warehouse) -> None:
    answer = ask(context(shop), **{**BELOW, "direction": "up", "level": 9999})
    assert "would not have fired in the last 90 days" in str(answer.headline)
    assert answer.table is None


def test_too_little_history_is_said(shop: Warehouse) -> None:
    young = context(shop, today=FIRST + timedelta(days=10))
    assert "too little history" in str(ask(young, action="add", metric="net_sales").headline)
    some = ask(context(shop, today=FIRST + timedelta(days=40)), action="add", metric="net_sales")
    assert "days that could be judged" in str(some.headline)


def test_a_day_that_runs_is_named_and_not_in_the_picture(shop: Warehouse) -> None:
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    answer = ask(context(shop, now=noon), **{**BELOW, "direction": "up", "level": 1})
    assert any("not complete" in str(one) for one in answer.caveats)
    assert answer.chart is not None
    assert answer.chart.table is not None
    assert answer.chart.table.rows[-1][0] == TODAY - timedelta(days=1)


def test_a_part_and_the_total_fire_once_together(shop: Warehouse) -> None:
    malta = Filter(dimension="country", op="not_in", values=("Malta",))
    split = Definition("orders", ("country",), (malta,), rule=Threshold(7, "down"))
    (found,) = backtested(context(shop), [split])
    days = {found.moment(one.first).date() for one in found.firings if one.subject.where == ()}
    assert EMPTY in days
    assert sum(one.first <= found.watched.wall.index(_midnight(EMPTY)) <= one.last for one in found.firings) == 1
    assert ask(context(shop), action="add", **split.to_args()).table is not None


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)


def test_all_series_share_the_stated_false_alarms(shop: Warehouse) -> None:
    answer = ask(context(shop), action="add", metric="orders", by=["country"], per_year=2)
    assert fact(answer, "false_alarms_a_year") == 2
    assert any("all series together" in str(line) for line in answer.lines)
    assert any("too rarely" in str(line) for line in answer.lines)


@pytest.mark.parametrize(
    ("definition", "told"),
    [
        (Definition("net_sales", rule=Threshold(200, "down")), "Net sales below 200 in a day"),
        (Definition("return_rate", over=7, rule=Threshold(0.05, "up")), "Return rate above 0.05 over 7 days"),
        (
            Definition("orders", filters=(GERMANY,), over=7, rule=Change(0.3, "down")),
            "Orders in Germany over 7 days down by more than 0.3 against the 7 days before",
        ),
        (Definition("orders", ("country",), rule=Learned(steps=3)),
         "Orders unusually high or low in a day, 3 days in a row; also by country"),
        (Definition("orders", grain="hour", rule=Missing()), "Orders: no data in an hour"),
        (Definition("orders", rule=Change(0.1, "both", "mean of last", least=5)),
         "Orders in a day up or down by more than 0.1 against the mean of the last 28 days, by at least 5"),
    ],
)  # fmt: skip
def test_a_monitor_in_words(shop: Warehouse, definition: Definition, told: str) -> None:
    assert str(words(context(shop), definition)) == told


# --- what cannot be watched -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "told", "choices"),
    [
        ({"metric": "net_salse"}, "Nearest: net_sales", 0),
        ({}, "Which figure", 3),
        ({"metric": "orders", "by": ["contry"]}, "Nearest: country", 0),
        ({"metric": "orders", "by": ["weekday"]}, "each day or hour", 1),
        ({"metric": "orders", "rule": "threshold", "direction": "up"}, "At which level", 1),
        ({"metric": "orders", "rule": "threshold", "level": 5}, "or below", 2),
        ({"metric": "return_rate", "rule": "threshold", "direction": "up", "level": 5}, "is a share", 1),
        ({"metric": "orders", "rule": "change"}, "By how much", 3),
        ({"metric": "active_customers", "over": 7}, "cannot be added up", 1),
        ({"metric": "orders", "grain": "hour", "over": 7}, "single hours", 2),
    ],
)
def test_what_is_missing_is_asked_for(shop: Warehouse, args: dict[str, Any], told: str, choices: int) -> None:
    with pytest.raises(InvalidArgument, match=told) as caught:
        ask(context(shop), action="add", **args)
    assert len(caught.value.options) == choices
    for option in caught.value.options:
        assert option.call is not None
        MonitorArgs.model_validate(option.call.args)


def test_a_value_that_is_not_there_names_the_nearest_as_an_alert(shop: Warehouse) -> None:
    germny = [{"dimension": "country", "op": "in", "values": ["Germny"]}]
    with pytest.raises(NotEnoughData, match="Nearest: Germany") as caught:
        ask(context(shop), **BELOW, filters=germny)
    call = caught.value.options[0].call
    assert call is not None
    assert "Germany" in str(ask(context(shop), **call.args).headline)


# --- saving -----------------------------------------------------------------------------------------------------------


def test_saved_by_its_tap_and_by_a_second_one_no_second_time(here: Context) -> None:
    answer = ask(here, **BELOW)
    assert Monitors(here.state, lambda: LATER).of_chat(CHAT) == ()  # type: ignore[arg-type]
    first, second = (tapped(here, answer, "✓ Save") for _ in range(2))
    assert len(first.changes) == 1
    assert second.changes == ()
    assert first.provenance.sql == ()
    assert "already" in str(second.headline)
    assert "watched here already" in str(ask(here, **BELOW).lines)


def test_calmer_sharper_and_sides_are_taps_that_hold(here: Context) -> None:
    answer = ask(here, action="add", metric="orders")
    calm = tapped(here, answer, "Calmer")
    assert fact(calm, "false_alarms_a_year") == 2
    falls = tapped(here, calm, "Only falls")
    assert "unusually low" in str(falls.headline)
    both = tapped(here, falls, "Both ways")
    assert str(both.headline).startswith("Orders unusually high or low in a day")
    assert fact(both, "false_alarms_a_year") == 2
    assert fact(tapped(here, ask(here, **BELOW), "Sharper"), "firings") >= fact(ask(here, **BELOW), "firings")


def test_a_change_is_looked_at_first(here: Context) -> None:
    tapped(here, ask(here, **BELOW), "✓ Save")
    preview = ask(here, action="change", level=100)
    assert "below 100" in str(preview.headline)
    done = tapped(here, preview, "✓ Save")
    assert done.changes
    (kept,) = Monitors(here.state, lambda: LATER).of_chat(CHAT)  # type: ignore[arg-type]
    assert kept.definition == Definition("net_sales", rule=Threshold(100, "down"))
    assert tapped(here, preview, "✓ Save").changes == ()


def test_paused_resumed_removed(here: Context) -> None:
    tapped(here, ask(here, **BELOW), "✓ Save")
    assert ask(here, action="pause").changes
    assert "paused" in str(ask(here, action="list").lines)
    assert ask(here, action="resume", metric="net_sales").changes
    question = ask(here, action="remove")
    assert question.changes == ()
    assert tapped(here, question, "Yes, remove it").changes
    assert tapped(here, question, "Yes, remove it").changes == ()
    assert fact(ask(here, action="list"), "monitors") == 0


def test_of_several_it_asks_which(here: Context) -> None:
    for metric in ("orders", "net_sales"):
        ask(here, action="add", metric=metric, confirmed=True)
    with pytest.raises(InvalidArgument, match="Which one") as caught:
        ask(here, action="pause")
    assert len(caught.value.options) == 2
    call = caught.value.options[1].call
    assert call is not None
    assert "net sales" in str(ask(here, **call.args).headline)
    assert "orders" in str(ask(here, action="backtest", monitor=1).headline)
    with pytest.raises(InvalidArgument, match="no alert no"):
        ask(here, action="remove", monitor=9)


def test_the_core_figures_are_saved_by_one_tap(here: Context) -> None:
    preview = ask(here, action="defaults")
    assert fact(preview, "false_alarms_a_year") == 12
    saved = tapped(here, preview, "✓ Save all")
    kept = Monitors(here.state, lambda: LATER).of_chat(CHAT)  # type: ignore[arg-type]
    assert fact(saved, "added") == len(kept) == fact(preview, "monitors")
    learned = [one.definition.rule for one in kept if one.definition and isinstance(one.definition.rule, Learned)]
    assert sum(rule.per_year for rule in learned) == pytest.approx(12, rel=0.05)
    assert any(one.definition and isinstance(one.definition.rule, Missing) for one in kept)
    assert tapped(here, preview, "✓ Save all").changes == ()


def test_others_chats_are_none_of_ours(here: Context, shop: Warehouse) -> None:
    ask(here, action="add", metric="orders", confirmed=True)
    other = context(shop, chat=Chat(78), state=here.state)
    assert fact(ask(other, action="list"), "monitors") == 0
    with pytest.raises(InvalidArgument, match="No alerts"):
        ask(other, action="remove", monitor=1)
    removed = ask(other, action="remove", monitor=1, confirmed=True)
    assert removed.changes == ()
    assert fact(ask(here, action="list"), "monitors") == 1


def test_a_group_is_set_up_by_its_admins_alone(here: Context, shop: Warehouse) -> None:
    group = context(shop, chat=Chat(-5, group=True, governed=False), state=here.state)
    preview = ask(group, **BELOW)
    assert all("Save" not in str(tap.label) for tap in preview.follow_ups)
    with pytest.raises(NotAllowed, match="admin of this group"):
        ask(group, **BELOW, confirmed=True)


def test_the_terminal_looks_and_does_not_save(shop: Warehouse) -> None:
    alone = context(shop)
    assert "Telegram" in str(ask(alone, **BELOW).lines)
    for args in ({**BELOW, "confirmed": True}, {"action": "remove"}, {"action": "defaults", "confirmed": True}):
        with pytest.raises(InvalidArgument, match="Telegram"):
            ask(alone, **args)
    assert fact(ask(alone, action="list"), "monitors") == 0
