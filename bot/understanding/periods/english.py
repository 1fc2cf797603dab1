"""English words of time. Patterns run over the canonical text (`lexicon.py`)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from bot.understanding.periods import calendar, holidays
from bot.understanding.periods.lexicon import MONTHS, WEEKDAYS
from bot.understanding.periods.node import (
    Build,
    InContainer,
    Node,
    Rule,
    Setting,
    always,
    fixed,
    in_year,
    nowhere,
    open_unit,
)
from bot.understanding.periods.readings import (
    about,
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

LETTER = "a-z0-9\u00c0-\u024f\ue000"
LEFT = rf"(?<![{LETTER}])"
RIGHT = rf"(?![{LETTER}])"
M = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
W = "(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
D = r"(?:0?[1-9]|[12]\d|3[01])"
TH = "(?:st|nd|rd|th)?"
# "Mon 9 Nov": the day's name adds nothing to the date.
NAMED = r"(?:(?:mon|tues?|wed|thu(?:rs)?|fri|sat|sun)(?:[a-z]*day)?\.?,?\s+)?"
YEAR = r"(?:19|20)\d\d"
WHOLE = r"(?P<whole>(?:full|complete|completed|whole|calendar)\s+)?"
WHOLE_BEHIND = r"(?P<after>(?:full|complete|completed|whole|calendar)\s+)?"
DASH = r"(?:\s*(?:-|\u2013|\u2014|\u2212|~|/)\s*|\s+(?:to|through|until|till|and)\s+)"
UNIT = "(?P<unit>day|week|month|quarter|year)"
LONG_UNIT = "(?P<unit>week|month|quarter|year)"
LAST = r"(?:last|past|previous|trailing|rolling|(?:most )?recent|latest)"


def grain_of(word: str) -> Grain:
    return cast("Grain", word.rstrip("s"))


def rule(pattern: str, build: Build) -> Rule:
    return Rule(LEFT + pattern + RIGHT, build)


# --- relative to today -------------------------------------------------------


def _day(offset: int) -> Build:
    return lambda _, s: fixed(calendar.the_unit(s.today, "day", offset))


def _part_of_day(offset: int) -> Build:
    """ "Last night" is of the whole day, for sales are counted by days: that is an assumption."""
    return lambda _, s: fixed(calendar.the_unit(s.today, "day", offset), certainty=0.7, assumed="extent")


def _unit_by_word(m: re.Match[str], s: Setting) -> Node | None:
    """last, this, next week, month, quarter, year."""
    word, grain = m["which"], grain_of(m["unit"])
    if word in ("this", "current"):
        period: Period | None = unit(s.today, grain) if s.future else calendar.so_far(s.today, grain)
        node = fixed(period)
        year = s.today.year
    elif word == "past" and not m["whole"]:
        return fixed(
            calendar.rolling_back(s.today, grain, 1),
            calendar.last_units(s.today, grain, 1),
            certainty=0.8,
            assumed="rolling",
        )
    else:
        offset = 1 if word in ("next", "coming", "upcoming") else -1
        node = fixed(calendar.the_unit(s.today, grain, offset))
        year = s.today.year + offset
    if word == "last" and grain != "year":
        node = replace(node, part=lambda c: calendar.nth_unit_of(c, grain, -1))
    return replace(node, year=year) if grain == "year" and node.certainty else node


def _the_last_unit(m: re.Match[str], s: Setting) -> Node | None:
    """ "The last month" is last month to some and the month up to today to others; the last full one is over."""
    grain = grain_of(m["unit"])
    node = (
        fixed(calendar.last_units(s.today, grain, 1))
        if m["whole"]
        else fixed(
            calendar.last_units(s.today, grain, 1),
            calendar.rolling_back(s.today, grain, 1),
            certainty=0.7,
            assumed="reading",
        )
    )
    edge = nth_part(grain, -1)
    return replace(node, part=edge.part, part_other=edge.part_other, part_certainty=edge.certainty)


def _latest_unit(m: re.Match[str], s: Setting) -> Node | None:
    grain = grain_of(m["unit"])
    if m["whole"]:
        return fixed(calendar.last_units(s.today, grain, 1))
    return fixed(
        calendar.last_units(s.today, grain, 1), calendar.so_far(s.today, grain), certainty=0.6, assumed="reading"
    )


def _same_last_year(m: re.Match[str], s: Setting) -> Node | None:
    """ "This week last year"; "this time last year" tells no more than the day."""
    what = m.groupdict().get("unit") or "day"
    day = calendar.safe(lambda: unit(shift(s.today, "year", -1), "day"))
    if what in ("day", "time"):
        month = calendar.the_unit(s.today, "month", -12)
        return fixed(day) if what == "day" else fixed(day, month, certainty=0.5, assumed="reading")
    grain = grain_of(what)
    whole = calendar.safe(lambda: unit(s.today, grain).year_ago())
    return fixed(
        whole, calendar.safe(lambda: calendar.so_far(s.today, grain).year_ago()), certainty=0.7, assumed="reading"
    )


def _same_day_back(m: re.Match[str], s: Setting) -> Node | None:
    """ "The same day last week"."""
    grain = grain_of(m["unit"] or m["ago"])
    return replace(fixed(calendar.safe(lambda: unit(shift(s.today, grain, -1), "day"))), same_day=grain)


def _many_units(m: re.Match[str], s: Setting) -> Node | None:
    n, grain = int(m["n"]), grain_of(m["unit"])
    whole = m["whole"] is not None or m["after"] is not None
    if whole and m["which"] != "previous":
        return fixed(calendar.last_units(s.today, grain, n))
    node = span_back(s, grain, n, whole=whole or m["which"] == "previous")
    if m["which"] == "last":
        node = replace(node, part=lambda c: calendar.last_units_of(c, grain, n))
    return replace(node, before=m["which"] == "previous")


def _next_units(m: re.Match[str], s: Setting) -> Node | None:
    return span_on(s, grain_of(m["unit"]), int(m["n"]))


def _half_year(m: re.Match[str], s: Setting) -> Node | None:
    return span_on(s, "month", 6) if m["which"] in ("next", "coming") else span_back(s, "month", 6, whole=False)


def _fortnight(m: re.Match[str], s: Setting) -> Node | None:
    return span_on(s, "day", 14) if m["which"] in ("next", "coming") else span_back(s, "day", 14, whole=False)


def _ago(m: re.Match[str], s: Setting) -> Node | None:
    number = m["n"]
    n = int(number) if number.isdigit() else 1
    grain = grain_of(m["unit"])
    node = ago(s, grain, n)
    return replace(node, year=s.today.year - n) if grain == "year" and s.today.year - n > 0 else node


def _before_last(m: re.Match[str], s: Setting) -> Node | None:
    grain = grain_of(m["unit"])
    node = fixed(calendar.the_unit(s.today, grain, -2))
    return replace(node, year=s.today.year - 2) if grain == "year" and s.today.year > 2 else node


def _to_date(m: re.Match[str], s: Setting) -> Node | None:
    grain = grain_of(m["unit"])
    node = fixed(calendar.so_far(s.today, grain))
    return replace(node, year=None, part=_year_to_date(s)) if grain == "year" else node


_TO_DATE: dict[str, Grain] = {"mtd": "month", "ytd": "year", "qtd": "quarter", "wtd": "week"}


def _to_date_short(m: re.Match[str], s: Setting) -> Node | None:
    grain = _TO_DATE[m["short"]]
    node = fixed(calendar.so_far(s.today, grain))
    return replace(node, part=_year_to_date(s)) if grain == "year" else node


def _year_to_date(s: Setting) -> InContainer:
    """ "YTD 2010": that year, to the same day as today."""

    def part(container: Period) -> Period | None:
        if (container.start.month, container.start.day) != (1, 1):
            return None
        return calendar.safe(
            lambda: Period(container.start, shift(s.today, "year", container.start.year - s.today.year))
        )

    return part


def _rest_of(_: re.Match[str], s: Setting) -> Node | None:
    return Node(nowhere, part=lambda c: calendar.rest_of(c, s.today), part_only=True, part_ahead=True)


def _the_year(_: re.Match[str], s: Setting) -> Node | None:
    return replace(fixed(calendar.so_far(s.today, "year")), year=s.today.year, weak=True)


def _the_unit(m: re.Match[str], s: Setting) -> Node | None:
    return replace(fixed(calendar.the_unit(s.today, grain_of(m["unit"]), 0)), weak=True)


_SOFT = frozenset(("ever", "overall", "to date", "so far", "历史上", "至今", "至今为止"))


def all_time(m: re.Match[str], s: Setting) -> Node | None:
    return replace(fixed(Period(s.beginning, s.today)), soft=m.group() in _SOFT)


# --- months and days ---------------------------------------------------------


def _month(m: re.Match[str], _: Setting) -> Node | None:
    return month_node(month_number(m["month"]))


def _month_short_year(m: re.Match[str], s: Setting) -> Node | None:
    return in_year(month_node(month_number(m["month"])), two_digit_year(m["year"], s), "right")


def _month_long_year(m: re.Match[str], _: Setting) -> Node | None:
    return in_year(month_node(month_number(m["month"])), int(m["year"]), "right")


def _day_month_long_year(m: re.Match[str], _: Setting) -> Node | None:
    return in_year(day_node(month_number(m["month"]), int(m["day"])), int(m["year"]), "right")


def _month_day(m: re.Match[str], s: Setting) -> Node | None:
    """ "Nov 5", "Nov 5th"; "Nov 11" may be November 2011 as well."""
    month, number = month_number(m["month"]), m["day"]
    node = day_node(month, int(number))
    if m["th"] or len(number) < 2 or m["comma"] is not None:
        return node
    year = two_digit_year(number, s)
    if not 0 <= s.today.year - year <= 15:
        return node
    before = m.string[: m.start()].rstrip()
    if before.endswith((" on", "since")) or before == "on":
        return node
    as_month = in_year(month_node(month), year, "right")
    if re.search(rf"{LEFT}(?:in|for|during|throughout)$", before):
        return replace(as_month, certainty=0.8, assumed="reading", others=(node.at,))
    return replace(node, open_certainty=0.5, assumed="reading", others=(always(calendar.a_month(year, month)),))


def _day_month(m: re.Match[str], _: Setting) -> Node | None:
    return day_node(month_number(m["month"]), int(m["day"]))


def _days_month(m: re.Match[str], _: Setting) -> Node | None:
    return days_node(month_number(m["month"]), int(m["first"]), int(m["last"]))


def _day_month_short_year(m: re.Match[str], s: Setting) -> Node | None:
    return in_year(day_node(month_number(m["month"]), int(m["day"])), two_digit_year(m["year"], s), "right")


def _unit_by_order(m: re.Match[str], s: Setting) -> Node | None:
    """ "last November": the latest that is over. "This" and "next" go by the year."""
    if m["month"]:
        node = month_node(month_number(m["month"]))
    elif m["q"]:
        node = quarter_node(int(m["q"]), s)
    else:
        node = open_unit(_DAYS[_squeeze(m["name"])])
    which, year = m["which"], s.today.year
    if which in ("this", "next"):
        return in_year(node, year + (which == "next"), "left", named=False)
    this = node.at(year)
    if this is None or this.end >= s.today:
        return in_year(node, year - 1, "left", named=False)
    return replace(fixed(this, node.at(year - 1), certainty=0.8, assumed="reading"), unit_at=node.at, year_side="left")


def _the_day(m: re.Match[str], s: Setting) -> Node | None:
    return bare_day(int(m["day"]), s, 0.7)


def _about(m: re.Match[str], _: Setting) -> Node | None:
    word = m["about"]
    if word in ("early", "start of", "beginning of"):
        return about("early")
    return about("mid" if word in ("mid", "middle of") else "late")


def month_number(word: str) -> int:
    return MONTHS.index(word[:3]) + 1


# --- quarters, halves, weeks, fiscal years -----------------------------------


def _quarter(m: re.Match[str], s: Setting) -> Node | None:
    return quarter_node(int(m["q"]), s, fiscal=m["fiscal"] is not None)


def _half(m: re.Match[str], s: Setting) -> Node | None:
    return half_node(int(m["h"]), s, fiscal=m["fiscal"] is not None)


def _coded_quarter(m: re.Match[str], s: Setting) -> Node | None:
    """Q3'11, 3Q11, 2011Q3, H1 2011: the year sits on the code."""
    unit_node = quarter_node(int(m["n"]), s) if m["code"] == "q" else half_node(int(m["n"]), s)
    if m["code"] == "h" and int(m["n"]) > 2:
        return None
    year = int(m["year"]) if m["year"] else two_digit_year(m["short"], s)
    group = "year" if m["year"] else "short"
    return in_year(unit_node, year, "left" if m.start(group) < m.start("n") else "right")


def _fiscal_year(m: re.Match[str], s: Setting) -> Node | None:
    text = m["last"] or m["year"]
    year = int(text) if len(text) == 4 else two_digit_year(text, s)
    if m["last"] and s.fiscal_year_start == 1:
        first = int(m["year"]) if len(m["year"]) == 4 else two_digit_year(m["year"], s)
        if first != year:
            return fixed(
                calendar.between(calendar.a_year(first), calendar.a_year(year)),
                calendar.a_year(first),
                calendar.a_year(year),
                certainty=0.5,
                assumed="fiscal_year",
            )
    return fiscal_year(year, s)


def _relative_fiscal(m: re.Match[str], s: Setting) -> Node | None:
    begun = s.today.month >= s.fiscal_year_start > 1
    current = s.today.year + (1 if begun else 0)
    which = m["which"]
    node = fiscal_year(current + (-1 if which in ("last", "previous") else 1 if which == "next" else 0), s)
    if node is None:
        return None
    period = node.at(0)
    if which in ("this", "current") and period is not None and not s.future and period.start <= s.today <= period.end:
        return replace(node, at=always(Period(period.start, s.today)))
    return node


def _week(m: re.Match[str], _: Setting) -> Node | None:
    number = int(m["week"])
    if not 1 <= number <= 53:
        return None
    return open_unit(lambda year: calendar.a_week(year, number))


def _iso_week(m: re.Match[str], _: Setting) -> Node | None:
    node = open_unit(lambda year: calendar.a_week(year, int(m["week"])))
    return in_year(node, int(m["year"]), "left")


# --- parts of something longer -----------------------------------------------


def _nth_part(m: re.Match[str], s: Setting) -> Node | None:
    word, what = m["nth"], m["part"]
    n = -1 if word in ("last", "final") else int(word[:-2])
    if what in WEEKDAYS:
        number = WEEKDAYS.index(what)
        return Node(nowhere, part=lambda c: calendar.nth_weekday_of(c, number, n), part_only=True)
    grain = grain_of(what)
    if grain == "quarter" and n in (1, 2, 3, 4):
        return replace(quarter_node(n, s), part=lambda c: calendar.nth_unit_of(c, grain, n))
    if grain == "quarter" and n > 4:
        return None
    return nth_part(grain, n)


def _many_of(m: re.Match[str], _: Setting) -> Node | None:
    n, grain = int(m["n"]), grain_of(m["unit"])
    take = calendar.last_units_of if m["end"] == "final" else calendar.first_units_of
    return Node(nowhere, part=lambda c: take(c, grain, n), part_only=True)


def _many_to(m: re.Match[str], _: Setting) -> Node | None:
    """ "The 3 months to November 2011"."""
    n, grain = int(m["n"]), grain_of(m["unit"])

    def take(c: Period) -> Period | None:
        end = c.end + timedelta(days=1)
        return calendar.safe(lambda: Period(shift(end, grain, -n), c.end))

    return Node(nowhere, part=take, part_only=True)


def _units_beside(m: re.Match[str], _: Setting) -> Node | None:
    """ "The week before Black Friday"."""
    n, grain = int(m["n"]) if (m["n"] or "").isdigit() else 1, grain_of(m["unit"])
    offset = n if m["way"] in ("after", "following") else -n
    certainty = 0.8 if grain in ("day", "week") else 0.5

    def part(c: Period) -> Period | None:
        if c.days == 1 or offset > 0:
            return calendar.beside(c, grain, offset)
        return calendar.beside(unit(c.start, "day"), grain, offset)

    return Node(
        nowhere,
        part=part,
        part_only=True,
        certainty=certainty,
        assumed="extent",
    )


def _ordinal_half(m: re.Match[str], s: Setting) -> Node | None:
    return half_node(1 if m["h"] in ("1st", "1") else 2, s)


def _week_of(m: re.Match[str], _: Setting) -> Node | None:
    """ "The week of", "week commencing": takes the day beside it."""
    ending = m["ending"] is not None

    def part(container: Period) -> Period | None:
        if container.days != 1:
            return None
        if ending:
            return calendar.safe(lambda: Period(container.end - timedelta(days=6), container.end))
        return calendar.safe(lambda: unit(container.start, "week"))

    return Node(nowhere, part=part, part_only=True)


# --- weekdays and weekends ---------------------------------------------------


def _weekday(m: re.Match[str], s: Setting) -> Node | None:
    number, which = WEEKDAYS.index(m["weekday"]), m["which"]
    this = calendar.weekday(s.today, number, 0)
    last = calendar.weekday(s.today, number, -1)
    if which in ("this", "coming"):
        return fixed(this)
    if which == "next":
        return fixed(calendar.weekday(s.today, number, 1), this, certainty=0.7, assumed="reading")
    if which in ("last", "past"):
        nearest = this if number < s.today.weekday() else last
        # Said on a Friday, "Monday" is this week's, and so most often is "last Monday".
        node = fixed(nearest, last)
        if nearest != last:
            node = replace(node, certainty=0.7, assumed="reading")
        return replace(node, part=lambda c: calendar.nth_weekday_of(c, number, -1))
    return bare_weekday(number, s)


def _weekend(m: re.Match[str], s: Setting) -> Node | None:
    weeks = -1 if m["which"] in ("last", "past", "previous") else 1 if m["which"] == "next" else 0
    return fixed(calendar.between(calendar.weekday(s.today, 5, weeks), calendar.weekday(s.today, 6, weeks)))


# --- holidays ----------------------------------------------------------------

_DAYS: dict[str, Dated] = {
    "christmas day": holidays.CHRISTMAS_DAY, "xmas day": holidays.CHRISTMAS_DAY,
    "christmas eve": holidays.CHRISTMAS_EVE, "xmas eve": holidays.CHRISTMAS_EVE,
    "boxing day": holidays.BOXING_DAY, "new year's day": holidays.NEW_YEARS_DAY,
    "new years day": holidays.NEW_YEARS_DAY, "new year's eve": holidays.NEW_YEARS_EVE,
    "new years eve": holidays.NEW_YEARS_EVE, "valentine's day": holidays.VALENTINES_DAY,
    "valentines day": holidays.VALENTINES_DAY, "halloween": holidays.HALLOWEEN,
    "thanksgiving": holidays.THANKSGIVING, "thanksgiving day": holidays.THANKSGIVING,
    "black friday": holidays.BLACK_FRIDAY, "cyber monday": holidays.CYBER_MONDAY,
    "good friday": holidays.GOOD_FRIDAY, "easter sunday": holidays.EASTER_SUNDAY,
    "easter monday": holidays.EASTER_MONDAY, "singles' day": holidays.SINGLES_DAY,
    "singles day": holidays.SINGLES_DAY, "single's day": holidays.SINGLES_DAY,
    "double 11": holidays.SINGLES_DAY, "double 12": holidays.DOUBLE_TWELVE,
    "chinese new year's day": holidays.SPRING_FESTIVAL_DAY,
}  # fmt: skip
_VAGUE_DAYS: dict[str, tuple[Dated, Dated]] = {
    "christmas": (holidays.CHRISTMAS_DAY, holidays.CHRISTMAS_DAYS),
    "xmas": (holidays.CHRISTMAS_DAY, holidays.CHRISTMAS_DAYS),
    "easter": (holidays.EASTER_SUNDAY, holidays.EASTER_WEEKEND),
    "easter weekend": (holidays.EASTER_WEEKEND, holidays.EASTER_SUNDAY),
    "chinese new year": (holidays.SPRING_FESTIVAL, holidays.SPRING_FESTIVAL_DAY),
    "lunar new year": (holidays.SPRING_FESTIVAL, holidays.SPRING_FESTIVAL_DAY),
    "spring festival": (holidays.SPRING_FESTIVAL, holidays.SPRING_FESTIVAL_DAY),
    "golden week": (holidays.GOLDEN_WEEK, holidays.NATIONAL_DAY),
    "national day": (holidays.NATIONAL_DAY, holidays.GOLDEN_WEEK),
}
# What may follow a holiday that means the day: "easter egg", "halloween mug" are goods.
_DAY_FOLLOWS = (
    r"(?=\s*(?:$|[^\sa-z]|\d|(?:in|of|on|and|vs|versus|compared?|than|to|until|till|through|by|for|with|last|this|next|or|sales?|revenue|"
    r"turnover|orders?|net|gross|returns?|units|aov|be|bring|look|go|perform|make|sell|compare|will|rise|rose|fall|fell|grow|grew|increased?|decreased?|changed?|so|higher|lower|better|worse|were|was|did|do|does|is|are|we|how|what|against)\b))"
)


def _holiday(m: re.Match[str], _: Setting) -> Node | None:
    return open_unit(_DAYS[_squeeze(m["name"])])


def _holiday_week(m: re.Match[str], _: Setting) -> Node | None:
    dated = _DAYS[_squeeze(m["name"])]

    def at(year: int) -> Period | None:
        day = dated(year)
        return None if day is None else calendar.safe(lambda: unit(day.start, "week"))

    return open_unit(at)


def _vague_holiday(m: re.Match[str], _: Setting) -> Node | None:
    day, days = _VAGUE_DAYS[_squeeze(m["name"])]
    return open_unit(day, days, certainty=0.5, assumed="extent")


def _vague_by_order(m: re.Match[str], s: Setting) -> Node | None:
    day, days = _VAGUE_DAYS[_squeeze(m["name"])]
    node = open_unit(day, days, certainty=0.5, assumed="extent")
    year = s.today.year + (m["which"] == "next")
    this = day(year)
    if m["which"] == "last" and (this is None or this.end >= s.today):
        year -= 1
    return in_year(node, year, "left", named=False)


def _behind(words: str) -> str:
    """One of the words and a space, right before."""
    return "|".join(rf"(?<={word} )" for word in words.split())


def _squeeze(text: str) -> str:
    return re.sub(r"[\s-]+", " ", text)


def _names(table: dict[str, Dated] | dict[str, tuple[Dated, Dated]]) -> str:
    return "|".join(re.escape(name).replace(r"\ ", r"[\s-]+") for name in sorted(table, key=len, reverse=True))


RULES: tuple[Rule, ...] = (
    # Relative to today.
    rule(r"today", _day(0)),
    rule(r"(?:this (?:morning|afternoon|evening)|tonight)", _part_of_day(0)),
    rule(r"yesterday", _day(-1)),
    rule(r"last night", _part_of_day(-1)),
    rule(r"(?:the )?day before yesterday", _day(-2)),
    rule(r"tomorrow", _day(1)),
    rule(r"(?:the )?day after tomorrow", _day(2)),
    rule(
        r"(?P<which>last|this|next|previous|current|past|coming|upcoming)[\s-]*"
        rf"(?P<whole>(?:full|complete|calendar) )?{LONG_UNIT}",
        _unit_by_word,
    ),
    rule(rf"(?P<which>{LAST})[\s-]*{WHOLE}(?P<n>\d{{1,4}})[\s-]*{WHOLE_BEHIND}{UNIT}s?", _many_units),
    rule(rf"(?P<n>\d{{1,4}})\s+(?P<which>last|past|previous)\s+{WHOLE}{WHOLE_BEHIND}{UNIT}s", _many_units),
    rule(rf"(?:next|coming|following|upcoming)[\s-]*(?P<n>\d{{1,3}})[\s-]*{UNIT}s?", _next_units),
    rule(r"(?P<which>last|past|previous|next|coming) (?:half[\s-]year|half a year)", _half_year),
    rule(r"(?P<which>last|past|previous|next|coming) fortnight", _fortnight),
    rule(
        r"(?<!more than )(?<!less than )(?<!over )(?<!at least )(?<!longer than )(?<!within )"
        rf"(?P<n>\d{{1,4}}|an?)\s+{UNIT}s?\s+(?:ago|back)",
        _ago,
    ),
    rule(rf"(?:the )?{UNIT} before last", _before_last),
    rule(rf"(?:this |the )?{LONG_UNIT}(?:[\s-]+to[\s-]+date| so far)", _to_date),
    rule(rf"so far (?:in )?this {LONG_UNIT}", _to_date),
    rule(rf"(?:since|from) the (?:very )?(?:start|beginning) of (?:the|this) {LONG_UNIT}", _to_date),
    rule(r"(?P<short>mtd|ytd|qtd|wtd)", _to_date_short),
    rule(
        r"(?:of )?(?:all[\s-]time|ever|overall|to date|since we (?:started|opened|began)|since inception|"
        r"since (?:the )?launch|"
        r"(?:since|from) (?:the )?(?:very )?(?:beginning|start)(?! of)|across all (?:time|periods|years)|"
        r"(?:in|over) (?:the |our )?(?:whole|entire|total|full|all) (?:history|period|time))",
        all_time,
    ),
    rule(r"(?:the )?(?:rest|remainder)(?= of)", _rest_of),
    rule(rf"(?:the )(?P<which>last) {WHOLE}{LONG_UNIT}", _the_last_unit),
    rule(rf"(?:the )?(?P<which>latest|most recent) {WHOLE}{LONG_UNIT}", _latest_unit),
    rule(
        r"(?:this|the same) (?P<unit>day|time|week|month|quarter) (?P<back>last year|a year ago|1 year ago)",
        _same_last_year,
    ),
    rule(r"(?:1|a) year ago today|today last year", _same_last_year),
    rule(
        r"(?:the )?same (?:week)?day (?:(?:of )?(?:the )?(?:last|previous) (?P<unit>week|month)"
        r"|(?:a|1) (?P<ago>week|month) (?:ago|before|earlier))",
        _same_day_back,
    ),
    rule(r"(?:up )?(?:to|until|till) now|so far(?! (?:in )?this)", all_time),
    rule(r"the year", _the_year),
    rule(r"the (?P<unit>week|month|quarter)", _the_unit),
    # Months and days.
    rule(rf"(?P<month>{M})\.?", _month),
    rule(rf"(?P<month>{M})\.?(?:\s*'\s*|\s*-\s*|/)(?P<year>\d\d)", _month_short_year),
    rule(rf"(?P<month>{M})\.?\s*[-/_]\s*(?P<year>{YEAR})", _month_long_year),
    rule(rf"{NAMED}(?P<month>{M})\.?[\s-]*(?:the )?(?P<day>{D})(?P<th>{TH})(?P<comma>(?=,\s*{YEAR}))?", _month_day),
    rule(rf"{NAMED}(?:the )?(?P<day>{D}){TH}[\s-]*(?:day )?(?:of )?(?P<month>{M})\.?", _day_month),
    rule(rf"(?P<day>{D})-(?P<month>{M})-(?P<year>\d\d)", _day_month_short_year),
    rule(rf"(?P<day>{D}){TH}\s+(?:of )?(?P<month>{M})\.?\s*'(?P<year>\d\d)", _day_month_short_year),
    rule(rf"(?P<day>{D}){TH}[-/](?P<month>{M})[-/](?P<year>{YEAR})", _day_month_long_year),
    rule(rf"(?:the )?(?P<first>{D}){TH}{DASH}(?:the )?(?P<last>{D}){TH}\s*(?:of )?(?P<month>{M})\.?", _days_month),
    rule(rf"(?P<month>{M})\.?\s*(?:the )?(?P<first>{D}){TH}{DASH}(?:the )?(?P<last>{D}){TH}", _days_month),
    rule(
        rf"(?:{_behind('on since until from to and before after')})the (?P<day>{D})(?:st|nd|rd|th)"
        r"(?! (?:of|day|week|month|quarter|half|best|most))",
        _the_day,
    ),
    rule(r"(?:the )?(?P<about>early|mid|late|(?:end|start|beginning|middle) of)(?=[\s-])", _about),
    # Quarters, halves, weeks.
    rule(r"(?P<fiscal>(?:fiscal|fy|financial) )?(?:q|quarter )(?P<q>[1-4])", _quarter),
    rule(r"(?P<fiscal>fiscal|financial) (?:the )?(?P<q>[1-4])(?:st|nd|rd|th) quarter", _quarter),
    rule(r"(?P<fiscal>(?:fiscal|fy|financial) )?(?:h|half )(?P<h>[12])", _half),
    rule(
        rf"(?P<code>[qh])(?P<n>[1-4])(?:[\s'/-]*(?P<year>{YEAR})|(?:\s*['/-]\s*|\s+(?=[0-2]\d\W*$))(?P<short>\d\d))",
        _coded_quarter,
    ),
    rule(rf"(?P<n>[1-4])(?P<code>[qh])[\s'/-]*(?:(?P<year>{YEAR})|(?P<short>\d\d))", _coded_quarter),
    rule(rf"(?:(?P<year>{YEAR})|(?<!\d)(?P<short>\d\d))[\s'/-]*(?P<code>[qh])(?P<n>[1-4])", _coded_quarter),
    rule(r"(?:the )?(?P<h>1st|2nd) half(?: year)?", _ordinal_half),
    rule(
        rf"(?:fy|fiscal(?: year)?|financial year)\s*'?(?P<year>{YEAR}|\d\d)(?:[/-](?P<last>(?:20)?\d\d))?",
        _fiscal_year,
    ),
    rule(rf"(?:the )?(?P<year>{YEAR})(?:[/-](?P<last>(?:20)?\d\d))? (?:fiscal|financial) year", _fiscal_year),
    rule(r"(?P<which>this|last|next|current|previous) (?:fiscal|financial) year", _relative_fiscal),
    rule(r"(?:calendar |iso )?(?:(?:week|cw|kw)\s*(?:no\.?|number|#)?\s*|w)(?P<week>\d{1,2})", _week),
    rule(rf"(?P<year>{YEAR})\s*-?\s*w(?:eek)?\s*(?P<week>\d{{1,2}})", _iso_week),
    # Weekdays and weekends.
    rule(rf"(?:(?P<which>last|this|next|coming|past)\s*)?(?P<weekday>{W})", _weekday),
    rule(r"(?P<which>last|this|next|past|previous)\s*weekend", _weekend),
    # Parts of something longer.
    rule(
        r"(?:the )?(?:very )?(?P<nth>\d{1,2}(?:st|nd|rd|th)|last|final) (?:full )?"
        rf"(?P<part>day|week|month|quarter|{W})",
        _nth_part,
    ),
    rule(rf"(?:the )?(?P<end>1st|initial|final) (?P<n>\d{{1,3}})[\s-]*{UNIT}s", _many_of),
    rule(
        r"(?:the )?(?:week (?:of|commencing|starting|beginning|from|containing|(?P<ending>ending))|w/c|w/b)(?: on)?",
        _week_of,
    ),
    rule(rf"(?:the )?(?P<n>\d{{1,3}})[\s-]*{UNIT}s? (?:to|ending|ended|up to|until)(?: (?:in|on))?", _many_to),
    rule(
        rf"(?:the )?(?:(?:previous |last |past )?(?P<n>\d{{1,3}}|an?) )?{UNIT}s? "
        rf"(?P<way>before|after|following|leading up to|previous to)(?: the)?(?=\s+[{LETTER}])",
        _units_beside,
    ),
    # Holidays.
    rule(rf"(?P<name>{_names(_DAYS)}){_DAY_FOLLOWS}", _holiday),
    rule(rf"(?:the )?(?P<name>{_names(_DAYS)}) week", _holiday_week),
    rule(
        rf"(?:{_behind('on at over during since until before after in for around')})"
        rf"(?:the )?(?P<name>{_names(_VAGUE_DAYS)}){_DAY_FOLLOWS}",
        _vague_holiday,
    ),
    rule(rf"(?P<name>{_names(_VAGUE_DAYS)})(?=\s+{YEAR}{RIGHT})", _vague_holiday),
    rule(
        rf"(?P<which>last|this|next|past|previous)\s+(?:(?P<month>{M})|q(?P<q>[1-4])|(?P<name>{_names(_DAYS)}))",
        _unit_by_order,
    ),
    rule(rf"(?P<which>last|this|next) (?P<name>{_names(_VAGUE_DAYS)}){_DAY_FOLLOWS}", _vague_by_order),
)
