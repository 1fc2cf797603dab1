"""Numbers as people write them in a question: 1,000 · 2.5k · five · 前十 · 3万."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.understanding.written_words import WORDS

ENGLISH = {**WORDS, "hundred": 100, "thousand": 1000, "dozen": 12}
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
SUFFIXES |= {a + b: SUFFIXES[a] * SUFFIXES[b] for a, b in ("百万", "千万", "百亿", "千亿", "万亿")}
HAN_SCALE = "百万|千万|百亿|千亿|万亿|百|千|万|亿"
# What follows a unit: 4万5, 3万5千2. A digit before a date's unit is the date's.
TAIL = (
    r"(?P<tail>(?<=[百千万亿w])(?:(?:\d[百千万])+(?:\d(?![\d.,:%年月日号点天周]))?|"
    r"\d(?![\d.,:%年月日号点天周百千万亿])))"
)
_HAN = "零〇一二两三四五六七八九"
# 一万一天 is 10,000 a day, 看一下 is no number, and 超过三万五月 ends before May.
HAN_NUMBER = (
    rf"[{_HAN}十百千万亿]+(?!(?<=[百千万亿]一)[天个周月年日次件单笔位季小]|"
    rf"(?<=[百千万亿][{_HAN}])[月号点日年]|(?<=一)下)"
)
DIGITS = re.compile(
    r"(?<![\w.])(?P<money>[£$€¥]\s?)?(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    rf"(?:\s?(?P<suffix>k|mn|m|bn|million|billion|thousand|hundred|{HAN_SCALE})(?![a-z]){TAIL}?)?"
    r"(?P<percent>\s?%)?(?![a-z\d])"
    r"|(?<=[\u3400-\u9fff])(?P<glued>\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?)"
    rf"(?:(?P<glued_suffix>{HAN_SCALE}){TAIL.replace('<tail>', '<glued_tail>')}?)?(?P<glued_percent>%)?",
    re.IGNORECASE,
)
_SPELT = re.compile(rf"\b(?:{'|'.join(ENGLISH)})\b")
HAN = re.compile(rf"(?<![百千万亿])(?!(?<=\d)[十百千万亿]){HAN_NUMBER}")


@dataclass(frozen=True)
class Number:
    value: float
    money: bool = False
    percent: bool = False

    @property
    def whole(self) -> int | None:
        return int(self.value) if self.value.is_integer() and not self.percent else None


def find_numbers(folded: str) -> Iterator[tuple[int, int, Number]]:
    """Every number with its place; percentages as fractions."""
    for match in DIGITS.finditer(folded):
        digits = match["digits"] or match["glued"]
        suffix = (match["suffix"] or match["glued_suffix"] or "").lower()
        tail = match["tail"] or match["glued_tail"] or ""
        percent = bool(match["percent"] or match["glued_percent"])
        value = float(digits.replace(",", "")) * SUFFIXES.get(suffix, 1.0) + below(SUFFIXES.get(suffix, 1.0), tail)
        yield match.start(), match.end(), Number(value / 100 if percent else value, bool(match["money"]), percent)
    for match in _SPELT.finditer(folded):
        yield match.start(), match.end(), Number(float(ENGLISH[match.group()]))
    for match in HAN.finditer(folded):
        value_ = han(match.group())
        if value_ is not None:
            yield match.start(), match.end(), Number(float(value_))


def below(scale: float, tail: str) -> float:
    """What stands after a unit of `scale`: 5 after 万 is 5,000, 5千 too."""
    value = 0.0
    for digit, unit in re.findall(r"(\d)([百千万]?)", tail):
        scale = float(SCALES[unit]) if unit else scale / 10
        value += int(digit) * scale
    return value


def han(text: str) -> int | None:
    """The value of a Chinese numeral; None where it is none, or not one (两三: two or three).

    A bare digit after a unit counts in the next lower one: 三万五 is 35,000, 三万零五 is 30,005.
    """
    if not any(c in SCALES for c in text):
        if len(text) == 2 and CHINESE[text[1]] - CHINESE[text[0]] in (1, 2) and text[0] not in "零〇":
            return None
        return int("".join(str(CHINESE[c]) for c in text)) if len(text) == 1 or text[0] not in "零〇" else None
    if text[0] in "百千万亿" and any(c in CHINESE for c in text):  # 万一: in case
        return None
    total = section = 0
    digit: int | None = None
    unit, ceiling, zero = 1, 10_000, False
    for c in text:
        if c in CHINESE:
            if digit:
                return None  # 两三万
            digit, zero = CHINESE[c] or None, zero or not CHINESE[c]
            continue
        unit, zero = SCALES[c], False
        if unit < 10_000:
            if (unit >= ceiling and section) or (unit > 10 and digit is None and (section or total)):
                return None
            section, ceiling = section + (1 if digit is None else digit) * unit, unit
        elif unit == SCALES["万"]:
            if total % SCALES["亿"]:
                return None
            total, section, ceiling = total + ((section + (digit or 0)) or 1) * unit, 0, 10_000
        else:
            if total >= unit:
                return None
            total, section, ceiling = ((total + section + (digit or 0)) or 1) * unit, 0, 10_000
        digit = None
    return total + section + (digit or 0) * (1 if zero else max(unit // 10, 1))
