"""A question with the team's own words read: each becomes what it means, and is still known as it was typed.

A metric, a dimension or a group of customers becomes its own name. Values become one letter of a script that nobody
here writes, which has no reading but theirs: they need no words of their own, and several of them stay one thing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.understanding.lexicon import CJK, Lexicon, Token, tokens
from bot.understanding.normalise import Normalised, normalise
from bot.understanding.spans import Reading, Span
from bot.understanding.taught.record import TaughtWord
from tools.messages import Message

FIRST_LETTER, LAST_LETTER = 0xA000, 0xA48C  # the syllables of Yi, more than words can be taught
STRANGE = chr(LAST_LETTER)  # has no reading: what becomes of such a letter that somebody types
ONE_THING = "one_thing"
"""The word that marks a span of several values as one thing: their sum is asked for, no row for each."""


@dataclass(frozen=True)
class Written:
    """What a taught word becomes in a Chinese text and in any other. `letter`: it has the readings of a letter."""

    zh: str
    en: str
    letter: bool = False


@dataclass(frozen=True)
class Entry:
    """A taught word, what its meaning is called, and whether that is still there."""

    taught: TaughtWord
    means: Message
    written: Written
    there: bool = True


@dataclass(frozen=True)
class Use:
    """Where a question uses a word: `typed` is how."""

    entry: Entry
    typed: str


@dataclass(frozen=True)
class Vocabulary:
    """The words that are taught now; made anew when one is taught or revoked, which costs milliseconds."""

    entries: Mapping[int, Entry] = field(default_factory=dict)
    _lexicon: Lexicon = field(default_factory=Lexicon)
    _letters: Mapping[str, tuple[Reading, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, words: Iterable[TaughtWord], entry: Callable[[TaughtWord, str], Entry]) -> Vocabulary:
        """`entry` says what becomes of a word, for which a letter is free."""
        entries: dict[int, Entry] = {}
        lexicon = Lexicon()
        letters: dict[str, tuple[Reading, ...]] = {}
        for number, word in enumerate(words):
            letter = chr(FIRST_LETTER + number)
            entries[word.id] = made = entry(word, letter)
            lexicon.add(word.word, Reading("word", word.id), mendable=False)
            if made.written.letter and made.there:
                letters[letter] = _of_values(word)
        return cls(entries, lexicon, letters)

    def read(self, norm: Normalised, known: Lexicon) -> tuple[Normalised, tuple[Use, ...]]:
        """The text with its taught words as what they mean, and these words.

        A longer word that is `known` as it stands keeps its taught part to itself.
        """
        if not self.entries:
            return norm, ()
        norm = _without_letters(norm)
        words = tokens(norm.folded)
        found = list(self._found(norm, words, known))
        if not found:
            return norm, ()
        chinese = _is_chinese(norm.text, found)
        text: list[str] = []
        offsets: list[int] = []
        place = 0
        uses = []
        for start, end, entry in found:
            text += norm.text[place:start]
            offsets += norm.offsets[place:start]
            first, last = norm.original_span(start, end)
            uses.append(Use(entry, norm.original[first:last]))
            instead = _apart(entry.written, norm.text, start, end, chinese=chinese)
            text += instead
            offsets += [norm.offsets[start]] * len(instead)
            place = end
        text += norm.text[place:]
        offsets += norm.offsets[place:]
        plain = "".join(text)
        return replace(norm, text=plain, folded=_folded(plain), offsets=tuple(offsets)), tuple(uses)

    def candidates(self, folded: str) -> Iterator[tuple[int, int, tuple[Reading, ...]]]:
        """The readings of the letters in a text that was read."""
        if self._letters:
            for i, character in enumerate(folded):
                if character in self._letters:
                    yield i, i + 1, self._letters[character]

    def restored(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """Arguments of a call with the words again where letters stand, as in a name that was given."""
        words = {ord(e.written.zh): e.taught.word for e in self.entries.values() if e.written.letter}
        return {name: _translated(value, words) for name, value in args.items()}

    def _found(self, norm: Normalised, words: Sequence[Token], known: Lexicon) -> Iterator[tuple[int, int, Entry]]:
        """Taught words from left to right, the longest first, none within a longer word that is known."""
        spans = sorted(self._lexicon.spans(norm.folded, list(words)), key=lambda span: (span.start, -span.end))
        if not spans:
            return
        longer = [span for span in known.spans(norm.folded, list(words)) if _is_name(span)]
        place = 0
        for span in spans:
            if span.start < place or any(_within(span, other) for other in longer):
                continue
            place = span.end
            yield span.start, span.end, self.entries[span.values("word")[0]]


NOTHING_TAUGHT = Vocabulary()


def is_letter(number: int) -> bool:
    """Whether a character may stand for values."""
    return FIRST_LETTER <= number <= LAST_LETTER


def _of_values(word: TaughtWord) -> tuple[Reading, ...]:
    meaning = word.meaning
    readings = tuple(Reading("value", (meaning.name, value)) for value in meaning.values)
    return readings if len(readings) == 1 else (*readings, Reading("word", ONE_THING))


def _is_name(span: Span) -> bool:
    return any(
        reading.kind in ("metric", "dimension", "value", "tool") and not reading.corrected for reading in span.readings
    )


def _within(inner: Span, outer: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end and outer.end - outer.start > inner.end - inner.start


def _is_chinese(text: str, found: Sequence[tuple[int, int, Entry]]) -> bool:
    """Whether the words beside the taught ones are Chinese; where there are none, whether those are."""
    rest = "".join(" " if any(s <= i < e for s, e, _entry in found) else c for i, c in enumerate(text))
    return bool(CJK.search(rest if any(c.isalpha() for c in rest) else text))


def _apart(written: Written, text: str, start: int, end: int, *, chinese: bool) -> str:
    """What stands for the word, with spaces where it would grow together with a Latin neighbour."""
    instead = normalise(written.zh if chinese else written.en).text
    before, after = text[start - 1 : start], text[end : end + 1]
    left = " " if _joins(before, instead[:1]) else ""
    right = " " if _joins(instead[-1:], after) else ""
    return f"{left}{instead}{right}"


def _joins(one: str, other: str) -> bool:
    return one.isalnum() and one.isascii() and other.isalnum() and other.isascii()


def _without_letters(norm: Normalised) -> Normalised:
    """The text without letters that somebody typed: none may pass for a taught word."""
    if not any(is_letter(ord(character)) for character in norm.text):
        return norm
    strange = {number: STRANGE for number in map(ord, norm.text) if is_letter(number)}
    return replace(norm, text=norm.text.translate(strange), folded=norm.folded.translate(strange))


def _folded(text: str) -> str:
    """Lower case, character by character, so that both have one length."""
    return "".join(low if len(low := character.lower()) == 1 else character for character in text)


def _translated(written: Any, words: Mapping[int, str]) -> Any:
    if isinstance(written, str):
        return written.translate(words)
    if isinstance(written, Mapping):
        return {key: _translated(value, words) for key, value in written.items()}
    if isinstance(written, list | tuple):
        return type(written)(_translated(value, words) for value in written)
    return written


def key_of(word: str) -> str:
    """The word as it is compared: words without case, width or plural."""
    return " ".join(token.stem for token in tokens(normalise(word).folded))
