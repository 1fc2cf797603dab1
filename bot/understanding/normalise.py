"""One plain form of a question: half-width, simplified characters, with the way back to what was typed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

from bot.understanding.spelt import spelt

# NFKC keeps these apart although people type them for one another.
_LOOKALIKES = {
    "\u2018": "'",
    "\u2019": "'",
    "\u02bc": "'",
    "`": "'",
    "\u00b4": "'",
    "\u2032": "'",
    "\u201c": '"',
    "\u201d": '"',
}
MOST_MARKS = 8
_RUNS = re.compile(rf"\s\s|\W{{{MOST_MARKS + 1}}}")
# What is typed in a hurry, in full.
_SHORT = {
    "n": "and", "u": "you", "ur": "your", "ppl": "people", "abt": "about", "nvm": "never mind", "sth": "something",
    "smth": "something", "yest": "yesterday", "yday": "yesterday", "tmrw": "tomorrow", "tmr": "tomorrow",
    "wk": "week", "wks": "weeks", "mth": "month", "yrs": "years", "qtr": "quarter", "qtrs": "quarters",
    "prev": "previous", "calc": "calculate", "calced": "calculated", "whos": "who's", "hows": "how's",
    "wheres": "where's", "recs": "recommendations", "btwn": "between", "thru": "through", "w/o": "without",
    "rn": "right now", "tpo": "top", "brand-new": "new", "brand new": "new", "chk": "check",
    "helo": "hello", "hllo": "hello", "heyy": "hey", "thxx": "thx", "thxs": "thx",
    "thnx": "thx", "thnks": "thanks", "thks": "thanks", "tnx": "thx", "tks": "thanks", "thanx": "thanks",
    "plss": "please", "pleez": "please", "plse": "please", "gimme": "give me", "lemme": "let me", "wknd": "weekend",
    "b4": "before", "2day": "today", "2moro": "tomorrow", "pct": "percent",
}  # fmt: skip
_SHORTENED = re.compile(rf"(?<![\w.'&/+*-])(?:{'|'.join(_SHORT)})(?![\w'&/+*=-]|\.\w)", re.IGNORECASE)
# "Top n", "n = 5", "n." is a number that is not known yet.
_COUNTED = re.compile(r"(?:top|last|first|next|past|bottom|best|the|of)\s+$")
_INVISIBLE = {"\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad"}


@dataclass(frozen=True)
class Normalised:
    """A text in plain form.

    `text` keeps the case; `folded` is its lower case, character by character, so both have one length.
    `offsets[i]` is where `text[i]` comes from in `original`; one more entry closes the list.
    `mended` are stretches as typed, with what they were taken for.
    """

    original: str
    text: str
    folded: str
    offsets: tuple[int, ...]
    mended: tuple[tuple[str, str], ...] = ()

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """The characters of the original that `text[start:end]` stands for."""
        if start >= end:
            return self.offsets[start], self.offsets[start]
        return self.offsets[start], max(self.offsets[end], self.offsets[end - 1] + 1)


@lru_cache(maxsize=64)  # one message is looked at from many sides
def normalise(text: str) -> Normalised:
    """NFKC (full-width to half-width), traditional to simplified characters, straight quotes, nothing invisible.

    Characters are converted one by one, so that each keeps its place; accents join the letter before them. Of white
    space in a row one character is left, a line break if there is one, and of other marks in a row `MOST_MARKS`:
    patterns would take ages over a thousand of them.
    """
    if text.isascii() and not _RUNS.search(text):
        return _in_full(Normalised(text, *_both(text.replace("`", "'")), tuple(range(len(text) + 1))))
    simplified = _simplified()
    characters: list[str] = []
    offsets: list[int] = []
    marks = 0  # in a row
    i = 0
    while i < len(text):
        j = i + 1
        while j < len(text) and unicodedata.combining(text[j]):
            j += 1
        cluster = text[i:j]
        if cluster not in _INVISIBLE:
            cluster = _LOOKALIKES.get(cluster, cluster)
            for character in unicodedata.normalize("NFKC", cluster):
                if character.isspace() and characters and characters[-1].isspace():
                    characters[-1] = "\n" if character == "\n" else characters[-1]
                    continue
                marks = 0 if character.isalnum() else marks + 1
                if marks > MOST_MARKS:
                    continue
                characters.append(simplified.get(character, character))
                offsets.append(i)
        i = j
    offsets.append(len(text))
    return _in_full(Normalised(text, *_both("".join(characters)), tuple(offsets)))


def _both(plain: str) -> tuple[str, str]:
    """The text, and its lower case of the same length."""
    return plain, plain.lower() if plain.isascii() else "".join(map(_lower, plain))


def _in_full(norm: Normalised) -> Normalised:
    """The text with its short forms of chat spelt out, and its amounts in words written in digits."""
    norm = _put(norm, list(_spelt_out(norm)))
    return _put(norm, [(start, end, str(value)) for start, end, value in spelt(norm.text)])


def _spelt_out(norm: Normalised) -> Iterator[tuple[int, int, str]]:
    for match in _SHORTENED.finditer(norm.text):
        start, end = match.span()
        if match.group() in "nNuU" and not _is_word(norm.folded[:start], norm.folded[end:], match.group().lower()):
            continue
        yield start, end, _SHORT[match.group().lower()]


def _put(norm: Normalised, words: Sequence[tuple[int, int, str]]) -> Normalised:
    """The text with other words at some places: each letter of them stands where the place begins."""
    text, offsets = norm.text, norm.offsets
    for start, end, word in reversed(words):
        text = text[:start] + word + text[end:]
        offsets = (*offsets[:start], *[offsets[start]] * len(word), *offsets[end:])
    return Normalised(norm.original, *_both(text), offsets, norm.mended) if words else norm


def _is_word(before: str, after: str, letter: str) -> bool:
    """Whether a letter by itself is meant as a word: no number that is not known yet, and none of letters apart."""
    if re.search(r"(?<!\w)\w\s*$", before) or re.match(r"\s*\w(?!\w)", after):
        return False
    return letter == "u" or bool(re.match(r"\s+\w", after) and not _COUNTED.search(before))


def _lower(character: str) -> str:
    lower = character.lower()
    return lower if len(lower) == 1 else character


@cache
def _simplified() -> dict[str, str]:
    """Traditional character to simplified, from OpenCC's own table (read once, about 3 ms).

    Character by character is enough to recognise words, and keeps offsets; OpenCC's phrases would not.
    """
    spec = find_spec("opencc")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("opencc-python-reimplemented is not installed")
    table = Path(spec.origin).parent / "dictionary" / "TSCharacters.txt"
    pairs = (line.rstrip("\n").split("\t") for line in table.read_text(encoding="utf-8").splitlines() if "\t" in line)
    return {pair[0]: first for pair in pairs if len(first := pair[1].split(" ")[0]) == 1}
