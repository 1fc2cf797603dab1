"""Customers' names and addresses: personal, and shown to admins only."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from tools.messages import Label

if TYPE_CHECKING:
    from tools.tool import Context

CONTACTS: Mapping[str, Label] = {
    "name": Label("Name", "姓名"),
    "email": Label("E-mail", "邮箱"),
    "phone": Label("Phone", "电话"),
}
MOST_LISTED = 1000  # more names than these are looked for among everybody's
Contact = Mapping[str, str | None]


def contacts(context: Context, customers: Collection[str]) -> dict[str, Contact]:
    """What is known of these customers, of whom anything is; a column that the store lacks is in none."""
    if not customers or not context.warehouse.has("customers"):
        return {}
    people = context.warehouse.table("customers", context.today)
    known = [name for name in CONTACTS if name in people.columns]
    if not known:
        return {}
    there = people[known[0]].notnull()
    for name in known[1:]:
        there |= people[name].notnull()
    wanted = people.filter(there)
    if len(customers) <= MOST_LISTED:
        wanted = wanted.filter(wanted.customer_id.isin(sorted(customers)))
    rows, _sql = context.warehouse.fetch(wanted.select("customer_id", *known))
    return {str(row[0]): dict(zip(known, row[1:], strict=True)) for row in rows if str(row[0]) in customers}
