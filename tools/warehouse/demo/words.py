"""The demo store's vocabulary: places, goods, people and reviewers' words, from the YAML files beside this."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

HOSTILE_NAME = '=1+1 <b>"Bold" & Co</b> mug'
HOSTILE_NAME_ZH = '=1+1 <b>"粗体" & Co</b> 马克杯'


@dataclass(frozen=True)
class City:
    name: str
    zh: str
    region: str
    region_zh: str
    weight: float


@dataclass(frozen=True)
class Country:
    name: str
    zh: str
    also: tuple[str, ...]
    share: float
    utc: int
    zone: str
    cities: tuple[City, ...]
    phone: tuple[str, int]


@dataclass(frozen=True)
class Category:
    """`cost` of a unit against its price, `returns` share of lines that come back, `units` extra units a line."""

    name: str
    zh: str
    also: tuple[str, ...]
    share: float
    cost: float
    returns: float
    units: float
    types: tuple[tuple[str, str, float, float], ...]
    modifiers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Brand:
    name: str
    zh: str
    categories: tuple[str, ...]


@dataclass(frozen=True)
class NameList:
    surnames: tuple[str, ...]
    female: tuple[str, ...]
    male: tuple[str, ...]


@dataclass(frozen=True)
class Words:
    countries: tuple[Country, ...]
    categories: tuple[Category, ...]
    brands: tuple[Brand, ...]
    names: dict[str, NameList]  # by naming culture
    mail_domains: tuple[str, ...]
    sellers: tuple[tuple[str, str, str, str], ...]  # name, country, region, city
    reviews: dict[str, Any]  # as in reviews.yml


NAME_CULTURE = {"China": "chinese", "Japan": "japanese", "Singapore": "southeast", "Malaysia": "southeast"}


def _read(name: str) -> Any:
    return yaml.safe_load(resources.files(__package__).joinpath(name).read_text(encoding="utf-8"))


@cache
def load_words() -> Words:
    """All word lists; read once, as they never change while the program runs."""
    places, goods, people = _read("places.yml"), _read("goods.yml"), _read("people.yml")
    countries = tuple(
        Country(
            name,
            place["zh"],
            tuple(place["also"]),
            place["share"],
            place["utc"],
            place["zone"],
            tuple(
                City(city, zh, region, area["zh"], weight)
                for region, area in place["regions"].items()
                for city, zh, weight in area["cities"]
            ),
            (people["phones"][name][0], people["phones"][name][1]),
        )
        for name, place in places.items()
    )
    categories = tuple(
        Category(
            name,
            entry["zh"],
            tuple(entry["also"]),
            entry["share"],
            entry["cost"],
            entry["returns"],
            entry["units"],
            tuple((en, zh, low, high) for en, zh, low, high in goods["types"][name]),
            tuple((en, zh) for en, zh in goods["modifiers"][name]),
        )
        for name, entry in goods["categories"].items()
    )
    return Words(
        countries=countries,
        categories=categories,
        brands=tuple(Brand(b["name"], b["zh"], tuple(b["categories"])) for b in goods["brands"]),
        names={
            culture: NameList(*(tuple(people[culture][k]) for k in ("surnames", "female", "male")))
            for culture in ("chinese", "japanese", "western", "southeast")
        },
        mail_domains=tuple(people["mail_domains"]),
        sellers=tuple((a, b, c, d) for a, b, c, d in people["sellers"]),
        reviews=_read("reviews.yml"),
    )
