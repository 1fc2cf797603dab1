"""How often something is to be sent: every morning · Mondays and Fridays · 每周一 · 每月1号 · 工作日."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from bot.understanding.numbers import han
from bot.understanding.unasked.places import country_code
from bot.understanding.unasked.sentence import Doubt, Sentence
from tools.messages import say

EN_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORT = {name[:3]: i for i, name in enumerate(EN_DAYS)} | {"tues": 1, "thur": 3, "thurs": 3}
_DAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:days?)?"
_AND = r"(?:\s*(?:,|and|&|/|\+|or)\s*)+(?:on |every |each )?"
EN_RANGE = re.compile(
    rf"\b(?:on |every |from |each )*(?:{_DAY}s?)\s*(?:-|–|to|through|till|until)\s*(?:{_DAY}s?)(?=\b)"
)
_NOT_THAT = "".join(
    f"(?<!{word} )"
    for word in (
        "next",
        "last",
        "this",
        "from",
        "until",
        "till",
        "starting",
        "starting on",
        "since",
        "before",
        "by",
        "past",
    )
)
EN_EXCEPT = re.compile(
    r"\b(?:except|excluding|but not|apart from|other than|not|never|skip(?:ping)?)(?: (?:for|on|the)"
    rf")* (?P<days>{_DAY}(?:{_AND}{_DAY})*)\b"
)
EN_WEEKDAYS = re.compile(rf"{_NOT_THAT}\b(?:on |every |each |only )*(?P<days>{_DAY}(?:{_AND}{_DAY})*)\b")
ZH_DAY = "一二三四五六日天"
_ZH_ONE = rf"(?:[{ZH_DAY}](?![点时十])|[1-7](?![0-9:点月号]))"
ZH_RANGE = re.compile(
    rf"(?:每|每个)?(?:周|星期|礼拜)(?P<a>[{ZH_DAY}1-7])\s*(?:到|至|-|~)\s*(?:周|星期|"
    rf"礼拜)?(?P<b>[{ZH_DAY}1-7])(?:每天|的)?"
)
_ZH_DAYS = rf"(?:周|星期|礼拜)(?P<days>{_ZH_ONE}(?:[、,和与及\s]*(?:每)?(?:周|星期|礼拜)?{_ZH_ONE})*)"
ZH_EXCEPT = re.compile(
    rf"(?:除了?|除去|不含)(?:每)?{_ZH_DAYS}(?:以?外)?(?:都)?|"
    rf"(?:每个?)?{_ZH_DAYS.replace('<days>', '<days2>')}(?:都)?(?:除外|不要?发|别发|不推送?)"
)
ZH_WEEKDAYS = re.compile(
    rf"(?<![上下本这])(?:每逢|每个|每|逢|在)*(?:周|星期|礼拜)(?P<days>{_ZH_ONE}(?:[、,和与及\s]*(?:每)?(?:周|星期|"
    rf"礼拜)?{_ZH_ONE})*)(?!报)"
)
EVERY_DAY = re.compile(
    r"\b(?:(?:every|each)(?: single)? (?P<part>day|morning|afternoon|evening|night)|daily|nightly|once a day|"
    r"once per day|"
    r"(?:one|1) (?:a|per) day|day by day|per day|a day)\b|每(?:一)?天(?:都)?|每日|天天|每个?(?P<zh>早上|"
    r"早晨|上午|下午|晚上|早|晚)|日度"
)
WORKDAYS = re.compile(
    r"\b(?:(?:on|every|each|only on|only) )*(?P<en>work(?:ing)?[ -]?days?|business days?|week ?days?)(?: only)?\b|"
    r"(?:只在|仅在|只|每个|每|在)?(?P<zh>工作日|上班日|平日)(?:的)?(?:才)?"
)
EVERY_WEEK = re.compile(
    r"\b(?:(?:every|each) week|weekly|once a week|once per week|per week|a week)\b|每(?:个|一)?(?:周|星期|礼拜)|周度"
)
MONTH_DAY = re.compile(
    r"\b(?:(?:on|at) )?(?:the )?(?:(?P<day>\d{1,2})(?:st|nd|rd|th)|(?P<word>first|second|third|fifth|tenth|"
    r"last|15th))(?: (?:calendar )?day)?"
    r"(?: of (?:the|each|every|a) month| (?:each|every) month| monthly)"
    r"|\b(?:at |by )?(?:the )?(?P<edge>start|beginning|end) of (?:the|each|every) month\b"
    r"|\b(?:(?:each|every) month|monthly) on (?:the )?(?:(?P<day2>\d{1,2})(?:st|nd|rd|th)?|(?P<word2>first|"
    r"last))(?: day)?\b"
    r"|每(?:个)?月(?:的)?(?:第?(?P<zh>\d{1,2}|[一二三四五六七八九十]{1,3})(?:号|日|天)|(?P<zh_edge>初|底|"
    r"末|最后一天|第一天))"
)
LATER_DAY = re.compile(
    r"\bon (?:the )?(?:(?P<day>\d{1,2})(?:st|nd|rd|th)|(?P<word>first|last))(?: day)?\b|(?P<zh>\d{1,2}|"
    r"[一二三四五六七八九十]{1,3})(?:号|日)(?!报)|(?P<zh_edge>月初|月底|月末)"
)
EVERY_MONTH = re.compile(r"\b(?:(?:every|each) month|monthly|once a month|per month|a month)\b|每(?:个|一)?月|月度")
OFTENER = re.compile(
    r"\bevery (?:few |half |\d+ |two |three |four |five |six |other )*(?:minutes?|hours?|seconds?)\b|"
    r"\bhalf[- ]hourly\b|\bhourly\b|\breal[- ]?time\b|"
    r"\b(?:twice|two times|three times|\d times) (?:a|per) day\b|\btwice daily\b|"
    r"每(?:隔)?[\d一二两三四五六十半]*个?(?:小时|"
    r"钟头|分钟|秒)|实时|(?:一天|每天|每日)(?:发)?(?:两|三|四|2|3|4)次|逐小时"
)
SPARSER_DAYS = re.compile(
    r"\bevery (?:other|second|third|two|three|four|five|\d+) days?\b|\bevery (?:\d+(?:nd|rd|th)) day\b|"
    r"每(?:隔)?[\d一二两三四五]+天|隔天|隔日"
)
SPARSER_WEEKS = re.compile(
    r"\b(?:every (?:other|second|two|2|three|3) weeks?|every (?:other|second) (?:mon|tues|wednes|thurs|fri|"
    r"satur|sun)day|fortnightly|bi-?weekly|every fortnight|twice a month|twice monthly)\b|"
    r"每(?:隔)?[两二2三3]个?(?:周|星期)|双周|隔周|半个?月"
)
SPARSER_MONTHS = re.compile(
    r"\b(?:quarterly|every quarter|each quarter|yearly|annual(?:ly)?|every year|each year|every (?:other|two|"
    r"three|six|\d+) months?|bi-?monthly)\b|每个?季度?|季报|季度报告?|年报|每年|半年|每(?:隔)?[两二三六2-9]个月"
)
WORDS = {"first": 1, "second": 2, "third": 3, "fifth": 5, "tenth": 10, "last": 31, "15th": 15}
EDGES = {
    "start": 1,
    "beginning": 1,
    "end": 31,
    "初": 1,
    "底": 31,
    "末": 31,
    "最后一天": 31,
    "第一天": 1,
    "月初": 1,
    "月底": 31,
    "月末": 31,
}
_NOT = (
    r"(?:but |and |please )*(?:not|never|no(?: digests?)?|nothing|skip(?:ping)?|except|excluding|without|"
    r"do(?:n't| not) send (?:it |anything |one )?)"
)
_LAST_SUFFIX = r"(?:都|就|也|请)*(?:不要|别|不用|不必|不|除外|跳过|免)(?:再)?(?:发送?|推送?|打扰我?)?"
BOTH_OFF = re.compile(
    rf"\b{_NOT} (?:on |at |over |for |during )?(?:the )?(?:weekends? (?:and|or|"
    r"nor) (?:(?P<a>[a-z]+) )?(?:public |bank )?holidays?|(?:(?P<b>[a-z]+) )?(?:public |"
    r"bank )?holidays? (?:and|or|nor) weekends?)"
    rf"|周末[和与及、]*(?:(?P<c>[\u4e00-\u9fff]{{2,5}}?))?(?:的)?(?:法定)?(?:节假日|假日|节日|"
    rf"假期){_LAST_SUFFIX}|(?:法定)?(?:节假日|"
    rf"假日|假期)[和与及、]*周末{_LAST_SUFFIX}"
)
WEEKENDS_OFF = re.compile(
    rf"\b{_NOT} (?:on |at |over |for |during )?(?:the )?weekends?\b|(?:周末|双休日){_LAST_SUFFIX}|(?:不要|"
    r"别)在(?:周末|"
    r"双休日)发"
)
HOLIDAYS_OFF = re.compile(
    rf"\b{_NOT} (?:on |at |over |for |during )?(?:the )?(?:(?P<a>[a-z]+(?: [a-z]+)?) )?(?:public |bank |"
    r"national )?holidays?\b"
    rf"|(?:(?P<c>[\u4e00-\u9fff]{{2,5}}?))?(?:的)?(?:法定|公共)?(?:节假日|假日|节日|假期){_LAST_SUFFIX}"
)
ALWAYS = re.compile(
    r"\b(?:also|even|including) (?:on |at )?(?:the )?weekends(?: and (?:public )?holidays)?(?: too)?\b|(?:周末|"
    r"节假日)(?:和节假日|和周末)?(?:也|都|照样|照常)(?:要)?(?:发|推)?"
)


@dataclass
class Rhythm:
    """What was said; `part` of the day of "every morning"; `doubts` are what no digest can do."""

    name: str | None = None
    weekdays: tuple[int, ...] = ()
    day: int | None = None
    part: str = ""
    days_off: str | None = None
    country: str | None = None
    recurs: bool = False
    doubts: list[Doubt] = field(default_factory=list)

    def args(self) -> dict[str, Any]:
        found = {
            "rhythm": self.name,
            "weekdays": list(self.weekdays) or None,
            "day": self.day,
            "days_off": self.days_off,
            "country": self.country,
        }
        return {name: value for name, value in found.items() if value is not None}


def read_rhythm(sentence: Sentence, known: str | None = None) -> Rhythm:
    """How often, on which days, and which days are left out, taken from the sentence.

    `known` is the rhythm that a report's name says.
    """
    rhythm = Rhythm()
    _not_offered(sentence, rhythm)
    _days_off(sentence, rhythm)
    _of_month(sentence, rhythm, monthly=known == "monthly")
    _of_week(sentence, rhythm)
    for pattern, name in ((EVERY_DAY, "daily"), (EVERY_WEEK, "weekly"), (EVERY_MONTH, "monthly")):
        match = sentence.take(pattern)
        if match is None:
            continue
        rhythm.recurs = True
        groups = match.groupdict()
        part = groups.get("part") or groups.get("zh") or ""
        rhythm.part = "" if part == "day" else part
        if name != "daily" or rhythm.name is None:
            _named(rhythm, name)
    return rhythm


def _named(rhythm: Rhythm, name: str) -> None:
    if rhythm.name not in (None, name):
        choices = tuple((_label(each), {"rhythm": each}) for each in (str(rhythm.name), name))
        rhythm.doubts.append(Doubt(say("How often shall it come?"), choices))
    rhythm.name = rhythm.name or name
    rhythm.recurs = True


def _label(name: str) -> Any:
    return {"daily": say("Every day"), "weekly": say("Every week"), "monthly": say("Every month")}[name]


def _not_offered(sentence: Sentence, rhythm: Rhythm) -> None:
    for pattern, nearest in (
        (SPARSER_WEEKS, ("weekly", "monthly")),
        (SPARSER_MONTHS, ("monthly",)),
        (SPARSER_DAYS, ("daily", "weekly")),
        (OFTENER, ("daily",)),
    ):
        match = sentence.take(pattern)
        if match is not None:
            rhythm.recurs = True
            rhythm.name = nearest[0]
            message = say(
                "Digests come every day, every week or every month, not “{text}”.", text=match.group().strip()
            )
            rhythm.doubts.append(Doubt(message, tuple((_label(each), {"rhythm": each}) for each in nearest)))


def _days_off(sentence: Sentence, rhythm: Rhythm) -> None:
    for pattern, name in ((BOTH_OFF, "both"), (WEEKENDS_OFF, "weekends"), (HOLIDAYS_OFF, "holidays"), (ALWAYS, "none")):
        match = sentence.take(pattern)
        if match is None:
            continue
        both = {rhythm.days_off, name} == {"weekends", "holidays"}
        rhythm.days_off = "both" if both else name
        groups = match.groupdict()
        place = next((groups[g] for g in ("a", "b", "c") if groups.get(g)), None)
        if place is not None:
            rhythm.country = country_code(place)
            if rhythm.country is None and place not in ("public", "bank", "national", "法定"):
                rhythm.doubts.append(Doubt(say("I do not know the holidays of “{place}”.", place=place)))


def _of_month(sentence: Sentence, rhythm: Rhythm, *, monthly: bool) -> None:
    match = sentence.take(MONTH_DAY)
    if match is None and (monthly or EVERY_MONTH.search(sentence.rest)):
        match = sentence.take(LATER_DAY)
    if match is None:
        return
    _named(rhythm, "monthly")
    rhythm.day = _day(match.groupdict())
    if rhythm.day is None:
        days = ((say("The first day"), 1), (say("The last day"), 31))
        choices = tuple((text, {"day": day}) for text, day in days)
        rhythm.doubts.append(Doubt(say("On which day of the month?"), choices))


def month_day(sentence: Sentence) -> int | None:
    """A day of the month that stands alone: 月报改到5号."""
    match = sentence.take(LATER_DAY)
    return _day(match.groupdict()) if match is not None else None


def _day(groups: dict[str, Any]) -> int | None:
    edge = groups.get("edge") or groups.get("zh_edge")
    word = groups.get("word") or groups.get("word2")
    digits = groups.get("day") or groups.get("day2") or groups.get("zh")
    if edge:
        return EDGES[edge]
    if word:
        return WORDS[word]
    day = (int(digits) if digits.isdigit() else han(digits)) if digits else None
    return day if day is not None and 1 <= day <= 31 else None


def _of_week(sentence: Sentence, rhythm: Rhythm) -> None:
    match = sentence.take(WORKDAYS)
    if match is not None:
        _named(rhythm, "daily")
        rhythm.days_off = "both" if rhythm.days_off in ("holidays", "both") else "weekends"
        return
    match = sentence.take(EN_RANGE) or sentence.take(ZH_RANGE)
    if match is not None:
        first, last = _numbers(match.group())[:2]
        days = tuple(range(first, last + 1)) if first <= last else (*range(first, 7), *range(last + 1))
        if days == tuple(range(5)):
            _named(rhythm, "daily")
            rhythm.days_off = "both" if rhythm.days_off == "holidays" else "weekends"
        elif len(days) == 7:
            _named(rhythm, "daily")
        else:
            _named(rhythm, "weekly")
            rhythm.weekdays = tuple(sorted(days))
        return
    match = sentence.take(EN_EXCEPT) or sentence.take(ZH_EXCEPT)
    if match is not None:
        without = _numbers(match["days"] or match.groupdict().get("days2") or "")
        _named(rhythm, "weekly")
        rhythm.weekdays = tuple(day for day in range(7) if day not in without)
        return
    match = sentence.take(EN_WEEKDAYS) or sentence.take(ZH_WEEKDAYS)
    if match is not None:
        _named(rhythm, "weekly")
        rhythm.weekdays = tuple(sorted(set(_numbers(match["days"]))))


def _numbers(text: str) -> list[int]:
    """Weekdays from 0, in their order."""
    if not text.isascii():
        return [
            ZH_DAY.replace("天", "").index("日" if c == "天" else c) if c in ZH_DAY else int(c) - 1
            for c in text
            if c in ZH_DAY + "1234567"
        ]
    return [_SHORT[match.group()[:3]] for match in re.finditer(_DAY, text)]
