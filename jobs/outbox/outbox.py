"""Pushes that are owed, in the state database, claimed by whichever process sends them next.

**Once.** A key is put once; only the holder of a claim sends; each part is counted when Telegram has taken it. What no
bookkeeping can know is whether a part arrived whose answer was lost, in a crash or on the network. It is sent again,
the same choice as for answers: at most the part in flight comes twice, and none is lost.

**In order.** At most one push of a chat is claimed at a time, and it is the chat's first: one that was begun, then
alerts, then digests, each by age. A push that Telegram asked to wait for holds back its chat.

**Clocks.** A claim is its holder's until `claimed_until` by the holder's clock; others take it over only `clocks_apart`
later by theirs. So two processes never hold one push as long as their clocks differ by less than that. What a process
held that died on the same machine is free at once (`free_of_the_dead`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, case, delete, exists, func, or_, select, tuple_, update
from sqlalchemy.orm import Session, aliased

from jobs.inserting import insert_new
from jobs.lease import CLOCKS_APART
from jobs.outbox.record import BEGUN, LONGEST_KEY, LONGEST_REASON, Counts, OutboxRow, Priority, Push, State
from jobs.process import is_dead

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from sqlalchemy.orm import sessionmaker

KEPT = timedelta(days=40)
"""A monthly digest that is made up for after a long standstill is still recognised."""
CLAIMING = 0x6D6B_6F75
"""Names the advisory lock under which PostgreSQL claims."""


class Outbox:
    """Thread-safe, blocking; any number of processes."""

    def __init__(
        self,
        state: sessionmaker[Session],
        clock: Callable[[], datetime],
        *,
        clocks_apart: timedelta = CLOCKS_APART,
    ) -> None:
        """`clocks_apart` is more than the clocks of two processes ever differ."""
        self._state = state
        self._clock = clock
        self._clocks_apart = clocks_apart

    def put(
        self,
        key: str,
        chat_id: int,
        topic_id: int | None,
        payload: Mapping[str, Any],
        *,
        not_before: datetime,
        expires: datetime | None,
        priority: Priority,
        session: Session | None = None,
    ) -> bool:
        """Stores a push; False when its key is there already, whatever has become of it.

        Within `session` it is stored with the caller's own transaction, or not at all. Callers that put several new
        keys in one transaction do so in one order (on PostgreSQL the second to put a key waits for the first).
        `payload` is JSON. From `expires` on the push is not sent any more; None: it never gets too old. Raises
        `ValueError` for a key that is too long and for a push that expires before it may be sent.
        """
        if not 0 < len(key) <= LONGEST_KEY:
            raise ValueError(f"the key {key!r} is not 1 to {LONGEST_KEY} characters long")
        if expires is not None and expires <= not_before:
            raise ValueError(f"{key!r} expires at {expires} and may not be sent before {not_before}")
        if session is None:
            with self._state.begin() as own:
                return self.put(
                    key,
                    chat_id,
                    topic_id,
                    payload,
                    not_before=not_before,
                    expires=expires,
                    priority=priority,
                    session=own,
                )
        return insert_new(
            session,
            OutboxRow,
            "key",
            key=key,
            chat_id=chat_id,
            topic_id=topic_id,
            payload=dict(payload),
            rank=int(priority),
            put_at=self._clock(),
            not_before=not_before,
            expires=expires,
        )

    def claim(self, owner: str, limit: int, lease_for: timedelta) -> list[Push]:
        """Claims up to `limit` due pushes of as many chats, the most urgent first, for `lease_for`.

        A claim that ran out, because its holder died or hangs, is taken over.
        """
        now = self._clock()
        first, other = aliased(OutboxRow), aliased(OutboxRow)
        earlier = exists().where(
            other.chat_id == first.chat_id,
            self._may_go(other, now),
            # Compared as pairs, SQLite would look through all that wait, and not through the chat's.
            or_(other.rank < first.rank, and_(other.rank == first.rank, other.id < first.id)),
        )
        busy = exists().where(
            other.chat_id == first.chat_id,
            other.state == "waiting",
            or_(other.claimed_until > now - self._clocks_apart, other.retry_at > now),
        )
        chosen = (
            select(first.id)
            .where(self._may_go(first, now), ~earlier, ~busy)
            .order_by(first.rank, first.id)
            .limit(limit)
            .with_for_update(of=first, skip_locked=True)
            .cte("chosen")
        )
        claiming = (
            update(OutboxRow)
            .where(OutboxRow.id.in_(select(chosen.c.id)))
            .values(
                owner=owner,
                claim=OutboxRow.claim + 1,
                claimed_until=now + lease_for,
                retry_at=None,
                attempts=OutboxRow.attempts + 1,
            )
            .returning(OutboxRow)
            .execution_options(synchronize_session=False)
        )
        with self._state.begin() as session:
            if session.get_bind().dialect.name == "postgresql":
                # Rows that are locked are skipped, but an alert put between the snapshots of two processes would let
                # each see another row as its chat's first. SQLite has one writer at a time anyhow.
                session.execute(select(func.pg_advisory_xact_lock(CLAIMING)))
            rows = sorted(session.scalars(claiming), key=lambda row: (row.rank, row.id))
            return [_push(row) for row in rows]

    def free_of_the_dead(self) -> int:
        """Gives back what is claimed by processes that died on this machine; the number of pushes.

        The attempts count: a push that brings its process down is not tried for ever.
        """
        held = (OutboxRow.state == "waiting", OutboxRow.claimed_until > self._clock() - self._clocks_apart)
        with self._state() as session:
            owners = session.scalars(select(OutboxRow.owner).where(*held).distinct()).all()
        dead = [owner for owner in owners if owner is not None and is_dead(owner)]
        if not dead:
            return 0
        with self._state.begin() as session:
            freed = session.scalars(
                update(OutboxRow)
                .where(*held, OutboxRow.owner.in_(dead))
                .values(claimed_until=None)
                .returning(OutboxRow.id)
                .execution_options(synchronize_session=False)
            )
            return len(freed.all())

    def renew(self, pushes: Collection[Push], lease_for: timedelta) -> frozenset[int]:
        """Holds the claims for `lease_for` from now; gives the ids of those that are still held."""
        if not pushes:
            return frozenset()
        held = tuple_(OutboxRow.id, OutboxRow.claim).in_([(push.id, push.claim) for push in pushes])
        with self._state.begin() as session:
            return frozenset(
                session.scalars(
                    update(OutboxRow)
                    .where(held, OutboxRow.state == "waiting", OutboxRow.claimed_until.is_not(None))
                    .values(claimed_until=self._clock() + lease_for)
                    .returning(OutboxRow.id)
                    .execution_options(synchronize_session=False)
                )
            )

    def sent_part(self, push: Push, n: int) -> bool:
        """Telegram has taken the first `n` parts. False, here and below: another process has taken over the push."""
        return self._change(push, parts_sent=n, rank=BEGUN)

    def done(self, push: Push) -> bool:
        """All of it is delivered."""
        return self._end(push, "delivered", "")

    def postpone(self, push: Push, until: datetime, reason: str, *, failed: bool = False) -> bool:
        """Gives the claim back; nothing goes to the chat before `until`.

        Unless the attempt `failed`, it is not counted.
        """
        return self._change(
            push,
            claimed_until=None,
            retry_at=until,
            reason=reason[:LONGEST_REASON],
            attempts=OutboxRow.attempts - (0 if failed else 1),
        )

    def release(self, push: Push) -> bool:
        """Gives the claim back for whoever claims next; the attempt is not counted."""
        return self._change(push, claimed_until=None, attempts=OutboxRow.attempts - 1)

    def give_up(self, push: Push, reason: str) -> bool:
        """It cannot be delivered: the bot is blocked, the chat is gone, or sending it fails again and again."""
        return self._end(push, "given_up", reason)

    def moved(self, old_chat: int, new_chat: int) -> int:
        """A group became a supergroup: everything that waits for it goes there. Gives the number of pushes.

        Claims stay with their holders. Topics are of the new chat, if it has any, and are not kept.
        """
        with self._state.begin() as session:
            moved = session.scalars(
                update(OutboxRow)
                .where(OutboxRow.chat_id == old_chat, OutboxRow.state == "waiting")
                .values(chat_id=new_chat, topic_id=None)
                .returning(OutboxRow.id)
                .execution_options(synchronize_session=False)
            )
            return len(moved.all())

    def expire(self) -> tuple[str, ...]:
        """Marks what got too old to be worth sending, unless it is being sent; gives the keys."""
        now = self._clock()
        with self._state.begin() as session:
            return tuple(
                session.scalars(
                    update(OutboxRow)
                    .where(
                        OutboxRow.state == "waiting",
                        OutboxRow.expires <= now,
                        or_(OutboxRow.claimed_until.is_(None), OutboxRow.claimed_until <= now - self._clocks_apart),
                    )
                    .values(state="expired", ended_at=now, payload=None, claimed_until=None)
                    .returning(OutboxRow.key)
                    .execution_options(synchronize_session=False)
                )
            )

    def purge(self) -> int:
        """Deletes what ended `KEPT` ago; its keys could be put again from then on. Gives the number of rows."""
        with self._state.begin() as session:
            purged = session.scalars(
                delete(OutboxRow).where(OutboxRow.ended_at <= self._clock() - KEPT).returning(OutboxRow.id)
            )
            return len(purged.all())

    def counts(self) -> Counts:
        now = self._clock()
        due = self._may_go(OutboxRow, now)
        since = case((OutboxRow.retry_at > OutboxRow.not_before, OutboxRow.retry_at), else_=OutboxRow.not_before)
        with self._state() as session:
            ended = select(OutboxRow.state, func.count()).group_by(OutboxRow.state)
            of: dict[str, int] = dict(iter(session.execute(ended)))
            ready, oldest = session.execute(select(func.count(), func.min(since)).where(due)).one()
            sending = session.scalar(select(func.count()).where(due, OutboxRow.claimed_until > now))
        return Counts(
            of.get("waiting", 0),
            ready,
            sending or 0,
            of.get("delivered", 0),
            of.get("given_up", 0),
            of.get("expired", 0),
            oldest,
        )

    def _may_go(self, row: type[OutboxRow], now: datetime) -> ColumnElement[bool]:
        return and_(row.state == "waiting", row.not_before <= now, or_(row.expires.is_(None), row.expires > now))

    def _end(self, push: Push, state: State, reason: str) -> bool:
        return self._change(
            push,
            state=state,
            reason=reason[:LONGEST_REASON],
            ended_at=self._clock(),
            payload=None,
            claimed_until=None,
            retry_at=None,
        )

    def _change(self, push: Push, **values: Any) -> bool:
        """Changes the row as long as the claim is the push's."""
        with self._state.begin() as session:
            changed = session.scalars(
                update(OutboxRow)
                .where(OutboxRow.id == push.id, OutboxRow.claim == push.claim, OutboxRow.state == "waiting")
                .values(**values)
                .returning(OutboxRow.id)
                .execution_options(synchronize_session=False)
            )
            return changed.first() is not None


def _push(row: OutboxRow) -> Push:
    if row.owner is None or row.claimed_until is None:
        raise ValueError(f"the push {row.key!r} is not claimed")
    return Push(
        row.id,
        row.key,
        row.chat_id,
        row.topic_id,
        row.payload or {},
        row.parts_sent,
        row.attempts,
        row.owner,
        row.claim,
        row.claimed_until,
    )
