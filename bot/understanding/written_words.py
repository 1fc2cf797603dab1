"""Words that are figures, and words that only look like figures, in both languages: what finding figures goes by."""

from __future__ import annotations

import re

_TO_NINETEEN = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
WORDS = {word: value for value, word in enumerate(_TO_NINETEEN)} | {
    word: 10 * tens for tens, word in enumerate(_TENS, start=2)
}
WORD_SCALES = {"dozen": 12.0, "hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}

ORDINALS = {
    word: nth
    for nth, word in enumerate(
        (
            *("first", "second", "third", "fourth", "fifth", "sixth"),
            *("seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"),
        ),
        start=1,
    )
}
MONTHS = {
    name: month
    for month, names in enumerate(
        (
            *(("January", "Jan"), ("February", "Feb"), ("March", "Mar"), ("April", "Apr"), ("May",), ("June", "Jun")),
            *(("July", "Jul"), ("August", "Aug"), ("September", "Sept", "Sep"), ("October", "Oct")),
            *(("November", "Nov"), ("December", "Dec")),
        ),
        start=1,
    )
    for name in names
}

PERCENT = (
    r"\s?[%‰]|[ \t-]?(?:percentage[ -]points?|per[ -]?cent|pct|pp)\b|[ \t]?(?:bps|basis[ ]points?)\b|个?(?:百分点|基点)"
)

# Two thirds, three-quarters, a third.
PARTS = (
    r"\b(?:(?P<how_many>one|two|three|four|five|six|seven|eight|nine|\d+|an?)[ -]"
    r"(?P<of>half|halve|third|quarter|fifth|sixth|seventh|eighth|ninth|tenth)s?)\b(?![ -]part)"
)

STANDS_FOR = {
    r"\btwice\b|翻[了一]?[倍番]|加倍|双倍": 2.0,
    r"\bdoubl(?:es?|ed|ing)\b(?![ -]?(?:check|opt|count|edged|blind|digit|sided|11|12|eleven|twelve))": 2.0,
    r"\b(?:thrice|tripl(?:es?|ed|ing))\b": 3.0,
    r"\bhalf\b|\bhalv(?:es?|ed|ing)\b|一半|半数|减半|对半|折半": 0.5,
    r"百分百": 1.0,
}
"""Words that stand for a number, as patterns."""

# No figures: weekdays, amounts that are only vague, and words that numerals are part of.
NOT_FIGURES = (
    r"(?:周|星期|礼拜)[一二三四五六](?![次天个遍条回倍种类])"
    r"|\b(?:tens|dozens|hundreds|thousands|millions|billions)\b"
    r"|\b(?:first|second|other|latter) half\b"
    r"|百分(?:比|点|位|制|率|数)|十分(?![之钟])|万一|千万(?=别|不|勿|要|注意)|千人千面|千篇一律|五花八门|四舍五入|三番五次|成千上万"
    r"|七夕|二维码|百货|百科|百度|万能|千里马|第三方|两者|零售|零食|零散|零钱|零碎|零件|三思|再三|四周围"
)

_TIME_EN = r"[ \t-](?:minute|hour|day|week|fortnight|month|quarter|year)s?\b"
_TIME_ZH = r"\s?个?(?:小时|分钟|季度|星期|月|周|天|年|日|次)(?![性线定])"
TIME_AFTER = re.compile(f"{_TIME_EN}|{_TIME_ZH}", re.IGNORECASE)
"""After “one”, 一 and “first”: then they count time, and are no mere words."""

LOOSE_AFTER = re.compile(
    r"\s?[,:、，：]|[ \t-](?:step|point|part|thing|party|parties|is)\b|[个点步条是类种项]", re.IGNORECASE
)
"""After an ordinal that only counts up what is told."""

LOOSE_BEFORE = re.compile(r"(?:\b(?:per|every|each|split)|\d)[ \t]$", re.IGNORECASE)
"""Before “second” as a unit of time."""

NO_COUNT_BEFORE = tuple("前上下后每同某这那另")
"""Before 一: 前一天 is the day before, 同一天 the same day."""
