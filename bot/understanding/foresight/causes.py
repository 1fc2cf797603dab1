"""The tool `drivers`: why a figure moved."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any, ClassVar

from bot.understanding.foresight.reader import NotMine, Reader, merged, period_of
from bot.understanding.lexicon import BY_CHANGE
from bot.understanding.outcome import Clarify, Decline, Outcome
from bot.understanding.periods import PeriodSpan
from bot.understanding.reading.draft import DEFAULT_METRIC, Stop, days
from bot.understanding.spans import Reading
from tools.answer import FollowUp, ToolCall
from tools.messages import Message, say
from tools.semantic.periods import Period, unit

# Said of any change, whichever way: these alone presume nothing that a cause is asked for.
NEUTRAL = frozenset(
    {"变化", "变动", "变了", "变化了", "走势", "涨跌", "升降", "增减", "change", "changed", "changes", "大", "小", "做"}
)
BIDDING = frozenset(
    {"compare", "comparing", "comparison", "comparison of", "比较", "对比", "对比一下", "比较一下", "比一比"}
)
# Before a number that says how far a figure is thought to have moved.
MEASURED = frozenset({"by", "from", "to", "of", "about", "almost", "nearly", "了", "到", "从", "近", "约"})
# Values that are held against one another.
SET_APART = re.compile(
    r"\bthan\b|differ|gap between|\bbut\b|\bnot\b|versus|\bvs\b|compared|比|(?<![变更])差(?!了)|不同|却|但|而"
)
THAN = re.compile(r"(?:\b(?:than|versus|vs\.?|against|compared (?:to|with))(?: in| it was in)?|(?<!对)比|相比|较)\s*$")
BESIDE = re.compile(r"\s*(?:的)?(?:相比|比起来|比较|对比|比)")  # 跟9月相比
WHO = re.compile(
    r"\bwho (?:are|were) (?:the|our|those) (?:customers|clients|buyers)\b|\bwhose (?:buying|purchases|orders)\b"
)
KEPT = ("metric", "period", "compare", "filters", "by", "top")
# What is asked for the causes of is told by these to have risen or fallen.
RISEN = re.compile(
    r"\b(?:ris(?:e|es|en|ing)|rose|increas(?:e|es|ed|ing)|grow(?:n|s|ing)?|grew|climb(?:ed|ing)?|jump(?:ed|ing)?|spiked?"
    r"|surged?|soar(?:ed|ing)?|higher|(?:went|go|gone|going|moved|shot) up"
    r"|(?:is|are|was|were|sales|revenue|orders) up\b(?! (?:to|with))|(?:sell|sold|make|made|earn|earned) more)\b"
    r"|上升|上涨|增长|增加|变多|变高|大涨|暴涨|飙升|激增|猛增|大增|剧增|提升|提高|走高|[涨升高多]了|比.{1,24}(?:更?[高多]|涨|增)"
)
FALLEN = re.compile(
    r"\b(?:fall(?:s|en|ing)?|fell|drop(?:s|ped|ping)?|declin(?:e|es|ed|ing)|decreas(?:e|es|ed|ing)|plung(?:e|ed)|plummet(?:ed)?"
    r"|dip(?:ped)?|slump(?:ed)?|collapsed?|sank|shr[au]nk|lower|fewer|nosedived?|(?:went|go|gone|going|moved|came) down"
    r"|(?:is|are|was|were|sales|revenue|orders) down\b(?! to)|(?:sell|sold|make|made|earn|earned) less)\b"
    r"|下降|下滑|下跌|减少|变少|变低|大跌|暴跌|骤降|锐减|猛降|大降|降低|走低|缩水|[跌降掉低少]了|比.{1,24}(?:更?[低少]|跌|降|减)"
)
BETTER = re.compile(r"\b(?:better|improv(?:e|ed))\b|变好|比.{1,24}好")
WORSE = re.compile(r"\b(?:worse|worsen(?:ed)?|deteriorated?)\b|变差|比.{1,24}差")
NOT_SO = re.compile(
    r"\bnot\b|n't\b|\bno\b|\bnever\b|\bwhether\b|\bor\b|\bfall (?:season|20\d\d)\b|\bgrowth\b|\bfor (?:more|less)\b"
    r"|没|不|未|还是|[吗么]\W*$|增速|增幅|降幅|跌幅|涨幅|[多大]少"
)
MORE_IS_BETTER = frozenset({"net_sales", "gross_sales", "orders", "units", "active_customers", "new_customers"})


class Causes(Reader):
    """Which figure, between which periods, and where to look."""

    tool: ClassVar[str] = "drivers"
    topics: ClassVar[tuple[str, ...]] = ("drivers",)
    baseline: str | Period | None = None
    base: dict[str, Any] | None = None

    def read(self) -> Outcome | None:
        why = self._asked()
        self.base = self._context()
        follows = self.base is not None and self.before is not None and self.before.tool == self.tool
        if not why and (not follows or self.scene.words("selling", "selling_worst")):
            return None  # what sells best is asked of figures
        self._new_and_old()
        self.one_metric()
        self._customers()
        unknown = self.scene.where(lambda s: s.unknown)
        if unknown and why and not self.plan.metrics and not self.scene.where(lambda s: s.has("value")):
            raise Stop(self._about([self.scene.spans[i] for i in unknown]))
        self._places()
        self._dimensions()
        self._whose()
        self._values()
        self._when()
        self._between_places()
        self._lean(why=why, follows=follows)
        self._splits_only()
        self._moves()
        self.own()
        self.explained(sure=why)
        self._period_needed()
        return self.finish({**self.args(), **self._said()})

    def _said(self) -> dict[str, str]:
        """How the figure is said to have moved, where that is plain: the answer says so where it did not."""
        text = self.scene.norm.folded
        if NOT_SO.search(text):
            return {}
        good = self.metric_name() in MORE_IS_BETTER
        risen = bool(RISEN.search(text) or (good and BETTER.search(text)))
        fallen = bool(FALLEN.search(text) or (good and WORSE.search(text)))
        if risen == fallen:
            return {}
        return {"said": "rise" if risen else "fall"}

    def _asked(self) -> bool:
        """A word that asks for causes, or one that takes a change apart."""
        if self.has("drivers:why"):
            return True
        if not self.has("drivers:moved") or not (self.spoken("period") or self.spoken("baseline")):
            return False
        if self.has("drivers:split"):
            return True
        told = any(self.scene.spans[i].text not in NEUTRAL for i in self.scene.words("drivers:moved"))
        return (self.has("drivers:credit") or (self.has("drivers:how") and told)) and self._one_and_other()

    def _one_and_other(self) -> bool:
        """Whether two times stand against each other, or a figure is said to have moved in one."""
        return len(self.spoken("period")) > 1 or bool(self.spoken("baseline") or self.scene.words("growth", "compare"))

    def _customers(self) -> None:
        """ "Why were there more customers in March": they are counted."""
        scene = self.scene
        counted = scene.where(lambda s: s.has("dimension", "customer"))
        if self.plan.metrics or not counted or scene.words("by", "which", "which_many"):
            return
        if not self._labels_a_value(counted[0]):
            scene.use(counted[0])
            self.plan.metrics.append("active_customers")

    def _whose(self) -> None:
        """ "Who are the customers responsible for the fall": it is taken apart by customer."""
        counted = self.scene.where(lambda s: s.has("dimension", "customer"))
        if counted and not self.plan.by and WHO.search(self.scene.norm.folded) and not self._labels_a_value(counted[0]):
            self.scene.use(counted[0])
            self.plan.by.append("customer")

    def _new_and_old(self) -> None:
        """ "Was it new or old customers": both are parts of every explanation, no figures of their own here."""
        scene = self.scene
        for i in scene.where(lambda s: s.word("drivers:small") and s.has("metric")):
            scene.spans[i] = replace(scene.spans[i], readings=(Reading("word", "drivers:small"),))

    def _places(self) -> None:
        """ "The top 3 reasons"."""
        for i in self.scene.where(lambda s: s.has("number") and not s.has("value")):
            number = self._whole(i)
            after = self.scene.after(i, skip=("filler", "classifier", "drivers:small"))
            if number and number <= 50 and after is not None and self.scene.spans[after].word("drivers:why"):
                self.scene.use(i, *self.scene.words("top"))
                self.plan.top = number

    # --- When --------------------------------------------------------------------------------------------------

    def _when(self) -> None:
        spoken = [(i, self._differing(span, self.scene.spans[i].text)) for i, span in self.spoken("period")]
        for i, span in spoken:
            self.scene.use(i)
            self._doubtful_period(i, span)
            if span.period is not None and (span.certainty < 0.7 or span.assumed in ("rolling", "complete_units")):
                text = self.scene.original(self.scene.spans[i])
                self.plan.notes.append(say("“{text}” is read as {period}.", text=text, period=span.period))
        found = [(i, span.period) for i, span in spoken if span.period is not None]
        periods = list(dict.fromkeys(period for _i, period in found))
        if len(periods) == 1 and self.base and self.base.get("period") and self._after_than(found[0][0]):
            self.plan.period, self.baseline = period_of(self.base["period"]), periods[0]
        elif len(periods) == 1:
            self.plan.period = periods[0]
            self._ends_of_a_range()
            if isinstance(self.plan.compare, Period):
                self.baseline = self.plan.compare
            elif len(found) > 1 and any(self.scene.spans[i].text.startswith("last ") for i, _period in found[1:]):
                self.baseline = "year_ago"  # "why was September better than last September"
        elif len(periods) == 2:
            self.plan.period, self.baseline = self._which_is_explained(found)
        elif periods:
            options = tuple(
                self.option({**self.args(), "period": days(b), "compare": days(a)})
                for a, b in pairwise(sorted(periods))
            )
            raise Stop(Clarify(say("Two periods at a time, please. Which change shall I explain?"), options[:4]))
        self._ahead()
        self._against()

    def _after_than(self, i: int) -> bool:
        """ "Why is that more than in October", "from October", 为啥比10月涨了: what was answered is held against it."""
        span, text = self.scene.spans[i], self.scene.norm.folded
        if span.text.startswith("from ") or BESIDE.match(text, span.end):
            return True
        return THAN.search(text[: span.start]) is not None

    def _differing(self, span: PeriodSpan, text: str) -> PeriodSpan:
        """ "Differ from June": no stretch of time that begins in June; nor where a later time was answered."""
        several = len(self.spoken("period")) > 1 or (not self.plan.metrics and self._after_what_was_answered(span))
        if several and span.certainty <= 0.5 and text.startswith("from") and span.alternatives:
            return replace(span, period=span.alternatives[0], alternatives=(), certainty=1.0)
        return span

    def _after_what_was_answered(self, span: PeriodSpan) -> bool:
        """Whether the figure that was answered is of a time after the one that is named."""
        answered = (self.base or {}).get("period")
        if answered is None or not span.alternatives:
            return False
        return period_of(answered).start > span.alternatives[0].end

    def _which_is_explained(self, found: list[tuple[int, Period]]) -> tuple[Period, Period]:
        """ "November against October", 11月比10月: what stands before the comparing word; else the later of the two."""
        first, second = found[0], next(entry for entry in found if entry[1] != found[0][1])
        if first[1].days == second[1].days and first[1].overlaps(second[1]):
            return first[1], first[1].previous()  # "the last 30 days" and "the 30 days before"
        if first[1].contains(second[1]) or second[1].contains(first[1]):
            options = tuple(
                FollowUp(say("{period}", period=p), self._call_for_period(p)) for p in (first[1], second[1])
            )
            raise Stop(Clarify(say("Which period do you mean?"), options))
        comparing = self.scene.words("compare")
        set_against = [i for i in comparing if self.scene.spans[i].text not in BIDDING]
        if any(first[0] < i < second[0] for i in set_against):
            return first[1], second[1]
        if any(i < first[0] for i in set_against) and not self._both_compared(first[0], second[0]):
            return second[1], first[1]
        later, earlier = max(first[1], second[1]), min(first[1], second[1])
        return later, earlier

    def _both_compared(self, first: int, second: int) -> bool:
        """ "The difference between October and November": neither is the baseline by grammar."""
        return any(self.scene.spans[k].word("and") for k in range(first + 1, second))

    def _ahead(self) -> None:
        period = self.plan.period
        if period is None or period.start <= self.world.today:
            return
        if not self._asked():
            raise NotMine
        forecast = FollowUp(
            say(
                "Forecast: {metric}, {period}",
                metric=self.catalog.metrics[self.metric_name()].label.label.inside(),
                period=period,
            ),
            ToolCall("forecast", {"metric": self.metric_name(), "period": days(period), "filters": self.plan.filters}),
        )
        raise Stop(
            Decline(
                say("{period} has not begun, so there is no change to explain yet.", period=period),
                (forecast,) if "forecast" in self.world.tools else (),
            )
        )

    def _against(self) -> None:
        """ "Than last year", 同比, "week on week"."""
        for i, span in self.spoken("baseline"):
            self.scene.use(i)
            if self.baseline is not None:
                continue
            self._baseline_of(span)
        self.scene.use(*self.scene.words("compare"))
        self._same_days_so_far()

    def _same_days_so_far(self) -> None:
        """A unit that still runs is set against as many days of the one that is named."""
        now, then = self.plan.period, self.baseline
        if now is None or not isinstance(then, Period) or not self._running(now):
            return
        now = self._clip(now)
        grain = then.whole()
        if grain is None or grain == "day" or now.start != unit(now.start, grain).start or then.days <= now.days:
            return
        if now == unit(now.start, grain):
            return
        self.plan.period = now
        self.baseline = Period(then.start, then.start + (now.end - now.start))
        self.plan.notes.append(say("{period} so far, compared with the same days of the period before.", period=now))

    def _baseline_of(self, span: PeriodSpan) -> None:
        today, plan = self.world.today, self.plan
        if plan.period is None and span.grain is not None and span.grain != "day" and self.base is None:
            whole = unit(today, span.grain)
            plan.period = Period(whole.start, today)
        days = self._same_days_of_unit(plan.period, span) if plan.period is not None else None
        self.baseline = days or ("year_ago" if span.baseline == "year_ago" else "previous_period")

    def _between_places(self) -> None:
        """ "Why is Germany higher than France": two places, not two times."""
        listed = (f for f in self.plan.filters if f["op"] == "in" and f["dimension"] not in self.plan.one_thing)
        several = [f for f in listed if len(f["values"]) > 1]
        if not several or not SET_APART.search(self.scene.norm.folded) or self.baseline is not None:
            return
        values = tuple(several[0]["values"])
        options = []
        for value in values[:3]:
            one = {"dimension": several[0]["dimension"], "op": "in", "values": [value]}
            others = [f for f in self.plan.filters if f is not several[0]]
            args = {**self.args(), "filters": [*others, one]}
            options.append(FollowUp(say("{value}", value=value), ToolCall(self.tool, args)))
        raise Stop(
            Clarify(
                say("I explain how a figure changed over time, not how {values} differ. Whose change?", values=values),
                tuple(options),
            )
        )

    # --- What the call before left -------------------------------------------------------------------------------

    def _context(self) -> dict[str, Any] | None:
        before = self.before
        if before is None or before.tool not in (self.tool, "metrics", "forecast"):
            return None
        args = before.args
        if before.tool == self.tool:
            return {k: args[k] for k in KEPT if k in args}
        metrics = args.get("metrics") or [args.get("metric", DEFAULT_METRIC)]
        base: dict[str, Any] = {"metric": metrics[0], "filters": [dict(f) for f in args.get("filters", ())]}
        if before.tool == "metrics" and args.get("period"):
            base["period"] = args["period"]
            base["compare"] = args.get("compare")
        return base

    def _lean(self, *, why: bool, follows: bool) -> None:
        plan, scene, base = self.plan, self.scene, self.base or {}
        if self.base is None:
            return
        connected = bool(scene.words("follow_up")) or not plan.metrics
        if not why:
            changed = plan.metrics or plan.filters or plan.by or plan.period or plan.top or self.baseline
            if not changed or not follows or (plan.metrics and plan.period and not scene.words("follow_up")):
                raise NotMine
            connected = True
        if plan.metrics and plan.period is not None and not scene.words("follow_up"):
            self.base = None
            return
        own_period = plan.period is not None
        if not plan.metrics and (connected or plan.period is None):
            plan.metrics = [base.get("metric", DEFAULT_METRIC)]
        if connected or plan.period is None:
            plan.filters = merged(base.get("filters", []), plan.filters, plan.by)
        if plan.period is None and base.get("period"):
            plan.period = period_of(base["period"])
        if self.baseline is None and base.get("compare") and not (own_period and isinstance(base["compare"], dict)):
            compare = base["compare"]
            self.baseline = period_of(compare) if isinstance(compare, dict) else compare
        if follows and not plan.by and not own_period and not plan.filters:
            plan.by = list(base.get("by", ()))
        scene.use(*scene.words("pronoun", "overall"))

    # --- The rest ------------------------------------------------------------------------------------------------

    def _splits_only(self) -> None:
        times = [name for name in self.plan.by if name not in self.splits()]
        if times and not self._asked():
            raise NotMine
        if times:
            raise Stop(
                Clarify(
                    say("I explain a change between two periods, not step by step. Do you mean this?"),
                    self._so_far(),
                )
            )

    def _moves(self) -> None:
        """How it is said to have moved is taken for granted here; the answer says how it did."""
        scene = self.scene
        scene.use(*scene.words("compare", "growth", "trend", "highest", "lowest", "breakdown", "share", "overview"))
        scene.use(*scene.words(*BY_CHANGE, "less_than", "more_than", "acquired"))
        for i in scene.where(lambda s: s.has("number") and not s.has("value")):
            before = scene.spans[i - 1].text if i else ""
            number = self._number(i)
            if number is not None and (number.percent or number.money or before in MEASURED):
                scene.use(i)

    def _period_needed(self) -> None:
        if self.plan.period is not None:
            return
        today = self.world.today
        months = unit(today, "month").previous()
        choices = [unit(today, "week").previous(), months]
        running = Period(unit(today, "month").start, today)
        if running.days >= 7:
            choices.append(running)
        raise Stop(
            Clarify(
                say("Which change shall I explain?"),
                tuple(self.option(self.args(p)) for p in choices),
                pending=ToolCall(self.tool, {k: v for k, v in self.args().items() if k != "period"}),
            )
        )

    def args(self, period: Period | None = None) -> dict[str, Any]:
        plan = self.plan
        found: dict[str, Any] = {"metric": self.metric_name()}
        # A button always has a period: the last month where none was said.
        when = self._clip(period or plan.period or unit(self.world.today, "month").previous())
        found["period"] = days(when)
        baseline = self.baseline
        if isinstance(baseline, Period):
            found["compare"] = days(baseline)
        elif baseline == "year_ago":
            found["compare"] = "year_ago"
        elif self._running(when) and self._before_running(when) is not None:
            found["compare"] = days(self._before_running(when))
        if plan.filters:
            found["filters"] = list(plan.filters)
        if plan.by:
            found["by"] = list(plan.by)
        if plan.top:
            found["top"] = plan.top
        return found

    def _before_running(self, period: Period) -> Period | None:
        """A unit that still runs is compared day for day with the unit before; None where that is the days before."""
        before = self._before(period)
        return before if before != period.previous() else None

    def label(self, args: Mapping[str, Any]) -> Message:
        metric = self.catalog.metrics[args["metric"]].label.label.inside()
        span, compare = args.get("period"), args.get("compare")
        if span and isinstance(compare, Mapping):
            return say(
                "Why {metric} changed, {period} against {baseline}",
                metric=metric,
                period=period_of(span),
                baseline=period_of(compare),
            )
        if span and compare == "year_ago":
            return say("Why {metric} changed from a year earlier, {period}", metric=metric, period=period_of(span))
        if span:
            return say("Why {metric} changed, {period}", metric=metric, period=period_of(span))
        return say("Why {metric} changed", metric=metric)
