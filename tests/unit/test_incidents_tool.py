"""Incidents are listed, shown and looked after, by those whom they concern."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from jobs.alerts.definition import Definition
from jobs.alerts.detection.rules import Learned
from jobs.alerts.incidents.answers.asked import answered
from jobs.alerts.incidents.answers.timed import duration
from jobs.alerts.incidents.incident import Change, State
from jobs.alerts.incidents.policy import Policy, Step
from jobs.catalog.incidents import IncidentsArgs
from tests.unit.alert_scenes import BO, FRIDAY, HERE, SALES, SUBSCRIBER, TEAM, Alerts, make_store, words
from tests.unit.outbox_scenes import Clock
from tools.answer import Answer
from tools.errors import InvalidArgument
from tools.tool import Chat, User
from tools.warehouse.connection import Warehouse

DAY = timedelta(days=1)
GROUP = Chat(TEAM, group=True)


@pytest.fixture(scope="module")
def dip(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return make_store(tmp_path_factory.mktemp("dip") / "warehouse.duckdb", {(FRIDAY, None): 0.4})


@pytest.fixture
def alerts(state: sessionmaker[Session], clock: Clock, dip: Warehouse) -> Alerts:
    """An incident fires since this morning at nine."""
    policy = Policy(escalation=(Step(timedelta(hours=2), people=("Bo",)),))
    alerts = Alerts(state, clock, dip, policy)
    alerts.watch()
    alerts.days(FRIDAY - DAY, FRIDAY)
    return alerts


def said(answer: Answer) -> str:
    return words(answer.headline, *answer.lines)


def changes(alerts: Alerts) -> list[Change]:
    return [entry.change for entry in alerts.only().incident.history]


def test_lists_what_is_open(alerts: Alerts) -> None:
    answer = alerts.ask()
    assert said(answer).split("\n")[0] == "1 incident is open"
    assert "Net sales: €849 on Fri, 18 Sep 2026, below the limit of €1,000. Firing since 09:00" in said(answer)
    assert answer.table is not None
    assert answer.table.rows[0][0] == "1"
    assert answer.table.rows[0][2] == FRIDAY
    assert answer.facts[0].value == 1
    assert answer.follow_ups[0].call is not None
    assert answer.follow_ups[0].call.args == {"action": "show", "incident": 1}


def test_nothing_open_says_so_with_the_last_one(alerts: Alerts) -> None:
    alerts.days(FRIDAY + DAY, FRIDAY + 2 * DAY)
    answer = alerts.ask()
    assert words(answer.headline) == "No incident is open."
    assert words(answer.lines[0]).startswith("The last one: 1 Net sales: €849 on Fri, 18 Sep 2026")
    assert "Recovered 09:00" in words(answer.lines[0])
    assert words(alerts.ask(which="resolved").headline) == "1 past incident"


def test_lists_by_metric_and_by_the_day_that_was_off(alerts: Alerts) -> None:
    friday = {"start": "2026-09-18", "end": "2026-09-18"}
    later = {"start": "2026-09-19", "end": "2026-09-30"}
    assert alerts.ask(period=friday).facts[0].value == 1
    assert alerts.ask(period=later).facts[0].value == 0
    assert alerts.ask(metric="net_sales").facts[0].value == 1
    assert alerts.ask(metric="orders").facts[0].value == 0
    with pytest.raises(InvalidArgument):
        alerts.ask(metric="nett_sales")


def test_another_chat_knows_nothing_of_it(alerts: Alerts) -> None:
    alerts.watch(chat=GROUP)
    assert words(alerts.ask(GROUP).headline) == "No incident is open."
    for action in ("show", "acknowledge", "snooze", "not_an_anomaly"):
        with pytest.raises(InvalidArgument) as refused:
            alerts.ask(GROUP, action=action, incident=1)
        assert words(refused.value.message) == "There is no incident 1 here."
        with pytest.raises(InvalidArgument) as unknown:
            alerts.ask(GROUP, action=action, incident=99)
        assert words(unknown.value.message) == "There is no incident 99 here."
    assert alerts.only().incident.state is State.FIRING


def test_acknowledged_in_all_its_messages(alerts: Alerts) -> None:
    alerts.incidents.note_message(1, SUBSCRIBER, 70, photo=True)
    answer = alerts.ask(action="acknowledge", incident=1)
    assert words(answer.headline) == "Acknowledged: Net sales. It is told again only if it gets worse."
    assert answer.changes == ("acknowledge incident 1",)
    assert changes(alerts)[-1] is Change.ACKNOWLEDGED
    assert alerts.only().incident.history[-1].by == "Ann"
    assert alerts.pushes()[-1] == (SUBSCRIBER, {"update": 1})
    alerts.clock.forward(minutes=3)
    again = alerts.ask(action="acknowledge", incident=1, name="Bo")
    assert words(again.headline).startswith("Ann acknowledged it already")
    assert again.changes == ()
    assert len(alerts.pushes()) == 2


def test_whoever_was_reached_by_escalation_may_act_from_their_own_chat(alerts: Alerts) -> None:
    with pytest.raises(InvalidArgument):
        alerts.ask(Chat(BO), action="acknowledge", incident=1)
    alerts.clock.forward(hours=2)
    alerts.tick()
    alerts.ask(Chat(BO), name="Bo", action="acknowledge", incident=1)
    assert alerts.only().incident.state is State.ACKNOWLEDGED
    assert sorted(chat for chat, payload in alerts.pushes()[-2:] if payload == {"update": 1}) == [SUBSCRIBER, BO]


def test_the_only_open_one_is_meant_and_of_several_it_asks(alerts: Alerts) -> None:
    alerts.watch(replace(SALES, by=("country",)))
    alerts.ask(action="snooze")
    assert changes(alerts)[-1] is Change.SNOOZED
    alerts.watch(Definition("gross_sales", rule=SALES.rule))
    alerts.clock.forward(hours=1)
    alerts.check()
    with pytest.raises(InvalidArgument) as several:
        alerts.ask(action="acknowledge")
    calls = [option.call.args for option in several.value.options if option.call]
    assert {"action": "acknowledge", "incident": 1} in calls
    assert len(calls) == 3


@pytest.mark.parametrize(
    ("until", "ends"),
    [("hour", datetime(2026, 9, 19, 10, tzinfo=UTC)), ("tomorrow", datetime(2026, 9, 20, 1, tzinfo=UTC))],
)
def test_snoozed_for_an_hour_or_until_nine_tomorrow_where_the_user_is(
    alerts: Alerts, until: str, ends: datetime
) -> None:
    user = User("5", "analyst", "en", "Ann", "Asia/Shanghai")
    args = IncidentsArgs.model_validate({"action": "snooze", "until": until})
    answered(alerts.context(user, HERE), args)
    assert alerts.only().incident.snoozed_until == ends


def test_not_an_anomaly_says_how_the_baseline_learns(
    state: sessionmaker[Session], clock: Clock, dip: Warehouse
) -> None:
    alerts = Alerts(state, clock, dip)
    alerts.watch(replace(SALES, rule=Learned()))
    alerts.days(FRIDAY - DAY, FRIDAY)
    answer = alerts.ask(action="not_an_anomaly")
    assert "stay quiet for 180 days" in words(answer.headline)
    assert alerts.only().incident.state is State.RESOLVED
    (mark,) = alerts.monitors.marks([1])[1]
    assert (mark.path, mark.first.date(), mark.last.date(), mark.by) == ((), FRIDAY, FRIDAY, "Ann")
    alerts.ask(action="not_an_anomaly", incident=1)
    assert len(alerts.monitors.marks([1])[1]) == 1


def test_not_an_anomaly_of_a_limit_says_that_the_limit_stays(alerts: Alerts) -> None:
    assert "The limit itself stays" in words(alerts.ask(action="not_an_anomaly").headline)


def test_shows_its_history(alerts: Alerts) -> None:
    alerts.clock.forward(minutes=20)
    alerts.ask(action="acknowledge")
    alerts.days(FRIDAY + DAY, FRIDAY + 2 * DAY)
    answer = alerts.ask(action="show", incident=1)
    assert said(answer).split("\n") == [
        "✅ Back to usual: Net sales",
        "It was €849 on Fri, 18 Sep 2026, below the limit of €1,000",
        "Recovered 09:00, after firing since 19 Sep 2026 09:00.",
        "19 Sep 2026 09:00: off",
        "19 Sep 2026 09:00: firing",
        "19 Sep 2026 09:20: acknowledged by Ann",
        "09:00: recovered",
    ]
    assert answer.chart is not None
    assert answer.chart.kind == "watch"
    assert {fact.name: fact.value for fact in answer.facts} == {"net_sales": 849, "net_sales_limit": 1000}


def test_in_the_terminal_all_are_seen_and_nothing_is_changed(alerts: Alerts) -> None:
    assert words(alerts.ask(None).headline) == "1 incident is open"
    assert alerts.ask(None, action="show", incident=1).chart is not None
    with pytest.raises(InvalidArgument) as refused:
        alerts.ask(None, action="acknowledge", incident=1)
    assert "Telegram" in words(refused.value.message)


def test_without_a_state_database_there_is_nothing_to_tell(alerts: Alerts) -> None:
    context = replace(alerts.context(User("5", "analyst")), state=None)
    with pytest.raises(InvalidArgument):
        answered(context, IncidentsArgs.model_validate({"action": "show"}))


def test_of_an_alert_that_was_removed_the_past_can_be_seen(alerts: Alerts) -> None:
    alerts.monitors.remove(1)
    assert alerts.ask().facts[0].value == 0
    assert alerts.ask(action="show", incident=1).follow_ups[0].label.text == "Why?"
    with pytest.raises(InvalidArgument):
        alerts.ask(action="acknowledge", incident=1)


def test_tells_how_long_it_took_in_the_mean(alerts: Alerts) -> None:
    assert words(alerts.ask(action="times").headline) == "1 incident, and nobody has acknowledged it"
    alerts.clock.forward(minutes=12)
    alerts.ask(action="acknowledge")
    alerts.days(FRIDAY + DAY, FRIDAY + 2 * DAY)
    answer = alerts.ask(action="times")
    assert said(answer).split("\n") == [
        "Acknowledged after 12 min on average (1 incident)",
        "Over after 2 d 0 h on average (1 incident).",
    ]
    assert {fact.name: fact.value for fact in answer.facts} == {
        "incidents": 1,
        "acknowledged": 1,
        "minutes_to_acknowledge": 12.0,
        "resolved": 1,
        "minutes_to_resolve": 2880.0,
    }
    early = {"start": "2026-01-01", "end": "2026-08-31"}
    assert words(alerts.ask(action="times", period=early).headline) == "There was no incident."


@pytest.mark.parametrize(
    ("spent", "told"),
    [
        (timedelta(seconds=40), "1 min"),
        (timedelta(minutes=59, seconds=50), "1 h 0 min"),
        (timedelta(hours=47, minutes=5), "47 h 5 min"),
        (timedelta(days=3, hours=23, minutes=50), "4 d 0 h"),
    ],
)
def test_durations_are_told_to_what_matters(spent: timedelta, told: str) -> None:
    assert words(duration(spent)) == told


def test_hostile_names_are_shown_as_they_are(state: sessionmaker[Session], clock: Clock, tmp_path: Path) -> None:
    alerts = Alerts(state, clock, make_store(tmp_path / "warehouse.duckdb", {(FRIDAY, None): 0.4}))
    alerts.watch()
    alerts.days(FRIDAY - DAY, FRIDAY)
    alerts.ask(action="acknowledge", name="<b>{who}</b> & Co")
    (part,) = alerts.content({"update": 1})["parts"]
    assert "&lt;b&gt;{who}&lt;/b&gt; &amp; Co" in part["text"]
