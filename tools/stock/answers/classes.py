"""ABC by what products bring in × XYZ by how steadily they sell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from tools.answer import Answer, Cell, Chart, Column, Fact, FollowUp, Table
from tools.messages import Label, Message, Quantity, Value, say, say_n
from tools.semantic.periods import Period
from tools.semantic.query import Engine, Query
from tools.stock.answers.around import place_order, provenance, stock_caveats, value_caveats
from tools.stock.answers.request import MOST_IN_FILE, Request
from tools.stock.classes import (
    A_SHARE,
    B_SHARE,
    FEWEST_WEEKS,
    WEEKS,
    X_VARIATION,
    Y_VARIATION,
    Letters,
    abc,
    variation,
    xyz,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tools.stock.position import Floats

YEAR_DAYS = 365


@dataclass(frozen=True)
class _Classes:
    """Arrays of all products; `xyz` is "" where steadiness is not known."""

    net_sales: Floats
    variation: Floats
    abc: Letters
    xyz: Letters
    period: Period
    sql: tuple[str, ...]

    def at(self, places: NDArray[np.intp], by_value: str, by_steadiness: str | None = None) -> NDArray[np.intp]:
        found: NDArray[np.intp] = places[self.abc[places] == by_value]
        return found if by_steadiness is None else found[self.xyz[found] == by_steadiness]


def classes(request: Request) -> Answer:
    args = request.args
    found = _classes(request)
    sign = 1.0 if args.order == "lowest" else -1.0
    places = place_order(request.places, sign * found.net_sales)
    whole = _table(request, found, places[:MOST_IN_FILE].tolist(), len(places))
    table = Table(whole.columns, whole.rows[: args.top], len(places))
    return Answer(
        headline=_headline(request, found),
        lines=_lines(request, found),
        facts=_facts(request, found),
        table=table,
        whole=whole if len(whole.rows) > len(table.rows) else None,
        chart=_chart(request, found),
        file_name="abc_xyz",
        follow_ups=(
            FollowUp(say("What may run out before new stock arrives?"), request.call("risk")),
            FollowUp(say("What hardly sells?"), request.call("slow")),
            FollowUp(say("What to reorder?"), request.call("reorder")),
        ),
        caveats=(*stock_caveats(request), *value_caveats(request, request.places), *_unsteady(request, found)),
        provenance=provenance(request, _definition(), found.period, (*found.sql, *request.sales.sql)),
    )


def _classes(request: Request) -> _Classes:
    context, stock, sales = request.context, request.stock, request.sales
    period = Period(context.today - timedelta(days=YEAR_DAYS - 1), context.today)
    result = Engine(context.warehouse, context.catalog, context.today).run(
        Query(("net_sales",), ("product",), (), period)
    )
    net = np.zeros(len(stock.ids))
    for (product,), values in result.groups.items():
        if str(product) in stock.place:
            net[stock.place[str(product)]] = values["net_sales"] or 0.0
    whole = sales.at(request.whole_until) + 1
    varied = variation(sales.units[:, :whole], sales.buyable[:, :whole])
    # A class is a product's place among all, whichever are asked for.
    return _Classes(net, varied, abc(net), xyz(varied), period, result.sql)


def _headline(request: Request, found: _Classes) -> Message:
    best = found.at(request.places, "A")
    if len(request.places) == 1:
        (at,) = request.places.tolist()
        shown: dict[str, Value] = {
            "product": request.name(at),
            "sales": request.money(float(found.net_sales[at])),
            "letters": f"{found.abc[at]}{found.xyz[at]}",
        }
        if not found.xyz[at]:
            return say(
                "{product} is in class {letters}: net sales of {sales} in the last year; it is not known how steadily.",
                **shown,
            )
        return say(
            "{product} is in class {letters}: net sales of {sales} in the last year, and weekly sales that vary by "
            "{variation} of their mean.",
            **shown,
            variation=Quantity(float(found.variation[at]), "ratio"),
        )
    total = float(np.maximum(found.net_sales[request.places], 0.0).sum())
    share = float(found.net_sales[best].sum()) / total if total else None
    return say_n(
        "Class A: {count} of {all} products brings {share} of net sales.",
        "Class A: {count} of {all} products bring {share} of net sales.",
        len(best),
        all=Quantity(len(request.places)),
        share=Quantity(share, "ratio"),
    )


def _lines(request: Request, found: _Classes) -> tuple[Message, ...]:
    if len(request.places) == 1:
        return ()
    value = np.nan_to_num(request.stock.value)
    steady, erratic = found.at(request.places, "A", "X"), found.at(request.places, "A", "Z")
    rest = found.at(request.places, "C")
    everything = float(value[request.places].sum())
    return (
        say(
            "Of these, {steady} sell steadily (AX), {erratic} erratically (AZ).",
            steady=Quantity(len(steady)),
            erratic=Quantity(len(erratic)),
        ),
        say_n(
            "Class C: {count} product with {share} of the money in stock ({value}).",
            "Class C: {count} products with {share} of the money in stock ({value}).",
            len(rest),
            share=Quantity(float(value[rest].sum()) / everything if everything else None, "ratio"),
            value=request.money(float(value[rest].sum())),
        ),
        say(
            "A makes up {a} of net sales, B goes up to {b}. Weekly sales vary by at most {x} of their mean in X, "
            "{y} in Y.",
            a=Quantity(A_SHARE, "ratio"),
            b=Quantity(B_SHARE, "ratio"),
            x=Quantity(X_VARIATION, "ratio"),
            y=Quantity(Y_VARIATION, "ratio"),
        ),
    )


def _facts(request: Request, found: _Classes) -> tuple[Fact, ...]:
    value = np.nan_to_num(request.stock.value)
    places, period, where = request.places, found.period, request.filter_where
    total = float(found.net_sales[places].sum())
    facts = [
        Fact("products", len(places), "count", period, where),
        Fact("net_sales", total, request.currency, period, where),
    ]
    for first in "ABC":
        of = found.at(places, first)
        at = {**where, "abc": first}
        sold = float(found.net_sales[of].sum())
        facts += [
            Fact("products", len(of), "count", period, at),
            Fact("net_sales", sold, request.currency, period, at),
            Fact("net_sales_share", sold / total if total > 0 else None, "ratio", period, at),
            Fact("stock_value", float(value[of].sum()), request.currency, period, at),
        ]
        for second in "XYZ":
            of = found.at(places, first, second)
            at = {**where, "abc": first, "xyz": second}
            facts += [
                Fact("products", len(of), "count", period, at),
                Fact("net_sales", float(found.net_sales[of].sum()), request.currency, period, at),
                Fact("stock_value", float(value[of].sum()), request.currency, period, at),
            ]
    return tuple(facts)


def _table(request: Request, found: _Classes, places: list[int], total: int) -> Table:
    stock = request.stock
    columns = (
        *request.product_columns(places),
        Column("abc", say("ABC")),
        Column("xyz", say("XYZ")),
        Column("net_sales", Label("Net sales", "净销售额"), unit=request.currency, good="up"),
        Column("variation", say("Variation by week"), unit="ratio", spare=True),
        Column("stock_value", say("Stock value"), unit=request.currency),
        Column("on_hand", say("On hand"), unit="units", spare=True),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            *named,
            str(found.abc[at]),
            str(found.xyz[at]) or None,
            float(found.net_sales[at]),
            None if np.isnan(found.variation[at]) else round(float(found.variation[at]), 3),
            None if np.isnan(stock.value[at]) else float(stock.value[at]),
            int(stock.available[at]),
        )
        for at, named in zip(places, request.product_cells(places), strict=True)
    ]
    return Table(columns, tuple(rows), total)


def _chart(request: Request, found: _Classes) -> Chart | None:
    """How many products there are in each of the nine classes."""
    if len(request.places) < 2:
        return None
    names = {
        "X": Label("X: steady", "X：平稳"),
        "Y": Label("Y: varying", "Y：波动"),
        "Z": Label("Z: erratic", "Z：不规则"),
    }
    columns = (
        Column("abc", say("Class")),
        Column("net_sales", Label("Net sales", "净销售额"), unit=request.currency),
        *(Column(letter, label, unit="count") for letter, label in names.items()),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            first,
            float(found.net_sales[found.at(request.places, first)].sum()),
            *(len(found.at(request.places, first, second)) for second in names),
        )
        for first in "ABC"
    )
    return Chart(
        "heatmap",
        say("Products by class, with their net sales"),
        "abc",
        tuple(names),
        beside="net_sales",
        table=Table(columns, rows, len(rows)),
    )


def _unsteady(request: Request, found: _Classes) -> tuple[Message, ...]:
    unknown = int((found.xyz[request.places] == "").sum())
    if not unknown:
        return ()
    return (
        say_n(
            "{count} product has no class by steadiness: it has fewer than {weeks} whole weeks in stock, or no sales.",
            "{count} products have no class by steadiness: they have fewer than {weeks} whole weeks in stock, or no "
            "sales.",
            unknown,
            weeks=FEWEST_WEEKS,
        ),
    )


def _definition() -> tuple[Message, ...]:
    return (
        say(
            "ABC: by net sales of the last {days}, greatest first: A until {a} is reached, B until {b}, C the rest; "
            "among all products of which stock is counted.",
            days=Quantity(YEAR_DAYS, "days"),
            a=Quantity(A_SHARE, "ratio"),
            b=Quantity(B_SHARE, "ratio"),
        ),
        say(
            "XYZ: standard deviation of units sold a week by their mean, over the last {weeks} weeks, of which only "
            "those count that the product was in stock on every day. X: at most {x}, Y: at most {y}, Z: more.",
            weeks=WEEKS,
            x=Quantity(X_VARIATION, "ratio"),
            y=Quantity(Y_VARIATION, "ratio"),
        ),
    )
