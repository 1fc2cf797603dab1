"""How one reader is spoken to: language, timezone and number style.

A message's source string is translated, its plural chosen, and its values written for the reader.
Templates (never values) may mark bold as `*bold*`. Values are data: cleaned, and escaped in HTML.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from string import Formatter
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from babel.lists import format_list

from bot.locales import translations
from bot.rendering.dates import DATES
from bot.rendering.html import escape
from bot.rendering.numbers import (
    Language,
    NumberStyle,
    defined,
    extra_digits,
    format_column,
    format_quantity,
    format_together,
    locale,
    plain,
)
from bot.rendering.text import one_line, without_hidden
from tools.messages import Label, Message, Quantity, Value, say
from tools.semantic.periods import Grain, Period

if TYPE_CHECKING:
    from tools.answer import Cell, Column

# Inside a template: bold hugs its text, so "5 * 3" and a lone asterisk stay what they are.
_BOLD = re.compile(r"\*(?=\S)([^*\n]+?)(?<=\S)\*")
_PLACE = "\ue000{}\ue001"
_PLACES = re.compile("\ue000(\\d+)\ue001")
_PREPOSITION = re.compile(r"\b(in|In) $")

_COMPARED = 3
_MAX_DECIMALS = 8

Extra = Mapping[str, int]


@dataclass(frozen=True)
class Voice:
    """Writes messages and values for a reader.

    Parameters
    ----------
    language : "en" or "zh".
    timezone : IANA name; times that carry a zone are shown in it. Naive times are the data's own and stay.
    number_style : "compact" (£1.43M, 142.71万英镑) or "full" (£1,427,121).
    """

    language: Language
    timezone: str = "UTC"
    number_style: NumberStyle = "compact"

    def text(self, message: Message, *, beside: Iterable[Message] = ()) -> str:
        """The message as plain text.

        Figures that differ are written differently, also from those of the messages `beside` it.
        """
        return self._fill(message, _as_is, self._extra([message, *beside]), bold=r"\1")

    def html(self, message: Message, *, beside: Iterable[Message] = (), bold: bool = True) -> str:
        """The message as Telegram HTML; `bold` False drops the template's own bold, as in a bold headline."""
        return self._fill(message, escape, self._extra([message, *beside]), bold=r"<b>\1</b>" if bold else r"\1")

    def value(self, value: Value) -> str:
        """One value as plain text, as it would stand in a sentence."""
        return self._value(value, {})

    def cell(self, value: Cell, column: Column) -> str:
        """A table cell as plain text; short forms, since width is dear."""
        return self.cells([value], column)[0]

    def cells(self, values: Iterable[Cell], column: Column) -> list[str]:
        """A column's cells, in short forms; in short columns figures that differ are written differently."""
        cells = list(values)
        if column.unit is None or column.labels or any(isinstance(c, str | date) for c in cells):
            return [self._labelled(cell, column) for cell in cells]
        quantities = [Quantity(_number(cell), column.unit, column.signed) for cell in cells]
        return self.column(quantities)

    def column(self, quantities: list[Quantity]) -> list[str]:
        """Figures of one unit that are read against one another, in one scale."""
        return format_column(quantities, self.language, self.number_style)

    def label_of(self, cell: Cell, column: Column) -> str | None:
        """What a column calls a cell, where it gives it a name of its own; a message as its text."""
        if isinstance(cell, Message):
            return one_line(self.text(cell))
        label = None if cell is None else column.labels.get(str(cell))
        return None if label is None else one_line(label.in_language(self.language))

    def header(self, column: Column) -> str:
        """A column's name at the head of a narrow table: a lone period in its short form."""
        named = column.label
        if isinstance(named, Label):
            return self.value(named)
        period = named.values.get("period")
        if isinstance(period, Period) and named.text == "{period}":
            return DATES[self.language].header(period)
        return self.text(named)

    def quantities(self, quantities: list[Quantity]) -> list[str]:
        """Figures that stand side by side in a picture, in the short form."""
        # Two or three are a comparison, where every difference counts; a long column would drown in digits.
        at_most = _MAX_DECIMALS if len(quantities) <= _COMPARED else 1
        return format_together(quantities, self.language, self.number_style, "cell", at_most=at_most)

    def day(self, day: date) -> str:
        """A day with its year; a time too, if it carries one."""
        dates = DATES[self.language]
        if isinstance(day, datetime):
            return dates.moment(day.astimezone(ZoneInfo(self.timezone)) if day.tzinfo else day)
        return dates.day(day)

    def period(self, period: Period) -> str:
        """A period by its shortest usual name."""
        return DATES[self.language].period(period)

    def tick(self, start: date, grain: Grain, previous: date | None) -> tuple[str, ...]:
        """An axis label for the calendar unit that begins on `start`: one line, or two with the year."""
        return DATES[self.language].tick(start, grain, previous)

    def listed(self, items: Iterable[str]) -> str:
        """Strings as a list in a sentence: A, B and C; A、B和C."""
        return str(format_list(list(items), locale=locale(self.language)))

    def _extra(self, messages: Iterable[Message]) -> Extra:
        quantities = [quantity for message in messages for quantity in _quantities(message)]
        return {
            unit: extra_digits(quantities, unit, self.language, self.number_style)
            for unit in {quantity.unit for quantity in quantities}
        }

    def _fill(self, message: Message, written: Callable[[str], str], extra: Extra, *, bold: str) -> str:
        template = without_hidden(self._translated(message))
        values: list[str] = []
        try:
            parts = list(Formatter().parse(template))
        except ValueError:
            # A stray brace: no placeholders can be told, the words still can.
            parts = [(template, None, None, None)]
        text = ""
        for literal, name, _, _ in parts:
            text += literal
            if name is None:
                continue
            if name not in message.values:
                text += f"{{{name}}}"
                continue
            value = message.values[name]
            if isinstance(value, Period) and (found := _PREPOSITION.search(text)) and self.language == "en":
                phrase = DATES[self.language].period_in(value)
                text = text[: found.start()]
                value = phrase[0].upper() + phrase[1:] if found[1] == "In" else phrase
            if isinstance(value, Message):
                values.append(self._fill(value, written, extra, bold=bold))
            else:
                values.append(written(self._value(value, extra)))
            text += _PLACE.format(len(values) - 1)
        marked = _BOLD.sub(bold, escape(text) if written is escape else text)
        return _PLACES.sub(lambda match: values[int(match[1])], marked)

    def _translated(self, message: Message) -> str:
        catalog = translations(self.language)
        if message.plural is not None:
            return catalog.ngettext(message.text, message.plural, 1 if message.count is None else message.count)
        return catalog.gettext(message.text) if message.text else ""

    def _value(self, value: Value, extra: Extra) -> str:
        if isinstance(value, Quantity):
            return format_quantity(value, self.language, self.number_style, "prose", extra.get(value.unit, 0))
        if isinstance(value, Label):
            return one_line(value.in_language(self.language))
        if isinstance(value, Period):
            return self.period(value)
        if isinstance(value, date):
            return self.day(value)
        if isinstance(value, Message):
            return self._fill(value, _as_is, extra, bold=r"\1")
        if isinstance(value, tuple):
            return self.listed(self._value(item, extra) for item in value)
        if isinstance(value, bool):
            return self._yes_no(value)
        if isinstance(value, int):
            return plain(value, 0, self.language)
        return one_line(str(value))

    def _labelled(self, cell: Cell, column: Column) -> str:
        called = self.label_of(cell, column)
        return self._other_cell(cell, column.grain) if called is None else called

    def _other_cell(self, cell: Cell, grain: Grain | None) -> str:
        if cell is None:
            return "–"
        if isinstance(cell, bool):
            return self._yes_no(cell)
        if isinstance(cell, datetime) and not grain:
            return self.day(cell)
        if isinstance(cell, date):
            return DATES[self.language].cell(cell, grain or "day")
        if isinstance(cell, float):
            if not defined(cell):
                return "–"
            return f"{cell:.12g}"
        return one_line(str(cell))

    def _yes_no(self, value: bool) -> str:
        return self.text(say("yes")) if value else self.text(say("no"))


def _as_is(text: str) -> str:
    return text


def _number(cell: Cell) -> float | int | None:
    return cell if isinstance(cell, int | float) else None


def _quantities(value: Value) -> Iterator[Quantity]:
    if isinstance(value, Quantity):
        yield value
    elif isinstance(value, Message):
        for inner in value.values.values():
            yield from _quantities(inner)
    elif isinstance(value, tuple):
        for inner in value:
            yield from _quantities(inner)
