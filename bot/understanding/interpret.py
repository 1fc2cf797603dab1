"""From spans to a plan: which figure, of what, when, against what, in which order.

The rule that keeps wrong answers out: every span must be used by the reading or be grammar that changes
nothing. Otherwise the question is asked back or declined, naming what was not understood.
"""

from __future__ import annotations

from dataclasses import replace

from bot.understanding.customers.reading import Customers
from bot.understanding.customers.terms import consents, memberships
from bot.understanding.foresight.reading import TOOLS, Foresight, as_figure
from bot.understanding.knowledge.dialogue import Page
from bot.understanding.knowledge.reading import Knowledge
from bot.understanding.outcome import Outcome, Plan
from bot.understanding.reading.checks import Checks
from bot.understanding.reading.dialogue import Dialogue
from bot.understanding.reading.draft import Stop, World
from bot.understanding.reading.figures import Figures
from bot.understanding.reading.groups import Groups
from bot.understanding.reading.guard import Guard
from bot.understanding.reading.rankings import Rankings
from bot.understanding.reading.shapes import Shapes
from bot.understanding.reading.times import Times
from bot.understanding.scene import Sight, cover, look
from bot.understanding.unasked.reading import Unasked
from tools.answer import ToolCall

__all__ = ["World", "interpret"]
COUNTS = frozenset({"active_customers", "new_customers", "repeat_customers", "returning_customers", "repurchase_rate"})


def interpret(text: str, world: World, previous: ToolCall | None = None, page: Page | None = None) -> Outcome:
    """The outcome of a question.

    `previous` is the last call of a figure, a list or the like that the conversation came to; `page` is the playbooks'
    answer, where the conversation came to one last.
    """
    sight = look(text, world.index, world.today, world.first_day)
    groups = memberships(sight, world.saved) if "segments" in world.tools else ()
    scene = cover(sight, (*sight.candidates, *groups))
    if not scene.words("tampering", "personal"):
        ordered = Unasked(sight, world, previous).read()
        if ordered is not None:
            return ordered
    knowledge = None
    if Knowledge.possible(world):
        plain = replace(world, has_playbooks=False)
        knowledge = Knowledge(sight, scene, world, previous, page, answer=lambda part: interpret(part, plain))
    if knowledge is not None:
        previous = knowledge.before()
    guarding = _Interpreter(scene, world, as_figure(previous))
    guarding.conditions = tuple(consents(sight)) if "segments" in world.tools else ()
    try:
        guarding.guard()
    except Stop as stop:
        return knowledge.of_addresses(stop.outcome) if knowledge is not None else stop.outcome
    if knowledge is None:
        return _answer(sight, guarding, world, previous)
    return knowledge.first() or knowledge.last(_answer(sight, guarding, world, previous))


def _answer(sight: Sight, guarding: _Interpreter, world: World, previous: ToolCall | None) -> Outcome:
    """The outcome of a question about customers, what is to come, or figures."""
    customers = Customers(sight, world, previous) if Customers.possible(sight, world, previous) else None
    read = customers.read() if customers is not None else None
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
    if read is None or (settled and not isinstance(read[0], Plan)) or (read[1] and _same(outcome)):
        return outcome
    return read[0]


def _limited(outcome: Outcome, world: World) -> bool:
    """Whether a figure is limited to a group of customers: "net sales of champions last month"."""
    return isinstance(outcome, Plan) and any(
        condition["dimension"] in world.catalog.memberships for condition in outcome.calls[0].args.get("filters", ())
    )


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
        self._missing_tables()
        self._limits()
        self._ranking()
        self._dimensions()
        self._values()
        self._periods()
        self._comparison()
        self._shapes()
        self._merge()
        self._unexplained()
        self._essentials()
        return self._finish()
