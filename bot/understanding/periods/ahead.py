"""Words that, looking ahead, mean "from tomorrow to the end of": by the end of the year, 到年底, 月底前."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import cast

from bot.understanding.periods import calendar
from bot.understanding.periods.chinese import GRAINS, chinese
from bot.understanding.periods.english import rule
from bot.understanding.periods.node import Node, Rule, Setting, fixed
from bot.understanding.periods.numbers import chinese_number
from tools.semantic.periods import Grain, Period

_UNIT = "(?P<unit>year|quarter|month|week)"
_BY = r"(?:by|until|till|through|up to|to|before)"
_NEXT = re.compile("next|coming|following|[下明]")


def _to_the_end(period: Period | None, s: Setting) -> Node | None:
    """From tomorrow to a period's last day; nothing where that is over."""
    if period is None or period.end <= s.today:
        return None
    return fixed(calendar.between(calendar.the_unit(s.today, "day", 1), period))


def _by_the_end(m: re.Match[str], s: Setting) -> Node | None:
    offset = 1 if _NEXT.search(m.group()) else 0
    return _to_the_end(calendar.the_unit(s.today, cast("Grain", m["unit"]), offset), s)


def _to_the_edge(m: re.Match[str], s: Setting) -> Node | None:
    """到年底, 月底前, 到下个月底."""
    offset = 1 if _NEXT.search(m["scope"] or "") else 0
    node = _to_the_end(calendar.the_unit(s.today, GRAINS[m["unit"]], offset), s)
    if m["to"] or m["before"] or node is None:
        return node
    # 年底 alone is as often only its last days.
    return None if m["unit"] == "周" else replace(node, certainty=0.6, assumed="extent")


def _to_the_end_of_month(m: re.Match[str], s: Setting) -> Node | None:
    """到3月底: of the next March."""
    number = chinese_number(m["month"])
    if number is None or not (m["to"] or m["before"]):
        return None
    months = (calendar.a_month(year, number) for year in (s.today.year, s.today.year + 1))
    return _to_the_end(next((month for month in months if month is not None and month.end > s.today), None), s)


def _after_next(m: re.Match[str], s: Setting) -> Node | None:
    return fixed(calendar.the_unit(s.today, cast("Grain", m["unit"]), 2))


def _running(m: re.Match[str], s: Setting) -> Node | None:
    """ "The rest of the year" where the year is not said: 剩下的时间."""
    here = calendar.the_unit(s.today, GRAINS[m["unit"]], 0)
    if here is None or here.end <= s.today:
        return None
    return fixed(Period(s.today + timedelta(days=1), here.end))


RULES: tuple[Rule, ...] = (
    rule(
        rf"{_BY}\s+(?:the\s+)?(?:very\s+)?end\s+of\s+(?:the\s+|this\s+|the next\s+|next\s+)?(?:current\s+)?{_UNIT}",
        _by_the_end,
    ),
    rule(rf"{_BY}\s+(?:the\s+|this\s+|next\s+)?{_UNIT}(?:'s|s)?[\s-]*end", _by_the_end),
    rule(rf"(?:the )?{_UNIT} after next", _after_next),
    chinese(
        r"(?P<to>从?(?:现在|今天|明天)?[起]?(?:截至|截止|直到|到|至))?(?:了)?"
        r"(?P<scope>今年|明年|本|这个?|下个?)?(?P<unit>年|月|季度|季|周)(?:底|末|尾|终)(?P<before>之前|以前|前|为止)?",
        _to_the_edge,
    ),
    chinese(
        r"(?P<to>截至|截止|直到|到|至)?(?<!\d)(?P<month>1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])月份?(?:底|末)(?P<before>之前|以前|前|为止)?",
        _to_the_end_of_month,
    ),
    chinese(
        r"(?:本|这个?)(?P<unit>年|月|季度|周)(?:的)?(?:剩余|剩下|余下)(?:的?(?:时间|日子|几天|天数|月份|几个月))?",
        _running,
    ),
    chinese(r"今(?P<unit>年)(?:的)?(?:剩余|剩下|余下)(?:的?(?:时间|日子|天数|月份|几个月))?", _running),
)
