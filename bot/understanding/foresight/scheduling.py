"""The tool `calendar`: an event to add or to remove. Its name is free text, so it is cut out of the sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bot.understanding.outcome import Clarify, Outcome, Plan
from bot.understanding.periods import find_periods
from bot.understanding.reading.draft import World, days
from bot.understanding.scene import Sight
from tools.answer import ToolCall
from tools.messages import say
from tools.semantic.periods import Period

EN_NOUN = r"(?:promo(?:tion)?s?|sales? event|shopping event|event|holiday|occasion|campaign|entry)"
ZH_NOUN = r"(?:促销活动|营销活动|大促活动|促销|大促|活动|节日|假日|假期|节假日|事件|档期)"
EN_CALENDAR = r"(?:(?:in|on|to|into|from|off|out of)\s+(?:the|our|my)\s+(?:\w+\s+){0,2}calendar)"
ZH_CALENDAR = r"(?:(?:到|进|入|在|从)?(?:我们的|团队的?)?(?:促销|活动|营销|大促|节日)?日历(?:里|中|上|里面|当中)?的?)"
POLITE = (
    r"(?:(?:please|pls|can you|could you|would you|will you|kindly|i want to|i would like to|i'd like to|we need to|"
    r"let's|let us|we want to|help me|i need to|hi|hello|hey)[\s,]+)*"
)
ZH_POLITE = r"(?:请|麻烦你?|帮我|帮忙|给我|你?能不能|可以|我想|我要|我们要|把|将|在|为我们|你好|，|,|\s)*"
EN_ADD = re.compile(
    rf"^\W*{POLITE}(?:add|create|schedule|set up|enter|register|log|record|book|insert|plan|note|save|put)\s+"
    rf"(?:(?:a|an|the|our|another|this|in|new|my|following)\s+)*(?P<noun>{EN_NOUN})\b",
    re.IGNORECASE,
)
EN_PUT = re.compile(
    rf"^\W*{POLITE}(?:add|put|enter|write|insert|note|schedule|save)\s+(?=.*\b{EN_CALENDAR})", re.IGNORECASE
)
EN_NAMED = re.compile(
    rf"^\W*{POLITE}(?:add|create|schedule|enter|register|plan|save)\s+(?:(?:a|an|the|our)\s+)?"
    rf"(?P<rest>(?=.*\b{EN_NOUN}\b.*\d).+)$",
    re.IGNORECASE,
)
EN_NEW = re.compile(r"^\W*(?:new|another)\s+(?P<noun>promo(?:tion)?|event|holiday)\b\s*[:,]?", re.IGNORECASE)
ZH_ADD = re.compile(
    rf"^\W*{ZH_POLITE}(?:{ZH_CALENDAR})?(?:新增|添加|增加|新建|创建|建立|录入|登记|加入|补充|记录|记一下|加上|建|加|记|设置|安排)"
    rf"(?:一个|一场|一次|一条|一下|个|场|条|了|新的?)*(?:{ZH_CALENDAR})?(?P<lead>[^\s，,：:“\"]{{0,6}}?)(?P<noun>{ZH_NOUN})"
)
ZH_PUT = re.compile(
    rf"^\W*{ZH_POLITE}(?P<rest>.+?(?:加|添加|加入|录入|写|记|放|新增|登记)(?:到|进|入|在)?{ZH_CALENDAR}.*)$"
)
ZH_ON = re.compile(
    rf"^\W*{ZH_POLITE}{ZH_CALENDAR}(?:新增|添加|增加|新建|创建|录入|登记|加入|记录|加上|加|记)(?:一个|一场|一下|个|场|上)?"
)
ZH_VERB = re.compile(r"(?:加|添加|加入|录入|写|记|放|新增|登记)(?:到|进|入|在)?(?=\0)")
EN_REMOVE = re.compile(
    rf"^\W*{POLITE}(?:remove|delete|cancel|drop|erase|take out|take off|scrap|discard|call off)\s+"
    rf"(?:(?:a|an|the|our|my|this)\s+)*(?:(?P<noun>{EN_NOUN})\b|(?=.*\b(?:{EN_NOUN}|calendar)\b))",
    re.IGNORECASE,
)
ZH_REMOVE = re.compile(
    rf"^\W*{ZH_POLITE}(?:{ZH_CALENDAR})?(?:删除|删掉|删去|移除|移掉|取消|撤销|撤掉|去掉|删)(?:一下|掉|了)?"
    rf"(?:{ZH_CALENDAR})?(?:(?P<noun>{ZH_NOUN})|(?=.*(?:{ZH_NOUN}|日历)))"
)
ZH_REMOVED = re.compile(
    rf"^\W*{ZH_POLITE}(?:{ZH_CALENDAR})?(?P<noun>{ZH_NOUN})?(?P<rest>.+?)(?:从{ZH_CALENDAR})?(?:删除|删掉|移除|取消|去掉|撤销|删了)(?:吧|了|一下)?\W*$"
)
QUOTED = re.compile(r"[\"“”「『《'‘](?P<name>[^\"“”「」『』《》'‘’]{1,80})(?:[\"“”」』》’]|'(?!\w))")
# Words around a name that are not of it.
EDGE_EN = re.compile(
    r"^(?:\s|[,;:()\-–—]|(?:called|named|titled|from|on|in|for|at|to|the|a|an|of|with|and|running|which|is|runs|starting|until|between|"
    r"into|please|pls|thanks|our|during|phase|as|by|dates?|event|entry)\b)+|"
    r"(?:\s|[,;:()\-–—.!?]|\b(?:from|on|in|for|at|to|the|a|an|of|with|and|running|which|is|runs|starting|until|between|please|pls|"
    r"thanks|phase|during|as|by|dates?|into|takes place|will run|will be))+$",
    re.IGNORECASE,
)
EDGE_ZH = re.compile(
    r"^(?:[\s，,：:；;（）()、。]|名为|名称为?|叫做?|是|的|从|在|于|为|到|时间为?|日期为?|国家为?|市场为?|地区为?|吧|一下)+|"
    r"(?:[\s，,：:；;（）()、。！!？?]|从|在|于|为|到|时间为?|日期为?|国家为?|市场为?|地区为?|期间|举行|进行|举办|开展|阶段|吧|谢谢|这个|这场|的(?=$)|活动时间)+$"
)
PHASES = {
    "warm-up": re.compile(r"warm[- ]?up|pre-?heat|teaser phase|预热期?|蓄水期?", re.IGNORECASE),
    "burst": re.compile(r"\bburst\b|main phase|peak phase|爆发期?|正式期", re.IGNORECASE),
    "refill": re.compile(r"\brefill\b|返场期?|回补期?", re.IGNORECASE),
    "extension": re.compile(r"\bextension\b|extended phase|延长期?|延续期?", re.IGNORECASE),
}
PHASED = re.compile(
    r"(?:\b(?:phase|stage)\s*[:：]?\s*(?P<en>warm[- ]?up|burst|refill|extension)|"
    r"(?P<en2>warm[- ]?up|burst|refill|extension)\s+(?:phase|stage)\b|"
    r"(?:阶段|属于)\s*[:：为是]?\s*(?P<zh>预热|爆发|回补|返场|延长)期?|(?P<zh2>预热|爆发|回补|返场|延长)(?:阶段|期))",
    re.IGNORECASE,
)
PHASE_OF = {"预热": "warm-up", "爆发": "burst", "回补": "refill", "返场": "refill", "延长": "extension"}
HOLIDAY = re.compile(r"holiday|节日|假", re.IGNORECASE)
DATED = re.compile(r"\d")
NUMBERED = re.compile(r"\b(?:week|day)(?=\s+\d)", re.IGNORECASE)  # VIP Week 5–11 December: of the name
MASK = "\0"
NOUN_BEHIND = re.compile(r"\s+(?:promo(?:tion)?|event|holiday)$|(?<=.)(?:这个)?(?:促销活动|活动)$", re.IGNORECASE)
LONGEST = 80
LONGEST_EVENT = 120  # days


class Scheduling:
    """Reads a sentence that changes the calendar; None where it does not."""

    def __init__(self, sight: Sight, world: World) -> None:
        self.sight, self.world = sight, world
        self.text = sight.norm.text

    def read(self) -> Outcome | None:
        if "calendar" not in self.world.tools:
            return None
        for action, patterns in (
            ("remove", (EN_REMOVE, ZH_REMOVE, ZH_REMOVED)),
            ("add", (EN_ADD, EN_NEW, ZH_ADD, ZH_ON, EN_PUT, ZH_PUT, EN_NAMED)),
        ):
            for pattern in patterns:
                match = pattern.search(self.text)
                if match is None:
                    continue
                if pattern is ZH_REMOVED and not match["noun"] and "日历" not in self.text:
                    continue
                return self._event(action, match)
        return None

    def _event(self, action: str, match: re.Match[str]) -> Outcome:
        groups = match.groupdict()
        noun = groups.get("noun") or ""
        body = MASK * match.start("rest") + match["rest"] if groups.get("rest") else ""
        if not body:
            body = MASK * match.end() + self.text[match.end() :]
        if groups.get("lead"):  # 新增德国促销
            start, end = match.span("lead")
            body = body[:start] + match["lead"] + body[end:]
        args: dict[str, Any] = {"action": action}
        if HOLIDAY.search(noun):
            args["kind"] = "holiday"
        elif action == "add":
            args["kind"] = "promotion"
        quoted = QUOTED.search(body)
        if quoted is not None:
            args["name"] = quoted["name"].strip()
            body = _masked(body, quoted.start(), quoted.end())
        body = re.sub(rf"{EN_CALENDAR}|{ZH_CALENDAR}", lambda m: MASK * len(m.group()), body, flags=re.IGNORECASE)
        body = ZH_VERB.sub(lambda m: MASK * len(m.group()), body)
        body, phase = self._phase(body)
        if phase is not None and action == "add":
            args["phase"] = phase
        body, period = self._dates(body, action)
        if period is not None:
            args["period"] = days(period)
        body, country = self._country(body)
        if country is not None:
            args["country"] = country
        if "name" not in args:
            pieces = list(_pieces(body))
            if len(pieces) == 1 and len(pieces[0]) <= LONGEST:
                args["name"] = pieces[0] if noun else NOUN_BEHIND.sub("", pieces[0])
            else:
                return self._unclear(args)
        if action == "add" and period is None:
            return Clarify(
                say("On which days is “{name}”? For example: 1–7 April.", name=args["name"]),
                pending=ToolCall("calendar", args),
            )
        if period is not None and period.days > LONGEST_EVENT:
            return Clarify(say("Is it really from {period}? Give me its first and its last day.", period=period))
        return Plan((ToolCall("calendar", args),))

    def _unclear(self, args: dict[str, Any]) -> Outcome:
        if args["action"] == "add":
            return Clarify(
                say(
                    "I could not tell the event's name from the rest. Put it in quotes, for example: "
                    "add promo “Spring Sale” 1–7 April."
                )
            )
        return Clarify(
            say("Which event shall I remove? Put its name in quotes, for example: remove promo “Spring Sale”.")
        )

    def _phase(self, body: str) -> tuple[str, str | None]:
        found = PHASED.search(body)
        if found is None:
            return body, None
        word = next(text for text in found.groups() if text)
        phase = PHASE_OF.get(word) or next(name for name, pattern in PHASES.items() if pattern.search(word))
        return _masked(body, found.start(), found.end()), phase

    def _dates(self, body: str, action: str) -> tuple[str, Period | None]:
        """The days: what is said in numbers wins over a season's name, which may belong to the event's."""
        clean = NUMBERED.sub(lambda m: "#" * len(m.group()), body.replace(MASK, " "))
        found = [
            span
            for span in find_periods(clean, self.world.today, first_day=self.world.first_day, prefer="future")
            if span.kind == "period" and span.period is not None and span.certainty > 0
        ]
        plain = [s for s in found if DATED.search(clean[s.start : s.end]) and not _occasion(clean[s.start : s.end])]
        relative = [s for s in found if _relative(clean[s.start : s.end])]
        chosen = plain or relative
        if action == "remove" and not chosen:
            return body, None
        if not chosen:
            return body, None
        for span in chosen:
            body = _masked(body, span.start, span.end)
        periods = [span.period for span in chosen if span.period is not None]
        return body, Period(min(p.start for p in periods), max(p.end for p in periods))

    def _country(self, body: str) -> tuple[str, str | None]:
        country: str | None = None
        for start, end, readings in self.sight.candidates:
            values = [r.value for r in readings if r.kind in ("value", "absent") and r.value[0] == "country"]
            if values and MASK not in body[start:end] and body[start:end].strip():
                country = values[0][1]
                body = _masked(body, start, end)
        return body, country


def _masked(body: str, start: int, end: int) -> str:
    return body[:start] + MASK * (end - start) + body[end:]


def _pieces(body: str) -> Iterator[str]:
    """What is left of the sentence, cut at what was read and at punctuation."""
    for piece in re.split(rf"{MASK}+|[,，;；。()（）\n]|[:：](?!\d)", body):
        bare, before = piece, ""
        while bare != before:
            before = bare
            bare = EDGE_ZH.sub("", EDGE_EN.sub("", bare))
        if re.search(r"\w", bare):
            yield bare


def _occasion(text: str) -> bool:
    """双11, Double 12: a name with a number in it, no date."""
    return bool(
        re.fullmatch(
            r"双\s*(?:11|12|十一|十二).*|(?:20\d\d\s*)?double\s*1[12](?:\s*20\d\d)?|(?:19|20)\d\d|618.*",
            text.strip(),
            re.IGNORECASE,
        )
    )


def _relative(text: str) -> bool:
    return bool(
        re.search(r"\b(?:next|this|tomorrow|today|coming|weekend|week|month)\b|[下本这明后今]", text, re.IGNORECASE)
    )


def completed(pending: ToolCall, sight: Sight, world: World) -> Outcome | None:
    """The days of an event to add, when they were asked for."""
    found = [
        span.period
        for span in find_periods(sight.norm.text, world.today, first_day=world.first_day, prefer="future")
        if span.kind == "period" and span.period is not None and span.certainty > 0
    ]
    if not found:
        return None
    period = Period(min(p.start for p in found), max(p.end for p in found))
    return Plan((ToolCall("calendar", {**pending.args, "period": days(period)}),))
