"""What is refused, greeted or another tool's work, before any figure is read."""

from __future__ import annotations

from bot.understanding.lexicon import CUES
from bot.understanding.outcome import Clarify, Decline, Plan
from bot.understanding.reading.draft import (
    TOOL_TITLES,
    Base,
    Stop,
)
from bot.understanding.spans import Span
from tools.answer import FollowUp, ToolCall
from tools.messages import say

# Tools with a grammar of their own, where no word is a mere filler.
OWN_GRAMMAR = frozenset(
    {"segments", "churn", "clv", "cohorts", "customer", "recommend", "forecast", "drivers", "calendar", "inventory"}
)


class Guard(Base):
    """What is refused, greeted or another tool's work, before any figure is read."""

    def _guard(self) -> None:
        """Personal data and attempts to steer the bot are refused whatever else is asked."""
        if self.scene.words("tampering"):
            raise Stop(
                Decline(
                    say("I only answer marketing questions from your team's figures; I cannot do that."),
                    self._examples(),
                )
            )
        if [i for i in self.scene.words("personal") if not self._consented(i)]:
            raise Stop(
                Decline(
                    say("I do not hand out customers' personal data. I can count and group customers instead."),
                    self._examples(),
                )
            )

    def _consented(self, i: int) -> bool:
        """ "Customers with e-mail consent": the word belongs to a condition, no address is asked for."""
        span = self.scene.spans[i]
        return any(start <= span.start and span.end <= end for start, end in self.conditions)

    def _social(self) -> None:
        telling = [s for s in self.scene.spans if not s.word("filler", "follow_up", "and", "classifier")]
        if self.scene.words("help") and not any(s.has("metric") or s.has("period") for s in telling):
            raise Stop(Clarify(say("Ask me about your figures in plain words, for example:"), self._examples()))
        if telling and all(s.word("greeting", "thanks") for s in telling):
            if telling[0].word("thanks"):
                raise Stop(Clarify(say("You are welcome! What would you like to know next?"), self._examples()))
            raise Stop(Clarify(say("Hello! What would you like to know? For example:"), self._examples()))
        if not self.scene.spans:
            raise Stop(
                Decline(say("I read no question in that. Ask me about your figures, for example:"), self._examples())
            )

    def _other_tools(self) -> None:
        """Signs of work that another tool does. One that is not there is said, never answered by a figure."""
        self._asked_by_name()
        found = [value for span in self.scene.spans for value in span.values("cue") if self._is_cue(span)]
        for cue in CUES:
            if cue in found and self._works(cue):
                words = tuple(f"“{self.scene.original(span)}”" for span in self.scene.spans if span.has("cue", cue))
                raise Stop(
                    Clarify(
                        say("I am not sure how {words} is meant here. You can ask, for example:", words=words[:4]),
                        self._examples(),
                    )
                )
            if cue in found:
                raise Stop(
                    Decline(
                        say("I cannot do {tool} yet. I can compute, compare and rank figures.", tool=TOOL_TITLES[cue]),
                        self._examples(),
                    )
                )

    def _works(self, tool: str) -> bool:
        return tool in self.world.tools and (tool != "playbook" or self.world.has_playbooks)

    def _asked_by_name(self) -> None:
        """A phrase of a tool's own, with nothing beside it but grammar, is a call of that tool."""
        scene = self.scene
        for i in scene.where(lambda s: s.has("tool")):
            tool, args = scene.spans[i].values("tool")[0]
            if tool in OWN_GRAMMAR:
                continue
            scene.use(i)
            call = ToolCall(tool, dict(args))
            left = scene.left_over()
            if not left:
                raise Stop(Plan((call,)))
            words = tuple(f"“{scene.original(span)}”" for span in left[:4])
            option = FollowUp(say("{question}", question=scene.original(scene.spans[i])), call)
            raise Stop(
                Clarify(say("I am not sure how {words} is meant here. Do you mean this?", words=words), (option,))
            )

    def _is_cue(self, span: Span) -> bool:
        return not (span.has("metric") or span.has("value") or span.has("period"))
