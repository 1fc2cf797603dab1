"""Amounts in several English words: "two hundred and fifty", "twenty-five", "two and a half thousand"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.understanding.written_words import WORD_SCALES, WORDS

_UNIT = "|".join(word for word, value in WORDS.items() if 0 < value < 10)
_TEEN = "|".join(word for word, value in WORDS.items() if 10 <= value < 20)
_TENS = "|".join(word for word, value in WORDS.items() if value >= 20)
_TO_99 = rf"(?:(?:{_TENS})(?:[ -](?:{_UNIT}))?|{_TEEN}|{_UNIT})"
_TO_999 = rf"(?:(?:an?|{_TO_99})[ -]hundred(?:(?: and |[ -]){_TO_99})?|{_TO_99})"
_AND = "(?:,? and |,? |-)?"
# "One hundred and two hundred" are two amounts: none ends before a scale.
_SPELT = re.compile(
    rf"(?<![\w.'-])(?=(?:an?|half|{_UNIT}|{_TEEN}|{_TENS})[ -])"
    rf"(?:(?P<halves>{_UNIT}) and a half (?P<of>hundred|thousand|million)|half an? (?P<half>hundred|thousand|million)"
    rf"|(?:(?P<million>an?|{_TO_999})[ -]million{_AND})?(?:(?P<thousand>an?|{_TO_999})[ -]thousand{_AND})?"
    rf"(?P<rest>{_TO_999})?)(?<![ ,-])(?![\w-]|[ -](?:hundred|thousand|million|dozen)\b)",
    re.IGNORECASE,
)


def spelt(text: str) -> Iterator[tuple[int, int, int]]:
    """Start, end and value of each such amount. A number of one word is left to those who count."""
    for match in _SPELT.finditer(text):
        if not re.search("[ -]", match.group()):
            continue
        if match["of"] or match["half"]:
            value = (WORDS[match["halves"].lower()] + 0.5) * WORD_SCALES[match["of"].lower()] if match["of"] else 0.5
            yield (
                match.start(),
                match.end(),
                round(value if match["of"] else value * WORD_SCALES[match["half"].lower()]),
            )
            continue
        parts = ((_to_999(match[name]), scale) for name, scale in (("million", 1e6), ("thousand", 1e3), ("rest", 1)))
        yield match.start(), match.end(), round(sum(part * scale for part, scale in parts))


def _to_999(words: str | None) -> int:
    """The value of "a", "three hundred and five", "twenty-five"; 0 where there is none."""
    value = 0
    for word in re.split("[ -]", (words or "").lower()):
        if word == "hundred":
            value = value * 100
        elif word in ("a", "an"):
            value = 1
        else:
            value += WORDS.get(word, 0)
    return value
