"""A model's rows with a column for each dimension: joins that cannot fan out, calendar units, typed conditions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from tools.errors import InvalidArgument
from tools.messages import say

if TYPE_CHECKING:
    import ibis

    from tools.semantic.catalog import Dimension, Model
    from tools.semantic.periods import Grain
    from tools.semantic.query import Filter

Visible = Callable[[str], "ibis.Table"]
"""A canonical table by name, without the rows that must not be seen."""


def join_paths(
    base: Model, table: ibis.Table, paths: Mapping[str, str], visible: Visible
) -> tuple[ibis.Table, dict[str, Any]]:
    """Adds what the paths need: "country" is a column of the base, "products.category" of a joined table."""
    import ibis

    needed: dict[str, set[str]] = {}
    for path in paths.values():
        where, _, column = path.rpartition(".")
        while where:
            needed.setdefault(where, set()).add(column)
            # A table reached through another needs that one's key first.
            where, column = base.joins[where].from_ or "", base.joins[where].key
    for where in sorted(needed, key=lambda name: base.joins[name].from_ is not None):
        join = base.joins[where]
        left = f"{join.from_}_{join.key}" if join.from_ else join.key
        brought = {column: f"{where}_{column}" for column in sorted(needed[where])}
        # A row that has nothing to bring is as good as none, and most orders have no campaign.
        other = visible(where)
        other = other.filter(ibis.or_(*(other[column].notnull() for column in brought)))
        table = bring(table, other, join.key, brought, left=left)
    return table, {name: table[path.replace(".", "_")] for name, path in paths.items()}


def bring(
    table: ibis.Table,
    other: ibis.Table,
    key: str,
    columns: Mapping[str, str],
    *,
    left: str | None = None,
    how: Literal["left", "inner"] = "left",
) -> ibis.Table:
    """Brings `columns` (theirs → ours) over from a table in which `key` is unique."""
    slim = other.select(**{f"{key}_joined": other[key]}, **{ours: other[theirs] for theirs, ours in columns.items()})
    return table.join(slim, table[left or key] == slim[f"{key}_joined"], how=how).drop(f"{key}_joined")


def paths_of(base_name: str, dimensions: Iterable[Dimension]) -> dict[str, str]:
    """Where the columns "by_…" of dimensions that are not of time stand."""
    return {f"by_{d.id}": d.columns[base_name] for d in dimensions if not d.is_time}


def times_of(time: Any, dimensions: Iterable[Dimension]) -> dict[str, Any]:
    """The columns "by_…" of the dimensions of time, from the rows' time."""
    columns: dict[str, Any] = {}
    for dimension in dimensions:
        if dimension.grain:
            columns[f"by_{dimension.id}"] = truncate(time, dimension.grain)
        elif dimension.time_part == "weekday":
            columns[f"by_{dimension.id}"] = time.day_of_week.index().cast("int64") + 1
        elif dimension.time_part == "hour":
            columns[f"by_{dimension.id}"] = time.hour().cast("int64")
    return columns


def truncate(column: Any, grain: Grain) -> Any:
    """The first day of the calendar unit that each time falls in (weeks begin on Monday)."""
    letter = {"day": "D", "week": "W", "month": "M", "quarter": "Q", "year": "Y"}[grain]
    return column.truncate(letter).cast("date")


def meets(column: Any, condition: Filter) -> Any:
    """Whether a column's value meets the condition."""
    import ibis

    if condition.op == "between":
        low, high = (_typed(column, value) for value in condition.values)
        return column.between(low, high)
    if condition.op in ("contains", "not_contains"):
        text = column.lower()
        found = ibis.or_(*(text.contains(value.lower()) for value in condition.values))
        return found if condition.op == "contains" else ~found.fill_null(False)
    values = [_typed(column, value) for value in condition.values]
    # A row without a value is in no list, so it stays when a list is excluded.
    return column.isin(values) if condition.op == "in" else ~column.isin(values).fill_null(False)


def _typed(column: Any, value: str) -> Any:
    import ibis

    kind = column.type()
    try:
        if kind.is_date():
            return ibis.date(date.fromisoformat(value).isoformat())
        if kind.is_integer():
            return int(value)
    except ValueError:
        raise InvalidArgument(
            say("“{value}” does not fit {dimension}.", value=value, dimension=column.get_name().removeprefix("by_"))
        ) from None
    return value
