"""What each customer did up to a day, one row a customer, computed in the engine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis

    from tools.warehouse.connection import Warehouse


@dataclass(frozen=True)
class Histories:
    """The customers' own lines as of the end of `today`; lines without a customer count nowhere."""

    warehouse: Warehouse
    today: date

    def lines(self) -> ibis.Table:
        """The visible rows of `order_lines` whose customer is known."""
        lines = self.warehouse.table("order_lines", self.today)
        return lines.filter(lines.customer_id.notnull())

    def summary(self) -> ibis.Table:
        """One row for each customer with a sold line.

        Columns: customer_id, first_order_on and last_order_on (dates), orders, units, gross_sales, returns, net_sales.
        Money in the store's currency; net sales may be negative.
        """
        lines = self.lines()
        sold = lines.kind == "sold"
        table = lines.group_by("customer_id").aggregate(
            first_order_on=lines.sold_at.min(where=sold).cast("date"),
            last_order_on=lines.sold_at.max(where=sold).cast("date"),
            orders=lines.order_id.nunique(where=sold),
            units=lines.quantity.sum(where=sold),
            gross_sales=lines.amount.sum(where=sold),
            returns=(lines.amount - lines.discount).sum(where=~sold).fill_null(0.0),
            net_sales=sold.ifelse(lines.amount - lines.discount, lines.discount - lines.amount).sum(),
        )
        return table.filter(table.last_order_on.notnull())
