"""The courier sends what is due, obeys what Telegram says, keeps its claims while it sends, and stops cleanly."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from jobs.outbox.courier import ATTEMPTS, Courier
from jobs.outbox.outbox import Outbox
from jobs.outbox.record import OutboxRow, Priority, Push
from jobs.outbox.sending import ClaimLost, Delivered, Later, Outcome
from tests.unit.outbox_scenes import State, competing_couriers, now, stored

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.asyncio
Sent = Callable[[int], Awaitable[None]]
NO_TIME = timedelta(0)


@pytest.fixture
def outbox(state: State) -> Outbox:
    return Outbox(state, now, clocks_apart=NO_TIME)


class Scripted:
    """Does with each push what the test says, and notes which were begun and which were cancelled."""

    def __init__(self, behaviour: Callable[[Push, Sent], Awaitable[Outcome]]) -> None:
        self._behaviour = behaviour
        self.begun: list[Push] = []
        self.cancelled: list[Push] = []

    async def send(self, push: Push, sent: Sent) -> Outcome:
        self.begun.append(push)
        try:
            return await self._behaviour(push, sent)
        except asyncio.CancelledError:
            self.cancelled.append(push)
            raise


@asynccontextmanager
async def running(outbox: Outbox, sender: Scripted, grace_s: float = 5.0, **given: Any) -> AsyncIterator[Courier]:
    courier = Courier(outbox, sender, "one", clock=now, **{"look_every_s": 0.01, **given})
    task = asyncio.create_task(courier.run(grace_s))
    try:
        async with asyncio.timeout(10):
            yield courier
    finally:
        courier.stop()
        await task


def put(outbox: Outbox, *keys: str, chat_id: int | None = None) -> None:
    for number, key in enumerate(keys):
        assert outbox.put(
            key,
            number if chat_id is None else chat_id,
            None,
            {},
            not_before=now(),
            expires=None,
            priority=Priority.DIGEST,
        )


async def until(condition: Callable[[], object]) -> None:
    while not condition():  # noqa: ASYNC110  # the database tells nobody
        await asyncio.sleep(0.005)


async def delivered(_push: Push, sent: Sent) -> Outcome:
    await sent(1)
    return Delivered()


async def test_two_couriers_in_all_weathers(state: State) -> None:
    await competing_couriers(state)


async def test_it_sends_no_more_at_once_than_it_may(outbox: Outbox) -> None:
    at_once = most = 0

    async def count(_push: Push, _sent: Sent) -> Outcome:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.01)
        at_once -= 1
        return Delivered()

    put(outbox, *map(str, range(20)))
    async with running(outbox, Scripted(count), at_once=3):
        await until(lambda: outbox.counts().delivered == 20)
    assert most == 3


async def test_it_waits_as_long_as_it_is_told(outbox: Outbox) -> None:
    times: list[float] = []

    async def later_once(push: Push, sent: Sent) -> Outcome:
        times.append(asyncio.get_running_loop().time())
        return Later(0.3, "Too Many Requests") if len(times) == 1 else await delivered(push, sent)

    put(outbox, "digest")
    async with running(outbox, Scripted(later_once)):
        await until(lambda: outbox.counts().delivered == 1)
    assert times[1] - times[0] >= 0.3
    assert len(times) == 2


async def test_claims_are_renewed_while_a_push_is_being_sent(outbox: Outbox) -> None:
    async def slowly(_push: Push, _sent: Sent) -> Outcome:
        await asyncio.sleep(4.0)
        return Delivered()

    put(outbox, "digest")
    slow, other = Scripted(slowly), Scripted(delivered)
    async with running(outbox, slow, lease_for=timedelta(seconds=2.5)):
        await until(lambda: slow.begun)
        async with running(outbox, other):
            await until(lambda: outbox.counts().delivered == 1)
    assert (len(slow.begun), other.begun) == (1, [])


async def test_a_push_that_was_taken_over_is_not_sent_any_further(outbox: Outbox, state: State) -> None:
    gate, parts, lost = asyncio.Event(), [], []

    async def two_parts(_push: Push, sent: Sent) -> Outcome:
        for part in (1, 2):
            parts.append(part)
            await gate.wait()
            try:
                await sent(part)
            except ClaimLost:
                lost.append(part)
                raise
        return Delivered()

    put(outbox, "digest")
    async with running(outbox, Scripted(two_parts)):
        await until(lambda: parts)
        elsewhere = Outbox(state, lambda: now() + timedelta(minutes=1), clocks_apart=NO_TIME)
        [push] = elsewhere.claim("other", 1, timedelta(minutes=1))
        gate.set()
        await until(lambda: lost)
        assert outbox.done(push)
    assert (parts, lost) == ([1], [1])


async def test_a_sending_whose_claim_was_lost_is_ended_by_the_next_renewal(outbox: Outbox, state: State) -> None:
    async def hang(_push: Push, _sent: Sent) -> Outcome:
        await asyncio.Event().wait()
        return Delivered()

    put(outbox, "digest")
    sender = Scripted(hang)
    async with running(outbox, sender, lease_for=timedelta(seconds=0.3)):
        await until(lambda: sender.begun)
        elsewhere = Outbox(state, lambda: now() + timedelta(minutes=1), clocks_apart=NO_TIME)
        [push] = elsewhere.claim("other", 1, timedelta(minutes=1))
        await until(lambda: sender.cancelled)
    assert stored(state, "digest").claim == push.claim
    assert stored(state, "digest").owner == "other"
    assert outbox.done(push)


async def test_stopping_lets_what_was_begun_end_and_begins_nothing(outbox: Outbox) -> None:
    async def slowly(push: Push, sent: Sent) -> Outcome:
        await asyncio.sleep(0.1)
        return await delivered(push, sent)

    put(outbox, "1", "2", chat_id=1)
    sender = Scripted(slowly)
    async with running(outbox, sender) as courier:
        await until(lambda: sender.begun)
        courier.stop()
    counts = outbox.counts()
    assert (counts.delivered, counts.waiting, counts.sending) == (1, 1, 0)


async def test_what_does_not_end_in_time_is_given_back_at_once(outbox: Outbox) -> None:
    async def hang_after_one(_push: Push, sent: Sent) -> Outcome:
        await sent(1)
        await asyncio.Event().wait()
        return Delivered()

    put(outbox, "digest")
    async with running(outbox, Scripted(hang_after_one), grace_s=0.05):
        await until(lambda: outbox.counts().sending)
        await asyncio.sleep(0.05)
    [push] = outbox.claim("other", 1, timedelta(seconds=30))
    assert (push.parts_sent, push.attempts) == (1, 1)


async def test_a_push_that_cannot_be_sent_is_given_up_in_the_end(outbox: Outbox, state: State) -> None:
    async def fail(push: Push, sent: Sent) -> Outcome:
        if push.key == "broken":
            raise RuntimeError("no such template")
        return await delivered(push, sent)

    put(outbox, "broken", "next", chat_id=1)
    with state.begin() as session:  # it has failed before, with growing pauses
        session.scalars(select(OutboxRow).where(OutboxRow.key == "broken")).one().attempts = ATTEMPTS - 1
    sender = Scripted(fail)
    async with running(outbox, sender):
        await until(lambda: outbox.counts().delivered == 1)
    assert [push.key for push in sender.begun] == ["broken", "next"]
    assert (stored(state, "broken").state, stored(state, "broken").reason) == (
        "given_up",
        f"{ATTEMPTS} attempts failed",
    )


async def test_a_failing_push_is_tried_again_after_a_pause(outbox: Outbox, state: State) -> None:
    async def fail(_push: Push, _sent: Sent) -> Outcome:
        raise RuntimeError("no such template")

    put(outbox, "broken")
    sender = Scripted(fail)
    async with running(outbox, sender):
        await until(lambda: stored(state, "broken").retry_at)
        await asyncio.sleep(0.05)
    failed = stored(state, "broken")
    assert (failed.state, failed.attempts, len(sender.begun)) == ("waiting", 1, 1)


async def test_a_push_that_kills_its_process_is_not_begun_for_ever(outbox: Outbox, state: State) -> None:
    put(outbox, "deadly")
    for _ in range(ATTEMPTS):
        Outbox(state, now, clocks_apart=NO_TIME).claim("dead", 1, NO_TIME)
    sender = Scripted(delivered)
    async with running(outbox, sender):
        await until(lambda: outbox.counts().given_up == 1)
    assert sender.begun == []


async def test_what_telegram_has_taken_is_recorded_though_the_database_fails_for_a_while(
    outbox: Outbox, state: State
) -> None:
    failures = 3

    def fail(*given: Any) -> None:
        nonlocal failures
        statement = given[2]
        if "parts_sent" in statement.split("WHERE")[0] and statement.startswith("UPDATE") and failures:
            failures -= 1
            raise OperationalError(statement, None, Exception("disk full"))

    sender = Scripted(delivered)
    put(outbox, "digest")
    event.listen(state.kw["bind"], "before_cursor_execute", fail)
    async with running(outbox, sender):
        await until(lambda: outbox.counts().delivered == 1)
    assert failures == 0
    assert len(sender.begun) == 1


async def test_what_is_too_old_expires_and_what_is_urgent_wakes_it(outbox: Outbox) -> None:
    outbox.put(
        "old",
        1,
        None,
        {},
        not_before=now() - timedelta(days=1),
        expires=now() - timedelta(hours=1),
        priority=Priority.DIGEST,
    )
    sender = Scripted(delivered)
    async with running(outbox, sender, look_every_s=60) as courier:
        await until(lambda: outbox.counts().expired == 1)
        put(outbox, "urgent")
        courier.wake()
        await until(lambda: outbox.counts().delivered == 1)
    assert [push.key for push in sender.begun] == ["urgent"]
