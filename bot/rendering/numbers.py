"""Numbers as a reader of a language writes them: scales (K, 万), currencies, percent, and digits enough."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from babel import Locale
from babel.numbers import (
    get_currency_name,
    get_currency_precision,
    get_currency_symbol,
    get_decimal_symbol,
    get_group_symbol,
    is_currency,
)

from bot.locales import translations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.messages import Quantity

Language = Literal["en", "zh"]
NumberStyle = Literal["compact", "full"]
# `prose` is for sentences (142.71万英镑), `cell` for tables and pictures, where width is dear (£142.71万).
Form = Literal["prose", "cell"]

LOCALES: dict[str, str] = {"en": "en_GB", "zh": "zh_Hans_CN"}
_MAX_EXTRA = 8
_COMPARED = 3
_DECIMALS = re.compile(r"\.(\d+)")
_LEAST_PERCENT = 0.001
_UNSCALED = ("days", "score", "factor", "number")
_GREATEST = 1e300


@dataclass(frozen=True)
class Scale:
    """A power of ten that a language has a short word for: 10,000 and 万."""

    size: int
    suffix: str


@dataclass(frozen=True)
class _Digits:
    """How one number is written: divided by `scale`, with `decimals`; `exact` numbers drop zeros at the end."""

    scale: Scale | None
    decimals: int


@cache
def locale(language: str) -> Locale:
    """Babel's locale of a language of ours."""
    return Locale.parse(LOCALES[language])


@cache
def scales(language: str) -> tuple[Scale, ...]:
    """The language's short scales, greatest first, from CLDR: K M B T, or 万 亿 万亿."""
    found: dict[str, int] = {}
    for magnitude, pattern in locale(language).compact_decimal_formats["short"]["other"].items():
        text = pattern.pattern.replace("'", "")
        suffix = text.replace("0", "").strip()
        if suffix:
            found.setdefault(suffix, int(magnitude) // 10 ** (text.count("0") - 1))
    return tuple(sorted((Scale(size, suffix) for suffix, size in found.items()), key=lambda s: -s.size))


@cache
def currency_symbol(unit: str, language: str) -> str:
    """£, US$ and so on; in English the dollar alone is the US dollar."""
    return "$" if (language, unit) == ("en", "USD") else get_currency_symbol(unit, locale(language))


@cache
def _currency_word(unit: str, language: str) -> str:
    """英镑, 美元; 元 for the yuan, which is what a Chinese reader calls it."""
    return "元" if unit == "CNY" else get_currency_name(unit, locale=locale(language))


@cache
def is_money(unit: str) -> bool:
    """Whether a unit is an ISO 4217 code."""
    return len(unit) == 3 and unit.isupper() and bool(is_currency(unit))


@cache
def _symbols(language: str) -> dict[int, str]:
    """Python's group and decimal marks to the language's."""
    return str.maketrans({",": get_group_symbol(locale(language)), ".": get_decimal_symbol(locale(language))})


def plain(value: float, decimals: int, language: str) -> str:
    """A grouped number with exactly `decimals` decimals; never a negative zero."""
    rounded = round(value, decimals) or 0
    return f"{rounded:,.{decimals}f}".translate(_symbols(language))


def defined(value: float | None) -> bool:
    """Whether there is a number to show: not None, NaN, infinite, or so great that reckoning with it overflows."""
    return value is not None and abs(value) < _GREATEST


def format_quantity(
    quantity: Quantity,
    language: Language,
    style: NumberStyle = "compact",
    form: Form = "prose",
    extra: int = 0,
    *,
    keep_zeros: bool = False,
) -> str:
    """A quantity in a language.

    `extra` asks for so many more decimals than usual; `keep_zeros` keeps those of round numbers (5.0%),
    so that a column's decimals line up.
    """
    value, unit = quantity.value, quantity.unit
    if value is None or not defined(value):
        return translations(language).gettext("–") if form == "prose" else "–"
    magnitude = abs(value)
    if unit in ("ratio", "points"):
        number = _percent(magnitude, language, extra, capped=unit == "ratio", keep_zeros=keep_zeros)
    else:
        digits = _digits(magnitude, unit, language, style, form)
        number = _scaled(magnitude, digits, language, extra, keep_zeros=keep_zeros)
    written = _with_unit(number, unit, language, form)
    if not any(character in "123456789" for character in number):
        return written
    if number.startswith("<") and value < 0:
        return ">-" + written[1:]
    return ("-" if value < 0 else "+" if quantity.signed else "") + written


def format_together(
    quantities: Sequence[Quantity],
    language: Language,
    style: NumberStyle = "compact",
    form: Form = "prose",
    *,
    aligned: bool = False,
    at_most: int = _MAX_EXTRA,
) -> list[str]:
    """Quantities that stand side by side: each unit gets the decimals that keep different figures different.

    `aligned` also keeps zeros at the end where others have decimals there, as a column wants it. Where more
    than `at_most` further decimals would be needed, none are added.
    """
    extra = {unit: extra_digits(quantities, unit, language, style, form) for unit in {q.unit for q in quantities}}
    extra = {unit: digits if digits <= at_most else 0 for unit, digits in extra.items()}
    written = [format_quantity(q, language, style, form, extra[q.unit]) for q in quantities]
    if not aligned:
        return written
    decimals: dict[str, set[int]] = {}
    for quantity, text in zip(quantities, written, strict=True):
        if defined(quantity.value) and quantity.value:
            decimals.setdefault(quantity.unit, set()).add(max(map(len, _DECIMALS.findall(text)), default=0))
    return [
        format_quantity(q, language, style, form, extra[q.unit], keep_zeros=True)
        if q.value and len(decimals.get(q.unit, ())) > 1
        else text
        for q, text in zip(quantities, written, strict=True)
    ]


def format_column(quantities: Sequence[Quantity], language: Language, style: NumberStyle = "compact") -> list[str]:
    """A table's column of one unit: one scale for all (£1,259K, £29.5K), money with one number of decimals.

    Falls back on full digits where the least figure would vanish in the scale of the greatest.
    """
    sizes = [abs(q.value) for q in quantities if q.value is not None and defined(q.value) and q.value]
    unit = quantities[0].unit if quantities else ""
    if not sizes or not (is_money(unit) or unit in ("count", "units")):
        return format_together(quantities, language, style, "cell", aligned=True, at_most=_side_by_side(quantities))
    scale = None if style == "full" else _common_scale(min(sizes), max(sizes), language)
    if scale is None and not is_money(unit):
        return format_together(quantities, language, "full", "cell", aligned=True, at_most=_side_by_side(quantities))
    least = 1 if scale and scale.size == 1_000 else 2 if scale else _money_decimals(min(sizes), max(sizes), unit)
    # Round figures need no decimals, but only where all of the column are round.
    scaled = [size / (scale.size if scale else 1) for size in sizes]
    exact = (n for n in range(least) if all(figure == round(figure, n) for figure in scaled))
    return _written(quantities, scale, next(exact, least), language)


def _side_by_side(quantities: Sequence[Quantity]) -> int:
    """Further decimals that tell figures apart: two or three are a comparison, a long column would drown in digits."""
    return _MAX_EXTRA if len(quantities) <= _COMPARED else 1


def _common_scale(least: float, greatest: float, language: str) -> Scale | None:
    """The scale in which the greatest figure reads short and the least keeps its digits, or does not vanish."""
    smallest = scales(language)[-1]
    for scale in scales(language):
        if scale is smallest:
            shown = 0.05 if scale.size == 1_000 else 0.005
        else:
            shown = 0.005 if greatest >= 100 * scale.size else 1
        if greatest >= max(scale.size, 10_000) * (1 - 5e-6) and least >= shown * scale.size:
            return scale
    return None


def _money_decimals(least: float, greatest: float, unit: str) -> int:
    cents = int(get_currency_precision(unit))
    if least < 0.1:
        return max(cents, min(1 - math.floor(math.log10(max(least, 1e-9))), 9))
    return 0 if greatest >= 10_000 and least >= 1 else cents


def _written(quantities: Sequence[Quantity], scale: Scale | None, decimals: int, language: Language) -> list[str]:
    """Quantities in a scale; figures that differ get one decimal more where that tells a few of them apart."""
    different = {float(f"{q.value:.12g}") for q in quantities if q.value is not None and defined(q.value)}
    most = _side_by_side(quantities)
    for extra in range(0 if scale and most == 1 else most + 1):
        texts = [_in_scale(q, scale, decimals + extra, language) for q in quantities]
        if len(set(texts) - {"–"}) >= len(different):
            return texts
    return [_in_scale(q, scale, decimals, language) for q in quantities]


def _in_scale(quantity: Quantity, scale: Scale | None, decimals: int, language: Language) -> str:
    value = quantity.value
    if value is None or not defined(value):
        return "–"
    scaled = abs(value) / scale.size if scale else abs(value)
    if scale and scale.size == 1_000 and scaled >= 100:
        decimals = max(decimals - 1, 0)
    # A zero is a zero in any scale.
    number = plain(scaled, decimals, language) + (scale.suffix if scale else "") if value else "0"
    sign = "-" if value < 0 else "+" if quantity.signed and value else ""
    return (sign if any(c in "123456789" for c in number) else "") + _with_unit(number, quantity.unit, language, "cell")


def extra_digits(
    quantities: Sequence[Quantity], unit: str, language: Language, style: NumberStyle, form: Form = "prose"
) -> int:
    """The fewest more decimals with which figures of `unit` that differ are also written differently."""
    different: dict[float, Quantity] = {}
    for quantity in quantities:
        if quantity.unit == unit and quantity.value is not None and defined(quantity.value):
            # Twelve digits: what differs beyond them is floating-point dust.
            different.setdefault(float(f"{quantity.value:.12g}"), quantity)
    if len(different) < 2:
        return 0
    for extra in range(_MAX_EXTRA):
        if len({format_quantity(q, language, style, form, extra) for q in different.values()}) == len(different):
            return extra
    return _MAX_EXTRA


def _digits(magnitude: float, unit: str, language: str, style: NumberStyle, form: Form) -> _Digits:
    scale = _scale(magnitude, unit, language, form) if style == "compact" and unit not in _UNSCALED else None
    if scale is not None:
        return _Digits(scale, 1 if scale.size == 1_000 else 2)
    return _Digits(None, _decimals(magnitude, unit, style, form))


def _scale(magnitude: float, unit: str, language: str, form: Form) -> Scale | None:
    """The scale that makes a number shorter to read.

    In a sentence few digits are spared: £1,427,121 and 16,461 orders, but £14.27M and 142.71万英镑.
    """
    for scale in scales(language):
        least = 10_000 if scale.size == 1_000 else scale.size
        if form == "prose" and (scale.size == 1_000_000 or (scale.size == 10_000 and not is_money(unit))):
            least *= 10
        # Whatever rounds up to the scale is written in it: 999,999 is 1M, not 1000K.
        if magnitude >= least * (1 - 5e-6):
            return None if scale.size == 1_000 and form == "prose" else scale
    return None


def _decimals(magnitude: float, unit: str, style: NumberStyle, form: Form) -> int:
    if unit == "score":
        return 2
    if unit == "days":
        return 1
    if unit in ("factor", "number"):
        return 2 if magnitude < 10 else 1
    if is_money(unit):
        cents = int(get_currency_precision(unit))
        if 0 < magnitude < 0.1:
            return max(cents, 1 - math.floor(math.log10(magnitude)) if magnitude > 1e-9 else cents)
        whole_from = 1_000 if style == "compact" or form == "cell" else 100_000
        return cents if magnitude < whole_from else 0
    if magnitude >= 100:
        return 0
    if 0 < magnitude < 0.01:
        return min(1 - math.floor(math.log10(magnitude)), 9) if magnitude > 1e-9 else 2
    return 1 if magnitude >= 10 else 2


def _scaled(magnitude: float, digits: _Digits, language: str, extra: int, *, keep_zeros: bool) -> str:
    decimals = digits.decimals + extra
    scaled = magnitude / digits.scale.size if digits.scale else magnitude
    if keep_zeros:
        pass
    elif scaled == round(scaled):
        decimals = 0
    elif digits.scale:
        decimals = next((n for n in range(decimals) if scaled == round(scaled, n)), decimals)
    return plain(scaled, decimals, language) + (digits.scale.suffix if digits.scale else "")


def _percent(magnitude: float, language: str, extra: int, *, capped: bool, keep_zeros: bool) -> str:
    percent = magnitude * 100
    if abs(percent - round(percent)) < 1e-9 and (not keep_zeros or not percent):
        return plain(percent, 0, language)
    if percent < _LEAST_PERCENT and not extra:
        return f"<{_LEAST_PERCENT}"
    if percent >= 1_000:
        decimals = 0
    elif percent >= 1:
        decimals = 1
    else:
        decimals = 1 - math.floor(math.log10(max(percent, 1e-9)))
    decimals += extra
    # A share a hair below the whole is not the whole.
    while capped and 99 < percent < 100 and round(percent, decimals) == 100 and decimals < 6:
        decimals += 1
    return plain(percent, decimals, language)


def _with_unit(number: str, unit: str, language: str, form: Form) -> str:
    catalog = translations(language)
    if unit == "ratio":
        return f"{number}%"
    if unit == "points":
        return catalog.gettext("{number} pp").replace("{number}", number)
    if unit == "days":
        if form == "cell":
            return catalog.gettext("{number} d").replace("{number}", number)
        plural = 1 if number == "1" else 2
        return catalog.ngettext("{number} day", "{number} days", plural).replace("{number}", number)
    if unit == "factor":
        return catalog.gettext("{number}×").replace("{number}", number)
    if is_money(unit):
        if language == "zh" and form == "prose":
            return number + _currency_word(unit, language)
        return currency_symbol(unit, language) + number
    return number
