"""From spans to a plan: which figure, of what, when, against what, in which order.

The rule that keeps wrong answers out: every span must be used by the reading or be grammar that changes
nothing. Otherwise the question is asked back or declined, naming what was not understood.
"""

from __future__ import annotations

from bot.understanding.outcome import Outcome
from bot.understanding.reading.checks import Checks
from bot.understanding.reading.dialogue import Dialogue
from bot.understanding.reading.draft import Stop, World
from bot.understanding.reading.figures import Figures
from bot.understanding.reading.groups import Groups
from bot.understanding.reading.guard import Guard
from bot.understanding.reading.rankings import Rankings
from bot.understanding.reading.shapes import Shapes
from bot.understanding.reading.times import Times
from bot.understanding.scene import lay_out
from tools.answer import ToolCall

__all__ = ["World", "interpret"]


def interpret(text: str, world: World, previous: ToolCall | None = None) -> Outcome:
    """The outcome of a question. `previous` is the call that the conversation last came to."""
    scene = lay_out(text, world.index, world.today, world.first_day)
    try:
        return _Interpreter(scene, world, previous).outcome()
    except Stop as stop:
        return stop.outcome


class _Interpreter(Guard, Figures, Rankings, Groups, Times, Shapes, Dialogue, Checks):
    """The steps in their order."""

    def outcome(self) -> Outcome:
        self._guard()
        self._social()
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
