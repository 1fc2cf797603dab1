"""Neighbours read together: years with their units, parts with their wholes, ranges, lists, and "since"."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import replace

from bot.understanding.periods import calendar
from bot.understanding.periods.again import said_once
from bot.understanding.periods.leaning import lean
from bot.understanding.periods.node import InYear, Node, Setting, always, in_year
from bot.understanding.periods.reach import FROM, just_before, reach
from bot.understanding.periods.settle import settle
from tools.semantic.periods import Grain, Period, unit

_YEAR_THEN_UNIT = re.compile(r"[\s,]*(?:的|'s|in|,)?\s*(?:the\s+)?")
_UNIT_THEN_YEAR = re.compile(r"(?:'s)?[\s,]*(?:of|in|of the|in the|for)?\s*(?:year\s+)?['/-]?\s*")
_PART_THEN_WHOLE = re.compile(r"-|\s*(?:of|in|of the|in the|from|within|within the|on)?\s+|\s*(?:of|in)\s*")
_WHOLE_THEN_PART = re.compile(r"\s*的?(?:这个月的?)?\s*")
_RANGE = re.compile(
    r"\s*(?:(?:up to|up until|through to|to|through|until|till|[-\u2013\u2014\u2212~\u301c])\s*"
    r"(?:the\s+(?:end of\s+)?)?|"
    r"(?:一直到|直到|直至|到|至)\s*(?:(?:次年|第二年|来年|隔年)的?)?\s*)"
)
_AND = re.compile(r"\s*(?:and|和|与|跟)\s*(?:the\s+)?")
_BETWEEN = re.compile(r"(?:(?<![a-z])between\s+(?:the\s+)?|介于)\s*$")
# These call for two periods side by side, not for the time between them.
_COMPARED = re.compile(
    r"(?<![a-z])(?:compar\w*|versus|vs|contrast\w*|differ\w*)\b[^.?!;]*$|(?:对比|比较|相比)[^。？！]*$"
)
_APART = re.compile(r"(?<![a-z])(?:compar\w*|contrast\w*|differ\w*|gap)\b[^.?!;]{0,40}$")
_DIFFERENCE = re.compile(r"(?<![a-z])(?:compar\w*|contrast\w*|differ\w*|chang\w*|gap|shift\w*)\b[^.?!;]{0,40}$")
_CHANGE = re.compile(
    r"(?<![a-z])(?:chang|gr[eo]w|increas|decreas|ris[ei]|rose|f[ae]ll|drop|declin|mov[ei]|jump|improv|went|go|up|down)\w*\b"
    r"[^.?!;,]{0,40}$"
)
_LIST = re.compile(
    r"\s*(?:[^\s,.;?!，。；？！、]+\s+){0,2}?"
    r"(?:,\s*(?:and|or|&)|,|and(?: in| for)?|&|/|\+|or|vs\.?|versus|than(?: in)?|with|against|to|"
    r"compared? (?:to|with|against)|followed by|then)\s*(?:in\s+|for\s+|the\s+|that of\s+)*"
)
_CHINESE_LIST = re.compile(
    r"[^，。；,.;?!？！\d]{0,14}?"
    r"(?:、|和|与|跟|同|及|以及|还有|,|，|/|&|\+|vs\.?|比|相比|对比|较|比较|到|至|-)\s*在?\s*"
)


Join = Callable[[Node, Node, str], Node | None]


def combine(nodes: list[Node], text: str, s: Setting) -> list[Node]:
    """Every pass in its order: the smallest phrases first."""
    nodes = _join_years(nodes, text)
    nodes = _join_parts(nodes, text, s)
    nodes = _join_years(nodes, text)
    nodes = [node for node in nodes if not node.weak and not node.part_only]
    if any(node.plain and not node.soft for node in nodes):
        nodes = [node for node in nodes if not node.soft]
    nodes = _join_ranges(nodes, text, s)
    nodes = _share_years(nodes, text, s)
    nodes = [reach(node, nodes, text, s) for node in nodes]
    # "to date" and 至今 have been read with what stands before them.
    kept: list[Node] = []
    for node in nodes:
        while kept and node.start <= kept[-1].start:
            kept.pop()
        if not kept or node.start >= kept[-1].end:
            kept.append(node)
    return lean(said_once(kept, text), text, s)


def _merged(nodes: list[Node], join: Join, text: str, *, from_right: bool = False) -> list[Node]:
    """Joins neighbours, from the one end to the other, what is joined with its next neighbour too."""
    kept: list[Node] = []
    for node in reversed(nodes) if from_right else nodes:
        current = node
        while kept:
            a, b = (current, kept[-1]) if from_right else (kept[-1], current)
            found = join(a, b, text[a.end : b.start])
            if found is None:
                break
            kept.pop()
            current = replace(found, start=a.start, end=b.end)
        kept.append(current)
    return kept[::-1] if from_right else kept


def _join_years(nodes: list[Node], text: str) -> list[Node]:
    def year_after(a: Node, b: Node, gap: str) -> Node | None:
        if not (a.open_year and a.kind == b.kind == "period" and b.year is not None):
            return None
        # In 11月去年11月 the year belongs to what follows it.
        if text[b.start : b.end].isascii() and _UNIT_THEN_YEAR.fullmatch(gap):
            return in_year(a, b.year, "right", named=b.named_year)
        return None

    def year_before(a: Node, b: Node, gap: str) -> Node | None:
        if b.open_year and a.kind == b.kind == "period" and a.year is not None and _YEAR_THEN_UNIT.fullmatch(gap):
            return in_year(b, a.year, "left", named=a.named_year)
        return None

    return _merged(_merged(nodes, year_after, text), year_before, text)


def _join_parts(nodes: list[Node], text: str, s: Setting) -> list[Node]:
    def part_first(a: Node, b: Node, gap: str) -> Node | None:
        if a.part is None or not b.plain or not _PART_THEN_WHOLE.fullmatch(gap):
            return None
        if not a.part_only and "of" not in gap.split() and "in" not in gap.split() and b.year is None:
            return None
        return _part_of(a, b, s)

    def whole_first(a: Node, b: Node, gap: str) -> Node | None:
        if b.part is None or not a.plain or not _WHOLE_THEN_PART.fullmatch(gap):
            return None
        return _part_of(b, a, s)

    return _merged(_merged(nodes, part_first, text, from_right=True), whole_first, text)


def _part_of(part: Node, whole: Node, s: Setting) -> Node | None:
    take, take_other = part.part, part.part_other
    if take is None:
        return None

    def container(year: int) -> Period | None:
        if whole.year is not None:
            return calendar.a_year(whole.year)
        return whole.container or whole.at(year)

    def within(how: Callable[[Period], Period | None]) -> InYear:
        def at(year: int) -> Period | None:
            found = container(year)
            return None if found is None else how(found)

        return at

    at = within(take)
    years = range(s.today.year - 4, s.today.year + 2) if whole.open_year else (1,)
    if all(at(year) is None for year in years):
        return None
    certainty = part.part_certainty if part.part_certainty is not None else 1.0
    if part.part_only:
        certainty = min(certainty, part.certainty)
    node = replace(
        whole,
        at=at,
        year=None,
        container=None,
        part=None,
        unit_at=None,
        tail=whole.at if part.part_ahead else None,
        weak=False,
        others=(within(take_other),) if take_other is not None else (),
        certainty=min(certainty, 1.0 if whole.weak else whole.certainty),
        assumed=part.assumed if part.part_only else "extent" if certainty < 1 else whole.assumed,
    )
    if whole.unit_at is not None:
        inner = whole.unit_at

        def unit_at(year: int) -> Period | None:
            found = inner(year)
            return None if found is None else take(found)

        node = replace(node, unit_at=unit_at)
    return node


def _share_years(nodes: list[Node], text: str, s: Setting) -> list[Node]:
    """A year counts for both in "October and November 2011", and so does the unit in "Nov 2010 and 2011"."""
    shared = list(nodes)
    linked = [_linked(text[a.end : b.start], s) for a, b in itertools.pairwise(nodes)]
    # A year behind counts backwards: from the right.
    for i in range(len(shared) - 2, -1, -1):
        a, b = shared[i], shared[i + 1]
        if not (linked[i] and a.plain and b.plain):
            continue
        if a.open_year and b.unit_at is not None and b.year_side == "right":
            shared[i] = _borrow(a, b, s)
        elif a.year is not None and b.year_side == "left" and b.unit_at is not None and s.chinese:
            period = b.unit_at(a.year)
            if period is not None and period != b.at(0):
                shared[i] = replace(
                    b, at=always(period), start=a.start, end=a.end, certainty=min(b.certainty, 0.7), assumed="reading"
                )
    named: Node | None = None
    for i in range(1, len(shared)):
        a, b = shared[i - 1], shared[i]
        if a.named_year and a.year is not None:
            named = a
        if not (a.plain and b.plain):
            continue
        if linked[i - 1] and b.bare == "month" and a.bare is None:
            shared[i] = _same_month(b, a)
        elif linked[i - 1] and b.open_year and a.unit_at is not None:
            shared[i] = _borrow(b, a, s)
        elif linked[i - 1] and b.year is not None and a.unit_at is not None and a.year_side == "right":
            period = a.unit_at(b.year)
            if period is not None and b.named_year:
                shared[i] = replace(
                    a, at=always(period), start=b.start, end=b.end, certainty=min(a.certainty, 0.7), assumed="reading"
                )
        elif b.open_year and named is not None and named.year is not None:
            shared[i] = _in_year_before(b, named.year, s)
    return shared


def _in_year_before(node: Node, year: int, s: Setting) -> Node:
    """A year stands somewhere before: "In 2010, which was better: November or December?"."""
    own, there = settle(node, s).at(0), node.at(year)
    if there is None or there == own:
        return node
    return replace(
        in_year(node, year, "left"),
        others=(always(own),),
        certainty=min(node.certainty, 0.7),
        assumed="reading",
    )


def _linked(gap: str, s: Setting) -> bool:
    return _LIST.fullmatch(gap) is not None or (s.chinese and _CHINESE_LIST.fullmatch(gap) is not None)


def _borrow(node: Node, giver: Node, s: Setting) -> Node:
    """`node` in the year of `giver`; in its own where both would then be the same ("Nov vs Nov 2010")."""
    given = giver.at(0)
    if given is None or giver.unit_at is None:
        return node
    year = _year_of(giver.unit_at, given)
    period = node.at(year)
    if period is None or period == given:
        return node
    certainty, others = node.certainty, tuple(always(other(year)) for other in node.others)
    # 2010年12月和1月: the January that follows is as likely meant.
    if giver.start < node.start and period.end < given.start:
        following = node.at(year + 1)
        if following is not None and (following.start - given.end).days < 40 and following.start <= s.today:
            certainty, others = min(certainty, 0.6), (always(following),)
    return replace(
        node,
        at=always(period),
        open_year=False,
        unit_at=node.at,
        year_side=giver.year_side,
        named_year=giver.named_year,
        certainty=certainty,
        others=others,
    )


def _same_month(node: Node, giver: Node) -> Node:
    """In 11月5日和6日 the 6th is one of November."""
    part = node.part
    if part is None:
        return node

    def at(year: int) -> Period | None:
        day = giver.at(year)
        if day is None or day.days != 1:
            return None
        month = calendar.safe(lambda: unit(day.start, "month"))
        return None if month is None else part(month)

    if giver.open_year and at(2000) is None and at(2001) is None:
        return node
    return Node(at, start=node.start, end=node.end, open_year=giver.open_year, named_year=giver.named_year)


def _year_of(at: InYear, period: Period) -> int:
    for year in (period.start.year, period.end.year, period.start.year + 1, period.start.year - 1):
        if at(year) == period:
            return year
    return period.start.year


def _join_ranges(nodes: list[Node], text: str, s: Setting) -> list[Node]:
    result: list[Node] = []
    i = 0
    while i < len(nodes):
        a = nodes[i]
        b = nodes[i + 1] if i + 1 < len(nodes) else None
        by_unit = any(node.kind == "grain" for node in nodes)
        joined = _range(a, b, text, s, by_unit=by_unit) if b is not None else ()
        result.extend(joined or (a,))
        i += 2 if joined else 1
    return result


def _range(a: Node, b: Node, text: str, s: Setting, *, by_unit: bool) -> tuple[Node, ...]:
    """The range from `a` to `b`; both, where they are compared; nothing, where they do not belong together.

    `by_unit`: a course is asked for, month by month, and no single step from the one end to the other.
    """
    if not (a.plain and b.plain):
        return ()
    gap = text[a.end : b.start]
    came_from, between = just_before(FROM, text, a.start), just_before(_BETWEEN, text, a.start)
    apart = _APART if by_unit else _DIFFERENCE
    if _RANGE.fullmatch(gap):
        if not came_from and just_before(_COMPARED, text, a.start) and re.fullmatch(r"\s*to\s*(?:the\s+)?", gap):
            return ()
    elif not (between and _AND.fullmatch(gap)) or just_before(apart, text, between.start()):
        return ()
    node = _span(a, b)
    if node is None:
        return ()
    start = a.start
    lead = came_from or (between if _AND.fullmatch(gap) else None)
    if lead:
        stepped = _consecutive(a, b, settle(node, s).at(0)) and not by_unit
        if came_from and stepped and just_before(_CHANGE, text, lead.start()):
            # "Growth from Q2 to Q3" sets the one against the other.
            return replace(a, start=lead.start(), ranged=True), replace(b, ranged=True)
        start = lead.start()
    return (replace(node, start=start, end=b.end),)


def _consecutive(a: Node, b: Node, whole: Period | None) -> bool:
    """Whether the range is made of `a` and `b` and nothing between them."""
    if whole is None:
        return False
    first, last = a.at(whole.start.year), b.at(whole.end.year)
    return first is not None and last is not None and first.days + last.days == whole.days


def _after_in(node: Node, grain: Grain, first: Period) -> Period | None:
    """The day that `node` names in the month or week of `first`, or in the next one."""
    here = calendar.safe(lambda: unit(first.start, grain))
    for container in (here, calendar.the_unit(first.start, grain, 1)):
        found = node.part(container) if node.part is not None and container is not None else None
        if found is not None and found.start >= first.start:
            return found
    return None


def _span(a: Node, b: Node) -> Node | None:
    """From `a` to `b`; a year said at one end, or at neither, is found for the other."""
    certainty = min(a.certainty, b.certainty)
    if a.open_year and b.open_year:

        def at(year: int) -> Period | None:
            first, last = a.at(year), b.at(year)
            if first is None or last is None:
                return None
            return calendar.between(first, last if last.start >= first.start else b.at(year + 1))

        def tail(year: int) -> Period | None:
            first, last = a.at(year), b.at(year)
            if first is None or last is None:
                return None
            return last if last.start >= first.start else b.at(year + 1)

        return replace(a, at=at, tail=tail, ranged=True, certainty=certainty, others=(), part=None, unit_at=None)
    first, last = a.at(0), b.at(0)
    if a.open_year:
        if last is None:
            return None
        candidates = [p for year in (last.end.year, last.end.year - 1) if (p := a.at(year)) and p.start <= last.start]
        first = candidates[0] if candidates else None
    elif b.open_year:
        if first is None:
            return None
        candidates = [
            p for year in (first.start.year, first.start.year + 1) if (p := b.at(year)) and p.start >= first.start
        ]
        last = candidates[0] if candidates else None
    elif b.bare is not None and first is not None:
        # 上个月1号到15号, 上周一到周五: the second day is one of the first one's month or week.
        last = _after_in(b, b.bare, first) or last
        certainty = a.certainty
    elif a.bare == "month" and a.part is not None and last is not None:
        moved = a.part(unit(last.start, "month"))
        first = moved if moved is not None and moved.start <= last.end else first
        certainty = b.certainty
    if a.year is not None and b.year is not None:
        # 今年 alone ends today; at the start of a range only its beginning counts.
        first = calendar.a_year(a.year)
    period = calendar.between(first, last)
    if period is None:
        return None
    return replace(
        a,
        at=always(period),
        open_year=False,
        year=None,
        unit_at=None,
        part=None,
        container=None,
        counted=None,
        others=(),
        certainty=certainty,
        ranged=True,
        named_year=a.named_year or b.named_year,
        assumed=a.assumed if a.assumed != "month" else b.assumed,
    )
