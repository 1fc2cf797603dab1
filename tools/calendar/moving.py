"""Days that move from year to year: Easter, the lunar year's, weekdays of a month.

Lunar, Islamic and Hindu days come from the tables of the package `holidays`, which takes a third of a second to import
and is imported when one of them is first asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache


def easter(year: int) -> date:
    """Easter Sunday of the western churches, by the anonymous Gregorian algorithm (Meeus, Jones and Butcher)."""
    golden, (century, rest) = year % 19, divmod(year, 100)
    leap, odd = divmod(century, 4)
    epact = (19 * golden + century - leap - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    quarter, left = divmod(rest, 4)
    weekday = (32 + 2 * odd + 2 * quarter - epact - left) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def weekday_of_month(year: int, month: int, weekday: int, nth: int) -> date:
    """The nth of a weekday (Monday is 0) in a month; -1 is the last."""
    if nth > 0:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
    following = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return following - timedelta(days=(following.weekday() - weekday) % 7 + 7 * (-nth - 1))


def thanksgiving(year: int) -> date:
    """Thanksgiving of the United States: the fourth Thursday of November."""
    return weekday_of_month(year, 11, 3, 4)


@cache
def lunar_new_year(year: int) -> date | None:
    """The first day of the Chinese calendar's year; None beyond the tables (1901 to 2099)."""
    from holidays.calendars.chinese import _ChineseLunisolar

    return _ChineseLunisolar().lunar_new_year_date(year)[0]


@cache
def mid_autumn(year: int) -> date | None:
    """The fifteenth of the Chinese calendar's eighth month."""
    from holidays.calendars.chinese import _ChineseLunisolar

    return _ChineseLunisolar().mid_autumn_date(year)[0]


@cache
def dragon_boat(year: int) -> date | None:
    """The fifth of the Chinese calendar's fifth month."""
    from holidays.calendars.chinese import _ChineseLunisolar

    return _ChineseLunisolar().dragon_boat_date(year)[0]


@cache
def diwali(year: int) -> date | None:
    """Diwali as India keeps it."""
    from holidays.calendars.hindu import _HinduLunisolar

    return _HinduLunisolar().diwali_india_date(year)[0]


@cache
def ramadan(year: int) -> tuple[date, ...]:
    """First days of Ramadan in a Gregorian year (two in some); future ones are computed, not sighted."""
    from holidays.calendars.islamic import _IslamicLunar

    return _of_year(year, _IslamicLunar().ramadan_beginning_dates(year))


@cache
def eid_al_fitr(year: int) -> tuple[date, ...]:
    """First days of Eid al-Fitr in a Gregorian year."""
    from holidays.calendars.islamic import _IslamicLunar

    return _of_year(year, _IslamicLunar().eid_al_fitr_dates(year))


@cache
def eid_al_adha(year: int) -> tuple[date, ...]:
    """First days of Eid al-Adha in a Gregorian year."""
    from holidays.calendars.islamic import _IslamicLunar

    return _of_year(year, _IslamicLunar().eid_al_adha_dates(year))


def _of_year(year: int, found: Iterable[tuple[date, bool]]) -> tuple[date, ...]:
    # The tables give the year before as well.
    return tuple(sorted(day for day, _estimated in found if day.year == year))
