"""English words for days of a week that is named beside them, for weekends, and for a running month."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from bot.understanding.periods import calendar, holidays
from bot.understanding.periods.english import DASH, YEAR, D, M, month_number, rule
from bot.understanding.periods.node import Node, Rule, Setting, fixed, nowhere, open_unit
from bot.understanding.periods.readings import month_node
from tools.semantic.periods import Period, shift, unit

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?)\.?"
_WEEKS = {"last": -1, "previous": -1, "past": -1, "this": 0, "current": 0, "next": 1, "coming": 1}
_ORDER = "(?P<which>last|previous|past|this|current|next|coming)"
_WHICH = f"(?:the )?{_ORDER} week"
_TWO_READINGS = {
    "mother": (holidays.MOTHERS_DAY, holidays.MOTHERING_SUNDAY),
    "father": (holidays.FATHERS_DAY, holidays.FATHERS_DAY),
}


def _days_of_week(m: re.Match[str], s: Setting) -> Node | None:
    """ "Tuesday last week", "last week's Tuesday", "Monday to Wednesday of this week"."""
    weeks = _WEEKS[m["which"]]
    first = calendar.weekday(s.today, _DAYS.index(m["first"][:3]), weeks)
    last = first if m["last"] is None else calendar.weekday(s.today, _DAYS.index(m["last"][:3]), weeks)
    period = calendar.between(first, last)
    if period is None:
        return None
    return replace(fixed(period), ranged=True) if m["last"] else fixed(period)


def _weekend_of(_: re.Match[str], __: Setting) -> Node | None:
    """ "The weekend of 7 November": of the week that holds the day."""

    def part(day: Period) -> Period | None:
        if day.days != 1:
            return None
        return calendar.safe(
            lambda: Period(unit(day.start, "week").end - timedelta(days=1), unit(day.start, "week").end)
        )

    return Node(nowhere, part=part, part_only=True)


def _nth_weekend(m: re.Match[str], _: Setting) -> Node | None:
    """ "The first weekend of October": its Saturday falls in the month."""
    n = -1 if m["nth"] in ("last", "final") else int(m["nth"][0])

    def part(container: Period) -> Period | None:
        saturday = calendar.nth_weekday_of(container, 5, n)
        return None if saturday is None else Period(saturday.start, saturday.end + timedelta(days=1))

    return Node(nowhere, part=part, part_only=True)


def _weekend_before_last(_: re.Match[str], s: Setting) -> Node | None:
    return fixed(calendar.between(calendar.weekday(s.today, 5, -2), calendar.weekday(s.today, 6, -2)))


def _year_so_far(m: re.Match[str], s: Setting) -> Node | None:
    """ "2011 so far" ends today where 2011 runs; of another year it is all there was."""
    year = int(m["year"])
    period = calendar.so_far(s.today, "year") if year == s.today.year else calendar.a_year(year)
    return replace(fixed(period), year=year, named_year=True)


def _month_so_far(m: re.Match[str], s: Setting) -> Node | None:
    """ "November so far" ends today where November runs; of another month it is all there was."""
    number = month_number(m["month"])
    return fixed(calendar.so_far(s.today, "month")) if number == s.today.month else month_node(number)


def _day_of_two(m: re.Match[str], _: Setting) -> Node | None:
    """Mother's Day is in May, or three weeks before Easter in Britain."""
    day, other = _TWO_READINGS[m["whose"]]
    return open_unit(day) if day is other else open_unit(day, other, certainty=0.5, assumed="reading")


def _day_of_month(m: re.Match[str], s: Setting) -> Node | None:
    """ "The 25th of last month"."""
    month = calendar.the_unit(s.today, "month", _WEEKS[m["which"]])
    if month is None:
        return None
    return fixed(calendar.a_day(month.start.year, month.start.month, int(m["day"])))


def _day_last_year(m: re.Match[str], s: Setting) -> Node | None:
    """ "Yesterday last year"."""
    day = s.today if m["day"] == "today" else s.today - timedelta(days=1)
    return fixed(calendar.safe(lambda: unit(shift(day, "year", -1), "day")))


RULES: tuple[Rule, ...] = (
    rule(rf"(?P<first>{_DAY})(?:{DASH}(?P<last>{_DAY}))?,? (?:(?:of|in) )?{_WHICH}", _days_of_week),
    rule(rf"{_WHICH}(?:'s|s')? (?P<first>{_DAY})(?:{DASH}(?P<last>{_DAY}))?", _days_of_week),
    rule(r"(?:the )?weekend (?:of|starting|beginning|from)(?: on)?(?: the)?", _weekend_of),
    rule(r"(?:the )?(?P<nth>[1-5](?:st|nd|rd|th)|last|final) weekend(?= (?:of|in))", _nth_weekend),
    rule(r"(?:the )?weekend before last", _weekend_before_last),
    rule(rf"(?P<year>{YEAR}) so far", _year_so_far),
    rule(rf"(?P<month>{M})\.? (?:so far|to date)", _month_so_far),
    rule(rf"the (?P<day>{D})(?:st|nd|rd|th) (?:of )?{_ORDER} month", _day_of_month),
    rule(r"(?P<day>yesterday|today) (?:of )?(?:last year|(?:a|1) year ago)", _day_last_year),
    rule(r"(?P<whose>mother|father)'?s'? day", _day_of_two),
)
