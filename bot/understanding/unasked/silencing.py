"""Sentences about silences: no alerts of something for a while · 德国的预警静音到明天 · what is silenced · unmute."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, ClassVar

from bot.understanding.numbers import ENGLISH, han
from bot.understanding.outcome import Clarify, Decline, Outcome, Plan
from bot.understanding.reading.draft import Stop, World
from bot.understanding.unasked.figure import Figure
from bot.understanding.unasked.frames import NOUN, SMALL
from bot.understanding.unasked.sentence import ENDING, POLITE, ZH_POLITE, Sentence
from tools.answer import FollowUp, ToolCall
from tools.messages import Message, say

TOOL = "incidents"
WEEK = 7
MOST_DAYS = 366
_COUNT = rf"(?:\d{{1,3}}|an?|{'|'.join(word for word, value in ENGLISH.items() if 1 <= value <= 30)})"
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY = "|".join(f"{day[:3]}(?:{day[3:]})?" for day in _DAYS)
_MONTH = "|".join(rf"{month}[a-z]*" for month in _MONTHS)
_HAN = "一二三四五六七八九十两"
SILENCE = re.compile(
    rf"^\W*{POLITE}(?:mute|silence|hush|quiet(?:en)?|shush|shut up)\b|(?:先)?(?:静音|静默|屏蔽|免打扰|禁音)(?:一下|掉)?"
)
FOR_A_WHILE = re.compile(
    rf"^\W*{POLITE}(?:pause|suspend|hold|stop|no more|no|"
    r"(?:do(?:n't| not)|never) (?:alert|notify|warn|tell|bother) (?:me|us)(?: (?:about|of|on|with))?)\b|"
    r"(?:先)?(?:暂停|停止|关闭|停掉|停|(?:不要|别|不用)(?:再)?(?:发送?|推送|报|提醒)?)"
)
"""Words that mean silence only where they say until when."""
ENDED = re.compile(
    rf"^\W*{POLITE}(?:un-?mute|un-?silence|(?:end|stop|lift|remove|cancel|clear|delete|undo)"
    r"(?: (?:the|all|every|my|our))*(?: \w+)?? (?:silences?|silencing|mute|muting|mutes))\b(?: (?:of|for|on))?|"
    r"(?:取消|解除|结束|关闭|撤销|去掉|停止)(?P<of>.*?)(?:的)?(?:静音|静默|屏蔽)|(?:不要|别)(?:再)?(?:静音|屏蔽)"
)
_EN_WHAT = r"(?:alerts|alarms|figures|metrics|incidents|of them)"
_ZH_WHAT = r"(?:预警|告警|警报|指标|监控)"
_ZH_QUIET = r"(?:静音|静默|屏蔽)"
LISTED = re.compile(
    rf"^\W*{POLITE}(?:(?:what|which)(?: {_EN_WHAT})?(?: (?:is|are|have been|did (?:i|we)))?"
    r"(?: (?:currently|now|still))? (?:silenced?|muted?|on mute|quiet)|"
    r"is (?:anything|something|any alert) (?:silenced|muted)|"
    r"are (?:any|some|there any) (?:alerts )?(?:silenced|muted|silences)|"
    r"(?:(?:show|list|see|view)(?: me)?(?: all| the| our| my)* )?(?:active |current |open )?"
    rf"(?:silences|(?:silenced|muted) {_EN_WHAT}))"
    rf"(?: (?:here|now|right now|currently|in this (?:chat|group)|at the moment))*{ENDING}|"
    rf"^\W*{ZH_POLITE}(?:查看|看看|看一下|列出|显示)?(?:一下)?(?:现在|目前|当前)?(?:有)?(?:哪些|什么)?{_ZH_WHAT}?"
    rf"(?:是|被|已经?|正在|都|处于)*{_ZH_QUIET}(?:状态)?(?:了|中|着|过|的|哪些|什么)*{_ZH_WHAT}?"
    rf"(?:(?:都)?(?:有)?(?:哪些|什么|列表|清单|记录))?{ENDING}"
)
ASKED = re.compile(r"查看|看看|看一下|列出|显示|哪些|什么|列表|清单|记录")
"""静音 alone orders; it asks only with one of these."""
EVERYTHING = re.compile(
    r"\b(?:all(?: of)?(?: the| our| my)?|every(?: single)?|everything|the whole chat)\b|所有的?|全部的?|一切"
)
DIGEST = re.compile(r"\b(?:digest|report|summary|newsletter|briefing)s?\b|[日周月简晨早晚]报|摘要|推送")
THIS = re.compile(r"\b(?:it|this|that)\b|这个|该|此")
NUMBER = re.compile(
    r"\b(?:incident|anomaly)\s*(?:no\.?|number|#)?\s*(?P<a>\d{1,6})\b|#\s?(?P<b>\d{1,6})\b|"
    r"异常(?:事件)?#?(?P<c>\d{1,6})"
)
OF_SILENCE = re.compile(r"\b(?:silence|mute)\s*(?:no\.?|number|#)?\s*(?P<n>\d{1,6})\b|静音(?:编号)?#?(?P<z>\d{1,6})")
_EN_TO = r"(?:until|till|til|up to|to|through)"
_ZH_TO = r"(?:到|至)"
_ZH_WEEK = r"(?:周|星期|礼拜)"
UNTIL = (
    ("hour", re.compile(r"\bfor (?:an|one|1|the next) ?h(?:our)?\b|(?:一|1)个?小时")),
    (
        "tomorrow",
        re.compile(
            rf"\b{_EN_TO} tomorrow(?: morning)?\b|\bfor (?:today|the rest of the day)\b|"
            rf"{_ZH_TO}?(?:明天|明早|明日)(?:早上)?"
        ),
    ),
    ("day", re.compile(rf"\b{_EN_TO} (?:(?P<next>next )|this )?(?P<day>{_DAY})\b(?: morning)?")),
    (
        "week",
        re.compile(
            rf"\b{_EN_TO} next week\b|\bfor (?:the rest of (?:the|this) week|this week)\b|"
            rf"{_ZH_TO}下(?:个)?{_ZH_WEEK}(?![一二三四五六日天\d])"
        ),
    ),
    ("span", re.compile(rf"\bfor (?:the (?:next|coming) )?(?P<n>{_COUNT})? ?(?P<unit>days?|weeks?)\b")),
    ("zh_day", re.compile(rf"{_ZH_TO}(?P<next>下)?(?:个)?(?:本|这)?{_ZH_WEEK}(?P<day>[一二三四五六日天])")),
    ("zh_span", re.compile(rf"(?P<n>\d{{1,3}}|[{_HAN}]{{1,3}})(?:个)?(?P<unit>天|日|周|星期|礼拜)(?!内)")),
    ("iso", re.compile(rf"(?:\b{_EN_TO} |{_ZH_TO})(?P<iso>\d{{4}}-\d{{2}}-\d{{2}})")),
    (
        "date",
        re.compile(
            rf"\b{_EN_TO} (?:the )?(?:(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<m>{_MONTH})\b|"
            rf"(?P<m2>{_MONTH})\.? (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b)"
        ),
    ),
    ("zh_date", re.compile(rf"{_ZH_TO}(?P<m>\d{{1,2}})月(?P<d>\d{{1,2}})[日号]?")),
)
OTHER_UNTIL = re.compile(rf"\b(?:for|until|till)\b.*$|{_ZH_TO}.*$|(?:\d+|[{_HAN}半]+)个?(?:小时|月)")
REST = re.compile(
    r"\b(?:please|alerts?|alarms?|about|of|for|on|from|in|the|our|my|me|us|any|more|and|them|it|this|that|quiet|all|"
    r"now|until|till|morning|incidents?|again|everything|every)\b|的|把|将|给|对|在|先|一下|吧|了|我|我们|让|请|相关|"
    r"有关|关于|再|这个|该|异常|事件"
)


class _Silenced(Figure):
    """The figure and the values; what it offers instead are calls of this tool."""

    tool: ClassVar[str] = TOOL

    def label(self, args: Mapping[str, Any]) -> Message:
        metric = self.catalog.metrics.get(str(args.get("metric")))
        return say("All alerts") if metric is None else say("{metric}", metric=metric.label.label)


class Silencing:
    """One sentence's reading about silences; None where it is about something else."""

    def __init__(self, sentence: Sentence, world: World, previous: ToolCall | None) -> None:
        self.sentence, self.world, self.previous = sentence.copy(), world, previous

    def read(self) -> Outcome | None:
        sentence = self.sentence
        if DIGEST.search(sentence.text):
            return None
        listed = LISTED.search(sentence.text)
        if listed is not None and (sentence.text.isascii() or ASKED.search(sentence.text)):
            return Plan((ToolCall(TOOL, {"action": "silences"}),))
        ended = ENDED.search(sentence.rest)
        if ended is not None:
            return self._ended(ended)
        verb = SILENCE.search(sentence.rest)
        weak = None if verb is not None else FOR_A_WHILE.search(sentence.rest)
        found = verb or weak
        if found is None or not (NOUN.search(sentence.rest) or NUMBER.search(sentence.rest)):
            return None
        sentence.drop(*found.span())
        until = self._until()
        if weak is not None and until is None:
            return None
        return self._silenced(until)

    def _ended(self, verb: re.Match[str]) -> Outcome | None:
        """What stands within the Chinese words is kept: 取消德国预警的静音."""
        sentence = self.sentence
        number = OF_SILENCE.search(sentence.rest)
        if number is not None:
            return Plan((ToolCall(TOOL, {"action": "unsilence", "silence": int(number["n"] or number["z"])}),))
        inner = verb.span("of") if verb["of"] else None
        if inner is None:
            sentence.drop(*verb.span())
        else:
            sentence.drop(verb.start(), inner[0])
            sentence.drop(inner[1], verb.end())
        return self._planned({"action": "unsilence"})

    def _silenced(self, until: str | None) -> Outcome | None:
        if until is not None:
            return self._planned({"action": "silence", "until": until})
        self.sentence.take(OTHER_UNTIL)
        named = self._planned({"action": "silence"})
        if not isinstance(named, Plan):
            return named
        args = named.calls[0].args
        today = self.world.today
        choices = (
            (say("For an hour"), "hour"),
            (say("Until tomorrow"), "tomorrow"),
            (say("For a week"), (today + timedelta(days=WEEK)).isoformat()),
        )
        options = tuple(FollowUp(text, ToolCall(TOOL, {**args, "until": value})) for text, value in choices)
        return Clarify(say("Until when shall it be quiet?"), options)

    def _planned(self, args: dict[str, Any]) -> Outcome | None:
        """With the incident, or the figure and the values, that are named."""
        sentence = self.sentence
        number = sentence.take(NUMBER)
        before = self.previous.args.get("incident") if self.previous is not None else None
        noun = NOUN.search(sentence.rest)
        if number is not None:
            args["incident"] = int(next(text for text in number.groups() if text))
        elif before is not None and THIS.search(sentence.rest):
            args["incident"] = before
        every = sentence.has(EVERYTHING) or (noun is not None and "all" in noun.group().split())
        sentence.take_all(EVERYTHING)
        sentence.take_all(NOUN)
        figure = _Silenced(sentence.scene(re.compile(f"{REST.pattern}|{SMALL.pattern}")), self.world, args)
        try:
            figure.read()
        except Stop as stop:
            return stop.outcome
        left = figure.left()
        if left or figure.plan.by:
            words = tuple(dict.fromkeys(f"“{figure.scene.original(span)}”" for span in left))[:4]
            return Decline(
                say("I do not know what {words} means here, so nothing is silenced or told again.", words=words)
                if words
                else say("Alerts are silenced for values that are named, such as a country.")
            )
        found = figure.args()
        if every and not {"metric", "filters", "incident"} & found.keys():
            found["everything"] = True
        return Plan((ToolCall(TOOL, found),), figure.notes())

    def _until(self) -> str | None:
        """The end that is named, taken from the sentence: hour, tomorrow, or an ISO day."""
        for kind, pattern in UNTIL:
            match = pattern.search(self.sentence.rest)
            if match is None:
                continue
            found = self._end(kind, match)
            if found is not None:
                self.sentence.drop(*match.span())
                return found
        return None

    def _end(self, kind: str, match: re.Match[str]) -> str | None:
        if kind in ("hour", "tomorrow"):
            return kind
        day = _day(kind, match, self.world.today)
        return None if day is None else day.isoformat()


def _day(kind: str, match: re.Match[str], today: date) -> date | None:
    """The day that is meant: the next such weekday after today; a date of this year, or else of the next."""
    match kind:
        case "week":
            return today + timedelta(days=WEEK - today.weekday())
        case "day":
            number = next(at for at, name in enumerate(_DAYS) if name.startswith(match["day"][:3]))
            return _weekday(today, number, next_week=bool(match["next"]))
        case "zh_day":
            return _weekday(today, "一二三四五六日天".index(match["day"]) % WEEK, next_week=bool(match["next"]))
        case "span" | "zh_span":
            count = _count(match["n"] or "1")
            days = count * (1 if match["unit"] in ("day", "days", "天", "日") else WEEK)
            return today + timedelta(days=days) if 0 < days <= MOST_DAYS else None
        case "iso":
            return _date(*map(int, match["iso"].split("-")))
        case "date":
            month = _MONTHS.index((match["m"] or match["m2"])[:3]) + 1
            return _ahead(today, month, int(match["d"] or match["d2"]))
        case _:
            return _ahead(today, int(match["m"]), int(match["d"]))


def _weekday(today: date, number: int, *, next_week: bool) -> date:
    if next_week:
        return today + timedelta(days=WEEK - today.weekday() + number)
    return today + timedelta(days=(number - today.weekday() - 1) % WEEK + 1)


def _ahead(today: date, month: int, day: int) -> date | None:
    this = _date(today.year, month, day)
    return this if this is None or this > today else _date(today.year + 1, month, day)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _count(text: str) -> int:
    if text.isdigit():
        return int(text)
    return 1 if text in ("a", "an") else ENGLISH.get(text) or han(text) or 0
