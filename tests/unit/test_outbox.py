"""A push is stored once, claimed by one, sent in its chat's order, and accounted for whatever becomes of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from jobs.lease import CLOCKS_APART
from jobs.outbox.outbox import KEPT, Outbox
from jobs.outbox.record import Counts, Priority, Push
from tests.unit.outbox_scenes import START, Clock, State, killed_processes, stored, threads_claim

FOR = timedelta(seconds=30)


@pytest.fixture
def outbox(state: State, clock: Clock) -> Outbox:
    return Outbox(state, clock)


def put(outbox: Outbox, key: str, chat_id: int = 1, **given: Any) -> bool:
    values: dict[str, Any] = {"not_before": START, "expires": None, "priority": Priority.DIGEST, **given}
    return outbox.put(key, chat_id, None, {"text": key}, **values)


def claimed(outbox: Outbox, limit: int = 10, owner: str = "one") -> list[str]:
    return [push.key for push in outbox.claim(owner, limit, FOR)]


def only(outbox: Outbox, owner: str = "one") -> Push:
    [push] = outbox.claim(owner, 10, FOR)
    return push


def test_a_key_is_put_once_even_after_its_push_has_gone(outbox: Outbox) -> None:
    assert put(outbox, "digest 1 2026-11-20")
    assert not put(outbox, "digest 1 2026-11-20", chat_id=2)
    push = only(outbox)
    assert (push.chat_id, push.payload, push.parts_sent, push.attempts) == (1, {"text": push.key}, 0, 1)
    assert outbox.done(push)
    assert not put(outbox, "digest 1 2026-11-20")
    assert claimed(outbox) == []


def test_it_is_put_with_the_callers_transaction_or_not_at_all(outbox: Outbox, state: State) -> None:
    with state.begin() as session:
        assert put(outbox, "kept", session=session)
        assert not put(outbox, "kept", session=session)
    with state() as session:
        put(outbox, "rolled back", session=session)
        session.rollback()
    assert claimed(outbox) == ["kept"]
    assert put(outbox, "rolled back")


@pytest.mark.parametrize(
    ("key", "expires"), [("", None), ("k" * 201, None), ("late", START), ("late", START - timedelta(hours=1))]
)
def test_what_could_never_be_sent_is_refused(outbox: Outbox, key: str, expires: datetime | None) -> None:
    with pytest.raises(ValueError, match=r"characters long|expires at"):
        put(outbox, key, expires=expires)
    assert outbox.counts().waiting == 0


def test_alerts_go_before_digests_and_each_by_age(outbox: Outbox) -> None:
    for number in range(4):
        put(outbox, f"digest {number}", chat_id=number)
    for number in range(4, 6):
        put(outbox, f"alert {number}", chat_id=number, priority=Priority.ALERT)
    assert claimed(outbox, 3) == ["alert 4", "alert 5", "digest 0"]
    assert claimed(outbox, 9) == ["digest 1", "digest 2", "digest 3"]
    assert claimed(outbox) == []


def test_a_chat_gets_one_at_a_time_in_order(outbox: Outbox) -> None:
    put(outbox, "digest 1")
    put(outbox, "digest 2")
    push = only(outbox)
    put(outbox, "alert", priority=Priority.ALERT)
    assert claimed(outbox, owner="other") == []
    outbox.done(push)
    order = []
    while (pushes := outbox.claim("one", 10, FOR)) != []:
        order += [push.key for push in pushes]
        outbox.done(pushes[0])
    assert [push.key, *order] == ["digest 1", "alert", "digest 2"]


def test_nothing_comes_between_the_parts_of_a_push(outbox: Outbox, clock: Clock) -> None:
    put(outbox, "digest")
    outbox.sent_part(only(outbox), 1)
    put(outbox, "alert", priority=Priority.ALERT)
    clock.time += FOR + CLOCKS_APART
    taken_over = only(outbox, "other")
    assert (taken_over.key, taken_over.parts_sent, taken_over.attempts) == ("digest", 1, 2)


def test_a_push_waits_for_its_time_and_holds_nobody_back(outbox: Outbox, clock: Clock) -> None:
    put(outbox, "tomorrow", not_before=START + timedelta(days=1))
    put(outbox, "now")
    outbox.done(only(outbox))
    assert claimed(outbox) == []
    clock.forward(days=1)
    assert claimed(outbox) == ["tomorrow"]


def test_a_claim_that_ran_out_is_taken_over_and_its_holder_learns_it(outbox: Outbox, clock: Clock) -> None:
    put(outbox, "digest")
    stale = only(outbox)
    clock.time += FOR + CLOCKS_APART - timedelta(milliseconds=1)
    assert claimed(outbox, owner="other") == []
    clock.forward(milliseconds=1)
    push = only(outbox, "other")
    assert outbox.renew([stale, push], FOR) == {push.id}
    assert outbox.renew([stale], FOR) == frozenset()
    assert not outbox.sent_part(stale, 1)
    assert not outbox.postpone(stale, clock(), "late")
    assert not outbox.give_up(stale, "late")
    assert not outbox.release(stale)
    assert not outbox.done(stale)
    assert outbox.done(push)


def test_a_late_holder_may_finish_what_nobody_took_over(outbox: Outbox, clock: Clock) -> None:
    put(outbox, "digest")
    push = only(outbox)
    clock.forward(hours=1)
    assert outbox.done(push)
    assert outbox.counts().delivered == 1


def test_renewing_holds_a_claim(outbox: Outbox, clock: Clock) -> None:
    put(outbox, "digest")
    push = only(outbox)
    for _ in range(5):
        clock.forward(seconds=20)
        assert outbox.renew([push], FOR) == {push.id}
        assert claimed(outbox, owner="other") == []


def test_what_was_given_back_cannot_be_renewed(outbox: Outbox) -> None:
    put(outbox, "digest")
    push = only(outbox)
    assert outbox.release(push)
    assert outbox.renew([push], FOR) == frozenset()
    assert claimed(outbox, owner="other") == ["digest"]


def test_a_postponed_push_holds_back_its_chat_and_is_not_counted_against(
    outbox: Outbox, state: State, clock: Clock
) -> None:
    put(outbox, "digest")
    put(outbox, "elsewhere", chat_id=2)
    push, _ = outbox.claim("one", 10, FOR)
    outbox.postpone(push, clock() + timedelta(seconds=40), "Too Many Requests")
    put(outbox, "alert", priority=Priority.ALERT)
    clock.forward(seconds=20)
    assert claimed(outbox) == []
    clock.forward(seconds=20)
    assert claimed(outbox) == ["alert", "elsewhere"]
    postponed = stored(state, "digest")
    assert (postponed.attempts, postponed.reason) == (0, "Too Many Requests")


def test_a_failed_attempt_is_counted(outbox: Outbox, clock: Clock) -> None:
    put(outbox, "digest")
    for attempt in (1, 2, 3):
        push = only(outbox)
        assert push.attempts == attempt
        outbox.postpone(push, clock(), "failed", failed=True)


def test_an_unreachable_chat_is_given_up_with_its_reason(outbox: Outbox, state: State) -> None:
    put(outbox, "digest")
    push = only(outbox)
    outbox.sent_part(push, 1)
    assert outbox.give_up(push, "bot was blocked by the user" + "!" * 1000)
    ended = stored(state, "digest")
    assert (ended.state, ended.payload, ended.parts_sent) == ("given_up", None, 1)
    assert ended.reason.startswith("bot was blocked by the user!")
    assert claimed(outbox) == []


def test_a_group_that_moved_takes_along_all_that_waits(outbox: Outbox, state: State) -> None:
    for number in range(3):
        put(outbox, f"digest {number}", chat_id=-5)
    outbox.done(only(outbox))
    put(outbox, "there already", chat_id=-1005)
    put(outbox, "elsewhere", chat_id=-6)
    assert outbox.moved(-5, -1005) == 2
    pushes = outbox.claim("one", 10, FOR)
    assert [(push.key, push.chat_id) for push in pushes] == [("digest 1", -1005), ("elsewhere", -6)]
    assert stored(state, "digest 0").chat_id == -5


def test_a_push_that_got_too_old_is_marked_not_sent_and_not_lost(outbox: Outbox, state: State, clock: Clock) -> None:
    put(outbox, "yesterday's", expires=START + timedelta(hours=3))
    put(outbox, "being sent", chat_id=2, expires=START + timedelta(hours=3))
    put(outbox, "for ever", chat_id=3)
    clock.forward(hours=2, minutes=59, seconds=50)
    assert outbox.expire() == ()
    push = next(push for push in outbox.claim("one", 10, FOR) if push.key == "being sent")
    outbox.renew([push], timedelta(minutes=5))
    clock.time += FOR + CLOCKS_APART
    assert claimed(outbox) == ["for ever"]
    assert outbox.expire() == ("yesterday's",)
    assert outbox.expire() == ()
    assert stored(state, "yesterday's").state == "expired"
    assert outbox.done(push)
    assert not put(outbox, "yesterday's", expires=START + timedelta(days=2))
    counts = outbox.counts()
    assert (counts.waiting, counts.delivered, counts.expired) == (1, 1, 1)


def test_what_ended_is_forgotten_after_its_time(outbox: Outbox, clock: Clock) -> None:
    put(outbox, "sent")
    put(outbox, "waits", not_before=START + timedelta(days=100))
    outbox.done(only(outbox))
    clock.time += KEPT - timedelta(seconds=1)
    assert outbox.purge() == 0
    assert not put(outbox, "sent")
    clock.forward(seconds=1)
    assert outbox.purge() == 1
    assert put(outbox, "sent")
    assert outbox.counts().waiting == 2


def test_the_counts_tell_how_it_stands(outbox: Outbox, clock: Clock) -> None:
    assert outbox.counts() == Counts(0, 0, 0, 0, 0, 0, None)
    put(outbox, "due")
    put(outbox, "sending", chat_id=2, not_before=START + timedelta(seconds=5), priority=Priority.ALERT)
    put(outbox, "later", chat_id=3, not_before=START + timedelta(days=1))
    clock.forward(seconds=10)
    outbox.claim("one", 1, FOR)
    assert outbox.counts() == Counts(3, 2, 1, 0, 0, 0, START)
    clock.time += FOR
    assert outbox.counts().sending == 0


def test_a_clock_that_is_ahead_takes_nothing_over(state: State, clock: Clock, outbox: Outbox) -> None:
    put(outbox, "digest")
    ahead = Outbox(state, lambda: clock() + timedelta(seconds=4.9))
    push = only(outbox)
    for _ in range(30):
        clock.forward(seconds=0.99)
        assert clock() < push.claimed_until
        assert claimed(ahead, owner="other") == []


def test_a_claim_looks_through_no_more_where_more_waits(state: State, outbox: Outbox) -> None:
    looks = 0

    def count() -> None:
        nonlocal looks
        looks += 1

    @event.listens_for(state.kw["bind"], "checkout")
    def _counted(connection: Any, *_: Any) -> None:
        connection.set_progress_handler(count, 100)  # of SQLite's own steps

    def looked(waiting: int) -> int:
        nonlocal looks
        there = outbox.counts().waiting
        with state.begin() as session:
            for number in range(there, waiting):
                put(outbox, f"digest {number}", number, session=session)
        looks = 0
        assert len(claimed(outbox, 5)) == 5
        return looks

    few = looked(200)
    assert looked(2000) < 2 * few


def test_threads_claim_side_by_side(state: State) -> None:
    threads_claim(state)


def test_killed_processes_lose_nothing(state: State, url: str, tmp_path: Path) -> None:
    killed_processes(url, tmp_path / "arrived")
