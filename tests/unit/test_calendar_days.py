"""The shipped calendar's days against published ones."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest

from tools.calendar import moving
from tools.calendar.events import PHASES
from tools.calendar.occasions import Stage, name_key, occasion_of, occasions_named, spoken_names, without_year
from tools.calendar.public_holidays import public_holidays
from tools.calendar.shipped import BY_KEY, OCCASIONS
from tools.warehouse.demo import seasons

YEARS = range(2005, 2041)
COUNTRIES = ("CN", "US", "GB", "DE", "FR", "JP", "SG", "MY", "IN", "AE", "KR", "BR", "AU", "CA", "MX", "SE", "ES", "PL")


def main_days(key: str, country: str, year: int) -> list[tuple[str, str]]:
    """First and last day of each burst, or of what has no phase."""
    stages = BY_KEY[key].stages(country, year)
    bursts = [stage for stage in stages if stage[0] == "burst"] or [stage for stage in stages if stage[0] is None]
    return [(f"{first:%m-%d}", f"{last:%m-%d}") for _phase, first, last in bursts]


@pytest.mark.parametrize(
    ("year", "day"),
    [
        # Hong Kong Observatory, Gregorian-Lunar calendar conversion tables.
        (2010, "02-14"), (2011, "02-03"), (2012, "01-23"), (2015, "02-19"), (2017, "01-28"), (2020, "01-25"),
        (2023, "01-22"), (2024, "02-10"), (2025, "01-29"), (2026, "02-17"), (2028, "01-26"), (2030, "02-03"),
    ],
)  # fmt: skip
def test_lunar_new_year(year: int, day: str) -> None:
    assert moving.lunar_new_year(year) == date.fromisoformat(f"{year}-{day}")
    assert (
        main_days("spring-festival", "CN", year)[0][0] == f"{date.fromisoformat(f'{year}-{day}') - timedelta(1):%m-%d}"
    )


def test_the_demo_stores_lunar_days_are_the_same() -> None:
    assert {year: moving.lunar_new_year(year) for year in seasons.SPRING_FESTIVAL} == seasons.SPRING_FESTIVAL
    assert {year: moving.mid_autumn(year) for year in seasons.MID_AUTUMN} == seasons.MID_AUTUMN


@pytest.mark.parametrize(
    ("year", "day"), [(2011, "09-12"), (2020, "10-01"), (2023, "09-29"), (2025, "10-06"), (2026, "09-25")]
)
def test_mid_autumn(year: int, day: str) -> None:
    assert moving.mid_autumn(year) == date.fromisoformat(f"{year}-{day}")


@pytest.mark.parametrize(
    ("year", "day"),
    # United States Naval Observatory, dates of Easter Sunday; 1818 has its earliest day, 1943 and 2038 its latest.
    [
        (1818, "03-22"),
        (1943, "04-25"),
        (2008, "03-23"),
        (2011, "04-24"),
        (2024, "03-31"),
        (2025, "04-20"),
        (2038, "04-25"),
    ],
)
def test_easter(year: int, day: str) -> None:
    assert moving.easter(year) == date.fromisoformat(f"{year}-{day}")


@pytest.mark.parametrize(
    ("year", "friday", "monday"),
    [(2009, "11-27", "11-30"), (2013, "11-29", "12-02"), (2019, "11-29", "12-02"), (2024, "11-29", "12-02"),
     (2025, "11-28", "12-01"), (2026, "11-27", "11-30")],
)  # fmt: skip
def test_black_friday_and_cyber_monday(year: int, friday: str, monday: str) -> None:
    assert main_days("black-friday", "US", year) == [(friday, friday)]
    assert main_days("cyber-monday", "US", year) == [(monday, monday)]
    assert f"{moving.thanksgiving(year) + timedelta(1):%m-%d}" == friday


def test_black_friday_came_to_europe_later() -> None:
    assert not main_days("black-friday", "GB", 2011)
    assert not main_days("black-friday", "DE", 2012)
    assert main_days("black-friday", "GB", 2014)
    assert main_days("black-friday", "FR", 2015)


@pytest.mark.parametrize(
    ("country", "year", "day"),
    [
        ("GB", 2011, "04-03"), ("GB", 2024, "03-10"), ("GB", 2025, "03-30"), ("GB", 2026, "03-15"),
        ("US", 2011, "05-08"), ("US", 2024, "05-12"), ("US", 2026, "05-10"), ("DE", 2025, "05-11"),
        ("FR", 2024, "05-26"), ("FR", 2020, "06-07"), ("FR", 2023, "06-04"), ("SE", 2024, "05-26"),
        ("ES", 2024, "05-05"), ("PL", 2024, "05-26"), ("MX", 2024, "05-10"),
    ],
)  # fmt: skip
def test_mothers_day(country: str, year: int, day: str) -> None:
    assert main_days("mothers-day", country, year)[-1][1] == day


@pytest.mark.parametrize(
    ("country", "year", "days"),
    [
        ("US", 2014, []), ("US", 2015, [("07-15", "07-15")]), ("GB", 2016, [("07-12", "07-12")]),
        ("US", 2018, [("07-16", "07-17")]), ("US", 2019, [("07-15", "07-16")]), ("US", 2020, [("10-13", "10-14")]),
        ("US", 2021, [("06-21", "06-22")]), ("CA", 2021, []), ("US", 2022, [("07-12", "07-13")]),
        ("US", 2023, [("07-11", "07-12")]), ("US", 2024, [("07-16", "07-17")]), ("DE", 2025, [("07-08", "07-11")]),
        ("IN", 2020, [("08-06", "08-07")]), ("AU", 2017, []), ("US", 2040, []),
    ],
)  # fmt: skip
def test_prime_day_by_its_published_dates(country: str, year: int, days: list[tuple[str, str]]) -> None:
    assert main_days("prime-day", country, year) == days


def test_platform_festivals_since_their_first_year() -> None:
    assert not BY_KEY["double-11"].stages("CN", 2008)
    assert main_days("double-11", "CN", 2009) == [("11-11", "11-11")]
    assert main_days("double-11", "CN", 2023) == [("11-01", "11-03"), ("11-10", "11-11")]
    assert not BY_KEY["double-11"].stages("GB", 2023)
    assert not BY_KEY["double-12"].stages("CN", 2011)
    assert main_days("double-12", "CN", 2012) == [("12-12", "12-12")]
    assert not BY_KEY["618"].stages("CN", 2009)
    assert main_days("618", "CN", 2024)[-1] == ("06-15", "06-18")


@pytest.mark.parametrize(
    ("country", "year", "key", "days"),
    [
        ("CN", 2026, "tomb-sweeping-day", ("04-05", "04-06")),
        ("GB", 2011, "late-summer-bank-holiday-gb", ("08-29", "08-29")),
        ("US", 2025, "independence-day-us", ("07-04", "07-04")),
        ("DE", 2025, "german-unity-day-de", ("10-03", "10-03")),
        ("JP", 2026, "respect-for-the-aged-day-jp", ("09-21", "09-22")),
    ],
)
def test_public_holidays(country: str, year: int, key: str, days: tuple[str, str]) -> None:
    found = {one.key: one for one in public_holidays(country, year)}
    assert (f"{found[key].starts_on:%m-%d}", f"{found[key].ends_on:%m-%d}") == days
    assert found[key].label.zh


def test_a_country_that_nobody_knows_has_no_public_holidays() -> None:
    assert public_holidays("XX", 2026) == ()


def _no_overlap(stages: tuple[Stage, ...]) -> bool:
    return all(earlier[2] < later[1] for earlier, later in itertools.pairwise(stages))


@pytest.mark.parametrize("key", BY_KEY)
def test_phases_stand_in_order_and_never_overlap(key: str) -> None:
    seen = 0
    for country in COUNTRIES:
        for year in YEARS:
            stages = BY_KEY[key].stages(country, year)
            assert all(first <= last for _phase, first, last in stages)
            if key not in ("ramadan", "eid-al-fitr", "eid-al-adha"):  # twice in some years
                assert _no_overlap(stages), (country, year)
            phases = [phase for phase, _first, _last in stages]
            if "burst" in phases:
                assert "warm-up" not in phases[phases.index("burst") :]
            if "extension" in phases:
                assert phases[-1] == "extension"
            assert set(phases) <= {None, *PHASES}
            seen += len(stages)
    assert seen


def test_occasions_are_named_in_both_languages_and_told_apart() -> None:
    assert len(BY_KEY) == len(OCCASIONS)
    for occasion in OCCASIONS:
        assert occasion.label.en
        assert occasion.label.zh
    for name, english in spoken_names().items():
        assert occasions_named(name)[0] == occasions_named(english)[0], name


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("618 2026", "618"), ("2026年618大促", "618"), ("Singles' Day (Double 11) 2026", "double-11"),
        ("2025双11", "double-11"), ("双十一", "double-11"), ("11.11", "double-11"),
        ("2026年货节", "spring-festival-shopping"),
        ("2026春节", "spring-festival"), ("Black Friday and Cyber Monday 2026", "black-friday"),
        ("黑五", "black-friday"),
        ("BLACK FRIDAY sale", "black-friday"), ("Mother’s Day", "mothers-day"), ("Christmas", "christmas"),
        ("Christmas holidays 2026", "christmas-holidays"), ("Spring Sale 2027", "spring-sale"),
        ("春季大促", "春季大促"),
        ("Double 11 VIP preview", "double-11-vip-preview"),
    ],
)  # fmt: skip
def test_a_name_stands_for_the_same_occasion_every_year(name: str, key: str) -> None:
    assert occasion_of(name) == key
    assert occasion_of(without_year(name)) == key


def test_names_are_compared_without_year_case_and_width() -> None:
    assert name_key("Ｓpring  SALE 2027") == name_key("spring sale")
    assert name_key("2027") == "2027"
