"""Times that are counted from another one in the same text: 上周同一天, 前7天, 截至昨天."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from bot.understanding.periods import calendar
from bot.understanding.periods.node import Node, Setting, always
from tools.semantic.periods import Grain, Period, shift, unit

# Between a limit and a time these set the one against the other.
_APART = re.compile(r"比|较|和|与|跟|及|、|(?<![a-z])(?:and|or|vs|versus|against|than|compar\w*|with)(?![a-z])|[;?。]")


def lean(nodes: Sequence[Node], text: str, s: Setting) -> list[Node]:
    """The nodes, each that another one settles moved to where that one says."""
    found = [_same_day(node, nodes) for node in nodes]
    found = [_right_before(node, found, s) for node in found]
    return found if s.future else _limited(found, text, s)


def _same_day(node: Node, nodes: Sequence[Node]) -> Node:
    """昨天 and 上周同一天: the day a week before yesterday, not before today."""
    grain = node.same_day
    if grain is None:
        return node
    others = {other.at(0) for other in nodes if other.plain and other.same_day is None}
    days = [day for day in others if day is not None and day.days == 1]
    if len(others) == len(days) == 1:
        day = calendar.safe(lambda: unit(shift(days[0].start, grain, -1), "day"))
        return replace(node, kind="period", baseline=None, grain=None, offset=0, at=always(day), certainty=1.0)
    if node.kind == "baseline" or not others:
        return node
    return replace(node, at=always(None), certainty=0.0)  # of which day?


def _right_before(node: Node, nodes: Sequence[Node], s: Setting) -> Node:
    """最近7天 and 之前7天: the seven days right before those, never the same ones again."""
    if node.counted is None or not (node.before or node.kind == "baseline"):
        return node
    grain, n = node.counted
    others = [other for other in nodes if other.plain and not other.before]
    recent = [other for other in others if other.counted is not None]
    anchor = recent[0] if len(recent) == 1 else others[0] if len(others) == 1 else None
    there = anchor.at(0) if anchor is not None else None
    if anchor is None or there is None or (node.kind == "baseline" and anchor.counted == node.counted):
        return node
    beside = node.kind != "relative_to_previous" and anchor.start < node.start and _made_of(there, grain)
    if anchor.counted is None and not beside:
        return node
    before = always(calendar.safe(lambda: Period(shift(there.start, grain, -n), there.start - timedelta(days=1))))
    found = replace(node, kind="period", baseline=None, grain=None, offset=0, at=before, others=(), counted=None)
    if node.kind != "baseline" or (node.before and (there.days > 1 or n == 1)):
        return replace(found, certainty=1.0, assumed=None)
    # "Last 30 days vs last 7 days", "yesterday against 7 days before": one day, or these days?
    day = calendar.safe(lambda: unit(shift(there.start, grain, -n), "day"))
    other = day if node.before else calendar.rolling_back(s.today, grain, n)
    return replace(found, others=(always(other),), certainty=0.4, assumed="reading")


def _made_of(period: Period, grain: Grain) -> bool:
    """Whether a period is made of whole days, sevens of days, months …"""
    if grain in ("day", "week"):
        return grain == "day" or period.days % 7 == 0
    return calendar.safe(lambda: Period(unit(period.start, grain).start, unit(period.end, grain).end)) == period


def _limited(nodes: Sequence[Node], text: str, s: Setting) -> list[Node]:
    """截至昨天，本月: the one time that both make. Both nodes get it, for each has its words."""
    found = list(nodes)
    for i, limit in enumerate(nodes):
        reach = limit.at(0)
        if not limit.until or reach is None:
            continue
        beside = [
            k
            for k, node in enumerate(nodes)
            if node.plain and not node.until and node.at(0) is not None and not _apart(node, limit, text)
        ]
        cut = {k: to for k in beside if (to := _cut(found[k], reach.end, s)) is not None}
        if not cut and len(beside) == 1:
            found[i] = _beyond(limit, reach, nodes[beside[0]])
            continue
        for k, period in cut.items():
            found[k] = replace(found[k], at=always(period), others=(), year=None, part=None)
            found[i] = replace(limit, at=always(period), others=())
    return found


def _apart(a: Node, b: Node, text: str) -> bool:
    first, last = sorted((a, b), key=lambda node: node.start)
    return _APART.search(text, first.end, last.start) is not None


def _cut(node: Node, end: date, s: Setting) -> Period | None:
    """What of a time lies up to a day; None where the day is outside of it. The last 7 days then end on that day."""
    period = node.at(0)
    if period is None or not period.start <= end <= period.end:
        return None
    if node.counted is not None and period.end == s.today:
        return calendar.rolling_back(end, *node.counted)
    return Period(period.start, end)


def _beyond(limit: Node, reach: Period, node: Node) -> Node:
    """A limit outside of the time beside it: 截至昨天，上月 is last month; 截至9月底，去年 is in doubt."""
    period = node.at(0)
    if period is None:
        return limit
    if period.end < reach.end and limit.assumed != "year":
        return replace(limit, at=always(period), others=())
    years = period.end.year - reach.end.year
    there = calendar.safe(lambda: Period(period.start, shift(reach.end, "year", years)))
    readings = [there] if there is not None and period.contains(there) else []
    return replace(
        limit, certainty=0.4, assumed="reading", others=tuple(always(reading) for reading in (*readings, period))
    )
