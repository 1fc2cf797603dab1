"""What all customers share: places, products, prices and popularity by day, and the intensity of trade."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from tools.warehouse.demo import seasons
from tools.warehouse.demo.marketing import MEDIA, Marketing, make_marketing
from tools.warehouse.demo.planted import PRODUCTS_PER_CATEGORY, Plan, Role
from tools.warehouse.demo.words import HOSTILE_NAME, HOSTILE_NAME_ZH, Words

Array = npt.NDArray[Any]

BEFORE = 540  # days of trade before the first recorded one, so that the store does not begin from nothing
SALES_CHANNELS = ("web", "app", "marketplace", "store")
ACQUISITION = ("organic", "direct", "referral", *(m.name for m in MEDIA))
_ACQUISITION_SHARE = (0.27, 0.15, 0.1, 0.16, 0.13, 0.02, 0.05, 0.04, 0.08)
# web, app, marketplace, store by zone
_CHANNEL_SHARE = np.array(
    [[0.20, 0.45, 0.27, 0.08], [0.56, 0.25, 0.19, 0.0], [0.52, 0.2, 0.24, 0.04], [0.3, 0.44, 0.2, 0.06]]
)
_TASTE = {
    ("Germany", "Electronics"): 5.5,
    ("China", "Beauty"): 1.35,
    ("China", "Baby"): 1.4,
    ("Japan", "Stationery"): 2.6,
    ("Japan", "Kitchen"): 1.3,
    ("France", "Beauty"): 1.5,
    ("United States", "Pets"): 1.9,
    ("United Kingdom", "Food"): 1.3,
    ("Australia", "Sports"): 1.8,
    ("Singapore", "Food"): 1.3,
    ("Canada", "Apparel"): 1.4,
}
_USUAL_ELASTICITY = -1.0


@dataclass(frozen=True)
class Products:
    """Columns over the products, ordered by category; prices in cents."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    names_zh: tuple[str, ...]
    category: Array  # (products,) position of the category
    brand: tuple[str, ...]
    type_en: tuple[str, ...]
    type_zh: tuple[str, ...]
    seller: Array  # (products,) position of the seller, -1 for the retailer's own
    cost: Array  # (products,) cents
    launched: Array  # (products,) day, negative before the store's first
    quality: Array  # (products,) mean review score

    def at(self, plan_role: Role, categories: tuple[str, ...]) -> int:
        return categories.index(plan_role.category) * PRODUCTS_PER_CATEGORY + plan_role.position


@dataclass(frozen=True)
class World:
    """What depends on no customer. D days, P products, K categories, C countries, Z zones, T = BEFORE + D."""

    plan: Plan
    words: Words
    products: Products
    marketing: Marketing
    categories: tuple[str, ...]
    countries: tuple[str, ...]
    city_country: Array
    city_choice: tuple[Array, ...]  # by country: 1,024 city positions to draw from
    country_choice: Array  # 4,096 country positions to draw from
    zone: Array  # (C,)
    hours: Array  # (C, 1024) hours to draw from, in the store's time
    price: Array  # (D, P) cents
    keep: Array  # (D, P) probability that a drawn line is bought: price response and stock
    product_steps: Array  # (D * P,) cumulative popularity, day d within (d, d + 1]
    category_steps: Array  # (C * D * K,) cumulative, country c and day d within (c * D + d, + 1]
    depth: Array  # (Z, D) usual discount
    clock: Array  # (Z, T) operational time at the end of a day
    traffic: Array  # (Z, T) visits against a usual day
    arrivals: Array  # (T,) cumulative share of customers acquired
    origins: Array  # (T, channels) cumulative share of acquisition channels
    channel_steps: Array  # (Z, 4) cumulative share of sales channels
    partner: Array  # (P,) product that joins, -1 for none
    partner_probability: Array  # (P,)

    @property
    def days(self) -> int:
        return self.plan.days

    def product(self, role: Role) -> int:
        return self.products.at(role, self.categories)


def _draw_from(weights: Array, size: int) -> Array:
    """`size` positions in proportion to their weights: drawing one of them evenly draws by weight, fast."""
    steps = np.cumsum(weights) / np.sum(weights)
    return np.minimum(np.searchsorted(steps, (np.arange(size) + 0.5) / size), len(weights) - 1)


def _make_products(rng: np.random.Generator, words: Words, plan: Plan) -> tuple[Products, Array]:
    """The catalogue and base prices (cents)."""
    ids, names, names_zh, category, brand, type_en, type_zh, price, cost = [], [], [], [], [], [], [], [], []
    for at, entry in enumerate(words.categories):
        # Every type as often as any other, in an order of its own for each seed.
        combos = [(t, m) for m in range(len(entry.modifiers)) for t in range(len(entry.types))]
        chosen = [combos[i] for i in rng.permutation(len(combos))]
        per_type = PRODUCTS_PER_CATEGORY // len(entry.types)
        picked: list[tuple[int, int]] = []
        used = dict.fromkeys(range(len(entry.types)), 0)
        for combo in chosen:
            if used[combo[0]] < per_type:
                used[combo[0]] += 1
                picked.append(combo)
        brands = [b for b in words.brands if entry.name in b.categories]
        for position, (t, m) in enumerate(picked):
            kind, modifier = entry.types[t], entry.modifiers[m]
            ids.append(f"{entry.name[:3].upper()}-{position + 1:03d}")
            repeated = modifier[0].lower() in kind[0].lower()
            names.append(f"{modifier[0]} {kind[0]}" if not repeated else f"Everyday {kind[0]}")
            names_zh.append(f"{modifier[1]}{kind[1]}" if not repeated else f"日常{kind[1]}")
            category.append(at)
            brand.append(brands[int(rng.integers(len(brands)))].name)
            type_en.append(kind[0])
            type_zh.append(kind[1])
            yuan = kind[2] * (kind[3] / kind[2]) ** rng.beta(1.6, 2.2)
            cents = max(round(yuan / 10) * 1000 - 100, 290) if yuan >= 40 else max(round(yuan), 4) * 100 - 10
            price.append(cents)
            cost.append(round(cents * entry.cost * rng.uniform(0.85, 1.15)))
    categories = tuple(c.name for c in words.categories)
    count = len(ids)
    hostile = categories.index(plan.hostile.category) * PRODUCTS_PER_CATEGORY + plan.hostile.position
    names[hostile], names_zh[hostile] = HOSTILE_NAME, HOSTILE_NAME_ZH
    type_en[hostile], type_zh[hostile], price[hostile], cost[hostile] = "mug", "马克杯", 4900, 2100
    launched = np.where(
        rng.random(count) < 0.75, -rng.integers(1, 900, count), rng.integers(20, plan.days - 120, count)
    )
    products = Products(
        tuple(ids),
        tuple(names),
        tuple(names_zh),
        np.array(category),
        tuple(brand),
        tuple(type_en),
        tuple(type_zh),
        np.where(rng.random(count) < 0.22, rng.integers(0, len(words.sellers), count), -1),
        np.array(cost),
        launched,
        np.clip(rng.normal(4.35, 0.25, count), 3.2, 4.9),
    )
    return products, np.array(price)


def _planted_roles(plan: Plan) -> list[Role]:
    roles = [plan.stock_out, plan.refund_spike, plan.growth, plan.price_error, plan.hostile]
    roles += [e.role for e in plan.elastic]
    return roles + [r for p in plan.pairs for r in (p.first, p.second)]


def _popularity(rng: np.random.Generator, words: Words, plan: Plan, products: Products) -> Array:
    """Weight of a product by day, shape (D, P); planted products keep the share their role names."""
    categories = tuple(c.name for c in words.categories)
    weight = rng.lognormal(0.0, 0.9, len(products.ids))
    planted = {products.at(r, categories): r.share for r in _planted_roles(plan)}
    for at, entry in enumerate(words.categories):
        inside = np.flatnonzero(products.category == at)
        free = np.array([p for p in inside if p not in planted])
        taken = sum(planted[int(p)] for p in inside if p in planted)
        weight[free] *= max(entry.share - taken, 0.3 * entry.share) / weight[free].sum()
        for product in inside:
            weight[product] = planted.get(int(product), weight[product])
    day = np.arange(plan.days)[:, None]
    for p in planted:
        products.launched[p] = -200 - p
    products.launched[products.at(plan.growth, categories)] = plan.growth_launch
    age = day - products.launched[None, :]
    ramp = np.clip((age + 1) / 30, 0, 1)
    weights = weight[None, :] * ramp
    growth = products.at(plan.growth, categories)
    take_off = 0.05 + 0.95 / (1 + np.exp(-(day[:, 0] - plan.growth_middle) / 15))
    weights[:, growth] = np.where(age[:, growth] >= 0, weight[growth] * take_off, 0.0)
    weights *= seasons.category_season(categories, plan.start, plan.end)[:, products.category]
    return weights


def _price_paths(rng: np.random.Generator, plan: Plan, base: Array, elastic: Array) -> Array:
    """Prices by day in cents, shape (D, P): frequent changes where elasticity is planted, a rare rise elsewhere."""
    factor = np.ones((plan.days, len(base)))
    for p in range(len(base)):
        if p in elastic:
            day = 0
            while day < plan.days:
                length = int(rng.integers(14, 36))
                factor[day : day + length, p] = rng.choice([0.7, 0.8, 0.9, 1.0, 1.1, 1.2])
                day += length
        elif rng.random() < 0.3:
            at = int(rng.integers(60, plan.days - 30))
            factor[:at, p] = 1 / rng.uniform(1.04, 1.09)
    path: Array = np.maximum(np.round(base[None, :] * factor / 10) * 10, 100).astype(np.int64)
    return path


def _stock_outs(rng: np.random.Generator, plan: Plan, planted: int, spared: set[int], count: int) -> Array:
    """Whether a product can be bought, shape (D, P): a few short gaps, and the planted one."""
    there = np.ones((plan.days, count), dtype=bool)
    for p in range(count):
        if p in spared:
            continue
        clear = 0
        for first in sorted(rng.integers(30, plan.days - 10, int(rng.poisson(1.6)))):
            length = int(rng.integers(1, 6))
            if first >= clear:
                there[first : first + length, p] = False
                clear = first + length + 30  # time to be restocked and to sell out again
    there[:, planted] = True
    there[plan.stock_out_days.first : plan.stock_out_days.last + 1, planted] = False
    return there


def _market(
    rng: np.random.Generator, words: Words, plan: Plan, products: Products, base: Array
) -> tuple[Array, Array, Array]:
    """Prices, the probability that a drawn line is bought, and the weights to draw by, each (D, P)."""
    categories = tuple(c.name for c in words.categories)
    count = len(products.ids)
    weights = _popularity(rng, words, plan, products)
    response = np.full(count, _USUAL_ELASTICITY)
    elastic = np.array([products.at(e.role, categories) for e in plan.elastic])
    response[elastic] = [e.elasticity for e in plan.elastic]
    price = _price_paths(rng, plan, base, elastic)
    demand = (price / base[None, :]) ** response[None, :]
    most = demand.max(axis=0)
    keep = demand / most
    weights *= most  # drawn as if at the best price, then thinned: the response is exact, not watered down by rivals
    weights[:, elastic] /= keep[:, elastic].mean(axis=0) * most[elastic]
    error = products.at(plan.price_error, categories)
    price[plan.price_error_day, error] = round(base[error] * plan.price_error_factor / 10) * 10
    keep[plan.price_error_day, error] = 1.0
    weights[plan.price_error_day, error] *= plan.price_error_demand
    spared = {products.at(r, categories) for r in _planted_roles(plan)}
    there = _stock_outs(rng, plan, products.at(plan.stock_out, categories), spared, count)
    keep = np.where(there, keep, 0.0)
    return price, keep, weights


def make_world(seed: int, plan: Plan, words: Words) -> World:
    """The shared part of a demo store: a pure function of seed and plan."""
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 0])))
    days, total = plan.days, plan.days + BEFORE
    early = plan.start - timedelta(days=BEFORE)
    products, base = _make_products(rng, words, plan)
    categories = tuple(c.name for c in words.categories)
    countries = tuple(c.name for c in words.countries)
    count = len(products.ids)
    price, keep, weights = _market(rng, words, plan, products, base)

    taste = np.ones((len(countries), len(categories)))
    for (country, category), factor in _TASTE.items():
        taste[countries.index(country), categories.index(category)] = factor
    sums = np.add.reduceat(weights, np.arange(0, count, PRODUCTS_PER_CATEGORY), axis=1)
    by_country = taste[:, None, :] * sums[None, :, :]
    category_steps = np.cumsum(by_country, axis=2) / by_country.sum(axis=2, keepdims=True)
    category_steps += np.arange(len(countries) * days).reshape(len(countries), days, 1)
    product_steps = np.cumsum(weights, axis=1) / weights.sum(axis=1, keepdims=True) + np.arange(days)[:, None]

    marketing = make_marketing(rng, plan.start, plan.end, BEFORE)
    intensity = seasons.shopping_intensity(early, plan.end)
    traffic = intensity**0.7 * np.sqrt(marketing.multiplier)
    driven = intensity * marketing.multiplier

    at = np.arange(total) - BEFORE
    growth = 0.6 + 0.6 / (1 + np.exp(-(at - 300) / 240))
    mix = np.tile(np.array(_ACQUISITION_SHARE), (total, 1))
    mix[:, -len(MEDIA) :] *= 0.5 + 0.5 * marketing.activity
    burst = slice(BEFORE + plan.churn_days.first, BEFORE + plan.churn_days.last + 1)
    mix[burst, ACQUISITION.index(plan.churn_channel)] = (
        _ACQUISITION_SHARE[ACQUISITION.index(plan.churn_channel)] * plan.churn_acquisition
    )
    shares = np.array([c.share for c in words.countries])
    zone = np.array([seasons.ZONES.index(c.zone) for c in words.countries])
    crowd = (shares[:, None] * intensity[zone]).sum(axis=0)
    coming = growth * crowd**0.8 * marketing.multiplier * mix.sum(axis=1)

    cities = [city for c in words.countries for city in c.cities]
    city_country = np.array([i for i, c in enumerate(words.countries) for _ in c.cities])
    city_choice = tuple(
        np.flatnonzero(city_country == i)[_draw_from(np.array([c.weight for c in cities])[city_country == i], 1024)]
        for i in range(len(countries))
    )
    hour_share = seasons.local_hours()
    hours = np.stack([(_draw_from(hour_share[zone[i]], 1024) + 8 - c.utc) % 24 for i, c in enumerate(words.countries)])
    partner = np.full(count, -1)
    partner_probability = np.zeros(count)
    for pair in plan.pairs:
        first = products.at(pair.first, categories)
        partner[first], partner_probability[first] = products.at(pair.second, categories), pair.probability
    return World(
        plan=plan,
        words=words,
        products=products,
        marketing=marketing,
        categories=categories,
        countries=countries,
        city_country=city_country,
        city_choice=city_choice,
        country_choice=_draw_from(shares, 4096),
        zone=zone,
        hours=hours,
        price=price,
        keep=keep.astype(np.float32),
        product_steps=product_steps.ravel(),
        category_steps=category_steps.ravel(),
        depth=seasons.discount_depth(plan.start, plan.end),
        clock=np.cumsum(driven, axis=1),
        traffic=traffic,
        arrivals=np.cumsum(coming) / coming.sum(),
        origins=np.cumsum(mix, axis=1) / mix.sum(axis=1, keepdims=True),
        channel_steps=np.cumsum(_CHANNEL_SHARE, axis=1),
        partner=partner,
        partner_probability=partner_probability,
    )
