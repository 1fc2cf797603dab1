"""From spans to a plan: which figure, of what, when, against what, in which order.

The rule that keeps wrong answers out: every span must be used by the reading or be grammar that changes
nothing. Otherwise the question is asked back or declined, naming what was not understood.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from bot.understanding.lexicon import CUES
from bot.understanding.numbers import Number
from bot.understanding.outcome import Clarify, Decline, Outcome, Plan
from bot.understanding.periods import PeriodSpan
from bot.understanding.scene import Scene, lay_out
from bot.understanding.spans import Span
from bot.understanding.values import ValueIndex
from tools.answer import FollowUp, ToolCall
from tools.messages import Label, Message, say
from tools.semantic.catalog import Catalog, Metric
from tools.nearest import nearest
from tools.semantic.periods import Grain, Period, shift, split, unit

MANY = 10  # how many a ranking shows when nobody says
OVERVIEW = ("net_sales", "orders", "aov", "active_customers", "return_rate")
DEFAULT_METRIC = "net_sales"
UNITS: tuple[Grain, ...] = ("week", "month", "quarter", "year")
OPS = {"more_than": ">", "at_least": ">=", "less_than": "<", "at_most": "<="}
WEEKDAY_NAMES = {
    name: number
    for number, names in enumerate(
        (
            ("monday", "mon", "周一", "星期一", "礼拜一"),
            ("tuesday", "tue", "周二", "星期二", "礼拜二"),
            ("wednesday", "wed", "周三", "星期三", "礼拜三"),
            ("thursday", "thu", "周四", "星期四", "礼拜四"),
            ("friday", "fri", "周五", "星期五", "礼拜五"),
            ("saturday", "sat", "周六", "星期六", "礼拜六"),
            ("sunday", "sun", "周日", "星期日", "星期天", "礼拜天", "礼拜日", "周天"),
        ),
        start=1,
    )
    for name in names
}
TOOL_TITLES = {
    "forecast": Label("forecasts", "预测"),
    "drivers": Label("explanations of changes", "变动原因分析"),
    "segments": Label("customer segments", "客户分群"),
    "churn": Label("churn lists", "流失名单"),
    "cohorts": Label("cohorts", "同期群分析"),
    "clv": Label("customer lifetime value", "客户终身价值"),
    "recommend": Label("product recommendations", "商品推荐"),
    "playbook": Label("the playbooks", "营销手册"),
    "digest": Label("digests", "日报订阅"),
    "monitor": Label("alerts", "指标预警"),
}


class _Stop(Exception):
    """Ends the reading early with an outcome."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


@dataclass(frozen=True)
class World:
    """What the reading may lean on: the catalog, the values, the tables that are there, the day."""

    catalog: Catalog
    index: ValueIndex
    tables: frozenset[str]
    tools: frozenset[str]
    currency: str
    today: date
    first_day: date | None
    last_day: date | None


@dataclass
class _Reading:
    """The plan as it takes shape."""

    metrics: list[str] = field(default_factory=list)
    by: list[str] = field(default_factory=list)
    filters: list[dict[str, Any]] = field(default_factory=list)
    having: list[dict[str, Any]] = field(default_factory=list)
    period: Period | None = None
    more_periods: list[Period] = field(default_factory=list)
    compare: Period | str | None = None
    top: int | None = None
    order: str = "highest"
    ranked: bool = False
    rank_by: str = "value"
    share: bool = False
    average_per: str | None = None
    notes: list[Message] = field(default_factory=list)

    def args(self, period: Period | None = None) -> dict[str, Any]:
        period = period or self.period
        found: dict[str, Any] = {"metrics": self.metrics, "by": self.by, "filters": self.filters, "period": _days(period)}
        if self.compare is not None:
            found["compare"] = _days(self.compare) if isinstance(self.compare, Period) else self.compare
        if self.having:
            found["having"] = self.having
        if self.top:
            found["top"] = self.top
        if self.order != "highest":
            found["order"] = self.order
        if self.rank_by != "value":
            found["rank_by"] = self.rank_by
        if self.share:
            found["share"] = True
        if self.average_per:
            found["average_per"] = self.average_per
        return found


def _days(period: Period | None) -> dict[str, str] | None:
    return None if period is None else {"start": period.start.isoformat(), "end": period.end.isoformat()}


def interpret(text: str, world: World, previous: ToolCall | None = None) -> Outcome:
    """The outcome of a question. `previous` is the call that the conversation last came to."""
    scene = lay_out(text, world.index, world.today, world.first_day)
    try:
        return _Interpreter(scene, world, previous).outcome()
    except _Stop as stop:
        return stop.outcome


class _Interpreter:
    """One question's reading, step by step; each step uses up the spans it explains."""

    def __init__(self, scene: Scene, world: World, previous: ToolCall | None) -> None:
        self.scene = scene
        self.world = world
        self.catalog = world.catalog
        self.previous = previous if previous is not None and previous.tool == "metrics" else None
        self.plan = _Reading()

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

    # --- Before anything else -----------------------------------------------------------------------------

    def _guard(self) -> None:
        """Personal data and attempts to steer the bot are refused whatever else is asked."""
        if self.scene.words("tampering"):
            raise _Stop(Decline(say("I only answer marketing questions from your team's figures; I cannot do that."), self._examples()))
        if self.scene.words("personal"):
            raise _Stop(
                Decline(
                    say("I do not hand out customers' personal data. I can count and group customers instead."),
                    self._examples(),
                )
            )

    def _social(self) -> None:
        telling = [s for s in self.scene.spans if not s.word("filler", "follow_up", "and", "classifier")]
        if self.scene.words("help") and not any(s.has("metric") or s.has("period") for s in telling):
            raise _Stop(Clarify(say("Ask me about your figures in plain words, for example:"), self._examples()))
        if telling and all(s.word("greeting", "thanks") for s in telling):
            if telling[0].word("thanks"):
                raise _Stop(Clarify(say("You are welcome! What would you like to know next?"), self._examples()))
            raise _Stop(Clarify(say("Hello! What would you like to know? For example:"), self._examples()))
        if not self.scene.spans:
            raise _Stop(Decline(say("I read no question in that. Ask me about your figures, for example:"), self._examples()))

    def _other_tools(self) -> None:
        """Signs of work that another tool does. One that is not there is said, never answered by a figure."""
        found = [value for span in self.scene.spans for value in span.values("cue") if self._is_cue(span)]
        for cue in CUES:
            if cue in found:
                raise _Stop(
                    Decline(say("I cannot do {tool} yet. I can compute, compare and rank figures.", tool=TOOL_TITLES[cue]), self._examples())
                )

    def _is_cue(self, span: Span) -> bool:
        return not (span.has("metric") or span.has("value") or span.has("period"))

    # --- Metrics ------------------------------------------------------------------------------------------

    def _averages(self) -> None:
        scene = self.scene
        for grain in ("day", "week", "month", "quarter", "year"):
            for i in scene.words(f"average_per:{grain}"):
                scene.use(i)
                self.plan.average_per = grain
        for i in scene.words("average"):
            grains = scene.where(lambda s: any(p.kind == "grain" for p in s.values("period")))
            if self.plan.average_per is None and grains:
                self.plan.average_per = next(p.grain for p in scene.spans[grains[0]].values("period") if p.kind == "grain")
                scene.use(i, grains[0])

    def _metrics(self) -> None:
        scene, plan = self.scene, self.plan
        certain = scene.where(lambda s: s.has("metric") and not s.has("dimension"))
        doubtful = scene.where(lambda s: s.has("metric") and s.has("dimension"))
        chosen = list(certain)
        ordered = bool(scene.words("highest", "lowest", "top", "rank", "rank_ascending", "rank_by_change", "rank_by_fall", "selling", "selling_worst"))
        for i in doubtful:
            if self._names_a_group(i, bool(certain) or ordered) or self._labels_a_value(i):
                continue
            if certain:
                # "sales to customers in Germany": every sale is to one, so the word adds nothing unless it is joined.
                joined = any(scene.separated(c, i) for c in certain if c < i) or any(scene.separated(i, c) for c in certain if c > i)
                if not joined:
                    scene.use(i)
                    continue
            chosen.append(i)
        for i in scene.where(lambda s: s.has("dimension") and not s.has("metric")):
            counted = self._counted(i)
            if counted and not certain and not doubtful:
                chosen.append(i)
        chosen = self._counted_only(chosen, doubtful)
        chosen.sort()
        acquired = scene.words("acquired")
        for first, second in zip(chosen, chosen[1:], strict=False):
            if not scene.separated(first, second) and not self._is_limit(second):
                self._two_metrics(first, second)
        for i in chosen:
            names = scene.spans[i].values("metric") or ((self._counted(i) or DEFAULT_METRIC),)
            scene.use(i)
            if self._is_limit(i):
                continue
            name = self._preferred(names)
            if acquired and name == "active_customers":
                name = "new_customers"  # customers won are new ones
            if name == "new_customers":
                scene.use(*acquired)
            if name not in plan.metrics:
                plan.metrics.append(name)
        self._pieces()
        if not plan.metrics and scene.words("overview"):
            scene.use(*scene.words("overview"))
            plan.metrics = list(OVERVIEW)
        self._bare_selling()

    def _counted_only(self, chosen: list[int], doubtful: list[int]) -> list[int]:
        """ "How many customers …": what is counted is the figure; a second figure beside it is asked about."""
        scene = self.scene
        for i in chosen:
            metric = next((self.catalog.metrics[m] for m in scene.spans[i].values("metric")), None)
            if metric is None or metric.unit != "currency" or not self._is_counted(i):
                continue
            counts = {"returns": ("returns", "returned_units"), "net_sales": ("orders", "units", "net_sales")}
            options = tuple(self._question_option(self.catalog.metrics[m]) for m in counts.get(metric.id, (metric.id,)))
            raise _Stop(Clarify(say("{metric} is an amount of money. Which figure would you like?", metric=metric.label.label), options))
        counted = [i for i in doubtful if self._is_how_many(i)]
        if counted and counted[0] not in chosen:
            others = [i for i in chosen if not self._is_limit(i)]
            if others:
                self._two_metrics(counted[0], others[0])
        return chosen

    def _is_counted(self, i: int) -> bool:
        """Counted in so many words: "how many returns", "多少笔退货"; 多少 alone also asks for amounts."""
        scene = self.scene
        previous = scene.spans[i - 1] if i else None
        if previous is None:
            return False
        if previous.word("classifier") or (previous.has("metric") and previous.text in {"多少笔", "几笔"}):
            return i > 1 and (scene.spans[i - 2].word("how_many") or previous.has("metric"))
        return previous.word("how_many") and previous.text.isascii() and previous.text not in {"#"}

    def _pieces(self) -> None:
        """"How many popcorn holders did we sell": a product counted and sold is counted in units."""
        scene = self.scene
        if self.plan.metrics or not scene.words("sold") or not scene.words("how_many"):
            return
        if any("product" in {d for d, _v in span.values("value")} for span in scene.spans):
            self.plan.metrics.append("units")

    def _preferred(self, names: Iterable[str]) -> str:
        """Of several metrics of one name, the first whose tables are there."""
        choices = list(names)
        for name in choices:
            if self.world.tables >= set(self.catalog.tables_of(self.catalog.metrics[name])):
                return name
        return choices[0]

    def _counted(self, i: int) -> str | None:
        """"How many customers" counts a dimension's values: the metric that does so."""
        scene = self.scene
        previous = scene.before(i, skip=("filler", "classifier"))
        direct = scene.before(i, skip=("classifier",))
        asked = any(j is not None and scene.spans[j].word("how_many") for j in (previous, direct))
        if not asked:
            return None
        for name in scene.spans[i].values("dimension"):
            if name == "customer":
                return "active_customers"
        return None

    def _names_a_group(self, i: int, ordered: bool) -> bool:
        """Whether a word like "customers" is what is ranked or split by, rather than what is counted."""
        scene = self.scene
        previous = scene.before(i, skip=("filler", "classifier"))
        if previous is not None:
            span = scene.spans[previous]
            if span.word("by") and not span.word("how_many"):
                return True
            if span.word("how_many") and not span.word("filler"):
                return False
            if ordered and (span.word("which", "which_many", "top", "highest", "lowest", "rank", "selling", "selling_worst") or span.has("number")):
                return True
        return ordered and not self._is_how_many(i) and bool(
            scene.words("highest", "lowest", "top", "rank", "rank_ascending", "rank_by_change", "rank_by_fall", "selling", "selling_worst")
        )

    def _is_how_many(self, i: int) -> bool:
        previous = self.scene.before(i, skip=("classifier",))
        return previous is not None and self.scene.spans[previous].word("how_many")

    def _labels_a_value(self, i: int) -> bool:
        """"customer 12347", "商品22197": the word only says what the code after it is."""
        following = self.scene.after(i)
        return following is not None and following == i + 1 and self._code_like(self.scene.spans[following])

    def _code_like(self, span: Span) -> bool:
        """Whether a span is a code: digits, or a known code; never a name that holds a digit."""
        number = next(iter(span.values("number")), None)
        if number is not None and number.whole is not None and len(span.text) >= 4:
            return not span.has("period")
        return span.has("value") and " " not in span.text and any(c.isdigit() for c in span.text)

    def _is_limit(self, i: int) -> bool:
        """Whether the metric at `i` belongs to a condition such as "more than 100 orders"."""
        return any(i in taken for taken in self._limit_metrics())

    def _limit_metrics(self) -> list[set[int]]:
        found = []
        for i in self.scene.words(*OPS):
            number = self.scene.after(i, skip=("filler", *OPS))
            if number is None or not self.scene.spans[number].has("number"):
                continue
            following = self.scene.after(number, skip=("filler", "classifier", "at_least_after", "at_most_after"))
            if following is not None and self.scene.spans[following].has("metric"):
                found.append({following})
        return found

    def _two_metrics(self, first: int, second: int) -> None:
        """"revenue from new customers" is neither of the two figures: better asked than guessed."""
        scene = self.scene
        a, b = (self.catalog.metrics[scene.spans[i].values("metric")[0]] if scene.spans[i].values("metric") else None for i in (first, second))
        if a is None or b is None or a.id == b.id:
            return
        raise _Stop(
            Clarify(
                say("I can give {first} and {second}, but not one out of the other. Which would you like?", first=a.label.label, second=b.label.label),
                tuple(self._question_option(metric) for metric in (a, b)),
            )
        )

    def _question_option(self, metric: Metric) -> FollowUp:
        period = self._any_period()
        return FollowUp(
            say("{metric}, {period}", metric=metric.label.label, period=period),
            ToolCall("metrics", {"metrics": [metric.id], "period": _days(period)}),
        )

    def _any_period(self) -> Period:
        for span in self.scene.spans:
            for found in span.values("period"):
                if found.kind == "period" and found.period is not None:
                    return self._clip(found.period)
        return unit(self.world.today, "month").previous()

    def _bare_selling(self) -> None:
        """"Best-selling" is by units or by money: with neither said, both readings are offered."""
        scene, plan = self.scene, self.plan
        best, worst = scene.words("selling"), scene.words("selling_worst")
        if not best and not worst:
            return
        scene.use(*best, *worst)
        plan.ranked = True
        plan.order = "lowest" if worst else "highest"
        if not scene.where(lambda s: s.has("dimension") and not s.has("period")):
            plan.by.append("product")

    def _missing_tables(self) -> None:
        """A metric without its table is refused before anything else is asked about the question."""
        for name in self.plan.metrics:
            metric = self.catalog.metrics[name]
            missing = [table for table in self.catalog.tables_of(metric) if table not in self.world.tables]
            if missing:
                raise _Stop(
                    Decline(
                        say(
                            "{metric} needs the table “{table}”, which has not been imported. Add it to your mapping and run `marketbot import`.",
                            metric=metric.label.label,
                            table=missing[0],
                        ),
                        self._examples(),
                    )
                )

    # --- Conditions, rankings -----------------------------------------------------------------------------

    def _limits(self) -> None:
        """"countries with more than 100 orders": conditions on a group's figures."""
        scene, plan = self.scene, self.plan
        for i in scene.words(*OPS):
            op = next(OPS[name] for name in OPS if scene.spans[i].word(name))
            number_at = scene.after(i, skip=("filler", *OPS))
            number = self._number(number_at)
            if number_at is None or number is None:
                continue
            following = scene.after(number_at, skip=("filler", "classifier"))
            if scene.spans[number_at].has("period") and (following is None or not scene.spans[following].has("metric")):
                continue  # "sales over 2011"
            if following is not None and scene.spans[following].word("at_least_after"):
                op = ">="
                scene.use(following)
                following = scene.after(following, skip=("filler", "classifier"))
            before = scene.before(i, skip=("filler",))
            metric_at = following if following is not None and scene.spans[following].has("metric") else before
            if metric_at is not None and scene.spans[metric_at].has("metric"):
                name = self._preferred(scene.spans[metric_at].values("metric"))
            elif number.money:
                name = DEFAULT_METRIC
            else:
                continue
            if metric_at is not None:
                scene.use(metric_at)
            scene.use(i, number_at)
            plan.having.append({"metric": name, "op": op, "value": number.value})
            if name not in plan.metrics:
                plan.metrics.append(name)
        for i in scene.words("at_least_after"):
            number_at = scene.before(i, skip=("filler", "classifier"))
            number = self._number(number_at)
            if i in scene.used or number is None or number_at is None or number_at in scene.used:
                continue
            metric_at = scene.before(number_at)
            if metric_at is not None and scene.spans[metric_at].has("metric"):
                name = self._preferred(scene.spans[metric_at].values("metric"))
                scene.use(i, number_at)
                plan.having.append({"metric": name, "op": ">=", "value": number.value})

    def _number(self, i: int | None) -> Number | None:
        if i is None:
            return None
        return next(iter(self.scene.spans[i].values("number")), None)

    def _ranking(self) -> None:
        scene, plan = self.scene, self.plan
        high, low, top = scene.words("highest"), scene.words("lowest"), scene.words("top")
        change, fall = scene.words("rank_by_change"), scene.words("rank_by_fall")
        numbers = [i for i in scene.where(lambda s: s.has("number")) if i not in scene.used and self._whole(i)]
        near = [i for i in numbers if self._counts_places(i)]
        if top and not near:
            top = []  # "top" without a number is a word like "best"; "first" or 前 alone is nothing
            high += [i for i in scene.words("top") if scene.spans[i].text in ("top", "leading")]
        if high and low:
            return
        if change or fall:
            scene.use(*change, *fall)
            plan.rank_by, plan.ranked = "change", True
            plan.order = "lowest" if fall else "highest"
        if high or low or top:
            scene.use(*high, *low, *top)
            plan.ranked = True
            plan.order = "lowest" if low else plan.order
        if scene.words("rank_ascending"):
            scene.use(*scene.words("rank_ascending"))
            plan.order, plan.ranked = "lowest", True
        if plan.ranked and near:
            scene.use(near[0])
            plan.top = self._whole(near[0])
        elif plan.ranked:
            plan.top = self._unsaid_top()
        elif scene.words("rank"):
            plan.ranked = True

    def _whole(self, i: int) -> int | None:
        number = self._number(i)
        return None if number is None or number.money or number.whole is None or not 0 < number.whole <= 1000 else number.whole

    def _counts_places(self, i: int) -> bool:
        """Whether a number says how many places a ranking has: it stands by the ranking word, or counts the groups."""
        scene = self.scene
        ranking = ("top", "highest", "lowest", "rank", "selling", "selling_worst", "rank_by_change", "rank_by_fall")
        for j in (scene.before(i, skip=("filler", "classifier")), scene.after(i, skip=("filler", "classifier"))):
            if j is None:
                continue
            if scene.spans[j].word(*ranking) or scene.spans[j].has("dimension"):
                return True
        return False

    def _unsaid_top(self) -> int | None:
        """One for "which country", some for "which countries"; all when everything is to be ranked."""
        scene = self.scene
        if scene.words("rank", "rank_ascending") and not scene.words("highest", "lowest"):
            return None
        if scene.words("which_many"):
            return MANY
        groups = [i for i in scene.where(lambda s: s.has("dimension")) if i not in scene.used]
        for i in groups:
            text = scene.spans[i].text
            if text.isascii() and text.endswith("s") and not text.endswith("ss"):
                return MANY
        return 1 if groups else MANY

    # --- Dimensions and values ----------------------------------------------------------------------------

    def _allowed(self) -> set[str]:
        metrics = [self.catalog.metrics[m] for m in self.plan.metrics] or [self.catalog.metrics[DEFAULT_METRIC]]
        sets = [{d.id for d in self.catalog.dimensions_of(metric)} for metric in metrics]
        return set.intersection(*sets)

    def _dimensions(self) -> None:
        scene, plan = self.scene, self.plan
        allowed = self._allowed()
        for i in scene.where(lambda s: s.has("dimension")):
            if i in scene.used:
                continue
            names = scene.spans[i].values("dimension")
            if self._is_label(i, names):
                scene.use(i)
                continue
            fitting = [name for name in names if name in allowed] or list(names)
            name = self._there(fitting)
            self._not_counted(i, name)
            if self._only_a_noun(i, name):
                scene.use(i)
                continue
            if not self._has_values(name):
                raise _Stop(Decline(say("The data does not tell {dimension} apart.", dimension=self.catalog.dimensions[name].label.label), self._groups()))
            scene.use(i)
            if name not in plan.by:
                plan.by.append(name)
        for i in scene.where(lambda s: any(p.kind == "grain" for p in s.values("period"))):
            if i in scene.used:
                continue
            grain = next(p.grain for p in scene.spans[i].values("period") if p.kind == "grain")
            scene.use(i)
            if grain and grain not in plan.by:
                plan.by.append(grain)

    def _has_values(self, name: str) -> bool:
        dimension = self.catalog.dimensions[name]
        return dimension.is_time or name in ("customer", "product") or name in self.world.index.present

    def _not_counted(self, i: int, name: str) -> None:
        """ "How many countries": values are not counted, except customers, which a metric does."""
        if not self._is_how_many(i):
            return
        if name == "product":
            options = tuple(self._question_option(self.catalog.metrics[m]) for m in ("distinct_products", "units"))
            raise _Stop(Clarify(say("Do you mean different products, or units?"), options))
        if name != "customer":
            dimension = self.catalog.dimensions[name].label.label
            raise _Stop(Decline(say("I cannot count {dimension} yet, but I can list what each brought.", dimension=dimension), self._groups()))

    def _only_a_noun(self, i: int, name: str) -> bool:
        """ "法国客户的客单价", "多少件商品": customers buy and products are sold, whoever is meant; that splits nothing."""
        scene = self.scene
        if name not in ("customer", "product") or self.plan.ranked or not self.plan.metrics:
            return False
        splitting = ("by", "which", "which_many", "top", "rank", "rank_ascending", "breakdown", "highest", "lowest")
        before, after = scene.before(i, skip=("filler", "classifier")), scene.after(i)
        if any(j is not None and scene.spans[j].word(*splitting) for j in (before, after)):
            return False
        return not self.plan.having and not scene.words("rank", "rank_ascending", "breakdown", "which_many")

    def _there(self, names: list[str]) -> str:
        """Of several dimensions of one name ("channel"), the first that the store has values for."""
        for name in names:
            if self._has_values(name):
                return name
        return names[0]

    def _is_label(self, i: int, names: tuple[str, ...]) -> bool:
        """"country Germany", "Home category", "国家：德国": the dimension's name beside one of its values."""
        scene = self.scene
        previous = scene.spans[i - 1] if i else None
        if self._labels_a_value(i):
            return True
        if previous is not None and previous.word("by", "which", "which_many", "top", "how_many"):
            return False
        after = scene.after(i)
        if after is not None and (any(d in names for d, _v in scene.spans[after].values("value")) or self._labels_a_value(i)):
            return True
        before = scene.before(i, skip=("filler", "classifier"))
        return before is not None and before == i - 1 and any(d in names for d, _v in scene.spans[before].values("value"))

    def _values(self) -> None:
        scene = self.scene
        allowed = self._allowed()
        excluded = self._excluded()
        chosen: dict[tuple[str, str], list[str]] = {}
        strange = bool(scene.where(lambda s: s.unknown))
        for i in scene.where(lambda s: s.has("absent")):
            if scene.spans[i].has("value"):
                continue
            name = str(scene.spans[i].values("absent")[0][1])
            raise _Stop(
                Decline(
                    say("There are no figures for {value}: the data has no sales there.", value=scene.original(scene.spans[i]) or name),
                    self._examples(),
                )
            )
        for i, span in enumerate(scene.spans):
            if i in scene.used:
                continue
            if span.word("partial_name") and (strange or not self.plan.metrics):
                continue  # beside words that mean nothing here, a likeness with a product's name is chance
            value = self._customer_code(i) or self._value(i, allowed)
            if value is None:
                continue
            scene.use(i)
            dimension, text = value
            op = "not_in" if i in excluded else "in"
            values = chosen.setdefault((dimension, op), [])
            if text not in values:
                values.append(text)
        for (dimension, op), values in chosen.items():
            if op == "in" and set(values) & set(chosen.get((dimension, "not_in"), ())):
                raise _Stop(Clarify(say("I cannot give a part and everything but that part in one figure. Which one first?"), self._examples()))
        for (dimension, op), values in chosen.items():
            self.plan.filters.append({"dimension": dimension, "op": op, "values": values})
        self._weekdays()

    def _customer_code(self, i: int) -> tuple[str, str] | None:
        """A number right after the word "customer" is a customer's id, if there is such a customer."""
        scene = self.scene
        span = scene.spans[i]
        number = self._number(i)
        if number is None or number.whole is None or number.money or not span.text.isdigit() or i == 0:
            return None
        if "customer" not in scene.spans[i - 1].values("dimension") and not self._after_label(i):
            return None
        code = span.text
        known = self.world.index.customers
        if known is not None and code not in known:
            raise _Stop(
                Decline(
                    say("There is no customer {code}. Nearest: {choices}.", code=code, choices=tuple(nearest(code, known, cutoff=0))),
                    self._examples(),
                )
            )
        return ("customer", code)

    def _after_label(self, i: int) -> bool:
        """ "customer no. 17841", "customer id 17841"."""
        scene = self.scene
        between = [scene.spans[i - 1].text] if i else []
        return bool(i > 1 and between[0] in {"no .", "no.", "number", "id", "#", "编号"} and "customer" in scene.spans[i - 2].values("dimension"))

    def _value(self, i: int, allowed: set[str]) -> tuple[str, str] | None:
        scene = self.scene
        span = scene.spans[i]
        readings: list[tuple[str, str]] = list(dict.fromkeys(span.values("value")))
        if not readings:
            return None
        fitting = [r for r in readings if r[0] in allowed] or readings
        near = [scene.spans[j].values("dimension") for j in (i - 1, i + 1) if 0 <= j < len(scene.spans)]
        labelled = [r for r in fitting if any(r[0] in names for names in near)]
        fitting = labelled or fitting
        dimensions = list(dict.fromkeys(r[0] for r in fitting))
        if len(fitting) == 1:
            value = fitting[0]
            if span.word("partial_name") and " " not in span.text.strip():
                self._ask_product(span, fitting)
            if span.word("partial_name"):
                name = self.world.index.names.get(value[1], value[1])
                self.plan.notes.append(say("Read “{text}” as {name} ({code}).", text=scene.original(span), name=name, code=value[1]))
            return value
        if dimensions == ["product"]:
            self._ask_product(span, fitting)
        native = [d for d in self.catalog.dimensions if d in dimensions]
        if len({d for d, _ in fitting}) == len(fitting) and {"channel", "marketing_channel"} & set(native):
            return next(r for r in fitting if r[0] == native[0])
        raise _Stop(
            Clarify(
                say("“{text}” can mean more than one thing. Which one?", text=scene.original(span)),
                tuple(
                    FollowUp(
                        say("{dimension} {value}", dimension=self.catalog.dimensions[d].label.label, value=v),
                        self._call_with({"dimension": d, "op": "in", "values": [v]}),
                    )
                    for d, v in fitting[:4]
                ),
            )
        )

    def _ask_product(self, span: Span, fitting: list[tuple[str, str]]) -> None:
        """Several products bear the words: offer the first few and all of them together."""
        codes = [code for _d, code in fitting]
        text = self.scene.original(span)
        options = [
            FollowUp(
                say("{name} ({code})", name=self.world.index.names.get(code, code), code=code),
                self._call_with({"dimension": "product", "op": "in", "values": [code]}),
            )
            for code in codes[:3]
        ]
        if len(codes) <= 50:
            together = FollowUp(
                say("All {count} together", count=len(codes)),
                self._call_with({"dimension": "product", "op": "in", "values": codes}),
            )
            options.append(together)
        if len(codes) == 1:
            raise _Stop(Clarify(say("Do you mean this product?"), tuple(options[:1])))
        raise _Stop(Clarify(say("{count} products have “{text}” in their name. Which one?", count=len(codes), text=text), tuple(options)))

    def _call_with(self, condition: dict[str, Any]) -> ToolCall:
        """The plan so far with one more filter, for a button; the period is read if it has not been."""
        args = {
            "metrics": self.plan.metrics or [DEFAULT_METRIC],
            "by": [b for b in self.plan.by if b != condition["dimension"]],
            "filters": [*self.plan.filters, condition],
            "period": _days(self._any_period()),
        }
        return ToolCall("metrics", args)

    def _excluded(self) -> set[int]:
        """Values that an excluding word stands before (or, in Chinese, after)."""
        scene = self.scene
        found: set[int] = set()
        for i in scene.words("exclude"):
            reached = False
            for j in range(i + 1, len(scene.spans)):
                span = scene.spans[j]
                if span.has("value") or span.has("absent"):
                    found.add(j)
                    reached = True
                elif not (span.word("filler", "and", "only", "exclude_after") or span.has("dimension")):
                    break
                elif reached and span.word("filler") and span.text not in ("the", "、", ",", "，", "/"):
                    break
            if reached:
                scene.use(i)
        for i in scene.words("exclude_after"):
            before = scene.before(i, skip=("filler", "and"))
            while before is not None and scene.spans[before].has("value"):
                found.add(before)
                scene.use(i)
                before = scene.before(before, skip=("filler", "and"))
        return found

    def _weekdays(self) -> None:
        scene = self.scene
        days: list[str] = []
        for i in scene.words("weekend"):
            scene.use(i)
            days += ["6", "7"]
        for i in scene.words("weekdays_only"):
            scene.use(i)
            days += ["1", "2", "3", "4", "5"]
        for i in scene.where(lambda s: any(p.kind == "each" for p in s.values("period"))):
            text = scene.spans[i].text
            named = [str(number) for name, number in WEEKDAY_NAMES.items() if len(name) > 3 or not name.isascii() if name in text]
            if named:
                scene.use(i)
                days += named
        if days:
            self.plan.filters.append({"dimension": "weekday", "op": "in", "values": sorted(set(days))})

    # --- Time ---------------------------------------------------------------------------------------------

    def _clip(self, period: Period) -> Period:
        """A unit still running counts up to today; a period in the future stays as it is, and is refused by name."""
        if period.start <= self.world.today < period.end:
            return Period(period.start, self.world.today)
        return period

    def _periods(self) -> None:
        scene, plan = self.scene, self.plan
        found: list[tuple[int, PeriodSpan]] = []
        for i in scene.where(lambda s: s.has("period")):
            for span in scene.spans[i].values("period"):
                if span.kind == "period":
                    found.append((i, span))
                    scene.use(i)
                    self._doubtful_period(i, span)
        self._whole_year()
        if not found:
            return
        periods = [span.period for _i, span in found if span.period is not None]
        for _i, span in found:
            if (span.assumed in ("rolling", "complete_units", "extent", "reading") or span.certainty < 0.7) and span.period:
                plan.notes.append(say("“{text}” is read as {period}.", text=scene.original(scene.spans[_i]), period=span.period))
        periods = list(dict.fromkeys(periods))
        if len(periods) == 2 and scene.words("same_days"):
            self._same_days(sorted(periods))
            return
        if len(periods) == 1:
            plan.period = periods[0]
            marker = self._compare_marker(found[0][0])
            if marker is not None and not self._compared_values() and len(found) == 1:
                self._only_baseline(marker, periods[0])
            return
        plan.more_periods = sorted(periods)

    def _same_days(self, periods: list[Period]) -> None:
        """ "This month against the same days last month": as many days of the earlier unit as the later one has run."""
        before, now = periods[0], self._clip(periods[1])
        self.scene.use(*self.scene.words("same_days", "compare"))
        self.plan.period = now
        self.plan.compare = Period(before.start, min(before.end, before.start + timedelta(days=now.days - 1)))

    def _whole_year(self) -> None:
        """ "For the whole year": the year of the period before in the conversation, else this one."""
        found = self.scene.words("whole_year")
        if not found:
            return
        self.scene.use(*found)
        if self.plan.period is not None or self.plan.more_periods:
            return
        day = self.world.today
        if self.previous is not None:
            day = date.fromisoformat(self.previous.args["period"]["start"])
        self.plan.period = unit(day, "year")

    def _doubtful_period(self, i: int, span: PeriodSpan) -> None:
        text = self.scene.original(self.scene.spans[i])
        if span.period is None or span.certainty <= 0:
            raise _Stop(Clarify(say("“{text}” is no date I can place. Which days do you mean?", text=text)))
        if span.certainty <= 0.5 and span.alternatives:
            choices = (span.period, *span.alternatives)[:4]
            options = tuple(
                FollowUp(say("{period}", period=p), self._call_for_period(p)) for p in choices
            )
            raise _Stop(Clarify(say("“{text}” can mean more than one period. Which one?", text=text), options))

    def _call_for_period(self, period: Period) -> ToolCall:
        plan = self.plan
        saved, plan.period = plan.period, period
        args = plan.args()
        plan.period = saved
        args["metrics"] = args["metrics"] or [DEFAULT_METRIC]
        return ToolCall("metrics", args)

    def _compare_marker(self, i: int) -> int | None:
        """The comparing word right before the only period: "revenue vs last month"."""
        previous = self.scene.before(i)
        return previous if previous is not None and self.scene.spans[previous].word("compare") else None

    def _only_baseline(self, marker: int, baseline: Period) -> None:
        """"Sales compared with last month": what is compared is the unit that runs now, day for day."""
        grain = baseline.whole()
        if grain is None or grain == "day" or baseline != unit(shift(self.world.today, grain, -1), grain):
            return
        current = Period(unit(self.world.today, grain).start, self.world.today)
        self.scene.use(marker)
        self.plan.period = current
        end = min(baseline.end, baseline.start + timedelta(days=current.days - 1))
        self.plan.compare = Period(baseline.start, end)
        self.plan.notes.append(say("{period} so far, compared with the same days of the period before.", period=current))

    def _compared_values(self) -> bool:
        return any(len(f["values"]) > 1 for f in self.plan.filters if f["op"] == "in")

    def _comparison(self) -> None:
        scene, plan = self.scene, self.plan
        for i in scene.where(lambda s: any(p.kind == "baseline" for p in s.values("period"))):
            span = next(p for p in scene.spans[i].values("period") if p.kind == "baseline")
            scene.use(i)
            self._baseline(span)
        comparing = scene.words("compare")
        growing = scene.words("growth")
        if plan.more_periods:
            self._several_periods(bool(comparing or growing))
        if plan.compare is not None or (comparing and self._compared_values()) or len(plan.metrics) > 1:
            scene.use(*comparing)
        if growing and plan.compare is None and plan.period is not None:
            self._ends_of_a_range()
        if growing and plan.compare is None and plan.period is not None and not plan.by:
            plan.compare = self._before(plan.period)
        if plan.compare is not None:
            scene.use(*growing, *comparing)

    def _ends_of_a_range(self) -> None:
        """ "Grew from September to November": the last unit of the range against its first."""
        plan = self.plan
        if plan.period is None or self._running(plan.period):
            return
        spoken = [s.text for s in self.scene.spans if any(p.kind == "period" and p.period == plan.period for p in s.values("period"))]
        if not any(" to " in f" {text} " or "到" in text or "至" in text for text in spoken):
            return
        for grain in UNITS[::-1]:
            units = list(split(plan.period, grain))
            if len(units) > 1 and units[0].start == plan.period.start and units[-1].end == plan.period.end:
                named = "month" if any("q" not in text and "季" not in text for text in spoken) else "quarter"
                if grain in ("quarter", "year") and named == "month" and not all(c.isdigit() or c in "fromto -到至年" for c in spoken[0]):
                    continue
                plan.period, plan.compare = units[-1], units[0]
                return

    def _baseline(self, span: PeriodSpan) -> None:
        plan = self.plan
        current = plan.period
        if current is None and plan.more_periods:
            current = plan.more_periods[-1]
        if current is None and self.previous is not None:
            days = self.previous.args["period"]
            current = Period(date.fromisoformat(days["start"]), date.fromisoformat(days["end"]))
            plan.period = current
        if current is None:
            if span.grain is None or span.grain == "day":
                return
            current = Period(unit(self.world.today, span.grain).start, self.world.today)
            plan.period = current
        whole = current.whole_units()
        if span.grain and span.baseline == "previous_period" and not plan.by and len(list(split(current, span.grain))) > 2:
            plan.by.append(span.grain)  # "month over month, May to August": a series
            return
        if span.baseline == "year_ago":
            plan.compare = self._clip(current).year_ago() if self._running(current) else current.year_ago()
            return
        if span.grain and whole and whole[0] != span.grain and not self._running(current) and whole[1] == 1:
            # "Q3 vs last month": the unit named is not the one compared.
            raise _Stop(
                Clarify(
                    say("Compare {period} with the period before it, or with a year earlier?", period=current),
                    tuple(
                        FollowUp(say("Against {period}", period=p), self._call_compared(current, p))
                        for p in (current.previous(), current.year_ago())
                    ),
                )
            )
        plan.compare = self._before(current)

    def _call_compared(self, current: Period, baseline: Period) -> ToolCall:
        args = {"metrics": self.plan.metrics or [DEFAULT_METRIC], "by": self.plan.by, "filters": self.plan.filters}
        return ToolCall("metrics", {**args, "period": _days(current), "compare": _days(baseline)})

    def _running(self, period: Period) -> bool:
        return period.start <= self.world.today <= period.end

    def _before(self, period: Period) -> Period:
        """The period before; one that runs up to today is compared day for day with the unit before it."""
        if not self._running(period):
            return period.previous()
        for grain in UNITS:
            whole = unit(self.world.today, grain)
            if period.start == whole.start and not self._rolling():
                start = shift(period.start, grain, -1)
                last = unit(start, grain).end
                return Period(start, min(last, start + timedelta(days=(self.world.today - period.start).days)))
        return period.previous()

    def _rolling(self) -> bool:
        return any(p.assumed == "rolling" or any(c.isdigit() for c in s.text) for s in self.scene.spans for p in s.values("period") if p.kind == "period" and p.period is not None and p.period.whole_units() is not None and p.period.end == self.world.today and p.grain is None and p.assumed == "rolling")

    def _several_periods(self, comparing: bool) -> None:
        """Two periods are compared; more, or two joined by "and" that follow one another, become a series."""
        plan = self.plan
        periods = plan.more_periods
        if any(a.contains(b) or b.contains(a) for a, b in zip(periods, periods[1:], strict=False)):
            inner = min(periods, key=lambda p: p.days)
            others = [p for p in periods if not p.contains(inner)]
            if others:
                raise _Stop(Clarify(say("Which period do you mean?"), tuple(FollowUp(say("{period}", period=p), self._call_for_period(p)) for p in periods[:4])))
            plan.period = inner
            return
        grain = periods[0].whole()
        joined = all(
            a.whole() == grain and b.start == a.end + timedelta(days=1) for a, b in zip(periods, periods[1:], strict=False)
        )
        if joined and grain and not comparing and any(self.catalog.dimensions[b].grain for b in plan.by):
            plan.period = Period(periods[0].start, periods[-1].end)
            return
        if len(periods) == 2 and (comparing or not joined or self.scene.words("compare")):
            plan.period, plan.compare = periods[1], periods[0]
            return
        if len(periods) == 2 and joined and grain:
            plan.period, plan.compare = periods[1], periods[0]
            return
        if grain and joined and not plan.by:
            plan.period = Period(periods[0].start, periods[-1].end)
            plan.by = [grain]
            self.scene.use(*self.scene.words("compare"))
            return
        plan.period = periods[-1]

    # --- The shape of the answer --------------------------------------------------------------------------

    def _shapes(self) -> None:
        scene, plan = self.scene, self.plan
        for i in scene.words("share"):
            scene.use(i)
            plan.share = True
        if scene.words("trend"):
            scene.use(*scene.words("trend"))
            if plan.period and not any(self.catalog.dimensions[d].grain for d in plan.by):
                plan.by.insert(0, _trend_grain(plan.period))
        for i in scene.words("average"):
            if plan.metrics and all(self.catalog.metrics[m].unit in ("ratio", "factor", "score") or m in ("aov", "average_price") for m in plan.metrics):
                scene.use(i)
        multiple = [f for f in plan.filters if f["op"] == "in" and len(f["values"]) > 1 and f["dimension"] != "weekday"]
        for condition in multiple:
            if condition["dimension"] not in plan.by and not plan.top and len(plan.by) < 2 and not scene.words("only"):
                plan.by.append(condition["dimension"])
        if plan.share and not plan.filters and not plan.by:
            scene.used -= set(scene.words("share"))
        self._currency()

    def _currency(self) -> None:
        """Another currency would need rates that nobody gave."""
        foreign = [i for i in self.scene.words("other_currency") if i not in self.scene.used]
        if foreign:
            text = self.scene.original(self.scene.spans[foreign[0]])
            raise _Stop(
                Decline(
                    say("Figures are in {currency}; I cannot convert them to {text}.", currency=self.world.currency, text=text),
                    self._without(),
                )
            )

    # --- Conversation -------------------------------------------------------------------------------------

    def _merge(self) -> None:
        """What the question leaves open comes from the call before it."""
        plan, scene = self.plan, self.scene
        if self.previous is None:
            return
        args = self.previous.args
        moved = scene.where(lambda s: any(p.kind == "relative_to_previous" for p in s.values("period")))
        has_own_period, has_own_metrics = plan.period is not None, bool(plan.metrics)
        self._bare_number(args)
        if not has_own_metrics and not (
            plan.by or plan.filters or has_own_period or plan.top or plan.compare or moved or plan.share
        ):
            return
        connected = bool(scene.words("follow_up"))
        if has_own_metrics and (has_own_period or moved) and not connected:
            return
        if not has_own_metrics:
            plan.metrics = list(args["metrics"])
        taken = {f["dimension"] for f in plan.filters} | set(plan.by)
        self._no_switch(args)
        plan.filters = [*(dict(f) for f in args.get("filters", ()) if f["dimension"] not in taken), *plan.filters]
        if not plan.by and not plan.more_periods and not (has_own_metrics and has_own_period):
            fixed = {f["dimension"] for f in plan.filters if f["op"] == "in"}
            plan.by = [b for b in args.get("by", ()) if b not in fixed]
            if plan.by and plan.top is None:
                plan.top = args.get("top")
                plan.order = args.get("order", "highest") if plan.order == "highest" else plan.order
        period = Period(date.fromisoformat(args["period"]["start"]), date.fromisoformat(args["period"]["end"]))
        if moved:
            span = next(p for i in moved for p in scene.spans[i].values("period") if p.kind == "relative_to_previous")
            scene.use(*moved)
            plan.period = _moved(period, span)
        elif plan.period is None:
            plan.period = period
        elif not has_own_metrics and scene.words("compare") and plan.compare is None and not plan.more_periods:
            # "vs Q2?": what was asked before, against this.
            scene.use(*scene.words("compare"))
            plan.period, plan.compare = period, plan.period
        elif not has_own_metrics and plan.compare is None:
            plan.period = self._same_unit_then(period, plan.period)
        scene.use(*scene.words("pronoun"))

    def _same_unit_then(self, before: Period, now: Period) -> Period:
        """After "Q3", "and last year?" means last year's Q3, not the whole of it."""
        spoken = [s.text for s in self.scene.spans if any(p.kind == "period" for p in s.values("period"))]
        relative = bool(spoken) and not any(c.isdigit() for text in spoken for c in text)
        if relative and now.whole() == "year" and before.days < 300 and before.start.year != now.start.year:
            shifted = before
            for _ in range(before.start.year - now.start.year):
                shifted = shifted.year_ago()
            return shifted
        return now

    def _bare_number(self, args: Mapping[str, Any]) -> None:
        """ "Make it 10" after a ranking."""
        numbers = [i for i in self.scene.where(lambda s: s.has("number")) if i not in self.scene.used and self._whole(i)]
        if args.get("top") and len(numbers) == 1 and self.plan.top is None and not self.plan.metrics:
            self.scene.use(numbers[0])
            self.plan.top = self._whole(numbers[0])

    def _no_switch(self, args: Mapping[str, Any]) -> None:
        """ "Excluding the UK", then "and France too": with or without France is not to be guessed."""
        for old in args.get("filters", ()):
            for new in self.plan.filters:
                if old["dimension"] != new["dimension"] or (old["op"], new["op"]) != ("not_in", "in"):
                    continue
                both = {**old, "values": [*old["values"], *new["values"]]}
                options = tuple(
                    FollowUp(label, ToolCall("metrics", {**args, "filters": [condition]}))
                    for label, condition in (
                        (say("Only {values}", values=tuple(new["values"])), new),
                        (say("Without {values}", values=tuple(both["values"])), both),
                    )
                )
                raise _Stop(Clarify(say("With or without {values}?", values=tuple(new["values"])), options))

    # --- Is everything explained? -------------------------------------------------------------------------

    def _unexplained(self) -> None:
        scene, plan = self.scene, self.plan
        left = scene.left_over()
        if not left:
            if not self._readable() and scene.words("pronoun", "follow_up", "how_many", "which"):
                raise _Stop(Clarify(say("What would you like to know about it? For example:"), self._examples()))
            return
        unknown = [span for span in left if span.unknown or span.word("partial_name")]
        readable = self._readable()
        if not readable and all(span.word("pronoun", "compare", "highest", "lowest", "top", "only", "overview") or span.has("number") for span in left):
            raise _Stop(Clarify(say("What would you like to know about it? For example:"), self._examples()))
        if unknown and not plan.metrics:
            raise _Stop(
                Decline(
                    say("I answer questions about your team's marketing figures; this one is beyond me. I can answer, for example:"),
                    self._examples(),
                )
            )
        if unknown:
            words = tuple(dict.fromkeys(scene.original(span) for span in unknown))
            raise _Stop(
                Decline(
                    say("I do not know what {words} means here, so I would rather not give a figure.", words=tuple(f"“{w}”" for w in words[:4])),
                    self._without(),
                )
            )
        words = tuple(f"“{scene.original(span)}”" for span in left[:4])
        if not readable:
            raise _Stop(Clarify(say("What would you like to know about {words}?", words=words), self._examples()))
        raise _Stop(
            Clarify(
                say("I am not sure how {words} is meant here. Do you mean this?", words=words),
                self._without(),
            )
        )

    def _readable(self) -> bool:
        plan = self.plan
        return bool(plan.metrics or plan.by or plan.filters or plan.period or plan.ranked)

    def _without(self) -> tuple[FollowUp, ...]:
        """The question without the words that were not understood, as a button that says what it gives."""
        plan = self.plan
        if not plan.metrics or plan.period is None:
            return self._examples()
        labels = tuple(self.catalog.metrics[m].label.label for m in plan.metrics)
        return (FollowUp(say("{metric}, {period}", metric=labels, period=plan.period), ToolCall("metrics", plan.args())),)

    def _essentials(self) -> None:
        """A figure needs a metric and a period; a ranking needs groups."""
        plan, scene = self.plan, self.scene
        if not plan.metrics:
            if (scene.words("selling", "selling_worst")) and plan.period is not None:
                raise _Stop(self._which_measure())
            if plan.by and plan.ranked and scene.words("ordering"):
                plan.metrics = ["orders"]
            elif plan.by and (plan.ranked or plan.period is not None) and not (plan.ranked and not plan.by):
                plan.metrics = [DEFAULT_METRIC]
                plan.notes.append(say("Ranked by net sales, since no figure was named."))
            elif plan.period is not None or plan.filters or plan.ranked:
                raise _Stop(Clarify(say("Which figure would you like?"), self._figures()))
            else:
                raise _Stop(
                    Decline(
                        say("I answer questions about your team's marketing figures; this one is beyond me. I can answer, for example:"),
                        self._examples(),
                    )
                )
        if plan.ranked and plan.top is None and plan.period and any(self.catalog.dimensions[b].grain for b in plan.by):
            plan.top = 1000  # "rank the quarters": all of them, in the order of their values
        if plan.ranked and not plan.by and plan.top != 1:
            raise _Stop(Clarify(say("The top of what?"), self._groups()))
        if plan.ranked and not plan.by:
            raise _Stop(Clarify(say("Ranked by what?"), self._groups()))
        if plan.having and (plan.metrics[0] == "active_customers" or "customer" in plan.by):
            raise _Stop(Decline(say("I cannot do {tool} yet. I can compute, compare and rank figures.", tool=TOOL_TITLES["segments"]), self._examples()))
        if plan.having and not plan.by:
            raise _Stop(
                Decline(say("I can set conditions on groups such as countries or products, not on single orders."), self._examples())
            )
        if len(plan.by) > 2 or (plan.top and len(plan.by) > 1):
            raise _Stop(Clarify(say("I can split by two things, and rank by one. Which one first?"), self._groups()))
        if plan.period is None and plan.by == ["year"] and self.world.first_day is not None:
            plan.period = Period(self.world.first_day, self.world.today)
        if plan.period is None:
            raise _Stop(Clarify(say("For which period?"), self._period_options()))
        if plan.rank_by == "change" and plan.compare is None:
            plan.compare = self._before(plan.period)

    def _which_measure(self) -> Clarify:
        plan = self.plan
        options = []
        for name in ("units", "net_sales"):
            plan.metrics = [name]
            options.append(FollowUp(say("By {metric}", metric=self.catalog.metrics[name].label.label), ToolCall("metrics", plan.args())))
        return Clarify(say("Best-selling by units or by money?"), tuple(options))

    def _figures(self) -> tuple[FollowUp, ...]:
        plan = self.plan
        found = []
        for name in ("net_sales", "orders", "units", "active_customers"):
            plan.metrics = [name]
            plan.top = plan.top if plan.by else None
            saved = plan.period
            plan.period = saved or unit(self.world.today, "month").previous()
            found.append(FollowUp(say("{metric}, {period}", metric=self.catalog.metrics[name].label.label, period=plan.period), ToolCall("metrics", plan.args())))
            plan.period = saved
        return tuple(found)

    def _groups(self) -> tuple[FollowUp, ...]:
        plan = self.plan
        period = plan.period or unit(self.world.today, "month").previous()
        metrics = plan.metrics or [DEFAULT_METRIC]
        allowed = self._allowed()
        found = []
        for name in ("product", "country", "category", "channel", "customer"):
            if name in allowed and self._there([name, name]) and (name in ("product", "customer") or name in self.world.index.present):
                args = {**plan.args(period), "metrics": metrics, "by": [name], "top": plan.top or MANY}
                label = say("{metric} by {dimension}, {period}", metric=self.catalog.metrics[metrics[0]].label.label, dimension=self.catalog.dimensions[name].label.label, period=period)
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

    def _examples(self) -> tuple[FollowUp, ...]:
        month = unit(self.world.today, "month").previous()
        calls: list[tuple[Message, Mapping[str, Any]]] = [
            (say("Net sales last month"), {"metrics": [DEFAULT_METRIC], "period": _days(month)}),
            (say("Top 5 products last month"), {"metrics": [DEFAULT_METRIC], "by": ["product"], "period": _days(month), "top": 5}),
            (say("Orders by country last month"), {"metrics": ["orders"], "by": ["country"], "period": _days(month), "top": MANY}),
        ]
        return tuple(FollowUp(label, ToolCall("metrics", dict(args))) for label, args in calls)

    def _finish(self) -> Outcome:
        plan = self.plan
        if plan.period is not None:
            plan.period = self._clip(plan.period)
        notes = [say("Read “{typed}” as “{meant}”.", typed=typed, meant=meant) for typed, meant in self.scene.corrections]
        return Plan((ToolCall("metrics", plan.args()),), (*notes, *plan.notes))


def _trend_grain(period: Period) -> Grain:
    return "day" if period.days <= 45 else "week" if period.days <= 130 else "month"


def _moved(period: Period, span: PeriodSpan) -> Period:
    grain = span.grain
    if grain is None or period.whole() == grain:
        step = period
        for _ in range(abs(span.offset) or 1):
            step = step.previous() if span.offset <= 0 else Period(step.end + timedelta(days=1), step.end + timedelta(days=step.days))
        if grain is None or span.offset <= 0:
            return step
        return unit(shift(period.start, grain, span.offset), grain)
    if grain == "year":
        moved = Period(shift(period.start, "year", span.offset), shift(period.end, "year", span.offset))
        return moved
    return unit(shift(period.start, grain, span.offset or -1), grain)


