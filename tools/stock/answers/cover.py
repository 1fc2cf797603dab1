"""How long the stock lasts as it is expected to sell."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from tools.answer import Answer, Cell, Chart, Column, Fact, FollowUp, Table
from tools.messages import Message, Quantity, say, say_n
from tools.semantic.periods import Period
from tools.stock.answers.around import (
    day_after,
    demand_caveats,
    demand_definition,
    place_order,
    provenance,
    stock_caveats,
    value_caveats,
)
from tools.stock.answers.request import MOST_IN_FILE, Request

if TYPE_CHECKING:
    from tools.stock.position import Floats

AHEAD_DAYS = 28


def cover(request: Request) -> Answer:
    stock, demand, args, today = request.stock, request.demand, request.args, request.context.today
    judged = request.judged
    lasts = demand.lasts(stock.available)
    ahead = Period(today + timedelta(days=1), today + timedelta(days=AHEAD_DAYS))
    days = np.full(len(stock.ids), float(AHEAD_DAYS))
    # From today on, so without what was sold between the count and today.
    pace = (demand.until(days).mean - demand.until(np.zeros(len(days))).mean) / AHEAD_DAYS
    places = place_order(judged, -lasts) if args.order == "highest" else place_order(judged, lasts)
    shown = places[: args.top].tolist()
    whole = _table(request, lasts, pace, places[:MOST_IN_FILE].tolist(), len(places))
    table = Table(whole.columns, whole.rows[: args.top], len(places))
    together = demand.lasts_together(stock.available, judged)
    value = float(np.nansum(stock.value[judged]))
    where = request.filter_where
    return Answer(
        headline=_headline(request, lasts),
        lines=_lines(request, lasts, together, value),
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
    shown = {
        "product": request.name(first),
        "on_hand": Quantity(float(request.stock.available[first]), "units"),
        "days": Quantity(round(float(lasts[first])) if np.isfinite(lasts[first]) else None, "days"),
    }
    if len(judged) == 1:
        if request.stock.available[first] <= 0:
            return say("{product} is out of stock.", **shown)
        if not np.isfinite(lasts[first]):
            return say("{product}: {on_hand} in stock, and nobody is expected to buy it.", **shown)
        if day is None:
            return say("{product}: {on_hand} in stock last {days}.", **shown)
        return say("{product}: {on_hand} in stock last {days}, until {day}.", **shown, day=day)
    median = float(np.median(lasts[judged]))
    if day is None or not np.isfinite(median):
        return say("The stock of {all} products lasts for more than two years.", all=Quantity(len(judged)))
    if lasts[first] <= 0:
        out = int((lasts[judged] <= 0).sum())
        return say_n(
            "Of {all} products, half have stock for {median} or more; {count} is out of stock.",
            "Of {all} products, half have stock for {median} or more; {count} are out of stock.",
            out,
            all=Quantity(len(judged)),
            median=Quantity(round(median), "days"),
        )
    return say(
        "Of {all} products, half have stock for {median} or more; the shortest, {product}, until {day}.",
        **shown,
        all=Quantity(len(judged)),
        median=Quantity(round(median), "days"),
        day=day,
    )


def _lines(request: Request, lasts: Floats, together: float, value: float) -> tuple[Message, ...]:
    judged, stock = request.judged, request.stock
    found: list[Message] = []
    if len(judged) > 1:
        if np.isfinite(together):
            found.append(
                say(
                    "All of it together: {units} units worth {value}, enough for {days}.",
                    units=Quantity(float(stock.available[judged].sum()), "units"),
                    value=request.money(value),
                    days=Quantity(round(together), "days"),
                )
            )
        short = int((lasts < request.lead)[judged].sum())
        if short:
            found.append(
                say_n(
                    "For {count} the stock on hand does not last for the lead time (what is on order left out).",
                    "For {count} the stock on hand does not last for the lead time (what is on order left out).",
                    short,
                )
            )
    return tuple(found)


def _table(request: Request, lasts: Floats, pace: Floats, places: list[int], total: int) -> Table:
    stock, today = request.stock, request.context.today
    columns = (
        *request.product_columns(places),
        Column("days_of_cover", say("Days of cover"), unit="days"),
        Column("runs_out_on", say("Lasts until")),
        Column("on_hand", say("On hand"), unit="units"),
        Column("expected_daily_units", say("Expected a day"), unit="number"),
        Column("on_order", say("On order"), unit="units", spare=True),
        Column("lead_time_days", say("Lead time"), unit="days", spare=True),
        Column("stock_value", say("Stock value"), unit=request.currency, spare=True),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            *named,
            round(float(lasts[at]), 1) if np.isfinite(lasts[at]) else None,
            day_after(today, float(lasts[at])),
            int(stock.available[at]),
            round(float(pace[at]), 2),
            int(stock.coming[at]),
            int(request.lead[at]),
            None if np.isnan(stock.value[at]) else float(stock.value[at]),
        )
        for at, named in zip(places, request.product_cells(places), strict=True)
    ]
    return Table(columns, tuple(rows), total)


def _chart(request: Request, table: Table, shown: list[int]) -> Chart | None:
    known = [row for row in table.rows if row[2] is not None]
    if len(known) < 2:
        return None
    return Chart("bar", say("Days that the stock on hand lasts"), request.chart_axis(shown), ("days_of_cover",))


def _definition() -> Message:
    return say(
        "Days of cover: how many days from today expected demand, day by day, takes to use up the stock on hand. "
        "Nothing that is on order is counted. Beyond the forecast, the category's pace of the last year goes on."
    )
