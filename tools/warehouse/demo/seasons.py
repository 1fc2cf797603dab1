"""When people buy: promotions and holidays with their phases, weekdays, hours and yearly seasons.

A zone is a group of countries that share their shopping calendar: china, west, japan, seasia.
Factors multiply a zone's usual number of orders on a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterator

Floats = npt.NDArray[np.float64]
ZONES = ("china", "west", "japan", "seasia")
ALL = ZONES

# Lunar New Year's day and Mid-Autumn day (Hong Kong Observatory's calendar conversion tables).
SPRING_FESTIVAL = {
    d.year: d
    for d in map(
        date.fromisoformat,
        (
            "2020-01-25",
            "2021-02-12",
            "2022-02-01",
            "2023-01-22",
            "2024-02-10",
            "2025-01-29",
            "2026-02-17",
            "2027-02-06",
            "2028-01-26",
            "2029-02-13",
            "2030-02-03",
            "2031-01-23",
            "2032-02-11",
            "2033-01-31",
            "2034-02-19",
            "2035-02-08",
        ),
    )
}
MID_AUTUMN = {
    d.year: d
    for d in map(
        date.fromisoformat,
        (
            "2020-10-01",
            "2021-09-21",
            "2022-09-10",
            "2023-09-29",
            "2024-09-17",
            "2025-10-06",
            "2026-09-25",
            "2027-09-15",
            "2028-10-03",
            "2029-09-22",
            "2030-09-12",
            "2031-10-01",
            "2032-09-19",
            "2033-09-08",
            "2034-09-27",
            "2035-09-16",
        ),
    )
}


@dataclass(frozen=True)
class Phase:
    """A stretch of days of a promotion or holiday. `depth` is the usual discount (a fraction) on promoted lines.

    `factors` gives a zone's factor for every day, `peak` those of the last day where it stands out.
    """

    phase: str | None
    starts_on: date
    ends_on: date
    factors: dict[str, float]
    depth: float = 0.0
    peak: dict[str, float] | None = None


@dataclass(frozen=True)
class Occasion:
    """A promotion or holiday of one year; `countries` empty means everywhere."""

    key: str
    name: str
    zh: str
    kind: str
    countries: tuple[str, ...]
    phases: tuple[Phase, ...]

    @property
    def starts_on(self) -> date:
        return min(p.starts_on for p in self.phases)

    @property
    def ends_on(self) -> date:
        return max(p.ends_on for p in self.phases)


def _everywhere(china: float, west: float, japan: float, seasia: float) -> dict[str, float]:
    return dict(zip(ZONES, (china, west, japan, seasia), strict=True))


def _thanksgiving(year: int) -> date:
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 21)


_WESTERN = ("United States", "Germany", "United Kingdom", "France", "Australia", "Canada")


def occasions(year: int) -> Iterator[Occasion]:
    """The promotions and holidays that begin in a year; the Spring Festival's needs the table above."""

    def span(start: date, days: int, end: int | None = None) -> tuple[date, date]:
        return start + timedelta(days=days), start + timedelta(days=days if end is None else end)

    def day(month: int, number: int) -> date:
        return date(year, month, number)

    if year in SPRING_FESTIVAL:
        eve = SPRING_FESTIVAL[year]
        name, zh, asia = "Spring Festival", "春节", ("China", "Singapore", "Malaysia")
        yield Occasion(
            f"spring-festival-{year}",
            f"Spring Festival shopping season {year}",
            f"{year}年货节",
            "promotion",
            asia,
            (
                Phase("warm-up", *span(eve, -28, -15), _everywhere(1.25, 1.0, 1.0, 1.15), 0.08),
                Phase("burst", *span(eve, -14, -7), _everywhere(1.7, 1.0, 1.0, 1.5), 0.15),
                Phase("refill", *span(eve, -6, -2), _everywhere(0.75, 1.0, 1.0, 1.1), 0.05),
            ),
        )
        yield Occasion(
            f"spring-festival-holiday-{year}",
            f"{name} {year}",
            f"{year}{zh}",
            "holiday",
            asia,
            (
                Phase(None, *span(eve, -1, 6), _everywhere(0.35, 1.0, 1.0, 0.6)),
                Phase("extension", *span(eve, 7, 14), _everywhere(0.85, 1.0, 1.0, 0.95)),
            ),
        )
    yield Occasion(
        f"womens-day-{year}",
        f"Women's Day {year}",
        f"{year}三八女神节",
        "promotion",
        ("China",),
        (Phase("burst", day(3, 5), day(3, 8), {"china": 1.55}, 0.12),),
    )
    yield Occasion(
        f"golden-week-{year}",
        f"Golden Week {year}",
        f"{year}黄金周",
        "holiday",
        ("Japan",),
        (Phase(None, day(4, 29), day(5, 5), {"japan": 1.2}),),
    )
    yield Occasion(
        f"618-{year}",
        f"618 {year}",
        f"{year}年618大促",
        "promotion",
        ("China", "Singapore", "Malaysia"),
        (
            Phase("warm-up", day(5, 24), day(5, 31), _everywhere(0.9, 1.0, 1.0, 1.0), 0.04),
            Phase("burst", day(6, 1), day(6, 3), _everywhere(1.9, 1.0, 1.0, 1.3), 0.14),
            Phase("refill", day(6, 4), day(6, 14), _everywhere(1.2, 1.0, 1.0, 1.1), 0.08),
            Phase(
                "burst", day(6, 15), day(6, 18), _everywhere(2.3, 1.0, 1.0, 1.5), 0.18, _everywhere(5.5, 1.0, 1.0, 2.2)
            ),
            Phase("extension", day(6, 19), day(6, 20), _everywhere(1.2, 1.0, 1.0, 1.1), 0.1),
        ),
    )
    yield Occasion(
        f"summer-sale-{year}",
        f"Summer Sale {year}",
        f"{year}夏季大促",
        "promotion",
        _WESTERN,
        (Phase("burst", day(7, 8), day(7, 11), {"west": 1.7}, 0.15),),
    )
    yield Occasion(
        f"back-to-school-{year}",
        f"Back to School {year}",
        f"{year}开学季",
        "promotion",
        (),
        (
            Phase("warm-up", day(8, 15), day(8, 24), {}, 0.05),
            Phase("burst", day(8, 25), day(9, 3), _everywhere(1.1, 1.1, 1.0, 1.05), 0.08),
        ),
    )
    if year in MID_AUTUMN:
        moon = MID_AUTUMN[year]
        yield Occasion(
            f"mid-autumn-{year}",
            f"Mid-Autumn Festival {year}",
            f"{year}中秋节",
            "holiday",
            ("China", "Singapore", "Malaysia"),
            (
                Phase("warm-up", *span(moon, -14, -1), _everywhere(1.15, 1.0, 1.0, 1.1)),
                Phase(None, moon, moon, _everywhere(0.7, 1.0, 1.0, 0.85)),
            ),
        )
    yield Occasion(
        f"national-day-{year}",
        f"National Day {year}",
        f"{year}国庆节",
        "holiday",
        ("China",),
        (Phase(None, day(10, 1), day(10, 7), {"china": 0.82}),),
    )
    yield Occasion(
        f"double-11-{year}",
        f"Singles' Day (Double 11) {year}",
        f"{year}双11",
        "promotion",
        ("China", "Singapore", "Malaysia"),
        (
            Phase("warm-up", day(10, 21), day(10, 31), _everywhere(0.85, 1.0, 1.0, 0.95), 0.04),
            Phase("burst", day(11, 1), day(11, 3), _everywhere(2.0, 1.0, 1.0, 1.4), 0.15),
            Phase("refill", day(11, 4), day(11, 9), _everywhere(1.15, 1.0, 1.0, 1.1), 0.08),
            Phase(
                "burst",
                day(11, 10),
                day(11, 11),
                _everywhere(2.8, 1.05, 1.05, 2.0),
                0.22,
                _everywhere(11.0, 1.2, 1.3, 5.5),
            ),
            Phase("extension", day(11, 12), day(11, 14), _everywhere(1.1, 1.0, 1.0, 1.1), 0.12),
        ),
    )
    friday = _thanksgiving(year) + timedelta(days=1)
    yield Occasion(
        f"black-friday-{year}",
        f"Black Friday and Cyber Monday {year}",
        f"{year}黑色星期五与网络星期一",
        "promotion",
        _WESTERN,
        (
            Phase("warm-up", *span(friday, -7, -1), _everywhere(1.0, 1.25, 1.0, 1.0), 0.08),
            Phase("burst", friday, friday, _everywhere(1.1, 4.8, 1.5, 1.5), 0.22),
            Phase("refill", *span(friday, 1, 2), _everywhere(1.0, 2.2, 1.1, 1.1), 0.18),
            Phase("burst", *span(friday, 3), _everywhere(1.0, 3.8, 1.2, 1.2), 0.2),
            Phase("extension", *span(friday, 4, 6), _everywhere(1.0, 1.35, 1.0, 1.0), 0.1),
        ),
    )
    yield Occasion(
        f"double-12-{year}",
        f"Double 12 {year}",
        f"{year}双12",
        "promotion",
        ("China", "Singapore", "Malaysia"),
        (
            Phase("warm-up", day(12, 8), day(12, 9), _everywhere(1.0, 1.0, 1.0, 1.0), 0.05),
            Phase(
                "burst",
                day(12, 10),
                day(12, 12),
                _everywhere(1.4, 1.0, 1.0, 1.4),
                0.14,
                _everywhere(3.0, 1.0, 1.0, 2.5),
            ),
        ),
    )
    yield Occasion(
        f"christmas-{year}",
        f"Christmas {year}",
        f"{year}圣诞节",
        "promotion",
        _WESTERN,
        (
            Phase("warm-up", day(12, 1), day(12, 14), _everywhere(1.0, 1.45, 1.1, 1.1), 0.06),
            Phase("burst", day(12, 15), day(12, 20), _everywhere(1.0, 1.85, 1.2, 1.2), 0.08),
            Phase("refill", day(12, 27), day(12, 31), _everywhere(1.0, 1.2, 1.1, 1.1), 0.15),
        ),
    )
    yield Occasion(
        f"christmas-holiday-{year}",
        f"Christmas holidays {year}",
        f"{year}圣诞假期",
        "holiday",
        _WESTERN,
        (Phase(None, day(12, 24), day(12, 26), {"west": 0.5}),),
    )


def days_between(start: date, end: date) -> npt.NDArray[np.datetime64]:
    return np.arange(np.datetime64(start), np.datetime64(end) + 1)


def shopping_intensity(start: date, end: date) -> Floats:
    """Orders against a usual day, shape (zones, days): seasons, weekdays and occasions together."""
    days = days_between(start, end)
    count = len(days)
    weekday = (days.astype("datetime64[D]").astype(np.int64) + 3) % 7  # Monday is 0; 1970-01-01 was a Thursday
    by_weekday = np.array(
        [
            [0.97, 0.96, 0.98, 0.99, 1.02, 1.04, 1.04],
            [1.03, 0.97, 0.95, 0.94, 0.91, 0.98, 1.22],
            [0.95, 0.93, 0.94, 0.95, 1.0, 1.11, 1.12],
            [0.98, 0.97, 0.98, 0.99, 1.03, 1.03, 1.02],
        ]
    )
    year_day = (days - days.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int64)
    turn = 2 * np.pi * year_day / 365.25
    # Amplitude and peak day of a zone's smooth yearly wave.
    waves = ((0.05, 310), (0.12, 335), (0.06, 340), (0.05, 320))
    season = np.stack([1 + amplitude * np.cos(turn - 2 * np.pi * peak / 365.25) for amplitude, peak in waves])
    level: Floats = season * by_weekday[:, weekday]
    for occasion in (o for year in range(start.year, end.year + 1) for o in occasions(year)):
        for phase in occasion.phases:
            first, last = (phase.starts_on - start).days, (phase.ends_on - start).days
            if last < 0 or first >= count:
                continue
            for zone, name in enumerate(ZONES):
                level[zone, max(first, 0) : last + 1] *= phase.factors.get(name, 1.0)
                if phase.peak and 0 <= last < count:
                    level[zone, last] *= phase.peak.get(name, 1.0) / phase.factors.get(name, 1.0)
    return level


def discount_depth(start: date, end: date) -> Floats:
    """Usual discount on promoted lines, shape (zones, days)."""
    depth = np.zeros((len(ZONES), (end - start).days + 1))
    for occasion in (o for year in range(start.year, end.year + 1) for o in occasions(year)):
        for phase in occasion.phases:
            first, last = (phase.starts_on - start).days, (phase.ends_on - start).days
            if last < 0:
                continue
            for zone, name in enumerate(ZONES):
                if phase.factors.get(name, 1.0) != 1.0 or (not occasion.countries and phase.depth):
                    window = depth[zone, max(first, 0) : last + 1]
                    np.maximum(window, phase.depth, out=window)
    return depth


# Category: (amplitude, peak day of the year) of its yearly wave, on top of the zone's.
_CATEGORY_WAVE = {
    "Home": (0.10, 100),
    "Kitchen": (0.12, 350),
    "Beauty": (0.08, 120),
    "Food": (0.12, 15),
    "Electronics": (0.12, 330),
    "Apparel": (0.25, 325),
    "Baby": (0.03, 150),
    "Sports": (0.35, 165),
    "Stationery": (0.08, 250),
    "Pets": (0.03, 200),
}


def category_season(categories: tuple[str, ...], start: date, end: date) -> Floats:
    """Weight of a category by day against its yearly mean, shape (days, categories)."""
    days = days_between(start, end)
    year_day = (days - days.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int64)
    turn = 2 * np.pi * year_day / 365.25
    season = np.ones((len(days), len(categories)))
    for at, name in enumerate(categories):
        amplitude, peak = _CATEGORY_WAVE.get(name, (0.0, 0))
        season[:, at] = 1 + amplitude * np.cos(turn - 2 * np.pi * peak / 365.25)

    def lift(category: str, first: date, last: date, factor: float) -> None:
        if category in categories:
            a, b = (first - start).days, (last - start).days
            if b >= 0:
                season[max(a, 0) : b + 1, categories.index(category)] *= factor

    for year in range(start.year, end.year + 1):
        lift("Stationery", date(year, 8, 10), date(year, 9, 8), 2.2)
        lift("Beauty", date(year, 3, 1), date(year, 3, 8), 1.4)
        lift("Beauty", date(year, 11, 1), date(year, 11, 11), 1.25)
        if year in SPRING_FESTIVAL:
            lift("Food", SPRING_FESTIVAL[year] - timedelta(28), SPRING_FESTIVAL[year] - timedelta(5), 1.7)
        if year in MID_AUTUMN:
            lift("Food", MID_AUTUMN[year] - timedelta(14), MID_AUTUMN[year] - timedelta(1), 1.35)
    return season


def local_hours() -> Floats:
    """Share of a day's orders by local hour, shape (zones, 24)."""
    china = [
        2.2,
        1.2,
        0.6,
        0.4,
        0.3,
        0.4,
        0.9,
        1.8,
        3.0,
        4.6,
        6.0,
        5.6,
        5.4,
        5.2,
        5.2,
        5.2,
        5.0,
        4.6,
        4.8,
        6.4,
        8.6,
        9.6,
        8.0,
        5.0,
    ]
    west = [
        1.2,
        0.6,
        0.4,
        0.3,
        0.3,
        0.5,
        1.2,
        2.4,
        3.6,
        4.6,
        5.2,
        5.6,
        6.2,
        5.6,
        5.2,
        5.0,
        5.2,
        5.8,
        6.6,
        8.0,
        9.0,
        8.0,
        5.4,
        2.8,
    ]
    japan = [
        3.0,
        1.6,
        0.8,
        0.4,
        0.3,
        0.5,
        1.4,
        2.6,
        3.2,
        3.6,
        4.4,
        4.8,
        6.8,
        5.0,
        4.2,
        4.2,
        4.2,
        4.6,
        5.6,
        6.6,
        8.0,
        9.2,
        9.0,
        6.0,
    ]
    seasia = [
        2.4,
        1.2,
        0.6,
        0.4,
        0.3,
        0.4,
        1.0,
        2.2,
        3.4,
        4.6,
        5.4,
        5.6,
        6.4,
        5.6,
        5.0,
        5.0,
        4.8,
        4.8,
        5.2,
        6.0,
        7.6,
        8.8,
        8.0,
        4.9,
    ]
    hours = np.array([china, west, japan, seasia])
    return np.asarray(hours / hours.sum(axis=1, keepdims=True))


def calendar_rows(start: date, end: date) -> list[dict[str, Any]]:
    """Rows of the table `calendar` for occasions between two days, a row for each country and phase."""
    rows: list[dict[str, Any]] = []
    for occasion in (o for year in range(start.year, end.year + 1) for o in occasions(year)):
        if occasion.ends_on < start or occasion.starts_on > end:
            continue
        for country in occasion.countries or (None,):
            for number, phase in enumerate(occasion.phases, 1):
                place = country.lower().replace(" ", "-") if country else "all"
                rows.append(
                    {
                        "event_id": f"{occasion.key}-{place}-{number}",
                        "name": occasion.name,
                        "kind": occasion.kind,
                        "starts_on": phase.starts_on,
                        "ends_on": phase.ends_on,
                        "country": country,
                        "phase": phase.phase,
                    }
                )
    return rows
