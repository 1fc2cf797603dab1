"""What is in stock, what is on order and when it is due: the newest count of each product up to a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import ibis

    from tools.tool import Context

Floats = NDArray[np.float64]
Days = NDArray[np.datetime64]

USUAL_LEAD_DAYS = 14
OLD_AFTER_DAYS = 7
LONGEST_LEAD_DAYS = 365


@dataclass(frozen=True)
class Order:
    """Units still on order of the product at `place`, first seen in the count of `seen_on`."""

    place: int
    seen_on: date
    units: float


@dataclass(frozen=True)
class Deliveries:
    """What is to come: `due` in days from today and `units`, both (n, k), soonest first, filled up with (inf, 0)."""

    due: Floats
    units: Floats


@dataclass(frozen=True)
class Stock:
    """Products of which stock is counted, in the order of their ids; arrays (n,).

    `on_hand` is as counted on `counted_on`, and may be negative. `first_counted` is the first count ever. `on_order` is
    NaN where it is not known; `lead_days`, `unit_cost` and `list_price` (store's currency) too. `orders` are those
    parts of `on_order` that the counts show being ordered.
    """

    today: date
    ids: tuple[str, ...]
    on_hand: Floats
    on_order: Floats
    lead_days: Floats
    counted_on: Days
    first_counted: Days
    unit_cost: Floats
    list_price: Floats
    categories: tuple[str | None, ...]
    orders: tuple[Order, ...]
    sql: tuple[str, ...]

    @cached_property
    def place(self) -> Mapping[str, int]:
        return {product: at for at, product in enumerate(self.ids)}

    @cached_property
    def available(self) -> Floats:
        """On hand, where a count below zero is nothing."""
        return np.maximum(self.on_hand, 0.0)

    @cached_property
    def coming(self) -> Floats:
        """On order, where what is not known or below zero is nothing."""
        return np.maximum(np.nan_to_num(self.on_order), 0.0)

    @cached_property
    def unit_value(self) -> Floats:
        """What a unit in stock is worth: its cost, else its list price, else NaN."""
        return np.where(np.isnan(self.unit_cost), self.list_price, self.unit_cost)

    @cached_property
    def value(self) -> Floats:
        """Money in the stock on hand; NaN where neither cost nor price is known."""
        return self.available * self.unit_value

    @cached_property
    def age_days(self) -> NDArray[np.int64]:
        """How many days ago each product was last counted."""
        return np.asarray((np.datetime64(self.today, "D") - self.counted_on).astype(np.int64))

    def lead(self, given: int | None) -> Floats:
        """Days from ordering to arrival: as given, else the product's own, else the usual 14."""
        if given is not None:
            return np.full(len(self.ids), float(given))
        own = np.clip(self.lead_days, 1, LONGEST_LEAD_DAYS)
        return np.where(np.isnan(self.lead_days), float(USUAL_LEAD_DAYS), own)

    def deliveries(self, lead: Floats) -> Deliveries:
        """When what is on order should be there, if orders take `lead` days.

        An order is due its lead time after it was first seen. Of what is overdue, or was never seen being ordered, the
        day is not known: it is expected halfway through the lead time, as the age of an order met by chance is.
        """
        today = self.today
        left = self.coming.copy()
        found: list[list[tuple[float, float]]] = [[] for _ in self.ids]
        counted = self.age_days
        for order in self.orders:
            due = (order.seen_on - today).days + float(lead[order.place])
            if due > -counted[order.place]:
                found[order.place].append((max(due, 0.0), order.units))
                left[order.place] -= order.units
        for at in np.flatnonzero(left > 0).tolist():
            found[at].append((float(np.ceil(lead[at] / 2)), float(left[at])))
        most = max((len(one) for one in found), default=0)
        due_days, units = np.full((len(found), most), np.inf), np.zeros((len(found), most))
        for at, several in enumerate(found):
            for number, (due, amount) in enumerate(sorted(several)):
                due_days[at, number], units[at, number] = due, amount
        return Deliveries(due_days, units)


def stock(context: Context) -> Stock:
    """The position as of today, remembered with the store."""
    return context.warehouse.remembered(("stock position", context.today), lambda: _read(context))


def _read(context: Context) -> Stock:
    warehouse, today = context.warehouse, context.today
    counts = warehouse.table("inventory", today)
    rows, sql = warehouse.fetch(_newest(counts))
    rows.sort(key=lambda row: str(row[0]))
    ids = tuple(str(row[0]) for row in rows)
    first, counted = (np.array([row[at] for row in rows], dtype="datetime64[D]") for at in (1, 2))
    on_hand, on_order, lead = (_numbers(row[at] for row in rows) for at in (3, 4, 5))
    goods, more_sql = _goods(context)
    cost, price = (_positive([goods.get(name, (None, None, None))[at] for name in ids]) for at in (1, 2))
    orders, orders_sql = warehouse.fetch(_orders_placed(counts, today))
    return Stock(
        today,
        ids,
        on_hand,
        on_order,
        lead,
        counted,
        first,
        cost,
        price,
        tuple(goods.get(name, (None, None, None))[0] for name in ids),
        _still_open(ids, on_order, orders),
        (sql, *more_sql, orders_sql),
    )


def _newest(counts: ibis.Table) -> ibis.Table:
    """One row for each product: its first and its newest day of counting, and what was counted on the latter."""
    days = counts.group_by("product_id").aggregate(first_day=counts.day.min(), newest=counts.day.max())
    days = days.rename(counted_product="product_id")
    newest = counts.join(days, (counts.product_id == days.counted_product) & (counts.day == days.newest))
    return newest.select("product_id", "first_day", "newest", "on_hand", "on_order", "lead_time_days")


def _orders_placed(counts: ibis.Table, today: date) -> ibis.Table:
    """The days on which more was on order than at the count before: product, day, units added."""
    import ibis

    recent = counts.filter(counts.day >= today - timedelta(days=LONGEST_LEAD_DAYS))
    window = ibis.window(group_by=recent.product_id, order_by=recent.day)
    changes = recent.mutate(added=recent.on_order - recent.on_order.lag().over(window))
    grown = changes.filter(changes.added > 0)
    return grown.select("product_id", "day", "added")


def _still_open(ids: tuple[str, ...], on_order: Floats, orders: list[tuple[Any, ...]]) -> tuple[Order, ...]:
    """What is on order now comes from the latest orders."""
    place = {product: at for at, product in enumerate(ids)}
    left = np.nan_to_num(on_order)
    found: list[Order] = []
    for product, day, added in sorted(orders, key=lambda row: (str(row[0]), row[1]), reverse=True):
        at = place[str(product)]
        units = min(float(added), float(left[at]))
        if units > 0:
            left[at] -= units
            found.append(Order(at, day, units))
    return tuple(found)


def _goods(context: Context) -> tuple[dict[str, tuple[str | None, Any, Any]], tuple[str, ...]]:
    """Category, unit cost and list price by product."""
    if not context.warehouse.has("products"):
        return {}, ()
    table = context.warehouse.table("products")
    rows, sql = context.warehouse.fetch(table.select("product_id", "category", "unit_cost", "list_price"))
    return {str(row[0]): (row[1], row[2], row[3]) for row in rows}, (sql,)


def _numbers(cells: Any) -> Floats:
    return np.array([np.nan if cell is None else float(cell) for cell in cells], dtype=np.float64)


def _positive(cells: list[Any]) -> Floats:
    """Costs and prices; those of zero or less are not known."""
    found = _numbers(cells)
    return np.where(found > 0, found, np.nan)
