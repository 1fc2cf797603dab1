"""What is good and what is not about the product's health, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from bot.log import redact
from tools.messages import Message, say, say_n

if TYPE_CHECKING:
    from bot.health import ChoreHealth, Health, ProcessHealth, StateHealth

Level = Literal["ok", "warning", "error"]

STALE_AFTER_DAYS = 7
"""From then on figures are old."""
OVERDUE = timedelta(minutes=10)
"""What is owed so long is stuck: a push that is due, a digest, a chore that nobody began."""
LONG = timedelta(hours=2)
"""A chore that takes longer is worth a look."""
TURNS = 3
"""A chore that has not ended when it should have run again so often hangs."""
SHORTEST_HANG = timedelta(hours=1)

CHORES: dict[str, Message] = {
    "digests": say("Digests"),
    "alerts by day": say("Alerts by day"),
    "alerts by hour": say("Alerts by hour"),
    "incidents": say("Incidents"),
    "clean-up": say("Clean-up"),
    "import": say("Import"),
    "training": say("Training"),
    "forecast scores": say("Forecast scores"),
    "backup": say("Backup"),
}


@dataclass(frozen=True)
class Check:
    """`error`: the bot does not do what it should; `warning`: somebody should look. `chore`: which one it is of."""

    name: str
    level: Level
    words: Message
    chore: str = ""


def checks(health: Health) -> Iterator[Check]:
    """Everything in turn. An error is what starting the bot again may mend; a store that is gone is not among them."""
    yield _store(health)
    if health.state is None:
        yield Check("state", "error", say("The state database cannot be reached."))
    else:
        yield Check("state", "ok", _kept(health.state))
        yield _outbox(health, health.state)
        yield _digests(health, health.state)
        yield _scheduler(health, health.state)
        for chore in health.state.chores:
            yield _chore(health, chore)
    if health.process is not None:
        yield Check("process", "ok", _process(health, health.process))


def span(length: timedelta) -> Message:
    """A length of time by its largest unit, rounded down: "3 hours"."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < 60:
        return say_n("{count} second", "{count} seconds", seconds)
    if seconds < 3600:
        return say_n("{count} minute", "{count} minutes", seconds // 60)
    if seconds < 86400:
        return say_n("{count} hour", "{count} hours", seconds // 3600)
    return say_n("{count} day", "{count} days", seconds // 86400)


def _store(health: Health) -> Check:
    store = health.store
    if store is None:
        return Check("data", "warning", say("The store cannot be read."))
    if store.last_day is None:
        return Check("data", "warning", say("The store does not say which day is its last."))
    old = (health.today - store.last_day).days > STALE_AFTER_DAYS
    words = say("The figures end on {day}.", day=store.last_day)
    if store.imported_at is not None:
        ago = span(health.at - store.imported_at)
        words = say("The figures end on {day}; imported {span} ago.", day=store.last_day, span=ago)
    return Check("data", "warning" if old else "ok", words)


def _kept(state: StateHealth) -> Message:
    return say(
        "{digests}, {monitors}, {incidents}.",
        digests=say_n("{count} digest", "{count} digests", state.digests.active),
        monitors=say_n("{count} alert set up", "{count} alerts set up", state.monitors),
        incidents=say_n("{count} open incident", "{count} open incidents", state.incidents_open),
    )


def _outbox(health: Health, state: StateHealth) -> Check:
    counts = state.outbox
    words = say(
        "Outbox: {waiting} waiting, {due} of them due; {given_up} could not be delivered.",
        waiting=counts.waiting,
        due=counts.due,
        given_up=counts.given_up,
    )
    if counts.oldest_due is None or health.at - counts.oldest_due <= OVERDUE:
        return Check("outbox", "ok", words)
    late = say("{outbox} The oldest has been due for {span}.", outbox=words, span=span(health.at - counts.oldest_due))
    return Check("outbox", "error", late)


def _digests(health: Health, state: StateHealth) -> Check:
    digests = state.digests
    if digests.oldest is not None and health.at - digests.oldest > OVERDUE:
        words = say_n(
            "{count} digest is late, by {span}.",
            "{count} digests are late, the oldest by {span}.",
            digests.overdue,
            span=span(health.at - digests.oldest),
        )
        return Check("digests", "warning", words)
    if digests.paused_by_bot:
        words = say_n(
            "{count} digest is paused because its chat cannot be reached or its subscriber may not read it.",
            "{count} digests are paused because their chats cannot be reached or their subscribers may not read them.",
            digests.paused_by_bot,
        )
        return Check("digests", "warning", words)
    return Check("digests", "ok", say("No digest is late."))


def _scheduler(health: Health, state: StateHealth) -> Check:
    planned = [chore.next_at for chore in state.chores if chore.next_at is not None]
    if planned and health.at - min(planned) > OVERDUE:
        late = say("Nobody has begun what was due {span} ago.", span=span(health.at - min(planned)))
        return Check("scheduler", "error", late)
    if state.holder is None:
        awaited = state.digests.active or state.monitors
        return Check("scheduler", "warning" if awaited else "ok", say("No bot is running that does the chores."))
    return Check("scheduler", "ok", say("The chores are done by {process}.", process=state.holder))


def _chore(health: Health, chore: ChoreHealth) -> Check:
    level, words = _how_it_went(health, chore)
    if chore.next_at is not None and chore.next_at > health.at and (chore.every is None or chore.every > OVERDUE):
        words = say("{words} Next in {span}.", words=words, span=span(chore.next_at - health.at))
    named = say("*{chore}*: {words}", chore=CHORES[chore.name], words=words)
    return Check(f"chore {chore.name}", level, named, chore.name)


def _how_it_went(health: Health, chore: ChoreHealth) -> tuple[Level, Message]:
    run = chore.run
    if run is None:
        return "ok", say("has not run yet.")
    if run.ended_at is None:
        taking = health.at - run.started_at
        hangs = max(SHORTEST_HANG, TURNS * (chore.every or LONG))
        words = say("began {span} ago and has not ended.", span=span(taking))
        return ("error" if taking > hangs else "warning" if taking > LONG else "ok"), words
    # What a chore says of a failure may quote an address with its password.
    said, ago = redact(run.words), span(health.at - run.ended_at)
    if run.good:
        return "ok", say("{span} ago, {said}.", span=ago, said=said) if said else say("{span} ago.", span=ago)
    if run.good_at is None:
        return "warning", say("failed {span} ago, and never went well: {said}.", span=ago, said=said)
    well = span(health.at - run.good_at)
    return "warning", say("failed {span} ago: {said}. It last went well {well} ago.", span=ago, said=said, well=well)


def _process(health: Health, process: ProcessHealth) -> Message:
    return say(
        "Up for {span}; {questions} since then.",
        span=span(health.at - process.since),
        questions=say_n("{count} question", "{count} questions", sum(process.replies.values())),
    )
