"""The tool `forecast`: what a figure will come to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.understanding.foresight.horizon import LEAST_MARK, Horizon
from bot.understanding.foresight.reader import NotMine, merged, period_of
from bot.understanding.outcome import Clarify, Outcome
from bot.understanding.reading.draft import DEFAULT_METRIC, MANY, Stop, days
from tools.answer import FollowUp
from tools.messages import Message, say
from tools.semantic.periods import Period

GRAINS = ("day", "week", "month")
CHANGES = ("forecast:grow_most", "forecast:grow_fastest", "forecast:fall_most", "forecast:fall_fastest")
# Of these, what can only lie ahead.
STARS = re.compile(r"会|爆|潜力|火|take|taking|break out|viral|next best|rising stars|boom|explode")
# These lie ahead by themselves, which 接下来 before another question does not.
AHEAD = frozenset(
    {"未来", "今后", "往后", "后市", "未来一段时间", "接下来一段时间", "going forward", "后几周"}
    | {f"{ahead}{weeks}" for ahead in ("未来", "接下来", "后面", "往后", "今后") for weeks in ("几周", "几个星期")}
)
WEEKS_AHEAD = re.compile(r"\b(?:coming|upcoming|next few) weeks\b|\bweeks ahead\b")
# "What is a forecast", 预测是什么意思: the word's meaning is asked for.
MEANING = re.compile(
    r"^\W*(?:what(?:'s| is| are) an? |what are |define|how do (?:you|we)|how does|how is|how are)|"
    r"什么是|什么意思|怎么算|怎么做"
)
KEPT = ("metric", "period", "grain", "filters", "by", "top", "rank_by", "order")


class Forecasting(Horizon):
    """Which figure, over which days, by which steps, split or ranked how."""

    base: dict[str, Any] | None = None

    def read(self) -> Outcome | None:
        asked = self.has("forecast:ask")
        self.base = self._context()
        self._times()
        will = self.has("forecast:will", "forecast:sales") or (asked and not self.plan.more_periods)
        will = will or any(STARS.search(self.scene.spans[i].text) for i in self.scene.words(*CHANGES))
        will = will or any(self.scene.spans[i].text in AHEAD for i in self.scene.words("forecast:soon"))
        will = will or WEEKS_AHEAD.search(self.scene.norm.folded) is not None
        today = self.world.today
        sure = asked or (self.horizon is not None and (will or self.horizon.start > today))
        follows = self.base is not None and self.before is not None and self.before.tool == self.tool
        if not (sure or will or follows):
            return None
        self._no_persons()
        self._over(asked=asked)
        self._figure()
        if sure and not (asked or will or follows or self._worth_a_forecast()):
            self._only_a_time()
        self._when()
        self._laid_out()
        if self.base is not None:
            self._lean(follows=follows, explicit=sure or will)
        bare = not (self.plan.metrics or self.plan.filters or self.plan.by or self.horizon)
        if bare and MEANING.search(self.scene.norm.folded):
            raise NotMine
        told = self.plan.metrics or self.has("forecast:sales") or (self.plan.ranked and self.plan.by)
        if not (sure or told or self.base is not None):
            raise NotMine
        self.explained(sure=sure)
        return self.finish(self.args())

    def _worth_a_forecast(self) -> bool:
        """Whether what lies ahead is asked of a figure, or of a ranking."""
        words = tuple(f"forecast:{part}" for part in ("best", "sales", "earn", "moving", "will", "demand"))
        grouped = self.scene.where(lambda s: s.has("dimension"))
        return bool(self.plan.metrics or self.base is not None or grouped) or self.has(*words)

    def _only_a_time(self) -> None:
        """ "Next month?" with nothing before it: of which figure is asked. Raises NotMine where more is said."""
        self._values()
        self.own()
        if self.scene.left_over():
            raise NotMine
        if not self.plan.filters:
            options = tuple(self.option({**self.args(), "metric": name}) for name in ("net_sales", "orders", "units"))
            raise Stop(Clarify(say("Which figure would you like?"), options))

    def _laid_out(self) -> None:
        plan, scene = self.plan, self.scene
        self._limits()
        self._ranking()
        self._by_change()
        self._dimensions()
        self._values()
        for i, _span in self.spoken("baseline"):
            scene.use(i)
            scene.use(*scene.words("compare"))
        scene.use(*scene.words("growth", "trend"))
        if self.horizon is not None or self.has("forecast:ask"):
            scene.use(*scene.words("overview"))
        grains = [name for name in plan.by if name not in self.splits()]
        plan.by = self.splits()
        self._steps(grains)
        self._several_values()
        if len(plan.by) > 1:
            raise Stop(
                Clarify(
                    say("I can split a forecast by one thing. Which one?"),
                    tuple(self.option({**self.args(), "by": name}) for name in plan.by[:4]),
                )
            )
        if plan.ranked and not plan.by:
            if grains:
                raise Stop(Clarify(say("I lay the steps out in time, not by rank. Do you mean this?"), self._so_far()))
            self._of_what()
        self._not_forecast()
        self.own()

    def _by_change(self) -> None:
        """ "Take off", 会爆: ranked by what is to change, of products where nothing else is named."""
        plan = self.plan
        groupable = bool(self.scene.where(lambda s: s.has("dimension")))
        asking = bool(self.scene.words("which", "which_many", "top")) or groupable
        if self.has("forecast:best"):
            plan.ranked = True
        if plan.rank_by != "change":
            if not (self.has(*CHANGES) and asking and not self._of_one_figure()):
                return
            plan.rank_by = "change_rate" if self.has(CHANGES[1], CHANGES[3]) else "change"
            plan.order = "lowest" if self.has(CHANGES[2], CHANGES[3]) else "highest"
        plan.ranked = True
        if plan.rank_by == "change_rate" and self.top_unsaid:
            plan.top = None  # the others' rates are worth seeing beside the first
        plan.top = plan.top or self._number_of_places()
        if not groupable:
            plan.by.append("product")
        if not plan.metrics and (not groupable or self.scene.where(lambda s: s.has("dimension", "product"))):
            plan.metrics.append("units")  # products take off in pieces

    def _of_one_figure(self) -> bool:
        """ "What will sales grow to": the figure itself moves, nothing is ranked."""
        return not self.scene.where(lambda s: s.has("dimension")) and not self.scene.words("which_many")

    def _number_of_places(self) -> int | None:
        for i in self.scene.where(lambda s: s.has("number")):
            if i not in self.scene.used and self._whole(i) and self._counts_places(i):
                self.scene.use(i)
                return self._whole(i)
        return None

    def _of_what(self) -> None:
        """Best of what? Products, where something sells best; else it is asked."""
        if self.has("forecast:best"):
            self.plan.by.append("product")
            return
        raise Stop(Clarify(say("The top of what?"), self._groups()))

    def _groups(self) -> tuple[FollowUp, ...]:
        names = [n for n in ("product", "country", "category", "channel") if self._has_values(n)]
        return tuple(self.option({**self.args(), "by": name}) for name in names)

    def _steps(self, grains: list[str]) -> None:
        for grain in grains:
            if grain not in GRAINS:
                raise Stop(
                    Clarify(
                        say("I lay a forecast out by day, by week or by month. Which one?"),
                        tuple(self.option({**self.args(), "grain": name}) for name in GRAINS[1:]),
                    )
                )
            self.grain = grain
        self.plan.ranked = self.plan.ranked and not (grains and self.plan.by)

    def _several_values(self) -> None:
        """ "Germany and France": one forecast each."""
        if self.plan.by or self.scene.words("only"):
            return
        for condition in self.plan.filters:
            together = condition["dimension"] in self.plan.one_thing
            if condition["op"] == "in" and len(condition["values"]) > 1 and condition["dimension"] != "weekday":
                if not together and condition["dimension"] in self.catalog.dimensions:
                    self.plan.by = [condition["dimension"]]
                return

    def _not_forecast(self) -> None:
        """Conditions on groups and averages are questions to figures that are there."""
        marks = [h for h in self.plan.having if [h["metric"]] == self.plan.metrics and h["value"] >= LEAST_MARK]
        if marks and len(marks) == len(self.plan.having) and not self.plan.by:
            self.plan.having = []
            self.plan.notes.append(say("The forecast and its interval say how likely that is."))
        self._marks()
        if self.plan.average_per is not None or self.plan.having:
            raise Stop(
                Clarify(
                    say("I forecast totals, without conditions on them or averages. Do you mean this?"), self._so_far()
                )
            )

    # --- What the call before left ------------------------------------------------------------------------------

    def _context(self) -> dict[str, Any] | None:
        before = self.before
        if before is None or before.tool not in (self.tool, "metrics", "drivers"):
            return None
        args = before.args
        if before.tool == self.tool:
            return {k: args[k] for k in KEPT if k in args} if args.get("show", "forecast") == "forecast" else None
        metrics = args.get("metrics") or [args.get("metric", DEFAULT_METRIC)]
        base: dict[str, Any] = {"metric": metrics[0], "filters": [dict(f) for f in args.get("filters", ())]}
        groups = [name for name in args.get("by", ()) if name in self.catalog.dimensions]
        groups = [name for name in groups if self.catalog.dimensions[name].grain is None]
        if before.tool == "metrics" and len(groups) == 1 and groups[0] not in ("weekday", "hour"):
            base["by"] = groups[0]
            if args.get("top"):
                base["top"] = args["top"]
        return base

    def _lean(self, *, follows: bool, explicit: bool) -> None:
        """Takes over what the question leaves open. Raises NotMine where the question begins anew."""
        plan, scene, base = self.plan, self.scene, self.base or {}
        connected = bool(scene.words("follow_up")) or not plan.metrics
        alone = bool(plan.metrics or self.has("forecast:sales")) and self.horizon is not None
        if alone and not scene.words("follow_up"):
            if not explicit:
                raise NotMine
            self.base = None
            return
        if not explicit:
            changed = plan.metrics or plan.filters or plan.by or self.grain or plan.top or plan.rank_by != "value"
            if not changed or not follows or plan.more_periods:
                raise NotMine
            connected = True
        if not connected:
            self.base = None
            return
        if not plan.metrics:
            plan.metrics = [base.get("metric", DEFAULT_METRIC)]
        plan.filters = merged(base.get("filters", []), plan.filters, plan.by)
        fixed = {f["dimension"] for f in plan.filters if f["op"] == "in" and len(f["values"]) == 1}
        if not plan.by and base.get("by") and base["by"] not in fixed:
            plan.by = [base["by"]]
            plan.top = plan.top or base.get("top")
            if base.get("rank_by", "value") != "value" and plan.rank_by == "value":
                plan.rank_by, plan.order = base["rank_by"], base.get("order", "highest")
                plan.ranked = True
        if follows and self.horizon is None and base.get("period"):
            self.horizon = period_of(base["period"])
            self.grain = self.grain or base.get("grain")
        scene.use(*scene.words("pronoun", "overall"))

    # --- Ending ------------------------------------------------------------------------------------------------

    def args(self, period: Period | None = None) -> dict[str, Any]:
        plan = self.plan
        horizon = period or self.horizon
        found: dict[str, Any] = {"metric": self.metric_name()}
        if horizon is not None:
            found["period"] = days(horizon)
        if self.grain:
            found["grain"] = self.grain
        if plan.filters:
            found["filters"] = list(plan.filters)
        if plan.by:
            found["by"] = plan.by[0]
            if plan.top and plan.top != MANY:
                found["top"] = plan.top
            if plan.rank_by != "value":
                found["rank_by"] = plan.rank_by
            if plan.order != "highest":
                found["order"] = plan.order
        return found

    def label(self, args: Mapping[str, Any]) -> Message:
        metric = self.catalog.metrics[args["metric"]].label.label.inside()
        by, span = args.get("by") or args.get("grain"), args.get("period")
        period = period_of(span) if span else None
        dimension = self.catalog.dimensions[by].label.label.inside() if by else None
        if period is not None and dimension is not None:
            return say("Forecast: {metric} by {dimension}, {period}", metric=metric, dimension=dimension, period=period)
        if period is not None:
            return say("Forecast: {metric}, {period}", metric=metric, period=period)
        if dimension is not None:
            return say("Forecast: {metric} by {dimension}", metric=metric, dimension=dimension)
        return say("Forecast: {metric}, next 4 weeks", metric=metric)
