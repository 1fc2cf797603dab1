"""Which group of a scheme customers are in, for tools that look it up by id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tools.customers.histories import Histories
from tools.customers.schemes import SCHEMES
from tools.customers.schemes.standing import standing

if TYPE_CHECKING:
    from tools.tool import Context

MOST_KEPT = 100_000
STANDING = ("rfm", "lifecycle")


def members(context: Context, scheme: str) -> Mapping[str, str]:
    """Customer → group, of everybody who has one. Raises NotEnoughData where the store does not carry the scheme."""

    def read() -> Mapping[str, str]:
        return _read(context, _assigned(context, scheme))

    if not _few(context):
        return read()
    return context.warehouse.remembered(("members", scheme, context.today), read)


def group_of(context: Context, scheme: str, customer: str) -> str | None:
    """One customer's group; None for who has none. Raises NotEnoughData as `members` does."""
    if _few(context):
        return members(context, scheme).get(customer)
    if scheme in STANDING:
        found = context.warehouse.remembered(
            ("standing", customer, context.today), lambda: _standing(context, customer)
        )
        if found is not None:
            return found[scheme]
    assigned = _assigned(context, scheme)
    return _read(context, assigned.filter(assigned.customer_id == customer)).get(customer)


def _standing(context: Context, customer: str) -> Mapping[str, str] | None:
    """A buyer's groups in the schemes that come from one pass; None for who never bought."""
    table = standing(Histories(context.warehouse, context.today))
    rows, _sql = context.warehouse.fetch(table.filter(table.customer_id == customer).select(*STANDING))
    return dict(zip(STANDING, map(str, rows[0]), strict=True)) if rows else None


def _few(context: Context) -> bool:
    """Whether everybody's group can be kept in memory."""

    def count() -> int:
        lines = Histories(context.warehouse, context.today).lines()
        rows, _sql = context.warehouse.fetch(lines.aggregate(customers=lines.customer_id.nunique()))
        return int(rows[0][0])

    return context.warehouse.remembered(("known customers", context.today), count) <= MOST_KEPT


def _assigned(context: Context, scheme: str) -> Any:
    assigned = SCHEMES[scheme].assigned(Histories(context.warehouse, context.today))
    return assigned.select("customer_id", "group").filter(assigned.group.notnull())


def _read(context: Context, assigned: Any) -> dict[str, str]:
    rows, _sql = context.warehouse.fetch(assigned)
    return {str(customer): str(group) for customer, group in rows}
