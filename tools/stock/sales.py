"""Units sold by product and day, and on which of the days a product could be bought."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tools.forecasting.recent import Recent
from tools.stock.position import Days, Floats, Stock

if TYPE_CHECKING:
    import ibis

    from tools.tool import Context

MOST_KEPT = 8
WINDOW_DAYS = 371  # 53 weeks: a year of whole weeks whatever the weekday


@dataclass(frozen=True)
class Sales:
    """Daily units of the counted products, up to the end of `last`. `first_day` is that of the first sale ever.

    units : (n, d), products in the stock's order, days `start` to `last`.
    buyable : (n, d), the product had begun (to be sold or counted) and was not out of stock.
    out : (n, d), the day ended with nothing on hand and saw no sale. A stock below zero is none: it sold all the same.
    group_units : (g, d), of all products of a category, counted or not.
    group : (n,), each product's category, a place in `groups`.
    first_sold, last_sold : (n,), NaT where it was never sold.
    """

    first_day: date
    start: date
    last: date
    units: Floats
    buyable: NDArray[np.bool_]
    out: NDArray[np.bool_]
    group_units: Floats
    groups: tuple[str, ...]
    group: NDArray[np.intp]
    first_sold: Days
    last_sold: Days
    sql: tuple[str, ...]

    def at(self, day: date) -> int:
        """The column of a day; below zero before the window."""
        return (day - self.start).days


def sales(context: Context, stock: Stock) -> Sales | None:
    """The last year's sales as of today, remembered with the store; None where nothing was ever sold."""
    recent: Recent[Sales | None] = context.warehouse.remembered("stock sales", lambda: Recent(MOST_KEPT))
    return recent.get(context.today, lambda: _read(context, stock))


def _read(context: Context, stock: Stock) -> Sales | None:
    warehouse = context.warehouse
    lines = warehouse.table("order_lines", context.today)
    sold = lines.filter((lines.kind == "sold") & lines.product_id.notnull())
    ends, ends_sql = warehouse.fetch(
        sold.group_by("product_id").aggregate(
            first=sold.sold_at.min().cast("date"), last=sold.sold_at.max().cast("date")
        )
    )
    if not ends:
        return None
    last: date = max(row[2] for row in ends)
    first_day: date = min(row[1] for row in ends)
    start = max(first_day, last - timedelta(days=WINDOW_DAYS - 1))
    daily = _daily(sold, start)
    sql = str(warehouse.backend.compile(daily))
    table = daily.to_pyarrow()
    n, days = len(stock.ids), (last - start).days + 1
    codes = table["product_id"].combine_chunks().dictionary_encode()
    names = [str(name) for name in codes.dictionary.to_pylist()]
    row = codes.indices.to_numpy()
    day = (table["day"].to_numpy().astype("datetime64[D]") - np.datetime64(start, "D")).astype(np.intp)
    amount = table["units"].to_numpy().astype(np.float64)

    place = np.array([stock.place.get(name, -1) for name in names], dtype=np.intp)[row]
    units = np.zeros((n, days))
    counted = place >= 0
    np.add.at(units, (place[counted], day[counted]), amount[counted])

    category = _categories(context)
    groups = tuple(sorted({*category.values(), ""}))
    at = {name: number for number, name in enumerate(groups)}
    group_units = np.zeros((len(groups), days))
    np.add.at(group_units, (np.array([at[category.get(name, "")] for name in names], dtype=np.intp)[row], day), amount)

    first_sold, last_sold = _ends(stock, ends)
    out = _empty(context, stock, start, days) & (units <= 0)
    begun = np.fmin(first_sold, stock.first_counted)
    buyable = (np.datetime64(start, "D") + np.arange(days))[None, :] >= begun[:, None]
    return Sales(
        first_day,
        start,
        last,
        units,
        buyable & ~out,
        out,
        group_units,
        groups,
        np.array([at[category.get(product, "")] for product in stock.ids], dtype=np.intp),
        first_sold,
        last_sold,
        (ends_sql, sql),
    )


def _daily(sold: ibis.Table, start: date) -> ibis.Table:
    recent = sold.filter(sold.sold_at >= datetime.combine(start, datetime.min.time()))
    return recent.group_by("product_id", day=recent.sold_at.date()).aggregate(units=recent.quantity.sum())


def _categories(context: Context) -> dict[str, str]:
    if not context.warehouse.has("products"):
        return {}
    table = context.warehouse.table("products")
    rows, _sql = context.warehouse.fetch(table.filter(table.category.notnull()).select("product_id", "category"))
    return {str(product): str(category) for product, category in rows}


def _ends(stock: Stock, ends: list[tuple[Any, ...]]) -> tuple[Days, Days]:
    first, last = (np.full(len(stock.ids), "NaT", dtype="datetime64[D]") for _ in range(2))
    for product, begins, ended in ends:
        at = stock.place.get(str(product))
        if at is not None:
            first[at], last[at] = begins, ended
    return first, last


def _empty(context: Context, stock: Stock, start: date, days: int) -> NDArray[np.bool_]:
    """Days that ended with nothing on hand; a day without a count is taken to have had some."""
    counts = context.warehouse.table("inventory", context.today)
    empty = counts.filter((counts.on_hand == 0) & (counts.day >= start))
    rows, _sql = context.warehouse.fetch(empty.select("product_id", "day"))
    out = np.zeros((len(stock.ids), days), dtype=np.bool_)
    for product, day in rows:
        at = (day - start).days
        if at < days:
            out[stock.place[str(product)], at] = True
    return out
