"""Documents that a question names by who wrote them, or by their title: it is asked of these alone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping

_SPACED = re.compile(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")
_PARTED = re.compile(r"\s*(?:[,，、;；&]|\band\b|和)\s*")
_CHINESE = re.compile(r"[\u4e00-\u9fff·]{2,4}")
_LATIN = re.compile(r"[A-Z][\w'-]+(?: [A-Z][\w'.-]*){1,3}")
_WORKPLACE = re.compile(
    r"大学|学院|学校|研究[院所]|作者|公司|\b(?:University|School|College|Institute|Department|Inc|Ltd|author)\b"
)
_TITLE = re.compile(r"《([^《》]{4,})》")
# What says only that a document is spoken of: "in Wang's paper", 王卓那篇文章.
_THEIRS = (
    r"(?:'s)?(?:\s+(?:paper|article|study|report|text)s?)?"
    r"(?:\s*(?:在|于)?的?(?:那|这)?篇?(?:论文|文章|研究|报告|文)(?:里|中)?)?"
)
_SHORTEST_TITLE = 4


def authors(opening: str) -> frozenset[str]:
    """Who wrote a document, by the line that stands above where they work; lower case, in either order."""
    if not _WORKPLACE.search(opening):
        return frozenset()
    line = unicodedata.normalize("NFKC", opening).strip().partition("\n")[0]
    found = set()
    for part in _PARTED.split(_SPACED.sub("", line)):
        if _CHINESE.fullmatch(part):
            found.add(part)
        elif _LATIN.fullmatch(part):
            words = part.lower().split()
            found |= {" ".join(words), " ".join([words[-1], *words[:-1]])}
    return frozenset(found)


def limited(
    question: str, written: Iterable[tuple[str, Collection[str]]], titles: Mapping[str, str]
) -> tuple[str, Collection[str]]:
    """A question without the names of authors and titles, and the keys of the documents of these; none where none is
    named.

    `written` holds documents' keys and who wrote them, `titles` the titles by key.
    """
    folded = unicodedata.normalize("NFKC", question).lower()
    named: dict[str, set[str]] = {}
    for key, names in written:
        for name in names:
            if name in folded and re.search(rf"(?<![a-z]){re.escape(name)}(?![a-z])", folded):
                named.setdefault(name, set()).add(key)
    for title in _titles(folded):
        if keys := {key for key, own in titles.items() if title in own.lower()}:
            named.setdefault(f"《{title}》", set()).update(keys)
    for name in named:
        folded = re.sub(rf"(?:\bin\s+|\baccording to\s+)?{re.escape(name)}{_THEIRS}", " ", folded)
    rest = folded.strip()
    if not named or len(rest) < _SHORTEST_TITLE:
        return question, ()
    return rest, set.intersection(*named.values()) or set.union(*named.values())


def _titles(text: str) -> Iterator[str]:
    return (match[1].strip() for match in _TITLE.finditer(text))
