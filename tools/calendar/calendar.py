"""The one calendar of promotions and holidays: shipped, imported and the team's own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache, cached_property
from typing import TYPE_CHECKING

from tools.calendar.events import Event
from tools.calendar.imported import imported_events
from tools.calendar.occasions import Occasion, occasions_named
from tools.calendar.public_holidays import PublicHoliday, public_holidays
from tools.calendar.shipped import BY_KEY, OCCASIONS
from tools.calendar.store_countries import StoreCountries
from tools.calendar.team import TeamEvents
from tools.semantic.periods import Period

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tools.tool import Context

# Stages of one occasion in one year stand at most so far apart.
ONE_YEARS_GAP = timedelta(days=60)
# The years that the lunar tables and the rules are good for.
FIRST_YEAR, LAST_YEAR = 1990, 2099


@dataclass(frozen=True)
class PromotionCalendar:
    """Promotions and holidays as they concern a store.

    The team's own win over imported ones, and these over shipped ones, for the same occasion, year and country.
    Shipped ones are told for the countries that matter to the store (`StoreCountries`), imported and own ones for
    every country they name. Events of the future are known ahead: nothing here depends on sales after today.
    """

    context: Context

    @cached_property
    def countries(self) -> StoreCountries:
        return StoreCountries(self.context)

    @cached_property
    def team(self) -> TeamEvents | None:
        """The team's own; None where there is no state database."""
        if self.context.state is None:
            return None
        return TeamEvents(self.context.state, self.context.warehouse.settings().name)

    def shares(self) -> Mapping[str, float]:
        """Country → share of the store's sales, for `known_events`."""
        return self.countries.shares

    def between(self, period: Period, country: str | None = None) -> tuple[Event, ...]:
        """The events that touch a period, in order of time; those of a country (the store's value, or any of its
        names), else of the countries that matter to the store. Events of everywhere always belong.
        """
        own = self.own()
        places = self._followed() if country is None else self._one(country, own)
        kept = [event for event in own if country is None or event.country is None or event.country in places]
        covered = _Covered(map(_planned_everywhere, own))
        for value, code in places.items():
            shipped = (event for event in _shipped(value, code, period) if event.period.overlaps(period))
            kept += [event for event in shipped if not covered.by(event)]
        return _in_order(event for event in kept if event.period.overlaps(period))

    def elsewhere(self, keys: Iterable[str], period: Period) -> tuple[Event, ...]:
        """Shipped occasions in the countries that keep them, whether or not they matter to the store; an event's
        `country` is an ISO code.
        """
        wanted = [BY_KEY[key] for key in keys if key in BY_KEY]
        codes = dict.fromkeys(code for occasion in wanted for code in occasion.countries())
        names = {occasion.key for occasion in wanted}
        found = (event for code in codes for event in _shipped(code, code, period) if event.occasion in names)
        return _in_order(event for event in found if event.period.overlaps(period))

    def own(self) -> tuple[Event, ...]:
        """Every imported event and the team's."""
        imported = imported_events(self.context.warehouse, self.countries)
        team = tuple(one.event for one in self.team.all()) if self.team else ()
        covered = _Covered(team)
        return (*(event for event in imported if not covered.by(event)), *team)

    def _one(self, country: str, own: Iterable[Event]) -> dict[str | None, str | None]:
        """A country as the store writes it, or else as its own events do."""
        code = self.countries.code(country)
        written = {event.country for event in own if event.country is not None}
        same = (name for name in sorted(written) if code is not None and self.countries.code(name) == code)
        value = self.countries.value_of(country) or next(same, country)
        return {value: self.countries.code(value)}

    def _followed(self) -> dict[str | None, str | None]:
        """The store's value → ISO code; None stands for the store as a whole."""
        if not self.countries.shares:
            return {None: self.countries.home}
        return {value: self.countries.code(value) for value in self.countries.followed}


def covers(event: Event) -> frozenset[str]:
    """The occasions that an event is: two for one called "Black Friday and Cyber Monday"."""
    return frozenset((event.occasion, *occasions_named(event.label.en), *occasions_named(event.label.zh)))


def _planned_everywhere(event: Event) -> Event:
    """An imported plan of promotions says where one is run, and so where it is not."""
    return replace(event, country=None) if event.source == "imported" and event.kind == "promotion" else event


def _in_order(events: Iterable[Event]) -> tuple[Event, ...]:
    return tuple(sorted(events, key=lambda e: (e.starts_on, e.ends_on, e.occasion, e.id)))


class _Covered:
    """Which occasions of a year and country other events speak of already."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._spans: dict[str, list[tuple[str | None, Period]]] = {}
        for event in events:
            for key in covers(event):
                self._spans.setdefault(key, []).append((event.country, event.period))

    def by(self, event: Event) -> bool:
        return any(
            (country is None or event.country is None or country == event.country) and _same_year(span, event.period)
            for country, span in self._spans.get(event.occasion, ())
        )


def _same_year(one: Period, other: Period) -> bool:
    return max(one.start, other.start) - min(one.end, other.end) <= ONE_YEARS_GAP


def _shipped(value: str | None, code: str | None, period: Period) -> Iterator[Event]:
    first, last = max(period.start.year - 1, FIRST_YEAR), min(period.end.year + 1, LAST_YEAR)
    for year in range(first, last + 1):
        for event in _of_year(code, year):
            yield replace(event, id=f"{event.id}-{value or 'store'}", country=value)


@cache
def _of_year(code: str | None, year: int) -> tuple[Event, ...]:
    """The shipped events of a country and year; of an unknown country those that much of the world keeps."""
    public = public_holidays(code, year) if code is not None else ()
    found: list[Event] = []
    for occasion in OCCASIONS:
        if code is not None or occasion.worldwide:
            # Where the country is not known, the days of the United States stand for what the world keeps.
            found += _staged(occasion, code or "US", year, [one for one in public if one.key == occasion.key])
    taken = {event.occasion for event in found}
    for one in public:
        if one.key not in taken:
            days = one.starts_on, one.ends_on
            found.append(Event(f"{one.key}-{days[0]}", one.key, one.label, "holiday", *days, None, None, "shipped"))
    return tuple(found)


def _staged(occasion: Occasion, country: str, year: int, public: list[PublicHoliday]) -> Iterator[Event]:
    """The occasion's stages; one without phases has all the days that are off for it."""
    stages = occasion.stages(country, year)
    for number, (phase, first, last) in enumerate(stages, 1):
        days = Period(first, last)
        for one in public if len(stages) == 1 and phase is None else ():
            if days.overlaps(Period(one.starts_on, one.ends_on)):
                days = Period(min(days.start, one.starts_on), max(days.end, one.ends_on))
        yield Event(
            id=f"{occasion.key}-{year}-{number}",
            occasion=occasion.key,
            label=occasion.label,
            kind=occasion.kind,
            starts_on=days.start,
            ends_on=days.end,
            country=None,
            phase=phase,
            source="shipped",
        )
