"""Whether a question is for the team's playbooks: before figures are read, and where they have no answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from bot.understanding.knowledge import dialogue, mixing
from bot.understanding.knowledge.dialogue import Page
from bot.understanding.knowledge.frames import MOVED_FIGURE, MOVED_NAME, PLANNED, UNHELD, USING
from bot.understanding.knowledge.kinds import Shape, named, weight
from bot.understanding.knowledge.others import about_others, asks_advice
from bot.understanding.knowledge.rules import RULE, about_no_person, about_rules, unread
from bot.understanding.knowledge.terms import Cues
from bot.understanding.lexicon import CJK
from bot.understanding.outcome import Clarify, Decline, Outcome, Plan
from bot.understanding.reading.draft import World
from bot.understanding.scene import Scene, Sight
from knowledge.retrieval.records import of_records, wants_records
from tools.answer import FollowUp, ToolCall
from tools.messages import say

TOOL = "playbook"
# How probable an answer must be, by the words alone, beside a figure's name: where advice is asked for, and elsewhere.
FAIR, GOOD = 0.1, 0.5
# And where others than the team are spoken of and figures did not understand.
POSSIBLE = 0.25
# So much besides says that no help with the bot is asked for, in Chinese characters or pairs of them for English words.
HELPED = 4
# And so much says under which circumstances a figure moved.
CONTEXT = 6
# What the data does not hold is named in so many words, each saying at least so much.
MOST_NAMED, LITTLE_TOLD = 3, 2
# Words for what was answered.
POINTING = re.compile(
    r"\b(?:they|them|their|these|those|he|she|him|her|it|its|that one|this one|the ones)\b"
    r"|[他她它]|这些|那些|其中|这里面"
)


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
        if found is not None or self._names_nothing():
            return found
        surely = self._named() or self._means() or self._plans_ahead() or self._uses()
        return self._plan(self.text) if surely else None

    def before(self) -> ToolCall | None:
        """The call that a question about figures leans on: the last one, else the figure that a page explained."""
        if self.previous is not None or self.page is None or not (self.shape.periods() or self.shape.values()):
            return self.previous
        return dialogue.figure_of(self.page, self.world)

    def of_addresses(self, refused: Outcome) -> Outcome:
        """ "Best time to send e-mails", "what is the birthday gift worth": a word for help or for what the bot does not
        hand out, where neither is asked for.
        """
        shape, scene = self.shape, self.scene
        if scene.words("tampering"):
            return refused
        if not scene.words("personal"):
            helping = scene.words("help") and (self._uses() or shape.strangeness() >= HELPED)
            return (self.first() or self.last(refused)) if helping else refused
        if shape.values() or scene.where(lambda s: s.has("number")):
            return refused
        asked = self._named() or shape.means() or shape.advises() or self.cues.has("counsel", "why")
        asked = (asked and not self.cues.has("handing")) or about_no_person(shape)
        return self._plan(self.text) if asked else refused

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
        """A meaning is asked for: in so many words, or of something that figures know or a page speaks of."""
        shape = self.shape
        if self.cues.has("everyday"):
            return False
        if shape.means():
            return True
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
        if page is not None and dialogue.shows_ours(shape):
            return dialogue.ours(page, self.world, self.answer)
        if page is not None and dialogue.goes_on(shape):
            return self._plan(dialogue.again(page, shape))
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
            question = self._asked_for(advice, plan.calls[0])
        else:
            plan = mixing.shown(told, self.answer)
            subject = dialogue.subject(plan.calls[0], self.world.catalog) if plan is not None else None
            measured = subject is not None and plan is not None and plan.calls[0].tool == "metrics"
            question = dialogue.about(subject, advice) if subject is not None and measured else self.text
        return replace(plan, calls=(*plan.calls, self._call(question))) if plan is not None else None

    def _asked_for(self, advice: str, figure: ToolCall) -> str:
        """What the playbooks are asked. A value that the user states is no word to look for."""
        subject = dialogue.subject(figure, self.world.catalog)
        if subject is None or self.shape.strangeness() >= CONTEXT:
            return mixing.without_values(self.text)
        return dialogue.problem(subject, advice, figure, self.cues, self.world.catalog)

    # --- Where figures have no answer ---------------------------------------------------------------------------

    def last(self, outcome: Outcome) -> Outcome:
        """The outcome with the playbooks in mind: they are asked what is no question about figures.

        Whether they answer is theirs to tell. Only where a figure is named must a page be likely to, so that none
        stands where a figure should.
        """
        if isinstance(outcome, Plan) or self.cues.has("everyday") or dialogue.wants_more(self.shape):
            return outcome
        if self._unasked():
            return outcome
        if self._names_nothing():
            return outcome if isinstance(outcome, Clarify) else self._about_what(outcome)
        shape = self.shape
        if wants_records(shape.text) and not shape.known():
            return self._not_held(outcome)
        if self._asks_a_trait() or self._asks_a_move():
            absent = isinstance(outcome, Decline) and outcome.why == "absent"
            return self._with_page(outcome) if shape.metrics() or absent else self._not_held(outcome)
        if shape.advises() or shape.bare() or shape.means():
            least = 0.0
        elif asks_advice(shape):
            least = FAIR
        elif about_others(shape, self.world) or about_rules(shape, self.world):
            least = POSSIBLE if isinstance(outcome, Decline) else GOOD
        elif unread(shape, self.world) and not self._points_back():
            least = 0.0
        else:
            return self._with_page(outcome)
        if shape.known() and not self._likely(least):
            return self._with_page(outcome)
        return self._instead_of(outcome)

    def _asks_a_trait(self) -> bool:
        """ "What share of our customers are women?": of them no page tells either."""
        shape = self.shape
        pages = self._named() or shape.advises() or shape.means() or shape.actors() or self.cues.has("themes", "why")
        return UNHELD.search(shape.text) is not None and not pages

    def _asks_a_move(self) -> bool:
        """ "Has the bounce rate gone up?": of a figure that may not be there, of which no page tells."""
        shape = self.shape
        asked = MOVED_FIGURE.search(shape.text) is not None and not shape.actors()
        return asked and not (shape.advises() or shape.means() or self.cues.has("why", "themes"))

    def _names_nothing(self) -> bool:
        """Whether a message leans on something else than a page, and asks for no advice on it."""
        return not named(self.cues) and not self.shape.advises() and self.shape.names_nothing()

    def _about_what(self, refused: Decline) -> Outcome:
        """A fragment is asked back; what the data does not hold is said to be so."""
        if refused.why == "absent" or refused.pending is not None:
            return refused
        return Clarify(say("What would you like to know about it? For example:"), refused.options)

    def _points_back(self) -> bool:
        """ "What do they usually buy?" after a list: of what was answered, and of no page."""
        told = self.previous is not None and self.page is None
        return told and bool(POINTING.search(self.shape.text)) and not RULE.search(self.shape.text)

    def _unasked(self) -> bool:
        """Whether something is to be sent, or watched: a digest, an alert; and no page on these is asked for."""
        wanted = self.scene.where(lambda s: s.has("cue", "digest") or s.has("cue", "monitor"))
        asked = self.shape.means() or self.shape.bare() or self.shape.advises() or self.shape.actors()
        return bool(wanted) and not asked

    def _instead_of(self, outcome: Clarify | Decline) -> Plan:
        """A question to the playbooks; where they hold nothing, what figures say, or could."""
        plan = Plan((self._call(self.text),))
        if of_records(self.shape.text) and not self.shape.actors() and not self.shape.known():
            return replace(plan, otherwise=self._not_held(outcome))
        if (self.shape.known() or self.shape.values()) and not self.shape.actors():
            return replace(plan, otherwise=outcome)
        return replace(plan, examples=outcome.options)

    def _not_held(self, outcome: Clarify | Decline) -> Decline:
        """That the data tells nothing of the kind."""
        text = self.shape.text
        named = UNHELD.search(text) or MOVED_NAME.search(text)
        if named is not None:
            group = next((name for name, found in named.groupdict().items() if found), 0)
            start, end = self.sight.norm.original_span(*named.span(group))
            words: tuple[str, ...] = (f"“{self.sight.norm.original[start:end]}”",)
        else:
            told = [span for span in self.shape.foreign() if weight(span.text) >= LITTLE_TOLD]
            words = tuple(dict.fromkeys(f"“{self.scene.original(span)}”" for span in told))[:MOST_NAMED]
        message = say("The data does not hold {words}. I can answer, for example:", words=words)
        return Decline(message, outcome.options, why="absent") if words else Decline(outcome.message, outcome.options)

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

    def _likely(self, least: float) -> bool:
        return least <= 0 or self.world.likely(self.text) >= least

    def _call(self, question: str) -> ToolCall:
        return ToolCall(TOOL, {"question": question})

    def _plan(self, question: str) -> Plan:
        return Plan((self._call(question),))
