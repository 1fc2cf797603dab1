"""What hardly sells, and the money that is tied up in it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from tools.answer import Answer, Cell, Chart, Column, Fact, FollowUp, Table
from tools.messages import Message, Quantity, say, say_n
from tools.semantic.periods import Period
from tools.stock.answers.around import place_order, provenance, stock_caveats, value_caveats
from tools.stock.answers.request import MOST_IN_FILE, Request
from tools.stock.slow_movers import SLOW_MONTHS, SLOW_WINDOW_DAYS, SlowMovers, slow_movers

if TYPE_CHECKING:
    from numpy.typing import NDArray


def slow(request: Request) -> Answer:
    args, stock, today = request.args, request.stock, request.context.today
    found = slow_movers(stock, request.sales)
    slow_ones = request.places[found.slow[request.places]]
    value = np.nan_to_num(stock.value)
    if args.order == "lowest":
        places = place_order(slow_ones, value, found.months)
    else:
        places = place_order(slow_ones, -value, -found.months)
    shown = places[: args.top].tolist()
    tied, all_of_it = float(value[slow_ones].sum()), float(value[request.places].sum())
    period = Period(today - timedelta(days=SLOW_WINDOW_DAYS - 1), today)
    now = Period(today, today)
    where = request.filter_where
    whole = _table(request, found, places[:MOST_IN_FILE].tolist(), len(places))
    table = Table(whole.columns, whole.rows[: args.top], len(places))
    return Answer(
        headline=_headline(request, slow_ones, tied, all_of_it),
        lines=_lines(request, found, slow_ones),
        facts=(
            Fact("slow_products", len(slow_ones), "count", period, where),
            Fact("products_without_sales", int((found.sold[slow_ones] <= 0).sum()), "count", period, where),
            Fact("stock_value", tied, request.currency, now, {**where, "stock": "slow"}),
            Fact("stock_value", all_of_it, request.currency, now, where),
            Fact("stock_value_share", tied / all_of_it if all_of_it else None, "ratio", now, where),
            *(
                Fact("stock_value", float(value[at]), request.currency, now, request.where(at))
                for at in (shown if len(request.places) > 1 else ())
            ),
            *(Fact("units", float(found.sold[at]), "units", period, request.where(at)) for at in shown),
        ),
        table=table if table.rows else None,
        whole=whole if len(whole.rows) > len(table.rows) else None,
        chart=_chart(request, table, shown),
        file_name="slow_movers",
        follow_ups=(
            FollowUp(say("How fast does stock turn over?"), request.call("turnover")),
            FollowUp(say("How long does stock last?"), request.call("cover")),
            FollowUp(say("ABC and XYZ classes"), request.call("classes")),
        ),
        caveats=(*stock_caveats(request), *value_caveats(request, request.places), *_new(request, found)),
        provenance=provenance(request, _definition(), period, request.sales.sql),
    )


def _headline(request: Request, slow_ones: NDArray[np.intp], tied: float, all_of_it: float) -> Message:
    if len(request.places) == 1:
        product = request.name(int(request.places[0]))
        if len(slow_ones):
            return say("{product} hardly sells: {value} is tied up in it.", product=product, value=request.money(tied))
        return say(
            "{product} is no slow mover; its stock is worth {value}.", product=product, value=request.money(all_of_it)
        )
    if not len(slow_ones):
        return say(
            "None of {all} products is a slow mover; all stock is worth {whole}.",
            all=Quantity(len(request.places)),
            whole=request.money(all_of_it),
        )
    return say_n(
        "{count} of {all} products hardly sells: {value} is tied up in it, {share} of the {whole} in all stock.",
        "{count} of {all} products hardly sell: {value} is tied up in them, {share} of the {whole} in all stock.",
        len(slow_ones),
        all=Quantity(len(request.places)),
        value=request.money(tied),
        whole=request.money(all_of_it),
        share=Quantity(tied / all_of_it if all_of_it else None, "ratio"),
    )


def _lines(request: Request, found: SlowMovers, slow_ones: NDArray[np.intp]) -> tuple[Message, ...]:
    lines: list[Message] = []
    none = int((found.sold[slow_ones] <= 0).sum())
    if none and len(request.places) > 1:
        lines.append(
            say_n(
                "{count} of them did not sell at all in the last {days}.",
                "{count} of them did not sell at all in the last {days}.",
                none,
                days=Quantity(SLOW_WINDOW_DAYS, "days"),
            )
        )
    lines.append(
        say(
            "Slow: at the pace of the last {days} the stock lasts for more than {months} months.",
            days=Quantity(SLOW_WINDOW_DAYS, "days"),
            months=Quantity(SLOW_MONTHS),
        )
    )
    return tuple(lines)


def _new(request: Request, found: SlowMovers) -> tuple[Message, ...]:
    new = int(found.new[request.places].sum())
    if not new:
        return ()
    return (
        say_n(
            "{count} product came less than {days} ago and is not judged.",
            "{count} products came less than {days} ago and are not judged.",
            new,
            days=Quantity(SLOW_WINDOW_DAYS, "days"),
        ),
    )


def _table(request: Request, found: SlowMovers, places: list[int], total: int) -> Table:
    stock = request.stock
    columns = (
        *request.product_columns(places),
        Column("stock_value", say("Tied up"), unit=request.currency, good="down"),
        Column("on_hand", say("On hand"), unit="units"),
        Column("units", say("Sold in {days}", days=Quantity(SLOW_WINDOW_DAYS, "days")), unit="units"),
        Column("months_of_stock", say("Months of stock"), unit="number", good="down"),
        Column("last_sold_on", say("Last sale"), spare=True),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            *named,
            None if np.isnan(stock.value[at]) else float(stock.value[at]),
            int(stock.available[at]),
            int(found.sold[at]),
            round(float(found.months[at]), 1) if np.isfinite(found.months[at]) else None,
            request.sales.last_sold[at].astype(object),
        )
        for at, named in zip(places, request.product_cells(places), strict=True)
    ]
    return Table(columns, tuple(rows), total)


def _chart(request: Request, table: Table, shown: list[int]) -> Chart | None:
    if sum(row[2] is not None for row in table.rows) < 2:
        return None
    return Chart("bar", say("Money tied up in what hardly sells"), request.chart_axis(shown), ("stock_value",))


def _definition() -> tuple[Message, ...]:
    return (
        say(
            "Slow movers: in stock now, there for {days} at least, and with stock for more than {months} months at the "
            "pace of the last {days} (days out of stock left out), or without a sale in them.",
            days=Quantity(SLOW_WINDOW_DAYS, "days"),
            months=Quantity(SLOW_MONTHS),
        ),
        say("Tied up: units on hand × unit cost, or list price where no cost is known."),
    )
