"""Which products may run out before new stock arrives, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from tools.answer import Answer, Cell, Chart, Column, Fact, FollowUp, Table
from tools.messages import Message, Quantity, say, say_n
from tools.semantic.periods import Period
from tools.stock.answers.around import (
    demand_caveats,
    demand_definition,
    place_order,
    provenance,
    stock_caveats,
)
from tools.stock.answers.lasting import (
    MOST_DAYS_TOLD,
    Lasting,
    alone_column,
    chance_cell,
    chance_words,
    date_alone,
    date_together,
    day_after,
    day_cell,
    lasting,
    together_column,
)
from tools.stock.answers.request import MOST_IN_FILE, Request

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tools.stock.position import Floats

LIKELY, ALMOST_SURE = 0.5, 0.9
AHEAD_DAYS = 28


@dataclass(frozen=True)
class _Risks:
    """Arrays of all products: the chance to run out in time, and how long stock should last.

    `new_stock`: days until the next delivery, or where nothing is on order, until what is ordered today would be there.
    """

    chance: Floats
    lasting: Lasting
    new_stock: Floats
    at_risk: NDArray[np.intp]  # the most worrying first

    @property
    def lasts(self) -> Floats:
        """Orders on the way counted."""
        return self.lasting.together


def risk(request: Request) -> Answer:
    import numpy as np

    from tools.stock.demand import stock_out_risk

    stock, demand, args = request.stock, request.demand, request.args
    judged = request.judged
    deliveries = stock.deliveries(request.lead)
    chance = stock_out_risk(demand, stock.available, deliveries, request.lead)
    found = lasting(request)
    first_due = deliveries.due[:, 0] if deliveries.due.shape[1] else np.full(len(chance), np.inf)
    places = _by_worry(request, chance, found.together)
    worst = places[chance[places] > 1 - args.service_level]
    risks = _Risks(chance, found, np.minimum(first_due, request.lead), worst)
    if args.order == "lowest":
        places = places[::-1]
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
            *(
                Fact("stock_out_risk", chance_cell(float(chance[at])), "ratio", period, request.where(at))
                for at in shown
            ),
            *(
                Fact("days_of_stock", float(risks.lasts[at]), "days", None, request.where(at))
                for at in shown
                if np.isfinite(risks.lasts[at])
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


def _by_worry(request: Request, chance: Floats, lasts: Floats) -> NDArray[np.intp]:
    """The judged products: almost sure, likely, at risk, or not; in each the first to run out, then the dearest."""
    import numpy as np

    limits = sorted({1 - request.args.service_level, LIKELY, ALMOST_SURE})
    band = np.searchsorted(limits, chance, side="left").astype(np.float64)
    days = np.full(len(chance), float(AHEAD_DAYS))
    price = np.nan_to_num(
        np.where(np.isnan(request.stock.list_price), request.stock.unit_cost, request.stock.list_price)
    )
    return place_order(request.judged, -band, np.ceil(lasts), -price * request.demand.until(days).mean)


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
        "{count} of {all} products may run out before new stock arrives: {product}, by {day}, orders on the way "
        "counted.",
        "{count} of {all} products may run out before new stock arrives; most urgent: {product}, by {day}, orders on "
        "the way counted.",
        len(at_risk),
        all=Quantity(len(judged)),
        product=request.name(first),
        day=day,
    )


def _of_one(request: Request, risks: _Risks, place: int) -> Message:
    if request.stock.available[place] <= 0:
        return say("{product} is out of stock.", product=request.name(place))
    return say(
        "{product}: the chance to run out before new stock arrives is {risk}.",
        product=request.name(place),
        risk=chance_words(float(risks.chance[place])),
    )


def _lines(request: Request, risks: _Risks) -> tuple[Message, ...]:
    at_risk, args = risks.at_risk, request.args
    found: list[Message] = []
    if len(request.judged) > 1 and len(at_risk):
        likely = int((risks.chance[at_risk] > LIKELY).sum())
        found.append(
            say(
                "Counted are products with a chance of more than {limit}; for {likely} of them it is above {half}.",
                limit=Quantity(1 - args.service_level, "ratio"),
                likely=Quantity(likely),
                half=Quantity(LIKELY, "ratio"),
            )
        )
    out = request.judged[request.stock.available[request.judged] <= 0]
    if len(out) and len(request.judged) > 1:
        found.append(say_n("{count} is out of stock now.", "{count} are out of stock now.", len(out)))
    if len(request.judged) == 1:
        (place,) = request.judged.tolist()
        if request.stock.available[place] > 0:
            found.append(date_alone(request, risks.lasting, place))
            found += date_together(request, risks.lasting, place)
        found.append(_position(request, place))
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
        together_column(),
        Column("on_hand", say("On hand"), unit="units"),
        Column("on_order", say("On order"), unit="units", spare=True),
        alone_column(spare=True),
        Column("new_stock_on", say("New stock on"), spare=True),
        Column("lead_time_days", say("Lead time"), unit="days", spare=True),
    )
    rows: list[tuple[Cell, ...]] = []
    for place, named in zip(places, request.product_cells(places), strict=True):
        rows.append(
            (
                *named,
                chance_cell(float(risks.chance[place])),
                day_cell(today, float(risks.lasts[place])),
                int(stock.available[place]),
                int(stock.coming[place]),
                day_cell(today, float(risks.lasting.alone[place])),
                day_after(today, float(risks.new_stock[place])),
                int(request.lead[place]),
            )
        )
    return Table(columns, tuple(rows), total)


def _chart(request: Request, risks: _Risks, places: list[int]) -> Chart | None:
    """How long the stock lasts beside how long new stock takes: chances would be bars of one length."""
    told = [place for place in places if risks.lasts[place] <= MOST_DAYS_TOLD]
    if len(told) < 2:
        return None
    columns = (
        *request.product_columns(told),
        Column("days_of_stock", say("Stock and orders last"), unit="days"),
        Column("new_stock_in_days", say("New stock in"), unit="days"),
    )
    rows = tuple(
        (*named, round(float(risks.lasts[place])), int(risks.new_stock[place]))
        for place, named in zip(told, request.product_cells(told), strict=True)
    )
    return Chart(
        "bar",
        say("How long stock lasts with what is on order, and when new stock comes"),
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
        say(
            "New stock on: the day of the next delivery; where nothing is on order, the day on which what is ordered "
            "today would be there."
        ),
        say(
            "Stock with orders lasts until expected demand has used up what is on hand and the deliveries that are due "
            "before."
        ),
        say(
            "Order of the list: chances above {sure}, above {half}, above the limit, then the others; in each the "
            "first to run out first, of one day the one that sells for most.",
            sure=Quantity(ALMOST_SURE, "ratio"),
            half=Quantity(LIKELY, "ratio"),
        ),
        *demand_definition(),
    )
