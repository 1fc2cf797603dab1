"""Sentences about monitors: watch a figure, list, test, change, pause, resume, remove."""

from __future__ import annotations

from typing import Any

from bot.understanding.outcome import Outcome
from bot.understanding.reading.draft import Stop, World
from bot.understanding.scene import Sight
from bot.understanding.unasked.adding import Adding
from bot.understanding.unasked.conditions import MISSING, Told, number, one_side, rule, said, unusual
from bot.understanding.unasked.figure import Figure
from bot.understanding.unasked.frames import (
    CALMER,
    CHANGING,
    EN_IF,
    EN_STRONG,
    EN_WEAK,
    LISTING,
    MANAGING,
    NOUN,
    NUMBERED,
    ORDERED,
    SHARPER,
    SMALL,
    TESTING,
    Frame,
    framed,
)
from bot.understanding.unasked.outcomes import asked, planned, unclear
from bot.understanding.unasked.scope import read_scope
from bot.understanding.unasked.sentence import Sentence
from bot.understanding.unasked.tuning import Tuning, turned
from tools.answer import ToolCall

TOOL = "monitor"


class Watching:
    """One sentence's reading about monitors; `read` gives None where it is about something else."""

    def __init__(self, sight: Sight, world: World, previous: ToolCall | None) -> None:
        self.sight, self.world = sight, world
        self.previous = previous if previous is not None and previous.tool == TOOL else None
        self.sentence = Sentence(sight)

    def read(self) -> Outcome | None:
        text = self.sentence.text
        if any(pattern.search(text) for pattern in LISTING):
            return planned({"action": "list"})
        managed = self._managed()
        if managed is not None:
            return managed
        frame = framed(self.sentence)
        if frame is not None and not self._is_name(frame):
            return Adding(self.sentence, self.world, self._tuned).read(frame)
        return self._tuned()

    def _tuned(self) -> Outcome | None:
        """As a change of the monitor before."""
        if self.previous is None:
            return None
        return Tuning(Sentence(self.sight), self.world, self.previous).read()

    def _is_name(self, frame: Frame) -> bool:
        """ "WATCH STRAP BLUE": the word is of a product's name."""
        return any(
            start <= frame.start and end > frame.end and any(r.kind == "value" for r in readings)
            for start, end, readings in self.sight.candidates
        )

    # --- Those that are there ----------------------------------------------------------------------------------------

    def _managed(self) -> Outcome | None:
        sentence = self.sentence
        if ORDERED.search(sentence.text):
            return None
        for action, verbs, alone in MANAGING:
            verb = verbs.search(sentence.rest)
            if verb is None:
                continue
            if not alone.search(sentence.text) and not NOUN.search(
                sentence.rest[: verb.start()] + sentence.rest[verb.end() :]
            ):
                continue
            sentence.drop(*verb.span())
            return self._one(action)
        if not NOUN.search(sentence.rest) or any(p.search(sentence.text) for p in (EN_STRONG, EN_WEAK, EN_IF)):
            return None
        if CALMER.search(sentence.rest) or SHARPER.search(sentence.rest):
            for pattern in (CALMER, SHARPER, *CHANGING):
                sentence.take_all(pattern)
            return self._one("backtest")
        if any(pattern.search(sentence.rest) for pattern in CHANGING):
            for pattern in CHANGING:
                sentence.take(pattern)
            return self._one("change")
        for pattern in TESTING:
            if sentence.take(pattern) is not None:
                return self._one("backtest")
        return None

    def _one(self, action: str) -> Outcome | None:
        """An action on the monitor that is described, by its number or by what it watches."""
        sentence = self.sentence
        match = sentence.take(NUMBERED)
        sentence.take_all(NOUN)
        args: dict[str, Any] = {"action": action}
        if match is not None:
            args["monitor"] = int(next(text for text in match.groups() if text))
        scope = read_scope(sentence)
        condition = said(sentence) or (number(sentence) if action == "change" else None)
        side = one_side(sentence)
        missing = sentence.take(MISSING)
        learned = unusual(sentence)
        figure = Figure(sentence.scene(SMALL), self.world, args)
        try:
            figure.read()
        except Stop as stop:
            return stop.outcome
        told = self._told(condition, figure, action)
        if told is not None and told.doubt is not None:
            return asked(told.doubt, figure.args())
        found = {**figure.args(), **scope.args, **(told.args if told is not None else {})}
        if missing is not None:
            found["rule"] = "missing"
        if learned is not None and "direction" in learned.args:
            found["direction"] = learned.args["direction"]
        if side is not None:
            found["direction"] = side
        if action == "backtest" and condition is not None:
            found["action"] = "add"  # described in full: shown as it would be
        left = figure.left()
        if left:
            return unclear(figure, found, left)
        return planned(found, (*figure.notes(), *(told.notes if told is not None else ())))

    def _told(self, condition: Any, figure: Figure, action: str) -> Told | None:
        if condition is None:
            return None
        if action == "change" and not condition.op and not condition.verb:
            return turned(condition, figure.plan.metrics, self.world)
        metric = self.world.catalog.metrics[figure.metric_name()]
        return rule(condition, metric)
