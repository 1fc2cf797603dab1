"""The figures that a digest or a monitor is to be of, and what limits them: read as questions of figures are."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from bot.understanding.foresight.reader import Reader
from bot.understanding.lexicon import tokens
from bot.understanding.outcome import Clarify, Decline, Outcome
from bot.understanding.reading.draft import Stop, World
from bot.understanding.scene import Scene
from bot.understanding.spans import Span
from tools.answer import FollowUp, ToolCall
from tools.messages import Message, say
from tools.nearest import nearest
from tools.semantic.catalog import Metric
from tools.semantic.periods import Period

KNOWN = 3
ANY_ONE = re.compile(r"\b(?:an?|any|one|single|some)$|(?:某一?|任一|任意|任何|单|一)[个款种件]?$")


class Figure(Reader):
    """What is left of a sentence after what was taken from it; `call` holds the arguments that were read before."""

    tool: ClassVar[str] = "monitor"
    topics: ClassVar[tuple[str, ...]] = ()
    several: ClassVar[bool] = False

    def __init__(self, scene: Scene, world: World, call: Mapping[str, Any]) -> None:
        super().__init__(scene, world, None)
        self.call = dict(call)
        self.ruled: Callable[[Metric], Mapping[str, Any]] | None = None  # a condition's arguments for a figure

    def read(self) -> Outcome | None:
        """Reads figures, groups and limits. Raises Stop where they cannot be told."""
        if self.several:
            self._metrics()
            self._missing_tables()
        else:
            self.one_metric()
        if not self.plan.metrics:
            self._unknown_figure()
        self._dimensions()
        self._values()
        self._foreign_money()
        return None

    def dated(self) -> Period | None:
        """The one period that is named. Raises Stop where there are two, or one that cannot be."""
        spans = [(i, p) for i, s in enumerate(self.scene.spans) for p in s.values("period") if p.kind == "period"]
        if len({p.period for _i, p in spans}) > 1 or any(p.period is None for _i, p in spans):
            raise Stop(Clarify(say("For which period?")))
        self.scene.use(*(i for i, _p in spans))
        return self._clip(spans[0][1].period) if spans else None

    def left(self) -> list[Span]:
        return self.scene.left_over()

    def args(self, period: Any = None) -> dict[str, Any]:  # noqa: ARG002
        found = dict(self.call)
        if self.several:
            if self.plan.metrics:
                found["metrics"] = list(self.plan.metrics)
        elif self.plan.metrics:
            found["metric"] = self.plan.metrics[0]
        if self.ruled is not None and "metric" in found:
            found |= self.ruled(self.catalog.metrics[found["metric"]])
        if self.plan.by and not self.several:
            found["by"] = list(self.plan.by)
        if self.plan.filters:
            found["filters"] = list(self.plan.filters)
        return found

    def _question_option(self, metric: Metric) -> FollowUp:
        if self.several:
            return self.option({**self.args(), "metrics": [metric.id]})
        ruled = self.ruled(metric) if self.ruled is not None else {}
        return self.option({**self.args(), "metric": metric.id, **ruled})

    def _only_a_noun(self, i: int, name: str) -> bool:
        """ "When a product sells less than 10 units" is of each product; "customers in France" splits nothing."""
        before = self.scene.norm.folded[: self.scene.spans[i].start].rstrip()
        return ANY_ONE.search(before) is None and super()._only_a_noun(i, name)

    def label(self, args: Mapping[str, Any]) -> Message:
        return label(self.tool, args, self.world)

    def notes(self) -> tuple[Message, ...]:
        read = (say("Read “{typed}” as “{meant}”.", typed=t, meant=m) for t, m in self.scene.corrections)
        return (*read, *self.plan.notes)

    def _unknown_figure(self) -> None:
        """A figure that nobody knows is named with those that come near to it."""
        unknown = [span for span in self.left() if span.unknown or span.word("partial_name")]
        if not unknown or self.several:
            return
        text = " ".join(dict.fromkeys(self.scene.original(span) for span in unknown[:3]))
        names = {
            phrase: metric
            for metric in self.catalog.visible_metrics
            for phrase in (metric.label.en, metric.label.zh, *metric.synonyms.en, *metric.synonyms.zh)
        }
        found = list(dict.fromkeys(names[phrase].id for phrase in nearest(text, names, limit=12)))
        there = [m for m in found if self.world.tables >= set(self.catalog.tables_of(self.catalog.metrics[m]))]
        near = there[:KNOWN] or ["net_sales", "orders", "return_rate"]
        options = tuple(self.option({**self.call, "metric": name}) for name in near)
        words = tuple(self.catalog.metrics[name].label.label for name in near)
        raise Stop(
            Decline(
                say("I know no figure called “{text}”. Nearest: {choices}.", text=text, choices=words),
                options if self.ruled is None else (),  # a level is one figure's
            )
        )

    def _foreign_money(self) -> None:
        for i in self.scene.words("other_currency"):
            if i not in self.scene.used:
                raise Stop(_not_in(self.scene.original(self.scene.spans[i]), self.world))


class Figures(Figure):
    """Several figures at once: those of a digest."""

    tool: ClassVar[str] = "digest"
    several: ClassVar[bool] = True


def label(tool: str, args: Mapping[str, Any], world: World) -> Message:
    """What a button with these arguments says: the figure and the rule, or the rhythm and the time."""
    if tool == "digest":
        return _digest_label(args)
    metric = world.catalog.metrics.get(str(args.get("metric")))
    if metric is None:
        return say("Watch the core figures")
    return rule_label(args, metric)


def rule_label(args: Mapping[str, Any], metric: Metric) -> Message:
    """A monitor's rule in a few words."""
    name = metric.label.label
    rule = args.get("rule", "learned")
    if rule == "threshold" and "level" in args:
        level = _told(args["level"], metric.unit)
        if args.get("direction") == "up":
            return say("{metric} above {level}", metric=name, level=level)
        return say("{metric} below {level}", metric=name, level=level)
    if rule == "change" and "share" in args:
        share = f"{args['share'] * 100:g}%"
        if args.get("direction") == "up":
            return say("{metric} up by more than {share}", metric=name, share=share)
        if args.get("direction") == "down":
            return say("{metric} down by more than {share}", metric=name, share=share)
        return say("{metric} changed by more than {share}", metric=name, share=share)
    return say("{metric} out of the ordinary", metric=name)


def _told(level: float, unit: str) -> str:
    return f"{level * 100:g}%" if unit == "ratio" else f"{level:,.10g}"


def _digest_label(args: Mapping[str, Any]) -> Message:
    at = args.get("at") or "09:00"
    match args.get("rhythm"):
        case "weekly":
            return say("A weekly digest at {time}", time=at)
        case "monthly":
            return say("A monthly digest at {time}", time=at)
        case _:
            return say("A daily digest at {time}", time=at)


def foreign_money(symbol: str, world: World) -> Decline | None:
    """The refusal of an amount in another currency than the store's, by its sign."""
    spans = world.index.lexicon.spans(symbol, tokens(symbol)) if symbol else ()
    return _not_in(symbol, world) if any(span.word("other_currency") for span in spans) else None


def _not_in(text: str, world: World) -> Decline:
    return Decline(
        say("Figures are in {currency}; I cannot convert them to {text}.", currency=world.currency, text=text)
    )


def option(tool: str, args: Mapping[str, Any], world: World) -> FollowUp:
    return FollowUp(label(tool, args, world), ToolCall(tool, dict(args)))
