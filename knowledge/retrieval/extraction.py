"""Picks the sentences of a passage that answer a question.

Every run of up to three sentences is weighed by how much of the question it speaks of, and by whether it is of the
sort that was asked for: a number, an enumeration, a definition, advice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace

from knowledge.document import Passage
from knowledge.language.sentences import spans
from knowledge.language.words import apart, plain
from knowledge.retrieval.lexical import View, Weighted
from knowledge.retrieval.question import Asked, Concept, Name
from knowledge.retrieval.sorts import fits

SENTENCES = 3
# Chinese characters count one, English words four.
LONGEST_QUOTE = 360
USUAL_QUOTE = 240
SORT_BONUS = 0.15
# What a heading says need not be said again below it.
SECTION_SHARE = 0.6
TITLE_SHARE = 0.3
LENGTH_COST = 0.06
# The characters of a name that do not stand together say less than the name.
PARTLY = 0.8
# A word that neither the glossary nor any passage knows may be a turn of speech; a deed more likely than a thing.
UNKNOWN_THING = 0.75
UNKNOWN_DEED = 0.4
# What every passage speaks of still tells something.
COMMON = 1.0
# A single character is found in too many words.
CHARACTER_SHARE = 0.3
_HAN = re.compile("[\u3400-\u9fff]")
_WORD = re.compile("[A-Za-z][A-Za-z'-]*")


@dataclass(frozen=True)
class Text:
    """A text to be looked through: in plain form, and its terms that are not Chinese."""

    plain: str
    terms: Set[str]

    def holds(self, term: str) -> bool:
        return term in self.terms if term.isascii() else term in self.plain


@dataclass(frozen=True)
class Called:
    """A name of a concept, ready to be looked for: its parts have their shares of it, none where only all will do."""

    whole: str
    factor: float
    parts: Weighted

    def match(self, text: Text) -> float:
        if self.whole and text.holds(self.whole):
            return self.factor
        return sum(share for term, share in self.parts if text.holds(term))


@dataclass(frozen=True)
class Weighing:
    """A question's concepts as the passages that may be read know them.

    `importance[i]` is how much concept i tells; `unheard[i]` whether no passage holds any of its names; `called[i]`
    are these.
    """

    asked: Asked
    importance: tuple[float, ...]
    unheard: tuple[bool, ...]
    called: tuple[tuple[Called, ...], ...]
    subjects: tuple[str, ...]

    def matches(self, text: Text) -> list[float]:
        """How far a text speaks of each concept, 0 to 1."""
        return [
            max([name.match(text) for name in names], default=0.0) if weight else 0.0
            for names, weight in zip(self.called, self.importance, strict=True)
        ]

    def within(self, text: Text) -> Weighing:
        """The same for the parts of a text: names that are not in it need not be looked for in each."""
        return replace(self, called=tuple(tuple(name for name in names if name.match(text)) for names in self.called))

    def coverage(self, matches: Sequence[float]) -> float:
        """The share of the question that is spoken of, 0 to 1."""
        total = sum(self.importance)
        return sum(w * m for w, m in zip(self.importance, matches, strict=True)) / total if total else 0.0


@dataclass(frozen=True)
class Window:
    """A run of sentences of a passage, `text[start:end]`.

    `coverage` is the share of the question that it speaks of, `single` that of its best sentence alone; `sorts` says
    whether it is of the sort that was asked for, from -1 to 1.
    """

    start: int
    end: int
    score: float
    coverage: float
    single: float
    sorts: float


def weigh(asked: Asked, view: View) -> Weighing:
    """How much each concept of a question tells, by how rare it is among the passages that may be read."""
    importance, unheard, called = [], [], []
    for concept in asked.concepts:
        holding = 0
        names = []
        for name in concept.names:
            parts = name.parts or (name.whole,)
            held = [view.holding(term) for term in parts]
            # A name is about as frequent as its rarest part.
            holding = max(holding, min(held), view.holding(name.whole) if name.whole else 0)
            names.append(_called(name, parts, [view.rarity(one) for one in held], proper=concept.named))
        called.append(tuple(names))
        unheard.append(not holding)
        importance.append(_importance(concept, holding, view))
    return Weighing(
        asked=asked,
        importance=tuple(importance),
        unheard=tuple(unheard),
        called=tuple(called),
        subjects=tuple(
            name.text for concept in asked.concepts if not concept.asks for name in concept.names if len(name.text) > 1
        ),
    )


def _called(name: Name, parts: Sequence[str], rare: Sequence[float], *, proper: bool) -> Called:
    chinese = not name.text.isascii()
    whole = name.text if chinese and len(name.text) > 1 else name.whole
    if proper and whole:
        # "世界" is no part of "世界杯".
        return Called(whole, name.factor, ())
    partly = PARTLY if chinese and parts != (whole,) else 1.0
    scale = name.factor * partly / (sum(rare) or 1.0)
    return Called(whole, name.factor, tuple((term, one * scale) for term, one in zip(parts, rare, strict=True)))


def _importance(concept: Concept, holding: int, view: View) -> float:
    if concept.asks:
        return 0.0
    weight = concept.weight
    if not holding and not concept.named and len(concept.names) == 1:
        weight *= UNKNOWN_THING if weight == 1.0 else UNKNOWN_DEED
    if len(concept.names[0].text) == 1:
        weight *= CHARACTER_SHARE
    return weight * (COMMON + view.rarity(holding))


def looked(text: str) -> Text:
    """A text ready to be looked through."""
    folded = plain(text)
    return Text(folded, frozenset(apart(folded)))


def together(texts: Iterable[Text]) -> Text:
    """Several texts as one."""
    all_ = list(texts)
    return Text("\n".join(one.plain for one in all_), frozenset().union(*(one.terms for one in all_)))


@dataclass(frozen=True)
class Leaf:
    """A passage ready to be looked through: its sentences with their places, its headings, and all of it.

    `heading` is the one right above it, the title where there is none, in plain form.
    """

    passage: Passage
    spans: Sequence[tuple[int, int]]
    sentences: Sequence[Text]
    section: Text
    title: Text
    heading: str
    whole: Text


def opened(passage: Passage) -> Leaf:
    """A passage with its sentences."""
    found = spans(passage.text, passage.language)
    sentences = [looked(passage.text[start:end]) for start, end in found]
    section, title = looked(" ".join(passage.section)), looked(passage.title)
    heading = plain(passage.section[-1]) if passage.section else title.plain
    return Leaf(passage, found, sentences, section, title, heading, together((title, section, *sentences)))


def windows(leaf: Leaf, weighing: Weighing) -> list[Window]:
    """The runs of sentences of a passage, the best first."""
    text = leaf.passage.text
    found = leaf.spans
    each = [weighing.matches(sentence) for sentence in leaf.sentences]
    alone = [weighing.coverage(matches) for matches in each]
    section, title = weighing.matches(leaf.section), weighing.matches(leaf.title)
    above = [max(SECTION_SHARE * s, TITLE_SHARE * t) for s, t in zip(section, title, strict=True)]
    lengths = [length(text[start:end]) for start, end in found]
    result = []
    for first, (start, _) in enumerate(found):
        for last in range(first, min(first + SENTENCES, len(found))):
            end = found[last][1]
            if last > first and sum(lengths[first : last + 1]) > LONGEST_QUOTE:
                break
            matches = [max(column) for column in zip(*each[first : last + 1], strict=True)]
            supported = weighing.coverage([max(m, a) for m, a in zip(matches, above, strict=True)])
            sorts = fits(text[start:end], weighing.asked.kinds, weighing.subjects)
            result.append(
                Window(
                    start,
                    end,
                    score=supported * (1 + SORT_BONUS * sorts) - LENGTH_COST * (last - first),
                    coverage=weighing.coverage(matches),
                    single=max(alone[first : last + 1]),
                    sorts=sorts,
                )
            )
    return sorted(result, key=lambda window: (-window.score, window.start, window.end))


def quoted(passage: Passage, window: Window) -> tuple[int, int]:
    """From where to where a passage is quoted: whole if it is short, else the sentences with those that follow them."""
    if length(passage.text) <= LONGEST_QUOTE:
        return 0, len(passage.text)
    start, end = window.start, window.end
    found = spans(passage.text, passage.language)
    for _, after in (span for span in found if span[0] >= end):
        if length(passage.text[start:after]) > USUAL_QUOTE:
            break
        end = after
    for before, _ in reversed([span for span in found if span[1] <= start]):
        if length(passage.text[before:end]) > USUAL_QUOTE:
            break
        start = before
    return start, end


def length(text: str) -> int:
    """The length of a quote: a Chinese character counts one, an English word four."""
    han = len(_HAN.findall(text))
    return han + 4 * len(_WORD.findall(text))
