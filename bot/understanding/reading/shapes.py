"""The shape of the answer: shares, trends, averages, one row for each value named."""

from __future__ import annotations

from bot.understanding.outcome import Decline
from bot.understanding.reading.draft import (
    Base,
    Stop,
)
from tools.messages import say
from tools.semantic.periods import Grain, Period

ADDED = frozenset({"加", "加上", "total", "总", "总的"})  # of several values, these ask for their sum


class Shapes(Base):
    """The shape of the answer: shares, trends, averages, one row for each value named."""

    def _shapes(self) -> None:
        scene, plan = self.scene, self.plan
        for i in scene.words("share"):
            scene.use(i)
            plan.share = not (plan.metrics and all(self.catalog.metrics[m].unit == "ratio" for m in plan.metrics))
        if scene.words("trend"):
            scene.use(*scene.words("trend"))
            if plan.period and not any(self.catalog.dimensions[d].grain for d in plan.by):
                plan.by.insert(0, trend_grain(plan.period))
        if plan.metrics[:1] == ["active_customers"]:
            scene.use(*scene.words("active"))  # "how many customers were active"
        for i in scene.words("average"):
            if plan.metrics and all(
                self.catalog.metrics[m].unit in ("ratio", "factor", "score") or m in ("aov", "average_price")
                for m in plan.metrics
            ):
                scene.use(i)
        multiple = [f for f in plan.filters if f["op"] == "in" and len(f["values"]) > 1 and f["dimension"] != "weekday"]
        for condition in multiple:
            if condition["dimension"] in plan.one_thing:
                continue
            if condition["dimension"] not in self.catalog.dimensions:
                continue  # a figure is limited to groups of customers, never split by them
            apart = not scene.words("only", "combined") and not any(s.text in ADDED for s in scene.spans)
            if condition["dimension"] not in plan.by and not plan.top and len(plan.by) < 2 and apart:
                plan.by.append(condition["dimension"])
        if plan.share and not plan.filters and not plan.by:
            scene.used -= set(scene.words("share"))
        self._currency()

    def _currency(self) -> None:
        """Another currency would need rates that nobody gave."""
        foreign = [i for i in self.scene.words("other_currency") if i not in self.scene.used]
        if foreign:
            text = self.scene.original(self.scene.spans[foreign[0]])
            raise Stop(
                Decline(
                    say(
                        "Figures are in {currency}; I cannot convert them to {text}.",
                        currency=self.world.currency,
                        text=text,
                    ),
                    self._without(),
                )
            )


def trend_grain(period: Period) -> Grain:
    """The steps in which a course over a period is shown."""
    return "day" if period.days <= 45 else "week" if period.days <= 130 else "month"
