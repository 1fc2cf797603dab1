"""What becomes of a taught word in this store: how it is written for the reading, what it is called, if it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.understanding.customers.terms import PEOPLE, group_names
from bot.understanding.lexicon import CJK
from bot.understanding.spans import Reading
from bot.understanding.taught.record import Meaning, TaughtWord
from bot.understanding.taught.vocabulary import Entry, Vocabulary, Written
from tools.customers.schemes import SCHEMES
from tools.messages import Label, Message, say
from tools.semantic.countries import country_label

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.understanding.values import ValueIndex
    from tools.messages import Value
    from tools.semantic.catalog import Catalog, Text

SEGMENT = "segment"


def vocabulary(words: Iterable[TaughtWord], index: ValueIndex, catalog: Catalog) -> Vocabulary:
    """The words for the store that the index was made of."""

    def entry(word: TaughtWord, letter: str) -> Entry:
        means = called(word.meaning, index, catalog)
        if not is_there(word.meaning, index, catalog):
            return Entry(word, means, Written(letter, letter, letter=True), there=False)
        return Entry(word, means, written(word.meaning, letter, index, catalog))

    return Vocabulary.of(words, entry)


def written(meaning: Meaning, letter: str, index: ValueIndex, catalog: Catalog) -> Written:
    """What stands for the word in a question: the meaning's own name, or a letter with its readings."""
    if meaning.kind == "metric":
        return _named(catalog.metrics[meaning.name].label, Reading("metric", meaning.name), index)
    if meaning.kind == "dimension":
        return _named(catalog.dimensions[meaning.name].label, Reading("dimension", meaning.name), index)
    if meaning.name == SEGMENT:
        return Written(meaning.values[0], meaning.values[0])
    if meaning.name in catalog.memberships:
        return _of_group(meaning.name, meaning.values[0])
    return Written(letter, letter, letter=True)


def called(meaning: Meaning, index: ValueIndex, catalog: Catalog) -> Message:
    """The meaning for readers: "sales channel = own"."""
    if meaning.kind == "metric":
        metric = catalog.metrics.get(meaning.name)
        return say("{name}", name=metric.label.label.inside() if metric else meaning.name)
    if meaning.name == SEGMENT and meaning.kind == "values":
        return say("the segment “{name}”", name=meaning.values[0])
    dimension = catalog.dimensions.get(meaning.name) or catalog.memberships.get(meaning.name)
    name: Value = dimension.label.label.inside() if dimension else meaning.name
    if meaning.kind == "dimension":
        return say("{name}", name=name)
    values = tuple(_value(meaning.name, value, index) for value in meaning.values)
    return say("{dimension} = {values}", dimension=name, values=values)


def is_there(meaning: Meaning, index: ValueIndex, catalog: Catalog) -> bool:
    """Whether the catalog and the store still hold what is meant. A saved segment may go at any time: ask for it."""
    if meaning.kind == "metric":
        return meaning.name in catalog.metrics
    if meaning.kind == "dimension":
        return meaning.name in catalog.dimensions
    if meaning.name in catalog.memberships:
        return meaning.name == SEGMENT or meaning.values[0] in groups_of(meaning.name)
    return meaning.name in catalog.dimensions and all(has_value(index, meaning.name, value) for value in meaning.values)


def has_value(index: ValueIndex, dimension: str, value: str) -> bool:
    """Whether the store has this value. Where there are too many customers to know, each may be one."""
    if dimension == "customer":
        return index.customers is None or value in index.customers
    if (dimension, index.spellings.get(value, value)) in index.codes.get(value.lower(), ()):
        return True
    return index.lexicon.means(value, Reading("value", (dimension, value)))


def groups_of(scheme: str) -> tuple[str, ...]:
    """The groups of a scheme that words can name."""
    return tuple(dict.fromkeys(group for known, group, _phrase in group_names() if known == scheme))


def _named(label: Text, reading: Reading, index: ValueIndex) -> Written:
    """By its label, where that has no other reading, else by its id, which has none."""

    def name(text: str) -> str:
        readings = [
            r for r in index.lexicon.readings(text) if r.kind in ("metric", "dimension", "value", "word", "cue")
        ]
        return text if readings == [reading] else str(reading.value)

    return Written(name(label.zh), name(label.en))


def _of_group(scheme: str, group: str) -> Written:
    """By a phrase that says that customers are meant, so that figures can be limited to them, too."""
    phrases = [phrase for known, name, phrase in group_names() if (known, name) == (scheme, group)]
    telling = [phrase for phrase in phrases if PEOPLE.search(phrase.lower())] or phrases
    chinese = [phrase for phrase in telling if CJK.search(phrase)] or telling
    other = [phrase for phrase in telling if not CJK.search(phrase)] or telling
    return Written(chinese[0], other[0])


def _value(dimension: str, value: str, index: ValueIndex) -> Value:
    if dimension == "product" and index.names.get(value):
        return say("{name} ({code})", name=index.names[value], code=value)
    if dimension == "country":
        return country_label(value) or value
    scheme = SCHEMES.get(dimension)
    known = scheme.groups.get(value) if scheme else None
    return Label(known.label.en, known.label.zh) if known else value
