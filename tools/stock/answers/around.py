"""What stands around an answer about stock: caveats, how it came about, what is left out."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from tools.answer import Provenance
from tools.messages import Message, Quantity, say, say_n
from tools.semantic.periods import Period
from tools.semantic.query import Engine
from tools.stock.answers.request import Request

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tools.stock.position import Floats


def place_order(places: NDArray[np.intp], *keys: Floats) -> NDArray[np.intp]:
    """The places by these keys, arrays of all products, the first one first and its least value first; ties by id."""
    import numpy as np

    return places[np.lexsort((places, *(key[places] for key in reversed(keys))))]


def stock_caveats(request: Request, *, orders: bool = False, leads: bool = False) -> tuple[Message, ...]:
    """What makes the counts themselves doubtful. `orders`, `leads`: what is on order, and lead times, matter."""
    import numpy as np

    from tools.stock.position import OLD_AFTER_DAYS, USUAL_LEAD_DAYS

    stock, places = request.stock, request.places
    found: list[Message] = []
    old = places[stock.age_days[places] > OLD_AFTER_DAYS]
    if len(old):
        oldest: date = stock.counted_on[old].min().astype(object)
        found.append(
            say("Stock was last counted on {day}.", day=oldest)
            if len(places) == 1
            else say_n(
                "The stock of {count} product was last counted more than {days} ago (on {oldest}).",
                "The stock of {count} products was last counted more than {days} ago (the oldest on {oldest}).",
                len(old),
                days=Quantity(OLD_AFTER_DAYS, "days"),
                oldest=oldest,
            )
        )
    negative = int((stock.on_hand[places] < 0).sum())
    if negative:
        found.append(
            say_n(
                "{count} product has a stock below zero; it is taken as none.",
                "{count} products have a stock below zero; it is taken as none.",
                negative,
            )
        )
    if orders and np.isnan(stock.on_order[places]).all():
        found.append(say("What is on order is not known; it is taken as nothing."))
    assumed = int(np.isnan(stock.lead_days[places]).sum())
    if leads and request.args.lead_time_days is None and assumed:
        days = Quantity(USUAL_LEAD_DAYS, "days")
        found.append(
            say("No lead times are known; {days} are assumed.", days=days)
            if assumed == len(places)
            else say_n(
                "{count} product has no lead time of its own; {days} are assumed.",
                "{count} products have no lead time of their own; {days} are assumed.",
                assumed,
                days=days,
            )
        )
    return tuple(found)


def demand_caveats(request: Request) -> tuple[Message, ...]:
    """What makes expected demand doubtful, and who is left out of it."""
    from tools.stock.demand import FEWEST_DAYS

    found: list[Message] = []
    new = len(request.places) - len(request.judged)
    if new:
        found.append(
            say_n(
                "{count} product is too new to judge (never sold, or in stock for less than {days}) and left out.",
                "{count} products are too new to judge (never sold, or in stock for less than {days}) and left out.",
                new,
                days=Quantity(FEWEST_DAYS, "days"),
            )
        )
    since = int((request.demand.sold_since[request.judged] > 0).sum())
    if since:
        found.append(
            say_n(
                "What was sold of {count} product since its last count is taken off.",
                "What was sold of {count} products since their last count is taken off.",
                since,
            )
        )
    if not request.demand.outlook.forecast:
        found.append(say("The history is too short for a forecast: the pace of the last four weeks is taken."))
    return tuple(found)


def value_caveats(request: Request, places: NDArray[np.intp]) -> tuple[Message, ...]:
    """Where money is not at cost."""
    import numpy as np

    stock = request.stock
    costless, worthless = np.isnan(stock.unit_cost[places]), np.isnan(stock.unit_value[places])
    found: list[Message] = []
    by_price = int((costless & ~worthless).sum())
    if by_price:
        found.append(
            say_n(
                "{count} product has no unit cost; its list price is taken.",
                "{count} products have no unit cost; their list price is taken.",
                by_price,
            )
        )
    if worthless.any():
        found.append(
            say_n(
                "{count} product has neither a cost nor a price and is worth nothing here.",
                "{count} products have neither a cost nor a price and are worth nothing here.",
                int(worthless.sum()),
            )
        )
    return tuple(found)


def demand_definition() -> tuple[Message, ...]:
    """How demand is foretold."""
    return (
        say(
            "Expected demand: the forecast of the category's units sold, day by day, times the product's share of "
            "them, followed week by week."
        ),
        say("Days on which a product was out of stock tell nothing of its demand and are left out."),
        say(
            "Sums of demand are negative binomial: their variance holds the lumpiness of orders, the drift of the "
            "share and the error of the forecast."
        ),
    )


def provenance(
    request: Request, definition: tuple[Message, ...], period: Period | None, sql: tuple[str, ...] = ()
) -> Provenance:
    context = request.context
    tables = ("inventory", "order_lines", "products")
    return Provenance(
        definition=definition,
        period=period,
        filters=request.filter_words(),
        sql=(*request.stock.sql, *sql),
        tables=tuple(name for name in tables if context.warehouse.has(name)),
        as_of=as_of(request),
    )


def as_of(request: Request) -> datetime:
    """The newest count or sale."""
    context = request.context
    counted = datetime.combine(request.stock.counted_on.max().astype(object), datetime.min.time())
    span = Engine(context.warehouse, context.catalog, context.today).span("sales")
    return max(counted, span[1]) if span else counted
