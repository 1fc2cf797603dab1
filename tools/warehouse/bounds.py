"""Days that a query leaves open, so that it is compiled once and run for any period.

Compiling an expression costs more than many a query. A bound stands in the expression as a marked literal;
the compiled statement keeps the mark, and only what is put in its place changes from run to run.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from sqlglot import exp

    from tools.semantic.periods import Period

# No value that comes from outside can be taken for a mark.
_MARK = f"\x00{secrets.token_hex(8)}:"
BoundName = Literal["start", "start_day", "end", "end_day", "until", "gap", "cut"]
Values = Mapping[BoundName, date | datetime]


def bound(name: BoundName) -> Any:
    """The bound as an Ibis scalar: a timestamp, or a date for the names that end in "day"."""
    import ibis

    return ibis.literal(_MARK + name).cast("date" if name.endswith("day") else "timestamp")


def values_for_both(earlier: Period, later: Period, today: date) -> Values:
    """From the first day of one period to the last of another; the days from `gap` until `cut` lie between them."""
    return {
        **values_for(replace(earlier, end=later.end), today),
        "gap": _midnight(earlier.end + timedelta(days=1)),
        "cut": _midnight(later.start),
    }


def values_for(period: Period, today: date) -> Values:
    """`end` and `until` are the first moments after the period's and today's end."""
    return {
        "start": _midnight(period.start),
        "start_day": period.start,
        "end": _midnight(period.end + timedelta(days=1)),
        "end_day": period.end,
        "until": _midnight(today + timedelta(days=1)),
    }


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time())


@dataclass(frozen=True)
class Statement:
    """Compiled SQL with its bounds open: `text` has marks where the values are to stand."""

    text: str
    names: tuple[BoundName, ...]

    @classmethod
    def of(cls, tree: exp.Expression, dialect: str) -> Statement:
        names = dict.fromkeys(name for name in map(_bound_in, tree.walk()) if name is not None)
        return cls(tree.sql(dialect=dialect, pretty=True), tuple(names))

    def sql(self, values: Values) -> str:
        """The statement with the values in place. They are dates and times of ours, never text from outside.

        Not as parameters: the first that DuckDB's client is given makes it import pandas, a third of a second.
        """
        text = self.text
        for name in self.names:
            text = text.replace(_MARK + name + "'", f"{values[name]}'")
        return text


def _bound_in(node: Any) -> BoundName | None:
    text = getattr(node, "this", None)
    if getattr(node, "is_string", False) and isinstance(text, str) and text.startswith(_MARK):
        name: BoundName = text.removeprefix(_MARK)  # type: ignore[assignment]
        return name
    return None
