"""The tool `incidents`: what is wrong now, what was, and who looks after it."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from tools.answer import Answer
from tools.messages import Label
from tools.semantic.query import Days, Filter
from tools.tool import Args, Context, Example, Tool


class IncidentsArgs(Args):
    """Incidents of this chat, or what is to be done with one."""

    action: Literal[
        "list", "show", "acknowledge", "snooze", "not_an_anomaly", "times", "silence", "silences", "unsilence"
    ] = Field(
        "list",
        description=(
            "times: how long it took until they were acknowledged and resolved, in the mean; silence: no alerts of a "
            "figure or of dimension values for a while; silences: what is silenced; unsilence: ends that."
        ),
    )
    incident: int | None = Field(None, description="Its number; None: the only one that is open.")
    which: Literal["open", "resolved", "all"] = Field("open", description="list: which of them.")
    metric: str | None = Field(None, description="list, times, silence, unsilence: only of this metric.")
    filters: tuple[Filter, ...] = Field((), description="silence, unsilence: only of these values, e.g. a country.")
    everything: bool = Field(False, description="silence, unsilence: all alerts of this chat.")
    silence: int | None = Field(None, description="unsilence: its number.")
    period: Days | None = Field(None, description="list, times: those that began in it; times: None is 90 days.")
    until: Literal["hour", "tomorrow"] | date = Field(
        "hour", description="snooze, silence: for an hour, or until 9 o'clock of tomorrow or of a day."
    )

    @property
    def acts(self) -> bool:
        return self.action not in ("list", "show", "times", "silences")


def run(context: Context, args: IncidentsArgs) -> Answer:
    """Lists, shows or changes. Raises InvalidArgument, NotAllowed."""
    from jobs.alerts.incidents.answers.asked import answered

    return answered(context, args)


TOOL = Tool(
    name="incidents",
    title=Label("Incidents", "异常事件"),
    description=(
        "What is wrong now and what was: open and past incidents of watched figures, their history, the mean time "
        "until they are acknowledged and resolved; acknowledge, snooze, or say that it is no anomaly; silence the "
        "alerts of a figure, a country and the like for a while."
    ),
    args=IncidentsArgs,
    run=run,
    needs=("order_lines",),
    examples=(
        Example(Label("Which incidents are open?", "现在有哪些未解决的异常？"), {"action": "list"}),
        Example(
            Label("Which incidents were there in November 2011?", "2011年11月发生过哪些异常？"),
            {"action": "list", "which": "all", "period": {"start": "2011-11-01", "end": "2011-11-30"}},
        ),
        Example(
            Label("Which alerts are silenced?", "哪些预警被静音了？"),
            {"action": "silences"},
        ),
        Example(Label("How quickly do we acknowledge incidents?", "我们平均多久确认一次异常？"), {"action": "times"}),
    ),
)
