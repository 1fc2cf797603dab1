"""The tool `inventory`: cover, risk, what to order, slow movers, turnover, classes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from bot.understanding.foresight.reader import NotMine, Reader, merged
from bot.understanding.numbers import ENGLISH, han
from bot.understanding.outcome import Clarify, Outcome
from bot.understanding.reading.draft import MANY, Stop
from tools.messages import Label, Message, say
from tools.semantic.periods import Period

# In the order in which they are tried: what says more comes first.
SHOWS = ("classes", "reorder", "cover", "slow", "risk", "turnover")
# These mean cover only where nothing else is asked for.
LOOSE = frozenset({"cover", "last", "how long", "days left", "for how long", "enough stock"})
TITLES = {
    "cover": Label("Days of cover", "库存可售天数"),
    "risk": Label("Products at risk of running out", "有断货风险的商品"),
    "reorder": Label("What to reorder", "补货建议"),
    "slow": Label("Slow movers", "滞销商品"),
    "turnover": Label("Inventory turnover", "库存周转"),
    "classes": Label("ABC and XYZ classes", "ABC/XYZ分类"),
}
DIMENSIONS = frozenset({"product", "category", "brand"})
STOCK_METRICS = frozenset({"average_stock", "inventory_turnover", "stock_out_rate", "stock_out_days"})
UNITS = {"day": 1, "week": 7, "month": 30, "天": 1, "日": 1, "周": 7, "星期": 7, "个月": 30, "月": 30}
# "Units", "products" and the like are what stock is made of here, and say nothing more.
MADE_OF = frozenset({"units", "product", "distinct_products"})


class Stocking(Reader):
    """What to tell of the stock, of which products."""

    tool: ClassVar[str] = "inventory"
    topics: ClassVar[tuple[str, ...]] = ("inventory",)

    def read(self) -> Outcome | None:
        scene = self.scene
        shows = [show for show in SHOWS if self.has(f"inventory:{show}")]
        if len(shows) > 1 and all(scene.spans[i].text in LOOSE for i in scene.words("inventory:cover")):
            shows = [show for show in shows if show != "cover"]
        self.show = shows[0] if shows else None
        self.lead: int | None = None
        self.level: float | None = None
        self.base = self._context()
        setting = self.has("inventory:lead", "inventory:service")
        if self.show is None and not (setting and scene.words("how_many")) and self.base is None:
            return None
        self._only_stock()
        self._delivery()
        self._certainty()
        if self.show is None and self.base is None:
            return None
        self._ranking()
        self._dimensions()
        self._values()
        self._horizon()
        self._narrowed()
        self._lean()
        self.own()
        if self.show is not None:
            scene.use(*scene.words("highest", "lowest", "selling", "selling_worst", "sold", "overview", "more_than"))
            scene.use(*scene.where(lambda s: s.has("cue", "playbook")) if self.show == "reorder" else ())
        self.explained(sure=self._sure())
        return self.finish(self.args())

    def _sure(self) -> bool:
        """Whether the words could mean nothing but stock."""
        return self.has("inventory:stock") and self.show in ("cover", "risk", "reorder", "slow")

    def _only_stock(self) -> None:
        """A figure beside stock, or a time that is over, is a question to figures."""
        scene = self.scene
        for i, span in enumerate(scene.spans):
            metrics = set(span.values("metric"))
            if not metrics:
                continue
            if metrics & (STOCK_METRICS | MADE_OF) or any(self._mine(r.value) for r in span.readings):
                scene.use(i)
                continue
            raise NotMine
        exact = scene.where(lambda s: bool(set(s.values("metric")) & (STOCK_METRICS - {"average_stock"})))
        if exact and self.show in ("risk", "turnover"):
            # "Stock-out rate in October", "inventory turnover by category" are figures of their own.
            rate = any(set(scene.spans[i].values("metric")) & {"stock_out_rate", "stock_out_days"} for i in exact)
            if rate or self.spoken("period") or scene.words("by") or self.spoken("grain"):
                raise NotMine

    def _horizon(self) -> None:
        """ "Next week" beside a risk adds nothing that the lead time does not say; days that are over are figures'."""
        for i, span in self.spoken("period"):
            if span.period is None or span.period.end <= self.world.today:
                if span.period == Period(self.world.today, self.world.today):
                    self.scene.use(i)
                    continue
                raise NotMine
            if self.show not in ("risk", "reorder", "cover"):
                raise NotMine
            self.scene.use(i)
            if self.lead is None and span.period.start.toordinal() - self.world.today.toordinal() <= 7:
                ahead = (span.period.end - self.world.today).days
                if self.show in ("risk", "reorder") and 1 <= ahead <= 365:
                    self.lead = ahead
                    self.plan.notes.append(say("Looking {days} days ahead.", days=ahead))

    def _delivery(self) -> None:
        """ "With a lead time of 10 days", 交期10天."""
        scene = self.scene
        for i in scene.words("inventory:lead"):
            near = [j for j in range(max(0, i - 4), min(len(scene.spans), i + 6)) if scene.spans[j].has("duration")]
            if near:
                best = min(near, key=lambda j: abs(j - i))
                duration = scene.spans[best].values("duration")[0]
                self.lead = int(duration)
                scene.use(i, best)
                return
        if self.has("inventory:lead") and (self.show is not None or self.base is not None):
            numbers = [j for j in scene.where(lambda s: s.has("number")) if self._whole(j)]
            if len(numbers) == 1:
                self.lead = self._whole(numbers[0])
                scene.use(numbers[0])

    def _certainty(self) -> None:
        """ "At 98% service level", 服务水平98%."""
        if not self.has("inventory:service"):
            return
        for i in self.scene.where(lambda s: s.has("number")):
            number = self._number(i)
            if i in self.scene.used or number is None:
                continue
            value = number.value / 100 if number.value > 1 else number.value
            if 0.5 < value < 1:
                self.level = round(value, 4)
                self.scene.use(i)
                return

    def _narrowed(self) -> None:
        """Stock is told by product: by category and the like it can only be limited to."""
        plan = self.plan
        plan.by = [name for name in plan.by if name != "product"]
        if any(condition["dimension"] not in DIMENSIONS for condition in plan.filters):
            raise Stop(
                Clarify(
                    say("Stock can be limited to products, categories and brands only. Do you mean this?"),
                    (self.option({k: v for k, v in self.args().items() if k != "filters"}),),
                )
            )
        if plan.by:
            if self.show is None:
                raise NotMine
            raise Stop(Clarify(say("I tell stock product by product. Do you mean this?"), (self.option(self.args()),)))

    def _context(self) -> dict[str, Any] | None:
        before = self.before
        return dict(before.args) if before is not None and before.tool == self.tool else None

    def _lean(self) -> None:
        base, plan = self.base, self.plan
        if base is None:
            return
        if self.show is None:
            changed = plan.filters or self.lead or self.level or plan.top
            if not changed:
                raise NotMine
            self.show = base.get("show", "risk")
        elif self.scene.words("overall"):
            return
        plan.filters = merged(list(base.get("filters", ())), plan.filters)
        self.lead = self.lead or base.get("lead_time_days")
        self.level = self.level or base.get("service_level")
        plan.top = plan.top if plan.ranked else plan.top or base.get("top")
        self.scene.use(*self.scene.words("pronoun", "overall", "only"))

    def args(self, period: Period | None = None) -> dict[str, Any]:  # noqa: ARG002
        plan = self.plan
        found: dict[str, Any] = {"show": self.show or "risk"}
        if plan.filters:
            found["filters"] = list(plan.filters)
        if self.lead is not None:
            found["lead_time_days"] = self.lead
        if self.level is not None:
            found["service_level"] = self.level
        if plan.top and plan.top not in (MANY, 1):
            found["top"] = plan.top
        if self.show in ("cover", "turnover"):
            low = self.has("inventory:low") or (plan.ranked and plan.order == "lowest")
            high = self.has("inventory:high") or (plan.ranked and plan.order == "highest" and not self.plan.top)
            if low != high:
                found["order"] = "lowest" if low else "highest"
        return found

    def label(self, args: Mapping[str, Any]) -> Message:
        return say("{title}", title=TITLES[args["show"]])


def length(text: str) -> int | None:
    """Days in "10 days", "2 weeks", 10天, 两周."""
    match = re.fullmatch(
        r"(?P<n>[a-z]+|\d+|[一二两三四五六七八九十百]+)[ -]?(?P<unit>[a-z]+?s?|天|日|周|星期|个?月)", text
    )
    if match is None:
        return None
    number = match["n"]
    if number.isascii():
        count = int(number) if number.isdigit() else 1 if number in ("a", "an") else ENGLISH.get(number)
    else:
        count = han(number)
    unit = UNITS.get(match["unit"].rstrip("s")) or UNITS.get(match["unit"])
    return int(count) * unit if count and unit else None
