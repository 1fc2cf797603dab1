"""The terms of a text, for searching by words: Chinese and English, also mixed in one sentence.

Chinese is cut by jieba (its Rust port), and a compound gives its parts besides; traditional characters count as their
simplified ones. Pairs of neighbouring characters that are no word are terms as well, so that a name which is cut
differently here and there is still found. English is lower-cased, brought to one spelling and stemmed. Numbers keep
their decimals and their percent sign.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from knowledge.document import Passage
from knowledge.language import terminology

if TYPE_CHECKING:
    import rjieba
    import Stemmer

FIELDS = ("title", "section", "aliases", "body")

Script = Literal["han", "pair", "word", "number", "other"]

_LATIN = "A-Za-z\u00aa\u00b5\u00ba\u00c0-\u024f\u0370-\u052f"
_TOKEN = re.compile(
    r"(?P<han>[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3007]+)"
    rf"|(?P<word>(?:[0-9]+(?=[{_LATIN}]))?[{_LATIN}][{_LATIN}0-9]*(?:['.&/-][{_LATIN}0-9]+)*)"
    r"|(?P<number>[0-9]+(?:[.,][0-9]+)*(?P<percent>\s?%|\s?per\s?cent\b)?)"
    r"|(?P<other>[^\W_])"
)
_NOT_A_NUMBER = re.compile(r"[^0-9.]+")
_ENGLISH_STOP = (
    "a an and are as at be been being but by did do does done for from had has have he her his i if in into is it its "
    "me my of on or our ours she so such than that the their them then there these they this those to us was we were "
    "will with would you your s t doe"
)
_CHINESE_STOP = "的 了 着 和 与 及 或 是 在 也 都 而 且 之 其 把 被 让 使 从 对 于 以 为 由 向 等 个 这 那 吗 呢 吧 啊"
STOP = frozenset(_ENGLISH_STOP.split()) | frozenset(_CHINESE_STOP.split())
_SPELLINGS = (
    (re.compile(r"(?<=[a-z]{3})is(e|es|ed|er|ers|ing|ation|ations)$"), r"iz\1"),
    (re.compile(r"(?<=[a-z]{3})our(s|ed|ing|al|able|ite|ites)?$"), r"or\1"),
    (re.compile(r"(?<=[aeiou])([^aeiou]+[aeiou])ll(ed|ing|er|ers)$"), r"\1l\2"),
)
_SPELLED = {
    "programme": "program",
    "programmes": "programs",
    "catalogue": "catalog",
    "catalogues": "catalogs",
    "centre": "center",
    "centres": "centers",
    "cheque": "check",
    "licence": "license",
    "licences": "licenses",
    "cosy": "cozy",
    "grey": "gray",
}


class Token(NamedTuple):
    """A term and where it stands in the plain text. `pair`: neighbouring characters that are no word.

    A tuple, because there are hundreds in every passage that is learned.
    """

    term: str
    start: int
    end: int
    script: Script


def terms(text: str) -> list[str]:
    """The words and numbers of a text as terms, in their order, function words left out."""
    return [token.term for token in tokens(plain(text)) if token.script != "pair" and token.term not in STOP]


def analysed(passage: Passage, aliases: Sequence[str]) -> str:
    """What the lexical side keeps of a passage: a line of terms for each of `FIELDS`, terms parted by spaces."""
    fields = (passage.title, " ".join(passage.section), "\n".join(aliases), passage.text)
    return "\n".join(" ".join(t.term for t in tokens(plain(field)) if t.term not in STOP) for field in fields)


def plain(text: str) -> str:
    """One form of what is written in several: half-width, simplified characters, lower case; the length may change."""
    folded = unicodedata.normalize("NFKC", text).replace("\u2019", "'")
    return folded.lower() if folded.isascii() else folded.translate(_simplified()).lower()


def tokens(text: str) -> Iterator[Token]:
    """The terms of a plain text with their places, function words and pairs of characters among them."""
    for found in _TOKEN.finditer(text):
        start, end = found.span()
        written = found.group()
        match found.lastgroup:
            case "han":
                yield from _chinese(written, start)
            case "word":
                for term in _english(written):
                    yield Token(term, start, end, "word")
            case "number" | "percent":
                yield Token(_number(found), start, end, "number")
            case _:
                yield Token(written, start, end, "other")


def _chinese(run: str, offset: int) -> Iterator[Token]:
    words = set()
    for word, start, end in _segmenter().tokenize(run, "search"):
        if end - start == 2:
            words.add(start)
        yield Token(word, offset + start, offset + end, "han")
    for at in range(len(run) - 1):
        if at not in words and run[at] not in STOP and run[at + 1] not in STOP:
            yield Token(run[at : at + 2], offset + at, offset + at + 2, "pair")


def _number(found: re.Match[str]) -> str:
    digits = _NOT_A_NUMBER.sub("", found.group())
    return f"{digits}%" if found["percent"] else digits


@lru_cache(maxsize=1 << 16)
def _english(word: str) -> tuple[str, ...]:
    parts = english_parts(word)
    # "win-back", "A/B", "e.g.": written as one word by some, as two by others.
    whole = (stem("".join(parts)),) if len(parts) > 1 else ()
    return (*whole, *(stem(part) for part in parts if len(part) > 1 or len(parts) == 1))


def apart(text: str) -> Iterator[str]:
    """The terms of a plain text that are not Chinese; those that are, a search for their characters finds."""
    for found in _TOKEN.finditer(text):
        match found.lastgroup:
            case "word":
                yield from _english(found.group())
            case "number" | "percent":
                yield _number(found)


def english_runs(text: str) -> Iterator[tuple[str, int]]:
    """English words and numbers of a plain text as they are written, compounds in one, with where they begin."""
    for found in _TOKEN.finditer(text):
        if found.lastgroup in ("word", "number", "percent"):
            yield found.group(), found.start()


def tagged(text: str) -> list[tuple[str, str]]:
    """A text as words that do not overlap, with jieba's part of speech ("nr" a person, "ns" a place, "v" a verb)."""
    return _segmenter().tag(text)


def english_parts(word: str) -> list[str]:
    """The parts of a word in lower case that hyphens, dots and the like hold together."""
    word = word.removesuffix("'s")
    if not word.isascii():
        word = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    return re.split(r"['.&/-]", word)


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """An English word in one spelling and without its ending (Snowball's English stemmer)."""
    word = _SPELLED.get(word, word)
    for pattern, plainer in _SPELLINGS:
        word = pattern.sub(plainer, word)
    with _stemming:
        stemmed: str = _stemmer().stemWord(word)
        return stemmed


# A stemmer keeps a cache of its own, which two threads must not change at once.
_stemming = threading.Lock()


@cache
def _stemmer() -> Stemmer.Stemmer:
    import Stemmer

    return Stemmer.Stemmer("english")


@cache
def _segmenter() -> rjieba.Jieba:
    import rjieba

    segmenter = rjieba.Jieba()
    for word in sorted({plain(name) for entry in terminology.shipped() for name in entry.zh}):
        if not segmenter.has_word(word):
            segmenter.add_word(word, None, "n")
    return segmenter


@cache
def _simplified() -> dict[int, str]:
    """Traditional character to simplified, from OpenCC's own table (read once, about 3 ms)."""
    spec = find_spec("opencc")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("opencc-python-reimplemented is not installed")
    table = Path(spec.origin).parent / "dictionary" / "TSCharacters.txt"
    pairs = (line.rstrip("\n").split("\t") for line in table.read_text(encoding="utf-8").splitlines() if "\t" in line)
    return {ord(pair[0]): first for pair in pairs if len(first := pair[1].split(" ")[0]) == 1 and len(pair[0]) == 1}
