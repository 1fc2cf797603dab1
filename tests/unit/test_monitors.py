"""Monitors are kept as they were defined, once for a chat, and read back whatever else stands beside them."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from jobs.alerts.definition import Definition, Unreadable
from jobs.alerts.detection.rules import Change, Learned, Missing, Rule, Threshold, calmer, sharper
from jobs.alerts.monitors import MOST_IN_A_CHAT, Monitors
from jobs.alerts.record import MonitorRow
from jobs.catalog.monitor import MonitorArgs
from tests.unit.outbox_scenes import Clock
from tools.errors import InvalidArgument
from tools.semantic.query import Filter
from tools.tool import Chat, User

CHAT, ANN = Chat(5), User("1", "analyst")
SALES = Definition("net_sales")
GERMANY = Filter(dimension="country", values=("Germany",))
State = sessionmaker[Session]

levels = st.floats(-1e9, 1e9, allow_nan=False).map(lambda x: float(f"{x:.4g}"))
shares = st.floats(0.01, 5).map(lambda x: float(f"{x:.2g}"))
rules = st.one_of(
    st.builds(Threshold, levels, st.sampled_from(["up", "down"]), st.integers(1, 30)),
    st.builds(
        Change,
        shares,
        st.sampled_from(["up", "down", "both"]),
        st.sampled_from(["step before", "season before", "mean of last"]),
        least=st.floats(0, 100),
        steps=st.integers(1, 30),
    ),
    st.builds(Learned, st.floats(0.25, 60), st.sampled_from(["up", "down", "both"]), least=st.floats(0, 100)),
    st.builds(Missing, st.integers(1, 30)),
)


@pytest.fixture
def monitors(state: State, clock: Clock) -> Monitors:
    return Monitors(state, clock)


def add(monitors: Monitors, definition: Definition = SALES, chat: Chat = CHAT) -> int:
    return monitors.add(definition, chat=chat, user=ANN, language="zh").monitor.id


@given(rule=rules, by=st.sampled_from([(), ("country",), ("channel", "country")]), filtered=st.booleans())
def test_definitions_survive_json_and_arguments(rule: Rule, by: tuple[str, ...], *, filtered: bool) -> None:
    definition = Definition("orders", by, (GERMANY,) if filtered else (), rule=rule)
    assert Definition.from_json(definition.to_json()) == definition
    assert Definition.from_args(MonitorArgs.model_validate(definition.to_args())) == definition


@given(rule=rules)
def test_calmer_and_sharper_rules_survive_the_arguments_of_their_buttons(rule: Rule) -> None:
    for changed in (calmer(rule), sharper(rule)):
        definition = Definition("orders").with_rule(changed)
        if definition.rule.steps <= 30:
            assert Definition.from_args(MonitorArgs.model_validate(definition.to_args())) == definition


def test_equal_definitions_have_equal_json() -> None:
    web = Filter(dimension="channel", values=("web", "app"))
    one = Definition("orders", ("country", "channel"), (GERMANY, web))
    other = Definition("orders", ("channel", "country"), (Filter(dimension="channel", values=("app", "web")), GERMANY))
    assert one.to_json() == other.to_json()


@pytest.mark.parametrize("broken", [{}, {"version": 2}, {**SALES.to_json(), "rule": {"kind": "oracle"}}])
def test_what_another_version_kept_is_unreadable(broken: dict[str, object]) -> None:
    with pytest.raises(Unreadable):
        Definition.from_json(broken)


def test_single_hours_only() -> None:
    with pytest.raises(ValueError, match="single hours"):
        Definition("orders", grain="hour", over=7)


def test_a_monitor_is_kept_as_it_was_added(monitors: Monitors, clock: Clock) -> None:
    number = add(monitors, Definition("orders", rule=Threshold(10, "down")))
    kept = monitors.get(number)
    assert kept is not None
    assert (kept.definition, kept.chat_id, kept.user_id, kept.language) == (
        Definition("orders", rule=Threshold(10, "down")),
        5,
        "1",
        "zh",
    )
    assert kept.created_at == clock()
    assert kept.checked is None


def test_the_same_is_added_once_also_by_two_taps_at_once(monitors: Monitors) -> None:
    found: list[int] = []
    taps = [threading.Thread(target=lambda: found.append(add(monitors))) for _ in range(4)]
    for tap in taps:
        tap.start()
    for tap in taps:
        tap.join()
    assert len(set(found)) == 1
    assert len(monitors.of_chat(CHAT)) == 1
    assert not monitors.add(SALES, chat=CHAT, user=ANN, language="en").new
    assert monitors.add(SALES, chat=Chat(5, topic=3), user=ANN, language="en").new
    assert monitors.add(SALES, chat=Chat(6), user=ANN, language="en").new
    assert monitors.twin(SALES, CHAT) is not None


def test_a_chat_has_so_many_and_no_more(monitors: Monitors) -> None:
    for level in range(MOST_IN_A_CHAT):
        add(monitors, Definition("orders", rule=Threshold(level, "down")))
    with pytest.raises(InvalidArgument, match="which is the most"):
        add(monitors)
    assert len(monitors.of_chat(CHAT)) == MOST_IN_A_CHAT
    assert add(monitors, chat=Chat(6))


def test_paused_and_removed_ones_are_not_checked(monitors: Monitors, clock: Clock) -> None:
    first, second, third = (add(monitors, Definition(name)) for name in ("orders", "units", "aov"))
    hourly = add(monitors, Definition("orders", grain="hour"))
    monitors.note_checked(first, clock())
    assert monitors.pause(first)
    assert monitors.remove(second)
    assert [one.id for one in monitors.all_active("day")] == [third]
    assert [one.id for one in monitors.all_active("hour")] == [hourly]
    assert monitors.get(second) is None
    assert not monitors.remove(second)
    assert monitors.resume(first)
    resumed = monitors.get(first)
    assert resumed is not None
    assert resumed.checked is None
    assert resumed.paused_at is None
    assert monitors.count() == 3


def test_one_that_cannot_be_read_is_trouble_and_no_crash(monitors: Monitors, state: State) -> None:
    broken, good = add(monitors), add(monitors, Definition("orders"))
    with state.begin() as session:
        session.execute(update(MonitorRow).where(MonitorRow.id == broken).values(definition={"version": 99}))
    assert [one.id for one in monitors.all_active("day")] == [good]
    kept = monitors.get(broken)
    assert kept is not None
    assert kept.definition is None
    assert "99" in kept.trouble


def test_checks_are_noted(monitors: Monitors, clock: Clock) -> None:
    number, step = add(monitors), clock() - timedelta(days=1)
    monitors.note_checked(number, step)
    monitors.note_checked(number, None, "the table is gone")
    kept = monitors.get(number)
    assert kept is not None
    assert (kept.checked, kept.checked_at, kept.trouble) == (step, clock(), "the table is gone")


def test_a_changed_rule_keeps_what_was_said_and_other_figures_do_not(monitors: Monitors, clock: Clock) -> None:
    number = add(monitors)
    said = {"first": clock(), "last": clock(), "side": -1, "by": "Ann"}
    for _ in range(2):
        monitors.mark(number, [(), (("country", "Germany"),)], **said)  # type: ignore[arg-type]
    marks = monitors.marks([number])[number]
    assert [one.path for one in marks] == [(), (("country", "Germany"),)]
    assert monitors.change(number, Definition("net_sales", rule=Learned(12))) is not None
    assert number in monitors.marks([number])
    assert monitors.change(number, Definition("orders")) is not None
    assert monitors.marks([number]) == {}
    assert monitors.change(999, SALES) is None


def test_a_group_that_moved_keeps_its_monitors(monitors: Monitors) -> None:
    add(monitors, chat=Chat(-1))
    add(monitors)
    assert monitors.moved_chat(-1, -100) == 1
    assert len(monitors.of_chat(Chat(-100))) == 1
