"""A lease has one holder at a time, whatever dies, hangs, or has a clock that is ahead."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest

from jobs.lease import CLOCKS_APART, Lease
from tests.unit.outbox_scenes import Clock, State, one_at_a_time

FOR = timedelta(seconds=30)


def test_one_holds_it_until_it_is_given_back(state: State, clock: Clock) -> None:
    one, other = (Lease(state, "pushes", owner, clock, FOR) for owner in ("one", "other"))
    assert one.take()
    assert (one.held, other.take(), other.held) == (True, False, False)
    assert other.token is None
    one.release()
    assert not one.held
    assert other.take()
    assert not one.renew()


def test_two_names_are_two_leases(state: State, clock: Clock) -> None:
    assert Lease(state, "pushes", "one", clock, FOR).take()
    assert Lease(state, "schedule", "other", clock, FOR).take()


def test_a_dead_holders_lease_is_taken_over_and_the_token_grows(state: State, clock: Clock) -> None:
    dead, other = (Lease(state, "pushes", owner, clock, FOR) for owner in ("dead", "other"))
    assert dead.take()
    first = dead.token
    clock.time += FOR + CLOCKS_APART - timedelta(milliseconds=1)
    assert not dead.held
    assert not other.take()
    clock.forward(milliseconds=1)
    assert other.take()
    assert first is not None
    assert other.token == first + 1
    assert not dead.renew()
    assert not dead.take()
    dead.release()
    assert other.renew()


def test_renewing_holds_it(state: State, clock: Clock) -> None:
    one, other = (Lease(state, "pushes", owner, clock, FOR) for owner in ("one", "other"))
    assert one.take()
    token = one.token
    for _ in range(10):
        clock.forward(seconds=20)
        assert one.renew()
        assert not other.take()
    clock.forward(seconds=20)
    assert one.take()
    assert one.token == token
    clock.forward(seconds=20)
    assert one.held


def test_a_lease_that_ran_out_and_nobody_took_is_renewed(state: State, clock: Clock) -> None:
    one = Lease(state, "pushes", "one", clock, FOR)
    assert one.take()
    clock.forward(hours=8)
    assert not one.held
    assert one.token is None
    assert one.renew()
    assert one.token == 1


def test_a_restart_under_the_same_name_waits_like_any_other(state: State, clock: Clock) -> None:
    assert Lease(state, "pushes", "bot", clock, FOR).take()
    assert not Lease(state, "pushes", "bot", clock, FOR).take()


@pytest.mark.parametrize("ahead", [-4.9, -2.0, 2.0, 4.9])
def test_never_two_holders_while_the_clocks_differ(state: State, clock: Clock, ahead: float) -> None:
    def other_clock() -> datetime:
        return clock() + timedelta(seconds=ahead)

    one, other = Lease(state, "pushes", "one", clock, FOR), Lease(state, "pushes", "other", other_clock, FOR)
    chosen = random.Random(0)
    holders = set()
    for _ in range(120):
        lease = chosen.choice([one, other])
        if chosen.random() < 0.1:
            lease.release()
        else:
            lease.take()
        assert not (one.held and other.held)
        holders |= {lease for lease in (one, other) if lease.held}
        clock.forward(seconds=chosen.choice([0.3, 3, 33]))
    assert holders == {one, other}


def test_threads_hold_it_one_after_another(state: State) -> None:
    one_at_a_time(state)
