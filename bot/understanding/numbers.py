"""Numbers as people write them in a question: 1,000 · 2.5k · five · 前十 · 3万."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

WORDS_TO_TWENTY = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
ENGLISH = {word: value for value, word in enumerate(WORDS_TO_TWENTY)} | {
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "hundred": 100,
    "thousand": 1000,
    "dozen": 12,
}
CHINESE = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
SUFFIXES = {
    "k": 1e3,
    "m": 1e6,
    "mn": 1e6,
    "million": 1e6,
    "bn": 1e9,
    "billion": 1e9,
    "thousand": 1e3,
    "hundred": 1e2,
} | {c: float(v) for c, v in SCALES.items()}
DIGITS = re.compile(
    r"(?<![\w.])(?P<money>[£$€¥]\s?)?(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?:\s?(?P<suffix>k|mn|m|bn|million|billion|thousand|hundred|百|千|万|亿)(?![a-z]))?(?P<percent>\s?%)?(?![a-z\d])"
    r"|(?<=[\u3400-\u9fff])(?P<glued>\d+(?:\.\d+)?)(?:(?P<glued_suffix>[百千万亿]))?(?P<glued_percent>%)?",
    re.IGNORECASE,
)
WORDS = re.compile(rf"\b(?:{'|'.join(ENGLISH)})\b")
HAN = re.compile(r"[零〇一二两三四五六七八九十百千万亿]+")


@dataclass(frozen=True)
class Number:
    value: float
    money: bool = False
    percent: bool = False

    @property
    def whole(self) -> int | None:
        return int(self.value) if self.value == int(self.value) and not self.percent else None


def find_numbers(folded: str) -> Iterator[tuple[int, int, Number]]:
    """Every number with its place; percentages as fractions."""
    for match in DIGITS.finditer(folded):
        digits = match["digits"] or match["glued"]
        suffix = (match["suffix"] or match["glued_suffix"] or "").lower()
        percent = bool(match["percent"] or match["glued_percent"])
        value = float(digits.replace(",", "")) * SUFFIXES.get(suffix, 1.0)
        yield match.start(), match.end(), Number(value / 100 if percent else value, bool(match["money"]), percent)
    for match in WORDS.finditer(folded):
        yield match.start(), match.end(), Number(float(ENGLISH[match.group()]))
    for match in HAN.finditer(folded):
        value_ = han(match.group())
        if value_ is not None:
            yield match.start(), match.end(), Number(float(value_))


def han(text: str) -> int | None:
    """The value of a Chinese numeral up to 亿, None where it is none (十五 15, 两百 200, 三万五千 35000)."""
    if not any(c in SCALES for c in text):
        return int("".join(str(CHINESE[c]) for c in text)) if len(text) == 1 or text[0] not in "零〇" else None
    total = section = digit = 0
    for c in text:
        if c in CHINESE:
            digit = CHINESE[c]
        elif SCALES[c] >= 10_000:
            total = (total + section + digit) * SCALES[c] if total + section + digit else SCALES[c]
            section = digit = 0
        else:
            section += (digit or 1) * SCALES[c]
            digit = 0
    return total + section + digit
