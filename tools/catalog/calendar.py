"""The tool `calendar`: promotions and holidays, those that ship with the product, imported ones and the team's own."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tools.answer import Answer
from tools.calendar.events import Kind, Phase
from tools.messages import Label
from tools.semantic.query import Days
from tools.tool import Args, Context, Example, Tool


class CalendarArgs(Args):
    """What is on when; or one event to add or remove, which an admin may."""

    action: Literal["list", "add", "remove"] = "list"
    period: Days | None = Field(None, description="list: days to look at (None: the next 90); add: first and last day.")
    name: str | None = Field(None, description="The event's name; list: only events with it in their name.")
    kind: Kind | None = Field(None, description="promotion or holiday.")
    country: str | None = Field(None, description="The store's value of the dimension country. None: everywhere.")
    phase: Phase | None = Field(None, description="add: which phase the days are.")
    confirmed: bool = Field(False, description="add, remove: set by the tap that confirms it.")

    @property
    def acts(self) -> bool:
        return self.action != "list"


def run(context: Context, args: CalendarArgs) -> Answer:
    """Answers, adds or removes. Raises InvalidArgument, NotAllowed."""
    from tools.calendar.answers.asked import Asked
    from tools.calendar.answers.changed import added, removed
    from tools.calendar.answers.listed import listed
    from tools.calendar.answers.named import named

    asked = Asked(context)
    if args.action == "add":
        return added(asked, args)
    if args.action == "remove":
        return removed(asked, args)
    if args.name is not None and args.name.strip():
        return named(asked, args, args.name)
    return listed(asked, args)


TOOL = Tool(
    name="calendar",
    title=Label("Calendar", "营销日历"),
    description=(
        "Promotions and holidays of the store's countries, past and to come, with their phases (warm-up, burst, "
        "refill, extension): what is coming up, when a named one is. An admin adds or removes the team's own events."
    ),
    args=CalendarArgs,
    run=run,
    examples=(
        Example(Label("What promotions are coming up?", "接下来有哪些大促？"), {"kind": "promotion"}),
        Example(Label("When is Double 11?", "哪天是双11？"), {"name": "Double 11"}),
        Example(Label("When is Black Friday?", "黑色星期五是哪天？"), {"name": "Black Friday"}),
        Example(
            Label("Promotions and holidays next month", "下个月有什么促销和节日？"),
            {"period": {"start": "2012-01-01", "end": "2012-01-31"}},
        ),
        Example(
            Label("What promotions were there in November 2011?", "2011年11月有哪些促销？"),
            {"kind": "promotion", "period": {"start": "2011-11-01", "end": "2011-11-30"}},
        ),
        Example(
            Label("Which holidays are in Germany in April 2012?", "2012年4月德国有哪些节日？"),
            {"kind": "holiday", "country": "Germany", "period": {"start": "2012-04-01", "end": "2012-04-30"}},
        ),
    ),
)
