"""The tool `monitor`: which figures are watched, and when they are told of."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tools.answer import Answer
from tools.messages import Label
from tools.semantic.query import Filter
from tools.tool import Args, Context, Example, Tool


class MonitorArgs(Args):
    """One monitor, or what is to be done with those of this chat."""

    action: Literal["add", "defaults", "list", "backtest", "change", "pause", "resume", "remove"] = Field(
        "list", description="add: watch a figure; defaults: watch the core figures; the others: one that is there."
    )
    monitor: int | None = Field(
        None, description="Its number; None: the one that is described, or the chat's only one."
    )
    metric: str | None = Field(None, description="What is watched.")
    by: tuple[str, ...] = Field((), max_length=2, description="Also each value of these dimensions by itself.")
    filters: tuple[Filter, ...] = Field((), description="Limits what is watched, e.g. to one country.")
    grain: Literal["day", "hour"] = Field("day", description="How often it is looked at.")
    over: Literal[1, 7, 30] = Field(
        1, description="Each step's figure is of so many days up to it: 7 for “week over week”."
    )
    rule: Literal["learned", "threshold", "change", "missing"] = Field(
        "learned", description="learned: outside what is usual for the figure; missing: no data."
    )
    direction: Literal["up", "down", "both"] = Field("both", description="Which side is told; threshold: up or down.")
    level: float | None = Field(None, description="threshold: in the metric's unit, a rate as a fraction.")
    share: float | None = Field(None, gt=0, description="change: by more than this part, 0.3 for 30 %.")
    against: Literal["step before", "season before", "mean of last"] = Field(
        "season before", description="change: compared with the day before, the same day of last week, or a mean."
    )
    per_year: float | None = Field(None, gt=0, description="learned: false alarms a year that are accepted.")
    steps: int = Field(1, ge=1, le=30, description="For so many steps in a row.")
    least: float = Field(0.0, ge=0, description="Deviations below this, in the metric's unit, are not told.")
    confirmed: bool = Field(False, description="add, defaults, change, remove: set by the tap that confirms it.")

    @property
    def acts(self) -> bool:
        return self.action not in ("list", "backtest")


def run(context: Context, args: MonitorArgs) -> Answer:
    """Shows, adds or changes. Raises InvalidArgument, NotAllowed, NotEnoughData, MissingTable."""
    from jobs.alerts.answers.asked import answered

    return answered(context, args)


TOOL = Tool(
    name="monitor",
    title=Label("Alerts", "指标预警"),
    description=(
        "Watches figures and tells when they go wrong: above or below a level, a change against last week, or outside "
        "what is usual. Shows before saving how often it would have spoken; lists, changes, pauses or removes."
    ),
    args=MonitorArgs,
    run=run,
    needs=("order_lines",),
    role="analyst",
    examples=(
        Example(
            Label("Alert me when daily net sales fall below 20,000", "日净销售额低于2万时提醒我"),
            {"action": "add", "metric": "net_sales", "rule": "threshold", "direction": "down", "level": 20000},
        ),
        Example(
            Label("Alert me when the return rate exceeds 5%", "退货率超过5%时提醒我"),
            {"action": "add", "metric": "return_rate", "rule": "threshold", "direction": "up", "level": 0.05},
        ),
        Example(
            Label(
                "Tell me if orders from Germany drop by more than 30% week over week",
                "德国订单数周环比下降超过30%时告诉我",
            ),
            {
                "action": "add",
                "metric": "orders",
                "filters": [{"dimension": "country", "op": "in", "values": ["Germany"]}],
                "over": 7,
                "rule": "change",
                "direction": "down",
                "share": 0.3,
            },
        ),
        Example(
            Label("Watch net sales by country", "监控各国家的净销售额"),
            {"action": "add", "metric": "net_sales", "by": ["country"]},
        ),
        Example(Label("Which alerts are set up?", "设置了哪些预警？"), {"action": "list"}),
    ),
)
