"""Dates and years in digits, in whatever language surrounds them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.understanding.periods import calendar
from bot.understanding.periods.english import LEFT, RIGHT
from bot.understanding.periods.node import Build, Node, Rule, Setting, fixed, in_year, open_unit
from bot.understanding.periods.readings import day_node, month_node, two_digit_year

if TYPE_CHECKING:
    from tools.semantic.periods import Period

# Not inside a longer number, code, amount or path.
_BEGIN = rf"{LEFT}(?<![\d#$€£¥][.,])(?<![#$€£¥_-])(?<![a-z0-9][-_/.])"
_END = rf"{RIGHT}(?![-_/][a-z0-9])(?![.,]\d)(?![%_])"
_YEAR = r"(?:19|20)\d\d"
_MONTH = r"(?:0?[1-9]|1[0-2])"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"

_COUNTED = re.compile(
    r"\s*(?:%|percent|[个件元块人单笔次天款名位家种条只万千英镑美支瓶套箱]|"
    r"(?:or more|plus|gbp|usd|eur|pounds?|dollars?|euros?|units?|items?|pieces?|pcs|orders?|customers?|clients?|"
    r"buyers?|users?|people|persons?|"
    r"products?|skus?|lines?|invoices?|times?|days?|weeks?|months?|quarters?|years?|rows?|records?|visitors?|sessions?|words?|grams?|kg|ml|"
    r"purchases|transactions|countries|k|m)(?![a-z]))"
)
_QUANTITY_BEFORE = re.compile(
    r"(?:(?<![a-z])(?:over|above|below|under|exceed(?:s|ing|ed)?|than|least|most|top|bottom|first|best|worst|spen[dt](?:ing|s)?|sold|bought|paid|pay|"
    r"worth|code|product|sku|item|no|number|nr|order|invoice|customers?|id|limit|about|around|approximately|roughly|nearly|almost|"
    r"minimum|maximum|min|max|article|model|size|room|account|stockcode|version|v)[.:]?\s*|"
    r"(?:超过|大于|高于|低于|少于|多于|小于|不足|不到|至少|最多|达到|满|过|编号|编码|代码|商品|产品|客户|订单号|发票号?|单号|价格|金额|约|大概|共|第|前|后)\s*(?:为|是)?\s*|"
    r"[#$€£¥+*=<>≥≤×_]\s*|\d[\s.,]*)$"
)
_YEAR_LEADS = re.compile(
    r"(?:^|(?<![a-z])(?:in|for|of|during|since|until|till|throughout|previous to|up to|before|after|year|fy|cy|vs|"
    r"versus|compare|between|from|within|across|by|"
    r"whole|full|entire|calendar)\s*(?:the\s+)?(?:year\s+)?)$"
)
# How far back the words lie that tell a year from a quantity.
_WINDOW = 120
_ANOTHER_TIME = re.compile(r"(?:19|20)\d\d|(?<![a-z])(?:compar|prior)")
_LISTED_BEFORE = re.compile(r"(?:(?<![a-z])(?:and|to|or|with|through|on)|[,&/~–—、和与到至及跟比-])\s*$")


def _iso_day(m: re.Match[str], _: Setting) -> Node | None:
    year, month, day = int(m["year"]), int(m["month"]), int(m["day"])
    if month > 12 < day or day > 31 or month > 31:
        return None
    return in_year(day_node(month, day), year, "left")


def _compact_day(m: re.Match[str], _: Setting) -> Node | None:
    node = in_year(day_node(int(m["month"]), int(m["day"])), int(m["year"]), "left")
    return replace(node, certainty=0.8) if node.certainty else None


def _year_month(m: re.Match[str], _: Setting) -> Node | None:
    """2011-11; 2010/11 and 2010-11 may also mean two years."""
    year, month = int(m["year"]), int(m["month"])
    node = in_year(month_node(month), year, "left")
    if month == (year + 1) % 100 and m["sep"] in "/-":
        years = calendar.between(calendar.a_year(year), calendar.a_year(year + 1))
        doubtful = fixed(node.at(year), years, certainty=0.9 if m["sep"] == "-" else 0.5, assumed="reading")
        return replace(node, certainty=doubtful.certainty, assumed="reading", others=doubtful.others)
    return node


def _month_year(m: re.Match[str], _: Setting) -> Node | None:
    return in_year(month_node(int(m["month"])), int(m["year"]), "right")


def _numeric_date(m: re.Match[str], s: Setting) -> Node | None:
    """05/11/2011: the order of day and month is told by a number above 12, else by `dayfirst`, in doubt."""
    day_first, month_first = _both_ways(m["first"], m["second"], m["year"], s)
    if day_first is None or month_first is None or day_first == month_first:
        return fixed(day_first or month_first)
    shown = _order_shown(m.string)
    if shown is not None:
        return fixed(day_first if shown else month_first)
    likely, other = (day_first, month_first) if s.dayfirst else (month_first, day_first)
    return fixed(likely, other, certainty=0.5 if m["sep"] == "/" else 0.7, assumed="day_order")


def _both_ways(first: str, second: str, year: str, s: Setting) -> tuple[Period | None, Period | None]:
    """(the day if the day comes first, the day if the month does)."""
    number = int(year) if len(year) == 4 else two_digit_year(year, s)
    return calendar.a_day(number, int(second), int(first)), calendar.a_day(number, int(first), int(second))


def _order_shown(text: str) -> bool | None:
    """Whether another date in the text shows that the day comes first; None where none shows it, or they disagree."""
    shown = {int(m[1]) > 12 for m in _ANY_DATE.finditer(text) if (int(m[1]) > 12) != (int(m[2]) > 12)}
    return shown.pop() if len(shown) == 1 else None


def _numeric_range(m: re.Match[str], s: Setting) -> Node | None:
    """1/11/2011-30/11/2011."""
    shown = _order_shown(m.string)
    ends = [_both_ways(m[f"d{i}"], m[f"m{i}"], m[f"y{i}"], s) for i in (1, 2)]
    day_first = calendar.between(ends[0][0], ends[1][0])
    month_first = calendar.between(ends[0][1], ends[1][1])
    likely, other = (day_first, month_first) if (s.dayfirst if shown is None else shown) else (month_first, day_first)
    if likely is None or shown is not None:
        other, likely = None, likely or other
    if likely is None:
        return None
    node = fixed(likely, other, certainty=0.5 if other is not None else 1.0, assumed="day_order" if other else None)
    return replace(node, ranged=True)


def _iso_range(m: re.Match[str], _: Setting) -> Node | None:
    """2011.11.1-2011.11.15, 2011.11.1-11.15."""
    year = int(m["y1"])
    period = calendar.between(
        calendar.a_day(year, int(m["m1"]), int(m["d1"])),
        calendar.a_day(int(m["y2"] or year), int(m["m2"]), int(m["d2"])),
    )
    return None if period is None else replace(fixed(period), ranged=True)


def _dotted_range(m: re.Match[str], s: Setting) -> Node | None:
    """11.1-11.15, 11/1-11/15 in a Chinese text."""
    if not s.chinese:
        return None
    numbers = [int(m[group]) for group in ("m1", "d1", "m2", "d2")]

    def at(year: int) -> Period | None:
        return calendar.between(
            calendar.a_day(year, numbers[0], numbers[1]), calendar.a_day(year, numbers[2], numbers[3])
        )

    return open_unit(at, certainty=0.8, assumed="reading") if at(2000) is not None else None


def _day_and_month(m: re.Match[str], s: Setting) -> Node | None:
    """11-05, 11/5: month and day in Chinese; of unsaid order in English, and only after a preposition."""
    first, second = int(m["first"]), int(m["second"])
    if (first, second) == (24, 7):
        return None
    if s.chinese:
        return _month_and_day(m, first, second)
    if not _DATE_LEADS.search(m.string, 0, m.start()) or m["sep"] == ".":
        return None
    orders = [day_node(second, first), day_node(first, second)]
    if not s.dayfirst:
        orders.reverse()
    possible = [node for node in orders if node.at(2000) is not None]
    if not possible:
        return None
    if len(possible) == 2 and first != second:
        return open_unit(possible[0].at, possible[1].at, certainty=0.5, assumed="day_order")
    return possible[0]


def _month_and_day(m: re.Match[str], month: int, day: int) -> Node | None:
    if calendar.a_day(2000, month, day) is None or _MEASURED.match(m.string, m.end()):
        return None
    if m["sep"] == "." and not _DOTTED_DAY.match(m.string, m.end()):
        return None
    if m["sep"] == "-" and len(m["second"]) < 2:
        return None
    # 1/3 is a fraction as well.
    certainty = 0.8 if len(m["first"]) + len(m["second"]) > 2 else 0.5
    return replace(day_node(month, day), certainty=certainty, assumed="day_order")


_ANY_DATE = re.compile(r"(?<!\d)(\d{1,2})[-/.](\d{1,2})[-/.](?:(?:19|20)\d\d|\d\d)(?!\d)")
_MEASURED = re.compile(r"\s*(?:[季月周年天个名次件元级倍折人笔单岁岁款种条]|小时|分钟|%)")
_DATE_LEADS = re.compile(
    r"(?<![a-z])(?:on|for|from|since|until|before|after|to|till|between|and|through|date|dated)\s+$"
)
_DOTTED_DAY = re.compile(r"\s*(?:号|日|大促|活动|当天|期间|购物节|促销|到|至|-|~)")


def _bare_year(m: re.Match[str], _: Setting) -> Node | None:
    """Four digits are a year only where they stand like one; where in doubt a neighbour decides (`weak`)."""
    year = int(m["year"])
    node = replace(fixed(calendar.a_year(year)), year=year, named_year=True)
    start = m.start()
    before = m.string[max(0, start - _WINDOW) : start]
    counted = _COUNTED.match(m.string, m.end()) is not None
    if _QUANTITY_BEFORE.search(before):
        if (
            not counted
            and before.rstrip().endswith("over")
            and not re.search(r"(?:spen|worth|pa[iy]d?|bought|sales of)", before)
        ):
            return replace(node, certainty=0.7, assumed="reading")
        return replace(node, weak=True)
    if counted:
        leads = _YEAR_LEADS.search(before) is not None and before != ""
        return replace(node, certainty=0.8) if leads else replace(node, weak=True)
    if _YEAR_LEADS.search(before):
        return node
    if _LISTED_BEFORE.search(before):
        # "2010 and 2011" is told from "1999 and 2000 more" by the neighbour; alone it may still be a year.
        return node if _ANOTHER_TIME.search(before) else replace(node, certainty=0.8)
    return node


def _years(m: re.Match[str], _: Setting) -> Node | None:
    first, last = int(m["first"]), int(m["last"])
    found = calendar.between(calendar.a_year(first), calendar.a_year(last))
    return None if found is None or first == last else replace(fixed(found), ranged=True, named_year=True)


def _short_year(m: re.Match[str], s: Setting) -> Node | None:
    year = s.today.year // 100 * 100 + int(m["year"])
    if year > s.today.year + 10:
        year -= 100
    return replace(fixed(calendar.a_year(year)), year=year, named_year=True)


def _rule(pattern: str, build: Build) -> Rule:
    return Rule(_BEGIN + pattern + _END, build)


RULES: tuple[Rule, ...] = (
    _rule(rf"(?P<year>{_YEAR})(?P<sep>[-/.])(?P<month>\d{{1,2}})(?P=sep)(?P<day>\d{{1,2}})(?:日|号)?", _iso_day),
    _rule(r"(?P<year>20\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])", _compact_day),
    _rule(rf"(?P<year>{_YEAR})(?P<sep>[-/.])(?P<month>{_MONTH})(?:月份?)?", _year_month),
    _rule(rf"(?P<month>{_MONTH})(?P<sep>[-/.])(?P<year>{_YEAR})", _month_year),
    _rule(rf"(?P<first>\d{{1,2}})(?P<sep>[-/.])(?P<second>\d{{1,2}})(?P=sep)(?P<year>{_YEAR}|\d\d)", _numeric_date),
    _rule(rf"(?P<first>{_DAY})(?P<sep>[-/.])(?P<second>{_DAY})", _day_and_month),
    _rule(
        rf"(?P<y1>{_YEAR})(?P<sep>[./])(?P<m1>{_MONTH})(?P=sep)(?P<d1>{_DAY})\s*[-–—~至到]\s*"
        rf"(?:(?P<y2>{_YEAR})(?P=sep))?(?P<m2>{_MONTH})(?P=sep)(?P<d2>{_DAY})",
        _iso_range,
    ),
    _rule(
        r"(?P<d1>\d{1,2})/(?P<m1>\d{1,2})/(?P<y1>(?:19|20)\d\d|\d\d)\s*[-–—~]\s*"
        r"(?P<d2>\d{1,2})/(?P<m2>\d{1,2})/(?P<y2>(?:19|20)\d\d|\d\d)",
        _numeric_range,
    ),
    _rule(
        rf"(?P<m1>{_MONTH})(?P<sep>[./])(?P<d1>{_DAY})\s*[-–—~至到]\s*(?P<m2>{_MONTH})(?P=sep)(?P<d2>{_DAY})",
        _dotted_range,
    ),
    _rule(r"(?P<year>(?:19|20)\d\d|2100)(?:'s|,? full[- ]year)?", _bare_year),
    _rule(
        r"(?:the )?(?:(?:whole|full|entire|calendar|all) )?(?:of )?(?:the )?year (?:of )?(?P<year>(?:19|20)\d\d)",
        _bare_year,
    ),
    _rule(r"(?:the )?(?:all|whole|throughout|entire|full|full[\s-]year) (?:of )?(?P<year>(?:19|20)\d\d)", _bare_year),
    _rule(
        rf"(?P<first>{_YEAR})\s*年?\s*(?:-|–|—|−|~|/)\s*(?P<last>{_YEAR})(?!\s*年\s*[\d一二三四五六七八九十])(?:\s*年)?",
        _years,
    ),
    Rule(rf"(?<![\w'])'(?P<year>\d\d){RIGHT}(?!')", _short_year),
)
