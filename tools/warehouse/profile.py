"""How good the canonical tables are: missing values, ranges, days without sales, keys that lead nowhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from tools.answer import Column, Table
from tools.messages import say
from tools.warehouse.compiling import fetched
from tools.warehouse.tables import TABLES

if TYPE_CHECKING:
    import ibis

CLOSED_SHARE = 0.1  # A weekday with sales on at most this share of its dates is a closing day, not a gap.
CLOSED_AFTER = 4  # dates of that weekday, before which nothing is said about it
# Column → the table in which its values should be found.
LEADS_TO = {"product_id": "products", "customer_id": "customers", "order_id": "orders", "campaign_id": "campaigns"}


@dataclass(frozen=True)
class ColumnProfile:
    """`missing` of `rows` have no value. Numbers have a range and a count below zero."""

    table: str
    column: str
    rows: int
    missing: int
    minimum: float | None = None
    maximum: float | None = None
    negatives: int | None = None


@dataclass(frozen=True)
class Gap:
    """Days from `start` to `end` without a single order line; `days` leaves closing days out."""

    start: date
    end: date
    days: int


@dataclass(frozen=True)
class Orphans:
    """Rows of `table` whose `column` names nothing in `parent`."""

    table: str
    column: str
    parent: str
    rows: int


@dataclass(frozen=True)
class Profile:
    """`first` and `last` are the times of the first and the last order line. Weekdays: Monday is 0."""

    columns: tuple[ColumnProfile, ...]
    first: datetime | None
    last: datetime | None
    closed_weekdays: tuple[int, ...]
    gaps: tuple[Gap, ...]
    orphans: tuple[Orphans, ...]

    def columns_table(self) -> Table:
        """Missing values and ranges of the columns that hold anything."""
        rows = tuple((c.table, c.column, c.missing, c.minimum, c.maximum, c.negatives) for c in self.columns)
        return Table(
            (
                Column("table", say("Table")),
                Column("column", say("Column")),
                Column("missing", say("Missing"), unit="count"),
                Column("minimum", say("Least"), unit="score"),
                Column("maximum", say("Most"), unit="score"),
                Column("negatives", say("Below zero"), unit="count"),
            ),
            rows,
            len(rows),
        )


def profile(names: Iterable[str], table: Callable[[str], ibis.Table]) -> Profile:
    """Profiles the canonical tables `names`; `table` gives each, as of a day where that is wanted."""
    tables = {name: table(name) for name in sorted(names)}
    columns = tuple(one for name, rows in tables.items() for one in column_profiles(name, rows))
    days: list[date] = []
    first = last = None
    if "order_lines" in tables:
        lines = tables["order_lines"]
        first, last = time_range(lines)
        days = sale_days(lines)
    closed = closed_weekdays(days)
    return Profile(columns, first, last, closed, gaps(days, closed), orphans(list(tables), tables.__getitem__))


def column_profiles(name: str, table: ibis.Table) -> tuple[ColumnProfile, ...]:
    """One query over the table; columns without any value are left out."""
    wanted = {"rows": table.count()}
    for column in TABLES[name].columns:
        value = table[column.name]
        wanted[f"{column.name}__there"] = value.count()
        if column.kind in {"int64", "float64"}:
            wanted[f"{column.name}__least"] = value.min()
            wanted[f"{column.name}__most"] = value.max()
            wanted[f"{column.name}__negative"] = (value < 0).sum()
    (figures,) = _rows(table.aggregate(**wanted))
    found = dict(zip(wanted, figures, strict=True))
    rows = found["rows"]
    return tuple(
        ColumnProfile(
            name,
            column.name,
            rows,
            rows - found[f"{column.name}__there"],
            found.get(f"{column.name}__least"),
            found.get(f"{column.name}__most"),
            found.get(f"{column.name}__negative"),
        )
        for column in TABLES[name].columns
        if found[f"{column.name}__there"]
    )


def time_range(lines: ibis.Table) -> tuple[datetime | None, datetime | None]:
    """The times of the first and the last order line."""
    ((first, last),) = _rows(lines.aggregate(first=lines.sold_at.min(), last=lines.sold_at.max()))
    return first, last


def sale_days(lines: ibis.Table) -> list[date]:
    """The days with an order line, in order."""
    return sorted(day for (day,) in _rows(lines.select(day=lines.sold_at.date()).distinct()))


def closed_weekdays(days: list[date]) -> tuple[int, ...]:
    """Weekdays (Monday is 0) on which the team does not sell, as the days with sales show."""
    if not days:
        return ()
    span = (days[-1] - days[0]).days + 1
    open_days = [0] * 7
    for day in days:
        open_days[day.weekday()] += 1
    dates = [(span + 6 - (weekday - days[0].weekday()) % 7) // 7 for weekday in range(7)]
    return tuple(
        weekday
        for weekday in range(7)
        if dates[weekday] >= CLOSED_AFTER and open_days[weekday] <= CLOSED_SHARE * dates[weekday]
    )


def gaps(days: list[date], closed: tuple[int, ...]) -> tuple[Gap, ...]:
    """Runs of days without sales between the first and the last day, closing days aside."""
    found: list[Gap] = []
    for before, after in pairwise(days):
        start, end = before + timedelta(days=1), after - timedelta(days=1)
        while start <= end and start.weekday() in closed:
            start += timedelta(days=1)
        while end >= start and end.weekday() in closed:
            end -= timedelta(days=1)
        span = (end - start).days + 1
        if span <= 0:
            continue
        weeks, rest = divmod(span, 7)
        shut = weeks * len(closed) + sum((start.weekday() + n) % 7 in closed for n in range(rest))
        found.append(Gap(start, end, span - shut))
    return tuple(found)


def orphans(names: list[str], table: Callable[[str], ibis.Table]) -> tuple[Orphans, ...]:
    """Keys that name nothing in the table they lead to, where both tables are there."""
    found: list[Orphans] = []
    for name in names:
        for column, parent in LEADS_TO.items():
            if parent == name or parent not in names or all(c.name != column for c in TABLES[name].columns):
                continue
            child, other = table(name), table(parent)
            homeless = child.filter(child[column].notnull()).anti_join(other, column)
            ((lost,),) = _rows(homeless.count().as_table())
            if lost:
                found.append(Orphans(name, column, parent, lost))
    return tuple(found)


def _rows(expression: ibis.Table) -> list[tuple[Any, ...]]:
    rows, _sql = fetched(expression.get_backend(), expression)
    return rows
