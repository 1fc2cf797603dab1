"""Where and on which days the trade keeps its occasions: country lists, days that move by rule, published dates."""

from __future__ import annotations

from datetime import date, timedelta

from tools.calendar import moving
from tools.calendar.occasions import Around

CHINESE = "CN HK MO TW"
SOUTHEAST = "SG MY TH VN PH ID"
WEST = (
    "US CA GB IE DE AT CH FR BE NL LU ES PT IT SE NO DK FI IS PL CZ SK HU SI HR RO BG GR CY MT EE LV LT AU NZ ZA BR MX "
    "AR CL CO PE"
)
MUSLIM = "AE SA KW QA BH OM EG JO LB MA DZ TN TR ID MY PK BD"
BLACK_FRIDAY = (
    "US CA:2008 MX:2011 BR:2010 GB:2013 IE:2013 DE:2013 AT:2013 ES:2012 FR:2014 IT:2014 PT:2014 NL:2015 BE:2015 "
    "CH:2015 SE:2013 DK:2013 NO:2013 FI:2013 IS:2013 PL:2014 CZ:2014 SK:2014 HU:2013 RO:2011 BG:2013 GR:2014 CY:2014 "
    "MT:2014 AU:2013 NZ:2014 ZA:2014 NG:2013 IN:2015 SG:2014 MY:2014 JP:2016 IL:2014 TR:2014 RU:2013 UA:2013"
)


def second_sunday_of_may(year: int) -> date:
    return moving.weekday_of_month(year, 5, 6, 2)


def first_sunday_of_may(year: int) -> date:
    return moving.weekday_of_month(year, 5, 6, 1)


def mothering_sunday(year: int) -> date:
    """The fourth Sunday of Lent: three weeks before Easter."""
    return moving.easter(year) - timedelta(days=21)


def french_mothers_day(year: int) -> date:
    """The last Sunday of May, or the first of June where that is Pentecost."""
    last = moving.weekday_of_month(year, 5, 6, -1)
    return last + timedelta(days=7) if last == moving.easter(year) + timedelta(days=49) else last


def swedish_mothers_day(year: int) -> date:
    return moving.weekday_of_month(year, 5, 6, -1)


def third_sunday_of_june(year: int) -> date:
    return moving.weekday_of_month(year, 6, 6, 3)


def black_friday(year: int) -> date:
    return moving.thanksgiving(year) + timedelta(days=1)


def cyber_monday(year: int) -> date:
    return moving.thanksgiving(year) + timedelta(days=4)


PRIME_DAYS: dict[int, tuple[str, str] | None] = {
    2015: ("2015-07-15", "2015-07-15"),
    2016: ("2016-07-12", "2016-07-12"),
    2017: ("2017-07-10", "2017-07-11"),
    2018: ("2018-07-16", "2018-07-17"),
    2019: ("2019-07-15", "2019-07-16"),
    2020: ("2020-10-13", "2020-10-14"),
    2021: ("2021-06-21", "2021-06-22"),
    2022: ("2022-07-12", "2022-07-13"),
    2023: ("2023-07-11", "2023-07-12"),
    2024: ("2024-07-16", "2024-07-17"),
    2025: ("2025-07-08", "2025-07-11"),
}
AUTUMN_PRIME_DAYS: dict[int, tuple[str, str] | None] = {
    2022: ("2022-10-11", "2022-10-12"),
    2023: ("2023-10-10", "2023-10-11"),
    2024: ("2024-10-08", "2024-10-09"),
    2025: ("2025-10-07", "2025-10-08"),
}
MOTHERS_DAY: tuple[Around, ...] = (("warm-up", -14, -3), ("burst", -2, 0))
FATHERS_DAY: tuple[Around, ...] = (("warm-up", -10, -3), ("burst", -2, 0))
