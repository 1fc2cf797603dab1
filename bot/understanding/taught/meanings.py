"""What a word is said to mean: `channel=own`, or in the words of the store: "sales channel own", 净销售额."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.understanding.customers.terms import group_names, memberships
from bot.understanding.normalise import normalise
from bot.understanding.scene import Scene, cover, look
from bot.understanding.taught.entries import SEGMENT, groups_of, has_value
from bot.understanding.taught.record import Meaning
from bot.understanding.taught.vocabulary import NOTHING_TAUGHT
from tools.customers.segments.names import key_of
from tools.errors import InvalidArgument
from tools.messages import say
from tools.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from bot.understanding.reading.draft import World
    from bot.understanding.spans import Span
    from tools.messages import Value
    from tools.semantic.catalog import Dimension

MOST_OPTIONS = 4
MOST_VALUES = 50
MOST_COMPARED = 20_000  # values among which the nearest is looked for
PAIR = re.compile(r"^\s*([\w .-]{1,60}?)\s*[=:]\s*(.+)$", re.DOTALL)
LISTED = re.compile(r"\s*[,，、;；]\s*(?:and\s+)?")
JOINED = re.compile(r"\s+and\s+|\s*[和及与]\s*")
METRIC_KEYS = frozenset({"metric", "figure", "measure", "kpi", "指标"})
DIMENSION_KEYS = frozenset({"dimension", "维度"})
SEGMENT_KEYS = frozenset({"segment", "saved segment", "saved", "分群", "细分", "人群", "客群", "分组"})
GRAMMAR = ("filler", "and", "only", "classifier", "own_currency")


def meanings(said: str, world: World) -> tuple[Meaning, ...]:
    """What the words may mean, the likeliest first, at most four. Raises InvalidArgument with the nearest choices."""
    plain = normalise(said).text.strip()
    pair = PAIR.match(plain)
    found = _of_pair(pair[1].strip(), pair[2].strip(), world) if pair else _in_words(said, world)
    if len(found) > MOST_OPTIONS:
        raise InvalidArgument(
            say("“{text}” can mean {count} things. Name one, as in product=85123A.", text=said, count=len(found))
        )
    return found


# --- key=value ----------------------------------------------------------------------------------------------------


def _of_pair(key: str, value: str, world: World) -> tuple[Meaning, ...]:
    named = key.lower()
    if named in METRIC_KEYS:
        return (Meaning("metric", _metric(value, world)),)
    if named in DIMENSION_KEYS:
        return tuple(Meaning("dimension", one.id) for one in _dimensions(value, world))
    if named in SEGMENT_KEYS:
        return (Meaning("values", SEGMENT, (_segment(value, world),)),)
    scheme = _scheme(named, world)
    if scheme is not None:
        return (Meaning("values", scheme.id, (_group(scheme.id, value),)),)
    return _of_values(_dimensions(key, world), value, world)


def _of_values(dimensions: Sequence[Dimension], said: str, world: World) -> tuple[Meaning, ...]:
    """The values in each of the dimensions that has them all; of several of one name, the one that bears it first."""
    problem: InvalidArgument | None = None
    found = []
    for dimension in dimensions:
        try:
            values = _values(dimension, said, world)
        except InvalidArgument as error:
            problem = problem or error
        else:
            found.append(Meaning("values", dimension.id, values))
    if not found and problem is not None:
        raise problem
    return tuple(found)


def _values(dimension: Dimension, said: str, world: World) -> tuple[str, ...]:
    """One value, or several with commas or "and" between them, where the whole is none. Raises InvalidArgument."""
    listed = [part for part in LISTED.split(said) if part]
    joined = [part for piece in listed for part in JOINED.split(piece) if part]
    for parts in ([said], listed, joined):
        values = [value for part in parts if (value := _value(dimension, part, world)) is not None]
        if parts and len(values) == len(parts) <= MOST_VALUES:
            return tuple(dict.fromkeys(values))
    unknown = next((part for part in joined if _value(dimension, part, world) is None), said)
    raise _no_value(dimension, unknown, world)


def _value(dimension: Dimension, text: str, world: World) -> str | None:
    """The one value that a text names: as it is written, by another name, or, for products, by a part of its name."""
    index, text = world.index, text.strip()
    if dimension.id == "customer":
        return text if text and has_value(index, "customer", text) else None
    readings = [
        *index.lexicon.readings(text),
        *([index.capitals[text]] if text in index.capitals else []),
    ]
    found = {r.value[1] for r in readings if r.kind == "value" and r.value[0] == dimension.id}
    found |= {value for name, value in index.codes.get(text.lower(), ()) if name == dimension.id}
    if not found and dimension.id == "product":
        found = {index.spellings.get(p, p) for p in index.products_named(re.findall(r"[\w.&-]+", text.lower()))}
    if text in found:
        return text
    return next(iter(found)) if len(found) == 1 else None


def _no_value(dimension: Dimension, text: str, world: World) -> InvalidArgument:
    index, label = world.index, dimension.label.label.inside()
    if dimension.id == "product":
        several = index.products_named(re.findall(r"[\w.&-]+", text.lower()))
        if len(several) > 1:
            return InvalidArgument(
                say(
                    "{count} products have “{text}” in their name. Name one by its code.", count=len(several), text=text
                )
            )
    if dimension.id == "customer":
        known = set(index.customers or ())
    else:
        known = index.lexicon.values(dimension.id)
        known |= {value for pairs in index.codes.values() for name, value in pairs if name == dimension.id}
    choices = nearest(text, sorted(known), cutoff=0) if len(known) <= MOST_COMPARED else []
    if not choices:
        return InvalidArgument(say("There is no {dimension} “{text}” in the data.", dimension=label, text=text))
    return InvalidArgument(
        say(
            "There is no {dimension} “{text}” in the data. Nearest: {choices}.",
            dimension=label,
            text=text,
            choices=tuple(choices),
        )
    )


def _metric(text: str, world: World) -> str:
    readings = world.index.lexicon.readings(text)
    found = list(dict.fromkeys(str(reading.value) for reading in readings if reading.kind == "metric"))
    if not found:
        raise InvalidArgument(
            say("There is no figure “{text}”. Nearest: {choices}.", text=text, choices=_metrics_near(text, world))
        )
    there = [m for m in found if world.tables >= set(world.catalog.tables_of(world.catalog.metrics[m]))]
    return (there or found)[0]


def _metrics_near(text: str, world: World) -> tuple[Value, ...]:
    names = {
        name: metric
        for metric in world.catalog.visible_metrics
        for name in (metric.label.en, metric.label.zh, metric.id, *metric.synonyms.en, *metric.synonyms.zh)
    }
    metrics = dict.fromkeys(names[name] for name in nearest(text, names, limit=12, cutoff=0))
    return tuple(metric.label.label for metric in list(metrics)[:3])


def _dimensions(text: str, world: World) -> list[Dimension]:
    """Of several of one name ("channel"), the one with this very id first. Raises InvalidArgument."""
    known = {dimension.id: dimension for dimension in world.catalog.dimensions.values() if not dimension.is_time}
    readings = world.index.lexicon.readings(text)
    found = [known[r.value] for r in readings if r.kind == "dimension" and r.value in known]
    found.sort(key=lambda dimension: dimension.id != text.lower())
    if not found:
        names: dict[str, Value] = {name: d.label.label.inside() for d in known.values() for name in (d.id, d.label.zh)}
        choices = (*dict.fromkeys(names[name] for name in nearest(text, names, cutoff=0)),)
        raise InvalidArgument(
            say(
                "I know no “{text}” to which something can belong. A word can mean a metric, a segment, or values of "
                "what figures are split by. Nearest: {choices}.",
                text=text,
                choices=choices,
            )
        )
    return found


def _segment(text: str, world: World) -> str:
    by_key = {key_of(name): name for name in world.saved}
    found = by_key.get(key_of(text))
    if found is None:
        if not by_key:
            raise InvalidArgument(say("There is no saved segment “{name}”; none has been saved yet.", name=text))
        choices = tuple(nearest(text, world.saved, cutoff=0))
        raise InvalidArgument(
            say("There is no saved segment “{name}”. Nearest: {choices}.", name=text, choices=choices)
        )
    return found


def _scheme(text: str, world: World) -> Dimension | None:
    for dimension in world.catalog.memberships.values():
        names = (dimension.id, dimension.label.en.lower(), dimension.label.zh)
        if text in names and dimension.id != SEGMENT and groups_of(dimension.id):
            return dimension
    return None


def _group(scheme: str, text: str) -> str:
    names = {phrase.lower(): group for known, group, phrase in group_names() if known == scheme}
    names |= {group: group for group in names.values()}
    found = names.get(text.strip().lower())
    if found is None:
        choices = tuple(dict.fromkeys(names[name] for name in nearest(text, names, cutoff=0)))
        raise InvalidArgument(say("There is no group “{text}”. Nearest: {choices}.", text=text, choices=choices))
    return found


# --- In words -----------------------------------------------------------------------------------------------------


def _in_words(said: str, world: World) -> tuple[Meaning, ...]:
    scene = _scene(said, world)
    spans = [span for span in scene.spans if not span.word(*GRAMMAR) and not _is_mark(span)]
    found = tuple(dict.fromkeys(_of_spans(spans, world)))
    if not found or not spans:
        raise _unknown(said, world)
    return found


def _scene(said: str, world: World) -> Scene:
    """Laid out as a question would be, without the taught words: a word is never taught by another one."""
    index = replace(world.index, taught=NOTHING_TAUGHT)
    sight = look(said, index, world.today, world.first_day)
    return cover(sight, (*sight.candidates, *memberships(sight, world.saved)))


def _is_mark(span: Span) -> bool:
    return not any(character.isalnum() for character in span.text)


def _of_spans(spans: Sequence[Span], world: World) -> Iterator[Meaning]:
    """A figure by itself, a dimension by itself, or values of one dimension with or without its name."""
    valued = [span for span in spans if span.has("value")]
    others = [span for span in spans if not span.has("value")]
    if not valued and len(spans) == 1:
        for name in spans[0].values("metric"):
            yield Meaning("metric", name)
        for name in spans[0].values("dimension"):
            if not world.catalog.dimensions[name].is_time:
                yield Meaning("dimension", name)
    labels = [set(span.values("dimension")) | _membership_names(span, world.catalog.memberships) for span in others]
    if not valued or not all(labels):
        return
    shared = set.intersection(*({name for name, _value in span.values("value")} for span in valued), *labels)
    for name in [*world.catalog.dimensions, *world.catalog.memberships]:
        if name not in shared:
            continue
        each = [[value for known, value in span.values("value") if known == name] for span in valued]
        if all(len(values) == 1 for values in each) and (name in world.catalog.dimensions or len(each) == 1):
            yield Meaning("values", name, tuple(dict.fromkeys(values[0] for values in each)))
        elif len(each) == 1:
            for value in each[0]:
                yield Meaning("values", name, (value,))


def _membership_names(span: Span, memberships_of: Mapping[str, Dimension]) -> set[str]:
    named = span.text in SEGMENT_KEYS or span.word("segments")
    return set(memberships_of) if named else set()


def _unknown(said: str, world: World) -> InvalidArgument:
    labels: dict[str, Value] = {}
    for metric in world.catalog.visible_metrics:
        labels |= dict.fromkeys((metric.label.en, metric.label.zh, *metric.synonyms.en), metric.label.label)
    for dimension in world.catalog.dimensions.values():
        if not dimension.is_time:
            labels |= dict.fromkeys((dimension.label.en, dimension.label.zh), dimension.label.label)
            labels |= {value: value for value in _few(world.index.lexicon.values(dimension.id))}
    labels |= {name: name for name in world.saved}
    choices = tuple(dict.fromkeys(labels[name] for name in nearest(said, labels, limit=6, cutoff=50)))[:3]
    if not choices:
        return InvalidArgument(
            say(
                "I do not know “{text}”. A word can mean a figure (net sales), values (country=Germany, France), or a "
                "saved segment (segment=VIP-DE).",
                text=said,
            )
        )
    return InvalidArgument(say("I do not know “{text}”. Nearest: {choices}.", text=said, choices=choices))


def _few(values: Collection[str]) -> Collection[str]:
    return values if len(values) <= MOST_COMPARED else ()
