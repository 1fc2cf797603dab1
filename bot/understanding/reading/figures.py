"""Which figures are asked for."""

from __future__ import annotations

import re
from itertools import pairwise

from bot.understanding.lexicon import RANKING
from bot.understanding.outcome import Clarify, Decline
from bot.understanding.reading.draft import (
    DEFAULT_METRIC,
    OPS,
    Absent,
    Base,
    Stop,
)
from tools.messages import say
from tools.semantic.answers.checks import columns_of
from tools.semantic.wording import column_meaning

OVERVIEW = ("net_sales", "orders", "aov", "active_customers", "return_rate")
HOW_IT_WENT = re.compile(r"\bhow(?:'s| was| were| is| did| has)\b|怎么样|怎样|如何|咋样|好不好|好吗|还行吗")
SOLD = re.compile(
    r"卖(?:出|掉|出去)?了?(?:多少|好多)(?![\u3400-\u9fff]*[件个单笔])|\bhow much (?:\w+ ){1,4}(?:buy|bought"
    r"|sell|sold|purchase[d]?)\b"
)
# Of a figure in money these say no more than its name does.
WORTH = frozenset({"money", "in money", "by money", "in value", "by value", "按金额", "做到多少了"})
BEFORE_RETURNS = frozenset(
    {"gross", "in gross terms", "without deducting returns"}
    | {"不扣退货", "不扣退货的话", "不算退货", "不减退货", "不扣除退货"}
    | {"before returns", "before refunds", "退货前", "退货前的", "退款前", "退款前的", "未扣退货", "未扣除退货"}
    | {"没算退货", "没算退货的", "还没算退货", "还没算退货的", "未算退货", "没扣退货", "没扣退货的", "还没扣退货的"}
)
OF = re.compile(r"\s*of\b")
NET = re.compile(r"\bnet\b|净")
RESTATED = re.compile(r"\b(?:i\.?e\.?|that is|meaning|aka|in other words)\b|也就是|就是说|即|[(（]")


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
        chosen = self._said_once(chosen)
        acquired = scene.words("acquired")
        gross = scene.where(lambda s: s.text in BEFORE_RETURNS)
        chosen = [i for i in chosen if not self._of_itself(i, chosen)]
        for first, second in pairwise(chosen):
            if not scene.separated(first, second) and not self._is_limit(second):
                self._two_metrics(first, second)
        for i in chosen:
            names = scene.spans[i].values("metric") or ((self._counted(i) or DEFAULT_METRIC),)
            scene.use(i)
            if self._is_limit(i):
                continue
            name = self._preferred(names)
            if name == "net_sales" and gross and not NET.search(scene.spans[i].text):
                name = "gross_sales"  # 总销售额，退货前
            scene.use(*(gross if name == "gross_sales" else ()))
            if acquired and name == "active_customers":
                name = "new_customers"  # customers won are new ones
            if name == "new_customers":
                scene.use(*acquired)
            if name not in plan.metrics:
                plan.metrics.append(name)
            elif not (self._restated(i) or self._how_much(i) or any(scene.separated(j, i) for j in chosen if j < i)):
                scene.used.discard(i)  # "sales on sale items": the second mention says something that was not read
        self._unnamed()
        self._bare_selling()

    def _said_once(self, chosen: list[int]) -> list[int]:
        """Without what adds nothing to a figure ("returns, by value"), or means one only after sales were asked for."""
        scene = self.scene
        before = self.previous.args.get("metrics") if self.previous is not None else None
        told = [i for i in chosen if scene.spans[i].text not in BEFORE_RETURNS]
        if told or before != ["net_sales"]:
            chosen = told or [i for i in chosen if scene.spans[i].text == "gross"]
        first = next(iter(scene.spans[chosen[0]].values("metric")), None) if chosen else None
        if first is None or self.catalog.metrics[first].unit != "currency":
            return chosen
        worth = [i for i in chosen[1:] if scene.spans[i].text in WORTH]
        scene.use(*worth)
        return [i for i in chosen if i not in worth]

    def _restated(self, i: int) -> bool:
        """ "Sales, that is net sales", 退得最多的商品，按退货金额."""
        before = self.scene.spans[i - 1] if i else None
        if before is None or before.word("by"):
            return before is not None
        return RESTATED.search(self.scene.norm.folded[before.start : self.scene.spans[i].start]) is not None

    def _how_much(self, i: int) -> bool:
        """ "The third best product by revenue: how much did we sell": asks for the figure that ranks."""
        return "多少" in self.scene.spans[i].text or self.scene.spans[i].text.startswith("how much")

    def _unnamed(self) -> None:
        """Figures that are meant without being named: of things sold, of how business is."""
        scene, plan = self.scene, self.plan
        self._pieces()
        self._sold()
        if plan.metrics:
            scene.use(*scene.words("overview"))  # "how did we do in terms of revenue"
        if not plan.metrics and (scene.words("overview") or self._asks_how()):
            scene.use(*scene.words("overview"))
            plan.metrics = list(OVERVIEW)
            self.overview = True

    def _sold(self) -> None:
        """上个月卖了多少, "how much did the French buy": money, unless pieces are counted; it is said."""
        scene, plan = self.scene, self.plan
        if plan.metrics or self.previous is not None or scene.words(*RANKING):
            return
        if any("product" in {d for d, _v in span.values("value")} for span in scene.spans):
            return
        if SOLD.search(scene.norm.folded) and not scene.where(lambda s: s.has("dimension") or s.word("acquired")):
            plan.metrics.append(DEFAULT_METRIC)
            plan.notes.append(say("Read as net sales; ask for units sold to count pieces."))

    def _asks_how(self) -> bool:
        """ "How was last month?", 今天卖得咋样: of a time, and nothing else but places and the like."""
        spans = self.scene.spans
        if self.previous is not None or not HOW_IT_WENT.search(self.scene.norm.folded):
            return False
        if not any(p.kind == "period" for span in spans for p in span.values("period")):
            return False
        return all(
            span.has("value")
            or span.has("period")
            or (span.word("filler", "sold", "follow_up") and not span.has("number"))
            for span in spans
        )

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

    def _of_itself(self, i: int, chosen: list[int]) -> bool:
        """ "AOV of French orders": what a ratio is counted on says nothing that its name does not."""
        before = max((j for j in chosen if j < i), default=None)
        if before is None:
            return False
        first, second = (next(iter(self.scene.spans[j].values("metric")), None) for j in (before, i))
        ratio = self.catalog.metrics[first].ratio if first is not None else None
        between = self.scene.norm.folded[self.scene.spans[before].end : self.scene.spans[i].start]
        if ratio is None or second != ratio.denominator or not OF.match(between) or self.scene.separated(before, i):
            return False
        self.scene.use(i)
        return True

    def _two_metrics(self, first: int, second: int) -> None:
        """ "revenue from new customers" is neither of the two figures: better asked than guessed."""
        scene = self.scene
        a, b = (
            self.catalog.metrics[scene.spans[i].values("metric")[0]] if scene.spans[i].values("metric") else None
            for i in (first, second)
        )
        if a is None or b is None or a.id == b.id:
            return
        if {a.id, b.id} == {"net_sales", "gross_sales"} and scene.where(lambda s: s.text in BEFORE_RETURNS):
            return
        raise Stop(
            Clarify(
                say(
                    "I am not sure how {first} and {second} belong together here. Which would you like?",
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

    def _missing_table(self, name: str) -> str | None:
        tables = self.catalog.tables_of(self.catalog.metrics[name])
        return next((table for table in tables if table not in self.world.tables), None)

    def _missing_tables(self) -> None:
        """A metric without its table or column is refused before anything else is asked about the question."""
        for name in self.plan.metrics:
            metric = self.catalog.metrics[name]
            if (path := next((p for p in columns_of(self.catalog, metric) if p in self.world.empty), None)) is not None:
                text = say(
                    "{metric} needs {column}, which the data does not have.",
                    metric=metric.label.label,
                    column=column_meaning(path),
                )
                raise Absent(Decline(text, self._examples(), why="absent"))
            if (table := self._missing_table(name)) is not None:
                raise Absent(
                    Decline(
                        say(
                            "{metric} needs the table “{table}”, which has not been imported. "
                            "Add it to your mapping and run `marketbot import`.",
                            metric=metric.label.label,
                            table=table,
                        ),
                        self._examples(),
                        why="absent",
                    )
                )
