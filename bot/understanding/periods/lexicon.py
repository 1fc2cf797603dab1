"""English time words in one canonical form, typos repaired, so that the grammar's patterns stay small.

Months become `jan` to `dec`, weekdays their full name, number words digits, ordinals `1st` to `12th`. Words that are
only sometimes a month ("may", "march") are hidden from the grammar where they are not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from bot.understanding.periods.numbers import ENGLISH_NUMBERS, ENGLISH_ORDINALS

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTH_NAMES = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_UNIT_WORDS = (
    "day", "days", "week", "weeks", "month", "months", "quarter", "quarters", "year", "years", "weekend", "fortnight",
)  # fmt: skip

# Words and abbreviations that mean one thing only.
_EXACT: dict[str, str] = (
    dict(zip(_MONTH_NAMES, MONTHS, strict=True))
    | {month: month for month in MONTHS}
    | {"sept": "sep", "novem": "nov", "decem": "dec"}
    | {word: word for word in (*WEEKDAYS, *_UNIT_WORDS)}
    | {f"{day}s": f"{day}s" for day in WEEKDAYS}
    | {"tues": "tuesday", "thurs": "thursday", "thur": "thursday", "weds": "wednesday"}
    | {"wk": "week", "wks": "weeks", "mth": "month", "mths": "months", "qtr": "quarter", "qtrs": "quarters"}
    | {
        "yr": "year",
        "yrs": "years",
        "wkend": "weekend",
        "wknd": "weekend",
        "prior": "previous",
        "prev": "previous",
        "preceding": "previous",
    }
    | {"thru": "through", "til": "till", "yday": "yesterday", "tmrw": "tomorrow", "tdy": "today"}
    | {word: str(number) for word, number in ENGLISH_NUMBERS.items()}
    | {
        word: f"{n}{'st' if n == 1 else 'nd' if n == 2 else 'rd' if n == 3 else 'th'}"
        for word, n in ENGLISH_ORDINALS.items()
    }
)
_TYPOS: dict[str, str] = {
    "mnth": "month", "mnths": "months", "monht": "month", "mounth": "month", "mounths": "months", "qrtr": "quarter",
    "yestrday": "yesterday", "yesturday": "yesterday", "2day": "today", "2moro": "tomorrow", "tommorow": "tomorrow",
    "tommorrow": "tomorrow",
}  # fmt: skip
# Read as "last", "this" … only with a time word right behind.
_DETERMINER_TYPOS: dict[str, str] = {
    "lst": "last", "lsat": "last", "alst": "last", "las": "last", "lastt": "last", "laast": "last", "lats": "last",
    "lasst": "last", "latst": "last", "tihs": "this", "thsi": "this", "ths": "this", "tis": "this", "thiss": "this",
    "nxt": "next", "nex": "next", "netx": "next", "pst": "past", "psat": "past", "paste": "past", "curent": "current",
    "currnet": "current", "previus": "previous", "pervious": "previous", "pevious": "previous", "privious": "previous",
}  # fmt: skip
_LONG_WORDS: tuple[str, ...] = (
    *(name for name in _MONTH_NAMES if len(name) > 5),
    *WEEKDAYS,
    "yesterday", "today", "tomorrow", "quarter", "quarters", "quarterly", "previous", "monthly", "weekly", "weekend",
)  # fmt: skip
_SHORT_MONTHS = ("march", "april", "june", "july", "august")
_KNOWN: frozenset[str] = frozenset(
    (*_EXACT, *_LONG_WORDS, "last", "this", "past", "next", "current", "daily", "yearly", "annual", "today", "trailing")
)
# Words of trade that are one slip away from a time word and are not one.
_NOT_TYPOS: frozenset[str] = frozenset(
    [
        "sundry",
        "sundries",
        "toddy",
        "weakly",
        "currant",
        "currants",
        "quartz",
        "quartet",
        "dairy",
        "mouth",
        "money",
        "monkey",
        "moths",
        "match",
        "marsh",
        "merch",
        "marche",
        "mare",
        "juno",
        "jute",
        "jury",
        "april's",
        "auguste",
        "weeds",
        "weekender",
        "quartered",
        "tuesdays",
        "sunda",
        "sundae",
        "total",
        "toda",
        "goodbye",
        "fryday",
    ]
) - {"fryday"}
_DETERMINERS: frozenset[str] = frozenset(
    [
        "last",
        "this",
        "next",
        "past",
        "previous",
        "current",
        "trailing",
        "prev",
        "prior",
        "coming",
        "following",
        "upcoming",
        "preceding",
        "same",
        "each",
        "every",
        "per",
        "by",
    ]
)
_MONTH_LEADS: frozenset[str] = frozenset(
    [
        "in",
        "for",
        "of",
        "since",
        "during",
        "last",
        "this",
        "next",
        "until",
        "till",
        "through",
        "before",
        "after",
        "from",
        "by",
        "early",
        "late",
        "mid",
        "end",
        "start",
        "beginning",
        "to",
        "vs",
        "versus",
        "than",
        "with",
        "and",
        "or",
        "between",
        "on",
    ]
)
# Before these "to" and "and" a month is only a month if another stands on the other side.
_WEAK_LEADS: frozenset[str] = frozenset(["to", "and", "or", "with", "than", "by", "on"])
_AFTER_MODAL: frozenset[str] = frozenset(
    [
        "i",
        "we",
        "you",
        "they",
        "he",
        "she",
        "it",
        "be",
        "have",
        "not",
        "also",
        "need",
        "want",
        "the",
        "this",
        "that",
        "require",
        "contain",
        "differ",
        "vary",
    ]
)
_ABBREVIATED_DAYS = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}
_TOKEN = re.compile(r"[A-Za-z\u00c0-\u024f]+")
_HIDDEN = "\ue000"


@dataclass(frozen=True)
class Canonical:
    """Canonical text; `starts[i]` and `ends[i]` are the source range of its character i; `repaired` the source ranges
    in which a typo was mended."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    repaired: tuple[tuple[int, int], ...]


def canonical(text: str, folded: str) -> Canonical:
    """The canonical form of a normalised text (`folded`: its lower case, of the same length)."""
    tokens = [(m.start(), m.end(), folded[m.start() : m.end()]) for m in _TOKEN.finditer(folded)]
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    repaired: list[tuple[int, int]] = []
    at = 0
    words = [word for _, _, word in tokens]
    for index, (start, end, _) in enumerate(tokens):
        pieces.append(folded[at:start])
        starts.extend(range(at, start))
        ends.extend(range(at + 1, start + 1))
        at = end
        new, mended = _read(text, folded, tokens, words, index)
        if mended:
            repaired.append((start, end))
        pieces.append(new)
        if len(new) == end - start:
            starts.extend(range(start, end))
            ends.extend(range(start + 1, end + 1))
        else:
            starts.extend([start] * len(new))
            ends.extend([end] * len(new))
    pieces.append(folded[at:])
    starts.extend(range(at, len(folded)))
    ends.extend(range(at + 1, len(folded) + 1))
    return Canonical("".join(pieces), tuple(starts), tuple(ends), tuple(repaired))


def _read(text: str, folded: str, tokens: list[tuple[int, int, str]], words: list[str], index: int) -> tuple[str, bool]:
    """(canonical word, whether a typo was mended) of one token."""
    start, end, word = tokens[index]
    if word in ("may", "march", "mar"):
        if _is_month(text, folded, tokens, index):
            return MONTHS[_MONTH_NAMES.index("march" if word == "mar" else word)], False
        return _HIDDEN * len(word), False
    if word in _ABBREVIATED_DAYS:
        before = words[index - 1] if index else ""
        if (
            before in ("on", "last", "this", "next", "since", "every", "each", "until", "till")
            and text[start - 1] == " "
        ):
            return WEEKDAYS[_ABBREVIATED_DAYS[word]], False
        return word, False
    exact = _EXACT.get(word)
    if exact is not None:
        return exact, False
    if word in _KNOWN or word in _NOT_TYPOS or len(word) < 3:
        return word, False
    if word in _TYPOS:
        return _EXACT.get(_TYPOS[word], _TYPOS[word]), True
    following = words[index + 1] if index + 1 < len(words) else ""
    if word in _DETERMINER_TYPOS and _time_follows(folded, end, following):
        return _DETERMINER_TYPOS[word], True
    before = words[index - 1] if index else ""
    if _unit_expected(folded, start, before):
        unit = _nearest(word, _UNIT_WORDS, 1)
        if unit is not None and len(unit) > 3:
            return unit, True
    if len(word) > 5 and not word.endswith("ly"):
        found = _nearest(word, _LONG_WORDS, 2 if len(word) > 7 else 1)
        if found is not None and (len(found) > 5 or len(word) > 5):
            return _EXACT.get(found, found), True
    elif len(word) in (4, 5) and before in _MONTH_LEADS - _WEAK_LEADS:
        found = _nearest(word, (*_SHORT_MONTHS, "today"), 1)
        if found is not None:
            return _EXACT.get(found, found), True
    return word, False


def _nearest(word: str, choices: tuple[str, ...], most: int) -> str | None:
    """The one choice with the same first letter at most `most` slips away; None where there is none, or two as near."""
    best: str | None = None
    least = most + 1
    tie = False
    for choice in choices:
        if choice[0] != word[0] or abs(len(choice) - len(word)) > most:
            continue
        if most == 2 and len(choice) < 8 and choice != word:
            slips = OSA.distance(word, choice, score_cutoff=1)
            slips = slips if slips <= 1 else most + 1
        else:
            slips = OSA.distance(word, choice, score_cutoff=most)
        if slips < least:
            best, least, tie = choice, slips, False
        elif slips == least and slips <= most:
            tie = True
    return None if tie else best


def _unit_expected(folded: str, start: int, before: str) -> bool:
    gap = folded[max(0, start - 3) : start]
    if before in _DETERMINERS or before in _DETERMINER_TYPOS:
        return gap.endswith(" ")
    return bool(re.search(r"\d\s*$", gap))


def _time_follows(folded: str, end: int, following: str) -> bool:
    if re.match(r"\s*\d{1,3}\s*[a-z]", folded[end : end + 8]):
        return True
    if not folded[end : end + 1].isspace():
        return False
    return (
        following in _EXACT
        or following in _TYPOS
        or (len(following) > 3 and _nearest(following, _UNIT_WORDS, 1) is not None)
    )


def _is_month(text: str, folded: str, tokens: list[tuple[int, int, str]], index: int) -> bool:
    """Whether this "may", "march" or "mar" is the month."""
    start, end, _ = tokens[index]
    before = tokens[index - 1][2] if index else ""
    after = tokens[index + 1][2] if index + 1 < len(tokens) else ""
    left, right = folded[max(0, start - 12) : start], folded[end : end + 14]
    # A day or a year beside it: "5 may", "may 2011", "may '11", "2011 march".
    if re.search(r"(?:^|\D)(?:\d{1,2}(?:st|nd|rd|th)?(?: of)?|(?:19|20)\d\d)[\s,/-]*$", left):
        return True
    if re.match(r"\.?(?:\s+of)?[\s,/-]*(?:(?:19|20)\d\d(?!\d)|'\d\d|\d{1,2}(?:st|nd|rd|th)?(?![\d.%]))", right):
        return True
    if after in _AFTER_MODAL and right[:1] == " ":
        return False
    adjacent = bool(re.search(r"[\s-]$", left)) and (before != "" and tokens[index - 1][1] >= start - 2)
    if adjacent and before in _MONTH_LEADS - _WEAK_LEADS:
        return True
    # In a list or a range with another month: "april, may and june", "march-may".
    near_month = (
        before in _EXACT and _EXACT[before] in MONTHS and re.search(r"[,/&~\u2013-]\s*$", left) is not None
    ) or (after in _EXACT and _EXACT[after] in MONTHS and re.match(r"\s*[,/&~\u2013-]", right) is not None)
    if near_month:
        return True
    if before in _WEAK_LEADS and index > 1 and _EXACT.get(tokens[index - 2][2]) in MONTHS:
        return True
    second = tokens[index + 2][2] if index + 2 < len(tokens) else ""
    if (
        after in ("to", "and", "or", "through", "vs", "versus", "until", "till", "thru")
        and _EXACT.get(second) in MONTHS
    ):
        return True
    # The capital tells, unless everything is in capitals.
    return text[start:end].istitle() and not text.isupper()
