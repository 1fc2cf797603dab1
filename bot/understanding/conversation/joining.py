"""The parts of a message as they were read, and how they are answered: together, or but for what cannot be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.understanding.conversation.parts import Part
from bot.understanding.conversation.seams import begins_a_question
from bot.understanding.outcome import Clarify, Decline, Outcome, Plan
from bot.understanding.reading.draft import MOST_FIGURES
from tools.answer import FollowUp, ToolCall
from tools.messages import Message, say

MOST = 4
_LIMITING = re.compile(
    r"\W*(?:and |but |so |then )*(?:only|just|but|except|excluding|without|not|no|minus|for|in|from|of|with|by|per)\b"
    r"|\W*(?:但|只|仅|除|不|非|去掉|剔除|按|其中|在)"
)
# How many bought what, or where, was spoken of before.
_BUYERS = re.compile(
    r"\W*(?:and |so |then |also )*how many (?:different |unique )?(?:customers|people|buyers|clients|shoppers)"
    r"(?: (?:bought|ordered|purchased|shopped)(?: (?:it|there|them|these|this|that|anything|something))?)?\W*$"
    r"|\W*(?:一共|总共|共|有)*(?:多少|几)(?:个|位|名)?(?:客户|顾客|用户|买家|人)"
    r"(?:买|购买|下单|下)?(?:了|过)?(?:单)?(?:它|这个|的)?\W*$"
)
_WISH = re.compile(
    r"\W*(?:please |pls |can you |could you |can u |and |also )*(?:tell|write|book|order|translate|draw|sing|play|call"
    r"|make|is|are|do|does|will|any)\b|.*(?:怎么样|咋样|如何|好吗|天气|笑话|帮我|给我|请)"
)


@dataclass(frozen=True)
class Answered:
    """A part with what it was read as."""

    part: Part
    outcome: Outcome

    @property
    def call(self) -> ToolCall | None:
        return self.outcome.calls[0] if isinstance(self.outcome, Plan) else None

    @property
    def lacking(self) -> ToolCall | None:
        """The figures of a part that lacks nothing but a period."""
        if isinstance(self.outcome, Clarify) and (pending := self.outcome.pending) is not None:
            named = pending.tool == "metrics" and pending.args.get("metrics") and not pending.args.get("period")
            whole = pending.args.get("by") or not pending.args.get("top")
            return pending if named and whole else None
        return None


def either(outcome: Outcome) -> bool:
    """Whether a part has more than one reading, and says which."""
    return bool(options_of_its_own(outcome))


def options_of_its_own(outcome: Outcome) -> tuple[FollowUp, ...]:
    """The readings that a question back offers."""
    if not isinstance(outcome, Clarify):
        return ()
    return tuple(option for option in outcome.options if option.call is not None and not option.sample)


def plainly(outcome: Outcome) -> Message:
    """Why a part was declined, without the examples that would have followed."""
    if isinstance(outcome, Plan) or (isinstance(outcome, Decline) and outcome.why == "beyond"):
        return say("I answer questions about your team's marketing figures.")
    return outcome.message


def buyers(part: Part, last: ToolCall) -> Plan | None:
    """ "Sales in the UK last month, and how many customers bought there": those of that place and time."""
    if last.tool != "metrics" or not last.args.get("period") or not _BUYERS.match(part.folded):
        return None
    if part.periods or part.values:
        return None
    kept = {name: last.args[name] for name in ("filters", "period") if last.args.get(name)}
    return Plan((ToolCall("metrics", {"metrics": ["active_customers"], **kept}),))


def absent(outcome: Outcome) -> bool:
    """Whether a part was declined since the data do not hold what it names."""
    return isinstance(outcome, Decline) and outcome.why == "absent"


def aside(each: Answered) -> bool:
    """Whether a part that was declined changes nothing of the others: it asks, plainly by itself, for what is not held
    or no work of mine; "only the blue ones" may limit what stands before it.
    """
    if not isinstance(each.outcome, Decline) or _LIMITING.match(each.part.folded):
        return False
    if absent(each.outcome):
        return not each.part.values
    part = each.part
    asks = part.asks or part.strange or begins_a_question(part.folded) or _WISH.match(part.folded) is not None
    return part.cut and asks and each.outcome.why == "beyond"


def not_answered(each: Answered) -> Message:
    """What of the message stays without an answer, why, and what comes nearest."""
    missing = f"“{each.part.original}”"
    outcome = each.outcome
    words = outcome.message.values.get("words") if isinstance(outcome, Decline) and outcome.why == "absent" else None
    if words and isinstance(outcome, Decline):
        near = tuple(option.label for option in outcome.options if not option.sample)
        if near:
            return say(
                "Not answered: {missing}. The data does not hold {words}; what comes nearest: {choices}.",
                missing=missing,
                words=words,
                choices=near,
            )
        return say("Not answered: {missing}. The data does not hold {words}.", missing=missing, words=words)
    return say("Not answered: {missing}. {reason}", missing=missing, reason=plainly(outcome))


def all_absent(found: Sequence[Answered]) -> bool:
    """Whether all parts without a plan are of data that is not held."""
    return all(isinstance(each.outcome, Plan) or absent(each.outcome) for each in found)


def options_of(found: Sequence[Answered]) -> tuple[FollowUp, ...]:
    return tuple(
        FollowUp(say("{question}", question=each.part.original), each.call) for each in found if each.call is not None
    )[:MOST]


def together(plans: Sequence[Plan]) -> Plan:
    calls: list[ToolCall] = []
    notes: list[Message] = []
    for plan in plans:
        for call in plan.calls:
            if calls and (merged := _merged(calls[-1], call)) is not None:
                calls[-1] = merged
            elif call not in calls:
                calls.append(call)
        notes += [note for note in plan.notes if note not in notes]
    return Plan(tuple(calls), tuple(notes))


def _merged(first: ToolCall, second: ToolCall) -> ToolCall | None:
    """Two figures of the same time and limits as one call."""
    if first.tool != "metrics" or second.tool != "metrics" or first.args.get("top") or first.args.get("by"):
        return None
    rests = [
        {name: value for name, value in call.args.items() if name != "metrics" and value not in ((), [], None, False)}
        for call in (first, second)
    ]
    if rests[0] != rests[1]:
        return None
    metrics = list(dict.fromkeys([*first.args["metrics"], *second.args["metrics"]]))
    return ToolCall("metrics", {**first.args, "metrics": metrics}) if len(metrics) <= MOST_FIGURES else None
