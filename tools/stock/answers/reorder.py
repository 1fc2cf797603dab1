"""What to order now, how much, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
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
from tools.stock.answers.lasting import chance_cell
from tools.stock.answers.request import MOST_IN_FILE, Request
from tools.stock.policy import REVIEW_DAYS, Reorder, reorder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tools.stock.policy import Sums
    from tools.stock.position import Floats


@dataclass(frozen=True)
class _Orders:
    """Arrays of all products but `places`, which are those to order, the most urgent first.

    `position` is on hand and on order; `late` the chance that demand over the lead time is more than that.
    """

    over_lead: Sums
    reorder: Reorder
    position: Floats
    late: Floats
    cost: Floats
    places: NDArray[np.intp]

    def due(self, among: NDArray[np.intp]) -> int:
        """How many are at their reorder point or below."""
        return int((self.position <= self.reorder.point)[among].sum())


def reorders(request: Request) -> Answer:
    args, today = request.args, request.context.today
    orders = _orders(request)
    places = orders.places
    shown = places[: args.top].tolist()
    units = float(orders.reorder.quantity[places].sum())
    cost = float(np.nansum(orders.cost[places]))
    period = Period(
        today + timedelta(days=1), today + timedelta(days=int(request.lead[request.judged].max()) + REVIEW_DAYS)
    )
    # The one product that is asked for is shown also where nothing is to be ordered.
    listed = request.judged if len(request.judged) == 1 else places
    whole = _table(request, orders, listed[:MOST_IN_FILE].tolist(), len(listed))
    table = Table(whole.columns, whole.rows[: args.top], len(listed), upright=len(request.judged) == 1)
    return Answer(
        headline=_headline(request, orders, units, cost),
        lines=_lines(request, orders),
        facts=(
            Fact("products_to_reorder", len(places), "count", period, request.filter_where),
            Fact("products_due", orders.due(places), "count", period, request.filter_where),
            Fact("products", len(request.judged), "count", None, request.filter_where),
            Fact("reorder_quantity", units, "units", period, request.filter_where),
            Fact("reorder_cost", cost, request.currency, period, request.filter_where),
            *(fact for at in (shown or request.judged[:1].tolist()) for fact in _facts(request, orders, at, period)),
        ),
        table=table if table.rows else None,
        whole=whole if len(whole.rows) > len(table.rows) else None,
        chart=_chart(request, table, shown),
        file_name="reorder",
        follow_ups=_follow_ups(request, shown),
        caveats=(
            *stock_caveats(request, orders=True, leads=True),
            *value_caveats(request, places),
            *demand_caveats(request),
        ),
        provenance=provenance(request, (*_definition(), *demand_definition()), period, request.sales.sql),
    )


def _facts(request: Request, orders: _Orders, at: int, period: Period) -> tuple[Fact, ...]:
    found = orders.reorder
    named = {
        # Of one product it is said already.
        **({"reorder_quantity": found.quantity} if len(request.judged) > 1 else {}),
        "reorder_point": found.point,
        "safety_stock": found.safety,
        "stock_on_hand": request.stock.available,
    }
    return tuple(Fact(name, float(values[at]), "units", period, request.where(at)) for name, values in named.items())


def _orders(request: Request) -> _Orders:
    args, stock, demand = request.args, request.stock, request.demand
    over_lead = demand.until(request.lead)
    # What was sold since the count is not there any more.
    position = np.maximum(stock.available - demand.sold_since, 0.0) + stock.coming
    found = reorder(over_lead, demand.until(request.lead + REVIEW_DAYS), position, args.service_level)
    late = over_lead.exceeds(position)
    cost = found.quantity * stock.unit_value
    wanted = request.judged[found.quantity[request.judged] > 0]
    if args.order is None:
        places = place_order(wanted, -np.round(late, 2), -found.quantity)
    else:
        places = place_order(wanted, found.quantity if args.order == "lowest" else -found.quantity)
    return _Orders(over_lead, found, position, late, cost, places)


def _headline(request: Request, orders: _Orders, units: float, cost: float) -> Message:
    judged, places = request.judged, orders.places
    if len(judged) == 1:
        (at,) = judged.tolist()
        if not len(places):
            return say("{product}: nothing to order now.", product=request.name(at))
        return say(
            "{product}: order {units} units ({cost}).",
            product=request.name(at),
            units=Quantity(units, "units"),
            cost=request.money(cost),
        )
    if not len(places):
        return say("Nothing to order: {all} products have enough on hand and on order.", all=Quantity(len(judged)))
    return say_n(
        "{count} of {all} products should be reordered: {units} units for {cost}.",
        "{count} of {all} products should be reordered: {units} units for {cost} in all.",
        len(places),
        all=Quantity(len(judged)),
        units=Quantity(units, "units"),
        cost=request.money(cost),
    )


def _lines(request: Request, orders: _Orders) -> tuple[Message, ...]:
    args = request.args
    found: list[Message] = []
    if len(request.judged) == 1:
        (at,) = request.judged.tolist()
        found.append(
            say(
                "On hand {on_hand}, on order {on_order}; within the lead time of {lead} {demand} are expected to be "
                "sold.",
                on_hand=Quantity(float(request.stock.available[at]), "units"),
                on_order=Quantity(float(request.stock.coming[at]), "units"),
                demand=Quantity(round(float(orders.over_lead.mean[at])), "units"),
                lead=Quantity(int(request.lead[at]), "days"),
            )
        )
    elif len(orders.places):
        found.append(
            say_n(
                "{count} of them is due now: at its reorder point or below.",
                "{count} of them are due now: at their reorder point or below.",
                orders.due(orders.places),
            )
        )
    if args.lead_time_days is not None and len(request.judged) > 1:
        found.append(say("Lead time: {days}.", days=Quantity(args.lead_time_days, "days")))
    found.append(
        say(
            "Enough for the lead time and {review} until the next look, with a service level of {level}.",
            review=Quantity(REVIEW_DAYS, "days"),
            level=Quantity(args.service_level, "ratio"),
        )
    )
    return tuple(found)


def _table(request: Request, orders: _Orders, places: list[int], total: int) -> Table:
    stock, found = request.stock, orders.reorder
    columns = (
        *request.product_columns(places),
        Column("reorder_quantity", say("To order"), "units"),
        Column("cost", say("Cost"), request.currency),
        Column("on_hand", say("On hand"), "units"),
        Column("on_order", say("On order"), "units"),
        Column("lead_time_days", say("Lead time"), "days", spare=True),
        Column("expected_in_lead_time", say("Expected in the lead time"), "number", spare=True),
        Column("reorder_point", say("Reorder point"), unit="units", spare=True),
        Column("safety_stock", say("Safety stock"), unit="units", spare=True),
        Column("order_up_to", say("Order up to"), unit="units", spare=True),
        Column("late_risk", say("Chance to run out if not ordered"), "ratio", good="down", spare=True),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            *named,
            int(found.quantity[at]),
            None if np.isnan(orders.cost[at]) else float(orders.cost[at]),
            int(stock.available[at]),
            int(stock.coming[at]),
            int(request.lead[at]),
            round(float(orders.over_lead.mean[at]), 1),
            int(found.point[at]),
            round(float(found.safety[at])),
            int(found.up_to[at]),
            chance_cell(float(orders.late[at])),
        )
        for at, named in zip(places, request.product_cells(places), strict=True)
    ]
    return Table(columns, tuple(rows), total)


def _chart(request: Request, table: Table, shown: list[int]) -> Chart | None:
    if len(table.rows) < 2:
        return None
    return Chart("bar", say("Units to order"), request.chart_axis(shown), ("reorder_quantity",))


def _follow_ups(request: Request, shown: list[int]) -> tuple[FollowUp, ...]:
    found = [FollowUp(say("What may run out before new stock arrives?"), request.call("risk"))]
    level = request.args.service_level
    other = 0.99 if level < 0.99 else 0.95
    found.append(
        FollowUp(
            say("With a service level of {level}", level=Quantity(other, "ratio")),
            request.call("reorder", service_level=other),
        )
    )
    found.append(request.forecast_of((shown or request.judged[:1].tolist())[0]))
    return tuple(found)


def _definition() -> tuple[Message, ...]:
    return (
        say(
            "To order: the quantile of demand over lead time and {review} of review at the service level, less what is "
            "on hand and on order.",
            review=Quantity(REVIEW_DAYS, "days"),
        ),
        say(
            "Reorder point: the same quantile of demand over the lead time alone; safety stock is what it holds beyond "
            "the expected demand (Silver, Pyke and Thomas)."
        ),
    )
