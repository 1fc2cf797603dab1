"""What time words mean, whichever language says them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Literal

from bot.understanding.periods import calendar
from bot.understanding.periods.node import Node, Setting, always, fixed, nowhere, open_unit
from tools.semantic.periods import Grain, Period, shift, unit


def span_back(s: Setting, grain: Grain, n: int, *, whole: bool) -> Node:
    """The last n units. Days end on today. Longer units are counted back from today, which is how analytics products
    read "last 3 months", unless whole ones are asked for; quarters are always whole."""
    rolling = calendar.rolling_back(s.today, grain, n)
    complete = calendar.last_units(s.today, grain, n)
    if whole:
        node = fixed(complete, rolling, certainty=0.8, assumed="complete_units")
    elif grain == "day":
        node = fixed(rolling)
    elif grain == "quarter":
        node = fixed(complete, rolling, certainty=0.8, assumed="complete_units")
    else:
        node = fixed(rolling, complete, certainty=0.8, assumed="rolling")
    return replace(node, counted=(grain, n))


def span_on(s: Setting, grain: Grain, n: int) -> Node:
    """The next n units, from tomorrow on."""
    rolling = calendar.rolling_on(s.today, grain, n)
    complete = calendar.next_units(s.today, grain, n)
    if grain == "day":
        return fixed(rolling)
    if grain == "quarter":
        return fixed(complete, rolling, certainty=0.8, assumed="complete_units")
    return fixed(rolling, complete, certainty=0.9, assumed="rolling")


def ago(s: Setting, grain: Grain, n: int) -> Node:
    """The day, or the calendar week, month, quarter or year, n units back."""
    back = calendar.the_unit(s.today, grain, -n)
    if grain == "day":
        return fixed(back)
    day = calendar.safe(lambda: unit(shift(s.today, grain, -n), "day"))
    return fixed(back, day, certainty=0.8 if grain == "week" else 0.9, assumed="reading")


def two_digit_year(text: str, s: Setting) -> int:
    """The year that two digits mean: not more than ten years ahead of today."""
    century = s.today.year // 100 * 100
    year = century + int(text)
    return year - 100 if year > s.today.year + 10 else year


def month_node(month: int) -> Node:
    return open_unit(lambda year: calendar.a_month(year, month))


def day_node(month: int, day: int) -> Node:
    return open_unit(lambda year: calendar.a_day(year, month, day))


def days_node(month: int, first: int, last: int) -> Node | None:
    if last < first:
        return None
    return replace(open_unit(lambda year: calendar.days_of_month(year, month, first, last)), ranged=True)


def bare_day(day: int, s: Setting, certainty: float) -> Node | None:
    """A day of an unsaid month: the latest there was."""

    def part(container: Period) -> Period | None:
        if calendar.whole_unit(container) != "month":
            return None
        return calendar.a_day(container.start.year, container.start.month, day)

    found: Period | None = None
    for back in range(4):
        month = calendar.the_unit(s.today, "month", -back)
        candidate = part(month) if month is not None else None
        if candidate is not None and candidate.start <= s.today:
            found = candidate
            break
    if found is None:
        return None
    return replace(fixed(found, certainty=certainty, assumed="month"), part=part, bare="month")


def quarter_node(number: int, s: Setting, *, fiscal: bool = False) -> Node:
    start = s.fiscal_year_start if fiscal else 1
    node = open_unit(lambda year: calendar.a_quarter(year, number, start))
    return mark_fiscal(node, s) if fiscal else node


def half_node(number: int, s: Setting, *, fiscal: bool = False) -> Node:
    start = s.fiscal_year_start if fiscal else 1
    node = replace(
        open_unit(lambda year: calendar.a_half(year, number, start)), part=lambda c: calendar.half_of(c, number)
    )
    return mark_fiscal(node, s) if fiscal else node


def mark_fiscal(node: Node, s: Setting) -> Node:
    return replace(node, certainty=0.9, assumed="fiscal_year") if s.fiscal_year_start > 1 else node


def fiscal_year(year: int, s: Setting) -> Node | None:
    period = calendar.months_of_year(year, 1, 12, s.fiscal_year_start)
    if period is None:
        return None
    node = replace(fixed(period), named_year=True)
    return replace(node, year=year) if s.fiscal_year_start == 1 else mark_fiscal(node, s)


def nth_part(grain: Grain, n: int) -> Node:
    """ "The first week of": seven days from its start; calendar weeks are the other reading."""

    def part(container: Period) -> Period | None:
        return calendar.nth_unit_of(container, grain, n)

    def calendar_week(container: Period) -> Period | None:
        edge = part(container)
        return None if edge is None else calendar.safe(lambda: unit(edge.start if n > 0 else edge.end, "week"))

    if grain == "week":
        return Node(nowhere, part=part, part_only=True, certainty=0.7, assumed="extent", part_other=calendar_week)
    return Node(nowhere, part=part, part_only=True)


def wish(grain: Grain, certainty: float = 1.0) -> Node:
    return Node(nowhere, kind="grain", grain=grain, certainty=certainty)


def baseline(
    which: Literal["previous_period", "year_ago"], grain: Grain | None = None, period: Period | None = None
) -> Node:
    return Node(always(period), kind="baseline", baseline=which, grain=grain)


def against(s: Setting, grain: Grain, *, counted: bool) -> Node:
    """ "vs last month". `counted`: the words name a range counted from today."""
    period = calendar.the_unit(s.today, grain, -1) if counted else None
    return baseline("year_ago" if grain == "year" else "previous_period", grain, period)


def previous_by(grain: Grain, offset: int) -> Node:
    """The range `offset` units from the one spoken of before; beside a single day, those right before or after it."""
    return Node(
        nowhere,
        kind="relative_to_previous",
        grain=grain,
        offset=offset,
        part=lambda c: calendar.beside(c, grain, offset),
        part_certainty=0.7,
    )


_THIRD = {"early": 1, "mid": 2, "late": 3}


def about(which: Literal["early", "mid", "late"]) -> Node:
    """ "Early November", "late 2010": no agreed limits, so hardly more than a guess."""

    def take(c: Period) -> Period | None:
        if calendar.whole_unit(c) == "month":
            return calendar.ten_days_of(c, _THIRD[which])
        if calendar.whole_unit(c) in ("year", "quarter"):
            third = 4 if calendar.whole_unit(c) == "year" else 1
            return calendar.safe(
                lambda: Period(
                    shift(c.start, "month", third * (_THIRD[which] - 1)),
                    shift(c.start, "month", third * _THIRD[which]) - timedelta(days=1),
                )
            )
        return None

    return Node(nowhere, part=take, part_other=lambda c: c, part_only=True, certainty=0.4, assumed="extent")


def bare_weekday(number: int, s: Setting) -> Node:
    """A weekday (Monday is 0) of an unsaid week: the latest there was; today only in doubt."""
    this, last = calendar.weekday(s.today, number, 0), calendar.weekday(s.today, number, -1)
    if number == s.today.weekday() and not s.future:
        node = fixed(this, last, certainty=0.7, assumed="reading")
    else:
        node = fixed(this if s.future or number < s.today.weekday() else last)

    def part(c: Period) -> Period | None:
        return calendar.weekday(c.start, number, 0) if calendar.whole_unit(c) == "week" else None

    return replace(node, part=part, bare="week")
