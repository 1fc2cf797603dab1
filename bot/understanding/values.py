"""What the store's values are called: countries in both languages, products by code and name, the rest as they stand."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from babel import Locale
from babel.numbers import get_currency_name

from bot.understanding.lexicon import Lexicon, stem, tokens
from bot.understanding.spans import Reading
from tools.semantic.catalog import Catalog, Dimension
from tools.warehouse.connection import Warehouse

# Names that neither ISO nor Babel gives, by ISO 3166 code.
OTHER_NAMES: dict[str, tuple[str, ...]] = {
    "GB": ("UK", "U.K.", "Great Britain", "Britain", "British", "大不列颠", "不列颠"),
    "US": ("USA", "U.S.", "U.S.A.", "United States of America", "America", "American", "the States", "美利坚"),
    "IE": ("Eire", "Republic of Ireland", "Irish"),
    "DE": ("German", "Deutschland"),
    "FR": ("French",),
    "NL": ("Holland", "Dutch", "The Netherlands", "Nederland"),
    "AE": ("UAE", "U.A.E.", "Emirates", "阿联酋"),
    "ZA": ("RSA", "South African"),
    "CZ": ("Czech Republic", "Czech", "捷克共和国"),
    "KR": ("Korea", "South Korea", "Korean", "韩国", "南韩"),
    "HK": ("Hong Kong", "香港"),
    "MO": ("Macau", "Macao", "澳门"),
    "TW": ("Taiwan", "台湾"),
    "AU": ("Australian", "澳洲"),
    "NZ": ("New Zealand",),
    "ES": ("Spanish",),
    "IT": ("Italian",),
    "PT": ("Portuguese",),
    "CH": ("Swiss",),
    "BE": ("Belgian",),
    "AT": ("Austrian",),
    "DK": ("Danish",),
    "SE": ("Swedish",),
    "NO": ("Norwegian",),
    "FI": ("Finnish",),
    "PL": ("Polish",),
    "GR": ("Greek",),
    "JP": ("Japanese",),
    "CN": ("Chinese", "Mainland China", "PRC", "中国大陆"),
    "SG": ("Singaporean", "新加坡"),
    "CA": ("Canadian",),
    "BR": ("Brazilian",),
    "IL": ("Israeli",),
    "IS": ("Icelandic",),
    "RU": ("Russian",),
    "IN": ("Indian",),
    "TR": ("Turkey", "Turkish"),
}
OTHER_CURRENCY_NAMES: dict[str, tuple[str, ...]] = {
    "GBP": ("pound", "pounds", "pound sterling", "sterling", "£", "镑"),
    "USD": ("dollar", "dollars", "$", "美金"),
    "EUR": ("euro", "euros", "€"),
    "CNY": ("yuan", "rmb", "renminbi", "人民币", "¥", "元", "块", "块钱"),
    "JPY": ("yen", "日圆"),
}
# Codes that are English words when written small; they count only in capitals.
CODE = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2,3}(?![A-Za-z0-9])")
PLAIN_CODES = frozenset({"UK", "USA", "UAE"})  # no English word looks like these


@dataclass
class ValueIndex:
    """Readings for the values of one store at one version of its data."""

    lexicon: Lexicon
    codes: dict[str, list[tuple[str, str]]] = field(default_factory=dict)  # code, lower case → (dimension, value)
    country_codes: dict[str, Reading] = field(default_factory=dict)  # "UK", "US" as written in capitals
    names: dict[str, str] = field(default_factory=dict)  # product → name
    present: set[str] = field(default_factory=set)  # dimensions that have values
    by_word: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # stem → products

    def products_named(self, words: Iterable[str]) -> set[str]:
        """Products whose names hold all these words (of a phrase, order does not matter)."""
        sets = [self.by_word.get(stem(word), set()) for word in words]
        return set.intersection(*sets) if sets else set()


def build(lexicon: Lexicon, catalog: Catalog, warehouse: Warehouse) -> ValueIndex:
    """Reads the distinct values of every dimension that has few, and the products' codes and names."""
    index = ValueIndex(lexicon)
    there = warehouse.tables()
    for dimension in catalog.dimensions.values():
        if dimension.is_time or dimension.id == "customer":
            continue
        if dimension.names:
            _add_named(index, dimension, warehouse)
            continue
        for value in _distinct(dimension, catalog, warehouse):
            index.present.add(dimension.id)
            reading = Reading("value", (dimension.id, value))
            for phrase in {value, value.replace("_", " ").replace("-", " ")}:
                lexicon.add(phrase, reading)
            if dimension.id == "country":
                _add_country(index, value)
    if "value_aliases" in there:
        table = warehouse.table("value_aliases")
        rows, _sql = warehouse.fetch(table.select("dimension", "value", "alias"))
        for dimension_id, value, alias in rows:
            lexicon.add(alias, Reading("value", (dimension_id, value)))
    _add_absent_countries(index)
    _add_currencies(index, warehouse.settings().currency)
    return index


def _distinct(dimension: Dimension, catalog: Catalog, warehouse: Warehouse) -> list[str]:
    found: set[str] = set()
    there = warehouse.tables()
    for model_name, path in dimension.columns.items():
        table_name, _, column = path.rpartition(".")
        table_name = table_name or catalog.models[model_name].table or ""
        if table_name not in there:
            continue
        table = warehouse.table(table_name)
        rows, _sql = warehouse.fetch(table.filter(table[column].notnull()).select(column).distinct().limit(5000))
        found |= {str(row[0]) for row in rows}
    return sorted(found)


def _add_named(index: ValueIndex, dimension: Dimension, warehouse: Warehouse) -> None:
    names = dimension.names
    if names is None or not warehouse.has(names.table):
        return
    table = warehouse.table(names.table)
    rows, _sql = warehouse.fetch(table.select(names.key, names.name))
    for key, name in rows:
        index.codes.setdefault(str(key).lower(), []).append((dimension.id, str(key)))
        if not name:
            continue
        index.lexicon.add(str(name), Reading("value", (dimension.id, str(key))))
        if dimension.id == "product":
            index.names[str(key)] = str(name)
            for token in tokens(str(name).lower()):
                index.by_word[token.stem].add(str(key))


@cache
def _territories() -> dict[str, tuple[str, ...]]:
    """ISO 3166 code → names in English and Chinese (Babel's CLDR tables, and the trade's other names)."""
    english, chinese = Locale.parse("en").territories, Locale.parse("zh").territories
    found: dict[str, tuple[str, ...]] = {}
    for code, name in english.items():
        if len(code) != 2 or not code.isalpha() or code in ("EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"):
            continue
        plain = re.sub(r"\s*\(.*?\)", "", str(name)).replace("&", "and")
        zh = str(chinese.get(code, "")).removesuffix("特别行政区")
        names = {str(name), plain, zh, zh.removeprefix("中国") if zh != "中国" else zh, *OTHER_NAMES.get(code, ())}
        found[code] = tuple(sorted(n for n in names if n))
    return found


@cache
def _code_of() -> dict[str, str]:
    return {name.casefold(): code for code, names in _territories().items() for name in names}


def territory(value: str) -> str | None:
    """The ISO 3166 code of a country by any of its names, else None."""
    return _code_of().get(value.casefold()) or (value if value in _territories() else None)


def _add_country(index: ValueIndex, value: str) -> None:
    code = territory(value)
    if code is None:
        return
    reading = Reading("value", ("country", value))
    for name in _territories()[code]:
        if len(name) > 1 and (name in PLAIN_CODES or not CODE.fullmatch(name)):
            index.lexicon.add(name, reading)
    for short in (code, *(name for name in OTHER_NAMES.get(code, ()) if CODE.fullmatch(name))):
        index.country_codes[short] = reading


def _add_absent_countries(index: ValueIndex) -> None:
    """Countries that the store never sold to: known words all the same, so that the answer can say so."""
    present = {r.value[1] for r in index.country_codes.values()}
    there = {territory(value) for value in present}
    for code, names in _territories().items():
        if code in there:
            continue
        reading = Reading("absent", ("country", names[0] if names else code))
        english = str(Locale.parse("en").territories[code])
        reading = Reading("absent", ("country", english))
        for name in names:
            if len(name) > 1 and not CODE.fullmatch(name):
                index.lexicon.add(name, reading)
        # Two-letter codes of absent countries are too often something else (AM, PM, IT, ID); say nothing of them.


def _add_currencies(index: ValueIndex, own: str) -> None:
    """The store's currency may be named; any other is known as one that figures are not in."""
    for code in ("USD", "EUR", "GBP", "CNY", "JPY", "HKD", "AUD", "CAD", "CHF", "KRW", "INR", "BRL", "SGD", own):
        reading = Reading("word", "own_currency" if code == own else "other_currency")
        names = {code, *OTHER_CURRENCY_NAMES.get(code, ())}
        for language in ("en", "zh"):
            names |= {get_currency_name(code, count, locale=language) for count in (1, 2)}
        for name in names:
            index.lexicon.add(name, reading)
