"""Days and seasons with a name that sets their dates, by year."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

from bot.understanding.periods.calendar import a_day, days_of_month, safe
from tools.semantic.periods import Period, unit

Dated = Callable[[int], Period | None]

# First day of the first lunar month, as published by the Purple Mountain Observatory (month, day).
_NEW_YEAR: dict[int, tuple[int, int]] = {
    2000: (2, 5), 2001: (1, 24), 2002: (2, 12), 2003: (2, 1), 2004: (1, 22), 2005: (2, 9), 2006: (1, 29),
    2007: (2, 18), 2008: (2, 7), 2009: (1, 26), 2010: (2, 14), 2011: (2, 3), 2012: (1, 23), 2013: (2, 10),
    2014: (1, 31), 2015: (2, 19), 2016: (2, 8), 2017: (1, 28), 2018: (2, 16), 2019: (2, 5), 2020: (1, 25),
    2021: (2, 12), 2022: (2, 1), 2023: (1, 22), 2024: (2, 10), 2025: (1, 29), 2026: (2, 17), 2027: (2, 6),
    2028: (1, 26), 2029: (2, 13), 2030: (2, 3), 2031: (1, 23), 2032: (2, 11), 2033: (1, 31), 2034: (2, 19),
    2035: (2, 8),
}  # fmt: skip
# The fifth day of the fifth lunar month, and the fifteenth of the eighth.
_DRAGON_BOAT: dict[int, tuple[int, int]] = {
    2000: (6, 6), 2001: (6, 25), 2002: (6, 15), 2003: (6, 4), 2004: (6, 22), 2005: (6, 11), 2006: (5, 31), 2007:
    (6, 19), 2008: (6, 8), 2009: (5, 28), 2010: (6, 16), 2011: (6, 6), 2012: (6, 23), 2013: (6, 12), 2014: (6,
    2), 2015: (6, 20), 2016: (6, 9), 2017: (5, 30), 2018: (6, 18), 2019: (6, 7), 2020: (6, 25), 2021: (6, 14),
    2022: (6, 3), 2023: (6, 22), 2024: (6, 10), 2025: (5, 31), 2026: (6, 19), 2027: (6, 9), 2028: (5, 28), 2029:
    (6, 16), 2030: (6, 5), 2031: (6, 24), 2032: (6, 12), 2033: (6, 1), 2034: (6, 20), 2035: (6, 10),
}  # fmt: skip
_MID_AUTUMN: dict[int, tuple[int, int]] = {
    2000: (9, 12), 2001: (10, 1), 2002: (9, 21), 2003: (9, 11), 2004: (9, 28), 2005: (9, 18), 2006: (10, 6),
    2007: (9, 25), 2008: (9, 14), 2009: (10, 3), 2010: (9, 22), 2011: (9, 12), 2012: (9, 30), 2013: (9, 19),
    2014: (9, 8), 2015: (9, 27), 2016: (9, 15), 2017: (10, 4), 2018: (9, 24), 2019: (9, 13), 2020: (10, 1),
    2021: (9, 21), 2022: (9, 10), 2023: (9, 29), 2024: (9, 17), 2025: (10, 6), 2026: (9, 25), 2027: (9, 15),
    2028: (10, 3), 2029: (9, 22), 2030: (9, 12), 2031: (10, 1), 2032: (9, 19), 2033: (9, 8), 2034: (9, 27),
    2035: (9, 16),
}  # fmt: skip


def _fixed(month: int, day: int) -> Dated:
    return lambda year: a_day(year, month, day)


def _lunar_new_year(offset: int, days: int, year: int) -> Period | None:
    if year not in _NEW_YEAR:
        return None
    month, day = _NEW_YEAR[year]
    first = date(year, month, day) + timedelta(days=offset)
    return Period(first, first + timedelta(days=days - 1))


def _thanksgiving(offset: int, year: int) -> Period | None:
    """The fourth Thursday of November, as in the United States, and days counted from it."""

    def build() -> Period:
        first = date(year, 11, 1)
        thursday = first + timedelta(days=(3 - first.weekday()) % 7 + 21)
        return unit(thursday + timedelta(days=offset), "day")

    return safe(build)


def _nth_sunday(month: int, n: int, year: int) -> Period | None:
    def build() -> Period:
        first = date(year, month, 1)
        return unit(first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (n - 1)), "day")

    return safe(build)


def _lunar(table: dict[int, tuple[int, int]], year: int) -> Period | None:
    return a_day(year, *table[year]) if year in table else None


def _clear_bright(year: int) -> Period | None:
    """Qingming, when the sun stands at 15°: by the usual formula for this century."""
    if not 2000 <= year < 2100:
        return None
    short = year % 100
    return a_day(year, 4, int(short * 0.2422 + 4.81) - short // 4)


def _easter_sunday(year: int) -> date:
    """Western Easter, by the anonymous Gregorian algorithm (Nature, 1876)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (a + 11 * h) // 319
    r = (2 * e + 2 * i - k - h + m + 32) % 7
    month = (h - m + r + 90) // 25
    return date(year, month, (h - m + r + month + 19) % 32)


def _easter(first: int, last: int, year: int) -> Period | None:
    return safe(
        lambda: Period(_easter_sunday(year) + timedelta(days=first), _easter_sunday(year) + timedelta(days=last))
    )


MOTHERS_DAY: Dated = partial(_nth_sunday, 5, 2)
FATHERS_DAY: Dated = partial(_nth_sunday, 6, 3)
CHRISTMAS_DAY = _fixed(12, 25)
CHRISTMAS_EVE = _fixed(12, 24)
BOXING_DAY = _fixed(12, 26)
NEW_YEARS_DAY = _fixed(1, 1)
NEW_YEARS_EVE = _fixed(12, 31)
VALENTINES_DAY = _fixed(2, 14)
WOMENS_DAY = _fixed(3, 8)
LABOUR_DAY = _fixed(5, 1)
CHILDRENS_DAY = _fixed(6, 1)
TEACHERS_DAY = _fixed(9, 10)
NATIONAL_DAY = _fixed(10, 1)
HALLOWEEN = _fixed(10, 31)
SINGLES_DAY = _fixed(11, 11)
DOUBLE_TWELVE = _fixed(12, 12)
MID_YEAR_SALE = _fixed(6, 18)
THANKSGIVING: Dated = partial(_thanksgiving, 0)
BLACK_FRIDAY: Dated = partial(_thanksgiving, 1)
CYBER_MONDAY: Dated = partial(_thanksgiving, 4)
EASTER_SUNDAY: Dated = partial(_easter, 0, 0)
MOTHERING_SUNDAY: Dated = partial(_easter, -21, -21)
EASTER_MONDAY: Dated = partial(_easter, 1, 1)
GOOD_FRIDAY: Dated = partial(_easter, -2, -2)
EASTER_WEEKEND: Dated = partial(_easter, -2, 1)
SPRING_FESTIVAL_DAY: Dated = partial(_lunar_new_year, 0, 1)
SPRING_FESTIVAL_EVE: Dated = partial(_lunar_new_year, -1, 1)
LANTERN_FESTIVAL: Dated = partial(_lunar_new_year, 14, 1)
DRAGON_BOAT_DAY: Dated = partial(_lunar, _DRAGON_BOAT)
MID_AUTUMN_DAY: Dated = partial(_lunar, _MID_AUTUMN)
CLEAR_BRIGHT_DAY: Dated = _clear_bright
# The statutory holiday of most years: New Year's Eve and the six days that follow.
SPRING_FESTIVAL: Dated = partial(_lunar_new_year, -1, 7)


def CHRISTMAS_DAYS(year: int) -> Period | None:  # noqa: N802 (one of a family of constants)
    return days_of_month(year, 12, 24, 26)


def GOLDEN_WEEK(year: int) -> Period | None:  # noqa: N802 (one of a family of constants)
    return days_of_month(year, 10, 1, 7)


def LABOUR_DAYS(year: int) -> Period | None:  # noqa: N802 (one of a family of constants)
    return days_of_month(year, 5, 1, 3)


def SINGLES_DAYS(year: int) -> Period | None:  # noqa: N802 (one of a family of constants)
    """The promotion around Singles' Day as most shops run it: 1 to 11 November."""
    return days_of_month(year, 11, 1, 11)


def MID_YEAR_DAYS(year: int) -> Period | None:  # noqa: N802 (one of a family of constants)
    return days_of_month(year, 6, 1, 18)
