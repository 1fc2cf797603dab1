"""Since, until, before and after: words beside a period that make it reach further."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from bot.understanding.periods import calendar
from bot.understanding.periods.node import Node, Setting, always
from bot.understanding.periods.settle import settle
from tools.semantic.periods import Grain, Period, unit

if TYPE_CHECKING:
    from collections.abc import Sequence

FROM = re.compile(r"(?:(?<![a-z])(?:from|(?:starting|beginning)(?: from| in| on| with)?)\s+(?:the\s+)?|[从自由])\s*$")
_TO_NOW = re.compile(
    r"\s*(?:(?:to|until|till|through|up to|-|\u2013)\s*(?:now|present|date|the present(?: day)?)(?![a-z])|"
    r"(?:一直)?(?:至今|到现在|到今天|到今日|到目前|到如今)(?:为止)?|迄今)"
)
_SINCE = re.compile(
    r"(?<![a-z])(?:(?:ever\s+)?since\s+(?:the\s+(?:start|beginning)\s+of\s+)?|from\s+the\s+(?:start|beginning)\s+of\s+)(?:the\s+)?$"
)
_UNTIL = re.compile(
    r"(?:(?<![a-z])(?:(?:up\s+)?(?:until|till)|up\s+to(?:\s+and\s+including)?|through|(?:to|until|by)\s+the\s+end\s+of|as\s+of|as\s+at)"
    r"\s+(?:the\s+(?:end\s+of\s+)?)?|(?:截[至止]到?|直到|直至)\s*)$"
)
_FROM_NOW = re.compile(
    r"(?:(?<![a-z])(?:between|from)\s+(?:now|today|tomorrow)\s+(?:and|to|until|till)\s+(?:the\s+)?|"
    r"从(?:现在|今天|明天)(?:起|开始)?(?:到|至)\s*)$"
)
_THIS_YEAR = re.compile(r"今年|本年|去年|(?<![a-z])(?:this|last)\s+year")
_BEFORE = re.compile(r"(?<![a-z])(?:before|previous\s+to|earlier\s+than)\s+(?:the\s+)?$")
_AFTER = re.compile(r"(?<![a-z])(?:after|following|later\s+than)\s+(?:the\s+)?$")
_ONWARDS = re.compile(
    r"\s*(?:份?以来|(?:onwards?|on(?=\s*(?:$|[^\sa-z]))|and\s+(?:later|after))(?![a-z])|"
    r"(?:开始|起)(?:至今|到现在|以来)?(?![点步飞])|截[至止]到?(?:目前|现在|今天|今日)(?:为止)?)"
)
_UNTIL_BEHIND = re.compile(r"\s*(?:为止|截止)")
_TO = re.compile(r"(?:一直)?到\s*$")
_BEFORE_BEHIND = re.compile(r"\s*(?:以前|之前|前(?![\d一二两三四五六七八九十百几]))")
_AFTER_BEHIND = re.compile(r"\s*(?:以后|之后|后(?![\d一二两三四五六七八九十百几台半续来]))")
_DURING = re.compile(
    r"\s*(?:期间|之间|这段时间|当天|当日|那天|那一天|(?:那|当|所在的?(?:那|这)?)一?个?(?:周|星期)|那个月|当月|当年|整月|全月)[内里]?(?!均)"
)


_JUST_BEHIND = re.compile(r"[\s,(的]*")
# Long enough for any words that a pattern here looks for.
_WINDOW = 120


def just_before(pattern: re.Pattern[str], text: str, end: int) -> re.Match[str] | None:
    """Where `pattern`, which ends in `$`, matches right before `end`."""
    return pattern.search(text, max(0, end - _WINDOW), end)


def reach(node: Node, nodes: Sequence[Node], text: str, s: Setting) -> Node:
    """`node` with its year settled, and with the words around it that change where it begins or ends."""
    if not node.plain:
        return node
    settled = settle(node, s)
    period = settled.at(0)
    if period is None:
        return settled
    if node.ranged:
        lead = just_before(FROM, text, node.start)
        tail = _UNTIL_BEHIND.match(text, node.end)
        start, end = lead.start() if lead else node.start, tail.end() if tail else node.end
        return _during(replace(settled, start=start, end=end), text)
    found = (
        _words_before(settled, period, nodes, text, s)
        or _words_behind(settled, period, text, s)
        or _during(settled, text)
    )
    # A limit in an unsaid year may be in that of a neighbour.
    return replace(found, assumed="year") if found.until and node.open_year else found


def _words_before(node: Node, period: Period, nodes: Sequence[Node], text: str, s: Setting) -> Node | None:
    start, end = node.start, node.end
    if lead := just_before(_SINCE, text, start):
        return _reaching(_sure_of_start(node, period), _since(period, s), lead.start(), end)
    if _TO_NOW.match(text, end):
        return None
    ahead = just_before(_FROM_NOW, text, start) if s.future else None
    if lead := ahead or just_before(_UNTIL, text, start):
        tail = _UNTIL_BEHIND.match(text, end)
        node = _sure_of_end(node, period)
        begin, until = lead.start(), _until(period, s)
        limit = not s.future
        if (year := _year_in_front(begin, nodes)) is not None:
            # 今年截至10月底 begins with that year.
            opening = calendar.between(year.at(0), period)
            if opening is not None:
                begin, until, limit = year.start, opening, False
        found = replace(_reaching(node, until, begin, tail.end() if tail else end), until=limit)
        return found.doubt(0.7) if lead.group().startswith("as ") else found
    if lead := just_before(_BEFORE, text, start):
        return _in_its_year(_reaching(node, _before(period, s), lead.start(), end), text)
    if lead := just_before(_AFTER, text, start):
        return _reaching(node, _after(period, s), lead.start(), end)
    if lead := just_before(FROM, text, start):
        tail = _ONWARDS.match(text, end)
        words = lead.start(), tail.end() if tail else end
        if (later := _begun_later(words, node, nodes, text, s)) is not None:
            return later
        found = _reaching(node, _since(period, s), *words)
        if tail or not lead.group().startswith("from") or period.days == 1:
            return found
        # "Orders from March" may be those of March alone.
        return replace(found.doubt(0.5), assumed="reading", others=(always(period),))
    return None


def _begun_later(lead: tuple[int, int], node: Node, nodes: Sequence[Node], text: str, s: Setting) -> Node | None:
    """ "The first 4 weeks of October starting on the 4th": as long, from that day; "October from the 4th": the rest.

    `lead` is where "starting on the 4th" begins and ends.
    """
    start, end = lead
    before = max((other for other in nodes if other.plain and other.end <= start), key=_end, default=None)
    if before is None or node.bare != "month" or node.part is None:
        return None
    period = settle(before, s).at(0)
    if period is None or period.days == 1 or not _JUST_BEHIND.fullmatch(text, before.end, start):
        return None
    day = node.part(unit(period.start, "month"))
    if day is None or not period.contains(day):
        return replace(node, at=always(None), certainty=0.0, start=before.start, end=end, others=())
    whole = calendar.whole_unit(period) is not None
    last = period.end if whole else period.end + (day.start - period.start)
    found = _reaching(settle(before, s), Period(day.start, last), before.start, end)
    return replace(found.doubt(0.7), assumed="reading")


def _words_behind(node: Node, period: Period, text: str, s: Setting) -> Node | None:
    start, end = node.start, node.end
    if tail := _TO_NOW.match(text, end):
        lead = just_before(FROM, text, start)
        return _reaching(node, _since(period, s), lead.start() if lead else start, tail.end())
    if tail := _ONWARDS.match(text, end):
        return _reaching(node, _since(period, s), start, tail.end())
    if tail := _UNTIL_BEHIND.match(text, end):
        lead = just_before(_TO, text, start)
        found = _reaching(_sure_of_end(node, period), _until(period, s), lead.start() if lead else start, tail.end())
        return replace(found, until=True)
    if tail := _BEFORE_BEHIND.match(text, end):
        return _in_its_year(_reaching(node, _before(period, s), start, tail.end()), text)
    if tail := _AFTER_BEHIND.match(text, end):
        found = _reaching(node, _after(period, s), start, tail.end())
        if period.days == 1:
            return found
        # 6月以后 may count June in.
        return replace(found.doubt(0.6), assumed="reading", others=(always(_since(period, s)),))
    return None


def _in_its_year(found: Node, text: str) -> Node:
    """今年10月以前, "before October this year": since January, or since the records begin."""
    period = found.at(0)
    if period is None or not _THIS_YEAR.search(text, found.start, found.end) or period.start.year == period.end.year:
        return found
    of_the_year = calendar.safe(lambda: Period(date(period.end.year, 1, 1), period.end))
    return replace(found.doubt(0.4), assumed="reading", others=(always(of_the_year),))


def _sure_of_end(node: Node, period: Period) -> Node:
    """截至10月底: however long the end of October is, it ends on one day."""
    if node.others and all((reading := other(0)) is not None and reading.end == period.end for other in node.others):
        return replace(node, certainty=1.0, assumed=None if node.assumed == "extent" else node.assumed)
    return node


def _sure_of_start(node: Node, period: Period) -> Node:
    if node.others and all(
        (reading := other(0)) is not None and reading.start == period.start for other in node.others
    ):
        return replace(node, certainty=1.0, assumed=None if node.assumed == "extent" else node.assumed)
    return node


def _during(node: Node, text: str) -> Node:
    """ "11月21日那周" is the week of that day, 当天 and 期间 add nothing."""
    tail = _DURING.match(text, node.end)
    if tail is None:
        return node
    period = node.at(0)
    grain: Grain | None = "week" if re.search("周|星期", tail.group()) else "month" if "月" in tail.group() else None
    if period is None or grain is None or calendar.is_units(period, grain, 1):
        return replace(node, end=tail.end())
    if period.days == 1 and not node.open_year:
        return replace(node, at=always(unit(period.start, grain)), end=tail.end(), part=None, others=())
    return node


def _end(node: Node) -> int:
    return node.end


def _year_in_front(start: int, nodes: Sequence[Node]) -> Node | None:
    return next((node for node in nodes if node.year is not None and node.end <= start <= node.end + 1), None)


def _reaching(node: Node, period: Period | None, start: int, end: int) -> Node:
    return replace(
        node,
        at=always(period),
        start=start,
        end=end,
        others=(),
        certainty=node.certainty if period is not None else 0.0,
        year=None,
        part=None,
        counted=None,
    )


def _since(period: Period, s: Setting) -> Period | None:
    return Period(period.start, s.today) if period.start <= s.today else None


def _until(period: Period, s: Setting) -> Period:
    return Period(_opening(period.end, s), period.end)


def _before(period: Period, s: Setting) -> Period | None:
    last = calendar.safe(lambda: unit(period.start - timedelta(days=1), "day"))
    return None if last is None else Period(_opening(last.end, s), last.end)


def _after(period: Period, s: Setting) -> Period | None:
    first = calendar.safe(lambda: unit(period.end + timedelta(days=1), "day"))
    if first is None or first.start > s.today:
        return first
    return Period(first.start, s.today)


def _opening(end: date, s: Setting) -> date:
    """Where an open beginning lies: tomorrow, looking ahead; else with the records.

    Before the first day of the records it is that year, to be answered with "none".
    """
    if s.future and end > s.today:
        return s.today + timedelta(days=1)
    return s.beginning if s.beginning <= end else date(end.year, 1, 1)
