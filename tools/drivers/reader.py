"""Figures of two periods side by side: one pass over the rows of both for each way of splitting them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from tools.semantic.query import ANY_PERIOD, Engine, Query, measures_of, references, resolve, settled
from tools.warehouse.bounds import bound, values_for_both

if TYPE_CHECKING:
    import ibis

    from tools.semantic.catalog import Dimension, Metric
    from tools.semantic.periods import Period
    from tools.semantic.query import Filter, Key

NOW = "now"
Shape = Callable[["ibis.Table"], "ibis.Table"]


@dataclass(frozen=True)
class Sides:
    """What a group was worth in the baseline and is worth now: metric id → amount; without rows, zero."""

    before: dict[str, float] = field(default_factory=dict)
    now: dict[str, float] = field(default_factory=dict)


class Reader(Engine):
    """The engine, for a period and its baseline at once. `sql` collects what was run."""

    def between(self, now: Period, before: Period, filters: Sequence[Filter]) -> BothPeriods:
        return BothPeriods(self, now, before, tuple(filters))

    def rows_of(
        self, model: str, names: set[str], metrics: Sequence[Metric], dimensions: Sequence[Dimension], query: Query
    ) -> ibis.Table:
        """A model's rows from the first day of one period to the last of the other; `later` tells in which they fall.

        `names` are columns to keep. Raises InvalidArgument where a metric is not known by a dimension.
        """
        self._check(metrics, [*dimensions, *(self.catalog.dimension(f.dimension) for f in query.filters)])
        time = self.catalog.base(model).time or ""
        members = {f: self._members(f) for f in query.filters if f.dimension in self.catalog.memberships}
        parts = self._closure(metrics)
        names = names | references(m.expr or "" for m in parts.values()) | {time}
        return self._rows(model, parts.values(), names, dimensions, query, members=members)

    def who(self, filters: Sequence[Filter]) -> tuple[Hashable, ...]:
        """Tells the customers meant by filters on memberships from all others."""
        return tuple(self._members(f).key for f in filters if f.dimension in self.catalog.memberships)

    def visible(self, table: str) -> ibis.Table:
        """All rows of a canonical table that existed at the end of today."""
        return self._visible(table)

    def measured(self, rows: Any, keys: Mapping[str, Any], metrics: Sequence[Metric], **more: Any) -> ibis.Table:
        """A row for each group of `keys`: these, then the metrics, none of them a ratio, and `more` aggregates."""
        closure = self._closure(metrics)
        simple, calculated = measures_of(closure)
        grouped = rows.group_by(**keys).aggregate(
            **{name: resolve(text, rows) for name, text in simple.items()}, **more
        )
        for name, text in calculated.items():
            grouped = grouped.mutate(**{name: resolve(text, grouped)})
        return grouped.select(*keys, *(m.id for m in metrics), *more)


@dataclass(frozen=True)
class BothPeriods:
    """A period and its baseline, which must not overlap, under filters."""

    reader: Reader
    now: Period
    before: Period
    filters: tuple[Filter, ...]
    sql: dict[str, None] = field(default_factory=dict)

    def split(self, metrics: Sequence[Metric], dimensions: Sequence[Dimension]) -> dict[Key, Sides]:
        """Metrics that are no ratios of parts, by the values of the dimensions; None: not known."""
        catalog = self.reader.catalog
        found: dict[Key, Sides] = {}
        by_model: dict[str, list[Metric]] = {}
        for metric in metrics:
            by_model.setdefault(metric.model or "", []).append(metric)
        for model, of_model in by_model.items():
            plain = catalog.models[model].table is not None and not self._derived(of_model)
            groups = (self._at_once if plain else self._one_by_one)(model, of_model, dimensions)
            for key, sides in groups.items():
                both = found.setdefault(key, Sides())
                both.before.update(sides.before)
                both.now.update(sides.now)
        for both in found.values():
            for metric in metrics:
                both.before.setdefault(metric.id, 0.0)
                both.now.setdefault(metric.id, 0.0)
        return found

    def count(self, model: str) -> int:
        """The rows of both periods, before any filter on what must be joined first."""
        rows = self.fetch(("count", model), lambda: self.rows(model, set(), (), ()).count().as_table())
        return int(rows[0][0])

    def fetch(self, key: Hashable, make: Callable[[], ibis.Table]) -> list[tuple[Any, ...]]:
        """Rows of an expression over `rows`; compiled once for each key."""
        swapped = self.before.start > self.now.start
        earlier, later = (self.now, self.before) if swapped else (self.before, self.now)
        rows, text = self.reader.warehouse.fetch_bound(
            ("drivers", key, self.filters, self.reader.who(self.filters), swapped),
            make,
            values_for_both(earlier, later, self.reader.today),
        )
        self.sql[text] = None
        return rows

    def rows(self, model: str, names: set[str], metrics: Sequence[Metric], dimensions: Sequence[Dimension]) -> Any:
        """The rows of both periods; `now` tells them apart."""
        query = Query(tuple(m.id for m in metrics), tuple(d.id for d in dimensions), self.filters, ANY_PERIOD)
        rows = self.reader.rows_of(model, names, metrics, dimensions, query)
        time = rows[self.reader.catalog.base(model).time or ""]
        gap, cut = (bound(name).cast("date") if time.type().is_date() else bound(name) for name in ("gap", "cut"))
        rows = rows.filter((time < gap) | (time >= cut))
        later = rows[time.get_name()] >= cut
        return rows.mutate(**{NOW: ~later if self.before.start > self.now.start else later})

    def _derived(self, metrics: Sequence[Metric]) -> bool:
        """Whether a metric stands on a column that is derived for its period alone."""
        texts = [m.expr or "" for m in metrics]
        names = references(texts)
        return "bucket_start" in names or any(
            self.reader.catalog.base(m.model or "").derived.keys() & names for m in metrics
        )

    def _at_once(self, model: str, metrics: Sequence[Metric], dimensions: Sequence[Dimension]) -> dict[Key, Sides]:
        ids = tuple(d.id for d in dimensions)
        shape = (model, tuple(m.id for m in metrics), ids)
        found: dict[Key, Sides] = {}
        for row in self.fetch(shape, partial(self._expression, model, metrics, dimensions)):
            sides = found.setdefault(tuple(row[1 : len(ids) + 1]), Sides())
            amounts = {m.id: float(settled(cell) or 0) for m, cell in zip(metrics, row[len(ids) + 1 :], strict=True)}
            (sides.now if row[0] else sides.before).update(amounts)
        return found

    def _expression(self, model: str, metrics: Sequence[Metric], dimensions: Sequence[Dimension]) -> ibis.Table:
        rows = self.rows(model, set(), metrics, dimensions)
        return self.reader.measured(rows, {NOW: rows[NOW], **{d.id: rows[d.id] for d in dimensions}}, metrics)

    def _one_by_one(self, _model: str, metrics: Sequence[Metric], dimensions: Sequence[Dimension]) -> dict[Key, Sides]:
        """Metrics over groups of rows, such as a customer's, are read period by period."""
        found: dict[Key, Sides] = {}
        ids = tuple(m.id for m in metrics)
        for period in (self.before, self.now):
            result = self.reader.run(Query(ids, tuple(d.id for d in dimensions), self.filters, period))
            self.sql.update(dict.fromkeys(result.sql))
            for key, values in result.groups.items():
                sides = found.setdefault(key, Sides())
                amounts = {name: float(values[name] or 0) for name in ids}
                (sides.now if period == self.now else sides.before).update(amounts)
        return found
