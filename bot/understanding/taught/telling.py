"""What an answer says of the taught words in its question: how each was read, or that its meaning is gone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.understanding.knowledge.reading import TOOL as PLAYBOOK
from bot.understanding.lexicon import CJK
from bot.understanding.outcome import Clarify, Decline, Outcome, Plan
from bot.understanding.taught.entries import SEGMENT
from tools.answer import FollowUp, ToolCall
from tools.messages import Message, say

if TYPE_CHECKING:
    from bot.understanding.reading.draft import World
    from bot.understanding.taught.vocabulary import Use


def with_taught(outcome: Outcome, uses: tuple[Use, ...], world: World) -> Outcome:
    """The outcome with how taught words were read; a refusal where what one of them means is no longer there.

    The names of promotions stay as they were typed; the playbooks are asked for what figures are called there.
    """
    if not uses or (isinstance(outcome, Plan) and all(map(_keeps_names, outcome.calls))):
        return outcome
    if isinstance(outcome, Plan) and all(call.tool == PLAYBOOK for call in outcome.calls):
        named = tuple(use for use in uses if not use.entry.written.letter and _is_there(use, world))
        calls = tuple(_explained(call, named) for call in outcome.calls)
        return replace(outcome, calls=calls, notes=tuple(dict.fromkeys((*map(_read_as, named), *outcome.notes))))
    for use in uses:
        if not _is_there(use, world):
            return Decline(
                say(
                    "“{word}” was taught as {meaning}, which is no longer there. An admin can revoke it with /taught "
                    "and teach it anew.",
                    word=use.typed,
                    meaning=use.entry.means,
                )
            )
    if isinstance(outcome, Plan):
        notes = (*map(_read_as, uses), *outcome.notes)
        calls = tuple(_restored(call, world) for call in outcome.calls)
        return replace(outcome, calls=calls, notes=tuple(dict.fromkeys(notes)))
    options = tuple(_option(option, world) for option in outcome.options)
    if isinstance(outcome, Clarify):
        pending = None if outcome.pending is None else _restored(outcome.pending, world)
        return replace(outcome, options=options, pending=pending)
    return replace(outcome, options=options)


def _keeps_names(call: ToolCall) -> bool:
    """Whether the call gives a promotion its name, or takes it away by it."""
    return call.tool == "calendar" and call.args.get("action", "list") != "list"


def _explained(call: ToolCall, uses: tuple[Use, ...]) -> ToolCall:
    """A question to the playbooks by the names that figures and groups have there."""
    question = str(call.args.get("question", ""))
    for use in uses:
        written = use.entry.written
        question = question.replace(use.typed, written.zh if CJK.search(question) else written.en)
    return replace(call, args={**call.args, "question": question}) if question else call


def _read_as(use: Use) -> Message:
    return say("“{word}” was read as {meaning}.", word=use.typed, meaning=use.entry.means)


def _is_there(use: Use, world: World) -> bool:
    meaning = use.entry.taught.meaning
    if meaning.kind == "values" and meaning.name == SEGMENT:
        return meaning.values[0] in world.saved
    return use.entry.there


def _restored(call: ToolCall, world: World) -> ToolCall:
    return ToolCall(call.tool, world.index.taught.restored(call.args))


def _option(option: FollowUp, world: World) -> FollowUp:
    return option if option.call is None else replace(option, call=_restored(option.call, world))
