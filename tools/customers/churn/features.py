"""How customers behaved up to a day, as arrays for models: one row for each who bought by then.

Everything is aggregated in the engine, for several days in one query. Ages are whole days back from the day asked for,
which has age 0, so that "the last 30 days" are the ages 0 to 29. Nothing after a day is visible to its figures.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ibis
    import numpy as np
    from numpy.typing import NDArray

from tools.customers.histories import every_nth, net_amount
from tools.warehouse.connection import Warehouse

WINDOWS = (30, 90, 180, 365)
YEAR = 365
RECENT = 180  # days back that messages, complaints, coupons and returns count
_EPOCH = date(1970, 1, 1)
_SECONDS = 86_400
_KEYS = ("customer_id", "cutoff")


@dataclass(frozen=True)
class Snapshot:
    """Behaviour as of the end of `day`, customers in the order of their ids.

    `columns` hold float64 arrays of one length, NaN where a figure is not defined (the gap of who ordered once).
    Money in the store's currency, times in days. An order is a day with an order.
    """

    day: date
    customer_ids: NDArray[np.str_]
    columns: Mapping[str, NDArray[np.float64]]

    def __len__(self) -> int:
        return len(self.customer_ids)

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        return self.columns[name]

    def __contains__(self, name: str) -> bool:
        return name in self.columns


@dataclass(frozen=True)
class Outcome:
    """What the customers of a snapshot did in the days that followed: whether they ordered, and their net sales."""

    ordered: NDArray[np.bool_]
    net_sales: NDArray[np.float64]


def behaviour(
    warehouse: Warehouse, days: Sequence[date], horizon_days: int, one_in: int = 1
) -> tuple[tuple[Snapshot, ...], str]:
    """What every customer did up to the end of each of `days` (in rising order), and the SQL that says so.

    `horizon_days` sets the window a year earlier (`orders_year_ago`): the days that follow the day, 365 days before.
    `one_in` n takes every n-th customer only, by id.
    """
    import numpy as np

    expression = _expression(warehouse, days, horizon_days, one_in)
    found_columns, sql = _columns(warehouse, expression)
    ids = np.array(found_columns.pop("customer_id"), dtype=np.str_)
    cutoffs = np.array(found_columns.pop("cutoff"), dtype=np.int64)
    columns = {name: np.asarray(column, dtype=np.float64) for name, column in found_columns.items()}
    order = np.lexsort((ids, cutoffs))  # engines sort text each by their own rules
    found = []
    for day in days:
        rows = order[cutoffs[order] == _number(day)]
        here = {n: c[rows] if n in _UNDEFINED else np.nan_to_num(c[rows], nan=0.0) for n, c in columns.items()}
        found.append(Snapshot(day, ids[rows], here))
    return tuple(found), sql


def _columns(warehouse: Warehouse, expression: ibis.Table) -> tuple[dict[str, Any], str]:
    """The rows by column, and the SQL that gave them."""
    backend = warehouse.backend
    sql = str(backend.compile(expression))
    if backend.name == "duckdb":
        table = backend.con.execute(sql).to_arrow_table()
        keys = {name: table[name].to_pylist() for name in _KEYS}
        return keys | {name: table[name].to_numpy() for name in table.column_names if name not in _KEYS}, sql
    # Not through Arrow: PostgreSQL's means of whole numbers are decimals, which it refuses.
    with contextlib.closing(backend.raw_sql(sql)) as cursor:
        rows = cursor.fetchall()
    found: list[tuple[Any, ...]] = list(zip(*rows, strict=True)) or [()] * len(expression.columns)
    return dict(zip(expression.columns, found, strict=True)), sql


def outcomes(warehouse: Warehouse, snapshots: Sequence[Snapshot], horizon_days: int) -> tuple[Outcome, ...]:
    """What followed each snapshot in its next `horizon_days` days. Returns count where they fall."""
    import numpy as np

    lines = _lines(warehouse, snapshots[-1].day + timedelta(days=horizon_days))
    daily = lines.group_by("customer_id", "day").aggregate(value=lines["value"].sum(), sold=lines.is_sold.sum())
    ahead = _at_each(daily, [s.day for s in snapshots])
    ahead = ahead.filter((ahead.age < 0) & (ahead.age >= -horizon_days))
    table = ahead.group_by("cutoff", "customer_id").aggregate(value=ahead["value"].sum(), sold=ahead.sold.sum())
    rows, _sql = warehouse.fetch(table.filter(table.sold > 0).select("cutoff", "customer_id", "value"))
    by_day: dict[int, dict[str, float]] = {}
    for cutoff, customer, value in rows:
        by_day.setdefault(int(cutoff), {})[str(customer)] = float(value)
    found = []
    for snapshot in snapshots:
        values = by_day.get(_number(snapshot.day), {})
        net = [values.get(customer) for customer in snapshot.customer_ids.tolist()]
        found.append(
            Outcome(
                np.array([value is not None for value in net], dtype=np.bool_),
                np.array([value or 0.0 for value in net], dtype=np.float64),
            )
        )
    return tuple(found)


# --- the expression ---------------------------------------------------------------------------------------------------


def _number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def _day(moment: Any) -> Any:
    return moment.epoch_seconds() // _SECONDS


def _after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), datetime.min.time())


def _at_each(table: ibis.Table, days: Sequence[date]) -> ibis.Table:
    """The rows once for each of `days`, with their age then (negative: later)."""
    import ibis

    table = table.mutate(cutoff=ibis.array([_number(day) for day in days]).unnest())
    return table.mutate(age=table.cutoff - table.day)


def _some(warehouse: Warehouse, name: str, until: date, one_in: int) -> ibis.Table:
    """The rows of every n-th customer with an order line, up to a day."""
    table = warehouse.table(name, until)
    table = table.filter(table.customer_id.notnull())
    if one_in == 1:
        return table
    lines = warehouse.table("order_lines", until)
    people = lines.filter(lines.customer_id.notnull()).select("customer_id").distinct()
    return table.semi_join(every_nth(people, one_in), "customer_id")


def _lines(warehouse: Warehouse, until: date, one_in: int = 1) -> ibis.Table:
    lines = _some(warehouse, "order_lines", until, one_in)
    sold = lines.kind == "sold"
    return lines.select(
        "customer_id",
        "product_id",
        "amount",
        "discount",
        day=_day(lines.sold_at),
        hour=lines.sold_at.hour(),
        is_sold=sold,
        value=net_amount(lines),
    )


def _expression(warehouse: Warehouse, days: Sequence[date], horizon_days: int, one_in: int) -> ibis.Table:
    lines = _lines(warehouse, days[-1], one_in)
    daily = lines.group_by("customer_id", "day").aggregate(
        value=lines["value"].sum(),
        sold=lines.is_sold.sum(),
        sold_value=lines["value"].sum(where=lines.is_sold).fill_null(0.0),
        gross=lines.amount.sum(where=lines.is_sold).fill_null(0.0),
        discount=lines.discount.sum(where=lines.is_sold).fill_null(0.0),
        returned=lines.amount.sum(where=~lines.is_sold).fill_null(0.0),
        hour=lines.hour.mean(where=lines.is_sold),
    )
    bought = lines.filter(lines.is_sold).group_by("customer_id", "product_id").aggregate(day=lines.day.min())
    parts = [
        _rhythm(_past(daily.filter(daily.sold > 0), days), horizon_days),
        _sales(_past(daily, days)),
        _variety(_past(bought.group_by("customer_id", "day").aggregate(products=bought.count()), days)),
    ]
    parts += [
        make(_some(warehouse, name, days[-1], one_in), days) for name, make in _BESIDE.items() if warehouse.has(name)
    ]
    return reduce(_beside, parts)


def _past(table: ibis.Table, days: Sequence[date]) -> ibis.Table:
    table = _at_each(table, days)
    return table.filter(table.age >= 0)


def _beside(left: ibis.Table, right: ibis.Table) -> ibis.Table:
    columns = {name: right[name] for name in right.columns if name not in _KEYS}
    same = (left.customer_id == right.customer_id) & (left.cutoff == right.cutoff)
    return left.left_join(right, same).select(left, **columns)


def _rhythm(days: ibis.Table, horizon_days: int) -> ibis.Table:
    """When they ordered, from days with an order."""
    import ibis

    by = ("cutoff", "customer_id")
    days = days.mutate(
        gap=(days.age.lag().over(group_by=by, order_by=days.age.desc()) - days.age).cast("float64"),
        back=ibis.row_number().over(group_by=by, order_by=days.age),
    )
    return days.group_by(*by).aggregate(
        recency=days.age.min(),
        tenure=days.age.max(),
        orders=days.count(),
        gap_mean=days.gap.mean(),
        gap_sd=days.gap.std(how="pop"),
        gap_max=days.gap.max(),
        gap_last=days.gap.max(where=days.back == 0),
        gap_recent=days.gap.mean(where=days.back < 3),
        last_value=days.sold_value.max(where=days.back == 0),
        recent_value=days.sold_value.mean(where=days.back < 3),
        lines_an_order=days.sold.mean(),
        hour=days.hour.mean(),
        orders_year_ago=((days.age < YEAR) & (days.age >= YEAR - horizon_days)).sum(),
        **{f"orders_{n}": (days.age < n).sum() for n in WINDOWS},
    )


def _sales(days: ibis.Table) -> ibis.Table:
    """Money, and what came back."""
    recent = days.age < RECENT
    return days.group_by("cutoff", "customer_id").aggregate(
        net_sales=days["value"].sum(),
        gross_sales=days.gross.sum(),
        discounts=days.discount.sum(),
        returns=days.returned.sum(),
        returns_180=days.returned.sum(where=recent),
        gross_180=days.gross.sum(where=recent),
        sales_before_90=days["value"].sum(where=recent & (days.age >= 90)),
        **{f"sales_{n}": days["value"].sum(where=days.age < n) for n in WINDOWS},
    )


def _variety(days: ibis.Table) -> ibis.Table:
    """Different products, from the days on which each was first bought."""
    return days.group_by("cutoff", "customer_id").aggregate(
        products=days.products.sum(), products_new_90=days.products.sum(where=days.age < 90)
    )


def _contacts(table: ibis.Table, days: Sequence[date]) -> ibis.Table:
    """Messages of the last half year and how many were opened; how often the customer opted out."""
    sent = table.select(
        "customer_id",
        day=_day(table.contacted_at),
        opened_on=_day(table.opened_at),
        left_on=_day(table.unsubscribed_at),
    )
    sent = _past(sent, days)
    recent = sent.age < RECENT
    return sent.group_by("cutoff", "customer_id").aggregate(
        messages=recent.sum(),
        opened=(recent & (sent.opened_on <= sent.cutoff)).sum(),
        unsubscribed=(sent.left_on <= sent.cutoff).sum(),
    )


def _visits(table: ibis.Table, days: Sequence[date]) -> ibis.Table:
    table = table.mutate(day=_day(table.occurred_at))
    daily = _past(table.group_by("customer_id", "day").aggregate(visits=table.session_id.nunique()), days)
    return daily.group_by("cutoff", "customer_id").aggregate(
        days_since_visit=daily.age.min(),
        visits_30=daily.visits.sum(where=daily.age < 30),
        visits_90=daily.visits.sum(where=daily.age < 90),
    )


def _coupons(table: ibis.Table, days: Sequence[date]) -> ibis.Table:
    given = _past(table.select("customer_id", day=_day(table.issued_at), used_on=_day(table.redeemed_at)), days)
    recent = given.age < RECENT
    return given.group_by("cutoff", "customer_id").aggregate(
        coupons=recent.sum(), coupons_used=(recent & (given.used_on <= given.cutoff)).sum()
    )


def _reviews(table: ibis.Table, days: Sequence[date]) -> ibis.Table:
    written = _past(table.select("customer_id", "score", day=_day(table.reviewed_at)), days)
    recent = written.age < RECENT
    return written.group_by("cutoff", "customer_id").aggregate(
        reviews=recent.sum(), complaints=(recent & (written.score <= 2)).sum()
    )


# Behaviour beside orders, from tables that not every store has.
_BESIDE: dict[str, Callable[[ibis.Table, Sequence[date]], ibis.Table]] = {
    "campaign_contacts": _contacts,
    "events": _visits,
    "coupons": _coupons,
    "reviews": _reviews,
}
# Rhythm and ages stay undefined where there is none; sums and counts are zero.
_UNDEFINED = frozenset({"gap_mean", "gap_sd", "gap_max", "gap_last", "gap_recent", "days_since_visit"})
