"""Whether a question is about who the customers are, and the call that answers it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.understanding.customers.asking import Back, back, examples
from bot.understanding.customers.dialogue import Dialogue
from bot.understanding.customers.parts import Ambiguous, Unclear
from bot.understanding.customers.pieces import Cutter
from bot.understanding.customers.saving import Named, named
from bot.understanding.customers.spreading import COUNTED
from bot.understanding.customers.terms import lay_out
from bot.understanding.customers.topics import TOPICS
from bot.understanding.outcome import Clarify, Outcome, Plan
from bot.understanding.reading.draft import World
from bot.understanding.scene import Scene, Sight
from tools.answer import FollowUp, ToolCall
from tools.messages import say

# Only texts with one of these can be about customers; others are not looked at twice.
GATE = re.compile(
    r"custom|client|buyer|shopper|consumer|people|person|\bwhom?\b|purchaser|everyone|everybody|account|bought|ordered"
    r"|spent|purchased|placed|churn|attrition|rfm|segment|cluster|tier|lifecycle|life.cycle|cohort|retention|clv|ltv"
    r"|lifetime|recommend|together|go(?:es)? (?:well )?with|bundle|offer|cross.sell|champion|loyal|hibernat|lapsed"
    r"|^[^:：]{2,30}[:：] |\brisk\b|\bleav(?:e|es|ing)\b|alive|prospect|pair|basket|suggest|know about|profile"
    r"|\brecency\b|[客户顾用买购单消费人谁流失聚类层群留存队推荐搭配关联画像终身期档冠忠沉]",
    re.IGNORECASE,
)
# With one of these the question is no figure's, whatever else it holds.
OWN_WORDS = ("churn", "churned", "rfm", "lifecycle", "tier", "cluster", "clv", "cohort", "retention", "recommend")
TELLING = frozenset(
    {"neg", "never", "only", "both", "inactive", "last", "first", "gone", "one_time", "but", "together"}
)
NEW = frozenset({"new", "新客户", "新客", "新用户"})  # whom a figure counts too
TOOLS = frozenset({"segments", "churn", "clv", "cohorts", "customer", "recommend"})


class Customers:
    """One question's reading about customers."""

    def __init__(self, sight: Sight, world: World, previous: ToolCall | None) -> None:
        self.world = world
        self.previous = previous
        self.named: Named = named(sight, world)
        self.sight = self.named.sight
        self.scene: Scene = lay_out(self.sight, world.saved)

    @staticmethod
    def possible(sight: Sight, world: World, previous: ToolCall | None) -> bool:
        """Whether it is worth reading at all."""
        if not world.tools & TOOLS:
            return False
        if previous is not None and previous.tool in TOOLS:
            return True
        named = any(r.kind == "tool" and r.value[0] in TOOLS for _s, _e, found in sight.candidates for r in found)
        return named or bool(GATE.search(sight.folded)) or any(name.lower() in sight.folded for name in world.saved)

    def read(self) -> tuple[Outcome, bool] | None:
        """The outcome, and whether a figure's reading would say the same; None: no question about customers."""
        try:
            return self._with({})
        except Ambiguous as two:
            options = self._options(two)
            if not options:
                return back(self.scene, Unclear(), self.world), False
            return Clarify(two.question, options), False

    def _options(self, two: Ambiguous) -> tuple[FollowUp, ...]:
        found = []
        for answer, label in two.options.items():
            try:
                read = self._with({two.key: answer})
            except Ambiguous:
                continue
            if read is not None and isinstance(read[0], Plan):
                found.append(FollowUp(label, read[0].calls[0]))
        return tuple(found)

    def _with(self, choices: Mapping[str, str]) -> tuple[Outcome, bool] | None:
        dialogue = Dialogue(self.scene, self.world, self.previous, self.named, choices)
        after = dialogue.outcome()
        if after is not None:
            return after, False
        if self.named.name is not None and not self.scene.spans:
            return Clarify(
                say("Which customers shall I save? Ask for them first, for example:"), examples(self.world)
            ), False
        unclear: Unclear | None = None
        for topic in TOPICS:
            reading = topic(self.scene, self.world, choices, self.named)
            if reading.defines():
                return None
            try:
                read = reading.read()
            except Unclear as error:
                unclear = unclear or error
                continue
            except Back as wish:
                return wish.outcome, False
            if read is not None:
                return read
        named = self._by_name()
        if named is not None:
            return named, False
        if unclear is None or not (unclear.sure or self._telling()):
            return None
        return back(self.scene, unclear, self.world), False

    def _by_name(self) -> Outcome | None:
        """A phrase of a tool's own with nothing beside it that says more."""
        scene = lay_out(self.sight, self.world.saved, by_name=True)
        found = scene.where(lambda s: any(tool in TOOLS for tool, _args in s.values("tool")))
        if len(found) != 1 or self.named.name is not None or self.named.top is not None:
            return None
        pieces = Cutter(scene, self.world, frozenset(found)).pieces()
        if any(piece.kind not in ("customer", "list") for piece in pieces):
            return None
        tool, args = next(value for value in scene.spans[found[0]].values("tool") if value[0] in TOOLS)
        return Plan((ToolCall(tool, dict(args)),)) if tool in self.world.tools else None

    def says_more(self) -> bool:
        """Whether words that figures pass over say more: "only", "never", a second verb."""
        return bool(self.scene.words("only", "neg", "never", "one_time")) or len(self.scene.words("buy")) > 1

    def _telling(self) -> bool:
        """Whether the question is surely about customers, so that a figure must not answer it."""
        scene = self.scene
        if scene.words("share_of"):
            return False
        if scene.words(*OWN_WORDS) or scene.where(lambda s: s.has("group") or s.has("saved")):
            return True
        pieces = Cutter(scene, self.world).pieces()
        if not any(piece.kind == "customer" for piece in pieces):
            return False
        return any(
            (piece.kind in TELLING and piece.value not in NEW)
            or (
                piece.kind == "amount"
                and piece.value.op is not None
                and (piece.value.unit in COUNTED or piece.value.duration)
            )
            for piece in pieces
        )
