"""Who the customers are and when they order.

Orders follow the modified beta-geometric/NBD model (Batislam, Denizel & Filiztekin 2007, after Fader, Hardie & Lee
2005): while alive, a customer orders as a Poisson process with a rate of their own (gamma over customers), and after
every order, the first included, leaves for good with a probability of their own (beta over customers). The process
runs in operational time, the world's clock, which is fast in seasons when people shop.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tools.warehouse.demo.world import ACQUISITION, BEFORE, Array, World

if TYPE_CHECKING:
    from tools.warehouse.demo.planted import Trial

CUSTOMERS = 24_000  # drawn at scale 1, those included who left before the first recorded day
RATE_SHAPE, RATE_MEAN = 0.62, 0.0108  # orders in an operational day, while alive
DROP_A, DROP_B = 0.9, 4.6
GUEST_SHARE = 0.08
PROSPECT_SHARE = 0.1
SIZE_SHAPE = 2.2  # gamma of a customer's basket size, mean 1
MOST_ORDERS = 400
DAY = 86_400


@dataclass(frozen=True)
class Crowd:
    """Columns over a block's customers. Days may be negative: before the first recorded one."""

    origin: Array  # position of the acquisition channel
    country: Array
    city: Array
    joined: Array  # seconds since the store's first midnight
    size: Array  # basket size, mean 1
    favourite: Array  # position of a category
    channel: Array  # preferred sales channel
    churned_cohort: Array


@dataclass(frozen=True)
class Visits:
    """Columns over a block's orders, before baskets. `customer` -1 is a guest, `rank` 0 a customer's first ever."""

    customer: Array
    country: Array
    city: Array
    at: Array  # seconds since the store's first midnight
    rank: Array
    size: Array
    treated: Array  # made by an experiment's treatment


@dataclass(frozen=True)
class Assignment:
    """Columns over the customers in one trial."""

    trial: Trial
    customer: Array
    treated: Array
    at: Array  # seconds


def uniform(rng: np.random.Generator, size: int | tuple[int, ...]) -> Array:
    return rng.random(size, dtype=np.float32)


def pick(rng: np.random.Generator, table: Array, size: int) -> Array:
    """Draws from a table made to be drawn from evenly."""
    return table[rng.integers(0, len(table), size, dtype=np.int32)]


def _places(rng: np.random.Generator, world: World, size: int) -> tuple[Array, Array]:
    country = pick(rng, world.country_choice, size)
    table = np.stack(world.city_choice)
    return country, table[country, rng.integers(0, 1024, size, dtype=np.int32)]


def _seconds(rng: np.random.Generator, world: World, country: Array) -> Array:
    """A second of the day in the store's time, by the country's habits."""
    hour = world.hours[country, rng.integers(0, 1024, len(country), dtype=np.int32)]
    return hour * 3600 + rng.integers(0, 3600, len(country), dtype=np.int32)


def draw_crowd(rng: np.random.Generator, world: World, size: int, window: tuple[float, float]) -> Crowd:
    """Customers who came in one stretch of the acquisition curve (`window`, shares of all), in the order they came."""
    place = np.sort(window[0] + (window[1] - window[0]) * rng.random(size))
    day = np.minimum(np.searchsorted(world.arrivals, place), len(world.arrivals) - 1)
    steps = world.origins[day]
    origin = np.minimum((rng.random(size)[:, None] > steps).sum(axis=1), len(ACQUISITION) - 1)
    country, city = _places(rng, world, size)
    day -= BEFORE
    plan = world.plan
    churned = (
        (origin == ACQUISITION.index(plan.churn_channel))
        & (day >= plan.churn_days.first)
        & (day <= plan.churn_days.last)
    )
    # Somebody's favourite category follows the country's taste on an ordinary day.
    kinds = len(world.categories)
    cell = country * plan.days + np.clip(day, 0, plan.days - 1)
    favourite = np.searchsorted(world.category_steps, cell + rng.random(size)) - cell * kinds
    channel_steps = world.channel_steps[world.zone[country]]
    return Crowd(
        origin=origin,
        country=country,
        city=city,
        joined=day * DAY + _seconds(rng, world, country),
        size=rng.gamma(SIZE_SHAPE, 1 / SIZE_SHAPE, size),
        favourite=np.clip(favourite, 0, kinds - 1),
        channel=np.minimum((rng.random(size)[:, None] > channel_steps).sum(axis=1), channel_steps.shape[1] - 1),
        churned_cohort=churned,
    )


def draw_visits(rng: np.random.Generator, world: World, crowd: Crowd) -> Visits:
    """When a block's customers order, those orders before the first recorded day left out, guests among them."""
    size = len(crowd.country)
    zone = world.zone[crowd.country]
    first = np.maximum(
        crowd.joined, crowd.joined + np.where(rng.random(size) < 0.75, 300, rng.integers(0, 9, size) * DAY)
    )
    last = world.days * DAY - 1
    buys = (rng.random(size) >= PROSPECT_SHARE) & (first <= last)
    day = np.clip(first // DAY + BEFORE, 0, world.clock.shape[1] - 1)
    start = world.clock[zone, day]
    left = world.clock[zone, -1] - start
    rate = rng.gamma(RATE_SHAPE, RATE_MEAN / RATE_SHAPE, size)
    chance = rng.beta(DROP_A, DROP_B, size)
    chance[crowd.churned_cohort] = world.plan.churn_dropout
    stays = rng.geometric(np.clip(chance, 1e-4, 1.0)) - 1
    count = np.where(buys, np.minimum(rng.poisson(rate * left), MOST_ORDERS), 0)
    customer = np.repeat(np.arange(size), count)
    # Sorting customer + share of the time left orders each customer's times.
    place = np.sort(customer + rng.random(len(customer)))
    before = np.cumsum(count) - count
    rank = np.arange(len(customer)) - before[customer]
    kept = rank < stays[customer]
    customer, place, rank = customer[kept], place[kept] - customer[kept], rank[kept]
    moment = start[customer] + place * left[customer]
    # Searching one long clock: a zone's times are moved behind those of the zone before it.
    length = world.clock.shape[1]
    offset = (np.arange(len(world.clock)) * (world.clock[:, -1].max() + 1.0))[:, None]
    where = zone[customer]
    day = np.searchsorted((world.clock + offset).ravel(), moment + offset[where, 0]) - where * length
    day = np.clip(day, 0, length - 1) - BEFORE
    at = day * DAY + _seconds(rng, world, crowd.country[customer])
    at = np.maximum(at, first[customer] + 1800)
    guests = round(len(customer) * 1.06 * GUEST_SHARE / (1 - GUEST_SHARE) + 0.5)
    guest_country, guest_city = _places(rng, world, guests)
    guest_zone = world.zone[guest_country]
    moment = world.clock[guest_zone, BEFORE - 1] + rng.random(guests) ** 0.85 * (
        world.clock[guest_zone, -1] - world.clock[guest_zone, BEFORE - 1]
    )
    guest_day = np.searchsorted((world.clock + offset).ravel(), moment + offset[guest_zone, 0]) - guest_zone * length
    guest_day = np.clip(guest_day, BEFORE, length - 1) - BEFORE
    buyers = np.flatnonzero(buys)
    customers = np.concatenate([buyers, customer, np.full(guests, -1)])
    visits = Visits(
        customer=customers,
        country=np.concatenate([crowd.country[buyers], crowd.country[customer], guest_country]),
        city=np.concatenate([crowd.city[buyers], crowd.city[customer], guest_city]),
        at=np.concatenate([first[buyers], at, guest_day * DAY + _seconds(rng, world, guest_country)]),
        rank=np.concatenate([np.zeros(len(buyers), dtype=np.int64), rank + 1, np.zeros(guests, dtype=np.int64)]),
        size=np.concatenate([crowd.size[buyers], crowd.size[customer], np.full(guests, 0.85)]),
        treated=np.zeros(len(customers), dtype=bool),
    )
    return _select(visits, (visits.at >= 0) & (visits.at <= last))


def _select(visits: Visits, kept: Array) -> Visits:
    return Visits(*(getattr(visits, name)[kept] for name in Visits.__dataclass_fields__))


def run_trial(rng: np.random.Generator, trial: Trial, crowd: Crowd, visits: Visits) -> tuple[Visits, Assignment]:
    """Assigns those who ordered in the 180 days before; the treatment brings orders that would not have come."""
    size = len(crowd.country)
    start = trial.starts * DAY
    recent = (visits.customer >= 0) & (visits.at >= start - 180 * DAY) & (visits.at < start)
    customer = np.unique(visits.customer[recent])
    treated = rng.random(len(customer)) < trial.treated_share
    at = start + rng.integers(0, 14 * DAY, len(customer))
    assigned_at = np.full(size, np.iinfo(np.int64).max)
    assigned_at[customer] = at
    inside = (visits.customer >= 0) & (visits.at > assigned_at[visits.customer])
    inside &= visits.at - assigned_at[visits.customer] <= 14 * DAY
    ordered = np.zeros(size, dtype=bool)
    ordered[visits.customer[inside]] = True
    moved = treated & ~ordered[customer] & (rng.random(len(customer)) < trial.uplift)
    extra = customer[moved]
    added = Visits(
        customer=extra,
        country=crowd.country[extra],
        city=crowd.city[extra],
        at=at[moved] + rng.integers(600, 13 * DAY, len(extra)),
        rank=np.ones(len(extra), dtype=np.int64),
        size=crowd.size[extra],
        treated=np.ones(len(extra), dtype=bool),
    )
    joined = Visits(*(np.concatenate([getattr(visits, n), getattr(added, n)]) for n in Visits.__dataclass_fields__))
    return joined, Assignment(trial, customer, treated, at)


def in_time_order(visits: Visits) -> Visits:
    return _select(visits, np.argsort(visits.at, kind="stable"))
