"""Conditions on groups, and which end of a ranking is wanted."""

from __future__ import annotations

import re

from bot.understanding.lexicon import BY_CHANGE, RANKING
from bot.understanding.outcome import Clarify
from bot.understanding.reading.draft import (
    DEFAULT_METRIC,
    MANY,
    OPS,
    Base,
    Stop,
)
from bot.understanding.spans import Span
from tools.messages import say

PIECES = re.compile(r"[件份箱个单笔]")
JUDGING = frozenset(
    {"best", "worst", "best performing", "worst performing", "strongest", "weakest", "最好", "最差", "最佳", "最不好"}
)


class Rankings(Base):
    """Conditions on groups, and which end of a ranking is wanted."""

    def _limits(self) -> None:
        """ "countries with more than 100 orders": conditions on a group's figures."""
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
            elif (counted := self._sold_so_many(number_at)) is not None:
                name = counted
            else:
                continue
            if metric_at is not None:
                scene.use(metric_at)
            name = self._counted_in(name, scene.spans[number_at])
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
                named = self._preferred(scene.spans[metric_at].values("metric"))
                name = self._counted_in(named, scene.spans[number_at])
            elif (counted := self._sold_so_many(number_at)) is not None:
                name = counted
            else:
                continue
            scene.use(i, number_at)
            plan.having.append({"metric": name, "op": ">=", "value": number.value})
            if name not in plan.metrics:
                plan.metrics.append(name)

        if not scene.words("sold"):
            self._of_returns()

    def _counted_in(self, name: str, number: Span) -> str:
        """退货超过100件: pieces, where the figure that is named is an amount of money."""
        unit = PIECES.match(self.scene.norm.folded, number.end)
        metric = self.catalog.metrics[name]
        if unit is None or metric.unit != "currency":
            return name
        pieces = {"returns": "returned_units", "net_sales": "units", "gross_sales": "units"}.get(name)
        if pieces is None or unit.group() not in "件份箱":
            counts = ("orders", "units", name)
            raise Stop(
                Clarify(
                    say("{metric} is an amount of money. Which figure would you like?", metric=metric.label.label),
                    tuple(self._question_option(self.catalog.metrics[one]) for one in counts),
                )
            )
        self.plan.metrics = [one for one in self.plan.metrics if one != name]
        return pieces

    def _sold_so_many(self, number_at: int) -> str | None:
        """卖出超过3000件的商品: units, where things are sold and pieces counted."""
        unit = PIECES.match(self.scene.norm.folded, self.scene.spans[number_at].end)
        sold = bool(self.scene.words("sold")) and not self.plan.metrics
        return "units" if sold and unit is not None and unit.group() in "件份箱" else None

    def _of_returns(self) -> None:
        """ "Products with more than 100 units returned": the units that came back, not those that were sold."""
        plan = self.plan
        limited = [condition for condition in plan.having if condition["metric"] == "units"]
        if limited and "returns" in plan.metrics:
            for condition in limited:
                condition["metric"] = "returned_units"
            plan.metrics = ["returned_units", *(name for name in plan.metrics if name not in ("returns", "units"))]

    def _ranking(self) -> None:
        scene, plan = self.scene, self.plan
        high, low, top = scene.words("highest"), scene.words("lowest"), scene.words("top")
        change, fall, rate, rate_fall, growth = (scene.words(name) for name in BY_CHANGE)
        numbers = [i for i in scene.where(lambda s: s.has("number")) if i not in scene.used and self._whole(i)]
        near = [i for i in numbers if scene.spans[i].word("nth")] or [i for i in numbers if self._counts_places(i)]
        if top and not near:
            top = []  # "top" without a number is a word like "best"; "first" or 前 alone is nothing
            high += [i for i in scene.words("top") if scene.spans[i].text in ("top", "leading")]
        if high and low:
            return
        if changed := (*change, *fall, *rate, *rate_fall, *growth):
            scene.use(*changed)
            plan.rank_by, plan.ranked = "change_rate" if rate or rate_fall else "change", True
            plan.order = "lowest" if fall or rate_fall else "highest"
            self.some_growth = len(changed) == len(growth)
        if high or low or top or (near and scene.spans[near[0]].word("nth")):
            scene.use(*high, *low, *top)
            plan.ranked = True
            plan.order = "lowest" if low else plan.order
            self._good_or_bad(high, low)
        if scene.words("rank_ascending"):
            scene.use(*scene.words("rank_ascending"))
            plan.order, plan.ranked = "lowest", True
        if plan.ranked and near:
            scene.use(near[0])
            plan.top = self._whole(near[0])
            plan.nth = scene.spans[near[0]].word("nth")
        elif plan.ranked:
            plan.top, self.top_unsaid = self._unsaid_top(), True
        elif scene.words("rank"):
            plan.ranked = True

    def _good_or_bad(self, high: list[int], low: list[int]) -> None:
        """The worst return rate is the highest: what is better as it falls turns "best" and "worst" round."""
        plan = self.plan
        judged = any(self.scene.spans[i].text in JUDGING for i in (*high, *low))
        if judged and plan.metrics and self.catalog.metrics[plan.metrics[0]].good == "down":
            plan.order = "highest" if plan.order == "lowest" else "lowest"

    def _counts_places(self, i: int) -> bool:
        """Whether a number says how many places a ranking has: it stands by the ranking word, or counts the groups."""
        scene = self.scene
        ranking = set(RANKING) - {"rank_ascending"}
        for j in (scene.before(i, skip=("filler", "classifier")), scene.after(i, skip=("filler", "classifier"))):
            if j is None:
                continue
            if scene.spans[j].word(*ranking) or scene.spans[j].has("dimension"):
                return True
        before = scene.before(i)
        if before is None or not scene.spans[before].word("which", "which_many"):
            return False
        for span in scene.spans[i + 1 :]:  # "which 5 non-UK countries"
            if span.has("dimension"):
                return True
            if not (span.word("exclude", "filler") or span.has("value")):
                return False
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
