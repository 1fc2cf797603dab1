"""Days on which the product in question was out of stock, in one period more than in the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tools.drivers.calendar_effects import days_of
from tools.semantic.query import Filter

if TYPE_CHECKING:
    from tools.drivers.request import Request
    from tools.semantic.periods import Period

TABLE, METRIC = "inventory", "stock_out_days"
MORE = 2  # times as many days as in the other period


@dataclass(frozen=True)
class StockOut:
    """On so many days of `period` there was nothing in stock; on none or few days of the other one."""

    product: str
    days: int
    period: Period
    other_days: int
    other: Period

    @property
    def of_days(self) -> int:
        return len(days_of(self.period))


def product_of(request: Request) -> str | None:
    """The one product that is asked about."""
    asked = [f for f in request.args.filters if f.dimension == "product" and f.op == "in"]
    return asked[0].values[0] if len(asked) == 1 and len(asked[0].values) == 1 else None


def stock_out(request: Request, product: str | None) -> StockOut | None:
    """None where it was out of stock in neither period or much the same in both, or where stock is not known."""
    if product is None or not request.context.warehouse.has(TABLE):
        return None
    both = replace(request.both, filters=(Filter(dimension="product", values=(product,)),))
    sides = both.split([request.context.catalog.metrics[METRIC]], ()).get(())
    if sides is None:
        return None
    days = round(sides.before[METRIC]), round(sides.now[METRIC])
    if max(days) <= MORE * min(days):
        return None
    more = days[1] > days[0]
    return StockOut(product, max(days), request.covered[more], min(days), request.covered[not more])
