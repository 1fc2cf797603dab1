"""Times of the day as people say them: at 9 · 8:30 pm · half past eight · noon · 下午五点半 · 晚上8点 · 半夜."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bot.understanding.numbers import ENGLISH, han
from bot.understanding.unasked.sentence import MASK, Doubt, Sentence
from tools.messages import Message, say

HOURS = 24
NOON = 12
LIKELY_FROM = 6  # "at 9" is nine in the morning, "at 3" may be either
_WORD = "|".join(word for word, value in ENGLISH.items() if 1 <= value <= NOON)
_HALF = r"[ap]\.?\s?m\b\.?"
_PART = (
    r"早上|早晨|清晨|清早|一早|大早|凌晨|上午|中午|正午|午间|下午|午后|傍晚|晚上|晚间|夜里|夜间|深夜|半夜|午夜|早|晚"
)
_HAN = "零〇一二两三四五六七八九十"
_NEAR = r"(?:(?:at|by|around|about|before|from|to|for|until)\s+)?"
EN_PRECISE = re.compile(
    rf"(?<![a-z0-9]){_NEAR}(?<![\d.])(?P<h>\d{{1,2}})(?:[:h](?P<m>\d{{2}})(?!\d)|\.(?P<m2>\d{{2}})(?!\d)(?=\s*{_HALF}|"
    r"\s*(?:$|[,;.!?]| on\b| every\b| in\b)))"
    rf"(?:\s*(?P<half>{_HALF}))?(?:\s*(?:o'?clock|hrs|hours|h)\b)?"
)
EN_HALF = re.compile(rf"{_NEAR}(?<![\d.:])\b(?P<h>\d{{1,2}}|{_WORD})\s*(?P<half>{_HALF})")
EN_PAST = re.compile(
    rf"{_NEAR}\b(?P<by>half|a quarter|quarter)\s+(?P<way>past|to)\s+(?P<h>\d{{1,2}}|"
    rf"{_WORD})\b(?:\s*(?P<half>{_HALF}))?"
)
EN_CLOCK = re.compile(rf"{_NEAR}\b(?P<h>\d{{1,2}}|{_WORD})\s*o'?\s?clock\b(?:\s*(?P<half>{_HALF}))?")
EN_BARE = re.compile(rf"\b(?:at|by|around)\s+(?P<h>\d{{1,2}}|{_WORD})\b(?!\s*(?:[%:.]?\d|%|days?\b|weeks?\b|hours?\b))")
EN_NAMED = re.compile(r"\b(?:at |by |around )?(?P<name>noon|midday|lunch ?time|midnight)\b")
EN_PART = re.compile(r"\b(?:in the |at |of the )?(?P<part>mornings?|afternoons?|evenings?|nights?)\b")
ZH_CLOCK = re.compile(
    rf"(?:在|于)?(?P<part>{_PART})?(?:的)?\s*(?<![\d.:])(?P<h>\d{{1,2}}|[{_HAN}]{{1,3}})\s*"
    rf"(?:点钟|点整|点|时(?!间|候|区))(?P<m>半|一刻|三刻|钟|整|\d{{1,2}}分?|[{_HAN}]{{1,3}}分?)?(?:左右|前|"
    r"之前|准时)?"
)
ZH_DIGITS = re.compile(
    rf"(?:在|于)?(?P<part>{_PART})(?:的)?\s*(?P<h>\d{{1,2}}):(?P<m>\d{{2}})(?!\d)(?:分)?(?:左右|前|之前|准时)?"
)
ZH_NAMED = re.compile(r"(?P<name>中午|正午|半夜|午夜|凌晨)(?!\d)")
ZH_PART = re.compile(r"早上|早晨|清晨|清早|一早|上午|下午|午后|傍晚|晚上|晚间|夜里")
AND = re.compile(
    r"[\s\0]*(?:and|和|跟|与|及|以及|还有|、|,|&|\+|/)+\s*(?=at\b|\d|[早晚上下中傍夜零一二两三四五六七八九十])"
)
EVENING = ("afternoon", "evening", "night", "下午", "午后", "傍晚", "晚上", "晚间", "夜里", "夜间", "深夜", "晚")
MORNING = ("早上", "早晨", "清晨", "清早", "一早", "大早", "上午", "凌晨", "早", "morning")
NAMED = {"noon": 12, "midday": 12, "lunchtime": 12, "lunch time": 12, "midnight": 0}
ZH_NAMES = {"中午": 12, "正午": 12, "半夜": 0, "午夜": 0}


@dataclass(frozen=True)
class Told:
    """A time that was said: `at` as HH:MM, or why it is asked back."""

    at: str | None = None
    doubt: Doubt | None = None


def time_of_day(sentence: Sentence, part: str = "") -> Told:
    """The time that a sentence names, taken from it; neither where it names none. `part` of the day: known before."""
    for pattern in (ZH_DIGITS, EN_PRECISE, EN_HALF, EN_PAST, EN_CLOCK, ZH_CLOCK, EN_BARE):
        match = sentence.take(pattern)
        if match is not None:
            second = _second(sentence, match.end(), part)
            told = _told(match, _part(sentence) or part)
            return told if second is None or told.at in (None, second) else _one_of(str(told.at), second)
    match = sentence.take(EN_NAMED) or sentence.take(ZH_NAMED)
    if match is not None:
        hour = NAMED.get(match["name"], ZH_NAMES.get(match["name"]))
        if hour is not None:
            _part(sentence)
            return Told(_written(hour, 0))
        return Told(doubt=_when())
    said = _part(sentence) or part
    return Told(doubt=_when(said)) if _late(said) else Told()


def _second(sentence: Sentence, end: int, part: str) -> str | None:
    """Another time that is joined to the one that ends at `end`, taken from the sentence: "at 9 and at 6 pm"."""
    joined = AND.match(sentence.rest, end)
    if joined is None:
        return None
    later = sentence.copy()
    later.drop(0, joined.end())
    second = time_of_day(later, part).at
    if second is not None:
        told = [i for i in range(joined.end(), len(later.rest)) if later.rest[i] == MASK != sentence.rest[i]]
        sentence.drop(joined.start(), told[-1] + 1)
    return second


def _one_of(first: str, second: str) -> Told:
    """A digest comes at one time of the day: of two, one is chosen."""
    choices = tuple((say("{time}", time=text), {"at": text}) for text in (first, second))
    return Told(doubt=Doubt(say("At what time shall it come?"), choices))


def _part(sentence: Sentence) -> str:
    """The part of the day that is named beside an hour: "at 9 in the evening"."""
    match = sentence.take(EN_PART)
    if match is not None:
        return match["part"].removesuffix("s")
    found = sentence.take(ZH_PART)
    return found.group() if found is not None else ""


def _late(part: str) -> bool:
    return part in EVENING


def _told(match: re.Match[str], part: str) -> Told:
    groups = match.groupdict()
    hour = _number(groups["h"])
    if hour is None:
        return Told(doubt=_when())
    minute = _minute(groups)
    if groups.get("way") == "to":
        hour, minute = hour - 1, 45
    half = (groups.get("half") or "").replace(".", "").replace(" ", "")
    part = groups.get("part") or part
    if hour > HOURS or minute > 59 or (hour == HOURS and minute) or (half and not 1 <= hour <= NOON):
        text = match.group().strip()
        return Told(doubt=Doubt(say("“{text}” is no time of the day. When shall it come?", text=text), _choices()))
    if half:
        return Told(_written(hour % NOON + (NOON if half == "pm" else 0), minute))
    if part in ("中午", "正午", "午间"):
        return Told(_written(hour + NOON if hour <= 2 else hour, minute))
    if part in ("半夜", "午夜", "深夜", "夜里", "night") and (hour <= 5 or hour == NOON):
        return Told(_written(hour % NOON, minute))
    if _late(part) and hour <= NOON:
        if part in ("晚上", "晚间", "evening", "晚") and hour == NOON:
            return Told(_written(0, minute))
        return Told(_written(hour % NOON + NOON, minute))
    if part in MORNING:
        if hour > NOON:
            text = match.group().strip()
            return Told(doubt=Doubt(say("“{text}” is no time of the day. When shall it come?", text=text), _choices()))
        return Told(_written(hour % NOON if hour == NOON and part == "凌晨" else hour, minute))
    exact = groups["h"].startswith("0") or (groups.get("m") is not None and match.re is not ZH_CLOCK)
    if 1 <= hour < LIKELY_FROM and not exact:
        early, late = _written(hour, minute), _written(hour + NOON, minute)
        choices = tuple((say("{time}", time=text), {"at": text}) for text in (late, early))
        return Told(doubt=Doubt(say("In the morning or in the afternoon?"), choices))
    return Told(_written(hour % HOURS, minute))


def _number(text: str) -> int | None:
    if text.isdigit():
        return int(text)
    return ENGLISH.get(text) if text.isascii() else han(text)


def _minute(groups: dict[str, str]) -> int:
    by = groups.get("by")
    if by:
        return 30 if by == "half" else 15
    told = (groups.get("m") or groups.get("m2") or "").removesuffix("分")
    named = {"": 0, "半": 30, "一刻": 15, "三刻": 45, "整": 0, "钟": 0}
    if told in named:
        return named[told]
    value = _number(told)
    return 99 if value is None else value


def _written(hour: int, minute: int) -> str:
    return f"{hour % HOURS:02d}:{minute:02d}"


def _when(part: str = "") -> Doubt:
    late = ("18:00", "20:00", "21:00") if part else ("07:00", "09:00", "12:00", "18:00")
    return Doubt(say("At what time shall it come?"), tuple((say("{time}", time=text), {"at": text}) for text in late))


def _choices() -> tuple[tuple[Message, Mapping[str, Any]], ...]:
    return tuple((say("{time}", time=text), {"at": text}) for text in ("08:00", "09:00", "18:00"))


# --- Quiet hours ------------------------------------------------------------------------------------------------

_EN_T = rf"(?:\d{{1,2}}(?:[:.]\d{{2}})?\s*(?:{_HALF})?|midnight|noon)"
_ZH_T = rf"(?:(?:{_PART})?\s*(?:\d{{1,2}}|[{_HAN}]{{1,3}})(?::\d{{2}}|点半|点钟?)?)"
NO_QUIET = re.compile(
    r"\b(?:no|without|remove|drop|cancel) (?:the |my |any )?quiet (?:hours|time)\b|(?:取消|去掉|不要|关闭)"
    r"免打扰(?:时间|"
    r"时段)?"
)
EN_QUIET = re.compile(
    r"(?:\b(?:with|and|but|keep|be|stay|it)\s+)*\b(?:quiet(?: hours| time)?|silent|silence|no (?:messages|"
    r"digests?|notifications?)|"
    r"do not disturb|don't disturb(?: me| us)?|nothing|never|not|do(?:n't| not) (?:send|message|"
    r"write)(?: (?:me|us|it|anything))?)\s*"
    rf"(?:me |us )?:?\s*(?:from |between )?(?P<a>{_EN_T})\s*(?:to|until|till|and|-|–)\s*(?P<b>{_EN_T})(?!\d)"
)
ZH_QUIET = re.compile(
    rf"(?:免打扰|安静|静默|静音)(?:时间|时段|时)?(?:为|是|:)?\s*(?:从)?(?P<a>{_ZH_T})\s*(?:到|至|-|~|"
    rf"—)+\s*(?:次日|第二天)?(?P<b>{_ZH_T})"
    rf"|(?:从)?(?P<a2>{_ZH_T})\s*(?:到|至|-|~|—)+\s*(?:次日|第二天)?(?P<b2>{_ZH_T})(?:之间|期间|内)?\s*(?:请|都)?"
    r"(?:免打扰|不要打扰我?|别打扰我?|勿扰|不打扰|静音|静默|安静|不要发|别发|不发|不要推送|不推送)"
)


def quiet_hours(sentence: Sentence) -> tuple[tuple[str, str] | Literal["none"] | None, Doubt | None]:
    """Hours in which nothing is to be sent, taken from the sentence; "none" where there are to be none any more."""
    if sentence.take(NO_QUIET) is not None:
        return "none", None
    match = sentence.take(EN_QUIET) or sentence.take(ZH_QUIET)
    if match is None:
        return None, None
    groups = match.groupdict()
    first = _edge(groups["a"] or groups["a2"])
    last = _edge(groups["b"] or groups["b2"])
    if first is None or last is None or first[0] == last[0]:
        return None, Doubt(say("Quiet hours need a beginning and an end, for example: quiet from 22:00 to 7:00."))
    (start, sure), (end, _sure) = first, last
    hour = int(start[:2])
    if not sure and LIKELY_FROM <= hour < NOON:
        late = f"{hour + NOON:02d}{start[2:]}"
        choices = tuple(
            (say("{start} to {end}", start=begin, end=end), {"quiet": (begin, end)}) for begin in (late, start)
        )
        return None, Doubt(say("Quiet from when to when?"), choices)
    return (start, end), None


def _edge(text: str) -> tuple[str, bool] | None:
    """A time at the edge of quiet hours as HH:MM, and whether it says which half of the day."""
    text = text.strip()
    if text in ("midnight", "noon"):
        return _written(NAMED[text], 0), True
    match = re.fullmatch(
        rf"(?P<part>{_PART})?\s*(?P<h>\d{{1,2}}|[{_HAN}]{{1,3}})(?:[:.](?P<m>\d{{2}})|(?P<p>点半|"
        rf"点钟?))?\s*(?P<half>{_HALF})?",
        text,
    )
    if match is None:
        return None
    hour = _number(match["h"])
    if hour is None or hour > HOURS:
        return None
    minute = int(match["m"] or 0) or (30 if match["p"] == "点半" else 0)
    if match["half"]:
        return _written(hour % NOON + (NOON if match["half"].startswith("p") else 0), minute), True
    if match["part"]:
        if _late(match["part"]) and hour <= NOON:
            return _written(0 if hour == NOON else hour + NOON, minute), True
        return _written(hour, minute), True
    sure = hour > NOON or match["h"].startswith("0") or match["m"] is not None
    return _written(hour, minute), sure
