"""What the calendar alone did: other numbers of each weekday, and an occasion in one period and not in the other."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean
from typing import TYPE_CHECKING

from tools.messages import Label
from tools.semantic.periods import Period

if TYPE_CHECKING:
    from tools.calendar.events import Event

STANDS_OUT = 0.2  # an occasion's days are told of where they differ so much from like days
CLEAR = 3.0  # standard errors
LIKE_DAYS = 2  # so few days to compare with tell nothing
AROUND = timedelta(days=28)  # like days are so near at most
LONGEST = 14  # a longer stretch is a season, of which sales cannot tell
MOST_OF_ALL = 0.8  # countries with so much of the figure stand for the whole of it
USUAL_WEEKS = 8
FEWEST_WEEKS = 3

Daily = Mapping[date, float]


@dataclass(frozen=True)
class Weekdays:
    """`effect`: what more or fewer days of each weekday are worth, at what such a day usually brings (`usual`, from
    Monday on). `counts`: of each weekday, in the baseline and now.
    """

    effect: float
    usual: tuple[float, ...]
    counts: tuple[tuple[int, int], ...]

    @property
    def days(self) -> tuple[int, int]:
        return sum(before for before, _now in self.counts), sum(now for _before, now in self.counts)

    @property
    def by_length(self) -> bool:
        """Whether the effect is one of more or fewer days, and not of which days these are."""
        before, now = self.days
        return self.effect * (now - before) > 0

    @property
    def moved(self) -> tuple[int, ...]:
        """Weekdays with other numbers of days, the one that explains most first."""
        average = fmean(self.usual)
        worth = [
            (now - before) * (usual - average) for (before, now), usual in zip(self.counts, self.usual, strict=True)
        ]
        found = [weekday for weekday, (before, now) in enumerate(self.counts) if before != now]
        return tuple(sorted(found, key=lambda weekday: (-worth[weekday] * math.copysign(1, self.effect), weekday)))

    def comparable_rate(self, before: float, now: float) -> float | None:
        """The relative change that is left, as if both periods had had the same days."""
        expected = before + self.effect
        return now / expected - 1 if expected > 0 else None


@dataclass(frozen=True)
class Occasion:
    """A promotion or holiday with more days in one period than in the other; `days` are those of that period.

    `brought` is what such a day brought on average, `usual` what like weekdays shortly before and after brought, in the
    `countries` that keep it (none: everywhere). No part of any sum.
    """

    id: str
    label: Label
    days: tuple[date, ...]
    days_before: int
    days_now: int
    brought: float
    usual: float
    countries: tuple[str, ...] = ()

    @property
    def in_period(self) -> bool:
        return self.days_now > self.days_before

    @property
    def beyond(self) -> float:
        """What its days brought beyond like days."""
        return (self.brought - self.usual) * len(self.days)


def days_of(period: Period) -> list[date]:
    return [period.start + timedelta(days=n) for n in range(period.days)]


def weekday_counts(before: Period, now: Period) -> tuple[tuple[int, int], ...]:
    """How many days of each weekday, from Monday on, there are in either period."""
    counts = [[0, 0] for _ in range(7)]
    for side, period in enumerate((before, now)):
        for day in days_of(period):
            counts[day.weekday()][side] += 1
    return tuple((one[0], one[1]) for one in counts)


def weekday_effect(before: Period, now: Period, daily: Daily) -> Weekdays | None:
    """At the baseline's average for each weekday; days without rows count as zeros. None: a weekday is not in it."""
    counts = weekday_counts(before, now)
    if not all(count for count, _now in counts):
        return None
    return _weekdays(counts, days_of(before), daily)


def weekday_effect_of(before: Period, now: Period, weeks: Period, daily: Daily) -> Weekdays | None:
    """The same at what each weekday brought in the weeks before both; None where these are too few."""
    if weeks.days < FEWEST_WEEKS * 7:
        return None
    return _weekdays(weekday_counts(before, now), days_of(weeks), daily)


def _weekdays(counts: tuple[tuple[int, int], ...], days: Iterable[date], daily: Daily) -> Weekdays:
    brought: list[list[float]] = [[] for _ in range(7)]
    for day in days:
        brought[day.weekday()].append(daily.get(day, 0.0))
    usual = tuple(math.fsum(found) / len(found) for found in brought)
    effect = math.fsum((now - before) * mean for (before, now), mean in zip(counts, usual, strict=True))
    return Weekdays(effect, usual, counts)


def occasion(
    before: Period, now: Period, series: Mapping[str | None, Daily], events: Sequence[Event]
) -> Occasion | None:
    """The one that stands out most: its days differ from like weekdays, on either side of them.

    `series` is the figure by day of each country, and of all under None: a country's holiday is looked for in its own
    figures, one of everywhere, or of nearly all countries, in those of all.
    """
    found = [one for one in (_occasion(before, now, series, days) for days in _stretches(series, events)) if one]
    return max(found, key=lambda one: (abs(one.beyond), one.id), default=None)


@dataclass(frozen=True)
class _Stretch:
    """Days in a row of an occasion, all of its days, and who keeps it on these."""

    event: Event
    days: frozenset[date]
    all_days: frozenset[date]
    countries: tuple[str | None, ...]


def _stretches(series: Mapping[str | None, Daily], events: Sequence[Event]) -> list[_Stretch]:
    """The days of each occasion at its height, with the countries that keep it on the same days."""
    found: dict[tuple[str, frozenset[date]], list[str | None]] = {}
    named: dict[str, Event] = {}
    for event in events:
        named.setdefault(event.occasion, event)
    for name in sorted(named):
        own = [event for event in events if event.occasion == name]
        for country in sorted({event.country for event in own} & series.keys(), key=str):
            here = [event for event in own if event.country == country]
            height = [event for event in here if event.phase in (None, "burst")]
            days = frozenset(day for event in height or here for day in days_of(event.period))
            found.setdefault((name, days), []).append(country)
    return [
        _Stretch(named[name], run, all_days, tuple(countries))
        for (name, all_days), countries in found.items()
        for run in _runs(all_days)
    ]


def _runs(days: Iterable[date]) -> list[frozenset[date]]:
    """Days that follow one another."""
    found: list[list[date]] = []
    for day in sorted(days):
        if found and day - found[-1][-1] == timedelta(days=1):
            found[-1].append(day)
        else:
            found.append([day])
    return [frozenset(run) for run in found]


def _occasion(before: Period, now: Period, series: Mapping[str | None, Daily], stretch: _Stretch) -> Occasion | None:
    counts = [len(stretch.all_days.intersection(days_of(period))) for period in (before, now)]
    if counts[0] == counts[1]:
        return None
    days = sorted(stretch.days.intersection(days_of(now if counts[1] > counts[0] else before)))
    if not 0 < len(days) <= LONGEST:
        return None
    countries = () if None in stretch.countries else tuple(str(country) for country in stretch.countries)
    daily = _together(series, countries)
    if math.fsum(map(abs, daily.values())) >= MOST_OF_ALL * math.fsum(map(abs, series[None].values())):
        countries, daily = (), series[None]
    others = [day for period in (before, now) for day in days_of(period) if day not in stretch.all_days]
    usual = _clearly_other(days, [day for day in others if days[0] - AROUND <= day <= days[-1] + AROUND], daily)
    if usual is None or not _on_either_side(days, others, daily):
        return None
    brought = fmean(daily.get(day, 0.0) for day in days)
    event = stretch.event
    return Occasion(event.occasion, event.label, tuple(days), counts[0], counts[1], brought, usual, countries)


def _together(series: Mapping[str | None, Daily], countries: Sequence[str]) -> Daily:
    if not countries:
        return series[None]
    found: dict[date, float] = {}
    for country in countries:
        for day, amount in series[country].items():
            found[day] = found.get(day, 0.0) + amount
    return found


def _clearly_other(days: Sequence[date], others: Sequence[date], daily: Daily) -> float | None:
    """What like days brought, where these days brought much more or less, beyond what days differ by chance."""
    like = _like(days, others, daily)
    if like is None:
        return None
    usual = fmean(like[day.weekday()] for day in days)
    beyond = abs(fmean(daily.get(day, 0.0) for day in days) - usual)
    if beyond <= STANDS_OUT * abs(usual):
        return None
    residuals = [daily.get(day, 0.0) - like[day.weekday()] for day in others if day.weekday() in like]
    spare = len(residuals) - len(like)
    if spare < 1:
        return usual
    spread = math.sqrt(math.fsum(one * one for one in residuals) / spare)
    return usual if beyond > CLEAR * spread * math.sqrt(1 / len(days) + 1 / len(residuals)) else None


def _on_either_side(days: Sequence[date], others: Sequence[date], daily: Daily) -> bool:
    """Whether the days before and the days after say the same: else a season or a trend is taken for the occasion."""
    brought, above = fmean(daily.get(day, 0.0) for day in days), set()
    for side in (
        [day for day in others if days[0] - AROUND <= day < days[0]],
        [day for day in others if days[-1] < day <= days[-1] + AROUND],
    ):
        like = _like(days, side, daily)
        if like is not None:
            usual = fmean(like[day.weekday()] for day in days)
            if abs(brought - usual) <= STANDS_OUT * abs(usual):
                return False
            above.add(brought > usual)
    return len(above) == 1


def _like(days: Sequence[date], others: Sequence[date], daily: Daily) -> dict[int, float] | None:
    """What the others with the weekdays of `days` brought on average; None: too few."""
    found: dict[int, list[float]] = {day.weekday(): [] for day in days}
    for day in others:
        if day.weekday() in found:
            found[day.weekday()].append(daily.get(day, 0.0))
    if not all(found.values()) or sum(map(len, found.values())) < LIKE_DAYS:
        return None
    return {weekday: fmean(amounts) for weekday, amounts in found.items()}
