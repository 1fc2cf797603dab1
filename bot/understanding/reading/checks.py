"""Is everything explained, and is nothing essential missing?"""

from __future__ import annotations

import re

from bot.understanding.outcome import Clarify, Decline, Outcome, Plan, not_known
from bot.understanding.reading.draft import (
    DEFAULT_METRIC,
    TOOL_TITLES,
    Base,
    Stop,
    days,
)
from bot.understanding.spans import Span
from tools.answer import FollowUp, ToolCall
from tools.messages import say
from tools.semantic.catalog import Metric
from tools.semantic.periods import Period, unit

UNHELD = "unheld:"
WHO = re.compile(r"\W*(?:and |so |then )?who\b|\W*谁")
COMMON_FIGURES = ("net_sales", "orders", "units", "active_customers")


def is_unheld(span: Span) -> bool:
    """Whether a word is known for what the data never hold."""
    return any(reading.kind == "word" and str(reading.value).startswith(UNHELD) for reading in span.readings)


class Checks(Base):
    """Is everything explained, and is nothing essential missing?"""

    def _unexplained(self) -> None:
        scene, plan = self.scene, self.plan
        self._unheld()
        left = scene.left_over()
        if not left:
            if not self._readable() and scene.words("pronoun", "follow_up", "how_many", "which"):
                raise Stop(Clarify(say("What would you like to know about it? For example:"), self._examples()))
            return
        unknown = [span for span in left if span.unknown or span.word("partial_name")]
        readable = self._readable()
        if not readable and all(
            span.word("pronoun", "compare", "highest", "lowest", "top", "only", "overview") or span.has("number")
            for span in left
        ):
            raise Stop(Clarify(say("What would you like to know about it? For example:"), self._examples()))
        if unknown and not plan.metrics:
            raise Stop(self._beyond())
        if unknown:
            raise Stop(Decline(not_known([scene.original(span) for span in unknown]), self._without()))
        words = tuple(f"“{scene.original(span)}”" for span in left[:4])
        if not readable:
            raise Stop(Clarify(say("What would you like to know about {words}?", words=words), self._examples()))
        if not plan.metrics or plan.period is None:
            message = say("I am not sure how {words} is meant here. You can ask, for example:", words=words)
            raise Stop(Clarify(message, self._examples()))
        message = say("I am not sure how {words} is meant here. Do you mean this?", words=words)
        raise Stop(Clarify(message, self._without()))

    def _unheld(self) -> None:
        """ "Unique visitors", "net profit": known words for what the data does not hold, with what comes nearest."""
        for i, span in enumerate(self.scene.spans):
            names = next((r.value for r in span.readings if str(r.value).startswith(UNHELD)), None)
            if names is None or i in self.scene.used:
                continue
            near = [
                self.catalog.metrics[name]
                for name in names.removeprefix(UNHELD).split("+")
                if name in self.catalog.metrics
                and self.world.tables >= set(self.catalog.tables_of(self.catalog.metrics[name]))
            ]
            text = f"“{self.scene.original(span)}”"
            self.scene.use(i)
            options = tuple(self._instead(metric) for metric in near)
            if options:
                message = say("The data does not hold {words}. What comes nearest:", words=text)
                raise Stop(Decline(message, options, self._rest(), why="absent"))
            message = say("The data does not hold {words}. I can answer, for example:", words=text)
            raise Stop(Decline(message, self._examples(), self._rest(), why="absent"))

    def _instead(self, metric: Metric) -> FollowUp:
        """A figure in the place of one that is not there, with the filters that were understood."""
        period = self.plan.period or self._any_period()
        allowed = {dimension.id for dimension in self.catalog.dimensions_of(metric)}
        filters = [f for f in self.plan.filters if f["dimension"] in allowed]
        return self._offer({"metrics": [metric.id], "by": [], "filters": filters, "period": days(period)})

    def _essentials(self) -> None:
        """A figure needs a metric and a period; a ranking needs groups."""
        plan = self.plan
        pending = self._pending()
        if not plan.metrics:
            self._missing_figure(pending)
        if plan.ranked and plan.top is None and plan.period and any(self.catalog.dimensions[b].grain for b in plan.by):
            plan.top = 1000  # "rank the quarters": all of them, in the order of their values
        if plan.ranked and not plan.by and WHO.match(self.scene.norm.folded) and "customer" in self._allowed():
            plan.by = ["customer"]
        if (plan.ranked or plan.top) and not plan.by:
            what = say("Ranked by what?") if plan.top == 1 else say("The top of what?")
            raise Stop(Clarify(what, self._groups(), self._pending()))
        if plan.having and (plan.metrics[0] == "active_customers" or "customer" in plan.by):
            if "segments" in self.world.tools:
                raise Stop(
                    Decline(say("I am not sure which customers you mean. You can ask, for example:"), self._examples())
                )
            raise Stop(
                Decline(
                    say(
                        "I cannot do {tool} yet. I can compute, compare and rank figures.", tool=TOOL_TITLES["segments"]
                    ),
                    self._examples(),
                )
            )
        if plan.having and not plan.by:
            raise Stop(
                Decline(
                    say("I can set conditions on groups such as countries or products, not on single orders."),
                    self._examples(),
                )
            )
        if len(plan.by) > 2 or (plan.top and len(plan.by) > 1):
            raise Stop(Clarify(say("I can split by two things, and rank by one. Which one first?"), self._groups()))
        if plan.period is None and plan.by == ["year"] and self.world.first_day is not None:
            plan.period = Period(self.world.first_day, self.world.today)
        if plan.period is None:
            raise Stop(Clarify(say("For which period?"), self._period_options(), self._pending()))
        if plan.rank_by != "value" and plan.compare is None:
            plan.compare = self._before(plan.period)
        if self.some_growth and self.catalog.metrics[plan.metrics[0]].unit != "ratio":
            ways = ((say("By the amount"), "change"), (say("In percent"), "change_rate"))
            options = tuple(
                FollowUp(label, ToolCall("metrics", {**plan.args(), "rank_by": way})) for label, way in ways
            )
            raise Stop(Clarify(say("Growth by the amount, or in percent?"), options))

    def _missing_figure(self, pending: ToolCall) -> None:
        """The figure that is meant where none is named, or a question for it."""
        plan, scene = self.plan, self.scene
        if (scene.words("selling", "selling_worst")) and plan.period is not None:
            raise Stop(self._which_measure())
        if plan.by and plan.ranked and scene.words("ordering"):
            plan.metrics = ["orders"]
        elif plan.by and (plan.ranked or plan.period is not None) and not (plan.ranked and not plan.by):
            plan.metrics = [DEFAULT_METRIC]
            plan.notes.append(say("Ranked by net sales, since no figure was named."))
        elif plan.ranked and not plan.by:
            raise Stop(Clarify(say("The top of what?"), self._groups(), self._pending()))
        elif plan.period is not None or plan.filters or plan.by:
            names = ("net_sales", "units") if scene.words("sold") else COMMON_FIGURES
            raise Stop(Clarify(say("Which figure would you like?"), self._figures(names), pending))
        else:
            raise Stop(self._beyond())

    def _which_measure(self) -> Clarify:
        plan = self.plan
        options = []
        for name in ("units", "net_sales"):
            plan.metrics = [name]
            options.append(
                FollowUp(
                    say("By {metric}", metric=self.catalog.metrics[name].label.label), ToolCall("metrics", plan.args())
                )
            )
        plan.metrics = []
        return Clarify(say("Best-selling by units or by money?"), tuple(options), self._pending())

    def _figures(self, names: tuple[str, ...]) -> tuple[FollowUp, ...]:
        plan = self.plan
        found = []
        for name in names:
            plan.metrics = [name]
            plan.top = plan.top if plan.by else None
            saved = plan.period
            plan.period = saved or unit(self.world.today, "month").previous()
            found.append(self._offer(plan.args()))
            plan.period = saved
        return tuple(found)

    def _finish(self) -> Outcome:
        plan = self.plan
        if plan.period is not None:
            plan.period = self._clip(plan.period)
        notes = [
            say("Read “{typed}” as “{meant}”.", typed=typed, meant=meant) for typed, meant in self.scene.corrections
        ]
        return Plan((ToolCall("metrics", plan.args()),), (*notes, *plan.notes))
