"""How good earlier forecasts were."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from bot.understanding.foresight.reader import Reader
from bot.understanding.outcome import Outcome
from bot.understanding.reading.draft import days
from tools.messages import Message, say
from tools.semantic.periods import Period

# Said of customers, these are questions of other tools.
ELSEWHERE = ("churn", "clv", "segments", "recommend")
# In a phrase that asks how good something was, these say that it is a forecast.
NAMING = ("forecast", "predict", "expect", "预测", "预计")


class Scoreboard(Reader):
    """ "How good were our forecasts?", of one figure or of all, for a period or ever."""

    tool: ClassVar[str] = "forecast"
    topics: ClassVar[tuple[str, ...]] = ("scoreboard",)

    def read(self) -> Outcome | None:
        asks, names = self.has("scoreboard:ask"), self.has("scoreboard:of")
        forecasting = names or any(
            word in self.scene.spans[i].text for i in self.scene.words("scoreboard:ask") for word in NAMING
        )
        after = self.before is not None and self.before.tool == self.tool
        if not asks or not (forecasting or after):
            return None
        if any(span.has("cue", cue) for span in self.scene.spans for cue in ELSEWHERE):
            return None
        self.one_metric()
        self._values()
        self._periods()
        self.scene.use(*self.scene.words("compare", "growth", "pronoun"))
        self.own()
        self.explained(sure=forecasting)
        return self.finish(self.args())

    def args(self, period: Period | None = None) -> dict[str, Any]:
        plan = self.plan
        found: dict[str, Any] = {"show": "scoreboard"}
        if plan.metrics:
            found["metric"] = plan.metrics[0]
        if plan.filters:
            found["filters"] = list(plan.filters)
        if period or plan.period:
            found["period"] = days(period or plan.period)
        return found

    def label(self, args: Mapping[str, Any]) -> Message:  # noqa: ARG002
        return say("How good earlier forecasts were")
