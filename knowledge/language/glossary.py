"""Finds the trade's terms in a text, with what else they are called, in either language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from knowledge.document import Language
from knowledge.language.terminology import Entry, shipped
from knowledge.language.words import STOP, english_parts, english_runs, plain, stem, tagged

_LONGEST_NAME = 6
_STOPS = str.maketrans("。！？；，、：", ".!?;,,:")
_KEPT_IN_GLOSS = re.compile(r"[a-z][a-z0-9.&-]*|[0-9]+(?:\.[0-9]+)?%?|[。！？；，、：\n]")


@dataclass(frozen=True)
class Mention:
    """A term of the glossary in a plain text, `text[start:end]`; `en` and `zh` are its names, the usual ones first."""

    start: int
    end: int
    en: tuple[str, ...]
    zh: tuple[str, ...]

    def names(self, language: Language) -> tuple[str, ...]:
        return self.en if language == "en" else self.zh


@dataclass(frozen=True)
class _Names:
    """Entries by name. `english`: by the stems of a name, run together. `chinese`: by a name's first two characters,
    the longest names first.
    """

    english: dict[str, tuple[Entry, ...]]
    chinese: dict[str, tuple[tuple[str, tuple[Entry, ...]], ...]]


@dataclass(frozen=True)
class _Word:
    """An English word of a text, or a part of a compound: its stem and where it stands."""

    stem: str
    start: int
    end: int


class Glossary:
    """Names of the trade's things. Safe to use from several threads."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries

    @staticmethod
    @cache
    def load() -> Glossary:
        """The one that comes with the product."""
        return Glossary(shipped())

    def mentions(self, text: str) -> tuple[Mention, ...]:
        """The terms in a plain text, in order, the longest where they overlap."""
        found = _whole([*self._english_in(text), *self._chinese_in(text)], text)
        taken: list[Mention] = []
        free = bytearray(b"\1") * len(text)
        for mention in sorted(found, key=lambda m: (m.start - m.end, m.start)):
            if all(free[mention.start : mention.end]):
                free[mention.start : mention.end] = bytes(mention.end - mention.start)
                taken.append(mention)
        return tuple(sorted(taken, key=lambda m: m.start))

    def translations(self, text: str, language: Language) -> tuple[tuple[str, ...], ...]:
        """For each term in a text of this language, its names in the other, the usual one first."""
        other: Language = "zh" if language == "en" else "en"
        return tuple(mention.names(other) for mention in self.mentions(plain(text)))

    def gloss(self, text: str) -> str:
        """A Chinese text in English words, term by term: enough to tell a model of English what it is about.

        What the glossary does not know is left out; names, numbers and the ends of sentences stay.
        """
        folded = plain(text)
        pieces = [(m.start, m.end, m.en[0]) for m in self.mentions(folded)]
        known = {place for start, end, _ in pieces for place in range(start, end)}
        pieces += [
            (kept.start(), kept.end(), kept.group().translate(_STOPS))
            for kept in _KEPT_IN_GLOSS.finditer(folded)
            if kept.start() not in known
        ]
        return " ".join(piece for _, _, piece in sorted(pieces))

    def _english_in(self, text: str) -> Iterator[Mention]:
        by_name = self._names.english
        words = list(_english_words(text))
        for first in range(len(words)):
            key = ""
            for word in words[first : first + _LONGEST_NAME]:
                key += word.stem
                if key in by_name and key not in STOP:
                    yield _mention(words[first].start, word.end, by_name[key])

    def _chinese_in(self, text: str) -> Iterator[Mention]:
        by_name = self._names.chinese
        for start in range(len(text)):
            for key in {text[start : start + 2], text[start]}:
                for name, entries in by_name.get(key, ()):
                    if text.startswith(name, start):
                        yield _mention(start, start + len(name), entries)

    @cached_property
    def _names(self) -> _Names:
        english: dict[str, dict[Entry, None]] = {}
        chinese: dict[str, dict[Entry, None]] = {}
        for entry in self._entries:
            for name in entry.en:
                english.setdefault("".join(word.stem for word in _english_words(plain(name))), {})[entry] = None
            for name in entry.zh:
                if not name.isascii():
                    chinese.setdefault(plain(name), {})[entry] = None
        english.pop("", None)
        begun: dict[str, list[tuple[str, tuple[Entry, ...]]]] = {}
        for name in sorted(chinese, key=lambda name: (-len(name), name)):
            begun.setdefault(name[:2], []).append((name, tuple(chinese[name])))
        return _Names(
            {name: tuple(entries) for name, entries in english.items()},
            {start: tuple(names) for start, names in begun.items()},
        )


def _whole(found: Sequence[Mention], text: str) -> list[Mention]:
    """Those that are no piece of another word, as "计算" is of "计算机"; two that make up a word are no pieces."""
    at = 0
    by_start: dict[int, list[Mention]] = {}
    for mention in found:
        by_start.setdefault(mention.start, []).append(mention)
    pieces: set[int] = set()
    for word, _tag in tagged(text):
        end = at + len(word)
        if len(word) > 1 and not word.isascii():
            within = [
                one
                for start in range(at, end)
                for one in by_start.get(start, ())
                if one.end <= end and one.end - one.start < len(word)
            ]
            if within and len({place for one in within for place in range(one.start, one.end)}) < len(word):
                pieces.update(id(one) for one in within)
        at = end
    return [one for one in found if id(one) not in pieces]


def _mention(start: int, end: int, entries: Sequence[Entry]) -> Mention:
    return Mention(
        start,
        end,
        tuple(dict.fromkeys(name for entry in entries for name in entry.en)),
        tuple(dict.fromkeys(name for entry in entries for name in entry.zh)),
    )


def _english_words(text: str) -> Iterator[_Word]:
    for run, start in english_runs(text):
        at = start
        parts = english_parts(run)
        for place, part in enumerate(parts):
            end = at + len(part)
            if part:
                yield _Word(stem(part), at, start + len(run) if place == len(parts) - 1 else end)
            at = end + 1
