"""Which values a dimension has in the store: to tell a value that is not there from one that has no rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tools.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from tools.semantic.catalog import Catalog, Dimension, Metric
    from tools.warehouse.connection import Warehouse

# Beyond so many, values are looked up one by one and none is offered instead.
MOST_LISTED = 50_000


@dataclass(frozen=True)
class KnownValues:
    """The values that dimensions take in a store as of a day."""

    warehouse: Warehouse
    catalog: Catalog
    today: date

    def any_for(self, dimension: Dimension, metrics: Iterable[Metric]) -> bool:
        """Whether a dimension has any value in the tables of one of the metrics."""
        return any(self._has_any(*place) for place in self._places(dimension, metrics))

    def missing(self, dimension: Dimension, metrics: Iterable[Metric], values: Iterable[str]) -> list[str]:
        """The values that none of the metrics' tables has."""
        places = self._places(dimension, metrics)
        if not places:
            return []
        return [value for value in values if not any(self._has(place, value) for place in places)]

    def nearest(self, dimension: Dimension, metrics: Iterable[Metric], value: str) -> tuple[str, ...]:
        """Up to three values that look most like `value`."""
        listed: set[str] = set()
        for place in self._places(dimension, metrics):
            listed |= self._listed(*place) or frozenset()
        return tuple(nearest(value, sorted(listed)))

    def _places(self, dimension: Dimension, metrics: Iterable[Metric]) -> list[tuple[str, str]]:
        """(table, column) where the metrics' models have the dimension; tables that were not imported have none."""
        found: dict[tuple[str, str], None] = {}
        for metric in metrics:
            for model in self.catalog.models_of(metric):
                path = dimension.columns.get(self.catalog.base_name(model))
                if path is None:
                    continue
                table, _, column = path.rpartition(".")
                table = table or self.catalog.base(model).table or ""
                if self.warehouse.has(table):
                    found[table, column] = None
        return list(found)

    def _has_any(self, table: str, column: str) -> bool:
        def look() -> bool:
            rows = self.warehouse.table(table)
            found, _sql = self.warehouse.fetch(rows.filter(rows[column].notnull()).select(column).limit(1))
            return bool(found)

        return self.warehouse.remembered(("has values", table, column), look)

    def _has(self, place: tuple[str, str], value: str) -> bool:
        listed = self._listed(*place)
        if listed is not None:
            return value in listed

        def look() -> bool:
            column = self._column(*place)
            wanted = column.filter(column[place[1]].cast("string") == value)
            return bool(self.warehouse.fetch(wanted.limit(1))[0])

        return self.warehouse.remembered(("has value", place, value, self.today), look)

    def _listed(self, table: str, column: str) -> frozenset[str] | None:
        """All the values, or None where they are too many to hold."""

        def read() -> frozenset[str] | None:
            rows, _sql = self.warehouse.fetch(self._column(table, column).distinct().limit(MOST_LISTED + 1))
            return None if len(rows) > MOST_LISTED else frozenset(str(value) for (value,) in rows)

        return self.warehouse.remembered(("values", table, column, self.today), read)

    def _column(self, table: str, column: str) -> Any:
        rows = self.warehouse.table(table, self.today)
        return rows.filter(rows[column].notnull()).select(column)
