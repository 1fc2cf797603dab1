"""What the tool `monitor` answers: looks before, then saves; lists, changes, pauses and removes what a chat has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.alerts.answers import defaults, kept, previewed
from jobs.alerts.answers.checks import definition_of
from jobs.alerts.definition_words import words
from jobs.alerts.monitors import Monitors
from tools.answer import Answer, Fact
from tools.messages import say

if TYPE_CHECKING:
    from jobs.catalog.monitor import MonitorArgs
    from tools.tool import Context


def answered(context: Context, args: MonitorArgs) -> Answer:
    """Raises InvalidArgument, NotAllowed, NotEnoughData, MissingTable."""
    match args.action:
        case "add":
            return _added(context, args)
        case "defaults":
            return defaults.answered(context, confirmed=args.confirmed)
        case "list":
            return kept.listed(context)
        case "backtest":
            return _backtested(context, args)
        case "change":
            return kept.changed(context, args)
        case "pause":
            return kept.paused(context, args)
        case "resume":
            return kept.resumed(context, args)
        case "remove":
            return kept.removed(context, args)


def _added(context: Context, args: MonitorArgs) -> Answer:
    definition = definition_of(context, args)
    if not args.confirmed:
        there = None
        if context.chat is not None and context.state is not None:
            there = Monitors(context.state, lambda: context.now).twin(definition, context.chat)
        return previewed.preview(context, definition, there=there)
    monitors, chat = kept.saving(context)
    added = monitors.add(definition, chat=chat, user=context.user, language=context.user.language)
    number, what = added.monitor.id, words(context, definition, inside=True)
    headline = (
        say("Saved as no. {number}: {what}.", number=number, what=what)
        if added.new
        else say("It is watched here already, as no. {number}: {what}.", number=number, what=what)
    )
    # Without a definition or a table: there is nothing about it to be computed again, which would do it again.
    return Answer(
        headline=headline,
        lines=(kept.when_told(definition),),
        facts=(Fact("monitors", len(monitors.of_chat(chat)), "count"),),
        follow_ups=(kept.tap(say("All alerts here"), "list"), kept.tap(say("Remove the alert"), "remove", number)),
        changes=(f"added alert {number} {definition.to_json()}",) if added.new else (),
    )


def _backtested(context: Context, args: MonitorArgs) -> Answer:
    """Of one that is there, by its number, or by its metric and filters; or of what the call describes."""
    if args.monitor is None and args.metric is not None and not kept.described(context, args):
        return previewed.backtest_answer(context, definition_of(context, args), None, ())
    monitor, definition = kept.meant(context, args)
    marks = kept.monitors_of(context).marks([monitor.id]).get(monitor.id, ())
    return previewed.backtest_answer(context, definition, monitor, marks)
