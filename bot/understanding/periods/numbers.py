"""Numbers as people write them, in Chinese characters and in English words."""

from __future__ import annotations

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2, "俩": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
# A number as written, for use inside a pattern.
CHINESE_NUMBER = r"(?:\d{1,4}|[零〇一二两俩三四五六七八九十百]{1,7})"

ENGLISH_NUMBERS: dict[str, int] = {
    word: number
    for number, word in enumerate(
        [
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
            "twenty",
        ],
        start=1,
    )
} | {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100}
ENGLISH_ORDINALS: dict[str, int] = {
    word: number
    for number, word in enumerate(
        [
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh",
            "eighth",
            "ninth",
            "tenth",
            "eleventh",
            "twelfth",
        ],
        start=1,
    )
}


def chinese_number(text: str) -> int | None:
    """The value of 30, 三十, 一百八十; None where the characters do not make one number, as in 两三 (two or three).

    >>> chinese_number("一百八十"), chinese_number("十二"), chinese_number("两三"), chinese_number("十十")
    (180, 12, None, None)
    """
    if text.isascii():
        return int(text) if text.isdigit() else None
    if len(text) == 1 and text in _DIGITS:
        return _DIGITS[text]
    if not any(c in _UNITS for c in text):
        return None
    total, digit, ceiling = 0, None, 10_000
    for c in text:
        if c in _UNITS:
            unit = _UNITS[c]
            if unit >= ceiling or digit == 0:
                return None
            total += (1 if digit is None else digit) * unit
            digit, ceiling = None, unit
        elif c in _DIGITS:
            if digit not in (None, 0):
                return None
            digit = _DIGITS[c]
        else:
            return None
    return total + (digit or 0)


def chinese_digits(text: str) -> int | None:
    """The value of digits named one by one, as in a year: 二〇一一, 2011, 零九."""
    if text.isascii():
        return int(text) if text.isdigit() else None
    return int("".join(str(_DIGITS[c]) for c in text)) if all(c in _DIGITS for c in text) else None
