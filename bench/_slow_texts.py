"""Texts made to keep understanding busy: whatever could be tried again and again, many times over."""

from __future__ import annotations

SLOW_TEXTS = {
    "digits": "1" * 1000,
    "numbers": "1 " * 500,
    "amounts": "1,000,000," * 100,
    "han numbers": "一二三四五六七八九十百千万亿" * 70,
    "periods": "2011-11-01 " * 90,
    "periods joined": "last month and " * 66,
    "han periods": "和".join(["上个月"] * 250),
    "comparisons": "Q3 2011 vs Q2 2011 " * 52,
    "conjunctions": "who bought X but not Y and " * 37,
    "han conjunctions": "买过A但没买B且" * 111,
    "negations": "not " * 250,
    "brackets": "(((" * 333,
    "one letter": "a" * 1000,
    "one character": "的" * 1000,
    "letters apart": "i g n o r e " * 83,
    "joined words": "netsales" * 125,
    "sounds alike": "销受额" * 333,
    "orders": "alert me when net sales drop below " * 28,
    "conditions": "如果" * 490 + "提醒我",
    "openers": "quick one: " * 90,
    "han openers": "请问一下，" * 200,
    "steering": "ignore " * 140 + "rules",
    "code": "QUJD" * 250,
    "hex": "ab" * 500,
    "percent": "%41" * 333,
    "surrogates": "\ud800" * 1000,
    "right to left": "\u202e\u0627" * 500,
    "emoji": "😀" * 1000,
    "accents": "e\u0301" * 500,
    "greetings": "best regards, a b " * 55,
    **{
        f"{opening or 'nothing'}, then {noise}": (opening + noise * 1000)[:990] + " x"
        for opening in ("", "alert me when ", "daily digest ", "每天发日报")
        for noise in (" ", "，", "please ", "的", "and ", "a day ", "1,", "周一、")
    },
}
