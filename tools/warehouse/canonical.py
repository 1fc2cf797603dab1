"""From a source's rows to a canonical table's: joins, groups, columns, defaults and what makes a row unfit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tools.messages import Label, say
from tools.warehouse.conversion import to_kind
from tools.warehouse.expressions import Expression, Scope, evaluate, holds
from tools.warehouse.mapping import Join, Mapping, TablePart
from tools.warehouse.tables import TABLES, Kind, TableSpec

if TYPE_CHECKING:
    import ibis
    import ibis.expr.types as ir

KINDS = ("sold", "returned")
EVENT_KINDS = ("impression", "click", "view", "search", "cart", "purchase")
BEST_SCORE = 5
IBIS_KINDS: dict[Kind, str] = {"bool": "boolean"}

# Tables that follow from the order lines where a mapping does not fill them.
DERIVED: dict[str, TablePart] = {
    name: TablePart.model_validate({"from_table": "order_lines", **rest})
    for name, rest in {
        "orders": {
            "one_per": "order_id",
            "columns": {
                "order_id": "order_id",
                "ordered_at": {"smallest": "sold_at"},
                **{name: {"most_frequent": name} for name in ("customer_id", "country", "region", "city", "channel")},
            },
        },
        "products": {"one_per": "product_id", "columns": {"product_id": "product_id"}},
        "customers": {
            "one_per": "customer_id",
            "columns": {
                "customer_id": "customer_id",
                **{name: {"most_frequent": name} for name in ("country", "region", "city")},
            },
        },
    }.items()
}


@dataclass(frozen=True)
class Unfit:
    """Why a row is set aside: the label, the condition, and whether a rule of the mapping says so."""

    label: Label
    when: ir.BooleanValue
    rule: bool
    detail: ir.Value | None = None


@dataclass(frozen=True)
class Rows:
    """A source's kept rows: `columns` by source name, and `__id`."""

    table: ibis.Table
    columns: dict[str, str]

    def scope(self, mapping: Mapping, key: str, source: str) -> Scope:
        return Scope({name: self.table[c].name(name) for name, c in self.columns.items()}, mapping.path, key, source)


def kind_of(kind: Kind) -> str:
    """The Ibis type of a canonical kind."""
    return IBIS_KINDS.get(kind, kind)


def line_rows(
    mapping: Mapping, table: str, part: TablePart, sources: dict[str, Rows]
) -> tuple[ibis.Table, list[Unfit]]:
    """One canonical row for each source row: (columns and `__id` among others, what makes a row unfit).

    Values that do not fit their column are missing, and found by the `Unfit` conditions.
    """
    key = f"tables.{table}"
    name = str(part.from_source)
    joined, scope = _joined(mapping, key, name, part, sources)
    if part.only is not None:
        condition = holds(part.only, scope.at(f"{key}.only"))
        joined = joined.filter(condition)
    spec = TABLES[table]
    raw: dict[str, ir.Value] = {}
    for column, expression in part.columns.items():
        raw[f"raw__{column}"] = evaluate(expression, scope.at(f"{key}.columns.{column}"))
    rules = {f"rule__{n}": holds(rule.when, scope.at(f"{key}.set_aside.{n}")) for n, rule in enumerate(part.set_aside)}
    evaluated = joined.select(__id=joined["__id"], **raw, **rules)
    values: dict[str, ir.Value] = {
        column: to_kind(evaluated[f"raw__{column}"], spec.column(column).kind, mapping.timezone)
        for column in part.columns
    }
    _fill(spec, values)
    canonical = _complete(spec, evaluated.mutate(**values))
    made = {spec.key[0]} if len(spec.key) == 1 and spec.key[0] not in part.columns else set()
    unfit = [
        *(Unfit(rule.reason.label, canonical[f"rule__{n}"], rule=True) for n, rule in enumerate(part.set_aside)),
        *(_unreadable(column, canonical) for column in part.columns),
        *_lacking(spec, canonical, made),
        *_impossible(table, canonical),
    ]
    return canonical, unfit


def grouped_rows(mapping: Mapping, table: str, part: TablePart, sources: dict[str, Rows]) -> ibis.Table:
    """One canonical row for each group; groups whose key is missing are left out. `__id` is the group's least.

    `sources` holds the rows under the name that the part is made from, and those that it joins.
    """
    key = f"tables.{table}"
    base, scope = _joined(mapping, key, str(part.from_source or part.from_table), part, sources)
    if part.only is not None:
        base = base.filter(holds(part.only, scope.at(f"{key}.only")))
    one_per = tuple(part.one_per or ())
    keys = {f"key__{n}": scope.at(f"{key}.one_per").resolve(name) for n, name in enumerate(one_per)}
    spec = TABLES[table]
    inner: dict[str, ir.Value] = {}
    for column, expression in part.columns.items():
        at = scope.at(f"{key}.columns.{column}")
        if expression.operation == "newest":
            assert expression.newest is not None  # noqa: S101
            inner[f"raw__{column}"] = evaluate(expression.newest.of, at)
            inner[f"by__{column}"] = evaluate(expression.newest.by, at)
        elif expression.aggregate:
            inner[f"raw__{column}"] = evaluate(getattr(expression, expression.operation), at)
        elif expression.column not in one_per:
            raise at.failed(
                say("with `one_per` it must be a column of `one_per` or one of: {operations}.",
                    operations=Expression.AGGREGATES)
            )  # fmt: skip
    prepared = base.select(__id=base["__id"], **keys, **inner)
    prepared = prepared.filter(*[prepared[name].notnull() for name in keys])
    aggregates: dict[str, ir.Value] = {"__id": prepared["__id"].min()}
    frequent: list[str] = []
    for column, expression in part.columns.items():
        value = prepared[f"raw__{column}"] if f"raw__{column}" in inner else None
        match expression.operation:
            case "smallest":
                aggregates[column] = value.min()  # type: ignore[union-attr]
            case "largest":
                aggregates[column] = value.max()  # type: ignore[union-attr]
            case "sum":
                aggregates[column] = value.sum()  # type: ignore[union-attr]
            case "newest":
                aggregates[column] = value.argmax(_latest(prepared, f"by__{column}"))  # type: ignore[union-attr]
            case "most_frequent":
                frequent.append(column)
    grouped = prepared.group_by(list(keys)).aggregate(**aggregates)
    for column in frequent:
        grouped = _with_most_frequent(grouped, prepared, list(keys), column)
    values = {
        column: to_kind(
            grouped[f"key__{one_per.index(str(e.column))}"] if not e.aggregate else grouped[column],
            spec.column(column).kind,
            mapping.timezone,
        )
        for column, e in part.columns.items()
    }
    _fill(spec, values)
    selected = grouped.select(__id=grouped["__id"], **values)
    return _complete(spec, selected)


def _latest(prepared: ibis.Table, by: str) -> ir.Value:
    """Orders rows by `by`, then by their place, so that ties always end the same."""
    import ibis

    return ibis.struct({"by": prepared[by], "id": prepared["__id"]})


def _with_most_frequent(grouped: ibis.Table, prepared: ibis.Table, keys: list[str], column: str) -> ibis.Table:
    """Adds each group's most frequent value; of equally frequent ones the first in order."""
    import ibis

    raw = f"raw__{column}"
    there = prepared.filter(prepared[raw].notnull())
    counted = there.group_by([*keys, raw]).aggregate(times=there.count())
    place = ibis.row_number().over(
        ibis.window(group_by=[counted[k] for k in keys], order_by=[counted.times.desc(), counted[raw].asc()])
    )
    best = counted.mutate(place=place)
    best = best.filter(best.place == 0).select(*keys, **{column: best[raw]})
    return grouped.left_join(best, keys).drop(*[f"{k}_right" for k in keys])


def _joined(
    mapping: Mapping, key: str, name: str, part: TablePart, sources: dict[str, Rows]
) -> tuple[ibis.Table, Scope]:
    rows = sources[name]
    table = rows.table
    own = dict(rows.columns)
    others: dict[str, dict[str, str]] = {}
    for number, join in enumerate(part.join):
        other = sources[join.source]
        at = f"{key}.join.{number}"
        scope = _scope(mapping, at, name, table, own, others)
        prefix = f"j{number}__"
        right = other.table.select(**{prefix + c: other.table[c] for c in other.columns.values()})
        pairs = _key_pairs(join, scope, other.scope(mapping, at, join.source))
        _refuse_fan_out(other, join, scope)
        lefts = {f"{prefix}key{n}": left for n, (left, _right) in enumerate(pairs)}
        rights = {f"{prefix}other{n}": right[prefix + other.columns[r]] for n, (_left, r) in enumerate(pairs)}
        left_table, right_table = table.mutate(**lefts), right.mutate(**rights)
        predicates = []
        for n in range(len(pairs)):
            left, to = left_table[f"{prefix}key{n}"], right_table[f"{prefix}other{n}"]
            if left.type() != to.type():
                left, to = left.cast("string"), to.cast("string")
            predicates.append(left == to)
        table = left_table.left_join(right_table, predicates)
        others[join.source] = {column: prefix + c for column, c in other.columns.items()}
    return table, _scope(mapping, key, name, table, own, others)


def _scope(  # noqa: PLR0917 - where an expression stands, told apart
    mapping: Mapping, key: str, source: str, table: ibis.Table, own: dict[str, str], others: dict[str, dict[str, str]]
) -> Scope:
    return Scope(
        {name: table[c].name(name) for name, c in own.items()},
        mapping.path,
        key,
        source,
        {o: {name: table[c].name(f"{o}.{name}") for name, c in names.items()} for o, names in others.items()},
    )


def _key_pairs(join: Join, left: Scope, right: Scope) -> list[tuple[ir.Value, str]]:
    pairs = []
    for mine, theirs in join.on.items():
        right.resolve(theirs)
        pairs.append((left.resolve(mine), theirs))
    return pairs


def _refuse_fan_out(other: Rows, join: Join, scope: Scope) -> None:
    """A join whose other side repeats a key would multiply rows, and sales with them."""
    keys = [other.columns[theirs] for theirs in join.on.values()]
    table = other.table
    there = table.filter(*[table[k].notnull() for k in keys])
    counted = there.group_by(keys).aggregate(times=there.count())
    repeated = counted.filter(counted.times > 1).order_by(keys).limit(1).to_pyarrow().to_pylist()
    if repeated:
        raise scope.failed(
            say(
                "“{source}” has {count} rows where {column} is “{value}”, so joining it would multiply rows. "
                "Join by columns that are unique in it.",
                source=join.source,
                count=repeated[0]["times"],
                column=", ".join(join.on.values()),
                value=", ".join(str(repeated[0][k]) for k in keys),
            )
        )


def _fill(spec: TableSpec, values: dict[str, ir.Value]) -> None:
    """The defaults that the mapping need not write."""
    import ibis

    if spec.name != "order_lines":
        return
    values.setdefault("kind", ibis.literal("sold"))
    values["discount"] = values["discount"].fill_null(0.0) if "discount" in values else ibis.literal(0.0)
    if "unit_price" not in values:
        values["unit_price"] = values["amount"] / values["quantity"].nullif(0)
    if "amount" not in values:
        values["amount"] = values["quantity"] * values["unit_price"]


def _unreadable(column: str, table: ibis.Table) -> Unfit:
    label = Label(f"{column} cannot be read", f"{column} 无法读取")
    raw = table[f"raw__{column}"]
    return Unfit(label, raw.notnull() & table[column].isnull(), rule=False, detail=raw.cast("string"))


def _lacking(spec: TableSpec, table: ibis.Table, made: set[str]) -> list[Unfit]:
    return [
        Unfit(Label(f"{column.name} is missing", f"缺少 {column.name}"), table[column.name].isnull(), rule=False)
        for column in spec.columns
        if column.required and column.name not in made
    ]


def _impossible(name: str, table: ibis.Table) -> list[Unfit]:
    """Values that no row of the table may have."""

    def unfit(column: str, when: Callable[[Any], Any], en: str, zh: str) -> Unfit:
        return Unfit(
            Label(en, zh), when(table[column]).fill_null(False), rule=False, detail=table[column].cast("string")
        )

    if name == "order_lines":
        return [
            unfit(
                "kind", lambda v: v.notin(KINDS), "kind is neither sold nor returned", "kind 既非 sold 也非 returned"
            ),
            unfit("quantity", lambda v: v <= 0, "quantity is not above zero", "数量不大于零"),
            unfit("unit_price", lambda v: v < 0, "unit_price is below zero", "单价小于零"),
            unfit("amount", lambda v: v < 0, "amount is below zero", "金额小于零"),
            unfit("discount", lambda v: v < 0, "discount is below zero", "折扣小于零"),
        ]
    if name == "events":
        return [unfit("kind", lambda v: v.notin(EVENT_KINDS), "kind is no known event", "kind 不是已知的事件")]
    if name == "reviews":
        return [
            unfit("score", lambda v: (v < 1) | (v > BEST_SCORE), "score is not between 1 and 5", "评分不在 1 到 5 之间")
        ]
    return []


def _complete(spec: TableSpec, table: ibis.Table) -> ibis.Table:
    """Adds the canonical columns that nothing fills, and gives the others their types."""
    import ibis

    return table.mutate(
        **{
            column.name: table[column.name].cast(kind_of(column.kind))
            if column.name in table.columns
            else ibis.null(kind_of(column.kind))
            for column in spec.columns
        }
    )
