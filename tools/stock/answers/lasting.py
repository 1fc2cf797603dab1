"""How days, dates and chances of stock are told: to the day and the percent, and whether what is on order counts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from tools.answer import Cell, Column
from tools.messages import Message, Quantity, Value, say

if TYPE_CHECKING:
    from tools.stock.answers.request import Request
    from tools.stock.position import Floats

MOST_DAYS_TOLD = 365
LEAST_CHANCE, MOST_CHANCE = 0.01, 0.99


@dataclass(frozen=True)
class Lasting:
    """Days from today that stock lasts, arrays of all products; infinite where nothing is expected to be sold.

    `alone`: what is on hand. `together`: also with the deliveries that are due before it is used up.
    """

    alone: Floats
    together: Floats


def lasting(request: Request) -> Lasting:
    stock, demand = request.stock, request.demand
    return Lasting(demand.lasts(stock.available), demand.lasts_with(stock.available, stock.deliveries(request.lead)))


def day_after(today: date, days: float) -> date | None:
    """The day in whose course so many days from today are over; None where it is too far away to be told."""
    return today + timedelta(days=math.ceil(days)) if days <= MOST_DAYS_TOLD else None


def day_cell(today: date, days: float) -> Cell:
    return day_after(today, days) or say("> 1 year")


def days_cell(days: float) -> float | None:
    """None beyond a year; the column beside it says so."""
    return round(days, 1) if days <= MOST_DAYS_TOLD else None


def alone_column(*, spare: bool = False) -> Column:
    return Column("on_hand_until", say("On hand until"), spare=spare)


def together_column(*, spare: bool = False) -> Column:
    return Column("runs_out_on", say("With orders until"), spare=spare)


def date_alone(request: Request, found: Lasting, place: int) -> Message:
    """Until when a product's stock on hand lasts."""
    day = day_after(request.context.today, float(found.alone[place]))
    if day is None:
        return say("The stock on hand lasts for more than a year.")
    return say("The stock on hand alone lasts until {day}, orders on the way not counted.", day=day)


def date_together(request: Request, found: Lasting, place: int) -> tuple[Message, ...]:
    """What the deliveries of a product add to that; nothing where that is more than a year already."""
    alone, together = (day_after(request.context.today, float(days[place])) for days in (found.alone, found.together))
    if alone is None:
        return ()
    if together is None:
        return (say("With the deliveries due before then it lasts for more than a year."),)
    if together == alone:
        return (say("No delivery is due before then."),)
    return (say("With the deliveries due before then it lasts until {day}.", day=together),)


def chance_cell(chance: float) -> float:
    """In whole per cents, from 1 to 99: nothing about the future is certain."""
    return min(max(round(chance, 2), LEAST_CHANCE), MOST_CHANCE)


def chance_words(chance: float) -> Value:
    if round(chance, 2) < LEAST_CHANCE:
        return say("below {limit}", limit=Quantity(LEAST_CHANCE, "ratio"))
    return Quantity(chance_cell(chance), "ratio")
