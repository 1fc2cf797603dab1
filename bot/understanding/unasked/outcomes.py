"""What a reading about monitors comes to: a call, a question back, or what was not understood."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.understanding.outcome import Clarify, Decline, Plan
from bot.understanding.spans import Span
from bot.understanding.unasked.figure import Figure
from bot.understanding.unasked.scope import tidy
from bot.understanding.unasked.sentence import Doubt
from tools.answer import FollowUp, ToolCall
from tools.messages import Message, say

MONITOR = "monitor"
NEGATION = re.compile(r"not|never|unless|no|without|.*n't|[^,]*[不没别非未][^,]*")
SHOWN = 4  # words that are named at most


def planned(args: Mapping[str, Any], notes: tuple[Message, ...] = ()) -> Plan:
    return Plan((ToolCall(MONITOR, tidy(args)),), notes)


def asked(doubt: Doubt, args: Mapping[str, Any]) -> Clarify:
    """The question back; each option is the whole call with what it changes."""
    options = tuple(FollowUp(text, ToolCall(MONITOR, tidy({**args, **changes}))) for text, changes in doubt.choices)
    return Clarify(doubt.message, options)


def unclear(figure: Figure, args: Mapping[str, Any], left: Sequence[Span]) -> Clarify | Decline:
    """Words that nothing explains; the option is the call without them, and says what it does."""
    words = tuple(dict.fromkeys(f"“{figure.scene.original(span)}”" for span in left))[:SHOWN]
    denied = any(NEGATION.fullmatch(span.text) for span in left)  # without "not" the opposite would be offered
    options = (figure.option(tidy(args)),) if args.get("metric") and not denied else ()
    if any(span.unknown or span.word("partial_name") for span in left):
        return Decline(say("I do not know what {words} means here, so I watch nothing yet.", words=words), options)
    return Clarify(say("I am not sure how {words} is meant here. Do you mean this?", words=words), options)
