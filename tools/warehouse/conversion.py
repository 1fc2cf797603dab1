"""Reading typed values out of text, without ever failing: what cannot be read becomes missing, and is noticed.

These expressions run on the importer's own DuckDB only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from tools.warehouse.expressions import as_text
from tools.warehouse.mapping import SourceColumn
from tools.warehouse.tables import Kind

NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
INTEGER = r"^[+-]?[0-9]{1,19}(\.0*)?$"
ISO_DAY = r"^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([ T].*)?$"
OFFSET = r"[0-9](Z|z|[+-][0-9]{2}(:?[0-9]{2})?)$"
WHOLE_FLOAT = r"^([0-9]+)\.0+$"
TRUE = ("true", "t", "yes", "y", "1", "1.0", "是", "真")
FALSE = ("false", "f", "no", "n", "0", "0.0", "否", "假")
LARGEST_EXACT = 2.0**63

# The source type that reads a canonical kind out of text.
READS: dict[Kind, SourceColumn] = {
    "string": SourceColumn(type="text"),
    "int64": SourceColumn(type="integer"),
    "float64": SourceColumn(type="number"),
    "bool": SourceColumn(type="yes_no"),
    "date": SourceColumn(type="date"),
    "timestamp": SourceColumn(type="timestamp"),
}


@dataclass(frozen=True)
class _Functions:
    """DuckDB's own functions that Ibis has no name for."""

    try_strptime: Any
    from_zone: Any
    to_zone: Any


@cache
def _functions() -> _Functions:
    import ibis
    import ibis.expr.datatypes as dt

    def builtin(name: str, arguments: tuple[Any, ...], result: Any) -> Any:
        return ibis.udf.scalar.builtin(_typed, name=name, signature=(arguments, result))

    moment = dt.Timestamp(timezone="UTC")
    return _Functions(
        builtin("try_strptime", (dt.string, dt.string), dt.timestamp),
        builtin("timezone", (dt.string, dt.timestamp), moment),
        builtin("timezone", (dt.string, moment), dt.timestamp),
    )


def _typed(first: Any, second: Any) -> Any:
    """Stands for a builtin: Ibis takes only its name and signature."""


def read(value: Any, column: SourceColumn, zone: str, *, typed_cells: bool = False) -> Any:
    """`value` as the column's type; missing where it cannot be read.

    `zone` is the store's timezone, which times are told in. `typed_cells`: dates came as date cells (XLSX) and
    were written down in ISO 8601 whatever `column.format` says.
    """
    kind = value.type()
    match column.type:
        case "text":
            return as_text(value)
        case "id" if kind.is_integer():
            return value.cast("string")
        case "id":
            return as_text(value).strip().re_replace(WHOLE_FLOAT, r"\1").nullif("")
        case "integer":
            return _integer(value, column)
        case "number":
            return _number(value, column)
        case "yes_no":
            return _yes_no(value)
        case "timestamp":
            return _timestamp(value, column, zone, typed_cells=typed_cells)
        case "date":
            if kind.is_date():
                return value
            return _timestamp(value, column, zone, typed_cells=typed_cells).date()


def to_kind(value: Any, kind: Kind, zone: str) -> Any:
    """An expression's value as a canonical column's kind; missing where it does not fit."""
    if kind == "string":
        return as_text(value)
    return read(value, READS[kind], zone)


def _cleaned(value: Any, column: SourceColumn) -> Any:
    text = value.strip()
    if column.thousands:
        text = text.replace(column.thousands, "")
    return text.replace(",", ".") if column.decimal == "," else text


def _integer(value: Any, column: SourceColumn) -> Any:
    import ibis

    kind = value.type()
    if kind.is_integer() or kind.is_boolean():
        return value.try_cast("int64")
    if kind.is_floating() or kind.is_decimal():
        number = value.cast("float64")
        fits = (number == number.round()) & (number.abs() < LARGEST_EXACT)
        return ibis.ifelse(fits, number.try_cast("int64"), ibis.null("int64"))
    if not kind.is_string():
        return ibis.null("int64")
    text = _cleaned(value, column)
    whole = text.re_replace(r"\.0*$", "")
    return ibis.ifelse(text.re_search(INTEGER), whole.try_cast("int64"), ibis.null("int64"))


def _number(value: Any, column: SourceColumn) -> Any:
    import ibis

    kind = value.type()
    if kind.is_numeric():
        number = value.cast("float64")
    elif kind.is_string():
        text = _cleaned(value, column)
        number = ibis.ifelse(text.re_search(NUMBER), text.try_cast("float64"), ibis.null("float64"))
    else:
        return ibis.null("float64")
    return ibis.ifelse(number.isinf() | number.isnan(), ibis.null("float64"), number)


def _yes_no(value: Any) -> Any:
    import ibis

    if value.type().is_boolean():
        return value
    text = as_text(value).strip().lower()
    return ibis.cases(
        (text.isin(TRUE), ibis.literal(True)), (text.isin(FALSE), ibis.literal(False)), else_=ibis.null("boolean")
    )


def _timestamp(value: Any, column: SourceColumn, zone: str, *, typed_cells: bool) -> Any:
    import ibis

    functions, kind = _functions(), value.type()
    if kind.is_timestamp() and kind.timezone is not None:
        return functions.to_zone(zone, value)
    if kind.is_temporal() and not kind.is_time():
        return _moved(value.cast("timestamp"), column, zone)
    if not kind.is_string():
        return ibis.null("timestamp")
    text = value.strip()
    iso = ibis.ifelse(
        text.re_search(ISO_DAY),
        ibis.ifelse(
            text.contains(":") & text.re_search(OFFSET),
            functions.to_zone(zone, text.try_cast("timestamp('UTC')")),
            _moved(text.try_cast("timestamp"), column, zone),
        ),
        ibis.null("timestamp"),
    )
    if not column.format:
        return iso
    written = [_moved(functions.try_strptime(text, one), column, zone) for one in column.format]
    return ibis.coalesce(*written, iso) if typed_cells else ibis.coalesce(*written)


def _moved(moment: Any, column: SourceColumn, zone: str) -> Any:
    """From the column's own timezone into the store's."""
    if column.timezone is None or column.timezone == zone:
        return moment
    functions = _functions()
    return functions.to_zone(zone, functions.from_zone(column.timezone, moment))


def spelled_format(example: str) -> str | None:
    """A likely strptime format of a date's text, for an error's hint."""
    day_first = re.fullmatch(r"(\d{1,2})([./-])(\d{1,2})[./-](\d{4})( \d{1,2}:\d{2}(:\d{2})?)?", example.strip())
    if day_first is None:
        return None
    first, separator, _second, _year, time, seconds = day_first.groups()
    months_first = separator == "/" and int(first) <= 12
    day = f"%m{separator}%d" if months_first else f"%d{separator}%m"
    return f"{day}{separator}%Y" + (" %H:%M" if time else "") + (":%S" if seconds else "")
