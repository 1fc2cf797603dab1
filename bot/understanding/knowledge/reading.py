"""Whether a question is for the team's playbooks: before figures are read, and where they have no answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

from bot.understanding.knowledge import dialogue, mixing
from bot.understanding.knowledge.dialogue import Page
from bot.understanding.knowledge.frames import PLANNED, USING
from bot.understanding.knowledge.kinds import Shape, named
from bot.understanding.knowledge.others import about_others, asks_advice
from bot.understanding.knowledge.rules import about_rules
from bot.understanding.knowledge.terms import Cues
from bot.understanding.lexicon import CJK
from bot.understanding.outcome import Decline, Outcome, Plan
from bot.understanding.reading.draft import World
from bot.understanding.scene import Scene, Sight
from tools.answer import FollowUp, ToolCall
from tools.messages import say

TOOL = "playbook"
# How probable an answer must be: where only a page can be meant; where a figure may be meant; where one is named; where
# nothing but the unknown words says that it is no figure.
FAINT, FAIR, GOOD, SURE = 0.01, 0.1, 0.5, 0.8


class Knowledge:
    """One question's reading for the playbooks."""

    def __init__(
        self,
        sight: Sight,
        scene: Scene,
        world: World,
        previous: ToolCall | None,
        page: Page | None,
        *,
        answer: Callable[[str], Outcome],
    ) -> None:
        """`answer` reads a text as if there were no documents."""
        self.sight, self.scene, self.world, self.answer = sight, scene, world, answer
        self.previous, self.page = previous, page
        self.text = sight.norm.original.strip()
        self.cues = Cues.of(sight)
        self.shape = Shape(self.cues, scene)

    @staticmethod
    def possible(world: World) -> bool:
        """Whether there are documents to ask."""
        return world.has_playbooks and TOOL in world.tools

    # --- Before figures are read --------------------------------------------------------------------------------

    def first(self) -> Outcome | None:
        """The outcome where the question is surely for the playbooks."""
        if self._hostile():
            return Decline(say("I only answer marketing questions from your team's figures; I cannot do that."))
        found = self._followed() or self._mixed()
        if found is None and (self._named() or self._means() or self._plans_ahead() or self._uses()):
            found = self._plan(self.text)
        return found

    def before(self) -> ToolCall | None:
        """The call that a question about figures leans on: the last one, else the figure that a page explained."""
        if self.previous is not None or self.page is None or not (self.shape.periods() or self.shape.values()):
            return self.previous
        return dialogue.figure_of(self.page, self.world)

    def of_addresses(self, refused: Outcome) -> Outcome:
        """ "Best time to send e-mails": a page may speak of what the bot does not hand out."""
        shape, scene = self.shape, self.scene
        if scene.words("help") and not scene.words("tampering", "personal") and self._uses():
            return self._plan(self.text)
        if scene.words("tampering") or not scene.words("personal") or self.cues.has("handing"):
            return refused
        if shape.values() or scene.where(lambda s: s.has("number")):
            return refused
        asked = self._named() or shape.means() or shape.advises() or self.cues.has("counsel", "why")
        return self._plan(self.text) if asked and self._likely(FAINT) else refused

    def _hostile(self) -> bool:
        """ "Print the document's secret": documents are read to answer, not handed over."""
        return self._named() and self.cues.has("secrets") and self.cues.has("handing")

    def _named(self) -> bool:
        """Asked of the documents by name; neither for the list of them nor for figures in a document's shape."""
        shape = self.shape
        if any(tool == TOOL for span in self.scene.spans for tool, _args in span.values("tool")):
            return False
        return named(self.cues) and not (self.cues.has("handing") and shape.metrics() and shape.periods())

    def _means(self) -> bool:
        """A meaning is asked for, of something that figures know or that a page speaks of."""
        shape = self.shape
        if self.cues.has("everyday"):
            return False
        if shape.means():
            return bool(shape.known()) or self._likely(FAINT)
        if not (shape.bare() and (shape.single() or shape.concept())) or self._figure_goes_on():
            return False
        return bool(shape.known()) or self._likely(GOOD)

    def _plans_ahead(self) -> bool:
        """ "How do we plan for Double 11": no forecast is asked for."""
        return bool(PLANNED.search(self.cues.folded)) and not self.shape.metrics()

    def _uses(self) -> bool:
        """ "How do I use the churn list": the list itself is not asked for."""
        shape = self.shape
        return bool(USING.search(self.cues.folded)) and bool(shape.known()) and not shape.periods() and not shape.own

    def _followed(self) -> Outcome | None:
        page, shape = self.page, self.shape
        if page is not None and dialogue.wants_more(shape):
            return Plan((page.section,)) if page.section is not None else self._plan(page.question)
        if page is not None and dialogue.goes_on(shape):
            return self._plan(dialogue.joined(page.question, self.text))
        if self.previous is not None and page is None and dialogue.asks_on(shape):
            subject = dialogue.subject(self.previous, self.world.catalog)
            if subject is not None:
                return self._plan(dialogue.about(subject, self.text))
        return None

    def _figure_goes_on(self) -> bool:
        """ "What is AOV?" after a figure with a period asks for the next one, as it does without playbooks."""
        return self.previous is not None and self.page is None and bool(self.previous.args.get("period"))

    def _mixed(self) -> Outcome | None:
        found = mixing.told_before(self.cues, self.sight)
        if found is None:
            return None
        told, advice = found
        plan = mixing.figure(told, self.world)
        if plan is not None:
            question = self._asked_for(told, advice, plan.calls[0])
        else:
            plan = mixing.shown(told, self.answer)
            subject = dialogue.subject(plan.calls[0], self.world.catalog) if plan is not None else None
            measured = subject is not None and plan is not None and plan.calls[0].tool == "metrics"
            question = dialogue.about(subject, advice) if subject is not None and measured else self.text
        return replace(plan, calls=(*plan.calls, self._call(question))) if plan is not None else None

    def _asked_for(self, told: str, advice: str, figure: ToolCall) -> str:
        """What the playbooks are asked. A value that the user states is no word to look for."""
        subject = dialogue.subject(figure, self.world.catalog)
        if subject is None or not any(c.isdigit() for c in told):
            return self.text
        if self.cues.has("moved"):
            return mixing.without_values(self.text)
        return dialogue.problem(subject, advice, figure, self.cues, self.world.catalog)

    # --- Where figures have no answer ---------------------------------------------------------------------------

    def last(self, outcome: Outcome) -> Outcome:
        """The outcome with the playbooks in mind: theirs where they are likely to answer what figures do not."""
        if isinstance(outcome, Plan):
            return outcome
        shape = self.shape
        if self.cues.has("everyday"):
            return outcome
        if shape.advises():
            least = 0.0 if shape.known() else FAINT
        elif shape.bare():
            least = 0.0 if shape.known() else GOOD
        elif asks_advice(shape):
            least = FAIR
        elif about_others(shape, self.world):
            least = GOOD if shape.metrics() else FAIR
        elif about_rules(shape, outcome, self.world):
            least = SURE
        else:
            return self._with_page(outcome)
        return self._plan(self.text) if self._likely(least) else self._with_page(outcome)

    def _with_page(self, outcome: Outcome) -> Outcome:
        """A declined figure may still have its meaning explained."""
        metrics = [name for span in self.shape.metrics() for name in span.values("metric")]
        if not isinstance(outcome, Decline) or not metrics:
            return outcome
        label = self.world.catalog.metrics[metrics[0]].label.label
        question = f"什么是{label.zh}？" if CJK.search(self.text) else f"What is {label.inside().en}?"
        if self.world.likely(question) < GOOD:
            return outcome
        option = FollowUp(say("What is {metric}?", metric=label.inside()), self._call(question))
        return replace(outcome, options=(*outcome.options[:3], option))

    # --- Both -----------------------------------------------------------------------------------------------------

    @cached_property
    def _probability(self) -> float:
        return self.world.likely(self.text)

    def _likely(self, least: float) -> bool:
        return least <= 0 or self._probability >= least

    def _call(self, question: str) -> ToolCall:
        return ToolCall(TOOL, {"question": question})

    def _plan(self, question: str) -> Outcome:
        return Plan((self._call(question),))
