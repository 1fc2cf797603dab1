"""A text as it was meant to be written: words that ran together are parted, characters written apart are joined."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from bot.understanding.lexicon import Lexicon, stem, tokens
from bot.understanding.normalise import Normalised
from bot.understanding.periods.lexicon import MONTHS, WEEKDAYS

_HAN = r"[\u3400-\u9fff]"
# 上 个 月 销 售 额: at least four characters, each by itself.
_APART = re.compile(rf"(?<![^\s，。,.?？!！])(?:{_HAN}[ \t]+){{3,}}{_HAN}(?![^\s，。,.?？!！])")
# netsalesbycountrylastmonth; a name with a digit in it may be a code, which is looked up before.
_RUN = re.compile(r"(?<![\w.@/-])(?=[a-z0-9]*[a-z]{5})[a-z0-9]{7,60}(?![\w@/-]|\.\w)")
# What people say before and after they ask, which would only stand in the way of how questions and orders begin.
_OPENER = re.compile(
    r"\W*(?:(?:(?:a )?quick (?:one|question|q)|one (?:quick )?question|question|hi(?: there| all| team| bot)?"
    r"|hello(?: there| bot)?"
    r"|hey(?: there| bot| marketbot)?|good (?:morning|afternoon|evening)|dear (?:bot|all|team)|pls|plz|please"
    r"|um+|uh+|er+m?|hm+"
    r"|ok(?:ay)?|so(?! far)|well|right|sorry|excuse me|btw|by the way|just curious|(?:(?:could|can|would|will) you )?"
    r"(?:please )?tell me(?=\s*[:,–—-])|(?:i have|i've got) a (?:quick )?question|(?:my|the) boss (?:asks"
    r"|wants to know|is asking))"
    r"\b[\s,.:;!~–—-]+)+"
    r"|\W*(?:(?:你好|您好|嗨|哈喽|大家好|早上好|下午好|晚上好|请问(?:一下|下(?![个周季月半旬一星礼]))?"
    r"|请教(?:一下)?|想问(?:一下|下(?![个周季月半旬一星礼])|问)?|问(?:一下|下(?![个周季月半旬一星礼]))|"
    r"(?:我|我们)?想(?:要)?(?:了解|知道|看看|看)(?:一下|下(?![个周季月半旬一星礼]))?|(?:麻烦|劳驾|拜托)(?:你"
    r"|您)?(?:(?:帮忙?我?)?(?:看一下|看下(?![个周季月半旬一星礼])|看看|查一下|查下(?![个周季月半旬一星礼])))?|"
    r"帮忙?我?(?:看一下|看下(?![个周季月半旬一星礼])|看看|查一下|查下(?![个周季月半旬一星礼])|瞅瞅)|打扰(?:一下"
    r"|了)?|不好意思|抱歉|老板(?:问|让我问|想知道)|快问快答|嗯+|呃+|亲|在吗|对了|话说|顺便问(?:一下)?)"
    r"[\s，,。.：:；;！!~～—-]*)+"
)
# 对比下 is 对比一下; 看下周 is of next week.
_AT_ONCE = re.compile(
    r"(?:对比|比较|对照|分析|统计|汇总|预测|预估|预计|估算|查询|评估|总结|梳理|盘点|核对|确认|导出|推荐|解释|说明|介绍|计算|整理|展示|排序|拆分|细分"
    r"|[拉拆调捞跑盘理讲排比])(?=下(?![个周季月半旬一星礼单来去面架达滑降跌载午班游属线调拉下]))"
    r"|[看查问算](?=下(?:(?:\d{1,2}|[一二三四五六七八九十]{1,2})(?:月|季度)|[上去今昨近最本这各每]))"
)
_CLOSER = re.compile(
    r"[\s,，.。!！?？;；~-]+(?:(?:btw|by the way|lol|haha|tho)|(?:many )?thanks(?: a lot| so much| in advance)?"
    r"|thank you(?: very much| so much)?|thx|cheers"
    r"|pls|plz|please|谢谢(?:您|你|啦|了)?|多谢(?:了)?|感谢(?:您|你)?|谢了|谢啦|辛苦了)\W*$"
)
# "AOV 4 France": a name follows, and nothing before it counts.
_FOR = re.compile(
    r"(?<=[a-z]) (?P<four>4) (?=(?:me|us|my|our|the|last|this|yesterday|today)\b"
    r"|(?P<name>[a-z][\w'-]*(?: [a-z][\w'-]*){0,2}))"
)
_COUNTING = re.compile(
    r"\b(?:top|bottom|best|worst|last|next|first|past|previous|prior|than|over|under|above|below|least|most|every|each|of"
    r"|to|and|or|by|in|from|for|between|the|these|those|any|me|us|show|list|give|get|pull|want|need|see|find|name|just"
    r"|only|weeks?|months?|days?|quarters?|years?|q|no|number|version|jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov"
    r"|dec|[a-z]+(?:uary|ember|ober)|march|april|august)$"
)
# "The product 22423" is the product 22423.
_CODED = re.compile(r"\b(?P<the>the )(?=(?:product|item|article|sku)(?: code| number| no\.?)? \d{4,6}[a-z]{0,2}\b)")
# 卖了多少米: money, as it is called in chats; of a product it could be its length.
_RICE = re.compile(r"(?:卖|赚|收|挣|入账|进账|流水)(?:了|得|到|入)?(?:多少|几多)(?P<rice>米)(?=[啊呀呢了哦吗嘛]|\W|$)")
_PART = re.compile(r"q[1-4]|h[12]|\d+|[a-z]+")
MOST_RUNS = 3  # a question has no more; any number of them would cost time
SHORT_WORDS = frozenset(
    {
        "by",
        "in",
        "of",
        "to",
        "vs",
        "us",
        "uk",
        "we",
        "is",
        "on",
        "at",
        "me",
        "do",
        "my",
        "our",
        "the",
        "for",
        "per",
        "and",
    }
)
TIMES = frozenset(
    {
        *MONTHS, *WEEKDAYS,
        *("last", "this", "next", "past", "previous", "prior", "current", "day", "days", "week", "weeks", "month"),
        *("months", "quarter", "quarters", "year", "years", "yesterday", "today", "tomorrow", "since", "until", "date"),
        *("daily", "weekly", "monthly", "yearly", "q1", "q2", "q3", "q4", "h1", "h2", "ytd", "mtd"),
    }
)  # fmt: skip


def mend(norm: Normalised, lexicon: Lexicon, explained: Callable[[str, bool], bool]) -> Normalised:
    """The text with its words parted and its characters joined, where that makes words of it that all have a meaning.

    `explained` tells whether every word of a text has a reading, one of them a telling one; with False, whether all of
    them together have one.
    """
    norm = _in_slang(_at_once(_bare(norm)), lexicon)
    for match in reversed(list(_APART.finditer(norm.text))):
        for at in range(match.end() - 1, match.start(), -1):
            if norm.text[at].isspace():
                norm = _without(norm, at)
    for match in reversed([m for m in _RUN.finditer(norm.folded) if not lexicon.knows(stem(m.group()))][:MOST_RUNS]):
        words = parted(match.group(), lexicon)
        if words is None or not explained(" ".join(words), len(words) > 2 or bool(TIMES & {*words})):
            continue
        at = match.end()
        for word in reversed(words[1:]):
            at -= len(word)
            norm = _with(norm, at, " ")
        norm = replace(norm, mended=((match.group(), " ".join(words)), *norm.mended))
    return norm


def _bare(norm: Normalised) -> Normalised:
    """The question without what opens and closes it, where enough is left to be one."""
    match = _OPENER.match(norm.folded)
    if match is not None and match.group().strip() and _is_enough(norm.folded[match.end() :]):
        at = match.end()
        norm = replace(norm, text=norm.text[at:], folded=norm.folded[at:], offsets=norm.offsets[at:])
    match = _CLOSER.search(norm.folded)
    if match is not None and _is_enough(norm.folded[: match.start()]):
        at = match.start()
        norm = replace(norm, text=norm.text[:at], folded=norm.folded[:at], offsets=norm.offsets[: at + 1])
    return norm


def _at_once(norm: Normalised) -> Normalised:
    """With the 一 that is left out where something is to be done shortly."""
    for match in reversed(list(_AT_ONCE.finditer(norm.folded))):
        norm = _with(norm, match.end(), "一")
    return norm


def _in_slang(norm: Normalised, lexicon: Lexicon) -> Normalised:
    """With 4 as "for" before a name or a time, and 米 as the money that it is called."""
    for match in reversed(list(_FOR.finditer(norm.folded))):
        if _COUNTING.search(norm.folded[: match.start()]):
            continue
        if match["name"] is None or _begins_with_a_name(match["name"], lexicon):
            norm = _instead(norm, *match.span("four"), "for")
    for match in reversed(list(_CODED.finditer(norm.folded))):
        norm = _instead(norm, *match.span("the"), "")
    rice = _RICE.search(norm.folded)
    if rice is not None:
        typed = rice.group()
        norm = _instead(norm, *rice.span("rice"), "钱")
        norm = replace(norm, mended=(*norm.mended, (typed, typed.replace("米", "钱"))))
    return norm


def _begins_with_a_name(text: str, lexicon: Lexicon) -> bool:
    """Whether a place or the like begins a text, and no product: of those there may be four."""
    return any(
        span.start == 0 and reading.kind == "value" and reading.value[0] != "product" and not reading.corrected
        for span in lexicon.spans(text, tokens(text))
        for reading in span.readings
    )


def _is_enough(rest: str) -> bool:
    """Whether what is left may be a question: three words or characters."""
    return len(re.findall(r"[a-z0-9]+|[\u3400-\u9fff]", rest)) >= 3


def parted(run: str, lexicon: Lexicon) -> list[str] | None:
    """The fewest known words that a run of letters and digits is made of; None where it is not, or is a single one."""
    words: list[str] = []
    for match in _PART.finditer(run):
        part = match.group()
        if part in TIMES or part.isdigit():
            words.append(part)
            continue
        cut = _cut(part, lexicon)
        if cut is None:
            return None
        words += cut
    return words if len(words) > 1 else None


def _cut(run: str, lexicon: Lexicon) -> list[str] | None:
    best: list[list[str] | None] = [[]] + [None] * len(run)
    for end in range(1, len(run) + 1):
        for start in range(max(0, end - 14), end):
            before = best[start]
            if before is None or not _is_word(run[start:end], lexicon):
                continue
            found = best[end]
            if found is None or len(before) + 1 < len(found):
                best[end] = [*before, run[start:end]]
    return best[-1]


def _is_word(text: str, lexicon: Lexicon) -> bool:
    if len(text) < 3:
        return text in SHORT_WORDS
    return text in TIMES or lexicon.has_word(stem(text))


def _instead(norm: Normalised, start: int, end: int, word: str) -> Normalised:
    """The text with a word in place of a stretch: each letter of it stands where the stretch begins."""
    return replace(
        norm,
        text=f"{norm.text[:start]}{word}{norm.text[end:]}",
        folded=f"{norm.folded[:start]}{word}{norm.folded[end:]}",
        offsets=(*norm.offsets[:start], *[norm.offsets[start]] * len(word), *norm.offsets[end:]),
    )


def _without(norm: Normalised, at: int) -> Normalised:
    return replace(
        norm,
        text=norm.text[:at] + norm.text[at + 1 :],
        folded=norm.folded[:at] + norm.folded[at + 1 :],
        offsets=(*norm.offsets[:at], *norm.offsets[at + 1 :]),
    )


def _with(norm: Normalised, at: int, character: str) -> Normalised:
    return replace(
        norm,
        text=f"{norm.text[:at]}{character}{norm.text[at:]}",
        folded=f"{norm.folded[:at]}{character}{norm.folded[at:]}",
        offsets=(*norm.offsets[: at + 1], *norm.offsets[at:]),
    )
