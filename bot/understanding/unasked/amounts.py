"""Amounts in a condition: 20,000 · £50 · 2.5万 · 5 % · 百分之五 · 三成 · two percentage points."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import prod

from bot.understanding.numbers import ENGLISH, HAN_NUMBER, SUFFIXES, TAIL, below, han

SCALE = {**SUFFIXES, "w": 1e4}
_WORDS = "|".join(sorted((*ENGLISH, "million", "billion"), key=len, reverse=True))
_HAN = "零〇一二两三四五六七八九十百千万亿"
PERCENT = r"(?:%|percent\b|per\s?cent\b|pct\b)"
POINTS = r"(?:(?:%|percent(?:age)?|per\s?cent)?[\s-]?points?\b|pp\b|ppts?\b|个?百分点|个点)"
AMOUNT = (
    r"(?:(?:(?<![a-z])(?:cn(?=¥)|us(?=\$)))?(?P<symbol>[£$€¥])\s?)?(?:"
    rf"(?P<under>[{_HAN}]{{1,3}}(?<!百)|\d{{1,2}})分之(?P<over>[{_HAN}]{{1,3}}|\d{{1,2}})"
    r"|(?P<half>一半|(?:(?<=by )|(?<=than )|(?<=over ))(?:a |one )?(?:half|third|quarter)\b(?! an?\b))|"
    r"(?P<digits>-?\d{1,3}(?:[, ]\d{3})+(?:\.\d+)?|-?\d+(?:\.\d+)?)"
    r"(?:\s?(?P<suffix>million|billion|thousand|hundred|mn|bn|k|m|w|百万|千万|百|千|万|亿)(?![a-z])"
    rf")?{TAIL}?(?!,?\d|:)(?P<tenths>成)?(?P<times>\s?(?:x\b|×|倍|times\b|-?fold\b))?"
    rf"|百分之(?P<han_percent>[{_HAN}点]+|\d+(?:\.\d+)?)"
    rf"|(?P<words>(?:(?:half )?an? )?\b(?:{_WORDS})\b(?:(?:[\s-]| and )(?:{_WORDS})\b)*)"
    rf"|(?P<han>{HAN_NUMBER})(?P<han_tenths>成半?)?(?P<han_times>倍)?"
    rf")(?:\s?(?:(?P<points>{POINTS})|(?P<percent>{PERCENT})))?"
)
DOTTED = re.compile(r"\d{1,3}\.\d{3}")


@dataclass(frozen=True)
class Amount:
    """`value`: a percentage as a fraction. `symbol`: a currency's sign. `or_else`: what 20.000 could mean besides.

    `times`: as in "2x", which is read in two ways.
    """

    value: float
    percent: bool = False
    points: bool = False
    symbol: str = ""
    or_else: float | None = None
    times: bool = False


def amount(match: re.Match[str]) -> Amount | None:
    """What a match of AMOUNT says; None where it is no number."""
    percent, points = bool(match["percent"]), bool(match["points"])
    if match["under"] or match["half"]:
        share = _fraction(match)
        return Amount(share, percent=True) if share is not None else None
    or_else: float | None = None
    if match["digits"]:
        digits = match["digits"].replace(",", "").replace(" ", "")
        scale = SCALE.get(match["suffix"] or "", 1.0)
        value = float(digits) * scale + below(scale, match["tail"] or "")
        if match["times"]:
            return Amount(value, times=True)
        if DOTTED.fullmatch(match["digits"]):
            or_else = float(digits.replace(".", "")) * scale
        if match["tenths"]:
            value, percent = value / 10, True
            return Amount(round(value, 12), percent, points, match["symbol"] or "", or_else)
    elif match["han_percent"]:
        told = _decimal(match["han_percent"])
        if told is None:
            return None
        return Amount(round(told / 100, 12), percent=True)
    elif match["words"]:
        value = _spelt(match["words"])
    else:
        whole = han(match["han"])
        if whole is None:
            return None
        value = float(whole)
        if match["han_tenths"]:
            tenths = value + (0.5 if match["han_tenths"].endswith("半") else 0)
            return Amount(round(tenths / 10, 12), percent=True)
        if match["han_times"]:
            return Amount(value, times=True)
    if percent or points:
        value = round(value / 100, 12)
        or_else = round(or_else / 100, 12) if or_else is not None else None
    return Amount(value, percent, points, match["symbol"] or "", or_else)


def _fraction(match: re.Match[str]) -> float | None:
    """四分之一, 一半, "by a third"."""
    if match["half"]:
        return next((round(1 / n, 12) for word, n in (("third", 3), ("quarter", 4)) if word in match["half"]), 0.5)
    under, over = (int(t) if t.isdigit() else han(t) for t in (match["under"], match["over"]))
    return round(over / under, 12) if under and over else None


def _decimal(text: str) -> float | None:
    """百分之二点五, 百分之5."""
    if text[0].isdigit():
        return float(text)
    whole, _, rest = text.partition("点")
    value = han(whole)
    if value is None:
        return None
    digits = "".join(str(han(c)) for c in rest)
    return float(f"{value}.{digits or 0}")


def _spelt(text: str) -> float:
    """ "Twenty thousand", "five hundred", "half a million", "a hundred and fifty"."""
    total, section = 0.0, 0.0
    words = [word for word in re.split(r"[\s-]+", text) if word != "and"]
    factor = prod(0.5 for word in words if word == "half")
    for word in words:
        scale = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "dozen": 12.0}.get(word)
        if scale == 1e2:
            section = (section or 1) * scale
        elif scale is not None:
            total += (section or 1) * scale
            section = 0.0
        elif word in ENGLISH:
            section += ENGLISH[word]
    return (total + section) * factor
