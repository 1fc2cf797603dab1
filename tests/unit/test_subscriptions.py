"""Who is sent which digest: added, changed, paused and moved, whatever happens at the same time."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from jobs.digests.definition import Definition, rhythm_name
from jobs.digests.quiet import DaysOff, QuietHours
from jobs.digests.subscriptions import MOST_IN_A_CHAT, Move, SubscriptionCounts, SubscriptionRow, Subscriptions
from jobs.digests.timing import Daily, Monthly, Schedule, Weekly
from jobs.digests.wanted import Wanted
from tests.unit.outbox_scenes import Clock, State
from tools.errors import InvalidArgument
from tools.semantic.query import Filter
from tools.state import connect

NINE = time(9)
DAILY = Definition(Schedule(Daily(), NINE, "UTC"), Wanted())
WEEKLY = Definition(Schedule(Weekly(frozenset({0})), NINE, "UTC"), Wanted())
GERMANY = Wanted(filters=(Filter(dimension="country", values=("Germany",)),))


@pytest.fixture
def subscriptions(state: State, clock: Clock) -> Subscriptions:
    """The clock stands at nine on Friday, 20 November 2026: that day's daily digest has just passed."""
    return Subscriptions(state, clock)


def add(subscriptions: Subscriptions, definition: Definition = DAILY, chat: int = 5, language: str = "en") -> int:
    one, new = subscriptions.add(chat, None, "7", language, definition)
    assert new
    return one.id


def spoil(state: State, number: int, definition: Any) -> None:
    with state.begin() as session:
        session.execute(update(SubscriptionRow).where(SubscriptionRow.id == number).values(definition=definition))


quiet = st.none() | st.just(QuietHours(time(22), time(8, 30)))
days_off = st.sampled_from(
    (None, DaysOff(), DaysOff("CN"), DaysOff("GB", weekends=False), DaysOff("AE", holidays=False))
)
rhythms = (
    st.just(Daily())
    | st.frozensets(st.integers(0, 6), min_size=1).map(Weekly)
    | st.integers(1, 31).map(Monthly)
)  # fmt: skip
schedules = st.builds(
    Schedule,
    rhythms,
    st.builds(time, st.integers(0, 23), st.integers(0, 59)),
    st.sampled_from(("UTC", "Europe/London", "Asia/Shanghai")),
    quiet,
    days_off,
)
wanteds = st.builds(
    Wanted,
    st.sampled_from(((), ("net_sales", "orders"))),
    st.sampled_from(((), ("kpis",))),
    st.sampled_from(((), GERMANY.filters)),
    st.booleans(),
)


@given(schedules, wanteds)
def test_a_definition_is_read_as_it_was_written(schedule: Schedule, wanted: Wanted) -> None:
    definition = Definition(schedule, wanted)
    assert Definition.read(definition.plain()) == definition
    assert definition.plain()["rhythm"]["name"] == rhythm_name(schedule.rhythm)


def test_a_new_one_begins_with_the_next_digest(subscriptions: Subscriptions) -> None:
    one = subscriptions.get(add(subscriptions))
    assert one is not None
    assert one.next_at == datetime(2026, 11, 21, 9, tzinfo=UTC)
    assert one.told == date(2026, 11, 19)  # the first tells of the 20th, and of nothing before
    assert one.definition == DAILY
    assert not one.paused


def test_the_same_again_in_the_chat_is_recognised(subscriptions: Subscriptions) -> None:
    first = add(subscriptions)
    again, new = subscriptions.add(5, None, "8", "en", DAILY)
    assert (again.id, new) == (first, False)
    # Another chat, topic, language, schedule or contents make another digest.
    others = [
        add(subscriptions, chat=6),
        subscriptions.add(5, 3, "7", "en", DAILY)[0].id,
        add(subscriptions, language="zh"),
        add(subscriptions, WEEKLY),
        add(subscriptions, replace(DAILY, wanted=GERMANY)),
    ]
    assert len({first, *others}) == 6
    assert [one.id for one in subscriptions.of_chat(5, None)] == [first, *others[2:]]
    assert [one.id for one in subscriptions.of_chat(5, 3)] == [others[1]]


def test_what_has_ended_can_be_had_again(subscriptions: Subscriptions) -> None:
    first = add(subscriptions)
    assert subscriptions.end(first)
    assert not subscriptions.end(first)
    assert subscriptions.get(first) is None
    assert subscriptions.resume(first) is None
    assert subscriptions.change(first, WEEKLY, "en") is None
    assert add(subscriptions) != first


def test_a_chat_has_only_so_many(subscriptions: Subscriptions) -> None:
    for minute in range(MOST_IN_A_CHAT):
        add(subscriptions, Definition(Schedule(Daily(), time(9, minute), "UTC"), Wanted()))
    with pytest.raises(InvalidArgument, match="it can have no more"):
        subscriptions.add(5, None, "7", "en", WEEKLY)
    assert len(subscriptions.of_chat(5, None)) == MOST_IN_A_CHAT
    add(subscriptions, WEEKLY, chat=6)
    # What is there already is still recognised.
    assert not subscriptions.add(5, None, "7", "en", Definition(Schedule(Daily(), NINE, "UTC"), Wanted()))[1]


def test_taps_at_once_make_one(url: str, state: State, clock: Clock) -> None:
    taps = 6
    barrier = threading.Barrier(taps)
    news: list[bool] = []

    def tap() -> None:
        own = connect(url)
        barrier.wait()
        news.append(Subscriptions(own, clock).add(5, None, "7", "en", DAILY)[1])
        own.kw["bind"].dispose()

    threads = [threading.Thread(target=tap) for _ in range(taps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(news) == [False] * (taps - 1) + [True]
    with state() as session:
        assert session.scalar(select(func.count()).select_from(SubscriptionRow)) == 1


def test_a_pause_owes_nothing(subscriptions: Subscriptions, clock: Clock) -> None:
    number = add(subscriptions)
    assert subscriptions.pause(number)
    assert not subscriptions.pause(number)
    clock.forward(days=10)
    assert subscriptions.due(clock(), 10) == ()
    one = subscriptions.resume(number)
    assert one is not None
    assert (one.told, one.next_at) == (date(2026, 11, 29), datetime(2026, 12, 1, 9, tzinfo=UTC))
    assert subscriptions.resume(number) == one


def test_a_tap_that_was_taken_back_changes_nothing(subscriptions: Subscriptions, clock: Clock) -> None:
    number = add(subscriptions)
    before = subscriptions.get(number)
    clock.forward(hours=2)
    subscriptions.pause(number)
    assert subscriptions.resume(number) == before


def test_another_time_goes_on_where_it_was(subscriptions: Subscriptions, clock: Clock) -> None:
    number = add(subscriptions)
    clock.forward(hours=23, minutes=30)
    one = subscriptions.change(number, replace(DAILY, schedule=replace(DAILY.schedule, at=time(8))), "zh")
    assert one is not None
    assert (one.told, one.next_at) == (date(2026, 11, 19), clock())  # half an hour ago, but not told: it comes now
    assert one.language == "zh"
    clock.forward(hours=5)
    late = subscriptions.change(number, replace(DAILY, schedule=replace(DAILY.schedule, at=time(7))), "zh")
    assert late is not None
    # Too late for that day, which the next one covers.
    assert (late.told, late.next_at) == (date(2026, 11, 19), datetime(2026, 11, 22, 7, tzinfo=UTC))


def test_another_rhythm_begins_anew(subscriptions: Subscriptions) -> None:
    number = add(subscriptions)
    one = subscriptions.change(number, WEEKLY, "en")
    assert one is not None
    assert (one.told, one.next_at) == (date(2026, 11, 15), datetime(2026, 11, 23, 9, tzinfo=UTC))


def test_what_is_paused_stays_so_when_it_is_changed(subscriptions: Subscriptions) -> None:
    number = add(subscriptions)
    subscriptions.pause(number)
    one = subscriptions.change(number, WEEKLY, "en")
    assert one is not None
    assert one.paused


@pytest.mark.parametrize(
    "definition",
    [
        {},
        None,
        "daily",
        {**DAILY.plain(), "timezone": "Mars/Olympus"},
        {**DAILY.plain(), "rhythm": {"name": "hourly"}},
        {**DAILY.plain(), "days_off": {"country": "XX", "weekends": True, "holidays": True}},
        {**DAILY.plain(), "wanted": {"filters": [{"dimension": "country"}]}},
    ],
)
def test_one_that_cannot_be_read_hides_no_other(subscriptions: Subscriptions, state: State, definition: Any) -> None:
    broken, whole = add(subscriptions), add(subscriptions, WEEKLY)
    spoil(state, broken, definition)
    read = {one.id: one.definition for one in subscriptions.of_chat(5, None)}
    assert read == {broken: None, whole: WEEKLY}
    assert subscriptions.resume(broken) is None
    mended = subscriptions.change(broken, DAILY, "en")
    assert mended is not None
    assert mended.definition == DAILY
    assert not mended.paused


def test_a_group_that_became_a_supergroup_keeps_its_digests(subscriptions: Subscriptions) -> None:
    number = subscriptions.add(-5, 3, "7", "en", DAILY)[0].id
    ended = add(subscriptions, WEEKLY, chat=-5)
    subscriptions.end(ended)
    assert subscriptions.moved_chat(-5, -100) == 1
    assert [one.id for one in subscriptions.of_chat(-100, None)] == [number]
    assert subscriptions.moved_chat(-5, -100) == 0


def test_a_chat_that_blocked_the_bot_is_paused_as_a_whole(subscriptions: Subscriptions) -> None:
    add(subscriptions)
    add(subscriptions, WEEKLY)
    other = add(subscriptions, chat=6)
    assert subscriptions.pause_chat(5, "unreachable") == 2
    assert {one.reason for one in subscriptions.of_chat(5, None)} == {"unreachable"}
    assert all(one.paused for one in subscriptions.of_chat(5, None))
    assert subscriptions.of_chat(6, None)[0].id == other
    assert not subscriptions.of_chat(6, None)[0].paused


def test_only_who_saw_it_last_moves_it_on(subscriptions: Subscriptions, state: State, clock: Clock) -> None:
    number = add(subscriptions)
    clock.forward(days=1)
    (seen,) = subscriptions.due(clock(), 10)
    assert seen.id == number
    move = Move(seen, date(2026, 11, 20), clock() + timedelta(days=1))
    with state.begin() as session:
        assert subscriptions.advance(session, [move]) == {number}
    with state.begin() as session:
        assert subscriptions.advance(session, [move]) == frozenset()
    assert subscriptions.due(clock(), 10) == ()
    now = subscriptions.get(number)
    assert now is not None
    assert (now.told, now.next_at) == (move.told, move.next_at)


def test_the_due_come_in_order_and_in_batches(subscriptions: Subscriptions, clock: Clock) -> None:
    numbers = [add(subscriptions, chat=chat) for chat in range(1, 8)]
    subscriptions.pause(numbers[0])
    subscriptions.end(numbers[1])
    clock.forward(days=1)
    assert [one.id for one in subscriptions.due(clock(), 3)] == numbers[2:5]
    assert [one.id for one in subscriptions.due(clock(), 100)] == numbers[2:]


def test_they_are_counted(subscriptions: Subscriptions, clock: Clock) -> None:
    for chat in range(1, 6):
        add(subscriptions, chat=chat)
    subscriptions.pause(1)
    subscriptions.pause(2, "not allowed")
    subscriptions.end(3)
    assert subscriptions.counts() == SubscriptionCounts(2, 2, 1, 0, None)
    clock.forward(days=2)
    assert subscriptions.counts() == SubscriptionCounts(2, 2, 1, 2, datetime(2026, 11, 21, 9, tzinfo=UTC))
