"""Conditions as people say them: below 20,000 · 跌破2万 · down by more than 30 % · out of the ordinary · no data."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Literal

from bot.understanding.unasked.amounts import AMOUNT, Amount, amount
from bot.understanding.unasked.figure import rule_label
from bot.understanding.unasked.moves import EN_BOTH, EN_DOWN, EN_FLAT, EN_UP, ZH_BOTH, ZH_DOWN, ZH_UP
from bot.understanding.unasked.sentence import Doubt, Sentence
from tools.messages import Message, say
from tools.semantic.catalog import Metric

Way = Literal["up", "down"]
_EN_BELOW = (
    r"(?:do(?:es)?(?:n't| not)|fails? to|cannot|can't) (?:reach|hit|get to|make it to|make)|below|beneath|"
    r"underneath|under|lower than|smaller than|<(?!=)"
)
_EN_ABOVE = (
    r"above|beyond|past|higher than|larger than|bigger than|in excess of|exceed(?:s|ing|ed)?|surpass(?:es|"
    r"ing)?|tops|beats?|passes|>(?!=)"
)
_EN_LESS = r"less than|fewer than"
_EN_MORE = r"more than|greater than|over|upwards of"
_EN_LEAST = r"at least|no less than|not less than|>=|≥|reach(?:es)?|hits?|to at least"
_EN_MOST = r"at most|no more than|not more than|<=|≤|down to|to at most"
_EN_AFTER = r"\s*(?:(?:or|and)\s+(?P<after>more|higher|above|over|up|less|fewer|lower|below|under)\b)"
EN_CONDITION = re.compile(
    rf"(?<![a-z])(?:(?:(?P<down>{EN_DOWN})|(?P<up>{EN_UP})|(?P<both>{EN_BOTH})|"
    rf"(?P<flat>{EN_FLAT}))\s+)?(?:(?:sharply|suddenly|again|ever|back|once|down|up)\s+)?"
    rf"(?:(?P<by>by)\s+)?(?:(?P<to>to)\s+)?"
    rf"(?:(?P<below>{_EN_BELOW})|(?P<above>{_EN_ABOVE})|(?P<less>{_EN_LESS})|(?P<more>{_EN_MORE})|"
    rf"(?P<least>{_EN_LEAST})|(?P<most>{_EN_MOST})|(?P<crosses>crosse?s?|crossing))?"
    rf"\s*(?:(?:a |the )?(?:level|threshold|value|mark) of )?{AMOUNT}(?:{_EN_AFTER})?",
)
EN_NOUN = re.compile(
    r"\b(?:(?:a|an|any|the)\s+)?(?:(?P<down>drop|fall|decline|decrease|dip|slump)|(?P<up>rise|increase|jump|"
    r"growth|spike)|(?P<both>change|move|swing|deviation))s?\s+(?P<by>of)\s+"
    r"(?:(?P<more>more than|over|greater than|above)|"
    rf"(?P<least>at least))?\s*{AMOUNT}(?:{_EN_AFTER})?(?:\s+(?:in|of))?"
)
EN_TURN = re.compile(
    r"\b(?:(?:a|an|any|the|for)\s+)*(?:(?:sharp|sudden|big|large|unusual|significant|"
    r"strong)\s+)?(?:(?P<down>drop|fall|decline|decrease|dip|slump)|(?P<up>rise|increase|jump|spike|"
    r"surge))s?\b(?:\s+(?:in|of)\b)?"
)
_ZH_BELOW = r"低于|小于|跌破|跌穿|<(?!=)|不到|不足|未达到?|没到|少于|不及"
_ZH_ABOVE = r"高于|大于|突破|涨破|>(?!=)|高过|多于"
_ZH_MORE = r"超过了?|超出|超|过了?"
_ZH_LEAST = r"达到|达|至少|不低于|不少于|大于等于|>=|≥"
_ZH_MOST = r"不超过|不高于|至多|最多|小于等于|<=|≤"
ZH_CONDITION = re.compile(
    rf"(?:(?:(?P<flat>数?值?为|是|在)|(?P<down>{ZH_DOWN})|(?P<up>{ZH_UP})|(?P<both>{ZH_BOTH}))(?P<by>的?(?:幅度?|"
    r"了?幅度?))?)?(?:(?P<to>到|至|成|为)了?|得|了)?(?:幅度)?"
    rf"(?:(?P<most>{_ZH_MOST})|(?P<least>{_ZH_LEAST})|(?P<below>{_ZH_BELOW})|(?P<above>{_ZH_ABOVE})|"
    rf"(?P<more>{_ZH_MORE}))?(?:了)?\s*"
    rf"{AMOUNT}\s*(?:(?P<unit>个人|个|件|单|笔|人|次|位|块钱?|元|以)?(?:及|或)?(?P<after>以上|以下|之上|"
    r"之下|上|下)|个(?!百分)|件|单|笔|人|次|位)?"
)
# 少20%以上, 低三成, 高出一成: of a change where something is compared, else of a level.
ZH_COMPARED = re.compile(
    r"(?:(?P<down>(?<![最至不多减])少(?!于)|(?<![最降减偏])低(?!于))|(?P<up>(?<![最至不许])多(?![于少])|"
    r"(?<![最升提偏])高(?![于过])))(?P<by>)(?:出|了|掉)*\s*"
    rf"(?:(?P<more>{_ZH_MORE})|(?P<least>{_ZH_LEAST}))?\s*{AMOUNT}(?P<after>以上|或更多)?"
)
COMPARING = re.compile(r"比|较|同期|均值|平均")
OF_IT = re.compile(
    r"\s*of (?:the |its |their |our )*(?:last|past|previous|prior|usual|average|mean|yesterday|week|day|same)\b"
)
ITS = re.compile(r"(?:周|天|日|月|年|期|值|均|平时|平常|水平)的$")
EN_COMPARED = re.compile(
    rf"(?:\b(?:(?P<more>more than|over)|(?P<least>at least|by))\s+)?{AMOUNT}\s+(?P<by>)"
    r"(?:(?P<down>lower|less|fewer|smaller|worse|down)|(?P<up>higher|more|greater|larger|"
    r"better))\b(?!\s+than\s+[\d£$€¥])"
)
EN_COMPARING = re.compile(r"\bthan\b|\bcompared\b|\bvs\b|\bversus\b")
ZH_BREADTH = re.compile(
    r"(?:(?P<down>跌幅|降幅)|(?P<up>涨幅|增幅|升幅)|(?P<both>波幅|振幅|变幅))(?P<by>)"
    rf"(?:(?P<more>{_ZH_MORE}|大于|高于)|"
    rf"(?P<least>{_ZH_LEAST}))?(?:了)?\s*{AMOUNT}(?P<after>以上)?"
)
UNUSUAL = re.compile(
    r"\b(?:(?:is|are|looks?|gets?|goes|go|seems?|becomes?|behaves?|turns?|appears?|does|shows?|"
    r"starts? looking)\s+)?(?:(?:something|anything|signs? of|an|any|a|to be|to look)\s+)*"
    r"(?:(?P<down>unusually low|abnormally low|unexpectedly low|too low)|(?P<up>unusually high|"
    r"abnormally high|unexpectedly high|too high)|"
    r"unusual(?:ly)?|abnormal(?:ly)?|unexpected(?:ly)?|odd(?:ly)?|strange(?:ly)?|weird(?:ly)?|"
    r"out of the ordinary|(?:is|are)(?:n't| not) (?:normal|usual|right|as usual)|off|wrong|anomal(?:y|ies|ous)|"
    r"outliers?|suspicious|funny|different (?:than|"
    r"from) usual|differs? from (?:the )?usual|unlike usual)\b(?: (?:behaviou?r|movements?|values?|changes?|"
    r"happens?|detected))?|"
    r"(?:出现|有|发生)?(?:任何|什么|明显)?的?(?:(?P<zh_down>异常(?:地)?(?:下降|下跌|下滑|偏低|低|减少|"
    r"走低))|(?P<zh_up>异常(?:地)?(?:上升|上涨|"
    r"升高|增长|偏高|高|增加|走高))|(?:波动|变化|数据)?异常(?:波动|变化|情况|值)?|不正常|反常|不对劲|"
    r"不太对|异动|离谱|异样)(?:了|的)?"
)
TURNED = re.compile(
    r"(?<![a-z])(?:(?:suddenly|sharply|significantly|noticeably|strongly|"
    rf"unexpectedly)\s+)?(?:(?P<down>{EN_DOWN})|(?P<up>{EN_UP})|(?P<both>{EN_BOTH}))(?![a-z])(?:\s+(?:suddenly|"
    r"sharply|significantly|noticeably|strongly|unexpectedly|a lot|off|too much|out of line))?|"
    rf"(?:突然|大幅度?|明显|显著|急剧|持续|大|地)*(?:(?P<zh_down>{ZH_DOWN}|变低|变少|变差)|"
    rf"(?P<zh_up>{ZH_UP}|变高|变多)|"
    rf"(?P<zh_both>{ZH_BOTH}))(?:得?(?:太多|太大|过大|过多|过快|很多|厉害))?(?:了)?"
)
MISSING = re.compile(
    r"\b(?:there (?:is|are) )?no (?:new |fresh )?(?:data|figures|numbers|orders data)(?: (?:arrives?|"
    r"comes? in|is (?:there|coming in|loaded|imported|received)|are (?:there|loaded)|has (?:arrived|come in)|"
    r"for (?:a|one) day|any ?more|at all|yet))?\b|"
    r"\b(?:the |our |new )?(?:data|figures|numbers|import|feed)s? (?:is|are|goes|go|has|have|stops?|"
    r"does(?:n't| not)|do(?:n't| not)|fails?)\s*(?:been )?(?:gone )?(?:to )?(?:missing|late|stale|stopped|"
    r"stops|not updated|not (?:arrive|arrived|coming in)|out ?dated|arriv(?:e|ing)|com(?:e|ing)(?: in)?|"
    r"updat(?:e|ed|ing)|delayed|fail(?:ed)?|broken)?\b|"
    r"\b(?:missing|late|stale) data\b|"
    r"(?:没有|没|无|未|缺)(?:收到|到|有)?(?:新的?)?数据(?:进来|更新|导入)?|数据(?:要是|如果|若是|一旦|一直|"
    r"都)?(?:还)?(?:没有?|未|不|停止|停了?)(?:及时|再)?(?:更新|到|进来|"
    r"来|导入|刷新|同步)(?:了)?|数据(?:缺失|断了?|中断|延迟|停更|丢失|断更|迟到)"
)
DIRECTION = re.compile(
    r"\b(?:but )?(?:only|just) (?:when |if |for |on |about )?(?:it |they |the figures? |"
    r"this )?(?:(?P<down>falls?|drops?|goes down|go down|decreases?|declines?|downwards?|down|dips?|negative)|"
    r"(?P<up>rises?|goes up|go up|increases?|grows?|upwards?|up|spikes?|jumps?))\b(?:(?:s)? only)?|"
    r"(?:只|仅|就)(?:在|看|要|报|管|提醒)*(?:(?P<zh_down>下降|下跌|下滑|跌|降|变低|往下|偏低)|"
    r"(?P<zh_up>上升|上涨|升高|涨|增长|升|变高|往上|"
    r"偏高))(?:的)?(?:时候?|情况|才)*(?:提醒|通知|告诉|报)?(?:我)?|"
    r"\b(?P<both>in (?:either|both) directions?|either way|both ways|up or down|in any direction)\b|"
    r"(?P<zh_both>无论(?:涨跌|上升还是下降|升降)|不管涨跌|双向|两个方向|上下都|涨跌都)(?:都)?"
)


@dataclass(frozen=True)
class Said:
    """A condition with a number as it stands in the sentence, before it is known which figure it is of."""

    amount: Amount
    verb: Literal["up", "down", "both", ""] = ""
    by: bool = False
    to: bool = False
    op: Literal["below", "above", "less", "more", "least", "most", "crosses", ""] = ""
    text: str = ""
    part: bool = False  # "80% of last week": no change by 80 %


@dataclass(frozen=True)
class Told:
    """The rule that was understood: the tool's arguments and what was assumed; or what is asked back."""

    args: dict[str, Any]
    notes: tuple[Message, ...] = ()
    doubt: Doubt | None = None


def said(sentence: Sentence) -> Said | None:
    """A condition with a number, taken from the sentence. A number alone is none."""
    compared = (EN_COMPARED,) if EN_COMPARING.search(sentence.text) else ()
    for pattern in (ZH_BREADTH, ZH_COMPARED, *compared, EN_NOUN, EN_CONDITION, ZH_CONDITION):
        for match in pattern.finditer(sentence.rest):
            found = _said(match)
            if found is not None and pattern is ZH_COMPARED and not COMPARING.search(sentence.text):
                found = replace(found, by=False, op=found.op or "least")  # 转化率低3%: a level, or a change?
            if found is None or not (found.op or (found.verb and not found.to) or found.to):
                continue
            sentence.drop(*match.span())
            return replace(found, part=_is_part(sentence.text, match))
    return None


def number(sentence: Sentence) -> Said | None:
    """A number alone, as in "make it 25,000"."""
    for match in re.finditer(AMOUNT, sentence.rest):
        found = amount(match)
        if found is not None:
            sentence.drop(*match.span())
            return Said(found, text=match.group().strip(), part=_is_part(sentence.text, match))
    return None


def _is_part(text: str, match: re.Match[str]) -> bool:
    """Whether a percentage is of what is compared with: "80% of last week", 上周的八成."""
    return OF_IT.match(text, match.end()) is not None or ITS.search(text[: match.start()]) is not None


def _said(match: re.Match[str]) -> Said | None:
    groups = match.groupdict()
    found = amount(match)
    if found is None:
        return None
    verb: Any = next((name for name in ("down", "up", "both") if groups.get(name)), "")
    ops = ("below", "above", "less", "more", "least", "most", "crosses")
    op: Any = next((name for name in ops if groups.get(name)), "")
    after = groups.get("after")
    if after:
        least = after in ("more", "higher", "above", "over", "up", "以上", "之上", "上")
        down = after in ("以下", "之下", "下", "less", "fewer", "lower", "below", "under")
        op = op or ("least" if least else "most" if down else "")
    if match.re in (ZH_COMPARED, EN_COMPARED) and not found.percent:
        return None
    by = bool(groups.get("by")) or match.re in (ZH_BREADTH, ZH_COMPARED, EN_COMPARED)
    return Said(found, verb, by, bool(groups.get("to")), op, match.group().strip())


def rule(condition: Said, metric: Metric) -> Told:
    """The rule that a condition is for a figure, or what must be asked back about it."""
    value = condition.amount
    if value.or_else is not None:
        doubtful = (value.value, value.or_else)
        return _choices(
            [rule(replace(condition, amount=replace(value, value=each, or_else=None)), metric) for each in doubtful],
            say("“{text}”: is the dot a decimal point?", text=condition.text),
        )
    if value.times:
        return _times(condition, metric)
    if value.points:
        learned: dict[str, Any] = {
            "rule": "learned",
            **({"direction": condition.verb} if condition.verb in ("up", "down") else {}),
        }
        message = say("I watch changes by percent of a figure, not by percentage points. Do you mean this?")
        return Told({}, doubt=Doubt(message, ((rule_label(learned, metric), learned),)))
    if _is_change(condition):
        return _change(condition, metric)
    return _level(condition, metric)


def _times(condition: Said, metric: Metric) -> Told:
    """ "Up 2x", 涨了两倍: twice as much, or twice as much more."""
    value = condition.amount.value
    rising = condition.verb == "up" or (not condition.verb and condition.op in ("above", "more", "least"))
    shares = [share for share in (value - 1, value) if share > 0] if rising else []
    changes = [{"rule": "change", "direction": "up", "share": round(share, 12)} for share in shares]
    choices = tuple((rule_label(args, metric), args) for args in changes)
    return Told({}, doubt=Doubt(say("How is “{text}” meant?", text=condition.text), choices))


def _is_change(condition: Said) -> bool:
    if condition.to or condition.op in ("below", "above", "crosses"):
        return False
    if condition.by:
        return True
    return bool(condition.verb) and (condition.amount.percent or condition.op == "")


def _change(condition: Said, metric: Metric) -> Told:
    value = condition.amount
    if not value.percent:
        return _absolute(condition, metric)
    if condition.op in ("less", "most"):
        return Told({}, doubt=Doubt(say("I tell of changes that are larger than a limit, not smaller ones.")))
    args: dict[str, Any] = {"rule": "change", "share": value.value}
    if condition.verb in ("up", "down"):
        args["direction"] = condition.verb
    if value.value <= 0:
        return Told({}, doubt=Doubt(say("A change needs a share above 0, for example: by more than 30%.")))
    if metric.unit == "ratio" and not condition.by and condition.op in ("more", "least") and condition.verb != "both":
        way: Way = "up" if condition.verb == "up" else "down"
        level = {"rule": "threshold", "direction": way, "level": value.value}
        return Told(
            {},
            doubt=Doubt(
                say("{metric} by itself, or its change?", metric=metric.label.label),
                ((rule_label(args, metric), args), (rule_label(level, metric), level)),
            ),
        )
    notes = []
    if metric.unit == "ratio":
        notes.append(say("{share} of the rate itself, not percentage points.", share=f"{value.value * 100:g}%"))
    if condition.op == "least":
        notes.append(_strict(f"{value.value * 100:g}%"))
    return Told(args, tuple(notes))


def _absolute(condition: Said, metric: Metric) -> Told:
    """A change by an amount: what is watched is a level, or a share."""
    choices = []
    if condition.verb in ("up", "down") and not condition.by and condition.amount.value > 0:
        level = {"rule": "threshold", "direction": condition.verb, "level": condition.amount.value}
        if metric.unit != "ratio":
            choices.append((rule_label(level, metric), level))
    learned: dict[str, Any] = {"rule": "learned"}
    if condition.verb in ("up", "down"):
        learned["direction"] = condition.verb
    choices.append((rule_label(learned, metric), learned))
    message = say("I watch changes by percent, not by an amount. Which of these do you mean?")
    return Told({}, doubt=Doubt(message, tuple(choices)))


def _level(condition: Said, metric: Metric) -> Told:
    value, op = condition.amount, condition.op
    way: Way | None = None
    if op in ("below", "less", "most"):
        way = "down"
    elif op in ("above", "more", "least"):
        way = "up"
    if op in ("", "crosses"):
        way = condition.verb if condition.verb in ("up", "down") else None
    contrary = way is not None and condition.verb in ("up", "down") and condition.verb != way
    if metric.unit != "ratio" and value.percent:
        share = {"rule": "change", "share": value.value, **({"direction": way} if way else {})}
        message = say("{metric} is no percentage. Do you mean its change?", metric=metric.label.label)
        return Told(
            {},
            doubt=Doubt(
                message, ((rule_label(share, metric), share),) if value.value > 0 and not condition.part else ()
            ),
        )
    if value.symbol and metric.unit != "currency":
        message = say("{metric} is no amount of money. Which level do you mean?", metric=metric.label.label)
        return Told({}, doubt=Doubt(message))
    levels = [value.value]
    if metric.unit == "ratio" and not value.percent:
        levels = [value.value / 100] if value.value > 1 else [value.value / 100, value.value]
    ways: tuple[Way, ...] = ("down", "up") if way is None or contrary else (way,)
    args = [{"rule": "threshold", "direction": each, "level": level} for level in levels for each in ways]
    if len(args) > 1 or (metric.unit == "ratio" and not value.percent):
        choices = tuple((rule_label(each, metric), each) for each in args)
        message = say("How is “{text}” meant?", text=condition.text)
        return Told({}, doubt=Doubt(message, choices))
    strict = op in ("least", "most") or (condition.to and op == "")
    return Told(
        args[0], (_strict(f"{value.value * 100:g}%" if value.percent else f"{value.value:,.10g}"),) if strict else ()
    )


def _strict(limit: str) -> Message:
    return say("Exactly {limit} is not told, only what lies beyond it.", limit=limit)


def _choices(told: list[Told], message: Message) -> Told:
    found = [(each.args, each) for each in told if each.args]
    return Told({}, doubt=Doubt(message, tuple((say("{level}", level=_bare(args)), args) for args, _each in found)))


def _bare(args: dict[str, Any]) -> str:
    return f"{args['level']:,.10g}" if "level" in args else f"{args['share'] * 100:g}%"


def unusual(sentence: Sentence) -> Told | None:
    """ "Look unusual", 异常下降; or a move without an amount, which is taken as one beyond what is usual."""
    match = sentence.take(UNUSUAL)
    if match is not None:
        way = _way(match)
        turn = sentence.take(TURNED) if way is None else None
        way = way or (_way(turn) if turn is not None else None)
        return Told({"rule": "learned", **({"direction": way} if way else {})})
    match = sentence.take(EN_TURN) or sentence.take(TURNED)
    if match is None:
        return None
    way = _way(match)
    note = say("No limit was named, so I tell of what is beyond the usual.")
    return Told({"rule": "learned", **({"direction": way} if way else {})}, (note,))


def _way(match: re.Match[str]) -> Way | None:
    groups = match.groupdict()
    if groups.get("down") or groups.get("zh_down"):
        return "down"
    return "up" if groups.get("up") or groups.get("zh_up") else None


def one_side(sentence: Sentence) -> Literal["up", "down", "both"] | None:
    """ "Only when it falls", 双向: which side is told of."""
    match = sentence.take(DIRECTION)
    if match is None:
        return None
    if match["both"] or match["zh_both"]:
        return "both"
    return _way(match)
