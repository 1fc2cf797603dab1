"""The words that questions are made of: the catalog's, the data's own values, and the grammar of `words.yml`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.understanding.normalise import normalise
from bot.understanding.slips import NAMES, SHORT, WORDS, is_slip, sounds
from bot.understanding.spans import Reading, Span
from tools.semantic.catalog import Catalog, Synonyms
from tools.tool import Tool

TOKEN = re.compile(r"[a-z0-9](?:[a-z0-9_.&'-]*[a-z0-9])?(?:'s\b)?|[^\W_]|[^\s]", re.IGNORECASE)
LATIN = re.compile(r"[a-z0-9]")
HAN_RUN = re.compile(r"[\u3400-\u9fff]{2,}")
LONGEST_NAME = 8  # characters of a Chinese name that is known by its sound
CJK = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")

# Words that signal the work of a tool; the name is the tool's.
CUES = ("forecast", "drivers", "segments", "churn", "cohorts", "clv", "recommend", "playbook", "digest", "monitor")

BY_CHANGE = ("rank_by_change", "rank_by_fall", "rank_by_rate", "rank_by_rate_fall", "rank_by_growth")
RANKING = ("highest", "lowest", "top", "rank", "rank_ascending", *BY_CHANGE, "selling", "selling_worst")
"""Words of `words.yml` that order groups."""

# Only words that decide what is computed are worth guessing; "shipped" must not become "shopped", a filler.
MENDABLE = frozenset({"compare", "growth", "share", "average", "highest", "lowest", "exclude", "trend", "forecast"})


@dataclass(frozen=True)
class Token:
    start: int
    end: int
    text: str
    stem: str


def tokens(folded: str) -> list[Token]:
    """Words of a lower-cased text; each Chinese character is a token of its own."""
    return [Token(m.start(), m.end(), m.group(), stem(m.group())) for m in TOKEN.finditer(folded)]


@cache
def stem(word: str) -> str:
    """Folds the English plural and possessive, nothing else: enough to match, too little to confuse."""
    word = word.removesuffix("'s").removesuffix("'")
    if word.startswith("e-mail"):
        word = f"email{word[6:]}"
    if len(word) <= 3 or not word.isascii() or word == "goods":  # what is good is no product
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


@cache
def grammar() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """The words of figures, `words.yml`."""
    return grammar_of(Path(__file__).with_name("words.yml"))


@cache
def grammar_of(file: Path) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Phrases by group and language. Groups of groups (`average_per`) become "average_per:day"."""
    # libyaml's loader is the same safe one, ten times faster; not every platform has it.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    raw = yaml.load(file.read_text("utf-8"), loader)  # noqa: S506
    groups: dict[str, Mapping[str, tuple[str, ...]]] = {}
    for name, entry in raw.items():
        if "en" in entry:
            groups[name] = {language: tuple(map(str, phrases)) for language, phrases in entry.items()}
        else:
            for part, phrases_of in entry.items():
                groups[f"{name}:{part}"] = {language: tuple(p) for language, p in phrases_of.items()}
    return groups


@dataclass
class Lexicon:
    """Phrases and their readings. Latin phrases match stem by stem, others character by character."""

    _words: dict[str, list[tuple[tuple[str, ...], Reading]]] = field(default_factory=lambda: defaultdict(list))
    _known: set[tuple[tuple[str, ...], Reading]] = field(default_factory=set)
    _right: set[str] = field(default_factory=set)
    _vocabulary: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _stems: set[str] = field(default_factory=set)
    _heard: dict[str, dict[str, list[Reading]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    """Names of figures and groups by how they sound."""

    def add(self, phrase: str, reading: Reading, *, mendable: bool = True) -> None:
        """`mendable`: a misspelt word may be taken for one of this phrase."""
        stems = tuple(token.stem for token in tokens(normalise(phrase).folded))
        if not stems or (stems, reading) in self._known:
            return
        self._known.add((stems, reading))
        self._words[stems[0]].append((stems, reading))
        if not (reading.kind == "value" and reading.value[0] == "product"):
            self._stems.update(stems)
        if mendable and reading.kind in ("metric", "dimension") and HAN_RUN.fullmatch(phrase):
            if 2 < len(phrase) <= LONGEST_NAME or phrase in SHORT:
                self._heard[sounds(phrase)][phrase].append(reading)
            for slip in (slip for slip, name in NAMES.items() if name == phrase):
                self.add(slip, Reading(reading.kind, reading.value, phrase), mendable=False)
        for one in stems if mendable else ():
            if len(one) >= 4 and one.isascii() and one.isalpha():
                self._vocabulary[one[0]].add(one)

    def add_all(self, synonyms: Synonyms, names: Iterable[str], reading: Reading) -> None:
        for phrase in (*synonyms.en, *synonyms.zh, *names):
            self.add(phrase, reading)

    def protect(self, word: str) -> None:
        """A word that is right as it stands, though it says nothing here."""
        self._right.add(stem(word))

    def explains(self, phrase: str) -> bool:
        """Whether the phrase as a whole has a reading already."""
        stems = tuple(token.stem for token in tokens(phrase.lower()))
        return any(known == stems for known, _reading in self._words.get(stems[0] if stems else "", ()))

    def means(self, phrase: str, reading: Reading) -> bool:
        """Whether the phrase as a whole has this reading."""
        return (tuple(token.stem for token in tokens(normalise(phrase).folded)), reading) in self._known

    def readings(self, phrase: str) -> tuple[Reading, ...]:
        """Every reading of the phrase as a whole."""
        stems = tuple(token.stem for token in tokens(normalise(phrase).folded))
        return tuple(reading for known, reading in self._words.get(stems[0] if stems else "", ()) if known == stems)

    def values(self, dimension: str) -> set[str]:
        """The values of a dimension that phrases are read as."""
        return {reading.value[1] for _stems, reading in self._known if _is_value(reading, dimension)}

    def knows(self, one: str) -> bool:
        return one in self._words or one in self._right or one in self._vocabulary[one[:1]]

    def has_word(self, one: str) -> bool:
        """Whether some phrase, other than a product's name, holds the word of this stem."""
        return one in self._stems

    def heard(self, folded: str) -> Iterator[Span]:
        """Stretches that sound like the name of a figure or a group, and are written like it but for a character."""
        alike = sounds(folded)
        for match in HAN_RUN.finditer(folded):
            for start in range(match.start(), match.end() - 1):
                for end in range(start + 2, min(start + LONGEST_NAME, match.end()) + 1):
                    names = self._heard.get(alike[start:end], {})
                    for name, readings in names.items():
                        if folded[start:end] not in names and is_slip(folded[start:end], name):
                            mended = tuple(Reading(r.kind, r.value, name) for r in readings)
                            yield Span(start, end, folded[start:end], mended)

    def spans(self, folded: str, words: list[Token]) -> Iterator[Span]:
        """Every stretch that some phrase explains; misspelt words are tried as what they resemble."""
        fixed = [
            WORDS.get(token.text) or (None if self.knows(token.stem) else self._correction(token.stem))
            for token in words
        ]
        for i, token in enumerate(words):
            for first in dict.fromkeys((token.stem, fixed[i] or token.stem)):
                found: dict[int, list[Reading]] = {}
                for stems, reading in self._words.get(first, ()):
                    last = i + len(stems)
                    if last > len(words):
                        continue
                    slips = []
                    for j, wanted in enumerate(stems):
                        if words[i + j].stem == wanted:
                            continue
                        if fixed[i + j] != wanted:
                            break
                        slips.append(j)
                    else:
                        found.setdefault(last, []).append(
                            Reading(reading.kind, reading.value, _meant(words[i:last], stems, slips))
                            if slips
                            else reading
                        )
                for last, readings in found.items():
                    start, end = token.start, words[last - 1].end
                    yield Span(start, end, folded[start:end], tuple(readings))

    def _correction(self, word: str) -> str | None:
        """The one word that `word` is a slip of the keys for; None where it may be a word of its own.

        Letters may be missing, doubled or swapped; a wrong letter is only forgiven in long words, since
        short ones become other words by it (store, score).
        """
        if len(word) < 4 or not word.isascii() or not word.isalpha():
            return None
        found = [known for known in self._vocabulary[word[0]] if _slip(word, known)]
        if len(found) > 1:
            found = [known for known in found if abs(len(known) - len(word)) <= 1 and sorted(known) == sorted(word)]
        return found[0] if len(found) == 1 else None


def _is_value(reading: Reading, dimension: str) -> bool:
    return reading.kind == "value" and reading.value[0] == dimension


def _meant(words: Sequence[Token], stems: Sequence[str], slips: Sequence[int]) -> str:
    """A phrase as it was meant: the words as typed, but for the misspelt ones."""
    said = [token.text for token in words]
    for j in slips:
        said[j] = f"{stems[j]}s" if said[j].endswith("s") and not stems[j].endswith("s") else stems[j]
    return " ".join(said)


def _slip(word: str, known: str) -> bool:
    if word == known or abs(len(word) - len(known)) > 2 or len(known) < 4:
        return False
    if sorted(word) == sorted(known):
        from rapidfuzz.distance import OSA

        return OSA.distance(word, known) <= 2
    if len(word) < len(known):
        missing = len(known) - len(word)
        return _subsequence(word, known) and missing <= (1 if len(known) < 6 else 2)
    if len(word) > len(known):
        return len(word) - len(known) == 1 and _subsequence(known, word) and len(known) >= 5
    if len(word) < 7:
        return False
    return sum(a != b for a, b in zip(word, known, strict=True)) == 1


def _subsequence(short: str, long: str) -> bool:
    rest = iter(long)
    return all(letter in rest for letter in short)


def base_lexicon(catalog: Catalog, tools: Iterable[Tool[Any]]) -> Lexicon:
    """The grammar's words, the catalog's and the tools' own, without the values of any store."""
    lexicon = Lexicon()
    for tool in tools:
        for cue in tool.cues:
            for phrase in (*cue.en, *cue.zh):
                lexicon.add(phrase, Reading("tool", (tool.name, tuple(sorted(cue.args.items())))), mendable=False)
    for group, by_language in grammar().items():
        kind = "cue" if group in CUES else "word"
        for phrases in by_language.values():
            for phrase in phrases:
                if group == "common":
                    lexicon.protect(phrase)
                    continue
                lexicon.add(phrase, Reading(kind, group), mendable=group in MENDABLE)  # type: ignore[arg-type]
    for metric in catalog.visible_metrics:
        lexicon.add_all(
            metric.synonyms,
            (metric.label.en, metric.label.zh, metric.id.replace("_", " "), metric.id),
            Reading("metric", metric.id),
        )
    for dimension in catalog.dimensions.values():
        lexicon.add_all(
            dimension.synonyms,
            (dimension.label.en, dimension.label.zh, dimension.id),
            Reading("dimension", dimension.id),
        )
    return lexicon
