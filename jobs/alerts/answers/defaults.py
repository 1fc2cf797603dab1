"""The shipped monitors as one list, saved by one tap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.alerts.answers import kept, previewed
from jobs.alerts.answers.firings import DAYS, backtested
from jobs.alerts.definition_words import words
from jobs.alerts.detection.rules import Learned
from jobs.alerts.monitors import Monitors
from jobs.alerts.shipped import TOGETHER_PER_YEAR, shipped
from tools.answer import Answer, Fact, FollowUp, Provenance
from tools.errors import NotEnoughData
from tools.messages import Message, Quantity, say, say_n

if TYPE_CHECKING:
    from jobs.alerts.answers.firings import Backtested
    from jobs.alerts.definition import Definition
    from tools.tool import Chat, Context


def answered(context: Context, *, confirmed: bool) -> Answer:
    """Raises InvalidArgument, NotAllowed, NotEnoughData."""
    every = shipped(context)
    if not every:
        raise NotEnoughData(say("The store holds none of the core figures."))
    return _saved(context, every) if confirmed else _preview(context, every)


def _preview(context: Context, every: tuple[tuple[str, Definition], ...]) -> Answer:
    definitions = [definition for _name, definition in every]
    found = backtested(context, definitions)
    fired = sum(len(one.firings) for one in found)
    period = max((one.period for one in found), key=lambda one: one.days)
    learned = sum(isinstance(one.rule, Learned) for one in definitions)
    lines: list[Message] = [
        say(
            "The {count} learned ones are set to about {rate} false alarms a year, all together.",
            count=Quantity(learned),
            rate=Quantity(TOGETHER_PER_YEAR, "count"),
        )
    ]
    taps: tuple[FollowUp, ...] = ()
    if previewed.may_save(context):
        lines.append(say("Nothing is saved yet."))
        taps = (kept.tap(say("✓ Save all"), "defaults", confirmed=True),)
    else:
        lines.append(previewed.unsaved(context))
    headline = say("Watch the core figures? In the last {days} days none would have fired.", days=DAYS)
    if fired:
        headline = say_n(
            "Watch the core figures? In the last {days} days they would have fired once in all.",
            "Watch the core figures? In the last {days} days they would have fired {count} times in all.",
            fired,
            days=DAYS,
        )
    return Answer(
        headline=headline,
        lines=(*(_line(context, one) for one in found), *lines),
        facts=(
            Fact("firings", fired, "count", period),
            Fact("false_alarms_a_year", TOGETHER_PER_YEAR, "count"),
            Fact("monitors", len(every), "count"),
        ),
        follow_ups=taps,
        provenance=Provenance(
            period=period,
            sql=tuple(dict.fromkeys(text for one in found for text in one.watched.sql)),
            tables=tuple(
                dict.fromkeys(
                    table
                    for one in definitions
                    for table in context.catalog.tables_of(context.catalog.metric(one.metric))
                )
            ),
            as_of=min(one.watched.last for one in found),
        ),
    )


def _line(context: Context, found: Backtested) -> Message:
    what = words(context, found.watched.definition)
    if not found.judged_days:
        return say("• {what}: too little history yet", what=what)
    return say("• {what}: {count}", what=what, count=Quantity(len(found.firings)))


def _saved(context: Context, every: tuple[tuple[str, Definition], ...]) -> Answer:
    monitors, chat = kept.saving(context)
    numbers = _add(context, monitors, chat, every)
    there = len(monitors.of_chat(chat))
    if not numbers:
        headline = say("The core figures are watched here already.")
    else:
        headline = say_n("Saved: {count} alert.", "Saved: {count} alerts.", len(numbers))
    return Answer(
        headline=headline,
        lines=(say("They are looked at each day, once the day's data are there. You are told here."),),
        facts=(Fact("added", len(numbers), "count"), Fact("monitors", there, "count")),
        follow_ups=(kept.tap(say("All alerts here"), "list"),),
        changes=(f"added the shipped alerts {', '.join(map(str, numbers))}",) if numbers else (),
    )


def _add(context: Context, monitors: Monitors, chat: Chat, every: tuple[tuple[str, Definition], ...]) -> list[int]:
    """The numbers of those that are new."""
    numbers = []
    for name, definition in every:
        added = monitors.add(definition, chat=chat, user=context.user, language=context.user.language, shipped=name)
        if added.new:
            numbers.append(added.monitor.id)
    return numbers
