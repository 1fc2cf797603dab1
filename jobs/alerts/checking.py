"""Checks the monitors, and carries out what becomes of their incidents.

Pushes of incidents hold no content: it is made when they are sent, of the incident as it stands then. Their payloads:

- `{"incident": id, "kind": "new"}` is sent as a message of its own, with a picture;
- `{"update": id}` writes the messages that the chat has of the incident anew, without one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import structlog

from jobs.alerts.incidents.events import Kind, Notify, Ticked, Update
from jobs.alerts.incidents.following import followed, told_once
from jobs.alerts.incidents.incident import State
from jobs.alerts.incidents.pushes import Address, Pushes
from jobs.alerts.incidents.store import Conflict, Incidents, Kept
from jobs.alerts.incidents.withdrawing import withdraw
from jobs.alerts.monitors import Monitors
from jobs.alerts.progress import come, due, progress_of
from jobs.alerts.silences import Silences, for_monitor
from tools.answer import ToolCall
from tools.errors import AssistantError

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from jobs.alerts.definition import Definition, StepGrain
    from jobs.alerts.detection.verdicts import Verdicts
    from jobs.alerts.incidents.events import Action
    from jobs.alerts.incidents.following import Followed
    from jobs.alerts.incidents.silences import Silence
    from jobs.alerts.incidents.store import Origin
    from jobs.alerts.monitors import Monitor
    from jobs.alerts.progress import Due, Progress
    from jobs.alerts.watching import Watched
    from jobs.recipients import Ground, Recipient
    from tools.tool import Context

log = structlog.get_logger(__name__)

REMEMBERED = timedelta(days=30)
"""Resolved incidents that late steps may still be about."""
TRIES = 10
NOT_ALLOWED = "no longer allowed"


def check(ground: Ground, grain: StepGrain) -> str:
    """Judges what is new of every active monitor of the grain. Says in words how it went, for the record of runs.

    What goes wrong with one monitor is noted with it and keeps no other from being checked.
    """
    return _Check(ground, grain).run()


def tick(ground: Ground) -> str:
    """What time alone brings to open incidents: a snooze ends, somebody else is told, it is told again.

    Silences that began or ended take effect, and what an alert left open that was changed or removed is ended.
    """
    withdraw(ground.state, ground.clock, ground.outbox)
    incidents, monitors, carrying = Incidents(ground.state, ground.clock), Monitors(ground.state, ground.clock), 0
    quiet = Silences(ground.state, ground.clock).in_force()
    counts: Counter[str] = Counter()
    for kept in incidents.open_of_active():
        monitor = monitors.get(kept.monitor_id)
        if monitor is None or monitor.definition is None:
            continue
        if _owner(ground, monitor) is None:
            continue
        carrying += 1
        out = _CarryOut(ground, monitor, counts)
        silences = for_monitor(quiet.get((monitor.chat_id, monitor.topic_id), ()), monitor.definition)
        incidents.advance(kept.id, Ticked(ground.clock()), ground.policy, out, silences)
    return f"{carrying} open, {counts['messages']} messages"


def content_of(ground: Ground, payload: Mapping[str, Any], chat_id: int) -> Mapping[str, Any] | None:
    """What a push that holds no content shows in a chat now; None: it may not be told there any more, and is dropped.

    Raises what reading the warehouse raises, where the push is to be tried again.
    """
    from jobs.alerts.telling import pictured, told

    anew = "incident" in payload
    incidents = Incidents(ground.state, ground.clock)
    kept = incidents.get(payload["incident" if anew else "update"])
    origin = None if kept is None else incidents.origins([kept]).get(kept.monitor_id)
    if kept is None or origin is None or kept.definition is None or (anew and kept.incident.withdrawn):
        return None
    recipient = _reader(ground, kept, origin, chat_id)
    if recipient is None:
        return None
    context = ground.contexts(recipient.user)
    kind = Kind(payload["kind"]) if payload.get("kind") else None
    marks = Monitors(ground.state, ground.clock).marks([kept.monitor_id]).get(kept.monitor_id, ())
    picture = pictured(context, kept, kept.definition, marks) if anew else None
    answer = told(context, kept, kept.definition, ground.clock(), kind=kind, picture=picture)
    return ground.pages.written(ToolCall("incidents", {"action": "show", "incident": kept.id}), answer, recipient)


def _owner(ground: Ground, monitor: Monitor | Origin) -> Recipient | None:
    return ground.people.recipient(monitor.chat_id, monitor.topic_id, monitor.user_id, language=monitor.language)


def _reader(ground: Ground, kept: Kept, origin: Origin, chat_id: int) -> Recipient | None:
    """Whoever reads it in that chat: its own, or of somebody on call."""
    if chat_id == origin.chat_id:
        return _owner(ground, origin)
    reached = {ground.on_call.get(name) for name in kept.incident.reached}
    return ground.people.recipient(chat_id, None, str(chat_id)) if chat_id in reached else None


@dataclass(frozen=True)
class _CarryOut:
    """Puts what an event asks for into the outbox, in the transaction that keeps the incident."""

    ground: Ground
    monitor: Monitor
    counts: Counter[str] = field(default_factory=Counter)

    def __call__(self, session: Session, kept: Kept, actions: tuple[Action, ...]) -> None:
        pushes = Pushes(self.ground.outbox, session, self.ground.clock())
        for action in told_once(actions):
            match action:
                case Update():
                    pushes.updates(kept)
                case Notify():
                    self.counts["messages"] += pushes.messages(kept, action, self._addresses(action))

    def _addresses(self, notify: Notify) -> Iterator[Address]:
        if notify.audience.subscribers:
            yield self.monitor.chat_id, self.monitor.topic_id
        for name in notify.audience.people:
            chat = self.ground.on_call.get(name)
            if chat is None:
                log.warning("nobody_by_that_name_on_call", name=name, monitor=self.monitor.id)
            elif not (notify.audience.subscribers and chat == self.monitor.chat_id):
                yield chat, None


@dataclass(frozen=True)
class _Looked:
    """A monitor and what its series say."""

    monitor: Monitor
    watched: Watched
    verdicts: Verdicts


@dataclass
class _Check:
    ground: Ground
    grain: StepGrain
    counts: Counter[str] = field(default_factory=Counter)

    def run(self) -> str:
        monitors = self._monitors.all_active(self.grain)
        todo = [_Looked(*one) for one in self._judged(list(self._watched(monitors)))]
        for _ in range(TRIES):
            # Whatever somebody else changed meanwhile is looked at again, as it is then.
            todo = self._follow(todo)
            if not todo:
                break
        for one in todo:
            self._trouble(one.monitor, "it was changed all the time")
        counts = self.counts
        return (
            f"{counts['checked']} of {len(monitors)} monitors checked, {counts['opened']} incidents opened, "
            f"{counts['resolved']} resolved, {counts['messages']} messages"
        )

    @cached_property
    def _monitors(self) -> Monitors:
        return Monitors(self.ground.state, self.ground.clock)

    @cached_property
    def _incidents(self) -> Incidents:
        return Incidents(self.ground.state, self.ground.clock)

    def _trouble(self, monitor: Monitor, words: str) -> None:
        self._monitors.note_checked(monitor.id, None, words)

    def _watched(self, monitors: Iterable[Monitor]) -> Iterator[tuple[Monitor, Watched]]:
        """The series of each monitor that may be told of; queries are shared."""
        from jobs.alerts.watching import Reader

        allowed: list[tuple[Monitor, Definition]] = []
        context: Context | None = None
        for monitor in monitors:
            owner = _owner(self.ground, monitor)
            if owner is None or monitor.definition is None:
                self._trouble(monitor, NOT_ALLOWED)
                continue
            # What is read is the same for all; what somebody may be told is decided when it is written for them.
            context = context or self.ground.contexts(owner.user)
            allowed.append((monitor, monitor.definition))
        if context is None:
            return
        marks = self._monitors.marks([monitor.id for monitor, _definition in allowed])
        reader = Reader(context, [definition for _monitor, definition in allowed])
        for monitor, definition in allowed:
            try:
                yield monitor, reader.watched(definition, marks.get(monitor.id, ()))
            except AssistantError as error:
                self._trouble(monitor, str(error.message))
            except Exception:  # one monitor's mishap is not the others'
                log.exception("monitor_not_read", monitor=monitor.id)
                self._trouble(monitor, "its figures could not be read")

    def _judged(self, found: list[tuple[Monitor, Watched]]) -> Iterator[tuple[Monitor, Watched, Verdicts]]:
        from jobs.alerts.judging import judged_all

        try:
            verdicts = judged_all([watched for _monitor, watched in found])
        except Exception:  # whichever it is, the others are judged
            log.exception("monitors_not_judged_together")
            yield from self._judged_alone(found)
            return
        for (monitor, watched), own in zip(found, verdicts, strict=True):
            yield monitor, watched, own

    def _judged_alone(self, found: list[tuple[Monitor, Watched]]) -> Iterator[tuple[Monitor, Watched, Verdicts]]:
        from jobs.alerts.judging import judged_all

        for monitor, watched in found:
            try:
                (verdicts,) = judged_all([watched])
            except Exception:
                log.exception("monitor_not_judged", monitor=monitor.id)
                self._trouble(monitor, "its figures could not be judged")
                continue
            yield monitor, watched, verdicts

    def _follow(self, looked: Sequence[_Looked]) -> list[_Looked]:
        """Brings incidents up to date; gives those monitors that others changed meanwhile."""
        ids = [one.monitor.id for one in looked]
        now, policy = self.ground.clock(), self.ground.policy
        with self.ground.state() as session:
            progress = progress_of(session, ids)
        incidents = self._incidents.of_monitors(ids, now - max(policy.reopen_within, REMEMBERED))
        quiet_now = Silences(self.ground.state, self.ground.clock).in_force()
        again: list[_Looked] = []
        quiet: list[tuple[_Looked, Progress, Due]] = []
        for one in looked:
            before = progress.get(one.monitor.id)
            definition = one.watched.definition
            if before is None or not definition.watches_the_same(before.definition):
                continue  # what it watches by now is read by the next check
            try:
                todo = due(one.watched, one.verdicts, before)
                known = {kept.id: kept for kept in incidents.get(one.monitor.id, ())}
                place = (one.monitor.chat_id, one.monitor.topic_id)
                silences = for_monitor(quiet_now.get(place, ()), definition)
                results = self._followed(one, todo, known, now, silences)
                if not results:
                    quiet.append((one, before, todo))
                    continue
                with self.ground.state.begin() as session:
                    mine = come(session, one.monitor.id, before, todo, now)
                    counts = self._keep(session, one, known, results) if mine else None
            except Conflict:
                counts = None
            except Exception:  # one monitor's mishap is not the others'
                log.exception("incidents_not_followed", monitor=one.monitor.id)
                self._trouble(one.monitor, "its incidents could not be brought up to date")
                continue
            if counts is None:
                again.append(one)
                continue
            self.counts += counts
            self.counts["checked"] += 1
        return again + self._note(quiet, now)

    def _note(self, quiet: Sequence[tuple[_Looked, Progress, Due]], now: datetime) -> list[_Looked]:
        """How far the monitors have come of which nothing is to be told, in one transaction."""
        again: list[_Looked] = []
        with self.ground.state.begin() as session:
            for one, before, todo in quiet:
                if not come(session, one.monitor.id, before, todo, now):
                    again.append(one)
        self.counts["checked"] += len(quiet) - len(again)
        return again

    def _followed(
        self, one: _Looked, todo: Due, known: Mapping[int, Kept], now: datetime, silences: Sequence[Silence]
    ) -> tuple[Followed, ...]:
        """Incidents of the figures that are watched now; others are withdrawn by `tick`."""
        definition = one.watched.definition
        own = {
            number: kept.incident
            for number, kept in known.items()
            if kept.definition is not None and kept.definition.watches_the_same(definition)
        }
        of = (str(one.monitor.id), definition.metric)
        return followed(of, todo.steps, own, now, self.ground.policy, silences=silences)

    def _keep(
        self,
        session: Session,
        one: _Looked,
        known: Mapping[int, Kept],
        results: Iterable[Followed],
    ) -> Counter[str]:
        counts: Counter[str] = Counter()
        carry_out = _CarryOut(self.ground, one.monitor, counts)
        definition = one.watched.definition
        for result in results:
            if result.number is None:
                kept = self._incidents.open(session, one.monitor.id, result.incident, definition)
                counts["opened"] += 1
            else:
                was_open = known[result.number].incident.open
                kept = self._incidents.change(session, known[result.number], result.incident, definition)
                counts["resolved"] += was_open and result.incident.state is State.RESOLVED
            carry_out(session, kept, result.actions)
        return counts
