"""What understanding comes to: calls to make, a question back, or a refusal with a way on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from bot.reply import Form
from tools.answer import FollowUp, ToolCall
from tools.messages import Message, say_n

MOST_WORDS = 4  # that are named


@dataclass(frozen=True)
class Plan:
    """Calls that answer the question; `notes` say what was assumed, `form` what is shown of what comes of them.

    Where the playbooks are asked and hold no answer, `otherwise` is what the figures have to say, if they know some of
    the words; if they do not, `examples` are what they can be asked.
    """

    calls: tuple[ToolCall, ...]
    notes: tuple[Message, ...] = ()
    otherwise: Clarify | Decline | None = None
    examples: tuple[FollowUp, ...] = ()
    form: Form = "answer"


@dataclass(frozen=True)
class Clarify:
    """One question back, with two to four ways to go on.

    `pending` is the call as far as it was understood: the next message may bring what it lacks. `afresh`: what was
    to be completed before is given up.
    """

    message: Message
    options: tuple[FollowUp, ...] = ()
    pending: ToolCall | None = None
    afresh: bool = False


@dataclass(frozen=True)
class Decline:
    """No answer, why, and what would work. `pending` is what was understood of the call, but for what is not there.

    `why` tells two refusals from all others: the data hold no such thing ("absent"), it is no work of ours ("beyond").
    """

    message: Message
    options: tuple[FollowUp, ...] = ()
    pending: ToolCall | None = None
    why: Literal["", "absent", "beyond"] = ""


def not_known(words: Sequence[str]) -> Message:
    """What is said of words that nothing reads."""
    shown = tuple(f"“{word}”" for word in dict.fromkeys(words))[:MOST_WORDS]
    return say_n(
        "I do not know what {words} means here, so I would rather not give a figure.",
        "I do not know what {words} mean here, so I would rather not give a figure.",
        len(shown),
        words=shown,
    )


Outcome: TypeAlias = Plan | Clarify | Decline
