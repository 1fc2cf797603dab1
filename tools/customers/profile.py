"""What one customer did up to a day: orders, rhythm, favourites, contacts. A few queries on the customer's own rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from statistics import quantiles
from typing import TYPE_CHECKING, Any

from tools.customers.histories import net_amount
from tools.semantic.periods import shift

if TYPE_CHECKING:
    from tools.tool import Context

MOST_FAVOURITES = 5
# Fewer gaps say nothing of a rhythm, fewer orders nothing of favourite days.
LEAST_GAPS = 3
LEAST_TIMED = 5


@dataclass(frozen=True)
class Moment:
    """The lines of an order at one time; money in the store's currency. `sold` is None where nothing was sold."""

    order_id: str
    at: datetime
    sold: float | None  # before discounts
    discounts: float
    returned: float
    units: int

    @property
    def net(self) -> float:
        return (self.sold or 0.0) - self.discounts - self.returned


@dataclass(frozen=True)
class Rhythm:
    """Days between a customer's days with orders: the middle one, and between which half of them lie."""

    usual: float
    low: float
    high: float


@dataclass(frozen=True)
class Buying:
    """A customer's lines up to `today`, in the order of time."""

    today: date
    moments: tuple[Moment, ...]

    @cached_property
    def sales(self) -> tuple[Moment, ...]:
        return tuple(moment for moment in self.moments if moment.sold is not None)

    @cached_property
    def orders(self) -> int:
        return len({moment.order_id for moment in self.sales})

    @cached_property
    def returned_orders(self) -> int:
        return len({moment.order_id for moment in self.moments if moment.returned})

    @property
    def gross_sales(self) -> float:
        return sum(moment.sold or 0.0 for moment in self.moments)

    @property
    def discounts(self) -> float:
        return sum(moment.discounts for moment in self.moments)

    @property
    def returns(self) -> float:
        return sum(moment.returned for moment in self.moments)

    @property
    def net_sales(self) -> float:
        return self.gross_sales - self.discounts - self.returns

    @property
    def units(self) -> int:
        return sum(moment.units for moment in self.sales)

    @cached_property
    def days(self) -> tuple[date, ...]:
        """Days with orders."""
        return tuple(sorted({moment.at.date() for moment in self.sales}))

    @property
    def days_since_last(self) -> int | None:
        return (self.today - self.days[-1]).days if self.days else None

    @cached_property
    def rhythm(self) -> Rhythm | None:
        gaps = [(after - before).days for before, after in pairwise(self.days)]
        if len(gaps) < LEAST_GAPS:
            return None
        low, usual, high = quantiles(gaps, n=4, method="inclusive")
        return Rhythm(usual, low, high)

    def favourite(self, part: str) -> tuple[int, float] | None:
        """The `weekday` (Monday is 0) or `hour` with the most orders, and its share of them.

        None with few orders, without a single favourite, or where the store keeps no times of the day.
        """
        first: dict[str, datetime] = {}
        for moment in self.sales:
            first.setdefault(moment.order_id, moment.at)
        if len(first) < LEAST_TIMED:
            return None
        if part == "hour" and all(at.time() == datetime.min.time() for at in first.values()):
            return None
        counted = Counter(at.weekday() if part == "weekday" else at.hour for at in first.values()).most_common(2)
        if len(counted) > 1 and counted[0][1] == counted[1][1]:
            return None
        return counted[0][0], counted[0][1] / len(first)

    def months(self, most: int) -> tuple[tuple[date, float], ...]:
        """Net sales of each month from the first to today's, at most the last so many."""
        if not self.moments:
            return ()
        sums: dict[date, float] = {}
        for moment in self.moments:
            month = moment.at.date().replace(day=1)
            sums[month] = sums.get(month, 0.0) + moment.net
        month, found = min(sums), []
        while month <= self.today:
            found.append((month, round(sums.get(month, 0.0), 4)))
            month = shift(month, "month", 1)
        return tuple(found[-most:])


@dataclass(frozen=True)
class Favourite:
    """Something bought, and the net sales with it."""

    id: str
    net_sales: float


@dataclass(frozen=True)
class Outreach:
    """What was sent to a customer, and what came of it; None where the store keeps no such table."""

    messages: int | None = None
    opened: int = 0
    clicked: int = 0
    last_message: datetime | None = None
    unsubscribed: datetime | None = None
    coupons: int | None = None
    redeemed: int = 0
    open_coupons: int = 0


def buying(context: Context, customer: str) -> tuple[Buying, str]:
    """The customer's orders and returns, and the SQL that gave them."""
    lines = _own(context, "order_lines", customer)
    sold = lines.kind == "sold"
    table = lines.group_by("order_id", "sold_at").aggregate(
        amount=lines.amount.sum(where=sold),
        discounts=lines.discount.sum(where=sold),
        returned=(lines.amount - lines.discount).sum(where=~sold),
        units=lines.quantity.sum(where=sold),
    )
    rows, sql = context.warehouse.fetch(table.order_by("sold_at", "order_id"))
    moments = tuple(
        Moment(
            str(order),
            at,
            None if amount is None else float(amount),
            float(discounts or 0.0),
            float(returned or 0.0),
            int(units or 0),
        )
        for order, at, amount, discounts, returned, units in rows
    )
    return Buying(context.today, moments), sql


def favourites(context: Context, customer: str, column: str) -> tuple[Favourite, ...]:
    """The products (`product_id`), or a column of them such as `category`, with the most net sales."""
    lines = _own(context, "order_lines", customer)
    if column != "product_id":
        if not context.warehouse.has("products"):
            return ()
        products = context.warehouse.table("products", context.today)
        known = products.select(known_id=products.product_id, **{column: products[column]})
        lines = lines.join(known, lines.product_id == known.known_id)
    net = net_amount(lines).sum().round(4)
    table = lines.filter(lines[column].notnull()).group_by(wanted=lines[column]).aggregate(net=net)
    table = table.filter(table.net > 0)
    rows, _sql = context.warehouse.fetch(table.order_by(table.net.desc(), "wanted").limit(MOST_FAVOURITES))
    return tuple(Favourite(str(value), float(sum_)) for value, sum_ in rows)


def attributes(context: Context, customer: str) -> Mapping[str, Any]:
    """The customer's row in the table of customers without its empty columns; empty where there is none."""
    if not context.warehouse.has("customers"):
        return {}
    rows = _own(context, "customers", customer).limit(1).to_pyarrow().to_pylist()
    return {name: value for name, value in rows[0].items() if value is not None} if rows else {}


def outreach(context: Context, customer: str) -> Outreach:
    """Messages and coupons of campaigns up to today. What happened after today to earlier ones does not count."""
    end = datetime.combine(context.today + timedelta(days=1), datetime.min.time())
    found: dict[str, Any] = {}
    if context.warehouse.has("campaign_contacts"):
        sent = _own(context, "campaign_contacts", customer)
        found |= _one_row(
            sent.aggregate(
                messages=sent.count(),
                opened=(sent.opened_at < end).sum(),
                clicked=(sent.clicked_at < end).sum(),
                last_message=sent.contacted_at.max(),
                unsubscribed=sent.unsubscribed_at.max(where=sent.unsubscribed_at < end),
            )
        )
    if context.warehouse.has("coupons"):
        given = _own(context, "coupons", customer)
        used = (given.redeemed_at < end).fill_null(False)
        found |= _one_row(
            given.aggregate(
                coupons=given.count(),
                redeemed=used.sum(),
                open_coupons=(~used & (given.expires_at.isnull() | (given.expires_at >= end))).sum(),
            )
        )
    known: dict[str, Any] = {name: 0 if value is None and name in _COUNTS else value for name, value in found.items()}
    return Outreach(**known)


_COUNTS = ("messages", "opened", "clicked", "coupons", "redeemed", "open_coupons")


def _own(context: Context, name: str, customer: str) -> Any:
    table = context.warehouse.table(name, context.today)
    return table.filter(table.customer_id == customer)


def _one_row(table: Any) -> dict[str, Any]:
    row: dict[str, Any] = table.to_pyarrow().to_pylist()[0]
    return row
