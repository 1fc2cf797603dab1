"""What the readings of forecasts, causes and stock share: the steps of figures, ending in another tool's call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

from bot.understanding.outcome import Clarify, Decline, Outcome, Plan, not_known
from bot.understanding.periods import PeriodSpan
from bot.understanding.reading.draft import DEFAULT_METRIC, Stop, World
from bot.understanding.reading.figures import Figures
from bot.understanding.reading.groups import Groups
from bot.understanding.reading.rankings import Rankings
from bot.understanding.reading.times import Times
from bot.understanding.scene import Scene
from bot.understanding.spans import Span
from tools.answer import FollowUp, ToolCall
from tools.messages import Message, say
from tools.semantic.catalog import Metric
from tools.semantic.periods import Period


class NotMine(Exception):
    """The question turned out to be none of this topic."""


class Reader(Figures, Rankings, Groups, Times):
    """One topic's reading of one question. `read` gives None, or raises NotMine, where it is another topic's."""

    tool: ClassVar[str]
    topics: ClassVar[tuple[str, ...]]

    def __init__(self, scene: Scene, world: World, before: ToolCall | None) -> None:
        super().__init__(scene, world, None)
        self.before = before

    def read(self) -> Outcome | None:
        raise NotImplementedError

    def has(self, *groups: str) -> bool:
        return bool(self.scene.words(*groups))

    def own(self) -> None:
        """Uses up the topic's own words, but for those that name a value or a period of the question."""
        scene = self.scene
        for i in scene.where(lambda s: any(r.kind == "word" and self._mine(r.value) for r in s.readings)):
            span = scene.spans[i]
            if not (span.has("value") or span.has("period") or span.has("metric") or span.has("dimension")):
                scene.use(i)

    def _mine(self, group: Any) -> bool:
        return str(group).partition(":")[0] in self.topics

    # --- One figure, one split ---------------------------------------------------------------------------------

    def one_metric(self) -> None:
        """Several figures at once are asked about: each has a forecast and causes of its own."""
        self._metrics()
        if len(self.plan.metrics) > 1:
            names = tuple(self.catalog.metrics[m].label.label for m in self.plan.metrics)
            options = tuple(self._question_option(self.catalog.metrics[m]) for m in self.plan.metrics[:4])
            raise Stop(
                Clarify(say("One figure at a time, please: {metrics}. Which one first?", metrics=names), options)
            )
        self._missing_tables()

    def splits(self) -> list[str]:
        """The dimensions named, without those of time."""
        return [name for name in self.plan.by if self.catalog.dimensions[name].grain is None]

    def metric_name(self) -> str:
        return self.plan.metrics[0] if self.plan.metrics else DEFAULT_METRIC

    def spoken(self, kind: str) -> list[tuple[int, PeriodSpan]]:
        """Spans of time of one kind, with their places."""
        return [
            (i, found)
            for i, span in enumerate(self.scene.spans)
            for found in span.values("period")
            if found.kind == kind
        ]

    # --- Ending ------------------------------------------------------------------------------------------------

    def args(self, period: Period | None = None) -> dict[str, Any]:
        """The call's arguments as far as they were read."""
        raise NotImplementedError

    def label(self, args: Mapping[str, Any]) -> Message:
        """What a button with these arguments says."""
        raise NotImplementedError

    def option(self, args: Mapping[str, Any]) -> FollowUp:
        return FollowUp(self.label(args), ToolCall(self.tool, dict(args)))

    def explained(self, *, sure: bool) -> None:
        """Whether every word is accounted for. `sure`: the question is surely of this topic, so it is asked about."""
        left = self.scene.left_over()
        if not left:
            return
        if not sure:
            raise NotMine
        raise Stop(self._about(left))

    def _about(self, left: list[Span]) -> Outcome:
        unknown = [span for span in left if span.unknown or span.word("partial_name")]
        named = bool(self.plan.metrics or self.plan.filters or self.plan.by)
        words = tuple(dict.fromkeys(f"“{self.scene.original(span)}”" for span in unknown or left))[:4]
        if unknown and not named:
            return Decline(
                say(
                    "I answer questions about your team's marketing figures; this one is beyond me. "
                    "I can answer, for example:"
                ),
                self._examples(),
                why="beyond",
            )
        options = self._so_far()
        if unknown:
            return Decline(not_known([self.scene.original(span) for span in unknown]), options)
        return Clarify(say("I am not sure how {words} is meant here. Do you mean this?", words=words), options)

    def _so_far(self) -> tuple[FollowUp, ...]:
        return (self.option(self.args()),)

    def finish(self, args: Mapping[str, Any]) -> Outcome:
        notes = [
            say("Read “{typed}” as “{meant}”.", typed=typed, meant=meant) for typed, meant in self.scene.corrections
        ]
        return Plan((ToolCall(self.tool, dict(args)),), (*notes, *self.plan.notes))

    # --- Buttons of the figures' steps lead to this topic's tool ------------------------------------------------

    def _question_option(self, metric: Metric) -> FollowUp:
        return self.option({**self.args(), "metric": metric.id})

    def _groups(self) -> tuple[FollowUp, ...]:
        return self._examples()

    def _call_with(self, condition: dict[str, Any]) -> ToolCall:
        args = self.args()
        kept = [f for f in args.get("filters", ()) if f["dimension"] != condition["dimension"]]
        return ToolCall(self.tool, {**args, "filters": [*kept, condition]})

    def _call_for_period(self, period: Period) -> ToolCall:
        return ToolCall(self.tool, self.args(period))


def merged(
    old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]], by: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """The filters before with those of the question; what it filters or splits by takes the place of those."""
    taken = {condition["dimension"] for condition in new} | set(by)
    return [*(dict(f) for f in old if f["dimension"] not in taken), *(dict(f) for f in new)]


def period_of(span: Mapping[str, Any]) -> Period:
    """The days of a call's argument."""
    return Period(*(date.fromisoformat(str(span[end])) for end in ("start", "end")))
