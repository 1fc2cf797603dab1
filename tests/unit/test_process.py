"""A process that died on this machine is told from one that lives, or that cannot be seen from here."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import pytest

from jobs.lease import Lease
from jobs.outbox.outbox import Outbox
from jobs.process import LONGEST, is_dead, process_name
from tests.unit.outbox_scenes import Clock, State, put_many, stored

NAMED = "from jobs.process import process_name; print(process_name())"


@pytest.fixture(scope="module")
def dead() -> str:
    """The name of a process that has ended."""
    done = subprocess.run([sys.executable, "-c", NAMED], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_dead_are_told_from_the_living(dead: str) -> None:
    own = process_name()
    assert not is_dead(own)
    assert is_dead(dead)
    assert len(own) <= LONGEST
    assert own != process_name()


def test_nothing_is_said_of_processes_elsewhere(dead: str) -> None:
    host, place, number, token = dead.split("/")
    assert not is_dead(f"{host}/{place[::-1]}x/{number}/{token}")
    for strange in ("", "one", "host/1/2", f"{host}/{place}/-1/{token}", f"{host}/{place}/{10**30}/{token}"):
        assert not is_dead(strange)


def test_a_lease_of_a_dead_process_is_free_at_once(dead: str, state: State, clock: Clock) -> None:
    lease = timedelta(seconds=30)
    gone, here = Lease(state, "scheduler", dead, clock, lease), Lease(state, "scheduler", process_name(), clock, lease)
    other = Lease(state, "scheduler", process_name(), clock, lease)
    assert gone.take()
    first = gone.token
    assert here.take()
    assert first is not None
    assert here.token == first + 1
    assert not other.take()


def test_claims_of_a_dead_process_are_free_at_once(dead: str, state: State, clock: Clock) -> None:
    outbox = Outbox(state, clock)
    clock.forward(days=3000)  # what is put by the real clock is due by now
    put_many(outbox, pushes=4, chats=4)
    lease = timedelta(seconds=30)
    (lost,) = outbox.claim(dead, 1, lease)
    (kept,) = outbox.claim(process_name(), 1, lease)
    assert outbox.free_of_the_dead() == 1
    assert outbox.free_of_the_dead() == 0
    again = {push.key: push for push in outbox.claim("other", 4, lease)}
    assert lost.key in again
    assert kept.key not in again
    assert again[lost.key].attempts == 2
    assert not outbox.done(lost)
    assert stored(state, kept.key).owner != "other"
