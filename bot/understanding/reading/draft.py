"""The plan as it takes shape, and what every step of the reading leans on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from bot.understanding.numbers import Number
from bot.understanding.outcome import Decline, Outcome
from bot.understanding.scene import Scene, Sight, cover, look
from bot.understanding.spans import Span
from bot.understanding.values import ValueIndex
from tools.answer import FollowUp, ToolCall
from tools.messages import Label, Message, say
from tools.semantic.catalog import Catalog, Metric
from tools.semantic.periods import Grain, Period, shift, unit
from tools.semantic.query import Filter
from tools.semantic.wording import filter_phrase

MANY = 10  # how many a ranking shows when nobody says
DEFAULT_METRIC = "net_sales"
RANKING_ARGS = frozenset({"top", "nth", "order", "rank_by", "having"})
"""Arguments of `metrics` that say nothing without groups."""
UNITS: tuple[Grain, ...] = ("week", "month", "quarter", "year")
OPS = {"more_than": ">", "at_least": ">=", "less_than": "<", "at_most": "<="}
TOOL_TITLES = {
    "forecast": Label("forecasts", "预测"),
    "drivers": Label("explanations of changes", "变动原因分析"),
    "segments": Label("customer segments", "客户分群"),
    "churn": Label("churn lists", "流失名单"),
    "cohorts": Label("cohorts", "同期群分析"),
    "clv": Label("customer lifetime value", "客户终身价值"),
    "customer": Label("customer profiles", "客户画像"),
    "recommend": Label("product recommendations", "商品推荐"),
    "playbook": Label("the playbooks", "营销手册"),
    "digest": Label("digests", "日报订阅"),
    "monitor": Label("alerts", "指标预警"),
    "incidents": Label("incidents", "异常事件"),
}


MOST_FIGURES = 8  # of one call
MOST_NAMED = 3  # values on a button


class Stop(Exception):
    """Ends the reading early with an outcome."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


class Absent(Stop):
    """What is asked for is not in the data; the rest of the question may be clear, and serve the next one."""


@dataclass(frozen=True)
class World:
    """What the reading may lean on: the catalog, the values, the tables that are there, the day.

    `likely` is how probable it is that some page of the playbooks answers a text, 0 to 1. `acts` is whether a call
    changes something: a subscription, an alert, an event, a saved segment.
    """

    catalog: Catalog
    index: ValueIndex
    tables: frozenset[str]
    currency: str
    today: date
    first_day: date | None
    tools: frozenset[str] = frozenset({"metrics"})
    empty: frozenset[str] = frozenset()  # columns that metrics need and that hold nothing, as "table.column"
    saved: tuple[str, ...] = ()  # names of saved segments
    has_playbooks: bool = False  # whether there are documents to ask
    likely: Callable[[str], float] = lambda _text: 0.0
    acts: Callable[[ToolCall], bool] = lambda _call: False

    def sight(self, text: str) -> Sight:
        """A text with every reading that its words may have here and today."""
        return look(text, self.index, self.today, self.first_day)

    def scene(self, text: str) -> Scene:
        """A text laid out as the spans that explain most of it."""
        sight = self.sight(text)
        return cover(sight, sight.candidates)


@dataclass
class Draft:
    """The plan as it takes shape."""

    metrics: list[str] = field(default_factory=list)
    by: list[str] = field(default_factory=list)
    filters: list[dict[str, Any]] = field(default_factory=list)
    one_thing: set[str] = field(default_factory=set)  # dimensions whose values were named by one word, as one thing
    having: list[dict[str, Any]] = field(default_factory=list)
    period: Period | None = None
    more_periods: list[Period] = field(default_factory=list)
    compare: Period | str | None = None
    top: int | None = None
    nth: bool = False
    order: str = "highest"
    ranked: bool = False
    rank_by: str = "value"
    share: bool = False
    average_per: str | None = None
    notes: list[Message] = field(default_factory=list)

    def args(self, period: Period | None = None) -> dict[str, Any]:
        period = period or self.period
        found: dict[str, Any] = {
            "metrics": list(self.metrics),
            "by": list(self.by),
            "filters": list(self.filters),
            "period": days(period),
        }
        if self.compare is not None:
            found["compare"] = days(self.compare) if isinstance(self.compare, Period) else self.compare
        if self.having:
            found["having"] = self.having
        if self.top:
            found["top"] = self.top
        if self.top and self.nth:
            found["nth"] = True
        if self.order != "highest":
            found["order"] = self.order
        if self.rank_by != "value":
            found["rank_by"] = self.rank_by
        if self.share:
            found["share"] = True
        if self.average_per:
            found["average_per"] = self.average_per
        return found


def days(period: Period | None) -> dict[str, str] | None:
    return None if period is None else {"start": period.start.isoformat(), "end": period.end.isoformat()}


def examples(today: date) -> tuple[FollowUp, ...]:
    """Questions that work, of the last month."""
    month = unit(today, "month").previous()
    calls: list[tuple[Message, Mapping[str, Any]]] = [
        (say("Net sales last month"), {"metrics": [DEFAULT_METRIC], "period": days(month)}),
        (
            say("Top 5 products last month"),
            {"metrics": [DEFAULT_METRIC], "by": ["product"], "period": days(month), "top": 5},
        ),
        (
            say("Orders by country last month"),
            {"metrics": ["orders"], "by": ["country"], "period": days(month), "top": MANY},
        ),
    ]
    return tuple(FollowUp(label, ToolCall("metrics", dict(args)), sample=True) for label, args in calls)


def offer(args: Mapping[str, Any], world: World) -> FollowUp:
    """A call of `metrics` as a button that says what it gives, its limits and groups too."""
    metrics = tuple(world.catalog.metrics[m].label.label for m in args["metrics"])
    said: Message = say("{metric}", metric=metrics)
    for condition in map(Filter.model_validate, args.get("filters", ())):
        dimension = world.catalog.dimension(condition.dimension)
        values = [world.index.called(dimension, value) for value in condition.values[:MOST_NAMED]]
        values += ["…"] if len(condition.values) > MOST_NAMED else []
        said = say("{metric} {where}", metric=said, where=filter_phrase(dimension, condition, values))
    if args.get("by"):
        groups = tuple(world.catalog.dimensions[by].label.label.inside() for by in args["by"])
        said = say("{metric} by {dimension}", metric=said, dimension=groups)
    if args.get("nth"):
        said = say("{metric}, number {place}", metric=said, place=str(args["top"]))
    elif args.get("top"):
        said = say("{metric}, top {count}", metric=said, count=args["top"])
    period = args["period"]
    when = Period(date.fromisoformat(period["start"]), date.fromisoformat(period["end"]))
    return FollowUp(say("{metric}, {period}", metric=said, period=when), ToolCall("metrics", dict(args)))


class Base:
    """One question's reading. Each step uses up the spans it explains; a step that settles the matter raises Stop."""

    def __init__(self, scene: Scene, world: World, previous: ToolCall | None) -> None:
        self.scene = scene
        self.world = world
        self.catalog = world.catalog
        self.previous = previous if previous is not None and previous.tool == "metrics" else None
        self.plan = Draft()
        self.overview = False  # the core figures, because none was named
        self.assumed = False  # their period, because none was named
        self._ids: set[int] = set()  # numbers that are customers' ids
        self.top_unsaid = False  # how many a ranking has was not said
        self.some_growth = False  # ranked by growth: by how much, or by how much in percent, was not said
        self.hostile: str | None = None  # what the text as a whole tries
        self.conditions: tuple[tuple[int, int], ...] = ()  # where customers' consent is spoken of

    def _preferred(self, names: Iterable[str]) -> str:
        """Of several metrics of one name, the first whose tables are there."""
        choices = list(names)
        for name in choices:
            if self.world.tables >= set(self.catalog.tables_of(self.catalog.metrics[name])):
                return name
        return choices[0]

    def _is_how_many(self, i: int) -> bool:
        previous = self.scene.before(i, skip=("classifier",))
        return previous is not None and self.scene.spans[previous].word("how_many")

    def _labels_a_value(self, i: int) -> bool:
        """ "customer 12347", "商品22197": the word only says what the code after it is."""
        following = self.scene.after(i)
        return following is not None and following == i + 1 and self._code_like(self.scene.spans[following])

    def _code_like(self, span: Span) -> bool:
        """Whether a span is a code: digits, or a known code; never a name that holds a digit."""
        number = next(iter(span.values("number")), None)
        if number is not None and number.whole is not None and len(span.text) >= 4:
            return not span.has("period") and span.text[-1].isdigit()
        return span.has("value") and " " not in span.text and any(c.isdigit() for c in span.text)

    def _offer(self, args: Mapping[str, Any]) -> FollowUp:
        return offer(args, self.world)

    def _question_option(self, metric: Metric) -> FollowUp:
        """A figure with the places and the like that the question names, as far as it is known by them."""
        allowed = {dimension.id for dimension in self.catalog.dimensions_of(metric)}
        filters = [f for f in (self.plan.filters or self._named_places()) if f["dimension"] in allowed]
        period = days(self._any_period())
        return self._offer({"metrics": [metric.id], "by": [], "filters": filters, "period": period})

    def _named_places(self) -> list[dict[str, Any]]:
        """The values that a question names, before they are read: certain ones only, and none that may be excluded."""
        if self.scene.words("exclude", "exclude_after"):
            return []
        found: dict[str, list[str]] = {}
        for span in self.scene.spans:
            values = span.values("value")
            if len(values) == 1 and not span.word("partial_name"):
                found.setdefault(values[0][0], []).append(values[0][1])
        return [{"dimension": dimension, "op": "in", "values": values} for dimension, values in found.items()]

    def _any_period(self) -> Period:
        for span in self.scene.spans:
            for found in span.values("period"):
                if found.kind == "period" and found.period is not None:
                    return self._clip(found.period)
        return unit(self.world.today, "month").previous()

    def _number(self, i: int | None) -> Number | None:
        if i is None:
            return None
        return next(iter(self.scene.spans[i].values("number")), None)

    def _whole(self, i: int) -> int | None:
        number = self._number(i)
        return (
            None
            if number is None or number.money or number.whole is None or not 0 < number.whole <= 1000
            else number.whole
        )

    def _allowed(self) -> set[str]:
        metrics = [self.catalog.metrics[m] for m in self.plan.metrics] or [self.catalog.metrics[DEFAULT_METRIC]]
        sets = [{d.id for d in self.catalog.dimensions_of(metric)} for metric in metrics]
        return set.intersection(*sets)

    def _has_values(self, name: str) -> bool:
        dimension = self.catalog.dimensions[name]
        return dimension.is_time or name in ("customer", "product") or name in self.world.index.present

    def _there(self, names: list[str]) -> str:
        """Of several dimensions of one name ("channel"), the first that the store has values for."""
        for name in names:
            if self._has_values(name):
                return name
        return names[0]

    def _call_with(self, condition: dict[str, Any]) -> ToolCall:
        """The plan so far with one more filter, for a button; the period is read if it has not been."""
        args = {
            "metrics": self.plan.metrics or [DEFAULT_METRIC],
            "by": [b for b in self.plan.by if b != condition["dimension"]],
            "filters": [*self.plan.filters, condition],
            "period": days(self._any_period()),
        }
        return ToolCall("metrics", args)

    def _clip(self, period: Period) -> Period:
        """A unit still running counts up to today; a period in the future stays as it is, and is refused by name."""
        if period.start <= self.world.today < period.end:
            return Period(period.start, self.world.today)
        return period

    def _call_for_period(self, period: Period) -> ToolCall:
        plan = self.plan
        saved, plan.period = plan.period, period
        args = plan.args()
        plan.period = saved
        args["metrics"] = args["metrics"] or [DEFAULT_METRIC]
        ranking = () if args["by"] else RANKING_ARGS
        return ToolCall("metrics", {name: value for name, value in args.items() if name not in ranking})

    def _call_compared(self, current: Period, baseline: Period) -> ToolCall:
        args = {"metrics": self.plan.metrics or [DEFAULT_METRIC], "by": self.plan.by, "filters": self.plan.filters}
        return ToolCall("metrics", {**args, "period": days(current), "compare": days(baseline)})

    def _running(self, period: Period) -> bool:
        return period.start <= self.world.today <= period.end

    def _before(self, period: Period) -> Period:
        """The period before. A unit that still runs is compared day for day; one that ends today is whole."""
        if not self._running(period):
            return period.previous()
        for grain in UNITS:
            whole = unit(self.world.today, grain)
            if period.start == whole.start and not self._rolling():
                if whole.end == self.world.today:
                    return period.previous()
                start = shift(period.start, grain, -1)
                last = unit(start, grain).end
                return Period(start, min(last, start + timedelta(days=(self.world.today - period.start).days)))
        return period.previous()

    def _rolling(self) -> bool:
        """Whether a rolling span such as "last 9 days", rather than a unit so far, ends today."""
        return any(
            p.kind == "period"
            and p.assumed == "rolling"
            and p.grain is None
            and p.period is not None
            and p.period.end == self.world.today
            for span in self.scene.spans
            for p in span.values("period")
        )

    def _readable(self) -> bool:
        plan = self.plan
        return bool(plan.metrics or plan.by or plan.filters or plan.period or plan.ranked)

    def _without(self) -> tuple[FollowUp, ...]:
        """The question without the words that were not understood, as a button that says what it gives."""
        plan = self.plan
        if not plan.metrics or plan.period is None:
            return self._examples()
        return (self._offer(plan.args()),)

    def _groups(self) -> tuple[FollowUp, ...]:
        plan = self.plan
        period = plan.period or unit(self.world.today, "month").previous()
        metrics = plan.metrics or [DEFAULT_METRIC]
        allowed = self._allowed()
        found = []
        for name in ("product", "country", "category", "channel", "customer"):
            if (
                name in allowed
                and self._there([name, name])
                and (name in ("product", "customer") or name in self.world.index.present)
            ):
                args = {**plan.args(period), "metrics": metrics, "by": [name], "top": plan.top or MANY}
                label = say(
                    "{metric} by {dimension}, {period}",
                    metric=self.catalog.metrics[metrics[0]].label.label,
                    dimension=self.catalog.dimensions[name].label.label.inside(),
                    period=period,
                )
                found.append(FollowUp(label, ToolCall("metrics", args)))
        return tuple(found[:4])

    def _period_options(self) -> tuple[FollowUp, ...]:
        today = self.world.today
        choices = [
            unit(today, "month").previous(),
            Period(today - timedelta(days=29), today),
            Period(unit(today, "year").start, today),
        ]
        if self.world.first_day is not None and self.world.first_day < today:
            choices.append(Period(self.world.first_day, today))
        return tuple(FollowUp(say("{period}", period=p), self._call_for_period(p)) for p in dict.fromkeys(choices))

    def _beyond(self) -> Decline:
        """The question is about nothing that figures know."""
        return Decline(
            say(
                "I answer questions about your team's marketing figures; this one is beyond me. "
                "I can answer, for example:"
            ),
            self._examples(),
            why="beyond",
        )

    def _rest(self) -> ToolCall | None:
        """What stands of a question whose figure is not there; None where it has words that nobody has read."""
        return None if self.scene.left_over() else self._pending()

    def _pending(self) -> ToolCall:
        """The plan as it stands, for the next message to complete."""
        return ToolCall("metrics", self.plan.args())

    def _examples(self) -> tuple[FollowUp, ...]:
        return examples(self.world.today)
