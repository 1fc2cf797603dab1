"""What the store's values are called: countries in both languages, products by code and name, others as written."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from babel import Locale
from babel.numbers import get_currency_name

from bot.understanding.lexicon import Lexicon, stem, tokens
from bot.understanding.normalise import normalise
from bot.understanding.spans import Reading
from bot.understanding.taught.vocabulary import NOTHING_TAUGHT, Vocabulary
from tools.messages import Label, Value, say
from tools.semantic.catalog import Catalog, Dimension
from tools.semantic.countries import OTHER_NAMES, territories, territory
from tools.semantic.wording import time_labels
from tools.warehouse.connection import Warehouse
from tools.warehouse.values import labels_of

MOST_CUSTOMERS = 200_000
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


@dataclass(eq=False)  # one object for each version, told apart by itself
class ValueIndex:
    """Readings for the values of one store at one version of its data."""

    lexicon: Lexicon
    codes: dict[str, list[tuple[str, str]]] = field(default_factory=dict)  # code, lower case → (dimension, value)
    capitals: dict[str, Reading] = field(default_factory=dict)  # "UK", "US": only as written in capitals
    names: dict[str, str] = field(default_factory=dict)  # product → name
    labels: dict[tuple[str, str], Label] = field(default_factory=dict)  # (dimension, value) → what people call it
    present: set[str] = field(default_factory=set)  # dimensions that have values
    spellings: dict[str, str] = field(default_factory=dict)  # a code's other spellings → the one that is meant
    customers: frozenset[str] | None = None  # None: too many to be kept
    by_word: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # stem → products
    taught: Vocabulary = NOTHING_TAUGHT  # the team's own words

    def products_named(self, words: Iterable[str]) -> set[str]:
        """Products whose names hold all these words (of a phrase, order does not matter)."""
        sets = [self.by_word.get(stem(word), set()) for word in words]
        return set.intersection(*sets) if sets else set()

    def is_told(self, words: str, product: str) -> bool:
        """Whether words of a product's name are enough to know it by: two of them, and at least half of all."""
        count = len(words.split())
        return count > 1 and 2 * count >= len(list(tokens(normalise(self.names.get(product, "")).folded)))

    def called(self, dimension: Dimension, value: str) -> Value:
        """How a value is called in a sentence."""
        if dimension.is_time:
            return time_labels(dimension).get(value, value)
        if dimension.names and value in self.names:
            return say("{name} ({code})", name=self.names[value], code=value)
        return self.labels.get((dimension.id, value), value)


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
        values = _distinct(dimension, catalog, warehouse)
        for value, label in labels_of(warehouse, dimension, values).items():
            index.labels[dimension.id, value] = label
        for value in values:
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
            reading = Reading("value", (dimension_id, value))
            if dimension_id == "product":
                _add_product_name(index, value, alias)
            elif CODE.fullmatch(alias) and alias not in PLAIN_CODES:
                index.capitals[alias] = reading  # "US" is no "us"
            else:
                lexicon.add(alias, reading)
    _fold_spellings(index, warehouse)
    index.customers = _customers(warehouse)
    _add_absent_countries(index)
    _add_currencies(index, warehouse.settings().currency)
    return index


def _customers(warehouse: Warehouse) -> frozenset[str] | None:
    table = warehouse.table("customers")
    rows, _sql = warehouse.fetch(table.select("customer_id").limit(MOST_CUSTOMERS + 1))
    return None if len(rows) > MOST_CUSTOMERS else frozenset(str(row[0]) for row in rows)


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
    if rows:
        index.present.add(dimension.id)
    for key, name in rows:
        index.codes.setdefault(str(key).lower(), []).append((dimension.id, str(key)))
        if not name:
            continue
        if dimension.id == "product":
            index.names[str(key)] = str(name)
            _add_product_name(index, str(key), str(name))
        else:
            index.lexicon.add(str(name), Reading("value", (dimension.id, str(key))), mendable=False)


def _add_product_name(index: ValueIndex, code: str, name: str) -> None:
    if index.lexicon.explains(name):
        return  # a product called "Returns" does not take the word away from everybody
    index.lexicon.add(name, Reading("value", ("product", code)), mendable=False)
    for token in tokens(normalise(name).folded):
        index.by_word[token.stem].add(code)


def _fold_spellings(index: ValueIndex, warehouse: Warehouse) -> None:
    """Codes that differ in case only (85099B, 85099b) are one product to people: the one that sold most is meant."""
    doubles = {key: values for key, values in index.codes.items() if len(values) > 1}
    if not doubles:
        return
    codes = sorted({code for values in doubles.values() for _dimension, code in values})
    table = warehouse.table("order_lines")
    rows, _sql = warehouse.fetch(
        table.filter(table.product_id.isin(codes)).group_by("product_id").aggregate(lines=table.product_id.count())
    )
    lines = {str(code): int(count) for code, count in rows}
    for key, values in doubles.items():
        best = max(values, key=lambda value: (lines.get(value[1], 0), value[1]))
        index.codes[key] = [best]
        index.spellings |= {code: best[1] for _dimension, code in values}


def _add_country(index: ValueIndex, value: str) -> None:
    code = territory(value)
    if code is None:
        return
    reading = Reading("value", ("country", value))
    for name in territories()[code]:
        if len(name) > 1 and (name in PLAIN_CODES or not CODE.fullmatch(name)):
            index.lexicon.add(name, reading)
    for short in (code, *(name for name in OTHER_NAMES.get(code, ()) if CODE.fullmatch(name))):
        index.capitals[short] = reading


def _add_absent_countries(index: ValueIndex) -> None:
    """Countries that the store never sold to: known words all the same, so that the answer can say so."""
    present = {r.value[1] for r in index.capitals.values()}
    there = {territory(value) for value in present}
    for code, names in territories().items():
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
