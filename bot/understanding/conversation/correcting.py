"""Corrections: "no, I meant orders", 不是，我要订单数, "revenue, not orders", after an answer and after a refusal."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.understanding.foresight.reader import period_of
from bot.understanding.lexicon import CJK
from bot.understanding.normalise import normalise
from bot.understanding.reading.draft import World, days
from bot.understanding.spans import Span
from tools.answer import ToolCall
from tools.semantic.periods import Period, shift

LONGEST_SEASON = 300  # days; what is longer is a year by another name

_MEANT = (
    r"(?:i|we) (?:actually |really |just |only )?(?:meant|mean|want(?:ed)?|said|asked(?: for"
    r"| about)?|was asking(?: for| about)?|need(?:ed)?|am asking (?:for|about)|"
    r"was (?:talking|thinking) (?:of|about))(?: to (?:say|see|know|ask(?: for| about)?))?"
)
_MEANING = (
    r"(?:i|we) (?:actually |really |just )?(?:meant|mean|said|was (?:asking|talking|thinking) (?:for"
    r"|about|of))(?: to (?:say|ask))?"
)
_EN = re.compile(
    r"^\W*(?:(?:(?P<no>no+(?! (?:[a-z]+ )?(?:filter|limit|restriction|condition)s?\b)|nope|nah|(?:scrap"
    r"|scratch|strike|forget) (?:that|this|it)|wrong|incorrect|not (?:that|this|it|quite|what i (?:meant"
    r"|asked(?: for)?|wanted))|that's (?:not (?:it|right|what i (?:meant|asked(?: for)?|wanted"
    r"|want))|wrong)|"
    r"that is (?:not (?:it|right|what i (?:meant|asked(?: for)?|wanted))|wrong)|you (?:misunderstood"
    r"|got (?:it|that|me) wrong)|"
    rf"sorry|oops|whoops|actually|wait|my mistake|my bad|correction|typo)(?:\s*[,.;:!\-–…]+\s*|\s+|$))+"
    rf"(?:but |and |so )?(?:{_MEANT}|meant(?: to (?:say|ask))?\b|(?:it )?should (?:be|say|have been)|make (?:it|that)"
    rf"|rather)?|{_MEANING}|meant(?: to (?:say|ask))?(?= ))\W*"
)
_ZH = re.compile(
    r"^\W*(?:(?P<no>不是(?:这个|这样|的)?(?=[，,。.!！\s]|我|要|应该)|不对|不是的|错了|搞错了"
    r"|弄错了|你(?:理解|搞|弄)错了|我?(?:说|打|写|输)错了|不(?=[，,。!！\s])|抱歉|对不起|等等"
    r"|等一下|更正一?下?)"
    r"[，,。.!！、…\s了]*)*(?P<meant>(?:其实|其实是)?(?:我|咱们?)(?:其实)?(?:是)?(?:要|想要|想看"
    r"|想问|说|想说|指|问|的意思)(?:的)?(?:是)?|我的意思是|应该是|应为|改成|换成|要的是|是|要)?[：:，,\s]*"
)
_NOT_EN = re.compile(r"[\s,;–-]+(?:and )?(?:not|instead of|rather than)\s+(?!in\b|including\b|from\b)[^,;]+$")
_NOT_ZH = re.compile(r"[，,、\s]*(?:而)?(?:不是|不要|而非)[^，,]+$")
# "Not Germany, Spain", 不是德国，是西班牙.
_INSTEAD = (
    re.compile(r"^\W*(?:(?:no|sorry)\W+)*not (?P<wrong>[^,;]{2,30})[,;]\s*(?:but )?(?P<right>.+)$"),
    re.compile(
        r"^\W*(?:我说的|我要的)?不是(?P<wrong>[^，,；]{1,12})[，,；]\s*(?:而?是|要|我要|我说的是)(?P<right>.+)$"
    ),
)
# "Orders, not sales", 要订单，不要销售额.
_RATHER = (
    re.compile(r"^\W*(?!(?:who|which|what|how) )(?P<right>[\w ]{2,24}?),? (?:and )?not (?P<wrong>[\w ]{2,24})\W*$"),
    re.compile(
        r"^\W*(?:我?要|看|我?想看)(?P<right>[^，,]{1,10})[，,]\s*(?:不要|不是|不看|别)(?P<wrong>[^，,]{1,10})\W*$"
    ),
)
# "Before returns, I mean", 退货前的，我是说.
_AFTER = (
    re.compile(r"^\W*(?P<right>[^?!]{2,60}?)[\s,–-]+(?:that's what )?i mean(?:t)?\W*$"),
    re.compile(r"^\W*(?P<right>[^？！]{1,30}?)[\s，,]+(?:我是说|我的意思是|我说的是|我指的是?)\W*$"),
)
_YEAR = re.compile(r"^\W*(?:in |for |of )?(?P<year>(?:19|20)\d\d)\s*年?(?:的)?\W*$")
_REST = re.compile(r"[\w£$€¥]")


@dataclass(frozen=True)
class Correction:
    """`text` is what was meant; empty where only something was denied. `denies`: the answer before is called wrong."""

    text: str
    denies: bool


def correction(text: str) -> Correction | None:
    """What a message corrects; None where it corrects nothing."""
    norm = normalise(text)
    folded = norm.folded
    chinese = bool(CJK.search(folded))
    if (turned := _INSTEAD[chinese].match(folded)) is not None:
        return Correction(text[norm.original_span(*turned.span("right"))[0] :].strip(" ,，.。"), denies=True)
    if (rather := _RATHER[chinese].match(folded)) is not None and not rather["right"].endswith(
        (" are", " is", " who", " did", " have", " but")
    ):
        start, end = norm.original_span(*rather.span("right"))
        return Correction(text[start:end].strip(), denies=True)
    if (after := _AFTER[chinese].match(folded)) is not None:
        return Correction(text[slice(*norm.original_span(*after.span("right")))].strip(" ,，.。"), denies=False)
    found = (_ZH if chinese else _EN).match(folded)
    if found is None or not (found["no"] or _meant(found, chinese=chinese)):
        return None
    end = found.end()
    start = norm.original_span(end, len(folded))[0] if end < len(folded) else len(text)
    rest = text[start:].strip()
    rest = (_NOT_ZH if chinese else _NOT_EN).sub("", rest).strip(" ,，.。")
    return Correction(rest if _REST.search(rest) else "", bool(found["no"]))


def _meant(found: re.Match[str], *, chinese: bool) -> bool:
    if not chinese:
        return bool(found.group().strip())
    said = found["meant"] or ""
    return any(word in said for word in ("指", "意思", "说", "应该是", "应为", "问"))


def as_follow_up(text: str) -> str:
    """The correction as a question that leans on the one before."""
    if CJK.search(text):
        return text if text.endswith("呢") else f"{text.rstrip('?？。')}呢"
    return f"what about {text}"


def same_unit(text: str, before: ToolCall, now: ToolCall) -> ToolCall:
    """ "I meant 2010", of a figure of September 2011: September 2010, and not the whole year."""
    said, period = _YEAR.match(normalise(text).folded), before.args.get("period")
    if said is None or not period or now.tool != before.tool or before.tool not in ("metrics", "drivers"):
        return now
    then = period_of(period)
    year = int(said["year"])
    if then.whole() == "year" or then.start.year != then.end.year or then.days > LONGEST_SEASON:
        return now
    while then.start.year != year:
        then = then.year_ago() if then.start.year > year else _year_on(then)
    return ToolCall(now.tool, {**now.args, "period": days(then)})


def _year_on(period: Period) -> Period:
    return Period(shift(period.start, "year", 1), shift(period.end, "year", 1))


def instead_of_strange_words(text: str, meant: str, world: World) -> str | None:
    """A question that was not understood with what is meant in the place of the words that were not known.

    None where it held none, or more than one stretch of them.
    """
    spans = world.scene(text).spans
    strange = [i for i, span in enumerate(spans) if _strange(span)]
    if not strange or strange[-1] - strange[0] >= len(strange):
        return None
    start, end = spans[strange[0]].start, spans[strange[-1]].end
    plain = world.sight(text).norm.text
    return f"{plain[:start]}{meant}{plain[end:]}"


def _strange(span: Span) -> bool:
    """Not known, not sold to, no date that there is, or one of several products."""
    dates = span.values("period")
    undated = bool(dates) and all(found.kind == "period" and found.period is None for found in dates)
    return span.unknown or undated or span.word("partial_name") or (span.has("absent") and not span.has("value"))


def names_only(text: str, world: World) -> bool:
    """ "France", "30 November": a value or a time by itself, in the place of the word that was not known.

    "Only France" is a limit beside what was said.
    """
    scene = world.scene(text)
    said = [span for span in scene.spans if not span.word("filler")]
    return bool(said) and all(span.has("value") or span.has("period") for span in said)
