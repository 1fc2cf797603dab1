"""The tool `digest`: what a chat is sent by itself, each day, week or month."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tools.answer import Answer
from tools.messages import Label
from tools.semantic.query import Days, Filter
from tools.tool import Args, Context, Example, Tool

CLOCK = r"^([01]\d|2[0-3]):[0-5]\d$"
Clock = Annotated[str, Field(pattern=CLOCK)]


class DigestArgs(Args):
    """One digest, or what is to be done with those of this chat."""

    action: Literal["preview", "subscribe", "list", "change", "pause", "resume", "end"] = Field(
        "preview",
        description="preview: show it now; subscribe: have it sent; change, pause, resume, end: one that is there.",
    )
    subscription: int | None = Field(None, description="Its number; None: the chat's only one.")
    rhythm: Literal["daily", "weekly", "monthly"] | None = Field(None, description="None: daily.")
    weekdays: tuple[int, ...] = Field((), description="weekly: days from 0 (Monday) to 6; empty: Monday.")
    day: int | None = Field(None, ge=1, le=31, description="monthly: day of the month, 31 is the last; None: the 1st.")
    at: Clock | None = Field(None, description="Local time, 09:00 where none is given.")
    timezone: str | None = Field(None, description="IANA name; None: the asker's.")
    language: Literal["en", "zh"] | None = Field(None, description="None: the question's.")
    metrics: tuple[str, ...] = Field((), description="Figures in its table; empty: the core ones.")
    sections: tuple[str, ...] = Field((), description="Parts that it has; empty: the usual ones.")
    filters: tuple[Filter, ...] = Field((), description="Limits all figures, e.g. to one country.")
    only_when_moved: bool | None = Field(None, description="True: nothing is sent when nothing moved.")
    quiet: tuple[Clock, Clock] | Literal["none"] | None = Field(
        None, description="Hours in which nothing is sent, e.g. 22:00 to 08:00."
    )
    days_off: Literal["weekends", "holidays", "both", "none"] | None = Field(
        None, description="Days on which it waits for the next working day."
    )
    country: str | None = Field(None, description="ISO 3166 code: whose holidays and weekends.")
    period: Days | None = Field(None, description="preview: the days told of; None: the last whole day, week or month.")
    confirmed: bool = Field(False, description="subscribe, change, end: set by the tap that confirms it.")

    @property
    def acts(self) -> bool:
        return self.action not in ("preview", "list")


def run(context: Context, args: DigestArgs) -> Answer:
    """Shows, subscribes or changes. Raises InvalidArgument, NotAllowed, NotEnoughData."""
    from jobs.digests.answers.asked import answered

    return answered(context, args)


TOOL = Tool(
    name="digest",
    title=Label("Digests", "日报订阅"),
    description=(
        "A summary of the key figures that is sent by itself each day, week or month: preview it, subscribe this chat, "
        "list, change, pause, resume or end what is subscribed."
    ),
    args=DigestArgs,
    run=run,
    examples=(
        Example(
            Label("Send me the daily KPI digest every morning at 9", "每天早上九点发我日报"),
            {"action": "subscribe", "rhythm": "daily", "at": "09:00"},
        ),
        Example(
            Label("Weekly summary on Mondays at 8:30, only Germany", "每周一8:30发周报，只看德国"),
            {
                "action": "subscribe",
                "rhythm": "weekly",
                "weekdays": [0],
                "at": "08:30",
                "filters": [{"dimension": "country", "op": "in", "values": ["Germany"]}],
            },
        ),
        Example(Label("Show me today's digest", "看一下今天的日报"), {"action": "preview"}),
        Example(Label("Which digests am I subscribed to?", "我订阅了哪些日报？"), {"action": "list"}),
    ),
)
