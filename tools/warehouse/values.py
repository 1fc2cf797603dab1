"""What the values of dimensions are called when they are shown: names for codes, and each language's own name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from tools.messages import Label
from tools.semantic.countries import country_label

if TYPE_CHECKING:
    from tools.semantic.catalog import Dimension, Names
    from tools.warehouse.connection import Warehouse

MOST_KEPT = 100_000
Aliases = Mapping[str, Mapping[str, str]]  # language → value → name


def names_of(warehouse: Warehouse, dimension: Dimension, codes: Iterable[str]) -> dict[str, Label]:
    """The names that belong to codes, e.g. of products; codes without a name are left out."""
    names, wanted = dimension.names, sorted(set(codes))
    if names is None or not wanted or not warehouse.has(names.table):
        return {}
    chinese = _aliases(warehouse, dimension.id).get("zh", {})
    known = warehouse.remembered(("names", dimension.id), lambda: _all_names(warehouse, names))
    if known is None:
        known = _names(warehouse, names, wanted)
    return {code: Label(known[code], chinese.get(code, "")) for code in wanted if code in known}


def labels_of(warehouse: Warehouse, dimension: Dimension, values: Iterable[str]) -> dict[str, Label]:
    """How values are shown in each language, where that differs from how the tables hold them."""
    aliases = _aliases(warehouse, dimension.id)
    found: dict[str, Label] = {}
    for value in set(values):
        english, chinese = aliases.get("en", {}).get(value), aliases.get("zh", {}).get(value)
        if dimension.id == "country" and chinese is None:
            label = country_label(english or value)
            chinese = label.zh if label else None
        if english or chinese:
            found[value] = Label(english or value, chinese or "")
    return found


def _all_names(warehouse: Warehouse, names: Names) -> dict[str, str] | None:
    """Every name, where they are few enough to be kept; None where they are not."""
    table = warehouse.table(names.table)
    rows, _sql = warehouse.fetch(table.select(names.key, names.name).limit(MOST_KEPT + 1))
    if len(rows) > MOST_KEPT:
        return None
    return {str(key): str(name) for key, name in rows if name is not None}


def _names(warehouse: Warehouse, names: Names, wanted: list[str]) -> dict[str, str]:
    table = warehouse.table(names.table)
    rows, _sql = warehouse.fetch(table.filter(table[names.key].isin(wanted)).select(names.key, names.name))
    return {str(key): str(name) for key, name in rows if name is not None}


def _aliases(warehouse: Warehouse, dimension: str) -> Aliases:
    """The aliases that are a value's name in a language; the first by the alphabet where there are several."""

    def read() -> Aliases:
        if not warehouse.has("value_aliases"):
            return {}
        table = warehouse.table("value_aliases")
        wanted = table.filter((table.dimension == dimension) & table.language.notnull())
        rows, _sql = warehouse.fetch(wanted.select("language", "value", "alias").order_by("value", "alias"))
        found: dict[str, dict[str, str]] = {}
        for language, value, alias in rows:
            found.setdefault(str(language), {}).setdefault(str(value), str(alias))
        return found

    return warehouse.remembered(("aliases", dimension), read)
