"""An occasion once: its events of one year, put together over phases and countries for reading."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from tools.calendar.calendar import ONE_YEARS_GAP
from tools.calendar.events import Event, Kind, Source
from tools.calendar.shipped import BY_KEY
from tools.messages import Label
from tools.semantic.periods import Period

_SOURCES: tuple[Source, ...] = ("team", "imported", "shipped")


@dataclass(frozen=True)
class Occurrence:
    """Events of one occasion that belong together, in order of time."""

    events: tuple[Event, ...]

    @property
    def occasion(self) -> str:
        return self.events[0].occasion

    @cached_property
    def label(self) -> Label:
        """As the team writes it, where it does."""
        return min(self.events, key=lambda event: _SOURCES.index(event.source)).label

    @property
    def kind(self) -> Kind:
        return self.events[0].kind

    @cached_property
    def source(self) -> Source:
        return min((event.source for event in self.events), key=_SOURCES.index)

    @property
    def minor(self) -> bool:
        """Whether it is a public holiday that no trade turns on."""
        return self.source == "shipped" and self.occasion not in BY_KEY

    @cached_property
    def whole(self) -> Period:
        return Period(min(e.starts_on for e in self.events), max(e.ends_on for e in self.events))

    @cached_property
    def main(self) -> tuple[Period, ...]:
        """The days that it is about: the bursts, or what has no phase, or all of it. Stretches that touch are one."""
        for phase in ("burst", None):
            found = [event.period for event in self.events if event.phase == phase]
            if found:
                return _joined(found)
        return (self.whole,)

    @cached_property
    def countries(self) -> tuple[str, ...]:
        """Where it is kept, by the alphabet; () is everywhere."""
        if any(event.country is None for event in self.events):
            return ()
        return tuple(sorted({event.country for event in self.events if event.country is not None}))

    def coming(self, today: date) -> Period | None:
        """The first of its main stretches that is not over."""
        return next((period for period in self.main if period.end >= today), None)


def occurrences(events: Iterable[Event]) -> list[Occurrence]:
    """The events by occasion and year; apart where countries keep an occasion on other days. By their main days."""
    by_place: dict[tuple[str, str | None], list[Event]] = {}
    for event in sorted(events, key=lambda e: (e.starts_on, e.ends_on, e.id)):
        by_place.setdefault((event.occasion, event.country), []).append(event)
    found: dict[str, list[Occurrence]] = {}
    for (occasion, _country), of_place in by_place.items():
        for group in _by_year(of_place):
            _merge(found.setdefault(occasion, []), Occurrence(tuple(group)))
    every = (occurrence for merged in found.values() for occurrence in merged)
    return sorted(every, key=lambda one: (one.main[0], one.whole, one.occasion))


def _by_year(events: list[Event]) -> list[list[Event]]:
    """Events of one occasion and country, apart where more than `ONE_YEARS_GAP` lies between them."""
    groups: list[list[Event]] = []
    until = date.min
    for event in events:
        if not groups or event.starts_on - until > ONE_YEARS_GAP:
            groups.append([])
            until = event.ends_on
        groups[-1].append(event)
        until = max(until, event.ends_on)
    return groups


def _merge(merged: list[Occurrence], new: Occurrence) -> None:
    """Adds the occurrence to one whose main days hold its own, or lie within them; else to the list."""
    for at, one in enumerate(merged):
        if _within(one.main, new.main) or _within(new.main, one.main):
            merged[at] = Occurrence(tuple(sorted((*one.events, *new.events), key=lambda e: (e.starts_on, e.ends_on))))
            return
    merged.append(new)


def _within(inner: tuple[Period, ...], outer: tuple[Period, ...]) -> bool:
    return all(any(wide.contains(period) for wide in outer) for period in inner)


def _joined(periods: list[Period]) -> tuple[Period, ...]:
    found: list[Period] = []
    for period in sorted(periods):
        if found and period.start <= found[-1].end + timedelta(days=1):
            found[-1] = Period(found[-1].start, max(found[-1].end, period.end))
        else:
            found.append(period)
    return tuple(found)
