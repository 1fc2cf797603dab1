"""One time said twice: in brackets behind it, as 这两周 behind two dates, as "the 3 months" before them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache

from bot.understanding.periods import calendar
from bot.understanding.periods.chinese import GRAINS, NUMERAL, N
from bot.understanding.periods.english import grain_of
from bot.understanding.periods.node import Node, always
from bot.understanding.periods.numbers import chinese_number
from bot.understanding.periods.reach import just_before
from tools.semantic.periods import Grain, Period, unit

_DATED = re.compile(rf"[{NUMERAL}]")
# Behind a time: what points back at it, 这两周, or tells its length, (共14天).
_BEHIND = re.compile(
    r"(?:\s*(?P<open>\()\s*|\s*\)?\s*(?P<comma>,)?\s*)的?(?P<points>[这那])?(?:(?P<all>一共|总共|共计|共|整整)|短短)?"
    rf"(?:(?P<n>{N})个?(?:完整|自然)?|(?P<half>个?半个?)|个?整?个?)(?P<unit>天|日|周|星期|礼拜|月|季度|年)"
    r"(?![初中底末度级前后一二三四五六])(?:期间|时间|之?内|里)?"
)
_BEHIND_ENGLISH = re.compile(
    r"(?:\s*(?P<open>\()\s*|\s*\)?\s*(?P<comma>,)?\s*)(?:(?:for|during|in|over|across)\s+)?"
    r"(?:(?P<points>those|these|that)\s+)?(?:(?:whole|full|entire|same)\s+)?(?:(?P<n>\d{1,3})\s+(?:whole\s+|full\s+)?)?"
    r"(?P<half>half[\s-])?(?P<unit>day|week|month|quarter|year|fortnight)s?(?![a-z])"
)
_BEFORE = re.compile(
    r"(?<![a-z])the\s+(?P<n>\d{1,3})\s+(?:full\s+|whole\s+)?(?P<unit>day|week|month|quarter|year)s\s*"
    r"(?:of\s+|from\s+|[,:(-]\s*)?(?:the\s+)?$"
)
_JOINT = re.compile(r"\s*(?:、|,|和|与|及|跟|and|&|\+)\s*")
# 上周这一周 is one week, in 上周这一周对比 they are two.
_COMPARED = re.compile(r"比|较|差|分别|各|(?<![a-z])(?:compar|versus|vs|against|than|each|separate|respective)")


def said_once(nodes: Sequence[Node], text: str) -> list[Node]:
    """The nodes, with what says a time again read as part of the words that say it.

    Where it does not fit (9月12日至20日这两周), the words have both readings, and are to be asked about.
    """
    kept: list[Node] = []
    for node in nodes:
        if kept and node.start < kept[-1].end:
            continue
        if kept and _is_baseline_of(kept[-1], node, text):
            closing = re.compile(r"\s*\)").match(text, node.end)
            kept[-1] = replace(node, start=kept[-1].start, end=closing.end() if closing is not None else node.end)
        elif kept and (one := _in_brackets(kept[-1], node, text)) is not None:
            kept[-1] = one
        else:
            kept.append(_announced(node, kept, text))
        if kept[-1].plain and kept[-1].at(0) is not None:
            kept = _pointed_at(kept, nodes, text)
    return kept


def _in_brackets(first: Node, node: Node, text: str) -> Node | None:
    """2011年12月9日（周五）, "week of 5 Dec 2011 (5-11 Dec)", 9月第一周（1日至7日）."""
    a, b = first.at(0), node.at(0)
    if a is None or b is None or not (first.plain and node.plain):
        return None
    closing = re.compile(r"\s*\)").match(text, node.end)
    if text[first.end : node.start].strip() != "(" or closing is None:
        return None
    if not _DATED.search(text[node.start : node.end]) or node.bare == "week":
        same_day = a.days == b.days == 1 and a.start.weekday() == b.start.weekday()
        return replace(first, end=node.end) if same_day else None
    if node.assumed == "month" and node.part is not None:
        b = node.part(unit(a.start, "month")) or b
    if _days(a) == _days(b):
        return replace(first, end=node.end)
    meant = next((other for other in first.others if _days(other(0)) == _days(b)), None)
    if meant is not None:
        return replace(first, at=meant, end=node.end, others=(), certainty=1.0, assumed=None)
    return replace(first, end=closing.end(), others=(always(b),), certainty=0.4, assumed="reading")


def _is_baseline_of(first: Node, node: Node, text: str) -> bool:
    """去年同期（2010年11月）: the time itself, and no comparison."""
    dated = node.plain and node.at(0) is not None and node.named_year
    return first.kind == "baseline" and dated and text[first.end : node.start].strip() in ("(", "即", "也就是", "就是")


def _days(period: Period | None) -> list[tuple[int, int]]:
    return [] if period is None else [(day.month, day.day) for day in (period.start, period.end)]


def _announced(node: Node, kept: Sequence[Node], text: str) -> Node:
    """ "The 3 months June to August"."""
    lead = just_before(_BEFORE, text, node.start)
    period = node.at(0)
    if lead is None or period is None or not node.plain or (kept and lead.start() < kept[-1].end):
        return node
    if not calendar.is_units(period, *_length(lead)):
        return node
    return replace(node, start=lead.start())


def _pointed_at(kept: list[Node], nodes: Sequence[Node], text: str) -> list[Node]:
    """9月12日至25日这两周, "12 to 25 September, those 2 weeks", 8月和9月这两个月."""
    node, found = kept[-1], _behind(kept[-1], text)
    period = node.at(0)
    if found is None or period is None:
        return kept
    end, (grain, n) = found.end(), _length(found)
    if period.days == 1 and n == 1 and grain in ("week", "month") and found["points"] and not found["comma"]:
        there = calendar.safe(lambda: unit(period.start, grain))
        return [*kept[:-1], replace(node, at=always(there), end=end, others=(), part=None)]
    if calendar.is_units(period, grain, n) or (found["points"] and _about(period, grain, n)):
        return [*kept[:-1], replace(node, end=end)]
    row = _row(kept, text)
    for many in range(2, len(row) + 1):
        whole = calendar.between(row[-many].at(0), period)
        if whole is not None and calendar.is_units(whole, grain, n) and not _COMPARED.search(text):
            joined = replace(node, at=always(whole), start=row[-many].start, end=end, others=(), part=None, ranged=True)
            return [*kept[:-many], replace(joined, certainty=0.7, assumed="reading")]
    if len(row) > 1 and n in (len(row), 1):
        return [*kept[:-1], replace(node, end=end)]
    own = next((other.at(0) for other in nodes if other.plain and node.end <= other.start < end), None)
    if not found["points"] or (own is not None and period.contains(own)):
        return kept  # 今年这三个月
    if own is None:
        return [*kept[:-1], replace(node, at=always(None), end=end, others=(), part=None, certainty=0.0)]
    return [*kept[:-1], replace(node, end=end, others=(always(own),), part=None, certainty=0.4, assumed="reading")]


def _about(period: Period, grain: Grain, n: int) -> bool:
    """3.15到4.15这一个月: from a day to the same day of the next one."""
    return grain != "day" and calendar.is_units(Period(period.start, period.end - timedelta(days=1)), grain, n)


def _behind(node: Node, text: str) -> re.Match[str] | None:
    """The words right behind a time that speak of it, and not of another one beside it."""
    pattern = _BEHIND_ENGLISH if text[node.start : node.end].isascii() else _BEHIND
    found = pattern.match(text, node.end)
    if found is None:
        return None
    if found["open"]:
        return _closed(pattern).match(text, node.end) if found["n"] else None
    dated = node.ranged or _DATED.search(text[node.start : node.end]) is not None
    if not found["points"]:
        return found if dated and found["n"] and found.groupdict().get("all") else None
    if found["n"] is None and found["half"] is None:
        # 上周这周 are two weeks, 11月21日至27日这周 is one.
        return found if dated and not (found["comma"] and pattern is _BEHIND) else None
    once = not found["half"] and chinese_number(found["n"]) == 1
    return None if once and not dated and _COMPARED.search(text) else found


@cache
def _closed(pattern: re.Pattern[str]) -> re.Pattern[str]:
    return re.compile(pattern.pattern + r"\s*\)")


def _length(found: re.Match[str]) -> tuple[Grain, int]:
    word, n = found["unit"], chinese_number(found["n"] or "1") or 0
    if word == "fortnight":
        return "week", 2 * n
    if found.groupdict().get("half"):
        return ("month", 6) if word in ("年", "year") else ("day", 15)
    return GRAINS[word] if word in GRAINS else grain_of(word), n


def _row(kept: Sequence[Node], text: str) -> list[Node]:
    """The periods that stand in one list with the last."""
    row = [kept[-1]]
    for node in reversed(kept[:-1]):
        if not node.plain or not _JOINT.fullmatch(text[node.end : row[0].start]):
            break
        row.insert(0, node)
    return row
