"""Every figure that a text holds, however it is written: 1,400,000 · 1.4M · 140万 · twenty-five · 二十五 · 三成 · half.

Made for checking, so it sees too much rather than too little: digits within names and dates are figures as well.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bot.understanding.written_words import (
    LOOSE_AFTER,
    LOOSE_BEFORE,
    MONTHS,
    NO_COUNT_BEFORE,
    NOT_FIGURES,
    ORDINALS,
    PARTS,
    PERCENT,
    STANDS_FOR,
    TIME_AFTER,
    WORD_SCALES,
    WORDS,
)


@dataclass(frozen=True)
class Amount:
    """A number, and the place of its last digit: 1.4M is 1,400,000 in steps of 100,000."""

    value: float
    step: float = 1.0


@dataclass(frozen=True)
class Figure:
    """A figure at a place in a text that was `cleaned`.

    `ways` are the readings there are, each one amount or several (1/3 is a third, or a 1 and a 3). A `loose` one may
    be no figure at all ("one of them", "first,"). `factor` is what a scale or a percent sign multiplied.
    """

    start: int
    end: int
    text: str
    ways: tuple[tuple[Amount, ...], ...]
    loose: bool = False
    factor: float = 1.0


HAN_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2}
HAN_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
LETTERS = {"k": 1e3, "m": 1e6, "mn": 1e6, "mm": 1e6, "b": 1e9, "bn": 1e9}

_DIGITS = r"(?:(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+)"
_HAN = r"[零一二两三四五六七八九十百千万亿]{1,30}(?:点[零一二三四五六七八九]{1,30})?"
_TENTHS = r"成(?![为功本员绩交长果就熟都立分效品])|折(?![扣算旧现])"
_WORD = "|".join(sorted((*WORDS, *WORD_SCALES), key=len, reverse=True))
_GAP = r"[ \t-]+"

_SCALED = "|".join(WORD_SCALES)
_ARABIC = (
    rf"(?P<digits>{_DIGITS})(?:\s?(?P<scale>[百千万亿]{{1,4}})(?P<more>(?:\d+[百千万]+)*)"
    r"(?P<below>(?<=[百千万亿])\d(?![\d.,:%年月日号点天周个成折]))?"
    rf"|(?P<letter>bn|mn|mm|[kmb])(?![A-Za-z\d])|{_GAP}?(?P<word>{_SCALED})(?![a-z]))?"
    rf"(?P<percent>{PERCENT})?(?P<tenths>{_TENTHS})?"
)
_ENGLISH = (
    rf"\b(?:an?[ \t]+(?=(?:{_SCALED})\b))?(?P<words>(?:{_WORD})(?:{_GAP}(?:and[ \t]+)?(?:{_WORD})\b)*)"
    rf"(?P<and_half>[ \t]+and[ \t]+a[ \t]+half)?(?:fold)?\b(?P<english_percent>{PERCENT})?"
)

_PATTERNS = {
    "nothing": NOT_FIGURES,
    "stands_for": "|".join(STANDS_FOR),
    "han_fraction": rf"(?P<under_han>{_HAN}|\d{{1,9}})分之(?P<over_han>{_HAN}|{_DIGITS})",
    "fraction": r"(?P<over>\d{1,9})\s?[⁄/]\s?(?P<under>\d{1,9})(?![\d/])",
    "arabic": _ARABIC,
    "part": PARTS,
    "english": _ENGLISH,
    "ordinal": rf"\b(?P<nth>{'|'.join(ORDINALS)})\b",
    "month": rf"\b(?-i:(?P<named>{'|'.join(MONTHS)}))\b",
    "han": rf"(?P<han_number>{_HAN})(?P<han_percent>{PERCENT})?(?P<han_tenths>{_TENTHS})?",
}
_FIGURE = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _PATTERNS.items()), re.IGNORECASE)

_HIDDEN = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\u20e3\ufeff]")
_RAISED = re.compile("[\u00b2\u00b3\u00b9\u2070-\u2089]+|[\u00bc-\u00be\u2150-\u215e]")
_CIRCLED = re.compile("[\u2460-\u2473]")
_MARKER = re.compile(r"^([ \t]*(?:[-*•>#]+[ \t]*)?)(\d{1,2})(?:[.)][ \t]+|、|\)、?)", re.MULTILINE)
_SIMPLER = str.maketrans("萬億兩〇○個點幾數週節，", "万亿两零零个点几数周节、")
_BETWEEN = re.compile(r"\s*(?:-|–|—|~|〜|to|and|or|至|到|或)\s*", re.IGNORECASE)
_JOINED_FROM = 3


def cleaned(text: str) -> str:
    """The text in one form of writing: no hidden characters, plain digits, no numbers that only count a list up."""
    text = _RAISED.sub(r" \g<0> ", _HIDDEN.sub("", text).translate(_SIMPLER))
    text = unicodedata.normalize("NFKC", _counted_up(_CIRCLED, text, lambda match: ord(match[0]) - 0x245F))
    return _counted_up(_MARKER, text, lambda match: int(match[2]))


def _counted_up(pattern: re.Pattern[str], text: str, number: Callable[[re.Match[str]], int]) -> str:
    """Without the marks 1, 2, 3 … of a list, which may begin in its middle. What does not come next is left."""
    last: int | None = None

    def without(match: re.Match[str]) -> str:
        nonlocal last
        begins = last is None and (number(match) == 1 or match[0].endswith((" ", "\t")))
        if not begins and number(match) - 1 != last:
            return match[0]
        last = number(match)
        return " "

    return pattern.sub(without, text)


def figures(clean: str) -> tuple[Figure, ...]:
    """The figures of a text that was `cleaned`, in order."""
    found = [figure for match in _FIGURE.finditer(clean) if (figure := _read(match, clean)) is not None]
    return tuple(_with_ranges(found, clean))


def _read(match: re.Match[str], clean: str) -> Figure | None:
    reader = _READERS.get(match.lastgroup or "")
    return None if reader is None else reader(match, clean)


def _figure(match: re.Match[str], *ways: Sequence[Amount], loose: bool = False, factor: float = 1.0) -> Figure:
    return Figure(match.start(), match.end(), match[0].strip(), tuple(map(tuple, ways)), loose, factor)


def _stands_for(match: re.Match[str], _clean: str) -> Figure:
    value = next(value for pattern, value in STANDS_FOR.items() if re.fullmatch(pattern, match[0], re.IGNORECASE))
    return _figure(match, [Amount(value, 0)])


def _han_fraction(match: re.Match[str], _clean: str) -> Figure | None:
    under, over = _any_number(match["under_han"]), _any_number(match["over_han"])
    if not under.value:
        return None
    return _figure(match, [Amount(over.value / under.value, over.step / under.value)], factor=1 / under.value)


def _fraction(match: re.Match[str], _clean: str) -> Figure:
    over, under = int(match["over"]), int(match["under"])
    parts = [Amount(over), Amount(under)]
    return _figure(match, [Amount(over / under, 0)], parts) if under else _figure(match, parts)


def _arabic(match: re.Match[str], _clean: str) -> Figure:
    number = _any_number(match["digits"])
    factor = _han_scale(match["scale"] or "")
    factor *= LETTERS.get((match["letter"] or "").lower(), 1.0) * WORD_SCALES.get((match["word"] or "").lower(), 1.0)
    added = [(float(digits), _han_scale(scale)) for digits, scale in re.findall(r"(\d+)(\D+)", match["more"] or "")]
    if match["below"]:  # 4万5 is 45,000
        added.append((float(match["below"]), (added[-1][1] if added else factor) / 10))
    step = added[-1][1] if added else number.step * factor
    whole = Amount(number.value * factor + sum(digits * scale for digits, scale in added), step)
    return _with_sign(match, [whole], match["percent"], match["tenths"], factor=factor)


def _part(match: re.Match[str], clean: str) -> Figure:
    """Two thirds, a third. A third may also be the third one, and a quarter three months, of which there may be two."""
    over = _how_many(match["how_many"])
    under = {"half": 2, "halve": 2, "quarter": 4}.get(match["of"].lower()) or ORDINALS[match["of"].lower()]
    part = [Amount(over / under, 0)]
    if under == ORDINALS["fourth"]:
        return _figure(match, part, [Amount(over)])
    if match["how_many"].lower() == "a" and under in ORDINALS.values() and not clean.startswith(" of", match.end()):
        return _figure(match, part, [Amount(under)])
    return _figure(match, part)


def _english(match: re.Match[str], clean: str) -> Figure:
    words = match["words"].lower()
    amounts = list(_english_numbers(re.findall(r"[a-z]+", words)))
    if match["and_half"]:
        amounts[-1] = Amount(amounts[-1].value + 0.5, 0.5)
    loose = words == "one" and not (match["english_percent"] or TIME_AFTER.match(clean, match.end()))
    return _with_sign(match, amounts, match["english_percent"], None, loose=loose)


def _ordinal(match: re.Match[str], clean: str) -> Figure:
    """Things are counted up with the smaller ones, and a second is also a unit of time."""
    nth = match["nth"].lower()
    loose = (
        LOOSE_AFTER.match(clean, match.end()) is not None or LOOSE_BEFORE.search(clean, 0, match.start()) is not None
    )
    loose |= nth == "first" and not TIME_AFTER.match(clean, match.end())
    return _figure(match, [Amount(ORDINALS[nth])], loose=loose)


def _month(match: re.Match[str], clean: str) -> Figure:
    """May and March are other words too, unless a day or a year stands beside them."""
    beside = clean[: match.start()].rstrip()[-1:] + clean[match.end() :].lstrip()[:1]
    loose = match["named"] in ("May", "March", "Mar") and not any(c.isdigit() for c in beside)
    return _figure(match, [Amount(MONTHS[match["named"]])], loose=loose)


def _han(match: re.Match[str], clean: str) -> Figure:
    text = match["han_number"]
    before, after = clean[: match.start()][-1:], clean[match.end() :]
    signed = bool(match["han_percent"] or match["han_tenths"])
    if len(text) in range(2, _JOINED_FROM) and all(c in HAN_DIGITS for c in text) and match["han_tenths"] != "折":
        # 三五天: three to five.
        amounts = [Amount(HAN_DIGITS[c]) for c in text]
    else:
        amounts = [_any_number(text)]
    vague = all(HAN_SCALES.get(c, 0) >= HAN_SCALES["百"] for c in text) or (
        text == "十" and before in "几数" and before
    )
    counted = before == "第" and LOOSE_AFTER.match(after) is not None
    alone = text in ("一", "零") and (before in NO_COUNT_BEFORE or not TIME_AFTER.match(after))
    loose = not signed and bool(vague or counted or alone)
    return _with_sign(match, amounts, match["han_percent"], match["han_tenths"], loose=loose)


_READERS: Mapping[str, Callable[[re.Match[str], str], Figure | None]] = {
    "stands_for": _stands_for,
    "han_fraction": _han_fraction,
    "fraction": _fraction,
    "arabic": _arabic,
    "part": _part,
    "english": _english,
    "ordinal": _ordinal,
    "month": _month,
    "han": _han,
}


def _with_sign(
    match: re.Match[str],
    amounts: Sequence[Amount],
    percent: str | None,
    tenths: str | None,
    *,
    loose: bool = False,
    factor: float = 1.0,
) -> Figure:
    """Amounts as the sign behind them means them: 30%, 3成 (three tenths), 8折 (pay 80%, 20% off)."""
    if tenths == "折":
        paid = amounts[-1].value / (10 if amounts[-1].value < 10 else 100)
        return _figure(match, [Amount(paid, 0)], [Amount(1 - paid, 0)])
    sign = 0.1 if tenths else _percent_factor(percent)
    return _figure(match, [_times(amount, sign) for amount in amounts], loose=loose, factor=factor * sign)


def _percent_factor(percent: str | None) -> float:
    if not percent:
        return 1.0
    if any(sign in percent.lower() for sign in ("bps", "basis", "基点")):
        return 1e-4
    return 1e-3 if "‰" in percent else 1e-2


def _times(amount: Amount, factor: float) -> Amount:
    return Amount(amount.value * factor, amount.step * factor)


def _with_ranges(found: Sequence[Figure], clean: str) -> Iterator[Figure]:
    """In 30–40 % and 百分之三十到四十 the sign stands at one end and counts for both."""
    figures = list(found)
    for place, (left, right) in enumerate(pairwise(found)):
        if left.factor == right.factor or not _BETWEEN.fullmatch(clean, left.end, right.start):
            continue
        if left.factor == 1.0 and left.ways[0][-1].value <= right.ways[0][0].value / right.factor:
            figures[place] = _also(figures[place], right.factor)
        elif right.factor == 1.0 and "分之" in left.text:
            figures[place + 1] = _also(figures[place + 1], left.factor)
    yield from figures


def _also(figure: Figure, factor: float) -> Figure:
    scaled = tuple(_times(amount, factor) for amount in figure.ways[0])
    return replace(figure, ways=(scaled, *figure.ways), loose=False, factor=factor)


def _any_number(text: str) -> Amount:
    if text[:1] in HAN_DIGITS or text[:1] in HAN_SCALES:
        return _han_number(text)
    digits = text.replace(",", "")
    return Amount(float(digits), 10.0 ** -len(digits.partition(".")[2]))


def _han_scale(scale: str) -> float:
    product = 1.0
    for c in scale:
        product *= HAN_SCALES[c]
    return product


def _han_number(text: str) -> Amount:
    """The value of a Chinese numeral: 十五, 三万五千, 三万五 (the same), 二零二六, 三点五."""
    whole, _point, decimals = text.partition("点")
    fraction = "".join(str(HAN_DIGITS[c]) for c in decimals)
    if not any(c in HAN_SCALES for c in whole):
        digits = "".join(str(HAN_DIGITS[c]) for c in whole)
        return Amount(float(f"{digits}.{fraction or 0}"), 10.0 ** -len(fraction))
    total = section = 0
    digit: int | None = None
    last, zero = 1, False
    for c in whole:
        if c in HAN_DIGITS:
            digit, zero = HAN_DIGITS[c], zero or c == "零"
            continue
        scale, zero = HAN_SCALES[c], False
        last = scale
        if scale == HAN_SCALES["亿"]:
            total, section = (total + section + (digit or 0) or 1) * scale, 0
        elif scale == HAN_SCALES["万"]:
            total, section = total + (section + (digit or 0) or 1) * scale, 0
        else:
            section += (1 if digit is None else digit) * scale
        digit = None
    # 三万五 is 35,000; 三万零五 is 30,005.
    tail = (digit or 0) * (1 if zero else max(last // 10, 1))
    step = last if last >= HAN_SCALES["千"] and digit is None else 1
    return Amount(total + section + tail + float(f"0.{fraction or 0}"), 10.0 ** -len(fraction) if fraction else step)


def _how_many(text: str) -> float:
    return float(text) if text.isdigit() else 1.0 if text.lower() in ("a", "an") else float(WORDS[text.lower()])


def _english_numbers(words: Sequence[str]) -> Iterator[Amount]:
    """The numbers in a row of number words: two hundred and five is one, two and three are two."""
    total = section = previous = 0.0
    begun, last_scale = False, 1.0
    for word in words:
        if word == "and":
            continue
        if word in WORD_SCALES:
            scale = WORD_SCALES[word]
            if scale in (100, 12):
                section = (section or 1) * scale
            else:
                total, section = total + (section or 1) * scale, 0.0
            last_scale = scale
        else:
            value = float(WORDS[word])
            extends = previous in (100.0, 1e3, 1e6, 1e9, 1e12) or (20 <= previous <= 90 and 0 < value < 10)
            if begun and not extends:
                yield Amount(total + section, last_scale if last_scale >= 1000 else 1.0)
                total = section = 0.0
            section += value
            last_scale = 1.0
        previous, begun = float(WORD_SCALES.get(word) or WORDS[word]), True
    yield Amount(total + section, last_scale if last_scale >= 1000 else 1.0)
