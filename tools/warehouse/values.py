"""The values that dimensions take, and the names that people give them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tools.semantic.catalog import Names
    from tools.warehouse.connection import Warehouse


def display_names(warehouse: Warehouse, names: Names, keys: Iterable[str]) -> Mapping[str, str]:
    """The names that belong to codes, e.g. of products; codes without a name are left out."""
    wanted = sorted(set(keys))
    if not wanted or not warehouse.has(names.table):
        return {}
    table = warehouse.table(names.table)
    rows, _sql = warehouse.fetch(table.filter(table[names.key].isin(wanted)).select(names.key, names.name))
    return {str(key): str(name) for key, name in rows if name is not None}
