"""Which products may run out before new stock arrives, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from tools.answer import Answer, Cell, Chart, Column, Fact, FollowUp, Table
from tools.messages import Message, Quantity, say, say_n
from tools.semantic.periods import Period
from tools.stock.answers.around import (
    MOST_DAYS_TOLD,
    day_after,
    demand_caveats,
    demand_definition,
    place_order,
    provenance,
    stock_caveats,
)
from tools.stock.answers.request import MOST_IN_FILE, Request

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tools.stock.position import Floats

LIKELY = 0.5


@dataclass(frozen=True)
class _Risks:
    """Arrays of all products: the chance to run out in time, and in how many days stock should be used up.

    `new_stock`: days until the next delivery, or where nothing is on order, until what is ordered today would be there.
    """

    chance: Floats
    lasts: Floats
    new_stock: Floats
    at_risk: NDArray[np.intp]  # the first to run out first


def risk(request: Request) -> Answer:
    import numpy as np

    from tools.stock.demand import stock_out_risk

    stock, demand, args = request.stock, request.demand, request.args
    judged = request.judged
    deliveries = stock.deliveries(request.lead)
    chance = stock_out_risk(demand, stock.available, deliveries, request.lead)
    lasts = demand.lasts_with(stock.available, deliveries)
    worst = judged[chance[judged] > 1 - args.service_level]
    first_due = deliveries.due[:, 0] if deliveries.due.shape[1] else np.full(len(lasts), np.inf)
    risks = _Risks(chance, lasts, np.minimum(first_due, request.lead), place_order(worst, lasts))
    # Chances that differ by less than a percent are alike; then the first to run out comes first.
    rounded = np.round(chance, 2)
    places = place_order(judged, rounded, -lasts) if args.order == "lowest" else place_order(judged, -rounded, lasts)
    shown = places[: args.top].tolist()
    period = Period(
        request.context.today + timedelta(days=1),
        request.context.today + timedelta(days=int(request.lead[judged].max())),
    )
    whole = _table(request, risks, places[:MOST_IN_FILE].tolist(), len(places))
    table = Table(whole.columns, whole.rows[: args.top], len(places))
    return Answer(
        headline=_headline(request, risks),
        lines=_lines(request, risks),
        facts=(
            Fact("products_at_risk", len(worst), "count", period, request.filter_where),
            Fact("products_likely_out", int((chance[worst] > LIKELY).sum()), "count", period, request.filter_where),
            Fact("products", len(judged), "count", None, request.filter_where),
            *(Fact("stock_out_risk", float(chance[at]), "ratio", period, request.where(at)) for at in shown),
            *(
                Fact("days_of_stock", float(lasts[at]), "days", None, request.where(at))
                for at in shown
                if np.isfinite(lasts[at])
            ),
        ),
        table=table,
        whole=whole if len(whole.rows) > len(table.rows) else None,
        chart=_chart(request, risks, shown),
        file_name="stock_out_risk",
        follow_ups=_follow_ups(request, risks, shown),
        caveats=(*stock_caveats(request, orders=True, leads=True), *demand_caveats(request)),
        provenance=provenance(request, _definition(), period, request.sales.sql),
    )


def _headline(request: Request, risks: _Risks) -> Message:
    judged, at_risk, today = request.judged, risks.at_risk, request.context.today
    if len(judged) == 1:
        return _of_one(request, risks, int(judged[0]))
    if not len(at_risk):
        return say(
            "None of {all} products has more than a {limit} chance to run out before new stock arrives.",
            all=Quantity(len(judged)),
            limit=Quantity(1 - request.args.service_level, "ratio"),
        )
    first = int(at_risk[0])
    day = day_after(today, float(risks.lasts[first]))
    if day is None:
        return say_n(
            "{count} of {all} products may run out before new stock arrives.",
            "{count} of {all} products may run out before new stock arrives.",
            len(at_risk),
            all=Quantity(len(judged)),
        )
    if day <= today:
        return say_n(
            "{count} of {all} products may run out before new stock arrives; {product} is out already.",
            "{count} of {all} products may run out before new stock arrives; {product} is out already.",
            len(at_risk),
            all=Quantity(len(judged)),
            product=request.name(first),
        )
    return say_n(
        "{count} of {all} products may run out before new stock arrives: {product}, on {day}.",
        "{count} of {all} products may run out before new stock arrives; first {product}, on {day}.",
        len(at_risk),
        all=Quantity(len(judged)),
        product=request.name(first),
        day=day,
    )


def _of_one(request: Request, risks: _Risks, place: int) -> Message:
    shown = {"product": request.name(place), "risk": Quantity(_told(float(risks.chance[place])), "ratio")}
    day = day_after(request.context.today, float(risks.lasts[place]))
    if request.stock.available[place] <= 0:
        return say("{product} is out of stock.", **shown)
    if day is None:
        return say("{product}: the chance to run out before new stock arrives is {risk}.", **shown)
    return say(
        "{product}: the chance to run out before new stock arrives is {risk}; as it is expected to sell, stock lasts "
        "until {day}.",
        **shown,
        day=day,
    )


def _lines(request: Request, risks: _Risks) -> tuple[Message, ...]:
    at_risk, args = risks.at_risk, request.args
    found: list[Message] = []
    if len(request.judged) > 1 and len(at_risk):
        likely = int((risks.chance[at_risk] > LIKELY).sum())
        found.append(
            say(
                "“May” is a chance of more than {limit}; for {likely} of them it is more than {half}.",
                limit=Quantity(1 - args.service_level, "ratio"),
                likely=Quantity(likely),
                half=Quantity(LIKELY, "ratio"),
            )
        )
    out = request.judged[request.stock.available[request.judged] <= 0]
    if len(out) and len(request.judged) > 1:
        found.append(say_n("{count} is out of stock now.", "{count} are out of stock now.", len(out)))
    if len(request.judged) == 1:
        found.append(_position(request, int(request.judged[0])))
    if args.lead_time_days is not None:
        found.append(say("Lead time: {days}.", days=Quantity(args.lead_time_days, "days")))
    return tuple(found)


def _position(request: Request, place: int) -> Message:
    stock = request.stock
    return say(
        "On hand {on_hand}, on order {on_order}, lead time {lead}.",
        on_hand=Quantity(float(stock.available[place]), "units"),
        on_order=Quantity(float(stock.coming[place]), "units"),
        lead=Quantity(int(request.lead[place]), "days"),
    )


def _table(request: Request, risks: _Risks, places: list[int], total: int) -> Table:
    stock, today = request.stock, request.context.today
    columns = (
        *request.product_columns(places),
        Column("stock_out_risk", say("Chance to run out"), unit="ratio", good="down"),
        Column("runs_out_on", say("Lasts until")),
        Column("on_hand", say("On hand"), unit="units"),
        Column("on_order", say("On order"), unit="units", spare=True),
        Column("new_stock_on", say("New stock on")),
        Column("lead_time_days", say("Lead time"), unit="days", spare=True),
    )
    rows: list[tuple[Cell, ...]] = []
    for place, named in zip(places, request.product_cells(places), strict=True):
        rows.append(
            (
                *named,
                _told(float(risks.chance[place])),
                day_after(today, float(risks.lasts[place])),
                int(stock.available[place]),
                int(stock.coming[place]),
                day_after(today, float(risks.new_stock[place])),
                int(request.lead[place]),
            )
        )
    return Table(columns, tuple(rows), total)


def _told(chance: float) -> float:
    """To the percent; nothing about the future is certain."""
    return min(round(chance, 2), 0.99)


def _chart(request: Request, risks: _Risks, places: list[int]) -> Chart | None:
    """How long the stock lasts beside how long new stock takes: chances would be bars of one length."""
    told = [place for place in places if risks.lasts[place] <= MOST_DAYS_TOLD]
    if len(told) < 2:
        return None
    columns = (
        *request.product_columns(told),
        Column("days_of_stock", say("Stock lasts"), unit="days"),
        Column("new_stock_in_days", say("New stock in"), unit="days"),
    )
    rows = tuple(
        (*named, round(float(risks.lasts[place])), int(risks.new_stock[place]))
        for place, named in zip(told, request.product_cells(told), strict=True)
    )
    return Chart(
        "bar",
        say("How long stock lasts, and when new stock comes"),
        request.chart_axis(told),
        ("days_of_stock", "new_stock_in_days"),
        table=Table(columns, rows, len(rows)),
    )


def _follow_ups(request: Request, risks: _Risks, shown: list[int]) -> tuple[FollowUp, ...]:
    found = [FollowUp(say("What to reorder?"), request.call("reorder"))]
    if len(request.judged) > 1:
        found.append(FollowUp(say("How long does stock last?"), request.call("cover")))
    first = int(risks.at_risk[0]) if len(risks.at_risk) else shown[0]
    found.append(request.forecast_of(first))
    return tuple(found)


def _definition() -> tuple[Message, ...]:
    return (
        say(
            "Chance to run out: that demand until the next delivery is due, or until what is ordered today would be "
            "there, is more than what will be in stock. The higher of the two."
        ),
        say(
            "A delivery is due its lead time after its order shows in the stock counts; where that is not seen, "
            "halfway through the lead time."
        ),
        *demand_definition(),
    )
