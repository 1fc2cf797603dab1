"""What an order holds: products, units, prices, discounts and coupons, and what comes back. Money is in cents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tools.warehouse.demo.behaviour import DAY, Crowd, Visits, uniform
from tools.warehouse.demo.marketing import MEDIA
from tools.warehouse.demo.planted import PRODUCTS_PER_CATEGORY

if TYPE_CHECKING:
    from tools.warehouse.demo.world import Array, World

EXTRA_LINES = 1.25
FAVOURITE = 0.45  # share of lines from the customer's favourite category
_RETURN_HABIT = {"Germany": 1.5, "United States": 1.15, "Japan": 0.55}
FREE_SHIPPING_CENTS = 19_900


@dataclass(frozen=True)
class Orders:
    """Columns over a block's orders that hold something, in time order."""

    customer: Array
    country: Array
    city: Array
    at: Array
    rank: Array
    treated: Array
    channel: Array
    owed_to: Array  # medium that truly brought it, -1 for none
    campaign: Array  # position of the campaign it is credited to, -1 for none
    coupon: Array  # cents off the whole order
    coupon_kind: Array  # 0 welcome, 1 sale, 2 member, 3 win-back; -1 for none
    shipping: Array
    net: Array  # after discounts, before returns
    status: Array  # position in STATUSES


@dataclass(frozen=True)
class Lines:
    """Columns over sold or returned lines; `order` is the position of the order in the block."""

    order: Array
    product: Array
    at: Array
    quantity: Array
    price: Array
    discount: Array

    @property
    def amount(self) -> Array:
        amount: Array = self.quantity * self.price
        return amount


STATUSES = ("delivered", "shipped", "processing", "partly returned", "returned")


def _choose_products(rng: np.random.Generator, world: World, country: Array, day: Array, favourite: Array) -> Array:
    """A product for each line: a category by the country's or the customer's taste, then by the day's popularity."""
    count, kinds, products = len(day), len(world.categories), len(world.products.ids)
    cell = country * world.days + day
    category = np.searchsorted(world.category_steps, cell + rng.random(count)) - cell * kinds
    own = (favourite >= 0) & (uniform(rng, count) < FAVOURITE)
    category = np.where(own, favourite, np.clip(category, 0, kinds - 1))
    first = day * products + category * PRODUCTS_PER_CATEGORY
    low = np.where(category > 0, world.product_steps[np.maximum(first - 1, 0)], day)
    high = world.product_steps[first + PRODUCTS_PER_CATEGORY - 1]
    found = np.searchsorted(world.product_steps, low + (high - low) * (1 - rng.random(count))) - day * products
    chosen: Array = np.clip(found, category * PRODUCTS_PER_CATEGORY, (category + 1) * PRODUCTS_PER_CATEGORY - 1)
    return chosen


def fill_baskets(rng: np.random.Generator, world: World, crowd: Crowd, visits: Visits) -> tuple[Orders, Lines]:
    """Orders and their sold lines. Visits whose products were all out of stock or too dear end without an order."""
    plan = world.plan
    count = len(visits.at)
    day_of = visits.at // DAY
    zone_of = world.zone[visits.country]
    sale_of = world.depth[zone_of, day_of]
    size = visits.size * np.where(sale_of > 0.1, 1.25, 1.0)
    number = 1 + rng.poisson(EXTRA_LINES * size)
    order = np.repeat(np.arange(count), number)
    favourite = np.where(visits.customer >= 0, crowd.favourite[visits.customer], -1)
    product = _choose_products(rng, world, visits.country[order], day_of[order], favourite[order])

    # Going together: some lines bring their partner.
    together = np.flatnonzero(world.partner[product] >= 0)
    together = together[rng.random(len(together)) < world.partner_probability[product[together]]]
    order = np.concatenate([order, order[together]])
    product = np.concatenate([product, world.partner[product[together]]])

    # A product once an order, lines in order. Only then thinned: what is left responds to prices exactly.
    key = np.unique(order * len(world.products.ids) + product)
    order, product = np.divmod(key, len(world.products.ids))
    day = day_of[order]
    kept = uniform(rng, len(order)) < world.keep[day, product]
    declined = world.countries.index(plan.decline_country)
    weak = (visits.country[order] == declined) & (day >= plan.decline_from)
    weak &= world.products.category[product] == world.categories.index(plan.decline_category)
    kept &= ~weak | (uniform(rng, len(order)) < plan.decline_keep)
    order, product, day = order[kept], product[kept], day[kept]

    extra = np.array([c.units for c in world.words.categories])[world.products.category[product]]
    mistaken = (product == world.product(plan.price_error)) & (day == plan.price_error_day)
    quantity = 1 + rng.poisson(extra * visits.size[order]) + np.where(mistaken, rng.integers(1, 5, len(order)), 0)
    price = world.price[day, product]
    amount = quantity * price
    sale = sale_of[order]
    lucky = uniform(rng, len(order))
    rate = np.where(
        (sale > 0) & (lucky < 0.75), sale * (0.7 + 0.6 * uniform(rng, len(order))), np.where(lucky > 0.94, 0.1, 0.0)
    )
    discount = np.floor(amount * rate).astype(np.int64)

    held, order = np.unique(order, return_inverse=True)
    net = np.bincount(order, amount - discount, len(held)).astype(np.int64)
    coupon, coupon_kind = _coupons(rng, visits, held, sale_of[held], net)
    first_line = np.searchsorted(order, np.arange(len(held)))
    share = (coupon[order] * (amount - discount)) // np.maximum(net[order], 1)
    left = coupon - np.bincount(order, share, len(held)).astype(np.int64)
    share[first_line] += left
    # Cents that the first line cannot bear are not given.
    over = np.maximum(discount + share - amount, 0)
    coupon = coupon - np.bincount(order, over, len(held)).astype(np.int64)
    discount = discount + share - over
    net = np.bincount(order, amount - discount, len(held)).astype(np.int64)

    owed_to, campaign = _credit(rng, world, day_of[held])
    abroad = visits.country[held] != 0
    orders = Orders(
        customer=visits.customer[held],
        country=visits.country[held],
        city=visits.city[held],
        at=visits.at[held],
        rank=visits.rank[held],
        treated=visits.treated[held],
        channel=_sales_channel(rng, world, crowd, visits, held),
        owed_to=owed_to,
        campaign=campaign,
        coupon=coupon,
        coupon_kind=np.where(coupon > 0, coupon_kind, -1),
        shipping=np.where(net >= FREE_SHIPPING_CENTS, 0, np.where(abroad, 3500, 1200)),
        net=net,
        status=np.zeros(len(held), dtype=np.int8),
    )
    return orders, Lines(order, product, visits.at[held][order], quantity, price, discount)


def _sales_channel(rng: np.random.Generator, world: World, crowd: Crowd, visits: Visits, held: Array) -> Array:
    steps = world.channel_steps[world.zone[visits.country[held]]]
    anew = np.minimum((rng.random(len(held))[:, None] > steps).sum(axis=1), steps.shape[1] - 1)
    customer = visits.customer[held]
    usual = (customer >= 0) & (uniform(rng, len(held)) < 0.8)
    return np.where(usual, crowd.channel[customer], anew).astype(np.int8)


def _coupons(rng: np.random.Generator, visits: Visits, held: Array, sale: Array, net: Array) -> tuple[Array, Array]:
    """Coupon value (cents) and kind for each order; a coupon needs three times its value."""
    known = visits.customer[held] >= 0
    first = visits.rank[held] == 0
    kind = np.where(first, 0, np.where(sale > 0.1, 1, np.where(uniform(rng, len(held)) < 0.6, 2, 3)))
    value = np.array([2000, 5000, 3000, 4000])[kind]
    chance = np.array([0.3, 0.2, 0.1, 0.1])[kind]
    used = known & (net >= 3 * value) & (uniform(rng, len(held)) < chance)
    return np.where(used, value, 0), kind


def _credit(rng: np.random.Generator, world: World, day: Array) -> tuple[Array, Array]:
    """The medium that truly brought an order, and the campaign credited with it, which also claims some others."""
    marketing = world.marketing
    shares = marketing.share[-world.days :][day]
    owed = (rng.random(len(day))[:, None] > shares).sum(axis=1)
    owed_to = np.where(owed < len(MEDIA), owed, -1)
    claims = np.cumsum([m.overcredit for m in MEDIA])
    claimed = np.searchsorted(claims, rng.random(len(day)))
    medium = np.where(owed_to >= 0, owed_to, np.where(claimed < len(MEDIA), claimed, -1))
    campaign = np.where(medium >= 0, marketing.running[day, medium], -1)
    return owed_to, campaign


def draw_returns(rng: np.random.Generator, world: World, orders: Orders, lines: Lines) -> tuple[Lines, Array, Array]:
    """Lines that came back, refunded at what was paid a unit; which sold line each was; and orders' status."""
    plan = world.plan
    usual = np.array([c.returns for c in world.words.categories])[world.products.category[lines.product]]
    habit = np.array([_RETURN_HABIT.get(c, 0.9) for c in world.countries])[orders.country[lines.order]]
    day = lines.at // DAY
    faulty = (
        (lines.product == world.product(plan.refund_spike))
        & (day >= plan.refund_sold.first)
        & (day <= plan.refund_sold.last)
    )
    chance = np.where(faulty, plan.refund_probability, usual * habit)
    source = np.flatnonzero(uniform(rng, len(chance)) < chance)
    wait = 1.5 + rng.gamma(2.2, 4.2, len(source))
    at = lines.at[source] + (wait * DAY).astype(np.int64)
    bad = faulty[source]
    spike = plan.refund_days
    earliest = np.maximum(spike.first * DAY, lines.at[source] + DAY // 4)
    at = np.where(
        bad, earliest + (rng.random(len(source)) * (spike.last * DAY + DAY - 1 - earliest)).astype(np.int64), at
    )
    within = at < world.days * DAY
    source, at = source[within], at[within]
    sold = lines.quantity[source]
    part = (sold > 1) & (rng.random(len(source)) < 0.45)
    quantity = np.where(part, rng.integers(1, np.maximum(sold, 2)), sold)
    paid = (lines.amount[source] - lines.discount[source]) // sold
    free = paid > 0
    source, at, quantity, paid = source[free], at[free], quantity[free], paid[free]
    returned = Lines(
        lines.order[source], lines.product[source], at, quantity, paid, np.zeros(len(source), dtype=np.int64)
    )
    count = len(orders.at)
    bought = np.bincount(lines.order, lines.quantity, count)
    back = np.bincount(returned.order, quantity, count)
    age = world.days - 1 - orders.at // DAY
    status = np.where(age < 2, 2, np.where(age < 6, 1, 0))
    status = np.where(back >= bought, 4, np.where(back > 0, 3, status)).astype(np.int8)
    return returned, source, status
