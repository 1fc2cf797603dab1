"""Text that is written once and read in any language.

Tools never format: they name an English source string and typed values. Rendering translates the
string with gettext and formats each value (money, shares, dates, periods) for the reader's locale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeAlias

from tools.semantic.periods import Period


@dataclass(frozen=True)
class Label:
    """A name that the catalog gives in several languages, e.g. a metric's. `en` is always there."""

    en: str
    zh: str = ""

    def in_language(self, language: str) -> str:
        return (self.zh if language == "zh" else "") or self.en

    def inside(self) -> Label:
        """The label within a sentence: in lower case, unless its first word is an acronym (AOV, ROAS)."""
        first = self.en.split(" ", 1)[0]
        if first[1:] != first[1:].lower():
            return self
        return Label(self.en[:1].lower() + self.en[1:], self.zh)


@dataclass(frozen=True)
class Quantity:
    """A number with its unit.

    `unit` is an ISO 4217 code ("GBP"), or "count", "units", "ratio" (a fraction, shown in percent),
    "points" (a difference of two ratios, a fraction, shown in percentage points), "days", "score"
    (a mean, two decimals), "factor" (×), "number" (a mean of counts). `value` None means: not
    defined (0 ÷ 0, or nothing there).
    `signed` shows a plus sign, as for changes.
    """

    value: float | int | None
    unit: str = "count"
    signed: bool = False


@dataclass(frozen=True)
class Message:
    """An English source string with `{placeholders}` and the values that fill them.

    `plural` and `count` choose the plural form as gettext's ngettext does.
    """

    text: str
    values: Mapping[str, Value] = field(default_factory=dict)
    plural: str | None = None
    count: int | None = None

    def __hash__(self) -> int:
        # Not by the values, which stand in a mapping; equal messages have equal texts.
        return hash((self.text, self.plural, self.count))

    def __str__(self) -> str:
        """In English and unformatted, for logs and tracebacks; readers get rendering's."""
        text = self.plural if self.plural is not None and self.count != 1 else self.text
        return text.format_map({name: _plain(value) for name, value in self.values.items()})


Value: TypeAlias = "str | int | Quantity | Label | Period | date | datetime | Message | tuple[Value, ...]"


def _plain(value: Value) -> str:
    if isinstance(value, tuple):
        return ", ".join(_plain(part) for part in value)
    if isinstance(value, Quantity):
        return str(value.value)
    return value.en if isinstance(value, Label) else str(value)


def say(text: str, /, **values: Value) -> Message:
    """A message; `say` is the marker that gettext's extraction looks for."""
    return Message(text, values)


def say_n(singular: str, plural: str, count: int, /, **values: Value) -> Message:
    """A message with a singular and a plural form; `{count}` is always among its values."""
    return Message(singular, {"count": count, **values}, plural, count)
