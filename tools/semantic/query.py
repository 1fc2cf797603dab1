"""Metrics by dimensions as Ibis expressions: joins that cannot fan out, filters, top lists, ratios of sums.

Each metric's model is aggregated by boring-semantic-layer in one query a model; results of several
models meet on the dimensions' values. Ratios are always a numerator and a denominator aggregated apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial, reduce
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, model_validator

from tools.errors import InvalidArgument
from tools.messages import say
from tools.semantic.catalog import REFERENCE, Catalog, Derived, Dimension, Metric, Model
from tools.semantic.periods import Grain, Period
from tools.semantic.rows import bring, join_paths, meets, paths_of, times_of, truncate
from tools.warehouse.bounds import bound, values_for
from tools.warehouse.tables import TABLES

if TYPE_CHECKING:
    import ibis

    from tools.warehouse.connection import Warehouse

Op = Literal["in", "not_in", "contains", "not_contains", "between"]
Key = tuple[Any, ...]
Groups = dict[Key, dict[str, float | int | None]]
ANY_PERIOD = Period(date.min, date.min)  # stands where a statement is compiled for every period


class Days(BaseModel):
    """From `start` to `end`, both included."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    start: date
    end: date

    @model_validator(mode="after")
    def _in_order(self) -> Days:
        if self.end < self.start:
            raise ValueError(f"the period ends on {self.end}, before it starts on {self.start}")
        return self

    @property
    def period(self) -> Period:
        return Period(self.start, self.end)


class Filter(BaseModel):
    """A condition on a dimension. `between` takes two values, both included."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    dimension: str
    op: Op = "in"
    values: tuple[str, ...]

    @model_validator(mode="after")
    def _enough(self) -> Filter:
        if not self.values or (self.op == "between" and len(self.values) != 2):
            raise ValueError(f"{self.op!r} on {self.dimension!r} got {len(self.values)} values")
        return self


class Having(BaseModel):
    """A condition on a metric's value in each group."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    metric: str
    op: Literal[">", ">=", "<", "<="]
    value: float


@dataclass(frozen=True)
class Ranking:
    """Keep the `limit` groups with the highest (or lowest) value of `metric`; groups without a value never rank."""

    metric: str
    limit: int
    highest: bool = True


@dataclass(frozen=True)
class Result:
    """Values by group key (one cell for each dimension asked for), and the SQL that gave them."""

    groups: Groups
    sql: tuple[str, ...]


@dataclass(frozen=True)
class Query:
    """What to compute. `keys` keeps only these groups (for a baseline of groups that were ranked before)."""

    metrics: tuple[str, ...]
    by: tuple[str, ...]
    filters: tuple[Filter, ...]
    period: Period
    having: tuple[Having, ...] = ()
    ranking: Ranking | None = None
    keys: tuple[Key, ...] | None = None


@dataclass(frozen=True)
class Members:
    """The customers whom a filter by membership means.

    `key` tells them from all others, so that a compiled statement is used for them alone; `expression` has one row for
    each, with the one column customer_id.
    """

    key: Hashable
    expression: Callable[[], ibis.Table]


def _nobody(condition: Filter) -> Members:
    raise InvalidArgument(say("{dimension} is no filter here.", dimension=condition.dimension))


class Engine:
    """Runs queries on a warehouse as of a day; nothing later than that day is visible.

    `members` says who is meant by filters on memberships, such as saved segments.
    """

    def __init__(
        self, warehouse: Warehouse, catalog: Catalog, today: date, members: Callable[[Filter], Members] = _nobody
    ) -> None:
        self.warehouse = warehouse
        self.catalog = catalog
        self.today = today
        self._members = members

    def run(self, query: Query) -> Result:
        """Raises InvalidArgument where a metric cannot be split or filtered that way, MissingTable, NotEnoughData."""
        metrics = [self.catalog.metric(name) for name in query.metrics]
        dimensions = [self.catalog.dimension(name) for name in query.by]
        _refuse_splits(dimensions)
        self._check(metrics, [*dimensions, *(self.catalog.dimension(f.dimension) for f in query.filters)])
        members = {f: self._members(f) for f in query.filters if f.dimension in self.catalog.memberships}
        who = tuple(found.key for found in members.values())
        wanted = dict.fromkeys([*metrics, *(self.catalog.metric(h.metric) for h in query.having)])
        parts = dict.fromkeys(part for metric in wanted for part in self.catalog.parts(metric))
        by_model: dict[str, list[Metric]] = {}
        for part in parts:
            by_model.setdefault(part.model or "", []).append(part)
        single = len(by_model) == 1 and all(metric.model for metric in wanted)
        groups: Groups = {}
        sql: list[str] = []
        for model, parts_of_model in by_model.items():
            shape = replace(query, period=ANY_PERIOD)
            rows, text = self.warehouse.fetch_bound(
                (self.catalog.digest, model, tuple(m.id for m in parts_of_model), single, shape, who),
                partial(self._expression, model, parts_of_model, dimensions, shape, members=members, single=single),
                values_for(query.period, self.today),
                by_columns=not members,  # who is meant may follow from what the store holds
            )
            sql.append(text)
            width = len(dimensions)
            for row in rows:
                key = tuple(_plain(cell) for cell in row[:width])
                found = groups.setdefault(key, {})
                found.update({part.id: settled(cell) for part, cell in zip(parts_of_model, row[width:], strict=True)})
        for values in groups.values():
            for part in parts:
                # A group that one model has rows for and another has not.
                if values.get(part.id) is None:
                    values[part.id] = 0 if part.empty_is_zero else None
            for metric in wanted:
                if metric.model is None:
                    values[metric.id] = self._ratio(metric, values)
        if not single:
            groups = _kept(groups, query)
        return Result(groups, tuple(sql))

    def _expression(
        self,
        model: str,
        metrics: Sequence[Metric],
        dimensions: Sequence[Dimension],
        query: Query,
        *,
        members: Mapping[Filter, Members],
        single: bool,
    ) -> ibis.Table:
        expression = self._aggregate(model, metrics, dimensions, query, members=members)
        if single:
            return _keep(expression, query)
        return expression if query.keys is None else _only(expression, query.by, query.keys)

    def span(self, model: str) -> tuple[datetime, datetime] | None:
        """First and last visible time of a model's rows; None when there are none."""
        base = self.catalog.base(model)

        def read() -> tuple[datetime, datetime] | None:
            rows, _sql = self.warehouse.fetch_bound(
                ("span", base.table), partial(self._span, base), values_for(Period(self.today, self.today), self.today)
            )
            first, last = rows[0]
            return None if first is None else (_moment(first), _moment(last))

        return self.warehouse.remembered(("span", base.table, self.today), read)

    def _span(self, base: Model) -> Any:
        table = self._visible(base.table or "")
        return table.aggregate(first=table[base.time].min(), last=table[base.time].max())

    def _check(self, metrics: Sequence[Metric], dimensions: Iterable[Dimension]) -> None:
        for dimension in dict.fromkeys(dimensions):
            for metric in metrics:
                if dimension.scheme is not None:
                    self._check_has_customers(metric, dimension)
                    continue
                allowed = self.catalog.dimensions_of(metric)
                if dimension in allowed:
                    continue
                raise InvalidArgument(
                    say(
                        "{metric} is not known by {dimension}. It can be split by {choices}.",
                        metric=metric.label.label,
                        dimension=dimension.label.label,
                        choices=tuple(d.label.label for d in allowed if d.grain is None),
                    )
                )

    def _check_has_customers(self, metric: Metric, dimension: Dimension) -> None:
        known_by_customer = self.catalog.dimension("customer").columns
        if not all(self.catalog.base_name(model) in known_by_customer for model in self.catalog.models_of(metric)):
            raise InvalidArgument(
                say(
                    "{metric} is not known by customer, so it cannot be limited to a {dimension}.",
                    metric=metric.label.label,
                    dimension=dimension.label.label.inside(),
                )
            )

    def _ratio(self, metric: Metric, values: Mapping[str, float | int | None]) -> float | None:
        if metric.ratio is None:
            value = values.get(metric.id)
            return None if value is None else float(value)
        top, bottom = (
            values.get(name) if self.catalog.metrics[name].model else self._ratio(self.catalog.metrics[name], values)
            for name in (metric.ratio.numerator, metric.ratio.denominator)
        )
        return None if top is None or not bottom else top / bottom

    def _aggregate(
        self,
        model_name: str,
        metrics: Sequence[Metric],
        dimensions: Sequence[Dimension],
        query: Query,
        *,
        members: Mapping[Filter, Members],
    ) -> ibis.Table:
        """One row for each group: the dimensions' columns (by id), then the metrics (by id)."""
        import boring_semantic_layer as bsl

        model = self.catalog.models[model_name]
        measures = self._closure(metrics)
        texts = [_expression(m) for m in measures.values()] + [model.where or "", *model.columns.values()]
        rows = self._rows(model_name, measures.values(), references(texts), dimensions, query, members=members)
        ids = [d.id for d in dimensions]
        if model.where:
            rows = rows.filter(resolve(model.where, rows))
        if model.per:
            rows = rows.filter(rows[model.per].notnull())
            rows = rows.group_by(*ids, model.per).aggregate(
                **{name: resolve(text, rows) for name, text in model.columns.items()}
            )
        simple, calculated = measures_of(measures)
        config = {
            "table": "rows",
            "dimensions": {name: f"_.{name}" for name in ids},
            "measures": simple,
            "calculated_measures": calculated,
        }
        table = bsl.from_config({"model": config}, tables={"rows": rows})["model"]
        grouped = table.group_by(*ids).aggregate(*(m.id for m in metrics)).to_untagged()
        return _filtered_first(grouped.select(*ids, *(m.id for m in metrics)))

    def _closure(self, metrics: Iterable[Metric]) -> dict[str, Metric]:
        """The metrics and, before them, those their expressions stand on."""
        found: dict[str, Metric] = {}

        def visit(metric: Metric) -> None:
            for name in references([_expression(metric)]):
                part = self.catalog.metrics.get(name)
                if part is not None and part.id != metric.id and part.model == metric.model and part.id not in found:
                    visit(part)
            found[metric.id] = metric

        for metric in metrics:
            visit(metric)
        return found

    def _rows(
        self,
        model_name: str,
        metrics: Iterable[Metric],
        names: set[str],
        dimensions: Sequence[Dimension],
        query: Query,
        *,
        members: Mapping[Filter, Members],
    ) -> ibis.Table:
        """The model's rows in the period and under the filters, with a column for each dimension asked for."""
        model = self.catalog.models[model_name]
        base_name = self.catalog.base_name(model_name)
        base = self.catalog.models[base_name]
        time = base.time or ""
        conditions = [f for f in query.filters if f not in members]
        filtered = [self.catalog.dimension(f.dimension) for f in conditions]
        if model.day and not members and _of_days(base.derived[model.day], model.day, names, [*dimensions, *filtered]):
            # One row for each value says it all, without a look at the period's rows.
            table, time = self._derived(base, model.day), model.day
            table = table.filter(_within(table[time]))
        else:
            table = self._visible(base.table or "")
            table = table.filter(_within(table[time]))
            if model.day:
                table = self._on_day(base, model.day, table)
            for name in sorted(names & base.derived.keys() - {model.day}):
                table = bring(table, self._derived(base, name), base.derived[name].per, {name: name})
        paths = {name: path for metric in metrics for name, path in metric.columns.items()}
        paths |= paths_of(base_name, [*dimensions, *filtered])
        table, columns = join_paths(base, table, paths, self._visible)
        grain = next((d.grain for d in dimensions if d.grain), None)
        if "bucket_start" in names:
            columns["bucket_start"] = _bucket_start(table[time], grain)
        columns |= times_of(table[time], [*dimensions, *filtered])
        # Filters first, on the row level, so that the engine can skip what is not wanted.
        table = table.mutate(**columns)
        for condition in conditions:
            table = table.filter(meets(table[f"by_{condition.dimension}"], condition))
        customer = self.catalog.dimension("customer").columns.get(base_name, "")
        for condition, people in members.items():
            table = _of(table, customer, people.expression(), belongs=condition.op == "in")
        keep = {name: table[name] for name in sorted(names) if name in table.columns}
        keep |= {name: table[name] for name in columns if not name.startswith("by_")}
        keep |= {d.id: table[f"by_{d.id}"] for d in dimensions}
        if model.per:
            keep[model.per] = table[model.per]
        return table.select(**keep) if keep else table

    def _derived(self, base: Model, name: str) -> ibis.Table:
        """One row for each value of the derived column's `per`, over everything that is visible."""
        derived = base.derived[name]
        rows = self._visible(base.table or "")
        if derived.where:
            rows = rows.filter(resolve(derived.where, rows))
        rows = rows.filter(rows[derived.per].notnull())
        return rows.group_by(derived.per).aggregate(**{name: resolve(derived.expr, rows)})

    def _on_day(self, base: Model, name: str, table: ibis.Table) -> ibis.Table:
        """The rows on the day that the derived column names, and that it is derived from."""
        derived = base.derived[name]
        if derived.where:
            table = table.filter(resolve(derived.where, table))
        days = self._derived(base, name)
        # A day outside the period has no row in it.
        days = days.filter(_within(days[name]))
        table = bring(table, days, derived.per, {name: name}, how="inner")
        return table.filter(table[base.time or ""].date() == table[name])

    def _visible(self, name: str) -> ibis.Table:
        """A table's rows that existed at the end of today."""
        table = self.warehouse.table(name)
        time = TABLES[name].time
        if time is None:
            return table
        column = table[time]
        until = bound("until")
        return table.filter(column < (until.cast("date") if column.type().is_date() else until))


def _refuse_splits(dimensions: Sequence[Dimension]) -> None:
    for dimension in dimensions:
        if dimension.scheme is not None:
            raise InvalidArgument(
                say(
                    "Figures can be limited to a {dimension}, but not split by it. Ask for the segments themselves: "
                    "they come with their sales.",
                    dimension=dimension.label.label.inside(),
                )
            )


def _of(table: ibis.Table, customer: str, people: ibis.Table, *, belongs: bool) -> ibis.Table:
    """The rows of these customers, or (`belongs` False) all others, those of nobody known among them."""
    named = people.select(member=people.customer_id)
    same = table[customer] == named.member
    return table.semi_join(named, same) if belongs else table.anti_join(named, same)


def _within(column: Any) -> Any:
    """Rows of the period's days, both ends included, for a date or a timestamp column."""
    if column.type().is_date():
        return (column >= bound("start_day")) & (column <= bound("end_day"))
    return (column >= bound("start")) & (column < bound("end"))


def _bucket_start(column: Any, grain: Grain | None) -> Any:
    import ibis

    return ibis.greatest(truncate(column, grain), bound("start_day")) if grain else bound("start_day")


def _of_days(derived: Derived, name: str, names: set[str], dimensions: Iterable[Dimension]) -> bool:
    """Whether the derived column and its `per` suffice: nothing else is looked at but calendar days."""
    by_days = all(d.is_time and d.time_part != "hour" for d in dimensions)
    return by_days and names <= {derived.per, name}


def _filtered_first(expression: ibis.Table) -> ibis.Table:
    """Filters the rows by what all aggregates of a query without groups ask for, once instead of in each of them.

    With groups the rows stay: a group of which no row passes is still worth zero.
    """
    import ibis.expr.operations as ops

    def rewrite(node: Any, changed: Mapping[Any, Any] | None, **_: Any) -> Any:
        node = node.__recreate__(changed) if changed else node
        if not isinstance(node, ops.Aggregate) or node.groups:
            return node
        aggregates = [found for metric in node.metrics.values() for found in metric.find(ops.Reduction)]
        conditions = [_conjuncts(found.where) for found in aggregates if hasattr(found, "where")]
        shared = [c for c in conditions[0] if all(c in others for others in conditions)] if conditions else []
        if not shared or len(conditions) < len(aggregates):
            return node
        rows = ops.Filter(node.parent, shared)
        without = {
            found: found.copy(where=_all_of([c for c in own if c not in shared]))
            for found, own in zip(aggregates, conditions, strict=True)
        }
        metrics = {name: metric.replace(without).replace({node.parent: rows}) for name, metric in node.metrics.items()}
        return node.copy(parent=rows, metrics=metrics)

    found: ibis.Table = expression.op().replace(rewrite).to_expr()
    return found


def _all_of(conditions: Sequence[Any]) -> Any:
    import ibis.expr.operations as ops

    return reduce(ops.And, conditions) if conditions else None


def _conjuncts(condition: Any) -> tuple[Any, ...]:
    """The conditions that must all hold, in order."""
    import ibis.expr.operations as ops

    if condition is None:
        return ()
    if isinstance(condition, ops.And):
        return (*_conjuncts(condition.left), *_conjuncts(condition.right))
    return (condition,)


def _expression(metric: Metric) -> str:
    """The metric in terms of its model; a ratio's denominator of zero gives nothing, never infinity."""
    if metric.ratio:
        return f"_.{metric.ratio.numerator} / _.{metric.ratio.denominator}.nullif(0)"
    return metric.expr or ""


def measures_of(metrics: Mapping[str, Metric]) -> tuple[dict[str, str], dict[str, str]]:
    """Expressions over columns and those over other metrics, as boring-semantic-layer wants them apart."""
    simple: dict[str, str] = {}
    calculated: dict[str, str] = {}
    for name, metric in metrics.items():
        text = _expression(metric)
        over_metrics = bool(references([text]) & metrics.keys() - {name})
        if over_metrics:
            calculated[name] = text
        else:
            # SUM over no rows is NULL in SQL; a sum of nothing is zero.
            simple[name] = f"({text}).fill_null(0)" if metric.empty_is_zero else text
    return simple, calculated


def references(texts: Iterable[str]) -> set[str]:
    return {name for text in texts for name in REFERENCE.findall(text)}


def resolve(text: str, table: ibis.Table) -> Any:
    from boring_semantic_layer.safe_eval import safe_eval
    from ibis import _

    return safe_eval(text, context={"_": _}).unwrap().resolve(table)


def _keep(expression: ibis.Table, query: Query) -> ibis.Table:
    """Conditions on values, wanted keys, and the top list, in the engine."""
    import ibis

    if query.keys is not None:
        expression = _only(expression, query.by, query.keys)
    for condition in query.having:
        column = expression[condition.metric]
        expression = expression.filter(_compare(column, condition))
    if query.ranking:
        # What has no name wins no ranking.
        expression = expression.filter(*(expression[name].notnull() for name in (query.ranking.metric, *query.by)))
        column = expression[query.ranking.metric]
        first = ibis.desc(column) if query.ranking.highest else ibis.asc(column)
        # Ties fall in the order of the names, so that the same question has the same answer.
        expression = expression.order_by(first, *(expression[name] for name in query.by)).limit(query.ranking.limit)
    return expression


def _only(expression: ibis.Table, by: Sequence[str], keys: Sequence[Key]) -> ibis.Table:
    import ibis

    if not by or not keys:
        return expression
    if len(by) == 1:
        column = expression[by[0]]
        values = [key[0] for key in keys if key[0] is not None]
        found = column.isin(values)
        return expression.filter(found | column.isnull() if any(key[0] is None for key in keys) else found)
    wanted = [
        ibis.and_(*(expression[n].isnull() if v is None else expression[n] == v for n, v in zip(by, key, strict=True)))
        for key in keys
    ]
    return expression.filter(ibis.or_(*wanted))


def _compare(column: Any, condition: Having) -> Any:
    compared = {
        ">": lambda a, b: a > b,
        ">=": lambda a, b: a >= b,
        "<": lambda a, b: a < b,
        "<=": lambda a, b: a <= b,
    }
    return compared[condition.op](column, condition.value)


def _kept(groups: Groups, query: Query) -> Groups:
    """The same as `_keep`, for values that only meet after the engine."""
    rows = list(groups.items())
    for condition in query.having:
        rows = [
            (key, values)
            for key, values in rows
            if values.get(condition.metric) is not None and _compare(values[condition.metric], condition)
        ]
    if query.ranking:
        name, sign = query.ranking.metric, -1 if query.ranking.highest else 1
        ranked = [
            (sign * (values[name] or 0), key, values)
            for key, values in rows
            if values.get(name) is not None and None not in key
        ]
        ranked.sort(key=lambda row: (row[0], tuple(str(cell) for cell in row[1])))
        rows = [(key, values) for _value, key, values in ranked[: query.ranking.limit]]
    return dict(rows)


def settled(cell: Any) -> float | int | None:
    """A figure as it is given out: the same on every run, and missing where it is not finite."""
    if cell is None:
        return None
    if isinstance(cell, bool | int):
        return int(cell)
    value = float(cell)
    if not math.isfinite(value):
        return None
    # Sums of floats differ in their last digits with the order of adding, which threads change.
    return float(f"{value:.12g}")


def _plain(cell: Any) -> Any:
    return cell.date() if isinstance(cell, datetime) else cell


def _moment(value: date | datetime) -> datetime:
    return value if isinstance(value, datetime) else datetime.combine(value, datetime.min.time())
