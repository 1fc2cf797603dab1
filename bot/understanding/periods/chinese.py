"""Chinese words of time."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.understanding.periods import calendar, holidays
from bot.understanding.periods.english import all_time
from bot.understanding.periods.node import Build, Node, Rule, Setting, always, fixed, in_year, nowhere, open_unit
from bot.understanding.periods.numbers import CHINESE_NUMBER, chinese_digits, chinese_number
from bot.understanding.periods.readings import (
    ago,
    bare_day,
    bare_weekday,
    day_node,
    days_node,
    fiscal_year,
    half_node,
    month_node,
    nth_part,
    quarter_node,
    span_back,
    span_on,
    two_digit_year,
)
from tools.semantic.periods import Grain, Period, shift, unit

if TYPE_CHECKING:
    from bot.understanding.periods.holidays import Dated

N = CHINESE_NUMBER
NUMERAL = "零〇一二两三四五六七八九十百千\\d"
NOT_NUMBER = rf"(?<![{NUMERAL}.])"
WEEK = "(?:周|星期|礼拜)"
WEEKDAY = "[一二三四五六日天]"
# 周一 is no weekday in 周一次, 周日均.
WEEKDAY_END = r"(?![次个款单件笔共均活度]|整个?(?:周|星期))"
GRAINS: dict[str, Grain] = {
    "天": "day", "日": "day", "周": "week", "星期": "week", "礼拜": "week", "月": "month", "月份": "month",
    "季": "quarter", "季度": "quarter", "年": "year", "年度": "year",
}  # fmt: skip
DAY = r"(?:3[01]|[12]\d|0?[1-9]|三十一?|二?十[一二三四五六七八九]?|[一二三四五六七八九])"
_MONTH = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_YEAR = "(?:19|20)\\d\\d|[一二][零〇一二三四五六七八九]{3}"
_TO = r"\s*(?:-|–|—|−|~|一直到|到|至)\s*"
_MANY = r"(?P<n>[二两俩三四五六七八九十]|[零〇一二两三四五六七八九十百]{2,7}|\d{1,4})"
# 自然月, 整月 ask for calendar units.
_UNIT = r"\s*个?(?P<whole>完整|自然|整)?的?(?P<unit>天|日|周|星期|礼拜|月|季度?|年)(?![初末底度])"
# Not in 线上月销, 以上年龄, 成本月度.
_LAST = "(?<![以线网晚早马身上])上"
_NEXT = "(?:(?<![以线当天下一])|(?<=一下))下"
_THIS = "(?<![成基根版样])本"
_UP_TO_NOW = (
    r"(?:以来|至今(?:为止)?|迄今(?:为止)?|(?:截[至止]到?|到|直到|直至)(?:目前|现在|今天|今日|当前)(?:为止)?"
    r"|(?:目前|现在)为止)"
)
# 看下2026年3月, 平台上8月: a month or year of the calendar, not so many of them.
_NO_NAME = rf"(?!\s*(?:(?:{_YEAR})\s*年|{_MONTH}\s*月(?!内)))"


def chinese(pattern: str, build: Build) -> Rule:
    return Rule(pattern, build)


def grain_of(word: str) -> Grain:
    return GRAINS[word]


# --- years -------------------------------------------------------------------


def _year(m: re.Match[str], _: Setting) -> Node | None:
    year = chinese_digits(m["year"])
    return None if year is None else replace(fixed(calendar.a_year(year)), year=year, named_year=True)


def _short_year(m: re.Match[str], s: Setting) -> Node | None:
    """11年 is a year where two digits name a recent one; 30年 is a while."""
    number = chinese_digits(m["year"])
    if number is None:
        return None
    year = two_digit_year(f"{number:02d}", s)
    if not s.today.year - 20 <= year <= s.today.year + 1:
        return None
    return replace(fixed(calendar.a_year(year), certainty=0.9, assumed="reading"), year=year, named_year=True)


_YEARS: dict[str, int] = {
    "大前年": -3, "前年": -2, "去年": -1, "上年": -1, "上一年": -1, "今年": 0, "本年": 0, "这一年": 0, "当年": 0,
    "明年": 1, "来年": 1, "下一年": 1, "后年": 2,
}  # fmt: skip


def _relative_year(m: re.Match[str], s: Setting) -> Node | None:
    offset = _YEARS[m["word"]]
    year = s.today.year + offset
    whole = offset != 0 or s.future or m["all"] is not None or m["whole"] is not None
    period = calendar.a_year(year) if whole else calendar.so_far(s.today, "year")
    return replace(fixed(period, certainty=0.8 if m["word"] in ("当年", "这一年") else 1.0), year=year)


def _whole_year(_: re.Match[str], s: Setting) -> Node | None:
    return replace(fixed(calendar.a_year(s.today.year), certainty=0.8, assumed="year"), year=s.today.year)


def _fiscal_year(m: re.Match[str], s: Setting) -> Node | None:
    number = chinese_number(m["year"])
    if number is None:
        return None
    return fiscal_year(two_digit_year(f"{number:02d}", s) if len(m["year"]) == 2 else number, s)


def _relative_fiscal(m: re.Match[str], s: Setting) -> Node | None:
    current = s.today.year + (s.today.month >= s.fiscal_year_start > 1)
    back = m["word"][0] in "上去"
    node = fiscal_year(current - 1 if back else current, s)
    period = node.at(0) if node is not None else None
    if node is None or period is None or back:
        return node
    return replace(node, at=always(Period(period.start, min(s.today, period.end)))) if period.start <= s.today else node


# --- months, days, quarters, halves, weeks -----------------------------------


def _month(m: re.Match[str], _: Setting) -> Node | None:
    number = chinese_number(m["month"])
    return None if number is None else month_node(number)


def _months(m: re.Match[str], _: Setting) -> Node | None:
    """3-5月."""
    first, last = chinese_number(m["first"]), chinese_number(m["last"])
    if first is None or last is None or first == last:
        return None
    later = int(first > last)

    def tail(year: int) -> Period | None:
        return calendar.a_month(year + later, last)

    node = open_unit(lambda year: calendar.between(calendar.a_month(year, first), tail(year)))
    return replace(node, tail=tail, ranged=True)


def _month_day(m: re.Match[str], _: Setting) -> Node | None:
    month, day = chinese_number(m["month"]), chinese_number(m["day"])
    return None if month is None or day is None else day_node(month, day)


def _month_days(m: re.Match[str], _: Setting) -> Node | None:
    month, first, last = chinese_number(m["month"]), chinese_number(m["first"]), chinese_number(m["last"])
    return None if month is None or first is None or last is None else days_node(month, first, last)


def _days_part(m: re.Match[str], s: Setting) -> Node | None:
    """1号到15号, of a month beside it."""
    first, last = chinese_number(m["first"]), chinese_number(m["last"])
    if first is None or last is None or last < first:
        return None

    def part(c: Period) -> Period | None:
        return (
            calendar.days_of_month(c.start.year, c.start.month, first, last)
            if calendar.whole_unit(c) == "month"
            else None
        )

    def at(_: int) -> Period | None:
        for back in range(3):
            month = calendar.the_unit(s.today, "month", -back)
            found = part(month) if month is not None else None
            if found is not None and found.start <= s.today:
                return found
        return None

    return Node(at, part=part, certainty=0.7, assumed="month", ranged=True) if at(0) is not None else None


def _day(m: re.Match[str], s: Setting) -> Node | None:
    number = chinese_number(m["day"])
    return None if number is None else bare_day(number, s, 0.7)


def _quarter(m: re.Match[str], s: Setting) -> Node | None:
    text = m["nth"] or m["q"] or m["after"]
    number = 4 if text == "末" else 1 if text == "首" else chinese_number(text)
    return None if number is None else quarter_node(number, s)


def _fiscal_quarter(m: re.Match[str], s: Setting) -> Node | None:
    year, number = chinese_digits(m["year"]), chinese_number(m["q"])
    return None if year is None or number is None else in_year(quarter_node(number, s, fiscal=True), year, "left")


def _listed_quarter(m: re.Match[str], s: Setting) -> Node | None:
    number = chinese_number(m["q"])
    return None if number is None else quarter_node(number, s)


def _first_quarters(m: re.Match[str], _: Setting) -> Node | None:
    """前三季度: the year to the end of its third quarter."""
    number = chinese_number(m["n"])
    if number is None or not 2 <= number <= 4:
        return None
    node = open_unit(lambda year: calendar.months_of_year(year, 1, 3 * number))
    return replace(node, tail=lambda year: calendar.a_quarter(year, number), ranged=True)


def _half(m: re.Match[str], s: Setting) -> Node | None:
    return half_node(1 if m["h"] in "上前" else 2, s)


def _half_month(m: re.Match[str], _: Setting) -> Node | None:
    number = 1 if m["h"] in "上前" else 2
    return Node(
        nowhere,
        part=lambda c: calendar.half_of(c, number) if calendar.whole_unit(c) == "month" else None,
        part_only=True,
    )


def _two_quarters(m: re.Match[str], s: Setting) -> Node | None:
    """二三季度: two that follow one another."""
    first, last = ("一二三四".index(m[group]) + 1 for group in ("first", "last"))
    if last != first + 1 or re.search("分别|各自|对比|比较", m.string):
        return None  # each by itself
    ends = quarter_node(first, s), quarter_node(last, s)
    return replace(open_unit(lambda year: calendar.between(ends[0].at(year), ends[1].at(year))), ranged=True)


def _same_day_back(m: re.Match[str], s: Setting) -> Node | None:
    """上周同一天."""
    grain = grain_of(m["unit"])
    return replace(fixed(calendar.safe(lambda: unit(shift(s.today, grain, -1), "day"))), same_day=grain)


def _week(m: re.Match[str], _: Setting) -> Node | None:
    number = chinese_number(m["week"])
    if number is None or not 1 <= number <= 53:
        return None
    node = open_unit(lambda year: calendar.a_week(year, number))
    if number > 5:
        return node

    # 11月第一周 is a week of the month, 2011年第一周 one of the year.
    def part(c: Period) -> Period | None:
        return calendar.nth_unit_of(c, "week", number) if calendar.whole_unit(c) in ("month", "quarter") else None

    return replace(node, part=part, part_certainty=0.7)


# --- relative to today -------------------------------------------------------

_DAYS: dict[str, int] = {
    "今天": 0, "今日": 0, "今早": 0, "今晚": 0, "今晨": 0, "今儿": 0, "当天": 0, "本日": 0,
    "昨天": -1, "昨日": -1, "昨晚": -1, "昨儿": -1, "前天": -2, "前日": -2, "大前天": -3,
    "明天": 1, "明日": 1, "后天": 2, "大后天": 3,
}  # fmt: skip


def _relative_day(m: re.Match[str], s: Setting) -> Node | None:
    """昨晚 and 昨天上午 are of the whole day, for sales are counted by days: that is an assumption."""
    word = m["word"]
    day = calendar.the_unit(s.today, "day", _DAYS[word])
    if m["hours"] or word[-1] in "早晚晨":
        return fixed(day, certainty=0.7, assumed="extent")
    return fixed(day, certainty=0.7 if word == "当天" else 1.0)


def _relative_unit(m: re.Match[str], s: Setting) -> Node | None:
    """上个月, 上上周, 本季度, 下周."""
    which, grain = m["which"], grain_of(m["unit"])
    offset = which.count("下") - which.count("上")
    if offset == 0:
        period: Period | None = unit(s.today, grain) if s.future else calendar.so_far(s.today, grain)
    else:
        period = calendar.the_unit(s.today, grain, offset)
    node = fixed(period, certainty=0.8 if which[0] == "当" else 1.0)
    if grain == "year":
        return replace(node, year=s.today.year + offset)
    # 本月25号 lies in the whole month.
    return replace(node, container=calendar.the_unit(s.today, grain, offset))


def _recent(m: re.Match[str], s: Setting) -> Node | None:
    n = chinese_number(m["n"])
    return None if n is None else span_back(s, grain_of(m["unit"]), n, whole=m["whole"] is not None)


def _before_now(m: re.Match[str], s: Setting) -> Node | None:
    """前两个月: the two months before this one; of a year or month beside it, its first ones."""
    n, grain = chinese_number(m["n"]), grain_of(m["unit"])
    if n is None:
        return None
    complete = calendar.last_units(s.today, grain, n)
    others = [calendar.rolling_back(s.today, grain, n)]
    if grain == "month" and m["which"] == "前" and 0 < n < s.today.month:
        # In December, 前10个月 may be January to October.
        others.append(calendar.months_of_year(s.today.year, 1, n))
    certainty = 0.7 if len(others) == 1 or others[1] == complete or n < 4 else 0.5
    node = fixed(complete, *others, certainty=certainty, assumed="complete_units")
    node = replace(node, counted=(grain, n), before=True)
    if m["which"] != "前":
        return node
    # 双11前三天 lie before the day; 11月前三天 are the first of the month.
    return replace(
        node, part=lambda c: calendar.beside(c, grain, -n) if c.days == 1 else calendar.first_units_of(c, grain, n)
    )


def _after_day(m: re.Match[str], _: Setting) -> Node | None:
    """双11后三天."""
    n, grain = chinese_number(m["n"]), grain_of(m["unit"])
    if n is None:
        return None
    return Node(nowhere, part=lambda c: calendar.beside(c, grain, n), part_only=True, certainty=0.7, assumed="extent")


def _nth_day(m: re.Match[str], _: Setting) -> Node | None:
    n = chinese_number(m["n"])
    return None if n is None else nth_part("day", n)


def _nth_weekday(m: re.Match[str], _: Setting) -> Node | None:
    n = -1 if m["n"] is None else chinese_number(m["n"])
    number = "一二三四五六日".index(m["weekday"].replace("天", "日"))
    return None if n is None else Node(nowhere, part=lambda c: calendar.nth_weekday_of(c, number, n), part_only=True)


def _rest_of(_: re.Match[str], s: Setting) -> Node | None:
    return Node(nowhere, part=lambda c: calendar.rest_of(c, s.today), part_only=True, part_ahead=True)


def _first_months(m: re.Match[str], _: Setting) -> Node | None:
    """头三个月: of a year beside it, else of the latest."""
    n, grain = chinese_number(m["n"]), grain_of(m["unit"])
    if n is None:
        return None

    def part(c: Period) -> Period | None:
        return calendar.first_units_of(c, grain, n)

    if grain != "month":
        return Node(nowhere, part=part, part_only=True)

    def at(year: int) -> Period | None:
        whole = calendar.a_year(year)
        return None if whole is None else part(whole)

    return replace(open_unit(at), part=part, open_certainty=0.7)


def _last_part(m: re.Match[str], _: Setting) -> Node | None:
    n, grain = chinese_number(m["n"] or "1"), grain_of(m["unit"])
    if n is None:
        return None
    if n == 1:
        return nth_part(grain, -1)
    return Node(nowhere, part=lambda c: calendar.last_units_of(c, grain, n), part_only=True)


def _future(m: re.Match[str], s: Setting) -> Node | None:
    n = chinese_number(m["n"])
    return None if n is None else span_on(s, grain_of(m["unit"]), n)


_AHEAD = ("未来", "接下来", "今后", "往后")


def _half_recent(m: re.Match[str], s: Setting) -> Node | None:
    if m["unit"] == "年":
        return span_on(s, "month", 6) if m["which"] in _AHEAD else span_back(s, "month", 6, whole=False)
    node = span_on(s, "day", 15) if m["which"] in _AHEAD else span_back(s, "day", 15, whole=False)
    return replace(node, certainty=0.8, assumed="extent")


def _ago(m: re.Match[str], s: Setting) -> Node | None:
    n = 6 if m["half"] else chinese_number(m["n"] or m["n2"])
    if n is None:
        return None
    grain: Grain = "month" if m["half"] else grain_of(m["unit"] or m["unit2"])
    if grain == "year" and n > 99:
        return None
    node = ago(s, grain, n)
    return replace(node, year=s.today.year - n) if grain == "year" and s.today.year > n else node


def _within(m: re.Match[str], s: Setting) -> Node | None:
    n = chinese_number(m["n"])
    return None if n is None else span_back(s, grain_of(m["unit"]), n, whole=False).doubt(0.7)


def _so_far(m: re.Match[str], s: Setting) -> Node | None:
    return fixed(calendar.so_far(s.today, grain_of(m["unit"])))


def _this_year_so_far(_: re.Match[str], s: Setting) -> Node | None:
    return fixed(calendar.so_far(s.today, "year"))


def _rest(m: re.Match[str], s: Setting) -> Node | None:
    grain = grain_of(m["unit"])
    here = calendar.the_unit(s.today, grain, 0)
    following = calendar.the_unit(s.today, "day", 1)
    return None if here is None or following is None else fixed(calendar.between(following, here))


def _weekday(m: re.Match[str], s: Setting) -> Node | None:
    number = "一二三四五六日".index(m["weekday"].replace("天", "日"))
    which = m["which"] or ""
    weeks = which.count("下") - which.count("上")
    if weeks:
        return fixed(calendar.weekday(s.today, number, weeks))
    return fixed(calendar.weekday(s.today, number, 0)) if which else bare_weekday(number, s)


def _weekend(m: re.Match[str], s: Setting) -> Node | None:
    weeks = m["which"].count("下") - m["which"].count("上")
    return fixed(calendar.between(calendar.weekday(s.today, 5, weeks), calendar.weekday(s.today, 6, weeks)))


# --- parts -------------------------------------------------------------------


def _ten_days(m: re.Match[str], s: Setting) -> Node | None:
    number = "上中下".index(m["part"]) + 1

    def part(c: Period) -> Period | None:
        return calendar.ten_days_of(c, number)

    for back in range(3):
        month = calendar.the_unit(s.today, "month", -back)
        found = part(month) if month is not None else None
        if found is not None and found.start <= s.today:
            return replace(fixed(found, certainty=0.8, assumed="month"), part=part)
    return None


def _edge_of_month(m: re.Match[str], _: Setting) -> Node | None:
    """月初, 月中 and 月底, of no agreed length."""
    number = {"初": 1, "中": 2}.get(m["edge"], 3)

    def take(c: Period) -> Period | None:
        return calendar.ten_days_of(c, number)

    def other(c: Period) -> Period | None:
        return c if number == 2 else unit(c.end if number == 3 else c.start, "day")

    return Node(nowhere, part=take, part_other=other, part_only=True, certainty=0.4, assumed="extent")


def _edge_of_quarter(m: re.Match[str], _: Setting) -> Node | None:
    n = 1 if m["edge"] == "初" else -1
    return Node(
        nowhere,
        part=lambda c: calendar.nth_unit_of(c, "month", n) if calendar.whole_unit(c) == "quarter" else None,
        part_other=lambda c: calendar.nth_unit_of(c, "day", n),
        part_only=True,
        certainty=0.4,
        assumed="extent",
    )


def _same_last_year(m: re.Match[str], s: Setting) -> Node | None:
    """去年今天, 去年本月."""
    day = calendar.safe(lambda: unit(shift(s.today, "year", -1), "day"))
    if m["unit"] is None:
        if m["what"][-1] in "天日":
            return fixed(day)
        return fixed(day, calendar.the_unit(s.today, "month", -12), certainty=0.5, assumed="reading")
    grain = grain_of(m["unit"])
    whole = calendar.safe(lambda: unit(s.today, grain).year_ago())
    return fixed(
        whole, calendar.safe(lambda: calendar.so_far(s.today, grain).year_ago()), certainty=0.7, assumed="reading"
    )


def _edge_of_year(m: re.Match[str], _: Setting) -> Node | None:
    """年初 and 年底, of no agreed length."""
    first = m["edge"] == "初"

    def take(c: Period) -> Period | None:
        if calendar.whole_unit(c) != "year":
            return None
        return calendar.a_month(c.start.year, 1 if first else 12)

    def day(c: Period) -> Period | None:
        return unit(c.start if first else c.end, "day")

    return Node(nowhere, part=take, part_other=day, part_only=True, certainty=0.4, assumed="extent")


# --- holidays ----------------------------------------------------------------

_HOLIDAYS: tuple[tuple[str, Dated, Dated | None, float], ...] = (
    (
        "双(?:11|十一)(?:大促|购物节|活动)?(?:期间|前后)|双(?:11|十一)大促",
        holidays.SINGLES_DAY,
        holidays.SINGLES_DAYS,
        0.6,
    ),
    ("双(?:11|十一)(?:购物节|活动)?(?:当天|那天|当日)?|光棍节(?:当天)?", holidays.SINGLES_DAY, None, 1.0),
    ("双(?:12|十二)(?:大促|购物节|活动|期间)*(?:当天|那天|当日)?", holidays.DOUBLE_TWELVE, None, 1.0),
    (
        r"(?<!\d)618(?:大促|购物节|活动)?(?:期间|前后)|(?<!\d)618(?:大促|购物节|活动)|年中大促",
        holidays.MID_YEAR_SALE,
        holidays.MID_YEAR_DAYS,
        0.6,
    ),
    (
        r"(?<!\d)618(?:当天|那天|当日)|(?:(?<=年)|(?<=年的)|(?<=年 ))618(?![\d个件元])",
        holidays.MID_YEAR_SALE,
        None,
        1.0,
    ),
    ("黑色星期五|黑五", holidays.BLACK_FRIDAY, None, 1.0),
    ("网络星期一|网购星期一|网一", holidays.CYBER_MONDAY, None, 1.0),
    ("(?:除夕|大年三十)(?:夜|当天)?", holidays.SPRING_FESTIVAL_EVE, None, 1.0),
    ("大年初一|春节当天", holidays.SPRING_FESTIVAL_DAY, None, 1.0),
    ("春节(?:期间|假期|长假|黄金周)?", holidays.SPRING_FESTIVAL, holidays.SPRING_FESTIVAL_DAY, 0.7),
    ("国庆节?当天", holidays.NATIONAL_DAY, None, 1.0),
    (
        "国庆(?:节|期间|假期|长假|黄金周)*|(?:十一|(?<!五一)黄金周)(?:黄金周|长假|假期|期间)",
        holidays.GOLDEN_WEEK,
        holidays.NATIONAL_DAY,
        0.9,
    ),
    ("(?:五一|51)(?:劳动节)?当天|劳动节当天", holidays.LABOUR_DAY, None, 1.0),
    (
        rf"(?<![{NUMERAL}])五一(?:劳动节|期间|假期|长假|黄金周|节)*(?![{NUMERAL}月日号天年])|劳动节(?:期间|假期)?",
        holidays.LABOUR_DAY,
        holidays.LABOUR_DAYS,
        0.6,
    ),
    ("元旦(?:节|当天)?", holidays.NEW_YEARS_DAY, None, 1.0),
    ("情人节(?:当天)?", holidays.VALENTINES_DAY, None, 1.0),
    ("三八(?:妇女节|女神节|女王节|节)|妇女节", holidays.WOMENS_DAY, None, 1.0),
    ("(?:元宵节?|上元节)(?:当天)?", holidays.LANTERN_FESTIVAL, None, 1.0),
    ("清明节?当天|清明节", holidays.CLEAR_BRIGHT_DAY, None, 1.0),
    ("端午节?当天|端午节", holidays.DRAGON_BOAT_DAY, None, 1.0),
    ("中秋节?当天|中秋节", holidays.MID_AUTUMN_DAY, None, 1.0),
    ("(?:六一(?:国际)?)?儿童节(?:当天)?", holidays.CHILDRENS_DAY, None, 1.0),
    ("教师节(?:当天)?", holidays.TEACHERS_DAY, None, 1.0),
    ("母亲节(?:当天)?", holidays.MOTHERS_DAY, None, 1.0),
    ("父亲节(?:当天)?", holidays.FATHERS_DAY, None, 1.0),
    ("平安夜", holidays.CHRISTMAS_EVE, None, 1.0),
    ("圣诞节?(?:期间|前后)", holidays.CHRISTMAS_DAY, holidays.CHRISTMAS_DAYS, 0.5),
    (rf"圣诞(?:节(?:当天)?|当天|(?=[之以]?[前后][{NUMERAL}]))", holidays.CHRISTMAS_DAY, None, 0.9),
    ("节礼日", holidays.BOXING_DAY, None, 1.0),
    ("万圣节(?:当天)?", holidays.HALLOWEEN, None, 1.0),
    ("感恩节(?:当天)?", holidays.THANKSGIVING, None, 1.0),
    ("复活节(?:当天)?", holidays.EASTER_SUNDAY, holidays.EASTER_WEEKEND, 0.6),
)
# 圣诞树, 情人节卡片: goods, not days.
_NO_GOODS = (
    r"(?!的?(?:树|卡|袜|老人|装饰|帽|礼|灯|球|系列|商品|产品|款|饰|蛋|南瓜|贺|蜡烛|花|玩具|用品|主题|款式|糖|包|杯|"
    r"月饼|粽|汤圆))"
)


def _holiday(day: Dated, days: Dated | None, certainty: float) -> Build:
    others = () if days is None else (days,)
    return lambda _, __: open_unit(day, *others, certainty=certainty, assumed="extent" if certainty < 1 else None)


RULES: tuple[Rule, ...] = (
    # Years.
    chinese(rf"{NOT_NUMBER}(?:整个|全)?(?P<year>{_YEAR})\s*年(?:度|全年|整年)?", _year),
    chinese(rf"(?:整个|全)(?P<year>{_YEAR})", _year),
    chinese(
        rf"{NOT_NUMBER}(?<![近去过前后这上下几第满每])(?P<year>\d\d|[零〇一][零〇一二三四五六七八九])\s*年(?![以前后内来间期龄级货])",
        _short_year,
    ),
    chinese(
        r"(?P<all>整个|全)?(?P<word>大前年|(?<![目之以大提])前年|(?<!过)去年|(?<![以线])上年(?!龄|级)|上一年|今年(?!轻)|(?<!成)本年|这一年|"
        r"(?<!相)当年|明年|来年|(?<![以今之最])后年|下一年)(?:度|(?P<whole>全年|一整年|一年|整年))?",
        _relative_year,
    ),
    chinese(r"全年度?", _whole_year),
    chinese(rf"{NOT_NUMBER}(?P<year>{_YEAR}|\d\d)\s*(?:财年|财政年度|会计年度)", _fiscal_year),
    chinese(r"(?P<word>本|这个|上个?|去年|今年)(?:财年|财政年度|会计年度)", _relative_fiscal),
    # Months and days.
    chinese(
        rf"{NOT_NUMBER}(?<![近前个])(?:整个\s*)?(?P<month>{_MONTH})\s*月份?(?:整月|全月)?(?![龄经饼球光票卡度])", _month
    ),
    chinese(rf"{NOT_NUMBER}(?P<month>{_MONTH})(?=(?:\s*、\s*{_MONTH})*\s*[、和与及跟]\s*{_MONTH}\s*月)", _month),
    chinese(
        rf"{NOT_NUMBER}(?<![近前个])(?P<first>{_MONTH})\s*(?:月份?)?{_TO}(?P<last>{_MONTH})\s*月份?(?!\s*{DAY}\s*[日号])",
        _months,
    ),
    chinese(rf"{NOT_NUMBER}(?P<month>{_MONTH})\s*月份?的?\s*(?P<day>{DAY})\s*[日号]", _month_day),
    chinese(
        rf"{NOT_NUMBER}(?P<month>{_MONTH})\s*月\s*(?P<first>{DAY})\s*[日号]?{_TO}(?P<last>{DAY})\s*[日号]", _month_days
    ),
    chinese(
        rf"{NOT_NUMBER}(?P<month>{_MONTH})\s*月\s*(?P<day>{DAY})(?=(?:\s*、\s*{DAY})*\s*[、和与及跟]\s*{DAY}\s*[日号])",
        _month_day,
    ),
    chinese(rf"(?<=、)(?P<day>{DAY})(?=\s*[、和与及跟]\s*{DAY}\s*[日号])", _day),
    chinese(rf"{NOT_NUMBER}(?<![第近这])(?P<first>{DAY})\s*[日号]?{_TO}(?P<last>{DAY})\s*[日号]", _days_part),
    chinese(rf"{NOT_NUMBER}(?<![第近这单品户工编型])(?P<day>{DAY})\s*号(?![店线楼仓门商产客机码位员款馆桌房])", _day),
    chinese(rf"(?<=[月的到至和、~-])(?P<day>{DAY})\s*日(?![内均后前以用之常本活])", _day),
    # Quarters, halves, weeks.
    chinese(rf"{NOT_NUMBER}(?P<year>{_YEAR})\s*财年的?第?(?P<q>[一二三四1-4])\s*个?季度", _fiscal_quarter),
    chinese(
        r"(?:第\s*(?P<nth>[一二三四1-4])\s*个?季度?|"
        rf"(?:{NOT_NUMBER}|(?<=\d{{5}})(?=[一二三四]))"  # 23084三季度: of a product
        r"(?<![近前每上这])(?P<q>[一二三四1-4首末])\s*季度|(?<=[一二三])(?P<after>[二三四])季度)",
        _quarter,
    ),
    chinese(
        rf"{NOT_NUMBER}(?<![近前每上这])第?(?P<q>[一二三四1-4])"
        r"(?=(?:\s*、\s*第?[一二三四1-4])*\s*[、和与及跟到至~-]\s*第?[一二三四1-4]\s*个?季度)",
        _listed_quarter,
    ),
    chinese(r"前(?P<n>[二两三四2-4])季度", _first_quarters),
    chinese(rf"{NOT_NUMBER}(?<![近前每上这第])(?P<first>[一二三])(?P<last>[二三四])季度", _two_quarters),
    chinese(rf"(?:{NOT_NUMBER}|(?<=[一二]))(?<![近前每上这第])(?P<q>[一二三])(?=[二三四]{{1,3}}季度)", _listed_quarter),
    chinese(r"上个?(?P<unit>周|星期|礼拜|月)份?的?(?:同一天|同一日|同日|同天|这一?天)", _same_day_back),
    chinese(r"(?P<h>[上下前后])半个?(?:年度?|财年)", _half),
    chinese(r"(?P<h>[上下前后])半个?月", _half_month),
    chinese(rf"第\s*(?P<week>{N})\s*个?{WEEK}", _week),
    # Relative days and units.
    chinese(
        r"(?P<word>大前天|(?<![目之以大])前[天日](?!猫|数|均)|今[天日早晚晨儿]|昨[天日晚儿]|(?<!相)当天|(?<!成)本日|明[天日]|大后天|(?<![以今之大])后天(?!数))"
        r"(?:(?P<hours>上午|下午|早上|晚上|中午)|全天|一整天)?(?!的?天气)",
        _relative_day,
    ),
    chinese(
        rf"(?P<which>{_LAST}{{1,4}}一?|{_NEXT}{{1,4}}一?|{_THIS}|这一?|(?<!相)当)个?(?:自然|完整的?)?(?P<unit>周|星期|礼拜|月|季度|季|年度)(?!转(?!化)|[边度龄饼经期])(?:份|整月)?",
        _relative_unit,
    ),
    chinese(
        rf"(?:最近|(?<![附将接靠最])近|过去|这|刚过去|往前)的?\s*(?P<n>{N}){_UNIT}(?:以?内|之内|以来|间|里|当中|中)?",
        _recent,
    ),
    chinese(rf"(?P<which>(?<![目以之此提])前|{_LAST}{_NO_NAME}|之前|此前){_MANY}{_UNIT}", _before_now),
    chinese(rf"(?:最初|开头|头|最开始)的?\s*(?P<n>{N}){_UNIT}", _first_months),
    chinese(rf"最后的?\s*(?P<n>{N})?{_UNIT}", _last_part),
    chinese(rf"(?:未来|接下来|今后|往后|后续|{_NEXT}{_NO_NAME})的?\s*{_MANY}{_UNIT}[内里]?", _future),
    chinese(rf"(?:未来|接下来|今后|往后)的?\s*(?P<n>一){_UNIT}[内里]?", _future),
    chinese(
        r"(?P<which>最近|(?<![附将接靠最])近|过去|这|未来|接下来|今后|往后)的?半个?(?P<unit>年|月)(?:以?内|之内|以来|间|里)?",
        _half_recent,
    ),
    chinese(
        rf"(?<![超满近过第少{NUMERAL}])(?<!超过|大于|至少|多于)(?:(?P<n>{N})\s*(?P<unit>天|日|周|星期|礼拜|年)|"
        rf"(?P<n2>{N})个(?P<unit2>月|季度|星期|礼拜)|(?P<half>半年))[之以]?前(?![{NUMERAL}])",
        _ago,
    ),
    chinese(rf"(?<![近去第后满{NUMERAL}])(?P<n>{N}){_UNIT}(?:以内|之内|内)(?![再又复回])", _within),
    chinese(
        r"(?:从|自)?(?:(?<!成)本|这个?|(?<!相)当|今)(?P<unit>年|月|周|季度?|星期|礼拜)(?:度|份)?(?:开始|初)?"
        rf"(?:{_UP_TO_NOW}|累计)",
        _so_far,
    ),
    chinese(rf"(?:从|自)?(?P<unit>年|月|周|季)初(?:{_UP_TO_NOW}|开始)", _so_far),
    chinese(r"开年(?:以来|至今)", _this_year_so_far),
    chinese(
        r"有史以来|历史以来|历史上|历史累计|所有历史|全部历史|全历史|历年来|全部时[间段]|全时[间段]|所有时[间段]|整个时期|整个时间段|一直以来|"
        r"(?<![年月周季度日天号期])(?:截[至止]到?|到|直到|直至)(?:目前|现在|今天|今日|当前)(?:为止)?|迄今(?:为止)?|从?(?:开业|成立|创立|开店|上线)(?:以来|至今|到现在)|"
        r"从(?:开始|头|最初)(?:到现在|至今|以来)|至今(?:为止)?",
        all_time,
    ),
    chinese(r"(?:今|(?<!成)本|这个?)(?P<unit>年|月|周|季度)(?:剩余|剩下)(?:的?(?:时间|日子|几个月|天数))?", _rest),
    chinese(
        rf"(?<![{NUMERAL}每双多近前后按])(?P<which>{_LAST}{{1,4}}个?|{_NEXT}{{1,4}}个?|{_THIS}|这个?)?{WEEK}(?P<weekday>{WEEKDAY}){WEEKDAY_END}",
        _weekday,
    ),
    chinese(rf"(?P<which>{_LAST}{{1,4}}个?|{_NEXT}{{1,4}}个?|{_THIS}|这个?){WEEK}末", _weekend),
    # Parts of something longer.
    chinese(rf"[之以]?后的?\s*(?P<n>{N})\s*个?(?P<unit>天|日|周|星期|礼拜|月)(?!度)", _after_day),
    chinese(rf"第\s*(?P<n>{N})\s*天", _nth_day),
    chinese(rf"(?:第\s*(?P<n>{N})|最后一)\s*个?{WEEK}(?P<weekday>{WEEKDAY}){WEEKDAY_END}", _nth_weekday),
    chinese(r"(?:剩余|剩下)的?(?:时间|日子|天数|几天)?", _rest_of),
    chinese(r"(?<=季度)(?P<edge>[初末底])", _edge_of_quarter),
    chinese(
        r"去年的?(?P<what>今天|今日|这一?天|这个?时候|此时|(?:本|这个?|当|同)(?P<unit>月|周|季度))", _same_last_year
    ),
    chinese(r"(?P<part>[上中下])旬", _ten_days),
    chinese(r"(?<=月)(?P<edge>[初末底尾])(?![一二三四五六七八九十\d])", _edge_of_month),
    chinese(r"(?<=月)(?:份的?)?(?P<edge>中)(?![旬秋间国文高低等位期型小大一二三四五六七八九十\d])", _edge_of_month),
    chinese(r"月(?P<edge>[初末底尾])(?![一二三四五六七八九十\d])", _edge_of_month),
    chinese(r"(?<=年)(?P<edge>[初末底尾终])(?!至|以来|级)", _edge_of_year),
    chinese(r"年(?P<edge>[初末底尾终])(?!至|以来|级)", _edge_of_year),
    # Holidays.
    *(
        chinese(f"(?:{pattern}){_NO_GOODS}", _holiday(day, days, certainty))
        for pattern, day, days, certainty in _HOLIDAYS
    ),
)
