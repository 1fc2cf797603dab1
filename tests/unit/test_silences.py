"""What is silenced is told to nobody until then; and what is not watched any more stands no longer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from jobs.alerts.detection.rules import Threshold
from jobs.alerts.incidents.answers.asked import answered
from jobs.alerts.incidents.incident import Change, State
from jobs.alerts.incidents.policy import Policy, Step
from jobs.catalog.incidents import IncidentsArgs
from jobs.catalog.monitor import TOOL as MONITOR
from jobs.catalog.monitor import MonitorArgs
from jobs.maintenance.clean_up import clean_up
from tests.unit.alert_scenes import BO, FRIDAY, HERE, SALES, SUBSCRIBER, TEAM, Alerts, make_store, words
from tests.unit.outbox_scenes import Clock
from tools.answer import Answer
from tools.errors import InvalidArgument, NotAllowed, NotEnoughData
from tools.semantic.query import Filter
from tools.tool import Chat, User
from tools.warehouse.connection import Warehouse

DAY = timedelta(days=1)
GERMANY = Filter(dimension="country", values=("Germany",))
LOW = replace(SALES, filters=(GERMANY,), rule=Threshold(600, "down"))
"""Germany alone comes to 630 and more."""
IN_GERMANY = [{"dimension": "country", "values": ["Germany"]}]


@pytest.fixture(scope="module")
def dip(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    changed: dict[tuple[date, str | None], float] = {(FRIDAY + number * DAY, None): 0.4 for number in range(4)}
    return make_store(tmp_path_factory.mktemp("dip") / "warehouse.duckdb", changed)


@pytest.fixture
def alerts(state: sessionmaker[Session], clock: Clock, dip: Warehouse) -> Alerts:
    alerts = Alerts(state, clock, dip, Policy(escalation=(Step(timedelta(hours=2), people=("Bo",)),)))
    alerts.morning_after(FRIDAY - DAY)
    return alerts


def history(alerts: Alerts, number: int = 1) -> list[Change]:
    kept = alerts.incidents.get(number)
    assert kept is not None
    return [line.change for line in kept.incident.history]


def monitor(alerts: Alerts, **args: Any) -> Answer:
    context = alerts.context(User("5", "analyst", "en", "Ann"), HERE)
    return MONITOR.run(context, MonitorArgs.model_validate(args))


def calls(answer: Answer) -> list[Mapping[str, Any]]:
    return [tap.call.args for tap in answer.follow_ups if tap.call]


def test_nobody_is_told_of_a_silenced_country_until_it_ends(alerts: Alerts) -> None:
    alerts.watch(LOW)
    answer = alerts.ask(action="silence", filters=IN_GERMANY, until=date(2026, 9, 20))
    assert words(answer.headline, *answer.lines).split("\n") == [
        "Quiet until 20 Sep 2026 09:00: Germany.",
        "1 alert of this chat is concerned.",
        "What still fires then is told.",
    ]
    assert {"action": "unsilence", "silence": 1} in calls(answer)
    alerts.morning_after(FRIDAY)
    assert alerts.told() == []
    assert history(alerts) == [Change.PENDING, Change.SILENCED, Change.FIRING]
    alerts.clock.forward(hours=23)
    alerts.tick()
    assert alerts.told() == []
    alerts.clock.forward(hours=1)
    alerts.tick()
    assert alerts.told() == [(SUBSCRIBER, "new")]


def test_other_figures_other_values_and_other_chats_are_told(alerts: Alerts) -> None:
    alerts.watch(LOW)
    alerts.watch(LOW, Chat(TEAM, group=True))
    alerts.ask(action="silence", filters=[{"dimension": "country", "values": ["France"]}], until="tomorrow")
    alerts.ask(action="silence", metric="orders", until="tomorrow")
    alerts.morning_after(FRIDAY)
    assert sorted(alerts.told()) == [(TEAM, "new"), (SUBSCRIBER, "new")]


def test_what_fires_already_says_that_it_is_silenced_and_is_told_again_when_it_is_ended(alerts: Alerts) -> None:
    alerts.watch()
    alerts.morning_after(FRIDAY)
    alerts.incidents.note_message(1, SUBSCRIBER, 70, photo=False)
    alerts.ask(action="silence", metric="net_sales", until="tomorrow")
    assert alerts.pushes()[-1] == (SUBSCRIBER, {"update": 1})
    assert "silenced by Ann until" in words(*alerts.ask(action="show", incident=1).lines)
    alerts.clock.forward(hours=3)
    alerts.tick()
    assert alerts.told() == [(SUBSCRIBER, "new")]  # nobody is woken either
    alerts.ask(action="acknowledge", name="Bo")
    assert Change.SILENCE_OVER not in history(alerts)
    answer = alerts.ask(action="unsilence")
    assert words(answer.headline) == "Told again from now on: Net sales."
    assert history(alerts)[-1] is Change.SILENCE_OVER
    assert words(alerts.ask(action="silences").headline) == "No alert is silenced here."


def test_silences_are_listed_replaced_and_ended_one_by_one(alerts: Alerts) -> None:
    alerts.watch()
    with pytest.raises(InvalidArgument) as nothing:
        alerts.ask(action="silence")
    offered = [option.call.args for option in nothing.value.options if option.call]
    assert offered == [
        {"action": "silence", "metric": "net_sales"},
        {"action": "silence", "everything": True},
    ]
    alerts.ask(action="silence", metric="net_sales")
    alerts.ask(action="silence", metric="net_sales", until="tomorrow")
    alerts.ask(action="silence", everything=True)
    listed = alerts.ask(action="silences")
    assert words(*listed.lines).split("\n") == [
        "• Net sales: until 19 Sep 2026 09:00, by Ann",
        "• All alerts: until 18 Sep 2026 10:00, by Ann",
    ]
    assert [args["silence"] for args in calls(listed) if "silence" in args] == [2, 3]
    with pytest.raises(InvalidArgument):
        alerts.ask(action="unsilence")
    alerts.monitors.moved_chat(SUBSCRIBER, TEAM)
    assert alerts.ask(Chat(TEAM), action="silences").facts[0].value == 2
    alerts.monitors.moved_chat(TEAM, SUBSCRIBER)
    alerts.ask(action="unsilence", silence=3)
    alerts.ask(action="unsilence", metric="net_sales")
    assert alerts.ask(action="silences").facts[0].value == 0
    alerts.clock.forward(days=89)
    assert clean_up(alerts.state, alerts.clock, alerts.ground.outbox) == "nothing to delete"
    alerts.clock.forward(days=2)
    assert clean_up(alerts.state, alerts.clock, alerts.ground.outbox) == "3 silences"


def test_what_cannot_be_silenced_is_said(alerts: Alerts) -> None:
    for args in (
        {"metric": "net_sales", "until": date(2026, 9, 1)},
        {"metric": "net_sales", "until": date(2029, 9, 1)},
        {"filters": [{"dimension": "country", "op": "not_in", "values": ["Germany"]}]},
        {"filters": [{"dimension": "month", "values": ["2026-09"]}]},
    ):
        with pytest.raises(InvalidArgument):
            alerts.ask(action="silence", **args)
    with pytest.raises(NotEnoughData) as unknown:
        alerts.ask(action="silence", filters=[{"dimension": "country", "values": ["Germny"]}], until="tomorrow")
    (near,) = (option.call.args for option in unknown.value.options if option.call)
    assert (near["action"], near["until"], near["filters"][0]["values"]) == ("silence", "tomorrow", ["Germany"])
    with pytest.raises(InvalidArgument):
        alerts.ask(None, action="silence", metric="net_sales")
    assert "No alert of this chat" in words(*alerts.ask(action="silence", metric="orders").lines)


def test_viewers_acknowledge_and_snooze_but_neither_teach_nor_silence(alerts: Alerts) -> None:
    alerts.watch()
    alerts.morning_after(FRIDAY)

    def ask(**args: Any) -> Answer:
        context = alerts.context(User("6", "viewer", "en", "Vi"), HERE)
        return answered(context, IncidentsArgs.model_validate(args))

    for args in ({"action": "not_an_anomaly"}, {"action": "silence", "everything": True}, {"action": "unsilence"}):
        with pytest.raises(NotAllowed):
            ask(**args)
    ask(action="acknowledge")
    ask(action="snooze")
    assert history(alerts)[-2:] == [Change.ACKNOWLEDGED, Change.SNOOZED]
    assert alerts.monitors.marks([1]) == {}
    assert ask(action="silences").facts[0].value == 0


def test_whoever_is_woken_gets_a_button_that_acknowledges(alerts: Alerts) -> None:
    alerts.watch()
    alerts.morning_after(FRIDAY)
    alerts.clock.forward(hours=2)
    alerts.tick()
    chat, payload = alerts.pushes()[-1]
    assert (chat, payload["kind"]) == (BO, "escalated")
    labels = [button["label"] for row in alerts.content(payload, BO)["buttons"] for button in row]
    assert any("Acknowledge" in label for label in labels)
    alerts.ask(Chat(BO), name="Bo", action="acknowledge", incident=1)
    assert alerts.only().incident.state is State.ACKNOWLEDGED


def test_an_alert_that_watches_something_else_leaves_nothing_open(alerts: Alerts) -> None:
    alerts.watch()
    alerts.morning_after(FRIDAY)
    alerts.incidents.note_message(1, SUBSCRIBER, 70, photo=False)
    monitor(alerts, action="change", monitor=1, filters=IN_GERMANY, confirmed=True)
    assert alerts.incidents.open_in(SUBSCRIBER, None) == ()
    assert history(alerts)[-1] is Change.WITHDRAWN
    assert alerts.pushes()[-1] == (SUBSCRIBER, {"update": 1})
    (part,) = alerts.content({"update": 1})["parts"]
    assert "No longer watched: Net sales" in part["text"]
    assert "Germany" not in part["text"]
    assert "€849" in part["text"]
    with pytest.raises(InvalidArgument):
        alerts.ask(action="not_an_anomaly", incident=1)
    assert "Ann changed or removed the alert" in words(*alerts.ask(action="show", incident=1).lines)
    alerts.morning_after(FRIDAY + DAY)
    second = alerts.incidents.get(2)
    assert second is not None
    assert second.definition is not None
    assert second.definition.filters == (GERMANY,)
    assert history(alerts)[-1] is Change.WITHDRAWN


def test_another_rule_keeps_the_incident_and_removal_ends_it(alerts: Alerts) -> None:
    alerts.watch()
    alerts.morning_after(FRIDAY)
    alerts.incidents.note_message(1, SUBSCRIBER, 70, photo=False)
    monitor(alerts, action="change", monitor=1, rule="threshold", direction="down", level=900, confirmed=True)
    assert alerts.only().incident.state is State.FIRING
    monitor(alerts, action="remove", monitor=1, confirmed=True)
    assert history(alerts)[-1] is Change.WITHDRAWN
    assert "No longer watched" in alerts.content({"update": 1})["parts"][0]["text"]
    assert "acknowledge" not in str(alerts.content({"update": 1})["buttons"])


def test_what_another_process_left_open_ends_with_the_next_tick(alerts: Alerts) -> None:
    alerts.watch()
    alerts.morning_after(FRIDAY)
    alerts.monitors.remove(1)
    alerts.tick()
    assert history(alerts)[-1] is Change.WITHDRAWN


def test_a_metric_means_the_alert_that_is_there(alerts: Alerts) -> None:
    alerts.watch()
    tested = monitor(alerts, action="backtest", metric="net_sales")
    assert "below" in words(tested.headline)
    described = monitor(alerts, action="backtest", metric="orders")
    assert "unusually" in words(described.headline)
    alerts.watch(LOW)
    with pytest.raises(InvalidArgument) as several:
        monitor(alerts, action="backtest", metric="net_sales")
    assert [option.call.args["monitor"] for option in several.value.options if option.call] == [1, 2]
    monitor(alerts, action="pause", metric="net_sales", filters=IN_GERMANY)
    assert [one.paused_at is None for one in alerts.monitors.of_chat(HERE)] == [True, False]
