"""What is told beside a question and is no part of it: "We are designing a VIP tier. How many …?", 首页要换推荐位，….

It is left aside, and the answer says so. Only where the rest is a question that is understood by itself, and where what
is told limits nothing: it has no "only", "except" or 按, and names no figure, value or time that the question does not.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import islice

from bot.understanding.conversation.asides import MOST_CLAUSES, clauses_of, is_answer
from bot.understanding.lexicon import CJK
from bot.understanding.normalise import normalise
from bot.understanding.outcome import Outcome, Plan
from bot.understanding.reading.draft import World
from bot.understanding.spans import Kind
from tools.messages import say

TELLING: tuple[Kind, ...] = ("metric", "value", "dimension", "period", "number", "group", "saved", "absent")
LONGEST = 90  # characters of what is told
# What may say of what, in what or by what something is asked: such a clause is never left aside.
_LIMITING = re.compile(
    r"\b(?:only|just the|it|this|them|these|those|net|gross|except|exclud\w*|includ\w*|without|not|no|never|nor|non|but"
    r"|minus|instead|rather|other than|apart|per|each|every|for|who|that|which|whose|where|ignor\w*|leav\w* out|mean"
    r"|means|meant|refer\w*|focus\w*|scope|regarding|concern\w*|defin\w*|count\w*|treat\w*|consider\w*|assum\w*"
    r"|suppos\w*|if|unless|given|interested|looking at|talking about|speaking of|split\w*|limit\w*|filter\w*"
    r"|restrict\w*|charge of|responsible|wholesale|retail|online|offline|b2b|b2c|members?|stores?|shops?|brands?|range"
    r"|lines?|channels?|segments?|outlets?|vat|tax|dollars?|euros?|pounds?|currency|usd|eur|gbp)\b|n't\b"
    r"|[只仅除非没无不别按每各含扣限指剔]|其中|以外|口径|针对|范围|假设|假如|如果|要是|属于|关注|负责|去掉|排除|单独|分别|算上|计入"
    r"|批发|零售|线上|线下|会员|店|品牌|系列|渠道|款|品类|含税|税|美元|欧元|人民币|英镑"
    r"|(?:想|要|需要|准备|打算|来)要?(?:看|查|知道|了解|算|统计|问|拉|分析|对比|比较|说)"
)
_ASKING = re.compile(
    r"^\W*(?:and |so |then |please |pls |also |can you |could you )*(?:how|what|when|why|show|list|give|tell|compare"
    r"|forecast|predict|send|alert|notify|warn|remind|watch|plot|draw|chart|rank|sort|export|explain|is|are|was|were|do|does"
    r"|did|can|could|would|will|has|have|make|get|pull|run|split|break)\b"
    r"|[?？吗呢]|多少|几[个位单件笔]|哪|谁|什么|怎么|提醒|通知|告诉|预测|对比|比较|列[出一]|发我|给我"
)
_WHO = (
    r"(?:we|i|they|he|she|everyone|everybody|someone|somebody|people|investors|finance|management|marketing|sales"
    r"|head office|hq|(?:our|my|the|their|this|a|an) (?:[a-z'&-]+ ){0,3}?[a-z'&-]+|[a-z]+ team)"
)
_DOES = (
    r"(?:(?:'m|'re|'s| am| is| are| was| were)(?: just| all| also| now| still)? [a-z]+ing"
    r"|(?:'ve|'d|'ll| has| have| had| will| would| wants?| wanted| needs?| needed| asks?| asked| plans?| planned"
    r"| thinks?| thought| feels?| felt| got| likes?| hopes?| wonders?| wondered| ran| runs?| started| launched| sent"
    r"| bills?| pays?| reviews?| promised| told| heard| saw| noticed| met| meets?| visited| closed| opened| signed"
    r"| hired| moved| changed))"
)
_ENGLISH = re.compile(
    rf"\W*(?:(?:and|so|well|ok|okay|hi|hello|hey|also|because|since|as|now|btw)[\s,]+)*"
    rf"(?:{_WHO}{_DOES}\b.+|[a-z&' -]{{2,30}} here|(?:just )?(?:got (?:back|in|to|out)|back (?:from|in|at))\b.+"
    r"|(?:planning|preparing|prepping|drafting|pitching)\b.+"
    r"|(?:checking|reviewing|translating|writing|building|designing|working|trying|thinking|hoping|heading|updating"
    r"|finishing|presenting) (?:against|on|with|to|up|out|the|our|my|an?|some|this|next|ahead)\b.+"
    r"|(?:before|while|when|as|since|because) (?:we|i|they|our|my|the)\b.+)\W*"
)
_CHINESE = re.compile(
    r"\W*(?![从在对就以按把被])(?=.*(?:要|想|准备|打算|正在|在[问做催写开看谈聊]|来问|觉得|感觉|需要|马上|刚|开会"
    r"|[做写发换设搞办送寄]|筹备|复盘|上线|结束|到了|快[到来]|好像|似乎|听说|有点|太))[^，,。；;：:]{3,28}(?<![的时后前里])\W*"
)
# Who asks, before what is asked, with nothing between: "Our agent in Madrid is asking how much we sold".
_ASKER = re.compile(
    r"\W*(?P<told>(?:(?:our|my|the|an?|some) )?[a-z][a-z &'-]{1,40}?(?: is| are| was| were| keeps?)?"
    r" (?:asking|asks?|asked|wants? to know|wanted to know|would like to know|wonders?|wondering|requests?|requested"
    r"|needs?))(?: me| us)?(?: again)?(?: for| about)?[,:]? (?=(?:how|what|which|who|the|our)\b)"
)
# Words of a meeting or a season with a unit of time in them.
_OCCASION = re.compile(r"(?:周|月|季|季度|年|晨|早|例)会|[周月季年]报|[旺淡]季")
_SENTENCE = re.compile(r"[.!?;。！？；\n]|\s[-–—]+\s|[–—]")


def past_statements(text: str, world: World, outcome: Outcome, read: Callable[[str], Outcome]) -> Outcome:
    """The reading of the question alone, where the message as it is came to no answer."""
    if isinstance(outcome, Plan):
        return outcome
    norm = normalise(text)
    if (asker := _ASKER.match(norm.folded)) is not None and not _LIMITING.search(asker["told"]):
        who, asked = (
            text[slice(*norm.original_span(*place))] for place in (asker.span("told"), (asker.end(), len(norm.text)))
        )
        return _beside((who,), asked, world, read) or outcome
    clauses = list(islice(clauses_of(norm.folded), MOST_CLAUSES + 1))
    if not 2 <= len(clauses) <= MOST_CLAUSES:
        return outcome

    def words(first: int, last: int) -> str:
        return text[slice(*norm.original_span(clauses[first][0], clauses[last][1]))]

    def told(i: int, *, behind: bool) -> bool:
        clause = norm.folded[clauses[i][0] : clauses[i][1]]
        if behind and (CJK.search(clause) or not _SENTENCE.search(norm.folded[clauses[i - 1][1] : clauses[i][0]])):
            return False
        pattern = _CHINESE if CJK.search(clause) else _ENGLISH
        plain = len(clause) <= LONGEST and not _LIMITING.search(clause) and not _ASKING.search(clause)
        return plain and pattern.fullmatch(clause) is not None

    first, last = 0, len(clauses) - 1
    while first < last and told(first, behind=False):
        first += 1
    while last > first and told(last, behind=True):
        last -= 1
    beside = [*range(first), *range(last + 1, len(clauses))]
    if not beside:
        return outcome
    return _beside(tuple(words(i, i) for i in beside), words(first, last), world, read) or outcome


def _beside(told: tuple[str, ...], asked: str, world: World, read: Callable[[str], Outcome]) -> Plan | None:
    """The answer to what is asked, with what was told as left aside; None where it is none."""
    if not all(_adds_nothing(each, asked, world) for each in told):
        return None
    again = read(asked)
    if not isinstance(again, Plan) or not is_answer(again, world):
        return None
    aside = tuple(f"“{each.strip()}”" for each in told)
    return replace(again, notes=(*again.notes, say("Left aside: {words}.", words=aside)))


def _adds_nothing(told: str, asked: str, world: World) -> bool:
    """Whether a statement names nothing of the data that the question does not name too, and is no mere name.

    发了券的客户，… is of those customers.
    """
    spans = world.scene(_OCCASION.sub(" ", told)).spans
    if CJK.search(told) and spans and any(spans[-1].has(kind) for kind in ("dimension", "metric", "group")):
        return False
    named = {(kind, str(value)) for span in world.scene(asked).spans for kind in TELLING for value in span.values(kind)}
    for span in spans:
        if span.word("filler", "partial_name"):
            continue
        own = {(kind, str(value)) for kind in TELLING for value in span.values(kind)}
        if own and not own & named:
            return False
    return True
