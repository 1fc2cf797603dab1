"""A mapping: how a team's own files become the canonical tables. Written in YAML, checked before anything is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal
from zoneinfo import ZoneInfo, available_timezones

import yaml
from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from tools.errors import ImportFailed
from tools.messages import Label, Message, say, say_n
from tools.warehouse.expressions import Condition, Expression
from tools.warehouse.strict import Strict, unknown_choice
from tools.warehouse.tables import TABLES

ColumnType = Literal["text", "id", "integer", "number", "yes_no", "date", "timestamp"]
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
DEFAULT_SHARE = 0.01
# Keys that the import makes itself where the mapping names none.
MADE_KEYS = {"line_id", "event_id", "contact_id", "review_id"}
# Columns that the import fills where the mapping does not: see `canonical.py`.
DEFAULTS = {"order_lines": {"kind", "discount", "amount", "unit_price"}}
DIMENSIONS = frozenset(
    {column.name for table in TABLES.values() for column in table.columns if column.kind == "string"}
    | {"product", "customer", "seller", "campaign"}
)


def _listed(given: Any) -> Any:
    return given if isinstance(given, list) else [given]


OneOrMore = BeforeValidator(_listed)


class Reason(Strict):
    """Why a row is set aside, in the operator's own words."""

    en: str = Field(min_length=1)
    zh: str = ""

    @model_validator(mode="before")
    @classmethod
    def _english_alone(cls, given: Any) -> Any:
        return {"en": given} if isinstance(given, str) else given

    @property
    def label(self) -> Label:
        return Label(self.en, self.zh)


class SetAside(Strict):
    """Rows for which `when` holds are kept apart with `reason`; the first rule that holds counts."""

    reason: Reason
    when: Condition


class SourceColumn(Strict):
    """A source column's type and how it is written; `also` are other names that it may have.

    `format` is strptime's. `timezone` is that of the times in the column, when it is not the store's.
    """

    type: ColumnType
    format: Annotated[tuple[str, ...], OneOrMore] = ()
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ",", ".", " ", "'"] = ""
    timezone: str | None = None
    also: Annotated[tuple[str, ...], OneOrMore] = ()

    @model_validator(mode="before")
    @classmethod
    def _type_alone(cls, given: Any) -> Any:
        return {"type": given} if isinstance(given, str) else given

    @field_validator("timezone")
    @classmethod
    def _is_a_timezone(cls, given: str | None) -> str | None:
        return given if given is None else _timezone(given)

    @model_validator(mode="after")
    def _fits_its_type(self) -> SourceColumn:
        if self.format and self.type not in {"date", "timestamp"}:
            raise PydanticCustomError("format", "“format” goes with the types date and timestamp only")
        if self.decimal == self.thousands:
            raise PydanticCustomError("separators", "“decimal” and “thousands” must differ")
        return self


class Source(Strict):
    """Files among those given (by name pattern or position), or a table of the database given.

    `duplicates`: whether rows that are equal in every column count once or each.
    `unreadable_at_most`: the share of rows that may be set aside because they cannot be read.
    """

    files: Annotated[tuple[str, ...], OneOrMore] | None = None
    position: int | None = Field(None, ge=1)
    table: str | None = None
    sheets: str | None = None
    encoding: str | None = None
    delimiter: str | None = Field(None, min_length=1, max_length=1)
    columns: dict[str, SourceColumn] = Field(default_factory=dict)
    duplicates: Literal["count_once", "count_each"] = "count_each"
    set_aside: tuple[SetAside, ...] = ()
    unreadable_at_most: float = Field(DEFAULT_SHARE, ge=0, le=1)

    @field_validator("encoding")
    @classmethod
    def _is_an_encoding(cls, given: str | None) -> str | None:
        import codecs

        if given is not None:
            try:
                codecs.lookup(given)
            except LookupError:
                raise unknown_choice(given, ["utf-8", "utf-16", "gb18030", "big5", "cp1252", "shift_jis"]) from None
        return given

    @model_validator(mode="after")
    def _one_origin(self) -> Source:
        if sum(origin is not None for origin in (self.files, self.position, self.table)) > 1:
            raise PydanticCustomError("one_origin", "a source has one of: files, position, table")
        return self


class Join(Strict):
    """Columns of another source, found by equal keys; its rows must be unique by them."""

    source: str
    on: dict[str, str] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _same_name(cls, given: Any) -> Any:
        if isinstance(given, dict) and isinstance(given.get("on"), str | list):
            return {**given, "on": {name: name for name in _listed(given["on"])}}
        return given


class TablePart(Strict):
    """Where a canonical table's rows come from: `from_source` or `from_table` (another canonical one).

    With `one_per` the rows are grouped, and columns are the group's keys or aggregates.
    """

    from_source: str | None = Field(None, alias="from")
    from_table: str | None = None
    join: Annotated[tuple[Join, ...], OneOrMore] = ()
    only: Condition | None = None
    set_aside: tuple[SetAside, ...] = ()
    one_per: Annotated[tuple[str, ...], OneOrMore] | None = None
    columns: dict[str, Expression] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_origin(self) -> TablePart:
        if (self.from_source is None) == (self.from_table is None):
            raise PydanticCustomError("one_origin", "a table has one of: from (a source), from_table (another table)")
        if self.one_per is not None and self.set_aside:
            raise PydanticCustomError(
                "grouped", "rows are set aside before they are grouped: put the rule on the source"
            )
        if self.from_table is not None and (self.join or self.set_aside):
            raise PydanticCustomError("derived", "a table made from another takes no join and sets nothing aside")
        return self


class AliasSource(Strict):
    """Aliases out of a source: its column `value` holds the value, the columns in `names` its names by language."""

    dimension: str
    source: str
    value: Expression
    names: dict[str, Expression] = Field(min_length=1)


Names = dict[str, Annotated[tuple[str, ...], OneOrMore]]


class Mapping(Strict):
    """A whole mapping; `load_mapping` reads it. Names in it are checked against the canonical tables."""

    CURRENCY: ClassVar[re.Pattern[str]] = re.compile(r"[A-Z]{3}")

    store: str = Field(min_length=1)
    currency: str
    timezone: str
    mode: Literal["replace", "add"] = "replace"
    sources: dict[str, Source] = Field(min_length=1)
    tables: dict[str, Annotated[tuple[TablePart, ...], OneOrMore]] = Field(min_length=1)
    aliases: dict[str, dict[str, Names]] = Field(default_factory=dict)
    aliases_from: tuple[AliasSource, ...] = ()
    personal: tuple[str, ...] = ()

    _path: str = ""
    _text: str = ""

    @property
    def path(self) -> str:
        """The file that it was read from, for messages."""
        return self._path

    @property
    def text(self) -> str:
        """The file's own text: part of what makes one import the same as another."""
        return self._text

    def personal_columns(self) -> frozenset[str]:
        """`table.column` of what the mapping fills and the canonical tables or the mapping call personal."""
        filled = {
            f"{table}.{column}"
            for table, parts in self.tables.items()
            for part in parts
            for column in part.columns
            if TABLES[table].column(column).personal
        }
        return frozenset(filled | set(self.personal))

    @field_validator("currency")
    @classmethod
    def _is_a_currency(cls, given: str) -> str:
        from babel.numbers import list_currencies

        known = list_currencies()
        if given not in known:
            raise unknown_choice(given, sorted(known))
        return given

    @field_validator("timezone")
    @classmethod
    def _is_a_timezone(cls, given: str) -> str:
        return _timezone(given)

    @field_validator("sources")
    @classmethod
    def _plain_names(cls, given: dict[str, Source]) -> dict[str, Source]:
        for name in given:
            if not NAME.fullmatch(name):
                raise PydanticCustomError(
                    "name", "the source name “{given}” must be letters, digits and _", {"given": name}
                )
        return given

    @model_validator(mode="after")
    def _names_lead_somewhere(self) -> Mapping:
        for table, parts in self.tables.items():
            if table not in TABLES:
                raise unknown_choice(table, sorted(TABLES))
            for part in parts:
                self._check_part(table, part)
        for dimension in [*self.aliases, *(one.dimension for one in self.aliases_from)]:
            if dimension not in DIMENSIONS:
                raise unknown_choice(dimension, sorted(DIMENSIONS))
        for one in self.aliases_from:
            self._check_source(one.source)
        columns = [f"{spec.name}.{column.name}" for spec in TABLES.values() for column in spec.columns]
        for name in self.personal:
            if name not in columns:
                raise unknown_choice(name, columns)
        return self

    def _check_part(self, table: str, part: TablePart) -> None:
        if part.from_source is not None:
            self._check_source(part.from_source)
        if part.from_table is not None:
            choices = [name for name, parts in self.tables.items() if all(p.from_table is None for p in parts)]
            if part.from_table not in choices:
                raise unknown_choice(part.from_table, choices)
        for join in part.join:
            self._check_source(join.source)
        spec = TABLES[table]
        known = [column.name for column in spec.columns]
        for column in part.columns:
            if column not in known:
                raise unknown_choice(column, known)
        given = set(part.columns) | MADE_KEYS | DEFAULTS.get(table, set())
        if table == "order_lines" and not {"unit_price", "amount"} & set(part.columns):
            given -= {"unit_price"}
        missing = [column.name for column in spec.columns if column.required and column.name not in given]
        if missing:
            raise PydanticCustomError(
                "required",
                "the table “{table}” needs the column “{column}” ({meaning})",
                {"table": table, "column": missing[0], "meaning": spec.column(missing[0]).meaning},
            )

    def _check_source(self, name: str) -> None:
        if name not in self.sources:
            raise unknown_choice(name, list(self.sources))


def load_mapping(path: Path) -> Mapping:
    """Reads and checks a mapping. Raises ImportFailed: file, line, key, what was given, the nearest choice."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ImportFailed(say("There is no mapping {mapping}.", mapping=str(path))) from None
    except IsADirectoryError:
        raise ImportFailed(say("{mapping} is a folder, not a mapping.", mapping=str(path))) from None
    except (UnicodeDecodeError, OSError) as error:
        raise ImportFailed(
            say("{mapping} cannot be read as a mapping: {why}.", mapping=str(path), why=str(error))
        ) from error
    try:
        root = yaml.compose(text, Loader=_Loader)
        _refuse_repeated_keys(root, path)
        given = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ImportFailed(
            say(
                "{mapping}, line {line}: this is no YAML: {why}.",
                mapping=str(path),
                line=str(mark.line + 1 if mark else 1),
                why=str(getattr(error, "problem", None) or error),
            )
        ) from error
    if not isinstance(given, dict) or not {"sources", "tables"} & given.keys():
        raise ImportFailed(
            say(
                "{mapping} is not a mapping: it needs the keys store, currency, timezone, sources and tables.",
                mapping=str(path),
            )
        )
    try:
        mapping = Mapping.model_validate(given)
    except ValidationError as error:
        raise ImportFailed(_first_error(path, root, error)) from error
    mapping._path, mapping._text = str(path), text
    return mapping


def names_used(mapping: Mapping, source: str) -> set[str]:
    """The columns of a source that the mapping names, wherever it does."""
    found: set[str] = set()
    for rule in mapping.sources[source].set_aside:
        found |= set(_names_in(rule.when))
    for part in (part for parts in mapping.tables.values() for part in parts):
        if part.from_source is None:
            continue
        joined = {join.source for join in part.join}
        named = set(_names_in(part.columns)) | set(_names_in(part.only)) | set(part.one_per or ())
        for rule in part.set_aside:
            named |= set(_names_in(rule.when))
        for join in part.join:
            named |= set(join.on)
            if join.source == source:
                found |= set(join.on.values())
        for name in named:
            other, _dot, rest = name.partition(".")
            if other in joined:
                found |= {rest} if other == source else set()
            elif part.from_source == source:
                found.add(name)
    for one in mapping.aliases_from:
        if one.source == source:
            found |= set(_names_in(one.value)) | set(_names_in(one.names))
    return found


def _names_in(given: Any) -> Iterator[str]:
    """Every column that an expression, a condition, or what holds them names."""
    if isinstance(given, Condition | Expression) and given.column is not None:
        yield given.column
    if isinstance(given, Strict):
        for name in given.model_fields_set:
            yield from _names_in(getattr(given, name))
    elif isinstance(given, dict):
        for value in given.values():
            yield from _names_in(value)
    elif isinstance(given, tuple):
        for value in given:
            yield from _names_in(value)


class _Loader(yaml.SafeLoader):
    """YAML 1.2's booleans only: `NO` is Norway, not false. Dates stay text unless written as dates."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|false|False)$"), list("tTfF"))


def _nodes(node: yaml.Node | None) -> Iterator[yaml.Node]:
    if node is None:
        return
    yield node
    if isinstance(node, yaml.MappingNode):
        for _key, value in node.value:
            yield from _nodes(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _nodes(value)


def _refuse_repeated_keys(root: yaml.Node | None, path: Path) -> None:
    for node in _nodes(root):
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, _value in node.value:
                if key.value in seen:
                    raise ImportFailed(
                        say(
                            "{mapping}, line {line}: “{key}” is there twice.",
                            mapping=str(path),
                            line=str(key.start_mark.line + 1),
                            key=str(key.value),
                        )
                    )
                seen.add(key.value)


def _first_error(path: Path, root: yaml.Node | None, error: ValidationError) -> Message:
    details = error.errors(include_url=False)
    first = details[0]
    context = first.get("ctx", {})
    keys = [str(part) for part in first["loc"]]
    given = str(context.get("given", ""))
    line = _line_of(root, [*keys, given]) if keys else _line_naming(root, given)
    parts: dict[str, Any] = {
        "place": say("{mapping}, line {line}", mapping=str(path), line=str(line)),
        "key": say(", {key}", key=".".join(keys)) if keys else "",
        "what": first["msg"] if first["type"] != "missing" else say("it is required and missing"),
        "hint": _hint(first, context),
        "more": say_n("({count} more problem.)", "({count} more problems.)", len(details) - 1)
        if len(details) > 1
        else "",
    }
    return say("{place}{key}: {what}. {hint}{more}", **parts)


def _hint(first: ErrorDetails, context: dict[str, Any]) -> Message | str:
    if context.get("nearest"):
        return say("Did you mean “{nearest}”? ", nearest=context["nearest"][0])
    choices = context.get("choices")
    if choices:
        shown = tuple(str(c) for c in choices[:15]) + (("…",) if len(choices) > 15 else ())
        return say("There are: {choices}. ", choices=shown)
    if first["type"] in {"missing", "unknown_choice"} or isinstance(first.get("input"), dict | list):
        return ""
    return say("It was given “{given}”. ", given=str(first.get("input")))


def _line_of(node: yaml.Node | None, keys: list[str]) -> int:
    """The line of the deepest part of `keys` that the YAML has."""
    if node is None:
        return 1
    line = int(node.start_mark.line) + 1
    for key in keys:
        if isinstance(node, yaml.SequenceNode) and key.isdigit() and int(key) < len(node.value):
            node = node.value[int(key)]
            line = node.start_mark.line + 1
        elif isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == key), None)
            if found is not None:
                line, node = found[0].start_mark.line + 1, found[1]
    return line


def _line_naming(root: yaml.Node | None, given: str) -> int:
    """The first line that has `given` as a key or a value."""
    for node in _nodes(root):
        if isinstance(node, yaml.ScalarNode) and node.value == given:
            return int(node.start_mark.line) + 1
        if isinstance(node, yaml.MappingNode):
            for key, _value in node.value:
                if key.value == given:
                    return int(key.start_mark.line) + 1
    return 1


def _timezone(given: str) -> str:
    known = available_timezones()
    if given not in known:
        raise unknown_choice(given, sorted(known))
    return ZoneInfo(given).key
