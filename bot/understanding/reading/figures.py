"""Which figures are asked for."""

from __future__ import annotations

from itertools import pairwise

from bot.understanding.outcome import Clarify, Decline
from bot.understanding.reading.draft import (
    DEFAULT_METRIC,
    OPS,
    Base,
    Stop,
)
from tools.messages import say

OVERVIEW = ("net_sales", "orders", "aov", "active_customers", "return_rate")
RANKING = (
    *("highest", "lowest", "top", "rank", "rank_ascending", "rank_by_change", "rank_by_fall"),
    *("selling", "selling_worst"),
)


class Figures(Base):
    """Which figures are asked for."""

    def _averages(self) -> None:
        scene = self.scene
        for grain in ("day", "week", "month", "quarter", "year"):
            for i in scene.words(f"average_per:{grain}"):
                scene.use(i)
                self.plan.average_per = grain
        for i in scene.words("average"):
            grains = scene.where(lambda s: any(p.kind == "grain" for p in s.values("period")))
            if self.plan.average_per is None and grains:
                self.plan.average_per = next(
                    p.grain for p in scene.spans[grains[0]].values("period") if p.kind == "grain"
                )
                scene.use(i, grains[0])

    def _metrics(self) -> None:
        scene, plan = self.scene, self.plan
        certain = scene.where(lambda s: s.has("metric") and not s.has("dimension"))
        doubtful = scene.where(lambda s: s.has("metric") and s.has("dimension"))
        chosen = list(certain)
        ordered = bool(scene.words(*RANKING))
        for i in doubtful:
            if self._names_a_group(i, bool(certain) or ordered) or self._labels_a_value(i):
                continue
            if certain:
                # "sales to customers in Germany": every sale is to one, so the word adds nothing unless it is joined.
                joined = any(scene.separated(c, i) for c in certain if c < i) or any(
                    scene.separated(i, c) for c in certain if c > i
                )
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
        for first, second in pairwise(chosen):
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
            elif not any(scene.separated(j, i) for j in chosen if j < i):
                scene.used.discard(i)  # "sales on sale items": the second mention says something that was not read
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
            raise Stop(
                Clarify(
                    say("{metric} is an amount of money. Which figure would you like?", metric=metric.label.label),
                    options,
                )
            )
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
        return previous.word("how_many") and previous.text.isascii() and previous.text != "#"

    def _pieces(self) -> None:
        """ "How many popcorn holders did we sell": a product counted and sold is counted in units."""
        scene = self.scene
        if self.plan.metrics or not scene.words("sold") or not scene.words("how_many"):
            return
        if any("product" in {d for d, _v in span.values("value")} for span in scene.spans):
            self.plan.metrics.append("units")

    def _counted(self, i: int) -> str | None:
        """ "How many customers" counts a dimension's values: the metric that does so."""
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
            if ordered and (
                span.word("which", "which_many", "top", "highest", "lowest", "rank", "selling", "selling_worst")
                or span.has("number")
            ):
                return True
        return ordered and not self._is_how_many(i) and bool(scene.words(*RANKING))

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
        """ "revenue from new customers" is neither of the two figures: better asked than guessed."""
        scene = self.scene
        a, b = (
            self.catalog.metrics[scene.spans[i].values("metric")[0]] if scene.spans[i].values("metric") else None
            for i in (first, second)
        )
        if a is None or b is None or a.id == b.id:
            return
        raise Stop(
            Clarify(
                say(
                    "I can give {first} and {second}, but not one out of the other. Which would you like?",
                    first=a.label.label,
                    second=b.label.label,
                ),
                tuple(self._question_option(metric) for metric in (a, b)),
            )
        )

    def _bare_selling(self) -> None:
        """ "Best-selling" is by units or by money: with neither said, both readings are offered."""
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
                raise Stop(
                    Decline(
                        say(
                            "{metric} needs the table “{table}”, which has not been imported. "
                            "Add it to your mapping and run `marketbot import`.",
                            metric=metric.label.label,
                            table=missing[0],
                        ),
                        self._examples(),
                    )
                )
