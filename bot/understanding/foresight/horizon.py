"""When a forecast is for, and which figure it is of."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import ClassVar

from bot.understanding.foresight.reader import NotMine, Reader
from bot.understanding.outcome import Clarify, Decline
from bot.understanding.periods import PeriodSpan
from bot.understanding.reading.draft import DEFAULT_METRIC, Stop, days
from bot.understanding.spans import Reading
from tools.answer import FollowUp, ToolCall
from tools.messages import say
from tools.semantic.periods import Period

WHO = re.compile(r"\bwho(?:m)?\b|谁")
# Persons who are to do something: "customers likely to buy", 可能购买的客户.
SINGLED = re.compile(
    r"(?:customers?|clients?|buyers?|shoppers?|users?)\s+(?:who|that|whom|likely|most likely|about to)\b|"
    r"(?:会|可能|将要?)[^，。？！]{0,6}的(?:客户|顾客|用户|买家)"
)
# Counted in so many words, and money asked for.
COUNTED = re.compile(r"how many|[几多少][个件只份套双瓶盒箱台本]|[卖出][几多]")
MONEY = re.compile(r"how much|多少钱|金额|销售额")
# Words beside a number that a figure may or may not come to.
REACHING = re.compile(
    r"reach|hit|exceed|beat|surpass|more than|less than|above|below|over|under|get to|"
    r"超过|达到|突破|不到|低于|高于|破|到"
)
SEVERAL = re.compile(r"kpi|figures|metrics|dashboard|numbers|指标|数据", re.IGNORECASE)  # of an overview
LEAST_MARK = 100  # from here on a number beside a figure says what it may come to


class Horizon(Reader):
    """The days that lie ahead, and the figure that is asked for."""

    tool: ClassVar[str] = "forecast"
    topics: ClassVar[tuple[str, ...]] = ("forecast",)
    grain: str | None = None
    horizon: Period | None = None

    # --- When --------------------------------------------------------------------------------------------------

    def _times(self) -> None:
        """The horizon; periods that are over stay in `plan.more_periods`."""
        today = self.world.today
        ahead: list[tuple[int, PeriodSpan]] = []
        for i, span in self.spoken("period"):
            period = span.period
            if period is None or span.certainty <= 0.5 or period.end > today or period == Period(today, today):
                ahead.append((i, span))
            else:
                self.plan.more_periods.append(period)
            self.scene.use(i)
        for i, span in ahead:
            self._doubtful_period(i, span)
            if span.period is not None and (span.certainty < 0.7 or span.assumed in ("extent", "reading")):
                text = self.scene.original(self.scene.spans[i])
                self.plan.notes.append(say("“{text}” is read as {period}.", text=text, period=span.period))
        ahead = self._subject(ahead)
        periods = sorted({span.period for _i, span in ahead if span.period is not None})
        durations = self.scene.where(lambda s: s.has("duration"))
        if not periods and len(durations) == 1:
            self.scene.use(durations[0])
            periods = [self.scene.spans[durations[0]].values("duration")[0]]
        if not periods:
            return
        for a, b in pairwise(periods):
            if b.start > a.end + timedelta(days=1):
                options = tuple(FollowUp(say("{period}", period=p), self._call_for_period(p)) for p in periods[:4])
                raise Stop(Clarify(say("One stretch of time at a time, please. Which one first?"), options))
        self.horizon = Period(periods[0].start, max(p.end for p in periods))
        if self.has("forecast:rest") and self.horizon.start <= today < self.horizon.end:
            self.horizon = Period(today + timedelta(days=1), self.horizon.end)

    def _subject(self, ahead: list[tuple[int, PeriodSpan]]) -> list[tuple[int, PeriodSpan]]:
        """ "More in January than in December", 下个月比这个月: what stands before the comparing word is asked for."""
        compared = [k for k in self.scene.words("compare") if ahead and k > ahead[0][0]]
        if len(ahead) < 2 or not compared:
            return ahead
        kept = [(i, span) for i, span in ahead if i < compared[0]]
        others = [span.period for i, span in ahead if i > compared[0] and span.period is not None]
        self.scene.use(*compared)
        for other in others:
            self.plan.notes.append(say("This is the forecast alone; it is not set against {period}.", period=other))
        return kept

    def _over(self, *, asked: bool) -> None:
        """A period that is over has figures, not a forecast; beside one that is to come it is a comparison."""
        past = self.plan.more_periods
        if not past:
            return
        if self.horizon is None:
            if not asked:
                raise NotMine
            self._figure()
            args = {"metrics": [self.metric_name()], "period": days(past[-1]), "filters": self.plan.filters}
            figures = FollowUp(
                say("{metric}, {period}", metric=self.catalog.metrics[self.metric_name()].label.label, period=past[-1]),
                ToolCall("metrics", args),
            )
            raise Stop(
                Decline(
                    say("{period} is over: there are figures for it, and nothing left to forecast.", period=past[-1]),
                    (figures, self.option({**self.args(), "period": None})),
                )
            )
        if not (self.scene.words("compare", "growth") or self.has("forecast:moving")):
            raise NotMine
        self.scene.use(*self.scene.words("compare", "growth"))
        if past[-1] not in (self.horizon.year_ago(), self.horizon.previous()):
            # A forecast tells the year before and the time before by itself.
            self.plan.notes.append(say("This is the forecast alone; it is not set against {period}.", period=past[-1]))

    def _when(self) -> None:
        """ "When will sales peak" asks for a day; a forecast says how much is to come."""
        if not self.has("forecast:when_at"):
            return
        unknown = self.scene.where(lambda s: s.unknown)
        if unknown:
            raise Stop(self._about([self.scene.spans[i] for i in unknown]))
        raise Stop(
            Clarify(
                say("I can forecast how much is to come, step by step, but I do not pick a day. Do you mean this?"),
                (self.option(self.args()),),
            )
        )

    # --- What --------------------------------------------------------------------------------------------------

    def _figure(self) -> None:
        if self.plan.metrics:
            return
        self._averages()
        self._to_order()
        doing = [i for i in self.scene.words("overview") if not SEVERAL.search(self.scene.spans[i].text)]
        if doing:  # "how will we do": one figure stands for all
            self.scene.use(*doing)
            self.plan.metrics.append(DEFAULT_METRIC)
            return
        self.one_metric()
        self._in_pieces()

    def _no_persons(self) -> None:
        """ "Which customers will buy": single customers are other tools' to look ahead for."""
        scene = self.scene
        persons = scene.where(lambda s: s.has("dimension", "customer"))
        single = [i for i in persons if self._labels_a_value(i)]
        if single:
            raise NotMine
        asking = scene.words("which", "which_many") or WHO.search(scene.norm.folded)
        if not SINGLED.search(scene.norm.folded) and (not (persons and asking) or scene.words("by")):
            return
        if not self.world.tools >= {"churn", "clv"}:
            raise NotMine
        options = (
            FollowUp(say("Customers who are likely to leave"), ToolCall("churn", {})),
            FollowUp(say("By lifetime value over the next year"), ToolCall("clv", {})),
        )
        raise Stop(
            Clarify(say("I forecast figures, not what single customers will do. Do you mean one of these?"), options)
        )

    def _to_order(self) -> None:
        """ "How many customers will order": the verb is no second figure."""
        counted = [
            i for i in self.scene.where(lambda s: s.has("metric") and s.has("dimension")) if self._is_how_many(i)
        ]
        for i in self.scene.where(lambda s: s.text == "order") if counted else ():
            if self.scene.spans[i].has("metric") and i > counted[0]:
                self.scene.spans[i] = replace(self.scene.spans[i], readings=(Reading("word", "filler"),))

    def _in_pieces(self) -> None:
        """ "22197 next month, how many?": a product that is counted is counted in units; so is demand."""
        scene = self.scene
        if self.plan.metrics:
            return
        product = any("product" in {d for d, _v in span.values("value")} for span in scene.spans)
        counted = product and (scene.words("how_many") or COUNTED.search(scene.norm.folded))
        if (self.has("forecast:demand") or counted) and not MONEY.search(scene.norm.folded):
            self.plan.metrics.append("units")

    def _marks(self) -> None:
        """ "Will it exceed 1.2 million": the interval tells."""
        scene = self.scene
        if not REACHING.search(scene.norm.folded):
            return
        for i in scene.where(lambda s: s.has("number") and not s.has("value")):
            number = self._number(i)
            if i not in scene.used and number is not None and (number.money or number.value >= LEAST_MARK):
                scene.use(i)
                self.plan.notes.append(say("The forecast and its interval say how likely that is."))
