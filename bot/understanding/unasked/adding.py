"""A monitor that is ordered in a sentence: its figure, its rule, and what cannot be so."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, replace
from typing import Any

from bot.understanding.outcome import Clarify, Decline, Outcome
from bot.understanding.reading.draft import DEFAULT_METRIC, Stop, World
from bot.understanding.unasked.conditions import MISSING, Said, Told, number, one_side, rule, said, unusual
from bot.understanding.unasked.figure import Figure, foreign_money, option
from bot.understanding.unasked.frames import ANYTHING, CORE, PAST, SMALL, ZH_AS_SOON, Frame
from bot.understanding.unasked.outcomes import MONITOR, SHOWN, asked, planned, unclear
from bot.understanding.unasked.scope import LEAST, Scope, least_of, read_scope
from bot.understanding.unasked.sentence import Doubt, Sentence
from tools.answer import FollowUp, ToolCall
from tools.messages import Message, say

MOST_SPLITS = 2
# 不到10件, 少于20单: the measure word names the figure.
COUNTED = re.compile(r"[件单笔](?=(?:以[上下])?$)")


@dataclass(frozen=True)
class Heard:
    """What a sentence says of a monitor besides its figure."""

    frame: Frame
    scope: Scope
    condition: Said | None
    learned: Told | None
    side: str | None
    least: float | None
    missing: bool


class Adding:
    """Reads a sentence that a frame opens. `tuned` reads it as a change of the monitor before."""

    def __init__(self, sentence: Sentence, world: World, tuned: Callable[[], Outcome | None]) -> None:
        self.sentence, self.world, self.tuned = sentence, world, tuned

    def read(self, frame: Frame) -> Outcome | None:
        """The outcome; None: the words only looked like an order."""
        sentence = self.sentence
        if ANYTHING.search(sentence.rest) or CORE.search(sentence.text):
            core = self._defaults(frame, sentence.copy())
            if core is not None:
                return core
        scope = read_scope(sentence)
        if frame.weak and PAST.search(sentence.rest):
            return None
        heard = self._heard(frame, scope)
        if heard is None:
            return None
        condition = heard.condition
        if condition is not None and (foreign := foreign_money(condition.amount.symbol, self.world)) is not None:
            return foreign
        args: dict[str, Any] = {"action": "add"}
        if heard.missing:
            args["rule"] = "missing"
        elif heard.learned is not None:
            args |= heard.learned.args
        other = said(sentence) if condition is not None else None
        figure = Figure(sentence.scene(SMALL), self.world, args)
        if condition is not None and other is None:
            figure.ruled = lambda metric: {**scope.args, **rule(condition, metric).args}
        try:
            figure.read()
        except Stop as stop:
            if other is not None and len(figure.plan.metrics) > 1:
                return Clarify(say("One figure and one condition for each alert, please. Which one first?"))
            return None if frame.weak and not (figure.plan.metrics or heard.missing) else stop.outcome
        dated = any(p.kind == "period" and p.period for s in figure.left() for p in s.values("period"))
        if frame.weak and dated and not heard.missing:
            return None
        counted = COUNTED.search(condition.text) if condition is not None else None
        if counted is not None and not figure.plan.metrics:
            figure.plan.metrics = ["units" if counted.group() == "件" else "orders"]
        if not figure.plan.metrics:
            if not heard.missing:
                return None if frame.weak else self.tuned() or self._which(figure, condition)
            figure.plan.metrics = [DEFAULT_METRIC]
        if condition is not None and other is not None:
            return self._two(condition, other, figure)
        return self._ruled(heard, figure)

    def _two(self, first: Said, second: Said, figure: Figure) -> Clarify:
        """A monitor has one condition."""
        metric = self.world.catalog.metrics[figure.plan.metrics[0]]
        rules = [told.args for told in (rule(first, metric), rule(second, metric)) if told.args]
        options = tuple(option(MONITOR, {**figure.args(), **args}, self.world) for args in rules)
        return Clarify(say("One condition for each alert, please. Which one first?"), options)

    def _heard(self, frame: Frame, scope: Scope) -> Heard | None:
        """What is said besides the figure; None where a weak frame has no condition."""
        sentence = self.sentence
        sentence.take(ZH_AS_SOON)
        least = sentence.take(LEAST)
        side = one_side(sentence)
        condition = said(sentence)
        missing = condition is None and sentence.take(MISSING) is not None
        learned = None if condition is not None or missing else unusual(sentence)
        if condition is None and learned is None and not missing:
            if frame.weak and not frame.bare:
                return None
            condition = number(sentence)
        if condition is not None and scope.way and not (condition.verb or condition.op):
            condition = replace(condition, verb=scope.way)
        return Heard(frame, scope, condition, learned, side, least_of(least), missing)

    def _ruled(self, heard: Heard, figure: Figure) -> Outcome | None:
        scope, left = heard.scope, figure.left()
        metric = self.world.catalog.metrics[figure.plan.metrics[0]]
        told = rule(heard.condition, metric) if heard.condition is not None else heard.learned
        args = figure.args()
        if told is not None and told.doubt is not None:
            return asked(told.doubt, {**args, **scope.args})
        args |= told.args if told is not None else {}
        kind = args.get("rule", "learned")
        notes = [*figure.notes(), *scope.notes, *(told.notes if told is not None else ())]
        doubts = [*scope.doubts, *self._fits(args, scope, kind, heard.side, figure.plan.one_thing)]
        args |= scope.rest(kind)
        if heard.side is not None and kind != "threshold":
            args["direction"] = heard.side
        if heard.least is not None:
            args["least"] = heard.least
        if kind == "change" and not scope.compared and args.get("over", 1) == 1:
            notes.append(say("Compared with the same day of last week, since nothing else was named."))
        if doubts:
            return asked(doubts[0], args)
        if left:
            doubtful = heard.frame.weak and heard.condition is None and not heard.missing
            return None if doubtful else unclear(figure, args, left)
        return planned(args, tuple(notes))

    def _fits(
        self, args: Mapping[str, Any], scope: Scope, kind: str, side: str | None, one_thing: Set[str]
    ) -> list[Doubt]:
        """What is said of a figure's rule and cannot be so."""
        found = []
        if scope.compared and kind == "threshold":
            found.append(
                Doubt(
                    say("A level, or a change? A level is compared with nothing."),
                    ((self._label(args), {"against": "season before", "over": 1}),),
                )
            )
        if kind == "change" and args.get("over", scope.args.get("over")) == 30:
            found.append(
                Doubt(
                    say("A month is not compared with the month before. Which of these do you mean?"),
                    ((say("Week over week"), {"over": 7}), (say("With the same day of last week"), {"over": 1})),
                )
            )
        if kind == "threshold" and side is not None and side != args.get("direction"):
            found.append(
                Doubt(
                    say("Above the level, or below it?"),
                    tuple((self._label({**args, "direction": way}), {"direction": way}) for way in ("down", "up")),
                )
            )
        limits = (f for f in args.get("filters", ()) if f["dimension"] != "weekday")
        together = [f for f in limits if f["op"] == "in" and len(f["values"]) > 1]
        settled = {*args.get("by", ()), *one_thing}
        several = [f["dimension"] for f in together if f["dimension"] not in settled]
        if several and len(args.get("by", ())) < MOST_SPLITS:
            label = self._label(args)
            found.append(
                Doubt(
                    say("Together, or each by itself?"),
                    (
                        (say("{what}, together", what=label), {}),
                        (say("{what}, each by itself", what=label), {"by": [*args.get("by", ()), several[0]]}),
                    ),
                )
            )
        over_time = [b for b in args.get("by", ()) if self.world.catalog.dimensions[b].is_time]
        on_days = [f for f in args.get("filters", ()) if f["dimension"] == "weekday"]
        if over_time or on_days:
            kept = {name: value for name, value in args.items() if name not in ("by", "filters")}
            found.append(
                Doubt(
                    say("A monitor looks at every day or hour, one after the other. Shall I watch all of them?"),
                    ((self._label(kept), {"by": [], "filters": []}),),
                )
            )
        return found

    def _defaults(self, frame: Frame, sentence: Sentence) -> Outcome | None:
        """The core figures all together; None where one is named."""
        sentence.take_all(ANYTHING)
        core = CORE.search(sentence.text)
        if core is not None:
            sentence.drop(*core.span())
        unusual(sentence)
        figure = Figure(sentence.scene(SMALL), self.world, {"action": "defaults"})
        try:
            figure.read()
        except Stop as stop:
            return None if frame.weak else stop.outcome
        if figure.plan.metrics or (figure.left() and frame.weak):
            return None
        if not (figure.left() or figure.plan.filters or figure.plan.by):
            return planned({"action": "defaults"})
        limits = figure.args()
        call = {**limits, "action": "add", "metric": DEFAULT_METRIC}
        return Clarify(
            say("Which figure shall I watch? The core figures are watched for the whole store."),
            (
                option(MONITOR, call, self.world),
                FollowUp(say("Watch the core figures"), ToolCall(MONITOR, {"action": "defaults"})),
            ),
        )

    def _which(self, figure: Figure, condition: Any) -> Outcome:
        """No figure was named."""
        if figure.left():
            words = tuple(dict.fromkeys(f"“{figure.scene.original(s)}”" for s in figure.left()))[:SHOWN]
            return Decline(
                say("I do not know what {words} means here, so I watch nothing yet.", words=words), self._examples()
            )
        if condition is not None:
            choices = []
            for name in ("net_sales", "orders", "return_rate"):
                told = rule(condition, self.world.catalog.metrics[name])
                if told.args:
                    choices.append(option(MONITOR, {**figure.args(), "metric": name, **told.args}, self.world))
            return Clarify(say("Which figure shall I watch?"), tuple(choices))
        return Clarify(say("Which figure shall I watch?"), self._examples())

    def _examples(self) -> tuple[FollowUp, ...]:
        calls: tuple[dict[str, Any], ...] = (
            {"action": "defaults"},
            {"action": "add", "metric": "net_sales"},
            {"action": "add", "metric": "return_rate", "direction": "up"},
        )
        return tuple(option(MONITOR, call, self.world) for call in calls)

    def _label(self, args: Mapping[str, Any]) -> Message:
        return option(MONITOR, args, self.world).label
