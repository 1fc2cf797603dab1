"""A model's own words: what is shown of them above an answer, while they are written, and as a question back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.understanding.hosted.claims import Stated, unproven
from bot.understanding.hosted.plain import Unfit, fit, plain
from bot.understanding.number_check import unsupported
from bot.understanding.turns import silent
from tools.answer import Answer
from tools.messages import say

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage

    from bot.understanding.reading.draft import World
    from bot.understanding.turns import Turn

LONGEST_PROSE = {"en": 700, "zh": 350}
LONGEST_QUESTION = 300
_WHOLE = re.compile(r".*(?:[。！？]|[.!?](?=\s))", re.DOTALL)


def written(reply: AIMessage, turn: Turn, world: World) -> str:
    """The prose of a reply, every figure of it a fact of the turn's answers. Raises Unfit."""
    text = plain(reply)
    _check(text, turn, world)
    return text


def asked_back(reply: AIMessage, language: str, question: str) -> str:
    """A question back, without a figure that the question does not hold. Raises Unfit."""
    text = plain(reply)
    if not text.endswith(("?", "？")) or len(text) > LONGEST_QUESTION:
        raise Unfit("no question back")
    fit(text, language)
    if unsupported(text, [question]):
        raise Unfit("figures in a question back")
    return text


def drafts(turn: Turn, world: World) -> Callable[[str], None] | None:
    """Shows whole sentences that were checked while the rest is written; None where nobody watches."""
    if turn.progress is silent:
        return None
    shown = 0

    def heard(text: str) -> None:
        nonlocal shown
        # The mark that ends a sentence counts once a space follows: “1.” may become “1.4”.
        whole = _WHOLE.match(re.sub(r"\s+", " ", text.lstrip()))
        if whole is None or len(whole[0]) <= shown:
            return
        _check(whole[0], turn, world)
        shown = len(whole[0])
        turn.progress(say("{prose}", prose=whole[0]))

    return heard


def _check(text: str, turn: Turn, world: World) -> None:
    """Raises Unfit."""
    if len(text) > LONGEST_PROSE[turn.user.language]:
        raise Unfit("too long")
    fit(text, turn.user.language)
    calls = [call for call, _answer in turn.answers]
    facts = [fact for _call, answer in turn.answers if isinstance(answer, Answer) for fact in answer.facts]
    if wrong := unproven(text, Stated(calls, facts, world)):
        raise Unfit(f"{len(wrong)} claims that no fact bears out")
