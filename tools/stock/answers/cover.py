"""How long the stock lasts as it is expected to sell."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from tools.answer import Answer, Cell, Chart, Column, Fact, FollowUp, Table
from tools.messages import Message, Quantity, say, say_n
from tools.semantic.periods import Period
from tools.stock.answers.around import (
    demand_caveats,
    demand_definition,
    place_order,
    provenance,
    stock_caveats,
    value_caveats,
)
from tools.stock.answers.lasting import (
    MOST_DAYS_TOLD,
    Lasting,
    alone_column,
    date_together,
    day_after,
    day_cell,
    days_cell,
    lasting,
    together_column,
)
from tools.stock.answers.request import MOST_IN_FILE, Request

if TYPE_CHECKING:
    from tools.stock.position import Floats

AHEAD_DAYS = 28


def cover(request: Request) -> Answer:
    stock, demand, args, today = request.stock, request.demand, request.args, request.context.today
    judged = request.judged
    found = lasting(request)
    lasts = found.alone
    ahead = Period(today + timedelta(days=1), today + timedelta(days=AHEAD_DAYS))
    days = np.full(len(stock.ids), float(AHEAD_DAYS))
    # From today on, so without what was sold between the count and today.
    pace = (demand.until(days).mean - demand.until(np.zeros(len(days))).mean) / AHEAD_DAYS
    places = place_order(judged, -lasts) if args.order == "highest" else place_order(judged, lasts)
    shown = places[: args.top].tolist()
    whole = _table(request, found, pace, places[:MOST_IN_FILE].tolist(), len(places))
    table = Table(whole.columns, whole.rows[: args.top], len(places))
    together = demand.lasts_together(stock.available, judged)
    value = float(np.nansum(stock.value[judged]))
    where = request.filter_where
    return Answer(
        headline=_headline(request, lasts),
        lines=_lines(request, found, together, value),
        facts=(
            Fact("days_of_cover", _known(together), "days", None, where),
            Fact("median_days_of_cover", _known(float(np.median(lasts[judged]))), "days", None, where),
            Fact("products", len(judged), "count", None, where),
            Fact("products_short", int((lasts < request.lead)[judged].sum()), "count", None, where),
            Fact("units_in_stock", int(stock.available[judged].sum()), "units", Period(today, today), where),
            Fact("stock_value", value, request.currency, Period(today, today), where),
            *(
                Fact("days_of_cover", _known(float(lasts[at])), "days", None, request.where(at))
                for at in (shown if len(judged) > 1 else ())
            ),
            *(Fact("expected_daily_units", float(pace[at]), "number", ahead, request.where(at)) for at in shown),
        ),
        table=table,
        whole=whole if len(whole.rows) > len(table.rows) else None,
        chart=_chart(request, table, shown),
        file_name="days_of_cover",
        follow_ups=(
            FollowUp(say("What may run out before new stock arrives?"), request.call("risk")),
            FollowUp(say("What hardly sells?"), request.call("slow")),
            request.forecast_of(shown[0]),
        ),
        caveats=(*stock_caveats(request), *value_caveats(request, judged), *demand_caveats(request)),
        provenance=provenance(request, (_definition(), *demand_definition()), ahead, request.sales.sql),
    )


def _known(days: float) -> float | None:
    return days if np.isfinite(days) else None


def _headline(request: Request, lasts: Floats) -> Message:
    judged, today = request.judged, request.context.today
    first = int(place_order(judged, lasts)[0])
    day = day_after(today, float(lasts[first]))
    if len(judged) == 1:
        return _of_one(request, float(lasts[first]), first, day)
    if day is None:
        return say("The stock on hand of {all} products lasts for more than a year each.", all=Quantity(len(judged)))
    median = float(np.median(lasts[judged]))
    most = (
        say("for {days} or more", days=Quantity(round(median), "days"))
        if median <= MOST_DAYS_TOLD
        else say("for more than a year")
    )
    if lasts[first] <= 0:
        return say_n(
            "Of {all} products, half have stock on hand {long}; {count} is out of stock.",
            "Of {all} products, half have stock on hand {long}; {count} are out of stock.",
            int((lasts[judged] <= 0).sum()),
            all=Quantity(len(judged)),
            long=most,
        )
    return say(
        "Of {all} products, half have stock on hand {long}, orders on the way not counted; the shortest, {product}, "
        "until {day}.",
        all=Quantity(len(judged)),
        long=most,
        product=request.name(first),
        day=day,
    )


def _of_one(request: Request, lasts: float, place: int, day: date | None) -> Message:
    shown = {
        "product": request.name(place),
        "on_hand": Quantity(float(request.stock.available[place]), "units"),
    }
    if request.stock.available[place] <= 0:
        return say("{product} is out of stock.", **shown)
    if not np.isfinite(lasts):
        return say("{product}: {on_hand} in stock, and nobody is expected to buy it.", **shown)
    if day is None:
        return say("{product}: {on_hand} in stock last for more than a year.", **shown)
    return say(
        "{product}: {on_hand} in stock last {days}, until {day}, orders on the way not counted.",
        **shown,
        days=Quantity(round(lasts), "days"),
        day=day,
    )


def _lines(request: Request, found: Lasting, together: float, value: float) -> tuple[Message, ...]:
    judged, stock = request.judged, request.stock
    if len(judged) == 1:
        (place,) = judged.tolist()
        return date_together(request, found, place) if stock.available[place] > 0 else ()
    lines: list[Message] = []
    if np.isfinite(together):
        shown = {"units": Quantity(float(stock.available[judged].sum()), "units"), "value": request.money(value)}
        lines.append(
            say(
                "All on hand together: {units} units worth {value}, enough for {days}.",
                **shown,
                days=Quantity(round(together), "days"),
            )
            if together <= MOST_DAYS_TOLD
            else say("All on hand together: {units} units worth {value}, enough for more than a year.", **shown)
        )
    short = int((found.alone < request.lead)[judged].sum())
    if short:
        lines.append(
            say_n(
                "The stock on hand of {count} of them does not last for its lead time, orders on the way not counted.",
                "The stock on hand of {count} of them does not last for its lead time, orders on the way not counted.",
                short,
            )
        )
    return tuple(lines)


def _table(request: Request, found: Lasting, pace: Floats, places: list[int], total: int) -> Table:
    stock, today = request.stock, request.context.today
    columns = (
        *request.product_columns(places),
        Column("days_of_cover", say("Days of cover"), unit="days"),
        alone_column(),
        Column("on_hand", say("On hand"), unit="units"),
        Column("expected_daily_units", say("Expected a day"), unit="number"),
        together_column(spare=True),
        Column("on_order", say("On order"), unit="units", spare=True),
        Column("lead_time_days", say("Lead time"), unit="days", spare=True),
        Column("stock_value", say("Stock value"), unit=request.currency, spare=True),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            *named,
            days_cell(float(found.alone[at])),
            day_cell(today, float(found.alone[at])),
            int(stock.available[at]),
            round(float(pace[at]), 2),
            day_cell(today, float(found.together[at])),
            int(stock.coming[at]),
            int(request.lead[at]),
            None if np.isnan(stock.value[at]) else float(stock.value[at]),
        )
        for at, named in zip(places, request.product_cells(places), strict=True)
    ]
    return Table(columns, tuple(rows), total)


def _chart(request: Request, table: Table, shown: list[int]) -> Chart | None:
    at = [column.name for column in table.columns].index("days_of_cover")
    known = tuple(row for row in table.rows if row[at] is not None)
    if len(known) < 2:
        return None
    return Chart(
        "bar",
        say("Days that the stock on hand lasts, orders on the way not counted"),
        request.chart_axis(shown),
        ("days_of_cover",),
        table=Table(table.columns, known, len(known)),
    )


def _definition() -> Message:
    return say(
        "Days of cover: how many days from today expected demand, day by day, takes to use up the stock on hand. "
        "Nothing that is on order is counted; “with orders” counts the deliveries that are due before the stock is "
        "used up. Beyond the forecast, the category's pace of the last year goes on."
    )
