"""What a document is called that does not say it itself: by its file's name, or by what it is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from knowledge.language.detection import weight
from knowledge.loaders.clean import clean
from knowledge.loaders.headings import is_named, plain_name

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_DIGEST = re.compile(
    rf"(?<![^\W_])(?:{_UUID}|(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{{8,}}|\d{{9,}})(?![^\W_])", re.IGNORECASE
)
# 618 and 11.11 are festivals; what only puts files in order is written 01 or "1. ".
_ORDER = re.compile(r"^(?:0\d*[\s._-]+|\d{1,2}[.)、]\s+)(?=\S)")
_WORDS = re.compile(r"[^\W\d_]")
_ABBREVIATION = re.compile(r"\b(?:faq|kpi|rfm|crm|vip|roi|roas|seo|sms|sop|gdpr|pipl|b2b|b2c)\b")
_SENTENCE = re.compile(r"(?:[^。！？!?.\n]|\.(?=\S))+")
_CLAUSE = re.compile(r"[，,；;：:]")
_TELLING = 5
"""Words that a heading needs to say what the document is about."""
_LONGEST = 20
"""Words of a title that is made of a sentence."""


def titled_by_name(name: str) -> str:
    """A title made of a file's name: "01_win-back_plan.md" as "Win-back plan"; empty where the name tells nothing."""
    stem = clean(PurePosixPath(name.replace("\\", "/")).stem)
    if not re.search(r"[\s_]", stem):
        stem = _DIGEST.sub(" ", stem).replace("-", " ")
    words = " ".join(_DIGEST.sub(" ", stem.replace("_", " ")).split())
    words = _ABBREVIATION.sub(lambda match: match[0].upper(), _ORDER.sub("", words).strip(" -"))
    if not _WORDS.search(words):
        return ""
    return words[:1].upper() + words[1:]


def titled_by_content(headings: Iterable[str], texts: Sequence[str]) -> str:
    """The first heading that says what it is about, else how the text begins."""
    for heading in headings:
        told = plain_name(heading)
        if not is_named(heading) and weight(told) >= _TELLING:
            return told
    sentence = _SENTENCE.search(texts[0]) if texts else None
    return _shortened(" ".join(sentence[0].split())) if sentence else ""


def _shortened(sentence: str) -> str:
    """A sentence that is no longer than a title, cut at a comma where there is one."""
    if weight(sentence) <= _LONGEST:
        return sentence
    ends = [match.start() for match in _CLAUSE.finditer(sentence)]
    fitting = [end for end in ends if weight(sentence[:end]) <= _LONGEST]
    if fitting:
        return f"{sentence[: fitting[-1]]} …"
    end = len(sentence)
    while weight(sentence[:end]) > _LONGEST:
        end -= 1
    return f"{sentence[:end].rstrip()} …"
