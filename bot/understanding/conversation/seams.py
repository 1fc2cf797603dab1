"""Where a message may fall into several questions: sentence ends, commas, conjunctions; never inside a name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.understanding.scene import Sight

MOST_SEAMS = 8
_MARK = re.compile(
    r"(?P<hard>\s*(?:[?？!！。;；\n]+|(?<!\.m)(?<!\bvs)(?<!\bno)\.(?=\s|$))\s*(?:(?:(?:and also"
    r"|and|also|plus|then)\b|另外|还有|以及|再|然后|同时|顺便)[\s,，]*)?"
    r"|(?:[\s,，]+|(?<=[\u3400-\u9fff]))\(?[1-9][)）]\s*"
    r"|[\s,，]+(?:and also|also|plus|as well as|additionally|besides)\s+"
    r"|[\s,，]*(?:另外|此外|除此之外|顺便(?:看看|问一下|问下|问|再)?)[\s,，]*"
    r"|[\s,，]+(?:同时|然后|并且|并|再看看|再看|还想看|还想知道|还要看)[\s,，]*)"
    r"|(?P<comma>\s*[,，、](?!\d{3})\s*(?:(?:and|or|as well as|along with)\s+|以及|还有|和|与|及|再)?)"
    r"|(?P<and>\s+(?:and|&|along with|together with)\s+|\s+\+\s+(?!\d)|(?<=[\u3400-\u9fff])\+(?=[\u3400-\u9fff])"
    r"|(?:以及|还有|和|与|及|跟)(?:(?!前|上|去年|同期)|(?=前(?:\d{1,2}|[三五十])(?:[名大位款种的]|个(?!月|季|小时"
    r"|星期)))))"
)
# A conjunction that joins the ends of a span, halves of a comparison or a bound.
_JOINED = re.compile(
    r"\b(?:between|compare|comparing|compared|both|difference)\b[^,;?.]*$|(?:比较|对比|介于|之间|相比)[^，；？。]*$"
)
_BOUND = re.compile(
    r"(?:above|over|more|below|under|less|up|fewer|later|earlier)\b|以上|以下|[^，。]{0,10}(?:相比|对比|比较|之间)"
)
# What begins a request of its own, also behind a comparison.
_REQUEST = re.compile(r"(?:(?:also|then|please)\s+)*(?:show|list|give|tell)\b|(?:请|再)?(?:给我|列出|告诉我)")
# What only says how many of what stands before, counted in what: no question of its own.
_REST = re.compile(
    r"(?:the |just the |only the )?(?:top|bottom|first|best|worst) \d+(?: by [a-z]+)?\W*$|(?:by|in) [a-z]+\W*$"
    r"|(?:取|只要|只看)?前\d+[个名位条款种]?\W*$|(?:按|以)[^，、。]{1,4}(?:算|计|排|排序)?\W*$"
)
# What begins a question of its own.
_HEAD = re.compile(
    r"(?:(?:also|then|please|and|now|could you|can you)\s+)*(?:who|whom|which|what|what's|how"
    r"|why|where|when|show|list|give|tell"
    r"|forecasts?|predict(?:ion)?|(?:the |our |a |an )?(?:churn|forecast|prediction|outlook|retention"
    r"|rfm|cohorts?|clv|ltv|customer lifetime"
    r"|customer segments?|segments?|lifecycle|best[- ]sell|worst[- ]sell|reorder|stock|inventory"
    r"|low stock|out[- ]of[- ]stock|stock-?outs?"
    r"|reasons?|drivers?|slow[- ]mov|(?:customers? )?(?:at risk|about to churn|likely to)|top (?:\d"
    r"|ten|five|three|countr|prod|cust)"
    r"|bottom \d|upcoming|promotions?|holidays?|recommend|what))\b"
    r"|(?:请|再|看看|给我|列出|告诉我|帮我|有|还)*(?:其中|谁|哪|为什么|为何|为啥|怎么|什么|多少"
    r"|有多少|几|预测|流失|快流失|rfm|同期群|留存|分群|客户分群|客户终身|终身价值|生命周期"
    r"|库存|断货|缺货|补货|滞销|推荐|搭配|原因|[^，、。]{0,4}(?:断货|缺货|滞销|补货)|top\s*\d"
    r"|前\d|[^，、。]{0,6}(?:预测|流失名单|流失预警|流失风险|断货风险|补货建议|大促|促销))"
)


@dataclass(frozen=True)
class Seam:
    """Characters `start` to `end` of the folded text that join two parts.

    `hard`: the end of a sentence or the like. `head`: what follows begins a question of its own.
    """

    start: int
    end: int
    hard: bool
    comma: bool
    head: bool

    @property
    def cuts(self) -> bool:
        return self.hard or self.head


def seams(sight: Sight) -> tuple[Seam, ...]:
    """The places where a message may be cut, in their order; none where there are too many."""
    found = tuple(_seams(sight))
    return found if len(found) <= MOST_SEAMS else ()


def _seams(sight: Sight) -> Iterator[Seam]:
    folded = sight.folded
    last = len(folded.rstrip(" ?？!！。.;；\n"))
    spans = [(start, end) for start, end, readings in sight.candidates if any(_whole(r.kind) for r in readings)]
    quotes = [(m.start(), m.end()) for m in re.finditer(r"\"[^\"]*\"|“[^”]*”|《[^》]*》|「[^」]*」", folded)]
    for match in _MARK.finditer(folded):
        start, end = match.span()
        if not folded[:start].strip() or end >= last:
            continue
        if any(a < end and start < b and not (start <= a and b <= end) for a, b in (*spans, *quotes)):
            continue
        hard = match["hard"] is not None
        head = _HEAD.match(folded, end) is not None
        apart = hard or (head and (match["comma"] is not None or _REQUEST.match(folded, end) is not None))
        if not hard and _REST.match(folded, end):
            continue
        if not apart and (_JOINED.search(folded[:start]) or _BOUND.match(folded, end)):
            continue
        yield Seam(start, end, hard, match["comma"] is not None, head)


def _whole(kind: str) -> bool:
    """Kinds of readings whose spans are never cut."""
    return kind in ("value", "period", "metric", "tool", "saved", "group", "absent", "number", "dimension")


def begins_a_question(folded: str) -> bool:
    return _HEAD.match(folded) is not None
