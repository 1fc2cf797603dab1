"""Calendar units by number. Each function gives None where the calendar has no such day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from tools.semantic.periods import MONTHS_IN, Grain, Period, shift, unit

if TYPE_CHECKING:
    from collections.abc import Callable

MIN_YEAR, MAX_YEAR = 1, 9998


def safe(build: Callable[[], Period]) -> Period | None:
    """What `build` gives, or None where it leaves the calendar."""
    try:
        return build()
    except (ValueError, OverflowError):
        return None


def whole_unit(period: Period) -> Grain | None:
    """The grain that a period is one unit of; None as well where the units around it leave the calendar."""
    try:
        return period.whole()
    except (ValueError, OverflowError):
        return None


def a_day(year: int, month: int, day: int) -> Period | None:
    return safe(lambda: unit(date(year, month, day), "day"))


def a_month(year: int, month: int) -> Period | None:
    return safe(lambda: unit(date(year, month, 1), "month"))


def a_year(year: int) -> Period | None:
    return safe(lambda: unit(date(year, 1, 1), "year")) if MIN_YEAR <= year <= MAX_YEAR else None


def a_quarter(year: int, number: int, fiscal_year_start: int = 1) -> Period | None:
    """Quarter `number` of a year that begins in month `fiscal_year_start` and is named after the year it ends in."""
    return months_of_year(year, 3 * number - 2, 3 * number, fiscal_year_start)


def a_half(year: int, number: int, fiscal_year_start: int = 1) -> Period | None:
    return months_of_year(year, 6 * number - 5, 6 * number, fiscal_year_start)


def months_of_year(year: int, first: int, last: int, fiscal_year_start: int = 1) -> Period | None:
    """From the first to the last given month of a year, counted from 1 at the start of that (fiscal) year."""
    if not 1 <= first <= last <= 12:
        return None

    def build() -> Period:
        begin = date(year - (fiscal_year_start > 1), fiscal_year_start, 1)
        return Period(shift(begin, "month", first - 1), shift(begin, "month", last) - timedelta(days=1))

    return safe(build)


def a_week(year: int, number: int) -> Period | None:
    """ISO week `number` of `year`."""
    return safe(lambda: unit(date.fromisocalendar(year, number, 1), "week"))


def days_of_month(year: int, month: int, first: int, last: int) -> Period | None:
    return safe(lambda: Period(date(year, month, first), date(year, month, last)))


def between(first: Period | None, last: Period | None) -> Period | None:
    """From the start of the one to the end of the other; None where that runs backwards."""
    if first is None or last is None or last.end < first.start:
        return None
    return Period(first.start, last.end)


def last_units(today: date, grain: Grain, n: int) -> Period | None:
    """The n whole calendar units before the one that holds `today`."""
    if n < 1:
        return None
    here = safe(lambda: unit(today, grain))
    return None if here is None else safe(lambda: Period(shift(here.start, grain, -n), here.start - timedelta(days=1)))


def next_units(today: date, grain: Grain, n: int) -> Period | None:
    """The n whole calendar units after the one that holds `today`."""
    if n < 1:
        return None
    return safe(lambda: Period(unit(today, grain).end + timedelta(days=1), _minus_day(unit(today, grain), grain, n)))


def _minus_day(here: Period, grain: Grain, n: int) -> date:
    following = here.end + timedelta(days=1)
    return shift(following, grain, n) - timedelta(days=1)


def rolling_back(today: date, grain: Grain, n: int) -> Period | None:
    """n units back from today, today included: "last 30 days". Up to the last day of a month, months are whole."""
    if n < 1:
        return None
    if grain not in ("day", "week") and today == unit(today, "month").end:
        return safe(lambda: Period(shift(unit(today, "month").start, "month", 1 - n * MONTHS_IN[grain]), today))
    return safe(lambda: Period(shift(today, grain, -n) + timedelta(days=1), today))


def rolling_on(today: date, grain: Grain, n: int) -> Period | None:
    """n units on from tomorrow: "next 4 weeks". From the last day of a month on, months are whole."""
    tomorrow = today + timedelta(days=1)
    return safe(lambda: Period(tomorrow, shift(tomorrow, grain, n) - timedelta(days=1))) if n > 0 else None


def the_unit(today: date, grain: Grain, offset: int) -> Period | None:
    """The calendar unit `offset` units from the one that holds `today`, whole."""
    return safe(lambda: unit(shift(unit(today, grain).start, grain, offset), grain))


def so_far(today: date, grain: Grain) -> Period:
    """From the start of today's unit to today."""
    return Period(unit(today, grain).start, today) if today.year <= MAX_YEAR else Period(today, today)


def weekday(today: date, number: int, weeks: int) -> Period | None:
    """Weekday `number` (Monday is 0) of the week `weeks` from this one."""
    return safe(lambda: unit(today - timedelta(days=today.weekday() - number - 7 * weeks), "day"))


def first_units_of(container: Period, grain: Grain, n: int) -> Period | None:
    """The first n days, weeks, months or quarters of a period; None where it is shorter."""
    if n < 1:
        return None
    found = safe(lambda: Period(container.start, shift(container.start, grain, n) - timedelta(days=1)))
    return found if found is not None and container.contains(found) else None


def is_units(period: Period, grain: Grain, n: int) -> bool:
    """Whether a period is n days, weeks, months … long, wherever it begins."""
    return first_units_of(period, grain, n) == period


def last_units_of(container: Period, grain: Grain, n: int) -> Period | None:
    if n < 1:
        return None
    found = safe(lambda: Period(shift(container.end + timedelta(days=1), grain, -n), container.end))
    return found if found is not None and container.contains(found) else None


def nth_unit_of(container: Period, grain: Grain, n: int) -> Period | None:
    """The n-th day, month or quarter, or seven days, of a period; counted from its end where n is negative."""
    many = first_units_of(container, grain, n) if n > 0 else last_units_of(container, grain, -n)
    if many is None:
        return None
    if abs(n) == 1:
        return many
    if n > 0:
        return safe(lambda: Period(shift(many.end + timedelta(days=1), grain, -1), many.end))
    return safe(lambda: Period(many.start, shift(many.start, grain, 1) - timedelta(days=1)))


def nth_weekday_of(container: Period, number: int, n: int) -> Period | None:
    """The n-th Monday (0) to Sunday (6) of a period; the last where n is -1."""

    def build() -> Period:
        if n > 0:
            first = container.start + timedelta(days=(number - container.start.weekday()) % 7)
            return unit(first + timedelta(weeks=n - 1), "day")
        last = container.end - timedelta(days=(container.end.weekday() - number) % 7)
        return unit(last + timedelta(weeks=n + 1), "day")

    found = safe(build)
    return found if found is not None and container.contains(found) else None


def half_of(container: Period, number: int) -> Period | None:
    """The first (1) or second (2) half of a month (to the 15th) or a year (to June)."""
    whole = whole_unit(container)
    if whole == "month":
        if number == 1:
            return Period(container.start, container.start.replace(day=15))
        return Period(container.start.replace(day=16), container.end)
    if whole == "year":
        return a_half(container.start.year, number)
    return None


def ten_days_of(container: Period, number: int) -> Period | None:
    """The first, second or last third of a month: days 1 to 10, 11 to 20, 21 to the end (上旬, 中旬, 下旬)."""
    if whole_unit(container) != "month":
        return None
    first = container.start
    if number == 3:
        return Period(first.replace(day=21), container.end)
    return Period(first.replace(day=10 * number - 9), first.replace(day=10 * number))


def beside(day: Period, grain: Grain, n: int) -> Period | None:
    """n units right before (negative) or after a single day: "the week before Christmas"."""
    if day.days != 1 or n == 0:
        return None
    if n < 0:
        return safe(lambda: Period(shift(day.start, grain, n), day.start - timedelta(days=1)))
    return safe(lambda: Period(day.end + timedelta(days=1), shift(day.end, grain, n)))


def rest_of(container: Period, today: date) -> Period | None:
    """What of a period lies after today."""
    if not container.start <= today < container.end:
        return None
    return Period(today + timedelta(days=1), container.end)
