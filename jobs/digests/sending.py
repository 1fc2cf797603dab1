"""Puts the digests that are due into the outbox.

What several subscribers are to read in the same words is composed and written once. A subscription moves on in the same
transaction that stores its push, so a crash or a second process neither loses a digest nor sends it twice.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import select

from jobs.alerts.incidents.store import Incidents
from jobs.alerts.record import MonitorRow
from jobs.digests.answers.calls import mine, preview_of
from jobs.digests.clocks import local
from jobs.digests.content import composed
from jobs.digests.subscriptions import GRACE, Move, Subscriptions
from jobs.digests.timing import due, missed
from jobs.digests.told_period import telling
from jobs.outbox.contents import Contents
from jobs.outbox.record import Priority
from tools.answer import Answer
from tools.errors import AssistantError, TooSlow
from tools.messages import say
from tools.tool import Chat

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from jobs.digests.definition import Definition
    from jobs.digests.subscriptions import Reason, Subscription
    from jobs.digests.timing import Occurrence, Schedule
    from jobs.digests.told_period import Telling
    from jobs.digests.wanted import Occasion
    from jobs.recipients import Ground, Recipient
    from tools.tool import Context

log = structlog.get_logger(__name__)

BATCH = 100
"""Subscriptions that are stored in one transaction: nobody else writes meanwhile, and the first wait for the last."""
RETRY = timedelta(minutes=5)
"""After this a digest that could not be made is tried again, within its grace."""
AHEAD = timedelta(minutes=2)
"""Before it is due a digest is written, and what it says is of that moment."""
FRESH = timedelta(minutes=10)
"""What was written so lately for the same wish is not written again."""
WAITS = timedelta(days=4)
"""How long a digest that could not be delivered may wait, if the next does not come before."""
LONGEST_S = 120.0
"""For composing one digest."""
QUIET = "nothing was due"
LEFT = "left to the next"


def put_due(ground: Ground, *, grace: timedelta = GRACE) -> str:
    """Puts every digest that is due by now; words for the run's record.

    One that is more than `grace` late is left to the next, which covers its days. Blocking; any number of processes.
    """
    return _Sending(ground, grace).run()


@dataclass(frozen=True)
class _Push:
    """`key` names it among the subscription's digests; `content` is the key of what it says."""

    key: str
    at: datetime
    content: str


@dataclass(frozen=True)
class _Step:
    """How a subscription moves on."""

    move: Move
    note: str
    push: _Push | None = None


class _NotMade(Exception):
    """This digest could not be made for another subscriber before."""


class _Sending:
    def __init__(self, ground: Ground, grace: timedelta) -> None:
        self._ground = ground
        self._grace = grace
        self._subscriptions = Subscriptions(ground.state, ground.clock)
        self._contents = Contents(ground.state, ground.clock)
        self._version: str | None = None
        self._made: dict[str, str | _NotMade | None] = {}
        self._waiting: list[_Step] = []
        self._notes: Counter[str] = Counter()

    @cached_property
    def _incidents(self) -> Mapping[tuple[int, int | None], tuple[Any, ...]]:
        """Read when the first digest is written: most runs write none."""
        return _open_incidents(self._ground)

    def run(self) -> str:
        while batch := self._subscriptions.due(self._ground.clock(), BATCH):
            self._version = None
            for seen in batch:
                try:
                    step = self._step(seen)
                except Exception as error:  # noqa: BLE001 - one digest that cannot be made must not hold back the others
                    step = self._again(seen, error)
                if step is not None:
                    self._waiting.append(step)
            self._store()
        self._prepare()
        return "; ".join(f"{count} {note}" for note, count in sorted(self._notes.items())) or QUIET

    def _prepare(self) -> None:
        """Writes what will be due in a moment, so that it goes out on time, to however many."""
        now, self._version = self._ground.clock(), None
        for seen in self._subscriptions.soon(now, now + AHEAD):
            definition = seen.definition
            # Where nothing moved nothing is kept, and it would be composed again and again.
            if definition is None or definition.wanted.only_when_moved:
                continue
            try:
                to = self._recipient(seen)
                if to is not None:
                    self._told(seen, definition, due(definition.schedule, now, seen.told), to)
            except Exception as error:  # noqa: BLE001 - it is made, or fails, when it is due
                log.warning("digest_not_prepared", subscription=seen.id, error=type(error).__name__)

    def _recipient(self, seen: Subscription) -> Recipient | None:
        return self._ground.people.recipient(seen.chat_id, seen.topic_id, seen.user_id, language=seen.language)

    def _told(
        self, seen: Subscription, definition: Definition, occurrence: Occurrence, to: Recipient
    ) -> tuple[Telling, str | None] | None:
        """What an occurrence tells, and its content's key; None: its days are not over by the as-of date."""
        context, day = self._context(to, definition.schedule, self._ground.clock())
        found = telling(definition.schedule.rhythm, occurrence, seen.told, context.today, day)
        return None if found is None else (found, self._content(context, definition, found.occasion, to))

    def _step(self, seen: Subscription) -> _Step | None:
        """None: it was paused."""
        now = self._ground.clock()
        definition = seen.definition
        if definition is None:
            self._pause(seen, "unreadable")
            return None
        schedule = definition.schedule
        occurrence = missed(schedule, seen.told, now, self._grace)
        if occurrence is None:
            return _Step(Move(seen, seen.told, due(schedule, now, seen.told).at), LEFT)
        to = self._recipient(seen)
        if to is None:
            self._pause(seen, "not allowed")
            return None
        told = self._told(seen, definition, occurrence, to)
        if told is None:
            return _Step(Move(seen, seen.told, due(schedule, now, seen.told).at), LEFT)
        found, content = told
        move = Move(seen, found.told, due(schedule, occurrence.at, found.told).at)
        if content is None:
            return _Step(move, "without news")
        return _Step(move, "put", _Push(found.key, occurrence.at, content))

    def _again(self, seen: Subscription, error: Exception) -> _Step:
        if not isinstance(error, _NotMade):
            log.error("digest_not_made", subscription=seen.id, exc_info=error)
        return _Step(Move(seen, seen.told, self._ground.clock() + RETRY), "to be tried again")

    def _pause(self, seen: Subscription, reason: Reason) -> None:
        self._subscriptions.pause(seen.id, reason)
        log.warning("digest_paused", subscription=seen.id, reason=reason)
        self._notes["paused"] += 1

    def _store(self) -> None:
        with self._ground.state.begin() as session:
            moved = self._subscriptions.advance(session, [step.move for step in self._waiting])
            for step in self._waiting:
                if step.push is not None and step.move.seen.id in moved:
                    self._put(session, step.move, step.push)
        self._notes.update(step.note for step in self._waiting if step.move.seen.id in moved)
        self._waiting.clear()

    def _put(self, session: Session, move: Move, push: _Push) -> None:
        self._ground.outbox.put(
            f"digest:{move.seen.id}:{push.key}",
            move.seen.chat_id,
            move.seen.topic_id,
            {"content": push.content},
            not_before=push.at,
            expires=min(move.next_at, push.at + WAITS),
            priority=Priority.DIGEST,
            session=session,
        )

    # --- what is told -------------------------------------------------------------------------------------------------

    def _context(self, to: Recipient, schedule: Schedule, now: datetime) -> tuple[Context, date]:
        """What can be known, and the reader's day; they are shown nothing that is later than it."""
        day = local(now, schedule.zone).date()
        context = self._ground.contexts(to.user)
        chat = Chat(to.chat_id, to.topic_id, group=to.chat_id < 0, governed=False)
        return replace(context, today=min(context.today, day), chat=chat), day

    def _content(self, context: Context, definition: Definition, told: Occasion, to: Recipient) -> str | None:
        """The content's key; None: nothing moved, and nothing is wanted then."""
        # Only open incidents make a digest one of its chat.
        incidents = self._incidents.get((to.chat_id, to.topic_id), ())
        # Of the data; asked once for a batch, since it takes as long as all the rest.
        version = self._version = self._version or context.warehouse.settings().version
        wanted = definition.plain()["wanted"], repr(definition.schedule.rhythm)
        wish = _hash(wanted, repr(told), context.today.isoformat(), to.way, incidents, version)
        if wish not in self._made:
            # Composing takes long; what is ready is not to wait for it.
            self._store()
            try:
                # A process that died a moment ago may have written it.
                made = self._contents.made_for(wish, self._ground.clock() - FRESH)
                self._made[wish] = made or self._written(context, definition, told, to, wish)
            except Exception:
                self._made[wish] = _NotMade()
                raise
        found = self._made[wish]
        if isinstance(found, _NotMade):
            raise found
        return found

    def _written(
        self, context: Context, definition: Definition, told: Occasion, to: Recipient, wish: str
    ) -> str | None:
        answer = _answer(context, definition, told)
        if answer is None:
            return None
        answer = replace(answer, follow_ups=(*answer.follow_ups, mine()))
        written = self._ground.pages.written(preview_of(definition, told.covers), answer, to)
        return self._contents.keep(written, wish=wish)


def _hash(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _answer(context: Context, definition: Definition, told: Occasion) -> Answer | None:
    """The digest, or what is wrong with it; None where nothing moved, and nothing is wanted then."""
    try:
        with context.warehouse.deadline(LONGEST_S):
            limited = replace(context, until=time.monotonic() + LONGEST_S)
            made = composed(limited, definition.wanted, told)
    except TooSlow:
        raise
    except AssistantError as error:
        return Answer(
            headline=say("The digest of {period} could not be made.", period=told.covers),
            lines=(error.message,),
            follow_ups=error.options,
        )
    return None if definition.wanted.only_when_moved and not made.moved else made.answer


def _open_incidents(ground: Ground) -> dict[tuple[int, int | None], tuple[Any, ...]]:
    """What of open incidents a digest of each chat and topic would show; chats without any are left out."""
    kept = Incidents(ground.state, ground.clock).listing("open")
    if not kept:
        return {}
    asked = select(MonitorRow.id, MonitorRow.chat_id, MonitorRow.topic_id)
    with ground.state() as session:
        chats = {
            number: (chat, topic)
            for number, chat, topic in session.execute(asked.where(MonitorRow.id.in_({one.monitor_id for one in kept})))
        }
    found: dict[tuple[int, int | None], tuple[Any, ...]] = {}
    for one in kept:
        chat = chats[one.monitor_id]
        found[chat] = (*found.get(chat, ()), (one.id, one.version))
    return found
