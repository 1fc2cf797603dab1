"""What can be offered now: stock, category and price of each product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tools.customers.offers.purchases import SOLD_DAYS

if TYPE_CHECKING:
    import ibis

    from tools.tool import Context


@dataclass(frozen=True)
class Shelf:
    """Products by id. A product of which no stock was ever counted is taken to be there.

    stock : units on hand at the newest count up to today; None where no stock is counted at all.
    prices : what a unit cost customers on average in the last 90 days, in the store's currency. Its keys are the
    products that are still sold.
    """

    stock: Mapping[str, int] | None
    categories: Mapping[str, str]
    prices: Mapping[str, float]
    known: int
    sql: tuple[str, ...]

    def is_out(self, product_id: str) -> bool:
        return self.stock is not None and self.stock.get(product_id, 1) <= 0

    def is_sold(self, product_id: str) -> bool:
        return product_id in self.prices

    def category(self, product_id: str) -> str | None:
        return self.categories.get(product_id)


def shelf(context: Context) -> Shelf:
    """The shelf as of today, remembered with the store."""

    def make() -> Shelf:
        warehouse, today = context.warehouse, context.today
        lines = warehouse.table("order_lines", today)
        sold = lines.filter((lines.kind == "sold") & lines.product_id.notnull())
        since = datetime.combine(today - timedelta(days=SOLD_DAYS - 1), datetime.min.time())
        recent = sold.filter(sold.sold_at >= since)
        priced, price_sql = warehouse.fetch(
            recent.group_by("product_id").aggregate(
                amount=(recent.amount - recent.discount).sum(), units=recent.quantity.sum()
            )
        )
        ever, _sql = warehouse.fetch(sold.aggregate(products=sold.product_id.nunique()))
        stock: dict[str, int] | None = None
        sql: tuple[str, ...] = (price_sql,)
        if warehouse.has("inventory"):
            rows, stock_sql = warehouse.fetch(_newest(warehouse.table("inventory", today)))
            stock, sql = {str(product): int(units) for product, units in rows}, (price_sql, stock_sql)
        return Shelf(
            stock,
            _categories(context),
            {str(p): round(amount / units, 2) if units else 0.0 for p, amount, units in priced},
            int(ever[0][0]),
            sql,
        )

    return context.warehouse.remembered(("shelf", context.today), make)


def _newest(inventory: ibis.Table) -> Any:
    """The last count of each product."""
    last = inventory.group_by("product_id").aggregate(day=inventory.day.max())
    rows = inventory.inner_join(last, ["product_id", "day"])
    return rows.group_by("product_id").aggregate(on_hand=rows.on_hand.sum())


def _categories(context: Context) -> dict[str, str]:
    if not context.warehouse.has("products"):
        return {}
    products = context.warehouse.table("products")
    if "category" not in products.columns:
        return {}
    known = products.filter(products.category.notnull()).select("product_id", "category")
    return {str(product): str(category) for product, category in context.warehouse.fetch(known)[0]}
