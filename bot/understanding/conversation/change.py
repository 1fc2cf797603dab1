"""A message as a change of the call before it, laid out as spans: what every reading of such changes leans on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.understanding.conversation.recent import again
from bot.understanding.interpret import World
from bot.understanding.knowledge.frames import ASKING
from bot.understanding.outcome import Plan
from bot.understanding.reading.draft import RANKING_ARGS
from bot.understanding.scene import Scene, cover
from bot.understanding.spans import Span
from tools.answer import ToolCall
from tools.messages import Message

SHORTEST, FEWEST = 24, 5  # characters and words of a fragment
LONGEST = 80  # characters of a follow-up; what is longer says something of its own
SMALL = ("filler", "follow_up", "and", "by", "classifier", "pronoun", "only", "overall", "which", "how_many")


class Change:
    """One message's reading as a change of the call before."""

    def __init__(self, text: str, world: World, previous: ToolCall) -> None:
        self.text, self.world, self.previous = text, world, previous
        self.args: dict[str, Any] = dict(previous.args)
        self.sight = world.sight(text)
        self.folded = self.sight.folded
        self.possible = len(self.folded) <= LONGEST and again(previous, world) is not None
        self._scene: Scene | None = None

    @property
    def fragment(self) -> bool:
        """A few words that ask for nothing by themselves."""
        if ASKING.search(self.folded) or self.scene.words("playbook"):
            return False
        return len(self.folded) <= SHORTEST and len(self.scene.spans) <= FEWEST

    @property
    def tool(self) -> str:
        return self.previous.tool

    @property
    def scene(self) -> Scene:
        if self._scene is None:
            self._scene = cover(self.sight, self.sight.candidates)
        return self._scene

    def _again(self, changes: Mapping[str, Any], *notes: Message) -> Plan:
        args = {name: value for name, value in {**self.args, **changes}.items() if name not in ("save_as", "said")}
        if "top" in changes:
            args.pop("nth", None)
        if self.tool == "metrics" and not args.get("by"):
            args = {name: value for name, value in args.items() if name not in RANKING_ARGS}
        return Plan((ToolCall(self.tool, args),), notes)


def says_nothing(span: Span) -> bool:
    return span.word(*SMALL) and not (span.has("metric") or span.has("value") or span.has("period"))


def people(span: Span) -> bool:
    return span.has("dimension", "customer") or span.has("dimension", "product")
