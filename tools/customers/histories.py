"""What each customer did up to a day, one row a customer, computed in the engine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

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
            net_sales=net_amount(lines).sum(),
        )
        return table.filter(table.last_order_on.notnull())


def net_amount(lines: ibis.Table) -> Any:
    """What each line brings: its price after discounts, or minus that where it came back."""
    worth = lines.amount - lines.discount
    return (lines.kind == "sold").ifelse(worth, -worth)


def beside(people: ibis.Table, other: ibis.Table, columns: Iterable[str], *, prefix: str = "") -> Any:
    """Brings columns over from a table with one row a customer; missing for who has none."""
    slim = other.select(other_customer=other.customer_id, **{f"{prefix}{name}": other[name] for name in columns})
    return people.left_join(slim, people.customer_id == slim.other_customer).drop("other_customer")


def every_nth(people: ibis.Table, n: int) -> ibis.Table:
    """Every n-th customer by id, the same ones each time: the one column customer_id. `people` has a row for each."""
    import ibis

    numbered = people.mutate(place=ibis.row_number().over(order_by=people.customer_id))
    return numbered.filter(numbered.place % n == 0).select("customer_id")
