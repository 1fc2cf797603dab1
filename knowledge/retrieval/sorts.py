"""The sort of answer that a question asks for (a number, an enumeration, advice), and whether a text is of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Literal

Kind = Literal["amount", "list", "who", "when", "where", "definition", "how", "why", "remedy"]

# How much more it matters than the labelled questions, few of which ask so, would have it.
REMEDY = 2.5
DEFINITION = 1.5

_ASKED: dict[Kind, tuple[str, ...]] = {
    "amount": (
        r"\bhow (?:many|much|often|long|far|large|big|high|low|fast|old|frequently)\b",
        r"\bwhat (?:share|percentage|percent|proportion|fraction|number|amount|uplift|size)\b",
        r"多少|几(?:天|次|倍|成|个月|年|周|小时|元|种|类|个)|多大|多久|多长|多高|多快|比例|占比|几%",
    ),
    "who": (r"\bwho(?:m|se)?\b|谁|哪位|什么人|何人",),
    "when": (
        r"^\s*when\b|\bwhen (?:did|does|do|is|are|was|were|should|will|can)\b",
        r"\b(?:what|which) (?:year|date|day|month|time)\b|何时|什么时候|哪一?年|哪一?天|几月|几号|哪个月",
    ),
    "where": (r"\bwhere\b|哪里|哪儿|何处|什么地方",),
    "why": (r"\bwhy\b|\bwhat (?:causes?|is the reason)|\breasons? (?:for|why)", r"为什么|为何|为啥|原因"),
    "list": (
        r"\b(?:which|list|name)\b|\bwhat are\b|\bwhat (?:\w+ ){1,3}(?:are|does|do|is|can|should)\b",
        r"\b(?:stages|steps|types|kinds|phases)\b",
        r"哪些|哪几|几个|包括|包含|有什么|分为|分别|哪两|哪三|哪四|几大|几类|几种",
    ),
    "definition": (
        r"\bwhat(?:'s| is| are)(?: an?| the)?(?: [\w'&/-]+){1,5}\s*\?*\s*$|\bwhat does .* mean|\bmeaning of|\bdefin",
        r"什么是|是什么|指什么|什么意思|叫什么|含义|定义|何谓|啥是|是啥|指的是",
    ),
    "how": (
        r"\bhow (?:to|do|does|can|should|could|would|is|are|did)\b|\bwhat (?:should|can|could)\b",
        r"如何|怎么|怎样|咋|办法|措施|方法|策略|建议|应对",
    ),
    "remedy": (
        r"\bwhat (?:should|can|could|do|must) (?:we|i|one) (?:now )?(?:do|try|change)\b|\bwhat (?:to do|helps|now)\b",
        r"\bhow (?:do|can|should) (?:we|i) (?:fix|improve|raise|lower|reduce|increase|bring|get|stop|prevent)\b",
        r"怎么办|咋办|(?:该|应该|要|能|可以)(?:怎么)?做(?:些)?什么",
        r"(?:怎么|如何)(?:提升|提高|改善|降低|降|解决|应对|处理|补救|挽回)",
    ),
}
_ASKS = {kind: re.compile("|".join(patterns)) for kind, patterns in _ASKED.items()}
# "What is Expedia's revenue?" wants a figure; "What is revenue?" does not.
_FIGURE = re.compile(
    r"\bwhat (?:is|was|were|are|will)\b.*\b(?:prices?|costs?|revenue|sales|rate|share|number|size|fees?|income|profit|"
    r"margin|budget|turnover|percentage|value|spend)\b"
)

# The numbers of notes and of list items, and years, are no answer to "how many".
_NO_AMOUNT = re.compile(r"\[\d[\d,\- ]*\]|(?<!\d)(?:19|20)\d{2}(?!\d)\s?年?|(?m:^\s*\d+(?:\.\d+)*[.、)]?\s)")
_AMOUNT = re.compile(
    r"\d|[零一二三四五六七八九十百千万亿两半]+(?:多|余)?(?:个|次|倍|成|天|周|月|年|种|类|位|家|人|元|小时|分钟|分之)"
    r"|\b(?:two|three|four|five|six|seven|eight|nine|ten|half|twice|double|third|quarter|once|daily|weekly)\b"
)
_LISTED = re.compile(
    r"、[^、。]{1,24}[、和与及]|一是|首先|分为|包括|①|；[^；。]*；|;[^;]*;|(?:,[^,.]{2,40})+,? (?:and|or) "
    r"|(?m:^\s*(?:[-*•]|\d+[.)、]) )"
)
_PERSON = re.compile(
    r"[\u4e00-\u9fff]·[\u4e00-\u9fff]|[\u4e00-\u9fff](?:教授|学者|大师|专家|先生|女士)|提出|创立|创办|创始|作者"
    r"|\b(?:by|founded|proposed|invented|introduced|coined)\b"
)
_TIME = re.compile(
    r"\d{4}|\d+\s?(?:年|月|日|天|周|季度|小时)|之前|之后|前夕|当天|次日"
    r"|\b(?:days?|weeks?|months?|years?|before|after|when)\b"
)
_ADVICE = re.compile(
    r"应(?!用|[和与])|需(?!求)|可以|可(?!能|靠|信|持续|解释|见)|通过|利用|采用|借助|建议|避免|不要|先|"
    r"\b(?:should|can|use|by|first|start|begin|keep|set|give|compare|check|avoid|ask|must|need|do not|don't|let|make)\b"
)
_REASON = re.compile(
    r"因为|由于|导致|因此|原因|所以|使得|为了|因而|避免|否则"
    r"|\b(?:because|since|therefore|so that|reasons?|causes?|due to)\b"
)
_PLACE = re.compile(r"位于|坐落|总部|\bbased in|located|\b(?:in|at) [A-Z]")
_TESTS: dict[Kind, Callable[[str], object]] = {
    "amount": lambda text: _AMOUNT.search(_NO_AMOUNT.sub(" ", text)),
    "list": _LISTED.search,
    "who": _PERSON.search,
    "when": _TIME.search,
    "where": _PLACE.search,
    "how": _ADVICE.search,
    "remedy": _ADVICE.search,
    "why": _REASON.search,
}

# What a heading promises to those who ask how, why, or what something is.
_HEADINGS: dict[Kind, re.Pattern[str]] = {
    "how": re.compile(
        r"对策|措施|策略|优化|建议|路径|应对|机制|强化|完善|构建|怎么|如何|就做|步骤|做法|办法|预防|用法|规则|分寸"
        r"|时间表|清单|\b(?:what to do|what .* does|steps|how to|rules|the way out|prevent|strategy|plan|choosing|using"
        r"|timeline|checklist)\b"
    ),
    "remedy": re.compile(
        r"就做|步骤|措施|对策|应对|怎么(?:做|降|升|走出来|回|办)|\b(?:what to do|steps|the way out)\b"
    ),
    "why": re.compile(r"原因|问题|挑战|困境|不足|为什么|代价|瓶颈|\b(?:causes?|why|reasons?|problems?)\b"),
    "definition": re.compile(
        r"概念|概述|定义|是什么|是谁|含义|内涵|特征|\b(?:what|who) .*\b(?:is|are|says?)\b|explained"
    ),
}
_MISTAKES = re.compile(r"常见错误|误区|mistakes")
_ON_MISTAKES = re.compile(r"错误|误区|不要|避免|别|\b(?:mistakes?|wrong|avoid|not|never|pitfalls?)\b")


def promised(heading: str, kinds: frozenset[Kind], question: str) -> float:
    """Whether what stands below a heading is meant for such a question: 1; 0 where it may be; -1 where it is not.

    All in plain form. What goes wrong often is told to those who ask for it.
    """
    if _MISTAKES.search(heading):
        return float(_ON_MISTAKES.search(question) is not None) * 2 - 1
    meant = {kind for kind, pattern in _HEADINGS.items() if pattern.search(heading)}
    wanted = kinds & _HEADINGS.keys()
    if not meant or not wanted:
        return 0.0
    return 1.0 if meant & wanted else -1.0


def purpose(heading: str, kinds: frozenset[Kind], promise: float) -> float:
    """By how much, in the logarithm of the odds, a heading in plain form speaks for what stands below it.

    `promise` is what `promised` says of it. Who asks what to do wants the steps, and who asks what something is wants
    neither the steps nor the mistakes.
    """
    if "remedy" in kinds:
        return REMEDY if _HEADINGS["remedy"].search(heading) else 0.0
    return DEFINITION * promise if kinds == {"definition"} else 0.0


def asked_for(text: str, *, names_somebody: bool) -> frozenset[Kind]:
    """What a question in plain form asks for; `names_somebody`: it speaks of a company, a product or a place."""
    if names_somebody and _FIGURE.search(text):
        return frozenset({"amount"})
    return frozenset(kind for kind, pattern in _ASKS.items() if pattern.search(text))


def fits(text: str, kinds: frozenset[Kind], subjects: Iterable[str]) -> float:
    """The share of the kinds that a text is of, from -1 (none) to 1 (all); 0 where nothing is asked for.

    `subjects` are the things asked about, in any of their names: a definition must be one of them.
    """
    if not kinds:
        return 0.0
    found = sum(_defines(text, subjects) if kind == "definition" else bool(_TESTS[kind](text)) for kind in kinds)
    return 2 * found / len(kinds) - 1


def _defines(text: str, subjects: Iterable[str]) -> bool:
    folded = text.lower()
    for subject in subjects:
        at = folded.find(subject)
        while at >= 0:
            after = folded[at + len(subject) : at + len(subject) + 40]
            before = folded[max(0, at - 8) : at]
            if _SAYS_WHAT.match(after) or _CALLED.search(before):
                return True
            at = folded.find(subject, at + 1)
    return False


_SAYS_WHAT = re.compile(
    r"s?[”\"'’」』）)]?\s*(?:[（(][^（）()]*[)）]|[，,][^，,。.]{0,12}[，,])?\s*(?:技术|管理|营销)?"
    r"(?:通常|一般|特)?(?:是指|指的是|是|指|[，,]?即|意味着|的(?:含义|定义|核心)|[:：]|——|=|÷"
    r"|(?:is|are|means?|refers?|measures?|says?|shows?|counts?|tells?)\b)"
)
_CALLED = re.compile(r"(?:称为|称作|叫做?|所谓的?|called|known as)\s*[“\"「]?$")
