"""What an occasion is: a promotion or holiday that comes back, with its days in a year and country."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache

from tools.calendar.events import Kind, Phase
from tools.messages import Label

Stage = tuple[Phase | None, date, date]
Stages = Callable[[int], tuple[Stage, ...]]
Around = tuple["Phase | None", int, int]  # first and last day, counted from the day that the occasion turns on

# A year within a name; in 2026年货节 the second character belongs to the name.
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)(?:年(?!货))?")
# Words that do not tell one occasion from another.
_FILLERS = frozenset(
    ("sale", "sales", "promotion", "promotions", "promo", "promos", "campaign", "event", "events", "deals", "the")
)
_FILLED = re.compile(r"(大促|促销|活动|购物节|狂欢节|购物狂欢节|全球狂欢节|全球狂欢季)+$")
LONGEST_KEY = 60


@dataclass(frozen=True)
class Rule:
    """The stages of an occasion from a year on, in some countries (ISO code → first year; empty: everywhere)."""

    stages: Stages
    countries: Mapping[str, int] = field(default_factory=dict)
    since: int = 0

    def holds(self, country: str | None, year: int) -> bool:
        if year < self.since:
            return False
        return not self.countries or (country is not None and year >= self.countries.get(country, year + 1))


@dataclass(frozen=True)
class Occasion:
    """A promotion or holiday of the shipped calendar.

    Of the rules that hold in a year and country the last one counts. `names` are other names, in any language;
    `worldwide` ones are told to a store of which no country is known.
    """

    key: str
    label: Label
    kind: Kind
    rules: tuple[Rule, ...]
    names: tuple[str, ...] = ()
    worldwide: bool = False

    def stages(self, country: str | None, year: int) -> tuple[Stage, ...]:
        holding = [rule for rule in self.rules if rule.holds(country, year)]
        return holding[-1].stages(year) if holding else ()

    def countries(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(code for rule in self.rules for code in rule.countries))


def places(text: str, since: int = 0) -> dict[str, int]:
    """ "US CA:2008" → the codes with the year since which the occasion is kept there."""
    found = (word.partition(":") for word in text.split())
    return {code: int(year or since) for code, _colon, year in found}


def fixed(*stages: tuple[Phase | None, tuple[int, int], tuple[int, int]]) -> Stages:
    """The same (month, day) to (month, day) every year."""
    return lambda year: tuple((phase, date(year, *first), date(year, *last)) for phase, first, last in stages)


def around(anchor: Callable[[int], date | None], *stages: Around) -> Stages:
    """Days before and after a day that moves; nothing in years whose day is not known."""

    def of(year: int) -> tuple[Stage, ...]:
        day = anchor(year)
        return () if day is None else _around(day, stages)

    return of


def around_each(anchors: Callable[[int], Iterable[date]], *stages: Around) -> Stages:
    """As `around`, for what may come twice in a year."""
    return lambda year: tuple(stage for day in anchors(year) for stage in _around(day, stages))


def _around(day: date, stages: tuple[Around, ...]) -> tuple[Stage, ...]:
    return tuple((phase, day + timedelta(days=first), day + timedelta(days=last)) for phase, first, last in stages)


def dated(phase: Phase | None, days: Mapping[int, tuple[str, str] | None]) -> Stages:
    """First and last day by year, as published; nothing in the other years."""

    def of(year: int) -> tuple[Stage, ...]:
        span = days.get(year)
        return () if span is None else ((phase, date.fromisoformat(span[0]), date.fromisoformat(span[1])),)

    return of


def without_year(name: str) -> str:
    """A name as it reads in every year: "Double 11 2026" is "Double 11"."""
    bare = " ".join(_YEAR.sub(" ", name).replace("( )", " ").split()).strip(" -–—_·,/")
    return bare or name


def name_key(name: str) -> str:
    """A name as names are compared: without year, case, width and punctuation."""
    bare = without_year(unicodedata.normalize("NFKC", name)).casefold()
    bare = re.sub(r"['’`]s?\b", lambda found: found[0][1:], bare)
    return " ".join(re.sub(r"[\W_]+", " ", bare).split())


def _without_fillers(key: str) -> str:
    words = [word for word in key.split() if word not in _FILLERS]
    return _FILLED.sub("", " ".join(words)).strip() or key


@cache
def _by_name() -> dict[str, tuple[str, ...]]:
    from tools.calendar.shipped import COMBINED, OCCASIONS

    found: dict[str, tuple[str, ...]] = {}
    for occasion in OCCASIONS:
        for name in (occasion.label.en, occasion.label.zh, occasion.key, *occasion.names):
            found.setdefault(name_key(name), (occasion.key,))
    for name, keys in COMBINED.items():
        found[name_key(name)] = keys
    # Names without their fillers, where these still tell one occasion.
    for name, keys in list(found.items()):
        found.setdefault(_without_fillers(name), keys)
    return found


def occasions_named(name: str) -> tuple[str, ...]:
    """Keys of the shipped occasions that a name stands for, the first the one it is kept under; () for a new one."""
    key = name_key(name)
    known = _by_name()
    return known.get(key) or known.get(_without_fillers(key)) or ()


def occasion_of(name: str) -> str:
    """The occasion's key for a name of the team's: a shipped one's, or one made from the name."""
    known = occasions_named(name)
    return known[0] if known else (name_key(name).replace(" ", "-")[:LONGEST_KEY] or "event")


@cache
def spoken_names() -> Mapping[str, str]:
    """Every name, in any language, by which a shipped occasion is asked for → its English name."""
    from tools.calendar.shipped import OCCASIONS

    found: dict[str, str] = {}
    for occasion in OCCASIONS:
        for name in (occasion.label.en, occasion.label.zh, *occasion.names):
            found.setdefault(name, occasion.label.en)
    return found
