"""What a mapping may compute: values and conditions, written as YAML and turned into Ibis, never into SQL text.

A value is the name of a source column, or one operation: `{absolute: Quantity}`,
`{when: {column: Status, equals: refunded}, then: {value: returned}, otherwise: {value: sold}}`.
A condition is a test of a column, `{column: Price, at_most: 0}`, or `all`, `any`, `not` of conditions.
A test of a missing value is false.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from tools.errors import ImportFailed
from tools.messages import Message, say
from tools.nearest import nearest
from tools.warehouse.strict import Strict

if TYPE_CHECKING:
    import ibis.expr.types as ir

Scalar = bool | int | float | datetime | date | str


class Condition(Strict):
    """One test of a column, or `all`, `any` or `not` of other conditions."""

    COMBINATIONS: ClassVar[tuple[str, ...]] = ("all_", "any_", "not_")
    TESTS: ClassVar[tuple[str, ...]] = (
        "equals", "not_equals", "in_", "not_in", "starts_with", "ends_with", "contains", "matches", "missing",
        "below", "above", "at_least", "at_most",
    )  # fmt: skip

    all_: tuple[Condition, ...] | None = Field(None, alias="all", min_length=1)
    any_: tuple[Condition, ...] | None = Field(None, alias="any", min_length=1)
    not_: Condition | None = Field(None, alias="not")
    column: str | None = None
    equals: Scalar | None = None
    not_equals: Scalar | None = None
    in_: tuple[Scalar, ...] | None = Field(None, alias="in", min_length=1)
    not_in: tuple[Scalar, ...] | None = Field(None, min_length=1)
    starts_with: str | None = None
    ends_with: str | None = None
    contains: str | None = None
    matches: str | None = None
    missing: bool | None = None
    below: Scalar | None = None
    above: Scalar | None = None
    at_least: Scalar | None = None
    at_most: Scalar | None = None

    @field_validator("matches")
    @classmethod
    def _is_a_pattern(cls, pattern: str | None) -> str | None:
        if pattern is not None:
            import duckdb

            try:
                duckdb.connect().execute("SELECT regexp_matches('', $1)", [pattern])
            except duckdb.Error as error:
                why = str(error).split("\n", 1)[0]
                raise PydanticCustomError(
                    "pattern", "“{pattern}” is no regular expression: {why}", {"pattern": pattern, "why": why}
                ) from error
        return pattern

    @model_validator(mode="after")
    def _one_form(self) -> Condition:
        combinations = [name for name in self.COMBINATIONS if name in self.model_fields_set]
        tests = [name for name in self.TESTS if name in self.model_fields_set]
        if len(combinations) + (self.column is not None) != 1:
            raise PydanticCustomError("one_form", "a condition has one of: column, all, any, not")
        if self.column is not None and not tests:
            raise PydanticCustomError(
                "one_test",
                "the condition on “{column}” needs a test: {tests}",
                {"column": self.column, "tests": ", ".join(name.rstrip("_") for name in self.TESTS)},
            )
        if combinations and tests:
            raise PydanticCustomError("no_column", "a test needs the column that it is on")
        return self


class Replacement(Strict):
    """Every `find` in the text `of` becomes `by`."""

    of: Expression
    find: str = Field(min_length=1)
    by: str


class Recoding(Strict):
    """Values of `of` that are keys of `values` become theirs; others `otherwise`, or stay."""

    of: Expression
    values: dict[str, str]
    otherwise: Expression | None = None


class ByOrder(Strict):
    """The value of `of` in the row of the group where `by` is greatest."""

    of: Expression
    by: Expression


class Expression(Strict):
    """A value: a column's name alone, or exactly one operation."""

    AGGREGATES: ClassVar[tuple[str, ...]] = ("smallest", "largest", "sum", "most_frequent", "newest")

    column: str | None = None
    value: Scalar | None = None
    absolute: Expression | None = None
    negate: Expression | None = None
    trim: Expression | None = None
    upper: Expression | None = None
    lower: Expression | None = None
    add: tuple[Expression, ...] | None = Field(None, min_length=2)
    multiply: tuple[Expression, ...] | None = Field(None, min_length=2)
    subtract: tuple[Expression, Expression] | None = None
    divide: tuple[Expression, Expression] | None = None
    first_of: tuple[Expression, ...] | None = Field(None, min_length=1)
    concatenate: tuple[Expression, ...] | None = Field(None, min_length=1)
    replace: Replacement | None = None
    recode: Recoding | None = None
    when: Condition | None = None
    then: Expression | None = None
    otherwise: Expression | None = None
    smallest: Expression | None = None
    largest: Expression | None = None
    sum: Expression | None = None
    most_frequent: Expression | None = None
    newest: ByOrder | None = None

    @model_validator(mode="before")
    @classmethod
    def _name_alone(cls, given: Any) -> Any:
        return {"column": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _one_operation(self) -> Expression:
        operations = self.model_fields_set - {"then", "otherwise"}
        if len(operations) != 1:
            raise PydanticCustomError(
                "one_operation", "a value is a column's name or exactly one operation such as {{value: …}}"
            )
        if ("when" in operations) != (self.then is not None) or (self.otherwise is not None and self.when is None):
            raise PydanticCustomError("when_then", "“when”, “then” and (if wanted) “otherwise” go together")
        return self

    @property
    def operation(self) -> str:
        """The operation's key in the mapping."""
        return next(iter(self.model_fields_set - {"then", "otherwise"}))

    @property
    def aggregate(self) -> bool:
        """Whether it takes one value of a group of rows."""
        return self.operation in self.AGGREGATES


for _model in (Condition, Replacement, Recoding, ByOrder, Expression):
    _model.model_rebuild()


@dataclass(frozen=True)
class Scope:
    """Where the names in an expression lead: column name → Ibis value.

    `mapping` and `key` say where the expression stands, `source` what it reads, for errors.
    `text_source` is true where undeclared columns are text (CSV, XLSX).
    """

    columns: Mapping[str, ir.Value]
    mapping: str
    key: str
    source: str
    joined: Mapping[str, Mapping[str, ir.Value]] | None = None

    def at(self, key: str) -> Scope:
        return Scope(self.columns, self.mapping, key, self.source, self.joined)

    def resolve(self, name: str) -> ir.Value:
        """The column, of the source itself or (`other.column`) of a joined one."""
        if name in self.columns:
            return self.columns[name]
        other, _dot, rest = name.partition(".")
        if self.joined and rest in self.joined.get(other, {}):
            return self.joined[other][rest]
        choices = [*self.columns, *(f"{o}.{c}" for o, names in (self.joined or {}).items() for c in names)]
        raise self.failed(
            say(
                "there is no column “{column}” in “{source}”. {hint}For a fixed text write {example}.",
                column=name,
                source=self.source,
                hint=hint(name, choices),
                example=f"{{value: {name}}}",
            )
        )

    def failed(self, what: Message) -> ImportFailed:
        return ImportFailed(say("{mapping}, {key}: {what}", mapping=self.mapping, key=self.key, what=what))


def hint(given: str, choices: list[str]) -> Message | str:
    """“Did you mean …?” with the nearest choice, or the choices themselves when none is near."""
    found = nearest(given, choices)
    if found:
        return say("Did you mean “{nearest}”? ", nearest=found[0])
    if not choices:
        return ""
    shown = tuple(choices[:12]) + (("…",) if len(choices) > 12 else ())
    return say("There are: {choices}. ", choices=shown)


def evaluate(expression: Expression, scope: Scope) -> ir.Value:
    """The Ibis value of a row-wise expression. Raises ImportFailed for unknown columns and wrong types."""
    if expression.aggregate:
        raise scope.failed(say("“{operation}” needs `one_per`.", operation=expression.operation))
    return _OPERATIONS[expression.operation](expression, scope)


def holds(condition: Condition, scope: Scope) -> ir.BooleanValue:
    """The Ibis truth value of a condition, never missing."""
    import ibis

    if condition.all_ is not None:
        return reduce(lambda a, b: a & b, [holds(c, scope) for c in condition.all_])
    if condition.any_ is not None:
        return reduce(lambda a, b: a | b, [holds(c, scope) for c in condition.any_])
    if condition.not_ is not None:
        return ~holds(condition.not_, scope)
    value = scope.resolve(str(condition.column))
    tests = [
        _TESTS[name](value, getattr(condition, name), scope)
        for name in Condition.TESTS
        if name in condition.model_fields_set
    ]
    together = reduce(lambda a, b: a & b, tests)
    return ibis.coalesce(together, ibis.literal(False))


def as_text(value: Any) -> Any:
    """The value as text; whole floats without their point, so that 13085.0 is 13085."""
    import ibis

    kind = value.type()
    if kind.is_string():
        return value
    if kind.is_floating():
        whole = value.cast("decimal(38,0)").cast("string")
        return ibis.ifelse((value == value.round()) & (value.abs() < 1e15), whole, value.cast("string"))
    return value.cast("string")


def _numeric(value: Any, operation: str, scope: Scope) -> Any:
    if not value.type().is_numeric():
        raise scope.failed(
            say(
                "“{operation}” needs a number, but “{column}” is {kind}. Declare it under `columns` of its source as "
                "integer or number.",
                operation=operation,
                column=value.get_name(),
                kind=str(value.type()),
            )
        )
    return value


def _operands(name: str) -> Callable[[Expression, Scope], list[Any]]:
    def operands(expression: Expression, scope: Scope) -> list[Any]:
        return [_numeric(evaluate(e, scope), name, scope) for e in getattr(expression, name)]

    return operands


def _divide(expression: Expression, scope: Scope) -> Any:
    top, bottom = _operands("divide")(expression, scope)
    return top / bottom.nullif(0)


def _subtract(expression: Expression, scope: Scope) -> Any:
    left, right = _operands("subtract")(expression, scope)
    return left - right


def _concatenate(expression: Expression, scope: Scope) -> Any:
    assert expression.concatenate is not None  # noqa: S101
    return reduce(lambda a, b: a + b, [as_text(evaluate(e, scope)) for e in expression.concatenate])


def _replace(expression: Expression, scope: Scope) -> Any:
    assert expression.replace is not None  # noqa: S101
    return as_text(evaluate(expression.replace.of, scope)).replace(expression.replace.find, expression.replace.by)


def _recode(expression: Expression, scope: Scope) -> Any:
    assert expression.recode is not None  # noqa: S101
    recoding = expression.recode
    value = as_text(evaluate(recoding.of, scope))
    otherwise = value if recoding.otherwise is None else as_text(evaluate(recoding.otherwise, scope))
    return value.cases(*recoding.values.items(), else_=otherwise)


def _when(expression: Expression, scope: Scope) -> Any:
    import ibis

    assert expression.when is not None  # noqa: S101
    assert expression.then is not None  # noqa: S101
    then = evaluate(expression.then, scope)
    otherwise = ibis.null(then.type()) if expression.otherwise is None else evaluate(expression.otherwise, scope)
    return ibis.ifelse(holds(expression.when, scope), then, otherwise)


def _literal(expression: Expression, _scope: Scope) -> Any:
    import ibis

    return ibis.literal(expression.value)


def _coalesce(expression: Expression, scope: Scope) -> Any:
    import ibis

    return ibis.coalesce(*[evaluate(e, scope) for e in expression.first_of or ()])


def _inner(name: str, apply: Callable[[Any], Any], *, number: bool) -> Callable[[Expression, Scope], Any]:
    def operation(expression: Expression, scope: Scope) -> Any:
        value = evaluate(getattr(expression, name), scope)
        return apply(_numeric(value, name, scope) if number else as_text(value))

    return operation


_OPERATIONS: dict[str, Callable[[Expression, Scope], Any]] = {
    "column": lambda e, s: s.resolve(str(e.column)),
    "value": _literal,
    "absolute": _inner("absolute", lambda v: v.abs(), number=True),
    "negate": _inner("negate", lambda v: -v, number=True),
    "trim": _inner("trim", lambda v: v.strip().nullif(""), number=False),
    "upper": _inner("upper", lambda v: v.upper(), number=False),
    "lower": _inner("lower", lambda v: v.lower(), number=False),
    "add": lambda e, s: reduce(lambda a, b: a + b, _operands("add")(e, s)),
    "multiply": lambda e, s: reduce(lambda a, b: a * b, _operands("multiply")(e, s)),
    "subtract": _subtract,
    "divide": _divide,
    "first_of": _coalesce,
    "concatenate": _concatenate,
    "replace": _replace,
    "recode": _recode,
    "when": _when,
}


def _comparable(value: Any, given: Scalar, scope: Scope) -> Any:
    """`given` as a literal that may be compared with `value`; text in a date's place is read as ISO 8601."""
    import ibis

    kind = value.type()
    if kind.is_temporal() and isinstance(given, str):
        try:
            given = datetime.fromisoformat(given)
        except ValueError:
            raise scope.failed(say("“{given}” is no date such as 2024-12-31.", given=given)) from None
    if kind.is_numeric() and isinstance(given, int | float) and not isinstance(given, bool):
        return ibis.literal(given)
    if kind.is_string():
        if isinstance(given, str):
            return ibis.literal(given)
        raise scope.failed(
            say(
                "“{column}” is text and cannot be compared with {given}. Declare its type under `columns` of its "
                "source, or put the value in quotes.",
                column=value.get_name(),
                given=str(given),
            )
        )
    if (kind.is_temporal() and isinstance(given, date)) or (kind.is_boolean() and isinstance(given, bool)):
        return ibis.literal(given)
    raise scope.failed(
        say("“{column}” is {kind} and cannot be compared with “{given}”.",
            column=value.get_name(), kind=str(kind), given=str(given))
    )  # fmt: skip


_TESTS: dict[str, Callable[[Any, Any, Scope], Any]] = {
    "equals": lambda v, x, s: v == _comparable(v, x, s),
    "not_equals": lambda v, x, s: v != _comparable(v, x, s),
    "in_": lambda v, x, s: v.isin([_comparable(v, one, s) for one in x]),
    "not_in": lambda v, x, s: v.notin([_comparable(v, one, s) for one in x]),
    "starts_with": lambda v, x, _s: as_text(v).startswith(x),
    "ends_with": lambda v, x, _s: as_text(v).endswith(x),
    "contains": lambda v, x, _s: as_text(v).contains(x),
    "matches": lambda v, x, _s: as_text(v).re_search(x),
    "missing": lambda v, x, _s: v.isnull() if x else v.notnull(),
    "below": lambda v, x, s: v < _comparable(v, x, s),
    "above": lambda v, x, s: v > _comparable(v, x, s),
    "at_least": lambda v, x, s: v >= _comparable(v, x, s),
    "at_most": lambda v, x, s: v <= _comparable(v, x, s),
}
