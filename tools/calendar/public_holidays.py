"""Public holidays of a country, from the package `holidays`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any, NamedTuple

from tools.calendar.holiday_names import canonical, chinese, occasion_key
from tools.calendar.shipped import BY_KEY
from tools.messages import Label

# Days of one holiday stand at most so far apart: a weekend, which is free anyway, may lie between them.
LONGEST_GAP = timedelta(days=4)
# Where most of the country's people live, and the country as a whole keeps little in common.
_SUBDIVISION = {"GB": "ENG"}


class PublicHoliday(NamedTuple):
    """`key` is the shipped occasion that the holiday belongs to, or one of its own."""

    key: str
    label: Label
    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class CountryDays:
    """The nationwide days off of a country in a year: `weekend` as weekdays (Monday is 0).

    `worked` are the days of weekends that are worked to make up for a longer holiday.
    """

    holidays: frozenset[date]
    weekend: frozenset[int]
    worked: frozenset[date]


def knows_holidays(country: str) -> bool:
    """Whether the holidays of a country (ISO code) are known."""
    from holidays import list_supported_countries

    return country in list_supported_countries()


@cache
def country_days(country: str, year: int) -> CountryDays:
    """Day by day, where `public_holidays` gives whole stretches with the working days inside them.

    Raises NotImplementedError for countries that the package does not know.
    """
    found = _found(country, year)
    return CountryDays(frozenset(found), frozenset(found.weekend), frozenset(found.weekend_workdays))


@cache
def public_holidays(country: str, year: int) -> tuple[PublicHoliday, ...]:
    """The nationwide public holidays of a country (ISO code) in a year, in order of time.

    Substitutes and days moved to make a longer holiday belong to the holiday beside them. () for countries that the
    package does not know.
    """
    try:
        found = _found(country, year)
    except NotImplementedError:
        return ()
    named: dict[str, dict[date, str]] = {}  # key → its days, with what each is called
    moved: list[date] = []
    for day, written in sorted(found.items()):
        for name in written.split("; "):
            bare = canonical(name)
            if bare is None:
                moved.append(day)
            else:
                named.setdefault(occasion_key(bare, country), {})[day] = bare
    stretches = [stretch for key, days in named.items() for stretch in _stretches(key, days)]
    return tuple(sorted(_with_moved(stretches, moved), key=lambda one: (one.starts_on, one.key)))


def _found(country: str, year: int) -> Any:
    from holidays import country_holidays

    return country_holidays(country, subdiv=_SUBDIVISION.get(country), years=year, language="en_US", expand=False)


def _stretches(key: str, days: Mapping[date, str]) -> list[PublicHoliday]:
    found: list[PublicHoliday] = []
    for day, name in sorted(days.items()):
        if found and day - found[-1].ends_on <= LONGEST_GAP:
            found[-1] = found[-1]._replace(ends_on=day)
        else:
            found.append(PublicHoliday(key, _label(key, name), day, day))
    return found


def _label(key: str, name: str) -> Label:
    """As the country calls it, where that is known in Chinese too; else as the calendar calls the occasion."""
    zh = chinese(name)
    return BY_KEY[key].label if not zh and key in BY_KEY else Label(name, zh)


def _with_moved(stretches: list[PublicHoliday], moved: list[date]) -> list[PublicHoliday]:
    """The holidays, each reaching over the days off that were moved beside it."""
    for day in moved:
        near = [(_distance(one, day), at) for at, one in enumerate(stretches)]
        if near and min(near)[0] <= LONGEST_GAP.days:
            at = min(near)[1]
            one = stretches[at]
            stretches[at] = one._replace(starts_on=min(one.starts_on, day), ends_on=max(one.ends_on, day))
    return stretches


def _distance(one: PublicHoliday, day: date) -> int:
    if one.starts_on <= day <= one.ends_on:
        return 0
    return min(abs((one.starts_on - day).days), abs((one.ends_on - day).days))
