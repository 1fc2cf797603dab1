"""Who bought what, as sparse matrices: aggregated in the engine, one row for each customer and product."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from tools.customers.histories import Histories

if TYPE_CHECKING:
    import ibis
    from numpy.typing import NDArray

    from tools.stats.recommendation import Indices, Matrix
    from tools.warehouse.connection import Warehouse

HALF_LIFE_DAYS = 180
"""After so many days a purchase counts half."""
RECENT_DAYS = 28
SOLD_DAYS = 90
"""A product that nobody bought for so long counts as no longer sold."""
NEVER = 1_000_000
_SECONDS = 86_400
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Purchases:
    """Pairs of a customer and a product with a sold line, each once; `customer` and `product` are places in the ids.

    weight : orders with the product, each halved for every 180 days that have passed.
    age : days since the pair's last order; 0 is the last day that can be seen.
    """

    customers: tuple[str, ...]
    products: tuple[str, ...]
    customer: NDArray[np.int32]
    product: NDArray[np.int32]
    weight: NDArray[np.float32]
    age: NDArray[np.int32]

    def matrix(self) -> Matrix:
        """log(1 + weight), customers × products."""
        return self._sparse(np.log1p(self.weight))

    def weights(self) -> Matrix:
        """The weights themselves, customers × products."""
        return self._sparse(self.weight)

    def ages(self) -> Matrix:
        """age + 1, customers × products: 0 would be no entry."""
        return self._sparse(self.age.astype(np.float32) + 1)

    def buyers(self, days: int = NEVER) -> NDArray[np.float64]:
        """How many customers last bought each product within so many days."""
        found: NDArray[np.float64] = np.bincount(self.product[self.age < days], minlength=len(self.products)).astype(
            np.float64
        )
        return found

    def sold(self) -> Indices:
        """The products that are still sold."""
        return np.flatnonzero(self.buyers(SOLD_DAYS))

    def _sparse(self, values: NDArray[Any]) -> Matrix:
        from scipy import sparse

        shape = (len(self.customers), len(self.products))
        return sparse.csr_matrix((values, (self.customer, self.product)), shape=shape, dtype=np.float32)


@dataclass(frozen=True)
class Trial:
    """The same store cut 28 days ago: what was known then, and which pairs were bought since."""

    before: Purchases
    after: Matrix


@dataclass(frozen=True)
class Seen:
    """What can be seen today, what could be seen 28 days ago, and the SQL that gave both."""

    now: Purchases
    trial: Trial
    sql: str


def read(warehouse: Warehouse, today: date) -> Seen:
    """The purchases of known customers up to today. One query; 780,000 lines take about a second."""
    from scipy import sparse

    expression = _pairs(warehouse, today)
    sql = str(warehouse.backend.compile(expression))
    table = expression.to_pyarrow()
    customers, customer = _places(table["customer_id"])
    products, product = _places(table["product_id"])
    weight, weight_before, age, age_before = (
        table[name].to_numpy() for name in ("weight", "weight_before", "age", "age_before")
    )
    earlier = age_before < NEVER
    later = age < RECENT_DAYS
    shape = (len(customers), len(products))
    after = sparse.csr_matrix(
        (np.ones(int(later.sum()), np.float32), (customer[later], product[later])), shape=shape, dtype=np.float32
    )
    now = Purchases(customers, products, customer, product, weight.astype(np.float32), age.astype(np.int32))
    before = Purchases(
        customers,
        products,
        customer[earlier],
        product[earlier],
        weight_before[earlier].astype(np.float32),
        age_before[earlier].astype(np.int32),
    )
    return Seen(now, Trial(before, after), sql)


def _pairs(warehouse: Warehouse, today: date) -> ibis.Table:
    import ibis

    lines = Histories(warehouse, today).lines()
    lines = lines.filter((lines.kind == "sold") & lines.product_id.notnull())
    lines = lines.select(
        "customer_id", "product_id", "order_id", age=(today - _EPOCH).days - lines.sold_at.epoch_seconds() // _SECONDS
    )
    orders = lines.group_by("customer_id", "product_id", "order_id").aggregate(age=lines.age.min())
    early = orders.age >= RECENT_DAYS

    def halved(days: Any) -> Any:
        return (days.cast("float64") * (-np.log(2) / HALF_LIFE_DAYS)).exp()

    return orders.group_by("customer_id", "product_id").aggregate(
        weight=halved(orders.age).sum().round(6),
        weight_before=halved(orders.age - RECENT_DAYS).sum(where=early).fill_null(0.0).round(6),
        age=orders.age.min(),
        age_before=ibis.coalesce(orders.age.min(where=early) - RECENT_DAYS, NEVER),
    )


def _places(column: Any) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """The ids that a column holds, in order, and the place of each row's id among them."""
    coded = column.combine_chunks().dictionary_encode()
    ids = [str(value) for value in coded.dictionary.to_pylist()]
    order = sorted(range(len(ids)), key=ids.__getitem__)
    place = np.empty(len(ids), np.int32)
    place[order] = np.arange(len(ids), dtype=np.int32)
    return tuple(ids[i] for i in order), place[coded.indices.to_numpy()]


def day_of(today: date, age: int) -> date:
    """The day that lies `age` days before today."""
    return datetime.fromordinal(today.toordinal() - age).date()
