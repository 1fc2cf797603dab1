"""One plain form of a question: half-width, simplified characters, with the way back to what was typed."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

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
_INVISIBLE = {"\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad"}


@dataclass(frozen=True)
class Normalised:
    """A text in plain form.

    `text` keeps the case; `folded` is its lower case, character by character, so both have one length.
    `offsets[i]` is where `text[i]` comes from in `original`; one more entry closes the list.
    """

    original: str
    text: str
    folded: str
    offsets: tuple[int, ...]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """The characters of the original that `text[start:end]` stands for."""
        if start >= end:
            return self.offsets[start], self.offsets[start]
        return self.offsets[start], max(self.offsets[end], self.offsets[end - 1] + 1)


def normalise(text: str) -> Normalised:
    """NFKC (full-width to half-width), traditional to simplified characters, straight quotes, nothing invisible.

    Characters are converted one by one, so that each keeps its place; accents join the letter before them.
    """
    if text.isascii():
        plain = text.replace("`", "'")
        return Normalised(text, plain, plain.lower(), tuple(range(len(text) + 1)))
    simplified = _simplified()
    characters: list[str] = []
    offsets: list[int] = []
    i = 0
    while i < len(text):
        j = i + 1
        while j < len(text) and unicodedata.combining(text[j]):
            j += 1
        cluster = text[i:j]
        if cluster not in _INVISIBLE:
            cluster = _LOOKALIKES.get(cluster, cluster)
            for character in unicodedata.normalize("NFKC", cluster):
                characters.append(simplified.get(character, character))
                offsets.append(i)
        i = j
    offsets.append(len(text))
    plain = "".join(characters)
    return Normalised(text, plain, "".join(map(_lower, characters)), tuple(offsets))


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
