"""From what a reader calls a customer to the id that the store knows."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

from tools.errors import InvalidArgument
from tools.messages import say
from tools.nearest import nearest

if TYPE_CHECKING:
    import ibis

    from tools.tool import Context

# Ids are compared with the given one outside the engine; no more than this are fetched for that.
MOST_COMPARED = 20_000


def known_customer(context: Context, given: str) -> str:
    """The id of a customer with order lines by today, or with a row among the customers.

    Blanks around it and the case of letters may differ where only one id is meant. Raises InvalidArgument that names
    the nearest ids.
    """
    wanted = given.strip()
    ids = [table for name in ("order_lines", "customers") if (table := _ids(context, name)) is not None]
    for same in (_equal, _equal_but_for_case):
        found = {row for table in ids for row in _fetch(context, same(table, wanted).limit(2))}
        if given in found:
            return given
        if len(found) == 1:
            return found.pop()
    choices = tuple(nearest(wanted, _alike(context, ids, wanted), cutoff=50.0))
    if not choices:
        some = tuple(sorted(row for table in ids for row in _fetch(context, table.order_by("customer_id").limit(2))))
        raise InvalidArgument(
            say("There is no customer “{given}”. Ids look like this: {some}.", given=given, some=some[:2])
            if some
            else say("There is no customer “{given}”: nobody is known.", given=given)
        )
    raise InvalidArgument(say("There is no customer “{given}”. Nearest: {choices}.", given=given, choices=choices))


def _ids(context: Context, name: str) -> Any:
    """The distinct ids of a table, one column; None without the table."""
    if not context.warehouse.has(name):
        return None
    table = context.warehouse.table(name, context.today)
    return table.filter(table.customer_id.notnull()).select("customer_id").distinct()


def _equal(ids: Any, wanted: str) -> Any:
    return ids.filter(ids.customer_id == wanted)


def _equal_but_for_case(ids: Any, wanted: str) -> Any:
    return ids.filter(ids.customer_id.strip().lower() == wanted.lower())


def _alike(context: Context, ids: list[Any], wanted: str) -> list[str]:
    """Ids to compare with: all where they are few, else those that begin or end like the one wanted."""
    everything = reduce(lambda one, other: one.union(other, distinct=True), ids)
    few = _fetch(context, everything.limit(MOST_COMPARED + 1))
    if len(few) <= MOST_COMPARED:
        return sorted(few)
    folded = everything.customer_id.lower()
    for length in range(len(wanted) - 1, 0, -1):
        start, end = wanted[:length].lower(), wanted[-length:].lower()
        alike = everything.filter((folded.left(length) == start) | (folded.right(length) == end))
        # One that differs in the middle shares no more than half at either end.
        found = _fetch(context, alike.order_by("customer_id").limit(MOST_COMPARED))
        if len(found) >= 3 or (found and length <= len(wanted) // 2):
            return sorted(found)
    return []


def _fetch(context: Context, ids: ibis.Table) -> list[str]:
    rows, _sql = context.warehouse.fetch(ids)
    return [str(customer) for (customer,) in rows]
