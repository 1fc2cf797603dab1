"""From spans to a plan: which figure, of what, when, against what, in which order.

The rule that keeps wrong answers out: every span must be used by the reading or be grammar that changes
nothing. Otherwise the question is asked back or declined, naming what was not understood.
"""

from __future__ import annotations

import re
from dataclasses import replace

from bot.understanding.customers.reading import Customers
from bot.understanding.customers.terms import consents, memberships
from bot.understanding.foresight.reading import TOOLS, Foresight, as_figure
from bot.understanding.knowledge.dialogue import Page
from bot.understanding.knowledge.reading import Knowledge
from bot.understanding.outcome import Decline, Outcome, Plan
from bot.understanding.reading.checks import Checks, is_unheld
from bot.understanding.reading.dialogue import Dialogue
from bot.understanding.reading.draft import Absent, Stop, World
from bot.understanding.reading.figures import Figures
from bot.understanding.reading.groups import Groups
from bot.understanding.reading.guard import Guard
from bot.understanding.reading.rankings import Rankings
from bot.understanding.reading.shapes import Shapes
from bot.understanding.reading.times import Times
from bot.understanding.scene import Sight, cover
from bot.understanding.taught.telling import with_taught
from bot.understanding.unasked.reading import Unasked
from tools.answer import ToolCall
from tools.messages import say

__all__ = ["World", "interpret"]
MOST_SPANS = 150  # no sentence holds so many words; the time that reading takes grows with them
# 德国客户上个月的订单数: what is counted stands last, and it is not the customers.
ORDER_COUNT = re.compile(
    r"(?:客户|用户|顾客|买家)[^，,。]{0,12}的(?:订单数量?|订单量|订单总数|下单量)(?:[是有]?多少|呢|啊)?\W*$"
)
COUNTS = frozenset({"active_customers", "new_customers", "repeat_customers", "returning_customers", "repurchase_rate"})


def interpret(text: str, world: World, previous: ToolCall | None = None, page: Page | None = None) -> Outcome:
    """The outcome of a question.

    `previous` is the last call of a figure, a list or the like that the conversation came to; `page` is the playbooks'
    answer, where the conversation came to one last.
    """
    sight = world.sight(text)
    return with_taught(_interpreted(sight, world, previous, page), sight.taught, world)


def _interpreted(sight: Sight, world: World, previous: ToolCall | None, page: Page | None) -> Outcome:
    groups = memberships(sight, world.saved) if "segments" in world.tools else ()
    scene = cover(sight, (*sight.candidates, *groups))
    if sight.hostile is None and len(scene.spans) > MOST_SPANS:
        return Decline(say("That is too much at once. Ask in one or two sentences."))
    if sight.hostile is None and not scene.words("tampering", "personal"):
        ordered = Unasked(sight, world, previous).read()
        if ordered is not None and not (_offers_a_digest(ordered) and scene.where(is_unheld)):
            return ordered
    knowledge = None
    if Knowledge.possible(world):
        plain = replace(world, has_playbooks=False)
        knowledge = Knowledge(sight, scene, world, previous, page, answer=lambda part: interpret(part, plain))
    if knowledge is not None:
        previous = knowledge.before()
    guarding = _Interpreter(scene, world, as_figure(previous))
    guarding.hostile = sight.hostile
    guarding.conditions = tuple(consents(sight)) if "segments" in world.tools else ()
    try:
        guarding.guard()
    except Stop as stop:
        if knowledge is None or sight.hostile is not None:
            return stop.outcome
        return knowledge.of_addresses(stop.outcome)
    if knowledge is None:
        return _answer(sight, guarding, world, previous)
    return knowledge.first() or knowledge.last(_answer(sight, guarding, world, previous))


def _answer(sight: Sight, guarding: _Interpreter, world: World, previous: ToolCall | None) -> Outcome:
    """The outcome of a question about customers, what is to come, or figures."""
    customers = Customers(sight, world, previous) if Customers.possible(sight, world, previous) else None
    read = customers.read() if customers is not None and not ORDER_COUNT.search(sight.folded) else None
    if read is not None and isinstance(read[0], Plan) and not read[1]:
        return read[0]
    by_name = any(
        tool not in TOOLS for span in guarding.scene.spans for tool, _args in span.values("tool")
    )  # a phrase of its own
    ahead = Foresight(sight, world, previous).read()
    if ahead is not None and (isinstance(ahead, Plan) or (read is None and not by_name)):
        return ahead
    try:
        outcome = guarding.outcome()
    except Stop as stop:
        outcome = stop.outcome
    settled = by_name or _limited(outcome, world)
    asked = read is not None and not isinstance(read[0], Plan) and not (customers and customers.says_more())
    counted = _same(outcome) and (read is None or read[1] or (_counts(outcome) and asked))
    if read is None or (settled and not isinstance(read[0], Plan)) or counted:
        return outcome
    return read[0]


def _limited(outcome: Outcome, world: World) -> bool:
    """Whether a figure is limited to a group of customers: "net sales of champions last month"."""
    return isinstance(outcome, Plan) and any(
        condition["dimension"] in world.catalog.memberships for condition in outcome.calls[0].args.get("filters", ())
    )


def _offers_a_digest(outcome: Outcome) -> bool:
    """Whether a digest is offered where none was surely ordered: "open rate of the last newsletter"."""
    return not isinstance(outcome, Plan) and any(
        option.call is not None and option.call.tool == "digest" for option in outcome.options
    )


def _counts(outcome: Outcome) -> bool:
    """Whether a figure is one number of customers."""
    return isinstance(outcome, Plan) and not outcome.calls[0].args.get("by")


def _same(outcome: Outcome) -> bool:
    """Whether a figure counts customers or ranks them, and so says the same as a plain rule, or more."""
    if not isinstance(outcome, Plan):
        return False
    args = outcome.calls[0].args
    return args.get("metrics", [""])[0] in COUNTS or (args.get("by") == ["customer"] and args.get("top", 1) > 1)


class _Interpreter(Guard, Figures, Rankings, Groups, Times, Shapes, Dialogue, Checks):
    """The steps in their order."""

    def guard(self) -> None:
        """Refusals and greetings. Raises Stop."""
        self._guard()
        self._social()

    def outcome(self) -> Outcome:
        self.guard()
        self._other_tools()
        self._averages()
        self._metrics()
        try:
            self._missing_tables()
            self._limits()
            self._ranking()
            self._dimensions()
        except Absent as stop:
            raise Stop(self._with_the_rest(stop.outcome)) from None
        self._values()
        self._periods()
        self._comparison()
        self._shapes()
        self._merge()
        self._unexplained()
        self._essentials()
        return self._finish()

    def _with_the_rest(self, refusal: Outcome) -> Outcome:
        """A refusal with what else was understood: after "CTR in May", "orders then" is of May."""
        self.plan.metrics = [name for name in self.plan.metrics if not self._missing_table(name)]
        try:
            for step in (self._limits, self._ranking, self._dimensions, self._values, self._periods):
                step()
        except Stop:
            return refusal
        return replace(refusal, pending=self._rest()) if isinstance(refusal, Decline) else refusal
